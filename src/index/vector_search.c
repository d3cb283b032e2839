/* vector_search.c - one question to all segments. */
#include "vector_scan.h"
#include <assert.h>

static bool check_query(const struct vector_index *index, const struct vector_query *query, struct error *error)
{
    if (query->k == 0 || query->k > LIMIT_RESULTS)
        return error_set(error, ERROR_INVALID, "%zu results are wanted, expected 1 to %d", query->k, LIMIT_RESULTS);
    if (query->view != NULL && (query->view->index != index || query->view->count != index->count))
        return error_set(error, ERROR_INVALID, "the view is one of another index, or made before this one changed");
    return true;
}

bool vector_search(const struct vector_index *index, const struct vector_query *query, struct index_hit *hits,
                   size_t *hit_count, struct error *error)
{
    if (!check_query(index, query, error))
        return false;
    struct vector_question question;
    vector_question_init(&question, query->vector, index->dimensions);
    struct best_hits best = {.hits = hits, .k = query->k};
    for (size_t i = 0; i < index->count; i++) {
        const struct vector_part *part = &index->parts[i];
        struct vector_visible all = {part->live, part->live_count};
        vector_scan(part->segment, query->view != NULL ? &query->view->parts[i] : &all, &question, &best);
    }
    vector_question_release(&question);
    best_hits_sort(&best);
    *hit_count = best.count;
    return true;
}
