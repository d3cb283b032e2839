/* steps.h - times that steps hold for, and the one that a question names. Private to ask. */
#ifndef ASK_STEPS_H
#define ASK_STEPS_H

#include "features.h"

/* Leaves candidates out that stand in a step for another time ("more than 21 days before"), where one of their passage holds for the time that is asked for
 * ("between 21 and 8 days"). Returns how many are left. */
size_t steps_kept(const struct asking *asking, struct candidate *items, size_t count);

#endif
