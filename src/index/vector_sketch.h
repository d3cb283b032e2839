/* vector_sketch.h - rows of a large segment as the signs of their numbers alone: what many rows are looked at by, for an eighth of the bytes.
 *
 * What a row differs by from the mean of its group is turned, by one and the same turn for all rows and questions, so that each number tells as much as
 * any other; then each becomes one bit. With the bits of a row and all of a question
 *
 *   row · question ≈ mean · question + scale · Σ ±turned question        scale  |difference|² / Σ |turned difference|
 *
 * is right in the mean, and errs by a spread that is known (Gao and Long 2024, RaBitQ). The nearer rows are to their mean, the smaller it is: so rows
 * of a tight group are told apart as well as those of a wide one. */
#ifndef INDEX_VECTOR_SKETCH_H
#define INDEX_VECTOR_SKETCH_H

#include "vector_order.h"
#include "vector_scan.h"

/* Makes the sketches of all rows: stride / 8 bytes and a scale for each. The high parts stand by row, the low ones by rank. False when there is no
 * memory. */
bool vector_sketch_make(unsigned char *signs, float *scales, const struct vector_order *order, const struct vector_space *space,
                        const int8_t *low, struct pool *pool) MUST_USE;

/* As vector_scan for one question, in a segment that has sketches; a row that stands just within the best may be missed. False, with nothing
 * offered: no memory. */
bool vector_sketch_scan(const struct vector_segment *segment, const struct vector_visible *visible,
                        const struct vector_question *question, struct best_hits *best) MUST_USE;

#endif
