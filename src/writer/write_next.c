/* write_next.c - how likely each token is to come next, behind a row with state h (train/write_head.c tells the formulas).
 *
 *   u = norm(dense(h)), p = (1 - g) · softmax(u·wordsᵀ + bias), and for each token of the source: p[token] += g · a_j */
#include "writer_parts.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

struct next {
    struct writer *writer;
    size_t count;
    void *u; /* [GEMM_TILE, hidden] in the words' format */
    float *p;
};

static void words_item(void *context, size_t panel, size_t thread)
{
    const struct next *next = context;
    struct writer *writer = next->writer;
    const struct gemm_panel *columns = &writer->words.panels[panel];
    float *tile = writer->tiles[thread];
    gemm_multiply(writer->lanes[thread], &writer->words, panel, next->u, next->count, tile);
    for (size_t i = 0; i < next->count; i++)
        kernels()->bias(next->p + i * writer->vocabulary + columns->first, tile + i * columns->width,
                        writer->bias + columns->first, columns->width);
}

static void linear(const float *w, const float *bias, const float *x, size_t n, size_t k, float *y)
{
    for (size_t j = 0; j < n; j++)
        y[j] = kernels()->dot(x, w + j * k, k) + bias[j];
}

static void norm(const struct writer *writer, float *row)
{
    double mean = 0, variance = 0, size = (double)writer->hidden;
    for (size_t k = 0; k < writer->hidden; k++)
        mean += (double)row[k] / size;
    for (size_t k = 0; k < writer->hidden; k++)
        variance += ((double)row[k] - mean) * ((double)row[k] - mean) / size;
    double spread = sqrt(variance + WRITER_NORM_EPSILON);
    for (size_t k = 0; k < writer->hidden; k++)
        row[k] = (float)(((double)row[k] - mean) / spread * (double)writer->norm[k] + (double)writer->norm_bias[k]);
}

/* What the tokens of the source are raised by. */
static void add_copies(const struct writer *writer, const struct write_source *source, const float *h, float *q, float *p)
{
    float *a = memory_alloc(source->count, sizeof(*a));
    float scale = 1 / sqrtf((float)writer->hidden);
    float x = kernels()->dot(h, writer->gate, writer->hidden) + writer->gate_bias[0], gate = 1 / (1 + expf(-x));
    linear(writer->query, writer->query_bias, h, writer->hidden, writer->hidden, q);
    for (size_t j = 0; j < source->count; j++)
        a[j] = scale * kernels()->dot(q, source->states + j * writer->hidden, writer->hidden);
    kernels()->softmax(a, a, source->count);
    kernels()->softmax(p, p, writer->vocabulary);
    kernels()->scale(p, p, 1 - gate, writer->vocabulary);
    for (size_t j = 0; j < source->count; j++)
        p[source->ids[j]] += gate * a[j];
    free(a);
}

bool next_tokens(struct writer *writer, const struct write_source *source, const float *h, size_t count, float *p,
                 struct error *error)
{
    size_t hidden = writer->hidden;
    bool halves = writer->words.type == GEMM_BF16, ok = true;
    assert(count > 0 && count <= GEMM_TILE);
    float *row = memory_alloc(hidden, sizeof(*row));
    struct next next = {.writer = writer, .count = count, .p = p};
    next.u = aligned_alloc(ALIGNMENT, (GEMM_TILE * hidden * sizeof(float) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (next.u == NULL)
        ok = error_set(error, ERROR_NO_MEMORY, "no memory for %zu lines", count);
    if (ok)
        memset(next.u, 0, GEMM_TILE * hidden * sizeof(float));
    for (size_t i = 0; i < count && ok; i++) {
        linear(writer->dense, writer->dense_bias, h + i * hidden, hidden, hidden, row);
        norm(writer, row);
        if (halves)
            kernels()->to_bf16((uint16_t *)next.u + i * hidden, row, hidden);
        else
            memcpy((float *)next.u + i * hidden, row, hidden * sizeof(*row));
    }
    if (ok)
        pool_parallel_for(writer->pool, writer->words.panel_count, words_item, &next);
    for (size_t i = 0; i < writer->lane_count; i++)
        ok = gemm_lane_finish(writer->lanes[i], ok ? error : &(struct error){0}) && ok;
    for (size_t i = 0; i < count && ok; i++)
        add_copies(writer, source, h + i * hidden, row, p + i * writer->vocabulary);
    for (size_t i = 0; i < count && ok; i++) /* what is no number spreads to all words, or to all copies */
        if (!isfinite(p[i * writer->vocabulary + source->ids[0]]))
            ok = error_set(error, ERROR_CORRUPT, "writer \"%s\" gives numbers that are none: its weights hold some",
                           writer->info.adapter);
    free(next.u);
    free(row);
    return ok;
}

bool rows_behind(struct writer *writer, struct text_memory *const *memories, size_t lines, const uint32_t *ids,
                 size_t rows_each, float *states, struct error *error)
{
    size_t rows = lines * rows_each;
    uint8_t *types = memory_alloc(rows, sizeof(*types));
    struct text_rows *texts = memory_alloc(lines, sizeof(*texts));
    for (size_t i = 0; i < lines; i++)
        texts[i] = (struct text_rows){.first = i * rows_each, .count = rows_each};
    const struct pack pack = {
        .ids = ids, .types = types, .rows = rows, .texts = texts, .text_count = lines, .memories = memories};
    bool ok = model_remember(writer->model, &pack, states, error);
    free(types);
    free(texts);
    return ok;
}
