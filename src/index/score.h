/* score.h - adds up the scores of one segment's passages and keeps the best. */
#ifndef INDEX_SCORE_H
#define INDEX_SCORE_H

#include "hits.h"
#include "live.h"
#include "postings.h"

/* A word in one segment: its variants that occur there. */
struct scored_word {
    struct postings *variants;
    size_t variant_count;
    float weight; /* the word's, times its idf */
};

/* norm(length) = base + slope · length, the k1 · (1 - b + b · length / mean) of the formula. */
struct length_norm {
    float base;
    float slope;
};

struct scorer;
struct scorer *scorer_create(struct length_norm norm) MUST_USE;
void scorer_free(struct scorer *scorer);

/* The words' postings stand at their first block (or have none). Afterwards they are used up. */
void scorer_run(struct scorer *scorer, const struct segment *segment, const struct view_part *view, struct scored_word *words,
                size_t word_count, struct best_hits *best);

#endif
