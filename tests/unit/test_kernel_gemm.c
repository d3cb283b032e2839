/* test_kernel_gemm.c - products of matrices against sums in double, and the promise that all of the encoder rests on: a row gets the
 * same bits whatever tile it stands in. meson runs it once for each ASSAY_CPU.
 *
 * `test_kernel_gemm bench` prints figures of docs/kernels.md, for the level that ASSAY_CPU names. */
#include "compare.h"
#include "kernel/kernel.h"
#include "kernel_memory.h"
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

/* A matrix, what it was packed from, and a tile to multiply. */
struct product {
    struct gemm_matrix matrix;
    enum gemm_type type;
    size_t n, k;
    float *w;
    void *a; /* GEMM_TILE rows */
};

static const char *const type_names[] = {"f32", "bf16", "int8"};
static const size_t a_sizes[] = {sizeof(float), sizeof(uint16_t), 1};

static void *aligned(size_t bytes)
{
    void *memory = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    assert_non_null(memory);
    memset(memory, GUARD_BYTE, bytes);
    return memory;
}

/* Both signs and sizes that differ by a thousand, so that sums cancel and each rounding shows. */
static float number(struct random *random)
{
    double value = random_unit(random) * 2 - 1;
    return (float)(random_below(random, 8) == 0 ? value * 1000 : value);
}

static void product_release(struct product *product)
{
    gemm_release(&product->matrix);
    free(product->w);
    free(product->a);
}

/* False when the processor cannot do the type (bf16 on old ones). */
static bool product_init(struct product *product, enum gemm_type type, size_t n, size_t k, struct random *random)
{
    *product = (struct product){.type = type, .n = n, .k = k};
    product->w = memory_alloc(n * k, sizeof(float));
    product->a = aligned(GEMM_TILE * k * a_sizes[type]);
    for (size_t i = 0; i < n * k; i++)
        product->w[i] = number(random);
    for (size_t i = 0; i < GEMM_TILE * k; i++)
        if (type == GEMM_F32)
            ((float *)product->a)[i] = number(random);
        else if (type == GEMM_BF16)
            ((uint16_t *)product->a)[i] = bf16_of(number(random));
        else
            ((uint8_t *)product->a)[i] = (uint8_t)random_below(random, 256);
    struct error error = {0};
    if (gemm_pack(&product->matrix, type, product->w, n, k, &error))
        return true;
    if (strstr(error.message, type_names[type]) == NULL || strstr(error.hint, "--precision f32 or int8") == NULL)
        fail_msg("%s: \"%s\" (%s)", type_names[type], error.message, error.hint);
    if (type != GEMM_BF16 || gemm_has_bf16())
        fail_msg("%s, n %zu, k %zu: %s", type_names[type], n, k, error.message);
    product_release(product);
    return false;
}

static size_t checked_rows(size_t rows)
{
    size_t computed = gemm_rows(rows);
    if (computed < rows || computed > GEMM_TILE)
        fail_msg("a tile of %zu rows is computed with %zu", rows, computed);
    return computed;
}

/* The rows `first … first+rows` of a by all panels, into out [rows, n]: int32 or float. */
static void multiply(struct gemm_lane *lane, const struct product *product, size_t first, size_t rows, uint32_t *out)
{
    size_t computed = checked_rows(rows), row_bytes = product->k * a_sizes[product->type];
    unsigned char *a = aligned(computed * row_bytes);
    memcpy(a, (unsigned char *)product->a + first * row_bytes, rows * row_bytes);
    for (size_t i = 0; i < product->matrix.panel_count; i++) {
        struct gemm_panel panel = product->matrix.panels[i];
        uint32_t *tile = aligned(computed * panel.width * sizeof(*tile) + GUARD);
        gemm_multiply(lane, &product->matrix, i, a, rows, tile);
        for (size_t r = 0; r < rows; r++)
            memcpy(out + r * product->n + panel.first, tile + r * panel.width, panel.width * sizeof(*out));
        unsigned char *behind = (unsigned char *)(tile + computed * panel.width);
        for (size_t g = 0; g < GUARD; g++)
            if (behind[g] != GUARD_BYTE)
                fail_msg("%s, k %zu, %zu rows: written behind the tile", type_names[product->type], product->k, rows);
        free(tile);
    }
    free(a);
}

/* ---- against sums in double ---- */

static double a_value(const struct product *product, size_t at)
{
    if (product->type == GEMM_F32)
        return (double)((float *)product->a)[at];
    return (double)bf16_to_float(((uint16_t *)product->a)[at]);
}

/* k products and k additions, each rounded to 24 bits in any order: within (k + 1) · 2⁻²⁴ · Σ|a||w| and terms of second order (Higham,
 * Accuracy and Stability, 3.1), which a doubled bound holds many times. bf16: the same, for products of 8-bit fractions are exact;
 * numbers below 2⁻¹²⁶ may count as 0. */
static void check_floats(const struct product *product, size_t rows, const uint32_t *out, uint64_t seed)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < product->n; c++) {
            double sum = 0, size = 0;
            for (size_t i = 0; i < product->k; i++) {
                float w = product->w[c * product->k + i];
                double term = a_value(product, r * product->k + i) *
                              (double)(product->type == GEMM_BF16 ? bf16_to_float(bf16_of(w)) : w);
                sum += term;
                size += fabs(term);
            }
            float got;
            memcpy(&got, out + r * product->n + c, sizeof(got));
            double bound = 2 * ((double)product->k + 1) * 0x1p-24 * size + (double)product->k * 0x1p-126;
            if (!(fabs((double)got - sum) <= bound))
                fail_msg("%s, n %zu, k %zu, %zu rows: row %zu column %zu is %.9g, expected %.9g within %.3g (seed %llu)",
                         type_names[product->type], product->n, product->k, rows, r, c, (double)got, sum, bound,
                         (unsigned long long)seed);
        }
}

/* One column in 8 bits, by the formula of gemm.h once more. */
static void check_whole_column(const struct product *product, size_t c, size_t rows, const uint32_t *out, uint64_t seed)
{
    const float *w = product->w + c * product->k;
    float largest = 0;
    for (size_t i = 0; i < product->k; i++)
        largest = fmaxf(largest, fabsf(w[i]));
    float step = product->matrix.steps[c];
    float most = largest / step > 100 ? 127 : 63;
    if (step != largest / most)
        fail_msg("the step of column %zu is %.9g, the largest number %.9g", c, (double)step, (double)largest);
    int8_t *bytes = memory_alloc(product->k, 1);
    int32_t sum = 0;
    for (size_t i = 0; i < product->k; i++) {
        bytes[i] = (int8_t)nearbyintf(w[i] * (most / largest));
        sum += bytes[i];
    }
    if (product->matrix.sums[c] != sum)
        fail_msg("the sum of column %zu is %d, expected %d", c, product->matrix.sums[c], sum);
    for (size_t r = 0; r < rows; r++) {
        int32_t wanted = 0, got = (int32_t)out[r * product->n + c];
        for (size_t i = 0; i < product->k; i++)
            wanted += ((uint8_t *)product->a)[r * product->k + i] * bytes[i];
        if (got != wanted)
            fail_msg("int8, n %zu, k %zu, %zu rows: row %zu column %zu is %d, expected %d (seed %llu)", product->n, product->k,
                     rows, r, c, got, wanted, (unsigned long long)seed);
    }
    free(bytes);
}

static void check_size(struct gemm_lane *lane, enum gemm_type type, size_t n, size_t k, size_t rows, struct random *random,
                       uint64_t seed)
{
    struct product product;
    if (!product_init(&product, type, n, k, random))
        return;
    if (type == GEMM_INT8 && n > 1) { /* what saturates, if anything does: all products largest, of one sign and of both */
        memset(product.a, 255, k);
        for (size_t i = 0; i < k; i++) {
            product.w[i] = 1000;
            product.w[k + i] = i % 4 < 2 ? 1000 : -1000;
        }
        gemm_release(&product.matrix);
        expect_ok(gemm_pack(&product.matrix, type, product.w, n, k, &(struct error){0}), &(struct error){0});
    }
    uint32_t *out = memory_alloc(rows * n, sizeof(*out));
    multiply(lane, &product, 0, rows, out);
    if (type == GEMM_INT8)
        for (size_t c = 0; c < n; c++)
            check_whole_column(&product, c, rows, out, seed);
    else
        check_floats(&product, rows, out, seed);
    free(out);
    product_release(&product);
}

static void expect_finished(struct gemm_lane *lane)
{
    struct error error = {0};
    expect_ok(gemm_lane_finish(lane, &error), &error);
}

static void products(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,   2,   3,   5,   15,  16,  17,  31,  33,  63,  64,  65,
                                   100, 127, 128, 129, 191, 255, 256, 257, 383, 384, 513, 700};
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    struct gemm_lane *lane = gemm_lane_create();
    for (enum gemm_type type = GEMM_F32; type <= GEMM_INT8; type++)
        for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
            size_t rows = 1 + random_below(&random, GEMM_TILE);
            check_size(lane, type, sizes[i], sizes[random_below(&random, ARRAY_COUNT(sizes))], rows, &random, seed);
            check_size(lane, type, 1 + random_below(&random, 300), sizes[i], 1 + i % 9, &random, seed);
        }
    expect_finished(lane);
    gemm_lane_free(lane);
}

/* ---- matrices that change ---- */

static void change_all(struct gemm_lane *lane, struct gemm_matrix *matrix, const float *w)
{
    for (size_t panel = 0; panel < matrix->panel_count; panel++)
        gemm_change(lane, matrix, panel, w);
}

static void check_changing(struct gemm_lane *lane, enum gemm_type type, size_t n, size_t k, struct random *random,
                           uint64_t seed)
{
    struct product product;
    struct error error = {0};
    if (!product_init(&product, type, n, k, random))
        return;
    gemm_release(&product.matrix);
    bool turned = random_below(random, 2) == 1;
    struct gemm_shape shape = {.type = type, .n = n, .k = k, .turned = turned};
    shape.width = 1 + random_below(random, n < GEMM_PANEL ? n : GEMM_PANEL);
    float *w = memory_alloc(n * k, sizeof(*w)), *zeros = memory_alloc(n * k, sizeof(*zeros));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < k; j++)
            w[turned ? j * n + i : i * k + j] = product.w[i * k + j];
    expect_ok(gemm_make(&product.matrix, &shape, &error), &error);
    change_all(lane, &product.matrix, zeros);
    change_all(lane, &product.matrix, w);
    size_t rows = 1 + random_below(random, GEMM_TILE);
    uint32_t *out = memory_alloc(rows * n, sizeof(*out));
    multiply(lane, &product, 0, rows, out);
    check_floats(&product, rows, out, seed);
    free(out);
    free(w);
    free(zeros);
    product_release(&product);
}

static void changing(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    struct gemm_lane *lane = gemm_lane_create();
    for (enum gemm_type type = GEMM_F32; type <= GEMM_BF16; type++)
        for (size_t i = 0; i < 20; i++)
            check_changing(lane, type, i % 4 == 0 ? 384 : 1 + random_below(&random, 400),
                           i % 3 == 0 ? 64 : 1 + random_below(&random, 200), &random, seed);
    expect_finished(lane);
    gemm_lane_free(lane);
}

static void refusals(void **state)
{
    (void)state;
    enum { N = 3, K = 700 };
    static const float none[] = {NAN, -NAN, INFINITY, -INFINITY};
    static const size_t places[] = {0, 1, 699, 700, 1023, 1024, N * K - 1};
    struct error error = {0};
    struct gemm_matrix matrix;
    float *w = memory_alloc(N * K, sizeof(*w));
    for (size_t i = 0; i < N * K; i++)
        w[i] = i % 2 ? FLT_MAX : -FLT_MIN / 4;
    for (enum gemm_type type = GEMM_F32; type <= GEMM_INT8; type++)
        for (size_t i = 0; i < ARRAY_COUNT(none) * ARRAY_COUNT(places); i++) {
            size_t at = places[i / ARRAY_COUNT(none)];
            float before = w[at];
            char wanted[80];
            w[at] = none[i % ARRAY_COUNT(none)];
            snprintf(wanted, sizeof(wanted), "the weights hold %s in row %zu, column %zu", isnan(w[at]) ? "NaN" : "an infinity",
                     at / K, at % K);
            expect_error(gemm_pack(&matrix, type, w, N, K, &error), &error, ERROR_INVALID, wanted);
            gemm_release(&matrix);
            w[at] = before;
        }
    expect_ok(gemm_pack(&matrix, GEMM_F32, w, N, K, &error), &error);
    gemm_release(&matrix);
    free(w);
    w = memory_alloc(GEMM_INT8_K_MAX + 1, sizeof(*w));
    expect_error(gemm_pack(&matrix, GEMM_INT8, w, 1, GEMM_INT8_K_MAX + 1, &error), &error, ERROR_LIMIT,
                 "65537 columns, the limit is 65536");
    gemm_release(&matrix);
    free(w);
}

/* The largest sums that int8 products can have. */
static void longest_whole_sum(void **state)
{
    (void)state;
    struct gemm_matrix matrix;
    struct error error = {0};
    size_t k = GEMM_INT8_K_MAX, rows = gemm_rows(1);
    float *w = memory_alloc(k, sizeof(*w));
    uint8_t *a = aligned(rows * k);
    int32_t *out = aligned(rows * sizeof(*out));
    for (size_t i = 0; i < k; i++)
        w[i] = 1;
    memset(a, 255, rows * k);
    expect_ok(gemm_pack(&matrix, GEMM_INT8, w, 1, k, &error), &error);
    struct gemm_lane *lane = gemm_lane_create();
    gemm_multiply(lane, &matrix, 0, a, 1, out);
    expect_ok(gemm_lane_finish(lane, &error), &error);
    assert_int_equal(out[0], 255 * matrix.sums[0]);
    gemm_lane_free(lane);
    gemm_release(&matrix);
    free(out);
    free(a);
    free(w);
}

/* ---- the same bits ---- */

static void check_same_rows(struct gemm_lane *lane, enum gemm_type type, size_t n, size_t k, struct random *random,
                            uint64_t seed)
{
    struct product product;
    if (!product_init(&product, type, n, k, random))
        return;
    uint32_t *all = memory_alloc(GEMM_TILE * n, sizeof(*all)), *out = memory_alloc(GEMM_TILE * n, sizeof(*out));
    multiply(lane, &product, 0, GEMM_TILE, all);
    for (size_t rows = 1; rows <= GEMM_TILE; rows++) {
        size_t first = random_below(random, GEMM_TILE - rows + 1);
        multiply(lane, &product, first, rows, out);
        for (size_t i = 0; i < rows * n; i++)
            if (out[i] != all[first * n + i])
                fail_msg(
                    "%s %s, n %zu, k %zu: row %zu of a tile of %zu (computed with %zu) has other bits at column %zu than in "
                    "one of %d: %08x, %08x (seed %llu)",
                    kernels()->name, type_names[type], n, k, i / n, rows, gemm_rows(rows), i % n, GEMM_TILE, out[i],
                    all[first * n + i], (unsigned long long)seed);
    }
    free(all);
    free(out);
    product_release(&product);
}

static void same_bits(void **state)
{
    (void)state;
    static const size_t depths[] = {1,   3,   31,  32,  64,  65,   127,  129,  200,  255,  256,  257,  333,  384, 385,
                                    511, 512, 700, 768, 771, 1000, 1024, 1025, 1536, 2047, 2048, 3072, 4096, 4097};
    static const size_t widths[] = {1, 30, 48, 77, 128, 192, 256};
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    struct gemm_lane *lane = gemm_lane_create();
    for (enum gemm_type type = GEMM_F32; type <= GEMM_INT8; type++)
        for (size_t i = 0; i < ARRAY_COUNT(depths); i++) {
            check_same_rows(lane, type, GEMM_PANEL, depths[i], &random, seed);
            check_same_rows(lane, type, widths[i % ARRAY_COUNT(widths)], depths[i], &random, seed);
        }
    expect_finished(lane);
    gemm_lane_free(lane);
}

/* ---- several threads, one matrix ---- */

enum { THREADS = 4, ROUNDS = 20 };

struct worker {
    const struct product *product;
    const uint32_t *wanted;
    size_t number, differing;
    bool finished;
};

static void *work(void *data)
{
    struct worker *worker = data;
    const struct product *product = worker->product;
    struct gemm_lane *lane = gemm_lane_create();
    uint32_t *out = memory_alloc(GEMM_TILE * product->n, sizeof(*out));
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t first = (round + worker->number) % 40, rows = 1 + (round * 7 + worker->number) % (GEMM_TILE - first);
        multiply(lane, product, first, rows, out);
        worker->differing += memcmp(out, worker->wanted + first * product->n, rows * product->n * sizeof(*out)) != 0;
    }
    worker->finished = gemm_lane_finish(lane, &(struct error){0});
    gemm_lane_free(lane);
    free(out);
    return NULL;
}

static void threads(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed());
    for (enum gemm_type type = GEMM_F32; type <= GEMM_INT8; type++) {
        struct product product;
        if (!product_init(&product, type, 300, 100, &random)) /* of a size that no test before has made */
            continue;
        uint32_t *wanted = memory_alloc(GEMM_TILE * product.n, sizeof(*wanted));
        struct gemm_lane *lane = gemm_lane_create();
        multiply(lane, &product, 0, GEMM_TILE, wanted);
        expect_finished(lane);
        gemm_lane_free(lane);
        pthread_t ids[THREADS];
        struct worker workers[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            workers[i] = (struct worker){.product = &product, .wanted = wanted, .number = i};
            assert_int_equal(pthread_create(&ids[i], NULL, work, &workers[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++)
            pthread_join(ids[i], NULL);
        for (size_t i = 0; i < THREADS; i++) {
            assert_true(workers[i].finished);
            assert_int_equal(workers[i].differing, 0);
        }
        free(wanted);
        product_release(&product);
    }
}

/* ---- bench ---- */

enum { BENCH_ROUNDS = 300 };

/* One tile by all panels of a matrix, again and again. */
static double product_gflops(enum gemm_type type, size_t n, size_t k)
{
    float *w = memory_alloc(n * k, sizeof(float));
    struct random random;
    random_init(&random, 1);
    for (size_t i = 0; i < n * k; i++)
        w[i] = (float)(random_unit(&random) * 2 - 1);
    struct gemm_matrix matrix;
    struct error error = {0};
    double best = 1e30;
    if (gemm_pack(&matrix, type, w, n, k, &error)) {
        void *a = aligned_alloc(64, GEMM_TILE * k * sizeof(float)),
             *out = aligned_alloc(64, GEMM_TILE * GEMM_PANEL * sizeof(float));
        struct gemm_lane *lane = gemm_lane_create();
        memset(a, 0, GEMM_TILE * k * sizeof(float));
        for (int round = 0; round < BENCH_ROUNDS; round++) {
            uint64_t start = clock_now_ns();
            for (size_t panel = 0; panel < matrix.panel_count; panel++)
                gemm_multiply(lane, &matrix, panel, a, GEMM_TILE, out);
            best = fmin(best, (double)(clock_now_ns() - start));
        }
        if (!gemm_lane_finish(lane, &error))
            best = 1e30;
        gemm_lane_free(lane);
        gemm_release(&matrix);
        free(a);
        free(out);
    }
    free(w);
    return 2.0 * GEMM_TILE * (double)n * (double)k / best;
}

static int bench(void)
{
    static const size_t sizes[][2] = {{384, 384}, {1536, 384}, {384, 1536}};
    printf("products of a tile of %d rows, 10⁹ flops a second, %s\n%-8s", GEMM_TILE, kernels()->name, "");
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++)
        printf(" %6zu x %4zu", sizes[s][0], sizes[s][1]);
    for (enum gemm_type type = GEMM_F32; type <= GEMM_INT8; type++) {
        printf("\n%-8s", type_names[type]);
        for (size_t s = 0; s < ARRAY_COUNT(sizes); s++)
            printf(" %13.0f", product_gflops(type, sizes[s][0], sizes[s][1]));
    }
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "bench") == 0)
        return bench();
    enum { SKIPPED = 77 };
    const char *forced = getenv("ASSAY_CPU");
    if (forced != NULL && strcmp(kernels()->name, forced) != 0)
        return SKIPPED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads),           cmocka_unit_test(products),  cmocka_unit_test(refusals),
        cmocka_unit_test(longest_whole_sum), cmocka_unit_test(same_bits), cmocka_unit_test(changing),
    };
    return cmocka_run_group_tests_name("kernel: products of matrices", tests, NULL, NULL);
}
