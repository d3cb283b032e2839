/* vectors_body.h - the kernels over f32, once for every width of register: vectors_ISA.c includes a vector_ISA.h (what a register
 * can do) and then this. What does not fill a register at the end of a row goes through a register's worth of stack, so that an
 * element gets the same bits wherever the row ends. */
#ifndef KERNEL_VECTORS_BODY_H
#define KERNEL_VECTORS_BODY_H

#include "kernel.h"

#if defined(__SSE4_1__) || defined(__aarch64__)

#ifndef KERNEL_LANES_CHOSEN /* alone, as when headers are checked */
#if defined(__aarch64__)
#include "vector_neon.h"
#else
#include "vector_sse4.h"
#endif
#endif
#include <assert.h>
#include <math.h>

VECTOR vector v_load_part(const float *at, size_t count, float rest)
{
    float part[LANES];
    for (size_t i = 0; i < LANES; i++)
        part[i] = i < count ? at[i] : rest;
    return v_load(part);
}

VECTOR void v_store_part(float *at, vector a, size_t count)
{
    float part[LANES];
    v_store(part, a);
    for (size_t i = 0; i < count; i++)
        at[i] = part[i];
}

/* ---- formats ---- */

#ifndef KERNEL_OWN_BF16
/* Adding just under half of the last kept place, and one more when that place is odd, rounds to nearest with ties to even. Where all bits
 * of the exponent are set, nothing is added: it would carry a NaN into the sign, and out comes -0. */
VECTOR void v_store_bf16(uint16_t *at, vector a)
{
    integers bits = v_bits(a);
    integers odd = i_and(i_right(bits, 16), i_all(1));
    integers special = i_right(i_add(i_and(bits, i_all(0x7F800000)), i_all(0x00800000)), 31); /* 1, else 0 */
    integers half = i_and(i_add(odd, i_all(0x7FFF)), i_sub(special, i_all(1)));
    i_store_u16(at, i_right(i_add(bits, half), 16));
}
#endif

VECTOR vector v_load_bf16(const uint16_t *at)
{
    return v_bits_float(i_left(i_load_u16(at), 16));
}

VECTOR vector v_load_bf16_part(const uint16_t *at, size_t count)
{
    uint16_t part[LANES] = {0};
    for (size_t i = 0; i < count; i++)
        part[i] = at[i];
    return v_load_bf16(part);
}

VECTOR void v_store_bf16_part(uint16_t *at, vector a, size_t count)
{
    uint16_t part[LANES];
    v_store_bf16(part, a);
    for (size_t i = 0; i < count; i++)
        at[i] = part[i];
}

static void to_bf16(uint16_t *out, const float *a, size_t count)
{
    vector check = v_all(0); /* NaN or an infinity times 0 makes a NaN of it */
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vector x = v_load(a + i);
        check = v_add(check, v_mul(x, v_all(0)));
        v_store_bf16(out + i, x);
    }
    if (i < count) {
        vector x = v_load_part(a + i, count - i, 0);
        check = v_add(check, v_mul(x, v_all(0)));
        v_store_bf16_part(out + i, x, count - i);
    }
    if (v_sum(check) == 0)
        return;
    for (i = 0; i < count; i++)
        if (isnan(a[i])) /* rounding may have carried it into an infinity */
            out[i] = 0x7FC0;
}

static void from_bf16(float *out, const uint16_t *a, size_t count)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(out + i, v_load_bf16(a + i));
    if (i < count)
        v_store_part(out + i, v_load_bf16_part(a + i, count - i), count - i);
}

/* What numbers of a row are made whole with. */
struct quantizer {
    struct kernel_unit unit;
    vector factor, moved;
};

VECTOR struct quantizer quantizer_for(float low, float range)
{
    float factor = KERNEL_QUANTIZE_STEPS / range;
    struct kernel_unit unit = {.step = range / KERNEL_QUANTIZE_STEPS, .zero = (int32_t)nearbyintf(-low * factor)};
    return (struct quantizer){unit, v_all(factor), v_all(KERNEL_QUANTIZE_SHIFT + (float)unit.zero)};
}

/* In the lowest eight bits: so moved, a number is rounded to a whole one that stands there. */
VECTOR integers v_quantized(vector x, const struct quantizer *q)
{
    return v_bits(v_add(v_mul(x, q->factor), q->moved));
}

static struct kernel_unit quantize(uint8_t *out, const float *a, size_t count)
{
    vector least = v_all(0), most = v_all(0), least1 = v_all(0), most1 = v_all(0);
    vector check = v_all(0), check1 = v_all(0); /* NaN or an infinity times 0 makes a NaN of it */
    size_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) { /* in pairs: one alone would wait for each comparison */
        vector x = v_load(a + i), y = v_load(a + i + LANES);
        least = v_min(least, x);
        most = v_max(most, x);
        least1 = v_min(least1, y);
        most1 = v_max(most1, y);
        check = v_fma(x, v_all(0), check);
        check1 = v_fma(y, v_all(0), check1);
    }
    least = v_min(least, least1);
    most = v_max(most, most1);
    for (; i < count; i += LANES) {
        vector x = i + LANES <= count ? v_load(a + i) : v_load_part(a + i, count - i, 0);
        least = v_min(least, x);
        most = v_max(most, x);
        check = v_fma(x, v_all(0), check);
    }
    float low = -v_largest(v_sub(v_all(0), least)), range = v_largest(most) - low;
    float checked = v_sum(v_add(check, check1));
    if (range < KERNEL_QUANTIZE_LEAST || isnan(checked)) {
        memset(out, 0, count);
        return (struct kernel_unit){.step = checked};
    }
    struct quantizer q = quantizer_for(low, range);
    for (i = 0; i + LANES <= count; i += LANES)
        i_store_u8(out + i, v_quantized(v_load(a + i), &q));
    if (i < count) {
        uint8_t part[LANES];
        i_store_u8(part, v_quantized(v_load_part(a + i, count - i, 0), &q));
        memcpy(out + i, part, count - i);
    }
    return q.unit;
}

/* As bits, numbers of bf16 from 0 up are in order, and those below 0 in the reverse one, above all of them where no sign is seen.
 * False where one is no number. */
static bool extremes_bf16(const uint16_t *a, size_t count, float *low, float *high)
{
    int16_t most = 0;
    uint16_t least = 0x8000;
    for (size_t i = 0; i < count; i++) {
        int16_t bits = (int16_t)a[i];
        most = bits > most ? bits : most;
        least = a[i] > least ? a[i] : least;
    }
    uint32_t bits[2] = {(uint32_t)least << 16, (uint32_t)most << 16};
    memcpy(low, &bits[0], sizeof(*low));
    memcpy(high, &bits[1], sizeof(*high));
    return least < 0xFF80 && most < 0x7F80;
}

static struct kernel_unit quantize_bf16(uint8_t *out, const uint16_t *a, size_t count)
{
    float low, high;
    bool finite = extremes_bf16(a, count, &low, &high);
    if (!finite || high - low < KERNEL_QUANTIZE_LEAST) {
        memset(out, 0, count);
        return (struct kernel_unit){.step = finite ? 0 : NAN};
    }
    struct quantizer q = quantizer_for(low, high - low);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        i_store_u8(out + i, v_quantized(v_load_bf16(a + i), &q));
    if (i < count) {
        uint8_t part[LANES];
        i_store_u8(part, v_quantized(v_load_bf16_part(a + i, count - i), &q));
        memcpy(out + i, part, count - i);
    }
    return q.unit;
}

/* ---- maps: a number of each input in, one out ---- */

/* EXPRESSION over x, of the input `a`. */
#define MAP_1(EXPRESSION)                                                                                                      \
    do {                                                                                                                       \
        size_t i = 0;                                                                                                          \
        for (; i + LANES <= count; i += LANES) {                                                                               \
            vector x = v_load(a + i);                                                                                          \
            v_store(out + i, EXPRESSION);                                                                                      \
        }                                                                                                                      \
        if (i < count) {                                                                                                       \
            vector x = v_load_part(a + i, count - i, 0);                                                                       \
            v_store_part(out + i, EXPRESSION, count - i);                                                                      \
        }                                                                                                                      \
    } while (0)

/* EXPRESSION over x and y, of the inputs `a` and `b`. */
#define MAP_2(EXPRESSION)                                                                                                      \
    do {                                                                                                                       \
        size_t i = 0;                                                                                                          \
        for (; i + LANES <= count; i += LANES) {                                                                               \
            vector x = v_load(a + i), y = v_load(b + i);                                                                       \
            v_store(out + i, EXPRESSION);                                                                                      \
        }                                                                                                                      \
        if (i < count) {                                                                                                       \
            vector x = v_load_part(a + i, count - i, 0), y = v_load_part(b + i, count - i, 0);                                 \
            v_store_part(out + i, EXPRESSION, count - i);                                                                      \
        }                                                                                                                      \
    } while (0)

static void bias(float *out, const float *a, const float *b, size_t count)
{
    MAP_2(v_add(x, y));
}

static void bias_add(float *out, const float *a, const float *b, size_t count)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(out + i, v_add(v_load(out + i), v_add(v_load(a + i), v_load(b + i))));
    for (; i < count; i++)
        out[i] += a[i] + b[i];
}

static void multiply(float *out, const float *a, const float *b, size_t count)
{
    MAP_2(v_mul(x, y));
}

static void add(float *out, const float *a, size_t count)
{
    const float *b = out;
    MAP_2(v_add(y, x));
}

static void maximum(float *out, const float *a, size_t count)
{
    const float *b = out;
    MAP_2(v_max(x, y)); /* the second where they are equal, as the reference has it */
}

static void scale(float *out, const float *a, float factor, size_t count)
{
    vector f = v_all(factor);
    MAP_1(v_mul(x, f));
}

static inline float dequantized(const int32_t *sums, const struct kernel_unit *unit, const struct kernel_weights8 *w, size_t i)
{
    return unit->step * w->steps[i] * (float)(sums[i] - unit->zero * w->sums[i]) +
           (unit->apart[0] * w->apart[0][i] + unit->apart[1] * w->apart[1][i]);
}

static void dequantize(float *out, const int32_t *sums, const struct kernel_unit *unit, const struct kernel_weights8 *w,
                       size_t count)
{
    size_t i = 0;
    vector step = v_all(unit->step), first = v_all(unit->apart[0]), second = v_all(unit->apart[1]);
    integers zero = i_all(unit->zero);
    for (; i + LANES <= count; i += LANES) {
        integers sum = i_sub(i_load(sums + i), i_mul(zero, i_load(w->sums + i)));
        vector apart = v_add(v_mul(first, v_load(w->apart[0] + i)), v_mul(second, v_load(w->apart[1] + i)));
        v_store(out + i, v_add(v_mul(v_mul(step, v_load(w->steps + i)), v_float(sum)), apart));
    }
    for (; i < count; i++)
        out[i] = dequantized(sums, unit, w, i);
}

/* ---- functions ---- */

/* e^x for x ≤ 88: x = n·ln 2 + r, e^r by a polynomial, times 2^n. Within 3e-7, relative; 0 below -87.7, as of -infinity.
 *
 * n needs no conversion: added to 1.5·2^23 + 127, it is rounded to a whole number and stands in the lowest bits, 127 higher, as an
 * exponent has it. -88 makes 0 of it, which stands for the number 0. */
VECTOR vector v_exp_below(vector x)
{
    const vector shift = v_all(12582912 + 127);
    x = v_max(x, v_all(-88));
    vector moved = v_fma(x, v_all(1.44269504F), shift);
    vector n = v_sub(moved, shift);
    vector r = v_fma(n, v_all(-0.693145752F), x); /* ln 2 in two parts, the first exact when multiplied by n */
    r = v_fma(n, v_all(-1.42860677e-6F), r);
    vector p = v_all(0.008312515F);
    p = v_fma(p, r, v_all(0.04189021F));
    p = v_fma(p, r, v_all(0.16667114F));
    p = v_fma(p, r, v_all(0.4999923F));
    p = v_fma(p, r, v_all(1));
    p = v_fma(p, r, v_all(1));
    return v_mul(p, v_bits_float(i_left(v_bits(moved), 23)));
}

/* The same for all x; as e^88 above it. */
VECTOR vector v_exp(vector x)
{
    return v_exp_below(v_min(x, v_all(88)));
}

/* erf(x/√2) as x·P(x²)/Q(x²), fitted for the least error of gelu on |x| ≤ 5.6, where it ends in 1 to the last bit but few. */
VECTOR vector v_erf(vector x)
{
    vector t = v_mul(x, x);
    vector p = v_all(4.342106407762003e-08F), q = v_all(1.1851171848320519e-06F);
    p = v_fma(p, t, v_all(1.31802553369198e-05F));
    q = v_fma(q, t, v_all(8.100179547909647e-05F));
    p = v_fma(p, t, v_all(0.0003802637511398643F));
    q = v_fma(q, t, v_all(0.002003228757530451F));
    p = v_fma(p, t, v_all(0.009610566310584545F));
    q = v_fma(q, t, v_all(0.029802773147821426F));
    p = v_fma(p, t, v_all(0.07169036567211151F));
    q = v_fma(q, t, v_all(0.2565132975578308F));
    p = v_fma(p, t, v_all(0.7978838086128235F));
    q = v_fma(q, t, v_all(1));
    return v_div(v_mul(x, p), q);
}

VECTOR vector v_gelu(vector x)
{
    vector c = v_max(v_min(x, v_all(5.6F)), v_all(-5.6F)), half = v_mul(x, v_all(0.5F));
    return v_fma(half, v_erf(c), half);
}

/* The same by a polynomial, for results that are rounded to 8 bits: no division. It is max(x, 0) less |x|·Φ(-|x|), which is next to
 * nothing where |x| is large; fitted for the least error within what bias_gelu_bf16 promises. */
VECTOR vector v_gelu_rough(vector x)
{
    vector u = v_min(v_bits_float(i_and(v_bits(x), i_all(INT32_MAX))), v_all(3.81F));
    vector p = v_all(0.000737988215405494F);
    p = v_fma(p, u, v_all(-0.011160002090036869F));
    p = v_fma(p, u, v_all(0.06389506161212921F));
    p = v_fma(p, u, v_all(-0.15599274635314941F));
    p = v_fma(p, u, v_all(0.06357599794864655F));
    p = v_fma(p, u, v_all(0.3781452775001526F));
    p = v_fma(p, u, v_all(-0.49778443574905396F));
    return v_fma(p, u, v_max(v_all(0), x)); /* x where it is no number */
}

/* x/2 · (1 + tanh u) = x / (1 + e^-2u) */
VECTOR vector v_gelu_tanh(vector x)
{
    vector u = v_mul(x, v_fma(v_mul(x, x), v_all(0.0356774081F), v_all(0.797884561F)));
    return v_div(x, v_add(v_all(1), v_exp(v_mul(u, v_all(-2)))));
}

VECTOR vector v_silu(vector x)
{
    return v_div(x, v_add(v_all(1), v_exp(v_sub(v_all(0), x))));
}

static void bias_gelu(float *out, const float *a, const float *b, size_t count)
{
    MAP_2(v_gelu(v_add(x, y)));
}

static void bias_gelu_tanh(float *out, const float *a, const float *b, size_t count)
{
    MAP_2(v_gelu_tanh(v_add(x, y)));
}

static void bias_silu(float *out, const float *a, const float *b, size_t count)
{
    MAP_2(v_silu(v_add(x, y)));
}

static void bias_relu(float *out, const float *a, const float *b, size_t count)
{
    MAP_2(v_max(v_add(x, y), v_all(0)));
}

static void bias_gelu_bf16(uint16_t *out, const float *a, const float *b, size_t count)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store_bf16(out + i, v_gelu_rough(v_add(v_load(a + i), v_load(b + i))));
    if (i < count) {
        vector x = v_add(v_load_part(a + i, count - i, 0), v_load_part(b + i, count - i, 0));
        v_store_bf16_part(out + i, v_gelu_rough(x), count - i);
    }
}

/* ---- tiles of 8-bit products ---- */

enum tile8_end { TILE8_BIAS, TILE8_ADD, TILE8_BF16, TILE8_GELU };

/* What is the same for all numbers of a row; the zero is below it, to be added. */
struct row_unit {
    vector step, zero, apart[KERNEL_APART];
};

/* What is the same for all numbers of LANES columns. */
struct column_unit {
    vector step, sum, apart[KERNEL_APART], bias;
};

VECTOR struct row_unit v_row_unit(const struct kernel_unit *unit)
{
    return (struct row_unit){v_all(unit->step), v_all(-(float)unit->zero), {v_all(unit->apart[0]), v_all(unit->apart[1])}};
}

VECTOR struct column_unit v_column_unit(const struct kernel_tile8 *tile, size_t i)
{
    const struct kernel_weights8 *w = &tile->weights;
    return (struct column_unit){v_load(w->steps + i),
                                v_float(i_load(w->sums + i)),
                                {v_load(w->apart[0] + i), v_load(w->apart[1] + i)},
                                v_load(tile->bias + i)};
}

VECTOR struct column_unit v_column_unit_part(const struct kernel_tile8 *tile, size_t i)
{
    const struct kernel_weights8 *w = &tile->weights;
    size_t count = tile->columns - i;
    int32_t sums[LANES] = {0};
    memcpy(sums, w->sums + i, count * sizeof(*sums));
    return (struct column_unit){v_load_part(w->steps + i, count, 0),
                                v_float(i_load(sums)),
                                {v_load_part(w->apart[0] + i, count, 0), v_load_part(w->apart[1] + i, count, 0)},
                                v_load_part(tile->bias + i, count, 0)};
}

VECTOR vector v_dequantized(integers sums, const struct row_unit *row, const struct column_unit *column)
{
    vector apart = v_fma(row->apart[0], column->apart[0], v_fma(row->apart[1], column->apart[1], column->bias));
    return v_fma(v_mul(row->step, column->step), v_fma(row->zero, column->sum, v_float(sums)), apart);
}

VECTOR void tile8_put(void *out, size_t place, vector x, enum tile8_end end)
{
    if (end == TILE8_GELU || end == TILE8_BF16)
        v_store_bf16((uint16_t *)out + place, end == TILE8_GELU ? v_gelu_rough(x) : x);
    else
        v_store((float *)out + place, end == TILE8_ADD ? v_add(v_load((float *)out + place), x) : x);
}

/* The columns behind the last whole register, of one row. */
static void tile8_rest(void *out, const struct kernel_tile8 *tile, size_t row, size_t first, enum tile8_end end)
{
    size_t place = row * tile->out_stride + first, count = tile->columns - first;
    int32_t sums[LANES] = {0};
    memcpy(sums, tile->sums + row * tile->columns + first, count * sizeof(*sums));
    const struct row_unit unit = v_row_unit(&tile->units[row]);
    const struct column_unit column = v_column_unit_part(tile, first);
    vector x = v_dequantized(i_load(sums), &unit, &column);
    if (end == TILE8_GELU || end == TILE8_BF16) {
        v_store_bf16_part((uint16_t *)out + place, end == TILE8_GELU ? v_gelu_rough(x) : x, count);
        return;
    }
    float *to = (float *)out + place;
    v_store_part(to, end == TILE8_ADD ? v_add(v_load_part(to, count, 0), x) : x, count);
}

/* `rows` at once, four or one (which then stands four times in `units`); what belongs to a column is read once for them. */
VECTOR void tile8_rows(void *out, const struct kernel_tile8 *tile, size_t first, size_t rows, enum tile8_end end)
{
    const struct kernel_unit *unit = tile->units + first;
    const struct row_unit units[] = {v_row_unit(unit), v_row_unit(unit + 1 % rows), v_row_unit(unit + 2 % rows),
                                     v_row_unit(unit + 3 % rows)};
    const struct kernel_tile8 own = *tile; /* which the compiler knows that no store changes */
    size_t columns = own.columns, place = first * own.out_stride, i = 0;
    const int32_t *sums = own.sums + first * columns;
    for (; i + LANES <= columns; i += LANES) {
        struct column_unit column = v_column_unit(&own, i);
        for (size_t r = 0; r < rows; r++)
            tile8_put(out, place + r * own.out_stride + i, v_dequantized(i_load(sums + r * columns + i), &units[r], &column),
                      end);
    }
    for (size_t r = 0; i < columns && r < rows; r++)
        tile8_rest(out, tile, first + r, i, end);
}

VECTOR void tile8(void *out, const struct kernel_tile8 *tile, enum tile8_end end)
{
    size_t row = 0;
    for (; row + 4 <= tile->rows; row += 4)
        tile8_rows(out, tile, row, 4, end);
    for (; row < tile->rows; row++)
        tile8_rows(out, tile, row, 1, end);
}

static void dequantize_bias(float *out, const struct kernel_tile8 *tile)
{
    tile8(out, tile, TILE8_BIAS);
}

static void dequantize_bias_add(float *out, const struct kernel_tile8 *tile)
{
    tile8(out, tile, TILE8_ADD);
}

static void dequantize_bias_bf16(uint16_t *out, const struct kernel_tile8 *tile)
{
    tile8(out, tile, TILE8_BF16);
}

static void dequantize_bias_gelu_bf16(uint16_t *out, const struct kernel_tile8 *tile)
{
    tile8(out, tile, TILE8_GELU);
}

/* ---- sums ---- */

/* Four sums side by side: one alone would wait for each addition. TERM adds what stands at a + i, and b + i·STEP, to a sum. */
#define SUM_UP(TERM, TERM_PART, STEP)                                                                                          \
    do {                                                                                                                       \
        vector sum0 = v_all(0), sum1 = v_all(0), sum2 = v_all(0), sum3 = v_all(0);                                             \
        size_t i = 0;                                                                                                          \
        for (; i + 4 * LANES <= count; i += 4 * LANES) {                                                                       \
            sum0 = TERM(sum0, a + i, b + i * (STEP));                                                                          \
            sum1 = TERM(sum1, a + i + LANES, b + (i + LANES) * (STEP));                                                        \
            sum2 = TERM(sum2, a + i + 2 * LANES, b + (i + 2 * LANES) * (STEP));                                                \
            sum3 = TERM(sum3, a + i + 3 * LANES, b + (i + 3 * LANES) * (STEP));                                                \
        }                                                                                                                      \
        for (; i + LANES <= count; i += LANES)                                                                                 \
            sum0 = TERM(sum0, a + i, b + i * (STEP));                                                                          \
        if (i < count)                                                                                                         \
            sum1 = TERM_PART(sum1, a + i, b + i * (STEP), count - i);                                                          \
        return v_sum(v_add(v_add(sum0, sum1), v_add(sum2, sum3)));                                                             \
    } while (0)

VECTOR vector dot_term(vector sum, const float *a, const float *b)
{
    return v_fma(v_load(a), v_load(b), sum);
}

VECTOR vector dot_part(vector sum, const float *a, const float *b, size_t count)
{
    return v_fma(v_load_part(a, count, 0), v_load_part(b, count, 0), sum);
}

VECTOR vector distance_term(vector sum, const float *a, const float *b)
{
    vector d = v_sub(v_load(a), v_load(b));
    return v_fma(d, d, sum);
}

VECTOR vector distance_part(vector sum, const float *a, const float *b, size_t count)
{
    vector d = v_sub(v_load_part(a, count, 0), v_load_part(b, count, 0));
    return v_fma(d, d, sum);
}

VECTOR vector dot_bf16_term(vector sum, const uint16_t *a, const uint16_t *b)
{
    return v_fma(v_load_bf16(a), v_load_bf16(b), sum);
}

VECTOR vector dot_bf16_part(vector sum, const uint16_t *a, const uint16_t *b, size_t count)
{
    return v_fma(v_load_bf16_part(a, count), v_load_bf16_part(b, count), sum);
}

VECTOR vector distance_bf16_term(vector sum, const uint16_t *a, const uint16_t *b)
{
    vector d = v_sub(v_load_bf16(a), v_load_bf16(b));
    return v_fma(d, d, sum);
}

VECTOR vector distance_bf16_part(vector sum, const uint16_t *a, const uint16_t *b, size_t count)
{
    vector d = v_sub(v_load_bf16_part(a, count), v_load_bf16_part(b, count));
    return v_fma(d, d, sum);
}

static float dot(const float *a, const float *b, size_t count)
{
    SUM_UP(dot_term, dot_part, 1);
}

static float distance(const float *a, const float *b, size_t count)
{
    SUM_UP(distance_term, distance_part, 1);
}

static float dot_bf16(const uint16_t *a, const uint16_t *b, size_t count)
{
    SUM_UP(dot_bf16_term, dot_bf16_part, 1);
}

static float distance_bf16(const uint16_t *a, const uint16_t *b, size_t count)
{
    SUM_UP(distance_bf16_term, distance_bf16_part, 1);
}

static int32_t dot_i8(const int8_t *a, const int8_t *b, size_t count)
{
    integers sums = i_all(0), more = i_all(0);
    size_t i = 0;
    for (; i + 8 * LANES <= count; i += 8 * LANES) {
        sums = i_dot_i8(sums, a + i, b + i);
        more = i_dot_i8(more, a + i + 4 * LANES, b + i + 4 * LANES);
    }
    for (; i + 4 * LANES <= count; i += 4 * LANES)
        sums = i_dot_i8(sums, a + i, b + i);
    int32_t sum = i_sum(i_add(sums, more));
    for (; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void dots_i8(int32_t *out, const int8_t *queries, size_t query_count, const int8_t *rows, const uint32_t *numbers,
                    size_t row_count, size_t size)
{
    for (size_t i = 0; i < row_count; i++)
        for (size_t q = 0; q < query_count; q++)
            out[q * row_count + i] = dot_i8(queries + q * size, rows + size * (numbers != NULL ? numbers[i] : i), size);
}

/* By tables of what each byte of bits comes to, for as many numbers at a time as have tables that stay in the first cache. */
static void signs_i8(int32_t *out, const int8_t *query, const uint8_t *bits, const uint32_t *numbers, size_t row_count,
                     size_t size)
{
    enum { PART = 512 };
    int16_t sums[PART / 8][256];
    for (size_t i = 0; i < row_count; i++)
        out[i] = 0;
    for (size_t part = 0; part < size; part += PART) {
        size_t bytes = (size - part < PART ? size - part : PART) / 8;
        for (size_t b = 0; b < bytes; b++) {
            const int8_t *eight = query + part + 8 * b;
            sums[b][0] = 0;
            for (size_t j = 0; j < 8; j++)
                sums[b][0] = (int16_t)(sums[b][0] - eight[j]);
            for (unsigned set = 1; set < 256; set++)
                sums[b][set] = (int16_t)(sums[b][set & (set - 1)] + 2 * eight[__builtin_ctz(set)]);
        }
        for (size_t i = 0; i < row_count; i++) {
            const uint8_t *row = bits + size / 8 * numbers[i] + part / 8;
            int32_t sum = 0;
            for (size_t b = 0; b < bytes; b += 8)
                sum += sums[b][row[b]] + sums[b + 1][row[b + 1]] + sums[b + 2][row[b + 2]] + sums[b + 3][row[b + 3]] +
                       sums[b + 4][row[b + 4]] + sums[b + 5][row[b + 5]] + sums[b + 6][row[b + 6]] + sums[b + 7][row[b + 7]];
            out[i] += sum;
        }
    }
}

static int32_t distance_i8(const int8_t *a, const int8_t *b, size_t count)
{
    integers sums = i_all(0);
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES)
        sums = i_distance_i8(sums, a + i, b + i);
    int32_t sum = i_sum(sums);
    for (; i < count; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* ---- rows ---- */

VECTOR vector sum_term(vector sum, const float *a, const float *b)
{
    (void)b;
    return v_add(sum, v_load(a));
}

VECTOR vector sum_part(vector sum, const float *a, const float *b, size_t count)
{
    (void)b;
    return v_add(sum, v_load_part(a, count, 0));
}

/* b is the mean. */
VECTOR vector square_term(vector sum, const float *a, const float *b)
{
    vector d = v_sub(v_load(a), v_all(*b));
    return v_fma(d, d, sum);
}

VECTOR vector square_part(vector sum, const float *a, const float *b, size_t count)
{
    vector d = v_sub(v_load_part(a, count, *b), v_all(*b));
    return v_fma(d, d, sum);
}

VECTOR float sum_of(const float *a, size_t count)
{
    const float *b = a;
    SUM_UP(sum_term, sum_part, 0);
}

VECTOR float squares_of(const float *a, const float *b, size_t count)
{
    SUM_UP(square_term, square_part, 0);
}

static void layer_norm(float *out, const float *a, const float *weight, const float *b, float epsilon, size_t count)
{
    float mean = sum_of(a, count) / (float)count;
    vector m = v_all(mean);
    size_t i;
    vector factor = v_all(1 / sqrtf(squares_of(a, &mean, count) / (float)count + epsilon));
    for (i = 0; i + LANES <= count; i += LANES)
        v_store(out + i, v_fma(v_mul(v_sub(v_load(a + i), m), factor), v_load(weight + i), v_load(b + i)));
    if (i < count) {
        vector x = v_mul(v_sub(v_load_part(a + i, count - i, 0), m), factor);
        vector w = v_load_part(weight + i, count - i, 0), y = v_load_part(b + i, count - i, 0);
        v_store_part(out + i, v_fma(x, w, y), count - i);
    }
}

static void softmax(float *out, const float *a, size_t count)
{
    vector largest = v_all(-INFINITY), sums = v_all(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        largest = v_max(largest, v_load(a + i));
    if (i < count)
        largest = v_max(largest, v_load_part(a + i, count - i, -INFINITY));
    vector m = v_all(v_largest(largest));
    for (i = 0; i + LANES <= count; i += LANES) {
        vector e = v_exp_below(v_sub(v_load(a + i), m));
        v_store(out + i, e);
        sums = v_add(sums, e);
    }
    float sum = v_sum(sums);
    if (i < count) {
        size_t rest = count - i;
        v_store_part(out + i, v_exp_below(v_sub(v_load_part(a + i, rest, -INFINITY), m)), rest);
        for (size_t j = 0; j < rest; j++)
            sum += out[i + j];
    }
    scale(out, out, 1 / sum, count);
}

#endif
#endif
