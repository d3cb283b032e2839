/* vector_order.c - how high each vector reaches in the graph, and where it stands.
 *
 * How high is drawn by a hash of its passage: one of `links` reaches level 1, one of links² level 2, and so on; so the same passage
 * reaches as high in every segment. Rows of higher levels stand first. Within the rows of a level, those that are near each other stand
 * near each other, as the walk comes from one to the next: each belongs to the nearest of about √count pivots (those of an upper level), and there to
 * a group; pivots, and the vectors of each group, form chains in which the nearest that is left follows.
 *
 * They enter the graph level by level from above, within a level by their hash: an order by place would build walls between places. */
#include "vector_order.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, CHAIN_MAX = 1024 };

void vector_each(struct pool *pool, size_t count, void (*work)(void *context, size_t index, size_t thread), void *context)
{
    if (pool != NULL) {
        pool_parallel_for(pool, count, work, context);
        return;
    }
    for (size_t i = 0; i < count; i++)
        work(context, i, 0);
}

/* The finishing steps of splitmix64. */
static uint64_t hash_of(passage_id passage)
{
    uint64_t x = passage * 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
}

static uint8_t level_of(passage_id passage, size_t links)
{
    uint8_t level = 0;
    uint64_t hash = hash_of(passage), below = UINT64_MAX / links;
    for (; hash < below && level + 1 < VECTOR_LEVELS_MAX; level++)
        below /= links;
    return level;
}

/* What a vector is sorted by. */
struct stand {
    uint32_t level, place, rank;
    uint64_t hash;
};

static int compare_stands(const void *a, const void *b)
{
    const struct stand *x = a, *y = b;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static int compare_hashes(const void *a, const void *b)
{
    const struct stand *x = a, *y = b;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Orders at most CHAIN_MAX vectors: after each the nearest that is left. */
static void chain(const struct vector_space *space, uint32_t *ranks, size_t count)
{
    int32_t sums[CHAIN_MAX];
    for (size_t at = 0; at + 2 < count; at++) {
        size_t left = count - at - 1, best = 0;
        uint32_t *rest = ranks + at + 1;
        kernels()->dots_i8(sums, space->high + ranks[at] * space->stride, 1, space->high, rest, left, space->stride);
        float best_score = (float)sums[0] * space->factors[rest[0]];
        for (size_t i = 1; i < left; i++) {
            float score = (float)sums[i] * space->factors[rest[i]];
            if (score > best_score) {
                best_score = score;
                best = i;
            }
        }
        uint32_t nearest = rest[best];
        rest[best] = rest[0];
        rest[0] = nearest;
    }
}

/* ---- pivots ---- */

struct pivots {
    const struct vector_space *space;
    int8_t *high; /* side by side */
    float *factors;
    size_t count;
    struct stand *stands;
    size_t stand_count;
};

/* The nearest pivot of BLOCK vectors: its number is their place. */
static void place_block(void *context, size_t index, size_t thread)
{
    (void)thread;
    const struct pivots *pivots = context;
    const struct vector_space *space = pivots->space;
    size_t first = index * BLOCK, count = pivots->stand_count - first < BLOCK ? pivots->stand_count - first : BLOCK;
    int32_t sums[BLOCK * BLOCK];
    float best[BLOCK];
    for (size_t p = 0; p < pivots->count; p += BLOCK) {
        size_t width = pivots->count - p < BLOCK ? pivots->count - p : BLOCK;
        kernels()->dots_i8(sums, space->high + first * space->stride, count, pivots->high + p * space->stride, NULL, width,
                           space->stride);
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < width; j++) {
                float score = (float)sums[i * width + j] * pivots->factors[p + j];
                if (p + j == 0 || score > best[i]) {
                    best[i] = score;
                    pivots->stands[first + i].place = (uint32_t)(p + j);
                }
            }
    }
}

/* The highest level that has as many as half the root of all; 0 when none has. */
static size_t pivot_level(const struct vector_order *order)
{
    size_t level = 0;
    while (level + 1 < order->level_count && 4.0 * order->counts[level + 1] * order->counts[level + 1] >= order->counts[0])
        level++;
    return level;
}

/* Gives every vector its place: `stands` are in the order of ranks. */
static bool place_all(const struct vector_order *order, const struct vector_space *space, struct stand *stands,
                      uint32_t *place_count, struct pool *pool)
{
    size_t level = pivot_level(order), count = order->counts[level];
    *place_count = level == 0 ? 1 : (uint32_t)count;
    if (level == 0)
        return true;
    uint32_t *ranks = memory_try(count, sizeof(*ranks));
    struct pivots pivots = {.space = space, .count = count, .stands = stands, .stand_count = order->counts[0]};
    pivots.high = memory_large(count, space->stride);
    pivots.factors = memory_try(count, sizeof(float));
    bool ok = ranks != NULL && pivots.high != NULL && pivots.factors != NULL;
    if (ok) {
        size_t found = 0;
        for (uint32_t rank = 0; rank < order->counts[0]; rank++)
            if (stands[rank].level >= level)
                ranks[found++] = rank;
        assert(found == count);
        for (size_t first = 0; first < count; first += CHAIN_MAX)
            chain(space, ranks + first, count - first < CHAIN_MAX ? count - first : CHAIN_MAX);
        for (size_t i = 0; i < count; i++) {
            memcpy(pivots.high + i * space->stride, space->high + ranks[i] * space->stride, space->stride);
            pivots.factors[i] = space->factors[ranks[i]];
        }
        vector_each(pool, (pivots.stand_count + BLOCK - 1) / BLOCK, place_block, &pivots);
    }
    free(ranks);
    free(pivots.high);
    free(pivots.factors);
    return ok;
}

/* ---- groups ---- */

/* Splits places into groups, which take their places. `places` is room for all. */
static bool group_all(struct vector_order *order, const struct vector_space *space, struct stand *stands, uint32_t place_count,
                      uint32_t *places, struct pool *pool)
{
    uint32_t count = order->counts[0];
    for (uint32_t rank = 0; rank < count; rank++)
        places[rank] = stands[rank].place;
    if (!vector_groups_make(&order->groups, places, place_count, space, count, pool))
        return false;
    for (uint32_t rank = 0; rank < count; rank++)
        stands[rank].place = places[rank];
    return true;
}

/* ---- all together ---- */

/* How many reach each level; a level that has all of the one below is none. */
static void count_levels(struct vector_order *order, struct stand *stands, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (size_t level = 0; level <= stands[i].level; level++)
            order->counts[level]++;
    order->level_count = 1;
    while (order->level_count < VECTOR_LEVELS_MAX && order->counts[order->level_count] > 0 &&
           order->counts[order->level_count] < order->counts[order->level_count - 1])
        order->level_count++;
    for (size_t level = order->level_count; level < VECTOR_LEVELS_MAX; level++)
        order->counts[level] = 0;
    for (uint32_t i = 0; i < count; i++)
        if (stands[i].level >= order->level_count)
            stands[i].level = (uint32_t)order->level_count - 1;
}

struct chains {
    const struct vector_space *space;
    uint32_t *ranks;
    const uint32_t *starts; /* of runs of one level and group, and the end of the last */
};

static void chain_run(void *context, size_t index, size_t thread)
{
    (void)thread;
    const struct chains *chains = context;
    for (uint32_t first = chains->starts[index]; first < chains->starts[index + 1]; first += CHAIN_MAX) {
        uint32_t count = chains->starts[index + 1] - first;
        chain(chains->space, chains->ranks + first, count < CHAIN_MAX ? count : CHAIN_MAX);
    }
}

/* Rows from sorted vectors; `numbers` is room for count + 1. */
static void make_rows(struct vector_order *order, const struct vector_space *space, const struct stand *stands, uint32_t count,
                      uint32_t *numbers, struct pool *pool)
{
    size_t runs = 0;
    for (uint32_t row = 0; row < count; row++) {
        order->ranks[row] = stands[row].rank;
        if (row == 0 || stands[row].level != stands[row - 1].level || stands[row].place != stands[row - 1].place)
            numbers[runs++] = row;
    }
    numbers[runs] = count;
    for (size_t run = 0; run < runs; run++)
        order->runs[run] = (struct vector_run){numbers[run + 1], stands[numbers[run]].place};
    order->run_count = (uint32_t)runs;
    struct chains chains = {space, order->ranks, numbers};
    vector_each(pool, runs, chain_run, &chains);
}

bool vector_order_make(struct vector_order *order, const passage_id *passages, const struct vector_space *space, uint32_t count,
                       size_t links, struct pool *pool, struct error *error)
{
    *order = (struct vector_order){0};
    order->ranks = memory_try(count, sizeof(*order->ranks));
    order->sequence = memory_try(count, sizeof(*order->sequence));
    order->runs = memory_try(count, sizeof(*order->runs));
    struct stand *stands = memory_try(count, sizeof(*stands));
    uint32_t *numbers = memory_try((size_t)count + 1, sizeof(*numbers));
    bool ok = order->ranks != NULL && order->sequence != NULL && order->runs != NULL && stands != NULL && numbers != NULL;
    if (ok) {
        for (uint32_t rank = 0; rank < count; rank++)
            stands[rank] = (struct stand){level_of(passages[rank], links), 0, rank, hash_of(passages[rank])};
        count_levels(order, stands, count);
        uint32_t place_count = 0;
        ok = place_all(order, space, stands, &place_count, pool) && group_all(order, space, stands, place_count, numbers, pool);
    }
    if (ok) {
        qsort(stands, count, sizeof(*stands), compare_stands);
        make_rows(order, space, stands, count, numbers, pool);
        for (uint32_t row = 0; row < count; row++)
            numbers[order->ranks[row]] = row;
        qsort(stands, count, sizeof(*stands), compare_hashes);
        for (uint32_t i = 0; i < count; i++)
            order->sequence[i] = numbers[stands[i].rank];
    }
    free(stands);
    free(numbers);
    if (!ok) {
        vector_order_release(order);
        return error_set(error, ERROR_NO_MEMORY, "no memory to order %u vectors", count);
    }
    return true;
}

void vector_order_release(struct vector_order *order)
{
    free(order->ranks);
    free(order->sequence);
    free(order->runs);
    vector_groups_release(&order->groups);
    *order = (struct vector_order){0};
}
