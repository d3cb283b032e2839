/* test_train_recompute.c - activations made again on the way back: the same loss and gradients, and the same weights in the end, to the last bit. */
#include "compare.h"
#include "kernel/kernel.h"
#include "tiny_model.h"
#include "train/train.h"
#include <string.h>

enum { EXAMPLES = 6, TARGET = 3, STEPS = 4 };

static const char *const firsts[EXAMPLES] = {"w1 w2 w3", "w4", "w5 w1 w9 w2 w7", "w8 w3", "w11 w2", "w6 w6 w0"};
static const char *const seconds[EXAMPLES] = {"w7 w2", "w1 w9 w4 w4", "w3", "w10 w2 w5", "w13 w1", "w8 w14"};

/* What every task wants of an example; each takes its own. */
struct wanted {
    struct train_example examples[EXAMPLES];
    float targets[EXAMPLES];
    struct train_range ranges[EXAMPLES];
    uint32_t tokens[EXAMPLES][TARGET];
    struct slice negative;
};

static void want(struct wanted *wanted, enum train_task task)
{
    enum { FIRST_WORD = 5, WORDS = 15 };
    wanted->negative = SLICE("w12 w3 w1");
    for (size_t i = 0; i < EXAMPLES; i++) {
        wanted->targets[i] = i % 2 == 0 ? 1 : 0;
        wanted->ranges[i] = (struct train_range){0, 2, 0};
        for (size_t t = 0; t < TARGET; t++)
            wanted->tokens[i][t] = FIRST_WORD + (uint32_t)((3 * i + 2 * t) % WORDS);
        wanted->examples[i] = (struct train_example){.first = slice_from(firsts[i]),
                                                     .label = i % 2,
                                                     .targets = &wanted->targets[i],
                                                     .ranges = &wanted->ranges[i],
                                                     .range_count = i % 3 == 2 ? 0 : 1,
                                                     .target = wanted->tokens[i],
                                                     .target_count = i % (TARGET + 1),
                                                     .negatives = &wanted->negative,
                                                     .negative_count = i % 2};
        if (task != TRAIN_CLASSIFY)
            wanted->examples[i].second = slice_from(seconds[i]);
    }
}

struct kind {
    enum train_task task;
    enum train_scope scope;
};
static const struct kind kinds[] = {{TRAIN_CLASSIFY, TRAIN_ALL}, {TRAIN_CLASSIFY, TRAIN_LORA}, {TRAIN_SPAN, TRAIN_LORA},
                                    {TRAIN_RANK, TRAIN_LORA},    {TRAIN_EMBED, TRAIN_LORA},    {TRAIN_WRITE, TRAIN_LORA}};

static struct train_recipe recipe_of(const struct kind *kind, enum model_precision precision)
{
    static const char *const targets[] = {"all-linear"};
    return (struct train_recipe){.task = kind->task,
                                 .outputs = kind->task == TRAIN_CLASSIFY ? 2 : 0,
                                 .scope = kind->scope,
                                 .precision = precision,
                                 .lora = {.rank = 4, .dropout = 0.2F, .targets = targets, .target_count = ARRAY_COUNT(targets)},
                                 .dropout = 0.2F,
                                 .learning_rate = 0.01F,
                                 .batch_examples = 4,
                                 .steps_max = STEPS,
                                 .checkpoint_steps = 1,
                                 .seed = 3};
}

struct world {
    char *folder;
    struct arena arena;
    const char *base;
    struct pool *pool;
    struct wanted wanted;
};

static struct world world_create(void)
{
    struct world world = {.folder = test_folder_create(), .pool = pool_create(2)};
    arena_init(&world.arena);
    world.base = path_join(&world.arena, world.folder, "base");
    tiny_model_write_wide(world.base, 5, 128);
    return world;
}

static void world_remove(struct world *world)
{
    pool_free(world->pool);
    arena_release(&world->arena);
    test_folder_remove(world->folder);
}

static struct trainer *create(const struct world *world, const struct train_recipe *recipe, const char *folder)
{
    struct error error = {0};
    struct trainer *trainer = NULL;
    const struct trainer_options options = {.base = world->base, .pool = world->pool, .folder = folder};
    expect_ok(trainer_create(&trainer, recipe, &options, &error), &error);
    return trainer;
}

static double loss_of(struct trainer *trainer, const struct world *world)
{
    struct error error = {0};
    double loss = 0;
    expect_ok(trainer_gradients(trainer, world->wanted.examples, EXAMPLES, &loss, &error), &error);
    return loss;
}

static void compare_gradients(struct trainer *kept, struct trainer *made, const struct world *world)
{
    const double losses[2] = {loss_of(kept, world), loss_of(made, world)};
    assert_memory_equal(&losses[0], &losses[1], sizeof(losses[0]));
    size_t tensors = 0, falling = 0;
    for (; trainer_learned(kept, tensors) != NULL; tensors++) {
        const struct parameter *one = trainer_learned(kept, tensors), *other = trainer_learned(made, tensors);
        assert_memory_equal(one->gradients, other->gradients, one->count * sizeof(float));
        for (size_t j = 0; j < one->count; j++)
            falling += one->gradients[j] < 0;
    }
    assert_true(tensors > 4 && falling > 0);
}

/* What is made again is made of the same numbers, with the same ones dropped. */
static void same_gradients(void **state)
{
    (void)state;
    static const enum model_precision precisions[] = {MODEL_F32, MODEL_BF16};
    struct world world = world_create();
    for (size_t i = 0; i < 2 * ARRAY_COUNT(kinds); i++) {
        const struct kind *kind = &kinds[i / 2];
        if (precisions[i % 2] == MODEL_BF16 && !gemm_has_bf16())
            continue;
        struct train_recipe recipe = recipe_of(kind, precisions[i % 2]);
        want(&world.wanted, kind->task);
        struct trainer *kept = create(&world, &recipe, NULL);
        recipe.recompute = true;
        struct trainer *made = create(&world, &recipe, NULL);
        compare_gradients(kept, made, &world);
        trainer_free(kept);
        trainer_free(made);
    }
    world_remove(&world);
}

static bool stop_in_the_middle(void *context, const struct train_progress *progress)
{
    (void)context;
    return progress->step < STEPS / 2;
}

/* Trains: all at once, or stopped on its way and gone on with, `first` recomputing or not, then `second`. */
static struct trainer *train(const struct world *world, struct train_recipe recipe, const char *name, bool first, bool second)
{
    struct error error = {0};
    struct train_result result;
    const struct train_calls stops = {.progress = stop_in_the_middle};
    const char *folder = path_join((struct arena *)(uintptr_t)&world->arena, world->folder, name);
    recipe.recompute = first;
    struct trainer *trainer = create(world, &recipe, folder);
    if (first != second) {
        assert_false(trainer_run(trainer, world->wanted.examples, EXAMPLES, false, &stops, &result, &error));
        assert_int_equal(error.kind, ERROR_CANCELLED);
        trainer_free(trainer);
        recipe.recompute = second;
        trainer = create(world, &recipe, folder);
    }
    expect_ok(trainer_run(trainer, world->wanted.examples, EXAMPLES, first != second, NULL, &result, &error), &error);
    assert_int_equal(result.steps, STEPS);
    return trainer;
}

static void same_weights(struct trainer *one, struct trainer *other)
{
    for (size_t i = 0; trainer_learned(one, i) != NULL; i++)
        assert_memory_equal(trainer_learned(one, i)->values, trainer_learned(other, i)->values,
                            trainer_learned(one, i)->count * sizeof(float));
    trainer_free(other);
}

static void same_weights_in_the_end(void **state)
{
    (void)state;
    struct world world = world_create();
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        const struct train_recipe recipe = recipe_of(&kinds[i], MODEL_F32);
        want(&world.wanted, kinds[i].task);
        struct trainer *kept = train(&world, recipe, arena_format(&world.arena, "kept-%zu", i), false, false), *started;
        started = create(&world, &recipe, NULL);
        assert_memory_not_equal(trainer_learned(kept, 0)->values, trainer_learned(started, 0)->values,
                                trainer_learned(kept, 0)->count * sizeof(float)); /* it has learned */
        trainer_free(started);
        same_weights(kept, train(&world, recipe, arena_format(&world.arena, "made-%zu", i), true, true));
        same_weights(kept, train(&world, recipe, arena_format(&world.arena, "on-%zu", i), false, true));
        same_weights(kept, train(&world, recipe, arena_format(&world.arena, "off-%zu", i), true, false));
        trainer_free(kept);
    }
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_gradients), cmocka_unit_test(same_weights_in_the_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
