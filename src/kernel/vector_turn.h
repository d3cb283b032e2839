/* vector_turn.h - turns four rows of four numbers, which every processor of ours does alike. */
#ifndef KERNEL_VECTOR_TURN_H
#define KERNEL_VECTOR_TURN_H

#include <stddef.h>

#if defined(__aarch64__)

#include <arm_neon.h>

/* out[d][j] = a[j][d] for 4 × 4 numbers; strides from row to row. */
static inline void turn_4(float *out, size_t out_stride, const float *a, size_t stride)
{
    float32x4x2_t even = vtrnq_f32(vld1q_f32(a), vld1q_f32(a + stride));
    float32x4x2_t odd = vtrnq_f32(vld1q_f32(a + 2 * stride), vld1q_f32(a + 3 * stride));
    vst1q_f32(out, vcombine_f32(vget_low_f32(even.val[0]), vget_low_f32(odd.val[0])));
    vst1q_f32(out + out_stride, vcombine_f32(vget_low_f32(even.val[1]), vget_low_f32(odd.val[1])));
    vst1q_f32(out + 2 * out_stride, vcombine_f32(vget_high_f32(even.val[0]), vget_high_f32(odd.val[0])));
    vst1q_f32(out + 3 * out_stride, vcombine_f32(vget_high_f32(even.val[1]), vget_high_f32(odd.val[1])));
}

#elif defined(__SSE4_1__)

#include <smmintrin.h>

static inline void turn_4(float *out, size_t out_stride, const float *a, size_t stride)
{
    __m128 row0 = _mm_loadu_ps(a), row1 = _mm_loadu_ps(a + stride);
    __m128 row2 = _mm_loadu_ps(a + 2 * stride), row3 = _mm_loadu_ps(a + 3 * stride);
    __m128 low01 = _mm_unpacklo_ps(row0, row1), high01 = _mm_unpackhi_ps(row0, row1);
    __m128 low23 = _mm_unpacklo_ps(row2, row3), high23 = _mm_unpackhi_ps(row2, row3);
    _mm_storeu_ps(out, _mm_movelh_ps(low01, low23));
    _mm_storeu_ps(out + out_stride, _mm_movehl_ps(low23, low01));
    _mm_storeu_ps(out + 2 * out_stride, _mm_movelh_ps(high01, high23));
    _mm_storeu_ps(out + 3 * out_stride, _mm_movehl_ps(high23, high01));
}

#endif
#endif
