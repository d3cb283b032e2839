#include "vector_mend.h"
#include "vector_weave.h"
#include <stdlib.h>

enum { TOGETHER = 64 };

struct mender {
    const struct vector_origin *origin;
    const struct vector_graph *graph;
    uint32_t *lists;
    const struct vector_space *space;
    uint32_t *rows; /* row in the origin → row, or VECTOR_NONE: deleted */
    bool *is_there; /* row → its list is written; one that lost all neighbours enters anew */
};

/* The rows of a list that is to be written. */
struct gathered {
    uint32_t row, level_end; /* of the level: rows below */
    uint32_t rows[VECTOR_ALL_MAX];
    size_t count;
};

static void gather(struct gathered *gathered, uint32_t row)
{
    if (row == VECTOR_NONE || row == gathered->row || row >= gathered->level_end || gathered->count == VECTOR_ALL_MAX)
        return;
    for (size_t i = 0; i < gathered->count; i++)
        if (gathered->rows[i] == row)
            return;
    gathered->rows[gathered->count++] = row;
}

/* How many neighbours are left. */
static size_t mend_list(const struct mender *mender, uint32_t old, size_t level)
{
    const struct vector_graph *from = &mender->origin->segment->graph;
    size_t from_width = graph_width(from, level), width = graph_width(mender->graph, level);
    const uint32_t *list = from->lists[level] + old * from_width;
    struct gathered gathered = {.row = mender->rows[old], .level_end = mender->graph->counts[level]};
    gathered.count = 0;
    for (size_t i = 0; i < from_width && list[i] != VECTOR_NONE; i++) {
        const uint32_t *behind = from->lists[level] + list[i] * from_width;
        gather(&gathered, mender->rows[list[i]]);
        for (size_t j = 0; mender->rows[list[i]] == VECTOR_NONE && j < from_width && behind[j] != VECTOR_NONE; j++)
            gather(&gathered, mender->rows[behind[j]]);
    }
    uint32_t *out = mender->lists + vector_list_at(mender->graph, level, gathered.row);
    if (gathered.count > width)
        vector_choose(mender->space, gathered.row, gathered.rows, gathered.count, out, width);
    else
        for (size_t i = 0; i < gathered.count; i++)
            out[i] = gathered.rows[i];
    return gathered.count;
}

static void mend_some(void *context, size_t index, size_t thread)
{
    (void)thread;
    const struct mender *mender = context;
    const struct vector_segment *segment = mender->origin->segment;
    for (size_t old = index * TOGETHER; old < segment->count && old < (index + 1) * TOGETHER; old++) {
        if (mender->rows[old] == VECTOR_NONE)
            continue;
        size_t top = vector_level_of(&segment->graph, (uint32_t)old), most = vector_level_of(mender->graph, mender->rows[old]);
        for (size_t level = 1; level <= top && level <= most; level++)
            mend_list(mender, (uint32_t)old, level);
        mender->is_there[mender->rows[old]] = mend_list(mender, (uint32_t)old, 0) > 0;
    }
}

/* Where the origin's rows stand now; `numbers` has the row of each rank. */
static void find_rows(const struct mender *mender, const uint32_t *numbers)
{
    const struct vector_origin *origin = mender->origin;
    uint32_t rank = origin->first;
    for (uint32_t i = 0; i < origin->segment->count; i++) {
        uint32_t old = vector_row(origin->segment, i);
        mender->rows[old] = row_in(origin->live, old) ? numbers[rank++] : VECTOR_NONE;
    }
}

bool vector_mend(const struct vector_origin *origin, const struct vector_graph *graph, uint32_t *lists,
                 const struct vector_space *space, struct vector_order *order, struct pool *pool, uint32_t *entry, size_t *left,
                 struct error *error)
{
    uint32_t count = graph->counts[0];
    struct mender mender = {.origin = origin, .graph = graph, .space = space};
    mender.lists = lists;
    mender.rows = memory_try(origin->segment->count, sizeof(*mender.rows));
    mender.is_there = memory_try(count, sizeof(*mender.is_there));
    uint32_t *numbers = memory_try(count, sizeof(*numbers));
    bool ok = mender.rows != NULL && mender.is_there != NULL && numbers != NULL;
    if (ok) {
        for (uint32_t row = 0; row < count; row++)
            numbers[order->ranks[row]] = row;
        find_rows(&mender, numbers);
        vector_each(pool, (origin->segment->count + TOGETHER - 1) / TOGETHER, mend_some, &mender);
        *entry = VECTOR_NONE;
        for (uint32_t row = count; row > 0; row--)
            *entry = mender.is_there[row - 1] ? row - 1 : *entry;
        *left = 0;
        for (uint32_t i = 0; i < count; i++)
            if (!mender.is_there[order->sequence[i]])
                order->sequence[(*left)++] = order->sequence[i];
    }
    free(mender.rows);
    free(mender.is_there);
    free(numbers);
    return ok || error_set(error, ERROR_NO_MEMORY, "no memory to merge %u vectors", count);
}
