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
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MIXED = 64, /* numbers that are mixed at once */
    ROWS = 256, /* rows whose sketches are made by one thread together */
    BLOCK = 2048, /* rows whose sums are taken together */
    OFFERED = 32, /* rows read together */
    MARKED = 16, /* sums that are compared at once; not more than 64 */
    ONE = 16384, /* the weight of the larger of two factors */
    DIFFERENCE_MAX = 1 << 18, /* so that turned differences are below 2^30 */
    READ_FOR_SEEN =
        3, /* rows are read without a look at their sketches while one of so many rows would be read in spite of its sketch */
};

/* How many spreads a row may be better than it looks. Rows that are alike look alike, so that some may be missed together: fewer than these are
 * too few where the best are many and near each other. */
#define SPREADS 2.2F

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

/* Turns the numbers; behind them is room for as many more. */
static void turn(int32_t *numbers, size_t stride)
{
    size_t blocks = stride / MIXED;
    int32_t *between = numbers + stride;
    for (size_t block = 0; block < blocks; block++) {
        uint64_t signs = chance(2 * block);
        for (size_t i = 0; i < MIXED; i++)
            between[block * MIXED + i] = (signs >> i & 1) != 0 ? -numbers[block * MIXED + i] : numbers[block * MIXED + i];
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

/* What all 16 bits of a row differ by from the mean of its group, which has a high part alone. Gives the unit of the numbers. */
static double differ(int32_t *numbers, const int8_t *high, const int8_t *low, float factor, const int8_t *mean,
                     float mean_factor, size_t stride)
{
    double largest = (double)fmaxf(factor, mean_factor);
    int32_t weight = largest > 0 ? (int32_t)lrint(ONE * (double)factor / largest) : 0, most = 0, part = 1;
    int32_t mean_weight = largest > 0 ? (int32_t)lrint(ONE * (double)mean_factor / largest) : 0;
    for (size_t i = 0; i < stride; i++) {
        numbers[i] = weight * (256 * high[i] + low[i]) - mean_weight * 256 * mean[i];
        int32_t size = numbers[i] < 0 ? -numbers[i] : numbers[i];
        most = size > most ? size : most;
    }
    while (most / part >= DIFFERENCE_MAX)
        part *= 2;
    for (size_t i = 0; i < stride && part > 1; i++)
        numbers[i] /= part;
    return largest / ONE * part;
}

static void sketch(unsigned char *signs, float *scale, int32_t *numbers, double unit, size_t stride)
{
    int64_t square = 0, sum = 0;
    for (size_t i = 0; i < stride; i++)
        square += (int64_t)numbers[i] * numbers[i];
    turn(numbers, stride);
    memset(signs, 0, stride / 8);
    for (size_t i = 0; i < stride; i++) {
        sum += numbers[i] < 0 ? -numbers[i] : numbers[i];
        signs[i / 8] = (unsigned char)(signs[i / 8] | (numbers[i] > 0) << (i % 8));
    }
    *scale = sum > 0 ? (float)(unit * (double)square / (double)sum) : 0;
}

struct sketches {
    unsigned char *signs;
    float *scales;
    const struct vector_order *order;
    const struct vector_space *space;
    const int8_t *low;
    _Atomic bool failed;
};

static const struct vector_run *run_of(const struct vector_order *order, uint32_t row)
{
    uint32_t low = 0, high = order->run_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (order->runs[middle].end <= row)
            low = middle + 1;
        else
            high = middle;
    }
    return &order->runs[low];
}

static void sketch_some(void *context, size_t index, size_t thread)
{
    (void)thread;
    struct sketches *sketches = context;
    const struct vector_space *space = sketches->space;
    const struct vector_order *order = sketches->order;
    size_t stride = space->stride;
    uint32_t row = (uint32_t)index * ROWS, end = row + ROWS < order->counts[0] ? row + ROWS : order->counts[0];
    int32_t *numbers = memory_try(2 * stride, sizeof(*numbers));
    if (numbers == NULL) {
        sketches->failed = true;
        return;
    }
    for (const struct vector_run *run = run_of(order, row); row < end; row++) {
        run += row == run->end;
        double unit = differ(numbers, space->high + row * stride, sketches->low + order->ranks[row] * stride,
                             space->factors[row], order->groups.means + run->group * stride, order->groups.factors[run->group],
                             stride);
        sketch(sketches->signs + row * stride / 8, &sketches->scales[row], numbers, unit, stride);
    }
    free(numbers);
}

bool vector_sketch_make(unsigned char *signs, float *scales, const struct vector_order *order, const struct vector_space *space,
                        const int8_t *low, struct pool *pool)
{
    struct sketches sketches = {.order = order, .space = space, .low = low};
    sketches.signs = signs;
    sketches.scales = scales;
    vector_each(pool, ((size_t)order->counts[0] + ROWS - 1) / ROWS, sketch_some, &sketches);
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
    for (size_t i = 0; i < stride; i++)
        numbers[i] = 256 * question->planes[i] + question->planes[stride + i];
    turn(numbers, stride);
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
    turned->unit = (float)((double)question->factor * most / 127);
    turned->rest = SPREADS * (float)sqrt(square * (1 - 2 / 3.14159265358979));
    free(numbers);
    return true;
}

/* A row that only may be among the best. */
struct left {
    uint32_t row;
    float most; /* it scores no more */
};

/* Rows of one run that are looked at together: up to the place `end` of their block. */
struct stretch {
    uint32_t end, run;
};

/* One question among the sketches of a segment. A row that looks as if it were among the best is read at once, which tells what the others
 * must reach; one that only may be is left for the end, when that is more.
 *
 * Rows of upper levels come first, which are from everywhere. There are so few of each group that they are looked at one by one; those of level 0 stretch
 * by stretch. */
struct scan {
    const struct vector_segment *segment;
    const struct vector_visible *visible;
    const struct vector_question *question;
    const struct turned *turned;
    struct best_hits *best;
    float *means; /* the question's products with those of groups; UNKNOWN before they are asked for */
    struct left *left;
    size_t left_count, left_room;
    float left_least; /* the score that what is left was compared with last */
    size_t seen; /* rows whose sketches were looked at */
    size_t word; /* where it goes on */
    uint32_t run;
    uint32_t asked[OFFERED]; /* groups whose means are asked for together */
    size_t asked_count;
    uint32_t chosen[OFFERED]; /* rows that are read together */
    size_t chosen_count;
    uint32_t rows[BLOCK];
    int32_t sums[BLOCK + MARKED];
    uint16_t places[BLOCK]; /* of those that may be among the best */
    struct stretch stretches[BLOCK];
    size_t stretch_count;
    struct index_hit first[BLOCK];
};
#define UNKNOWN INFINITY

/* Rows up to a place of the block, from the last stretch on, are of a run. */
static void add_stretch(struct scan *scan, size_t end, uint32_t run)
{
    struct stretch *last = scan->stretch_count > 0 ? &scan->stretches[scan->stretch_count - 1] : NULL;
    if (last != NULL && last->run == run)
        last->end = (uint32_t)end;
    else if (end > (last != NULL ? last->end : 0))
        scan->stretches[scan->stretch_count++] = (struct stretch){.end = (uint32_t)end, .run = run};
}

/* The next visible rows of the head; 0 at its end. */
static size_t take_head(struct scan *scan)
{
    size_t filled = 0;
    for (; 64 * scan->word < scan->segment->head_count && filled + 64 <= BLOCK; scan->word++)
        filled += vector_take_word(vector_visible_word(scan->segment, scan->visible, scan->word), scan->word,
                                   scan->rows + filled);
    return filled;
}

/* The next visible rows behind it, and the runs that they are of; 0 at the end. */
static size_t take_block(struct scan *scan)
{
    const struct vector_segment *segment = scan->segment;
    size_t filled = 0, words = ((size_t)segment->count + 63) / 64;
    scan->stretch_count = 0;
    for (; scan->word < words && filled + 64 <= BLOCK; scan->word++) {
        uint64_t bits = vector_visible_word(segment, scan->visible, scan->word);
        if (bits == 0)
            continue;
        while (segment->runs[scan->run].end <= 64 * scan->word)
            scan->run++;
        for (; scan->run + 1 < segment->run_count && segment->runs[scan->run].end < 64 * (scan->word + 1); scan->run++) {
            uint64_t before = bits & (((uint64_t)1 << segment->runs[scan->run].end % 64) - 1);
            add_stretch(scan, filled + (size_t)__builtin_popcountll(before), scan->run);
        }
        filled += vector_take_word(bits, scan->word, scan->rows + filled);
        add_stretch(scan, filled, scan->run);
    }
    return filled;
}

/* A row will soon be read, and others before it. */
static void fetch_row(const int8_t *rows, uint32_t row, size_t stride)
{
    for (size_t at = 0; at < stride; at += VECTOR_UNIT)
        __builtin_prefetch(rows + row * stride + at, 0, 2);
}

/* The question's products with the means asked for. */
static void answer_asked(struct scan *scan)
{
    const struct vector_segment *segment = scan->segment;
    int32_t sums[2 * OFFERED];
    size_t count = scan->asked_count;
    kernels()->dots_i8(sums, scan->question->planes, 2, segment->means, scan->asked, count, segment->stride);
    for (size_t i = 0; i < count; i++)
        scan->means[scan->asked[i]] = (65536 * (float)sums[i] + 256 * (float)sums[count + i]) * scan->question->factor *
                                      segment->mean_factors[scan->asked[i]];
    scan->asked_count = 0;
}

static void ask_mean(struct scan *scan, uint32_t group)
{
    if (scan->means[group] < UNKNOWN)
        return;
    scan->means[group] = 0;
    fetch_row(scan->segment->means, group, scan->segment->stride);
    scan->asked[scan->asked_count++] = group;
    if (scan->asked_count == OFFERED)
        answer_asked(scan);
}

static float mean_of(const struct scan *scan, const struct stretch *stretch)
{
    return scan->means[scan->segment->runs[stretch->run].group];
}

static void offer_chosen(struct scan *scan)
{
    vector_offer_rows(scan->segment, scan->question, scan->chosen, scan->chosen_count, scan->best);
    scan->chosen_count = 0;
}

static void choose(struct scan *scan, uint32_t row)
{
    fetch_row(scan->segment->high, row, scan->segment->stride);
    scan->chosen[scan->chosen_count++] = row;
    if (scan->chosen_count == OFFERED)
        offer_chosen(scan);
}

/* Reads those of the rows that look best, so that there are as many results as wanted; their sums are below all others then. `scores` is what the rows
 * look like. */
static void offer_first(struct scan *scan, const float *scores, size_t count)
{
    struct best_hits first = {.hits = scan->first, .k = 2 * scan->best->k < BLOCK ? 2 * scan->best->k : BLOCK};
    for (size_t i = 0; i < count; i++)
        if (first.count < first.k || scores[i] > first.hits[0].score)
            best_hits_add(&first, (struct index_hit){i, scores[i]});
    for (size_t i = 0; i < first.count; i++) {
        size_t place = first.hits[i].passage;
        choose(scan, scan->rows[place]);
        scan->sums[place] = SUM_READ;
    }
    offer_chosen(scan);
}

/* Reads a row, or leaves it, or neither. */
static inline void consider(struct scan *scan, uint32_t row, float sum, float mean)
{
    float unit = scan->turned->unit * scan->segment->scales[row], limit = scan->best->hits[0].score;
    float most = mean + unit * (sum + scan->turned->rest);
    if (most < limit)
        return;
    if (mean + unit * sum >= limit) {
        choose(scan, row);
        return;
    }
    assert(scan->left_count < scan->left_room);
    scan->left[scan->left_count++] = (struct left){row, most};
}

/* The rows taken from the head. */
static void scan_head(struct scan *scan, size_t count)
{
    const struct vector_segment *segment = scan->segment;
    for (size_t i = 0; i < count; i++)
        ask_mean(scan, segment->head[scan->rows[i]]);
    answer_asked(scan);
    kernels()->signs_i8(scan->sums, scan->turned->numbers, segment->signs, scan->rows, count, segment->stride);
    if (scan->best->count < scan->best->k) {
        float scores[BLOCK];
        for (size_t i = 0; i < count; i++)
            scores[i] = scan->means[segment->head[scan->rows[i]]] +
                        scan->turned->unit * segment->scales[scan->rows[i]] * (float)scan->sums[i];
        offer_first(scan, scores, count);
    }
    if (scan->best->count < scan->best->k)
        return; /* all were read */
    for (size_t i = 0; i < count; i++)
        if (scan->sums[i] > SUM_READ)
            consider(scan, scan->rows[i], (float)scan->sums[i], scan->means[segment->head[scan->rows[i]]]);
    offer_chosen(scan);
}

/* Marks so many and up to MARKED - 1 behind them.
 * auto-vectorized */
static void mark(uint8_t *is_enough, const int32_t *sums, size_t count, int32_t least)
{
    for (size_t i = 0; i < count; i += MARKED)
        for (size_t j = i; j < i + MARKED; j++)
            is_enough[j] = sums[j] >= least;
}

/* A sum below this is too small for every row of a run: for those of the largest scale, or the smallest when the worst of the best is below the
 * mean. */
static int32_t least_sum(const struct scan *scan, const struct stretch *stretch)
{
    const struct vector_scales *scales = &scan->segment->run_scales[stretch->run];
    float limit = scan->best->hits[0].score - mean_of(scan, stretch),
          unit = scan->turned->unit * (limit > 0 ? scales->most : scales->least);
    if (unit <= 0)
        return limit > 0 ? SUM_MOST : -SUM_MOST;
    float least = limit / unit - scan->turned->rest - 1;
    return least >= SUM_MOST ? SUM_MOST : least <= -SUM_MOST ? -SUM_MOST : (int32_t)least;
}

/* The places of sums that are not below the least of their run, which few are: eight others are passed over together. */
static size_t places_of(struct scan *scan, size_t count)
{
    uint8_t is_enough[BLOCK + MARKED];
    size_t found = 0;
    for (size_t s = 0, from = 0; s < scan->stretch_count; from = scan->stretches[s++].end)
        mark(is_enough + from, scan->sums + from, scan->stretches[s].end - from, least_sum(scan, &scan->stretches[s]));
    memset(is_enough + count, 0, MARKED);
    for (size_t first = 0; first < count; first += 8) {
        uint64_t marks = load_u64(is_enough + first);
        for (; marks != 0; marks &= marks - 1)
            scan->places[found++] = (uint16_t)(first + (size_t)__builtin_ctzll(marks) / 8);
    }
    return found;
}

/* The rows taken, with their stretches. */
static void scan_block(struct scan *scan, size_t count)
{
    const struct vector_segment *segment = scan->segment;
    for (size_t s = 0; s < scan->stretch_count; s++)
        ask_mean(scan, segment->runs[scan->stretches[s].run].group);
    answer_asked(scan);
    kernels()->signs_i8(scan->sums, scan->turned->numbers, segment->signs, scan->rows, count, segment->stride);
    if (scan->best->count < scan->best->k) {
        float scores[BLOCK];
        for (size_t i = 0, s = 0; i < count; i++) {
            while (i >= scan->stretches[s].end)
                s++;
            scores[i] = mean_of(scan, &scan->stretches[s]) +
                        scan->turned->unit * segment->scales[scan->rows[i]] * (float)scan->sums[i];
        }
        offer_first(scan, scores, count);
    }
    if (scan->best->count < scan->best->k)
        return; /* all were read */
    size_t found = places_of(scan, count);
    for (size_t i = 0; i < found; i++)
        __builtin_prefetch(&segment->scales[scan->rows[scan->places[i]]], 0, 3);
    for (size_t i = 0, s = 0; i < found; i++) {
        size_t place = scan->places[i];
        while (place >= scan->stretches[s].end)
            s++;
        consider(scan, scan->rows[place], (float)scan->sums[place], mean_of(scan, &scan->stretches[s]));
    }
    offer_chosen(scan);
}

/* Sketches tell little where the best of what is visible are many that are nearly as good. What was left before there were better results may need no
 * look any more. */
static bool is_in_vain(struct scan *scan)
{
    if (scan->seen <= BLOCK || READ_FOR_SEEN * scan->left_count <= scan->seen)
        return false;
    size_t kept = 0;
    if (scan->best->hits[0].score <= scan->left_least)
        return true; /* nothing of it can have become needless */
    for (size_t i = 0; i < scan->left_count; i++)
        if (scan->left[i].most >= scan->best->hits[0].score)
            scan->left[kept++] = scan->left[i];
    scan->left_count = kept;
    scan->left_least = scan->best->hits[0].score;
    return READ_FOR_SEEN * kept > scan->seen;
}

/* More rows are never left, as a scan is in vain before. */
static size_t left_most(const struct vector_visible *visible)
{
    size_t seen = visible->count / READ_FOR_SEEN;
    return (seen > 2 * BLOCK ? seen : 2 * BLOCK) + BLOCK;
}

/* Looks at the rows taken by their sketches, unless that is in vain. */
static void look_at(struct scan *scan, size_t count, void (*look)(struct scan *scan, size_t count))
{
    if (is_in_vain(scan)) {
        vector_offer_rows(scan->segment, scan->question, scan->rows, count, scan->best);
        return;
    }
    look(scan, count);
    scan->seen += count;
}

bool vector_sketch_scan(const struct vector_segment *segment, const struct vector_visible *visible,
                        const struct vector_question *question, struct best_hits *best)
{
    struct turned turned = {0};
    struct scan scan = {segment, visible, question, &turned, best, .left_room = left_most(visible), .left_least = -INFINITY};
    scan.left = memory_try(scan.left_room, sizeof(*scan.left));
    scan.means = memory_try(segment->group_count, sizeof(*scan.means));
    if (scan.left == NULL || scan.means == NULL || !turn_question(&turned, question, segment->stride)) {
        free(scan.left);
        free(scan.means);
        return false;
    }
    for (uint32_t group = 0; group < segment->group_count; group++)
        scan.means[group] = UNKNOWN;
    for (size_t count; (count = take_head(&scan)) > 0;)
        look_at(&scan, count, scan_head);
    for (size_t count; (count = take_block(&scan)) > 0;)
        look_at(&scan, count, scan_block);
    for (size_t i = 0; i < scan.left_count; i++)
        if (scan.left[i].most >= best->hits[0].score)
            choose(&scan, scan.left[i].row);
    offer_chosen(&scan);
    free(turned.numbers);
    free(scan.left);
    free(scan.means);
    return true;
}
