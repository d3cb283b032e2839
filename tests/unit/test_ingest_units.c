/* test_ingest_units.c - the units records, pages, code and turns of subject; which one `auto` takes; and that nothing a model is given of a
 * passage is more than it takes. */
#include "compare.h"
#include "ingest/ingest.h"
#include "text/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const struct passage_list *list, struct buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct store_passage *passage = &list->items[i];
        buffer_append_text(out, "[");
        for (size_t j = 0; j < passage->headings.size; j++)
            buffer_append_byte(out, passage->headings.data[j] == '\x1f' ? '/' : passage->headings.data[j]);
        buffer_format(out, "] p%lld ", (long long)passage->page);
        for (size_t j = 0; j < passage->text.size; j++)
            buffer_append_byte(out, passage->text.data[j] == '\n' ? '~' : passage->text.data[j]);
        buffer_append_byte(out, '\n');
    }
}

typedef bool reader(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error);

static void expect_cut(reader *read, const char *source, const struct cutting *cutting, const char *wanted)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct passage_list list;
    struct buffer shown;
    arena_init(&arena);
    buffer_init(&shown, MIB);
    expect_ok(read(slice_from(source), &arena, &blocks, &error), &error);
    expect_ok(cut_document(slice_from(source), &blocks, cutting, &arena, &list, &error), &error);
    show(&list, &shown);
    compare_text(source, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    arena_release(&arena);
}

static void records(void **state)
{
    (void)state;
    struct cutting cutting = {.unit = UNIT_RECORD, .tokens = 60};
    expect_cut(csv_read, "name,city\nAda,London\nKonrad,Berlin\n", &cutting,
               "[] p0 name: Ada | city: London\n[] p0 name: Konrad | city: Berlin\n");
    expect_cut(
        markdown_read, "# Prices\n\nAll of them.\n\n| what | price |\n|---|---|\n| ink | 3 |\n| pen | 4 |\n\nEnd.\n", &cutting,
        "[Prices] p0 All of them.\n[Prices] p0 what | price~ink | 3\n[Prices] p0 what | price~pen | 4\n[Prices] p0 End.\n");
    cutting.join_records = true;
    expect_cut(csv_read, "name,city\nAda,London\nKonrad,Berlin\n", &cutting,
               "[] p0 name: Ada | city: London~name: Konrad | city: Berlin\n");
}

static void pages(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct extract extract;
    struct passage_list list;
    struct buffer shown;
    arena_init(&arena);
    buffer_init(&shown, MIB);
    extract_init(&extract, &arena, MIB);
    extract_block(&extract, BLOCK_HEADING, 1, 1, SLICE("Manual"));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 1, SLICE("One."));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 1, SLICE("Two."));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 2, SLICE("Three."));
    extract_block(&extract, BLOCK_HEADING, 2, 2, SLICE("Parts"));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 2, SLICE("Four."));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 3,
                  SLICE("one two three four five six seven eight. Nine ten eleven twelve one."));
    expect_ok(extract_finish(&extract, &error), &error);
    struct settings settings = {.unit = UNIT_AUTO, .passage_tokens = 16};
    assert_int_equal(choose_unit(&extract.blocks, &settings, true).unit, UNIT_PAGE);
    const struct cutting cutting = {.unit = UNIT_PAGE, .tokens = 10};
    expect_ok(cut_document(buffer_slice(&extract.text), &extract.blocks, &cutting, &arena, &list, &error), &error);
    show(&list, &shown);
    compare_text("pages", buffer_slice(&shown),
                 "[Manual] p1 Manual~~One.~~Two.\n[Manual] p2 Three.~~Parts~~Four.\n"
                 "[Manual/Parts] p3 one two three four five six seven eight.\n[Manual/Parts] p3 Nine ten eleven twelve one.\n");
    extract_release(&extract);
    buffer_release(&shown);
    arena_release(&arena);
}

static void code(void **state)
{
    (void)state;
    const struct cutting cutting = {.unit = UNIT_CODE, .tokens = 30, .overlap = 10};
    expect_cut(markdown_read, "# tools\n\n```\ndef one(a):\n    return a\n```\n\n```\ndef two(b):\n    return b\n```\n",
               &cutting, "[tools] p0 def one(a):~    return a\n[tools] p0 def two(b):~    return b\n");
    expect_cut(markdown_read,
               "# order\n\n```\ndef order(items, rate):\n    total = 0\n    for item in items:\n        total += item.price\n"
               "\n    if total > 100:\n        total -= 10\n    return total * rate\n```\n",
               &cutting,
               "[order] p0 def order(items, rate):~    total = 0~    for item in items:~        total += item.price\n"
               "[order] p0 def order(items, rate):~    if total > 100:~        total -= 10~    return total * rate\n");
}

/* One long line and lines that only close: all of it is there. */
static void code_without_places(void **state)
{
    (void)state;
    struct error error = {0};
    struct buffer source, held;
    struct random random;
    random_init(&random, test_seed());
    buffer_init(&source, MIB);
    buffer_init(&held, MIB);
    for (size_t round = 0; round < 300; round++) {
        static const char *const parts[] = {"}", "    ", "\n", "\n\n", "x = 1", "call(a, b, c)", "\t", "end\n", "};\n", "word"};
        struct arena arena;
        struct blocks blocks;
        struct passage_list list;
        arena_init(&arena);
        buffer_clear(&source);
        buffer_clear(&held);
        buffer_append_text(&source, "```\nbegin\n");
        for (uint64_t i = random_below(&random, 200); i > 0; i--)
            buffer_append_text(&source, parts[random_below(&random, ARRAY_COUNT(parts))]);
        buffer_append_text(&source, "\n```\n");
        const struct cutting cutting = {.unit = UNIT_CODE, .tokens = 16 + round % 50};
        expect_ok(markdown_read(buffer_slice(&source), &arena, &blocks, &error), &error);
        expect_ok(cut_document(buffer_slice(&source), &blocks, &cutting, &arena, &list, &error), &error);
        size_t wanted = 0, got = 0;
        for (size_t i = 0; i < blocks.count; i++)
            for (size_t j = 0; j < blocks.items[i].text.size; j++)
                wanted += strchr(" \t\n", blocks.items[i].text.data[j]) == NULL;
        for (size_t i = 0; i < list.count; i++) {
            assert_true(i == 0 || list.items[i].start >= list.items[i - 1].end);
            struct slice text = list.items[i].text;
            if (i > 0 && slice_starts_with(text, SLICE("begin\n")))
                text = slice_range(text, 6, text.size);
            for (size_t j = 0; j < text.size; j++)
                got += strchr(" \t\n", text.data[j]) == NULL;
        }
        assert_int_equal(got, wanted);
        arena_release(&arena);
    }
    buffer_release(&source);
    buffer_release(&held);
}

/* A model of two subjects: sentences with the letter x are of one, others of the other. */
static bool fake_embed(void *context, const struct slice *texts, size_t count, float **vectors, size_t *dimensions,
                       struct error *error)
{
    size_t *calls = context;
    *dimensions = 2;
    if ((*calls)++ == 1)
        return error_set(error, ERROR_IO, "the model is gone");
    *vectors = malloc(2 * count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        size_t at;
        double angle = (slice_find(texts[i], 'x', &at) ? 1.5 : 0.0) + 0.01 * (double)(i % 3);
        (*vectors)[2 * i] = (float)cos(angle);
        (*vectors)[2 * i + 1] = (float)sin(angle);
    }
    return true;
}

static void turns(void **state)
{
    (void)state;
    size_t calls = 0;
    const struct passage_model model = {NULL, fake_embed, &calls};
    const struct cutting cutting = {.unit = UNIT_SEMANTIC, .tokens = 60, .overlap = 20, .model = &model};
    static const char
        source[] = "Ink is red. Ink is dry. Ink is old. Ink is here. Foxes box. Foxes fix it. Foxes mix. Six foxes.\n";
    expect_cut(
        plain_read, source, &cutting,
        "[] p0 Ink is red. Ink is dry. Ink is old. Ink is here.\n[] p0 Foxes box. Foxes fix it. Foxes mix. Six foxes.\n");
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct passage_list list;
    arena_init(&arena);
    expect_ok(plain_read(slice_from(source), &arena, &blocks, &error), &error);
    expect_error(cut_document(slice_from(source), &blocks, &cutting, &arena, &list, &error), &error, ERROR_IO,
                 "the model is gone");
    const struct settings settings = {.unit = UNIT_SEMANTIC, .passage_tokens = 60};
    assert_int_equal(choose_unit(&blocks, &settings, true).unit, UNIT_SEMANTIC);
    assert_int_equal(choose_unit(&blocks, &settings, false).unit, UNIT_HEADING);
    arena_release(&arena);
}

static void expect_choice(reader *read, const char *source, enum passage_unit wanted, const char *reason)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    const struct settings settings = {.unit = UNIT_AUTO, .passage_tokens = 16};
    arena_init(&arena);
    expect_ok(read(slice_from(source), &arena, &blocks, &error), &error);
    struct unit_choice choice = choose_unit(&blocks, &settings, true);
    assert_string_equal(passage_unit_name(choice.unit), passage_unit_name(wanted));
    assert_string_equal(choice.reason, reason);
    arena_release(&arena);
}

static void choices(void **state)
{
    (void)state;
    expect_choice(csv_read, "a,b\n1,2\n3,4\n", UNIT_RECORD, "2 records");
    expect_choice(markdown_read, "# A\n\ntext\n\n## B\n\nmore\n", UNIT_HEADING, "2 headings");
    expect_choice(markdown_read, "# A\n\nx\n\n```\nint main(void)\n{\n}\n```\n", UNIT_CODE, "95 % is code");
    expect_choice(plain_read, "One line.\n\nAnother one.\n", UNIT_HEADING, "no headings, paragraphs that fit");
    expect_choice(plain_read,
                  "A long paragraph without any end to it, or so it seems, and with no heading above it to say what it is.\n",
                  UNIT_SENTENCE, "no headings, a paragraph of 103 bytes");
    expect_choice(plain_read, "", UNIT_HEADING, "no headings, paragraphs that fit");
}

static struct tokenizer *read_tokenizer(void)
{
    static const char path[] = SOURCE_ROOT "/tests/data/models/bert-mean-old/tokenizer.json";
    struct error error = {0};
    struct tokenizer *tokenizer;
    struct buffer json;
    buffer_init(&json, LIMIT_TOKENIZER_BYTES);
    expect_ok(file_read(path, LIMIT_TOKENIZER_BYTES, &json, &error), &error);
    expect_ok(tokenizer_read(&tokenizer, buffer_slice(&json), path, &error), &error);
    buffer_release(&json);
    return tokenizer;
}

static void add_words(struct buffer *out, struct random *random, uint64_t count)
{
    static const char *const words[] = {"refund", "the",    "of", "anniversary", "x-ray", "2026",
                                        "don't",  "order,", "é",  "日本",        "e.g.",  "A"};
    for (; count > 0; count--)
        buffer_format(out, "%s ", words[random_below(random, ARRAY_COUNT(words))]);
}

/* Title, headings and text together, as they are embedded, are not more tokens than the model takes. */
static void fits_the_model(void **state)
{
    (void)state;
    enum { TOKENS_MAX = 96 };
    struct error error = {0};
    struct random random;
    struct buffer source, text;
    struct tokenizer *tokenizer = read_tokenizer();
    struct token_meter *meter = token_meter_create(tokenizer);
    size_t passages = 0;
    random_init(&random, test_seed());
    buffer_init(&source, MIB);
    buffer_init(&text, MIB);
    for (size_t round = 0; round < 400; round++) {
        struct arena arena;
        struct blocks blocks;
        struct passage_list list;
        arena_init(&arena);
        buffer_clear(&source);
        for (uint64_t sections = 1 + random_below(&random, 6); sections > 0; sections--) {
            buffer_append_text(&source, &"######"[random_below(&random, 6)]);
            buffer_append_text(&source, " H ");
            add_words(&source, &random, random_below(&random, 20));
            buffer_append_text(&source, "\n\n");
            add_words(&source, &random, random_below(&random, 300));
            buffer_append_text(&source, round % 2 ? "\n\n" : ".\n\n| a | b |\n|---|---|\n| c | d |\n\n");
        }
        struct slice title = SLICE("Title");
        struct cutting cutting = {.unit = (enum passage_unit)(UNIT_HEADING + round % 5),
                                  .tokens = 16 + (size_t)random_below(&random, 300),
                                  .meter = meter,
                                  .tokens_max = TOKENS_MAX,
                                  .title_tokens = token_meter_count(meter, title)};
        cutting.overlap = cutting.tokens / 4;
        expect_ok(markdown_read(buffer_slice(&source), &arena, &blocks, &error), &error);
        expect_ok(cut_document(buffer_slice(&source), &blocks, &cutting, &arena, &list, &error), &error);
        for (size_t i = 0; i < list.count; i++, passages++) {
            buffer_clear(&text);
            passage_index_text(&text, title, list.items[i].headings, list.items[i].text);
            size_t tokens = token_meter_count(meter, buffer_slice(&text));
            if (tokens > TOKENS_MAX)
                fail_msg("passage %zu of round %zu (unit %d) has %zu tokens: %s", i, round, (int)cutting.unit, tokens,
                         buffer_text(&text));
        }
        arena_release(&arena);
    }
    assert_true(passages > 1000);
    token_meter_free(meter);
    tokenizer_free(tokenizer);
    buffer_release(&source);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),        cmocka_unit_test(pages),
        cmocka_unit_test(code),           cmocka_unit_test(code_without_places),
        cmocka_unit_test(turns),          cmocka_unit_test(choices),
        cmocka_unit_test(fits_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
