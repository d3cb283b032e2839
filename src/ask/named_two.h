/* named_two.h - two things that a question names, of which both or one of them is asked of. Private to ask. */
#ifndef ASK_NAMED_TWO_H
#define ASK_NAMED_TWO_H

#include "base/base.h"

enum two_kind {
    TWO_NONE,
    TWO_BOTH, /* "Are Ada and Bo both nurses?", "What do Ada and Bo have in common?" */
    TWO_CHOICE /* "Who is older, Ada or Bo?" */
};

/* What one of two has more or less of, where that is asked for. */
enum two_order {
    ORDER_NONE, /* "Which of them is a nurse, …?" */
    ORDER_AGE, /* when they were born, else when they began */
    ORDER_START, /* when they were founded, published, opened */
    ORDER_VALUE /* prices, lengths: what comparative_is tells */
};

struct named_two {
    enum two_kind kind;
    struct slice names[2]; /* as the question has them, without articles */
    bool is_common; /* whatever they have in common is asked for */
    struct slice rest; /* of a choice: what is asked before the names, or behind them */
    enum two_order order;
    bool is_more; /* the later one, the larger one */
    bool is_money;
};

struct named_two named_two_find(struct slice question);

#endif
