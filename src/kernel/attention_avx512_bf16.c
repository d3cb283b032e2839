/* attention_avx512_bf16.c - attention in bf16 (attention_bf16_body.h) with products of pairs. */
#include "tables.h"

#if defined(__x86_64__)

#include "attention_bf16_body.h"

/* Rows and registers of columns at a time: as many sums as keep the multiplier busy. */
enum { ROWS = 8, WIDE = 2 };

static void multiply_begin(void)
{
}

/* out [ROWS, wide · LANES] = a · tiles, `pairs` of numbers deep; from a tile to the one below it are `deep_step` numbers, to the one
 * beside it `wide_step`. */
VECTOR void multiply_block(float *out, size_t out_stride, const uint16_t *a, size_t a_stride, const uint16_t *tiles,
                           size_t deep_step, size_t wide_step, size_t pairs, size_t wide)
{
    vector sums[ROWS][WIDE];
    for (size_t q = 0; q < ROWS; q++)
        for (size_t w = 0; w < wide; w++)
            sums[q][w] = v_all(0);
    for (size_t p = 0; p < pairs; p++) {
        const uint16_t *row = tiles + p / TILE * deep_step + p % TILE * DEEP;
        for (size_t q = 0; q < ROWS; q++) {
            int32_t pair;
            memcpy(&pair, a + q * a_stride + 2 * p, sizeof(pair));
            __m512bh x = (__m512bh)_mm512_set1_epi32(pair);
            for (size_t w = 0; w < wide; w++)
                sums[q][w] = _mm512_dpbf16_ps(sums[q][w], x, (__m512bh)_mm512_loadu_si512(row + w * wide_step));
        }
    }
    for (size_t q = 0; q < ROWS; q++)
        for (size_t w = 0; w < wide; w++)
            v_store(out + q * out_stride + w * LANES, sums[q][w]);
}

static void multiply_scores(const struct bf16_work *work, size_t first, size_t rows)
{
    size_t tile = (size_t)TILE * DEEP, beside = work->deep / DEEP * tile, pairs = (work->task->head_size + 1) / 2;
    for (size_t i = 0; i < rows; i += ROWS)
        for (size_t j = 0; j < work->padded; j += WIDE * LANES)
            multiply_block(work->scores + i * work->padded + j, work->padded, work->queries + (first + i) * work->stride,
                           work->stride, work->key_tiles + j / TILE * beside, tile, beside, pairs, WIDE);
}

static void multiply_values(const struct bf16_work *work, size_t rows)
{
    size_t tile = (size_t)TILE * DEEP, below = work->columns / TILE * tile, pairs = (work->task->count + 1) / 2;
    for (size_t i = 0; i < rows; i += ROWS) {
        const uint16_t *weights = work->weights + i * work->padded;
        float *out = work->out + i * work->columns;
        size_t d = 0;
        for (; d + WIDE * LANES <= work->columns; d += WIDE * LANES)
            multiply_block(out + d, work->columns, weights, work->padded, work->value_tiles + d / TILE * tile, below, tile,
                           pairs, WIDE);
        if (d < work->columns)
            multiply_block(out + d, work->columns, weights, work->padded, work->value_tiles + d / TILE * tile, below, tile,
                           pairs, 1);
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
