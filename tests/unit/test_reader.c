/* test_reader.c - windows of passages, spans as the trainer finds them, and adapters that are broken. */
#include "reader/reader.h"
#include "compare.h"
#include "tiny_model.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSAGES = 6 };

struct world {
    char *folder;
    struct arena arena;
    char *base, *adapter;
    struct pool *pool;
};

/* A base and a reader that has learned a little, so that its additions are not zeros. */
static struct world world_create(void)
{
    struct world world = {.folder = test_folder_create(), .pool = pool_create(2)};
    struct error error = {0};
    struct trainer *trainer = NULL;
    struct train_result result;
    static const char *const targets[] = {"all-linear"};
    static const struct train_range ranges[] = {{3, 5, 0}, {0, 2, 0}};
    const struct train_example examples[] = {
        {.first = SLICE_CONSTANT("w1 w2"), .second = SLICE_CONSTANT("w3 w4 w5"), .ranges = ranges, .range_count = 1},
        {.first = SLICE_CONSTANT("w6"), .second = SLICE_CONSTANT("w7 w8 w9 w2"), .ranges = ranges + 1, .range_count = 1},
        {.first = SLICE_CONSTANT("w7"), .second = SLICE_CONSTANT("w1 w1")},
    };
    const struct train_recipe recipe = {.task = TRAIN_SPAN,
                                        .scope = TRAIN_LORA,
                                        .precision = MODEL_F32,
                                        .lora = {.rank = 2, .targets = targets, .target_count = 1},
                                        .epochs = 4,
                                        .learning_rate = 0.05F,
                                        .seed = 3};
    arena_init(&world.arena);
    world.base = path_join(&world.arena, world.folder, "base");
    world.adapter = path_join(&world.arena, world.folder, "adapter");
    tiny_model_write(world.base, 5);
    const struct trainer_options options = {.base = world.base, .pool = world.pool};
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_run(trainer, examples, ARRAY_COUNT(examples), false, NULL, &result, &error), &error);
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

static struct reader *open_reader(const struct world *world, struct pool *pool)
{
    struct reader *reader = NULL;
    struct error error = {0};
    const struct reader_options options = {
        .base = world->base, .adapter = world->adapter, .precision = MODEL_F32, .pool = pool};
    expect_ok(reader_open(&reader, &options, &error), &error);
    return reader;
}

static void expect_refused(const struct world *world, enum error_kind kind, const char *part)
{
    struct reader *reader = NULL;
    struct error error = {0};
    const struct reader_options options = {
        .base = world->base, .adapter = world->adapter, .precision = MODEL_F32, .pool = world->pool};
    expect_error(reader_open(&reader, &options, &error), &error, kind, part);
}

/* Passages of the tiny vocabulary, of one word up to several windows; the last has none. */
static void make_passages(struct world *world, struct reader_passage *passages, size_t words_each)
{
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < PASSAGES; i++) {
        struct buffer text;
        buffer_init(&text, MIB);
        for (size_t words = i + 1 < PASSAGES ? 1 + i * words_each : 0; words > 0; words--)
            buffer_format(&text, "w%d ", (int)random_below(&random, 15));
        passages[i] = (struct reader_passage){.text = arena_slice(&world->arena, buffer_slice(&text))};
        buffer_release(&text);
    }
}

/* ---- windows ---- */

static void windows_fit_and_overlap(void **state)
{
    (void)state;
    struct world world = world_create();
    struct reader_passage passages[PASSAGES];
    struct error error = {0};
    struct tokenizer *tokenizer = NULL;
    size_t tokens_max, several = 0;
    expect_ok(model_read_tokenizer(&tokenizer, &tokens_max, world.base, &error), &error);
    struct reader_cutter cutter = {.tokenizer = tokenizer, .tokens_max = tokens_max};
    struct tokens whole;
    cutter.workspace = tokenizer_workspace_create();
    tokens_init(&cutter.tokens);
    tokens_init(&whole);
    make_passages(&world, passages, 17);
    for (size_t i = 0; i < PASSAGES; i++) {
        struct reader_window *windows = NULL;
        size_t count = 0, capacity = 0;
        struct slice question = reader_cut_question(&cutter, SLICE("  w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 "));
        reader_cut_passage(&cutter, question, passages[i].text, &windows, &count, &capacity);
        assert_true(count > 0);
        several += count > 1;
        assert_int_equal(windows[0].start, 0);
        assert_int_equal(windows[count - 1].end, passages[i].text.size);
        for (size_t w = 0; w < count; w++) {
            struct slice text = slice_range(passages[i].text, windows[w].start, windows[w].end);
            const struct tokenizer_options options = {.tokens_max = SIZE_MAX};
            tokenizer_encode(tokenizer, cutter.workspace, question, &text, &options, &whole);
            assert_true(whole.count <= tokens_max);
            if (w > 0) { /* an answer of three words stands whole in one of the two */
                assert_true(windows[w].start > windows[w - 1].start);
                assert_true(windows[w].start + strlen("w1 w2 w3") <= windows[w - 1].end);
            }
        }
        free(windows);
    }
    assert_true(several >= 3);
    tokens_release(&whole);
    tokens_release(&cutter.tokens);
    tokenizer_workspace_free(cutter.workspace);
    tokenizer_free(tokenizer);
    world_remove(&world);
}

/* ---- answers ---- */

/* The trainer's own way through the same weights gives the same spans. */
static void spans_are_those_of_the_trainer(void **state)
{
    (void)state;
    struct world world = world_create();
    struct reader_passage passages[PASSAGES];
    struct reader_answer answers[PASSAGES];
    struct train_span spans[PASSAGES];
    struct train_example examples[PASSAGES];
    struct trainer *trainer = NULL;
    struct error error = {0};
    static const char *const targets[] = {"all-linear"};
    const struct train_recipe recipe = {.task = TRAIN_SPAN,
                                        .scope = TRAIN_LORA,
                                        .precision = MODEL_F32,
                                        .lora = {.rank = 2, .targets = targets, .target_count = 1}};
    const struct trainer_options options = {.base = world.base, .pool = world.pool, .adapter = world.adapter};
    make_passages(&world, passages, 3);
    for (size_t i = 0; i < PASSAGES; i++)
        examples[i] = (struct train_example){.first = SLICE("w1 w2"), .second = passages[i].text};
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_predict_spans(trainer, examples, PASSAGES, spans, &error), &error);
    trainer_free(trainer);
    struct reader *reader = open_reader(&world, world.pool);
    expect_ok(reader_read(reader, SLICE("w1 w2"), passages, PASSAGES, answers, &error), &error);
    for (size_t i = 0; i + 1 < PASSAGES; i++) {
        compare_floats("score", &answers[i].score, &spans[i].score, 1, (struct tolerance){1e-4, 1e-4}, i);
        assert_int_equal(answers[i].start, spans[i].start);
        assert_int_equal(answers[i].end, spans[i].end);
        assert_true(answers[i].chance > 0 && answers[i].chance < 1);
        assert_int_equal(answers[i].answers, answers[i].score > 0); /* without provenance the threshold is 0 */
    }
    assert_int_equal(answers[PASSAGES - 1].end, 0); /* the empty one */
    assert_false(answers[PASSAGES - 1].answers);
    assert_true(answers[PASSAGES - 1].chance <= 0);
    reader_close(reader);
    world_remove(&world);
}

static void count_rows(void *context, size_t text, const float *rows, size_t count)
{
    size_t *counts = context;
    assert_non_null(rows);
    counts[text] = count;
}

/* Text that ends in the middle of a word may be of more tokens than its window had room for: model and reader cut it alike. */
static void rows_keep_to_the_readers_limit(void **state)
{
    (void)state;
    struct world world = world_create();
    struct model *model = NULL;
    struct error error = {0};
    const struct slice firsts[] = {SLICE_CONSTANT("w1"), SLICE_CONSTANT("w1")};
    const struct slice seconds[] = {SLICE_CONSTANT("w2 w3 w4 w5 w6 w7 w8"), SLICE_CONSTANT("w2")};
    size_t counts[2];
    struct model_rows rows = {.firsts = firsts, .seconds = seconds, .count = 2, .done = count_rows, .context = counts};
    expect_ok(model_open(&model, world.base, &(struct model_options){.pool = world.pool}, &error), &error);
    expect_ok(model_rows(model, &rows, &error), &error);
    assert_int_equal(counts[0], 11);
    rows.tokens_max = 9;
    expect_ok(model_rows(model, &rows, &error), &error);
    assert_int_equal(counts[0], 9);
    assert_int_equal(counts[1], 5);
    rows.tokens_max = 1000; /* more than the model reads changes nothing */
    expect_ok(model_rows(model, &rows, &error), &error);
    assert_int_equal(counts[0], 11);
    model_close(model);
    world_remove(&world);
}

static void answers_depend_on_nothing_else(void **state)
{
    (void)state;
    struct world world = world_create();
    struct reader_passage passages[PASSAGES];
    struct reader_answer together[PASSAGES], alone;
    struct error error = {0};
    struct pool *one = pool_create(1);
    struct reader *reader = open_reader(&world, world.pool), *single = open_reader(&world, one);
    make_passages(&world, passages, 23);
    expect_ok(reader_read(reader, SLICE("w3"), passages, PASSAGES, together, &error), &error);
    for (size_t i = 0; i < PASSAGES; i++) {
        expect_ok(reader_read(single, SLICE("w3"), &passages[i], 1, &alone, &error), &error);
        compare_floats("score", &alone.score, &together[i].score, 1, (struct tolerance){0, 0}, i);
        assert_int_equal(alone.start, together[i].start);
        assert_int_equal(alone.end, together[i].end);
    }
    expect_ok(reader_read(reader, SLICE(""), NULL, 0, NULL, &error), &error);
    expect_ok(
        reader_read(reader, SLICE("\xFF\xC3"), &(struct reader_passage){.text = {"\xE2\x82 w1 \xFF", 7}}, 1, &alone, &error),
        &error);
    assert_true(alone.end <= 7);
    reader_close(reader);
    reader_close(single);
    pool_free(one);
    world_remove(&world);
}

/* What stands above a passage is read, and never answered from: as a passage that begins with it, but for spans in that beginning. */
static void nothing_is_answered_from_above(void **state)
{
    (void)state;
    enum { ABOVE_BYTES = 6 }; /* with its line's end */
    struct world world = world_create();
    struct reader_passage passages[PASSAGES], whole[PASSAGES];
    struct reader_answer apart[PASSAGES], together[PASSAGES];
    struct error error = {0};
    struct reader *reader = open_reader(&world, world.pool);
    size_t same = 0;
    make_passages(&world, passages, 1);
    for (size_t i = 0; i < PASSAGES; i++) {
        passages[i].above = SLICE(" w5 w9 ");
        whole[i] = (struct reader_passage){
            .text = slice_from(arena_format(&world.arena, "w5 w9\n" SLICE_FORMAT, SLICE_ARGUMENT(passages[i].text)))};
    }
    expect_ok(reader_read(reader, SLICE("w3"), passages, PASSAGES, apart, &error), &error);
    expect_ok(reader_read(reader, SLICE("w3"), whole, PASSAGES, together, &error), &error);
    for (size_t i = 0; i < PASSAGES; i++) {
        assert_true(apart[i].start <= apart[i].end && apart[i].end <= passages[i].text.size);
        assert_true(apart[i].score <= together[i].score);
        if (together[i].start < ABOVE_BYTES)
            continue;
        same++;
        compare_floats("score", &apart[i].score, &together[i].score, 1, (struct tolerance){0, 0}, i);
        assert_int_equal(apart[i].start + ABOVE_BYTES, together[i].start);
        assert_int_equal(apart[i].end + ABOVE_BYTES, together[i].end);
    }
    assert_true(same > 0 && same < PASSAGES);
    reader_close(reader);
    world_remove(&world);
}

/* Marks add up to the scores of spans: the best of all is what is read, and no other span of the marks is better, nor one inside of some bytes. */
static void marks_add_up_to_what_is_read(void **state)
{
    (void)state;
    struct world world = world_create();
    struct reader_passage passages[PASSAGES];
    struct reader_answer answers[PASSAGES];
    struct reader_marks marks[PASSAGES];
    struct error error = {0};
    size_t windows = 0;
    struct reader *reader = open_reader(&world, world.pool);
    make_passages(&world, passages, 23);
    passages[1].above = SLICE("w5 w9");
    expect_ok(reader_read(reader, SLICE("w1 w2"), passages, PASSAGES, answers, &error), &error);
    expect_ok(reader_mark_passages(reader, SLICE("w1 w2"), passages, PASSAGES, &world.arena, marks, &error), &error);
    for (size_t i = 0; i < PASSAGES; i++) {
        size_t size = passages[i].text.size;
        struct reader_answer best = reader_marks_best(&marks[i], 0, size), part;
        assert_int_equal(best.end == 0, answers[i].end == 0);
        if (best.end == 0)
            continue;
        windows += marks[i].items[marks[i].count - 1].window != marks[i].items[0].window;
        compare_floats("score", &best.score, &answers[i].score, 1, (struct tolerance){1e-5, 1e-5}, i);
        float same = reader_marks_score(&marks[i], answers[i].start,
                                        answers[i].end); /* added up in another order: perhaps not the best */
        compare_floats("score", &same, &answers[i].score, 1, (struct tolerance){1e-5, 1e-5}, i);
        for (size_t from = 0; from < size; from += 5) {
            part = reader_marks_best(&marks[i], from, size - from / 2);
            assert_true(part.end == 0 || (part.start >= from && part.end <= size - from / 2 && part.score <= best.score));
            if (part.end > 0) /* the span of its own bytes is itself, in some window */
                assert_true(reader_marks_score(&marks[i], part.start, part.end) >= part.score - 1e-5F);
        }
        assert_true(reader_marks_score(&marks[i], size, size + 4) < 0 && isinf(reader_marks_score(&marks[i], size, size + 4)));
    }
    assert_true(windows > 0);
    reader_close(reader);
    world_remove(&world);
}

/* ---- adapters ---- */

static void write_provenance(struct world *world, const char *text)
{
    struct error error = {0};
    expect_ok(file_replace(path_join(&world->arena, world->adapter, "provenance.json"), slice_from(text), &error), &error);
}

static void provenance_is_believed_or_refused(void **state)
{
    (void)state;
    struct world world = world_create();
    write_provenance(&world, "{\"threshold\": 1e9, \"chance_slope\": 0, \"chance_offset\": 0}");
    struct reader *reader = open_reader(&world, world.pool);
    struct reader_answer answer;
    struct error error = {0};
    expect_ok(reader_read(reader, SLICE("w1"), &(struct reader_passage){.text = SLICE("w2 w3")}, 1, &answer, &error), &error);
    assert_false(answer.answers);
    assert_true(fabs(answer.chance - 0.5) < 1e-12);
    reader_close(reader);
    write_provenance(&world, "{\"threshold\": \"high\"}");
    expect_refused(&world, ERROR_INVALID, "threshold");
    write_provenance(&world, "[1]");
    expect_refused(&world, ERROR_INVALID, "expected an object");
    write_provenance(&world, "{\"threshold\": ");
    expect_refused(&world, ERROR_INVALID, "provenance.json");
    world_remove(&world);
}

/* Cut anywhere or changed: an error, or numbers; never a crash. */
static void broken_weights_are_refused(void **state)
{
    (void)state;
    struct world world = world_create();
    struct error error = {0};
    struct buffer whole;
    struct random random;
    size_t refused = 0;
    const char *path = path_join(&world.arena, world.adapter, "adapter_model.safetensors");
    buffer_init(&whole, MIB);
    random_init(&random, test_seed());
    expect_ok(file_read(path, MIB, &whole, &error), &error);
    for (size_t i = 0; i < 200; i++) {
        struct reader *reader = NULL;
        struct reader_answer answer;
        struct slice bytes = arena_slice(&world.arena, buffer_slice(&whole));
        char *data = (char *)(uintptr_t)bytes.data;
        if (i % 2 == 0)
            bytes.size = (size_t)random_below(&random, bytes.size);
        else
            data[random_below(&random, i % 4 == 1 ? 2000 : bytes.size)] = (char)random_below(&random, 256);
        expect_ok(file_replace(path, bytes, &error), &error);
        const struct reader_options options = {
            .base = world.base, .adapter = world.adapter, .precision = MODEL_F32, .pool = world.pool};
        bool ok = reader_open(&reader, &options, &error) &&
                  reader_read(reader, SLICE("w1"), &(struct reader_passage){.text = SLICE("w2 w3")}, 1, &answer, &error);
        refused += !ok;
        assert_true(ok ? isfinite(answer.score) : error.message[0] != '\0');
        reader_close(reader);
    }
    assert_true(refused >= 100);
    expect_ok(file_replace(path, buffer_slice(&whole), &error), &error);
    tiny_model_write(world.base, 6);
    expect_refused(&world, ERROR_CONFLICT, "base changed");
    buffer_release(&whole);
    world_remove(&world);
}

/* ---- what the answers come to ---- */

static void measures_are_right(void **state)
{
    (void)state;
    /* By hand: three answerable with F1 1, 0.5, 0; two unanswerable. */
    const struct reading_case cases[] = {
        {true, 1, 1, 5}, {true, 0, 0.5, 2}, {true, 0, 0, -1}, {false, 0, 0, 1}, {false, 0, 0, -3}};
    struct reading_measures measures;
    double threshold = reading_threshold(cases, ARRAY_COUNT(cases));
    reading_measure(cases, ARRAY_COUNT(cases), threshold, 1, &measures);
    assert_true(fabs(threshold - 1.5) < 1e-12);
    assert_true(fabs(measures.exact - 1.0 / 3) < 1e-12);
    assert_true(fabs(measures.f1 - 0.5) < 1e-12);
    assert_true(fabs(measures.f1_all - 3.5 / 5) < 1e-12);
    assert_true(fabs(measures.exact_all - 3.0 / 5) < 1e-12);
    assert_true(fabs(measures.abstained - 1) < 1e-12);
    assert_true(fabs(measures.answered - 2.0 / 3) < 1e-12);
    assert_true(fabs(measures.auc - 5.0 / 6) < 1e-12);
    assert_true(isnan(measures.f1_interval.low)); /* three cases bear none; of what is right or wrong there is Wilson's */
    assert_true(measures.exact_interval.low > 0.05 && measures.exact_interval.high < 0.8);
    reading_measure(cases, 3, 0, 1, &measures);
    assert_true(isnan(measures.auc));
    reading_measure(cases, 0, 0, 1, &measures);
    assert_int_equal(measures.answerable, 0);
}

static void chances_follow_the_scores(void **state)
{
    (void)state;
    enum { COUNT = 4000 };
    struct reading_case *cases = memory_alloc(COUNT, sizeof(*cases));
    struct random random;
    random_init(&random, 9);
    for (size_t i = 0; i < COUNT; i++) { /* drawn from 1 / (1 + exp(-(0.8·s - 1))) */
        double score = 12 * random_unit(&random) - 5;
        bool right = random_unit(&random) < 1 / (1 + exp(-(0.8 * score - 1)));
        cases[i] = (struct reading_case){true, right, right, score};
    }
    struct reading_chance chance = reading_fit_chance(cases, COUNT);
    assert_true(fabs(chance.slope - 0.8) < 0.08);
    assert_true(fabs(chance.offset + 1) < 0.2);
    for (size_t i = 0; i < COUNT; i++)
        cases[i].f1 = 1; /* all right: still finite */
    chance = reading_fit_chance(cases, COUNT);
    assert_true(isfinite(chance.slope) && isfinite(chance.offset));
    free(cases);
}

/* Long passages: one window with the answer whole, one without it; to answer from, all. */
static void windows_to_learn_from(void **state)
{
    (void)state;
    struct world world = world_create();
    struct error error = {0};
    struct tokenizer *tokenizer = NULL;
    struct examples examples;
    struct buffer text;
    size_t tokens_max;
    expect_ok(model_read_tokenizer(&tokenizer, &tokens_max, world.base, &error), &error);
    buffer_init(&text, MIB);
    buffer_append_text(&text, "{\"data\":[{\"paragraphs\":[{\"context\":\"");
    for (size_t i = 0; i < 60; i++)
        buffer_append_text(&text, i == 40 ? "w9 " : "w1 ");
    buffer_append_text(&text,
                       "\",\"qas\":[{\"id\":\"1\",\"question\":\"w2\",\"answers\":[{\"text\":\"w9\",\"answer_start\":120}]},"
                       "{\"id\":\"2\",\"question\":\"w3\",\"is_impossible\":true,\"answers\":[]}]}]}]}");
    expect_ok(examples_read(&examples, buffer_slice(&text), "test", &(struct examples_options){0}, &error), &error);
    const uint32_t items[] = {0, 1};
    struct reading_request request = {
        .examples = &examples, .items = items, .count = 2, .tokenizer = tokenizer, .tokens_max = tokens_max, .learns = true};
    struct reading_set set;
    reading_make(&request, &set);
    assert_int_equal(set.count, 3);
    assert_int_equal(set.examples[0].range_count, 1);
    struct slice answer = slice_range(set.examples[0].second, set.ranges[0].start, set.ranges[0].end);
    compare_text("answer", answer, "w9");
    assert_int_equal(set.examples[1].range_count, 0);
    assert_int_equal(set.examples[2].range_count, 0);
    assert_int_equal(set.windows[2].item, 1);
    reading_release(&set);
    request.learns = false;
    reading_make(&request, &set);
    assert_true(set.count > 6);
    size_t all = set.count;
    reading_release(&set);
    request.windows_most = 1;
    reading_make(&request, &set);
    assert_int_equal(set.items, 1);
    assert_int_equal(set.count, all / 2);
    reading_release(&set);
    examples_release(&examples);
    buffer_release(&text);
    tokenizer_free(tokenizer);
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_fit_and_overlap),        cmocka_unit_test(spans_are_those_of_the_trainer),
        cmocka_unit_test(answers_depend_on_nothing_else), cmocka_unit_test(nothing_is_answered_from_above),
        cmocka_unit_test(marks_add_up_to_what_is_read),   cmocka_unit_test(provenance_is_believed_or_refused),
        cmocka_unit_test(broken_weights_are_refused),     cmocka_unit_test(measures_are_right),
        cmocka_unit_test(chances_follow_the_scores),      cmocka_unit_test(windows_to_learn_from),
        cmocka_unit_test(rows_keep_to_the_readers_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
