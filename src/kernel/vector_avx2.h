/* vector_avx2.h - eight numbers in a register, for vectors_body.h. */
#ifndef KERNEL_VECTOR_AVX2_H
#define KERNEL_VECTOR_AVX2_H

#if defined(__AVX2__)

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 8, KEY_VECTORS = 2, QUERIES = 6 };
typedef __m256 vector;
typedef __m256i integers;

#define VECTOR static inline __attribute__((always_inline))

VECTOR vector v_load(const float *at)
{
    return _mm256_loadu_ps(at);
}
VECTOR void v_store(float *at, vector a)
{
    _mm256_storeu_ps(at, a);
}
VECTOR vector v_all(float a)
{
    return _mm256_set1_ps(a);
}
VECTOR vector v_add(vector a, vector b)
{
    return _mm256_add_ps(a, b);
}
VECTOR vector v_sqrt(vector a)
{
    return _mm256_sqrt_ps(a);
}
VECTOR vector v_sub(vector a, vector b)
{
    return _mm256_sub_ps(a, b);
}
VECTOR vector v_mul(vector a, vector b)
{
    return _mm256_mul_ps(a, b);
}
VECTOR vector v_div(vector a, vector b)
{
    return _mm256_div_ps(a, b);
}
VECTOR vector v_max(vector a, vector b)
{
    return _mm256_max_ps(a, b);
}
VECTOR vector v_min(vector a, vector b)
{
    return _mm256_min_ps(a, b);
}
VECTOR vector v_fma(vector a, vector b, vector c)
{
    return _mm256_fmadd_ps(a, b, c);
}
VECTOR integers v_round(vector a)
{
    return _mm256_cvtps_epi32(a);
} /* to nearest, ties to even */
VECTOR vector v_float(integers a)
{
    return _mm256_cvtepi32_ps(a);
}
VECTOR vector v_bits_float(integers a)
{
    return _mm256_castsi256_ps(a);
}
VECTOR integers v_bits(vector a)
{
    return _mm256_castps_si256(a);
}
VECTOR integers i_load(const int32_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}
VECTOR integers i_all(int32_t a)
{
    return _mm256_set1_epi32(a);
}
VECTOR integers i_add(integers a, integers b)
{
    return _mm256_add_epi32(a, b);
}
VECTOR integers i_sub(integers a, integers b)
{
    return _mm256_sub_epi32(a, b);
}
VECTOR integers i_mul(integers a, integers b)
{
    return _mm256_mullo_epi32(a, b);
}

VECTOR integers i_left(integers a, int bits)
{
    return _mm256_slli_epi32(a, bits);
}
VECTOR integers i_right(integers a, int bits)
{
    return _mm256_srli_epi32(a, bits);
}
VECTOR integers i_and(integers a, integers b)
{
    return _mm256_and_si256(a, b);
}
VECTOR integers i_xor(integers a, integers b)
{
    return _mm256_xor_si256(a, b);
}

/* Of every second one, without signs: products of 64 bits, in place of two. */
VECTOR integers i_mul_wide(integers a, integers b)
{
    return _mm256_mul_epu32(a, b);
}
/* The upper half of each 64 bits, in the place of the lower; 0 above it. */
VECTOR integers i_upper(integers a)
{
    return _mm256_srli_epi64(a, 32);
}
/* The lower halves of each 64 bits, those of `odd` in the places of the upper. */
VECTOR integers i_zip(integers even, integers odd)
{
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}
/* x where a > b, else 0. */
VECTOR vector v_where_above(integers a, integers b, vector x)
{
    return _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(a, b)), x);
}

VECTOR integers i_load_u16(const uint16_t *at)
{
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)at));
}

/* The low halves of eight numbers below 65,536. */
VECTOR void i_store_u16(uint16_t *at, integers a)
{
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    _mm_storeu_si128((__m128i *)(void *)at, words);
}

/* The lowest eight bits of eight numbers. */
VECTOR void i_store_u8(uint8_t *at, integers a)
{
    a = _mm256_and_si256(a, _mm256_set1_epi32(255));
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    _mm_storel_epi64((__m128i *)(void *)at, _mm_packus_epi16(words, words));
}

VECTOR float v_sum(vector a)
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
}

VECTOR float v_largest(vector a)
{
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_shuffle_ps(half, half, 1)));
}

VECTOR bool v_any_above(vector a, vector b)
{
    return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0;
}

VECTOR int32_t i_sum(integers a)
{
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

VECTOR __m256i i_words(const int8_t *at)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)at));
}

/* Adds up products of 4·LANES 8-bit numbers. */
VECTOR integers i_dot_i8(integers sums, const int8_t *a, const int8_t *b)
{
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(i_words(a), i_words(b)));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(i_words(a + 16), i_words(b + 16)));
}

VECTOR integers i_distance_i8(integers sums, const int8_t *a, const int8_t *b)
{
    __m256i low = _mm256_sub_epi16(i_words(a), i_words(b)), high = _mm256_sub_epi16(i_words(a + 16), i_words(b + 16));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(low, low));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(high, high));
}

#endif
#endif
