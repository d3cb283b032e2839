/* clean_parts.h - changes to a text, found one step at a time and made together. Private to this room. */
#ifndef TEXT_CLEAN_PARTS_H
#define TEXT_CLEAN_PARTS_H

#include "text.h"

/* So many bytes at that place become others. */
struct edit {
    size_t at, size;
    struct slice with;
};

struct edits {
    struct edit *items; /* in order, none within another */
    size_t count, capacity;
    struct arena *arena;
};

void edits_add(struct edits *edits, size_t at, size_t size, struct slice with);

void clean_find_mojibake(struct slice text, struct edits *edits);
void clean_find_marks(struct slice text, struct edits *edits);
void clean_find_forms(struct slice text, struct edits *edits);
void clean_find_spaces(struct slice text, struct edits *edits);
void clean_find_hyphens(struct slice text, struct slice document, struct edits *edits);

#endif
