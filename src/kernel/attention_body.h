/* attention_body.h - attention, once for every width of register (see vectors_body.h).
 *
 * BLOCK keys at a time are turned, so that one register holds one number of LANES keys, and stay in the first cache with their values
 * while all queries go over them, QUERIES at a time:
 *
 *   keys    k[j][d]  ─▶  turned[d][j]
 *   scores  s[q][j] = Σ_d q[q][d] · turned[d][j]     QUERIES × KEY_VECTORS registers at a time
 *   out     o[q][d] += p[q][j] · v[j][d]             QUERIES × VALUE_VECTORS registers at a time
 *
 * Between blocks only a maximum, the running sums and o are kept. The maximum need not be the largest score, only near it: where one is
 * SLACK larger, all is scaled to it. So it seldom moves after the first block, and exponentials stay below e^SLACK. */
#ifndef KERNEL_ATTENTION_BODY_H
#define KERNEL_ATTENTION_BODY_H

#include "tables.h"
#include "vector_turn.h"
#include "product_body.h"

#if defined(__SSE4_1__) || defined(__aarch64__)

enum { BLOCK = 64, VALUE_VECTORS = KEY_VECTORS, SLACK = 8 };

/* What is kept of each query, and the block at hand. The scratch is made of it (kernel_attention_scratch). */
struct attention_state {
    const struct kernel_attention *task;
    size_t value_stride; /* head_size rounded up to LANES */
    size_t head_vectors;
    float *turned;  /* [head_size, BLOCK] */
    float *values;  /* [BLOCK, value_stride] */
    float *out;     /* [count, value_stride], not divided by the sums yet */
    float *sums;    /* [count, LANES], of exponentials */
    float *largest; /* [count] */
    size_t block, keys;            /* the first key, how many */
    float scores[QUERIES][BLOCK]; /* of some queries, then their exponentials */
};

/* QUERIES rows from `first` on; past the last, it once more. */
VECTOR size_t query_at(const struct attention_state *state, size_t first, size_t q)
{
    return first + q < state->task->count ? first + q : state->task->count - 1;
}

/* The scores of `wide` registers of keys from `at` in the block on, not scaled. */
VECTOR void scores_of(struct attention_state *state, size_t first, size_t at, size_t wide)
{
    vector sums[QUERIES][KEY_VECTORS];
    const float *query[QUERIES];
    for (size_t q = 0; q < QUERIES; q++) {
        query[q] = state->task->q + query_at(state, first, q) * state->task->stride;
        for (size_t j = 0; j < wide; j++)
            sums[q][j] = v_all(0);
    }
    const float *key = state->turned + at * LANES;
    for (size_t d = 0, size = state->task->head_size; d < size; d++, key += BLOCK)
        for (size_t q = 0; q < QUERIES; q++) {
            vector x = v_all(query[q][d]);
            for (size_t j = 0; j < wide; j++)
                sums[q][j] = v_fma(x, v_load(key + j * LANES), sums[q][j]);
        }
    for (size_t q = 0; q < QUERIES; q++)
        for (size_t j = 0; j < wide; j++)
            v_store(state->scores[q] + (at + j) * LANES, sums[q][j]);
}

/* Scales, adds the bias by distance, and puts what a query does not see of the block's first `many` places out of the way. */
static void mask_scores(const struct attention_state *state, size_t position, float *scores, size_t many)
{
    const struct kernel_attention *task = state->task;
    size_t block = state->block, begin = 0, end = state->keys;
    if (task->window > 0 && position > task->window && position - task->window > block)
        begin = position - task->window - block;
    if (task->window > 0 && block + end > position && block + end - position - 1 > task->window)
        end = position + task->window + 1 > block ? position + task->window + 1 - block : 0;
    scale(scores, scores, task->scale, many);
    if (task->bias != NULL) {
        const float *bias_at = task->bias + ((ptrdiff_t)block - (ptrdiff_t)position);
        add(scores, bias_at, state->keys);
    }
    for (size_t j = 0; j < begin && j < many; j++)
        scores[j] = -INFINITY;
    for (size_t j = end; j < many; j++)
        scores[j] = -INFINITY;
}

/* Scales what a row has so far to its new maximum. */
VECTOR void rescale(struct attention_state *state, size_t row, float largest)
{
    vector factor = v_exp_below(v_all(state->largest[row] - largest));
    float *sums = state->sums + row * LANES, *out = state->out + row * state->value_stride;
    state->largest[row] = largest;
    v_store(sums, v_mul(v_load(sums), factor));
    for (size_t d = 0; d < state->value_stride; d += LANES)
        v_store(out + d, v_mul(v_load(out + d), factor));
}

/* Turns a row's scores, times `factor`, into exponentials against its maximum. */
VECTOR void exponentials(struct attention_state *state, size_t row, float *scores, float factor, size_t vectors)
{
    vector most = v_load(scores), f = v_all(factor);
    for (size_t j = 1; j < vectors; j++)
        most = v_max(most, v_load(scores + j * LANES));
    most = v_mul(most, f);
    if (v_any_above(most, v_all(state->largest[row] + SLACK)))
        rescale(state, row, v_largest(most));
    /* nothing seen so far: any maximum makes zeros of them */
    vector m = v_all(state->largest[row] == -INFINITY ? 0 : -state->largest[row]), sum = v_load(state->sums + row * LANES);
    for (size_t j = 0; j < vectors; j++) {
        vector e = v_exp_below(v_fma(v_load(scores + j * LANES), f, m));
        v_store(scores + j * LANES, e);
        sum = v_add(sum, e);
    }
    v_store(state->sums + row * LANES, sum);
}

/* out += exponentials · values, for `wide` registers of the head from `at` on. Rows past the last are computed and dropped. */
VECTOR void values_of(struct attention_state *state, size_t first, size_t at, size_t wide)
{
    vector sums[QUERIES][VALUE_VECTORS];
    float *out[QUERIES];
    for (size_t q = 0; q < QUERIES; q++) {
        out[q] = state->out + query_at(state, first, q) * state->value_stride + at * LANES;
        for (size_t d = 0; d < wide; d++)
            sums[q][d] = v_load(out[q] + d * LANES);
    }
    const float *value = state->values + at * LANES;
    for (size_t j = 0; j < state->keys; j++, value += state->value_stride)
        for (size_t q = 0; q < QUERIES; q++) {
            vector p = v_all(state->scores[q][j]);
            for (size_t d = 0; d < wide; d++)
                sums[q][d] = v_fma(p, v_load(value + d * LANES), sums[q][d]);
        }
    size_t many = state->task->count - first;
    for (size_t q = 0; q < QUERIES && q < many; q++)
        for (size_t d = 0; d < wide; d++)
            v_store(out[q] + d * LANES, sums[q][d]);
}

/* The queries from `first` on and the block at hand. */
static void attention_tile(struct attention_state *state, size_t first)
{
    const struct kernel_attention *task = state->task;
    size_t vectors = (state->keys + LANES - 1) / LANES, at = 0;
    for (; at + KEY_VECTORS <= vectors; at += KEY_VECTORS)
        scores_of(state, first, at, KEY_VECTORS);
    for (; at < vectors; at++)
        scores_of(state, first, at, 1);
    bool masked = state->keys % LANES > 0 || task->window > 0 || task->bias != NULL;
    float factor = masked ? 1 : task->scale;
    for (size_t q = 0; q < QUERIES && first + q < task->count; q++) {
        if (masked)
            mask_scores(state, first + q, state->scores[q], vectors * LANES);
        if (vectors == BLOCK / LANES) /* a count that is known unrolls */
            exponentials(state, first + q, state->scores[q], factor, BLOCK / LANES);
        else
            exponentials(state, first + q, state->scores[q], factor, vectors);
    }
    for (at = 0; at + VALUE_VECTORS <= state->head_vectors; at += VALUE_VECTORS)
        values_of(state, first, at, VALUE_VECTORS);
    if (VALUE_VECTORS > 2 && at + 2 <= state->head_vectors) {
        values_of(state, first, at, 2);
        at += 2;
    }
    for (; at < state->head_vectors; at++)
        values_of(state, first, at, 1);
}

static void turn(float *out, size_t out_stride, const float *a, size_t stride, size_t rows, size_t columns)
{
    size_t i = 0, j;
    for (; i + 4 <= rows; i += 4, a += 4 * stride) {
        for (j = 0; j + 4 <= columns; j += 4)
            turn_4(out + j * out_stride + i, out_stride, a + j, stride);
        for (; j < columns; j++)
            for (size_t row = 0; row < 4; row++)
                out[j * out_stride + i + row] = a[row * stride + j];
    }
    for (; i < rows; i++, a += stride)
        for (j = 0; j < columns; j++)
            out[j * out_stride + i] = a[j];
}

/* The keys of the block into [head_size, BLOCK], zeros up to a whole register. */
static void turn_keys(const struct attention_state *state)
{
    size_t stride = state->task->stride, head_size = state->task->head_size;
    turn(state->turned, BLOCK, state->task->k + state->block * stride, stride, state->keys, head_size);
    for (size_t j = state->keys; j % LANES > 0; j++)
        for (size_t d = 0; d < head_size; d++)
            state->turned[d * BLOCK + j] = 0;
}

static void gather_values(const struct attention_state *state)
{
    size_t size = state->task->head_size;
    for (size_t j = 0; j < state->keys; j++) {
        const float *from = state->task->v + (state->block + j) * state->task->stride;
        float *to = state->values + j * state->value_stride;
        size_t d = 0;
        for (; d + LANES <= size; d += LANES)
            v_store(to + d, v_load(from + d));
        if (d < size)
            v_store(to + d, v_load_part(from + d, size - d, 0));
    }
}

static void attention(const struct kernel_attention *task)
{
    assert(task->count > 0 && task->head_size > 0 && task->head_size <= KERNEL_HEAD_SIZE_MAX);
    struct attention_state state;
    size_t count = task->count, stride = (task->head_size + LANES - 1) / LANES * LANES;
    state.task = task;
    state.value_stride = stride;
    state.head_vectors = stride / LANES;
    state.turned = task->scratch;
    state.values = state.turned + BLOCK * task->head_size;
    state.out = state.values + BLOCK * stride;
    state.sums = state.out + count * stride;
    state.largest = state.sums + count * LANES;
    memset(state.out, 0, count * (stride + LANES) * sizeof(float)); /* and the sums behind it */
    for (size_t i = 0; i < count; i++)
        state.largest[i] = -INFINITY;
    for (state.block = 0; state.block < count; state.block += BLOCK) {
        state.keys = count - state.block < BLOCK ? count - state.block : BLOCK;
        turn_keys(&state);
        gather_values(&state);
        size_t first = 0, end = count; /* the queries that see any of these keys */
        if (task->window > 0 && state.block > task->window)
            first = (state.block - task->window) / QUERIES * QUERIES;
        if (task->window > 0 && count - state.block - state.keys > task->window)
            end = state.block + state.keys + task->window;
        for (; first < end; first += QUERIES)
            attention_tile(&state, first);
    }
    for (size_t i = 0; i < count; i++)
        scale(task->out + i * task->out_stride, state.out + i * stride, 1 / v_sum(v_load(state.sums + i * LANES)),
              task->head_size);
}

/* Fills a table with this width's kernels. */
VECTOR void fill_vectors(struct kernels *kernels)
{
    KERNELS_FILL_VECTORS(kernels);
}

#endif
#endif
