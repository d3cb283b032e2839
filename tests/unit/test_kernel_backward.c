/* test_kernel_backward.c - the kernels that only training needs, against their formulas in double, and products by oneDNN against sums in
 * double. */
#include "compare.h"
#include "kernel_rows.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_MOST = 300 };

/* ---- gelu's slope ---- */

static void run_gelu_slope(const struct kernels *table, void *out, const void *a, const void *b, const void *c, size_t count)
{
    (void)b;
    (void)c;
    table->gelu_slope(out, a, count);
}

static void check_gelu_slope(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        double at = (double)f32_at(row->a, i), before = (double)row->before[i];
        double slope = 0.5 * erfc(-at * sqrt(0.5)) + at * 0.39894228040143268 * exp(-at * at / 2);
        row_expect(row, i, ((const float *)row->out)[i], before * slope,
                   fabs(before) * (2e-6 + 2 * HALF_ULP) + LEAST_NORMAL * HALF_ULP);
    }
}

static const float sample_scale = 0.17F;

static void run_softmax_slope(const struct kernels *table, void *out, const void *a, const void *b, const void *c, size_t count)
{
    (void)b;
    (void)c;
    table->softmax_slope(out, a, sample_scale, count);
}

/* Of the sum, each product and addition may be rounded; then the difference and two products. */
static void check_softmax_slope(const struct row *row)
{
    double sum = 0, size = 0, roundings = (double)row->count + 1;
    for (size_t i = 0; i < row->count; i++) {
        double term = (double)f32_at(row->a, i) * (double)row->before[i];
        sum += term;
        size += fabs(term);
    }
    for (size_t i = 0; i < row->count; i++) {
        double factor = (double)sample_scale * (double)f32_at(row->a, i), before = (double)row->before[i];
        double off = roundings * (HALF_ULP * size + LEAST_NORMAL * HALF_ULP) + 3 * HALF_ULP * (fabs(before) + size);
        row_expect(row, i, ((const float *)row->out)[i], factor * (before - sum),
                   1.001 * fabs(factor) * off + (fabs(before) + size + 2) * LEAST_NORMAL * HALF_ULP);
    }
}

static void slopes(void **state)
{
    (void)state;
    static const struct row_kernel kernels[] = {
        {"gelu_slope", run_gelu_slope, check_gelu_slope, ROW_F32, sizeof(float), 0, false, 1e18F},
        {"softmax_slope", run_softmax_slope, check_softmax_slope, ROW_F32, sizeof(float), 0, false, 1e8F}};
    row_kernels_check(kernels, ARRAY_COUNT(kernels));
}

/* All of the line on which anything happens, closely. */
static void slopes_everywhere(void **state)
{
    (void)state;
    enum { AT_ONCE = 128 };
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (double at = -12; at < 12; at += AT_ONCE / 2048.0) {
            float x[AT_ONCE], before[AT_ONCE], d[AT_ONCE];
            for (size_t i = 0; i < AT_ONCE; i++) {
                x[i] = (float)(at + (double)i / 2048);
                before[i] = d[i] = 1 + (float)(i % 3);
            }
            tables[t]->gelu_slope(d, x, AT_ONCE);
            struct row row = {.what = tables[t]->name, .count = AT_ONCE, .a = x, .before = before, .out = d};
            check_gelu_slope(&row);
        }
}

/* ---- small products ---- */

/* A product of numbers that end where their memory ends; rows of c are GAP numbers apart, which are not to be written. */
struct small {
    size_t m, n, k, a_stride, b_stride, c_stride;
    bool turned;
    float *a, *b, *c;
    size_t a_count, b_count, c_count;
    char what[120];
};

enum { GAP = 3 };

static size_t span(size_t rows, size_t stride, size_t columns)
{
    return rows > 0 && columns > 0 ? (rows - 1) * stride + columns : 0;
}

static void small_make(struct small *small, const char *name, enum row_fill fill, struct random *random)
{
    enum { MOST = 1000000 };
    size_t m = small->m, n = small->n, k = small->k;
    small->a_stride = (small->turned ? m : k) + random_below(random, 4);
    small->b_stride = n + random_below(random, 4);
    small->c_stride = n + GAP;
    small->a_count = small->turned ? span(k, small->a_stride, m) : span(m, small->a_stride, k);
    small->b_count = span(k, small->b_stride, n);
    small->c_count = span(m, small->c_stride, n);
    small->a = memory_alloc(small->a_count + 1, sizeof(float));
    small->b = memory_alloc(small->b_count + 1, sizeof(float));
    small->c = memory_alloc(small->c_count + 1, sizeof(float));
    row_fill_floats(small->a, fill, small->a_count, MOST, random);
    row_fill_floats(small->b, n % 3 == 0 ? ROW_RANDOM : fill, small->b_count, MOST, random);
    row_fill_floats(small->c, fill, small->c_count, MOST, random);
    snprintf(small->what, sizeof(small->what), "%s product_add, %zu x %zu x %zu, %s%s", name, m, n, k, row_fill_name(fill),
             small->turned ? ", turned" : "");
}

/* The rows of the product, beside one another, freed by the caller. */
static float *small_run(const struct small *small, const struct kernels *table, size_t shift)
{
    unsigned char *owners[3];
    size_t bytes = small->c_count * sizeof(float), row_bytes = small->n * sizeof(float);
    const float *a = exact_copy(small->a, small->a_count * sizeof(float), shift * sizeof(float), &owners[0]);
    const float *b = exact_copy(small->b, small->b_count * sizeof(float), (MISALIGNMENTS - shift) * sizeof(float), &owners[1]);
    float *c = guarded(bytes, shift * sizeof(float), &owners[2]);
    for (size_t i = 0; bytes > 0 && i < small->m; i++)
        memcpy(c + i * small->c_stride, small->c + i * small->c_stride, row_bytes);
    struct kernel_product product = {.c = c,
                                     .a = a,
                                     .b = b,
                                     .c_stride = small->c_stride,
                                     .a_row = small->turned ? 1 : small->a_stride,
                                     .a_column = small->turned ? small->a_stride : 1,
                                     .b_stride = small->b_stride,
                                     .m = small->m,
                                     .n = small->n,
                                     .k = small->k};
    table->product_add(&product);
    check_guards(small->what, c, bytes, test_seed());
    float *out = memory_alloc(small->m * small->n + 1, sizeof(float));
    for (size_t i = 0; bytes > 0 && i < small->m; i++) {
        memcpy(out + i * small->n, c + i * small->c_stride, row_bytes);
        for (size_t gap = row_bytes; i + 1 < small->m && gap < small->c_stride * sizeof(float); gap++)
            if (((const unsigned char *)(c + i * small->c_stride))[gap] != GUARD_BYTE)
                fail_msg("%s: wrote between rows %zu and %zu (seed %llu)", small->what, i, i + 1,
                         (unsigned long long)test_seed());
    }
    for (size_t i = 0; i < ARRAY_COUNT(owners); i++)
        free(owners[i]);
    return out;
}

/* Each of k products and additions may be rounded. */
static void small_check(const struct small *small, const float *out)
{
    struct row row = {.what = small->what, .seed = test_seed()};
    for (size_t i = 0; i < small->m; i++)
        for (size_t j = 0; j < small->n; j++) {
            double sum = (double)f32_at(small->c, i * small->c_stride + j), size = fabs(sum);
            for (size_t p = 0; p < small->k; p++) {
                double term = (double)f32_at(small->a, small->turned ? p * small->a_stride + i : i * small->a_stride + p) *
                              (double)f32_at(small->b, p * small->b_stride + j);
                sum += term;
                size += fabs(term);
            }
            double roundings = (double)small->k + 2;
            row_expect(&row, i * small->n + j, out[i * small->n + j], sum,
                       roundings * HALF_ULP * size + roundings * LEAST_NORMAL * HALF_ULP);
        }
}

static void check_product(const struct kernels *table, struct small small, enum row_fill fill, struct random *random)
{
    small_make(&small, table->name, fill, random);
    float *out = small_run(&small, table, 0);
    small_check(&small, out);
    for (size_t shift = 1; shift < MISALIGNMENTS; shift++) {
        float *other = small_run(&small, table, shift);
        size_t bytes = small.m * small.n * sizeof(float);
        compare_bytes(small.what, (struct slice){(char *)other, bytes}, (struct slice){(char *)out, bytes}, test_seed());
        free(other);
    }
    free(out);
    free(small.a);
    free(small.b);
    free(small.c);
}

/* Each side at every length, the others short. */
static void small_products(void **state)
{
    (void)state;
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, test_seed());
        for (size_t count = 0; count <= COUNT_MOST; count++)
            for (enum row_fill fill = 0; fill < ROW_FILL_COUNT; fill++) {
                size_t few = random_below(&random, 15), some = random_below(&random, 24);
                bool turned = (count + fill) % 2 == 1;
                check_product(tables[t], (struct small){.m = few, .n = count, .k = some, .turned = turned}, fill, &random);
                check_product(tables[t], (struct small){.m = count, .n = some, .k = few, .turned = turned}, fill, &random);
                check_product(tables[t], (struct small){.m = few, .n = some, .k = count, .turned = turned}, fill, &random);
            }
        check_product(tables[t], (struct small){.m = 70, .n = 150, .k = 90}, ROW_RANDOM, &random);
        check_product(tables[t], (struct small){.m = 70, .n = 150, .k = 90, .turned = true}, ROW_RANDOM, &random);
    }
}

/* ---- turning ---- */

static void check_turn(const struct kernels *table, size_t rows, size_t columns, struct random *random)
{
    size_t stride = columns + random_below(random, 4), out_stride = rows + GAP, out_count = span(columns, out_stride, rows);
    size_t a_count = span(rows, stride, columns), a_bytes = a_count * sizeof(float), out_bytes = out_count * sizeof(float);
    unsigned char *owners[2];
    float *values = memory_alloc(a_count + 1, sizeof(float)), *wanted = memory_alloc(out_count + 1, sizeof(float));
    char what[80];
    snprintf(what, sizeof(what), "%s turn, %zu x %zu", table->name, rows, columns);
    row_fill_floats(values, ROW_RANDOM, a_count, 1e30F, random);
    const float *a = exact_copy(values, a_bytes, sizeof(float), &owners[0]);
    float *out = guarded(out_bytes, sizeof(float), &owners[1]);
    memset(wanted, GUARD_BYTE, out_bytes); /* what stands between the rows stays there */
    memset(out, GUARD_BYTE, out_bytes);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            wanted[j * out_stride + i] = values[i * stride + j];
    table->turn(out, out_stride, a, stride, rows, columns);
    check_guards(what, out, out_bytes, test_seed());
    compare_bytes(what, (struct slice){(char *)out, out_bytes}, (struct slice){(char *)wanted, out_bytes}, test_seed());
    for (size_t i = 0; i < ARRAY_COUNT(owners); i++)
        free(owners[i]);
    free(values);
    free(wanted);
}

static void turns(void **state)
{
    (void)state;
    enum { MOST = 21 };
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, test_seed());
        for (size_t rows = 0; rows <= MOST; rows++)
            for (size_t columns = 0; columns <= MOST; columns++)
                check_turn(tables[t], rows, columns, &random);
    }
}

/* ---- AdamW ---- */

enum { W, G, M, V, ADAM_ROWS };

static const struct kernel_adam sample_step = {0.999F, 0.9F, 0.99F, 0.01F, 3, 1e-4F, 0.5F};

static void adam_run(const struct kernels *table, float rows[ADAM_ROWS][COUNT_MOST], size_t count, size_t shift,
                     const char *what)
{
    unsigned char *owners[ADAM_ROWS];
    float *at[ADAM_ROWS];
    size_t bytes = count * sizeof(float);
    for (size_t i = 0; i < ADAM_ROWS; i++) {
        at[i] = guarded(bytes, (shift + i * (shift > 0)) % MISALIGNMENTS * sizeof(float), &owners[i]);
        memcpy(at[i], rows[i], bytes);
    }
    table->adam(at[W], at[G], at[M], at[V], &sample_step, count);
    for (size_t i = 0; i < ADAM_ROWS; i++) {
        check_guards(what, at[i], bytes, test_seed());
        memcpy(rows[i], at[i], bytes);
        free(owners[i]);
    }
}

/* With u = 2⁻²⁴: of the terms of the first mean, at most four roundings, of those of the second six, the square's among them, and 2⁻¹⁴⁸ for
 * what underflows; a root is off by what its argument's two ends are apart; then the quotient and what is left of w, each rounded. */
static void adam_check(float before[ADAM_ROWS][COUNT_MOST], float after[ADAM_ROWS][COUNT_MOST], size_t count, const char *what)
{
    const struct kernel_adam *step = &sample_step;
    const double u = HALF_ULP, least = 4 * LEAST_NORMAL * HALF_ULP;
    const double beta1 = (double)step->beta1, beta2 = (double)step->beta2, rate = (double)step->rate;
    struct row row = {.what = what, .seed = test_seed()};
    for (size_t i = 0; i < count; i++) {
        double gradient = (double)f32_at(before[G], i) * (double)step->gradient_scale;
        double old = beta1 * (double)f32_at(before[M], i), new = (1 - beta1) * gradient, first = old + new;
        double second = beta2 * (double)f32_at(before[V], i) + (1 - beta2) * gradient * gradient;
        double first_off = 4 * u * (fabs(old) + fabs(new)) + least, second_off = 6 * u * second + least;
        double root = sqrt(second),
               root_off = fmax(sqrt(second + second_off) - root, root - sqrt(fmax(second - second_off, 0)));
        double below = root * (double)step->root_scale + (double)step->epsilon;
        double below_off = (root_off + u * root) * (double)step->root_scale + 2 * u * below, below_least = below - below_off;
        double moved = rate * first / below, kept = (double)f32_at(before[W], i) * (double)step->keep;
        double moved_off = (rate * first_off + 2 * u * fabs(rate * first) + least) / below_least +
                           fabs(moved) * below_off / below_least;
        row_expect(&row, i, after[G][i], 0, 0);
        row_expect(&row, i, after[M][i], first, first_off);
        row_expect(&row, i, after[V][i], second, second_off);
        row_expect(&row, i, after[W][i], kept - moved, moved_off + 2 * u * (fabs(kept) + fabs(moved)) + least);
    }
}

static void check_adam(const struct kernels *table, size_t count, enum row_fill fill, struct random *random)
{
    float before[ADAM_ROWS][COUNT_MOST], after[ADAM_ROWS][COUNT_MOST], other[ADAM_ROWS][COUNT_MOST];
    const float most = 1e15F; /* its square is a number, too */
    char what[120];
    snprintf(what, sizeof(what), "%s adam, %zu numbers, %s", table->name, count, row_fill_name(fill));
    for (size_t i = 0; i < ADAM_ROWS; i++)
        row_fill_floats(before[i], i == V && count % 3 == 0 ? ROW_RANDOM : fill, count, most, random);
    for (size_t i = 0; i < count; i++)
        before[V][i] = fabsf(before[V][i]);
    memcpy(after, before, sizeof(after));
    adam_run(table, after, count, 0, what);
    adam_check(before, after, count, what);
    for (size_t shift = 1; shift < MISALIGNMENTS; shift++) {
        memcpy(other, before, sizeof(other));
        adam_run(table, other, count, shift, what);
        for (size_t i = 0; i < ADAM_ROWS; i++)
            compare_bytes(what, (struct slice){(char *)other[i], count * sizeof(float)},
                          (struct slice){(char *)after[i], count * sizeof(float)}, test_seed());
    }
}

static void adam_steps(void **state)
{
    (void)state;
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, test_seed());
        for (size_t count = 0; count <= COUNT_MOST; count++)
            for (enum row_fill fill = 0; fill < ROW_FILL_COUNT; fill++)
                check_adam(tables[t], count, fill, &random);
    }
}

/* ---- dropout ---- */

/* Against what the reference multiplies by. */
static void check_drop(const struct kernels *table, const struct kernel_drop *drop, size_t count, enum row_fill fill,
                       struct random *random)
{
    const struct kernels *reference = kernels_available(&(size_t){0})[0];
    float before[COUNT_MOST], wanted[COUNT_MOST];
    size_t bytes = count * sizeof(float);
    char what[120];
    snprintf(what, sizeof(what), "%s drop, %zu numbers, %s", table->name, count, row_fill_name(fill));
    row_fill_floats(before, fill, count, 1e37F, random);
    for (size_t i = 0; i < count; i++)
        wanted[i] = 1;
    reference->drop(wanted, drop, count);
    for (size_t i = 0; i < count; i++)
        wanted[i] *= before[i];
    for (size_t shift = 0; shift < MISALIGNMENTS; shift++) {
        unsigned char *owner;
        float *out = guarded(bytes, shift * sizeof(float), &owner);
        memcpy(out, before, bytes);
        table->drop(out, drop, count);
        check_guards(what, out, bytes, test_seed());
        compare_bytes(what, (struct slice){(char *)out, bytes}, (struct slice){(char *)wanted, bytes}, test_seed());
        free(owner);
    }
}

static void drops_everywhere(void **state)
{
    (void)state;
    static const uint32_t thresholds[] = {0, 1, 6554, 32768, 65535, 65536};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, test_seed());
        for (size_t count = 0; count <= COUNT_MOST; count++)
            for (enum row_fill fill = 0; fill < ROW_FILL_COUNT; fill++) {
                struct kernel_drop drop = {.key = {(uint32_t)random_u64(&random), (uint32_t)random_u64(&random)},
                                           .row = (uint32_t)random_u64(&random),
                                           .site = (uint32_t)random_u64(&random),
                                           .step = (uint32_t)random_u64(&random),
                                           .block = (uint32_t)random_below(&random, 1000),
                                           .threshold = thresholds[(count + fill) % ARRAY_COUNT(thresholds)],
                                           .factor = 1.25F};
                check_drop(tables[t], &drop, count, fill, &random);
            }
    }
}

/* Philox4x32 with 7 rounds of counter and key 0 is 5f6fb709 0d893f64 4f121f81 4f730a48, say its authors (kat_vectors of Random123). */
static void drops_known(void **state)
{
    (void)state;
    static const uint32_t halves[] = {0xB709, 0x5F6F, 0x3F64, 0x0D89, 0x1F81, 0x4F12, 0x0A48, 0x4F73};
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t i = 0; i < ARRAY_COUNT(halves); i++)
            for (uint32_t more = 0; more < 2; more++) {
                struct kernel_drop drop = {.threshold = halves[i] + more, .factor = 2};
                float values[KERNEL_DROP_COLUMNS];
                for (size_t j = 0; j < KERNEL_DROP_COLUMNS; j++)
                    values[j] = 1;
                tables[t]->drop(values, &drop, KERNEL_DROP_COLUMNS);
                if (values[16 * i] != (more > 0 ? 0 : 2))
                    fail_msg("%s drop: half %zu is not %04x", tables[t]->name, i, halves[i]);
            }
}

/* All versions drop the same, about as many as they should, whatever part of a row they are given. */
static void drops(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    size_t tables, dropped = 0;
    const struct kernels *const *all = kernels_available(&tables);
    static float wanted[COUNT], got[COUNT];
    struct kernel_drop drop = {.key = {1, 2}, .row = 3, .site = 4, .step = 5, .threshold = 6554, .factor = 1.25F};
    for (size_t i = 0; i < COUNT; i++)
        wanted[i] = 1;
    all[0]->drop(wanted, &drop, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        dropped += wanted[i] == 0;
    assert_in_range(dropped, COUNT / 10 - 100, COUNT / 10 + 100);
    for (size_t t = 0; t < tables; t++)
        for (uint32_t block = 0; block < 4; block++) {
            size_t first = block * KERNEL_DROP_COLUMNS, count = COUNT - first - 7 * block;
            for (size_t i = 0; i < COUNT; i++)
                got[i] = 1;
            drop.block = block;
            all[t]->drop(got, &drop, count);
            assert_memory_equal(got, wanted + first, count * sizeof(*got));
            assert_true(got[count < COUNT ? count : 0] == (count < COUNT ? 1 : wanted[0]));
        }
}

/* ---- products by oneDNN ---- */

/* As a linear layer's three products need them: b turned, plain, and a turned and added up. */
static void check_plain(struct product_lane *lane, struct random *random, size_t m, size_t n, size_t k, unsigned kind)
{
    size_t a_count = m * k, b_count = k * n;
    float *a = memory_alloc(a_count, sizeof(*a)), *b = memory_alloc(b_count, sizeof(*b)),
          *out = memory_alloc(m * n, sizeof(*out));
    row_fill_floats(a, ROW_RANDOM, a_count, 1, random);
    row_fill_floats(b, ROW_RANDOM, b_count, 1, random);
    row_fill_floats(out, ROW_RANDOM, m * n, 1, random);
    float *before = memory_alloc(m * n, sizeof(*before));
    memcpy(before, out, m * n * sizeof(*out));
    bool a_turned = kind == 2, b_turned = kind == 0, add = kind == 2;
    struct gemm_product product = {.type = GEMM_F32,
                                   .m = m,
                                   .n = n,
                                   .k = k,
                                   .a = a,
                                   .b = b,
                                   .out = out,
                                   .a_turned = a_turned,
                                   .b_turned = b_turned,
                                   .add = add,
                                   .a_stride = a_turned ? m : k,
                                   .b_stride = b_turned ? k : n,
                                   .out_stride = n};
    struct row row = {.what = "product", .seed = test_seed()};
    gemm_product(lane, &product);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = add ? (double)before[i * n + j] : 0;
            for (size_t p = 0; p < k; p++)
                sum += (double)a[a_turned ? p * m + i : i * k + p] * (double)b[b_turned ? j * k + p : p * n + j];
            row_expect(&row, i * n + j, out[i * n + j], sum, 1e-4);
        }
    free(a);
    free(b);
    free(out);
    free(before);
}

static void plain_products(void **state)
{
    (void)state;
    struct error error = {0};
    struct random random;
    struct product_lane *lane = product_lane_create();
    random_init(&random, test_seed());
    for (unsigned i = 0; i < 60; i++)
        check_plain(lane, &random, 1 + random_below(&random, 90), 1 + random_below(&random, 90), 1 + random_below(&random, 90),
                    i % 3);
    expect_ok(product_lane_finish(lane, &error), &error);
    product_lane_free(lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes),         cmocka_unit_test(slopes_everywhere),
        cmocka_unit_test(small_products), cmocka_unit_test(turns),
        cmocka_unit_test(adam_steps),     cmocka_unit_test(drops_everywhere),
        cmocka_unit_test(drops_known),    cmocka_unit_test(drops),
        cmocka_unit_test(plain_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
