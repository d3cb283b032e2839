/* vector_avx512.h - sixteen numbers in a register, for vectors_body.h. */
#ifndef KERNEL_VECTOR_AVX512_H
#define KERNEL_VECTOR_AVX512_H

#if defined(__AVX512BW__)

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16, KEY_VECTORS = 4, QUERIES = 6 };
typedef __m512 vector;
typedef __m512i integers;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vector v_load(const float *at)
{
    return _mm512_loadu_ps(at);
}
VECTOR void v_store(float *at, vector a)
{
    _mm512_storeu_ps(at, a);
}
VECTOR vector v_all(float a)
{
    return _mm512_set1_ps(a);
}
VECTOR vector v_add(vector a, vector b)
{
    return _mm512_add_ps(a, b);
}
VECTOR vector v_sqrt(vector a)
{
    return _mm512_sqrt_ps(a);
}
VECTOR vector v_sub(vector a, vector b)
{
    return _mm512_sub_ps(a, b);
}
VECTOR vector v_mul(vector a, vector b)
{
    return _mm512_mul_ps(a, b);
}
VECTOR vector v_div(vector a, vector b)
{
    return _mm512_div_ps(a, b);
}
VECTOR vector v_max(vector a, vector b)
{
    return _mm512_max_ps(a, b);
}
VECTOR vector v_min(vector a, vector b)
{
    return _mm512_min_ps(a, b);
}
VECTOR vector v_fma(vector a, vector b, vector c)
{
    return _mm512_fmadd_ps(a, b, c);
}
VECTOR integers v_round(vector a)
{
    return _mm512_cvtps_epi32(a);
} /* to nearest, ties to even */
VECTOR vector v_float(integers a)
{
    return _mm512_cvtepi32_ps(a);
}
VECTOR vector v_bits_float(integers a)
{
    return _mm512_castsi512_ps(a);
}
VECTOR integers v_bits(vector a)
{
    return _mm512_castps_si512(a);
}
VECTOR integers i_load(const int32_t *at)
{
    return _mm512_loadu_si512((const void *)at);
}
VECTOR integers i_all(int32_t a)
{
    return _mm512_set1_epi32(a);
}
VECTOR integers i_add(integers a, integers b)
{
    return _mm512_add_epi32(a, b);
}
VECTOR integers i_sub(integers a, integers b)
{
    return _mm512_sub_epi32(a, b);
}
VECTOR integers i_mul(integers a, integers b)
{
    return _mm512_mullo_epi32(a, b);
}

VECTOR integers i_left(integers a, int bits)
{
    return _mm512_slli_epi32(a, (unsigned)bits);
}
VECTOR integers i_right(integers a, int bits)
{
    return _mm512_srli_epi32(a, (unsigned)bits);
}
VECTOR integers i_and(integers a, integers b)
{
    return _mm512_and_si512(a, b);
}
VECTOR integers i_xor(integers a, integers b)
{
    return _mm512_xor_si512(a, b);
}

/* Of every second one, without signs: products of 64 bits, in place of two. */
VECTOR integers i_mul_wide(integers a, integers b)
{
    return _mm512_mul_epu32(a, b);
}
/* The upper half of each 64 bits, in the place of the lower; 0 above it. */
VECTOR integers i_upper(integers a)
{
    return _mm512_srli_epi64(a, 32);
}
/* The lower halves of each 64 bits, those of `odd` in the places of the upper. */
VECTOR integers i_zip(integers even, integers odd)
{
    return _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
}
/* x where a > b, else 0. */
VECTOR vector v_where_above(integers a, integers b, vector x)
{
    return _mm512_maskz_mov_ps(_mm512_cmpgt_epi32_mask(a, b), x);
}

VECTOR integers i_load_u16(const uint16_t *at)
{
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)at));
}

/* The low halves of sixteen numbers below 65,536. */
VECTOR void i_store_u16(uint16_t *at, integers a)
{
    _mm256_storeu_si256((__m256i *)(void *)at, _mm512_cvtepi32_epi16(a));
}

/* The lowest eight bits of sixteen numbers. */
VECTOR void i_store_u8(uint8_t *at, integers a)
{
    _mm_storeu_si128((__m128i *)(void *)at, _mm512_cvtepi32_epi8(a));
}

VECTOR float v_sum(vector a)
{
    return _mm512_reduce_add_ps(a);
}
VECTOR float v_largest(vector a)
{
    return _mm512_reduce_max_ps(a);
}
VECTOR bool v_any_above(vector a, vector b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0;
}
VECTOR int32_t i_sum(integers a)
{
    return _mm512_reduce_add_epi32(a);
}

VECTOR __m512i i_words(const int8_t *at)
{
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)at));
}

/* Adds up products of 4·LANES 8-bit numbers. */
VECTOR integers i_dot_i8(integers sums, const int8_t *a, const int8_t *b)
{
    sums = _mm512_add_epi32(sums, _mm512_madd_epi16(i_words(a), i_words(b)));
    return _mm512_add_epi32(sums, _mm512_madd_epi16(i_words(a + 32), i_words(b + 32)));
}

VECTOR integers i_distance_i8(integers sums, const int8_t *a, const int8_t *b)
{
    __m512i low = _mm512_sub_epi16(i_words(a), i_words(b)), high = _mm512_sub_epi16(i_words(a + 32), i_words(b + 32));
    sums = _mm512_add_epi32(sums, _mm512_madd_epi16(low, low));
    return _mm512_add_epi32(sums, _mm512_madd_epi16(high, high));
}

#endif
#endif
