/* vector_walk.h - along the graph from row to nearer row, by the high planes alone; for building and searching.
 *
 * A walk keeps the best rows it has met, best first, and again and again looks at the neighbours of the best ones whose neighbours it has
 * not looked at, until there are none (Malkov and Yashunin 2016, algorithm 2, with one list for both heaps, and more than one row at once). */
#ifndef INDEX_VECTOR_WALK_H
#define INDEX_VECTOR_WALK_H

#include "vector_segment.h"

/* What distances are taken from. */
struct vector_space {
    const int8_t *high;
    const float *factors;
    size_t stride;
};

/* Scores of one walk compare; that of the question's factor is left out. */
struct vector_met {
    float score;
    uint32_t row; /* with VECTOR_LOOKED when its neighbours were looked at */
};
#define VECTOR_LOOKED 0x80000000U

struct vector_walk {
    struct vector_met *met; /* best first, equal ones by ascending row */
    size_t count, breadth, capacity;
    const uint64_t *visible; /* one bit for each row; NULL: all */
    uint64_t *seen; /* the same */
    uint32_t *touched;
    size_t touched_count, row_count;
};

/* Room for walks among `row_count` rows that keep `breadth`; false when there is no memory. */
bool vector_walk_reserve(struct vector_walk *walk, size_t row_count, size_t breadth) MUST_USE;
void vector_walk_release(struct vector_walk *walk);

/* From a row on level `top` down to `level`, always to the nearest neighbour: that row. */
uint32_t vector_descend(const struct vector_space *space, const struct vector_graph *graph, uint32_t entry, size_t top,
                        size_t level, const int8_t *question);

/* Begins a walk with no rows met. It meets visible rows only: where a neighbour is not, its neighbours stand in for it (Patel and
 * others 2024, ACORN). */
void vector_walk_start(struct vector_walk *walk, size_t breadth, const uint64_t *visible);

/* Meets rows, as far as they are new; all of them visible, at most VECTOR_LOOK. */
#define VECTOR_LOOK 256
void vector_walk_meet(struct vector_walk *walk, const struct vector_space *space, const int8_t *question, const uint32_t *rows,
                      size_t count);

/* Meets a row of level 0 with its neighbours, visible or not. */
void vector_walk_meet_around(struct vector_walk *walk, const struct vector_space *space, const struct vector_graph *graph,
                             const int8_t *question, uint32_t row);

/* On one level, from what was met to the end, or until the neighbours of `looks` rows were looked at; then it can go on. */
void vector_walk_level(struct vector_walk *walk, const struct vector_space *space, const struct vector_graph *graph,
                       size_t level, const int8_t *question, size_t looks);

/* Looks at all that was met anew, on the next level. */
void vector_walk_down(struct vector_walk *walk);

#endif
