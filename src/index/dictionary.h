/* dictionary.h - the terms of a segment in byte order, sixteen to a block, each written as what differs from the one before.
 *
 *   terms   block { term { shared, own | own bytes | documents and largest frequency | postings bytes | positions bytes } × 16 }
 *   blocks  for each block: where it begins in `terms` u32 | where the postings of its first term begin u32
 *
 * The first term of a block shares nothing, so a search can compare it without its neighbours. */
#ifndef INDEX_DICTIONARY_H
#define INDEX_DICTIONARY_H

#include "base/base.h"

enum { DICTIONARY_BLOCK = 16 };

struct dictionary_writer {
    struct buffer terms, blocks;
    char last[LIMIT_TERM_BYTES];
    size_t last_size;
    uint32_t count; /* of this field's */
    bool has_positions; /* the next terms have a size of positions; set by the user */
};

void dictionary_writer_init(struct dictionary_writer *writer);
void dictionary_writer_release(struct dictionary_writer *writer);

/* Terms come in ascending order; their postings lie in the same order, without gaps, each with its positions behind it. */
struct dictionary_term {
    struct slice text;
    uint32_t documents, frequency_max;
    uint64_t postings_at, postings_size, positions_size;
};
void dictionary_append(struct dictionary_writer *writer, const struct dictionary_term *term);
void dictionary_next_field(struct dictionary_writer *writer); /* terms begin anew, in a block of their own */

struct dictionary {
    struct slice terms; /* of all fields */
    struct slice blocks; /* of this one */
    uint32_t term_count;
    bool has_positions;
};

/* Walks the terms in order. Every read is checked; damage shows in bytes.failed. */
struct dictionary_cursor {
    const struct dictionary *dictionary;
    struct bytes bytes;
    uint32_t number; /* of the term below plus one */

    char text[LIMIT_TERM_BYTES];
    size_t size;
    uint32_t documents, frequency_max;
    uint64_t postings_at, postings_size, positions_size;
};

void dictionary_start(struct dictionary_cursor *cursor, const struct dictionary *dictionary, uint32_t block);
bool dictionary_next(struct dictionary_cursor *cursor); /* false at the end, or at damage */

/* Leaves the cursor at the first term that is not below `term`; false when there is none. */
bool dictionary_find_from(struct dictionary_cursor *cursor, const struct dictionary *dictionary, struct slice term);

/* Leaves the cursor at `term`; false when it is not there. A term longer than LIMIT_TERM_BYTES is cut, as the writer cut it. */
bool dictionary_find(struct dictionary_cursor *cursor, const struct dictionary *dictionary, struct slice term);

#endif
