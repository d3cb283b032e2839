/* full.h - the whole knowledge base as passages. Private to ask. */
#ifndef ASK_FULL_H
#define ASK_FULL_H

#include "ask_parts.h"

/* A passage as a hit that no search scored; its texts in the arena. */
struct search_hit hit_of(struct arena *arena, const struct store_passage *passage, const struct store_document *document);

/* All passages that the asker may see, in the order of the documents, as a search's result. ERROR_LIMIT when their texts alone do not
 * fit into the prompt. */
bool full_collect(struct asking *asking, struct error *error) MUST_USE;

/* Sets the error that says that they do not fit; false. */
bool full_too_large(size_t budget, struct error *error);

/* Of what a search found, keeps the passages that the request gives, and fetches those that it did not find: request.given. */
bool full_keep_given(struct asking *asking, struct error *error) MUST_USE;

#endif
