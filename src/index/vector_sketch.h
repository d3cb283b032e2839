/* vector_sketch.h - rows of a large segment as the signs of their numbers alone: what many rows are looked at by, for an eighth of the bytes.
 *
 * A row is turned, by one and the same turn for all rows and questions, so that each number tells as much as any other; then each becomes
 * one bit. With the bits of a row and all of a question
 *
 *   row · question ≈ scale · Σ ±turned question        scale  |row|² / Σ |turned row|
 *
 * is right in the mean, and errs by a spread that is known (Gao and Long 2024, RaBitQ). */
#ifndef INDEX_VECTOR_SKETCH_H
#define INDEX_VECTOR_SKETCH_H

#include "vector_scan.h"

/* Makes the sketches of all rows: stride / 8 bytes and a scale for each. False when there is no memory. */
bool vector_sketch_make(unsigned char *signs, float *scales, const struct vector_space *space, size_t count,
                        struct pool *pool) MUST_USE;

/* As vector_scan for one question, in a segment that has sketches; a row that stands just within the best may be missed. False, with nothing
 * offered: no memory. */
bool vector_sketch_scan(const struct vector_segment *segment, const struct vector_visible *visible,
                        const struct vector_question *question, struct best_hits *best) MUST_USE;

#endif
