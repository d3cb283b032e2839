/* reach.h - passages that their own words do not find. Private to audit. */
#ifndef AUDIT_REACH_H
#define AUDIT_REACH_H

#include "pile.h"

enum { REACH_RANK = 10 };

struct unreached {
    size_t passage; /* in the pile */
    struct slice question;
};

struct reach {
    struct unreached *items; /* in ascending order of passages; in the pile's arena */
    size_t count;
};

/* Asks for every passage by words; within the refresh. */
bool reach_by_words(struct pile *pile, struct reach *reach, struct error *error) MUST_USE;

/* Asks for those that are left once more as people do, with the model too; outside of a refresh. */
bool reach_by_meaning(struct pile *pile, struct reach *reach, struct error *error) MUST_USE;

void reach_tell(const struct pile *pile, const struct reach *reach, struct findings *findings);

#endif
