/* merge.c - gathers the live passages of neighbouring segments into a builder, term by term. */
#include "builder.h"
#include "live.h"
#include "postings.h"
#include <assert.h>
#include <stdlib.h>

#define NOT_LIVE UINT32_MAX

/* Numbers the live passages anew: numbers[old document] = document in the builder. */
static bool merge_passages(const struct segment *segment, const struct view_part *live, struct segment_builder *builder,
                           uint32_t *numbers, struct error *error)
{
    for (uint32_t document = 0; document < segment->passage_count; document++) {
        numbers[document] = NOT_LIVE;
        if (!view_sees(live, document))
            continue;
        if (!builder_reserve(builder, 0, error))
            return false;
        numbers[document] = builder_append_passage(builder, segment_passage(segment, document),
                                                   segment_length(segment, document));
    }
    return true;
}

static bool merge_term(const struct segment *segment, const struct dictionary_cursor *cursor, struct segment_builder *builder,
                       const uint32_t *numbers, struct error *error)
{
    struct postings_place place;
    if (!segment_place(segment, cursor, &place))
        return segment_damaged(segment, error);
    if (place.documents > segment->passage_count) /* a count that lies gets no memory */
        return segment_damaged(segment, error);
    if (!builder_reserve(builder, place.documents, error))
        return false;
    struct postings postings;
    postings_open(&postings, &place, segment->passage_count);
    uint32_t term = NOT_LIVE; /* a term whose passages are all deleted gets no number */
    while (postings_next(&postings)) {
        const uint32_t *frequencies = postings_frequencies(&postings);
        for (uint32_t i = 0; i < postings.count; i++) {
            uint32_t number = numbers[postings.documents[i]];
            if (number == NOT_LIVE)
                continue;
            if (term == NOT_LIVE)
                term = builder_term_number(builder, (struct slice){cursor->text, cursor->size});
            if (builder_terms(builder)[term].last_document > number) /* the same term twice */
                return segment_damaged(segment, error);
            builder_append_posting(builder, term, number, frequencies[i]);
        }
    }
    return postings.failed ? segment_damaged(segment, error) : true;
}

static bool merge_segment(const struct segment *segment, const struct view_part *live, struct segment_builder *builder,
                          struct error *error)
{
    uint32_t *numbers = memory_try(segment->passage_count, sizeof(*numbers));
    if (numbers == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory to merge %u passages", segment->passage_count);
    bool ok = merge_passages(segment, live, builder, numbers, error);
    struct dictionary_cursor cursor;
    dictionary_start(&cursor, &segment->dictionary, 0);
    while (ok && dictionary_next(&cursor))
        ok = merge_term(segment, &cursor, builder, numbers, error);
    if (ok && cursor.number < segment->dictionary.term_count)
        ok = segment_damaged(segment, error);
    free(numbers);
    return ok;
}

bool index_merge(const struct index *index, size_t first, size_t count, struct segment_builder *builder, struct error *error)
{
    if (first > index->count || count > index->count - first)
        return error_set(error, ERROR_INVALID, "segments %zu to %zu of an index of %zu", first, first + count, index->count);
    if (segment_builder_passage_count(builder) > 0)
        return error_set(error, ERROR_INVALID, "builder has %zu passages, expected an empty one",
                         segment_builder_passage_count(builder));
    for (size_t i = first; i < first + count; i++)
        if (!merge_segment(index->segments[i], &index->live.parts[i], builder, error)) {
            builder_clear(builder);
            return false;
        }
    return true;
}
