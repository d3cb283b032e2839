/* learner.h - the parts of a trainable encoder. Private to model.
 *
 * Of each pack, by layer, forward keeps (H hidden, I intermediate; "operand" is f32, or bf16 where products are):
 *
 *   input    operand [rows, H]   what qkv reads
 *   qkv      f32 [rows, 3·H]
 *   context  operand [rows, H]   out of attention
 *   sum1     f32 [rows, H]       before the first norm
 *   middle   operand [rows, H]   behind it
 *   before   f32 [rows, I]       before the activation
 *   after    operand [rows, I]   behind it
 *   sum2     f32 [rows, H]       before the second norm
 *
 * and where an addition to any layer's attention_out or ffn_out is weight-decomposed, what these two gave, with their biases (magnitude.c; what qkv and
 * ffn_in gave is kept already):
 *
 *   attention_out.magnitudes.y, ffn_out.magnitudes.y    f32 [rows, H] each
 *
 * Probabilities of attention are computed again on the way back: they would be the largest of all. Packs are small (the trainer's choice), so
 * this is some tens of MB. Rows are padded to whole LEARN_ROWS: of gradients' operands with zeros, so that products over rows may take all. */
#ifndef MODEL_LEARNER_H
#define MODEL_LEARNER_H

#include "config.h"
#include "crew.h"
#include "trainable.h"
#include "weights.h"

enum {
    LEARN_ROWS = GEMM_TILE, /* of an item: of a product, or one that works row by row; and of a partial sum over rows */
    LEARN_GRADIENT = 384,   /* rows and columns of a weight gradient's item */
    LEARN_PARTS = 3         /* linear layers in one matrix: query, key, value */
};

/* What a row is multiplied by, packed: w for the way forward, its transpose for the way back. The panels of both are cut at the same places
 * as those of low-rank additions, so that each of these has a panel where it begins. */
struct packed_pair {
    struct gemm_matrix forward, back;
};

/* One low-rank addition: rows first … first+n-1 of a matrix's output. t = scale · A·drop(x) and dt = scale · Bᵀ·dy are kept by pack. Products
 * are in `type`: that of operands, but f32 where the rank does not fill what oneDNN needs of bf16. */
struct low_rank {
    size_t rank, first, n;
    float scale;
    float dropout;
    uint32_t site;
    enum gemm_type type;
    float *a, *da; /* [rank, k] */
    float *b, *db; /* [rank, n]: turned */
    bool weight_decomposed; /* DoRA: its rows of the matrix's magnitudes are learned */
    const struct matrix *matrix; /* that it adds to */
    struct packed_pair packed_a, packed_b;
    void *t, *dt; /* [rows, rank], of `type` */
};

/* Of a matrix with a weight-decomposed addition (magnitude.c); rows of other parts stay 1. */
struct magnitudes {
    float *m, *dm; /* [n]; NULL: it has none */
    float *gain, *inverse; /* [n]: m / |w + scale·B·A|, 1 / m */
    float *y; /* f32 [rows, n] of the pack: what the matrix gave, with its bias */
    bool is_own; /* y is kept for this alone */
};

struct matrix {
    const char *names[LEARN_PARTS]; /* without ".weight" */
    size_t parts, n, k;
    float *w, *dw; /* [n, k]; dw NULL: not learned */
    float *bias, *dbias; /* [n] */
    struct packed_pair packed;
    struct low_rank *low[LEARN_PARTS]; /* by part, or NULL */
    struct magnitudes magnitudes;
};

struct scale_shift {
    float *weight, *bias, *dweight, *dbias; /* [hidden] */
};

struct learner_layer {
    struct matrix qkv, attention_out, ffn_in, ffn_out;
    struct scale_shift attention_norm, ffn_norm;
    /* what is kept of the pack */
    void *input, *context, *middle, *after;
    float *qkv_rows, *sum1, *before, *sum2;
    float *
        entry; /* f32 [rows, H]: what it reads, where the above are made again on the way back and one layer's at a time; else NULL */
};

/* Sums over LEARN_ROWS rows each, for biases and norms; put together by partial_finish. */
struct partial {
    float *sums; /* [row blocks, width] */
    float *into; /* [width], NULL: not learned */
    size_t width;
};
enum {
    PARTIAL_QKV, /* of the four matrices, in the order of matrix_at: their biases */
    PARTIAL_OUT,
    PARTIAL_IN,
    PARTIAL_OUT2,
    PARTIAL_M_QKV, /* their magnitudes */
    PARTIAL_M_OUT,
    PARTIAL_M_IN,
    PARTIAL_M_OUT2,
    PARTIAL_W1, /* norms */
    PARTIAL_B1,
    PARTIAL_W2,
    PARTIAL_B2,
    PARTIALS
};

/* One thread's own. */
struct learn_worker {
    struct gemm_lane *lane;
    struct product_lane *plain_lane;
    float *tile, *more; /* [LEARN_ROWS, GEMM_PANEL] */
    float *block; /* [LEARN_ROWS, widest row] */
    uint16_t *half_block; /* the same in bf16 */
    float *row; /* [3, widest row] */
    float *attention; /* see learn_attention.c */
};

/* A panel to be packed, of weights at `w`. */
struct packing {
    struct packed_pair *pair;
    const float *w;
    size_t item;
    bool changes;
};

struct trainable {
    struct arena arena;
    struct trainable_info info;
    struct encoder_config config;
    struct weights weights;
    struct pool *pool;
    bool half, all;
    bool recomputes; /* see learn_run.c */
    struct dropout dropout;

    struct parameter *parameters;
    size_t parameter_count, parameter_capacity;
    const char **layer_names;
    size_t layer_name_count;
    float *words, *positions, *token_types; /* values */
    float *dwords, *dpositions, *dtoken_types; /* gradients */
    unsigned char *used_words; /* [vocabulary] */
    struct scale_shift embedding_norm;
    struct learner_layer *layers;
    float *values, *gradients; /* of the encoder, one block each */
    struct packing *packings;
    size_t packing_count, packing_capacity;
    bool packed; /* all of them, once */
    struct low_rank **additions;
    size_t addition_count, addition_capacity;

    struct crew crew;
    struct learn_worker *workers;
    size_t thread_count, attention_count; /* tokens that the workers' attention has room for */
    float *zeros, *ones; /* [widest row] */

    /* of the pack at hand */
    const struct pack *pack;
    struct pass_options options;
    size_t rows, capacity; /* padded rows; that there is memory for */
    void *memory;
    float *embedded; /* [rows, H]: sums before the embeddings' norm */
    float *x, *dx; /* [rows, H] */
    float *dcontext; /* [rows, H] */
    float *dqkv; /* [rows, 3·H] */
    void *d_qkv, *d_out, *d_in, *d_out2; /* operands: gradients of the matrices' outputs */
    float *partial_sums[PARTIALS];
};

/* One member's view of the work. */
struct learn {
    struct trainable *trainable;
    const struct kernels *kernels;
    const struct pack *pack;
    struct learn_worker *worker;
    struct learner_layer *layer;
    size_t number; /* of the layer */
    size_t step; /* of the crew */
    size_t blocks; /* of LEARN_ROWS rows */
    const struct dropout *dropout; /* part 0 when it does not learn */
    const struct matrix *matrix;
    bool back; /* dx is made, not y */
    const void *input; /* of a product */
    void (*work)(struct learn *learn, size_t row, size_t first, size_t width, float *sums);
    struct partial partials[PARTIALS]; /* of the layer */
};

/* Where numbers are dropped: the layer above, the place in it below. */
enum { SITE_EMBEDDINGS = 1, SITE_OUT, SITE_OUT2, SITE_LOW_RANK = 8, SITE_HEADS = 64, SITES_A_LAYER = 1024 };
uint32_t learn_site(const struct learn *learn, uint32_t place);

/* A step that the crew does together. */
void learn_step(struct learn *learn, size_t count, void (*item)(void *context, size_t item));

/* The rows of block `block`: first … end-1, without padding. */
void learn_block(const struct learn *learn, size_t block, size_t *first, size_t *end);

/* A row of numbers into an operand's row, at column `first`. */
void learn_put(const struct learn *learn, void *operand, size_t row, size_t width, size_t first, const float *values,
               size_t count);
void learn_get(const struct learn *learn, const void *operand, size_t place, size_t count, float *values);

/* Adds a row, columns `first` …, to the sums of its block. */
void partial_add(struct partial *partial, size_t row, size_t first, const float *values, size_t count);

/* Adds the sums of all blocks, in their order, to what is learned. */
void partial_finish(const struct learn *learn, const struct partial *partial);

/* learn_matrix.c: y = x·wᵀ, dx = dy·w, dw += dyᵀ·x. `work` has each row's sums. */
typedef void learn_work(struct learn *learn, size_t row, size_t first, size_t width, float *sums);
void matrix_forward(struct learn *learn, const struct matrix *matrix, const void *x, learn_work *work);
void matrix_backward_input(struct learn *learn, const struct matrix *matrix, const void *dy, learn_work *work);
size_t matrix_weight_items(const struct matrix *matrix);
void matrix_backward_weight(struct learn *learn, const struct matrix *matrix, const void *x, const void *dy, size_t item);

/* A linear layer w [n, k], a part of a matrix of `parts` such, packed for both ways. */
bool packed_pair_make(struct packed_pair *pair, enum gemm_type type, size_t n, size_t k, size_t parts,
                      struct error *error) MUST_USE;
void packed_pair_release(struct packed_pair *pair);
size_t packed_pair_items(const struct packed_pair *pair);
void packed_pair_change(struct packed_pair *pair, struct gemm_lane *lane, size_t item, const float *w);

/* The type of operands, and a place in one. */
enum gemm_type learn_type(const struct trainable *trainable);
const void *gemm_at(enum gemm_type type, const void *operand, size_t place);

/* low_rank.c */
bool low_rank_make(struct trainable *trainable, const struct matrix *matrix, struct low_rank *low,
                   struct error *error) MUST_USE;
void low_rank_release(struct low_rank *low);
void low_rank_forward(struct learn *learn, const struct matrix *matrix, const void *x);
void low_rank_backward(struct learn *learn, const struct matrix *matrix, const void *dy);

/* What additions add to a tile of y (or dx, on the way back), its panel being `panel` of the matrix. */
void low_rank_add(struct learn *learn, const struct matrix *matrix, size_t row, size_t rows, size_t panel, float *tile);

enum { LOW_RANK_ITEMS = 2 }; /* the gradients of B and of A */
void low_rank_backward_weight(struct learn *learn, const struct matrix *matrix, const struct low_rank *low, const void *x,
                              const void *dy, size_t item);

/* W + scale·B·A, `count` of the addition's rows from its row `first` on. */
void low_rank_merge(const struct low_rank *low, size_t first, size_t count, float *merged);

/* magnitude.c. _make: of a matrix that has none yet, 1. _start: the lengths of its rows are the addition's magnitudes. _changed: after A, B or m has. _backward: dy
 * of a row becomes what the products' way back reads, and `partial` gets what the magnitudes learn. */
void magnitudes_make(struct matrix *matrix);
void magnitudes_release(struct magnitudes *magnitudes);
void magnitudes_start(const struct low_rank *low);
void magnitudes_changed(const struct low_rank *low);
void magnitudes_forward(const struct matrix *matrix, size_t first, size_t width, float *y);
void magnitudes_backward(struct learn *learn, const struct matrix *matrix, struct partial *partial, size_t row, size_t first,
                         float *dy, size_t count);

/* learn_norm.c: one row. */
void norm_forward(struct learn *learn, const struct scale_shift *norm, const float *sum, float *out);
void norm_backward(struct learn *learn, const struct scale_shift *norm, const float *sum, float *d, float *dweight);

/* learn_attention.c: one text and the head of that number. */
size_t learn_attention_scratch(size_t count, size_t head_size);
void attention_forward(struct learn *learn, size_t text, size_t number);
void attention_backward(struct learn *learn, size_t text, size_t number);

size_t learn_steps(size_t layers); /* places that a crew's steps need */

/* learn_embed.c */
void embed_forward(void *context, size_t text);
void embed_backward(struct learn *learn);

#endif
