/* test_kernel_vectors.c - sums over vectors, arithmetic number by number, and the number formats. */
#include "compare.h"
#include "kernel_rows.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sums ---- */

/* `count` products and additions in any order, each rounded: within (count + roundings)·2⁻²⁴·Σ|terms| (Higham, 3.1; the terms of second
 * order are below the one that is added). */
static void check_sum(const struct row *row, double sum, double size, double roundings)
{
    double bound = ((double)row->count + roundings + 1) * HALF_ULP * size + (double)row->count * LEAST_NORMAL * HALF_ULP;
    row_expect(row, 0, f32_at(row->out, 0), sum, bound);
}

static double value_at(const void *a, size_t i, bool bf16)
{
    return bf16 ? (double)bf16_to_float(((const uint16_t *)a)[i]) : (double)f32_at(a, i);
}

static void check_dot(const struct row *row, bool bf16)
{
    double sum = 0, size = 0;
    for (size_t i = 0; i < row->count; i++) {
        double term = value_at(row->a, i, bf16) * value_at(row->b, i, bf16);
        sum += term;
        size += fabs(term);
    }
    check_sum(row, sum, size, 1);
}

/* The difference is rounded too, and counts twice in its square. */
static void check_distance(const struct row *row, bool bf16)
{
    double sum = 0;
    for (size_t i = 0; i < row->count; i++) {
        double difference = value_at(row->a, i, bf16) - value_at(row->b, i, bf16);
        sum += difference * difference;
    }
    check_sum(row, sum, sum, 3);
}

static void check_dot_f32(const struct row *row)
{
    check_dot(row, false);
}
static void check_dot_bf16(const struct row *row)
{
    check_dot(row, true);
}
static void check_distance_f32(const struct row *row)
{
    check_distance(row, false);
}
static void check_distance_bf16(const struct row *row)
{
    check_distance(row, true);
}

static void check_whole(const struct row *row, int64_t wanted)
{
    int32_t got;
    memcpy(&got, row->out, sizeof(got));
    if (got != wanted)
        fail_msg("%s: %d, expected %lld (seed %llu)", row->what, got, (long long)wanted, (unsigned long long)row->seed);
}

static void check_dot_i8(const struct row *row)
{
    int64_t sum = 0;
    for (size_t i = 0; i < row->count; i++)
        sum += ((const int8_t *)row->a)[i] * ((const int8_t *)row->b)[i];
    check_whole(row, sum);
}

static void check_distance_i8(const struct row *row)
{
    int64_t sum = 0;
    for (size_t i = 0; i < row->count; i++) {
        int difference = ((const int8_t *)row->a)[i] - ((const int8_t *)row->b)[i];
        sum += difference * difference;
    }
    check_whole(row, sum);
}

#define RUN(NAME, CALL)                                                                                                        \
    static void run_##NAME(const struct kernels *table, void *out, const void *a, const void *b, const void *c, size_t count)  \
    {                                                                                                                          \
        (void)b;                                                                                                               \
        (void)c;                                                                                                               \
        CALL;                                                                                                                  \
    }

RUN(dot, *(float *)out = table->dot(a, b, count))
RUN(dot_bf16, *(float *)out = table->dot_bf16(a, b, count))
RUN(dot_i8, *(int32_t *)out = table->dot_i8(a, b, count))
RUN(distance, *(float *)out = table->distance(a, b, count))
RUN(distance_bf16, *(float *)out = table->distance_bf16(a, b, count))
RUN(distance_i8, *(int32_t *)out = table->distance_i8(a, b, count))

static void sums(void **state)
{
    (void)state;
    static const struct row_kernel kernels[] = {
        {"dot", run_dot, check_dot_f32, ROW_F32, 0, 0, false, 1e18F},
        {"dot_bf16", run_dot_bf16, check_dot_bf16, ROW_BF16, 0, 0, false, 1e18F},
        {"dot_i8", run_dot_i8, check_dot_i8, ROW_I8, 0, 0, false, 1},
        {"distance", run_distance, check_distance_f32, ROW_F32, 0, 0, false, 5e17F},
        {"distance_bf16", run_distance_bf16, check_distance_bf16, ROW_BF16, 0, 0, false, 5e17F},
        {"distance_i8", run_distance_i8, check_distance_i8, ROW_I8, 0, 0, false, 1},
    };
    row_kernels_check(kernels, ARRAY_COUNT(kernels));
}

/* The most that kernel.h allows: whole numbers still fit. */
static void longest_whole_sums(void **state)
{
    (void)state;
    enum { DOT_MOST = 100000, DISTANCE_MOST = 30000 };
    static const int8_t extremes[] = {-128, 127};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    int8_t *a = memory_alloc(DOT_MOST, 1), *b = memory_alloc(DOT_MOST, 1);
    for (size_t i = 0; i < 4; i++) {
        int32_t x = extremes[i / 2], y = extremes[i % 2];
        memset(a, x, DOT_MOST);
        memset(b, y, DOT_MOST);
        for (size_t t = 0; t < table_count; t++) {
            assert_int_equal(tables[t]->dot_i8(a, b, DOT_MOST), x * y * DOT_MOST);
            assert_int_equal(tables[t]->distance_i8(a, b, DISTANCE_MOST), (x - y) * (x - y) * DISTANCE_MOST);
        }
    }
    free(a);
    free(b);
}

/* What whole numbers break on: the two ends of their range, alone, and each with the other. */
enum whole_fill { WHOLE_RANDOM, WHOLE_ZERO, WHOLE_LEAST, WHOLE_MOST, WHOLE_OPPOSED, WHOLE_ALTERNATING, WHOLE_FILL_COUNT };

static void fill_whole(int8_t *out, enum whole_fill fill, bool is_second, size_t count, struct random *random)
{
    for (size_t i = 0; i < count; i++) {
        bool is_most = fill == WHOLE_MOST || (fill == WHOLE_OPPOSED && is_second) || (fill == WHOLE_ALTERNATING && i % 2 == 0);
        out[i] = (int8_t)(fill == WHOLE_RANDOM ? (int)random_below(random, 256) - 128
                          : fill == WHOLE_ZERO ? 0
                          : is_most            ? 127
                                               : -128);
    }
}

struct dots {
    size_t query_count, row_count, size;
    enum whole_fill fill;
};

/* Many rows with many queries, in order and by number, misaligned, between guards. */
static void check_dots(const struct kernels *table, struct dots dots, size_t shift, struct random *random)
{
    enum { ROWS = 23 };
    size_t query_count = dots.query_count, row_count = dots.row_count, size = dots.size;
    int8_t *queries = memory_alloc(query_count * size + 1, 1), *rows = memory_alloc(ROWS * size + 1, 1);
    uint32_t numbers[ROWS];
    char what[120];
    snprintf(what, sizeof(what), "%s dots_i8, %zu queries, %zu rows of %zu, fill %d", table->name, query_count, row_count, size,
             (int)dots.fill);
    fill_whole(queries, dots.fill, false, query_count * size, random);
    fill_whole(rows, dots.fill, true, ROWS * size, random);
    for (size_t i = 0; i < ROWS; i++)
        numbers[i] = (uint32_t)random_below(random, ROWS);
    unsigned char *owners[3];
    const int8_t *q = exact_copy(queries, query_count * size, shift, &owners[0]);
    const int8_t *r = exact_copy(rows, ROWS * size, MISALIGNMENTS - shift, &owners[1]);
    for (int by_number = 0; by_number < 2; by_number++) {
        size_t bytes = query_count * row_count * sizeof(int32_t);
        int32_t *out = guarded(bytes, 4 * shift, &owners[2]);
        table->dots_i8(out, q, query_count, r, by_number ? numbers : NULL, row_count, size);
        check_guards(what, out, bytes, test_seed());
        for (size_t i = 0; i < query_count * row_count; i++) {
            size_t row = by_number ? numbers[i % row_count] : i % row_count;
            int32_t wanted = 0;
            for (size_t j = 0; j < size; j++)
                wanted += queries[i / row_count * size + j] * rows[row * size + j];
            if (out[i] != wanted)
                fail_msg("%s: product %zu is %d, expected %d (seed %llu)", what, i, out[i], wanted,
                         (unsigned long long)test_seed());
        }
        free(owners[2]);
    }
    free(owners[0]);
    free(owners[1]);
    free(queries);
    free(rows);
}

/* Rows of bits, by number, beside a sum one by one. */
static void check_signs(const struct kernels *table, size_t row_count, size_t size, enum whole_fill fill, size_t shift,
                        struct random *random)
{
    enum { ROWS = 29, NUMBERS = 61 };
    assert_true(row_count <= NUMBERS);
    int8_t *query = memory_alloc(size + 1, 1);
    uint8_t *bits = memory_alloc(ROWS * size / 8 + 1, 1);
    uint32_t numbers[NUMBERS];
    char what[120];
    snprintf(what, sizeof(what), "%s signs_i8, %zu rows of %zu, fill %d", table->name, row_count, size, (int)fill);
    fill_whole(query, fill, false, size, random);
    for (size_t i = 0; i < ROWS * size / 8; i++)
        bits[i] = (uint8_t)random_u64(random);
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] = (uint32_t)random_below(random, ROWS);
    unsigned char *owners[3];
    const int8_t *q = exact_copy(query, size, shift, &owners[0]);
    const uint8_t *b = exact_copy(bits, ROWS * size / 8, MISALIGNMENTS - shift, &owners[1]);
    int32_t *out = guarded(row_count * sizeof(int32_t), 4 * shift, &owners[2]);
    table->signs_i8(out, q, b, numbers, row_count, size);
    check_guards(what, out, row_count * sizeof(int32_t), test_seed());
    for (size_t i = 0; i < row_count; i++) {
        int32_t wanted = 0;
        for (size_t j = 0; j < size; j++)
            wanted += (bits[numbers[i] * size / 8 + j / 8] >> (j % 8) & 1) != 0 ? query[j] : -query[j];
        if (out[i] != wanted)
            fail_msg("%s: sum %zu is %d, expected %d (seed %llu)", what, i, out[i], wanted, (unsigned long long)test_seed());
    }
    for (size_t i = 0; i < ARRAY_COUNT(owners); i++)
        free(owners[i]);
    free(query);
    free(bits);
}

static void rows_of_bits(void **state)
{
    (void)state;
    enum { SIZE_MOST = 1216, SIZE_LONG = 2112, SIZE_LARGEST = 65536 };
    static const size_t many[] = {61, 36, 60};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    struct random random;
    random_init(&random, test_seed());
    for (size_t t = 0; t < table_count; t++) {
        for (size_t row_count = 0; row_count <= 23; row_count++)
            for (size_t size = 0; size <= SIZE_MOST; size += KERNEL_ROW_UNIT) {
                size_t shift = (row_count + size / KERNEL_ROW_UNIT) % MISALIGNMENTS;
                check_signs(tables[t], row_count, size, (enum whole_fill)(row_count % WHOLE_FILL_COUNT), shift, &random);
            }
        for (size_t i = 0; i < ARRAY_COUNT(many); i++) /* so many that some are fetched ahead */
            for (enum whole_fill fill = 0; fill < WHOLE_FILL_COUNT; fill++)
                check_signs(tables[t], many[i], 384 * (1 + i), fill, i % MISALIGNMENTS, &random);
        for (enum whole_fill fill = 0; fill < WHOLE_FILL_COUNT; fill++) /* one part of a row, and a short one behind it */
            check_signs(tables[t], 7, SIZE_LONG, fill, fill % MISALIGNMENTS, &random);
        for (enum whole_fill fill = 0; fill < WHOLE_FILL_COUNT; fill++)
            check_signs(tables[t], 5, SIZE_LARGEST, fill, fill % MISALIGNMENTS, &random);
    }
}

static void many_rows(void **state)
{
    (void)state;
    enum { SIZE_MOST = 512, SIZE_LARGEST = 65536 };
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    struct random random;
    random_init(&random, test_seed());
    for (size_t t = 0; t < table_count; t++) {
        for (size_t query_count = 0; query_count <= 5; query_count++)
            for (size_t row_count = 0; row_count <= 23; row_count++)
                for (size_t size = 0; size <= SIZE_MOST; size += KERNEL_ROW_UNIT)
                    for (size_t shift = 0; shift < MISALIGNMENTS; shift++) { /* every fill at every shift, in turn */
                        size_t fill = (shift + query_count + row_count + size / KERNEL_ROW_UNIT) % WHOLE_FILL_COUNT;
                        check_dots(tables[t], (struct dots){query_count, row_count, size, WHOLE_RANDOM}, shift, &random);
                        check_dots(tables[t], (struct dots){query_count, row_count, size, (enum whole_fill)fill}, shift,
                                   &random);
                    }
        for (enum whole_fill fill = 0; fill < WHOLE_FILL_COUNT; fill++)
            check_dots(tables[t], (struct dots){3, 5, SIZE_LARGEST, fill}, fill % MISALIGNMENTS, &random);
    }
}

struct product8 {
    size_t rows, k, width;
    enum whole_fill fill;
};

/* `a` by rows, `b` by columns and in the layout of kernel.h. */
static void fill_product8(struct product8 size, uint8_t *a, int8_t *b, int8_t *panel, struct random *random)
{
    fill_whole((int8_t *)a, size.fill, true, size.rows * size.k, random);
    fill_whole(b, size.fill, false, size.width * size.k, random);
    for (size_t i = 0; i < size.rows * size.k; i++)
        a[i] ^= 0x80; /* from -128 … 127 to 0 … 255 */
    for (size_t column = 0; column < size.width; column++)
        for (size_t p = 0; p < size.k; p++)
            panel[column / KERNEL_STRIP * KERNEL_STRIP * size.k + p / 4 * 4 * KERNEL_STRIP + column % KERNEL_STRIP * 4 +
                  p % 4] = b[column * size.k + p];
}

static void check_multiply8(const struct kernels *table, struct product8 size, struct random *random)
{
    size_t a_bytes = size.rows * size.k, panel_bytes = size.width * size.k, count = size.rows * size.width;
    uint8_t *a = memory_alloc(a_bytes + 1, 1);
    int8_t *b = memory_alloc(panel_bytes + 1, 1), *panel = memory_alloc(panel_bytes + 1, 1);
    int32_t *wanted = memory_alloc(count + 1, sizeof(*wanted));
    char what[120];
    snprintf(what, sizeof(what), "%s multiply8, %zu rows of %zu, %zu columns, fill %d", table->name, size.rows, size.k,
             size.width, (int)size.fill);
    fill_product8(size, a, b, panel, random);
    for (size_t row = 0; row < size.rows; row++)
        for (size_t column = 0; column < size.width; column++) {
            int32_t sum = 0;
            for (size_t p = 0; p < size.k; p++)
                sum += a[row * size.k + p] * b[column * size.k + p];
            wanted[row * size.width + column] = sum;
        }
    for (size_t shift = 0; shift < MISALIGNMENTS; shift++) {
        unsigned char *owners[3];
        const uint8_t *given = exact_copy(a, a_bytes, shift, &owners[0]);
        const int8_t *packed = exact_copy(panel, panel_bytes, MISALIGNMENTS - shift, &owners[1]);
        int32_t *out = guarded(count * sizeof(*out), 4 * shift, &owners[2]);
        table->multiply8(out, given, packed, size.rows, size.k, size.width);
        check_guards(what, out, count * sizeof(*out), test_seed());
        compare_bytes(what, (struct slice){(char *)out, count * sizeof(*out)},
                      (struct slice){(char *)wanted, count * sizeof(*wanted)}, test_seed());
        for (size_t i = 0; i < ARRAY_COUNT(owners); i++)
            free(owners[i]);
    }
    free(a);
    free(b);
    free(panel);
    free(wanted);
}

/* Where there is none, oneDNN multiplies (test_kernel_gemm.c). */
static void products_of_bytes(void **state)
{
    (void)state;
    enum { COUNT_MOST = 300 };
    static const size_t few_rows[] = {1, 2, 3, 4, 5, 6, 7, 13};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    struct random random;
    random_init(&random, test_seed());
    for (size_t t = 0; t < table_count; t++)
        for (enum whole_fill fill = 0; fill < WHOLE_FILL_COUNT && tables[t]->multiply8 != NULL; fill++) {
            for (size_t rows = 0; rows <= COUNT_MOST; rows++)
                check_multiply8(tables[t], (struct product8){rows, 4 * (rows % 13), KERNEL_STRIP * (rows % 4), fill}, &random);
            for (size_t k = 0; k <= COUNT_MOST; k += 4)
                for (size_t i = 0; i < ARRAY_COUNT(few_rows); i++)
                    check_multiply8(tables[t], (struct product8){few_rows[i], k, KERNEL_STRIP, fill}, &random);
            check_multiply8(tables[t], (struct product8){7, GEMM_INT8_K_MAX, KERNEL_STRIP, fill}, &random);
        }
}

/* ---- number by number: one rounding each, so one right answer, but for the sign of a zero that maximum returns ---- */

#define EXACT(NAME, EXPRESSION)                                                                                                \
    static void check_##NAME(const struct row *row)                                                                            \
    {                                                                                                                          \
        for (size_t i = 0; i < row->count; i++) {                                                                              \
            float a = f32_at(row->a, i), b = f32_at(row->b, i), out = row->before[i];                                          \
            (void)a, (void)b, (void)out;                                                                                       \
            row_expect(row, i, f32_at(row->out, i), (double)(EXPRESSION), 0);                                                  \
        }                                                                                                                      \
    }

EXACT(add, out + a)
EXACT(maximum, fmaxf(a, out))
EXACT(scale, a * 0.7F)
EXACT(bias, a + b)
EXACT(bias_add, out + (a + b))
EXACT(multiply, a *b)
EXACT(bias_relu, fmaxf(a + b, 0))

RUN(add, table->add(out, a, count))
RUN(maximum, table->maximum(out, a, count))
RUN(scale, table->scale(out, a, 0.7F, count))
RUN(bias, table->bias(out, a, b, count))
RUN(bias_add, table->bias_add(out, a, b, count))
RUN(multiply, table->multiply(out, a, b, count))
RUN(bias_relu, table->bias_relu(out, a, b, count))

static void arithmetic(void **state)
{
    (void)state;
    static const struct row_kernel kernels[] = {
        {"add", run_add, check_add, ROW_F32, sizeof(float), 0, false, 1e38F},
        {"maximum", run_maximum, check_maximum, ROW_F32, sizeof(float), 0, false, FLT_MAX},
        {"scale", run_scale, check_scale, ROW_F32, sizeof(float), 0, true, FLT_MAX},
        {"bias", run_bias, check_bias, ROW_F32, sizeof(float), 0, true, 1e38F},
        {"bias_add", run_bias_add, check_bias_add, ROW_F32, sizeof(float), 0, false, 1e38F},
        {"multiply", run_multiply, check_multiply, ROW_F32, sizeof(float), 0, true, 1e19F},
        {"bias_relu", run_bias_relu, check_bias_relu, ROW_F32, sizeof(float), 0, true, 1e38F},
    };
    row_kernels_check(kernels, ARRAY_COUNT(kernels));
}

/* ---- formats ---- */

static void check_to_bf16(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        float a = f32_at(row->a, i);
        uint16_t got = ((const uint16_t *)row->out)[i], wanted = bf16_of(a);
        bool zero = fabsf(a) < (float)LEAST_NORMAL && (got & 0x7FFF) == 0;
        if (got != wanted && !zero)
            fail_msg("%s: number %zu, %.9g, became %04x, expected %04x (seed %llu)", row->what, i, (double)a, got, wanted,
                     (unsigned long long)row->seed);
    }
}

static void check_from_bf16(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++)
        row_expect(row, i, f32_at(row->out, i), value_at(row->a, i, true), 0);
}

/* Half a step for each of two roundings, and what three more (factor, product, step) do to a number of up to 255 steps. */
static void check_in_8_bits(const struct row *row, bool halves)
{
    double low = 0, high = 0;
    for (size_t i = 0; i < row->count; i++) {
        double value = value_at(row->a, i, halves); /* no fmin: gcc 12 for arm64 stops with an internal error at this loop */
        if (value < low)
            low = value;
        if (value > high)
            high = value;
    }
    double steps = (double)KERNEL_QUANTIZE_STEPS, units = high - low < (double)KERNEL_QUANTIZE_LEAST ? 0 : steps / (high - low);
    double zero = nearbyint(-low * units);
    for (size_t i = 0; i < row->count; i++)
        row_expect(row, i, (float)((const uint8_t *)row->out)[i], zero + value_at(row->a, i, halves) * units,
                   0.5 + 255 * 3 * HALF_ULP + (fabs(-low * units - zero) > 0.499 ? 1 : 0));
}

static void check_quantize(const struct row *row)
{
    check_in_8_bits(row, false);
}

static void check_quantize_bf16(const struct row *row)
{
    check_in_8_bits(row, true);
}

static const struct kernel_unit sample_unit = {0.03F, 3, {2.5F, 0.7F}};

static float dequantized(const struct row *row, size_t i)
{
    int64_t sum = ((const int32_t *)row->a)[i], w_sum = ((const int32_t *)row->b)[i];
    float product = 0.03F * f32_at(row->c, i) * (float)(int32_t)(sum - 3 * w_sum);
    float apart = 2.5F * f32_at(row->c, i) + 0.7F * f32_at(row->c, i);
    return product + apart;
}

static void check_dequantize(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++)
        row_expect(row, i, f32_at(row->out, i), (double)dequantized(row, i), 0);
}

/* In double, with what five roundings (both sums made f32, the three of them together, each of at most the largest term) are off, and
 * products below the least normal number, which may become 0, the step of a column among them. */
static double dequantized_bias(const struct row *row, size_t i, double *off)
{
    double sum = (double)((const int32_t *)row->a)[i], w_sum = (double)((const int32_t *)row->b)[i],
           c = (double)f32_at(row->c, i);
    double step = (double)0.03F * c, apart = (double)2.5F * c + (double)0.7F * c, sums = fabs(sum) + 3 * fabs(w_sum);
    *off = 5 * HALF_ULP * (fabs(step) * sums + fabs(apart) + fabs(c)) + LEAST_NORMAL * (sums + 4);
    return step * (sum - 3 * w_sum) + apart + c;
}

static void check_dequantize_bias(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double off, wanted = dequantized_bias(row, i, &off);
        row_expect(row, i, f32_at(row->out, i), wanted, off);
    }
}

static void check_dequantize_bias_add(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double off, wanted = dequantized_bias(row, i, &off), before = (double)row->before[i];
        row_expect(row, i, f32_at(row->out, i), before + wanted, off + HALF_ULP * (fabs(before) + fabs(wanted)));
    }
}

static void check_dequantize_bias_bf16(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double off, wanted = dequantized_bias(row, i, &off);
        row_expect(row, i, bf16_to_float(((const uint16_t *)row->out)[i]), wanted,
                   off + (fabs(wanted) + off) * 0x1p-8 + LEAST_NORMAL);
    }
}

/* As bias_gelu_bf16 (test_kernel_layers.c). */
static void check_dequantize_bias_gelu_bf16(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double off, x = dequantized_bias(row, i, &off), wanted = x / 2 * (1 + erf(x / sqrt(2)));
        double before = 1e-4 + 1e-5 * fabs(x) + 2 * off;
        row_expect(row, i, bf16_to_float(((const uint16_t *)row->out)[i]), wanted, before + (fabs(wanted) + before) * 0x1p-8);
    }
}

#define WEIGHTS                                                                                                                \
    {                                                                                                                          \
        c, b,                                                                                                                  \
        {                                                                                                                      \
            c, c                                                                                                               \
        }                                                                                                                      \
    }
#define ONE_ROW                                                                                                                \
    (&(struct kernel_tile8){.sums = a, .units = &sample_unit, .weights = WEIGHTS, .bias = c, .rows = 1, .columns = count})

RUN(to_bf16, table->to_bf16(out, a, count))
RUN(from_bf16, table->from_bf16(out, a, count))
RUN(quantize, table->quantize(out, a, count))
RUN(quantize_bf16, table->quantize_bf16(out, a, count))
RUN(dequantize, table->dequantize(out, a, &sample_unit, &(struct kernel_weights8)WEIGHTS, count))
RUN(dequantize_bias, table->dequantize_bias(out, ONE_ROW))
RUN(dequantize_bias_bf16, table->dequantize_bias_bf16(out, ONE_ROW))
RUN(dequantize_bias_add, table->dequantize_bias_add(out, ONE_ROW))
RUN(dequantize_bias_gelu_bf16, table->dequantize_bias_gelu_bf16(out, ONE_ROW))

static void formats(void **state)
{
    (void)state;
    static const struct row_kernel kernels[] = {
        {"to_bf16", run_to_bf16, check_to_bf16, ROW_F32, sizeof(uint16_t), 0, false, FLT_MAX},
        {"from_bf16", run_from_bf16, check_from_bf16, ROW_BF16, sizeof(float), 0, false, FLT_MAX},
        {"quantize", run_quantize, check_quantize, ROW_F32, 1, 0, false, 1e38F},
        {"quantize_bf16", run_quantize_bf16, check_quantize_bf16, ROW_BF16, 1, 0, false, 1e38F},
        {"dequantize", run_dequantize, check_dequantize, ROW_I32, sizeof(float), 0, true, 1e4F},
        {"dequantize_bias", run_dequantize_bias, check_dequantize_bias, ROW_I32, sizeof(float), 0, true, 1e4F},
        {"dequantize_bias_bf16", run_dequantize_bias_bf16, check_dequantize_bias_bf16, ROW_I32, sizeof(uint16_t), 0, false,
         1e4F},
        {"dequantize_bias_add", run_dequantize_bias_add, check_dequantize_bias_add, ROW_I32, sizeof(float), 0, false, 1e4F},
        {"dequantize_bias_gelu_bf16", run_dequantize_bias_gelu_bf16, check_dequantize_bias_gelu_bf16, ROW_I32, sizeof(uint16_t),
         0, false, 1e4F},
    };
    row_kernels_check(kernels, ARRAY_COUNT(kernels));
}

/* A tile's rows get the bits that each gets alone, and nothing between them is written. */
static void check_tile(const struct kernels *table, size_t rows, size_t columns, struct random *random)
{
    enum { ROWS_MAX = 9, COLUMNS_MAX = 70, GAP = 3 };
    int32_t sums[ROWS_MAX * COLUMNS_MAX], column_sums[COLUMNS_MAX];
    struct kernel_unit units[ROWS_MAX];
    float steps[COLUMNS_MAX], bias[COLUMNS_MAX];
    for (size_t i = 0; i < rows * columns; i++)
        sums[i] = (int32_t)random_below(random, 2000000) - 1000000;
    for (size_t i = 0; i < rows; i++)
        units[i] = (struct kernel_unit){(float)random_unit(random), (int32_t)random_below(random, 256), {(float)i, -2}};
    for (size_t i = 0; i < columns; i++) {
        column_sums[i] = (int32_t)random_below(random, 20000) - 10000;
        steps[i] = (float)random_unit(random) * 1e-4F;
        bias[i] = (float)random_unit(random) - 0.5F;
    }
    size_t stride = columns + GAP, bytes = (rows * stride - GAP) * sizeof(float);
    struct kernel_tile8 whole = {sums, units, {steps, column_sums, {steps, bias}}, bias, rows, columns, stride};
    for (size_t kind = 0; kind < 4; kind++) {
        unsigned char *owners[2];
        float *wanted = guarded(bytes, 0, &owners[0]), *out = guarded(bytes, 4, &owners[1]);
        for (size_t row = 0; row <= rows; row++) { /* the last time all of them */
            struct kernel_tile8 tile = whole;
            float *to = row < rows ? wanted : out;
            size_t place = row < rows ? row * stride : 0;
            if (row < rows) {
                tile.sums += row * columns;
                tile.units += row;
                tile.rows = 1;
            }
            if (kind == 0)
                table->dequantize_bias(to + place, &tile);
            else if (kind == 1)
                table->dequantize_bias_add(to + place, &tile);
            else if (kind == 2)
                table->dequantize_bias_bf16((uint16_t *)(void *)to + place, &tile);
            else
                table->dequantize_bias_gelu_bf16((uint16_t *)(void *)to + place, &tile);
        }
        check_guards(table->name, out, bytes, test_seed());
        if (memcmp(out, wanted, bytes) != 0)
            fail_msg("%s: tile of %zu rows and %zu columns, kind %zu: other bits than row by row (seed %llu)", table->name,
                     rows, columns, kind, (unsigned long long)test_seed());
        free(owners[0]);
        free(owners[1]);
    }
}

static void tiles(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed());
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t rows = 1; rows <= 9; rows++)
            for (size_t columns = 1; columns <= 70; columns++)
                check_tile(tables[t], rows, columns, &random);
}

/* Every upper half of an f32 with the lower halves that decide a rounding: infinities, NaNs and all. */
static void every_bf16(void **state)
{
    (void)state;
    static const uint32_t lows[] = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
    enum { AT_ONCE = 256 };
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (uint32_t high = 0; high < 0x10000; high += AT_ONCE)
            for (size_t l = 0; l < ARRAY_COUNT(lows); l++) {
                float values[AT_ONCE], back[AT_ONCE];
                uint16_t out[AT_ONCE];
                for (uint32_t i = 0; i < AT_ONCE; i++) {
                    uint32_t bits = (high + i) << 16 | lows[l];
                    memcpy(&values[i], &bits, sizeof(bits));
                }
                tables[t]->to_bf16(out, values, AT_ONCE);
                tables[t]->from_bf16(back, out, AT_ONCE);
                for (size_t i = 0; i < AT_ONCE; i++) {
                    uint16_t wanted = bf16_of(values[i]);
                    bool zero = fabsf(values[i]) < (float)LEAST_NORMAL && (out[i] & 0x7FFF) == 0;
                    if (!zero && out[i] != wanted && !(isnan(values[i]) && isnan(back[i])))
                        fail_msg("%s to_bf16: %08x became %04x, expected %04x", tables[t]->name,
                                 (unsigned)(high + i) << 16 | lows[l], out[i], wanted);
                    uint32_t bits;
                    memcpy(&bits, &back[i], sizeof(bits));
                    assert_int_equal(bits, (uint32_t)out[i] << 16);
                }
            }
}

/* The step comes back too: all tables the same one, bit for bit. */
static void quantize_steps(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed());
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    static const float sizes[] = {0, 1e-40F, 1e-31F, 1e-29F, 0.3F, 1, 77, 1e30F, 1e38F};
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++)
        for (size_t count = 0; count < 70; count++) {
            float a[70];
            uint8_t wanted[70], out[70];
            for (size_t i = 0; i < count; i++)
                a[i] = (float)(random_unit(&random) * 2 - 1) * sizes[s];
            struct kernel_unit unit = tables[0]->quantize(wanted, a, count);
            for (size_t t = 1; t < table_count; t++) {
                struct kernel_unit got = tables[t]->quantize(out, a, count);
                compare_floats(tables[t]->name, &got.step, &unit.step, 1, (struct tolerance){0}, test_seed());
                assert_int_equal(got.zero, unit.zero);
                compare_bytes(tables[t]->name, (struct slice){(char *)out, count}, (struct slice){(char *)wanted, count},
                              test_seed());
            }
        }
}

/* A row of bf16 gives the bits that the same numbers in f32 do, infinities, NaNs, zeros of both signs and all. */
static void quantize_halves(void **state)
{
    (void)state;
    static const uint16_t odd[] = {0, 0x8000, 0x7F80, 0xFF80, 0x7FC0, 0xFFC0, 0x7F7F, 1, 0x8001};
    enum { COUNT_MAX = 140, ROUNDS = 40 };
    struct random random;
    random_init(&random, test_seed());
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t count = 0; count < COUNT_MAX; count++)
            for (size_t round = 0; round < ROUNDS; round++) {
                uint16_t halves[COUNT_MAX];
                float a[COUNT_MAX];
                uint8_t wanted[COUNT_MAX], out[COUNT_MAX];
                for (size_t i = 0; i < count; i++)
                    halves[i] = bf16_of((float)random_unit(&random) * (round % 4 == 0   ? 1.0F
                                                                       : round % 4 == 1 ? -1.0F
                                                                                        : 3.0F) -
                                        (round % 4 > 1 ? 0.2F : 0));
                if (count > 0 && round % 3 == 0)
                    halves[random_below(&random, count)] = odd[random_below(&random, ARRAY_COUNT(odd))];
                for (size_t i = 0; i < count; i++)
                    a[i] = bf16_to_float(halves[i]);
                struct kernel_unit unit = tables[t]->quantize(wanted, a, count),
                                   got = tables[t]->quantize_bf16(out, halves, count);
                assert_int_equal(got.zero, unit.zero);
                if (!(isnan(got.step) && isnan(unit.step)))
                    compare_floats(tables[t]->name, &got.step, &unit.step, 1, (struct tolerance){0}, test_seed());
                compare_bytes(tables[t]->name, (struct slice){(char *)out, count}, (struct slice){(char *)wanted, count},
                              test_seed());
            }
}

/* Wherever in a row it stands, what is no number makes all of the row none. */
static void quantize_no_numbers(void **state)
{
    (void)state;
    static const float none[] = {NAN, INFINITY, -INFINITY};
    enum { COUNT_MAX = 70 };
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t count = 1; count <= COUNT_MAX; count++)
            for (size_t i = 0; i < count * ARRAY_COUNT(none); i++) {
                float a[COUNT_MAX];
                uint8_t out[COUNT_MAX], wanted[COUNT_MAX] = {0};
                for (size_t j = 0; j < count; j++)
                    a[j] = (float)j - 20;
                a[i / ARRAY_COUNT(none)] = none[i % ARRAY_COUNT(none)];
                struct kernel_unit unit = tables[t]->quantize(out, a, count);
                assert_true(isnan(unit.step) && unit.zero == 0);
                compare_bytes(tables[t]->name, (struct slice){(char *)out, count}, (struct slice){(char *)wanted, count}, 0);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums),
        cmocka_unit_test(longest_whole_sums),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(rows_of_bits),
        cmocka_unit_test(products_of_bytes),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(formats),
        cmocka_unit_test(every_bf16),
        cmocka_unit_test(quantize_steps),
        cmocka_unit_test(quantize_halves),
        cmocka_unit_test(quantize_no_numbers),
        cmocka_unit_test(tiles),
    };
    return cmocka_run_group_tests_name("kernel: vectors", tests, NULL, NULL);
}
