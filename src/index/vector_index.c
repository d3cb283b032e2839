/* vector_index.c - the segments of an index of vectors and the passages deleted from them. */
#include "vector_builder.h"
#include "vector_live.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct vector_index *vector_index_create(size_t dimensions)
{
    assert(dimensions > 0 && dimensions <= LIMIT_VECTOR_DIMENSIONS);
    struct vector_index *index = memory_alloc(1, sizeof(*index));
    index->dimensions = dimensions;
    index->walks = walk_store_create();
    return index;
}

static void part_release(struct vector_part *part)
{
    vector_segment_close(part->segment);
    free(part->live);
}

void vector_index_free(struct vector_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++)
        part_release(&index->parts[i]);
    free(index->parts);
    walk_store_free(index->walks);
    free(index);
}

/* The highest passage of the first `count` parts; 0 for none. */
static passage_id last_passage(const struct vector_index *index, size_t count)
{
    passage_id last = 0;
    for (size_t i = count; i > 0 && last == 0; i--)
        last = vector_segment_last(index->parts[i - 1].segment);
    return last;
}

static bool check_dimensions(const struct vector_index *index, const struct vector_segment *segment, struct error *error)
{
    if (segment->dimensions == index->dimensions)
        return true;
    return error_set(error, ERROR_INVALID, "segment \"%s\" has vectors of %zu dimensions, the index of %zu", segment->name,
                     segment->dimensions, index->dimensions);
}

bool vector_index_add_segment(struct vector_index *index, struct vector_segment *segment, struct error *error)
{
    passage_id last = last_passage(index, index->count);
    if (!check_dimensions(index, segment, error))
        return false;
    if (segment->count > 0 && vector_segment_first(segment) <= last)
        return error_set(error, ERROR_INVALID, "segment \"%s\" begins with passage %llu, the index ends with passage %llu",
                         segment->name, (unsigned long long)vector_segment_first(segment), (unsigned long long)last);
    index->parts = memory_more(index->parts, index->count, &index->capacity, sizeof(*index->parts));
    index->parts[index->count++] = (struct vector_part){.segment = segment, .live_count = segment->count};
    index->live_count += segment->count;
    index->changes++;
    return true;
}

/* The part and row of a passage; NULL when no segment holds it. */
static struct vector_part *find_passage(const struct vector_index *index, passage_id passage, uint32_t *row)
{
    for (size_t i = 0; i < index->count; i++) {
        struct vector_part *part = &index->parts[i];
        const struct vector_segment *segment = part->segment;
        if (segment->count == 0 || passage > vector_segment_last(segment))
            continue;
        uint32_t rank = vector_rank_from(segment, 0, passage);
        *row = vector_row(segment, rank);
        return vector_passage(segment, *row) == passage ? part : NULL;
    }
    return NULL;
}

static void delete_row(struct vector_part *part, uint32_t row)
{
    uint32_t count = part->segment->count;
    if (part->live == NULL) {
        part->live = memory_alloc(((size_t)count + 63) / 64, sizeof(*part->live));
        for (uint32_t i = 0; i < count; i++)
            part->live[i / 64] |= (uint64_t)1 << (i % 64);
    }
    part->live[row / 64] &= ~((uint64_t)1 << (row % 64));
    part->live_count--;
}

bool vector_index_delete(struct vector_index *index, passage_id passage)
{
    uint32_t row;
    struct vector_part *part = find_passage(index, passage, &row);
    if (part == NULL || !row_in(part->live, row))
        return false;
    delete_row(part, row);
    index->live_count--;
    index->changes++;
    return true;
}

size_t vector_index_count(const struct vector_index *index)
{
    return index->live_count;
}

size_t vector_index_segment_count(const struct vector_index *index)
{
    return index->count;
}

struct vector_segment *vector_index_segment(const struct vector_index *index, size_t number)
{
    assert(number < index->count);
    return index->parts[number].segment;
}

/* Every live passage of parts first … first+count-1 must be in `part`; its passages that are not live any more become deleted. */
static bool carry_deletions(const struct vector_index *index, size_t first, size_t count, struct vector_part *part,
                            struct error *error)
{
    size_t live_before = 0;
    for (size_t i = first; i < first + count; i++)
        live_before += index->parts[i].live_count;
    for (uint32_t row = 0; row < part->segment->count; row++) {
        uint32_t old;
        passage_id passage = vector_passage(part->segment, row);
        const struct vector_part *from = find_passage(index, passage, &old);
        if (from == NULL || from < index->parts + first || from >= index->parts + first + count)
            return error_set(error, ERROR_INVALID, "segment \"%s\" has passage %llu, the segments it replaces have not",
                             part->segment->name, (unsigned long long)passage);
        if (!row_in(from->live, old))
            delete_row(part, row);
    }
    if (part->live_count != live_before)
        return error_set(error, ERROR_INVALID, "segment \"%s\" has %u live passages, the segments it replaces have %zu",
                         part->segment->name, part->live_count, live_before);
    return true;
}

static bool check_range(const struct vector_index *index, size_t first, size_t count, struct error *error)
{
    if (first > index->count || count > index->count - first || count == 0)
        return error_set(error, ERROR_INVALID, "segments %zu to %zu of an index of %zu", first, first + count, index->count);
    return true;
}

bool vector_index_replace(struct vector_index *index, size_t first, size_t count, struct vector_segment *segment,
                          struct error *error)
{
    struct vector_part part = {.segment = segment, .live_count = segment->count};
    if (!check_range(index, first, count, error) || !check_dimensions(index, segment, error))
        return false;
    if (!carry_deletions(index, first, count, &part, error)) {
        free(part.live);
        return false;
    }
    for (size_t i = first; i < first + count; i++)
        part_release(&index->parts[i]);
    index->parts[first] = part;
    memmove(index->parts + first + 1, index->parts + first + count, (index->count - first - count) * sizeof(*index->parts));
    index->count -= count - 1;
    index->changes++;
    return true;
}

/* ---- merging ---- */

static bool gather_part(const struct vector_part *part, struct vector_builder *builder, struct error *error)
{
    const struct vector_segment *segment = part->segment;
    for (uint32_t rank = 0; rank < segment->count; rank++) {
        uint32_t row = vector_row(segment, rank);
        if (!row_in(part->live, row))
            continue;
        if (!vector_builder_reserve(builder, error))
            return false;
        size_t from = row * segment->stride, to = builder->count * builder->stride;
        builder->passages[builder->count] = vector_passage(segment, row);
        builder->factors[builder->count] = segment->factors[row];
        memcpy(builder->high + to, segment->high + from, segment->stride);
        memcpy(builder->low + to, segment->low + from, segment->stride);
        builder->count++;
    }
    return true;
}

/* The largest of some parts that have a graph, if half of it is live: NULL when there is none. */
static const struct vector_part *largest_graph(const struct vector_index *index, size_t first, size_t count)
{
    const struct vector_part *largest = NULL;
    for (size_t i = first; i < first + count; i++) {
        const struct vector_part *part = &index->parts[i];
        if (part->segment->graph.links > 0 && part->live_count >= part->segment->count / 2 &&
            (largest == NULL || part->live_count > largest->live_count))
            largest = part;
    }
    return largest;
}

bool vector_index_merge(const struct vector_index *index, size_t first, size_t count, const struct vector_build *how,
                        struct buffer *out, struct error *error)
{
    if (!check_range(index, first, count, error))
        return false;
    struct vector_builder *builder = vector_builder_create(index->dimensions);
    const struct vector_part *largest = largest_graph(index, first, count);
    struct vector_origin origin = {0};
    bool ok = true;
    for (size_t i = first; i < first + count && ok; i++) {
        const struct vector_part *part = &index->parts[i];
        if (part == largest)
            origin = (struct vector_origin){part->segment, part->live, (uint32_t)builder->count};
        ok = gather_part(part, builder, error);
    }
    ok = ok && vector_builder_write(builder, how, largest != NULL ? &origin : NULL, out, error);
    vector_builder_free(builder);
    return ok;
}
