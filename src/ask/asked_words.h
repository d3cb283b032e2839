/* asked_words.h - words, one after the other, and those that are written in more than one way. Private to ask. */
#ifndef ASK_ASKED_WORDS_H
#define ASK_ASKED_WORDS_H

#include "base/base.h"
#include "text/text.h"

/* One is the other but for a slip, an ending, or what it is compounded with. */
bool words_are_nearly_one(struct slice a, struct slice b);

/* The next word, marks and blanks passed by; false with an empty one: there is none. */
bool word_next(struct text_words *walk, struct slice *word);

/* There are several of it, each with a word before it: a team, a plan, a ward. */
bool has_several(struct slice word);

#endif
