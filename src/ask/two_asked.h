/* two_asked.h - two questions in one: "When is it, and who leads it?" Private to ask. */
#ifndef ASK_TWO_ASKED_H
#define ASK_TWO_ASKED_H

#include "base/base.h"

/* The halves, each with a question word of its own; false: it is one question. */
bool two_asked(struct slice question, struct slice halves[2]);

#endif
