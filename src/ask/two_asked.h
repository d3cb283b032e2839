/* two_asked.h - two questions in one: "When is it, and who leads it?" Private to ask. */
#ifndef ASK_TWO_ASKED_H
#define ASK_TWO_ASKED_H

#include "base/base.h"

/* The halves, the second one with a question word of its own; false: it is one question. */
bool two_asked(struct slice question, struct slice halves[2]);

/* Two things of one question, each as a question: "what is the weight of the KX-35", "what is the colour of the KX-35". It is no more than likely: "terms and
 * conditions" are one. */
bool two_named(struct arena *arena, struct slice question, struct slice halves[2]);

/* "who collects it": the other half tells what it is. */
bool two_points_back(struct slice half);

/* Gives the half that says no more than a word the rest of the other; `said`: how many words of each say something. */
void two_made_whole(struct arena *arena, struct slice halves[2], const size_t said[2]);

#endif
