/* postings.h - where a term occurs in a segment: document numbers, ascending, each with the frequency in it.
 *
 *   blocks    one entry for each full block of 128: last document u32 | document bits u8 | how the frequencies are written u8
 *   packed    for each full block: the documents, as differences minus one (kernel.h); then the frequencies, one of
 *               all the numbers, minus one, packed (frequency code 0 … 31: the bits)
 *               only those above 1: place u8 | frequency - 2 u8, places ascending (code 32 + their count)
 *   tail      the rest, fewer than 128, as varints: difference minus one, times 2, plus 1 when the frequency is above 1;
 *             then, when it is, the frequency minus two
 *
 * The entries stand in front, so that a reader can step over blocks without touching them. */
#ifndef INDEX_POSTINGS_H
#define INDEX_POSTINGS_H

#include "base/base.h"
#include "kernel/kernel.h"

#define FREQUENCY_MAX INT32_MAX /* fits 31 bits, so frequency minus one plus one never wraps */

/* Appends the postings of one term. */
void postings_write(struct buffer *out, const uint32_t *documents, const uint32_t *frequencies, size_t count);

/* What the dictionary says about a term's postings. */
struct postings_place {
    struct slice bytes;
    uint32_t documents;     /* 0: does not occur */
    uint32_t frequency_max; /* taken on trust: only the choice of what to look at depends on it */
    struct slice positions; /* empty when there are none */
};

/* Reads forward, one block at a time. Nothing is proven when a segment is opened: each step looks where it treads, so that documents
 * ascend and lie below the segment's count whatever the bytes say. Damage ends the postings and shows in `failed`. */
struct postings {
    uint32_t documents[KERNEL_BLOCK];
    uint32_t count; /* in documents now; 0 before the first and after the last */
    uint32_t at; /* for the caller: how many of them it has used */
    bool failed;

    /* The frequencies of these: packed with code 0 … 31, those above 1 alone, or read already. */
    uint8_t code;
    bool frequencies_are_read;
    const unsigned char *packed_frequencies;
    uint32_t frequencies[KERNEL_BLOCK];

    const unsigned char *blocks; /* the entry of the next block */
    const unsigned char *packed; /* its numbers */
    const unsigned char *end;
    uint32_t blocks_left;
    uint32_t tail_count; /* 0 once it was read */
    uint32_t before; /* the last document read; UINT32_MAX at the start */
    uint32_t document_count; /* of the segment */
    uint32_t block_number; /* of the block at hand; the tail's is the number of blocks */
};

void postings_open(struct postings *postings, const struct postings_place *place, uint32_t document_count);
bool postings_next(struct postings *postings); /* false at the end */

/* Moves on to the first document from `document` on: documents[at], or count 0 when there is none. */
void postings_seek(struct postings *postings, uint32_t document);

/* How many of the documents at hand, from `at` on, lie before `end`; there are some at hand. */
uint32_t postings_run(const struct postings *postings, uint32_t end);

/* The frequencies of documents[0 … count-1], and of one of them. */
const uint32_t *postings_frequencies(struct postings *postings);
uint32_t postings_frequency(const struct postings *postings, uint32_t i);

/* Frequencies above 1 that stand alone: `exceptions_count` pairs of place and frequency - 2; then all others are 1. */
enum { CODE_EXCEPTIONS = 32, EXCEPTIONS_MAX = 31 };
static inline bool postings_have_exceptions(const struct postings *postings)
{
    return !postings->frequencies_are_read && (postings->code >= CODE_EXCEPTIONS || postings->code == 0);
}
static inline uint32_t postings_exception_count(const struct postings *postings)
{
    return postings->code >= CODE_EXCEPTIONS ? postings->code - (uint32_t)CODE_EXCEPTIONS : 0;
}

/* ---- positions ---- */

/* Where in each document the term stands, behind its postings:
 *
 *   table      for each full block: where the positions of what follows it begin, from the end of the table, u32
 *   positions  for each document and each occurrence: distance from the one before, from 0 for the first, varint */
void positions_write(struct buffer *out, const uint32_t *frequencies, size_t count, const uint32_t *starts,
                     const uint32_t *positions); /* those of document i from positions[starts[i]] on */

/* Goes forward with a cursor over the same term's postings. */
struct positions {
    struct bytes bytes;
    size_t table_end;
    uint32_t block; /* that `bytes` stands in; UINT32_MAX at the start */
    uint32_t next; /* document of the block whose positions come next */
};
void positions_open(struct positions *positions, const struct postings_place *place);

/* Appends the positions in the document at hand to `out`; false when they are damaged. */
bool positions_read(struct positions *positions, struct postings *postings, struct buffer *out) MUST_USE;

/* Reads all of them and looks for what reading lets pass: bytes left over, a largest frequency that is another. Returns NULL, or
 * what is wrong. */
const char *postings_verify(const struct postings_place *place, uint32_t document_count);

#endif
