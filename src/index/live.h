/* live.h - an index from inside: its segments, and which of their passages can be seen.
 *
 * What is deleted and what somebody may not see is one thing, a bitmap for each segment: the index itself keeps the view of all that
 * live, and every other view is a part of that. */
#ifndef INDEX_LIVE_H
#define INDEX_LIVE_H

#include "segment.h"

/* What can be seen of one segment. */
struct view_part {
    uint64_t *visible; /* one bit for each document; NULL: all of them */
    uint32_t count;
    uint64_t length_sum;
};

struct index_view {
    const struct index *index;
    uint64_t change; /* of the index, when the view was made */
    struct view_part *parts; /* one for each segment */
    size_t part_count;
    size_t count;
    uint64_t length_sum;
};

struct index {
    struct segment **segments; /* ascending by passages */
    size_t count;
    size_t capacity, view_capacity;
    struct index_view live;
    uint64_t changes;
};

static inline bool view_sees(const struct view_part *part, uint32_t document)
{
    return part->visible == NULL || (part->visible[document / 64] >> (document % 64) & 1) != 0;
}

static inline size_t bitmap_words(const struct segment *segment)
{
    return ((size_t)segment->passage_count + 63) / 64;
}

/* The first document from `document` on that can be seen; the passage count when there is none. */
uint32_t view_next(const struct view_part *part, const struct segment *segment, uint32_t document);

/* What can be seen, as a bitmap that has room for it. */
void view_copy(uint64_t *bitmap, const struct view_part *part, const struct segment *segment);

/* The segment and document of a passage, seen or not; false when no segment holds it. */
bool index_find(const struct index *index, passage_id passage, size_t *segment, uint32_t *document);

#endif
