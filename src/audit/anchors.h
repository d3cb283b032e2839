/* anchors.h - places within pages that links name. Private to audit. */
#ifndef AUDIT_ANCHORS_H
#define AUDIT_ANCHORS_H

#include "links.h"

struct anchor {
    size_t from, to; /* documents */
    int64_t line;
    struct slice target, fragment;
};

struct anchors {
    struct arena *arena;
    struct anchor *items;
    size_t count, capacity;
};

/* Keeps a link that names a place in a document of the project. */
void anchors_take(struct anchors *anchors, const struct link *link, size_t from);

/* Tells of those that are not there. */
bool anchors_check(struct anchors *anchors, struct pile *pile, struct findings *findings, struct error *error) MUST_USE;

#endif
