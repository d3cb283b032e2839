/* eval_answers.h - the part of `assay eval` about answers, and what is required of all of it. Private to cli. */
#ifndef CLI_EVAL_ANSWERS_H
#define CLI_EVAL_ANSWERS_H

#include "output.h"

struct graded_failure {
    const char *question, *answer, *wanted, *why, *reason;
    const char *form_fault; /* NULL: none */
    size_t line;
    double grades[ASSAY_GRADES];
    double forms[ASSAY_FORMS]; /* negative: not asked for */
};

struct eval_record;

struct graded_run {
    const struct invocation *invocation;
    struct eval_record *record; /* hears of every case */
    struct progress *progress;
    struct arena *arena;
    struct graded_failure *failures; /* all that are not right */
    size_t failure_count, failure_capacity;
    struct assay_answers_report report;
};

struct requirements;

/* Answers the test cases. False with the error told, before any is asked where none has what is required of them. */
bool graded_run_do(struct graded_run *run, const struct requirements *requirements, struct assay *assay,
                   struct assay_error *error) MUST_USE;

/* Members of the one document: answer, form, latency_ms, tokens, model; and of its intervals. */
void graded_run_write(const struct graded_run *run, struct json_writer *json);
void graded_run_write_intervals(const struct graded_run *run, struct json_writer *json);
void graded_run_print(const struct graded_run *run);
/* Whose confidences these are, in a sentence without its end; NULL: there is nothing to tell. */
const char *calibration_words(const struct assay_answers_report *report, struct arena *arena);

/* ---- --require 'recall@5>=0.9, f1>=baseline-0.02' ---- */

enum { REQUIREMENTS_MAX = 32 };

struct requirement {
    struct slice name;
    bool is_most; /* <= instead of >= */
    bool is_relative; /* the limit is what the baseline has, and `limit` added to it, until requirements_check has seen that */
    double limit, value; /* the value is filled by requirements_check */
    bool is_met, is_known;
};

struct baseline;
struct judged_run;

struct requirements {
    struct requirement items[REQUIREMENTS_MAX];
    size_t count;
};

/* False, with wrong use told, for what cannot be read, is no measure, or can never be met. */
bool requirements_read(const struct invocation *invocation, struct requirements *requirements) MUST_USE;

/* False, with the error, where a measure of retrieval is required and no case names a source. */
bool requirements_check_sources(const struct requirements *requirements, const struct assay_eval_report *retrieval,
                                struct assay_error *error) MUST_USE;

/* `answers` NULL: they were not graded. `baseline` without a run: there is none. True when all are met. */
bool requirements_check(struct requirements *requirements, const struct assay_eval_report *retrieval,
                        const struct assay_answers_report *answers, const struct baseline *baseline,
                        const struct judged_run *judged);
void requirements_write(const struct requirements *requirements, struct json_writer *json);
void requirements_tell(const struct requirements *requirements); /* what is not met, on standard error */

#endif
