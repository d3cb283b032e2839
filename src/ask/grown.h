/* grown.h - what belongs to an answer and stands right beside it. Private to ask. */
#ifndef ASK_GROWN_H
#define ASK_GROWN_H

#include "base/base.h"

/* `part` of `line`, a sentence or a cell, with the title of a name, with what a time is counted from, and with which of its weekdays is meant, where one of
 * the kinds is `asked` for that it is needed for. */
struct slice span_grown(struct slice question, unsigned asked, struct slice line, struct slice part);

#endif
