/* asked_days.h - the day of the week that a question asks for, and what holds on other days. Private to ask. */
#ifndef ASK_ASKED_DAYS_H
#define ASK_ASKED_DAYS_H

#include "base/base.h"
#include "text/text.h"

/* The day that is asked for ("on Friday", "freitags", "at the weekend"): a bit for each day from Monday on; 0: none, or it is not plain. */
unsigned days_asked(struct slice question);

/* `part` of `line` (it lies there) is told of other days than of these: "Mon–Thu 8–17 │, Fri 8–13". False where that is not plain. */
bool days_are_others(unsigned asked, struct slice line, struct slice part);

/* The line tells something of these days: a number or that it is closed. */
bool days_are_told(unsigned asked, struct slice line);

/* `mine` and `other`, of two columns or rows, begin with days: the question names one of those of the other alone. */
bool days_are_rival(struct slice question, struct slice mine, struct slice other);

/* The text begins with days of which the question names one: "Sat", asked for Saturday. */
bool days_are_named(struct slice question, struct slice text);

/* The names of the days that a row or a line begins with, "Mon–Wed | 9–17", in full, blanks between; empty: it begins with none. */
struct slice days_leading(struct arena *arena, struct slice line, enum text_language language);

/* Nothing but days: "Sundays", "Mon–Fri". */
bool days_alone(struct slice text);

#endif
