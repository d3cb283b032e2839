/* vector_code.h - a vector's code as the index keeps it: a factor and 16-bit numbers, split into two planes of 8 bits.
 *
 *   vector[i] ≈ factor · number[i]          number[i] = 256 · high[i] + low[i],   high -127 … 127,  low -128 … 127
 *
 * The high plane alone is the nearest 8-bit code; a walk and a scan read only it. With both planes of two vectors
 *
 *   a · b = factors · (65536 · Σ high·high + 256 · (Σ high·low + Σ low·high) + Σ low·low)
 *
 * in whole numbers: the same bits on every processor. Planes are rows padded with zeros to VECTOR_UNIT. */
#ifndef INDEX_VECTOR_CODE_H
#define INDEX_VECTOR_CODE_H

#include "index.h"
#include "kernel/kernel.h"

#define VECTOR_UNIT ((size_t)KERNEL_ROW_UNIT)
#define VECTOR_NUMBER_MAX 32639 /* 127 · 257: the largest whose high part is 127 */

static inline size_t vector_stride(size_t dimensions)
{
    return (dimensions + VECTOR_UNIT - 1) / VECTOR_UNIT * VECTOR_UNIT;
}

/* The factor of numbers that stand for at most 1; NaN is not. */
static inline bool vector_factor_is_sound(float factor)
{
    return factor >= 0 && factor <= 1.0F / VECTOR_NUMBER_MAX;
}

/* Splits a code. False when it is none that vector_encode makes. high and low have vector_stride(dimensions) bytes. */
bool vector_split(float *factor, int8_t *high, int8_t *low, const unsigned char *code, size_t dimensions) MUST_USE;

#endif
