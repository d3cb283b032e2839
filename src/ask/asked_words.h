/* asked_words.h - words that are written in more than one way. Private to ask. */
#ifndef ASK_ASKED_WORDS_H
#define ASK_ASKED_WORDS_H

#include "base/base.h"

/* One is the other but for a slip, an ending, or what it is compounded with. */
bool words_are_nearly_one(struct slice a, struct slice b);

#endif
