/* test_text_unigram.c - the unigram model: samples whose tokens the original gave, the trie against a plain search, hostile models,
 * long pieces. The comparison with the original at large is tests/tokens/compare_pieces.py. */
#include "token_samples.h"
#include "codec/codec.h"
#include "text/score_text.h"
#include "text/token_trie.h"
#include "text/unigram.h"
#include <math.h>
#include <string.h>

/* ---- helpers ---- */

static bool read_model(struct unigram **unigram, struct slice json, struct error *error)
{
    struct arena arena;
    struct json_value model;
    arena_init(&arena);
    expect_ok(json_read(json, "model", &arena, &model, error), error);
    bool ok = unigram_read(unigram, &model, "model", error);
    arena_release(&arena);
    return ok;
}

static struct unigram *model_from(struct slice json)
{
    struct unigram *unigram = NULL;
    struct error error;
    expect_ok(read_model(&unigram, json, &error), &error);
    return unigram;
}

static void expect_tokens(const struct unigram *unigram, struct unigram_workspace *workspace, const char *piece,
                          const char *wanted)
{
    struct piece_tokens tokens;
    struct buffer text;
    piece_tokens_init(&tokens);
    buffer_init(&text, MIB);
    unigram_encode(unigram, workspace, slice_from(piece), &tokens);
    write_tokens(&tokens, &text);
    compare_text(piece, buffer_slice(&text), wanted);
    piece_tokens_release(&tokens);
    buffer_release(&text);
}

/* ---- samples ---- */

#define PLAIN                                                                                                                  \
    "{\"vocab\":[[\"<unk>\",0],[\"a\",0],[\"b\",0],[\"c\",0],[\"d\",0],[\"cd\",1],[\"ab\",2],[\"abc\",5],[\"abcd\",10]],"      \
    "\"unk_id\":0}"
#define TIES "{\"vocab\":[[\"?\",-20],[\"a\",-1],[\"aa\",-2],[\"b\",-1],[\"ab\",-2],[\"ba\",-2],[\"aba\",-3]],\"unk_id\":0}"
#define BYTES                                                                                                                  \
    "{\"type\":\"Unigram\",\"vocab\":[[\"?\",-20],[\"a\",-1.5],[\"<0xC3>\",-1],[\"<0xA9>\",-1],[\"<0x0A>\",-1]],\"unk_id\":0," \
    "\"byte_fallback\":true}"
#define TWICE "{\"vocab\":[[\"a\",-1],[\"b\",-1],[\"ab\",-5],[\"ab\",-1.5],[\"b\",-2],[\"zx\",-1]],\"unk_id\":1}"
#define WHOLE "{\"vocab\":[[\"?\",0],[\"a\",-1],[\"xy\",-1000],[\"y\",-1]],\"unk_id\":0}"
#define NONE "{\"vocab\":[[\"a\",-1],[\"ab\",-1],[\"<0xC3>\",-1],[\"<0xA9>\",-1]],\"unk_id\":null,\"byte_fallback\":true}"
#define ROUNDED "{\"vocab\":[[\"?\",-30],[\"a\",-9.634415443986683],[\"b\",0],[\"ab\",-9.634415443986684]],\"unk_id\":0}"

static const struct token_sample samples[] = {
    {PLAIN, "abcdacdxx", "8:0-4 1:4-5 5:5-7 0:7-9"},
    {PLAIN, "ab", "6:0-2"},
    {PLAIN, "", ""},
    {PLAIN, "<unk>a", "0:0-5 1:5-6"},
    {PLAIN, "xéab", "0:0-3 6:3-5"},
    {PLAIN, "a<unk>xb", "1:0-1 0:1-7 2:7-8"}, /* the unknown token spelled out and one unknown: together one */
    {TIES, "aaa", "1:0-1 2:1-3"},
    {TIES, "aab", "1:0-1 4:1-3"},
    {TIES, "abab", "4:0-2 4:2-4"},
    {TIES, "baba", "3:0-1 6:1-4"},
    {BYTES, "aéa", "1:0-1 2:1-3 3:1-3 1:3-4"},
    {BYTES, "\n\n", "4:0-2 4:0-2"},
    {BYTES, "éü", "0:0-4"}, /* one byte of ü is missing, so both are unknown */
    {BYTES, "aü", "1:0-1 0:1-3"},
    {TWICE, "abb", "3:0-2 4:2-3"},
    {TWICE, "ba", "4:0-1 0:1-2"},
    {TWICE, "zzx", "1:0-1 5:1-3"},
    {TWICE, "zx", "5:0-2"},
    {WHOLE, "axy", "1:0-1 2:1-3"}, /* two unknowns, whose text is a token after all */
    {WHOLE, "xyx", "2:0-2 0:2-3"},
    {WHOLE, "xx", "0:0-2"},
    {NONE, "aab", "0:0-1 1:1-3"},
    {ROUNDED, "ab", "3:0-2"}, /* a tie only by the original's way of reading numbers */
};

static void samples_as_the_original(void **state)
{
    (void)state;
    struct unigram_workspace *shared = unigram_workspace_create();
    for (size_t i = 0; i < ARRAY_COUNT(samples); i++) {
        struct unigram *unigram = model_from(slice_from(samples[i].model));
        struct unigram_workspace *own = unigram_workspace_create();
        for (int again = 0; again < 2; again++) { /* made, then remembered */
            expect_tokens(unigram, own, samples[i].piece, samples[i].tokens);
            expect_tokens(unigram, shared, samples[i].piece, samples[i].tokens); /* which other models have used */
        }
        unigram_workspace_free(own);
        unigram_free(unigram);
    }
    unigram_workspace_free(shared);
    unigram_workspace_free(NULL);
    unigram_free(NULL);
}

/* The original gives up on what neither the vocabulary nor an unknown token can spell; here it has its bytes, or nothing. */
static void without_unknown_token(void **state)
{
    (void)state;
    struct unigram *unigram = model_from(SLICE(NONE));
    struct unigram_workspace *workspace = unigram_workspace_create();
    expect_tokens(unigram, workspace, "axa", "0:0-1 0:2-3");
    expect_tokens(unigram, workspace, "éa", "2:0-2 3:0-2 0:2-3");
    unigram_workspace_free(workspace);
    unigram_free(unigram);
}

static void names_and_numbers(void **state)
{
    (void)state;
    struct unigram *unigram = model_from(SLICE("{\"vocab\":[[\"a\",0],[\"\",-1],[\"\\u0000\",-2],[\"a\",-3]]}"));
    struct slice token;
    uint32_t id = 99;
    assert_int_equal(unigram_count(unigram), 4);
    assert_true(unigram_id(unigram, SLICE("a"), &id) && id == 3);
    assert_true(unigram_id(unigram, SLICE("\0"), &id) && id == 2);
    assert_true(unigram_id(unigram, SLICE(""), &id) && id == 1);
    assert_false(unigram_id(unigram, SLICE("aa"), &id));
    assert_int_equal(id, 1);
    assert_true(unigram_token(unigram, 0, &token) && slice_equal(token, SLICE("a")));
    assert_true(unigram_token(unigram, 1, &token) && token.size == 0);
    assert_true(unigram_token(unigram, 2, &token) && token.size == 1 && token.data[0] == '\0');
    assert_false(unigram_token(unigram, 4, &token));
    assert_false(unigram_token(unigram, UINT32_MAX, &token));
    unigram_free(unigram);
}

static void scores_as_the_original(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double score; /* as it came back out of the original */
    } wanted[] = {
        {"0.0", 0},
        {"1.5", 1.5},
        {"-10.25e0", -10.25},
        {"1e3", 1000},
        {"25E-2", 0.25},
        {"-0.43561181362301915", -0.4356118136230191},
        {"-12.563669634938593", -12.563669634938591},
        {"-9.634415443986683", -9.634415443986684},
        {"-1.8133493970870962", -1.813349397087096},
        {"0e999999999999", 0},
        {"1e-400", 0},
        {"1e+308", 1e308},
        {"0.00000000000000000000000000000001", 9.999999999999999e-33},
        {"18446744073709551615.0", 18446744073709551615.0},
        {"184467440737095516150.5", 1.844674407370955e20},
    };
    double score = 7;
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        assert_true(score_from_text(slice_from(wanted[i].text), &score));
        if (score < wanted[i].score || score > wanted[i].score)
            fail_msg("%s is %.17g, expected %.17g", wanted[i].text, score, wanted[i].score);
    }
    assert_false(score_from_text(SLICE("1e309"), &score));
    assert_false(score_from_text(SLICE("-9e99999999999999999999"), &score));
}

/* ---- the trie against a plain search ---- */

struct tokens_made {
    struct buffer bytes;
    uint32_t starts[401];
    double scores[400];
    size_t count;
};

static void make_tokens(struct tokens_made *made, struct random *chance)
{
    buffer_clear(&made->bytes);
    made->count = (size_t)random_below(chance, ARRAY_COUNT(made->scores) + 1);
    unsigned letters = 1 + (unsigned)random_below(chance, 200);
    made->starts[0] = 0;
    for (size_t i = 0; i < made->count; i++) {
        size_t size = (size_t)random_below(chance, random_below(chance, 5) ? 7 : 60);
        for (size_t k = 0; k < size; k++)
            buffer_append_byte(&made->bytes, (char)(60 + random_below(chance, letters)));
        made->starts[i + 1] = (uint32_t)made->bytes.size;
        made->scores[i] = (double)i;
    }
}

static struct slice token_made(const struct tokens_made *made, size_t i)
{
    return slice_range(buffer_slice(&made->bytes), made->starts[i], made->starts[i + 1]);
}

/* The last token that is this text, or TOKEN_NONE. */
static uint32_t plain_search(const struct tokens_made *made, struct slice text)
{
    for (size_t i = made->count; i-- > 0;)
        if (slice_equal(token_made(made, i), text))
            return (uint32_t)i;
    return TOKEN_NONE;
}

static void expect_prefixes(const struct token_trie *trie, const struct tokens_made *made, struct slice text)
{
    uint32_t node = 0, found = 0, wanted = 0;
    for (size_t at = 0; token_trie_step(trie, text, &node, &at);) {
        if (trie->nodes[node].token == TOKEN_NONE)
            continue;
        assert_int_equal(trie->nodes[node].token, plain_search(made, slice_range(text, 0, at)));
        assert_true(trie->nodes[node].score == made->scores[trie->nodes[node].token]);
        found++;
    }
    for (size_t size = 1; size <= text.size; size++)
        wanted += plain_search(made, slice_range(text, 0, size)) != TOKEN_NONE;
    assert_int_equal(found, wanted);
}

static void trie_like_a_plain_search(void **state)
{
    (void)state;
    struct random chance;
    struct tokens_made *made = memory_alloc(1, sizeof(*made));
    random_init(&chance, test_seed());
    buffer_init(&made->bytes, MIB);
    for (int round = 0; round < 60; round++) {
        struct token_trie trie;
        make_tokens(made, &chance);
        struct slice bytes = buffer_slice(&made->bytes);
        token_trie_build(&trie, bytes.data, made->starts, made->scores, made->count);
        assert_true(trie.node_count <= 2 * made->count + 1);
        for (size_t i = 0; i < made->count; i++)
            assert_int_equal(token_trie_get(&trie, token_made(made, i)), plain_search(made, token_made(made, i)));
        for (int probe = 0; probe < 60 && bytes.size > 0; probe++) {
            size_t start = (size_t)random_below(&chance, bytes.size), left = bytes.size - start;
            expect_prefixes(&trie, made, slice_range(bytes, start, start + (left < 90 ? left : 90)));
        }
        assert_int_equal(token_trie_get(&trie, SLICE("\x01")), TOKEN_NONE);
        token_trie_release(&trie);
    }
    buffer_release(&made->bytes);
    free(made);
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
        {"{}", ERROR_INVALID, "\"vocab\" is missing"},
        {"{\"vocab\":{}}", ERROR_INVALID, "\"vocab\" is an object"},
        {"{\"vocab\":[]}", ERROR_INVALID, "\"vocab\" is empty"},
        {"{\"vocab\":[],\"unk_id\":0}", ERROR_INVALID, "\"vocab\" is empty"},
        {"{\"vocab\":[1]}", ERROR_INVALID, "token 0 is not a pair of a text and a number"},
        {"{\"vocab\":[[\"a\",0],[\"a\"]]}", ERROR_INVALID, "token 1 is not a pair"},
        {"{\"vocab\":[[0,\"a\"]]}", ERROR_INVALID, "token 0 is not a pair"},
        {"{\"vocab\":[[\"a\",\"0\"]]}", ERROR_INVALID, "token 0 is not a pair"},
        {"{\"vocab\":[[\"a\",null]]}", ERROR_INVALID, "token 0 is not a pair"},
        {"{\"vocab\":[[\"a\",0,0]]}", ERROR_INVALID, "token 0 is not a pair"},
        {"{\"vocab\":[{\"a\":0}]}", ERROR_INVALID, "token 0 is not a pair"},
        {"{\"vocab\":[[\"a\",0]],\"unk_id\":1}", ERROR_INVALID, "\"unk_id\" is 1, expected 0 to 0"},
        {"{\"vocab\":[[\"a\",0]],\"unk_id\":-1}", ERROR_INVALID, "\"unk_id\" is -1"},
        {"{\"vocab\":[[\"a\",0]],\"unk_id\":0.5}", ERROR_INVALID, "\"unk_id\" is 0.5"},
        {"{\"vocab\":[[\"a\",0]],\"unk_id\":18446744073709551616}", ERROR_INVALID, "\"unk_id\" is 1.8"},
        {"{\"vocab\":[[\"a\",0]],\"unk_id\":\"0\"}", ERROR_INVALID, "\"unk_id\" is a text"},
        {"{\"vocab\":[[\"a\",0]],\"byte_fallback\":1}", ERROR_INVALID, "\"byte_fallback\" is a number"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct unigram *unigram = NULL;
        struct error error;
        bool ok = read_model(&unigram, slice_from(wrong[i].model), &error);
        expect_error(ok, &error, wrong[i].kind, wrong[i].part);
        assert_null(unigram);
    }
}

/* Scores that JSON cannot spell, and more tokens than there may be: the tree is made here. */
static void wrong_trees(void **state)
{
    (void)state;
    static const double scores[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    struct slice key = SLICE("vocab");
    struct json_value pair[2] = {{.kind = JSON_TEXT, .text = SLICE_CONSTANT("a")}, {.kind = JSON_NUMBER}};
    struct json_value entry = {.kind = JSON_ARRAY, .count = 2, .items = pair};
    struct json_value vocabulary = {.kind = JSON_ARRAY, .count = 1, .items = &entry};
    struct json_value model = {.kind = JSON_OBJECT, .count = 1, .keys = &key, .items = &vocabulary};
    struct unigram *unigram = NULL;
    struct error error;
    for (size_t i = 0; i < ARRAY_COUNT(scores); i++) {
        pair[1].real = scores[i];
        bool ok = unigram_read(&unigram, &model, "model", &error);
        expect_error(ok, &error, ERROR_INVALID, "the score of token 0, \"a\", is past the range of doubles");
    }
    pair[1].text = SLICE("1e309");
    bool ok = unigram_read(&unigram, &model, "model", &error);
    expect_error(ok, &error, ERROR_INVALID, "past the range");
    vocabulary.count = LIMIT_TOKENIZER_TOKENS + 1;
    ok = unigram_read(&unigram, &model, "model", &error);
    expect_error(ok, &error, ERROR_LIMIT, "has 4194305 tokens, the limit is 4194304");
}

/* ---- large ---- */

static void million_equal_tokens(void **state)
{
    (void)state;
    enum { COUNT = 1000000 };
    struct buffer json;
    buffer_init(&json, 64 * MIB);
    buffer_append_text(&json, "{\"vocab\":[[\"abc\",-1]");
    for (size_t i = 1; i < COUNT; i++)
        buffer_append_text(&json, ",[\"abc\",-1]");
    buffer_append_text(&json, "],\"unk_id\":7}");
    struct unigram *unigram = model_from(buffer_slice(&json));
    struct unigram_workspace *workspace = unigram_workspace_create();
    expect_tokens(unigram, workspace, "abcabc", "999999:0-3 999999:3-6");
    expect_tokens(unigram, workspace, "x", "7:0-1");
    unigram_workspace_free(workspace);
    unigram_free(unigram);
    buffer_release(&json);
}

static void long_pieces(void **state)
{
    (void)state;
    struct unigram *unigram = model_from(
        SLICE("{\"vocab\":[[\"?\",-9],[\"a\",-1],[\"aa\",-1.5],[\"aaaa\",-2],[\"aaaaaaaa\",-3]],\"unk_id\":0}"));
    struct unigram_workspace *workspace = unigram_workspace_create();
    struct piece_tokens tokens;
    struct buffer text;
    piece_tokens_init(&tokens);
    buffer_init(&text, 2 * MIB);
    struct slice piece = repeated(&text, "a", MIB);
    unigram_encode(unigram, workspace, piece, &tokens);
    assert_int_equal(tokens.count, MIB / 8);
    assert_int_equal(tokens.items[MIB / 8 - 1].end, piece.size);
    tokens.count = 0;
    unigram_encode(unigram, workspace, repeated(&text, "x", MIB), &tokens); /* one unknown */
    assert_int_equal(tokens.count, 1);
    assert_int_equal(tokens.items[0].end, MIB);
    piece_tokens_release(&tokens);
    buffer_release(&text);
    unigram_workspace_free(workspace);
    unigram_free(unigram);
}

static void any_bytes(void **state)
{
    (void)state;
    struct unigram *unigram = model_from(SLICE(BYTES));
    struct unigram_workspace *workspace = unigram_workspace_create();
    struct random chance;
    random_init(&chance, test_seed());
    for (int round = 0; round < 20000; round++) {
        char text[24];
        size_t size = (size_t)random_below(&chance, sizeof(text) + 1);
        struct piece_tokens tokens = {0};
        for (size_t i = 0; i < size; i++)
            text[i] = random_below(&chance, 2) ? (char)random_u64(&chance) : "a\xC3\xA9\n"[random_below(&chance, 4)];
        unigram_encode(unigram, workspace, (struct slice){text, size}, &tokens);
        for (size_t i = 0; i < tokens.count; i++)
            assert_true(tokens.items[i].start < tokens.items[i].end && tokens.items[i].end <= size);
        assert_true(size == 0 || tokens.items[tokens.count - 1].end == size);
        piece_tokens_release(&tokens);
    }
    unigram_workspace_free(workspace);
    unigram_free(unigram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_as_the_original),
        cmocka_unit_test(without_unknown_token),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(scores_as_the_original),
        cmocka_unit_test(trie_like_a_plain_search),
        cmocka_unit_test(wrong_models),
        cmocka_unit_test(wrong_trees),
        cmocka_unit_test(million_equal_tokens),
        cmocka_unit_test(long_pieces),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
