/* order_score.h - how much a text reads like an order to a model. Private to ask, and to the fit of its weights (bench/orders_fit.py). */
#ifndef ASK_ORDER_SCORE_H
#define ASK_ORDER_SCORE_H

#include "text/text.h"

enum {
    ORDER_BUCKETS = 1 << 16,
    ORDER_WINDOW_BUCKETS = 4096 /* a window fills fewer: four for each of its characters, three for each word */
};

/* The buckets that a window of a text fills; {.count = 0} to begin with. */
struct order_buckets {
    uint64_t bits[ORDER_BUCKETS / 64];
    uint32_t items[ORDER_WINDOW_BUCKETS];
    size_t count;
};

/* The buckets of the window that begins at `*at`, which moves to the next one. False: there is none. */
bool order_buckets_next(struct slice text, size_t *at, struct order_buckets *buckets);

/* Above 0: more likely an order than not. The highest of the text's windows; -HUGE_VAL: there is nothing to see. */
double order_score(struct slice text);

/* Few honest sentences have a higher score, and most of those that orders are made of do. */
double order_doubt(void);

/* Hardly any honest text has a higher score: what functions are withheld for. */
double order_certainty(void);

#endif
