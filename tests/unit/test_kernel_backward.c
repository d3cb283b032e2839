/* test_kernel_backward.c - the kernels that only training needs, every version against the plainest; and products by oneDNN against sums in
 * double. */
#include "compare.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 70 };

static void fill(struct random *random, float *values, size_t count, double size)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (float)((random_unit(random) - 0.5) * 2 * size);
}

static void near(const char *what, float got, double wanted, double within)
{
    if (!(fabs((double)got - wanted) <= within))
        fail_msg("%s: %.9g, expected %.9g within %g", what, (double)got, wanted, within);
}

static void slopes(void **state)
{
    (void)state;
    size_t tables;
    const struct kernels *const *all = kernels_available(&tables);
    float x[2000], d[2000];
    for (size_t t = 0; t < tables; t++)
        for (size_t count = 1; count < 2000; count += count < 40 ? 1 : 490) {
            for (size_t i = 0; i < count; i++) {
                x[i] = ((float)i - (float)count / 2) * 16 / (float)count;
                d[i] = 1 + (float)(i % 3);
            }
            all[t]->gelu_slope(d, x, count);
            for (size_t i = 0; i < count; i++) {
                double at = (double)x[i], slope = 0.5 * erfc(-at * sqrt(0.5)) + at * 0.39894228040143268 * exp(-at * at / 2);
                near(all[t]->name, d[i], (double)(1 + (float)(i % 3)) * slope, 6e-6);
            }
        }
}

static void check_product(const struct kernels *table, struct random *random, size_t m, size_t n, size_t k, bool turned)
{
    static float a[MOST * MOST], b[MOST * MOST], c[MOST * (MOST + 1)], before[MOST * (MOST + 1)];
    fill(random, a, MOST * MOST, 1);
    fill(random, b, MOST * MOST, 1);
    fill(random, c, MOST * (MOST + 1), 1);
    memcpy(before, c, sizeof(c));
    struct kernel_product product = {.c = c, .a = a, .b = b, .c_stride = MOST + 1, .b_stride = MOST, .m = m, .n = n, .k = k};
    product.a_row = turned ? 1 : MOST;
    product.a_column = turned ? MOST : 1;
    table->product_add(&product);
    for (size_t i = 0; i < MOST; i++)
        for (size_t j = 0; j < MOST + 1; j++) {
            double sum = (double)before[i * (MOST + 1) + j];
            for (size_t p = 0; p < k && i < m && j < n; p++)
                sum += (double)a[turned ? p * MOST + i : i * MOST + p] * (double)b[p * MOST + j];
            near(table->name, c[i * (MOST + 1) + j], sum, i < m && j < n ? 2e-5 : 0);
        }
}

static void small_products(void **state)
{
    (void)state;
    size_t tables;
    const struct kernels *const *all = kernels_available(&tables);
    struct random random;
    random_init(&random, 11);
    for (size_t t = 0; t < tables; t++)
        for (size_t i = 0; i < 150; i++)
            check_product(all[t], &random, 1 + random_below(&random, MOST), 1 + random_below(&random, MOST),
                          1 + random_below(&random, MOST), i % 2 == 1);
}

static void adam_steps(void **state)
{
    (void)state;
    size_t tables;
    const struct kernels *const *all = kernels_available(&tables);
    const struct kernel_adam step = {0.999F, 0.9F, 0.99F, 0.01F, 3, 1e-4F, 0.5F};
    struct random random;
    random_init(&random, 12);
    for (size_t t = 0; t < tables; t++)
        for (size_t count = 0; count < MOST; count++) {
            float w[MOST], g[MOST], m[MOST], v[MOST], w0[MOST], g0[MOST], m0[MOST], v0[MOST];
            fill(&random, w, MOST, 1);
            fill(&random, g, MOST, 1);
            fill(&random, m, MOST, 1);
            fill(&random, v, MOST, 1);
            for (size_t i = 0; i < MOST; i++)
                v[i] = fabsf(v[i]);
            memcpy(w0, w, sizeof(w));
            memcpy(g0, g, sizeof(g));
            memcpy(m0, m, sizeof(m));
            memcpy(v0, v, sizeof(v));
            all[t]->adam(w, g, m, v, &step, count);
            for (size_t i = 0; i < MOST; i++) {
                bool within = i < count;
                double gradient = 0.5 * (double)g0[i], first = 0.9 * (double)m0[i] + 0.1 * gradient;
                double second = 0.99 * (double)v0[i] + 0.01 * gradient * gradient;
                near("g", g[i], within ? 0 : (double)g0[i], 0);
                near("m", m[i], within ? first : (double)m0[i], within ? 1e-6 : 0);
                near("v", v[i], within ? second : (double)v0[i], within ? 1e-6 : 0);
                near("w", w[i], within ? (double)w0[i] * 0.999 - 0.01 * first / (sqrt(second) * 3 + 1e-4) : (double)w0[i],
                     within ? 1e-5 : 0);
            }
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

/* As a linear layer's three products need them: b turned, plain, and a turned and added up. */
static void check_plain(struct product_lane *lane, struct random *random, size_t m, size_t n, size_t k, unsigned kind)
{
    size_t a_count = m * k, b_count = k * n;
    float *a = memory_alloc(a_count, sizeof(*a)), *b = memory_alloc(b_count, sizeof(*b)),
          *out = memory_alloc(m * n, sizeof(*out));
    fill(random, a, a_count, 1);
    fill(random, b, b_count, 1);
    fill(random, out, m * n, 1);
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
    gemm_product(lane, &product);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = add ? (double)before[i * n + j] : 0;
            for (size_t p = 0; p < k; p++)
                sum += (double)a[a_turned ? p * m + i : i * k + p] * (double)b[b_turned ? j * k + p : p * n + j];
            near("product", out[i * n + j], sum, 1e-4);
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
    random_init(&random, 13);
    for (unsigned i = 0; i < 60; i++)
        check_plain(lane, &random, 1 + random_below(&random, 90), 1 + random_below(&random, 90), 1 + random_below(&random, 90),
                    i % 3);
    expect_ok(product_lane_finish(lane, &error), &error);
    product_lane_free(lane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slopes), cmocka_unit_test(small_products), cmocka_unit_test(adam_steps),
                                       cmocka_unit_test(drops), cmocka_unit_test(plain_products)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
