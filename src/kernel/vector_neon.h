/* vector_neon.h - four numbers in a register, for vectors_body.h. */
#ifndef KERNEL_VECTOR_NEON_H
#define KERNEL_VECTOR_NEON_H

#if defined(__aarch64__)

#include <arm_neon.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 4, KEY_VECTORS = 4, QUERIES = 6 };
typedef float32x4_t vector;
typedef int32x4_t integers;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vector v_load(const float *at)
{
    return vld1q_f32(at);
}
VECTOR void v_store(float *at, vector a)
{
    vst1q_f32(at, a);
}
VECTOR vector v_all(float a)
{
    return vdupq_n_f32(a);
}
VECTOR vector v_add(vector a, vector b)
{
    return vaddq_f32(a, b);
}
VECTOR vector v_sqrt(vector a)
{
    return vsqrtq_f32(a);
}
VECTOR vector v_sub(vector a, vector b)
{
    return vsubq_f32(a, b);
}
VECTOR vector v_mul(vector a, vector b)
{
    return vmulq_f32(a, b);
}
VECTOR vector v_div(vector a, vector b)
{
    return vdivq_f32(a, b);
}
VECTOR vector v_max(vector a, vector b)
{
    return vmaxq_f32(a, b);
}
VECTOR vector v_min(vector a, vector b)
{
    return vminq_f32(a, b);
}
VECTOR vector v_fma(vector a, vector b, vector c)
{
    return vfmaq_f32(c, a, b);
}
VECTOR integers v_round(vector a)
{
    return vcvtnq_s32_f32(a);
} /* to nearest, ties to even */
VECTOR vector v_float(integers a)
{
    return vcvtq_f32_s32(a);
}
VECTOR vector v_bits_float(integers a)
{
    return vreinterpretq_f32_s32(a);
}
VECTOR integers v_bits(vector a)
{
    return vreinterpretq_s32_f32(a);
}
VECTOR integers i_load(const int32_t *at)
{
    return vld1q_s32(at);
}
VECTOR integers i_all(int32_t a)
{
    return vdupq_n_s32(a);
}
VECTOR integers i_add(integers a, integers b)
{
    return vaddq_s32(a, b);
}
VECTOR integers i_sub(integers a, integers b)
{
    return vsubq_s32(a, b);
}
VECTOR integers i_mul(integers a, integers b)
{
    return vmulq_s32(a, b);
}

VECTOR integers i_left(integers a, int bits)
{
    return vshlq_s32(a, vdupq_n_s32(bits));
}
VECTOR integers i_and(integers a, integers b)
{
    return vandq_s32(a, b);
}
VECTOR integers i_xor(integers a, integers b)
{
    return veorq_s32(a, b);
}

/* Of every second one, without signs: products of 64 bits, in place of two. */
VECTOR integers i_mul_wide(integers a, integers b)
{
    uint32x2_t x = vmovn_u64(vreinterpretq_u64_s32(a)), y = vmovn_u64(vreinterpretq_u64_s32(b));
    return vreinterpretq_s32_u64(vmull_u32(x, y));
}
/* The upper half of each 64 bits, in the place of the lower; 0 above it. */
VECTOR integers i_upper(integers a)
{
    return vreinterpretq_s32_u64(vshrq_n_u64(vreinterpretq_u64_s32(a), 32));
}
/* The lower halves of each 64 bits, those of `odd` in the places of the upper. */
VECTOR integers i_zip(integers even, integers odd)
{
    return vtrn1q_s32(even, odd);
}
/* x where a > b, else 0. */
VECTOR vector v_where_above(integers a, integers b, vector x)
{
    return vreinterpretq_f32_u32(vandq_u32(vcgtq_s32(a, b), vreinterpretq_u32_f32(x)));
}

VECTOR integers i_right(integers a, int bits)
{
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vdupq_n_s32(-bits)));
}

VECTOR integers i_load_u16(const uint16_t *at)
{
    return vreinterpretq_s32_u32(vmovl_u16(vld1_u16(at)));
}

/* The low halves of four numbers below 65,536. */
VECTOR void i_store_u16(uint16_t *at, integers a)
{
    vst1_u16(at, vmovn_u32(vreinterpretq_u32_s32(a)));
}

/* The lowest eight bits of four numbers. */
VECTOR void i_store_u8(uint8_t *at, integers a)
{
    uint16x4_t words = vmovn_u32(vreinterpretq_u32_s32(a));
    uint8x8_t bytes = vmovn_u16(vcombine_u16(words, words));
    memcpy(at, &bytes, 4);
}

VECTOR float v_sum(vector a)
{
    return vaddvq_f32(a);
}
VECTOR float v_largest(vector a)
{
    return vmaxvq_f32(a);
}
VECTOR bool v_any_above(vector a, vector b)
{
    return vmaxvq_u32(vcgtq_f32(a, b)) != 0;
}
VECTOR int32_t i_sum(integers a)
{
    return vaddvq_s32(a);
}

/* Adds up products of 4·LANES 8-bit numbers. */
VECTOR integers i_dot_i8(integers sums, const int8_t *a, const int8_t *b)
{
    int8x16_t x = vld1q_s8(a), y = vld1q_s8(b);
    sums = vpadalq_s16(sums, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
    return vpadalq_s16(sums, vmull_high_s8(x, y));
}

VECTOR integers i_distance_i8(integers sums, const int8_t *a, const int8_t *b)
{
    int8x16_t x = vld1q_s8(a), y = vld1q_s8(b);
    int16x8_t low = vsubl_s8(vget_low_s8(x), vget_low_s8(y)), high = vsubl_high_s8(x, y);
    sums = vmlal_s16(sums, vget_low_s16(low), vget_low_s16(low));
    sums = vmlal_high_s16(sums, low, low);
    sums = vmlal_s16(sums, vget_low_s16(high), vget_low_s16(high));
    return vmlal_high_s16(sums, high, high);
}

#endif
#endif
