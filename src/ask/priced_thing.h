/* priced_thing.h - what a question asks the price of. Private to ask. */
#ifndef ASK_PRICED_THING_H
#define ASK_PRICED_THING_H

#include "base/base.h"

/* "dental implant" of "How much does a dental implant cost?"; empty: that is not plain. */
struct slice priced_thing(struct slice question);

/* The word says how often it is paid, as the text does in other words: "annual" and "a year". */
bool priced_by_time(struct slice word, struct slice text);

#endif
