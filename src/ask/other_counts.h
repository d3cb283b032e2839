/* other_counts.h - lines that tell of another number of the things that a question counts. Private to ask. */
#ifndef ASK_OTHER_COUNTS_H
#define ASK_OTHER_COUNTS_H

#include "siblings.h"

/* "a house with four bedrooms": the first number of things or of a unit that a question names, and that is no bound. False: none. */
bool count_asked(struct slice question, struct number *count);

/* "A flat with two bedrooms needs about 35" is of another; bounds, ranges and rates ("up to", "each") may be of any. */
enum sibling_telling count_told(const struct number *count, struct slice line, struct slice above);

#endif
