/* multiply8_avx512_vnni.c - products of 8-bit rows with a panel, ROWS by WIDE registers of sums at a time: a register of four columns'
 * worth of w is read once for all rows, and every sum stays in its register until it is whole. As fast for few rows as for many, which
 * oneDNN's are not: so few are multiplied at a time that their sums are still near when they are made numbers. */
#include "tables.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

enum { ROWS = 6, WIDE = 4, LANES = 16 };
_Static_assert(WIDE *LANES == KERNEL_STRIP, "a strip is as wide as the sums");

static inline __attribute__((always_inline)) void multiply_rows(int32_t *out, size_t width, const uint8_t *a, size_t k,
                                                                const int8_t *strip, size_t rows)
{
    __m512i sums[ROWS][WIDE];
    for (size_t r = 0; r < rows; r++)
        for (size_t w = 0; w < WIDE; w++)
            sums[r][w] = _mm512_setzero_si512();
    for (size_t p = 0; p < k; p += 4) {
        __m512i b[WIDE];
        for (size_t w = 0; w < WIDE; w++)
            b[w] = _mm512_loadu_si512(strip + p * KERNEL_STRIP + w * 4 * LANES);
        for (size_t r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, a + r * k + p, sizeof(four));
            __m512i x = _mm512_set1_epi32(four);
            for (size_t w = 0; w < WIDE; w++)
                sums[r][w] = _mm512_dpbusd_epi32(sums[r][w], x, b[w]);
        }
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t w = 0; w < WIDE; w++)
            _mm512_storeu_si512(out + r * width + w * LANES, sums[r][w]);
}

static void multiply8(int32_t *out, const uint8_t *a, const int8_t *panel, size_t rows, size_t k, size_t width)
{
    for (size_t column = 0; column < width; column += KERNEL_STRIP) {
        const int8_t *strip = panel + column * k;
        int32_t *to = out + column;
        size_t row = 0;
        for (; row + ROWS <= rows; row += ROWS)
            multiply_rows(to + row * width, width, a + row * k, k, strip, ROWS);
        for (; row + 4 <= rows; row += 4)
            multiply_rows(to + row * width, width, a + row * k, k, strip, 4);
        for (; row + 2 <= rows; row += 2)
            multiply_rows(to + row * width, width, a + row * k, k, strip, 2);
        if (row < rows)
            multiply_rows(to + row * width, width, a + row * k, k, strip, 1);
    }
}

void kernels_multiply8_avx512_vnni(struct kernels *kernels)
{
    kernels->multiply8 = multiply8;
}

#else
void kernels_multiply8_avx512_vnni(struct kernels *kernels)
{
    (void)kernels;
}
#endif
