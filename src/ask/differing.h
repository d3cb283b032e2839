/* differing.h - what is told of two things that a question sets against each other. Private to ask. */
#ifndef ASK_DIFFERING_H
#define ASK_DIFFERING_H

#include "compared.h"

/* "How does A differ from B?", "What is the difference between A and B?": what each one's section or line tells, in the order of the question. False:
 * it asks no such thing, or one of them has no place of its own in the passages. */
bool differing_find(struct asking *asking, struct compared sides[2]);

/* The two things, to search for each by itself; returns how many: 2, or 0. */
size_t differing_texts(struct slice question, struct slice texts[2]);

#endif
