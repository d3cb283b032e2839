/* segment.h - a segment opened for reading: where its parts lie. Every part was proven when it was opened (segment.c). */
#ifndef INDEX_SEGMENT_H
#define INDEX_SEGMENT_H

#include "container.h"
#include "dictionary.h"
#include "index.h"
#include "load.h"

/* ORDER CHUNKS: as they stand in the file. */
enum segment_chunk { CHUNK_META, CHUNK_PASSAGES, CHUNK_LENGTHS, CHUNK_POSTINGS, CHUNK_TERMS, CHUNK_BLOCKS, CHUNK_COUNT };
extern const struct container_kind segment_kind;

/* What CHUNK_META holds. */
enum {
    META_AT_PASSAGE_COUNT = 0, /* u32 */
    META_AT_TERM_COUNT = 4,    /* u32 */
    META_AT_POSTING_COUNT = 8, /* u64 */
    META_AT_LENGTH_SUM = 16,   /* u64 */
    META_BYTES = 24,
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
    const unsigned char *passages; /* u64 each, ascending: document number → passage */
    const unsigned char *lengths;  /* u32 each: terms in it */
    struct slice postings;
    struct dictionary dictionary;
};

static inline passage_id segment_passage(const struct segment *segment, uint32_t document)
{
    return load_u64(segment->passages + 8 * (size_t)document);
}

static inline uint32_t segment_length(const struct segment *segment, uint32_t document)
{
    return load_u32(segment->lengths + 4 * (size_t)document);
}

/* The first document whose passage is not below `passage`; the passage count when all are. */
uint32_t segment_first_from(const struct segment *segment, passage_id passage);

/* Where in the file a part stands, for messages. */
size_t segment_offset(const struct segment *segment, const void *part);

#endif
