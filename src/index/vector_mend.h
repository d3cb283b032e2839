/* vector_mend.h - takes the graph of a segment over into a larger one, without what was deleted. */
#ifndef INDEX_VECTOR_MEND_H
#define INDEX_VECTOR_MEND_H

#include "vector_live.h"
#include "vector_order.h"

/* A segment whose live vectors have the ranks from `first` on in what is to be written. */
struct vector_origin {
    const struct vector_segment *segment; /* with a graph */
    const uint64_t *live;
    uint32_t first;
};

/* Writes the lists of the origin's vectors. In place of a deleted neighbour stand its neighbours. Takes their rows out of the order's
 * sequence, which has `*left` then; `*entry` is the lowest of them, or VECTOR_NONE. */
bool vector_mend(const struct vector_origin *origin, const struct vector_graph *graph, uint32_t *lists,
                 const struct vector_space *space, struct vector_order *order, struct pool *pool, uint32_t *entry, size_t *left,
                 struct error *error) MUST_USE;

#endif
