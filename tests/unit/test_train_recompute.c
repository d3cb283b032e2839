/* test_train_recompute.c - activations made again on the way back: the same loss and gradients, and the same weights in the end, to the last bit. */
#include "kernel/kernel.h"
#include "tiny_model.h"
#include "train_world.h"
#include <string.h>

enum { TARGET = 5, STEPS = 4 };

/* What every task wants of an example; each takes its own. */
struct wanted {
    float targets[EXAMPLES];
    struct train_range ranges[EXAMPLES];
    uint32_t tokens[EXAMPLES][TARGET];
    struct slice negative;
};

static void want(struct world *world, struct wanted *wanted, enum train_task task)
{
    static const char *const seconds[] = {"w7 w2", "w1 w9 w4 w4", "w3 w1", "w10 w2 w5"};
    wanted->negative = SLICE("w12 w3 w1");
    world_wants(world, wanted->tokens);
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct train_example *example = &world->examples[i];
        wanted->targets[i] = i % 2 == 0 ? 1 : 0;
        wanted->ranges[i] = (struct train_range){0, 2, 0};
        example->targets = &wanted->targets[i];
        example->ranges = &wanted->ranges[i];
        example->range_count = i % 3 == 2 ? 0 : 1;
        example->negatives = &wanted->negative;
        example->negative_count = i % 2;
        example->second = task == TRAIN_CLASSIFY ? (struct slice){0} : slice_from(seconds[i % ARRAY_COUNT(seconds)]);
    }
}

struct kind {
    enum train_task task;
    enum train_scope scope;
    bool weight_decomposed;
};
static const struct kind kinds[] = {{TRAIN_CLASSIFY, TRAIN_ALL, false}, {TRAIN_CLASSIFY, TRAIN_LORA, false},
                                    {TRAIN_SPAN, TRAIN_LORA, false},    {TRAIN_SPAN, TRAIN_LORA, true},
                                    {TRAIN_RANK, TRAIN_LORA, false},    {TRAIN_EMBED, TRAIN_LORA, false},
                                    {TRAIN_WRITE, TRAIN_LORA, false}};

static struct train_recipe recipe_of(const struct kind *kind, enum model_precision precision)
{
    static const char *const targets[] = {"all-linear"};
    return (struct train_recipe){.task = kind->task,
                                 .outputs = kind->task == TRAIN_CLASSIFY ? LABELS : 0,
                                 .scope = kind->scope,
                                 .precision = precision,
                                 .lora = {.rank = 4,
                                          .dropout = 0.2F,
                                          .weight_decomposed = kind->weight_decomposed,
                                          .targets = targets,
                                          .target_count = ARRAY_COUNT(targets)},
                                 .dropout = 0.2F,
                                 .learning_rate = 0.01F,
                                 .batch_examples = 4,
                                 .steps_max = STEPS,
                                 .checkpoint_steps = 1,
                                 .seed = 3};
}

/* Wide enough for products of bf16. */
static struct world wide_world(void)
{
    struct world world = world_create();
    tiny_model_write_wide(world.base, 5, 128);
    return world;
}

static void compare_gradients(struct trainer *kept, struct trainer *made, const struct world *world)
{
    const double losses[2] = {world_loss(kept, world), world_loss(made, world)};
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
    struct world world = wide_world();
    struct wanted wanted;
    for (size_t i = 0; i < 2 * ARRAY_COUNT(kinds); i++) {
        const struct kind *kind = &kinds[i / 2];
        if (precisions[i % 2] == MODEL_BF16 && !gemm_has_bf16())
            continue;
        struct train_recipe recipe = recipe_of(kind, precisions[i % 2]);
        want(&world, &wanted, kind->task);
        struct trainer *kept = world_trainer(&world, &recipe, NULL, NULL);
        recipe.recompute = true;
        struct trainer *made = world_trainer(&world, &recipe, NULL, NULL);
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
static struct trainer *train(struct world *world, struct train_recipe recipe, const char *name, bool first, bool second)
{
    struct error error = {0};
    struct train_result result;
    const struct train_calls stops = {.progress = stop_in_the_middle};
    const char *folder = path_join(&world->arena, world->folder, name);
    recipe.recompute = first;
    struct trainer *trainer = world_trainer(world, &recipe, folder, NULL);
    if (first != second) {
        assert_false(trainer_run(trainer, world->examples, EXAMPLES, false, &stops, &result, &error));
        assert_int_equal(error.kind, ERROR_CANCELLED);
        trainer_free(trainer);
        recipe.recompute = second;
        trainer = world_trainer(world, &recipe, folder, NULL);
    }
    expect_ok(trainer_run(trainer, world->examples, EXAMPLES, first != second, NULL, &result, &error), &error);
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
    struct world world = wide_world();
    struct wanted wanted;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        const struct train_recipe recipe = recipe_of(&kinds[i], MODEL_F32);
        want(&world, &wanted, kinds[i].task);
        struct trainer *kept = train(&world, recipe, arena_format(&world.arena, "kept-%zu", i), false, false), *started;
        started = world_trainer(&world, &recipe, NULL, NULL);
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
