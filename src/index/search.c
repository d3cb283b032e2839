/* search.c - scores segment by segment and keeps the best. */
#include "index.h"
#include "live.h"
#include "search.h"
#include <stdlib.h>

static size_t lists_in(const struct search *search, size_t segment)
{
    size_t present = 0;
    for (size_t j = 0; j < search->variant_count; j++)
        present += search->found[segment][j].documents > 0;
    return present;
}

/* Scores the documents of segment `s` that `view` shows. */
static bool score_segment(struct search *search, size_t s, const struct view_part *view, struct scorer *scorer,
                          struct best_hits *best, struct error *error)
{
    const struct segment *segment = search->index->segments[s];
    size_t present = lists_in(search, s);
    struct scored_word *words = memory_alloc(search->word_count, sizeof(*words));
    struct scored_list *lists = memory_resize(NULL, present, sizeof(*lists)); /* not zeroed: opening sets what is read */
    (void)search_open_lists(search, s, words, lists);
    scorer_run(scorer, segment, view, words, search->word_count, best);
    bool ok = true;
    for (size_t i = 0; i < present; i++)
        ok = ok && !lists[i].postings.failed && !lists[i].probe.failed;
    free(lists);
    free(words);
    return ok ? true : segment_damaged(segment, error);
}

static bool search_segment(struct search *search, size_t s, struct scorer *scorer, struct best_hits *best, struct error *error)
{
    const struct view_part *view = &search->view->parts[s];
    if (view->count == 0 || lists_in(search, s) == 0)
        return true;
    if (!search_has_filter(search))
        return score_segment(search, s, view, scorer, best, error);
    uint64_t *bitmap = memory_alloc(bitmap_words(search->index->segments[s]), sizeof(*bitmap));
    const struct view_part filtered = {.visible = bitmap};
    bool ok = search_filter(search, s, bitmap, error) && score_segment(search, s, &filtered, scorer, best, error);
    free(bitmap);
    return ok;
}

bool index_search(const struct index *index, const struct index_query *query, struct index_hit *hits, size_t *hit_count,
                  struct error *error)
{
    struct search search;
    struct best_hits best = {.hits = hits, .k = query->k};
    bool ok = search_begin(&search, index, query, error);
    if (ok) {
        struct scorer *scorer = scorer_create(search.norm);
        for (size_t s = 0; ok && s < index->count; s++)
            ok = search_segment(&search, s, scorer, &best, error);
        scorer_free(scorer);
    }
    if (ok) {
        best_hits_sort(&best);
        *hit_count = best.count;
    }
    search_release(&search);
    return ok;
}
