/* cut.h - what the files that cut documents share. Private. */
#ifndef INGEST_CUT_H
#define INGEST_CUT_H

#include "ingest.h"

/* There can be millions: numbers that the limits of a document keep small are stored so. */
struct piece {
    struct slice text;
    struct slice headings; /* above it */
    struct slice lead;     /* what a passage that begins with it repeats first: its table's head, its function's first line */
    const char *joint;     /* what stands between it and the piece before */
    uint32_t start, end;   /* in the source */
    uint32_t page;
    uint32_t tokens, lead_tokens;
    uint32_t limit; /* of a passage that begins with it */
    bool is_turn;   /* the subject changes before it: no passage goes on with it */
};

struct cutter {
    struct slice source;
    const struct cutting *cutting;
    struct arena *arena;
    struct passage_list *list;
    size_t capacity;
    struct piece *pieces; /* of the current section; freed at the end */
    size_t piece_count, piece_capacity;
    const char *joint; /* before the next piece */
    struct slice lead; /* of the next pieces */
    size_t lead_tokens;
    unsigned page; /* of the last block */
    struct slice headings[LIMIT_HEADING_DEPTH];
    bool is_joined;       /* the next two are filled */
    struct slice joined;  /* the headings */
    size_t limit;         /* what they leave room for */
    size_t joined_bytes;  /* of all sections so far */
    size_t line_at, line; /* the line number at byte line_at, so that counting goes on from there */
    struct buffer scratch;
    bool ok;
    struct error *error;
};

size_t cut_tokens(const struct cutter *cutter, struct slice text);

/* Adds `text`, a part of the block's, to the section. */
void cut_add_piece(struct cutter *cutter, const struct block *block, struct slice text, size_t tokens);
void cut_words(struct cutter *cutter, const struct block *block, struct slice text, size_t limit, size_t word_limit);

/* A block of code that is over the limit. */
void cut_code(struct cutter *cutter, const struct block *block, size_t limit);

/* Makes passages of the section's pieces. */
void cut_end_section(struct cutter *cutter);

/* Marks the pieces before which the subject changes, by the model's vectors. */
void cut_find_turns(struct cutter *cutter);

#endif
