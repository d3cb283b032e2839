/* vector_group.h - rows that are near each other, some dozens, or thousands where they are all alike, and their means: what a row's sketch tells the difference from. */
#ifndef INDEX_VECTOR_GROUP_H
#define INDEX_VECTOR_GROUP_H

#include "vector_walk.h"

struct vector_groups {
    int8_t *means; /* a high plane: stride bytes each */
    float *factors;
    uint32_t count;
};

/* Splits every place into groups: places[i], below `place_count`, is that of vector i, and becomes its group. Groups of one place follow each other.
 * Means are those of the high parts. False when there is no memory. */
bool vector_groups_make(struct vector_groups *groups, uint32_t *places, uint32_t place_count, const struct vector_space *space,
                        uint32_t count, struct pool *pool) MUST_USE;
void vector_groups_release(struct vector_groups *groups);

#endif
