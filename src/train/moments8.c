/* moments8.c - AdamW's moments in 8 bits, after "8-bit Optimizers via Block-wise Quantization" (Dettmers, Lewis, Shleifer, Zettlemoyer 2022).
 *
 * A code stands for a level from 0 to 1, and of first moments from -1 on, times the largest of its block, which has its sign: so the largest itself is
 * always +1, and kept as it is. Levels are close together near 1, and reach far down (the paper's dynamic tree): from 10^-(k+1) to 10^-k there are the
 * middles of so many equal parts, and besides 0 and 1:
 *
 *   k         0    1    2    3    4    5    6
 *   first    64   32   16    8    4    2    1    with their negatives: codes 0 … 128 are 0 … 1, 129 … 255 the negatives but -1,
 *                                                for which -0.993 stands
 *   second  128   64   32   16    8    4    2    codes 0 … 255 are 0 … 1
 *
 * Three things are not the paper's. A number between two levels becomes the upper one with the chance that is its place between them, so that the
 * mean of many steps is right: to the nearest, a change of less than half a level would be lost each time, and the second moment changes by a
 * thousandth a step. Of the second moment the root is kept, which is what a step divides by: so a number whose gradients are a ten-thousandth of the
 * largest of its block still takes steps of the right length in the mean, within a tenth, its root single times up to five times off. And one that is
 * not 0 never becomes 0. */
#include "moments8.h"
#include "base/base.h"
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

enum {
    BLOCK = MOMENTS8_BLOCK,
    POWERS = 7,
    LEVELS_MOST = 256,
    FIRST_ONE = 128, /* the first moment's code of 1 */
    CELL_SHIFT = 16, /* of a float's bits: sign, exponent and 7 of the mantissa stay */
    FIRST_CELL = (127 - 22) << 7, /* 2^-22, which is below all levels but 0 */
    LAST_CELL = 127 << 7, /* 1 */
    CELLS = LAST_CELL - FIRST_CELL + 1
};

struct levels {
    size_t last; /* of 1 */
    float values[LEVELS_MOST + 1]; /* rising from 0; infinity behind 1 */
    unsigned char
        lower[CELLS]; /* the last level that is not above the least number of the cell; a cell has one level at the most */
};

static struct levels first_levels, second_levels;
static float first_values[LEVELS_MOST]; /* by code */
static pthread_once_t levels_once = PTHREAD_ONCE_INIT;

static float cell_start(size_t cell)
{
    uint32_t bits = (uint32_t)(cell + FIRST_CELL) << CELL_SHIFT;
    float number;
    memcpy(&number, &bits, sizeof(number));
    return number;
}

static void make_levels(struct levels *levels, size_t parts_most)
{
    size_t count = 0, level = 0;
    levels->values[count++] = 0;
    for (int power = POWERS - 1; power >= 0; power--) {
        size_t parts = parts_most >> power;
        for (size_t i = 0; i < parts; i++)
            levels->values[count++] = (float)(pow(10, -power) * (0.1 + 0.9 * ((double)i + 0.5) / (double)parts));
    }
    levels->last = count;
    levels->values[count] = 1;
    levels->values[count + 1] = INFINITY;
    for (size_t cell = 0; cell < CELLS; cell++) {
        while (levels->values[level + 1] <= cell_start(cell))
            level++;
        assert(cell + 1 == CELLS || level + 2 > levels->last || levels->values[level + 2] >= cell_start(cell + 1));
        levels->lower[cell] = (unsigned char)level;
    }
}

static void make_all_levels(void)
{
    make_levels(&first_levels, 64);
    make_levels(&second_levels, 128);
    assert(first_levels.last == FIRST_ONE && second_levels.last == LEVELS_MOST - 1);
    for (size_t code = 0; code < LEVELS_MOST; code++)
        first_values[code] = code <= FIRST_ONE ? first_levels.values[code] : -first_levels.values[code - FIRST_ONE];
}

/* The level of `part`, 0 … 1, or the next one if `chance`, 0 … 1, is below its place between the two. */
static size_t level_of(const struct levels *levels, float part, float chance)
{
    uint32_t bits;
    memcpy(&bits, &part, sizeof(bits));
    size_t cell = bits >> CELL_SHIFT;
    if (cell >= LAST_CELL) /* nor is what is no number */
        return levels->last;
    size_t level = cell < FIRST_CELL ? 0 : levels->lower[cell - FIRST_CELL];
    level += part >= levels->values[level + 1];
    float low = levels->values[level], high = levels->values[level + 1];
    return level + (part - low > chance * (high - low));
}

/* Murmur's last step: any bit of a number changes all of them. */
static uint32_t mixed(uint32_t bits)
{
    bits ^= bits >> 16;
    bits *= 0x85EBCA6BU;
    bits ^= bits >> 13;
    bits *= 0xC2B2AE35U;
    return bits ^ bits >> 16;
}

/* With its sign. */
static float largest(const float *numbers, size_t count)
{
    float low = 0, high = 0;
    for (size_t i = 0; i < count; i++) {
        low = numbers[i] < low ? numbers[i] : low;
        high = numbers[i] > high ? numbers[i] : high;
    }
    return -low > high ? low : high;
}

static void read_block(const struct moments8 *moments, size_t block, size_t count, float *first, float *second)
{
    const unsigned char *first_codes = moments->first + block * BLOCK, *second_codes = moments->second + block * BLOCK;
    for (size_t i = 0; i < count; i++) {
        first[i] = moments->first_scales[block] * first_values[first_codes[i]];
        float root = moments->second_scales[block] * second_levels.values[second_codes[i]];
        second[i] = root * root;
    }
}

static void write_block(const struct moments8 *moments, size_t block, size_t count, const float *first, const float *second,
                        uint32_t key)
{
    float roots[BLOCK];
    unsigned char *first_codes = moments->first + block * BLOCK, *second_codes = moments->second + block * BLOCK;
    for (size_t i = 0; i < count; i++)
        roots[i] = sqrtf(second[i]);
    float first_scale = largest(first, count), second_scale = largest(roots, count);
    moments->first_scales[block] = first_scale;
    moments->second_scales[block] = second_scale;
    for (size_t i = 0; i < count; i++) {
        uint32_t chance = mixed(key + (uint32_t)(block * BLOCK + i) * 0x9E3779B9U);
        float part = first_scale != 0 ? first[i] / first_scale : 0;
        size_t level = level_of(&first_levels, fabsf(part), ((float)(chance & 0xFFFF) + 0.5F) / 65536);
        bool is_below = part < 0 && level > 0;
        first_codes[i] = (unsigned char)(!is_below ? level : level < FIRST_ONE ? level + FIRST_ONE : LEVELS_MOST - 1);
        level = second_scale > 0 ? level_of(&second_levels, roots[i] / second_scale, ((float)(chance >> 16) + 0.5F) / 65536)
                                 : 0;
        second_codes[i] = (unsigned char)(level == 0 && roots[i] > 0 ? 1 : level);
    }
}

void moments8_step(float *w, float *g, const struct moments8 *moments, size_t first, size_t count,
                   const struct kernel_adam *step, uint32_t key)
{
    assert(first % BLOCK == 0);
    (void)pthread_once(&levels_once, make_all_levels);
    for (size_t at = first; at < first + count; at += BLOCK) {
        float first_moments[BLOCK], second_moments[BLOCK];
        size_t rest = first + count - at, numbers = rest < BLOCK ? rest : BLOCK;
        read_block(moments, at / BLOCK, numbers, first_moments, second_moments);
        kernels()->adam(w + at, g + at, first_moments, second_moments, step, numbers);
        write_block(moments, at / BLOCK, numbers, first_moments, second_moments, key);
    }
}

void moments8_read(const struct moments8 *moments, size_t count, float *first, float *second)
{
    (void)pthread_once(&levels_once, make_all_levels);
    for (size_t at = 0; at < count; at += BLOCK)
        read_block(moments, at / BLOCK, count - at < BLOCK ? count - at : BLOCK, first + at, second + at);
}
