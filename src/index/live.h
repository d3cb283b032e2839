/* live.h - an index from inside: its segments, and which of their passages are deleted. */
#ifndef INDEX_LIVE_H
#define INDEX_LIVE_H

#include "segment.h"

struct index_part {
    struct segment *segment;
    uint64_t *deleted; /* one bit for each document; NULL while none is */
    uint32_t live_count;
    uint64_t live_length_sum;
};

struct index {
    struct index_part *parts; /* ascending by passages */
    size_t count;
    size_t capacity;
    size_t live_count;
    uint64_t live_length_sum;
};

static inline bool part_is_deleted(const struct index_part *part, uint32_t document)
{
    return part->deleted != NULL && (part->deleted[document / 64] >> (document % 64) & 1) != 0;
}

#endif
