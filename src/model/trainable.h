/* trainable.h - an encoder that learns: forward, keeping what the way back needs, and backward. Part of model.h.
 *
 *   forward(pack) ─▶ states [rows, hidden] ─▶ the caller's head and loss ─▶ their gradient ─▶ backward ─▶ gradients += …
 *
 * Gradients are always added to; the caller sets them to 0, and changes the values. Texts are packed, not padded. Sums are in a fixed order,
 * whatever the number of threads. For encoders with norms behind their sums and learned positions: BERT, RoBERTa, ELECTRA, DistilBERT. */
#ifndef MODEL_TRAINABLE_H
#define MODEL_TRAINABLE_H

#include "base/base.h"
#include "text_memory.h"

enum model_precision {
    MODEL_AUTO, /* bf16 where the processor multiplies it faster than f32, else f32 */
    MODEL_F32,
    MODEL_BF16, /* products of bf16 numbers, sums in f32 */
    MODEL_INT8  /* weights by column and activations by token in 8 bits, sums exact */
};

enum model_pooling { MODEL_POOL_MEAN, MODEL_POOL_CLS, MODEL_POOL_MAX, MODEL_POOL_LAST };

struct text_rows {
    size_t first, count;
    size_t source; /* rows that see each other; those behind see them, and what stands before themselves. 0: all see all */
};

/* Texts behind one another, a row a token. */
struct pack {
    const uint32_t *ids;
    const uint8_t *types;
    size_t rows;
    const struct text_rows *texts;
    size_t text_count;
    struct text_memory *const *memories; /* by text: what stands before it (text_memory.h); NULL: nothing. Not for training */
};

/* A tensor, by the name that the base's file gives it. */
struct parameter {
    char name[160]; /* "encoder.layer.0.attention.self.query.weight" */
    float *values;
    float *gradients; /* NULL: it is not learned */
    size_t rows, columns; /* columns 0: one dimension */
    size_t count; /* of numbers */
    bool turned; /* it lies in memory as its transpose [columns, rows] */
    unsigned char *used; /* by row: 0 where no gradient was ever added to it; NULL: any row may have one */
};

struct trainable_options {
    enum model_precision precision; /* f32, bf16 (sums in f32) or auto */
    struct pool *pool; /* outlives it */
    bool all;          /* every weight is learned */
    float dropout;     /* of states and attention, while it learns */
    uint64_t seed;     /* of what is dropped */
    bool recomputes;   /* what layers made is made again on the way back, not kept: less memory, more time, the same bits */
};

struct trainable;

bool trainable_open(struct trainable **trainable, const char *folder, const struct trainable_options *options,
                    struct error *error) MUST_USE;
void trainable_close(struct trainable *trainable); /* NULL is fine */

enum trainable_activation { TRAINABLE_TANH, TRAINABLE_RELU, TRAINABLE_GELU };

struct trainable_info {
    const char *architecture; /* "bert" */
    const char *prefix;       /* before the encoder's names in its file: "bert." */
    const char *head_dense, *head_out; /* names of a classifier's layers */
    enum trainable_activation head_activation; /* behind head_dense */
    enum model_pooling pooling; /* of vectors */
    size_t hidden, layers, vocabulary, tokens_max;
    size_t positions; /* tokens that it could read at the most, whatever its folder says */
    enum model_precision precision;
};
const struct trainable_info *trainable_info(const struct trainable *trainable);

/* All tensors of the encoder, then those of low-rank additions. */
struct parameter *trainable_parameters(struct trainable *trainable, size_t *count);

/* A tensor of the base's folder that is no part of the encoder, such as a head's; NULL when it is not there in that shape. Freed by the
 * caller. */
float *trainable_read(const struct trainable *trainable, const char *name, size_t rows, size_t columns) MUST_USE;

/* A low-rank addition to the linear layer of that name ("encoder.layer.0.attention.self.query"): y += scale · B·(A·x). Its
 * parameters are "NAME.lora_A.weight" [rank, in], random, and "NAME.lora_B.weight" [out, rank], zeros; and of a weight-decomposed one
 * "NAME.lora_magnitude_vector" [out], the lengths of the rows of W: each row of W + scale · B·A has that length then (magnitude.c). */
struct low_rank_options {
    const char *layer;
    size_t rank;
    float scale;
    float dropout; /* of x, for A */
    bool weight_decomposed; /* DoRA */
};
bool trainable_add_low_rank(struct trainable *trainable, const struct low_rank_options *options, struct error *error) MUST_USE;

/* Names of the linear layers, `*count` of them. */
const char *const *trainable_layers(const struct trainable *trainable, size_t *count);

/* W + scale · B·A of the parameter W, by its magnitudes where it has some, [rows, columns], freed by the caller; NULL when nothing is added to it. */
float *trainable_merged(struct trainable *trainable, const struct parameter *parameter) MUST_USE;

/* A classifier over the mean of a text's states as transformers' classes have one, which read the first token's state: the tensors of one more layer, and those
 * of the head. `*count` of them, in `arena`; their outputs are its own within rounding. Fails where the states have no room for so many labels. */
struct mean_classifier {
    const float *weight, *bias; /* [labels, hidden], [labels] */
    size_t labels;
};
bool trainable_mean_layer(const struct trainable *trainable, const struct mean_classifier *classifier, struct arena *arena,
                          struct parameter **made, size_t *count, struct error *error) MUST_USE;

/* To be called after values were changed. */
void trainable_changed(struct trainable *trainable);

/* For a head that raises the gradients of all words by itself: each row of their table counts as used from now on. To be called first. */
void trainable_uses_all_words(struct trainable *trainable);

/* What is dropped depends on the seed, the step and a row's place in the step's whole batch. */
struct pass_options {
    bool learns; /* drops, and keeps what backward needs */
    uint64_t step;
    size_t first_row; /* of the pack, in the batch */
};

/* states: [rows, hidden], the trainable's, until the next call. */
bool trainable_forward(struct trainable *trainable, const struct pack *pack, const struct pass_options *options,
                       const float **states, struct error *error) MUST_USE;

/* Of the pack that went forward last, which must still be there, as it was. */
bool trainable_backward(struct trainable *trainable, const float *d_states, struct error *error) MUST_USE;

/* ---- dropout, for heads too ---- */

struct dropout {
    float part; /* 0: nothing is dropped */
    uint64_t seed, step;
};

/* Sets some of the numbers to 0 and scales the others, so that their sum stays about the same; the same ones for the same seed, step, site,
 * row and column. `site` below 2^24 is the caller's. */
void dropout_apply(const struct dropout *dropout, uint32_t site, size_t row, size_t first_column, float *values, size_t count);

#endif
