/* attention_body.h - attention, once for every width of register (see vectors_body.h).
 *
 * Keys are turned once, so that one register holds one number of LANES keys, and laid block behind block; then QUERIES rows of queries
 * meet BLOCK keys at a time:
 *
 *   keys    k[j][d]  ─▶  turned[block][d][j]
 *   scores  s[q][j] = Σ_d q[q][d] · turned[d][j]     QUERIES × KEY_VECTORS registers at a time
 *   out     o[q][d] += p[q][j] · v[j][d]             QUERIES × VALUE_VECTORS registers at a time
 *
 * Between blocks only the running maximum, the running sums and o are kept; all are scaled when the maximum grows. */
#ifndef KERNEL_ATTENTION_BODY_H
#define KERNEL_ATTENTION_BODY_H

#include "tables.h"
#include "vector_turn.h"
#include "vectors_body.h"

#if defined(__SSE4_1__) || defined(__aarch64__)

enum { BLOCK = 64, VALUE_VECTORS = KEY_VECTORS };

/* The state of QUERIES rows while they go over the keys. Those past `count` are the first one once more. */
struct attention_rows {
    const struct kernel_attention *task;
    const float *turned;
    const float *values; /* [count, value_stride] */
    size_t value_stride; /* head_size rounded up to LANES */
    size_t first, count; /* queries */
    const float *queries[QUERIES];
    float scores[QUERIES][BLOCK];                 /* of one block, then their exponentials */
    float largest[QUERIES], sums[QUERIES][LANES]; /* so far */
    float out[QUERIES][KERNEL_HEAD_SIZE_MAX];
};

/* The scores of `wide` registers of keys from `at` in the block on. */
VECTOR void scores_of(struct attention_rows *rows, size_t block, size_t at, size_t wide)
{
    vector sums[QUERIES][KEY_VECTORS];
    for (size_t q = 0; q < QUERIES; q++)
        for (size_t j = 0; j < wide; j++)
            sums[q][j] = v_all(0);
    size_t head_size = rows->task->head_size;
    const float *key = rows->turned + block * head_size + at * LANES;
    for (size_t d = 0; d < head_size; d++, key += BLOCK)
        for (size_t q = 0; q < QUERIES; q++) {
            vector x = v_all(rows->queries[q][d]);
            for (size_t j = 0; j < wide; j++)
                sums[q][j] = v_fma(x, v_load(key + j * LANES), sums[q][j]);
        }
    vector factor = v_all(rows->task->scale);
    for (size_t q = 0; q < QUERIES; q++)
        for (size_t j = 0; j < wide; j++)
            v_store(rows->scores[q] + (at + j) * LANES, v_mul(sums[q][j], factor));
}

/* Adds the bias by distance, and puts what query q does not see of the block's first `many` places out of the way. */
VECTOR void mask_scores(struct attention_rows *rows, size_t q, size_t block, size_t keys, size_t many)
{
    const struct kernel_attention *task = rows->task;
    float *scores = rows->scores[q];
    size_t position = rows->first + q, begin = 0, end = keys;
    if (task->window > 0 && position > task->window && position - task->window > block)
        begin = position - task->window - block;
    if (task->window > 0 && block + keys > position && block + keys - position - 1 > task->window)
        end = position + task->window + 1 > block ? position + task->window + 1 - block : 0;
    if (begin > end)
        begin = end;
    if (task->bias != NULL) {
        const float *bias = task->bias + ((ptrdiff_t)block - (ptrdiff_t)position);
        size_t j = 0;
        for (; j + LANES <= keys; j += LANES)
            v_store(scores + j, v_add(v_load(scores + j), v_load(bias + j)));
        for (; j < keys; j++)
            scores[j] += bias[j];
    }
    for (size_t j = 0; j < begin && j < many; j++)
        scores[j] = -INFINITY;
    for (size_t j = end; j < many; j++)
        scores[j] = -INFINITY;
}

/* Scales what a row has so far to its new maximum. */
VECTOR void rescale(struct attention_rows *rows, size_t q, float largest, size_t head_vectors)
{
    vector factor = v_exp_below(v_all(rows->largest[q] - largest));
    rows->largest[q] = largest;
    v_store(rows->sums[q], v_mul(v_load(rows->sums[q]), factor));
    for (size_t d = 0; d < head_vectors; d++)
        v_store(rows->out[q] + d * LANES, v_mul(v_load(rows->out[q] + d * LANES), factor));
}

/* Turns a row's scores into exponentials against its running maximum. */
VECTOR void exponentials(struct attention_rows *rows, size_t q, size_t vectors, size_t head_vectors)
{
    float *scores = rows->scores[q];
    vector most = v_load(scores);
    for (size_t j = 1; j < vectors; j++)
        most = v_max(most, v_load(scores + j * LANES));
    float largest = v_largest(most);
    if (largest > rows->largest[q])
        rescale(rows, q, largest, head_vectors);
    /* nothing seen so far: any maximum makes zeros of them */
    vector m = v_all(rows->largest[q] == -INFINITY ? 0 : rows->largest[q]), sum = v_load(rows->sums[q]);
    for (size_t j = 0; j < vectors; j++) {
        vector e = v_exp_below(v_sub(v_load(scores + j * LANES), m));
        v_store(scores + j * LANES, e);
        sum = v_add(sum, e);
    }
    v_store(rows->sums[q], sum);
}

/* out += exponentials · values, for `wide` registers of the head from `at` on. */
VECTOR void values_of(struct attention_rows *rows, size_t block, size_t keys, size_t at, size_t wide)
{
    vector sums[QUERIES][VALUE_VECTORS];
    for (size_t q = 0; q < QUERIES; q++)
        for (size_t d = 0; d < wide; d++)
            sums[q][d] = v_load(rows->out[q] + (at + d) * LANES);
    const float *value = rows->values + block * rows->value_stride + at * LANES;
    for (size_t j = 0; j < keys; j++, value += rows->value_stride)
        for (size_t q = 0; q < QUERIES; q++) {
            vector p = v_all(rows->scores[q][j]);
            for (size_t d = 0; d < wide; d++)
                sums[q][d] = v_fma(p, v_load(value + d * LANES), sums[q][d]);
        }
    for (size_t q = 0; q < QUERIES; q++)
        for (size_t d = 0; d < wide; d++)
            v_store(rows->out[q] + (at + d) * LANES, sums[q][d]);
}

static void attention_block(struct attention_rows *rows, size_t block)
{
    const struct kernel_attention *task = rows->task;
    size_t keys = task->count - block < BLOCK ? task->count - block : BLOCK;
    size_t vectors = (keys + LANES - 1) / LANES, head_vectors = rows->value_stride / LANES, at = 0;
    for (; at + KEY_VECTORS <= vectors; at += KEY_VECTORS)
        scores_of(rows, block, at, KEY_VECTORS);
    for (; at < vectors; at++)
        scores_of(rows, block, at, 1);
    bool masked = keys % LANES > 0 || task->window > 0 || task->bias != NULL;
    for (size_t q = 0; q < rows->count; q++) {
        if (masked)
            mask_scores(rows, q, block, keys, vectors * LANES);
        exponentials(rows, q, vectors, head_vectors);
    }
    for (at = 0; at + VALUE_VECTORS <= head_vectors; at += VALUE_VECTORS)
        values_of(rows, block, keys, at, VALUE_VECTORS);
    for (; at + 2 <= head_vectors; at += 2)
        values_of(rows, block, keys, at, 2);
    if (at < head_vectors)
        values_of(rows, block, keys, at, 1);
}

static void attention_rows(struct attention_rows *rows)
{
    const struct kernel_attention *task = rows->task;
    size_t begin = 0, end = task->count;
    if (task->window > 0) {
        begin = rows->first > task->window ? (rows->first - task->window) / BLOCK * BLOCK : 0;
        if (end - rows->first - rows->count > task->window)
            end = rows->first + rows->count + task->window;
    }
    for (size_t q = 0; q < QUERIES; q++) {
        rows->queries[q] = task->q + (rows->first + (q < rows->count ? q : 0)) * task->stride;
        rows->largest[q] = -INFINITY;
        v_store(rows->sums[q], v_all(0));
        for (size_t d = 0; d < rows->value_stride; d += LANES)
            v_store(rows->out[q] + d, v_all(0));
    }
    for (size_t block = begin; block < end; block += BLOCK)
        attention_block(rows, block);
    for (size_t q = 0; q < rows->count; q++)
        scale(task->out + (rows->first + q) * task->out_stride, rows->out[q], 1 / v_sum(v_load(rows->sums[q])),
              task->head_size);
}

/* One block's keys into [head_size, BLOCK], zeros up to a whole register. */
static void turn_keys(float *turned, const float *k, size_t stride, size_t keys, size_t head_size)
{
    size_t j = 0, d;
    for (; j + 4 <= keys; j += 4, k += 4 * stride) {
        for (d = 0; d + 4 <= head_size; d += 4)
            turn_4(turned + d * BLOCK + j, BLOCK, k + d, stride);
        for (; d < head_size; d++)
            for (size_t i = 0; i < 4; i++)
                turned[d * BLOCK + j + i] = k[i * stride + d];
    }
    for (; j < keys; j++, k += stride)
        for (d = 0; d < head_size; d++)
            turned[d * BLOCK + j] = k[d];
    for (; j % LANES > 0; j++)
        for (d = 0; d < head_size; d++)
            turned[d * BLOCK + j] = 0;
}

static void attention(const struct kernel_attention *task)
{
    assert(task->count > 0 && task->head_size > 0 && task->head_size <= KERNEL_HEAD_SIZE_MAX);
    struct attention_rows rows;
    size_t count = task->count, size = task->head_size;
    rows.task = task;
    rows.value_stride = (size + LANES - 1) / LANES * LANES;
    float *turned = task->scratch, *values = task->scratch + (count + BLOCK - 1) / BLOCK * BLOCK * size;
    rows.turned = turned;
    rows.values = values;
    for (size_t block = 0; block < count; block += BLOCK)
        turn_keys(turned + block * size, task->k + block * task->stride, task->stride,
                  count - block < BLOCK ? count - block : BLOCK, size);
    for (size_t j = 0; j < count; j++) {
        const float *value = task->v + j * task->stride;
        size_t d = 0;
        for (; d + LANES <= size; d += LANES)
            v_store(values + j * rows.value_stride + d, v_load(value + d));
        if (d < size)
            v_store(values + j * rows.value_stride + d, v_load_part(value + d, size - d, 0));
    }
    memset(rows.scores, 0, sizeof(rows.scores));
    for (rows.first = 0; rows.first < count; rows.first += QUERIES) {
        rows.count = count - rows.first < QUERIES ? count - rows.first : QUERIES;
        attention_rows(&rows);
    }
}

/* Fills a table with this width's kernels. */
VECTOR void fill_vectors(struct kernels *kernels)
{
    KERNELS_FILL_VECTORS(kernels);
}

#endif
#endif
