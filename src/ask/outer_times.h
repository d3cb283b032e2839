/* outer_times.h - the first or the last of times that are told one after the other. Private to ask. */
#ifndef ASK_OUTER_TIMES_H
#define ASK_OUTER_TIMES_H

#include "base/base.h"

/* "16:20" of "10:05 and 16:20", where `part` of `line` (it lies there) is of such a list and the question asks for the last one; else the part. */
struct slice time_outermost(struct slice question, struct slice line, struct slice part);

/* The word of the question asks for the first or the last, and the part is of such a list, which tells that in its own way. */
bool time_tells_outermost(struct slice question, struct slice word, struct slice line, struct slice part);

#endif
