/* rival_words.h - words of the question in one place and not in another. Private to ask. */
#ifndef ASK_RIVAL_WORDS_H
#define ASK_RIVAL_WORDS_H

#include "ask_parts.h"

/* The words of a part of a passage. */
struct terms rival_terms(struct asking *asking, size_t passage, struct slice text);

/* The words of both. */
struct terms terms_joined(struct asking *asking, const struct terms *a, const struct terms *b);

/* Words of the question that stand in `these` and not in `those`. */
size_t rival_asked_beyond(const struct asking *asking, const struct terms *these, const struct terms *those);

/* All of them stand in the question, and there is one. */
bool rival_is_named(const struct asking *asking, const struct terms *words);

/* Words of them that the question does not have; numbers are none. */
size_t rival_not_asked(const struct asking *asking, const struct terms *words);

/* "associates" is asked for, and "senior associates" is narrower. */
bool rival_is_narrower(const struct asking *asking, const struct terms *mine, const struct terms *other);

#endif
