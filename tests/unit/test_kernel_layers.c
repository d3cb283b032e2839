/* test_kernel_layers.c - activations and norms against their formulas in double. */
#include "compare.h"
#include "kernel_rows.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPSILON 1e-5F    /* of layer_norm */

/* What the activations are given: a + b as the kernel rounds it. */
static double input(const struct row *row, size_t i)
{
    return (double)(f32_at(row->a, i) + f32_at(row->b, i));
}

static double gelu(double x)
{
    return x / 2 * erfc(-x * 0.70710678118654752440); /* 1 + erf without the cancellation */
}

/* The bounds are those of kernel.h. */
static void check_bias_gelu(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double x = input(row, i);
        row_expect(row, i, f32_at(row->out, i), gelu(x), 2e-6 + 3e-7 * fabs(x));
    }
}

/* And then rounded to 8 bits of fraction: by up to 2⁻⁸ of the number. Less than 2⁻¹²⁶ may be 0. */
static void check_bias_gelu_bf16(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double x = input(row, i), wanted = gelu(x), before = 1e-4 + 1e-5 * fabs(x);
        row_expect(row, i, bf16_to_float(((const uint16_t *)row->out)[i]), wanted, before + (fabs(wanted) + before) * 0x1p-8);
    }
}

static void check_bias_gelu_tanh(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double x = input(row, i), u = 0.79788456080286535588 * (x + 0.044715 * x * x * x);
        double wanted = u < -300 ? 0 : x / (1 + exp(-2 * u));
        row_expect(row, i, f32_at(row->out, i), wanted, 2e-7 + 4e-7 * fabs(wanted));
    }
}

static void check_bias_silu(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double x = input(row, i), wanted = x < -700 ? 0 : x / (1 + exp(-x));
        row_expect(row, i, f32_at(row->out, i), wanted, 2e-7 + 4e-7 * fabs(wanted));
    }
}

#define RUN(NAME, CALL)                                                                                                        \
    static void run_##NAME(const struct kernels *table, void *out, const void *a, const void *b, const void *c, size_t count)  \
    {                                                                                                                          \
        (void)b;                                                                                                               \
        (void)c;                                                                                                               \
        CALL;                                                                                                                  \
    }

RUN(bias_gelu, table->bias_gelu(out, a, b, count))
RUN(bias_gelu_bf16, table->bias_gelu_bf16(out, a, b, count))
RUN(bias_gelu_tanh, table->bias_gelu_tanh(out, a, b, count))
RUN(bias_silu, table->bias_silu(out, a, b, count))
RUN(layer_norm, table->layer_norm(out, a, b, c, EPSILON, count))
RUN(softmax, table->softmax(out, a, count))

static void activations(void **state)
{
    (void)state;
    static const struct row_kernel kernels[] = {
        {"bias_gelu", run_bias_gelu, check_bias_gelu, ROW_F32, sizeof(float), 0, true, 1e6F},
        {"bias_gelu_bf16", run_bias_gelu_bf16, check_bias_gelu_bf16, ROW_F32, sizeof(uint16_t), 0, false, 1e6F},
        {"bias_gelu_tanh", run_bias_gelu_tanh, check_bias_gelu_tanh, ROW_F32, sizeof(float), 0, true, 1e6F},
        {"bias_silu", run_bias_silu, check_bias_silu, ROW_F32, sizeof(float), 0, true, 1e6F},
    };
    row_kernels_check(kernels, ARRAY_COUNT(kernels));
}

/* All of the line on which anything happens, closely. */
static void activations_everywhere(void **state)
{
    (void)state;
    enum { AT_ONCE = 128 };
    static void (*const checks[])(const struct row *) = {check_bias_gelu, check_bias_gelu_bf16, check_bias_gelu_tanh,
                                                         check_bias_silu};
    static void (*const runs[])(const struct kernels *, void *, const void *, const void *, const void *,
                                size_t) = {run_bias_gelu, run_bias_gelu_bf16, run_bias_gelu_tanh, run_bias_silu};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t k = 0; k < ARRAY_COUNT(checks); k++)
            for (double at = -120; at < 120; at += AT_ONCE / 2048.0) {
                float a[AT_ONCE], b[AT_ONCE] = {0}, out[AT_ONCE];
                for (size_t i = 0; i < AT_ONCE; i++)
                    a[i] = (float)(at + (double)i / 2048);
                runs[k](tables[t], out, a, b, b, AT_ONCE);
                struct row row = {.what = tables[t]->name, .count = AT_ONCE, .a = a, .b = b, .c = b, .out = out};
                checks[k](&row);
            }
}

/* With u = 2⁻²⁴, n numbers, f = 1/√(variance + epsilon): the mean is off by up to m = (n + 1)·u·Σ|a|/n; each difference by m + u·|d|; the
 * variance of what is off by m by m² more and (n + 4)·u relative, of which f gets half, and 3u of its own; then three roundings more. */
static void check_layer_norm(const struct row *row)
{
    double n = (double)row->count, mean = 0, size = 0, variance = 0;
    for (size_t i = 0; i < row->count; i++) {
        mean += (double)f32_at(row->a, i) / n;
        size += fabs((double)f32_at(row->a, i)) / n;
    }
    for (size_t i = 0; i < row->count; i++)
        variance += ((double)f32_at(row->a, i) - mean) * ((double)f32_at(row->a, i) - mean) / n;
    double factor = 1 / sqrt(variance + (double)EPSILON), mean_off = (n + 1) * HALF_ULP * size;
    double factor_off = mean_off * mean_off * factor * factor / 2 + ((n + 4) / 2 + 3) * HALF_ULP;
    for (size_t i = 0; i < row->count; i++) {
        double d = (double)f32_at(row->a, i) - mean, weight = (double)f32_at(row->b, i);
        double wanted = d * factor * weight + (double)f32_at(row->c, i);
        double term = fabs(d * factor * weight);
        double bound = fabs(weight) * factor * mean_off + term * (factor_off + 4 * HALF_ULP) + fabs(wanted) * 2 * HALF_ULP;
        row_expect(row, i, f32_at(row->out, i), wanted, bound * 1.01 + 1e-37);
    }
}

/* e^(a - largest) is off by u·|a - largest| for the difference and 3e-7 for the function, relative; the sum of n of them by as much and
 * (n + 2)·u; two roundings more. Below e^-87 it may be 0. */
static void check_softmax(const struct row *row)
{
    double largest = -HUGE_VAL, sum = 0, sum_off = 0;
    for (size_t i = 0; i < row->count; i++)
        if ((double)f32_at(row->a, i) > largest)
            largest = (double)f32_at(row->a, i);
    for (size_t i = 0; i < row->count; i++) {
        double apart = largest - (double)f32_at(row->a, i), e = exp(-apart);
        sum += e;
        sum_off += e * (fmin(apart, 1000) * HALF_ULP + 3e-7); /* e^-1000 is 0, and infinity times that no number */
    }
    for (size_t i = 0; i < row->count; i++) {
        double apart = largest - (double)f32_at(row->a, i), wanted = exp(-apart) / sum;
        double off = (wanted > 0 ? apart * HALF_ULP : 0) + 3e-7 + sum_off / sum + ((double)row->count + 4) * HALF_ULP;
        row_expect(row, i, f32_at(row->out, i), wanted, wanted * off + 1.7e-38);
    }
}

static void rows(void **state)
{
    (void)state;
    static const struct row_kernel kernels[] = {
        {"layer_norm", run_layer_norm, check_layer_norm, ROW_F32, sizeof(float), 1, true, 1e4F},
        {"softmax", run_softmax, check_softmax, ROW_F32, sizeof(float), 1, true, 1e6F},
    };
    row_kernels_check(kernels, ARRAY_COUNT(kernels));
}

/* What is not seen gets no share at all, not even a little one. */
static void softmax_of_unseen(void **state)
{
    (void)state;
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t count = 1; count <= 100; count++)
            for (size_t seen = 0; seen < count; seen += 1 + count / 7) {
                float a[100], out[100];
                for (size_t i = 0; i < count; i++)
                    a[i] = i == seen || i == count - 1 ? 3 : -INFINITY;
                tables[t]->softmax(out, a, count);
                float share = seen == count - 1 ? 1 : 0.5F;
                for (size_t i = 0; i < count; i++)
                    if (out[i] != (a[i] > 0 ? share : 0))
                        fail_msg("%s softmax: number %zu of %zu is %.9g", tables[t]->name, i, count, (double)out[i]);
            }
}

/* What is no number stays none, with any bits: a rounding that carries must not make -0 of it. */
static void no_numbers_in_bf16(void **state)
{
    (void)state;
    enum { COUNT = 37 };
    static const uint32_t bits[] = {0x7FFFFFFF, 0xFFFFFFFF, 0x7FFF8000, 0x7FC00000, 0xFFC00001, 0x7FBFFFFF};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t b = 0; b < ARRAY_COUNT(bits); b++) {
            float ones[COUNT], nones[COUNT];
            uint16_t out[4][COUNT];
            int32_t sums[COUNT] = {0};
            const struct kernel_unit unit = {1, 0, {1, 1}};
            for (size_t i = 0; i < COUNT; i++) {
                ones[i] = 1;
                memcpy(&nones[i], &bits[b], sizeof(bits[b]));
            }
            const struct kernel_tile8 tile = {sums, &unit, {ones, sums, {ones, ones}}, nones, 1, COUNT, COUNT};
            tables[t]->bias_gelu_bf16(out[0], ones, nones, COUNT);
            tables[t]->dequantize_bias_bf16(out[1], &tile);
            tables[t]->dequantize_bias_gelu_bf16(out[2], &tile);
            tables[t]->to_bf16(out[3], nones, COUNT);
            for (size_t kind = 0; kind < ARRAY_COUNT(out); kind++)
                for (size_t i = 0; i < COUNT; i++)
                    if (!isnan(bf16_to_float(out[kind][i])))
                        fail_msg("%s, kind %zu: %08x became %04x at %zu", tables[t]->name, kind, bits[b], out[kind][i], i);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations),       cmocka_unit_test(activations_everywhere), cmocka_unit_test(rows),
        cmocka_unit_test(softmax_of_unseen), cmocka_unit_test(no_numbers_in_bf16),
    };
    return cmocka_run_group_tests_name("kernel: layers", tests, NULL, NULL);
}
