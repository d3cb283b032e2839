/* test_writer.c - a tiny writer: what it says token by token against one go and against the trainer, copies of what it never saw written, and adapters
 * that are broken. */
#include "writer/writer.h"
#include "compare.h"
#include "tiny_model.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 40, FIRST_WORD = 5, SOURCE_TOKENS = 11, TARGET = 2 };

struct world {
    char *folder;
    struct arena arena;
    char *base, *adapter;
    struct pool *pool;
    struct train_example examples[EXAMPLES];
    uint32_t targets[EXAMPLES][TARGET];
};

/* The passage's words behind the question's word, or nothing where the passage lacks it. */
static void make_example(struct world *world, size_t i, struct random *random)
{
    int asked = (int)random_below(random, 15), words[6];
    for (size_t k = 0; k < 6; k++)
        do
            words[k] = (int)random_below(random, 15);
        while (words[k] == asked);
    bool is_there = i % 4 != 3;
    size_t at = random_below(random, 4);
    if (is_there)
        words[at] = asked;
    world->examples[i].first = slice_from(arena_format(&world->arena, "w%d", asked));
    world->examples[i].second = slice_from(
        arena_format(&world->arena, "w%d w%d w%d w%d w%d w%d", words[0], words[1], words[2], words[3], words[4], words[5]));
    for (size_t k = 0; k < TARGET; k++)
        world->targets[i][k] = FIRST_WORD + (uint32_t)words[at + 1 + k];
    world->examples[i].target = world->targets[i];
    world->examples[i].target_count = is_there ? TARGET : 0;
}

static struct world *world_create(void)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    struct random random;
    world->folder = test_folder_create();
    world->pool = pool_create(2);
    arena_init(&world->arena);
    world->base = path_join(&world->arena, world->folder, "base");
    world->adapter = path_join(&world->arena, world->folder, "adapter");
    tiny_model_write(world->base, 5);
    random_init(&random, 11);
    for (size_t i = 0; i < EXAMPLES; i++)
        make_example(world, i, &random);
    return world;
}

static void world_remove(struct world *world)
{
    pool_free(world->pool);
    arena_release(&world->arena);
    test_folder_remove(world->folder);
    free(world);
}

static struct trainer *train(const struct world *world, enum train_scope scope, size_t epochs)
{
    static const char *const targets[] = {"all-linear"};
    struct error error = {0};
    struct trainer *trainer = NULL;
    struct train_result result;
    const struct train_recipe recipe = {.task = TRAIN_WRITE,
                                        .scope = scope,
                                        .precision = MODEL_F32,
                                        .lora = {.rank = 4, .targets = targets, .target_count = 1},
                                        .epochs = epochs,
                                        .batch_examples = 8,
                                        .tokens_max = SOURCE_TOKENS,
                                        .learning_rate = 0.01F,
                                        .seed = 3};
    const struct trainer_options options = {.base = world->base, .pool = world->pool};
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_run(trainer, world->examples, EXAMPLES, false, NULL, &result, &error), &error);
    return trainer;
}

static struct writer *open_writer(const struct world *world, struct pool *pool)
{
    struct writer *writer = NULL;
    struct error error = {0};
    const struct writer_options options = {world->base, world->adapter, MODEL_F32, pool};
    expect_ok(writer_open(&writer, &options, &error), &error);
    return writer;
}

static void near(const char *what, double got, double wanted, double within)
{
    if (!(fabs(got - wanted) <= within))
        fail_msg("%s is %.9g, expected %.9g", what, got, wanted);
}

/* Token by token with what is remembered, in one go, and by the trainer, which remembers nothing: the same likelihood. */
static void steps_and_one_go_agree(void **state)
{
    (void)state;
    struct world *world = world_create();
    struct error error = {0};
    struct trainer *trainer = train(world, TRAIN_LORA, 3);
    float trained[EXAMPLES];
    expect_ok(trainer_predict(trainer, world->examples, EXAMPLES, trained, &error), &error);
    expect_ok(trainer_save(trainer, world->adapter, &error), &error);
    trainer_free(trainer);
    struct writer *writer = open_writer(world, world->pool);
    assert_int_equal(writer_info(writer)->tokens_max, SOURCE_TOKENS);
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct train_example *example = &world->examples[i];
        double log_p;
        expect_ok(
            writer_likelihood(writer, example->first, example->second, example->target, example->target_count, &log_p, &error),
            &error);
        near("the likelihood of a target", log_p, (double)trained[i], 2e-4);
        for (size_t beams = 1; beams <= 4; beams += 3) {
            struct writer_answer answer;
            struct arena arena;
            const struct writer_request request = {
                .question = example->first, .passages = &example->second, .count = 1, .beams = beams, .always = true};
            arena_init(&arena);
            expect_ok(writer_write(writer, &request, &arena, &answer, &error), &error);
            assert_true(answer.id_count > 0);
            expect_ok(writer_likelihood(writer, example->first, example->second, answer.ids, answer.id_count, &log_p, &error),
                      &error);
            near("the likelihood of what was written", answer.log_p, log_p, 1e-5);
            arena_release(&arena);
        }
    }
    writer_close(writer);
    world_remove(world);
}

static void many_threads_write_the_same(void **state)
{
    (void)state;
    struct world *world = world_create();
    struct error error = {0};
    struct trainer *trainer = train(world, TRAIN_LORA, 2);
    expect_ok(trainer_save(trainer, world->adapter, &error), &error);
    trainer_free(trainer);
    struct pool *alone = pool_create(1);
    struct writer *writers[] = {open_writer(world, world->pool), open_writer(world, alone)};
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct writer_answer answers[2];
        struct arena arena;
        arena_init(&arena);
        for (size_t w = 0; w < 2; w++) {
            const struct writer_request request = {.question = world->examples[i].first,
                                                   .passages = &world->examples[i].second,
                                                   .count = 1,
                                                   .beams = 3,
                                                   .always = true};
            expect_ok(writer_write(writers[w], &request, &arena, &answers[w], &error), &error);
        }
        assert_memory_equal(&answers[0].score, &answers[1].score, sizeof(double));
        assert_memory_equal(&answers[0].log_p, &answers[1].log_p, sizeof(double));
        compare_bytes("text", answers[0].text, answers[1].text, i);
        arena_release(&arena);
    }
    writer_close(writers[0]);
    writer_close(writers[1]);
    pool_free(alone);
    world_remove(world);
}

/* What was learned by heart is written again, with where it stands; a whole model and an adapter alike. */
static void what_was_learned_is_written(void **state)
{
    (void)state;
    struct world *world = world_create();
    struct error error = {0};
    struct trainer *trainer = train(world, TRAIN_ALL, 120);
    expect_ok(trainer_save(trainer, world->adapter, &error), &error);
    trainer_free(trainer);
    const char *adapter = path_join(&world->arena, world->folder, "head");
    struct trainer *head = NULL;
    const struct train_recipe recipe = {.task = TRAIN_WRITE, .scope = TRAIN_HEAD, .precision = MODEL_F32};
    const struct trainer_options options = {.base = world->adapter, .pool = world->pool};
    expect_ok(trainer_create(&head, &recipe, &options, &error), &error); /* the whole model as a base, its head as it is */
    expect_ok(trainer_save(head, adapter, &error), &error);
    trainer_free(head);
    struct writer *writer = NULL;
    const struct writer_options writer_options = {world->adapter, adapter, MODEL_F32, world->pool};
    expect_ok(writer_open(&writer, &writer_options, &error), &error);
    size_t right = 0, told = 0;
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct train_example *example = &world->examples[i];
        struct writer_answer answer;
        struct arena arena;
        arena_init(&arena);
        const struct writer_request request = {.question = example->first, .passages = &example->second, .count = 1};
        expect_ok(writer_write(writer, &request, &arena, &answer, &error), &error);
        told += answer.answers == (example->target_count > 0);
        bool is_right = example->target_count == 0
                            ? !answer.answers
                            : answer.id_count == TARGET && memcmp(answer.ids, example->target, sizeof(world->targets[0])) == 0;
        if (is_right && example->target_count > 0) {
            assert_true(answer.end > answer.start);
            compare_bytes("text", answer.text, slice_range(example->second, answer.start, answer.end), i);
        }
        right += is_right;
        arena_release(&arena);
    }
    if (right < EXAMPLES * 9 / 10 || told < EXAMPLES * 9 / 10)
        fail_msg("of %d examples %zu are right, %zu told right", (int)EXAMPLES, right, told);
    writer_close(writer);
    world_remove(world);
}

static void expect_refused(const struct world *world, enum error_kind kind, const char *part)
{
    struct writer *writer = NULL;
    struct error error = {0};
    const struct writer_options options = {world->base, world->adapter, MODEL_F32, world->pool};
    expect_error(writer_open(&writer, &options, &error), &error, kind, part);
}

static void put(const struct world *world, const char *name, const char *text)
{
    struct error error = {0};
    struct arena arena;
    arena_init(&arena);
    expect_ok(file_replace(path_join(&arena, world->adapter, name), slice_from(text), &error), &error);
    arena_release(&arena);
}

static void broken_adapters_are_refused(void **state)
{
    (void)state;
    struct world *world = world_create();
    struct error error = {0};
    struct trainer *trainer = train(world, TRAIN_LORA, 1);
    expect_ok(trainer_save(trainer, world->adapter, &error), &error);
    trainer_free(trainer);
    put(world, "provenance.json", "{\"passages\": \"some\"}");
    expect_refused(world, ERROR_INVALID, "none of each, joined and none");
    put(world, "provenance.json", "[]");
    expect_refused(world, ERROR_INVALID, "expected an object");
    put(world, "provenance.json", "{\"passages\": \"none\", \"threshold\": 1.5}");
    struct writer *writer = open_writer(world, world->pool);
    assert_int_equal(writer_info(writer)->passages, WRITER_ALONE);
    near("the threshold", writer_info(writer)->threshold, 1.5, 0);
    writer_close(writer);
    put(world, "form.json", "{\"type\": \"object\"}");
    expect_refused(world, ERROR_INVALID, "has no token {");
    world_remove(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_one_go_agree),
        cmocka_unit_test(many_threads_write_the_same),
        cmocka_unit_test(what_was_learned_is_written),
        cmocka_unit_test(broken_adapters_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
