/* spans.h - what kind of thing a question asks for, and where a sentence has one. Private to ask. */
#ifndef ASK_SPANS_H
#define ASK_SPANS_H

#include "base/base.h"

enum span_kind {
    SPAN_NONE, /* the question tells no kind */
    SPAN_MONEY,
    SPAN_SHARE, /* percent */
    SPAN_TIME, /* how long, or when */
    SPAN_COUNT,
    SPAN_MEASURE, /* a number with a unit */
    SPAN_NAME, /* of a person or place */
    SPAN_CODE
};

enum span_kind span_asked(struct slice question);

/* The thing of this kind that stands nearest to `near` (a byte of the sentence) and that the question does not have itself. False: the sentence has
 * none. */
bool span_find(struct slice question, struct slice sentence, enum span_kind kind, size_t near, struct slice *span);

#endif
