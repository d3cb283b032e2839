/* attention_bf16_body.h - attention with its two products in bf16, 16 queries at a time against all keys, in the layout of AMX's tiles,
 * which suits products of pairs without AMX as well.
 *
 *   A tile (16 rows of 32 numbers)     B tile (32 numbers deep, 16 columns, pairs side by side)
 *   queries  q[i][d]                   keys    turned: row r holds numbers 2r, 2r+1 of 16 keys
 *   weights  p[i][j]                   values  row r holds keys 2r, 2r+1 of 16 columns
 *
 * The scores of 16 queries stand in memory whole, so the maximum is known before the exponentials and nothing is scaled afterwards.
 * Where a window or a bias by distance is asked for, the f32 version does it. */
#ifndef KERNEL_ATTENTION_BF16_BODY_H
#define KERNEL_ATTENTION_BF16_BODY_H

#include "tables.h"
#include <assert.h>

#if defined(__AVX512BF16__)

#include "vector_avx512.h"

#define KERNEL_OWN_BF16
VECTOR void v_store_bf16(uint16_t *at, vector a)
{
    __m256bh halves = _mm512_cvtneps_pbh(a);
    __builtin_memcpy(at, &halves, sizeof(halves));
}

#define KERNEL_LANES_CHOSEN
#pragma GCC diagnostic ignored "-Wunused-function" /* of the shared body only the exponential is used here */
#include "vectors_body.h"

enum { TILE = 16, DEEP = KERNEL_ATTENTION_ROWS };

/* The arrays in the task's scratch. */
struct bf16_work {
    const struct kernel_attention *task;
    size_t padded; /* tokens, whole depths */
    size_t deep; /* of a head, whole depths */
    size_t columns; /* of a head, whole tiles */
    const uint16_t *queries, *keys; /* [padded, deep], rows from `stride` to `stride` */
    size_t stride;
    uint16_t *key_tiles; /* [padded / TILE][deep / DEEP] tiles */
    uint16_t *value_tiles; /* [padded / DEEP][columns / TILE] tiles */
    float *scores; /* [TILE, padded] */
    uint16_t *weights; /* [TILE, padded] */
    float *out; /* [TILE, columns] */
};

static size_t up(size_t count, size_t whole)
{
    return (count + whole - 1) / whole * whole;
}

static void *take(char **memory, size_t bytes)
{
    void *place = *memory;
    *memory += up(bytes, 64);
    return place;
}

VECTOR __mmask16 lanes(size_t count)
{
    return count >= LANES ? (__mmask16)0xFFFF : (__mmask16)((1U << count) - 1);
}

VECTOR size_t rest(size_t size, size_t at)
{
    return size > at ? size - at : 0;
}

VECTOR __mmask32 words(size_t count)
{
    return count >= DEEP ? (__mmask32)0xFFFFFFFF : ((__mmask32)1 << count) - 1;
}

/* Rows as bf16, zeros behind them: `rows`, or where they are bf16 already, `halves`. */
static void rows_to_bf16(const struct bf16_work *work, uint16_t *out, const float *rows, const uint16_t *halves)
{
    const struct kernel_attention *task = work->task;
    for (size_t i = 0; i < work->padded; i++)
        for (size_t d = 0; d < work->deep; d += DEEP) {
            size_t left = i < task->count ? rest(task->head_size, d) : 0, place = i * task->stride + d;
            if (halves != NULL) {
                _mm512_storeu_si512((void *)(out + i * work->deep + d), _mm512_maskz_loadu_epi16(words(left), halves + place));
                continue;
            }
            const float *from = rows + place;
            __m512 low = _mm512_maskz_loadu_ps(lanes(left), from);
            __m512 high = _mm512_maskz_loadu_ps(lanes(rest(left, LANES)), from + LANES);
            __m512bh both = _mm512_cvtne2ps_pbh(high, low);
            __builtin_memcpy(out + i * work->deep + d, &both, sizeof(both));
        }
}

/* Queries and keys that are whole depths of bf16 already stay where they are: what stands behind the last row is read too, and whatever
 * it is, it is not looked at: such a row of queries has no output, such a key no weight. */
static void take_rows(struct bf16_work *work, uint16_t *queries, uint16_t *keys)
{
    const struct kernel_attention *task = work->task;
    if (task->q_bf16 != NULL && task->head_size == work->deep && task->stride % 2 == 0) {
        work->queries = task->q_bf16;
        work->keys = task->k_bf16;
        work->stride = task->stride;
        return;
    }
    rows_to_bf16(work, queries, task->q, task->q_bf16);
    rows_to_bf16(work, keys, task->k, task->k_bf16);
    work->queries = queries;
    work->keys = keys;
    work->stride = work->deep;
}

static void lay_out(struct bf16_work *work, const struct kernel_attention *task)
{
    char *memory = (char *)up((uintptr_t)task->scratch, 64);
    work->task = task;
    work->padded = up(task->count, DEEP);
    work->deep = up(task->head_size, DEEP);
    work->columns = up(task->head_size, TILE);
    uint16_t *queries = take(&memory, work->padded * work->deep * sizeof(uint16_t));
    uint16_t *keys = take(&memory, work->padded * work->deep * sizeof(uint16_t));
    work->key_tiles = take(&memory, work->padded * work->deep * sizeof(uint16_t));
    work->value_tiles = take(&memory, work->padded * work->columns * sizeof(uint16_t));
    work->scores = take(&memory, TILE * work->padded * sizeof(float));
    work->weights = take(&memory, TILE * work->padded * sizeof(uint16_t));
    work->out = take(&memory, TILE * work->columns * sizeof(float));
    take_rows(work, queries, keys);
}

/* tile[r][key] = from[key][r] for 16 × 16 numbers; `stride` from a key to the next. */
VECTOR void turn_tile(float *tile, const float *from, size_t stride)
{
    for (size_t r = 0; r < TILE; r += 4) {
        __m512 rows[4]; /* r … r+3 of keys i, i+4, i+8, i+12, a quarter each */
        for (size_t i = 0; i < 4; i++) {
            const float *at = from + i * stride + r;
            rows[i] = _mm512_zextps128_ps512(_mm_loadu_ps(at));
            rows[i] = _mm512_mask_broadcast_f32x4(rows[i], 0x00F0, _mm_loadu_ps(at + 4 * stride));
            rows[i] = _mm512_mask_broadcast_f32x4(rows[i], 0x0F00, _mm_loadu_ps(at + 8 * stride));
            rows[i] = _mm512_mask_broadcast_f32x4(rows[i], 0xF000, _mm_loadu_ps(at + 12 * stride));
        }
        __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(rows[0], rows[1]));
        __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(rows[2], rows[3]));
        __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(rows[0], rows[1]));
        __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(rows[2], rows[3]));
        v_store(tile + r * TILE, _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23)));
        v_store(tile + (r + 1) * TILE, _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23)));
        v_store(tile + (r + 2) * TILE, _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23)));
        v_store(tile + (r + 3) * TILE, _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23)));
    }
}

/* Keys into B tiles: pairs of numbers are 32 bits wide, so a tile is a 16 by 16 matrix of them, turned. */
static void turn_keys(const struct bf16_work *work)
{
    float *tile = (float *)(void *)work->key_tiles;
    for (size_t j = 0; j < work->padded; j += TILE)
        for (size_t d = 0; d < work->deep; d += DEEP, tile += TILE * TILE)
            turn_tile(tile, (const float *)(const void *)(work->keys + j * work->stride + d), work->stride / 2);
}

/* 16 numbers of a row and of the one after it, in bf16. */
VECTOR __m512i two_rows(const float *from, size_t stride, __mmask16 first, __mmask16 second)
{
    __m512bh both = _mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(second, from + stride), _mm512_maskz_loadu_ps(first, from));
    __m512i numbers;
    __builtin_memcpy(&numbers, &both, sizeof(numbers));
    return numbers;
}

VECTOR __m512i two_rows_bf16(const uint16_t *from, size_t stride, __mmask16 first, __mmask16 second)
{
    __m256i low = _mm256_maskz_loadu_epi16(first, from), high = _mm256_maskz_loadu_epi16(second, from + stride);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/* Values into B tiles: two rows, their numbers side by side; zeros behind the last one. */
static void pair_values(const struct bf16_work *work)
{
    const struct kernel_attention *task = work->task;
    const __m512i low_words = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i pairs = _mm512_add_epi32(low_words,
                                           _mm512_slli_epi32(_mm512_add_epi32(low_words, _mm512_set1_epi32(16)), 16));
    size_t count = task->count, below = work->columns / TILE * TILE * DEEP;
    for (size_t d = 0; d < work->columns; d += TILE) {
        uint16_t *tiles = work->value_tiles + d * DEEP;
        __mmask16 columns = lanes(rest(task->head_size, d));
        for (size_t j = 0; j < work->padded; j += 2) {
            size_t place = j * task->stride + d;
            __mmask16 first = j < count ? columns : 0, second = j + 1 < count ? columns : 0;
            __m512i both = task->v_bf16 != NULL ? two_rows_bf16(task->v_bf16 + place, task->stride, first, second)
                                                : two_rows(task->v + place, task->stride, first, second);
            _mm512_storeu_si512((void *)(tiles + j / DEEP * below + j % DEEP / 2 * DEEP),
                                _mm512_permutexvar_epi16(pairs, both));
        }
    }
}

/* 2^x for x ≤ 0, to be rounded to bf16: within 1.1e-4, relative. As v_exp_below. */
VECTOR vector v_power_of_2(vector x)
{
    const vector shift = v_all(12582912 + 127);
    x = v_max(x, v_all(-127));
    vector moved = v_add(x, shift), r = v_sub(x, v_sub(moved, shift));
    vector p = v_all(0.055171683F);
    p = v_fma(p, r, v_all(0.24261113F));
    p = v_fma(p, r, v_all(0.69326097F));
    p = v_fma(p, r, v_all(0.99992806F));
    return v_mul(p, v_bits_float(i_left(v_bits(moved), 23)));
}

/* What OPERATION makes of all numbers of each of four registers, side by side. */
#define FOUR(NAME, OPERATION)                                                                                                  \
    VECTOR __m128 NAME(const vector x[4])                                                                                      \
    {                                                                                                                          \
        __m512 low = _mm512_##OPERATION(_mm512_unpacklo_ps(x[0], x[1]), _mm512_unpackhi_ps(x[0], x[1]));                       \
        __m512 high = _mm512_##OPERATION(_mm512_unpacklo_ps(x[2], x[3]), _mm512_unpackhi_ps(x[2], x[3]));                      \
        __m512d a = _mm512_castps_pd(low), b = _mm512_castps_pd(high);                                                         \
        __m512 all = _mm512_##OPERATION(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)),                                            \
                                        _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));                                           \
        __m256 half = _mm256_##OPERATION(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));                         \
        return _mm_##OPERATION(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));                                  \
    }
FOUR(four_sums, add_ps)
FOUR(four_largest, max_ps)

/* FOUR_ROWS rows of scores into weights, not yet divided by their sums. */
enum { FOUR_ROWS = 4 };
static void weigh(const struct bf16_work *work, size_t row, float sums[FOUR_ROWS])
{
    size_t count = work->task->count, padded = work->padded, whole = count / LANES * LANES;
    const float *scores = work->scores + row * padded;
    uint16_t *weights = work->weights + row * padded;
    float scale = work->task->scale * 1.44269504F, base[FOUR_ROWS];
    vector most[FOUR_ROWS], sum[FOUR_ROWS], factor = v_all(scale);
    __mmask16 last = lanes(count - whole);
    for (size_t r = 0; r < FOUR_ROWS; r++) {
        most[r] = _mm512_mask_loadu_ps(v_all(-INFINITY), last, scores + r * padded + (whole < count ? whole : 0));
        for (size_t j = 0; j < whole; j += LANES)
            most[r] = v_max(most[r], v_load(scores + r * padded + j));
    }
    _mm_storeu_ps(base, _mm_mul_ps(four_largest(most), _mm_set1_ps(-scale)));
    for (size_t r = 0; r < FOUR_ROWS; r++) {
        sum[r] = v_all(0);
        for (size_t j = 0; j < padded; j += LANES) {
            __mmask16 inside = j < whole ? (__mmask16)0xFFFF : j < count ? last : 0;
            vector e = _mm512_maskz_mov_ps(inside,
                                           v_power_of_2(v_fma(v_load(scores + r * padded + j), factor, v_all(base[r]))));
            sum[r] = v_add(sum[r], e);
            v_store_bf16(weights + r * padded + j, e);
        }
    }
    _mm_storeu_ps(sums, four_sums(sum));
}

/* ---- how to multiply: by the file that includes this ---- */

static void multiply_begin(void);
/* scores [rows, padded] = queries `first` … · keys */
static void multiply_scores(const struct bf16_work *work, size_t first, size_t rows);
/* out [rows, columns] = weights · values */
static void multiply_values(const struct bf16_work *work, size_t rows);
static void multiply_end(void);

/* ---- the way through ---- */

/* The head that mostly comes next stands beside this one: a row of it, of which nothing is near yet, is fetched meanwhile. */
VECTOR void fetch_beside(const struct kernel_attention *task, size_t row)
{
    if (task->q_bf16 == NULL)
        return;
    size_t place = row * task->stride + task->head_size;
    _mm_prefetch((const char *)(task->q_bf16 + place), _MM_HINT_T0);
    _mm_prefetch((const char *)(task->k_bf16 + place), _MM_HINT_T0);
    _mm_prefetch((const char *)(task->v_bf16 + place), _MM_HINT_T0);
}

/* A row of the product over the sum of its weights. */
static void put_row(const struct kernel_attention *task, size_t row, const float *product, float sum)
{
    if (task->out_bf16 == NULL) {
        scale(task->out + row * task->out_stride, product, 1 / sum, task->head_size);
        return;
    }
    uint16_t *out = task->out_bf16 + row * task->out_stride;
    vector factor = v_all(1 / sum);
    for (size_t d = 0; d < task->head_size; d += LANES) {
        size_t left = task->head_size - d;
        vector x = v_mul(v_load(product + d), factor);
        if (left >= LANES)
            v_store_bf16(out + d, x);
        else
            v_store_bf16_part(out + d, x, left);
    }
}

static void attend_tile(const struct bf16_work *work, size_t first)
{
    const struct kernel_attention *task = work->task;
    size_t rows = task->count - first < TILE ? task->count - first : TILE;
    float sums[TILE];
    multiply_scores(work, first, rows);
    for (size_t i = 0; i < rows; i++)
        fetch_beside(task, first + i);
    for (size_t i = 0; i < rows; i += FOUR_ROWS)
        weigh(work, i, sums + i);
    multiply_values(work, rows);
    for (size_t i = 0; i < rows; i++)
        put_row(task, first + i, work->out + i * work->columns, sums[i]);
}

static void attention_bf16(const struct kernel_attention *task)
{
    struct bf16_work work;
    assert(task->window == 0 && task->bias == NULL);
    lay_out(&work, task);
    turn_keys(&work);
    pair_values(&work);
    memset(work.weights, 0, TILE * work.padded * sizeof(*work.weights)); /* rows past the last query are multiplied too */
    multiply_begin();
    for (size_t first = 0; first < task->count; first += TILE)
        attend_tile(&work, first);
    multiply_end();
}

/* Which of the two: chosen by the task, so that callers need not know. */
static void (*attention_f32)(const struct kernel_attention *task);

static void attention_either(const struct kernel_attention *task)
{
    if (task->window > 0 || task->bias != NULL)
        attention_f32(task);
    else
        attention_bf16(task);
}

#endif
#endif
