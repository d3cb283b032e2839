/* contrasts.h - "in winter", "by air", "imports": what a question names out of a few that people tell apart. Private to ask. */
#ifndef ASK_CONTRASTS_H
#define ASK_CONTRASTS_H

#include "ask_parts.h"

enum { CONTRASTS_MAX = 4 };

/* Of which group of words a question has one alone, and which. */
struct contrast {
    size_t group, member;
};

size_t contrasts_find(struct slice question, struct contrast contrasts[CONTRASTS_MAX]);
/* The text has that member, or another one of its group. */
bool contrast_told(const struct contrast *contrast, struct slice text);
bool contrast_other_told(const struct contrast *contrast, struct slice text);

#endif
