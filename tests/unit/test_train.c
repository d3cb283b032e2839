/* test_train.c - training a tiny encoder: runs that are ended and resumed, adapters. */
#include "model/model.h"
#include "tiny_model.h"
#include "train_world.h"
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_ALL);
    struct watch watch = {0};
    struct train_result result;
    recipe.epochs = 30;
    recipe.dropout = 0.1F;
    struct trainer *two = world_trainer(&world, &recipe, NULL, NULL);
    assert_true(run(two, &world, false, &watch, &result));
    assert_int_equal(result.steps, 90);
    assert_true(watch.last < watch.first / 2);
    struct world alone = world;
    alone.pool = pool_create(1);
    struct trainer *one = world_trainer(&alone, &recipe, NULL, NULL);
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
        struct trainer *trainer = world_trainer(&own, recipe, folder, NULL);
        (void)run(trainer, &own, false, &watch, &result);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct trainer *resumed = world_trainer(world, recipe, folder, NULL);
    assert_true(run(resumed, world, true, &(struct watch){0}, &result));
    same_weights(whole, resumed);
    trainer_free(resumed);
}

static void resumed_runs_end_the_same(void **state)
{
    (void)state;
    struct world world = world_create();
    for (int scope = TRAIN_ALL; scope <= TRAIN_HEAD; scope++) {
        struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, (enum train_scope)scope);
        struct train_result result;
        recipe.dropout = 0.1F;
        recipe.schedule = TRAIN_COSINE;
        recipe.warmup = 0.2F;
        recipe.clip = 1;
        recipe.weight_decay = 0.01F;
        recipe.checkpoint_steps = 2;
        struct trainer *whole = world_trainer(&world, &recipe, NULL, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_HEAD);
    struct train_result result;
    struct error error = {0};
    char *folder = path_join(&world.arena, world.folder, "run");
    struct trainer *trainer = world_trainer(&world, &recipe, folder, NULL);
    assert_true(run(trainer, &world, false, &(struct watch){0}, &result));
    const char *adapter = path_join(&world.arena, world.folder, "begun");
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    trainer = world_trainer(&world, &recipe, folder, adapter);
    assert_false(trainer_run(trainer, world.examples, EXAMPLES, true, NULL, &result, &error));
    assert_int_equal(error.kind, ERROR_CONFLICT);
    trainer_free(trainer);
    recipe.learning_rate = 0.02F;
    trainer = world_trainer(&world, &recipe, folder, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_WRITE, TRAIN_LORA);
    struct train_result result;
    recipe.dropout = 0.1F;
    recipe.checkpoint_steps = 2;
    recipe.label_smoothing = 0.1F;
    world_wants(&world, wanted);
    for (size_t scope = 0; scope < 2; scope++) {
        recipe.scope = scope == 0 ? TRAIN_LORA : TRAIN_ALL;
        struct trainer *whole = world_trainer(&world, &recipe, NULL, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_ALL);
    struct train_result result;
    struct watch exact = {0}, small = {0};
    recipe.epochs = 30;
    recipe.learning_rate = 1e-3F;
    recipe.dropout = 0.1F;
    recipe.checkpoint_steps = 2;
    struct trainer *plain = world_trainer(&world, &recipe, NULL, NULL);
    assert_true(run(plain, &world, false, &exact, &result));
    recipe.moments_8bit = true;
    struct trainer *whole = world_trainer(&world, &recipe, NULL, NULL);
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
    struct trainer *other = world_trainer(&world, &recipe, folder, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_ALL);
    struct train_rates rates;
    struct train_result result;
    struct error error = {0};
    char *folder = arena_format(&world.arena, "%s/looking", world.folder);
    struct trainer *looking = world_trainer(&world, &recipe, folder, NULL), *fresh = world_trainer(&world, &recipe, NULL, NULL);
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
        struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_WRITE, TRAIN_ALL);
    struct train_result result;
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i] = (struct train_example){.first = SLICE("w0 w1"), .target = wanted, .target_count = 1 + i % 2};
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_LORA);
    struct train_result result;
    recipe.checkpoint_steps = 1000;
    char *folder = path_join(&world.arena, world.folder, "stopped");
    struct trainer *whole = world_trainer(&world, &recipe, NULL, NULL);
    assert_true(run(whole, &world, false, &(struct watch){0}, &result));
    struct trainer *trainer = world_trainer(&world, &recipe, folder, NULL);
    assert_false(run(trainer, &world, false, &(struct watch){.stop_after = 4}, &result));
    trainer_free(trainer);
    trainer = world_trainer(&world, &recipe, folder, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_HEAD);
    struct train_result result;
    struct error error = {0};
    struct watch watch = {0};
    char *folder = path_join(&world.arena, world.folder, "scored");
    struct train_calls calls = {.context = &watch, .score = watch_score};
    struct trainer *trainer = world_trainer(&world, &recipe, folder, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_LORA);
    struct error error = {0};
    struct buffer text;
    char *adapter = path_join(&world.arena, world.folder, "all");
    recipe.lora.targets = all_linear;
    recipe.lora.target_count = 1;
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_ALL);
    struct watch watch = {0};
    struct train_result result;
    struct error error = {0};
    recipe.evaluate_steps = 1;
    recipe.patience = 4;
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
    struct train_calls calls = {.context = &watch, .score = watch_score};
    expect_ok(trainer_run(trainer, world.examples, EXAMPLES, false, &calls, &result, &error), &error);
    assert_true(result.stopped_early);
    assert_int_equal(result.steps, 7);
    assert_int_equal(result.best_step, 3);
    recipe.steps_max = 3; /* no schedule: the first three steps are the same */
    struct trainer *short_one = world_trainer(&world, &recipe, NULL, NULL);
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
    struct trainer *trainer = world_trainer(world, recipe, NULL, NULL);
    assert_true(run(trainer, world, false, &(struct watch){0}, &result));
    predict(trainer, world, before);
    if (recipe->scope != TRAIN_ALL) {
        expect_ok(trainer_save(trainer, adapter, &error), &error);
        struct trainer *loaded = world_trainer(world, recipe, NULL, adapter);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_LORA);
    saved_and_loaded(&world, &recipe, "lora");
    recipe.lora.weight_decomposed = true;
    saved_and_loaded(&world, &recipe, "dora");
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_LORA);
    struct error error = {0};
    char *adapter = path_join(&world.arena, world.folder, "adapter");
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
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
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_LORA);
    struct error error = {0};
    static const char *const fewer[] = {"query"};
    char *adapter = path_join(&world.arena, world.folder, "adapter"),
         *path = path_join(&world.arena, adapter, "adapter_config.json");
    struct trainer_options options = {.base = world.base, .pool = world.pool, .adapter = adapter};
    struct buffer config;
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    struct train_recipe other = recipe;
    other.lora.rank_stabilised = !recipe.lora.rank_stabilised;
    expect_error(trainer_create(&trainer, &other, &options, &error), &error, ERROR_INVALID, "rank-stabilised");
    other = recipe;
    other.lora.weight_decomposed = true;
    expect_error(trainer_create(&trainer, &other, &options, &error), &error, ERROR_INVALID, "not weight-decomposed");
    other = recipe;
    other.lora.targets = fewer;
    other.lora.target_count = 1;
    expect_error(trainer_create(&trainer, &other, &options, &error), &error, ERROR_INVALID, "other layers");
    buffer_init(&config, MIB);
    expect_ok(file_read(path, MIB, &config, &error), &error);
    const char *whole = buffer_text(&config), *old = strstr(whole, "\"use_dora\":false");
    assert_non_null(old);
    char *changed = arena_format(&world.arena, "%.*s\"use_dora\":true%s", (int)(old - whole), whole, strchr(old, ','));
    expect_ok(file_replace(path, slice_from(changed), &error), &error);
    expect_error(trainer_create(&trainer, &recipe, &options, &error), &error, ERROR_INVALID, "magnitudes for 0 of its");
    buffer_release(&config);
    world_remove(&world);
}

/* Of a reader a writer takes the layers, all of them as they were, and has a head of its own; of a writer the head too. A reader has nothing to
 * take from a writer. */
static void writers_begin_with_the_layers_of_readers(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe reads = world_recipe(TRAIN_SPAN, TRAIN_LORA), writes = world_recipe(TRAIN_WRITE, TRAIN_LORA);
    struct train_result result;
    struct error error = {0};
    char *read = path_join(&world.arena, world.folder, "reader"), *written = path_join(&world.arena, world.folder, "writer");
    struct trainer *reader = world_trainer(&world, &reads, NULL, NULL);
    assert_true(run(reader, &world, false, &(struct watch){0}, &result));
    expect_ok(trainer_save(reader, read, &error), &error);
    struct trainer *writer = world_trainer(&world, &writes, NULL, read);
    assert_true(trainer_has_new_head(writer));
    size_t layers = 0;
    const struct parameter *one, *other;
    for (size_t i = 0; (one = trainer_learned(reader, i)) != NULL; i++)
        for (size_t j = 0; (other = trainer_learned(writer, j)) != NULL; j++)
            if (strcmp(one->name, other->name) == 0) {
                assert_memory_equal(one->values, other->values, one->count * sizeof(float));
                layers += strstr(one->name, ".lora_B.") != NULL;
            }
    assert_true(layers > 1);
    expect_ok(trainer_save(writer, written, &error), &error);
    trainer_free(writer);
    writer = world_trainer(&world, &writes, NULL, written);
    assert_false(trainer_has_new_head(writer));
    trainer_free(writer);
    trainer_free(reader);
    struct trainer_options options = {.base = world.base, .pool = world.pool, .adapter = written};
    expect_error(trainer_create(&reader, &reads, &options, &error), &error, ERROR_INVALID, "has no tensor \"qa_outputs");
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(writers_begin_with_the_layers_of_readers),
        cmocka_unit_test(stopped_runs_go_on_where_they_were),
        cmocka_unit_test(scored_runs_are_told_from_others),
        cmocka_unit_test(all_layers_are_named_as_peft_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
