#include "vector_walk.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEHIND_MAX = 32, /* rows met together when some of them stand in for others */
    TOGETHER_MAX = 4, /* rows whose neighbours are looked at together */
};

bool vector_walk_reserve(struct vector_walk *walk, size_t row_count, size_t breadth)
{
    if (row_count > walk->row_count) {
        free(walk->seen);
        free(walk->touched);
        walk->touched_count = 0;
        walk->seen = memory_try((row_count + 63) / 64, sizeof(*walk->seen));
        walk->touched = memory_try(row_count, sizeof(*walk->touched));
        walk->row_count = walk->seen != NULL && walk->touched != NULL ? row_count : 0;
    }
    if (breadth + 1 > walk->capacity) {
        free(walk->met);
        walk->met = memory_try(breadth + 1, sizeof(*walk->met));
        walk->capacity = walk->met != NULL ? breadth + 1 : 0;
    }
    return row_count <= walk->row_count && breadth < walk->capacity;
}

void vector_walk_release(struct vector_walk *walk)
{
    free(walk->seen);
    free(walk->touched);
    free(walk->met);
    *walk = (struct vector_walk){0};
}

void vector_walk_start(struct vector_walk *walk, size_t breadth, const uint64_t *visible)
{
    assert(breadth > 0 && breadth < walk->capacity);
    for (size_t i = 0; i < walk->touched_count; i++)
        walk->seen[walk->touched[i] / 64] = 0;
    walk->touched_count = 0;
    walk->count = 0;
    walk->breadth = breadth;
    walk->visible = visible;
}

static void fetch(const void *from, size_t size)
{
    enum { LINE = 64 };
    for (size_t at = 0; at < size; at += LINE)
        __builtin_prefetch((const char *)from + at, 0, 2);
}

static bool is_better(struct vector_met a, struct vector_met b)
{
    return a.score > b.score || (a.score >= b.score && (a.row & ~VECTOR_LOOKED) < (b.row & ~VECTOR_LOOKED));
}

/* Puts rows where they belong, all at once, as each would move many others; gives the place of the best of them, or the breadth. Changes their order. */
static size_t keep(struct vector_walk *walk, struct vector_met *fresh, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct vector_met one = fresh[i];
        size_t at = i;
        for (; at > 0 && is_better(one, fresh[at - 1]); at--)
            fresh[at] = fresh[at - 1];
        fresh[at] = one;
    }
    size_t old = walk->count, end = old + count, place = walk->breadth;
    walk->count = end < walk->breadth ? end : walk->breadth;
    while (count > 0) {
        bool is_old = old > 0 && is_better(fresh[count - 1], walk->met[old - 1]);
        struct vector_met last = is_old ? walk->met[--old] : fresh[--count];
        end--;
        if (end < walk->breadth)
            walk->met[end] = last;
        place = is_old || end >= walk->breadth ? place : end;
    }
    return place;
}

/* Whether the row was not seen before; it counts as seen now. */
static bool is_new(struct vector_walk *walk, uint32_t row)
{
    uint64_t bit = (uint64_t)1 << (row % 64);
    if ((walk->seen[row / 64] & bit) != 0)
        return false;
    walk->seen[row / 64] |= bit;
    walk->touched[walk->touched_count++] = row;
    return true;
}

static bool is_visible(const struct vector_walk *walk, uint32_t row)
{
    return walk->visible == NULL || (walk->visible[row / 64] >> (row % 64) & 1) != 0;
}

/* The new rows, whose codes are on their way from here on. */
static size_t take_new(struct vector_walk *walk, const struct vector_space *space, const uint32_t *rows, size_t count,
                       uint32_t *taken, size_t taken_count)
{
    for (size_t i = 0; i < count && rows[i] != VECTOR_NONE && taken_count < VECTOR_LOOK; i++) {
        uint32_t row = rows[i];
        if (!is_visible(walk, row) || !is_new(walk, row))
            continue;
        taken[taken_count++] = row;
        fetch(space->high + row * space->stride, space->stride);
        fetch(&space->factors[row], sizeof(float));
    }
    return taken_count;
}

/* The new rows behind those of a list that are not visible. */
static size_t take_behind(struct vector_walk *walk, const struct vector_space *space, const uint32_t *lists, size_t width,
                          const uint32_t *rows, uint32_t *taken, size_t taken_count)
{
    uint32_t hidden[2 * VECTOR_LINKS_MAX];
    size_t hidden_count = 0;
    for (size_t i = 0; i < width && rows[i] != VECTOR_NONE; i++)
        if (!is_visible(walk, rows[i])) {
            fetch(lists + rows[i] * width, width * sizeof(*lists));
            hidden[hidden_count++] = rows[i];
        }
    for (size_t i = 0; i < hidden_count && taken_count < BEHIND_MAX; i++)
        if (is_new(walk, hidden[i]))
            taken_count = take_new(walk, space, lists + hidden[i] * width, width, taken, taken_count);
    return taken_count;
}

/* The best place that one of the rows got; their codes are on their way. */
static size_t keep_all(struct vector_walk *walk, const struct vector_space *space, const int8_t *question, const uint32_t *rows,
                       size_t count)
{
    int32_t sums[VECTOR_LOOK];
    struct vector_met fresh[VECTOR_LOOK];
    size_t fresh_count = 0;
    kernels()->dots_i8(sums, question, 1, space->high, rows, count, space->stride);
    for (size_t i = 0; i < count; i++) {
        fresh[fresh_count] = (struct vector_met){(float)sums[i] * space->factors[rows[i]], rows[i]};
        fresh_count += walk->count < walk->breadth || is_better(fresh[fresh_count], walk->met[walk->count - 1]);
    }
    return keep(walk, fresh, fresh_count);
}

void vector_walk_meet(struct vector_walk *walk, const struct vector_space *space, const int8_t *question, const uint32_t *rows,
                      size_t count)
{
    assert(count <= VECTOR_LOOK);
    uint32_t taken[VECTOR_LOOK];
    count = take_new(walk, space, rows, count, taken, 0);
    keep_all(walk, space, question, taken, count);
}

void vector_walk_meet_around(struct vector_walk *walk, const struct vector_space *space, const struct vector_graph *graph,
                             const int8_t *question, uint32_t row)
{
    uint32_t taken[VECTOR_LOOK];
    size_t width = graph_width(graph, 0), count = take_new(walk, space, &row, 1, taken, 0);
    const uint32_t *list = graph->lists[0] + row * width;
    count = take_new(walk, space, list, width, taken, count);
    if (walk->visible != NULL)
        count = take_behind(walk, space, graph->lists[0], width, list, taken, count);
    keep_all(walk, space, question, taken, count);
}

/* How many rows' neighbours are looked at together: while the codes of some come, those of others are on their way. More of them are looked at in vain where
 * few are looked at in all. Where rows are hidden, one row may have many that stand in for others. */
static size_t together(const struct vector_walk *walk, size_t width, size_t looks)
{
    enum { BREADTH_WIDE = 150 };
    size_t count = walk->visible != NULL ? 1 : walk->breadth < BREADTH_WIDE ? 2 : TOGETHER_MAX;
    count = count * width > VECTOR_LOOK ? VECTOR_LOOK / width : count;
    return count < looks ? count : looks;
}

/* The best rows, at most `count`, whose neighbours were not looked at, as they count from here on; the lists of those behind them are on their way. */
static size_t take_best(struct vector_walk *walk, size_t next, const uint32_t *lists, size_t width, uint32_t *best,
                        size_t count)
{
    size_t taken = 0;
    for (; next < walk->count && taken < count; next++) {
        if ((walk->met[next].row & VECTOR_LOOKED) != 0)
            continue;
        best[taken++] = walk->met[next].row;
        walk->met[next].row |= VECTOR_LOOKED;
    }
    for (size_t left = count; next < walk->count && left > 0; next++) {
        if ((walk->met[next].row & VECTOR_LOOKED) != 0)
            continue;
        fetch(lists + walk->met[next].row * width, width * sizeof(*lists));
        left--;
    }
    return taken;
}

void vector_walk_level(struct vector_walk *walk, const struct vector_space *space, const struct vector_graph *graph,
                       size_t level, const int8_t *question, size_t looks)
{
    uint32_t taken[VECTOR_LOOK], best[TOGETHER_MAX];
    const uint32_t *lists = graph->lists[level];
    size_t width = graph_width(graph, level), next = 0, best_count;
    while ((best_count = take_best(walk, next, lists, width, best, together(walk, width, looks))) > 0) {
        size_t count = 0;
        looks -= best_count;
        for (size_t i = 0; i < best_count; i++)
            count = take_new(walk, space, lists + best[i] * width, width, taken, count);
        if (walk->visible != NULL)
            count = take_behind(walk, space, lists, width, lists + best[0] * width, taken, count);
        size_t place = keep_all(walk, space, question, taken, count);
        while (next < walk->count && (walk->met[next].row & VECTOR_LOOKED) != 0)
            next++;
        next = place < next ? place : next;
    }
}

void vector_walk_down(struct vector_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        walk->met[i].row &= ~VECTOR_LOOKED;
}

uint32_t vector_descend(const struct vector_space *space, const struct vector_graph *graph, uint32_t entry, size_t top,
                        size_t level, const int8_t *question)
{
    int32_t sums[VECTOR_LINKS_MAX];
    uint32_t row = entry;
    kernels()->dots_i8(sums, question, 1, space->high, &row, 1, space->stride);
    float score = (float)sums[0] * space->factors[row];
    for (size_t at = top; at > level; at--) {
        bool moved = true;
        while (moved) {
            const uint32_t *list = graph->lists[at] + (size_t)row * graph->links;
            size_t count = 0;
            for (; count < graph->links && list[count] != VECTOR_NONE; count++)
                fetch(space->high + list[count] * space->stride, space->stride);
            kernels()->dots_i8(sums, question, 1, space->high, list, count, space->stride);
            moved = false;
            for (size_t i = 0; i < count; i++) {
                float other = (float)sums[i] * space->factors[list[i]];
                if (other > score) {
                    score = other;
                    row = list[i];
                    moved = true;
                }
            }
        }
    }
    return row;
}
