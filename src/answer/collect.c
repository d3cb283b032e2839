/* collect.c - the best candidates as results: how many of one document, and what stands side by side as one.
 *
 *   passages of a document   … 41 [42] 43 44 [45] [46] …        [found]
 *   results with neighbors       42         45–46                text joined, overlap once; place from the first to the last
 *
 * A passage with the text of a result (white space apart) is no news to who reads: it becomes a copy there, so that its place can still be
 * cited. This is found out here, among the candidates: equal texts have equal words, so they come side by side, nothing needs to be kept in
 * step for it, and what the asker may not see is no candidate and so no copy. A short text says something only with what stands above it:
 * then title and headings must be the same, too.
 *
 * The passages of a document are numbered in its order, so neighbours are one apart. */
#include "collect.h"
#include "alike/alike.h"
#include <assert.h>
#include <math.h>
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

/* The copies of a result that went into another one. */
static void take_copies(struct arena *arena, struct search_hit *hit, const struct search_hit *from)
{
    for (size_t i = 0; i < from->copy_count; i++) {
        hit->copies = arena_more(arena, hit->copies, hit->copy_count, &hit->copy_capacity, sizeof(*hit->copies));
        hit->copies[hit->copy_count++] = from->copies[i];
    }
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
        take_copies(&result->arena, better, worse);
        memmove(worse, worse + 1, (size_t)(result->hits + result->count - (worse + 1)) * sizeof(*worse));
        result->count--;
        return;
    }
}

/* ---- copies ---- */

#define SHORT_BYTES 80 /* a text below this says something only with title and headings */
#define NEAR_SCORE 0.02 /* of vectors, which headings and titles have their part in */

static void digest_of(const struct search_hit *hit, unsigned char digest[ALIKE_DIGEST_BYTES])
{
    const struct slice parts[] = {hit->passage.text, hit->passage.headings, hit->title};
    const struct alike_text text = {parts, hit->passage.text.size < SHORT_BYTES ? ARRAY_COUNT(parts) : 1};
    alike_digest(&text, digest);
}

/* The result that holds this passage. */
static struct search_hit *holder_of(struct search_result *result, int64_t passage)
{
    for (size_t i = 0; i < result->count; i++)
        if (passage >= result->hits[i].first && passage <= result->hits[i].last)
            return &result->hits[i];
    return NULL;
}

struct search_copy copy_of(const struct search_hit *hit)
{
    const struct store_passage *passage = &hit->passage;
    return (struct search_copy){.path = hit->path,
                                .passage = passage->id,
                                .start = passage->start,
                                .end = passage->end,
                                .line = passage->line,
                                .line_end = passage->line_end,
                                .page = passage->page,
                                .is_extracted = hit->is_extracted};
}

static void note_copy(struct arena *arena, struct search_hit *hit, const struct search_hit *copy)
{
    hit->copies = arena_more(arena, hit->copies, hit->copy_count, &hit->copy_capacity, sizeof(*hit->copies));
    hit->copies[hit->copy_count++] = copy_of(copy);
}

/* Whether it may have the text of a result, by the scores alone. */
static bool may_be_copy(const struct search_result *result, const struct candidate *candidate)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct search_hit *hit = &result->hits[i];
        if ((candidate->text_rank > 0 && hit->rank_text > 0 && candidate->text == hit->score_text) ||
            (candidate->vector_rank > 0 && hit->rank_vector > 0 &&
             fabs((double)candidate->vector - (double)hit->score_vector) < NEAR_SCORE))
            return true;
    }
    return false;
}

/* ---- all of them ---- */

/* Makes the hit a result, a part of one, or a copy; or leaves it out. */
static void place_hit(const struct collecting *collecting, struct search_result *result, struct search_hit *hit,
                      struct map *digests, size_t *copies)
{
    const struct settings *settings = &collecting->project->settings;
    unsigned char digest[ALIKE_DIGEST_BYTES];
    digest_of(hit, digest);
    const struct slice key = {(const char *)digest, sizeof(digest)};
    const struct map_entry *same = collecting->keep_copies ? NULL : map_get(digests, key);
    struct search_hit *holder = same != NULL ? holder_of(result, (int64_t)same->value) : NULL;
    if (holder != NULL) {
        note_copy(&result->arena, holder, hit);
        ++*copies;
        return;
    }
    struct search_hit *neighbor = settings->neighbors ? neighbor_of(result, hit) : NULL;
    bool has_room = settings->per_document == 0 || results_of(result, hit->passage.document) < settings->per_document;
    if (result->count == collecting->k || (neighbor == NULL && !has_room))
        return;
    map_put(digests, key, NULL)->value = (uint64_t)hit->passage.id;
    if (neighbor != NULL) {
        join(&result->arena, neighbor, hit);
        close_gap(result, neighbor);
    } else {
        result->hits[result->count++] = *hit;
    }
}

static bool take_candidates(const struct collecting *collecting, struct search_result *result, struct map *digests,
                            size_t *copies, struct error *error)
{
    for (size_t i = 0; i < collecting->count; i++) {
        const struct candidate *candidate = &collecting->candidates[i];
        struct search_hit hit;
        bool full = result->count == collecting->k;
        if (full && (collecting->keep_copies || i >= collecting->k + *copies + COLLECT_BEYOND))
            break;
        if (full && !may_be_copy(result, candidate))
            continue;
        if (!fetch_hit(collecting->project, candidate, &result->arena, &hit, error) || !check_hit(collecting, &hit, error))
            return false;
        place_hit(collecting, result, &hit, digests, copies);
    }
    return true;
}

bool collect_hits(const struct collecting *collecting, struct search_result *result, size_t *copies, struct error *error)
{
    size_t most = collecting->count < collecting->k ? collecting->count : collecting->k;
    struct map digests; /* of texts → the passage that has it in the results */
    map_init(&digests, UINT32_MAX / 4);
    result->hits = arena_alloc(&result->arena, most, sizeof(*result->hits));
    result->count = *copies = 0;
    bool ok = take_candidates(collecting, result, &digests, copies, error);
    if (!ok)
        result->count = 0;
    map_release(&digests);
    return ok;
}
