/* charged.h - an amount that is charged, with what it is charged for. Private to ask. */
#ifndef ASK_CHARGED_H
#define ASK_CHARGED_H

#include "base/base.h"

/* `part` of `line` (it lies there), where it ends with an amount of money or a share: with its rate, what is added to it, and whether tax is in it. What the
 * question says itself is left out. Any other part stays as it is. */
struct slice charged_grown(struct slice question, struct slice line, struct slice part);

#endif
