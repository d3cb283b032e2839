/* view.c - which of an index's passages a search may see. */
#include "index.h"
#include "live.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void set_bits(uint64_t *bitmap, uint32_t first, uint32_t end)
{
    while (first < end) {
        uint32_t bit = first % 64, run = end - first < 64 - bit ? end - first : 64 - bit;
        bitmap[first / 64] |= (run == 64 ? UINT64_MAX : ((uint64_t)1 << run) - 1) << bit;
        first += run;
    }
}

uint32_t view_next(const struct view_part *part, const struct segment *segment, uint32_t document)
{
    if (document >= segment->passage_count || part->visible == NULL)
        return document;
    size_t i = document / 64;
    uint64_t bits = part->visible[i] >> (document % 64) << (document % 64);
    while (bits == 0) {
        if (++i == bitmap_words(segment))
            return segment->passage_count;
        bits = part->visible[i];
    }
    return (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(bits);
}

void view_copy(uint64_t *bitmap, const struct view_part *part, const struct segment *segment)
{
    if (part->visible != NULL)
        memcpy(bitmap, part->visible, bitmap_words(segment) * sizeof(*bitmap));
    else
        set_bits(bitmap, 0, segment->passage_count);
}

/* Counts what a bitmap shows. */
static void sum_up(struct view_part *part, const struct segment *segment)
{
    part->count = 0;
    part->length_sum = 0;
    for (size_t i = 0; i < bitmap_words(segment); i++) {
        uint64_t bits = part->visible[i];
        part->count += (uint32_t)__builtin_popcountll(bits);
        if (bits == UINT64_MAX)
            part->length_sum += segment->length_sums[i + 1] - segment->length_sums[i];
        else
            for (; bits != 0; bits &= bits - 1)
                part->length_sum += segment_length(segment, (uint32_t)(64 * i) + (uint32_t)__builtin_ctzll(bits));
    }
}

/* Whether one of the ranges holds the whole segment. */
static bool is_covered(const struct segment *segment, const struct index_range *ranges, size_t range_count)
{
    for (size_t i = 0; i < range_count; i++)
        if (ranges[i].first <= segment_first_passage(segment) && ranges[i].last >= segment_last_passage(segment))
            return true;
    return segment->passage_count == 0;
}

static struct view_part part_of_ranges(const struct segment *segment, const struct view_part *live,
                                       const struct index_range *ranges, size_t range_count)
{
    struct view_part part = *live;
    bool whole = is_covered(segment, ranges, range_count);
    if (whole && live->visible == NULL)
        return part;
    part.visible = memory_alloc(bitmap_words(segment), sizeof(*part.visible));
    for (size_t i = 0; i < range_count && !whole; i++) {
        assert(ranges[i].first <= ranges[i].last && (i == 0 || ranges[i - 1].last < ranges[i].first));
        uint32_t end = ranges[i].last == UINT64_MAX ? segment->passage_count : segment_first_from(segment, ranges[i].last + 1);
        set_bits(part.visible, segment_first_from(segment, ranges[i].first), end);
    }
    if (whole)
        memcpy(part.visible, live->visible, bitmap_words(segment) * sizeof(*part.visible));
    else if (live->visible != NULL)
        for (size_t i = 0; i < bitmap_words(segment); i++)
            part.visible[i] &= live->visible[i];
    sum_up(&part, segment);
    return part;
}

struct index_view *index_view_create(const struct index *index, const struct index_range *ranges, size_t range_count)
{
    struct index_view *view = memory_alloc(1, sizeof(*view));
    view->index = index;
    view->change = index->changes;
    view->part_count = index->count;
    view->parts = memory_alloc(index->count, sizeof(*view->parts));
    for (size_t i = 0; i < index->count; i++) {
        view->parts[i] = part_of_ranges(index->segments[i], &index->live.parts[i], ranges, range_count);
        view->count += view->parts[i].count;
        view->length_sum += view->parts[i].length_sum;
    }
    return view;
}

void index_view_free(struct index_view *view)
{
    if (view == NULL)
        return;
    for (size_t i = 0; i < view->part_count; i++)
        free(view->parts[i].visible);
    free(view->parts);
    free(view);
}

size_t index_view_passage_count(const struct index_view *view)
{
    return view->count;
}

bool index_view_contains(const struct index_view *view, passage_id passage)
{
    size_t segment;
    uint32_t document;
    assert(view->change == view->index->changes);
    return index_find(view->index, passage, &segment, &document) && view_sees(&view->parts[segment], document);
}
