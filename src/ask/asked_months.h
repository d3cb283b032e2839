/* asked_months.h - the month that a question asks for, and what holds in other months. Private to ask. */
#ifndef ASK_ASKED_MONTHS_H
#define ASK_ASKED_MONTHS_H

#include "base/base.h"

/* The one month that a question names: a bit, from January on; 0: none, or several. */
unsigned month_asked(struct slice question);

/* Both tell months, and the one that is asked for is of the other alone: "May–September", asked for October. */
bool months_are_rival(struct slice question, struct slice mine, struct slice other);

/* `part` of `line` (it lies there), which has no month itself, is told of other months: "9 to 19 in July and August │, else 10 to 16". */
bool months_are_others(struct slice question, struct slice line, struct slice part);

#endif
