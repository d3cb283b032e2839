/* answer_cases.h - test cases with their answers. Private to eval. */
#ifndef EVAL_ANSWER_CASES_H
#define EVAL_ANSWER_CASES_H

#include "runs.h"

struct answer_case {
    size_t line;
    struct slice question;
    struct slice *golds;
    size_t gold_count; /* 0: to abstain is right */
    const struct slice *sources; /* as the catalog names them */
    size_t source_count;
    double tolerance;
    struct slice pattern; /* empty: none */
};

struct answer_cases {
    struct answer_case *items;
    uint32_t *clusters; /* of each */
    size_t count, cluster_count;
    size_t passed_over; /* without an answer */
};

/* Slices live in the arena. */
bool answer_cases_read(struct project *project, const char *path, struct arena *arena, struct answer_cases *cases,
                       struct error *error) MUST_USE;

#endif
