/* vector_search.c - one question to all segments. */
#include "vector_order.h"
#include "vector_sketch.h"
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
    TIMES_FAR = 2, /* as many candidates, where those near the question are hidden and the nearest visible ones lie anywhere */
    SEEDS = 64, /* visible rows from all over, where a walk among some begins */
    ABOVE = 16, /* rows of level 1 near the question */
    TOGETHER = 32, /* rows met that are scored together */
    /* Rows that are scanned in the time of a walk, for each candidate that it keeps: */
    ROWS_FOR_ONE = 60,
    ROWS_FOR_ONE_HIDING = 120, /* when rows are hidden */
    ROWS_FOR_ONE_FAR = 300, /* when those near the question are hidden: so many rows at the most are all looked at */
    /* By their sketches, when rows are hidden: */
    SKETCHES_FOR_ONE_HIDING = 100,
    SKETCHES_LEAST = 3000, /* fewer rows are looked at themselves */
    SKETCHES_FOR_RESULT = 50, /* and so are fewer for each result: too many would be read */
};

/* A walk past all rows looks at so many for each that was met up to the k-th visible one: what is behind it may bring nearer ones. */
#define LOOKED_FOR_LAST 2.5

/* Where few of the nearest are visible, and looking at all is too long, a walk past all rows keeps so many times what one does if none are hidden: it
 * costs half of what one among the visible rows does. */
#define TIMES_PAST 5
#define LOOKED_LEAST 1.25

/* Candidates to keep on a walk past all rows: as many as k visible ones among them need, with what is looked at behind them, where that is less work
 * than looking at all. Of k that are visible by chance three standard deviations more are allowed for. */
static size_t breadth_past(size_t breadth, size_t k, double hiding, size_t visible_count)
{
    enum { ROWS_FOR_ONE_PAST = 50 };
    double enough = (double)k + 3 * sqrt((double)k);
    size_t least = (size_t)((double)breadth * sqrt(hiding)), wanted = (size_t)(LOOKED_FOR_LAST * enough * hiding);
    wanted = wanted < visible_count / ROWS_FOR_ONE_PAST ? wanted : visible_count / ROWS_FOR_ONE_PAST;
    return least > wanted ? least : wanted;
}

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

/* A question on its way through a segment of which some rows are hidden. */
struct journey {
    const struct vector_segment *segment;
    struct vector_space space;
    const struct vector_visible *visible;
    const struct vector_question *question;
    struct vector_walk *walk;
    size_t k;
    size_t breadth; /* of candidates, if no row were hidden */
    bool is_short; /* looking at all visible rows: that is done where those near the question are hidden */
    bool
        is_sketched; /* they are told by their sketches: that is done where few of those near the question are visible, however many there are */
    uint32_t above[ABOVE]; /* the nearest rows of level 1, visible or not */
    size_t above_count;
    bool all_hidden; /* none of the nearest rows that were met is visible */
    bool is_rare; /* fewer than half as many of them are visible as of all rows */
};

static void find_above(struct journey *journey)
{
    const struct vector_graph *graph = &journey->segment->graph;
    struct vector_walk *walk = journey->walk;
    size_t top = vector_level_of(graph, 0), level = top > 0 ? 1 : 0;
    uint32_t entry = vector_descend(&journey->space, graph, 0, top, level, journey->question->planes);
    vector_walk_start(walk, ABOVE, NULL);
    vector_walk_meet(walk, &journey->space, journey->question->planes, &entry, 1);
    vector_walk_level(walk, &journey->space, graph, level, journey->question->planes, SIZE_MAX);
    for (size_t i = 0; i < walk->count; i++)
        journey->above[i] = walk->met[i].row & ~VECTOR_LOOKED;
    journey->above_count = walk->count;
}

/* Whether all rows above are hidden, which by chance alone they would be less than once in a thousand times. */
static bool hides_all_above(const struct journey *journey)
{
    double chance = 1, hidden = 1 - (double)journey->visible->count / journey->segment->count;
    for (size_t i = 0; i < journey->above_count; i++) {
        if (row_in(journey->visible->rows, journey->above[i]))
            return false;
        chance *= hidden;
    }
    return chance < 0.001;
}

/* How far a walk past all rows has come. */
struct progress {
    size_t looked; /* so many of the best that were met, without a gap */
    size_t shown; /* visible ones among all that were met */
    size_t last; /* of those met, up to the k-th visible one */
};

static struct progress progress_of(const struct vector_walk *walk, const uint64_t *visible, size_t k)
{
    struct progress progress = {0};
    while (progress.looked < walk->count && (walk->met[progress.looked].row & VECTOR_LOOKED) != 0)
        progress.looked++;
    for (size_t i = 0; i < walk->count; i++) {
        if (!row_in(visible, walk->met[i].row & ~VECTOR_LOOKED))
            continue;
        progress.last = progress.shown < k ? i + 1 : progress.last;
        progress.shown++;
    }
    return progress;
}

/* A walk past all rows, visible or not, as if none were hidden, of which only the visible are kept: until enough rows behind the k-th visible
 * one were looked at too, or all that it keeps, which are `least` times as many as up to that one. False: too few of the nearest are visible for
 * that, which is mostly known early. */
static bool walk_past_all(struct journey *journey, size_t widest, double least)
{
    enum { LOOKS = 16 }; /* then it is asked whether to go on */
    struct vector_walk *walk = journey->walk;
    const uint64_t *visible = journey->visible->rows;
    vector_walk_start(walk, widest, NULL);
    vector_walk_meet(walk, &journey->space, journey->question->planes, journey->above, journey->above_count);
    for (;;) {
        vector_walk_level(walk, &journey->space, &journey->segment->graph, 0, journey->question->planes, LOOKS);
        struct progress progress = progress_of(walk, visible, journey->k);
        bool is_end = progress.looked == walk->count;
        double needed = (is_end ? least : LOOKED_FOR_LAST) * (double)progress.last;
        if (progress.shown >= journey->k && progress.looked >= journey->breadth && (double)progress.looked >= needed)
            break;
        /* Too few of those met are visible, however many come; or, where it costs little to be wrong, those that are stand too far behind. */
        bool is_rare = 2 * (double)progress.shown * journey->segment->count < (double)walk->count * journey->visible->count;
        bool is_hopeless = progress.shown * widest < journey->k * walk->count ||
                           (journey->is_sketched && is_rare && least * (double)progress.last > (double)widest);
        if (is_hopeless || is_end) {
            journey->all_hidden = progress.shown == 0;
            journey->is_rare = is_rare;
            return false;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < walk->count; i++)
        if (row_in(visible, walk->met[i].row & ~VECTOR_LOOKED))
            walk->met[kept++] = walk->met[i];
    walk->count = kept;
    return true;
}

/* Where a walk among some rows begins: near the nearest rows of level 1, visible or not, and at visible rows from all over. Gives from
 * which score on a row is nearer than chance alone would have it: far outside of how those from all over are spread. */
static float meet_first(const struct journey *journey, size_t breadth)
{
    enum { BEGINNINGS = 4 };
    const float spreads = 4.5F; /* one of 300,000 that are spread normally lies so far out */
    const struct vector_space *space = &journey->space;
    const int8_t *question = journey->question->planes;
    uint32_t rows[SEEDS];
    int32_t sums[SEEDS];
    vector_walk_start(journey->walk, breadth, journey->visible->rows);
    for (size_t i = 0; i < BEGINNINGS && i < journey->above_count; i++)
        vector_walk_meet_around(journey->walk, space, &journey->segment->graph, question, journey->above[i]);
    size_t count = take_seeds(journey->segment, journey->visible->rows, rows);
    vector_walk_meet(journey->walk, space, question, rows, count);
    kernels()->dots_i8(sums, question, 1, space->high, rows, count, space->stride);
    float mean = 0, square = 0;
    for (size_t i = 0; i < count; i++) {
        float score = (float)sums[i] * space->factors[rows[i]];
        mean += score / (float)count;
        square += score * score / (float)count;
    }
    return mean + spreads * sqrtf(fmaxf(square - mean * mean, 0));
}

/* A walk among the visible rows alone. Where those near the question are hidden, the best are no nearer than chance has it, and lie anywhere:
 * then all rows are looked at, if they are not too many, or else more of them. False: look at all. */
static bool walk_among(const struct journey *journey, size_t breadth)
{
    enum { FIRST_LOOKS = 12, NEAREST = 8 };
    const struct vector_graph *graph = &journey->segment->graph;
    struct vector_walk *walk = journey->walk;
    size_t nearest = journey->k < NEAREST ? journey->k : NEAREST;
    if (journey->all_hidden && journey->is_short)
        return false;
    float near = meet_first(journey, breadth);
    vector_walk_level(walk, &journey->space, graph, 0, journey->question->planes, FIRST_LOOKS);
    if (walk->count < nearest || walk->met[nearest - 1].score < near) {
        if (journey->is_short)
            return false;
        walk->breadth = TIMES_FAR * breadth;
    }
    vector_walk_level(walk, &journey->space, graph, 0, journey->question->planes, SIZE_MAX);
    return walk->count >= journey->k || walk->count == journey->visible->count;
}

static bool shows_most(const struct vector_segment *segment, const struct vector_visible *visible)
{
    return visible->rows == NULL || visible->count >= segment->count - segment->count / 8;
}

/* Whether many rows are told by their sketches, which may miss one: not where none is hidden, or somebody says how many candidates to keep. */
static bool has_sketches(const struct vector_segment *segment, const struct vector_visible *visible,
                         const struct vector_query *query)
{
    return segment->signs != NULL && query->view != NULL && query->breadth == 0 && !query->exact &&
           !shows_most(segment, visible);
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
    double hiding = (double)segment->count / visible->count;
    size_t breadth = walk_breadth(segment, query), among = (size_t)((double)breadth * sqrt(sqrt(hiding)));
    size_t wide = breadth_past(breadth, best->k, hiding, visible->count), widest = TIMES_PAST * breadth;
    size_t room = wide > TIMES_FAR * among ? wide : TIMES_FAR * among;
    room = room > ABOVE ? room : ABOVE;
    room = room > widest ? room : widest;
    bool is_sketched = has_sketches(segment, visible, query);
    if (visible->count <= among * (is_sketched ? SKETCHES_FOR_ONE_HIDING : ROWS_FOR_ONE_HIDING) ||
        !vector_walk_reserve(walk, segment->count, room))
        return false;
    struct journey journey = {.segment = segment,
                              .space = {segment->high, segment->factors, segment->stride},
                              .visible = visible,
                              .question = question,
                              .walk = walk,
                              .k = best->k,
                              .breadth = breadth,
                              .is_short = visible->count <= among * ROWS_FOR_ONE_FAR,
                              .is_sketched = is_sketched};
    find_above(&journey);
    journey.all_hidden = journey.is_rare = hides_all_above(&journey);
    bool is_found = !journey.all_hidden && walk_past_all(&journey, wide, LOOKED_FOR_LAST);
    bool is_told = journey.is_sketched && journey.is_rare; /* by sketches */
    if (!is_found && !is_told && !journey.is_short && widest > wide) {
        is_found = walk_past_all(&journey, widest, LOOKED_LEAST);
        is_told = journey.is_sketched && journey.is_rare;
    }
    if (!is_found && is_told)
        return false;
    if (!is_found && !walk_among(&journey, among))
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

/* Many by their sketches first, unless nothing may be missed. */
static void look_at_all(const struct vector_segment *segment, const struct vector_visible *visible,
                        const struct vector_query *query, const struct vector_question *question, struct best_hits *best)
{
    bool is_sketched = has_sketches(segment, visible, query) && visible->count >= SKETCHES_LEAST &&
                       visible->count >= SKETCHES_FOR_RESULT * query->k;
    if (!is_sketched || !vector_sketch_scan(segment, visible, question, best))
        vector_scan(segment, visible, question, best, 1);
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
        look_at_all(segment, visible, query, question, best);
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
