/* full.h - the whole knowledge base as passages. Private to ask. */
#ifndef ASK_FULL_H
#define ASK_FULL_H

#include "ask_parts.h"

/* All passages that the asker may see, in the order of the documents, as a search's result. ERROR_LIMIT when their texts alone do not
 * fit into the prompt. */
bool full_collect(struct asking *asking, struct error *error) MUST_USE;

/* Sets the error that says that they do not fit; false. */
bool full_too_large(size_t budget, struct error *error);

/* Of what a search found, keeps the passages that the request gives, and fetches those that it did not find: request.given. */
bool full_keep_given(struct asking *asking, struct error *error) MUST_USE;

#endif
