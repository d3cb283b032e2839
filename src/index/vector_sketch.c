/* vector_sketch.c - one bit a dimension, and a scan by them.
 *
 * The turn: signs of numbers are changed by chance (always the same), Hadamard's transform mixes each 64 that stand together, one from
 * each of the blocks that came of it stand together then, and all of that is done once more. It makes vectors 64 times as long, and what
 * stood in any number is in nearly all of them (up to 4,096 numbers). Everything is in whole numbers: the same bits on every processor.
 *
 * The signs give the sum of the question's numbers with a spread of
 *
 *   |turned question| · √(1 - 2/π)
 *
 * as the turned numbers of a row are spread normally. A row is read where so much more would bring it among the best. */
#include "vector_sketch.h"
#include "vector_order.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MIXED = 64, /* numbers that are mixed at once */
    ROWS = 256, /* rows whose sketches are made by one thread together */
    BLOCK = 2048, /* rows whose sums are taken together */
    OFFERED = 32, /* rows read together */
    READ_FOR_SEEN = 3, /* a scan is given up when one of so many rows would be read in spite of its sketch */
};

/* How many spreads a row may be better than it looks. Rows that are alike look alike, so that some may be missed together: fewer than these are
 * too few where the best are many and near each other. */
#define SPREADS 2.0F

/* More than any sum has; and what stands for one whose row was read: below every limit. */
#define SUM_MOST 100000000
#define SUM_READ (-2 * SUM_MOST)

/* The finishing steps of splitmix64. */
static uint64_t chance(uint64_t number)
{
    uint64_t x = (number + 1) * 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
}

static void mix(int32_t *numbers)
{
    for (size_t apart = 1; apart < MIXED; apart *= 2)
        for (size_t from = 0; from < MIXED; from += 2 * apart)
            for (size_t i = from; i < from + apart; i++) {
                int32_t a = numbers[i], b = numbers[i + apart];
                numbers[i] = a + b;
                numbers[i + apart] = a - b;
            }
}

/* Numbers of both rounds, and room for one: 2 · stride. The result stands in front. */
static void turn(int32_t *numbers, const int8_t *plane, size_t stride)
{
    size_t blocks = stride / MIXED;
    int32_t *between = numbers + stride;
    for (size_t block = 0; block < blocks; block++) {
        uint64_t signs = chance(2 * block);
        for (size_t i = 0; i < MIXED; i++)
            between[block * MIXED + i] = (signs >> i & 1) != 0 ? -plane[block * MIXED + i] : plane[block * MIXED + i];
        mix(between + block * MIXED);
    }
    for (size_t block = 0; block < blocks; block++)
        for (size_t i = 0; i < MIXED; i++)
            numbers[i * blocks + block] = between[block * MIXED + i];
    for (size_t block = 0; block < blocks; block++) {
        uint64_t signs = chance(2 * block + 1);
        for (size_t i = 0; i < MIXED; i++)
            if ((signs >> i & 1) != 0)
                numbers[block * MIXED + i] = -numbers[block * MIXED + i];
        mix(numbers + block * MIXED);
    }
}

static void sketch(unsigned char *signs, float *scale, const int8_t *plane, float factor, int32_t *numbers, size_t stride)
{
    int64_t square = 0, sum = 0;
    turn(numbers, plane, stride);
    memset(signs, 0, stride / 8);
    for (size_t i = 0; i < stride; i++) {
        square += plane[i] * plane[i];
        sum += numbers[i] < 0 ? -numbers[i] : numbers[i];
        signs[i / 8] = (unsigned char)(signs[i / 8] | (numbers[i] > 0) << (i % 8));
    }
    *scale = sum > 0 ? (float)(256 * (double)factor * (double)square / (double)sum) : 0;
}

struct sketches {
    unsigned char *signs;
    float *scales;
    const struct vector_space *space;
    size_t count;
    _Atomic bool failed;
};

static void sketch_some(void *context, size_t index, size_t thread)
{
    (void)thread;
    struct sketches *sketches = context;
    const struct vector_space *space = sketches->space;
    int32_t *numbers = memory_try(2 * space->stride, sizeof(*numbers));
    if (numbers == NULL) {
        sketches->failed = true;
        return;
    }
    for (size_t row = index * ROWS; row < sketches->count && row < (index + 1) * ROWS; row++)
        sketch(sketches->signs + row * space->stride / 8, &sketches->scales[row], space->high + row * space->stride,
               space->factors[row], numbers, space->stride);
    free(numbers);
}

bool vector_sketch_make(unsigned char *signs, float *scales, const struct vector_space *space, size_t count, struct pool *pool)
{
    struct sketches sketches = {.space = space, .count = count};
    sketches.signs = signs;
    sketches.scales = scales;
    vector_each(pool, (count + ROWS - 1) / ROWS, sketch_some, &sketches);
    return !sketches.failed;
}

/* ---- scanning ---- */

/* A question as sketches are compared with it. */
struct turned {
    int8_t *numbers;
    float unit; /* of the numbers, in those of scores */
    float rest; /* so much more a row's sum may be */
};

static bool turn_question(struct turned *turned, const struct vector_question *question, size_t stride)
{
    int32_t *numbers = memory_try(2 * stride, sizeof(*numbers)), most = 1;
    turned->numbers = memory_try(stride, 1);
    if (numbers == NULL || turned->numbers == NULL) {
        free(numbers);
        free(turned->numbers);
        return false;
    }
    turn(numbers, question->planes, stride);
    for (size_t i = 0; i < stride; i++) {
        int32_t size = numbers[i] < 0 ? -numbers[i] : numbers[i];
        most = size > most ? size : most;
    }
    double square = 0;
    for (size_t i = 0; i < stride; i++) {
        turned->numbers[i] = (int8_t)lrint(127.0 * numbers[i] / most);
        square += (double)turned->numbers[i] * turned->numbers[i];
    }
    /* The turn makes both longer, which is why a scale has the square of the row before it. */
    turned->unit = (float)(256 * (double)question->factor * most / 127);
    turned->rest = SPREADS * (float)sqrt(square * (1 - 2 / 3.14159265358979));
    free(numbers);
    return true;
}

/* A row that only may be among the best. */
struct left {
    uint32_t row;
    float most; /* it scores no more */
};

/* One question among the sketches of a segment. A row that looks as if it were among the best is read at once, which tells what the others
 * must reach; one that only may be is left for the end, when that is more. */
struct scan {
    const struct vector_segment *segment;
    const struct vector_question *question;
    const struct turned *turned;
    struct best_hits *best;
    struct left *left;
    size_t left_count, left_room;
    size_t seen; /* rows whose sketches were looked at */
    uint32_t chosen[OFFERED]; /* rows that are read together */
    size_t chosen_count;
    uint32_t rows[BLOCK];
    int32_t sums[BLOCK];
    uint16_t places[BLOCK]; /* of those that may be among the best */
    struct index_hit first[BLOCK];
};

static void offer_chosen(struct scan *scan)
{
    vector_offer_rows(scan->segment, scan->question, scan->chosen, scan->chosen_count, scan->best);
    scan->chosen_count = 0;
}

static void choose(struct scan *scan, uint32_t row)
{
    const int8_t *high = scan->segment->high + row * scan->segment->stride;
    for (size_t at = 0; at < scan->segment->stride; at += VECTOR_UNIT)
        __builtin_prefetch(high + at, 0, 2);
    scan->chosen[scan->chosen_count++] = row;
    if (scan->chosen_count == OFFERED)
        offer_chosen(scan);
}

/* Reads those of the rows that look best, so that there are as many results as wanted; their sums are below all others then. */
static void offer_first(struct scan *scan, size_t count)
{
    struct best_hits first = {.hits = scan->first, .k = 2 * scan->best->k < BLOCK ? 2 * scan->best->k : BLOCK};
    for (size_t i = 0; i < count; i++) {
        float score = (float)scan->sums[i] * scan->segment->scales[scan->rows[i]];
        if (first.count < first.k || score > first.hits[0].score)
            best_hits_add(&first, (struct index_hit){i, score});
    }
    for (size_t i = 0; i < first.count; i++) {
        size_t place = first.hits[i].passage;
        choose(scan, scan->rows[place]);
        scan->sums[place] = SUM_READ;
    }
    offer_chosen(scan);
}

/* auto-vectorized */
static void mark(uint8_t *is_enough, const int32_t *sums, size_t count, int32_t least)
{
    for (size_t i = 0; i < count; i++)
        is_enough[i] = sums[i] >= least;
}

/* The places of sums that are not below `least`, which few are: eight others are passed over together. */
static size_t places_of(uint16_t *places, const int32_t *sums, size_t count, int32_t least)
{
    uint8_t is_enough[BLOCK + 8];
    size_t found = 0;
    mark(is_enough, sums, count, least);
    memset(is_enough + count, 0, 8);
    for (size_t first = 0; first < count; first += 8) {
        uint64_t marks = load_u64(is_enough + first);
        for (; marks != 0; marks &= marks - 1)
            places[found++] = (uint16_t)(first + (size_t)__builtin_ctzll(marks) / 8);
    }
    return found;
}

/* A sum below this is too small for every row of the segment: for those of the largest scale, or the smallest when the worst of the best is
 * below 0. */
static int32_t least_sum(const struct scan *scan)
{
    const struct vector_segment *segment = scan->segment;
    float limit = scan->best->hits[0].score,
          unit = scan->turned->unit * (limit > 0 ? segment->scale_most : segment->scale_least);
    if (unit <= 0)
        return -SUM_MOST;
    return (int32_t)fminf(fmaxf(limit / unit - scan->turned->rest - 1, -(float)SUM_MOST), (float)SUM_MOST);
}

/* The first `count` rows. */
static void scan_block(struct scan *scan, size_t count)
{
    const struct turned *turned = scan->turned;
    const struct vector_segment *segment = scan->segment;
    kernels()->signs_i8(scan->sums, turned->numbers, segment->signs, scan->rows, count, segment->stride);
    if (scan->best->count < scan->best->k)
        offer_first(scan, count);
    if (scan->best->count < scan->best->k)
        return; /* all were read */
    size_t found = places_of(scan->places, scan->sums, count, least_sum(scan));
    for (size_t i = 0; i < found; i++)
        __builtin_prefetch(&segment->scales[scan->rows[scan->places[i]]], 0, 3);
    for (size_t i = 0; i < found; i++) {
        uint32_t row = scan->rows[scan->places[i]];
        float unit = turned->unit * segment->scales[row], sum = (float)scan->sums[scan->places[i]];
        float most = unit * (sum + turned->rest), limit = scan->best->hits[0].score;
        if (most < limit)
            continue;
        if (unit * sum >= limit) {
            choose(scan, row);
            continue;
        }
        assert(scan->left_count < scan->left_room);
        scan->left[scan->left_count++] = (struct left){row, most};
    }
    offer_chosen(scan);
}

/* Sketches tell little where rows stand in few tight groups, and the best that are visible are many that are nearly as good. */
static bool is_in_vain(const struct scan *scan)
{
    return scan->seen > BLOCK && READ_FOR_SEEN * scan->left_count > scan->seen;
}

/* More rows are never left, as a scan is in vain before. */
static size_t left_most(const struct vector_visible *visible)
{
    size_t seen = visible->count / READ_FOR_SEEN;
    return (seen > 2 * BLOCK ? seen : 2 * BLOCK) + BLOCK;
}

bool vector_sketch_scan(const struct vector_segment *segment, const struct vector_visible *visible,
                        const struct vector_question *question, struct best_hits *best)
{
    struct turned turned;
    struct scan scan = {segment, question, &turned, best, .left_room = left_most(visible)};
    struct vector_rows from = {.segment = segment, .visible = visible};
    scan.left = memory_try(scan.left_room, sizeof(*scan.left));
    if (scan.left == NULL || !turn_question(&turned, question, segment->stride)) {
        free(scan.left);
        return false;
    }
    for (size_t count; (count = vector_take_rows(&from, scan.rows, BLOCK)) > 0;) {
        if (is_in_vain(&scan)) {
            vector_offer_rows(segment, question, scan.rows, count, best);
            continue;
        }
        scan_block(&scan, count);
        scan.seen += count;
    }
    for (size_t i = 0; i < scan.left_count; i++)
        if (scan.left[i].most >= best->hits[0].score)
            choose(&scan, scan.left[i].row);
    offer_chosen(&scan);
    free(turned.numbers);
    free(scan.left);
    return true;
}
