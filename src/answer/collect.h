/* collect.h - from numbers to passages with their places. Private to answer. */
#ifndef ANSWER_COLLECT_H
#define ANSWER_COLLECT_H

#include "answer.h"
#include "fuse.h"

struct collecting {
    struct project *project;
    const struct store_principal *principal; /* who asks; NULL: the owner */
    const struct candidate *candidates; /* best first */
    size_t count;
    size_t k;
    bool keep_copies; /* what has the same text as a result is one, too */
};

/* Candidates beyond k that are looked at, so that the copies of the last results are met. */
enum { COLLECT_BEYOND = 8 };

/* Fetches the best candidates from the catalog until `k` results are together: at most per_document of one document, and with neighbors
 * a passage that stands next to one of the results becomes part of it (settings of the project). What has the same text as a result is
 * noted there as a copy. All of them are there afterwards, or none. `*copies`: how many candidates became copies. */
bool collect_hits(const struct collecting *collecting, struct search_result *result, size_t *copies,
                  struct error *error) MUST_USE;

struct search_copy copy_of(const struct search_hit *hit); /* its place, as that of a copy */

#endif
