/* trainer.h - the training loop, its recipe and its outcome. Part of train.h.
 *
 * A trainer holds one encoder with a head for one task. It is asked for outputs at any time, before it was trained too. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "model/model.h"

enum train_task {
    TRAIN_CLASSIFY,      /* one of several labels */
    TRAIN_CLASSIFY_MANY, /* any of several labels */
    TRAIN_REGRESS,       /* numbers */
    TRAIN_RANK,          /* how well the second text answers the first: one number, its logistic 0 … 1 */
    TRAIN_TAG,           /* a label for each token of `first` */
    TRAIN_SPAN,          /* where in `second` the answer to `first` stands, if it does */
    TRAIN_WRITE, /* the tokens of `target` behind `first` and `second`; no tokens stand for "not in the documents" */
    TRAIN_EMBED          /* vectors: `first` near `second`, and far from those of all other examples of its batch */
};

enum train_scope {
    TRAIN_ALL,  /* every weight */
    TRAIN_LORA, /* low-rank additions to some linear layers, and the head */
    TRAIN_HEAD  /* the head alone, over the encoder as it is */
};

enum train_schedule { TRAIN_CONSTANT, TRAIN_LINEAR, TRAIN_COSINE }; /* behind the warm-up; the last two end in 0 */

/* Bytes of a text, and their label. */
struct train_range {
    size_t start, end;
    size_t label;
};

/* What it learns from. Texts and arrays stay the caller's, and must live as long as the call that is given them. */
struct train_example {
    struct slice first;
    struct slice second; /* of a pair; data NULL: a single text */
    size_t label;        /* TRAIN_CLASSIFY */
    const float *targets; /* TRAIN_CLASSIFY_MANY, _REGRESS, _RANK: [outputs], 0 … 1 but for TRAIN_REGRESS */
    const struct train_range
        *ranges; /* TRAIN_TAG: of `first`, all other bytes having label 0; TRAIN_SPAN: one of `second`, or none */
    size_t range_count;
    const uint32_t *target; /* TRAIN_WRITE: the tokens wanted, without those that begin and end them */
    size_t target_count;
    const struct slice *negatives; /* TRAIN_EMBED: texts that do not answer `first` though they look like it */
    size_t negative_count;
    float weight; /* of its loss beside the others'; 0 stands for 1 */
};

/* W + scale · B·A, where scale is alpha / rank, or alpha / √rank (rank-stabilised, Kalajdzievski 2023); or its rows with lengths that are learned apart
 * (weight-decomposed: DoRA, Liu et al. 2024). */
struct train_lora {
    size_t rank; /* 0: 8 */
    float alpha; /* 0: twice the rank */
    float dropout; /* of what A reads */
    bool rank_stabilised;
    bool weight_decomposed;
    const char *const
        *targets; /* ends of linear layers' names ("query", "attention.output.dense"), or "all-linear"; none: query and value */
    size_t target_count;
};

enum { TRAIN_WIDTHS = 8 };

/* Everything that decides the outcome. Zeros stand for the default in brackets. */
struct train_recipe {
    enum train_task task;
    enum train_scope scope;
    size_t outputs; /* labels, or numbers of a regression; [1] for TRAIN_RANK, else required where the task has them */
    enum model_precision precision; /* f32, bf16 or auto */
    bool
        mean_pooling; /* the head reads the mean of all tokens instead of the base's own way (the first one, through its dense layer) */
    struct train_lora lora;
    size_t epochs; /* [3] */
    size_t steps_max; /* ends it earlier; [no limit] */
    size_t batch_examples; /* of one update of the weights [32] */
    size_t tokens_max; /* longer texts are cut, targets not counted; [the base's] */
    float learning_rate; /* [1e-4; with LoRA 1e-3] */
    float head_learning_rate; /* [the same] */
    enum train_schedule schedule;
    float warmup; /* part of all steps [0]; 0.1 is usual */
    float weight_decay; /* of matrices [0] */
    float beta1, beta2, epsilon; /* AdamW [0.9, 0.999, 1e-8] */
    bool
        moments_8bit; /* its two moments of matrices in 8 bits, not f32; of small ones and of tables of which a text uses some rows they stay f32 */
    bool recompute; /* what layers made is made again on the way back in the place of being kept: less memory, the same bits */
    float clip; /* norm of all gradients together [no clipping] */
    float dropout; /* of states, attention and the head's input [0]; bases were trained with 0.1 */
    float label_smoothing; /* TRAIN_CLASSIFY, TRAIN_WRITE */
    float focal_gamma; /* TRAIN_CLASSIFY, _CLASSIFY_MANY; [0: cross-entropy] */
    const float *class_weights; /* [outputs]; NULL: all 1 */
    float temperature; /* TRAIN_EMBED: of cosines [0.05] */
    size_t widths
        [TRAIN_WIDTHS]; /* TRAIN_EMBED: so many first numbers of a vector shall do for it as well (Matryoshka); 0 ends them [the whole vector alone] */
    uint64_t seed;
    size_t evaluate_steps; /* between two scores; [an epoch's] */
    size_t patience; /* scores without a better one before it stops; [never] */
    size_t checkpoint_steps; /* [an epoch's]; where a folder is given */
};

/* What a step was like. */
struct train_progress {
    size_t step, steps; /* this one, from 1, and all */
    size_t epoch; /* from 1 */
    double loss; /* mean of the step's examples */
    double learning_rate;
    double gradient_norm; /* before clipping */
    uint64_t tokens; /* of the step */
    double seconds; /* since the run, or its resumption, began */
};

struct trainer;

struct train_calls {
    void *context;
    /* After each step; false stops the run (ERROR_CANCELLED), to be resumed. */
    bool (*progress)(void *context, const struct train_progress *progress);
    /* A score of the weights as they are, more being better: for early stopping and to keep the best. It may ask trainer_predict. */
    bool (*score)(void *context, struct trainer *trainer, double *score, struct error *error);
};

struct train_result {
    size_t steps; /* done */
    size_t best_step; /* whose weights are kept: those of the best score, or the last */
    double best_score; /* NaN without scores */
    double last_loss;
    bool stopped_early;
};

struct trainer_options {
    const char *base; /* the model's folder */
    struct pool *pool; /* outlives the trainer */
    const char *folder; /* for checkpoints, train.jsonl and the best weights; NULL: nothing is written */
    const char *const *labels; /* names of the outputs, kept with what is saved; NULL: LABEL_0 … */
    const char *adapter; /* a PEFT folder to go on from; NULL: none */
};

/* Copies the recipe; strings and arrays of it too. */
bool trainer_create(struct trainer **trainer, const struct train_recipe *recipe, const struct trainer_options *options,
                    struct error *error) MUST_USE;
void trainer_free(struct trainer *trainer); /* NULL is fine */

/* Whether of the adapter that it begins with only the layers were taken, so that it cannot do yet what it is to learn: a reader's, by a writer. */
bool trainer_has_new_head(const struct trainer *trainer);

/* Trains on the examples. With a folder that holds a checkpoint of the same recipe and examples and `resume`, goes on from there, and ends in
 * the same weights, bit by bit, as a run that was not ended on its way. Afterwards the trainer has the best weights. */
bool trainer_run(struct trainer *trainer, const struct train_example *examples, size_t count, bool resume,
                 const struct train_calls *calls, struct train_result *result, struct error *error) MUST_USE;

/* Takes the best weights of the checkpoint that such a run has left in its folder, or the last where it has no score; fails when there is
 * none. The run may be going on. */
bool trainer_restore(struct trainer *trainer, const struct train_example *examples, size_t count,
                     const struct train_calls *calls, struct train_result *result, struct error *error) MUST_USE;

/* A sweep for the learning rate: at most TRAIN_RATES steps, each at a higher rate than the one before, from a thousandth of the recipe's to a hundred times it. It
 * ends where the loss is twice what it was. The weights are afterwards as they were before, the gradients 0; nothing is written. */
enum { TRAIN_RATES = 100 };
struct train_rates {
    size_t count;
    struct {
        double rate, raw; /* the loss of the batch behind the step at that rate */
        double loss; /* evened out */
    } points[TRAIN_RATES];
    double suggested; /* 0: no rate made the loss fall */
};
bool trainer_find_rate(struct trainer *trainer, const struct train_example *examples, size_t count,
                       const struct train_calls *calls, struct train_rates *rates, struct error *error) MUST_USE;

/* Evens out the losses, and chooses: part of the above, for those who have the losses. */
void rates_judge(struct train_rates *rates);

/* The loss of the examples as one batch, and the gradients of all that is learned, which are 0 before the first call, added to. For
 * tests. */
bool trainer_gradients(struct trainer *trainer, const struct train_example *examples, size_t count, double *loss,
                       struct error *error) MUST_USE;
const struct parameter *trainer_learned(const struct trainer *trainer, size_t i); /* NULL behind the last */

/* Numbers that trainer_predict gives for each example: outputs; for TRAIN_EMBED the vector's; for TRAIN_WRITE one, log p of the target. Not for TRAIN_TAG and TRAIN_SPAN. */
size_t trainer_outputs(const struct trainer *trainer);

/* The head's raw outputs (logits), of TRAIN_EMBED the vectors of `first`: out [count, trainer_outputs]. */
bool trainer_predict(struct trainer *trainer, const struct train_example *examples, size_t count, float *out,
                     struct error *error) MUST_USE;

/* The best answer in `second` by the head of TRAIN_SPAN, as bytes of it; `score` is how far it is above there being none. */
struct train_span {
    size_t start, end;
    float score;
};
bool trainer_predict_spans(struct trainer *trainer, const struct train_example *examples, size_t count, struct train_span *out,
                           struct error *error) MUST_USE;

/* TRAIN_TAG: the logits of each token of `first` that has bytes of it. */
struct train_tags {
    size_t count; /* of tokens */
    struct train_range *tokens; /* their bytes and likeliest label */
};
bool trainer_predict_tags(struct trainer *trainer, const struct train_example *example, struct train_tags *out,
                          struct error *error) MUST_USE;
void train_tags_release(struct train_tags *tags);

/* Writes what was trained: of TRAIN_LORA and TRAIN_HEAD a PEFT folder, which names the base by hash; of TRAIN_ALL a model's whole folder. */
bool trainer_save(struct trainer *trainer, const char *folder, struct error *error) MUST_USE;

/* Writes the whole model, additions merged into its weights, as a folder that model_open and transformers read, both with the same outputs: one with mean_pooling has
 * a layer more for that than what trainer_save writes of TRAIN_ALL. */
bool trainer_save_merged(struct trainer *trainer, const char *folder, struct error *error) MUST_USE;

#endif
