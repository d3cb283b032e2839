/* block.h - collects the blocks of a document while its reader walks it. Private to this room. */
#ifndef CODEC_BLOCK_H
#define CODEC_BLOCK_H

#include "codec.h"

struct block_collector {
    struct slice source;
    struct arena *arena;
    struct blocks *out;
    size_t capacity;
    struct buffer text; /* of the block being read */
    struct block_run *runs;
    size_t run_count;
    size_t run_capacity;
    bool is_exact; /* a block's range is that of its text, not of its whole lines: where a page may be one line */
};

void block_collector_init(struct block_collector *collector, struct slice source, struct arena *arena, struct blocks *out);
void block_collector_release(struct block_collector *collector);

/* Adds text to the current block: `source_at` where it stands in the source, or SIZE_MAX when it does not. */
void block_add_text(struct block_collector *collector, struct slice text, size_t source_at);

/* The same for a character that stands there in other bytes ("&amp;"). */
void block_add_decoded(struct block_collector *collector, struct slice text, size_t source_at, size_t source_size);

/* Takes a line off `rest`: up to LF, CR, or CR LF. */
bool block_next_line(struct slice *rest, struct slice *line);

/* Whether a line may be the name of what comes: short, and no sentence, amount, "Total: 40 EUR", or "Ann Smith,". */
bool block_is_name(struct slice line);

/* The same for one that is known to be of a kind, as by its number, and may be longer. */
bool block_is_name_of(struct slice line, size_t words_max);

/* Whether a name may be that of a part in which the name right below it is one; else it may end what stands above ("Ann mends it by 3 June"). */
bool block_stands_alone(struct slice name);

/* Paragraphs that are bold lines, and of which no more than two stand together above other text, become headings, the second below the first. */
void block_raise_names(struct blocks *blocks, const bool *are_names);

/* Ends the current block; without any text but white space there is none. Its range is widened to whole lines, unless
 * is_exact. */
void block_end(struct block_collector *collector, enum block_kind kind, unsigned level);

#endif
