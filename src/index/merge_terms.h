/* merge_terms.h - a range of the terms of some segments, merged. Private to merging. */
#ifndef INDEX_MERGE_TERMS_H
#define INDEX_MERGE_TERMS_H

#include "segment.h"

/* A segment whose live passages get numbers of their own, behind those of the segment before. */
struct merge_source {
    const struct segment *segment;
    uint32_t first;    /* the number of its first live passage */
    uint32_t *numbers; /* of each passage, or MERGE_NOT_LIVE; NULL: all are live */
};
#define MERGE_NOT_LIVE UINT32_MAX

struct merge_range {
    enum index_field field;
    bool keeps_positions; /* of this field: all of the segments have them */
    struct slice first, end; /* its first term (empty: the first there is), and the first behind it */
    bool is_last;            /* there is none behind it */

    struct arena arena;            /* holds the terms' texts */
    struct dictionary_term *terms; /* what comes out; postings_at counts in `postings` */
    size_t count, capacity;
    struct buffer postings;
    uint64_t posting_count;
    uint64_t met; /* terms that were read, of all segments */
    bool ok;
    struct error error;
};

void merge_range_init(struct merge_range *range);
void merge_range_release(struct merge_range *range);

/* Sets what comes out, and `ok`, or else `error`. */
void merge_terms(struct merge_range *range, const struct merge_source *sources, size_t count);

#endif
