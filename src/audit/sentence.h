/* sentence.h - a sentence as words, signs and runs of blanks, to look for patterns in. Private to audit. */
#ifndef AUDIT_SENTENCE_H
#define AUDIT_SENTENCE_H

#include "audit.h"

enum { PIECES_MAX = 384 }; /* of a longer sentence the rest is left out */

struct piece {
    uint32_t start, end;
    bool is_word;
};

struct pieces {
    struct slice text;
    struct piece items[PIECES_MAX];
    size_t count;
    bool is_english; /* words of other languages are none of its own: "tag", "due", "Mars" */
};

void pieces_read(struct pieces *pieces, struct slice text);

struct slice piece_text(const struct pieces *pieces, size_t at); /* empty past the end */
size_t piece_end(const struct pieces *pieces, size_t at);
bool piece_is_word(const struct pieces *pieces, size_t at);

/* The piece is this word or sign; capital letters count as small ones. `word` is in small letters. */
bool piece_is(const struct pieces *pieces, size_t at, const char *word);

bool piece_among(const struct pieces *pieces, size_t at, const char *const *words, size_t count);

/* A sign of one byte, or ' ' for a run of blanks (no line end), else zero. */
char piece_sign(const struct pieces *pieces, size_t at);

/* `at`, or the piece behind it when it is a run of blanks. */
size_t piece_after_blank(const struct pieces *pieces, size_t at);

bool slice_equal_ignoring_case(struct slice text, const char *small);

/* Walks the sentences of a passage: line ends part them, unless a line was only broken because it was full. */
struct sentence_walk {
    struct slice text;
    size_t at;
    struct slice scratch; /* a copy without such line ends */
};
void sentence_walk_start(struct sentence_walk *walk, struct slice text, struct arena *arena);
bool sentence_walk_next(struct sentence_walk *walk, struct slice *sentence); /* trimmed, never empty; in the arena */

#endif
