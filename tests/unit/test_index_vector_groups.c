/* test_index_vector_groups.c - places split into groups: where that brings vectors nearer to their means, and there alone. */
#include "compare.h"
#include "index/vector_group.h"
#include "vector_world.h"
#include <stdlib.h>
#include <string.h>

enum { COUNT = 520, DIMENSIONS = 64, PLACES = 2, KINDS_MAX = 2 };

/* Vectors of a world as the index keeps them. */
struct rows {
    int8_t *high, *low;
    float *factors;
    uint32_t *places;
    struct vector_space space;
};

static void take_rows(struct rows *rows, const struct vector_world *world)
{
    size_t stride = vector_stride(world->dimensions);
    rows->high = memory_alloc(world->count, stride);
    rows->low = memory_alloc(world->count, stride);
    rows->factors = memory_alloc(world->count, sizeof(float));
    rows->places = memory_alloc(world->count, sizeof(*rows->places));
    for (size_t v = 0; v < world->count; v++) {
        assert_true(vector_split(&rows->factors[v], rows->high + v * stride, rows->low + v * stride,
                                 world->codes + v * world->code_bytes, world->dimensions));
        rows->places[v] = v % PLACES;
    }
    rows->space = (struct vector_space){rows->high, rows->factors, stride};
}

static void release_rows(struct rows *rows)
{
    free(rows->high);
    free(rows->low);
    free(rows->factors);
    free(rows->places);
}

/* Vectors of some kinds, as many of each in each place, that differ from their kind by chance, in no direction more than in others. */
static void make_world(struct vector_world *world, size_t kinds, float near)
{
    struct random random;
    random_init(&random, test_seed() + kinds);
    vector_world_init(world, COUNT, DIMENSIONS, 0, test_seed());
    float means[KINDS_MAX][DIMENSIONS];
    for (size_t kind = 0; kind < kinds; kind++)
        for (size_t i = 0; i < DIMENSIONS; i++)
            means[kind][i] = (float)random_unit(&random) - 0.5F;
    for (size_t v = 0; v < COUNT; v++) {
        float *vector = world->vectors + v * DIMENSIONS;
        for (size_t i = 0; i < DIMENSIONS; i++)
            vector[i] = means[v / PLACES % kinds][i] + near * ((float)random_unit(&random) - 0.5F);
        vector_world_length_1(vector, DIMENSIONS);
        vector_encode(world->codes + v * world->code_bytes, vector, DIMENSIONS);
    }
}

/* Vectors of two kinds, each kind alike: the groups of each place have one kind each. Groups are the same with any number of threads. */
static void tell_kinds_apart(float near)
{
    struct vector_world world;
    struct rows rows, again;
    struct vector_groups groups = {0}, same = {0};
    make_world(&world, 2, near);
    take_rows(&rows, &world);
    take_rows(&again, &world);
    assert_true(vector_groups_make(&groups, rows.places, PLACES, &rows.space, COUNT, NULL));
    assert_in_range(groups.count, 2 * PLACES, 8 * PLACES);
    size_t *kinds = memory_alloc(groups.count, sizeof(*kinds)), *places = memory_alloc(groups.count, sizeof(*places));
    for (size_t v = 0; v < COUNT; v++) {
        uint32_t group = rows.places[v];
        assert_true(group < groups.count);
        kinds[group] |= (size_t)1 << (v / PLACES % 2);
        places[group] |= (size_t)1 << (v % PLACES);
    }
    for (uint32_t group = 0; group < groups.count; group++)
        if (kinds[group] == 0 || kinds[group] == 3 || places[group] == 3)
            fail_msg("group %u has kinds %zu and places %zu (seed %llu)", group, kinds[group], places[group],
                     (unsigned long long)test_seed());
    struct pool *pool = pool_create(3);
    assert_true(vector_groups_make(&same, again.places, PLACES, &again.space, COUNT, pool));
    pool_free(pool);
    assert_int_equal(same.count, groups.count);
    assert_memory_equal(same.means, groups.means, groups.count * rows.space.stride);
    assert_memory_equal(same.factors, groups.factors, groups.count * sizeof(float));
    assert_memory_equal(again.places, rows.places, COUNT * sizeof(*rows.places));
    free(kinds);
    free(places);
    vector_groups_release(&groups);
    vector_groups_release(&same);
    release_rows(&rows);
    release_rows(&again);
    vector_world_release(&world);
}

static const float nears[] = {0.2F, 0.06F, 0.02F}; /* also by less than means are rounded by */

static void kinds_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(nears); i++)
        tell_kinds_apart(nears[i]);
}

/* Vectors of one kind are one group of each place; the mean of equal ones is theirs. */
static void one_kind_stays_together(void **state)
{
    (void)state;
    for (size_t i = 0; i <= ARRAY_COUNT(nears); i++) {
        const bool is_equal = i == ARRAY_COUNT(nears);
        struct vector_world world;
        struct rows rows;
        struct vector_groups groups = {0};
        make_world(&world, 1, is_equal ? 0 : nears[i]);
        take_rows(&rows, &world);
        assert_true(vector_groups_make(&groups, rows.places, PLACES, &rows.space, COUNT, NULL));
        for (size_t v = 0; v < COUNT && is_equal; v++) {
            const int8_t *mean = groups.means + rows.places[v] * rows.space.stride;
            compare_floats("factor", &groups.factors[rows.places[v]], &rows.factors[v], 1, (struct tolerance){.relative = 1e-6},
                           test_seed());
            assert_memory_equal(mean, rows.high + v * rows.space.stride, rows.space.stride);
        }
        if (!is_equal)
            assert_int_equal(groups.count, PLACES);
        vector_groups_release(&groups);
        release_rows(&rows);
        vector_world_release(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(one_kind_stays_together),
    };
    return cmocka_run_group_tests_name("index_vector_groups", tests, NULL, NULL);
}
