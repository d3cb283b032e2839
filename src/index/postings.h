/* postings.h - where a term occurs in a segment: document numbers, ascending, each with the frequency in it.
 *
 *   blocks    one entry for each full block of 128: last document u32 | document bits u8 | frequency bits u8 | 0 u16
 *   packed    for each full block: the documents, as differences minus one, then the frequencies minus one (kernel.h)
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

/* Reads forward, one block at a time. The bytes were proven by postings_verify when the segment was opened, so no step checks. */
struct postings {
    uint32_t documents[KERNEL_BLOCK];
    uint32_t frequencies[KERNEL_BLOCK];
    uint32_t count; /* in documents and frequencies now; 0 before the first and after the last */
    uint32_t at; /* for the caller: how many of them it has used */

    const unsigned char *blocks; /* the entry of the next block */
    const unsigned char *packed; /* its numbers */
    uint32_t blocks_left;
    uint32_t tail_count; /* 0 once it was read */
    uint32_t before; /* the last document read; UINT32_MAX at the start */
    struct bytes tail;
};

/* `count`: documents in all. */
void postings_open(struct postings *postings, struct slice bytes, uint32_t count);
bool postings_next(struct postings *postings); /* false at the end */

/* Proves that reading `count` postings from `bytes` stays inside them and gives ascending documents below `document_count` and
 * frequencies from 1 to FREQUENCY_MAX. Returns NULL, or what is wrong. */
const char *postings_verify(struct slice bytes, uint32_t count, uint32_t document_count);

#endif
