/* vectors_avx512_vnni.c - products of 8-bit numbers, 64 at a time. The instruction takes one unsigned and one signed factor: a is moved
 * up by 128, and 128 times the sum of b is taken off again. */
#include "tables.h"

#if defined(__x86_64__)

#include <immintrin.h>

static int32_t dot_i8(const int8_t *a, const int8_t *b, size_t count)
{
    const __m512i top = _mm512_set1_epi8((char)0x80), ones = _mm512_set1_epi8(1);
    __m512i products = _mm512_setzero_si512(), sums = products, more_products = products, more_sums = products;
    size_t i = 0;
    for (; i + 128 <= count; i += 128) {
        __m512i y = _mm512_loadu_si512(b + i), more_y = _mm512_loadu_si512(b + i + 64);
        products = _mm512_dpbusd_epi32(products, _mm512_xor_si512(_mm512_loadu_si512(a + i), top), y);
        more_products = _mm512_dpbusd_epi32(more_products, _mm512_xor_si512(_mm512_loadu_si512(a + i + 64), top), more_y);
        sums = _mm512_dpbusd_epi32(sums, ones, y);
        more_sums = _mm512_dpbusd_epi32(more_sums, ones, more_y);
    }
    for (; i < count; i += 64) {
        __mmask64 inside = count - i >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (count - i)) - 1;
        __m512i x = _mm512_maskz_loadu_epi8(inside, a + i), y = _mm512_maskz_loadu_epi8(inside, b + i);
        products = _mm512_dpbusd_epi32(products, _mm512_xor_si512(x, top), y);
        sums = _mm512_dpbusd_epi32(sums, ones, y);
    }
    products = _mm512_add_epi32(products, more_products);
    sums = _mm512_add_epi32(sums, more_sums);
    /* the sum moved up may need more than 31 bits on the way */
    return _mm512_reduce_add_epi32(_mm512_sub_epi32(products, _mm512_slli_epi32(sums, 7)));
}

void kernels_vectors_avx512_vnni(struct kernels *kernels)
{
    kernels->dot_i8 = dot_i8;
}

#else
void kernels_vectors_avx512_vnni(struct kernels *kernels)
{
    (void)kernels;
}
#endif
