/* test_ranker.c - scores of pairs as the trainer gives them, the same in every company, and folders that are no rerankers. */
#include "ranker/ranker.h"
#include "compare.h"
#include "tiny_model.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

struct world {
    char *folder;
    struct arena arena;
    char *base, *adapter;
    struct pool *pool;
};

static const float yes[] = {1}, no[] = {0};
static const struct train_example examples[] = {
    {.first = SLICE_CONSTANT("w1 w2"), .second = SLICE_CONSTANT("w3 w1 w2"), .targets = yes},
    {.first = SLICE_CONSTANT("w1 w2"), .second = SLICE_CONSTANT("w7 w8 w9 w4"), .targets = no},
    {.first = SLICE_CONSTANT("w6"), .second = SLICE_CONSTANT("w6 w5"), .targets = yes},
    {.first = SLICE_CONSTANT("w6"), .second = SLICE_CONSTANT("w1 w1"), .targets = no},
};

/* A base and a reranker that has learned a little; what it says of the examples is in `said`. */
static struct world world_create(float said[ARRAY_COUNT(examples)], enum train_task task)
{
    struct world world = {.folder = test_folder_create(), .pool = pool_create(2)};
    struct error error = {0};
    struct trainer *trainer = NULL;
    struct train_result result;
    static const char *const targets[] = {"all-linear"};
    const struct train_recipe recipe = {.task = task,
                                        .scope = TRAIN_LORA,
                                        .precision = MODEL_F32,
                                        .mean_pooling = true,
                                        .lora = {.rank = 2, .targets = targets, .target_count = 1},
                                        .epochs = 8,
                                        .learning_rate = 0.02F,
                                        .seed = 3};
    arena_init(&world.arena);
    world.base = path_join(&world.arena, world.folder, "base");
    world.adapter = path_join(&world.arena, world.folder, "adapter");
    tiny_model_write(world.base, 5);
    const struct trainer_options options = {.base = world.base, .pool = world.pool};
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_run(trainer, examples, ARRAY_COUNT(examples), false, NULL, &result, &error), &error);
    if (task == TRAIN_RANK)
        expect_ok(trainer_predict(trainer, examples, ARRAY_COUNT(examples), said, &error), &error);
    expect_ok(trainer_save(trainer, world.adapter, &error), &error);
    trainer_free(trainer);
    return world;
}

static void world_remove(struct world *world)
{
    pool_free(world->pool);
    arena_release(&world->arena);
    test_folder_remove(world->folder);
}

static struct ranker *open_ranker(const struct world *world, struct pool *pool)
{
    struct ranker *ranker = NULL;
    struct error error = {0};
    const struct ranker_options options = {world->base, world->adapter, MODEL_F32, pool};
    expect_ok(ranker_open(&ranker, &options, &error), &error);
    return ranker;
}

static void scores_are_the_trainers(void **state)
{
    (void)state;
    float said[ARRAY_COUNT(examples)] = {0}, score = 0;
    struct world world = world_create(said, TRAIN_RANK);
    struct ranker *ranker = open_ranker(&world, world.pool);
    struct error error = {0};
    assert_string_equal(ranker_name(ranker), world.adapter);
    for (size_t i = 0; i < ARRAY_COUNT(examples); i++) {
        expect_ok(ranker_score(ranker, examples[i].first, &examples[i].second, 1, &score, &error), &error);
        assert_true(fabsf(score - said[i]) <= 1e-4F * (1 + fabsf(said[i])));
        double chance = ranker_chance(score);
        assert_true(chance > 0 && chance < 1 && (chance > 0.5) == (score > 0));
    }
    assert_true(said[0] > said[1] && said[2] > said[3]); /* it has learned */
    ranker_close(ranker);
    world_remove(&world);
}

static void company_and_threads_change_nothing(void **state)
{
    (void)state;
    float said[ARRAY_COUNT(examples)], together[40], alone = 0;
    struct world world = world_create(said, TRAIN_RANK);
    struct pool *single = pool_create(1);
    struct ranker *ranker = open_ranker(&world, world.pool), *other = open_ranker(&world, single);
    struct slice passages[ARRAY_COUNT(together)];
    struct error error = {0};
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < ARRAY_COUNT(together); i++) { /* some longer than the model reads, one empty */
        struct buffer text;
        buffer_init(&text, MIB);
        for (size_t words = i * 2 % 37; words > 0; words--)
            buffer_format(&text, "w%d ", (int)random_below(&random, 15));
        passages[i] = arena_slice(&world.arena, buffer_slice(&text));
        buffer_release(&text);
    }
    expect_ok(ranker_score(ranker, SLICE("w4 w2"), passages, ARRAY_COUNT(passages), together, &error), &error);
    for (size_t i = 0; i < ARRAY_COUNT(together); i++) {
        expect_ok(ranker_score(other, SLICE("w4 w2"), &passages[i], 1, &alone, &error), &error);
        assert_memory_equal(&alone, &together[i], sizeof(alone));
    }
    expect_ok(ranker_score(ranker, SLICE("w4 w2"), passages, 0, together, &error), &error);
    ranker_close(other);
    ranker_close(ranker);
    ranker_close(NULL);
    pool_free(single);
    world_remove(&world);
}

static void what_is_no_reranker_is_refused(void **state)
{
    (void)state;
    float said[ARRAY_COUNT(examples)];
    struct world world = world_create(said, TRAIN_EMBED);
    struct ranker *ranker = NULL;
    struct error error = {0};
    const struct ranker_options vectors = {world.base, world.adapter, MODEL_F32, world.pool};
    expect_error(ranker_open(&ranker, &vectors, &error), &error, ERROR_INVALID, "has no head that scores pairs");
    const struct ranker_options nowhere = {world.base, "/nowhere/at/all", MODEL_F32, world.pool};
    expect_error(ranker_open(&ranker, &nowhere, &error), &error, ERROR_NOT_FOUND,
                 "could not open reranker \"/nowhere/at/all\"");
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scores_are_the_trainers),
                                       cmocka_unit_test(company_and_threads_change_nothing),
                                       cmocka_unit_test(what_is_no_reranker_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
