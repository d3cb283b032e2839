/* leaning.h - whether a question can be understood by itself. Private to ask. */
#ifndef ASK_LEANING_H
#define ASK_LEANING_H

#include "ask_parts.h"

enum leaning {
    LEANS_NOT, /* a new question: nothing that was said before belongs to it */
    LEANS, /* it points back: "What does it weigh?" */
    LEANS_AS_ANOTHER, /* it asks the same of something else: "And in Germany?" */
};

enum leaning leaning_of(struct asking *asking, struct slice question);

#endif
