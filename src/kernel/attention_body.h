/* attention_body.h - attention, once for every width of register (see vectors_body.h).
 *
 * Keys are turned once, so that one register holds one number of LANES keys; then QUERIES rows of queries meet BLOCK keys at a time:
 *
 *   keys    k[j][d]  ─▶  turned[d][j]         padded to whole blocks
 *   scores  s[q][j] = Σ_d q[q][d] · turned[d][j]     QUERIES × KEY_VECTORS registers
 *   out     o[q][d] += p[q][j] · v[j][d]             QUERIES × up to VALUE_VECTORS registers
 *
 * Between blocks only the running maximum, the running sum and o are kept; all are scaled when the maximum grows. */
#ifndef KERNEL_ATTENTION_BODY_H
#define KERNEL_ATTENTION_BODY_H

#include "tables.h"
#include "vectors_body.h"

#if defined(__SSE4_1__) || defined(__aarch64__)

enum { BLOCK = KEY_VECTORS * LANES, VALUE_VECTORS = 2 };

/* The state of QUERIES rows while they go over the keys. */
struct attention_rows {
    const struct kernel_attention *task;
    const float *turned; /* [head_size, padded] */
    const float *values; /* [padded, head_size rounded up to LANES] */
    size_t padded, value_stride;
    size_t first, count;                     /* queries */
    float scores[QUERIES][BLOCK];            /* of one block, then their exponentials */
    float largest[QUERIES], sums[QUERIES];   /* so far */
    float out[QUERIES][KERNEL_HEAD_SIZE_MAX];
};

VECTOR void block_scores(struct attention_rows *rows, size_t block)
{
    const struct kernel_attention *task = rows->task;
    vector sums[QUERIES][KEY_VECTORS];
    const float *query[QUERIES];
    for (size_t q = 0; q < QUERIES; q++) {
        query[q] = task->q + (rows->first + (q < rows->count ? q : 0)) * task->stride;
        for (size_t j = 0; j < KEY_VECTORS; j++)
            sums[q][j] = v_all(0);
    }
    const float *key = rows->turned + block;
    for (size_t d = 0; d < task->head_size; d++, key += rows->padded)
        for (size_t q = 0; q < QUERIES; q++) {
            vector x = v_all(query[q][d]);
            for (size_t j = 0; j < KEY_VECTORS; j++)
                sums[q][j] = v_fma(x, v_load(key + j * LANES), sums[q][j]);
        }
    vector factor = v_all(task->scale);
    for (size_t q = 0; q < QUERIES; q++)
        for (size_t j = 0; j < KEY_VECTORS; j++)
            v_store(rows->scores[q] + j * LANES, v_mul(sums[q][j], factor));
}

/* Adds the bias by distance, and puts what a query does not see out of the way. */
static void block_mask(struct attention_rows *rows, size_t block)
{
    const struct kernel_attention *task = rows->task;
    for (size_t q = 0; q < rows->count; q++) {
        size_t position = rows->first + q;
        for (size_t j = 0; j < BLOCK; j++) {
            size_t key = block + j;
            size_t apart = key > position ? key - position : position - key;
            if (key >= task->count || (task->window > 0 && apart > task->window))
                rows->scores[q][j] = -INFINITY;
            else if (task->bias != NULL)
                rows->scores[q][j] += task->bias[(ptrdiff_t)key - (ptrdiff_t)position];
        }
    }
}

/* Turns a row's scores into exponentials against its running maximum, and scales what it has so far to it. */
VECTOR void block_exponentials(struct attention_rows *rows, size_t q, size_t vectors)
{
    float *scores = rows->scores[q];
    vector most = v_load(scores);
    for (size_t j = 1; j < KEY_VECTORS; j++)
        most = v_max(most, v_load(scores + j * LANES));
    float largest = v_largest(most);
    if (largest == -INFINITY) { /* it sees none of these keys */
        memset(scores, 0, sizeof(rows->scores[q]));
        return;
    }
    if (largest > rows->largest[q]) {
        if (rows->sums[q] > 0) {
            float factor;
            float part[LANES];
            v_store(part, v_exp_below(v_all(rows->largest[q] - largest)));
            factor = part[0];
            rows->sums[q] *= factor;
            for (size_t d = 0; d < vectors; d++)
                v_store(rows->out[q] + d * LANES, v_mul(v_load(rows->out[q] + d * LANES), v_all(factor)));
        }
        rows->largest[q] = largest;
    }
    vector m = v_all(rows->largest[q]), sum = v_all(0);
    for (size_t j = 0; j < KEY_VECTORS; j++) {
        vector e = v_exp_below(v_sub(v_load(scores + j * LANES), m));
        v_store(scores + j * LANES, e);
        sum = v_add(sum, e);
    }
    rows->sums[q] += v_sum(sum);
}

/* out += exponentials · values, VALUE_VECTORS registers of the head at a time. `keys` of the block exist. */
VECTOR void block_values(struct attention_rows *rows, size_t block, size_t keys, size_t at, size_t wide)
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

static void attention_rows(struct attention_rows *rows)
{
    const struct kernel_attention *task = rows->task;
    size_t vectors = (task->head_size + LANES - 1) / LANES;
    size_t begin = 0, end = task->count;
    if (task->window > 0) {
        begin = rows->first > task->window ? (rows->first - task->window) / BLOCK * BLOCK : 0;
        if (end - rows->first - rows->count > task->window)
            end = rows->first + rows->count + task->window;
    }
    for (size_t q = 0; q < QUERIES; q++) {
        rows->largest[q] = -INFINITY;
        rows->sums[q] = 0;
        memset(rows->out[q], 0, vectors * LANES * sizeof(float));
    }
    for (size_t block = begin; block < end; block += BLOCK) {
        block_scores(rows, block);
        size_t keys = task->count - block < BLOCK ? task->count - block : BLOCK;
        if (keys < BLOCK || task->window > 0 || task->bias != NULL)
            block_mask(rows, block);
        for (size_t q = 0; q < rows->count; q++)
            block_exponentials(rows, q, vectors);
        size_t at = 0;
        for (; at + VALUE_VECTORS <= vectors; at += VALUE_VECTORS)
            block_values(rows, block, keys, at, VALUE_VECTORS);
        if (at < vectors)
            block_values(rows, block, keys, at, 1);
    }
    for (size_t q = 0; q < rows->count; q++)
        scale(task->out + (rows->first + q) * task->out_stride, rows->out[q], 1 / rows->sums[q], task->head_size);
}

static void attention(const struct kernel_attention *task)
{
    assert(task->count > 0 && task->head_size > 0 && task->head_size <= KERNEL_HEAD_SIZE_MAX);
    struct attention_rows rows;
    rows.task = task;
    rows.padded = (task->count + BLOCK - 1) / BLOCK * BLOCK;
    rows.value_stride = (task->head_size + LANES - 1) / LANES * LANES;
    float *turned = task->scratch, *values = task->scratch + rows.padded * task->head_size;
    rows.turned = turned;
    rows.values = values;
    for (size_t j = 0; j < task->count; j++) {
        const float *key = task->k + j * task->stride, *value = task->v + j * task->stride;
        for (size_t d = 0; d < task->head_size; d++)
            turned[d * rows.padded + j] = key[d];
        memcpy(values + j * rows.value_stride, value, task->head_size * sizeof(float));
        memset(values + j * rows.value_stride + task->head_size, 0, (rows.value_stride - task->head_size) * sizeof(float));
    }
    for (size_t d = 0; d < task->head_size; d++)
        memset(turned + d * rows.padded + task->count, 0, (rows.padded - task->count) * sizeof(float));
    memset(rows.scores, 0, sizeof(rows.scores));
    for (size_t first = 0; first < task->count; first += QUERIES) {
        rows.first = first;
        rows.count = task->count - first < QUERIES ? task->count - first : QUERIES;
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
