/* merge.c - neighbouring segments become one: what each says of a term goes behind what the one before says.
 *
 *   terms   [a … f) [f … m) [m … z]     ranges, some at once, each by one thread into memory of its own (merge_terms.c)
 *           └───────┬───────┘
 *                postings, dictionary   one behind the other
 *
 * Passages are numbered anew; positions count within a passage and are taken over as bytes. Proven on the way are the order of terms and of
 * documents, and the count of positions: whatever a forger's file says, what is made opens like any other. The bytes made do not depend on
 * the ranges: they are those of a segment that was built of the live passages. */
#include "live.h"
#include "merge_terms.h"
#include "segment_write.h"
#include <assert.h>
#include <stdlib.h>

/* Blocks of the largest dictionary in a range: some milliseconds of work, so that others who want the threads get their turn. */
enum { RANGE_BLOCKS = 128 };

struct merge {
    struct pool *pool;
    struct merge_source *sources;
    size_t count;
    passage_id *ids; /* of the passages, by their new numbers */
    uint32_t *lengths;
    struct segment_head head;
    struct merge_range *ranges; /* of a round */
    size_t range_count, range_capacity;
    uint64_t met; /* terms of the field at hand, of all segments */
    struct dictionary_writer dictionary;
    struct buffer postings;
};

/* ---- passages ---- */

static bool number_passages(struct merge *merge, struct merge_source *source, const struct view_part *live, struct error *error)
{
    const struct segment *segment = source->segment;
    size_t *count = &merge->head.count;
    source->first = (uint32_t)*count;
    if (live->count < segment->passage_count) {
        source->numbers = memory_try(segment->passage_count, sizeof(*source->numbers));
        if (source->numbers == NULL)
            return error_set(error, ERROR_NO_MEMORY, "no memory to merge %u passages", segment->passage_count);
    }
    for (uint32_t document = 0; document < segment->passage_count; document++) {
        bool is_live = view_sees(live, document);
        if (source->numbers != NULL)
            source->numbers[document] = is_live ? (uint32_t)*count : MERGE_NOT_LIVE;
        if (!is_live)
            continue;
        merge->ids[*count] = segment_passage(segment, document);
        merge->lengths[(*count)++] = segment_length(segment, document);
    }
    return true;
}

static bool begin(struct merge *merge, const struct index *index, size_t first, size_t count, struct error *error)
{
    size_t passages = 0;
    for (size_t i = first; i < first + count; i++)
        passages += index->live.parts[i].count;
    if (passages > SEGMENT_PASSAGES_MAX)
        return error_set(error, ERROR_LIMIT, "segment has %zu passages, the limit is %d", passages, SEGMENT_PASSAGES_MAX);
    merge->ids = memory_try(passages + 1, sizeof(*merge->ids));
    merge->lengths = memory_try(passages + 1, sizeof(*merge->lengths));
    if (merge->ids == NULL || merge->lengths == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory to merge %zu passages", passages);
    merge->sources = memory_alloc(count, sizeof(*merge->sources));
    merge->head = (struct segment_head){.ids = merge->ids, .lengths = merge->lengths, .has_positions = true};
    for (size_t i = first; i < first + count; i++) {
        struct merge_source *source = &merge->sources[merge->count++];
        source->segment = index->segments[i];
        merge->head.has_positions = merge->head.has_positions && source->segment->fields[INDEX_TEXT].has_positions;
        if (!number_passages(merge, source, &index->live.parts[i], error))
            return false;
    }
    return true;
}

static void release(struct merge *merge)
{
    for (size_t i = 0; i < merge->range_count; i++)
        merge_range_release(&merge->ranges[i]);
    for (size_t i = 0; i < merge->count; i++)
        free(merge->sources[i].numbers);
    free(merge->sources);
    free(merge->ids);
    free(merge->lengths);
    free(merge->ranges);
    dictionary_writer_release(&merge->dictionary);
    buffer_release(&merge->postings);
}

/* ---- ranges of terms ---- */

static void merge_one(void *context, size_t index, size_t thread)
{
    struct merge *merge = context;
    (void)thread;
    merge_terms(&merge->ranges[index], merge->sources, merge->count);
}

/* Puts what came out of a range behind all that came before. */
static bool append_range(struct merge *merge, const struct merge_range *range, struct error *error)
{
    size_t start = merge->postings.size;
    if (!range->ok) {
        *error = range->error;
        return false;
    }
    buffer_append_slice(&merge->postings, buffer_slice(&range->postings));
    for (size_t i = 0; i < range->count; i++) {
        struct dictionary_term term = range->terms[i];
        term.postings_at += start;
        dictionary_append(&merge->dictionary, &term);
    }
    merge->head.term_counts[range->field] += range->count;
    merge->head.posting_count += range->field == INDEX_TEXT ? range->posting_count : 0;
    merge->met += range->met;
    return buffer_finish(&merge->postings, "segment", error);
}

static bool finish_round(struct merge *merge, struct error *error)
{
    bool ok = true;
    if (merge->pool != NULL)
        pool_parallel_for(merge->pool, merge->range_count, merge_one, merge);
    for (size_t i = 0; i < merge->range_count; i++) {
        if (merge->pool == NULL && ok)
            merge_one(merge, i, 0);
        ok = ok && append_range(merge, &merge->ranges[i], error);
        merge_range_release(&merge->ranges[i]);
    }
    merge->range_count = 0;
    return ok;
}

static const struct segment *largest_of(const struct merge *merge, enum index_field field)
{
    const struct segment *largest = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        const struct segment *segment = merge->sources[i].segment;
        if (largest == NULL || segment->fields[field].term_count > largest->fields[field].term_count)
            largest = segment;
    }
    return largest;
}

static uint64_t terms_of(const struct merge *merge, enum index_field field)
{
    uint64_t terms = 0;
    for (size_t i = 0; i < merge->count; i++)
        terms += merge->sources[i].segment->fields[field].term_count;
    return terms;
}

static void add_range(struct merge *merge, enum index_field field, struct slice first, struct slice end, bool is_last)
{
    merge->ranges = memory_more(merge->ranges, merge->range_count, &merge->range_capacity, sizeof(*merge->ranges));
    struct merge_range *range = &merge->ranges[merge->range_count++];
    merge_range_init(range);
    range->field = field;
    range->keeps_positions = merge->head.has_positions && field == INDEX_TEXT;
    range->first = first;
    range->end = end;
    range->is_last = is_last;
}

/* Ranges are cut where blocks of the largest dictionary begin. */
static bool merge_field(struct merge *merge, enum index_field field, struct arena *arena, struct error *error)
{
    const struct segment *largest = largest_of(merge, field);
    uint64_t terms = terms_of(merge, field);
    size_t at_once = merge->pool != NULL ? pool_thread_count(merge->pool) : 1;
    struct slice first = {"", 0}, end = first;
    bool is_last = terms == 0;
    dictionary_next_field(&merge->dictionary);
    merge->dictionary.has_positions = merge->head.has_positions && field == INDEX_TEXT;
    merge->met = 0;
    for (uint32_t block = RANGE_BLOCKS; !is_last; block += RANGE_BLOCKS) {
        const struct dictionary *dictionary = &largest->fields[field];
        struct dictionary_cursor cursor = {0};
        is_last = (uint64_t)block * DICTIONARY_BLOCK >= dictionary->term_count;
        if (!is_last) {
            dictionary_start(&cursor, dictionary, block);
            bool is_there = dictionary_next(&cursor);
            end = arena_slice(arena, (struct slice){cursor.text, cursor.size});
            if (!is_there || slice_compare(end, first) <= 0)
                return segment_damaged(largest, error);
        }
        add_range(merge, field, first, end, is_last);
        if ((is_last || merge->range_count == at_once) && !finish_round(merge, error))
            return false;
        first = end;
    }
    return merge->met == terms ? true : segment_damaged(largest, error); /* one was not found from where it should be */
}

static bool encode(struct merge *merge, struct buffer *out, struct error *error)
{
    struct container_writer writer;
    segment_write_begin(&writer, &merge->head, out);
    buffer_append_slice(out, buffer_slice(&merge->postings));
    return segment_write_end(&writer, &merge->dictionary, out, error);
}

bool index_merge(const struct index *index, size_t first, size_t count, struct pool *pool, struct buffer *out,
                 struct error *error)
{
    if (first > index->count || count > index->count - first)
        return error_set(error, ERROR_INVALID, "segments %zu to %zu of an index of %zu", first, first + count, index->count);
    struct merge merge = {.pool = pool};
    struct arena arena;
    size_t start = out->size;
    arena_init(&arena);
    dictionary_writer_init(&merge.dictionary);
    buffer_init(&merge.postings, LIMIT_SEGMENT_BYTES);
    bool ok = begin(&merge, index, first, count, error);
    for (enum index_field field = 0; ok && field < INDEX_FIELDS; field++)
        ok = merge_field(&merge, field, &arena, error);
    ok = ok && encode(&merge, out, error);
    if (!ok)
        out->size = start;
    release(&merge);
    arena_release(&arena);
    return ok;
}
