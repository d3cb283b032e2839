/* index.c - the segments of an index and what of them lives. */
#include "index.h"
#include "live.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct index *index_create(void)
{
    struct index *index = memory_alloc(1, sizeof(*index));
    index->live.index = index;
    return index;
}

static void release_segment(struct index *index, size_t i)
{
    segment_close(index->segments[i]);
    free(index->live.parts[i].visible);
}

void index_free(struct index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++)
        release_segment(index, i);
    free(index->segments);
    free(index->live.parts);
    free(index);
}

static struct view_part whole_part(const struct segment *segment)
{
    return (struct view_part){.count = segment->passage_count, .length_sum = segment->length_sum};
}

/* The highest passage of all segments; 0 for none. */
static passage_id last_passage(const struct index *index)
{
    passage_id last = 0;
    for (size_t i = index->count; i > 0 && last == 0; i--)
        last = segment_last_passage(index->segments[i - 1]);
    return last;
}

bool index_add_segment(struct index *index, struct segment *segment, struct error *error)
{
    passage_id last = last_passage(index);
    if (segment->passage_count > 0 && segment_first_passage(segment) <= last)
        return error_set(error, ERROR_INVALID, "segment \"%s\" begins with passage %llu, the index ends with passage %llu",
                         segment->name, (unsigned long long)segment_first_passage(segment), (unsigned long long)last);
    struct index_view *live = &index->live;
    index->segments = memory_more(index->segments, index->count, &index->capacity, sizeof(struct segment *));
    live->parts = memory_more(live->parts, index->count, &index->view_capacity, sizeof(*live->parts));
    index->segments[index->count] = segment;
    live->parts[index->count++] = whole_part(segment);
    live->count += segment->passage_count;
    live->length_sum += segment->length_sum;
    live->part_count = index->count;
    live->change = ++index->changes;
    return true;
}

bool index_find(const struct index *index, passage_id passage, size_t *segment, uint32_t *document)
{
    /* Empty segments have no place in the order: so this is a walk, over the few segments there are. */
    for (size_t i = 0; i < index->count; i++)
        if (index->segments[i]->passage_count > 0 && passage <= segment_last_passage(index->segments[i])) {
            *segment = i;
            *document = segment_first_from(index->segments[i], passage);
            return segment_passage(index->segments[i], *document) == passage;
        }
    return false;
}

static void hide_document(struct view_part *part, const struct segment *segment, uint32_t document)
{
    if (part->visible == NULL) {
        uint64_t *visible = memory_alloc(bitmap_words(segment), sizeof(*visible));
        view_copy(visible, part, segment);
        part->visible = visible;
    }
    part->visible[document / 64] &= ~((uint64_t)1 << (document % 64));
    part->count--;
    part->length_sum -= segment_length(segment, document);
}

bool index_delete(struct index *index, passage_id passage)
{
    size_t i;
    uint32_t document;
    struct index_view *live = &index->live;
    if (!index_find(index, passage, &i, &document) || !view_sees(&live->parts[i], document))
        return false;
    hide_document(&live->parts[i], index->segments[i], document);
    live->count--;
    live->length_sum -= segment_length(index->segments[i], document);
    live->change = ++index->changes;
    return true;
}

size_t index_passage_count(const struct index *index)
{
    return index->live.count;
}

size_t index_passages_in(const struct index *index, size_t first, size_t count)
{
    size_t passages = 0;
    assert(first <= index->count && count <= index->count - first);
    for (size_t i = first; i < first + count; i++)
        passages += index->live.parts[i].count;
    return passages;
}

size_t index_segment_count(const struct index *index)
{
    return index->count;
}

struct segment *index_segment(const struct index *index, size_t number)
{
    assert(number < index->count);
    return index->segments[number];
}

bool index_contains(const struct index *index, passage_id passage)
{
    size_t i;
    uint32_t document;
    return index_find(index, passage, &i, &document) && view_sees(&index->live.parts[i], document);
}

/* Every live passage of segments first … first+count-1 must be in `segment`; its passages that are not live any more become hidden. */
static bool carry_deletions(const struct index *index, size_t first, size_t count, const struct segment *segment,
                            struct view_part *part, struct error *error)
{
    size_t live_before = 0;
    for (size_t i = first; i < first + count; i++)
        live_before += index->live.parts[i].count;
    for (uint32_t document = 0; document < segment->passage_count; document++) {
        size_t from;
        uint32_t old;
        passage_id passage = segment_passage(segment, document);
        if (!index_find(index, passage, &from, &old) || from < first || from >= first + count)
            return error_set(error, ERROR_INVALID, "segment \"%s\" has passage %llu, the segments it replaces have not",
                             segment->name, (unsigned long long)passage);
        if (!view_sees(&index->live.parts[from], old))
            hide_document(part, segment, document);
    }
    if (part->count != live_before)
        return error_set(error, ERROR_INVALID, "segment \"%s\" has %u live passages, the segments it replaces have %zu",
                         segment->name, part->count, live_before);
    return true;
}

bool index_replace(struct index *index, size_t first, size_t count, struct segment *segment, struct error *error)
{
    if (first > index->count || count > index->count - first || count == 0)
        return error_set(error, ERROR_INVALID, "segments %zu to %zu of an index of %zu", first, first + count, index->count);
    struct view_part part = whole_part(segment);
    if (!carry_deletions(index, first, count, segment, &part, error)) {
        free(part.visible);
        return false;
    }
    for (size_t i = first; i < first + count; i++)
        release_segment(index, i);
    size_t behind = index->count - first - count;
    index->segments[first] = segment;
    index->live.parts[first] = part;
    memmove(index->segments + first + 1, index->segments + first + count, behind * sizeof(struct segment *));
    memmove(index->live.parts + first + 1, index->live.parts + first + count, behind * sizeof(struct view_part));
    index->count -= count - 1;
    index->live.part_count = index->count;
    index->live.change = ++index->changes;
    return true;
}
