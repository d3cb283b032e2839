/* attention_avx512_bf16.c - attention in bf16 (attention_bf16_body.h) with products of pairs. */
#include "tables.h"

#if defined(__x86_64__)

#include "attention_bf16_body.h"

/* Rows and registers of columns at a time: as many sums as keep the multiplier busy. FEW where no more rows are left. */
enum { ROWS = 8, FEW = 4, WIDE = 2 };

static void multiply_begin(void)
{
}

/* Two matrices, and where their product goes. */
struct block {
    float *out;
    size_t out_stride;
    const uint16_t *a;
    size_t a_stride;
    const uint16_t *tiles;
    size_t deep_step, wide_step; /* numbers from a tile to the one below it, and to the one beside it */
    size_t pairs; /* of numbers that they are deep */
};

/* out [rows, wide · LANES] = a · tiles. */
VECTOR void multiply_some(const struct block *block, size_t rows, size_t wide)
{
    const struct block own = *block; /* which the compiler knows that no store changes */
    vector sums[ROWS][WIDE];
    for (size_t q = 0; q < rows; q++)
        for (size_t w = 0; w < wide; w++)
            sums[q][w] = v_all(0);
    for (size_t p = 0; p < own.pairs; p++) {
        const uint16_t *row = own.tiles + p / TILE * own.deep_step + p % TILE * DEEP;
        for (size_t q = 0; q < rows; q++) {
            int32_t pair;
            memcpy(&pair, own.a + q * own.a_stride + 2 * p, sizeof(pair));
            __m512bh x = (__m512bh)_mm512_set1_epi32(pair);
            for (size_t w = 0; w < wide; w++)
                sums[q][w] = _mm512_dpbf16_ps(sums[q][w], x, (__m512bh)_mm512_loadu_si512(row + w * own.wide_step));
        }
    }
    for (size_t q = 0; q < rows; q++)
        for (size_t w = 0; w < wide; w++)
            v_store(own.out + q * own.out_stride + w * LANES, sums[q][w]);
}

/* The same for all rows, the last ones of which are filled up to FEW or ROWS. */
VECTOR void multiply_all(struct block block, size_t rows, size_t wide)
{
    size_t i = 0;
    for (; i + FEW < rows; i += ROWS, block.out += ROWS * block.out_stride, block.a += ROWS * block.a_stride)
        multiply_some(&block, ROWS, wide);
    if (i < rows)
        multiply_some(&block, FEW, wide);
}

static void multiply_scores(const struct bf16_work *work, size_t first, size_t rows)
{
    size_t tile = (size_t)TILE * DEEP, beside = work->deep / DEEP * tile;
    struct block block = {.out_stride = work->padded,
                          .a = work->queries + first * work->stride,
                          .a_stride = work->stride,
                          .deep_step = tile,
                          .wide_step = beside,
                          .pairs = (work->task->head_size + 1) / 2};
    for (size_t j = 0; j < work->padded; j += WIDE * LANES) {
        block.out = work->scores + j;
        block.tiles = work->key_tiles + j / TILE * beside;
        multiply_all(block, rows, WIDE);
    }
}

static void multiply_values(const struct bf16_work *work, size_t rows)
{
    size_t tile = (size_t)TILE * DEEP;
    struct block block = {.out_stride = work->columns,
                          .a = work->weights,
                          .a_stride = work->padded,
                          .deep_step = work->columns / TILE * tile,
                          .wide_step = tile,
                          .pairs = (work->task->count + 1) / 2};
    for (size_t d = 0; d < work->columns; d += WIDE * LANES) {
        block.out = work->out + d;
        block.tiles = work->value_tiles + d / TILE * tile;
        if (d + WIDE * LANES <= work->columns)
            multiply_all(block, rows, WIDE);
        else
            multiply_all(block, rows, 1);
    }
}

static void multiply_end(void)
{
}

void kernels_attention_avx512_bf16(struct kernels *kernels)
{
    attention_f32 = kernels->attention;
    kernels->attention_bf16 = attention_either;
    kernels->attention_halves = attention_bf16;
}

#else
void kernels_attention_avx512_bf16(struct kernels *kernels)
{
    (void)kernels;
}
#endif
