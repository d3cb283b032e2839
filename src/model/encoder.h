/* encoder.h - the layers of an encoder, their weights packed, and the way through them. Private to model.
 *
 * Texts are not padded: a pack is all rows of several texts behind one another, one row a token.
 *
 *   ids     [CLS] a b [SEP] [CLS] c [SEP] …          rows
 *   texts   └── 0, 4 ─────┘ └─ 4, 3 ────┘            first row, rows
 *
 * Everything but attention works on rows one by one, so nothing that stands beside a text changes a bit of it. */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include "config.h"
#include "crew.h"
#include "kernel/kernel.h"
#include "weights.h"

struct linear {
    struct gemm_matrix matrix;
    float *bias; /* [n], zeros when it has none */
    /* In 8 bits: the inputs that stand apart (kernel.h), and the matrix's columns for them, which are 0 in it. */
    size_t apart[KERNEL_APART];
    float *apart_columns; /* [KERNEL_APART, n] */
};

struct norm {
    float *weight, *bias; /* [hidden]; weight NULL: no norm here */
};

struct layer {
    struct linear qkv, attention_out, ffn_in, ffn_gate, ffn_out; /* ffn_gate of gated ones */
    struct norm attention_norm, ffn_norm;
    bool is_local;
};

struct encoder {
    struct encoder_config config;
    enum gemm_type type;
    const struct tensor *words; /* in the mapped file */
    float *positions;           /* [positions, hidden] or NULL */
    float *token_types;         /* [token_types, hidden] or NULL */
    struct norm embedding_norm, final_norm;
    struct layer *layers;
    size_t apart[KERNEL_APART]; /* in 8 bits: the states that the matrices reading them keep apart */
    float *relative;       /* [heads][2·positions - 1]: bias by distance, or NULL */
    float *rotary_full;    /* [positions, head_size]: cosines, then sines, of half the head each; NULL: not rotary */
    float *rotary_local;
    uint64_t linear_weights; /* numbers in the layers' matrices */
    size_t packed_bytes;
    size_t additions; /* layers that the adapter added to */
};

bool encoder_open(struct encoder *encoder, const struct encoder_config *config, const struct weights *weights,
                  enum gemm_type type, struct pool *pool, struct error *error) MUST_USE;
void encoder_close(struct encoder *encoder);

/* The longest text in tokens. */
size_t encoder_tokens_max(const struct encoder *encoder);

/* Runs the pack through all layers; each member of the crew calls it, with a worker that only it uses. When one has returned, the rows
 * are in crew->buffers->x. */
void encoder_run(const struct encoder *encoder, const struct pack *pack, struct crew *crew, struct worker *worker);
size_t encoder_steps(const struct encoder *encoder); /* places that a crew's steps need */

/* Reads one norm; the bias may be missing. */
bool norm_read(struct norm *norm, const struct weights *weights, const char *name, size_t size, struct error *error) MUST_USE;
void norm_release(struct norm *norm);

#endif
