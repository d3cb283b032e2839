/* vector_search.c - one question to all segments. */
#include "vector_order.h"
#include "vector_scan.h"
#include "vector_weave.h"
#include <assert.h>
#include <math.h>

static bool check_query(const struct vector_index *index, const struct vector_query *query, struct error *error)
{
    if (query->k == 0 || query->k > LIMIT_RESULTS)
        return error_set(error, ERROR_INVALID, "%zu results are wanted, expected 1 to %d", query->k, LIMIT_RESULTS);
    if (query->view != NULL && (query->view->index != index || query->view->change != index->changes))
        return error_set(error, ERROR_INVALID, "the view is one of another index, or made before this one changed");
    return true;
}

enum {
    BREADTH_DEFAULT = 96,
    BREADTH_WIDER = 2, /* as wide, where the nearest lie anywhere */
    SEEDS = 64,        /* visible rows from all over, where a walk among some begins */
    AROUND = 16,       /* rows of level 1 near the question */
    TOGETHER = 32,     /* rows met that are scored together */
    /* Rows that are scanned in the time of a walk, for each candidate that it keeps: */
    ROWS_FOR_ONE = 60,
    ROWS_FOR_ONE_HIDING = 120, /* when rows are hidden */
};

/* Visible rows, spread over the segment: as rows that are near each other stand near each other, some are near the question. */
static size_t take_seeds(const struct vector_segment *segment, const uint64_t *visible, uint32_t *rows)
{
    size_t words = ((size_t)segment->count + 63) / 64, count = 0;
    for (size_t i = 0; i < SEEDS; i++) {
        size_t word = i * words / SEEDS, end = (i + 1) * words / SEEDS;
        while (word < end && visible[word] == 0)
            word++;
        if (word < end)
            rows[count++] = (uint32_t)(64 * word) + (uint32_t)__builtin_ctzll(visible[word]);
    }
    return count;
}

static void offer_met(const struct vector_segment *segment, const struct vector_walk *walk,
                      const struct vector_question *question, struct best_hits *best)
{
    uint32_t rows[TOGETHER];
    for (size_t first = 0; first < walk->count; first += TOGETHER) {
        size_t count = walk->count - first < TOGETHER ? walk->count - first : TOGETHER;
        for (size_t i = 0; i < count; i++)
            rows[i] = walk->met[first + i].row & ~VECTOR_LOOKED;
        vector_offer_rows(segment, question, rows, count, best);
    }
}

/* A walk that begins at the nearest row of the upper levels; where that is hidden, behind it. */
static void walk_from_above(const struct vector_segment *segment, const struct vector_space *space, struct vector_walk *walk,
                            const int8_t *question, size_t breadth, const uint64_t *visible)
{
    uint32_t entry = vector_descend(space, &segment->graph, 0, vector_level_of(&segment->graph, 0), 0, question);
    vector_walk_start(walk, breadth, visible);
    vector_walk_meet_around(walk, space, &segment->graph, question, entry);
    vector_walk_level(walk, space, &segment->graph, 0, question, SIZE_MAX);
}

/* Meets the nearest rows of level 1, visible or not; whether one of them is visible. */
static bool meet_above(const struct vector_segment *segment, const struct vector_space *space, struct vector_walk *walk,
                       const int8_t *question, size_t breadth, const uint64_t *visible)
{
    size_t top = vector_level_of(&segment->graph, 0), level = top > 0 ? 1 : 0;
    uint32_t entry = vector_descend(space, &segment->graph, 0, top, level, question);
    vector_walk_start(walk, AROUND < breadth ? AROUND : breadth, NULL);
    vector_walk_meet(walk, space, question, &entry, 1);
    vector_walk_level(walk, space, &segment->graph, level, question, SIZE_MAX);
    bool any = false;
    for (size_t i = 0; i < walk->count; i++)
        any = any || row_in(visible, walk->met[i].row & ~VECTOR_LOOKED);
    return any;
}

/* A walk past all rows, visible or not, as if none were hidden, of which only the visible are offered: where enough of the nearest are. False:
 * they are not, and nothing was offered. */
static bool walk_past_all(const struct vector_segment *segment, const struct vector_space *space, struct vector_walk *walk,
                          const struct vector_question *question, size_t breadth, const uint64_t *visible,
                          struct best_hits *best)
{
    if (!meet_above(segment, space, walk, question->planes, breadth, visible))
        return false;
    uint32_t rows[AROUND];
    size_t met = walk->count, shown = 0, last = 0;
    for (size_t i = 0; i < met; i++)
        rows[i] = walk->met[i].row & ~VECTOR_LOOKED;
    vector_walk_start(walk, breadth, NULL);
    vector_walk_meet(walk, space, question->planes, rows, met);
    vector_walk_level(walk, space, &segment->graph, 0, question->planes, SIZE_MAX);
    for (size_t i = 0; i < walk->count; i++) {
        if (!row_in(visible, walk->met[i].row & ~VECTOR_LOOKED))
            continue;
        last = shown < best->k ? i : last; /* where the k-th stands */
        walk->met[shown++] = walk->met[i];
    }
    if (shown < best->k || 2 * last >= breadth)
        return false;
    walk->count = shown;
    offer_met(segment, walk, question, best);
    return true;
}

/* Where a walk among some rows begins: near the nearest rows of level 1, visible or not, and at visible rows from all over. Gives from
 * which score on a row is nearer than chance alone would have it: far outside of how those from all over are spread. */
static float meet_first(const struct vector_segment *segment, const struct vector_space *space, struct vector_walk *walk,
                        const int8_t *question, size_t breadth, const uint64_t *visible)
{
    enum { BEGINNINGS = 4 };
    const float spreads = 4.5F; /* one of 300,000 that are spread normally lies so far out */
    const struct vector_graph *graph = &segment->graph;
    size_t count = 0;
    uint32_t rows[SEEDS];
    meet_above(segment, space, walk, question, breadth, visible);
    for (; count < BEGINNINGS && count < walk->count; count++)
        rows[count] = walk->met[count].row & ~VECTOR_LOOKED;
    vector_walk_start(walk, breadth, visible);
    for (size_t i = 0; i < count; i++)
        vector_walk_meet_around(walk, space, graph, question, rows[i]);
    int32_t sums[SEEDS];
    count = take_seeds(segment, visible, rows);
    vector_walk_meet(walk, space, question, rows, count);
    kernels()->dots_i8(sums, question, 1, space->high, rows, count, space->stride);
    float mean = 0, square = 0;
    for (size_t i = 0; i < count; i++) {
        float score = (float)sums[i] * space->factors[rows[i]];
        mean += score / (float)count;
        square += score * score / (float)count;
    }
    return mean + spreads * sqrtf(fmaxf(square - mean * mean, 0));
}

/* A walk among some rows. Where those near the question are hidden, the best are no nearer than chance has it, and lie anywhere: then
 * all rows are looked at, if they are not too many, or else more of them. False: look at all. */
static bool walk_some(const struct vector_segment *segment, const struct vector_space *space, struct vector_walk *walk,
                      const int8_t *question, size_t k, size_t breadth, const struct vector_visible *visible)
{
    enum { FIRST_LOOKS = 12, NEAREST = 8, ROWS_FOR_ONE_FAR = 300 };
    size_t nearest = k < NEAREST ? k : NEAREST;
    float near = meet_first(segment, space, walk, question, breadth, visible->rows);
    vector_walk_level(walk, space, &segment->graph, 0, question, FIRST_LOOKS);
    if (walk->count < nearest || walk->met[nearest - 1].score < near) {
        if (visible->count <= breadth * ROWS_FOR_ONE_FAR)
            return false;
        walk->breadth = breadth * BREADTH_WIDER;
    }
    vector_walk_level(walk, space, &segment->graph, 0, question, SIZE_MAX);
    return true;
}

static bool shows_most(const struct vector_segment *segment, const struct vector_visible *visible)
{
    return visible->rows == NULL || visible->count >= segment->count - segment->count / 8;
}

/* Candidates to keep on a walk that meets all rows. */
static size_t walk_breadth(const struct vector_segment *segment, const struct vector_query *query)
{
    size_t breadth = query->breadth;
    if (breadth == 0)
        breadth = 2 * query->k > BREADTH_DEFAULT ? 2 * query->k : BREADTH_DEFAULT;
    return breadth < query->k ? query->k : breadth < segment->count ? breadth : segment->count;
}

/* Where rows are hidden: a walk past all finds the visible ones that stand among those nearest to the question; where they stand elsewhere, one
 * among the visible alone. False: all are to be scored. */
static bool search_some(const struct vector_segment *segment, const struct vector_visible *visible, struct vector_walk *walk,
                        const struct vector_query *query, const struct vector_question *question, struct best_hits *best)
{
    const struct vector_space space = {segment->high, segment->factors, segment->stride};
    double hiding = (double)segment->count / visible->count;
    size_t breadth = walk_breadth(segment, query), wide = (size_t)((double)breadth * sqrt(hiding)),
           among = (size_t)((double)breadth * sqrt(sqrt(hiding)));
    size_t room = wide > BREADTH_WIDER * among ? wide : BREADTH_WIDER * among;
    if (visible->count <= among * ROWS_FOR_ONE_HIDING || !vector_walk_reserve(walk, segment->count, room))
        return false;
    if (walk_past_all(segment, &space, walk, question, wide, visible->rows, best))
        return true;
    if (!walk_some(segment, &space, walk, question->planes, best->k, among, visible) ||
        (walk->count < best->k && walk->count < visible->count))
        return false;
    offer_met(segment, walk, question, best);
    return true;
}

/* Where nearly none is hidden. */
static bool search_most(const struct vector_segment *segment, const struct vector_visible *visible, struct vector_walk *walk,
                        const struct vector_query *query, const struct vector_question *question, struct best_hits *best)
{
    const struct vector_space space = {segment->high, segment->factors, segment->stride};
    size_t breadth = walk_breadth(segment, query);
    if (visible->count <= breadth * ROWS_FOR_ONE || !vector_walk_reserve(walk, segment->count, breadth))
        return false;
    walk_from_above(segment, &space, walk, question->planes, breadth, visible->rows);
    if (walk->count < best->k && walk->count < visible->count)
        return false;
    offer_met(segment, walk, question, best);
    return true;
}

static void search_segment(const struct vector_index *index, const struct vector_segment *segment,
                           const struct vector_visible *visible, const struct vector_query *query,
                           const struct vector_question *question, struct best_hits *best)
{
    if (visible->count == 0)
        return;
    bool is_done = false;
    if (!query->exact && segment->graph.links > 0) {
        struct vector_walk *walk = walk_store_take(index->walks);
        is_done = shows_most(segment, visible) ? search_most(segment, visible, walk, query, question, best)
                                               : search_some(segment, visible, walk, query, question, best);
        walk_store_give(index->walks, walk);
    }
    if (!is_done)
        vector_scan(segment, visible, question, best, 1);
}

static struct vector_visible visible_of(const struct vector_index *index, const struct vector_query *query, size_t part)
{
    if (query->view != NULL)
        return query->view->parts[part];
    return (struct vector_visible){index->parts[part].live, index->parts[part].live_count};
}

bool vector_search(const struct vector_index *index, const struct vector_query *query, struct index_hit *hits,
                   size_t *hit_count, struct error *error)
{
    if (!check_query(index, query, error))
        return false;
    struct vector_question question;
    vector_question_init(&question, query->vector, index->dimensions);
    struct best_hits best = {.hits = hits, .k = query->k};
    for (size_t i = 0; i < index->count; i++) {
        struct vector_visible visible = visible_of(index, query, i);
        search_segment(index, index->parts[i].segment, &visible, query, &question, &best);
    }
    vector_question_release(&question);
    best_hits_sort(&best);
    *hit_count = best.count;
    return true;
}

/* ---- many questions ---- */

enum { GROUP = 16 }; /* questions that a thread answers together when it looks at every vector */

struct many {
    const struct vector_index *index;
    const struct vector_query *query;
    size_t count;
    struct index_hit *hits;
    size_t *hit_counts;
};

static void scan_group(const struct many *many, size_t first, size_t count)
{
    struct vector_question questions[GROUP];
    struct best_hits bests[GROUP];
    const struct vector_query *query = many->query;
    for (size_t i = 0; i < count; i++) {
        const float *vector = query->vector + (first + i) * many->index->dimensions;
        vector_question_init(&questions[i], vector, many->index->dimensions);
        bests[i] = (struct best_hits){.hits = many->hits + (first + i) * query->k, .k = query->k};
    }
    for (size_t part = 0; part < many->index->count; part++) {
        struct vector_visible visible = visible_of(many->index, query, part);
        vector_scan(many->index->parts[part].segment, &visible, questions, bests, count);
    }
    for (size_t i = 0; i < count; i++) {
        vector_question_release(&questions[i]);
        best_hits_sort(&bests[i]);
        many->hit_counts[first + i] = bests[i].count;
    }
}

static void search_group(void *context, size_t index, size_t thread)
{
    (void)thread;
    const struct many *many = context;
    size_t first = index * GROUP, count = many->count - first < GROUP ? many->count - first : GROUP;
    if (many->query->exact) {
        scan_group(many, first, count);
        return;
    }
    for (size_t i = first; i < first + count; i++) {
        struct vector_query query = *many->query;
        struct error error;
        query.vector += i * many->index->dimensions;
        bool ok = vector_search(many->index, &query, many->hits + i * query.k, &many->hit_counts[i], &error);
        assert(ok); /* the query was checked */
        (void)ok;
    }
}

bool vector_search_many(const struct vector_index *index, const struct vector_query *query, size_t count, struct pool *pool,
                        struct index_hit *hits, size_t *hit_counts, struct error *error)
{
    if (!check_query(index, query, error))
        return false;
    struct many many = {.index = index, .query = query, .count = count};
    many.hits = hits;
    many.hit_counts = hit_counts;
    vector_each(pool, (count + GROUP - 1) / GROUP, search_group, &many);
    return true;
}
