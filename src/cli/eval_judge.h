/* eval_judge.h - `assay eval --judge`: a language model's opinion beside the measures, and how far people agree with it. Private to cli. */
#ifndef CLI_EVAL_JUDGE_H
#define CLI_EVAL_JUDGE_H

#include "eval_record.h"
#include <assay_judge.h>

struct judged_run {
    bool is_done; /* --judge was given, and there were answers */
    struct assay_judged *items; /* cases that were answered and have a wanted answer, or none to be had */
    const struct case_record **cases; /* of the items */
    size_t count;
    struct assay_judge_report report;
};

/* Judges what the record has; against the baseline's answers, where there is one. Without --judge nothing is done. */
bool judged_run_do(struct judged_run *run, const struct invocation *invocation, struct progress *progress,
                   struct eval_record *record, struct assay *assay, struct assay_error *error) MUST_USE;
void judged_run_write(const struct judged_run *run, struct json_writer *json); /* the member "judge" */
void judged_run_print(const struct judged_run *run);

#endif
