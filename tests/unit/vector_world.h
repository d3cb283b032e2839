/* vector_world.h - made vectors for the tests of the vector index, and what a search must find, said plainly once more. */
#ifndef TESTS_VECTOR_WORLD_H
#define TESTS_VECTOR_WORLD_H

#include "index/index.h"

struct vector_world {
    size_t dimensions, count, code_bytes;
    float *vectors;
    unsigned char *codes;
    passage_id *passages; /* ascending, with gaps */
    bool *deleted;
};

/* `clusters` 0: in no clusters. Every 37th vector repeats the one before, every 101st is all zeros. */
void vector_world_init(struct vector_world *world, size_t count, size_t dimensions, size_t clusters, uint64_t seed);
void vector_world_release(struct vector_world *world);

/* Makes a vector one of length 1, unless it is all zeros. */
void vector_world_length_1(float *vector, size_t dimensions);

/* A question near some vector of the world. */
void vector_world_question(const struct vector_world *world, float *question, struct random *random);

/* The nearest of those that are not deleted and of which visible(context, passage) holds (NULL: all), by all bits of the codes. */
size_t vector_world_nearest(const struct vector_world *world, const float *question, size_t k,
                            bool (*visible)(const void *context, passage_id passage), const void *context,
                            struct index_hit *hits);

/* Encodes vectors first … end-1, and opens and adds the segment. */
void vector_world_add(const struct vector_world *world, size_t first, size_t end, const struct vector_build *how,
                      struct vector_index *index);

/* How many of `hits` stand among `wanted`. */
size_t vector_hits_common(const struct index_hit *hits, const struct index_hit *wanted, size_t count);

#endif
