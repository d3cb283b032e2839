/* writer_parts.h - what the files of a writer share. Private to writer. */
#ifndef WRITER_WRITER_PARTS_H
#define WRITER_WRITER_PARTS_H

#include "kernel/kernel.h"
#include "text/text.h"
#include "writer.h"
#include <pthread.h>

struct writer {
    struct arena arena;
    struct writer_info info;
    struct model *model;
    struct pool *pool;
    size_t hidden, vocabulary;
    float *dense, *dense_bias, *norm, *norm_bias, *bias, *query, *query_bias, *gate, *gate_bias;
    struct gemm_matrix words; /* the vocabulary's vectors */
    struct gemm_lane **lanes; /* by thread */
    float **tiles; /* by thread: [GEMM_TILE, GEMM_PANEL] */
    size_t lane_count;
    pthread_mutex_t lock; /* one answer at a time */
    bool has_lock;
};

/* What is read: question and window, as tokens and as states. */
struct write_source {
    struct slice texts[2]; /* by type */
    uint32_t *ids, *starts, *ends;
    uint8_t *types, *special;
    size_t count;
    float *states; /* [count, hidden] */
    struct text_memory memory;
    uint32_t start, end; /* tokens that begin and end what is written */
    size_t passage, offset; /* where the window stands */
};

/* write_source.c */
bool source_read(struct writer *writer, struct slice question, const struct slice *window, struct write_source *source,
                 struct error *error) MUST_USE;
void source_release(struct write_source *source);

/* write_next.c: p [count, vocabulary] of the tokens behind rows with the states h [count, hidden]; count at most GEMM_TILE. */
bool next_tokens(struct writer *writer, const struct write_source *source, const float *h, size_t count, float *p,
                 struct error *error) MUST_USE;

/* One row behind each memory, or several behind one: their states. */
bool rows_behind(struct writer *writer, struct text_memory *const *memories, size_t lines, const uint32_t *ids,
                 size_t rows_each, float *states, struct error *error) MUST_USE;

/* write_beam.c */
struct write_line {
    struct text_memory memory;
    uint32_t ids[WRITER_TARGET_TOKENS + 1];
    size_t count;
    double log_p;
};
struct write_search {
    struct writer *writer;
    const struct write_source *source;
    const struct form *form; /* NULL: plain */
    size_t beams;
};
/* The best line that ends; `*found` false: none does. */
bool write_best(const struct write_search *search, struct write_line *best, bool *found, struct error *error) MUST_USE;

/* write_text.c: tokens as text; what stands in the source is taken from there as it is written there. `*start` and `*end`: bytes of the window
 * where all of it stands, or both 0. */
struct slice text_of(const struct writer *writer, const struct write_source *source, const uint32_t *ids, size_t count,
                     struct arena *arena, size_t *start, size_t *end);

#endif
