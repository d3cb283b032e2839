/* assay_tune.h - fine-tuning, and classifiers. Part of assay.h, which includes it. */
#ifndef ASSAY_TUNE_H
#define ASSAY_TUNE_H

#include <assay.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- fine-tuning ----
 *
 * Learns to classify texts from labelled examples: the examples are checked first, some are held out, and what was learned is measured on
 * cases that it never saw (docs/tuning.md). The outcome is an adapter: a folder in the project's .assay/adapters/, whole or not there. */
struct assay_tune_metrics { /* of a step of a training */
    size_t step, steps, tokens;
    double loss;
};

struct assay_tune_options {
    const char *data; /* a file of examples */
    const char *test; /* cases to measure with; NULL: a tenth of the examples is held out */
    const char *format; /* "text-label" …; NULL: found by the content */
    const char *text_name, *label_name; /* members or columns; NULL: the usual names */
    const char
        *group_name; /* one that says which examples must not be divided, as a customer's number; NULL: none. Of classifiers */
    const char *name; /* of the adapter; NULL: "classify" */
    const char *method; /* "head": regression on the base's vectors; "lora"; "full": every weight; "auto", or NULL */
    const char *model; /* the base; NULL: builtin */
    const char *precision;
    size_t threads;
    double precision_wanted; /* share of answers that are right when it may abstain; 0: 0.95 */
    uint64_t seed; /* 0: 1 */
    bool check; /* stop after the checks */
    bool find_rate; /* look for a learning rate, and stop: nothing is kept */
    bool replace; /* an adapter of that name */
    bool resume; /* goes on with a training that was stopped */
    bool
        recompute; /* where weights are trained: what layers made is made again, not kept; slower, less memory, the same outcome */
    bool moments_8bit; /* AdamW's moments of matrices in 8 bits, where weights are trained: a quarter of their memory */
    bool dora; /* where LoRA is trained: the lengths of the layers' rows are learned apart (DoRA, Liu et al. 2024) */
    bool balanced; /* classifiers: every label counts as much as any other, however many examples it has */
    double label_smoothing; /* of a classifier whose weights are trained: 0 … 0.9, of what is wanted spread over all labels */
    double
        focal_gamma; /* the same: 0 … 5, how much less is learned from what it is sure of (Lin et al. 2017); not with smoothing */
    size_t epochs, batch; /* where weights are trained, not of a regression; 0: as many as are usual */
    double learning_rate_multiplier; /* the same; 0: 1 */
    double
        learning_rate; /* of the base's weights, the others' in proportion, in the place of that; 0: the usual one times that */
    const char *rival; /* an adapter of the same task: what it was measured with is held out again, and both are; NULL: none */
    assay_on_progress *on_progress;
    void (*on_metrics)(void *context, const struct assay_tune_metrics *metrics); /* after each step; may be NULL */
    void *context;
};

struct assay_tune_place {
    bool in_test, other_in_test;
    size_t line, other_line; /* 0: none */
    const char *text;
};
struct assay_tune_finding {
    const char *kind, *severity;
    bool blocks; /* nothing can be learned so */
    size_t count;
    const char *message, *remedy;
    const struct assay_tune_place *places; /* the first ones */
    size_t place_count;
};
struct assay_tune_rejected {
    size_t line;
    const char *fault, *reason; /* "missing_key", "\"label\" is missing" */
};
struct assay_tune_label {
    const char *name;
    size_t examples, cases; /* usable ones; held out */
    double precision, recall, f1; /* of the cases */
};
struct assay_tune_confusion {
    const char *truth, *answer;
    size_t count;
};
struct assay_tune_score {
    double accuracy, low, high; /* with its interval (95 %, Wilson) */
    double macro_f1;
};

struct assay_tune_commonest { /* what is reached without learning: one label for every case */
    const char *label; /* the commonest of the examples that were learned from */
    struct assay_tune_score score;
    double change, low, high,
        chance; /* of what was learned against it: of the accuracy, with its interval and p, as `change` below */
    bool is_beaten; /* what was learned is right more often, by more than chance (p of no more than 0.05) */
};

struct assay_tune_rival { /* both on the same cases */
    const char *name, *measure; /* "accuracy", "F1", "nDCG@10", "recall@10" */
    const char *unmeasured; /* why it could not be asked; NULL: it was */
    double before, after, change, change_low,
        change_high; /* of the rival, of the new one; with the change's interval (bootstrap) */
    bool is_fair; /* neither learned from the cases; else the rival may have learned from some */
    bool is_replaced; /* by the new one: assay_tune_again does that where it is not worse */
};

struct assay_tune_rate { /* a step at that rate, and the loss behind it, evened out */
    double rate, loss;
};

/* What it does on general texts, of which neither it nor what was before has learned: whether tuning damaged something (docs/tuning.md). */
struct assay_tune_general {
    const char *measure; /* "abstained": of what it has no answer to; "recall@1": questions whose passage comes first */
    size_t texts;
    double before, after; /* before -1: there was nothing */
};

struct assay_tune_reading;
struct assay_tune_report {
    const char *stated, *note; /* how the examples were read; note NULL: nothing to add */
    size_t records, examples, usable, rejected; /* rejected: of records; the first ones are told */
    const struct assay_tune_rejected *rejections;
    size_t rejection_count;
    const struct assay_tune_finding *findings; /* the gravest first */
    size_t finding_count;
    const char *floor; /* what so many examples are good for; NULL: less than the least */
    size_t floor_next; /* examples to the next such step; 0: there is none */
    size_t tokens_median, tokens_p95, tokens_most; /* of a text; 0: not counted */
    const struct assay_tune_label *labels;
    size_t label_count;
    const struct assay_tune_rate *rates; /* where options.find_rate was set, rising; else NULL */
    size_t rate_count;
    double rate_usual, rate_suggested; /* suggested 0: no rate made the loss fall */
    /* From here on zeros where options.check or find_rate was set. */
    const char *adapter; /* its folder */
    const char *base, *method;
    const char *untrained; /* why method "auto" kept the regression where it would have trained the base; or NULL */
    size_t train, validation, cases; /* cases: those it was measured on */
    size_t epochs, steps; /* epochs: of a trained one; 0: it was fitted */
    double strength; /* C of the regression, chosen on the validation part */
    double loss_train, loss_validation; /* means */
    const char *compared_with; /* what `before` is: "label names", by their likeness to the text; "head": the regression */
    struct assay_tune_score before, after;
    struct assay_tune_commonest commonest;
    double change, change_low, change_high; /* of the accuracy (Newcombe) */
    double chance; /* McNemar's exact p */
    double f1_change, f1_change_low, f1_change_high; /* of the macro F1 (paired bootstrap) */
    double temperature, calibration_raw, calibration; /* expected calibration error without and with the temperature */
    double precision_wanted, threshold; /* below it, it abstains; 0: it never does */
    bool is_reached; /* the wanted precision, on the validation part */
    double precision, coverage; /* what the threshold gives on the cases */
    const struct assay_tune_confusion *confusions; /* the commonest first */
    size_t confusion_count;
    double tokens_per_second, took_ms;
    size_t tokens; /* that it learned from, each time that it read them */
    size_t peak_bytes;
    /* Of a reader, else NULL; `threshold` is of its scores then, and of the above what needs labels is 0. */
    const struct assay_tune_reading *reading_before, *reading;
    size_t unanswerable, unanswerable_cases; /* among `usable`, among `cases` */
    size_t best_step; /* whose weights were kept */
    const struct assay_tune_ranking *ranking_before, *ranking, *ranking_change; /* NULL: of another kind of tuning */
    bool is_embedding;
    const struct assay_tune_width *widths; /* of its parts, where options.widths were given */
    size_t width_count;
    const char *mined; /* where near misses come from: "given", "search": the project's, "texts": the nearest of the data */
    size_t texts; /* of the data, different ones */
    const struct assay_tune_rival *rival; /* NULL: there was none */
    const struct assay_tune_general *general; /* NULL: nothing of the kind can be asked of it */
    const char *
        pageless; /* why there is no page of how the training went (training.html) though there was one; NULL: nothing went wrong */
};

struct assay_tune_width { /* what the first numbers of each vector alone find */
    size_t width;
    double before, after; /* recall@10 */
};

struct assay_tune_ranking { /* how high what answers a question was put */
    struct assay_interval ndcg_10, recall_10, mrr_10;
};

/* How well passages were read; shares of 0 … 1, SQuAD's measures. */
struct assay_tune_reading {
    double exact, exact_low, exact_high; /* of questions that their passage answers, answering always */
    double f1, f1_low, f1_high;
    double f1_all, f1_all_low, f1_all_high; /* of all, abstaining below the threshold: right where there is no answer */
    double exact_all;
    double abstained,
        answered; /* shares of the unanswerable (negative: there are none) and the answerable that it abstained from, and answered */
    double auc; /* the chance that an answerable question has a higher score than another; NaN without both */
    double valid; /* of a writer: the share of cases that it wrote something for, in its form where it has one */
};

struct assay_tuned;
ASSAY_API bool assay_tune_classify(struct assay *assay, const struct assay_tune_options *options, struct assay_tuned **tuned,
                                   struct assay_error *error);

/* Learns to read: where in a passage the answer to a question stands, or that it does not. Data are questions on passages (SQuAD's form); the
 * outcome is LoRA for every linear layer of the base, in PEFT's form. */
struct assay_tune_reader_options {
    struct assay_tune_options common; /* without format, text_name, label_name, method, precision, precision_wanted, resume */
    size_t epochs, steps; /* 0: 2, no limit */
    size_t rank, batch; /* 0: 64, 32 */
    double dropout; /* share of states and attention that is dropped while it learns: 0 … 0.9 */
    size_t negatives; /* not of a reader: near misses of a question */
    double learning_rate; /* 0: 1e-3 */
    /* An adapter to begin with: of the project, a folder, or "builtin"; of a writer also a reader, or "builtin:reader". NULL: the base alone. */
    const char *from;
    bool resume; /* go on with a training of that name which was stopped */
    bool now; /* keep what such a training has reached, and do not go on */
    const char *schema; /* of a writer: the file of a JSON Schema that its answers follow; NULL: the outputs' own form */
    bool alone; /* of a writer: without passages */
    bool with_context; /* of a reader: beside the examples, each question with passages of the project that do not answer it */
    size_t widths
        [8]; /* of an embedding model: so many first numbers of a vector shall do in its place, rising (Matryoshka); 0 ends them */
};
ASSAY_API bool assay_tune_reader(struct assay *assay, const struct assay_tune_reader_options *options,
                                 struct assay_tuned **tuned, struct assay_error *error);

/* Learns to write short answers, or that there is none. Data are questions on passages, or inputs with outputs: then passages that the project
 * has for each input are read beside it, and outputs that are all JSON objects are written in their common form, or in that of `schema`. */
ASSAY_API bool assay_tune_writer(struct assay *assay, const struct assay_tune_reader_options *options,
                                 struct assay_tuned **tuned, struct assay_error *error);

/* Learns to put passages into order, or to find them by vectors. Data are questions with texts that answer them, and texts that do not where
 * there are some. Of the options 0 stands for other numbers than a reader's (docs/tuning.md), and a name NULL for "reranker" or "embed". */
ASSAY_API bool assay_tune_rerank(struct assay *assay, const struct assay_tune_reader_options *options,
                                 struct assay_tuned **tuned, struct assay_error *error);
ASSAY_API bool assay_tune_embed(struct assay *assay, const struct assay_tune_reader_options *options,
                                struct assay_tuned **tuned, struct assay_error *error);

/* Trains an adapter anew as it was trained before (its provenance.json has the recipe), on data that have grown or on a base that has changed, as
 * "NAME.again", and puts that in its place unless it is worse on the same cases; a worse one stays beside it. */
struct assay_tune_again_options {
    const char *name; /* of the adapter */
    const char *data, *test; /* NULL: the files that it was trained on and measured with */
    size_t threads;
    bool resume; /* go on with such a training that was stopped */
    bool check; /* stop after the checks */
    assay_on_progress *on_progress;
    void (*on_metrics)(void *context, const struct assay_tune_metrics *metrics);
    void *context;
};
ASSAY_API bool assay_tune_again(struct assay *assay, const struct assay_tune_again_options *options, struct assay_tuned **tuned,
                                struct assay_error *error);
/* Puts "NAME.again" in the place of NAME, whatever its worth. */
ASSAY_API bool assay_tune_take(struct assay *assay, const char *name, struct assay_error *error);

/* What a file of examples can be learned by: "classify" (texts with labels, or conversations whose answers are few different short texts), "writer"
 * (other conversations), or "reader" (questions on passages); ASSAY_INVALID: by nothing of these. */
struct assay_tune_look {
    const char *kind;
    size_t examples, rejected;
    size_t answers; /* different ones of conversations */
    size_t system_differs,
        with_history; /* conversations whose instructions differ from the first one's, or with more than one question */
    struct assay_tune_rejected first; /* of the rejected ones; `reason` in `memory` */
    char memory[256];
};
ASSAY_API bool assay_tune_look(const char *data, struct assay_tune_look *look, struct assay_error *error);

/* Several processes that mpirun has started train together: each calls the same function with the same options. In those for which this is true
 * it ends with ASSAY_CANCELLED when the training is done, and they keep nothing: the first one does. */
ASSAY_API bool assay_tune_helps(void);

ASSAY_API const struct assay_tune_report *assay_tuned_report(const struct assay_tuned *tuned); /* good until free */
ASSAY_API void assay_tuned_free(struct assay_tuned *tuned); /* NULL is fine */

/* A classifier made so. One whose base has changed is refused. */
struct assay_classifier;
ASSAY_API bool assay_classifier_open(struct assay *assay, const char *name, const struct assay_model_options *options,
                                     struct assay_classifier **classifier, struct assay_error *error);
ASSAY_API void assay_classifier_close(struct assay_classifier *classifier); /* NULL is fine */
/* It was not trained anew or removed since it was opened. */
ASSAY_API bool assay_classifier_is_current(const struct assay_classifier *classifier);
ASSAY_API size_t assay_classifier_labels(const struct assay_classifier *classifier,
                                         const char *const **labels); /* good until close */

struct assay_class {
    const char *label; /* the likeliest; good until close */
    double confidence; /* 0 … 1, calibrated */
    bool abstained; /* the confidence is below the adapter's threshold */
};
ASSAY_API bool assay_classify(struct assay_classifier *classifier, const struct assay_text *texts, size_t count,
                              struct assay_class *classes, struct assay_error *error);
/* The same, with the chance of each label: [count, labels], each row's sum is 1. `*tokens` is raised by those that were read. */
ASSAY_API bool assay_classify_chances(struct assay_classifier *classifier, const struct assay_text *texts, size_t count,
                                      struct assay_class *classes, float *chances, uint64_t *tokens, struct assay_error *error);

/* What `moderation` of assay.yaml has. */
struct assay_moderation {
    const char *classifier; /* its name; NULL: none is set */
    const char *const *fine; /* labels that nothing is said against */
    size_t fine_count;
};
ASSAY_API void assay_moderation(const struct assay *assay, struct assay_moderation *moderation);

/* A classifier or a writer, asked by a text alone, without documents. */
struct assay_tuned_model;
ASSAY_API bool assay_tuned_model_open(struct assay *assay, const char *name, struct assay_tuned_model **model,
                                      struct assay_error *error);
ASSAY_API void assay_tuned_model_close(struct assay_tuned_model *model); /* NULL is fine */
struct assay_tuned_answer {
    const char *text; /* good until the next answer or close */
    double confidence; /* 0 … 1 */
    bool abstained; /* it is below the model's own threshold */
    size_t prompt_tokens, completion_tokens;
    const char *const *labels; /* of a classifier, the likeliest first, with the chance of each; good as long as `text` */
    const float *chances;
    size_t label_count; /* 0: it is none */
};
ASSAY_API bool assay_tuned_model_answer(struct assay_tuned_model *model, struct assay_text text,
                                        struct assay_tuned_answer *answer, struct assay_error *error);

ASSAY_API bool assay_adapter_exists(struct assay *assay, const char *name); /* whole; a name that is none does not exist */
/* Removes an adapter, or what a training that was stopped left of one; one that is not there is removed already. */
ASSAY_API bool assay_adapter_remove(struct assay *assay, const char *name, struct assay_error *error);

/* Writes the whole model that an adapter (of lora or full, not of a writer) and its base make, to a folder that is not there yet, as transformers reads it too: weights in
 * f32 (safetensors) with what the adapter adds, its head, the base's tokenizer and configuration. */
ASSAY_API bool assay_adapter_merge(struct assay *assay, const char *name, const char *to, struct assay_error *error);

/* Calls each() for the adapters of the project, in order of name, with the provenance.json of each as it is (size 0: it cannot be read); false
 * from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_adapter_list(struct assay *assay,
                                  bool (*each)(void *context, const char *name, struct assay_text provenance), void *context,
                                  struct assay_error *error);

/* The provenance.json of an adapter, as it is. Freed by assay_text_free. */
ASSAY_API bool assay_adapter_provenance(struct assay *assay, const char *name, struct assay_text *provenance,
                                        struct assay_error *error);
ASSAY_API void assay_text_free(struct assay_text *text);

#ifdef __cplusplus
}
#endif

#endif
