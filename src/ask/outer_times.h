/* outer_times.h - the first or the last of times that are told one after the other. Private to ask. */
#ifndef ASK_OUTER_TIMES_H
#define ASK_OUTER_TIMES_H

#include "base/base.h"

/* "16:20" of "10:05 and 16:20", where `part` of `line` (it lies there) is of such a list and the question asks for the last one; else the part. */
struct slice time_outermost(struct slice question, struct slice line, struct slice part);

#endif
