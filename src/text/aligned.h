/* aligned.h - text on its way through a tokenizer: each byte with the place in the original that it came from, cut into pieces.
 *
 *   original   "É "                     C3 89 20
 *   bytes      'e' ' '                  after decomposition, without accents, in lower case
 *   starts      0   2
 *   ends        2   3
 *   pieces     [0,1)                    after the pre-tokenizer
 *
 * Two such texts take turns: a stage reads one and writes the other (struct token_work). */
#ifndef TEXT_ALIGNED_H
#define TEXT_ALIGNED_H

#include "base/base.h"

struct aligned {
    char *bytes;
    uint32_t *starts, *ends; /* of each byte, in the original */
    size_t size;
    size_t capacity;
    size_t size_max;
    bool is_cut; /* it would have grown past that: only a hostile tokenizer makes it */
};

void aligned_release(struct aligned *aligned);
void aligned_append(struct aligned *aligned, const char *bytes, size_t size, uint32_t start, uint32_t end);
void aligned_append_character(struct aligned *aligned, uint32_t character, uint32_t start, uint32_t end);
void aligned_copy(struct aligned *aligned, const struct aligned *from, size_t start, size_t end);
void aligned_original(struct aligned *aligned, struct slice text); /* becomes the text, each character from itself */

/* A run of the text. One that an added token matched has its number and is left alone from there on. */
struct piece {
    size_t start, end;
    uint32_t shift; /* where it begins in the original */
    bool is_token;
    uint32_t id;
};

struct pieces {
    struct piece *items;
    size_t count;
    size_t capacity;
};

void pieces_append(struct pieces *pieces, struct piece piece);

/* A character of a piece's new text. `change` as in Hugging Face's `tokenizers`: 1 when it is new, 0 when it replaces one, -n when
 * it replaces one and the n behind are gone. */
struct change {
    uint32_t character;
    int32_t change;
};

struct changes {
    struct change *items;
    size_t count;
    size_t capacity;
    size_t count_max;
    bool is_cut; /* there would have been more */
};

void changes_append(struct changes *changes, uint32_t character, int32_t change);

/* A run of the text, and whether a pattern matched it. */
struct span {
    size_t start, end;
    bool is_match;
};

struct spans {
    struct span *items;
    size_t count;
    size_t capacity;
};

void spans_append(struct spans *spans, size_t start, size_t end, bool is_match);

struct pattern_work; /* pattern.h */

struct token_work {
    struct aligned text, other;
    struct pieces pieces, other_pieces;
    struct changes changes, decomposed;
    struct spans spans;
    struct pattern_work *pattern;
    size_t seen, seen_max; /* bytes that all stages together went through */
    uint64_t steps, steps_max; /* that were taken to look for added tokens, and may be */
};

void token_work_release(struct token_work *work);
void token_work_start(struct token_work *work, struct slice text); /* one piece, or none when it is empty */

/* True when the stages multiplied the text past what any real tokenizer does; what they made is cut then, and no stage runs any more. */
bool token_work_is_excess(const struct token_work *work);

/* Writes text[from, to) of the piece, changed, to `other`; the first `skipped` characters are gone. */
void token_work_transform(struct token_work *work, const struct piece *piece, size_t from, size_t to,
                          const struct change *changes, size_t count, size_t skipped);

/* Calls each(context, work, piece), which appends to other and other_pieces, for all pieces but added tokens, then lets the two take
 * turns. Pieces that end up empty are dropped by piece_finish. */
void token_work_rewrite(struct token_work *work, const void *context,
                        void (*each)(const void *context, struct token_work *work, const struct piece *piece));

/* The same for stages that only cut: `each` appends runs of the same text to other_pieces. */
void token_work_cut(struct token_work *work, const void *context,
                    void (*each)(const void *context, struct token_work *work, const struct piece *piece));

/* Appends text[start, end) of `piece` as a piece of its own, if it is not empty. */
void token_work_keep(struct token_work *work, const struct piece *piece, size_t start, size_t end);

#endif
