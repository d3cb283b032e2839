/* test_train_moments.c - AdamW's moments in 8 bits: to the bit against a plain restatement, near those in f32, and their rounding right in the mean. */
#include "compare.h"
#include "train/moments8.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 3 * MOMENTS8_BLOCK + 77, BLOCKS = 4 };

struct world {
    unsigned char first_codes[COUNT], second_codes[COUNT];
    float first_scales[BLOCKS], second_scales[BLOCKS];
    struct moments8 moments;
    float w[COUNT], g[COUNT];
    struct random random;
};

static struct world *world_create(uint64_t seed)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    world->moments = (struct moments8){world->first_codes, world->second_codes, world->first_scales, world->second_scales};
    random_init(&world->random, seed);
    for (size_t i = 0; i < COUNT; i++)
        world->w[i] = (float)(random_unit(&world->random) - 0.5);
    return world;
}

/* Each number's gradients have a length of their own, over five powers of ten. */
static float next_gradient(struct random *random, size_t i)
{
    double around = 0;
    for (size_t part = 0; part < 4; part++)
        around += random_unit(random) - 0.5;
    return (float)(around * pow(10, -(double)(i % 6)));
}

static struct kernel_adam step_of(size_t step)
{
    return (struct kernel_adam){.keep = 0.999F,
                                .beta1 = 0.9F,
                                .beta2 = 0.999F,
                                .rate = (float)(0.001 / (1 - pow(0.9, (double)step))),
                                .root_scale = (float)(1 / sqrt(1 - pow(0.999, (double)step))),
                                .epsilon = 1e-8F,
                                .gradient_scale = 1};
}

/* ---- a plain restatement ---- */

static int by_value(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

/* All numbers that a code of the first or the second moment may stand for, rising. */
static size_t plain_levels(bool is_second, float *levels)
{
    size_t count = 0;
    levels[count++] = 0;
    levels[count++] = 1;
    for (int power = 0; power < 7; power++)
        for (int i = 0, parts = (is_second ? 128 : 64) >> power; i < parts; i++) {
            double start = 0.1 + 0.9 * i / parts, end = 0.1 + 0.9 * (i + 1) / parts, middle = (start + end) / 2;
            levels[count++] = (float)(pow(10, -power) * middle);
            if (!is_second) {
                levels[count] = -levels[count - 1];
                count++;
            }
        }
    qsort(levels, count, sizeof(*levels), by_value);
    return count;
}

static float plain_round(const float *levels, size_t count, float number, float chance)
{
    float part = fabsf(number), low = 0, high = INFINITY;
    for (size_t i = 0; i < count; i++)
        if (levels[i] >= 0) {
            low = levels[i] <= part && levels[i] > low ? levels[i] : low;
            high = levels[i] > part && levels[i] < high ? levels[i] : high;
        }
    float level = isfinite(high) && part - low > chance * (high - low) ? high : low;
    if (number < 0 && level >= 1) /* there is no -1: the largest is always +1, times itself */
        level = -levels[0];
    return number < 0 && level > 0 ? -level : level;
}

static uint32_t plain_mixed(uint32_t bits)
{
    bits = (bits ^ bits >> 16) * 0x85EBCA6BU;
    bits = (bits ^ bits >> 13) * 0xC2B2AE35U;
    return bits ^ bits >> 16;
}

/* Moments in, and after a step moments out as they are when they have been rounded. */
static void plain_step(float *w, float *g, float *first, float *second, const struct kernel_adam *step, uint32_t key)
{
    float first_levels[256], second_levels[256];
    size_t first_count = plain_levels(false, first_levels), second_count = plain_levels(true, second_levels);
    assert_int_equal(first_count, 256);
    assert_int_equal(second_count, 256);
    kernels()->adam(w, g, first, second, step, COUNT);
    for (size_t begin = 0; begin < COUNT; begin += MOMENTS8_BLOCK) {
        size_t end = begin + MOMENTS8_BLOCK < COUNT ? begin + MOMENTS8_BLOCK : COUNT;
        float first_most = 0, second_most = 0;
        for (size_t i = begin; i < end; i++) {
            first_most = fabsf(first[i]) > fabsf(first_most) ? first[i] : first_most;
            second_most = sqrtf(second[i]) > second_most ? sqrtf(second[i]) : second_most;
        }
        for (size_t i = begin; i < end; i++) {
            uint32_t chance = plain_mixed(key + (uint32_t)i * 0x9E3779B9U);
            float root = sqrtf(second[i]), rounded;
            first[i] = first_most *
                       plain_round(first_levels, first_count, first[i] / first_most, ((float)(chance % 65536) + 0.5F) / 65536);
            rounded = second_most *
                      plain_round(second_levels, second_count, root / second_most, ((float)(chance / 65536) + 0.5F) / 65536);
            if (root > 0 && !(rounded > 0))
                rounded = second_most * second_levels[1];
            second[i] = rounded * rounded;
        }
    }
}

static void as_a_plain_restatement(void **state)
{
    (void)state;
    struct world *world = world_create(test_seed());
    float w[COUNT], g[COUNT], first[COUNT] = {0}, second[COUNT] = {0}, got_first[COUNT], got_second[COUNT];
    memcpy(w, world->w, sizeof(w));
    for (size_t t = 1; t <= 40; t++) {
        struct kernel_adam step = step_of(t);
        for (size_t i = 0; i < COUNT; i++)
            world->g[i] = g[i] = i < 3 ? 0 : next_gradient(&world->random, i);
        if (t % 2 == 0) { /* in two parts, as threads do it */
            moments8_step(world->w, world->g, &world->moments, 0, 2 * MOMENTS8_BLOCK, &step, (uint32_t)t);
            moments8_step(world->w, world->g, &world->moments, 2 * MOMENTS8_BLOCK, COUNT - 2 * MOMENTS8_BLOCK, &step,
                          (uint32_t)t);
        } else {
            moments8_step(world->w, world->g, &world->moments, 0, COUNT, &step, (uint32_t)t);
        }
        plain_step(w, g, first, second, &step, (uint32_t)t);
        moments8_read(&world->moments, COUNT, got_first, got_second);
        compare_floats("weights", world->w, w, COUNT, (struct tolerance){0}, test_seed());
        compare_floats("first moments", got_first, first, COUNT, (struct tolerance){0}, test_seed());
        compare_floats("second moments", got_second, second, COUNT, (struct tolerance){0}, test_seed());
        for (size_t i = 0; i < COUNT; i++)
            assert_true(world->g[i] == 0);
    }
    free(world);
}

/* ---- beside f32 ---- */

/* Whatever its sign, the largest of a block is kept as it is, and its steps are those of f32. */
static void the_largest_is_kept(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct world *world = world_create(test_seed());
        float w[COUNT], g[COUNT], first[COUNT] = {0}, second[COUNT] = {0}, got_first[COUNT], got_second[COUNT];
        memcpy(w, world->w, sizeof(w));
        for (size_t t = 1; t <= 100; t++) {
            struct kernel_adam step = step_of(t);
            for (size_t i = 0; i < COUNT; i++)
                world->g[i] = g[i] = i % MOMENTS8_BLOCK == 5 ? (float)sign : 0.01F * next_gradient(&world->random, i);
            moments8_step(world->w, world->g, &world->moments, 0, COUNT, &step, (uint32_t)t);
            kernels()->adam(w, g, first, second, &step, COUNT);
        }
        moments8_read(&world->moments, COUNT, got_first, got_second);
        for (size_t i = 5; i < COUNT; i += MOMENTS8_BLOCK) {
            assert_true(fabsf(got_first[i] - first[i]) <= 1e-6F && first[i] * (float)sign > 0.99F);
            assert_true(fabsf(world->w[i] - w[i]) <= 1e-5F);
        }
        free(world);
    }
}

/* After so many steps that what is lost each time would have added up: the root of the second moment, by which a step is divided, is right in the
 * mean, near f32's for numbers that are not far below the largest of their block, and in reach for those a hundred-thousandth of it. */
static void near_those_in_f32(void **state)
{
    (void)state;
    enum { STEPS = 3000, POWERS = 6 };
    static const double farthest[POWERS] = {1.25, 1.7, 2, 3, 5, 8};
    struct world *world = world_create(test_seed());
    float w[COUNT], start[COUNT], g[COUNT], first[COUNT] = {0}, second[COUNT] = {0}, got_first[COUNT], got_second[COUNT];
    double ratios[POWERS] = {0}, ways[POWERS] = {0}, ways_f32[POWERS] = {0}, first_off = 0, moved = 0, apart = 0;
    memcpy(w, world->w, sizeof(w));
    memcpy(start, w, sizeof(w));
    for (size_t t = 1; t <= STEPS; t++) {
        struct kernel_adam step = step_of(t);
        step.keep = 1;
        for (size_t i = 0; i < COUNT; i++)
            world->g[i] = g[i] = next_gradient(&world->random, i) +
                                 (i % 2 == 0 ? 0.2F : -0.2F) * powf(10, -(float)(i % POWERS));
        moments8_step(world->w, world->g, &world->moments, 0, COUNT, &step, (uint32_t)t);
        kernels()->adam(w, g, first, second, &step, COUNT);
    }
    moments8_read(&world->moments, COUNT, got_first, got_second);
    for (size_t i = 0; i < COUNT; i++) {
        double ratio = sqrt((double)got_second[i] / (double)second[i]), most = farthest[i % POWERS];
        if (!(ratio < most && ratio > 1 / most))
            fail_msg("second moment %zu is %g, expected %g", i, (double)got_second[i], (double)second[i]);
        ratios[i % POWERS] += ratio / ((double)COUNT / POWERS);
        first_off += fabs((double)got_first[i] - (double)first[i]) / sqrt((double)second[i]);
        ways[i % POWERS] += fabs((double)world->w[i] - (double)start[i]);
        ways_f32[i % POWERS] += fabs((double)w[i] - (double)start[i]);
        moved += fabs((double)w[i] - (double)start[i]);
        apart += fabs((double)world->w[i] - (double)w[i]);
    }
    for (size_t power = 0; power < POWERS; power++)
        assert_true(fabs(ratios[power] - 1) < (power < 3 ? 0.03 : 0.2));
    for (size_t power = 0; power < 5; power++)
        assert_true(fabs(ways[power] / ways_f32[power] - 1) < 0.1);
    assert_true(first_off / COUNT < 0.1);
    assert_true(apart < 0.12 * moved);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_plain_restatement),
        cmocka_unit_test(the_largest_is_kept),
        cmocka_unit_test(near_those_in_f32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
