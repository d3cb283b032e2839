/* test_train.c - training a tiny encoder: every gradient against differences of losses, runs that are ended and resumed, adapters. */
#include "compare.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "model/trainable.h"
#include "tiny_model.h"
#include "train/train.h"
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXAMPLES = 11, LABELS = 3 };

struct world {
    char *folder;
    struct arena arena;
    char *base;
    struct pool *pool;
    double slack; /* of gradients, where the loss has kinks */
    struct train_example examples[EXAMPLES];
};

static const float targets[EXAMPLES][LABELS] = {{1, 0, 1}, {0, 1, 0}, {0.5F, 0, 1}, {0, 0, 0}, {1, 1, 1}, {0, 1, 1},
                                                {1, 0, 0}, {0, 0, 1}, {1, 1, 0},    {0, 1, 0}, {1, 0, 1}};

static char *random_text(struct world *world, struct random *random)
{
    const char *text = "";
    for (size_t words = 1 + random_below(random, 7); words > 0; words--)
        text = arena_format(&world->arena, "%s%sw%d", text, *text != '\0' ? " " : "", (int)random_below(random, 15));
    return arena_text(&world->arena, slice_from(text));
}

static struct world world_create(void)
{
    struct world world = {.folder = test_folder_create(), .pool = pool_create(2), .slack = 1};
    struct random random;
    arena_init(&world.arena);
    world.base = path_join(&world.arena, world.folder, "base");
    tiny_model_write(world.base, 5);
    random_init(&random, 7);
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i] = (struct train_example){.first = slice_from(random_text(&world, &random)),
                                                   .label = i % LABELS,
                                                   .targets = targets[i],
                                                   .weight = i == 2 ? 2 : 0};
    return world;
}

static void world_remove(struct world *world)
{
    pool_free(world->pool);
    arena_release(&world->arena);
    test_folder_remove(world->folder);
}

static struct trainer *create(const struct world *world, const struct train_recipe *recipe, const char *folder,
                              const char *adapter)
{
    struct error error = {0};
    struct trainer *trainer = NULL;
    struct trainer_options options = {.base = world->base, .pool = world->pool, .folder = folder, .adapter = adapter};
    expect_ok(trainer_create(&trainer, recipe, &options, &error), &error);
    return trainer;
}

/* ---- gradients ---- */

static double loss_of(struct trainer *trainer, const struct world *world)
{
    struct error error = {0};
    double loss;
    expect_ok(trainer_gradients(trainer, world->examples, EXAMPLES, &loss, &error), &error);
    return loss;
}

/* Along a direction that is half the gradient's and half chance, the loss must rise as the gradient says. */
static void check_tensor(struct trainer *trainer, const struct world *world, const struct parameter *parameter,
                         const float *gradient, struct random *random)
{
    float *direction = memory_alloc(parameter->count, sizeof(float)), *kept = memory_alloc(parameter->count, sizeof(float));
    double length = 0, along = 0, losses[2];
    memcpy(kept, parameter->values, parameter->count * sizeof(float));
    for (size_t i = 0; i < parameter->count; i++)
        length += (double)gradient[i] * (double)gradient[i];
    length = sqrt(length);
    for (size_t i = 0; i < parameter->count; i++) {
        double chance = (random_unit(random) - 0.5) / sqrt((double)parameter->count);
        direction[i] = (float)((length > 1e-9 ? (double)gradient[i] / length : 0) + chance);
        along += (double)direction[i] * (double)gradient[i];
    }
    const double step = 4e-3;
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < parameter->count; i++)
            parameter->values[i] = kept[i] + (float)(side == 0 ? -step : step) * direction[i];
        losses[side] = loss_of(trainer, world);
    }
    memcpy(parameter->values, kept, parameter->count * sizeof(float));
    double found = (losses[1] - losses[0]) / (2 * step);
    if (!(fabs(found - along) <= 0.01 * world->slack * length + 2e-4))
        fail_msg("%s: the loss rises by %.6g, the gradient says %.6g", parameter->name, found, along);
    free(direction);
    free(kept);
}

static void check_gradients(const struct world *world, const struct train_recipe *recipe)
{
    struct trainer *trainer = create(world, recipe, NULL, NULL);
    const struct parameter *parameter;
    struct random random;
    size_t tensors = 0, moving = 0;
    random_init(&random, 3);
    for (; (parameter = trainer_learned(trainer, tensors)) != NULL;
         tensors++) { /* so that no gradient is 0 for lack of a start */
        struct slice name = slice_from(parameter->name);
        for (size_t i = 0; i < parameter->count && slice_ends_with(name, SLICE("lora_B.weight")); i++)
            parameter->values[i] = (float)(random_unit(&random) - 0.5);
    }
    float **gradients = memory_alloc(tensors, sizeof(*gradients));
    (void)loss_of(trainer, world);
    for (size_t i = 0; i < tensors; i++) {
        parameter = trainer_learned(trainer, i);
        gradients[i] = memory_alloc(parameter->count, sizeof(float));
        memcpy(gradients[i], parameter->gradients, parameter->count * sizeof(float));
        for (size_t j = 0; j < parameter->count; j++)
            if (gradients[i][j] != 0) {
                moving++;
                break;
            }
    }
    assert_true(moving > tensors / 2);
    for (size_t i = 0; i < tensors; i++) {
        check_tensor(trainer, world, trainer_learned(trainer, i), gradients[i], &random);
        free(gradients[i]);
    }
    free(gradients);
    trainer_free(trainer);
}

static struct train_recipe recipe_of(enum train_task task, enum train_scope scope)
{
    return (struct train_recipe){.task = task,
                                 .scope = scope,
                                 .outputs = LABELS,
                                 .precision = MODEL_F32,
                                 .epochs = 4,
                                 .batch_examples = 4,
                                 .learning_rate = 0.01F,
                                 .lora = {.rank = 2},
                                 .seed = 9};
}

static void gradients_of_labels(void **state)
{
    (void)state;
    static const float class_weights[LABELS] = {1, 2, 0.5F};
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_ALL);
    recipe.dropout = 0.1F;
    recipe.label_smoothing = 0.1F;
    recipe.class_weights = class_weights;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_LORA;
    recipe.lora.dropout = 0.2F;
    recipe.lora.rank_stabilised = true;
    recipe.lora.targets = (const char *const[]){"all-linear"};
    recipe.lora.target_count = 1;
    recipe.label_smoothing = 0;
    recipe.focal_gamma = 2;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_HEAD;
    recipe.mean_pooling = true;
    check_gradients(&world, &recipe);
    world_remove(&world);
}

static void gradients_of_other_tasks(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY_MANY, TRAIN_ALL);
    recipe.mean_pooling = true;
    check_gradients(&world, &recipe);
    recipe.focal_gamma = 2; /* for targets 0 and 1 alone */
    world.examples[2].targets = targets[0];
    check_gradients(&world, &recipe);
    recipe.focal_gamma = 0;
    recipe.task = TRAIN_REGRESS;
    check_gradients(&world, &recipe);
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i].second = SLICE("w3 w1 w8");
    recipe.task = TRAIN_RANK;
    recipe.mean_pooling = false;
    check_gradients(&world, &recipe);
    struct slice negatives[] = {SLICE("w9 w2"), SLICE("w4")};
    world.examples[1].negatives = negatives;
    world.examples[1].negative_count = 2;
    world.examples[2].second = SLICE("w7 w2"); /* the others stay the same text, which is no negative */
    recipe.task = TRAIN_EMBED;
    recipe.temperature = 0.3F;
    check_gradients(&world, &recipe);
    recipe.widths[0] = TINY_HIDDEN / 2;
    check_gradients(&world, &recipe);
    world_remove(&world);
}

/* Each part of a vector is learned once, whatever order a caller names them in: it is refused. */
static void widths_rise(void **state)
{
    (void)state;
    static const size_t wrong[][3] = {{TINY_HIDDEN / 2, TINY_HIDDEN / 4}, {TINY_HIDDEN / 2, TINY_HIDDEN / 2}, {TINY_HIDDEN}};
    struct world world = world_create();
    struct error error = {0};
    struct trainer *trainer = NULL;
    const struct trainer_options options = {.base = world.base, .pool = world.pool};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct train_recipe recipe = recipe_of(TRAIN_EMBED, TRAIN_LORA);
        memcpy(recipe.widths, wrong[i], sizeof(wrong[i]));
        expect_error(trainer_create(&trainer, &recipe, &options, &error), &error, ERROR_INVALID, "a part of");
    }
    world_remove(&world);
}

/* Two questions with one answer are not told apart by it; with two they are. */
static void the_same_answer_is_no_negative(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_EMBED, TRAIN_LORA);
    struct error error = {0};
    double loss = -1;
    world.examples[0].second = world.examples[1].second = SLICE("w3 w1 w8");
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    expect_ok(trainer_gradients(trainer, world.examples, 2, &loss, &error), &error);
    assert_true(loss == 0);
    world.examples[1].second = SLICE("w3 w1");
    expect_ok(trainer_gradients(trainer, world.examples, 2, &loss, &error), &error);
    assert_true(loss > 0);
    trainer_free(trainer);
    world_remove(&world);
}

static void gradients_of_tokens(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_range ranges[EXAMPLES];
    struct train_recipe recipe = recipe_of(TRAIN_TAG, TRAIN_ALL);
    for (size_t i = 0; i < EXAMPLES; i++) {
        ranges[i] = (struct train_range){0, 2, 1 + i % 2};
        world.examples[i].ranges = &ranges[i];
        world.examples[i].range_count = 1;
    }
    check_gradients(&world, &recipe);
    recipe.task = TRAIN_SPAN;
    for (size_t i = 0; i < EXAMPLES; i++) {
        world.examples[i].second = SLICE("w3 w1 w8 w2");
        ranges[i] = (struct train_range){3 * (i % 3), 3 * (i % 3) + 5, 0};
        world.examples[i].range_count = i % 4 == 3 ? 0 : 1;
    }
    check_gradients(&world, &recipe);
    world_remove(&world);
}

/* Targets of up to five tokens, some of them in the source, and none. */
static void want_targets(struct world *world, uint32_t wanted[EXAMPLES][5])
{
    enum { FIRST_WORD = 5 };
    for (size_t i = 0; i < EXAMPLES; i++) {
        for (size_t t = 0; t < 5; t++)
            wanted[i][t] = FIRST_WORD + (uint32_t)((i * 3 + t * 2) % 15);
        world->examples[i].second = i % 3 == 2 ? (struct slice){0} : SLICE("w3 w1 w8 w2");
        world->examples[i].target = wanted[i];
        world->examples[i].target_count = i % 6;
    }
}

static void gradients_of_writers(void **state)
{
    (void)state;
    struct world world = world_create();
    uint32_t wanted[EXAMPLES][5];
    struct train_recipe recipe = recipe_of(TRAIN_WRITE, TRAIN_ALL);
    want_targets(&world, wanted);
    check_gradients(&world, &recipe);
    recipe.label_smoothing = 0.1F;
    recipe.dropout = 0.1F;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_LORA;
    recipe.lora.targets = (const char *const[]){"all-linear"};
    recipe.lora.target_count = 1;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_HEAD;
    check_gradients(&world, &recipe);
    world_remove(&world);
}

/* Additions get a second factor other than 0, the same for the same names. */
static struct trainer *create_moving(const struct world *world, const struct train_recipe *recipe)
{
    struct trainer *trainer = create(world, recipe, NULL, NULL);
    const struct parameter *parameter;
    struct random random;
    random_init(&random, 3);
    for (size_t t = 0; (parameter = trainer_learned(trainer, t)) != NULL; t++)
        for (size_t i = 0; i < parameter->count && slice_ends_with(slice_from(parameter->name), SLICE("lora_B.weight")); i++)
            parameter->values[i] = (float)(random_unit(&random) - 0.5) / 8;
    return trainer;
}

/* Gradients in bf16 are near those in f32: of all tensors together within 2 %, of each within 10 % of it and 1 % of the longest. */
static void compare_precisions(const struct world *world, struct train_recipe recipe, const char *what)
{
    struct trainer *exact = create_moving(world, &recipe), *rounded;
    const struct parameter *wanted, *got;
    double losses[2], apart = 0, length = 0, longest = 0;
    recipe.precision = MODEL_BF16;
    rounded = create_moving(world, &recipe);
    losses[0] = loss_of(exact, world);
    losses[1] = loss_of(rounded, world);
    if (!(fabs(losses[0] - losses[1]) <= 0.02 * losses[0]))
        fail_msg("%s: loss %g in bf16, %g in f32", what, losses[1], losses[0]);
    for (size_t t = 0; (wanted = trainer_learned(exact, t)) != NULL; t++)
        longest = fmax(longest, sqrt((double)kernels()->dot(wanted->gradients, wanted->gradients, wanted->count)));
    for (size_t t = 0; (wanted = trainer_learned(exact, t)) != NULL; t++) {
        double off = 0, own = 0;
        got = trainer_learned(rounded, t);
        for (size_t i = 0; i < wanted->count; i++) {
            double difference = (double)got->gradients[i] - (double)wanted->gradients[i];
            off += difference * difference;
            own += (double)wanted->gradients[i] * (double)wanted->gradients[i];
        }
        if (!(sqrt(off) <= 0.1 * sqrt(own) + 0.01 * longest))
            fail_msg("%s: %s is %.4g off, its length is %.4g", what, wanted->name, sqrt(off), sqrt(own));
        apart += off;
        length += own;
    }
    if (!(sqrt(apart) <= 0.02 * sqrt(length)))
        fail_msg("%s: all are %.4g off, their length is %.4g", what, sqrt(apart), sqrt(length));
    trainer_free(exact);
    trainer_free(rounded);
}

static void gradients_in_bf16(void **state)
{
    (void)state;
    static const size_t ranks[] = {0, 8, 64};
    if (!gemm_has_bf16())
        skip();
    struct world world = world_create();
    char what[64];
    world.base = path_join(&world.arena, world.folder, "wide");
    tiny_model_write_wide(world.base, 5, 128);
    for (size_t r = 0; r < ARRAY_COUNT(ranks); r++)
        for (size_t drops = 0; drops < 2; drops++) {
            struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, ranks[r] == 0 ? TRAIN_ALL : TRAIN_LORA);
            recipe.dropout = drops ? 0.2F : 0;
            recipe.lora.rank = ranks[r];
            recipe.lora.dropout = drops ? 0.1F : 0;
            snprintf(what, sizeof(what), "rank %zu, dropout %zu", ranks[r], drops);
            compare_precisions(&world, recipe, what);
        }
    world_remove(&world);
}

/* By each way of pooling the vectors are the model's own, and the gradients right. */
static void vectors_of_each_pooling(void **state)
{
    (void)state;
    static const char *const bases[] = {SOURCE_ROOT "/tests/data/models/bert-max-f16",
                                        SOURCE_ROOT "/tests/data/models/bert-last-head64"};
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_EMBED, TRAIN_LORA);
    struct error error = {0};
    recipe.outputs = 0;
    recipe.temperature = 0.3F;
    for (size_t i = 0; i < EXAMPLES; i++) {
        world.examples[i].first = slice_from(arena_format(&world.arena, "passage %zu into pieces", i * 37));
        world.examples[i].second = slice_from(arena_format(&world.arena, "a vector means %zu", i));
    }
    for (size_t b = 0; b < ARRAY_COUNT(bases); b++) {
        world.base = arena_text(&world.arena, slice_from(bases[b]));
        world.slack = b == 0 ? 8 : 1; /* the largest of a column changes from row to row */
        check_gradients(&world, &recipe);
        struct trainer *trainer = create(&world, &recipe, NULL, NULL);
        size_t width = trainer_outputs(trainer);
        float *ours = memory_alloc(EXAMPLES * width, sizeof(float)), *models = memory_alloc(EXAMPLES * width, sizeof(float));
        struct slice texts[EXAMPLES];
        struct model *model;
        for (size_t i = 0; i < EXAMPLES; i++)
            texts[i] = world.examples[i].first;
        expect_ok(trainer_predict(trainer, world.examples, EXAMPLES, ours, &error), &error);
        struct model_options options = {.precision = MODEL_F32, .pool = world.pool};
        expect_ok(model_open(&model, world.base, &options, &error), &error);
        assert_int_equal(model_info(model)->dimensions, width);
        expect_ok(model_embed(model, texts, EXAMPLES, (struct slice){0}, models, NULL, &error), &error);
        for (size_t i = 0; i < EXAMPLES * width; i += width) {
            double along = 0, length = 0;
            for (size_t k = i; k < i + width; k++) {
                along += (double)ours[k] * (double)models[k];
                length += (double)models[k] * (double)models[k];
            }
            assert_true(along / sqrt(length) > 1 - 1e-5);
        }
        model_close(model);
        trainer_free(trainer);
        free(ours);
        free(models);
    }
    world_remove(&world);
}

/* RoBERTa's tokens are all of one type: where the second text begins is told by what stands between. */
static void spans_without_token_types(void **state)
{
    (void)state;
    static const char *const passages[] = {"the vector is into pieces", "into pieces the vector is",
                                           "is the vector into pieces"};
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_SPAN, TRAIN_ALL);
    struct train_result result;
    struct train_range ranges[3];
    struct train_span spans[3];
    struct error error = {0};
    world.base = arena_text(&world.arena, SLICE(SOURCE_ROOT "/tests/data/models/roberta-mean"));
    recipe.epochs = 60;
    recipe.learning_rate = 3e-3F;
    for (size_t i = 0; i < 3; i++) {
        size_t at = (size_t)(strstr(passages[i], "vector") - passages[i]);
        ranges[i] = (struct train_range){at, at + 6, 0};
        world.examples[i] = (struct train_example){
            .first = SLICE("the"), .second = slice_from(passages[i]), .ranges = &ranges[i], .range_count = 1};
    }
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    expect_ok(trainer_run(trainer, world.examples, 3, false, NULL, &result, &error), &error);
    expect_ok(trainer_predict_spans(trainer, world.examples, 3, spans, &error), &error);
    for (size_t i = 0; i < 3; i++) {
        assert_true(spans[i].score > 0);
        assert_true(spans[i].start <= ranges[i].start && ranges[i].start - spans[i].start <= 1);
        assert_int_equal(spans[i].end, ranges[i].end);
    }
    trainer_free(trainer);
    world_remove(&world);
}

/* ---- runs ---- */

struct watch {
    size_t stop_after; /* steps; 0: never */
    bool kill;
    double first, last;
    size_t scores;
};

static bool watch_step(void *context, const struct train_progress *progress)
{
    struct watch *watch = context;
    if (progress->step == 1)
        watch->first = progress->loss;
    watch->last = progress->loss;
    if (watch->stop_after != progress->step)
        return true;
    if (watch->kill)
        (void)kill(getpid(), SIGKILL);
    return false;
}

/* Best at the third score. */
static bool watch_score(void *context, struct trainer *trainer, double *score, struct error *error)
{
    struct watch *watch = context;
    (void)trainer;
    (void)error;
    *score = watch->scores == 2 ? 1 : -(double)watch->scores;
    watch->scores++;
    return true;
}

static bool run(struct trainer *trainer, const struct world *world, bool resume, struct watch *watch,
                struct train_result *result)
{
    struct error error = {0};
    struct train_calls calls = {.context = watch, .progress = watch_step};
    bool ok = trainer_run(trainer, world->examples, EXAMPLES, resume, &calls, result, &error);
    if (!ok)
        assert_int_equal(error.kind, ERROR_CANCELLED);
    return ok;
}

static void same_weights(const struct trainer *a, const struct trainer *b)
{
    const struct parameter *one, *other;
    for (size_t i = 0; (one = trainer_learned(a, i)) != NULL; i++) {
        other = trainer_learned(b, i);
        assert_non_null(other);
        assert_memory_equal(one->values, other->values, one->count * sizeof(float));
    }
}

static void it_learns_with_any_threads(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_ALL);
    struct watch watch = {0};
    struct train_result result;
    recipe.epochs = 30;
    recipe.dropout = 0.1F;
    struct trainer *two = create(&world, &recipe, NULL, NULL);
    assert_true(run(two, &world, false, &watch, &result));
    assert_int_equal(result.steps, 90);
    assert_true(watch.last < watch.first / 2);
    struct world alone = world;
    alone.pool = pool_create(1);
    struct trainer *one = create(&alone, &recipe, NULL, NULL);
    assert_true(run(one, &alone, false, &watch, &result));
    same_weights(one, two);
    trainer_free(one);
    pool_free(alone.pool);
    trainer_free(two);
    world_remove(&world);
}

/* In a process of its own, which kills itself; then resumed here. */
static void resume_after_kill(struct world *world, const struct train_recipe *recipe, const struct trainer *whole, size_t step)
{
    char *folder = arena_format(&world->arena, "%s/killed-%zu-%d", world->folder, step, recipe->scope);
    struct watch watch = {.stop_after = step, .kill = true};
    struct train_result result;
    pid_t child = fork();
    if (child == 0) {
        struct world own = *world;
        own.pool = pool_create(1); /* ThreadSanitizer takes no threads behind a fork; the outcome is the same with any number */
        struct trainer *trainer = create(&own, recipe, folder, NULL);
        (void)run(trainer, &own, false, &watch, &result);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct trainer *resumed = create(world, recipe, folder, NULL);
    assert_true(run(resumed, world, true, &(struct watch){0}, &result));
    same_weights(whole, resumed);
    trainer_free(resumed);
}

static void resumed_runs_end_the_same(void **state)
{
    (void)state;
    struct world world = world_create();
    for (int scope = TRAIN_ALL; scope <= TRAIN_HEAD; scope++) {
        struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, (enum train_scope)scope);
        struct train_result result;
        recipe.dropout = 0.1F;
        recipe.schedule = TRAIN_COSINE;
        recipe.warmup = 0.2F;
        recipe.clip = 1;
        recipe.weight_decay = 0.01F;
        recipe.checkpoint_steps = 2;
        struct trainer *whole = create(&world, &recipe, NULL, NULL);
        assert_true(run(whole, &world, false, &(struct watch){0}, &result));
        for (size_t step = 1; step <= 12; step += 2)
            resume_after_kill(&world, &recipe, whole, step);
        trainer_free(whole);
    }
    world_remove(&world);
}

static void checkpoints_of_others_are_refused(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_HEAD);
    struct train_result result;
    struct error error = {0};
    char *folder = path_join(&world.arena, world.folder, "run");
    struct trainer *trainer = create(&world, &recipe, folder, NULL);
    assert_true(run(trainer, &world, false, &(struct watch){0}, &result));
    const char *adapter = path_join(&world.arena, world.folder, "begun");
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    trainer = create(&world, &recipe, folder, adapter);
    assert_false(trainer_run(trainer, world.examples, EXAMPLES, true, NULL, &result, &error));
    assert_int_equal(error.kind, ERROR_CONFLICT);
    trainer_free(trainer);
    recipe.learning_rate = 0.02F;
    trainer = create(&world, &recipe, folder, NULL);
    assert_false(trainer_run(trainer, world.examples, EXAMPLES, true, NULL, &result, &error));
    assert_int_equal(error.kind, ERROR_CONFLICT);
    trainer_free(trainer);
    world_remove(&world);
}

static void resumed_writers_end_the_same(void **state)
{
    (void)state;
    struct world world = world_create();
    uint32_t wanted[EXAMPLES][5];
    struct train_recipe recipe = recipe_of(TRAIN_WRITE, TRAIN_LORA);
    struct train_result result;
    recipe.dropout = 0.1F;
    recipe.checkpoint_steps = 2;
    recipe.label_smoothing = 0.1F;
    want_targets(&world, wanted);
    for (size_t scope = 0; scope < 2; scope++) {
        recipe.scope = scope == 0 ? TRAIN_LORA : TRAIN_ALL;
        struct trainer *whole = create(&world, &recipe, NULL, NULL);
        assert_true(run(whole, &world, false, &(struct watch){0}, &result));
        for (size_t step = 1; step <= 9; step += 4)
            resume_after_kill(&world, &recipe, whole, step);
        trainer_free(whole);
    }
    world_remove(&world);
}

/* Wide enough that matrices have their moments in 8 bits: the losses are near those with moments in f32, and runs that are killed end the same. */
static void moments_in_8_bits(void **state)
{
    (void)state;
    struct world world = world_create();
    world.base = path_join(&world.arena, world.folder, "wide");
    tiny_model_write_wide(world.base, 5, 128);
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_ALL);
    struct train_result result;
    struct watch exact = {0}, small = {0};
    recipe.epochs = 30;
    recipe.learning_rate = 1e-3F;
    recipe.dropout = 0.1F;
    recipe.checkpoint_steps = 2;
    struct trainer *plain = create(&world, &recipe, NULL, NULL);
    assert_true(run(plain, &world, false, &exact, &result));
    recipe.moments_8bit = true;
    struct trainer *whole = create(&world, &recipe, NULL, NULL);
    assert_true(run(whole, &world, false, &small, &result));
    assert_true(small.last < small.first / 2);
    assert_true(fabs(small.last - exact.last) < 0.05 * exact.first);
    size_t changed = 0;
    const struct parameter *one;
    for (size_t i = 0; (one = trainer_learned(plain, i)) != NULL; i++)
        changed += memcmp(one->values, trainer_learned(whole, i)->values, one->count * sizeof(float)) != 0;
    assert_true(changed > 0);
    for (size_t step = 1; step <= 21; step += 5)
        resume_after_kill(&world, &recipe, whole, step);
    recipe.moments_8bit = false; /* its checkpoint is of another recipe */
    char *folder = arena_format(&world.arena, "%s/killed-1-%d", world.folder, recipe.scope);
    struct error error = {0};
    struct trainer *other = create(&world, &recipe, folder, NULL);
    expect_error(trainer_run(other, world.examples, EXAMPLES, true, NULL, &result, &error), &error, ERROR_CONFLICT,
                 "another recipe");
    trainer_free(other);
    trainer_free(whole);
    trainer_free(plain);
    world_remove(&world);
}

/* ---- learning rates ---- */

/* A curve as such sweeps give: flat, falling fastest at 1e-3 per power of ten, least at 1e-2, rising steeply; with noise. */
static void the_steepest_fall_is_found(void **state)
{
    (void)state;
    struct train_rates rates = {.count = TRAIN_RATES};
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < TRAIN_RATES; i++) {
        double power = -6 + 5 * (double)i / (TRAIN_RATES - 1); /* 1e-6 … 0.1 */
        rates.points[i].rate = pow(10, power);
        rates.points[i].raw = 4 - 3 / (1 + exp(-4 * (power + 3))) + (power > -2 ? 20 * (power + 2) * (power + 2) : 0) +
                              0.1 * (random_unit(&random) - 0.5);
    }
    rates_judge(&rates);
    assert_true(rates.suggested > 4e-4 && rates.suggested < 2.5e-3);
    assert_true(fabs(rates.points[50].loss - rates.points[50].raw) < 0.1);
    for (size_t i = 0; i < TRAIN_RATES; i++) /* chance alone */
        rates.points[i].raw = 4 + 0.1 * (random_unit(&random) - 0.5);
    rates_judge(&rates);
    assert_true(rates.suggested == 0);
    rates.count = 0;
    rates_judge(&rates);
    assert_true(rates.suggested == 0);
}

/* The rate that is suggested learns faster than one far below it, and than one far above; looking for it changes nothing. */
static void a_rate_is_found(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_ALL);
    struct train_rates rates;
    struct train_result result;
    struct error error = {0};
    char *folder = arena_format(&world.arena, "%s/looking", world.folder);
    struct trainer *looking = create(&world, &recipe, folder, NULL), *fresh = create(&world, &recipe, NULL, NULL);
    const struct parameter *parameter;
    expect_ok(trainer_find_rate(looking, world.examples, EXAMPLES, NULL, &rates, &error), &error);
    same_weights(looking, fresh);
    for (size_t t = 0; (parameter = trainer_learned(looking, t)) != NULL; t++)
        for (size_t i = 0; i < parameter->count; i++)
            assert_true(parameter->gradients[i] == 0);
    assert_int_equal(access(folder, F_OK), -1);
    assert_true(rates.count > 60 && rates.suggested > 0);
    for (size_t i = 1; i < rates.count; i++)
        assert_true(rates.points[i].rate > rates.points[i - 1].rate);
    assert_true(fabs(rates.points[0].rate - 1e-3 * 0.01) < 1e-9);
    assert_true(run(looking, &world, false, &(struct watch){0}, &result));
    assert_true(run(fresh, &world, false, &(struct watch){0}, &result));
    same_weights(looking, fresh);
    double losses[3];
    static const double factors[] = {0.03, 1, 60};
    for (size_t i = 0; i < 3; i++) {
        recipe.learning_rate = (float)(factors[i] * rates.suggested);
        recipe.epochs = 8;
        struct trainer *trainer = create(&world, &recipe, NULL, NULL);
        bool ok = trainer_run(trainer, world.examples, EXAMPLES, false, NULL, &result, &error);
        losses[i] = ok ? result.last_loss : HUGE_VAL;
        trainer_free(trainer);
    }
    assert_true(losses[1] < losses[0] && losses[1] < losses[2]);
    trainer_free(looking);
    trainer_free(fresh);
    world_remove(&world);
}

/* ---- more runs ---- */

/* A writer's head makes each word's chance of its row in the table, which so learns of words in no text too. */
static void writers_learn_of_words_in_no_text(void **state)
{
    (void)state;
    struct world world = world_create();
    static const uint32_t wanted[] = {5, 6};
    const size_t unread = 19; /* w14 */
    struct train_recipe recipe = recipe_of(TRAIN_WRITE, TRAIN_ALL);
    struct train_result result;
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i] = (struct train_example){.first = SLICE("w0 w1"), .target = wanted, .target_count = 1 + i % 2};
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    const struct parameter *words = NULL;
    for (size_t i = 0; words == NULL || strstr(words->name, "word_embeddings") == NULL; i++)
        assert_non_null(words = trainer_learned(trainer, i));
    assert_true(words->rows > unread && words->columns > 0);
    float *before = memory_alloc(words->columns, sizeof(float)), *row = words->values + unread * words->columns;
    memcpy(before, row, words->columns * sizeof(float));
    assert_true(run(trainer, &world, false, &(struct watch){0}, &result));
    assert_memory_not_equal(before, row, words->columns * sizeof(float));
    for (size_t i = 0; i < words->count; i++)
        assert_true(words->gradients[i] == 0); /* nothing is left for another step */
    free(before);
    trainer_free(trainer);
    world_remove(&world);
}

/* A run that is stopped keeps where it was, so that no step is done twice. */
static void stopped_runs_go_on_where_they_were(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_LORA);
    struct train_result result;
    recipe.checkpoint_steps = 1000;
    char *folder = path_join(&world.arena, world.folder, "stopped");
    struct trainer *whole = create(&world, &recipe, NULL, NULL);
    assert_true(run(whole, &world, false, &(struct watch){0}, &result));
    struct trainer *trainer = create(&world, &recipe, folder, NULL);
    assert_false(run(trainer, &world, false, &(struct watch){.stop_after = 4}, &result));
    trainer_free(trainer);
    trainer = create(&world, &recipe, folder, NULL);
    assert_false(run(trainer, &world, true, &(struct watch){.stop_after = 5}, &result)); /* the next one */
    assert_true(run(trainer, &world, true, &(struct watch){0}, &result));
    same_weights(trainer, whole);
    trainer_free(trainer);
    trainer_free(whole);
    world_remove(&world);
}

static void scored_runs_are_told_from_others(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_HEAD);
    struct train_result result;
    struct error error = {0};
    struct watch watch = {0};
    char *folder = path_join(&world.arena, world.folder, "scored");
    struct train_calls calls = {.context = &watch, .score = watch_score};
    struct trainer *trainer = create(&world, &recipe, folder, NULL);
    expect_ok(trainer_run(trainer, world.examples, EXAMPLES, false, &calls, &result, &error), &error);
    expect_error(trainer_run(trainer, world.examples, EXAMPLES, true, NULL, &result, &error), &error, ERROR_CONFLICT,
                 "was scored");
    trainer_free(trainer);
    world_remove(&world);
}

/* In PEFT "all-linear" is a word; in a list it would be the name of a layer. */
static void all_layers_are_named_as_peft_does(void **state)
{
    (void)state;
    static const char *const all_linear[] = {"all-linear"};
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_LORA);
    struct error error = {0};
    struct buffer text;
    char *adapter = path_join(&world.arena, world.folder, "all");
    recipe.lora.targets = all_linear;
    recipe.lora.target_count = 1;
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    buffer_init(&text, MIB);
    expect_ok(file_read(path_join(&world.arena, adapter, "adapter_config.json"), MIB, &text, &error), &error);
    assert_non_null(strstr(buffer_text(&text), "\"target_modules\":\"all-linear\""));
    buffer_release(&text);
    world_remove(&world);
}

static void the_best_weights_stay(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_ALL);
    struct watch watch = {0};
    struct train_result result;
    struct error error = {0};
    recipe.evaluate_steps = 1;
    recipe.patience = 4;
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    struct train_calls calls = {.context = &watch, .score = watch_score};
    expect_ok(trainer_run(trainer, world.examples, EXAMPLES, false, &calls, &result, &error), &error);
    assert_true(result.stopped_early);
    assert_int_equal(result.steps, 7);
    assert_int_equal(result.best_step, 3);
    recipe.steps_max = 3; /* no schedule: the first three steps are the same */
    struct trainer *short_one = create(&world, &recipe, NULL, NULL);
    assert_true(run(short_one, &world, false, &watch, &result));
    same_weights(trainer, short_one);
    trainer_free(short_one);
    trainer_free(trainer);
    world_remove(&world);
}

/* ---- adapters ---- */

static void predict(struct trainer *trainer, const struct world *world, float *out)
{
    struct error error = {0};
    expect_ok(trainer_predict(trainer, world->examples, EXAMPLES, out, &error), &error);
}

static void all_near(const float *a, const float *b, size_t count, double within)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= within))
            fail_msg("output %zu is %.9g, expected %.9g", i, (double)a[i], (double)b[i]);
}

static void score(const struct world *world, const char *folder, float *out)
{
    struct error error = {0};
    struct model *model;
    struct slice texts[EXAMPLES];
    for (size_t i = 0; i < EXAMPLES; i++)
        texts[i] = world->examples[i].first;
    struct model_options options = {.precision = MODEL_F32, .pool = world->pool};
    expect_ok(model_open(&model, folder, &options, &error), &error);
    expect_ok(model_score(model, texts, NULL, EXAMPLES, out, &error), &error);
    model_close(model);
}

static void saved_and_loaded(struct world *world, const struct train_recipe *recipe, const char *name)
{
    struct error error = {0};
    struct train_result result;
    float before[EXAMPLES * LABELS], after[EXAMPLES * LABELS], merged[EXAMPLES * LABELS];
    char *adapter = path_join(&world->arena, world->folder, arena_format(&world->arena, "%s-adapter", name));
    char *whole = path_join(&world->arena, world->folder, arena_format(&world->arena, "%s-merged", name));
    struct trainer *trainer = create(world, recipe, NULL, NULL);
    assert_true(run(trainer, world, false, &(struct watch){0}, &result));
    predict(trainer, world, before);
    if (recipe->scope != TRAIN_ALL) {
        expect_ok(trainer_save(trainer, adapter, &error), &error);
        struct trainer *loaded = create(world, recipe, NULL, adapter);
        predict(loaded, world, after);
        assert_memory_equal(before, after, sizeof(before));
        trainer_free(loaded);
    }
    expect_ok(trainer_save_merged(trainer, whole, &error), &error);
    predict(trainer, world, after);
    assert_memory_equal(before, after, sizeof(before)); /* to be written changes nothing */
    score(world, whole, merged);
    all_near(merged, before, EXAMPLES * LABELS, 2e-5);
    trainer_free(trainer);
}

static void adapters_give_the_same(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_LORA);
    saved_and_loaded(&world, &recipe, "lora");
    recipe.scope = TRAIN_HEAD;
    saved_and_loaded(&world, &recipe, "head");
    recipe.scope = TRAIN_ALL;
    saved_and_loaded(&world, &recipe, "all");
    recipe.mean_pooling = true;
    saved_and_loaded(&world, &recipe, "mean");
    world_remove(&world);
}

static void adapters_know_their_base(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_LORA);
    struct error error = {0};
    char *adapter = path_join(&world.arena, world.folder, "adapter");
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    tiny_model_write(world.base, 6);
    struct trainer_options options = {.base = world.base, .pool = world.pool, .adapter = adapter};
    assert_false(trainer_create(&trainer, &recipe, &options, &error));
    assert_int_equal(error.kind, ERROR_CONFLICT);
    assert_non_null(strstr(error.message, "base changed"));
    world_remove(&world);
}

/* What would load and answer wrongly is refused. */
static void adapters_of_other_kinds(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = recipe_of(TRAIN_CLASSIFY, TRAIN_LORA);
    struct error error = {0};
    static const char *const fewer[] = {"query"};
    char *adapter = path_join(&world.arena, world.folder, "adapter"),
         *path = path_join(&world.arena, adapter, "adapter_config.json");
    struct trainer_options options = {.base = world.base, .pool = world.pool, .adapter = adapter};
    struct buffer config;
    struct trainer *trainer = create(&world, &recipe, NULL, NULL);
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    struct train_recipe other = recipe;
    other.lora.rank_stabilised = !recipe.lora.rank_stabilised;
    expect_error(trainer_create(&trainer, &other, &options, &error), &error, ERROR_INVALID, "rank-stabilised");
    other = recipe;
    other.lora.targets = fewer;
    other.lora.target_count = 1;
    expect_error(trainer_create(&trainer, &other, &options, &error), &error, ERROR_INVALID, "other layers");
    buffer_init(&config, MIB);
    expect_ok(file_read(path, MIB, &config, &error), &error);
    const char *old = strstr(buffer_text(&config), "{"), *added = "{\"use_dora\":true,";
    char *changed = arena_format(&world.arena, "%s%s", added, old + 1);
    expect_ok(file_replace(path, slice_from(changed), &error), &error);
    expect_error(trainer_create(&trainer, &recipe, &options, &error), &error, ERROR_INVALID, "use_dora");
    buffer_release(&config);
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_labels),
        cmocka_unit_test(gradients_of_other_tasks),
        cmocka_unit_test(widths_rise),
        cmocka_unit_test(the_same_answer_is_no_negative),
        cmocka_unit_test(gradients_of_tokens),
        cmocka_unit_test(gradients_of_writers),
        cmocka_unit_test(gradients_in_bf16),
        cmocka_unit_test(resumed_writers_end_the_same),
        cmocka_unit_test(moments_in_8_bits),
        cmocka_unit_test(the_steepest_fall_is_found),
        cmocka_unit_test(a_rate_is_found),
        cmocka_unit_test(writers_learn_of_words_in_no_text),
        cmocka_unit_test(it_learns_with_any_threads),
        cmocka_unit_test(resumed_runs_end_the_same),
        cmocka_unit_test(checkpoints_of_others_are_refused),
        cmocka_unit_test(the_best_weights_stay),
        cmocka_unit_test(adapters_give_the_same),
        cmocka_unit_test(adapters_know_their_base),
        cmocka_unit_test(adapters_of_other_kinds),
        cmocka_unit_test(vectors_of_each_pooling),
        cmocka_unit_test(spans_without_token_types),
        cmocka_unit_test(stopped_runs_go_on_where_they_were),
        cmocka_unit_test(scored_runs_are_told_from_others),
        cmocka_unit_test(all_layers_are_named_as_peft_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
