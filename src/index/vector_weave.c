/* vector_weave.c - makes the graph: HNSW, in batches, so that many threads can work and yet the result does not depend on them.
 *
 *   for each batch of rows
 *     1 each row, on any thread:     walk the graph as it stood before the batch, compare with all other rows of the batch,
 *                                    choose neighbours among what was met
 *     2 in the order of the batch:   write the rows' lists, gather the links back, sort them by the row that they begin at
 *     3 each such row, any thread:   add the links to its list; choose anew when the list is too short
 *
 * Neighbours are chosen so that they lie in different directions (algorithm 4 of the paper): from the nearest on, each that is nearer to
 * the row than to any chosen before. */
#include "vector_weave.h"
#include "vector_order.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_LEAST = 512, BATCH_MAX = 1024, BATCH_SHARE = 4, AT_ONCE = 8, TOGETHER = 16 };
_Static_assert(2 * VECTOR_LINKS_MAX + BATCH_MAX <= VECTOR_ALL_MAX, "a full list and a batch's links back are chosen among");

/* A link back: `from` has chosen `to`. */
struct back {
    uint32_t level, to, from;
};

struct weaver {
    struct vector_graph *graph;
    uint32_t *lists;
    uint32_t entry; /* the lowest row in the graph; VECTOR_NONE: there is none yet */
    const struct vector_space *space;
    size_t breadth;
    const uint32_t *rows; /* of this batch */
    size_t count;
    uint32_t *chosen; /* `links` for each level of each row of the batch */
    struct back *backs;
    size_t back_count;
    size_t *groups; /* where the links back to one row begin, and where the last end */
    size_t group_count;
    struct vector_walk *walks; /* one for each thread */
    size_t walk_count;
};

size_t vector_list_numbers(const struct vector_graph *graph)
{
    size_t numbers = 0;
    for (size_t level = 0; level < VECTOR_LEVELS_MAX; level++)
        numbers += (size_t)graph->counts[level] * graph_width(graph, level);
    return numbers;
}

size_t vector_level_of(const struct vector_graph *graph, uint32_t row)
{
    size_t level = 0;
    while (level + 1 < VECTOR_LEVELS_MAX && row < graph->counts[level + 1])
        level++;
    return level;
}

size_t vector_list_at(const struct vector_graph *graph, size_t level, uint32_t row)
{
    size_t at = 0;
    for (size_t below = 0; below < level; below++)
        at += (size_t)graph->counts[below] * graph_width(graph, below);
    return at + (size_t)row * graph_width(graph, level);
}

static const int8_t *code_of(const struct vector_space *space, uint32_t row)
{
    return space->high + row * space->stride;
}

/* Neighbours of `row` among the candidates, best first: at most `most`. */
static size_t choose(const struct vector_space *space, uint32_t row, const struct vector_met *candidates, size_t count,
                     size_t most, uint32_t *chosen)
{
    size_t chosen_count = 0;
    for (size_t i = 0; i < count && chosen_count < most; i++) {
        uint32_t candidate = candidates[i].row & ~VECTOR_LOOKED;
        float score = candidates[i].score * space->factors[row];
        bool is_far = candidate != row; /* it may be met when links led to it before it enters: vector_mend.c */
        for (size_t first = 0; first < chosen_count && is_far; first += AT_ONCE) {
            int32_t sums[AT_ONCE];
            size_t at_once = chosen_count - first < AT_ONCE ? chosen_count - first : AT_ONCE;
            kernels()->dots_i8(sums, code_of(space, candidate), 1, space->high, chosen + first, at_once, space->stride);
            for (size_t j = 0; j < at_once; j++)
                is_far &= (float)sums[j] * space->factors[candidate] * space->factors[chosen[first + j]] <= score;
        }
        if (is_far)
            chosen[chosen_count++] = candidate;
    }
    return chosen_count;
}

static int compare_met(const void *a, const void *b)
{
    const struct vector_met *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score > y->score ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

void vector_choose(const struct vector_space *space, uint32_t row, const uint32_t *all, size_t count, uint32_t *list,
                   size_t width)
{
    struct vector_met met[VECTOR_ALL_MAX];
    int32_t sums[VECTOR_ALL_MAX];
    assert(count <= VECTOR_ALL_MAX);
    kernels()->dots_i8(sums, code_of(space, row), 1, space->high, all, count, space->stride);
    for (size_t i = 0; i < count; i++)
        met[i] = (struct vector_met){(float)sums[i] * space->factors[all[i]], all[i]};
    qsort(met, count, sizeof(*met), compare_met);
    size_t chosen = choose(space, row, met, count, width, list);
    for (; chosen < width; chosen++)
        list[chosen] = VECTOR_NONE;
}

/* ---- 1: each row of the batch ---- */

static uint32_t *chosen_of(const struct weaver *weaver, size_t index, size_t level)
{
    return weaver->chosen + (index * VECTOR_LEVELS_MAX + level) * weaver->graph->links;
}

/* All other rows of the batch on this level. */
static void meet_batch(const struct weaver *weaver, struct vector_walk *walk, uint32_t row, size_t level)
{
    uint32_t others[VECTOR_LOOK];
    size_t count = 0;
    for (size_t i = 0; i < weaver->count; i++) {
        if (weaver->rows[i] != row && weaver->rows[i] < weaver->graph->counts[level])
            others[count++] = weaver->rows[i];
        if (count == VECTOR_LOOK || (i + 1 == weaver->count && count > 0)) {
            vector_walk_meet(walk, weaver->space, code_of(weaver->space, row), others, count);
            count = 0;
        }
    }
}

static void find_neighbours(const struct weaver *weaver, struct vector_walk *walk, size_t index)
{
    const struct vector_graph *graph = weaver->graph;
    uint32_t row = weaver->rows[index];
    const int8_t *code = code_of(weaver->space, row);
    size_t level = vector_level_of(graph, row), top = weaver->entry != VECTOR_NONE ? vector_level_of(graph, weaver->entry) : 0;
    bool is_in = weaver->entry == VECTOR_NONE;
    vector_walk_start(walk, weaver->breadth, NULL);
    for (;; level--) {
        if (level <= top && !is_in) { /* above it there is only what enters together with this row */
            uint32_t near = vector_descend(weaver->space, graph, weaver->entry, top, level, code);
            vector_walk_meet(walk, weaver->space, code, &near, 1);
            is_in = true;
        }
        vector_walk_down(walk);
        vector_walk_level(walk, weaver->space, graph, level, code, SIZE_MAX);
        meet_batch(weaver, walk, row, level);
        uint32_t *chosen = chosen_of(weaver, index, level);
        size_t count = choose(weaver->space, row, walk->met, walk->count, graph->links, chosen);
        if (count < graph->links)
            chosen[count] = VECTOR_NONE;
        if (level == 0)
            break;
    }
}

static void find_some(void *context, size_t index, size_t thread)
{
    const struct weaver *weaver = context;
    for (size_t i = index * TOGETHER; i < weaver->count && i < (index + 1) * TOGETHER; i++)
        find_neighbours(weaver, &weaver->walks[thread], i);
}

/* ---- 2: in order ---- */

static int compare_backs(const void *a, const void *b)
{
    const struct back *x = a, *y = b;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

static void write_lists(struct weaver *weaver)
{
    weaver->back_count = 0;
    for (size_t i = 0; i < weaver->count; i++)
        for (size_t level = 0; level <= vector_level_of(weaver->graph, weaver->rows[i]); level++) {
            const uint32_t *chosen = chosen_of(weaver, i, level);
            uint32_t *list = weaver->lists + vector_list_at(weaver->graph, level, weaver->rows[i]);
            for (size_t n = 0; n < weaver->graph->links && chosen[n] != VECTOR_NONE; n++) {
                list[n] = chosen[n];
                weaver->backs[weaver->back_count++] = (struct back){(uint32_t)level, chosen[n], weaver->rows[i]};
            }
        }
    qsort(weaver->backs, weaver->back_count, sizeof(*weaver->backs), compare_backs);
    weaver->group_count = 0;
    for (size_t i = 0; i < weaver->back_count; i++)
        if (i == 0 || weaver->backs[i].level != weaver->backs[i - 1].level || weaver->backs[i].to != weaver->backs[i - 1].to)
            weaver->groups[weaver->group_count++] = i;
    weaver->groups[weaver->group_count] = weaver->back_count;
}

/* ---- 3: each row that links lead back to ---- */

static void add_backs(const struct weaver *weaver, size_t group)
{
    const struct back *backs = weaver->backs + weaver->groups[group];
    size_t back_count = weaver->groups[group + 1] - weaver->groups[group], width = graph_width(weaver->graph, backs->level);
    uint32_t row = backs->to, *list = weaver->lists + vector_list_at(weaver->graph, backs->level, row), all[VECTOR_ALL_MAX];
    size_t count = 0, own;
    while (count < width && list[count] != VECTOR_NONE) {
        all[count] = list[count];
        count++;
    }
    own = count;
    for (size_t i = 0; i < back_count; i++) {
        bool is_there = false;
        for (size_t j = 0; j < own; j++)
            is_there |= all[j] == backs[i].from;
        if (!is_there)
            all[count++] = backs[i].from;
    }
    if (count <= width)
        memcpy(list + own, all + own, (count - own) * sizeof(*list));
    else
        vector_choose(weaver->space, row, all, count, list, width);
}

static void add_some(void *context, size_t index, size_t thread)
{
    (void)thread;
    const struct weaver *weaver = context;
    for (size_t i = index * TOGETHER; i < weaver->group_count && i < (index + 1) * TOGETHER; i++)
        add_backs(weaver, i);
}

/* ---- all together ---- */

static int compare_rows(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void weave_batch(struct weaver *weaver, uint32_t *rows, size_t count, struct pool *pool)
{
    /* Neighbours one after the other: what one walk has fetched, the next finds. */
    qsort(rows, count, sizeof(*rows), compare_rows);
    weaver->rows = rows;
    weaver->count = count;
    vector_each(pool, (count + TOGETHER - 1) / TOGETHER, find_some, weaver);
    write_lists(weaver);
    vector_each(pool, (weaver->group_count + TOGETHER - 1) / TOGETHER, add_some, weaver);
    weaver->entry = rows[0] < weaver->entry ? rows[0] : weaver->entry;
}

static bool weave_all(struct weaver *weaver, const uint32_t *sequence, size_t total, const struct vector_build *how,
                      struct error *error)
{
    uint32_t rows[BATCH_MAX];
    size_t there = weaver->graph->counts[0] - total;
    for (size_t done = 0; done < total;) {
        size_t count = (there + done) / BATCH_SHARE;
        count = count < BATCH_LEAST ? BATCH_LEAST : count > BATCH_MAX ? BATCH_MAX : count;
        count = count < total - done ? count : total - done;
        memcpy(rows, sequence + done, count * sizeof(*rows));
        weave_batch(weaver, rows, count, how->pool);
        done += count;
        if (how->step != NULL && !how->step(how->context, done, total))
            return error_set(error, ERROR_CANCELLED, "the graph of %zu vectors was cancelled after %zu", total, done);
    }
    return true;
}

static bool reserve(struct weaver *weaver)
{
    size_t links = (size_t)BATCH_MAX * VECTOR_LEVELS_MAX * weaver->graph->links;
    weaver->chosen = memory_try(links, sizeof(*weaver->chosen));
    weaver->backs = memory_try(links, sizeof(*weaver->backs));
    weaver->groups = memory_try(links + 1, sizeof(*weaver->groups));
    weaver->walks = memory_try(weaver->walk_count, sizeof(*weaver->walks));
    bool ok = weaver->chosen != NULL && weaver->backs != NULL && weaver->groups != NULL && weaver->walks != NULL;
    for (size_t i = 0; i < weaver->walk_count && ok; i++)
        ok = vector_walk_reserve(&weaver->walks[i], weaver->graph->counts[0], weaver->breadth);
    return ok;
}

static void release(struct weaver *weaver)
{
    for (size_t i = 0; i < weaver->walk_count && weaver->walks != NULL; i++)
        vector_walk_release(&weaver->walks[i]);
    free(weaver->chosen);
    free(weaver->backs);
    free(weaver->groups);
    free(weaver->walks);
}

bool vector_weave(struct vector_graph *graph, uint32_t *lists, uint32_t entry, const struct vector_space *space,
                  const uint32_t *sequence, size_t count, const struct vector_build *how, struct error *error)
{
    struct weaver weaver = {.graph = graph, .entry = entry, .space = space};
    weaver.lists = lists;
    weaver.breadth = how->breadth > 0 ? how->breadth : VECTOR_BREADTH_DEFAULT;
    weaver.walk_count = how->pool != NULL ? pool_thread_count(how->pool) : 1;
    for (size_t level = 0; level < VECTOR_LEVELS_MAX; level++)
        graph->lists[level] = lists + vector_list_at(graph, level, 0);
    bool ok = reserve(&weaver) ? weave_all(&weaver, sequence, count, how, error)
                               : error_set(error, ERROR_NO_MEMORY, "no memory for the graph of %u vectors", graph->counts[0]);
    release(&weaver);
    return ok;
}
