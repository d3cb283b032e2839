/* shingles.h - a text as the set of its shingles: each run of three words, as a number. Private to alike. */
#ifndef ALIKE_SHINGLES_H
#define ALIKE_SHINGLES_H

#include "alike.h"
#include "text/text.h"

struct shingles {
    struct analyzer *analyzer;
    uint64_t *items;
    size_t count, capacity;
    size_t words;
};

void shingles_init(struct shingles *shingles);
void shingles_release(struct shingles *shingles);

/* Those of the text, in its order, repeated ones too. A text of one or two words has one. */
void shingles_read(struct shingles *shingles, const struct alike_text *text);

/* Ascending, each once. */
void shingles_sort(struct shingles *shingles);

/* Of two sorted ones. */
double shingles_likeness(const struct shingles *a, const struct shingles *b);

#endif
