/* answer_cases.h - test cases with their answers. Part of eval.h. */
#ifndef EVAL_ANSWER_CASES_H
#define EVAL_ANSWER_CASES_H

#include "project/project.h"

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

/* An answer without marks of citations ("[2]"): they are for people, and for nobody who compares. In the arena. */
struct slice eval_without_marks(struct slice text, struct arena *arena);

/* Whether a hit's text stands in this document, or a copy of it does. */
struct search_hit;
bool eval_stands_in(const struct search_hit *hit, struct slice path);

/* Slices live in the arena. */
bool answer_cases_read(struct project *project, const char *path, struct arena *arena, struct answer_cases *cases,
                       struct error *error) MUST_USE;

#endif
