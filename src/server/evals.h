/* evals.h - evals: graders, where the items of a run come from, and the run itself. Private.
 *
 *   an item ─▶ [messages by a template ─▶ the model that is asked ─▶] a sample ─▶ each grader ─▶ passed or not */
#ifndef SERVER_EVALS_H
#define SERVER_EVALS_H

#include "filed.h"

#define RUN_CANCELED "canceled"

/* ---- graders (eval_graders.c) ---- */

bool grader_check(struct exchange *exchange, const struct json_value *grader); /* false: refused, by its name */
/* The project has the models that it asks; false: refused. */
bool grader_has_model(struct exchange *exchange, const struct json_value *grader);
bool grader_is(const struct json_value *grader, const char *type); /* false for what is no object, too */
bool grader_asks(const struct json_value *grader); /* a language model */
bool grader_uses_model(const struct json_value *grader); /* that, or an embedding model */

/* `reason` stands behind what `kind` is called; false. */
bool grader_refuse(struct exchange *exchange, const char *kind, struct slice name, const char *reason);
struct slice grader_text(const struct json_value *object, const char *key); /* data NULL: there is none */

/* What {{ item.… }} and {{ sample.… }} stand for. */
struct eval_values {
    struct arena *arena;
    const struct json_value *item;
    const struct json_value *sample; /* as it was sent; NULL: none */
    const char *output_text; /* of the sample; NULL: none */
    bool are_marked; /* what is put in stands between <value> and </value>, which it cannot end itself */
};
/* A text with its references put in; NULL: one of them is not there, `*missing` says which. */
const char *eval_fill(const struct eval_values *values, struct slice text, const char **missing);
/* What a path ("item.messages") leads to; NULL: nothing. */
const struct json_value *eval_value(const struct eval_values *values, struct slice path);

/* Whom graders ask, and for whom. */
struct grader_means {
    struct assay *assay;
    struct assay_llm *llm; /* opened when it is first needed; closed by grader_means_close */
    bool (*may_ask)(void *context); /* once more; false: what may be used is used up */
    void (*use)(void *context, double tokens, double money);
    bool (*goes_on)(void *context); /* false: asking is to stop */
    void (*fail)(void *context, const char *message); /* what is for the log alone */
    void *context;
};
void grader_means_close(struct grader_means *means);

enum grade_fault {
    GRADE_GIVEN,
    GRADE_NO_SAMPLE, /* what it refers to is not there */
    GRADE_UNREADABLE, /* what the model said is no grade */
    GRADE_WITHHELD, /* by the model's provider */
    GRADE_UNANSWERED, /* the model failed */
    GRADE_USED_UP, /* nothing more may be asked */
    GRADE_STOPPED,
    GRADE_OTHER
};

struct grader_usage {
    int64_t asked, prompt_tokens, completion_tokens, cached_tokens;
};
void grader_usage_add(struct grader_usage *sum, const struct grader_usage *more);
void grader_usage_write(struct json_writer *json, const char *key, const struct grader_usage *usage); /* its tokens */

struct grade_given {
    double score;
    bool passed;
    enum grade_fault fault;
    const char *sample; /* what a model was asked and said, as JSON; NULL: none was asked */
    struct grader_usage usage; /* also of one that could not be given */
};
/* False: it cannot be graded, `*why` says why. */
bool grader_grade(const struct json_value *grader, const struct eval_values *values, struct grader_means *means,
                  struct grade_given *given, const char **why);

/* ---- graders that ask the language model (eval_model_grader.c): label_model and score_model ---- */

bool model_grader_check(struct exchange *exchange, const struct json_value *grader);
bool model_grader_grade(const struct json_value *grader, const struct eval_values *values, struct grader_means *means,
                        struct grade_given *given, const char **why);

/* ---- runs ---- */

struct run_source {
    const char *model; /* NULL: the samples are sent */
    const char *tuned; /* the adapter of a fine-tuned one; NULL: the project answers */
    const char *file; /* of the items, below the project; NULL: they stand in the request */
};
bool run_source_check(struct exchange *exchange, const struct json_value *source,
                      struct run_source *found); /* false: refused */

void eval_work(struct labour *labour);

#endif
