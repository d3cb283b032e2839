/* spans.h - what kind of thing a question asks for, and where a text has one. Private to ask. */
#ifndef ASK_SPANS_H
#define ASK_SPANS_H

#include "base/base.h"

/* Bits: a question may ask for several, "when" for a date, an hour and a time that passes. */
enum span_kind {
    SPAN_NONE = 0, /* the question tells no kind */
    SPAN_MONEY = 1,
    SPAN_SHARE = 2, /* percent */
    SPAN_DURATION = 4,
    SPAN_DATE = 8, /* also a year, a month, a day of the week */
    SPAN_HOUR = 16, /* of the day */
    SPAN_COUNT = 32,
    SPAN_MEASURE = 64, /* a number with a unit */
    SPAN_NAME = 128, /* of a person or place */
    SPAN_CODE = 256,
    SPAN_MAIL = 512,
    SPAN_PHONE = 1024,
    SPAN_NO_TIME = 2048 /* of what is asked for alone: how high or heavy it is, which no time tells */
};

unsigned span_asked(struct slice question);

struct span {
    struct slice text; /* with currency and unit */
    struct slice bare; /* without */
    enum span_kind kind;
};

/* The things of the text that a question for these kinds may mean, numbers first; those that the question has itself are left out. */
size_t spans_find(struct slice question, struct slice text, unsigned asked, struct span *spans, size_t most);

/* `part` of `line` (it lies there) with all of the numbers of which it has a piece; of the names too, where one is asked for. */
struct slice span_widened(struct slice line, struct slice part, unsigned asked);

/* `part` of `line`, a day or an hour, with the hours and days that "at", "and" and the like join to it: "Tuesdays and Thursdays at 17:00". */
struct slice span_whole_time(struct slice question, struct slice line, struct slice part);

/* How well a thing of one kind answers: 1, 0.5 for a number of another kind that may do, 0. */
double span_fits(unsigned asked, enum span_kind kind);

/* A price of nothing: "free", "kostenlos". */
bool span_is_free(struct slice text);

/* The kind that a column's head gives to numbers that stand alone below it ("Price (EUR)", "Weight, kg"). */
enum span_kind span_of_head(struct slice head);

#endif
