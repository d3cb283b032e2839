/* kernel_bench.c - times the kernels: the best of many rounds, data in the first caches. */
#include "kernel_bench.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 21, ROW = 1536, TOKENS = 256, HEADS_WIDE = 64, MANY_ROWS = 64, MANY_SIZE = 384 };

struct bench {
    uint32_t numbers[KERNEL_BLOCK];
    float scores[KERNEL_BLOCK], norms[KERNEL_BLOCK];
    unsigned char packed[512];
    unsigned bits;
    uint16_t window[16384], thresholds[KERNEL_CLASSES];
    uint8_t classes[16384];
    float a[ROW], b[ROW], c[ROW], out[ROW];
    uint16_t halves_a[ROW], halves_b[ROW];
    int8_t bytes_a[ROW], bytes_b[ROW];
    uint8_t bytes_out[ROW];
    int32_t whole_a[ROW], whole_b[ROW];
    int8_t many[MANY_ROWS * MANY_SIZE];
    uint32_t many_numbers[MANY_ROWS];
    size_t count;
    volatile float sink;
    struct kernel_attention task;
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
ROUND(dequantize_gelu,
      table->dequantize_bias_gelu_bf16(x->halves_b, &(struct kernel_tile8){.sums = x->whole_a,
                                                                           .units = &(struct kernel_unit){0.03F, 3, {2, 3}},
                                                                           .weights = {x->b, x->whole_b, {x->a, x->b}},
                                                                           .bias = x->c,
                                                                           .rows = 1,
                                                                           .columns = x->count}))
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
ROUND(attention, table->attention_bf16(&x->task))

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
        {"dequantize_bias_gelu_bf16", round_dequantize_gelu},
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
    };
    static const size_t sizes[] = {384, ROW};
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++) {
        bench->count = sizes[s];
        printf("\n10⁹ numbers a second, rows of %zu\n%-16s", sizes[s], "");
        for (size_t t = 0; t < count; t++)
            printf(" %12s", tables[t]->name);
        for (size_t k = 0; k < ARRAY_COUNT(kernels); k++) {
            printf("\n%-16s", kernels[k].name);
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

/* Four flops for each number of a head and each pair of tokens. */
static void bench_attention(struct bench *bench, const struct kernels *const *tables, size_t count)
{
    static const size_t tokens[] = {20, 128, TOKENS}, sizes[] = {32, HEADS_WIDE};
    enum { STRIDE = 384 };
    float *matrix = memory_alloc(TOKENS * 3 * STRIDE, sizeof(float)), *out = memory_alloc(TOKENS * STRIDE, sizeof(float));
    struct random random;
    random_init(&random, 1);
    for (size_t i = 0; i < (size_t)TOKENS * 3 * STRIDE; i++)
        matrix[i] = (float)(random_unit(&random) * 4 - 2);
    printf("\nattention (rounded to bf16 where that is faster), 10⁹ flops a second\n%-16s", "tokens x head");
    for (size_t t = 0; t < count; t++)
        printf(" %12s", tables[t]->name);
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++)
        for (size_t i = 0; i < ARRAY_COUNT(tokens); i++) {
            size_t size = sizes[s], many = tokens[i];
            float *scratch = memory_alloc(kernel_attention_scratch(many, size), sizeof(float));
            bench->task = (struct kernel_attention){.q = matrix,
                                                    .k = matrix + STRIDE,
                                                    .v = matrix + (size_t)2 * STRIDE,
                                                    .stride = (size_t)3 * STRIDE,
                                                    .out = out,
                                                    .out_stride = STRIDE,
                                                    .count = many,
                                                    .head_size = size,
                                                    .scale = 0.17F,
                                                    .scratch = scratch};
            printf("\n%4zu x %-9zu", many, size);
            for (size_t t = 0; t < count; t++)
                printf(" %12.1f", (double)(4 * many * many * size) / best_ns(round_attention, tables[t], bench));
            free(scratch);
        }
    printf("\n");
    free(matrix);
    free(out);
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
    bench_postings(bench, tables, count);
    bench_rows(bench, tables, count);
    bench_many_rows(bench, tables, count);
    bench_attention(bench, tables, count);
    free(bench);
    return 0;
}
