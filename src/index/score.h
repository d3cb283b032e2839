/* score.h - adds up the scores of one segment's passages and keeps the best.
 *
 * Two ways to go through a window of documents, to the same hits:
 *   exactly (score.c)    every posting's part is computed and added: needed until there are k hits, and best where there is little to
 *                        add or most documents come into question
 *   by bounds (bound.c)  whole numbers that are never too small are added up instead; only documents whose sum could reach the worst
 *                        of the k hits are scored */
#ifndef INDEX_SCORE_H
#define INDEX_SCORE_H

#include "hits.h"
#include "live.h"
#include "postings.h"

enum { WINDOW = 16384 }; /* documents: their scores fit the first caches */

/* A variant of a word in one segment. */
struct scored_list {
    struct postings postings; /* goes from window to window */
    struct postings probe;    /* looks single documents up */
    uint32_t word;
    uint32_t documents, frequency_max;
};

void scored_list_open(struct scored_list *list, const struct postings_place *place, const struct segment *segment,
                      uint32_t word);

/* How often the document has the term; 0 when it has not. Documents come in ascending order, one may come again. */
uint32_t scored_list_frequency(struct scored_list *list, uint32_t document);

/* A word's part of a score, as the kernel bm25 computes it: each step rounded. */
static inline float score_of(uint32_t frequency, float norm, float weight)
{
    return weight * ((float)frequency / ((float)frequency + norm));
}

/* A word in one segment: its variants that occur there. */
struct scored_word {
    struct scored_list *lists; /* those of all words stand in a row */
    size_t list_count;
    float weight; /* the word's, times its idf */
};

/* norm(length) = base + slope · length, the k1 · (1 - b + b · length / mean) of the formula. */
struct length_norm {
    float base;
    float slope;
};

static inline float norm_of_length(const struct length_norm *norm, uint32_t length)
{
    return norm->base + norm->slope * (float)(int32_t)length;
}

/* One segment being scored. */
struct scoring {
    const struct segment *segment;
    const struct view_part *view;
    const struct length_norm *norm;
    struct scored_word *words;
    size_t word_count;
    struct scored_list *lists; /* of all words */
    size_t list_count;
    struct best_hits *best;
    uint32_t from; /* documents below are done with */
};

struct scorer;
struct scorer *scorer_create(struct length_norm norm) MUST_USE;
void scorer_free(struct scorer *scorer);

/* The words' lists stand at their beginning. Afterwards they are used up. */
void scorer_run(struct scorer *scorer, const struct segment *segment, const struct view_part *view, struct scored_word *words,
                size_t word_count, struct best_hits *best);

/* ---- bound.c ---- */

struct bounds;
struct bounds *bounds_create(void) MUST_USE;
void bounds_free(struct bounds *bounds);

/* Prepares for a segment; false when there is nothing to win, or too many lists. */
bool bounds_begin(struct bounds *bounds, const struct scoring *scoring);

/* Goes through the window that begins with the next document in question; there are k hits. Moves `from` behind the window, to the
 * end when nothing is left. False when exact scoring would have been cheaper. */
bool bounds_window(struct bounds *bounds, struct scoring *scoring);

#endif
