/* collect.c - the best candidates as results: how many of one document, and what stands side by side as one.
 *
 *   passages of a document   … 41 [42] 43 44 [45] [46] …        [found]
 *   results with neighbors       42         45–46                text joined, overlap once; place from the first to the last
 *
 * The passages of a document are numbered in its order, so neighbours are one apart. */
#include "collect.h"
#include <assert.h>
#include <string.h>

struct fetch {
    struct arena *arena;
    struct search_hit *hit;
    bool found;
};

static bool take_hit(void *context, const struct store_passage *passage, const struct store_document *document,
                     struct error *error)
{
    struct fetch *fetch = context;
    (void)error;
    fetch->hit->passage = *passage;
    fetch->hit->passage.text = arena_slice(fetch->arena, passage->text);
    fetch->hit->passage.headings = arena_slice(fetch->arena, passage->headings);
    fetch->hit->path = arena_slice(fetch->arena, document->path);
    fetch->hit->title = arena_slice(fetch->arena, document->title);
    fetch->hit->language = arena_slice(fetch->arena, document->language);
    fetch->hit->is_extracted = document->is_extracted;
    fetch->found = true;
    return true;
}

static bool fetch_hit(struct project *project, const struct candidate *candidate, struct arena *arena, struct search_hit *hit,
                      struct error *error)
{
    int64_t id = (int64_t)candidate->passage;
    struct fetch fetch = {arena, hit, false};
    *hit = (struct search_hit){.score = candidate->score,
                               .score_text = candidate->text,
                               .score_vector = candidate->vector,
                               .rank_text = candidate->text_rank,
                               .rank_vector = candidate->vector_rank,
                               .first = id,
                               .last = id};
    if (!store_each_passage(project->store, id, id, take_hit, &fetch, error))
        return false;
    if (fetch.found)
        return true;
    /* index and catalog agree within a refresh */
    error_set(error, ERROR_CORRUPT, "passage %lld is in the index, but not in the catalog", (long long)id);
    return error_hint(error, "Run `assay doctor --repair`.");
}

/* The second look: what the view let through is asked for once more, of the catalog, before its text is handed out. */
static bool check_hit(const struct collecting *collecting, const struct search_hit *hit, struct error *error)
{
    bool may;
    if (!store_may_see(collecting->project->store, collecting->principal, hit->passage.document, &may, error))
        return false;
    if (may)
        return true;
    error_set(error, ERROR_CORRUPT, "the search met a passage that this key may not see; nothing is shown");
    return error_hint(error,
                      "Run `assay doctor`. If it finds nothing wrong, this is an error of the program: please report it.");
}

/* Bytes of `second`'s beginning that are `first`'s end, where both stand over the same bytes of the source: the overlap that cutting
 * left. Passages that only meet may end and begin with the same words by chance. */
static size_t overlap_of(const struct store_passage *first, const struct store_passage *second)
{
    struct slice end = first->text, start = second->text;
    size_t most = end.size < start.size ? end.size : start.size;
    for (size_t size = second->start < first->end ? most : 0; size > 0; size--)
        if (memcmp(end.data + end.size - size, start.data, size) == 0)
            return size;
    return 0;
}

/* Puts `more`, which stands next to it, into the result. The result keeps its number and its scores: those of its best passage. */
static void join(struct arena *arena, struct search_hit *hit, const struct search_hit *more)
{
    bool behind = more->first == hit->last + 1;
    const struct store_passage *first = behind ? &hit->passage : &more->passage,
                               *second = behind ? &more->passage : &hit->passage;
    assert(behind || more->last + 1 == hit->first);
    size_t overlap = overlap_of(first, second);
    struct slice rest = slice_range(second->text, overlap, second->text.size);
    size_t gap = overlap > 0 ? 0 : 1;
    char *text = arena_alloc(arena, first->text.size + gap + rest.size + 1, 1);
    memcpy(text, first->text.data, first->text.size);
    memset(text + first->text.size, '\n', gap);
    memcpy(text + first->text.size + gap, rest.data, rest.size);
    struct store_passage joined = hit->passage;
    joined.text = (struct slice){text, first->text.size + gap + rest.size};
    joined.start = first->start < second->start ? first->start : second->start;
    joined.end = first->end > second->end ? first->end : second->end;
    joined.line = first->line < second->line ? first->line : second->line;
    joined.line_end = first->line_end > second->line_end ? first->line_end : second->line_end;
    joined.page = first->page; /* where it begins */
    hit->passage = joined;
    hit->first = behind ? hit->first : more->first;
    hit->last = behind ? more->last : hit->last;
}

/* The result that the passage stands next to; NULL: none. */
static struct search_hit *neighbor_of(const struct search_result *result, const struct search_hit *hit)
{
    for (size_t i = 0; i < result->count; i++) {
        struct search_hit *other = &result->hits[i];
        if (other->passage.document == hit->passage.document &&
            (other->last + 1 == hit->first || hit->last + 1 == other->first))
            return other;
    }
    return NULL;
}

static size_t results_of(const struct search_result *result, int64_t document)
{
    size_t count = 0;
    for (size_t i = 0; i < result->count; i++)
        count += result->hits[i].passage.document == document;
    return count;
}

/* A passage that stood between two results has made one of them. */
static void close_gap(struct search_result *result, struct search_hit *grown)
{
    for (size_t i = 0; i < result->count; i++) {
        struct search_hit *other = &result->hits[i];
        if (other == grown || other->passage.document != grown->passage.document ||
            (other->last + 1 != grown->first && grown->last + 1 != other->first))
            continue;
        struct search_hit *better = other < grown ? other : grown, *worse = other < grown ? grown : other;
        join(&result->arena, better, worse);
        memmove(worse, worse + 1, (size_t)(result->hits + result->count - (worse + 1)) * sizeof(*worse));
        result->count--;
        return;
    }
}

static bool take_candidates(const struct collecting *collecting, struct search_result *result, struct error *error)
{
    const struct settings *settings = &collecting->project->settings;
    for (size_t i = 0; i < collecting->count && result->count < collecting->k; i++) {
        struct search_hit hit;
        if (!fetch_hit(collecting->project, &collecting->candidates[i], &result->arena, &hit, error) ||
            !check_hit(collecting, &hit, error))
            return false;
        struct search_hit *neighbor = settings->neighbors ? neighbor_of(result, &hit) : NULL;
        if (neighbor != NULL) {
            join(&result->arena, neighbor, &hit);
            close_gap(result, neighbor);
        } else if (settings->per_document == 0 || results_of(result, hit.passage.document) < settings->per_document) {
            result->hits[result->count++] = hit;
        }
    }
    return true;
}

bool collect_hits(const struct collecting *collecting, struct search_result *result, struct error *error)
{
    size_t most = collecting->count < collecting->k ? collecting->count : collecting->k;
    result->hits = arena_alloc(&result->arena, most, sizeof(*result->hits));
    bool ok = take_candidates(collecting, result, error);
    if (!ok)
        result->count = 0;
    return ok;
}
