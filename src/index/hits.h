/* hits.h - the best k so far: a heap with the worst on top. */
#ifndef INDEX_HITS_H
#define INDEX_HITS_H

#include "index.h"

struct best_hits {
    struct index_hit *hits; /* the caller's, room for k */
    size_t count;
    size_t k;
};

/* What a score must exceed to get in. Hits come in ascending order of passages, so an equal score comes too late. */
static inline float best_hits_threshold(const struct best_hits *best)
{
    return best->count < best->k ? 0 : best->hits[0].score;
}

/* It is better than the worst: its score is higher, or equal with a lower passage. */
void best_hits_add(struct best_hits *best, struct index_hit hit);
void best_hits_sort(struct best_hits *best);                      /* best first, for good */

#endif
