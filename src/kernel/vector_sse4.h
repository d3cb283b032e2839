/* vector_sse4.h - four numbers in a register, for vectors_body.h. SSE has no fused multiply-add: the product is rounded too. */
#ifndef KERNEL_VECTOR_SSE4_H
#define KERNEL_VECTOR_SSE4_H

#if defined(__SSE4_1__)

#include <smmintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 4, KEY_VECTORS = 2, QUERIES = 4 };
typedef __m128 vector;
typedef __m128i integers;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vector v_load(const float *at)
{
    return _mm_loadu_ps(at);
}
VECTOR void v_store(float *at, vector a)
{
    _mm_storeu_ps(at, a);
}
VECTOR vector v_all(float a)
{
    return _mm_set1_ps(a);
}
VECTOR vector v_add(vector a, vector b)
{
    return _mm_add_ps(a, b);
}
VECTOR vector v_sqrt(vector a)
{
    return _mm_sqrt_ps(a);
}
VECTOR vector v_sub(vector a, vector b)
{
    return _mm_sub_ps(a, b);
}
VECTOR vector v_mul(vector a, vector b)
{
    return _mm_mul_ps(a, b);
}
VECTOR vector v_div(vector a, vector b)
{
    return _mm_div_ps(a, b);
}
VECTOR vector v_max(vector a, vector b)
{
    return _mm_max_ps(a, b);
}
VECTOR vector v_min(vector a, vector b)
{
    return _mm_min_ps(a, b);
}
VECTOR vector v_fma(vector a, vector b, vector c)
{
    return _mm_add_ps(_mm_mul_ps(a, b), c);
}
VECTOR integers v_round(vector a)
{
    return _mm_cvtps_epi32(a);
} /* to nearest, ties to even */
VECTOR vector v_float(integers a)
{
    return _mm_cvtepi32_ps(a);
}
VECTOR vector v_bits_float(integers a)
{
    return _mm_castsi128_ps(a);
}
VECTOR integers v_bits(vector a)
{
    return _mm_castps_si128(a);
}
VECTOR integers i_load(const int32_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}
VECTOR integers i_all(int32_t a)
{
    return _mm_set1_epi32(a);
}
VECTOR integers i_add(integers a, integers b)
{
    return _mm_add_epi32(a, b);
}
VECTOR integers i_sub(integers a, integers b)
{
    return _mm_sub_epi32(a, b);
}
VECTOR integers i_mul(integers a, integers b)
{
    return _mm_mullo_epi32(a, b);
}

VECTOR integers i_left(integers a, int bits)
{
    return _mm_slli_epi32(a, bits);
}
VECTOR integers i_right(integers a, int bits)
{
    return _mm_srli_epi32(a, bits);
}
VECTOR integers i_and(integers a, integers b)
{
    return _mm_and_si128(a, b);
}
VECTOR integers i_xor(integers a, integers b)
{
    return _mm_xor_si128(a, b);
}

/* Of every second one, without signs: products of 64 bits, in place of two. */
VECTOR integers i_mul_wide(integers a, integers b)
{
    return _mm_mul_epu32(a, b);
}
/* The upper half of each 64 bits, in the place of the lower; 0 above it. */
VECTOR integers i_upper(integers a)
{
    return _mm_srli_epi64(a, 32);
}
/* The lower halves of each 64 bits, those of `odd` in the places of the upper. */
VECTOR integers i_zip(integers even, integers odd)
{
    return _mm_blend_epi16(even, _mm_slli_epi64(odd, 32), 0xCC);
}
/* x where a > b, else 0. */
VECTOR vector v_where_above(integers a, integers b, vector x)
{
    return _mm_and_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(a, b)), x);
}

VECTOR integers i_load_u16(const uint16_t *at)
{
    return _mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)(const void *)at));
}

/* The low halves of four numbers below 65,536. */
VECTOR void i_store_u16(uint16_t *at, integers a)
{
    _mm_storel_epi64((__m128i *)(void *)at, _mm_packus_epi32(a, a));
}

/* The lowest eight bits of four numbers. */
VECTOR void i_store_u8(uint8_t *at, integers a)
{
    a = _mm_and_si128(a, _mm_set1_epi32(255));
    __m128i words = _mm_packus_epi32(a, a);
    int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    memcpy(at, &bytes, sizeof(bytes));
}

VECTOR float v_sum(vector a)
{
    a = _mm_add_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_add_ss(a, _mm_shuffle_ps(a, a, 1)));
}

VECTOR float v_largest(vector a)
{
    a = _mm_max_ps(a, _mm_movehl_ps(a, a));
    return _mm_cvtss_f32(_mm_max_ss(a, _mm_shuffle_ps(a, a, 1)));
}

VECTOR bool v_any_above(vector a, vector b)
{
    return _mm_movemask_ps(_mm_cmpgt_ps(a, b)) != 0;
}

VECTOR int32_t i_sum(integers a)
{
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(a, _mm_shuffle_epi32(a, 0xB1)));
}

/* Adds up products of 4·LANES 8-bit numbers. */
VECTOR integers i_dot_i8(integers sums, const int8_t *a, const int8_t *b)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)a), y = _mm_loadu_si128((const __m128i *)(const void *)b);
    sums = _mm_add_epi32(sums, _mm_madd_epi16(_mm_cvtepi8_epi16(x), _mm_cvtepi8_epi16(y)));
    x = _mm_srli_si128(x, 8);
    y = _mm_srli_si128(y, 8);
    return _mm_add_epi32(sums, _mm_madd_epi16(_mm_cvtepi8_epi16(x), _mm_cvtepi8_epi16(y)));
}

VECTOR integers i_distance_i8(integers sums, const int8_t *a, const int8_t *b)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)a), y = _mm_loadu_si128((const __m128i *)(const void *)b);
    __m128i low = _mm_sub_epi16(_mm_cvtepi8_epi16(x), _mm_cvtepi8_epi16(y));
    __m128i high = _mm_sub_epi16(_mm_cvtepi8_epi16(_mm_srli_si128(x, 8)), _mm_cvtepi8_epi16(_mm_srli_si128(y, 8)));
    sums = _mm_add_epi32(sums, _mm_madd_epi16(low, low));
    return _mm_add_epi32(sums, _mm_madd_epi16(high, high));
}

#endif
#endif
