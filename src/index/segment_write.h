/* segment_write.h - what all segments begin and end with, for those who make one: a builder (segment_write.c), and merging. Private. */
#ifndef INDEX_SEGMENT_WRITE_H
#define INDEX_SEGMENT_WRITE_H

#include "segment.h"

struct segment_head {
    const passage_id *ids; /* ascending */
    const uint32_t *lengths;
    size_t count;
    size_t term_counts[INDEX_FIELDS];
    uint64_t posting_count; /* of the text */
    bool has_positions;
};

/* Begins a segment behind what `out` holds. Postings are appended to `out` then. */
void segment_write_begin(struct container_writer *writer, const struct segment_head *head, struct buffer *out);

/* Ends it with the terms. */
bool segment_write_end(struct container_writer *writer, const struct dictionary_writer *dictionary, struct buffer *out,
                       struct error *error) MUST_USE;

#endif
