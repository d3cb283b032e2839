/* evals.h - evals: graders, where the items of a run come from, and the run itself. Private.
 *
 *   an item ─▶ [messages by a template ─▶ the model that is asked ─▶] a sample ─▶ each grader ─▶ passed or not */
#ifndef SERVER_EVALS_H
#define SERVER_EVALS_H

#include "filed.h"

#define RUN_CANCELED "canceled"

/* ---- graders (eval_graders.c) ---- */

bool grader_check(struct exchange *exchange, const struct json_value *grader); /* false: refused, by its name */

/* What {{ item.… }} and {{ sample.… }} stand for. */
struct eval_values {
    struct arena *arena;
    const struct json_value *item;
    const struct json_value *sample; /* as it was sent; NULL: none */
    const char *output_text; /* of the sample; NULL: none */
};
/* A text with its references put in; NULL: one of them is not there, `*missing` says which. */
const char *eval_fill(const struct eval_values *values, struct slice text, const char **missing);
/* What a path ("item.messages") leads to; NULL: nothing. */
const struct json_value *eval_value(const struct eval_values *values, struct slice path);

struct grade_given {
    double score;
    bool passed;
};
/* False: it cannot be graded, `*why` says why. */
bool grader_grade(const struct json_value *grader, const struct eval_values *values, struct grade_given *given,
                  const char **why);

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
