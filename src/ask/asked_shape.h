/* asked_shape.h - whether a question wants a thing, or whole sentences. Private to ask. */
#ifndef ASK_ASKED_SHAPE_H
#define ASK_ASKED_SHAPE_H

#include "base/base.h"

enum answer_shape {
    SHAPE_ANY, /* a thing, or whatever tells it */
    SHAPE_TRUTH, /* "Is …?", "Darf ich …?": a sentence that says whether it is so */
    SHAPE_MANNER /* "How do I …?", "Why …?", "Explain …": sentences, or steps */
};

/* Of several sentences the last one, where that asks: "It is locked. │How do I open it?│"; else all. */
struct slice asked_last(struct slice question);

enum answer_shape shape_asked(struct slice question);

/* "Evenness of the glaze in large kilns?": a title of several words that asks for no thing; a value or a name may answer it, any other word of a sentence does
 * not. */
bool asks_by_title(struct slice question);

/* "What can I do?", "Was tun?": for what is done, not for what happens. */
bool asks_what_to_do(struct slice question);

#endif
