/* assay_judge.h - a language model's opinion of answers, and how far people agree with it. Part of assay.h, which includes it. docs/evaluate.md. */
#ifndef ASSAY_JUDGE_H
#define ASSAY_JUDGE_H

#include "assay.h"

#ifdef __cplusplus
extern "C" {
#endif

enum assay_judgement {
    ASSAY_JUDGED_FAILED, /* no verdict was given: counted, never left out */
    ASSAY_JUDGED_WRONG,
    ASSAY_JUDGED_RIGHT,
    ASSAY_JUDGED_SECOND, /* of two: `other` is the better */
    ASSAY_JUDGED_FIRST,
    ASSAY_JUDGED_EQUAL /* also where it goes by which of them stands first */
};

struct assay_judged {
    const char *question;
    const char *wanted; /* NULL: nothing answers it */
    const char *answer; /* NULL: the model failed; so does the judgement, and no judge is asked */
    const char *other; /* another answer to compare it with; NULL: none */
    enum assay_judgement judgement, pair; /* filled; pair where there is another */
};

struct assay_judge_options {
    const char *model; /* that judges: as for assay_ask_options, and not "builtin" */
    const char *rubric; /* a file: what a right answer is; NULL: one that says what the wanted one says */
    const char *
        labels; /* a file of lines {"question","wanted","answer","right": true}; NULL: judge.jsonl of the project, if it is there */
    struct assay_judged *items;
    size_t count;
    bool anew; /* what the judge said before is asked for again */
    assay_on_progress *on_progress;
    void *context;
};

struct assay_judge_report {
    size_t right, wrong, failed; /* of count */
    double share, low, high; /* right ones of all, failed ones among them */
    size_t pairs, better, worse, equal, pair_failed; /* better: the answer than the other */
    size_t labels, same;
    double kappa, kappa_low, kappa_high; /* with a person's labels, and its interval */
    bool counts; /* 20 different labels or more, and kappa_low is 0.6 or more */
    long long prompt_tokens, completion_tokens;
    double cost; /* negative: a price is not known */
    char failure[256]; /* of one that failed; empty: none did */
};
ASSAY_API bool assay_judge(struct assay *assay, const struct assay_judge_options *options, struct assay_judge_report *report,
                           struct assay_error *error);

/* What assay_eval_answers, and a judge of its answers, would take, about. Nothing is asked. */
struct assay_answers_plan_options {
    const char *tests, *mode, *model, *approach; /* as for assay_answers_options */
    const char *judge; /* a model that is to judge the answers; NULL: none */
    bool has_baseline; /* it is to compare them with earlier ones, too */
};
struct assay_answers_plan {
    size_t cases, calls;
    double input_tokens, output_tokens, minutes;
    double money; /* negative: a price is not known */
};
ASSAY_API bool assay_answers_plan(struct assay *assay, const struct assay_answers_plan_options *options,
                                  struct assay_answers_plan *plan, struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
