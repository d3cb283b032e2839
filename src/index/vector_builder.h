/* vector_builder.h - vectors that become a segment, in the order of their passages. */
#ifndef INDEX_VECTOR_BUILDER_H
#define INDEX_VECTOR_BUILDER_H

#include "vector_code.h"
#include "vector_mend.h"

struct vector_builder {
    size_t dimensions, stride;
    size_t count, capacity;
    passage_id *passages;
    float *factors;
    int8_t *high, *low; /* planes */
};

/* Room for one more; false when there is none, or the segment would be too large. */
bool vector_builder_reserve(struct vector_builder *builder, struct error *error) MUST_USE;
/* vector_builder_encode, which may start from the graph of vectors that are in it. */
bool vector_builder_write(struct vector_builder *builder, const struct vector_build *how, const struct vector_origin *origin,
                          struct buffer *out, struct error *error) MUST_USE;
void vector_builder_clear(struct vector_builder *builder);

#endif
