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
        if (!builder_reserve(builder, &builder->fields[INDEX_TEXT], 0, 0, error))
            return false;
        numbers[document] = builder_append_passage(builder, segment_passage(segment, document),
                                                   segment_length(segment, document));
    }
    return true;
}

struct merge {
    struct segment_builder *builder;
    const struct segment *segment;
    const uint32_t *numbers;
    enum index_field field;
    struct error *error;
};

static bool merge_term(struct merge *merge, const struct dictionary_cursor *cursor)
{
    struct builder_field *field = &merge->builder->fields[merge->field];
    bool keeps_positions = merge->builder->keeps_positions && merge->field == INDEX_TEXT;
    struct postings_place place;
    struct postings postings;
    struct positions positions;
    if (!segment_place(merge->segment, cursor, &place))
        return segment_damaged(merge->segment, merge->error);
    if (!builder_reserve(merge->builder, field, place.documents, 1, merge->error))
        return false;
    postings_open(&postings, &place, merge->segment->passage_count);
    positions_open(&positions, &place);
    uint32_t term = NOT_LIVE; /* a term whose passages are all deleted gets no number */
    while (postings_next(&postings)) {
        const uint32_t *frequencies = postings_frequencies(&postings);
        for (; postings.at < postings.count; postings.at++) {
            uint32_t number = merge->numbers[postings.documents[postings.at]];
            if (number == NOT_LIVE)
                continue;
            if (term == NOT_LIVE)
                term = builder_term_number(field, (struct slice){cursor->text, cursor->size});
            if (frequencies[postings.at] > FREQUENCY_MAX ||
                builder_terms(field)[term].last_document > number || /* the same term twice */
                (keeps_positions && !positions_read(&positions, &postings, &merge->builder->positions)))
                return segment_damaged(merge->segment, merge->error);
            builder_append_posting(field, term, number, frequencies[postings.at]);
        }
    }
    if (!buffer_finish(&merge->builder->positions, "segment", merge->error))
        return false;
    return postings.failed ? segment_damaged(merge->segment, merge->error) : true;
}

static bool merge_segment(const struct segment *segment, const struct view_part *live, struct segment_builder *builder,
                          struct error *error)
{
    uint32_t *numbers = memory_try(segment->passage_count, sizeof(*numbers));
    if (numbers == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory to merge %u passages", segment->passage_count);
    bool ok = merge_passages(segment, live, builder, numbers, error);
    for (enum index_field field = 0; ok && field < INDEX_FIELDS; field++) {
        struct merge merge = {builder, segment, numbers, field, error};
        struct dictionary_cursor cursor;
        dictionary_start(&cursor, &segment->fields[field], 0);
        while (ok && dictionary_next(&cursor))
            ok = merge_term(&merge, &cursor);
        if (ok && cursor.number < segment->fields[field].term_count)
            ok = segment_damaged(segment, error);
    }
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
    builder->keeps_positions = true;
    for (size_t i = first; i < first + count; i++)
        if (!index->segments[i]->fields[INDEX_TEXT].has_positions)
            builder->keeps_positions = false;
    for (size_t i = first; i < first + count; i++)
        if (!merge_segment(index->segments[i], &index->live.parts[i], builder, error)) {
            builder_clear(builder);
            return false;
        }
    return true;
}
