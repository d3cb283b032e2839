/* train_parts.h - what the files of a trainer share. Private to train. */
#ifndef TRAIN_TRAIN_PARTS_H
#define TRAIN_TRAIN_PARTS_H

#include "codec/codec.h"
#include "kernel/kernel.h"
#include "text/text.h"
#include "moments8.h"
#include "team.h"
#include "trainer.h"

/* A text or pair as tokens, and what is wanted of it. */
struct ready {
    uint32_t *ids;
    uint8_t *types;
    uint32_t *wanted; /* TRAIN_TAG, TRAIN_WRITE: by token, its label or the next token, or NOT_WANTED; NULL for others */
    size_t count;
    size_t source; /* TRAIN_WRITE: tokens before the target; 0 for others */
    size_t start, end; /* TRAIN_SPAN: tokens of the answer; 0: none */
    float weight;      /* of its loss, class weight included; of TRAIN_TAG and TRAIN_WRITE one token's */
    size_t example;    /* whose it is */
};
#define NOT_WANTED UINT32_MAX

/* Examples as tokens. TRAIN_EMBED has several texts an example: first, second, negatives. */
struct ready_set {
    struct ready *items;
    size_t count;
    size_t *firsts; /* by example, and one more: its first item */
    size_t example_count;
};

/* One thread's tools for tokenizing. */
struct token_tools {
    struct tokenizer_workspace *workspace;
    struct tokens tokens;
};

/* A linear layer of the head, in f32. */
struct head_layer {
    size_t n, k;
    float *w, *b, *dw, *db; /* [n, k], [n]; dw NULL: not learned */
};

/* out(drop(activation(dense(x)))): x one vector of each text, or each row. */
struct task_head {
    bool has_dense, by_row, mean;
    struct head_layer dense, out;
    float *memory;
    /* of the pack at hand */
    size_t vectors, capacity;
    float *x, *inner, *after, *logits;      /* [vectors, hidden] …, [vectors, outputs] */
    float *dx, *dinner, *dlogits;
    float *pack_memory;
};

/* The head of TRAIN_WRITE (write_head.c). */
struct write_head {
    struct head_layer dense, query, gate;
    float *norm, *norm_bias, *dnorm, *dnorm_bias; /* [hidden] */
    float *bias, *dbias; /* [vocabulary] */
    const float *words; /* the base's [vocabulary, hidden] */
    float *dwords; /* NULL: they are not learned */
    size_t hidden, vocabulary, numbers;
    float *memory;
    struct product_lane **lanes; /* by thread */
    size_t lane_count;
    float *pack_memory;
    size_t pack_numbers;
};
enum { HEAD_TENSORS_MAX = 12 };

/* A tensor that is learned: the encoder's or the head's. */
struct learned {
    struct parameter parameter;
    bool is_head, decays;
    float *first, *second; /* moments; NULL: they are in 8 bits */
    struct moments8 moments8;
};

struct trainer {
    struct arena arena;
    struct train_recipe recipe;
    struct pool *pool;
    const char *base, *folder;
    const char **labels;
    char base_hash[BASE_HASH_BYTES]; /* SHA-256 of the base's weights, in hexadecimal */
    char input_hash[BASE_HASH_BYTES]; /* of the form of its inputs */
    unsigned char start[32]; /* of the adapter's numbers that it begins with; zeros: it begins with none */
    struct trainable *trainable;
    const struct trainable_info *info;
    struct tokenizer *tokenizer;
    struct token_tools *tools; /* by thread */
    size_t thread_count, tokens_max;
    struct task_head head;
    struct write_head write; /* of TRAIN_WRITE, in the other's place */
    bool has_new_head; /* it began with the layers of an adapter of another task */
    struct learned *learned;
    size_t learned_count, learned_numbers;
    unsigned char *moments; /* of all tensors, made when training begins (optimizer.c) */
    size_t moments_bytes;
    float *best;     /* [learned_numbers]: weights of the best score */
    float *d_states; /* of a pack */
    size_t d_states_rows;
    struct team *team; /* of a run by several processes, else NULL */
    struct buffer log; /* train.jsonl */
    uint64_t log_kept_ns; /* when the log was last written for who looks on */
};

/* A run of consecutive items of a batch, as a pack. */
struct batch_pack {
    struct pack pack;
    const struct ready *const *items; /* [text_count] */
};

/* ready.c */
bool ready_make(struct trainer *trainer, const struct train_example *examples, size_t count, struct ready_set *set,
                struct error *error) MUST_USE;
void ready_release(struct ready_set *set);

/* The second text's tokens of a pair, first … end-1; none: both 0. Not every tokenizer tells them by type (RoBERTa's are all of type 0): they are
 * what stands before the last special one. */
void second_tokens(const struct tokens *tokens, size_t *first, size_t *end);

/* Some of a batch's items, and the rows before them. */
struct ready_part {
    const struct ready *const *items;
    size_t first, end, first_row;
};
struct ready_part ready_all(const struct ready *const *items, size_t count);
struct ready_part ready_own(const struct team *team, const struct ready *const *items, size_t count); /* this process's share */

/* Cuts them into packs and calls for each. */
typedef bool pack_work(void *context, const struct batch_pack *pack, size_t first_item, size_t first_row, struct error *error);
bool ready_packs(const struct ready_part *part, pack_work *work, void *context, struct error *error) MUST_USE;

/* task_head.c */
bool head_make(struct trainer *trainer, struct error *error) MUST_USE;
void task_head_release(struct task_head *head);
void head_forward(struct trainer *trainer, const struct batch_pack *pack, const float *states, const struct dropout *dropout,
                  size_t first_row);
void head_backward(struct trainer *trainer, const struct batch_pack *pack, const struct dropout *dropout, size_t first_row,
                   float *d_states);
/* Which of the head's vectors belong to text `text`: `*count` from the returned one on. */
size_t head_vectors(const struct task_head *head, const struct batch_pack *pack, size_t text, size_t *count);

/* A linear layer of a head, and its way back; weights that are not learned get nothing. */
void head_layer_forward(const struct head_layer *layer, const float *x, size_t rows, float *y);
void head_layer_backward_weight(const struct head_layer *layer, const float *x, const float *dy, size_t rows);
void head_layer_backward_input(const struct head_layer *layer, const float *dy, size_t rows, float *dx);

/* Puts a head's tensor among those that are learned. */
void head_learn(struct trainer *trainer, const char *name, float *values, float *gradients, size_t rows, size_t columns);

/* write_head.c */
bool write_head_make(struct trainer *trainer, struct error *error) MUST_USE;
void write_head_release(struct write_head *head);
struct write_pass {
    const struct batch_pack *pack;
    const float *states;
    double weight; /* of the whole batch */
    float *d_states; /* [rows, hidden]: what the loss says of the states; NULL: nothing is learned */
    double *log_p; /* by text, raised by its target's; may be NULL */
};
bool write_head_run(struct trainer *trainer, const struct write_pass *pass, double *loss, struct error *error) MUST_USE;

/* loss.c: the loss of one item, from its logits, and into `d` the slope of loss · scale. */
double item_loss(const struct trainer *trainer, const struct train_example *example, const struct ready *item,
                 const float *logits, size_t vectors, float scale, float *d);

/* embed_loss.c */
bool embed_step(struct trainer *trainer, const struct ready_set *set, const size_t *examples, size_t count, uint64_t step,
                double *loss, struct error *error) MUST_USE;

/* A vector of each text, of length 1: out [text_count, hidden]; lengths before. */
void embed_vectors(const struct trainer *trainer, const struct batch_pack *pack, const float *states, float *out,
                   float *lengths);

/* step.c: losses and gradients of a batch. */
bool batch_step(struct trainer *trainer, const struct train_example *examples, const struct ready_set *set, const size_t *order,
                size_t count, uint64_t step, double *loss, uint64_t *tokens, struct error *error) MUST_USE;
float *states_gradient(struct trainer *trainer, size_t rows);

/* optimizer.c: places for the moments of all learned tensors, all 0. */
bool moments_make(struct trainer *trainer, struct error *error) MUST_USE;
double optimizer_norm(struct trainer *trainer);
void optimizer_step(struct trainer *trainer, size_t step, double rate_factor, double norm);
double schedule_factor(const struct train_recipe *recipe, size_t step, size_t steps);

/* checkpoint.c */
struct run_state {
    size_t step, best_step, since_best;
    double best_score, last_loss;
    bool has_best, stopped;
};
bool checkpoint_write(struct trainer *trainer, const unsigned char key[32], const struct run_state *state,
                      struct error *error) MUST_USE;
/* `*found` false: there is none. */
bool checkpoint_read(struct trainer *trainer, const unsigned char key[32], struct run_state *state, bool *found,
                     struct error *error) MUST_USE;
void run_start(struct trainer *trainer); /* sets `start` */
void run_key(const struct trainer *trainer, const struct ready_set *set, const struct train_example *examples,
             unsigned char key[32]);
void log_step(struct trainer *trainer, const struct train_progress *progress);
void log_score(struct trainer *trainer, size_t step, double score);

/* adapter.c */
bool adapter_load(struct trainer *trainer, const char *folder, struct error *error) MUST_USE;

#endif
