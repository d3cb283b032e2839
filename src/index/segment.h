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
    META_AT_TERM_COUNTS = 4,    /* u32 for each field */
    META_AT_POSTING_COUNT = 16, /* u64, of the text */
    META_AT_LENGTH_SUM = 24,    /* u64 */
    META_AT_FIRST_PASSAGE = 32, /* u64 */
    META_AT_PASSAGE_BYTES = 40, /* u8 */
    META_AT_LENGTH_BYTES = 41,  /* u8 */
    META_AT_POSITIONS = 42,     /* u8: 1 when the text's terms have positions */
    META_AT_RESERVED = 43,      /* 5 bytes */
    META_BYTES = 48,
};

#define SEGMENT_PASSAGES_MAX INT32_MAX
#define SEGMENT_LENGTH_MAX INT32_MAX /* terms in a passage */

struct segment {
    char *name;
    size_t shared; /* owners beside the first */
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
    struct dictionary fields[INDEX_FIELDS]; /* the terms */

    /* Documents in classes of about the same length, as many in each, so that a class tells nearly what the length does. */
    uint8_t *classes; /* of each document */
    uint32_t class_least[KERNEL_CLASSES]; /* the least length in it */
    uint32_t length_max;
    uint64_t *length_sums; /* [i]: of the documents before 64 · i; one for each word of a bitmap, and one more */
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

/* Where the postings of the cursor's term lie; false when that is behind the end, or in more documents than there are. */
static inline bool segment_place(const struct segment *segment, const struct dictionary_cursor *cursor,
                                 struct postings_place *place)
{
    uint64_t size = segment->postings.size, at = cursor->postings_at;
    if (cursor->documents > segment->passage_count || at > size || cursor->postings_size > size - at ||
        cursor->positions_size > size - at - cursor->postings_size)
        return false;
    place->bytes = (struct slice){segment->postings.data + at, (size_t)cursor->postings_size};
    place->positions = (struct slice){place->bytes.data + place->bytes.size, (size_t)cursor->positions_size};
    place->documents = cursor->documents;
    place->frequency_max = cursor->frequency_max;
    return true;
}

/* Looks a term up, cut as the builder cuts it: place->documents is 0 when it does not occur. */
bool segment_look_up(const struct segment *segment, enum index_field field, struct slice term, struct postings_place *place,
                     struct error *error) MUST_USE;

/* "the postings of a term are damaged", for whoever reads them; always false. */
bool segment_damaged(const struct segment *segment, struct error *error);

/* The first document whose passage is not below `passage`; the passage count when all are. */
uint32_t segment_first_from(const struct segment *segment, passage_id passage);

/* Where in the file a part stands, for messages. */
size_t segment_offset(const struct segment *segment, const void *part);

#endif
