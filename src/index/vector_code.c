#include "vector_code.h"
#include "load.h"
#include <assert.h>
#include <math.h>
#include <string.h>

enum { AT_NUMBERS = 4 };

#define LEAST 1e-30F /* a vector of nothing larger is one of zeros: its factor would lose its bits */

size_t vector_code_bytes(size_t dimensions)
{
    return AT_NUMBERS + 2 * dimensions;
}

/* To -1 … 1; NaN becomes 0. */
static float within(float value)
{
    return value > 1 ? 1 : value < -1 ? -1 : value == value ? value : 0;
}

/* To the nearest, ties to even, for |value| < 2^50: above 1.5·2^52 the last place of a double counts ones. */
static double nearest(double value)
{
    const double shift = 6755399441055744;
    return value + shift - shift;
}

static void store_u16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

void vector_encode(unsigned char *code, const float *vector, size_t dimensions)
{
    float largest = 0;
    for (size_t i = 0; i < dimensions; i++) {
        float size = fabsf(within(vector[i]));
        largest = size > largest ? size : largest;
    }
    float factor = largest < LEAST ? 0 : largest / VECTOR_NUMBER_MAX;
    double units = largest < LEAST ? 0 : VECTOR_NUMBER_MAX / (double)largest;
    uint32_t bits;
    memcpy(&bits, &factor, sizeof(bits));
    store_u16(code, bits);
    store_u16(code + 2, bits >> 16);
    for (size_t i = 0; i < dimensions; i++)
        store_u16(code + AT_NUMBERS + 2 * i, (unsigned)(int)nearest((double)within(vector[i]) * units));
}

static float factor_of(const unsigned char *code)
{
    uint32_t bits = load_u32(code);
    float factor;
    memcpy(&factor, &bits, sizeof(factor));
    return factor;
}

static int number_of(const unsigned char *code, size_t i)
{
    const unsigned char *at = code + AT_NUMBERS + 2 * i;
    return (int16_t)(uint16_t)(at[0] | at[1] << 8);
}

void vector_decode(float *vector, const unsigned char *code, size_t dimensions)
{
    float factor = factor_of(code);
    for (size_t i = 0; i < dimensions; i++)
        vector[i] = factor * (float)number_of(code, i);
}

bool vector_split(float *factor, int8_t *high, int8_t *low, const unsigned char *code, size_t dimensions)
{
    *factor = factor_of(code);
    int largest = 0;
    for (size_t i = 0; i < dimensions; i++) {
        int number = number_of(code, i), upper = (number + 128) >> 8;
        int size = number < 0 ? -number : number;
        largest = size > largest ? size : largest;
        high[i] = (int8_t)upper;
        low[i] = (int8_t)(number - 256 * upper);
    }
    size_t padding = vector_stride(dimensions) - dimensions;
    memset(high + dimensions, 0, padding);
    memset(low + dimensions, 0, padding);
    return largest <= VECTOR_NUMBER_MAX && vector_factor_is_sound(*factor);
}
