/* kept_vectors.h - vectors of texts that were made before, in memory: the lines of a passage come with each question that finds it. Private to embed. */
#ifndef EMBED_KEPT_VECTORS_H
#define EMBED_KEPT_VECTORS_H

#include "base/base.h"

struct kept_vectors;

/* Of vectors of so many numbers; 13 MB at the most with 384. */
struct kept_vectors *kept_vectors_create(size_t dimensions) MUST_USE;
void kept_vectors_free(struct kept_vectors *kept); /* NULL is fine */

/* `whose`: who asks. Nobody's vectors speed up another's question, so that how long one takes tells nothing of what others may see. NULL: it is not
 * there. Good until the next put. */
const float *kept_vectors_find(const struct kept_vectors *kept, struct slice whose, struct slice text);
void kept_vectors_put(struct kept_vectors *kept, struct slice whose, struct slice text, const float *vector);

#endif
