/* index.c - the segments of an index and the passages deleted from them. */
#include "index.h"
#include "live.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct index *index_create(void)
{
    return memory_alloc(1, sizeof(struct index));
}

static void part_release(struct index_part *part)
{
    segment_close(part->segment);
    free(part->deleted);
}

void index_free(struct index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++)
        part_release(&index->parts[i]);
    free(index->parts);
    free(index);
}

static struct index_part part_of(struct segment *segment)
{
    return (struct index_part){
        .segment = segment, .live_count = segment->passage_count, .live_length_sum = segment->length_sum};
}

/* The highest passage of the first `count` parts; 0 for none. */
static passage_id last_passage(const struct index *index, size_t count)
{
    passage_id last = 0;
    for (size_t i = count; i > 0 && last == 0; i--)
        last = segment_last_passage(index->parts[i - 1].segment);
    return last;
}

bool index_add_segment(struct index *index, struct segment *segment, struct error *error)
{
    passage_id last = last_passage(index, index->count);
    if (segment->passage_count > 0 && segment_first_passage(segment) <= last)
        return error_set(error, ERROR_INVALID, "segment \"%s\" begins with passage %llu, the index ends with passage %llu",
                         segment->name, (unsigned long long)segment_first_passage(segment), (unsigned long long)last);
    index->parts = memory_more(index->parts, index->count, &index->capacity, sizeof(*index->parts));
    index->parts[index->count++] = part_of(segment);
    index->live_count += segment->passage_count;
    index->live_length_sum += segment->length_sum;
    return true;
}

/* The part and document of a passage; NULL when no segment holds it. */
static struct index_part *find_passage(const struct index *index, passage_id passage, uint32_t *document)
{
    /* Empty segments have no place in the order: so this is a walk, over the few segments there are. */
    for (size_t i = 0; i < index->count; i++) {
        struct index_part *part = &index->parts[i];
        if (part->segment->passage_count > 0 && passage <= segment_last_passage(part->segment))
            return segment_find_passage(part->segment, passage, document) ? part : NULL;
    }
    return NULL;
}

static void delete_document(struct index_part *part, uint32_t document)
{
    if (part->deleted == NULL)
        part->deleted = memory_alloc(((size_t)part->segment->passage_count + 63) / 64, sizeof(*part->deleted));
    part->deleted[document / 64] |= (uint64_t)1 << (document % 64);
    part->live_count--;
    part->live_length_sum -= segment_length(part->segment, document);
}

bool index_delete(struct index *index, passage_id passage)
{
    uint32_t document;
    struct index_part *part = find_passage(index, passage, &document);
    if (part == NULL || part_is_deleted(part, document))
        return false;
    delete_document(part, document);
    index->live_count--;
    index->live_length_sum -= segment_length(part->segment, document);
    return true;
}

size_t index_passage_count(const struct index *index)
{
    return index->live_count;
}

size_t index_segment_count(const struct index *index)
{
    return index->count;
}

bool index_contains(const struct index *index, passage_id passage)
{
    uint32_t document;
    const struct index_part *part = find_passage(index, passage, &document);
    return part != NULL && !part_is_deleted(part, document);
}

/* Every live passage of parts first … first+count-1 must be in `part`; its passages that are not live any more become deleted. */
static bool carry_deletions(const struct index *index, size_t first, size_t count, struct index_part *part, struct error *error)
{
    size_t live_before = 0;
    for (size_t i = first; i < first + count; i++)
        live_before += index->parts[i].live_count;
    for (uint32_t document = 0; document < part->segment->passage_count; document++) {
        uint32_t old;
        passage_id passage = segment_passage(part->segment, document);
        const struct index_part *from = find_passage(index, passage, &old);
        if (from == NULL || from < index->parts + first || from >= index->parts + first + count)
            return error_set(error, ERROR_INVALID, "segment \"%s\" has passage %llu, the segments it replaces have not",
                             part->segment->name, (unsigned long long)passage);
        if (part_is_deleted(from, old))
            delete_document(part, document);
    }
    if (part->live_count != live_before)
        return error_set(error, ERROR_INVALID, "segment \"%s\" has %u live passages, the segments it replaces have %zu",
                         part->segment->name, part->live_count, live_before);
    return true;
}

bool index_replace(struct index *index, size_t first, size_t count, struct segment *segment, struct error *error)
{
    if (first > index->count || count > index->count - first || count == 0)
        return error_set(error, ERROR_INVALID, "segments %zu to %zu of an index of %zu", first, first + count, index->count);
    struct index_part part = part_of(segment);
    if (!carry_deletions(index, first, count, &part, error)) {
        free(part.deleted);
        return false;
    }
    for (size_t i = first; i < first + count; i++)
        part_release(&index->parts[i]);
    index->parts[first] = part;
    memmove(index->parts + first + 1, index->parts + first + count, (index->count - first - count) * sizeof(*index->parts));
    index->count -= count - 1;
    return true;
}
