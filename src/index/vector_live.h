/* vector_live.h - an index of vectors from inside: its segments, which of their rows are live, and what a view leaves visible. */
#ifndef INDEX_VECTOR_LIVE_H
#define INDEX_VECTOR_LIVE_H

#include "vector_walk.h"

struct vector_part {
    struct vector_segment *segment;
    uint64_t *live; /* one bit for each row; NULL while all are */
    uint32_t live_count;
};

struct vector_index {
    size_t dimensions;
    struct vector_part *parts; /* ascending by passages */
    size_t count;
    size_t capacity;
    size_t live_count;
    uint64_t changes; /* counted, so that a view made before one is noticed */
    struct walk_store *walks;
};

/* The rows of one segment that a search may see. */
struct vector_visible {
    const uint64_t *rows; /* one bit for each; NULL: all */
    uint32_t count;
};

struct vector_view {
    const struct vector_index *index;
    uint64_t change; /* of the index, when the view was made */
    size_t count; /* of parts */
    struct vector_visible *parts;
};

/* Walks that searches have left for others: what a walk needs is large, and does not depend on the question. Any thread, at any time. */
struct walk_store *walk_store_create(void) MUST_USE;
void walk_store_free(struct walk_store *store);
struct vector_walk *walk_store_take(struct walk_store *store) MUST_USE;
void walk_store_give(struct walk_store *store, struct vector_walk *walk);

static inline bool row_in(const uint64_t *rows, uint32_t row)
{
    return rows == NULL || (rows[row / 64] >> (row % 64) & 1) != 0;
}

#endif
