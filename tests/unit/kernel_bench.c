/* kernel_bench.c - times the kernels: the best of many rounds, data in the first caches. */
#include "kernel_bench.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 21, ROW = 1536, TOKENS = 256, HEADS_WIDE = 64, MANY_ROWS = 64, MANY_SIZE = 384, SIDE = 128 };

struct bench {
    uint32_t numbers[KERNEL_BLOCK];
    float scores[KERNEL_BLOCK], norms[KERNEL_BLOCK];
    unsigned char packed[512];
    unsigned bits;
    uint16_t window[16384], thresholds[KERNEL_CLASSES];
    uint8_t classes[16384];
    float a[ROW], b[ROW], c[ROW], out[ROW], zeros[ROW];
    uint16_t halves_a[ROW], halves_b[ROW];
    int8_t bytes_a[ROW], bytes_b[ROW];
    uint8_t bytes_out[ROW];
    int32_t whole_a[ROW], whole_b[ROW];
    int8_t many[MANY_ROWS * MANY_SIZE];
    uint32_t many_numbers[MANY_ROWS];
    size_t count;
    volatile float sink;
    struct kernel_attention task;
    float matrices[3][SIDE * SIDE];
    struct kernel_product product;
    uint8_t rows8[MANY_ROWS * MANY_SIZE];
    int8_t panel[MANY_SIZE * MANY_SIZE];
    int32_t sums[MANY_ROWS * MANY_SIZE];
};

typedef void (*bench_round)(const struct kernels *table, struct bench *bench);

/* Nanoseconds for one call: each round takes about a millisecond. */
static double best_ns(bench_round round, const struct kernels *table, struct bench *bench)
{
    enum { ROUND_NS = 1000000 };
    double best = 1e30;
    uint64_t start = clock_now_ns();
    round(table, bench);
    uint64_t once = clock_now_ns() - start;
    size_t calls = ROUND_NS / (once + 20) + 1;
    for (int i = 0; i < ROUNDS; i++) {
        start = clock_now_ns();
        for (size_t j = 0; j < calls; j++)
            round(table, bench);
        best = fmin(best, (double)(clock_now_ns() - start) / (double)calls);
    }
    return best;
}

#define ROUND(NAME, CALL)                                                                                                      \
    static void round_##NAME(const struct kernels *table, struct bench *x)                                                     \
    {                                                                                                                          \
        CALL;                                                                                                                  \
    }

ROUND(unpack, table->unpack(x->numbers, x->packed, x->bits))
ROUND(ascending, table->unpack_ascending(x->numbers, x->packed, x->bits, 7))
ROUND(bm25, table->bm25(x->scores, x->numbers, x->norms, 2, KERNEL_BLOCK))
/* A window of sums none of which reaches: loading, comparing and clearing. */
ROUND(reach, table->reach(x->numbers, x->window, x->classes, x->thresholds, ARRAY_COUNT(x->window)))
ROUND(dot, x->sink = table->dot(x->a, x->b, x->count))
ROUND(dot_bf16, x->sink = table->dot_bf16(x->halves_a, x->halves_b, x->count))
ROUND(dot_i8, x->sink = (float)table->dot_i8(x->bytes_a, x->bytes_b, x->count))
ROUND(distance, x->sink = table->distance(x->a, x->b, x->count))
ROUND(distance_bf16, x->sink = table->distance_bf16(x->halves_a, x->halves_b, x->count))
ROUND(distance_i8, x->sink = (float)table->distance_i8(x->bytes_a, x->bytes_b, x->count))
ROUND(add, table->add(x->out, x->a, x->count))
ROUND(maximum, table->maximum(x->out, x->a, x->count))
ROUND(scale, table->scale(x->out, x->a, 1.5F, x->count))
ROUND(to_bf16, table->to_bf16(x->halves_a, x->a, x->count))
ROUND(from_bf16, table->from_bf16(x->out, x->halves_a, x->count))
ROUND(quantize, x->sink = table->quantize(x->bytes_out, x->a, x->count).step)
ROUND(quantize_bf16, x->sink = table->quantize_bf16(x->bytes_out, x->halves_a, x->count).step)
ROUND(dequantize, table->dequantize(x->out, x->whole_a, &(struct kernel_unit){0.03F, 3, {2, 3}},
                                    &(struct kernel_weights8){x->b, x->whole_b, {x->a, x->b}}, x->count))
#define TILE_OF_A_ROW                                                                                                          \
    (&(struct kernel_tile8){.sums = x->whole_a,                                                                                \
                            .units = &(struct kernel_unit){0.03F, 3, {2, 3}},                                                  \
                            .weights = {x->b, x->whole_b, {x->a, x->b}},                                                       \
                            .bias = x->c,                                                                                      \
                            .rows = 1,                                                                                         \
                            .columns = x->count})
ROUND(dequantize_bias, table->dequantize_bias(x->out, TILE_OF_A_ROW))
ROUND(dequantize_bias_bf16, table->dequantize_bias_bf16(x->halves_b, TILE_OF_A_ROW))
ROUND(dequantize_bias_add, table->dequantize_bias_add(x->out, TILE_OF_A_ROW))
ROUND(dequantize_bias_gelu_bf16, table->dequantize_bias_gelu_bf16(x->halves_b, TILE_OF_A_ROW))
ROUND(bias, table->bias(x->out, x->a, x->b, x->count))
ROUND(bias_add, table->bias_add(x->out, x->a, x->b, x->count))
ROUND(bias_gelu, table->bias_gelu(x->out, x->a, x->b, x->count))
ROUND(bias_gelu_bf16, table->bias_gelu_bf16(x->halves_b, x->a, x->b, x->count))
ROUND(bias_gelu_tanh, table->bias_gelu_tanh(x->out, x->a, x->b, x->count))
ROUND(bias_silu, table->bias_silu(x->out, x->a, x->b, x->count))
ROUND(bias_relu, table->bias_relu(x->out, x->a, x->b, x->count))
ROUND(multiply, table->multiply(x->out, x->a, x->b, x->count))
ROUND(layer_norm, table->layer_norm(x->out, x->a, x->b, x->c, 1e-5F, x->count))
ROUND(softmax, table->softmax(x->out, x->a, x->count))
ROUND(dots_i8, table->dots_i8(x->whole_a, x->bytes_a, x->count, x->many, x->many_numbers, MANY_ROWS, MANY_SIZE))
/* Again and again over the same numbers, so such that they stay what they are: smaller and smaller ones would in the end be slow. */
ROUND(gelu_slope, table->gelu_slope(x->zeros, x->a, x->count))
ROUND(softmax_slope, table->softmax_slope(x->zeros, x->a, 0.1F, x->count))
ROUND(turn, table->turn(x->out, x->count / 32, x->a, 32, x->count / 32, 32))
ROUND(drop, table->drop(x->zeros, &(struct kernel_drop){.threshold = 6554, .factor = 1.25F}, x->count))
ROUND(adam, table->adam(x->c, x->zeros, x->a, x->b, &(struct kernel_adam){1, 1, 1, 1e-9F, 1, 1e-4F, 1}, x->count))
ROUND(product_add, table->product_add(&x->product))
ROUND(multiply8, table->multiply8(x->sums, x->rows8, x->panel, x->count, MANY_SIZE, MANY_SIZE))
ROUND(attention, table->attention(&x->task))
ROUND(attention_bf16, table->attention_bf16(&x->task))
ROUND(attention_halves, table->attention_halves(&x->task))

static void bench_postings(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    printf("nanoseconds for a block of %d\n%-14s %12s %12s %12s %12s %12s\n", KERNEL_BLOCK, "table", "unpack 3", "ascending 7",
           "ascending 13", "bm25", "reach");
    for (size_t i = 0; i < KERNEL_CLASSES; i++)
        bench->thresholds[i] = (uint16_t)(1000 + i);
    for (size_t t = 0; t < count; t++) {
        bench->bits = 3;
        double unpack = best_ns(round_unpack, tables[t], bench), bm25 = best_ns(round_bm25, tables[t], bench);
        bench->bits = 7;
        double seven = best_ns(round_ascending, tables[t], bench);
        bench->bits = 13;
        double thirteen = best_ns(round_ascending, tables[t], bench);
        double reach = best_ns(round_reach, tables[t], bench) * KERNEL_BLOCK / ARRAY_COUNT(bench->window);
        printf("%-14s %12.1f %12.1f %12.1f %12.1f %12.1f\n", tables[t]->name, unpack, seven, thirteen, bm25, reach);
    }
}

static void bench_rows(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    static const struct {
        const char *name;
        bench_round round;
    } kernels[] = {
        {"dot", round_dot},
        {"dot_bf16", round_dot_bf16},
        {"dot_i8", round_dot_i8},
        {"distance", round_distance},
        {"distance_bf16", round_distance_bf16},
        {"distance_i8", round_distance_i8},
        {"add", round_add},
        {"maximum", round_maximum},
        {"scale", round_scale},
        {"to_bf16", round_to_bf16},
        {"from_bf16", round_from_bf16},
        {"quantize", round_quantize},
        {"quantize_bf16", round_quantize_bf16},
        {"dequantize", round_dequantize},
        {"dequantize_bias", round_dequantize_bias},
        {"dequantize_bias_bf16", round_dequantize_bias_bf16},
        {"dequantize_bias_add", round_dequantize_bias_add},
        {"dequantize_bias_gelu_bf16", round_dequantize_bias_gelu_bf16},
        {"bias", round_bias},
        {"bias_add", round_bias_add},
        {"bias_gelu", round_bias_gelu},
        {"bias_gelu_bf16", round_bias_gelu_bf16},
        {"bias_gelu_tanh", round_bias_gelu_tanh},
        {"bias_silu", round_bias_silu},
        {"bias_relu", round_bias_relu},
        {"multiply", round_multiply},
        {"layer_norm", round_layer_norm},
        {"softmax", round_softmax},
        {"gelu_slope", round_gelu_slope},
        {"softmax_slope", round_softmax_slope},
        {"turn", round_turn},
        {"drop", round_drop},
        {"adam", round_adam},
    };
    static const size_t sizes[] = {384, ROW};
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++) {
        bench->count = sizes[s];
        printf("\n10⁹ numbers a second, rows of %zu\n%-26s", sizes[s], "");
        for (size_t t = 0; t < count; t++)
            printf(" %12s", tables[t]->name);
        for (size_t k = 0; k < ARRAY_COUNT(kernels); k++) {
            printf("\n%-26s", kernels[k].name);
            for (size_t t = 0; t < count; t++)
                printf(" %12.2f", (double)sizes[s] / best_ns(kernels[k].round, tables[t], bench));
        }
        printf("\n");
    }
}

static void bench_many_rows(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    printf("\nnanoseconds for a row of %d, dots_i8 with %d rows by number\n%-14s %12s %12s %12s\n", MANY_SIZE, MANY_ROWS,
           "table", "1 query", "2 queries", "4 queries");
    for (uint32_t i = 0; i < MANY_ROWS; i++)
        bench->many_numbers[i] = i * 29 % MANY_ROWS;
    for (size_t t = 0; t < count; t++) {
        printf("%-14s", tables[t]->name);
        for (bench->count = 1; bench->count <= 4; bench->count *= 2)
            printf(" %12.2f", best_ns(round_dots_i8, tables[t], bench) / MANY_ROWS);
        printf("\n");
    }
}

/* A row's sums by 8-bit products with 384 columns. */
static void bench_multiply8(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    static const size_t rows[] = {1, 4, 8, 12, 24, MANY_ROWS};
    printf("\nmultiply8 with %d x %d, 10⁹ operations a second\n%-14s", MANY_SIZE, MANY_SIZE, "rows");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        printf(" %12zu", rows[i]);
    printf("\n");
    for (size_t t = 0; t < count; t++) {
        if (tables[t]->multiply8 == NULL)
            continue;
        printf("%-14s", tables[t]->name);
        for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
            bench->count = rows[i];
            double operations = 2.0 * MANY_SIZE * MANY_SIZE * (double)rows[i];
            printf(" %12.1f", operations / best_ns(round_multiply8, tables[t], bench));
        }
        printf("\n");
    }
}

/* The products of a head's attention backwards: scores, values, and those turned. */
static void bench_product_add(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    static const struct {
        size_t m, n, k;
        bool turned;
    } sizes[] = {{SIDE, SIDE, 32, false}, {SIDE, 32, SIDE, false}, {SIDE, 32, SIDE, true}, {20, 32, 20, false}};
    printf("\nproduct_add, 10⁹ flops a second\n%-26s", "m x n x k");
    for (size_t t = 0; t < count; t++)
        printf(" %12s", tables[t]->name);
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        size_t m = sizes[i].m, n = sizes[i].n, k = sizes[i].k;
        bool turned = sizes[i].turned;
        bench->product = (struct kernel_product){.c = bench->matrices[0],
                                                 .a = bench->matrices[1],
                                                 .b = bench->matrices[2],
                                                 .c_stride = n,
                                                 .a_row = turned ? 1 : k,
                                                 .a_column = turned ? m : 1,
                                                 .b_stride = n,
                                                 .m = m,
                                                 .n = n,
                                                 .k = k};
        printf("\n%3zu x %3zu x %3zu%-11s", m, n, k, turned ? ", a turned" : "");
        for (size_t t = 0; t < count; t++)
            printf(" %12.1f", (double)(2 * m * n * k) / best_ns(round_product_add, tables[t], bench));
    }
    printf("\n");
}

enum { STRIDE = 384, ATTENTION_ROWS = TOKENS + KERNEL_ATTENTION_ROWS };

struct bench_matrix {
    float *numbers; /* [ATTENTION_ROWS, 3 * STRIDE]: q, k and v beside one another */
    uint16_t *halves; /* the same */
    float *out;
};

/* Four flops for each number of a head and each pair of tokens. */
static void bench_attention(struct bench *bench, const struct kernels *const *tables, size_t count,
                            const struct bench_matrix *matrix, size_t many, size_t size)
{
    static const struct {
        const char *name;
        bench_round round;
    } kinds[] = {
        {"attention", round_attention}, {"attention_bf16", round_attention_bf16}, {"attention_halves", round_attention_halves}};
    bench->task = (struct kernel_attention){.q = matrix->numbers,
                                            .k = matrix->numbers + STRIDE,
                                            .v = matrix->numbers + (size_t)2 * STRIDE,
                                            .q_bf16 = matrix->halves,
                                            .k_bf16 = matrix->halves + STRIDE,
                                            .v_bf16 = matrix->halves + (size_t)2 * STRIDE,
                                            .stride = (size_t)3 * STRIDE,
                                            .out = matrix->out,
                                            .out_stride = STRIDE,
                                            .count = many,
                                            .head_size = size,
                                            .scale = 0.17F,
                                            .scratch = memory_alloc(kernel_attention_scratch(many, size), sizeof(float))};
    for (size_t kind = 0; kind < ARRAY_COUNT(kinds); kind++) {
        printf("\n%4zu x %-3zu %-15s", many, size, kinds[kind].name);
        for (size_t t = 0; t < count; t++)
            if (kinds[kind].round == round_attention_halves && tables[t]->attention_halves == NULL)
                printf(" %12s", "-");
            else
                printf(" %12.1f", (double)(4 * many * many * size) / best_ns(kinds[kind].round, tables[t], bench));
    }
    free(bench->task.scratch);
}

static void bench_attentions(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    static const size_t tokens[] = {20, 128, TOKENS}, sizes[] = {32, HEADS_WIDE};
    const size_t number_count = (size_t)ATTENTION_ROWS * 3 * STRIDE;
    struct bench_matrix matrix = {.numbers = memory_alloc(number_count, sizeof(float)),
                                  .halves = memory_alloc(number_count, sizeof(uint16_t)),
                                  .out = memory_alloc((size_t)TOKENS * STRIDE, sizeof(float))};
    struct random random;
    random_init(&random, 1);
    for (size_t i = 0; i < number_count; i++)
        matrix.numbers[i] = (float)(random_unit(&random) * 4 - 2);
    tables[0]->to_bf16(matrix.halves, matrix.numbers, number_count);
    printf("\nattention, attention_bf16 (rounded to bf16 where that is faster) and attention_halves, 10⁹ flops a second\n%-26s",
           "tokens x head");
    for (size_t t = 0; t < count; t++)
        printf(" %12s", tables[t]->name);
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++)
        for (size_t i = 0; i < ARRAY_COUNT(tokens); i++)
            bench_attention(bench, tables, count, &matrix, tokens[i], sizes[s]);
    printf("\n");
    free(matrix.numbers);
    free(matrix.halves);
    free(matrix.out);
}

int kernel_bench(void)
{
    size_t count;
    const struct kernels *const *tables = kernels_available(&count);
    struct bench *bench = memory_alloc(1, sizeof(*bench));
    struct random random;
    random_init(&random, 1);
    for (size_t i = 0; i < sizeof(bench->packed); i++)
        bench->packed[i] = (unsigned char)random_u64(&random);
    for (size_t i = 0; i < KERNEL_BLOCK; i++)
        bench->norms[i] = (float)random_unit(&random) + 1;
    for (size_t i = 0; i < ROW; i++) {
        bench->a[i] = (float)(random_unit(&random) * 4 - 2);
        bench->b[i] = (float)random_unit(&random);
        bench->whole_a[i] = (int32_t)random_below(&random, 100000);
        bench->bytes_a[i] = (int8_t)random_u64(&random);
    }
    for (size_t i = 0; i < ARRAY_COUNT(bench->matrices); i++)
        for (size_t j = 0; i > 0 && j < ARRAY_COUNT(bench->matrices[i]); j++)
            bench->matrices[i][j] = (float)(random_unit(&random) * 2 - 1);
    for (size_t i = 0; i < sizeof(bench->panel); i++)
        bench->panel[i] = (int8_t)random_u64(&random);
    for (size_t i = 0; i < sizeof(bench->rows8); i++)
        bench->rows8[i] = (uint8_t)random_u64(&random);
    bench_postings(bench, tables, count);
    bench_rows(bench, tables, count);
    bench_many_rows(bench, tables, count);
    bench_multiply8(bench, tables, count);
    bench_product_add(bench, tables, count);
    bench_attentions(bench, tables, count);
    free(bench);
    return 0;
}
