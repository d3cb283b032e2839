/* vector_weave.h - makes the graph of a segment. */
#ifndef INDEX_VECTOR_WEAVE_H
#define INDEX_VECTOR_WEAVE_H

#include "vector_walk.h"

#define VECTOR_LINKS_DEFAULT 16
#define VECTOR_BREADTH_DEFAULT 200
#define VECTOR_BREADTH_MAX 10000
#define VECTOR_GRAPH_LEAST 5000

/* How many numbers the lists of all levels have. */
size_t vector_list_numbers(const struct vector_graph *graph);

/* The highest level that a row is on. */
size_t vector_level_of(const struct vector_graph *graph, uint32_t row);

/* Where the list of a row on a level stands among all lists, which follow each other as a file has them. */
size_t vector_list_at(const struct vector_graph *graph, size_t level, uint32_t row);

/* The list of a row, of as many of `all` as there is room for: those in different directions. `all` has at most VECTOR_ALL_MAX rows, none
 * twice, and not the row itself. */
#define VECTOR_ALL_MAX 2048
void vector_choose(const struct vector_space *space, uint32_t row, const uint32_t *all, size_t count, uint32_t *list,
                   size_t width);

/* Lets rows enter the graph, whose counts and links are given, in the order of `sequence`. `lists` holds the rows that are in it already,
 * of which the lowest is `entry`, or VECTOR_NONE: there are none; lists that are not full end in VECTOR_NONE. */
bool vector_weave(struct vector_graph *graph, uint32_t *lists, uint32_t entry, const struct vector_space *space,
                  const uint32_t *sequence, size_t count, const struct vector_build *how, struct error *error) MUST_USE;

#endif
