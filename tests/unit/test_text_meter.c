/* test_text_meter.c - tokens counted part by part against tokens of the whole text, on made texts and with the tiny models' tokenizers;
 * and the estimate for ASCII against the same text with characters that make it take the long way. */
#include "compare.h"
#include "text/text.h"
#include <stdio.h>
#include <string.h>

static struct tokenizer *read_tokenizer(const char *model)
{
    struct error error = {0};
    struct tokenizer *tokenizer;
    struct buffer json;
    struct arena arena;
    arena_init(&arena);
    buffer_init(&json, LIMIT_TOKENIZER_BYTES);
    const char *path = arena_format(&arena, "%s/tests/data/models/%s/tokenizer.json", SOURCE_ROOT, model);
    expect_ok(file_read(path, LIMIT_TOKENIZER_BYTES, &json, &error), &error);
    expect_ok(tokenizer_read(&tokenizer, buffer_slice(&json), path, &error), &error);
    buffer_release(&json);
    arena_release(&arena);
    return tokenizer;
}

static void make_text(struct buffer *text, struct random *random)
{
    static const char *const parts[] = {"refund",
                                        "Refunds",
                                        " ",
                                        "\n",
                                        "  ",
                                        "\t",
                                        "30",
                                        "don't",
                                        "_",
                                        "-",
                                        ".",
                                        "é",
                                        "日本",
                                        "ß",
                                        ",",
                                        "a",
                                        "\r\n",
                                        "url",
                                        "ing",
                                        "\xC2\xA0",
                                        "[SEP]",
                                        "😀",
                                        "http://example.org/a/very/long/path?with=values"};
    for (uint64_t i = random_below(random, 60); i > 0; i--)
        buffer_append_text(text, parts[random_below(random, ARRAY_COUNT(parts))]);
}

static size_t whole_count(const struct tokenizer *tokenizer, struct tokenizer_workspace *workspace, struct slice text)
{
    struct tokens tokens;
    tokens_init(&tokens);
    tokenizer_encode(tokenizer, workspace, text, NULL, &(struct tokenizer_options){.bare = true, .tokens_max = SIZE_MAX},
                     &tokens);
    size_t count = tokens.count;
    tokens_release(&tokens);
    return count;
}

static void counts(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        bool is_exact;
    } models[] = {{"bert-mean-old", true}, {"mpnet-mean", true}, {"roberta-mean", false}, {"xlm-roberta-mean", false}};
    struct random random;
    struct buffer text;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    buffer_init(&text, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(models); i++) {
        struct tokenizer *tokenizer = read_tokenizer(models[i].model);
        struct tokenizer_workspace *workspace = tokenizer_workspace_create();
        struct token_meter *meter = token_meter_create(tokenizer);
        assert_int_equal(token_meter_count(meter, SLICE("")), 0);
        for (size_t round = 0; round < 3000; round++) {
            buffer_clear(&text);
            make_text(&text, &random);
            size_t whole = whole_count(tokenizer, workspace, buffer_slice(&text));
            size_t count = token_meter_count(meter, buffer_slice(&text));
            if (models[i].is_exact ? count != whole : count + 2 + whole / 4 < whole)
                fail_msg("%s: %zu tokens, counted %zu (seed %llu): %s", models[i].model, whole, count, (unsigned long long)seed,
                         buffer_text(&text));
        }
        token_meter_free(meter);
        tokenizer_workspace_free(workspace);
        tokenizer_free(tokenizer);
    }
    buffer_release(&text);
}

/* A modifier behind a letter or mark costs nothing, and makes its run take the way for all characters. */
static void ascii_estimates(void **state)
{
    (void)state;
    struct random random;
    struct buffer plain, marked;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    buffer_init(&plain, MIB);
    buffer_init(&marked, MIB);
    for (size_t round = 0; round < 5000; round++) {
        buffer_clear(&plain);
        buffer_clear(&marked);
        for (uint64_t i = random_below(&random, 40); i > 0; i--) {
            static const char kinds[] = "aZ0";
            char c = random_below(&random, 3) == 0 ? (char)random_below(&random, 128) : kinds[random_below(&random, 3)];
            buffer_append_byte(&plain, c);
            buffer_append_byte(&marked, c);
            buffer_append_text(&marked, "\xCC\x81");
        }
        size_t a = text_token_estimate(buffer_slice(&plain)), b = text_token_estimate(buffer_slice(&marked));
        if (a != b)
            fail_msg("estimates %zu and %zu (seed %llu)", a, b, (unsigned long long)seed);
    }
    assert_int_equal(token_meter_count(NULL, SLICE("one two")), text_token_estimate(SLICE("one two")));
    buffer_release(&plain);
    buffer_release(&marked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts), cmocka_unit_test(ascii_estimates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
