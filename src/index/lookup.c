/* lookup.c - looks the words up in every segment and counts the passages that have them.
 *
 *   found[segment][variant]   every variant of every word, looked up once: the dictionary's answer, or no documents
 *
 * Counting comes before scoring because the weight of a word depends on all segments. The dictionary knows the count when a
 * word has one variant and the whole segment can be seen; otherwise the documents are read once more. */
#include "search.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

static bool is_within(float value, float low, float high)
{
    return value >= low && value <= high; /* false for NaN */
}

static bool word_is_valid(const struct index_word *word, size_t i, struct error *error)
{
    if (word->variant_count == 0 || word->variant_count > INDEX_VARIANTS_MAX)
        return error_set(error, word->variant_count ? ERROR_LIMIT : ERROR_INVALID,
                         "word %zu has %zu variants, expected 1 to %d", i, word->variant_count, INDEX_VARIANTS_MAX);
    if ((unsigned)word->field >= INDEX_FIELDS)
        return error_set(error, ERROR_INVALID, "word %zu is of field %d, expected 0 to %d", i, (int)word->field,
                         INDEX_FIELDS - 1);
    return true;
}

static bool phrases_are_valid(const struct index_query *query, struct error *error)
{
    for (size_t i = 0; i < query->phrase_count; i++) {
        const struct index_phrase *phrase = &query->phrases[i];
        if (phrase->place_count == 0 || phrase->place_count > INDEX_PHRASE_MAX)
            return error_set(error, phrase->place_count ? ERROR_LIMIT : ERROR_INVALID,
                             "phrase %zu has %zu words, expected 1 to %d", i, phrase->place_count, INDEX_PHRASE_MAX);
        for (size_t j = 0; j < phrase->place_count; j++) {
            if (!word_is_valid(&phrase->places[j], j, error))
                return false;
            if (phrase->places[j].field != INDEX_TEXT)
                return error_set(error, ERROR_INVALID, "phrase %zu is of a field, expected the text", i);
        }
    }
    return true;
}

static bool query_is_valid(const struct index_query *query, struct error *error)
{
    if (query->k == 0)
        return error_set(error, ERROR_INVALID, "0 results wanted, expected 1 to %d", LIMIT_RESULTS);
    if (query->k > LIMIT_RESULTS)
        return error_set(error, ERROR_LIMIT, "%zu results wanted, the limit is %d", query->k, LIMIT_RESULTS);
    if (query->word_count > LIMIT_QUERY_TERMS || query->phrase_count > LIMIT_QUERY_TERMS)
        return error_set(error, ERROR_LIMIT, "question has %zu words and %zu phrases, the limit is %d", query->word_count,
                         query->phrase_count, LIMIT_QUERY_TERMS);
    if (!is_within(query->k1, 0, INDEX_K1_MAX) || !is_within(query->b, 0, 1))
        return error_set(error, ERROR_INVALID, "k1 is %g and b is %g, expected 0 to %d and 0 to 1", (double)query->k1,
                         (double)query->b, INDEX_K1_MAX);
    for (size_t i = INDEX_TITLE; i < INDEX_FIELDS; i++)
        if (query->field_weights[i] != 0 && !is_within(query->field_weights[i], 1 / INDEX_WEIGHT_MAX, INDEX_WEIGHT_MAX))
            return error_set(error, ERROR_INVALID, "field %zu has weight %g, expected 0 to %g", i,
                             (double)query->field_weights[i], (double)INDEX_WEIGHT_MAX);
    for (size_t i = 0; i < query->word_count; i++) {
        const struct index_word *word = &query->words[i];
        if (!word_is_valid(word, i, error))
            return false;
        if (!is_within(word->weight, 1 / INDEX_WEIGHT_MAX, INDEX_WEIGHT_MAX))
            return error_set(error, ERROR_INVALID, "word %zu has weight %g, expected %g to %g", i, (double)word->weight,
                             (double)(1 / INDEX_WEIGHT_MAX), (double)INDEX_WEIGHT_MAX);
    }
    return phrases_are_valid(query, error);
}

static bool is_among(const struct slice *slices, size_t count, struct slice wanted)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(slices[i], wanted))
            return true;
    return false;
}

static void add_word(struct search *search, size_t i, enum index_field field, float factor)
{
    const struct index_word *word = &search->query->words[i];
    struct search_word *added = &search->words[search->word_count++];
    *added = (struct search_word){.word = i, .field = field, .factor = factor, .first = search->variant_count};
    for (size_t j = 0; j < word->variant_count; j++) {
        struct slice variant = word->variants[j];
        if (variant.size > LIMIT_TERM_BYTES)
            variant.size = LIMIT_TERM_BYTES; /* as the builder cut it */
        if (!is_among(search->variants + added->first, added->count, variant)) {
            search->variants[search->variant_count++] = variant;
            added->count++;
        }
    }
}

/* Fills words and variants. */
static void gather_words(struct search *search)
{
    const struct index_query *query = search->query;
    size_t count = 0;
    for (size_t i = 0; i < query->word_count; i++)
        count += query->words[i].variant_count;
    search->words = arena_alloc(&search->arena, INDEX_FIELDS * query->word_count, sizeof(*search->words));
    search->variants = arena_alloc(&search->arena, INDEX_FIELDS * count, sizeof(*search->variants));
    for (size_t i = 0; i < query->word_count; i++) {
        const struct index_word *word = &query->words[i];
        add_word(search, i, word->field, word->weight);
        for (enum index_field field = INDEX_TITLE; word->field == INDEX_TEXT && field < INDEX_FIELDS; field++)
            if (query->field_weights[field] > 0)
                add_word(search, i, field, word->weight * query->field_weights[field]);
    }
}

static bool look_up(struct search *search, struct error *error)
{
    const struct index *index = search->index;
    search->found = arena_alloc(&search->arena, index->count, sizeof(*search->found));
    for (size_t s = 0; s < index->count; s++) {
        const struct segment *segment = index->segments[s];
        search->found[s] = arena_alloc(&search->arena, search->variant_count, sizeof(**search->found));
        for (size_t i = 0; i < search->word_count; i++) {
            const struct search_word *word = &search->words[i];
            for (size_t j = word->first; j < word->first + word->count; j++)
                if (!segment_look_up(segment, word->field, search->variants[j], &search->found[s][j], error))
                    return false;
        }
    }
    return true;
}

/* Documents that have a term and can be seen. Blocks of documents that cannot are stepped over. */
uint64_t count_visible(const struct segment *segment, const struct view_part *view, const struct postings_place *place)
{
    if (view->visible == NULL)
        return place->documents;
    struct postings postings;
    uint64_t count = 0;
    postings_open(&postings, place, segment->passage_count);
    postings_seek(&postings, view_next(view, segment, 0));
    while (postings.count > 0) {
        for (uint32_t i = postings.at; i < postings.count; i++)
            count += view->visible[postings.documents[i] / 64] >> (postings.documents[i] % 64) & 1;
        postings_seek(&postings, view_next(view, segment, postings.documents[postings.count - 1] + 1));
    }
    return count;
}

void mark_documents(uint64_t *bitmap, const struct segment *segment, const struct postings_place *places, size_t count)
{
    struct postings postings;
    for (size_t i = 0; i < count; i++) {
        if (places[i].documents == 0)
            continue;
        postings_open(&postings, &places[i], segment->passage_count);
        while (postings_next(&postings))
            for (uint32_t j = 0; j < postings.count; j++)
                bitmap[postings.documents[j] / 64] |= (uint64_t)1 << (postings.documents[j] % 64);
    }
}

/* Documents that have any of the terms and can be seen, by marking them. */
static uint64_t count_by_marking(const struct segment *segment, const struct view_part *view,
                                 const struct postings_place *places, size_t count)
{
    uint64_t *marked = memory_alloc(bitmap_words(segment), sizeof(*marked)), seen = 0;
    mark_documents(marked, segment, places, count);
    for (size_t i = 0; i < bitmap_words(segment); i++)
        seen += (uint64_t)__builtin_popcountll(view->visible ? marked[i] & view->visible[i] : marked[i]);
    free(marked);
    return seen;
}

/* Passages that have the word and can be seen, in all segments. */
static uint64_t count_passages(const struct search *search, const struct search_word *word)
{
    uint64_t passages = 0;
    for (size_t s = 0; s < search->index->count; s++) {
        const struct postings_place *places = search->found[s] + word->first;
        const struct view_part *view = &search->view->parts[s];
        size_t present = 0, last = 0;
        for (size_t j = 0; j < word->count; j++)
            if (places[j].documents > 0) {
                present++;
                last = j;
            }
        if (view->count == 0 || present == 0)
            continue;
        passages += present == 1 ? count_visible(search->index->segments[s], view, &places[last])
                                 : count_by_marking(search->index->segments[s], view, places, word->count);
    }
    return passages;
}

static void weigh_words(struct search *search)
{
    double total = (double)search->view->count;
    for (size_t i = 0; i < search->word_count; i++) {
        struct search_word *word = &search->words[i];
        word->documents = count_passages(search, word);
        double having = (double)word->documents;
        word->weight = (float)((double)word->factor * log1p((total - having + 0.5) / (having + 0.5)));
    }
}

double view_mean_length(const struct index_view *view)
{
    return view->length_sum > 0 ? (double)view->length_sum / (double)view->count : 1;
}

bool search_begin(struct search *search, const struct index *index, const struct index_query *query, struct error *error)
{
    *search = (struct search){.index = index, .query = query, .view = query->view != NULL ? query->view : &index->live};
    assert(search->view->index == index && search->view->change == index->changes);
    arena_init(&search->arena);
    if (!query_is_valid(query, error))
        return false;
    gather_words(search);
    if (!look_up(search, error))
        return false;
    weigh_words(search);
    double k1 = (double)query->k1, b = (double)query->b;
    search->norm = (struct length_norm){.base = (float)(k1 * (1 - b)),
                                        .slope = (float)(k1 * b / view_mean_length(search->view))};
    return true;
}

void search_release(struct search *search)
{
    arena_release(&search->arena);
}

size_t search_open_lists(const struct search *search, size_t segment, struct scored_word *words, struct scored_list *lists)
{
    const struct postings_place *found = search->found[segment];
    size_t count = 0;
    for (size_t i = 0; i < search->word_count; i++) {
        const struct search_word *word = &search->words[i];
        words[i] = (struct scored_word){.lists = lists + count, .weight = word->weight};
        for (size_t j = word->first; j < word->first + word->count; j++)
            if (found[j].documents > 0) {
                scored_list_open(&lists[count++], &found[j], search->index->segments[segment], (uint32_t)i);
                words[i].list_count++;
            }
    }
    return count;
}
