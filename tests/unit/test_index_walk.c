/* test_index_walk.c - a walk meets all that can be reached, in the right order, however long the lists of neighbours are. */
#include "index/vector_walk.h"
#include "compare.h"
#include <stdlib.h>
#include <string.h>

enum {
    LINKS = VECTOR_LINKS_MAX,
    WIDTH = 2 * LINKS,
    LISTS = 5,
    ROWS = 1 + LISTS * WIDTH,
    STRIDE = 64,
    WIDE = ROWS,
    NARROW = 100
};

/* Rows of a few scores, so that many are equal, of which the first ones lead to all others: row i to those of the i-th WIDTH behind row 0. */
struct world {
    int8_t *high, question[STRIDE];
    float *factors;
    uint32_t *lists;
    struct vector_space space;
    struct vector_graph graph;
    struct vector_walk walk;
};

static void begin(struct world *world)
{
    struct random random;
    random_init(&random, test_seed());
    *world = (struct world){.high = memory_alloc(ROWS, STRIDE), .factors = memory_alloc(ROWS, sizeof(float))};
    world->lists = memory_alloc((size_t)ROWS * WIDTH, sizeof(uint32_t));
    memset(world->lists, 0xFF, (size_t)ROWS * WIDTH * sizeof(uint32_t)); /* VECTOR_NONE */
    world->question[0] = 1;
    for (uint32_t row = 0; row < ROWS; row++) {
        world->factors[row] = 1;
        /* the first ones are the best, so that they are looked at first */
        world->high[row * STRIDE] = (int8_t)(row < LISTS ? 127 - row : random_below(&random, 100));
        for (uint32_t i = 0; i < WIDTH && row < LISTS; i++)
            world->lists[row * WIDTH + i] = 1 + row * WIDTH + i;
    }
    world->space = (struct vector_space){world->high, world->factors, STRIDE};
    world->graph = (struct vector_graph){.lists = {world->lists}, .counts = {ROWS}, .links = LINKS};
    assert_true(vector_walk_reserve(&world->walk, ROWS, ROWS));
}

static void end(struct world *world)
{
    vector_walk_release(&world->walk);
    free(world->high);
    free(world->factors);
    free(world->lists);
}

static void start(struct world *world, size_t breadth)
{
    const uint32_t first = 0;
    vector_walk_start(&world->walk, breadth, NULL);
    vector_walk_meet(&world->walk, &world->space, world->question, &first, 1);
}

/* That the best are kept, best first, equal ones by ascending row. */
static void expect_best(const struct world *world, size_t count)
{
    assert_int_equal(world->walk.count, count);
    size_t at = 0;
    for (int score = 127; score >= 0; score--)
        for (uint32_t row = 0; row < ROWS && at < count; row++)
            if (world->high[row * STRIDE] == score) {
                uint32_t kept = world->walk.met[at++].row & ~VECTOR_LOOKED;
                if (kept != row)
                    fail_msg("place %zu of %zu has row %u, expected %u (seed %llu)", at - 1, count, kept, row,
                             (unsigned long long)test_seed());
            }
}

static void all_of_long_lists(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    const size_t breadths[] = {NARROW, WIDE};
    for (size_t i = 0; i < ARRAY_COUNT(breadths); i++) {
        start(&world, breadths[i]);
        vector_walk_level(&world.walk, &world.space, &world.graph, 0, world.question, SIZE_MAX);
        expect_best(&world, breadths[i]);
        for (size_t at = 0; at < world.walk.count; at++)
            assert_true((world.walk.met[at].row & VECTOR_LOOKED) != 0);
    }
    end(&world);
}

/* No more rows are looked at than it was asked for, and then it goes on. */
static void as_many_as_asked(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (size_t looks = 1; looks < LISTS; looks++) {
        start(&world, WIDE);
        vector_walk_level(&world.walk, &world.space, &world.graph, 0, world.question, looks);
        size_t looked = 0;
        for (size_t at = 0; at < world.walk.count; at++)
            looked += (world.walk.met[at].row & VECTOR_LOOKED) != 0;
        assert_int_equal(looked, looks);
        assert_int_equal(world.walk.count, 1 + looks * WIDTH);
        vector_walk_level(&world.walk, &world.space, &world.graph, 0, world.question, SIZE_MAX);
        expect_best(&world, WIDE);
    }
    end(&world);
}

/* Of many equal rows the first ones stay. */
static void equal_ones(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    for (uint32_t row = 0; row < ROWS; row++)
        world.high[row * STRIDE] = 1;
    start(&world, WIDTH);
    vector_walk_level(&world.walk, &world.space, &world.graph, 0, world.question, SIZE_MAX);
    expect_best(&world, WIDTH);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_long_lists),
        cmocka_unit_test(as_many_as_asked),
        cmocka_unit_test(equal_ones),
    };
    return cmocka_run_group_tests_name("index_walk", tests, NULL, NULL);
}
