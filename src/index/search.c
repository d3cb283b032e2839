/* search.c - looks the words up in every segment, counts the passages that have them, and scores segment by segment.
 *
 *   found[segment][variant]   every variant of every word, looked up once: the dictionary's answer, or no documents
 *
 * Counting comes before scoring because the weight of a word depends on all segments. The dictionary knows the count when a
 * word has one variant and the whole segment can be seen; otherwise the documents are read once more. */
#include "index.h"
#include "live.h"
#include "postings.h"
#include "score.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct index *index;
    const struct index_query *query;
    const struct index_view *view;
    struct arena arena;
    size_t *first_variant;       /* for each word, and one more: where its variants begin in a row of `found` */
    struct slice *variants;      /* without repetitions within a word */
    struct postings_place **found; /* a row for each segment */
    float *weights;              /* for each word, with its idf */
};

static bool is_within(float value, float low, float high)
{
    return value >= low && value <= high; /* false for NaN */
}

static bool query_is_valid(const struct index_query *query, struct error *error)
{
    if (query->k == 0)
        return error_set(error, ERROR_INVALID, "0 results wanted, expected 1 to %d", LIMIT_RESULTS);
    if (query->k > LIMIT_RESULTS)
        return error_set(error, ERROR_LIMIT, "%zu results wanted, the limit is %d", query->k, LIMIT_RESULTS);
    if (query->word_count > LIMIT_QUERY_TERMS)
        return error_set(error, ERROR_LIMIT, "question has %zu words, the limit is %d", query->word_count, LIMIT_QUERY_TERMS);
    if (!is_within(query->k1, 0, INDEX_K1_MAX) || !is_within(query->b, 0, 1))
        return error_set(error, ERROR_INVALID, "k1 is %g and b is %g, expected 0 to %d and 0 to 1", (double)query->k1,
                         (double)query->b, INDEX_K1_MAX);
    for (size_t i = 0; i < query->word_count; i++) {
        const struct index_word *word = &query->words[i];
        if (word->variant_count == 0 || word->variant_count > INDEX_VARIANTS_MAX)
            return error_set(error, word->variant_count ? ERROR_LIMIT : ERROR_INVALID,
                             "word %zu has %zu variants, expected 1 to %d", i, word->variant_count, INDEX_VARIANTS_MAX);
        if (!is_within(word->weight, 1 / INDEX_WEIGHT_MAX, INDEX_WEIGHT_MAX))
            return error_set(error, ERROR_INVALID, "word %zu has weight %g, expected %g to %g", i, (double)word->weight,
                             (double)(1 / INDEX_WEIGHT_MAX), (double)INDEX_WEIGHT_MAX);
    }
    return true;
}

static bool is_among(const struct slice *slices, size_t count, struct slice wanted)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(slices[i], wanted))
            return true;
    return false;
}

/* Fills variants and first_variant. */
static void gather_variants(struct search *search)
{
    const struct index_query *query = search->query;
    size_t count = 0;
    for (size_t i = 0; i < query->word_count; i++)
        count += query->words[i].variant_count;
    search->variants = arena_alloc(&search->arena, count, sizeof(*search->variants));
    search->first_variant = arena_alloc(&search->arena, query->word_count + 1, sizeof(*search->first_variant));
    count = 0;
    for (size_t i = 0; i < query->word_count; i++) {
        search->first_variant[i] = count;
        for (size_t j = 0; j < query->words[i].variant_count; j++) {
            struct slice variant = query->words[i].variants[j];
            if (variant.size > LIMIT_TERM_BYTES)
                variant.size = LIMIT_TERM_BYTES; /* as the builder cut it */
            size_t first = search->first_variant[i];
            if (!is_among(search->variants + first, count - first, variant))
                search->variants[count++] = variant;
        }
    }
    search->first_variant[query->word_count] = count;
}

static bool look_up(struct search *search, struct error *error)
{
    const struct index *index = search->index;
    size_t variant_count = search->first_variant[search->query->word_count];
    search->found = arena_alloc(&search->arena, index->count, sizeof(*search->found));
    for (size_t i = 0; i < index->count; i++) {
        const struct segment *segment = index->segments[i];
        search->found[i] = arena_alloc(&search->arena, variant_count, sizeof(**search->found));
        for (size_t j = 0; j < variant_count; j++) {
            struct dictionary_cursor cursor;
            if (dictionary_find(&cursor, &segment->dictionary, search->variants[j]) &&
                !segment_place(segment, &cursor, &search->found[i][j]))
                return segment_damaged(segment, error);
            if (cursor.bytes.failed)
                return segment_damaged(segment, error);
        }
    }
    return true;
}

/* The first document from `document` on that can be seen; the passage count when there is none. */
static uint32_t next_visible(const struct segment *segment, const struct view_part *view, uint32_t document)
{
    if (document >= segment->passage_count || view->visible == NULL)
        return document;
    size_t i = document / 64;
    uint64_t bits = view->visible[i] >> (document % 64) << (document % 64);
    while (bits == 0)
        if (++i == bitmap_words(segment))
            return segment->passage_count;
        else
            bits = view->visible[i];
    return (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(bits);
}

/* Documents that have a term and can be seen. Blocks of documents that cannot are stepped over. */
static uint64_t count_visible(const struct segment *segment, const struct view_part *view, const struct postings_place *place)
{
    struct postings postings;
    uint64_t count = 0;
    postings_open(&postings, place, segment->passage_count);
    postings_seek(&postings, next_visible(segment, view, 0));
    while (postings.count > 0) {
        for (uint32_t i = postings.at; i < postings.count; i++)
            count += view->visible[postings.documents[i] / 64] >> (postings.documents[i] % 64) & 1;
        postings_seek(&postings, next_visible(segment, view, postings.documents[postings.count - 1] + 1));
    }
    return count;
}

/* Documents that have any of the terms and can be seen, by marking them. */
static uint64_t count_by_marking(const struct segment *segment, const struct view_part *view,
                                 const struct postings_place *places, size_t count)
{
    uint64_t *marked = memory_alloc(bitmap_words(segment), sizeof(*marked));
    struct postings postings;
    for (size_t i = 0; i < count; i++) {
        if (places[i].documents == 0)
            continue;
        postings_open(&postings, &places[i], segment->passage_count);
        while (postings_next(&postings))
            for (uint32_t j = 0; j < postings.count; j++)
                marked[postings.documents[j] / 64] |= (uint64_t)1 << (postings.documents[j] % 64);
    }
    uint64_t seen = 0;
    for (size_t i = 0; i < bitmap_words(segment); i++)
        seen += (uint64_t)__builtin_popcountll(view->visible ? marked[i] & view->visible[i] : marked[i]);
    free(marked);
    return seen;
}

/* Passages that have word `i` and can be seen, in all segments. */
static uint64_t count_passages(const struct search *search, size_t i)
{
    size_t first = search->first_variant[i], count = search->first_variant[i + 1] - first;
    uint64_t passages = 0;
    for (size_t s = 0; s < search->index->count; s++) {
        const struct postings_place *terms = search->found[s] + first;
        const struct view_part *view = &search->view->parts[s];
        size_t present = 0, last = 0;
        for (size_t j = 0; j < count; j++)
            if (terms[j].documents > 0) {
                present++;
                last = j;
            }
        if (view->count == 0 || present == 0)
            continue;
        if (present > 1)
            passages += count_by_marking(search->index->segments[s], view, terms, count);
        else
            passages += view->visible == NULL ? terms[last].documents : count_visible(search->index->segments[s], view, &terms[last]);
    }
    return passages;
}

static void weigh_words(struct search *search)
{
    double total = (double)search->view->count;
    search->weights = arena_alloc(&search->arena, search->query->word_count, sizeof(*search->weights));
    for (size_t i = 0; i < search->query->word_count; i++) {
        double having = (double)count_passages(search, i);
        search->weights[i] = (float)((double)search->query->words[i].weight * log1p((total - having + 0.5) / (having + 0.5)));
    }
}

static struct length_norm norm_of(const struct index_view *view, const struct index_query *query)
{
    double mean = view->length_sum > 0 ? (double)view->length_sum / (double)view->count : 1;
    double k1 = (double)query->k1, b = (double)query->b;
    return (struct length_norm){.base = (float)(k1 * (1 - b)), .slope = (float)(k1 * b / mean)};
}

/* Opens the postings of all words in segment `s` and scores it. */
static bool search_segment(struct search *search, size_t s, struct scorer *scorer, struct best_hits *best, struct error *error)
{
    const struct segment *segment = search->index->segments[s];
    size_t word_count = search->query->word_count, present = 0;
    const struct postings_place *found = search->found[s];
    for (size_t j = 0; j < search->first_variant[word_count]; j++)
        present += found[j].documents > 0;
    if (present == 0 || search->view->parts[s].count == 0)
        return true;
    struct scored_word *words = arena_alloc(&search->arena, word_count, sizeof(*words));
    struct scored_list *lists = memory_resize(NULL, present, sizeof(*lists)), *next = lists; /* not zeroed: opening sets them */
    for (size_t i = 0; i < word_count; i++) {
        words[i] = (struct scored_word){.lists = next, .weight = search->weights[i]};
        for (size_t j = search->first_variant[i]; j < search->first_variant[i + 1]; j++)
            if (found[j].documents > 0) {
                scored_list_open(next++, &found[j], segment, (uint32_t)i);
                words[i].list_count++;
            }
    }
    scorer_run(scorer, segment, &search->view->parts[s], words, word_count, best);
    bool ok = true;
    for (size_t i = 0; i < present; i++)
        ok = ok && !lists[i].postings.failed && !lists[i].probe.failed;
    free(lists);
    return ok ? true : segment_damaged(segment, error);
}

bool index_search(const struct index *index, const struct index_query *query, struct index_hit *hits, size_t *hit_count,
                  struct error *error)
{
    if (!query_is_valid(query, error))
        return false;
    struct search search = {.index = index, .query = query, .view = query->view != NULL ? query->view : &index->live};
    assert(search.view->index == index && search.view->change == index->changes);
    arena_init(&search.arena);
    gather_variants(&search);
    struct best_hits best = {.hits = hits, .k = query->k};
    bool ok = look_up(&search, error);
    if (ok) {
        weigh_words(&search);
        struct scorer *scorer = scorer_create(norm_of(search.view, query));
        for (size_t s = 0; ok && s < index->count; s++)
            ok = search_segment(&search, s, scorer, &best, error);
        scorer_free(scorer);
        best_hits_sort(&best);
        *hit_count = ok ? best.count : *hit_count;
    }
    arena_release(&search.arena);
    return ok;
}
