/* test_text_bpe.c - byte pair encoding: samples whose tokens the original gave, hostile models, long pieces. The comparison with the
 * original at large is tests/tokens/compare_pieces.py. */
#include "token_samples.h"
#include "codec/codec.h"
#include "text/bpe_parts.h"
#include "text/byte_level.h"
#include "text/text.h"
#include <stdio.h>
#include <string.h>

/* ---- helpers ---- */

static bool read_model(struct bpe **bpe, struct slice json, struct error *error)
{
    struct arena arena;
    struct json_value model;
    arena_init(&arena);
    expect_ok(json_read(json, "model", &arena, &model, error), error);
    bool ok = bpe_read(bpe, &model, "model", error);
    arena_release(&arena);
    return ok;
}

static struct bpe *model_from(const char *json)
{
    struct bpe *bpe = NULL;
    struct error error;
    expect_ok(read_model(&bpe, slice_from(json), &error), &error);
    return bpe;
}

static void expect_refused(const char *json, enum error_kind kind, const char *part)
{
    struct bpe *bpe = NULL;
    struct error error;
    bool ok = read_model(&bpe, slice_from(json), &error);
    expect_error(ok, &error, kind, part);
    assert_null(bpe);
}

static void expect_tokens(const struct bpe *bpe, struct bpe_workspace *workspace, const char *piece, const char *wanted)
{
    struct piece_tokens tokens;
    struct buffer text;
    piece_tokens_init(&tokens);
    buffer_init(&text, MIB);
    bpe_encode(bpe, workspace, slice_from(piece), &tokens);
    write_tokens(&tokens, &text);
    compare_text(piece, buffer_slice(&text), wanted);
    piece_tokens_release(&tokens);
    buffer_release(&text);
}

/* ---- samples ---- */

#define PLAIN "{\"vocab\":{\"a\":0,\"b\":1,\"c\":2,\"ab\":3,\"bc\":4,\"abc\":5},\"merges\":[\"b c\",\"a b\",\"ab c\",\"a bc\"]}"
#define PAIRS                                                                                                                  \
    "{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":\"?\",\"vocab\":{\"?\":9,\"a\":0,\"b\":1,\" \":2,\"a \":3,\"aa\":5,"     \
    "\"aaaa\":7},\"merges\":[[\"a\",\" \"],[\"a\",\"a\"],[\"aa\",\"aa\"]]}"
#define FUSED "{\"unk_token\":\"?\",\"fuse_unk\":true,\"vocab\":{\"?\":1,\"a\":0},\"merges\":[]}"
#define AFFIXES                                                                                                                \
    "{\"unk_token\":\"?\",\"continuing_subword_prefix\":\"##\",\"end_of_word_suffix\":\"$\",\"vocab\":{\"?\":0,\"a\":1,"       \
    "\"##b\":2,\"##b$\":3,\"ab\":4,\"ab$\":5,\"a$\":6,\"##bb$\":7},\"merges\":[\"a ##b\",\"##b ##b$\",\"a ##b$\"]}"
#define BYTES                                                                                                                  \
    "{\"unk_token\":\"?\",\"fuse_unk\":true,\"byte_fallback\":true,\"vocab\":{\"?\":0,\"a\":1,\"<0xC3>\":2,\"<0xA9>\":3,"      \
    "\"<0x0A>\":4,\"<0xC3><0xA9>\":5},\"merges\":[\"<0xC3> <0xA9>\"]}"
#define WHOLE "{\"ignore_merges\":true,\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"abab\":3,\"\":8},\"merges\":[\"a b\"]}"
#define SHARED                                                                                                                 \
    "{\"vocab\":{\"a\":0,\"b\":1,\"c\":2,\"ab\":3,\"ac\":3,\"bc\":2,\"d\":4,\"cd\":2,\"\":0},"                                 \
    "\"merges\":[\"a c\",\"b c\",\"a b\",\"c d\"]}"
#define NOTHING "{\"vocab\":{\"a\":0,\"b\":1,\"\":2,\"ab\":3},\"merges\":[[\"a\",\"\"],[\"\",\"a\"],[\"a\",\"b\"]]}"
#define LATER "{\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\"ba\":3},\"merges\":[\"#version: 0.2\",\"a b\",\"b a\",\"a b\"]}"

static const struct token_sample samples[] = {
    {PLAIN, "abc", "5:0-3"}, /* b c stands first, then a bc */
    {PLAIN, "abcab", "5:0-3 3:3-5"},
    {PLAIN, "", ""},
    {PLAIN, "aéb", "3:0-2"}, /* without an unknown token é is nothing, and what follows moves up */
    {PLAIN, "x", ""},
    {PAIRS, "a a", "3:0-2 0:2-3"},
    {PAIRS, "aaaaaaa", "7:0-4 5:4-6 0:6-7"},
    {PAIRS, "xéa", "9:0-1 9:1-3 0:3-4"},
    {PAIRS, "éxb", "9:0-2 9:2-3 1:3-4"},
    {PAIRS, "x", "9:0-1"},
    {FUSED, "xéa", "1:0-3 0:3-4"},
    {FUSED, "axx", "0:0-1 1:1-3"},
    {FUSED, "xyz", "1:0-3"},
    {AFFIXES, "ab", "5:0-2"},
    {AFFIXES, "abb", "4:0-2 3:2-3"},
    {AFFIXES, "a", "6:0-1"},
    {AFFIXES, "aba", "4:0-2 0:2-3"},
    {AFFIXES, "abbb", "4:0-2 7:2-4"},
    {BYTES, "aéa", "1:0-1 5:1-3 1:3-4"},
    {BYTES, "\n", "4:0-1"},
    {BYTES, "üéa", "5:0-2 0:2-4 1:4-5"}, /* bytes do not wait for the unknown ü before them */
    {BYTES, "aüü", "1:0-1 0:1-5"},
    {WHOLE, "abab", "3:0-4"},
    {WHOLE, "aba", "2:0-2 0:2-3"},
    {SHARED, "abcd", "3:0-3 4:3-4"},
    {SHARED, "acd", "3:0-2 4:2-3"},
    {SHARED, "abd", "3:0-2 4:2-3"},
    {NOTHING, "ab", "3:0-2"},
    {NOTHING, "aab", "0:0-1 3:1-3"},
    {LATER, "aba", "0:0-1 3:1-3"}, /* of two merges of a pair the later counts */
    {LATER, "bab", "3:0-2 1:2-3"},
};

static void samples_as_the_original(void **state)
{
    (void)state;
    struct bpe_workspace *shared = bpe_workspace_create();
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        struct bpe *bpe = model_from(samples[i].model);
        struct bpe_workspace *own = bpe_workspace_create();
        for (int again = 0; again < 2; again++) { /* made, then remembered */
            expect_tokens(bpe, own, samples[i].piece, samples[i].tokens);
            expect_tokens(bpe, shared, samples[i].piece, samples[i].tokens); /* which other models have used */
        }
        bpe_workspace_free(own);
        bpe_free(bpe);
    }
    bpe_workspace_free(shared);
    bpe_workspace_free(NULL);
    bpe_free(NULL);
}

static void names_and_numbers(void **state)
{
    (void)state;
    struct bpe *bpe = model_from("{\"vocab\":{\"a\":5,\"\\u0000\":2,\"\":7,\"b\":1,\"a\":0},\"merges\":[]}");
    struct slice token;
    uint32_t id = 99;
    assert_int_equal(bpe_count(bpe), 4); /* "a" stands twice */
    assert_true(bpe_id(bpe, SLICE("a"), &id) && id == 0);
    assert_true(bpe_id(bpe, SLICE("\0"), &id) && id == 2);
    assert_true(bpe_id(bpe, SLICE(""), &id) && id == 7);
    assert_false(bpe_id(bpe, SLICE("c"), &id));
    assert_int_equal(id, 7);
    assert_true(bpe_token(bpe, 2, &token) && token.size == 1 && token.data[0] == '\0');
    assert_true(bpe_token(bpe, 7, &token) && token.size == 0);
    assert_false(bpe_token(bpe, 5, &token));
    assert_false(bpe_token(bpe, 8, &token));
    assert_false(bpe_token(bpe, UINT32_MAX, &token));
    bpe_free(bpe);
}

static void labels(void **state)
{
    (void)state;
    static const struct {
        struct slice token;
        const char *label;
    } wanted[] = {
        {SLICE_CONSTANT(""), ""},
        {SLICE_CONSTANT("a\0\n\x7F\xC2\x80z\xC2\xA0"), "a     z\xC2\xA0"},
        {SLICE_CONSTANT("0123456789012345678901234567890123456789012345678901234567890123"),
         "0123456789012345678901234567890123456789012345678901234567890123"},
        {SLICE_CONSTANT("012345678901234567890123456789012345678901234567890123456789012\xC3\xA9"),
         "012345678901234567890123456789012345678901234567890123456789012..."},
    };
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++)
        assert_string_equal(token_label(wanted[i].token).text, wanted[i].label);
    assert_string_equal(byte_token(0x0A).text, "<0x0A>");
    assert_string_equal(byte_token(0xFF).text, "<0xFF>");
}

static void byte_level_table(void **state)
{
    (void)state;
    bool seen[0x144] = {false};
    assert_int_equal(byte_level_character(' '), 0x120);
    assert_int_equal(byte_level_character('\n'), 0x10A);
    assert_int_equal(byte_level_character(0x7F), 0x121);
    assert_int_equal(byte_level_character(0xA0), 0x142);
    assert_int_equal(byte_level_character(0xAD), 0x143);
    assert_int_equal(byte_level_character('a'), 'a');
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t back = 0;
        uint32_t character = byte_level_character((uint8_t)byte);
        assert_true(character < 0x144 && !seen[character]);
        seen[character] = true;
        assert_true(byte_level_byte(character, &back));
        assert_int_equal(back, byte);
    }
    for (uint32_t character = 0; character < 0x144; character++) {
        uint8_t byte = 77;
        assert_int_equal(byte_level_byte(character, &byte), seen[character]);
        assert_true(seen[character] || byte == 77);
    }
    uint8_t byte;
    assert_false(byte_level_byte(0x144, &byte) || byte_level_byte(UINT32_MAX, &byte));
}

/* ---- hostile models ---- */

static void wrong_models(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        enum error_kind kind;
        const char *part;
    } wrong[] = {
        {"[]", ERROR_INVALID, "\"vocab\" is missing"},
        {"{\"merges\":[]}", ERROR_INVALID, "\"vocab\" is missing"},
        {"{\"vocab\":null,\"merges\":[]}", ERROR_INVALID, "\"vocab\" is missing"},
        {"{\"vocab\":[],\"merges\":[]}", ERROR_INVALID, "\"vocab\" is an array"},
        {"{\"vocab\":{}}", ERROR_INVALID, "\"merges\" is missing"},
        {"{\"vocab\":{},\"merges\":{}}", ERROR_INVALID, "\"merges\" is an object"},
        {"{\"vocab\":{\"a\":\"0\"},\"merges\":[]}", ERROR_INVALID, "token \"a\" is a text"},
        {"{\"vocab\":{\"a\":-1},\"merges\":[]}", ERROR_INVALID, "token \"a\" has number -1"},
        {"{\"vocab\":{\"a\":0.5},\"merges\":[]}", ERROR_INVALID, "token \"a\" has number 0.5"},
        {"{\"vocab\":{\"a\":1e3},\"merges\":[]}", ERROR_INVALID, "expected a whole number"},
        {"{\"vocab\":{\"a\":4194304},\"merges\":[]}", ERROR_LIMIT, "token \"a\" has number 4194304, the limit is 4194303"},
        {"{\"vocab\":{\"a\":4294967296},\"merges\":[]}", ERROR_LIMIT, "4294967296"},
        {"{\"vocab\":{\"a\":99999999999999999999},\"merges\":[]}", ERROR_INVALID, "expected a whole number"},
        {"{\"vocab\":{\"a\":0},\"merges\":[0]}", ERROR_INVALID, "merge 1 is a number"},
        {"{\"vocab\":{\"a\":0},\"merges\":[null]}", ERROR_INVALID, "merge 1 is null"},
        {"{\"vocab\":{\"a\":0},\"merges\":[\"aa\"]}", ERROR_INVALID, "merge 1 is \"aa\", expected two tokens"},
        {"{\"vocab\":{\"a\":0},\"merges\":[\"a a a\"]}", ERROR_INVALID, "merge 1 is \"a a a\", expected two tokens"},
        {"{\"vocab\":{\"a\":0},\"merges\":[[\"a\"]]}", ERROR_INVALID, "merge 1 is not a pair of texts"},
        {"{\"vocab\":{\"a\":0},\"merges\":[[\"a\",1]]}", ERROR_INVALID, "merge 1 is not a pair of texts"},
        {"{\"vocab\":{\"a\":0},\"merges\":[[\"a\",\"a\",\"a\"]]}", ERROR_INVALID, "merge 1 is not a pair of texts"},
        {"{\"vocab\":{\"a\":0,\"aa\":1},\"merges\":[\"a a\",[\"a\",\"a\"]]}", ERROR_INVALID, "merge 2 is an array"},
        {"{\"vocab\":{\"a\":0},\"merges\":[\"b a\"]}", ERROR_INVALID, "merge 1 needs token \"b\""},
        {"{\"vocab\":{\"a\":0},\"merges\":[\"a c\"]}", ERROR_INVALID, "merge 1 needs token \"c\""},
        {"{\"vocab\":{\"a\":0},\"merges\":[\"a a\"]}", ERROR_INVALID, "merge 1 needs token \"aa\", which the vocabulary lacks"},
        {"{\"vocab\":{\"a\":0,\"\":1},\"continuing_subword_prefix\":\"#\",\"merges\":[\"a \"]}", ERROR_INVALID,
         "shorter than the prefix \"#\""},
        {"{\"vocab\":{\"\\u0001\\n\":0},\"merges\":[\"\\u0001\\n x\"]}", ERROR_INVALID, "needs token \"x\""},
        {"{\"vocab\":{},\"merges\":[],\"dropout\":0.1}", ERROR_INVALID, "\"dropout\" is 0.1, expected null"},
        {"{\"vocab\":{},\"merges\":[],\"dropout\":\"0\"}", ERROR_INVALID, "\"dropout\" is a text"},
        {"{\"vocab\":{},\"merges\":[],\"unk_token\":1}", ERROR_INVALID, "\"unk_token\" is a number"},
        {"{\"vocab\":{},\"merges\":[],\"continuing_subword_prefix\":[]}", ERROR_INVALID,
         "\"continuing_subword_prefix\" is an array"},
        {"{\"vocab\":{},\"merges\":[],\"end_of_word_suffix\":true}", ERROR_INVALID, "\"end_of_word_suffix\" is true or false"},
        {"{\"vocab\":{},\"merges\":[],\"end_of_word_suffix\":"
         "\"0123456789012345678901234567890123456789012345678901234567890123x\"}",
         ERROR_LIMIT, "has 65 bytes, the limit is 64"},
        {"{\"vocab\":{},\"merges\":[],\"fuse_unk\":0}", ERROR_INVALID, "\"fuse_unk\" is a number"},
        {"{\"vocab\":{},\"merges\":[],\"byte_fallback\":\"no\"}", ERROR_INVALID, "\"byte_fallback\" is a text"},
        {"{\"vocab\":{},\"merges\":[],\"ignore_merges\":{}}", ERROR_INVALID, "\"ignore_merges\" is an object"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
        expect_refused(wrong[i].model, wrong[i].kind, wrong[i].part);
}

/* What may look wrong and is not: settings that are null, no tokens, an unknown token that is none. */
static void lenient_models(void **state)
{
    (void)state;
    struct bpe_workspace *workspace = bpe_workspace_create();
    struct bpe *bpe = model_from("{\"vocab\":{},\"merges\":[],\"dropout\":0,\"unk_token\":\"?\",\"fuse_unk\":null,"
                                 "\"continuing_subword_prefix\":\"\",\"end_of_word_suffix\":null,\"extra\":1}");
    expect_tokens(bpe, workspace, "abc", "");
    assert_int_equal(bpe_count(bpe), 0);
    bpe_free(bpe);
    bpe_workspace_free(workspace);
}

/* ---- large ---- */

/* {"vocab": {"a": 0, "aa": 1, "aaaa": 2, …}, "merges": ["a a", "aa aa", …]} up to 2^levels letters. */
static struct bpe *doubling_model(unsigned levels)
{
    struct buffer json, token;
    buffer_init(&json, MIB);
    buffer_init(&token, MIB);
    buffer_append_text(&json, "{\"vocab\":{\"a\":0");
    for (unsigned i = 1; i <= levels; i++) {
        buffer_append_text(&json, ",\"");
        buffer_append_slice(&json, repeated(&token, "a", (size_t)1 << i));
        buffer_format(&json, "\":%u", i);
    }
    buffer_append_text(&json, "},\"merges\":[");
    for (unsigned i = 0; i < levels; i++) {
        buffer_append_text(&json, i > 0 ? ",\"" : "\"");
        buffer_append_slice(&json, repeated(&token, "a", (size_t)1 << i));
        buffer_append_text(&json, " ");
        buffer_append_slice(&json, repeated(&token, "a", (size_t)1 << i));
        buffer_append_text(&json, "\"");
    }
    buffer_append_text(&json, "]}");
    struct bpe *bpe = model_from(buffer_text(&json));
    buffer_release(&json);
    buffer_release(&token);
    return bpe;
}

/* A way that is quadratic does not end within the time that a test has. */
static void long_pieces(void **state)
{
    (void)state;
    struct bpe *bpe = doubling_model(10);
    struct bpe_workspace *workspace = bpe_workspace_create();
    struct piece_tokens tokens;
    struct buffer text;
    piece_tokens_init(&tokens);
    buffer_init(&text, 2 * MIB);
    struct slice piece = repeated(&text, "a", MIB + 777); /* 777 = 512 + 256 + 8 + 1 */
    bpe_encode(bpe, workspace, piece, &tokens);
    assert_int_equal(tokens.count, 1024 + 4);
    for (size_t i = 0; i < 1024; i++)
        assert_int_equal(tokens.items[i].id, 10);
    static const uint32_t rest[] = {9, 8, 3, 0};
    for (size_t i = 0; i < ARRAY_COUNT(rest); i++)
        assert_int_equal(tokens.items[1024 + i].id, rest[i]);
    assert_int_equal(tokens.items[1027].end, piece.size);
    piece_tokens_release(&tokens);
    buffer_release(&text);
    bpe_workspace_free(workspace);
    bpe_free(bpe);
}

/* Short pieces are merged by looking at all pairs, and must be as with the queue. */
static void both_ways_agree(void **state)
{
    (void)state;
    struct bpe *bpe = model_from(
        "{\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"a\":1,\"b\":2,\"ab\":3,\"ba\":4,\"aa\":5,\"aba\":6,"
        "\"abab\":7,\"bb\":8,\"aab\":9,\"?a\":10},\"merges\":[\"b a\",\"a b\",\"a ba\",\"ab ab\",\"b b\","
        "\"a a\",\"a ab\",\"aa b\",\"ab a\",\"? a\"]}");
    struct bpe_workspace *scanning = bpe_workspace_create(), *queueing = bpe_workspace_create();
    struct random chance;
    random_init(&chance, test_seed());
    assert_true(bpe->is_plain);
    for (int round = 0; round < 20000; round++) {
        char text[48];
        struct slice piece = {text, 1 + (size_t)random_below(&chance, sizeof(text))};
        for (size_t i = 0; i < piece.size; i++)
            text[i] = "aabbx"[random_below(&chance, 5)];
        struct piece_tokens scanned = {0}, queued = {0};
        bpe->is_plain = true;
        bpe_encode(bpe, scanning, piece, &scanned);
        bpe->is_plain = false;
        bpe_encode(bpe, queueing, piece, &queued);
        assert_int_equal(scanned.count, queued.count);
        assert_memory_equal(scanned.items, queued.items, scanned.count * sizeof(*scanned.items));
        piece_tokens_release(&scanned);
        piece_tokens_release(&queued);
    }
    bpe_workspace_free(scanning);
    bpe_workspace_free(queueing);
    bpe_free(bpe);
}

static void any_bytes(void **state)
{
    (void)state;
    struct bpe *bpe = model_from(BYTES);
    struct bpe_workspace *workspace = bpe_workspace_create();
    struct random chance;
    random_init(&chance, test_seed());
    for (int round = 0; round < 20000; round++) {
        char text[24];
        size_t size = (size_t)random_below(&chance, sizeof(text) + 1);
        struct piece_tokens tokens = {0};
        for (size_t i = 0; i < size; i++)
            text[i] = random_below(&chance, 2) ? (char)random_u64(&chance) : "a\xC3\xA9\n"[random_below(&chance, 4)];
        bpe_encode(bpe, workspace, (struct slice){text, size}, &tokens);
        for (size_t i = 0; i < tokens.count; i++)
            assert_true(tokens.items[i].start <= tokens.items[i].end && tokens.items[i].end <= size);
        piece_tokens_release(&tokens);
    }
    bpe_workspace_free(workspace);
    bpe_free(bpe);
}

static void vocabulary_past_the_limit(void **state)
{
    (void)state;
    /* one token past the limit, without the text of so many: the tree is made here */
    size_t count = LIMIT_TOKENIZER_TOKENS + 1;
    struct json_value member = {.kind = JSON_OBJECT, .count = count};
    struct slice key = SLICE("vocab");
    struct json_value model = {.kind = JSON_OBJECT, .count = 1, .keys = &key, .items = &member};
    struct bpe *bpe = NULL;
    struct error error;
    expect_error(bpe_read(&bpe, &model, "model", &error), &error, ERROR_LIMIT, "has 4194305 tokens, the limit is 4194304");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_as_the_original),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(labels),
        cmocka_unit_test(byte_level_table),
        cmocka_unit_test(wrong_models),
        cmocka_unit_test(lenient_models),
        cmocka_unit_test(long_pieces),
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(vocabulary_past_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
