/* vector_order.h - where in a segment with a graph each vector stands. */
#ifndef INDEX_VECTOR_ORDER_H
#define INDEX_VECTOR_ORDER_H

#include "vector_group.h"

/* Of `count` vectors in the order of their passages. */
struct vector_order {
    uint32_t *ranks;    /* row → rank */
    uint32_t *sequence; /* rows in the order in which they enter the graph */
    uint32_t counts[VECTOR_LEVELS_MAX]; /* rows of each level */
    size_t level_count;
    struct vector_groups groups;
    struct vector_run *runs; /* of rows of one level and group */
    uint32_t run_count;
};

bool vector_order_make(struct vector_order *order, const passage_id *passages, const struct vector_space *space, uint32_t count,
                       size_t links, struct pool *pool, struct error *error) MUST_USE;
void vector_order_release(struct vector_order *order);

/* work on each of `count`, on the pool's threads or, without one, on this. */
void vector_each(struct pool *pool, size_t count, void (*work)(void *context, size_t index, size_t thread), void *context);

#endif
