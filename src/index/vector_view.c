/* vector_view.c - which rows a search may see: the live ones within some ranges of passages. */
#include "vector_live.h"
#include <assert.h>
#include <stdlib.h>

/* The bits of the live rows with ranks first … end-1. */
static void show(const struct vector_part *part, uint32_t first, uint32_t end, uint64_t *rows, uint32_t *count)
{
    for (uint32_t rank = first; rank < end; rank++) {
        uint32_t row = vector_row(part->segment, rank);
        if (!row_in(part->live, row))
            continue;
        rows[row / 64] |= (uint64_t)1 << (row % 64);
        ++*count;
    }
}

struct vector_view *vector_view_create(const struct vector_index *index, const struct index_range *ranges, size_t range_count)
{
    struct vector_view *view = memory_alloc(1, sizeof(*view));
    view->index = index;
    view->change = index->changes;
    view->count = index->count;
    view->parts = memory_alloc(index->count, sizeof(*view->parts));
    for (size_t i = 0; i < index->count; i++) {
        const struct vector_part *part = &index->parts[i];
        const struct vector_segment *segment = part->segment;
        uint64_t *rows = memory_alloc(((size_t)segment->count + 63) / 64, sizeof(*rows));
        uint32_t end = 0;
        for (size_t r = 0; r < range_count; r++) {
            assert(ranges[r].first <= ranges[r].last && (r == 0 || ranges[r].first > ranges[r - 1].last));
            uint32_t first = vector_rank_from(segment, end, ranges[r].first);
            end = ranges[r].last == UINT64_MAX ? segment->count : vector_rank_from(segment, first, ranges[r].last + 1);
            show(part, first, end, rows, &view->parts[i].count);
        }
        view->parts[i].rows = rows;
    }
    return view;
}

void vector_view_free(struct vector_view *view)
{
    if (view == NULL)
        return;
    for (size_t i = 0; i < view->count; i++)
        free((uint64_t *)(uintptr_t)view->parts[i].rows);
    free(view->parts);
    free(view);
}

size_t vector_view_count(const struct vector_view *view)
{
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->parts[i].count;
    return count;
}
