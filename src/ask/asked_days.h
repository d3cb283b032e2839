/* asked_days.h - the day of the week that a question asks for, and what holds on other days. Private to ask. */
#ifndef ASK_ASKED_DAYS_H
#define ASK_ASKED_DAYS_H

#include "base/base.h"

/* The day that is asked for ("on Friday", "freitags", "at the weekend"): a bit for each day from Monday on; 0: none, or it is not plain. */
unsigned days_asked(struct slice question);

/* `part` of `line` (it lies there) is told of other days than of these: "Mon–Thu 8–17 │, Fri 8–13". False where that is not plain. */
bool days_are_others(unsigned asked, struct slice line, struct slice part);

/* The line tells something of these days: a number or that it is closed. */
bool days_are_told(unsigned asked, struct slice line);

/* Nothing but days: "Sundays", "Mon–Fri". */
bool days_alone(struct slice text);

#endif
