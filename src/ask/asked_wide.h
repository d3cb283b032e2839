/* asked_wide.h - questions that a section of a document answers, and no thing in it. Private to ask. */
#ifndef ASK_ASKED_WIDE_H
#define ASK_ASKED_WIDE_H

#include "base/base.h"

enum wide_kind {
    WIDE_NONE,
    WIDE_STEPS, /* "How do I …?", "What is the procedure for …?": how something is done */
    WIDE_LIST, /* "What are the features of …?": all of several */
    WIDE_WHAT, /* "What is Lane Keeping Assist?", "What is the travel policy?" */
    WIDE_WHY, /* "Why …?", "How does it …?": sentences */
    WIDE_TRUTH, /* "Is it safe to …?": whether something is so */
    WIDE_EXISTS, /* "Do you have a …?", "Is there a …?": what tells of it */
    WIDE_PROSE /* "What is the history of …?", "Tell me about …": what is told of it */
};

enum wide_kind wide_asked(struct slice question);

#endif
