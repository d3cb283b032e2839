/* segment.h - a segment opened for reading: where its parts lie. What was proven when it was opened, and what each
 * reader looks at for itself, is in segment.c. */
#ifndef INDEX_SEGMENT_H
#define INDEX_SEGMENT_H

#include "container.h"
#include "dictionary.h"
#include "index.h"
#include "load.h"
#include "postings.h"

/* ORDER CHUNKS: as they stand in the file. */
enum segment_chunk { CHUNK_META, CHUNK_PASSAGES, CHUNK_LENGTHS, CHUNK_POSTINGS, CHUNK_TERMS, CHUNK_BLOCKS, CHUNK_COUNT };
extern const struct container_kind segment_kind;

/* What CHUNK_META holds. */
enum {
    META_AT_PASSAGE_COUNT = 0,  /* u32 */
    META_AT_TERM_COUNT = 4,     /* u32 */
    META_AT_POSTING_COUNT = 8,  /* u64 */
    META_AT_LENGTH_SUM = 16,    /* u64 */
    META_AT_FIRST_PASSAGE = 24, /* u64 */
    META_AT_PASSAGE_BYTES = 32, /* u8 */
    META_AT_LENGTH_BYTES = 33,  /* u8 */
    META_AT_RESERVED = 34,      /* 6 bytes */
    META_BYTES = 40,
};

#define SEGMENT_PASSAGES_MAX INT32_MAX
#define SEGMENT_LENGTH_MAX INT32_MAX /* terms in a passage */

struct segment {
    char *name;
    struct file_map map; /* one of the two holds the bytes */
    struct buffer buffer;
    struct slice file;

    uint32_t passage_count;
    uint64_t posting_count;
    uint64_t length_sum;
    passage_id first_passage;
    unsigned passage_bytes, length_bytes; /* of a number below: 0, 1, 2, 4 or 8 */
    const unsigned char *passages; /* document number → passage, less the first, less the document: never falling */
    const unsigned char *lengths;  /* terms in it */
    struct slice postings;
    struct dictionary dictionary;

    /* Documents in classes of about the same length, as many in each, so that a class tells nearly what the length does. */
    uint8_t *classes; /* of each document */
    uint32_t class_least[KERNEL_CLASSES]; /* the least length in it */
    uint32_t length_max;
};

/* Number i of a row of numbers of `width` bytes. */
static inline uint64_t load_number(const unsigned char *row, unsigned width, size_t i)
{
    switch (width) {
    case 0:
        return 0;
    case 1:
        return row[i];
    case 2:
        return row[2 * i] | (uint64_t)row[2 * i + 1] << 8;
    case 4:
        return load_u32(row + 4 * i);
    default:
        return load_u64(row + 8 * i);
    }
}

static inline passage_id segment_passage(const struct segment *segment, uint32_t document)
{
    return segment->first_passage + document + load_number(segment->passages, segment->passage_bytes, document);
}

static inline uint32_t segment_length(const struct segment *segment, uint32_t document)
{
    return (uint32_t)load_number(segment->lengths, segment->length_bytes, document);
}

/* Where the postings of the cursor's term lie; false when that is behind the end. */
static inline bool segment_place(const struct segment *segment, const struct dictionary_cursor *cursor,
                                 struct postings_place *place)
{
    if (cursor->postings_at > segment->postings.size || cursor->postings_size > segment->postings.size - cursor->postings_at)
        return false;
    place->bytes = (struct slice){segment->postings.data + cursor->postings_at, (size_t)cursor->postings_size};
    place->documents = cursor->documents;
    place->frequency_max = cursor->frequency_max;
    return true;
}

/* "the postings of a term are damaged", for whoever reads them; always false. */
bool segment_damaged(const struct segment *segment, struct error *error);

/* The first document whose passage is not below `passage`; the passage count when all are. */
uint32_t segment_first_from(const struct segment *segment, passage_id passage);

/* Where in the file a part stands, for messages. */
size_t segment_offset(const struct segment *segment, const void *part);

#endif
