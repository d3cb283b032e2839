/* alike.h - texts that are the same or nearly the same, found among many without comparing each with each. Pure: no files, no state.
 *
 *   text ─words▶ shingles (three words each) ─▶ signature: 96 minima ─▶ 32 keys ─┐
 *                                                                                ├ a key in common: candidates
 *                          exact likeness of the candidates' shingles ◀──────────┘
 *
 * The likeness of two texts is that of their sets of shingles: how many both have, of how many there are in all (Jaccard). The
 * signature is a one-permutation MinHash (Li, Owen and Zhang 2012; empty places are filled as by Shrivastava 2017); 32 keys of three
 * minima each make two texts of likeness 0.5 candidates with probability 0.99, and two of likeness 0.1 with 0.03. Every candidate is
 * looked at, so that what is found is as like as stated. */
#ifndef ALIKE_ALIKE_H
#define ALIKE_ALIKE_H

#include "base/base.h"

/* A text in parts, one after the other; words of neighbouring parts stand together. */
struct alike_text {
    const struct slice *parts;
    size_t part_count;
};

struct alike_search {
    const struct alike_text *texts;
    size_t count; /* at most LIMIT_ALIKE_TEXTS */
    double least; /* likeness from which two texts count as nearly the same, above 0 */
    size_t words_least; /* shorter texts are nearly the same as none; they may be the same */
    struct pool *pool;
    bool (*step)(void *context, size_t done, size_t total); /* may be NULL; false stops with ERROR_CANCELLED */
    void *context;
};

struct alike_pair {
    uint32_t first, second; /* numbers of texts, first < second */
    float likeness; /* 1 for the same words */
    bool same; /* the same text but for white space */
};

struct alike_found {
    struct alike_pair *pairs; /* in ascending order: enough of them to hold each group together, not all there are */
    size_t count;
    uint32_t *groups; /* of each text: the lowest number among those that pairs join it with, its own when there are none */
};

/* The same whatever the number of threads. */
bool alike_find(const struct alike_search *search, struct alike_found *found, struct error *error) MUST_USE;
void alike_found_group(struct alike_found *found, size_t text_count); /* anew, after pairs were taken out */
void alike_found_release(struct alike_found *found);

/* The likeness of two texts. */
double alike_likeness(const struct alike_text *a, const struct alike_text *b);

/* SHA-like digest (BLAKE2b) of a text in which every run of white space counts as one blank, and none at the ends: equal for texts that are
 * the same but for that. */
#define ALIKE_DIGEST_BYTES 16
void alike_digest(const struct alike_text *text, unsigned char digest[ALIKE_DIGEST_BYTES]);

#endif
