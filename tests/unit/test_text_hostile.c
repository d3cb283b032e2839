/* test_text_hostile.c - tokenizers written to take memory or time: each is refused, or refuses the text, by name. Without their limits
 * these take tens of gigabytes, or hours. */
#include "compare.h"
#include "text/bpe_parts.h"
#include "text/text.h"
#include "text/vocabulary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"<unk>\":0,\"b\":1},\"unk_token\":\"<unk>\"}"
#define LONG_TOKEN (LIMIT_TOKENIZER_TEXT_BYTES - 16)

static void repeat(struct buffer *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_append_text(out, text);
}

/* Reads the tokenizer, gives it `count` times `part`, and expects the complaint; a short text goes through all the same. */
static void expect_refused_text(const struct buffer *json, const char *part, size_t count)
{
    struct error error = {0};
    struct tokenizer *tokenizer = NULL;
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    struct buffer text;
    assert_false(json->failed);
    buffer_init(&text, 64 * MIB);
    tokens_init(&tokens);
    repeat(&text, part, count);
    expect_ok(tokenizer_read(&tokenizer, buffer_slice(json), "hostile.json", &error), &error);
    for (int round = 0; round < 2; round++) {
        tokenizer_encode(tokenizer, workspace, buffer_slice(&text), NULL, &(struct tokenizer_options){0}, &tokens);
        assert_int_equal(tokens.count, 0);
        expect_error(tokenizer_check(tokenizer, &tokens, &error), &error, ERROR_LIMIT, "hostile.json");
        tokenizer_encode(tokenizer, workspace, SLICE("b"), NULL, &(struct tokenizer_options){0}, &tokens);
        expect_ok(tokenizer_check(tokenizer, &tokens, &error), &error);
        assert_true(tokens.count > 0);
    }
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
    tokenizer_free(tokenizer);
    buffer_release(&text);
}

static void expect_refused_file(const struct buffer *json, const char *part)
{
    struct error error = {0};
    struct tokenizer *tokenizer = NULL;
    assert_false(json->failed);
    expect_error(tokenizer_read(&tokenizer, buffer_slice(json), "hostile.json", &error), &error, ERROR_LIMIT, part);
    assert_null(tokenizer);
}

static void test_replace_multiplies(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, MIB);
    buffer_append_text(&json, "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"");
    repeat(&json, "x", LIMIT_TOKENIZER_TEXT_BYTES);
    buffer_append_text(&json, "\"}," WORDS "}");
    expect_refused_text(&json, "a", 64 * KIB);

    buffer_clear(&json); /* many small steps come to the same */
    buffer_append_text(&json, "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[");
    for (int i = 0; i < 40; i++) {
        buffer_append_text(&json, i > 0 ? "," : "");
        buffer_append_text(&json, "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}");
    }
    buffer_append_text(&json, "]}," WORDS "}");
    expect_refused_text(&json, "a", 100);
    buffer_release(&json);
}

static void append_base64(struct buffer *out, struct slice bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    assert_int_equal(bytes.size % 3, 0);
    for (size_t i = 0; i < bytes.size; i += 3) {
        uint32_t three = (uint32_t)(unsigned char)bytes.data[i] << 16 | (uint32_t)(unsigned char)bytes.data[i + 1] << 8 |
                         (unsigned char)bytes.data[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            buffer_append_byte(out, letters[three >> shift & 63]);
    }
}

/* A map of "a" to so many characters. */
static void make_charsmap(struct buffer *json, size_t size)
{
    enum { UNITS = 98 };
    struct buffer map;
    buffer_init(&map, 4 * MIB);
    buffer_u32(&map, UNITS * 4);
    for (uint32_t i = 0; i < UNITS; i++)
        buffer_u32(&map, i == 'a' ? 'a' | 1u << 8 | 1u << 10 : i == ('a' ^ 1) ? 1u << 31 : 0);
    repeat(&map, "x", size);
    while (map.size % 3 != 0)
        buffer_append_byte(&map, 0);
    buffer_clear(json);
    buffer_append_text(json, "{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"");
    append_base64(json, buffer_slice(&map));
    buffer_append_text(json, "\"}," WORDS "}");
    buffer_release(&map);
}

static void test_charsmap_multiplies(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 8 * MIB);
    make_charsmap(&json, 2 * MIB);
    expect_refused_file(&json, "precompiled_charsmap");
    make_charsmap(&json, LIMIT_TOKENIZER_TEXT_BYTES);
    expect_refused_text(&json, "a", 64 * KIB);
    buffer_release(&json);
}

static void test_added_tokens_multiply(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 8 * MIB);
    buffer_append_text(&json, "{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"");
    repeat(&json, "x", 8 * KIB);
    buffer_append_text(&json, "\"},\"added_tokens\":[");
    for (int i = 0; i < 10000; i++)
        buffer_format(&json, "%s{\"content\":\"a%d\",\"normalized\":true}", i > 0 ? "," : "", i);
    buffer_append_text(&json, "]," WORDS "}");
    expect_refused_file(&json, "added tokens");
    buffer_release(&json);
}

static void test_template_multiplies(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, MIB);
    buffer_append_text(&json,
                       "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"pair\":[],\"special_tokens\":{},\"single\":[");
    for (int i = 0; i < 256; i++)
        buffer_format(&json, "%s{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}", i > 0 ? "," : "");
    buffer_append_text(&json, "]}," WORDS "}");
    expect_refused_file(&json, "\"single\" of the post_processor");

    buffer_clear(&json);
    buffer_append_text(
        &json, "{\"post_processor\":{\"type\":\"TemplateProcessing\",\"pair\":[],\"special_tokens\":{\"s\":{\"id\":\"s\","
               "\"ids\":[0");
    repeat(&json, ",0", 255);
    buffer_append_text(&json, "],\"tokens\":[]}},\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}");
    repeat(&json, ",{\"SpecialToken\":{\"id\":\"s\",\"type_id\":0}}", 200);
    buffer_append_text(&json, "]}," WORDS "}");
    expect_refused_file(&json, "adds 51200 tokens");
    buffer_release(&json);
}

/* Each place of the text looks for an added token of 16 KiB that never comes: with stages, and where WordPiece is read in one go. */
static void test_added_tokens_look(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, MIB);
    for (int round = 0; round < 2; round++) {
        buffer_clear(&json);
        buffer_format(&json, "{%s\"added_tokens\":[{\"id\":1,\"content\":\"",
                      round == 0
                          ? ""
                          : "\"normalizer\":{\"type\":\"BertNormalizer\"},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},");
        repeat(&json, "a", LIMIT_TOKENIZER_TEXT_BYTES - 1);
        buffer_append_text(&json, "c\"}],\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"?\",\"vocab\":{\"?\":0,\"b\":2}}}");
        expect_refused_text(&json, "a", MIB);
    }
    buffer_release(&json);
}

/* Each place of the word looks for a token of 16 KiB that never comes. */
static void test_word_piece_looks(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, MIB);
    buffer_append_text(
        &json, "{\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"?\",\"max_input_chars_per_word\":4294967295,\"vocab\":"
               "{\"?\":0,\"a\":1,\"##a\":2,\"b\":3,\"##");
    repeat(&json, "a", LONG_TOKEN);
    buffer_append_text(&json, "c\":4}}}");
    expect_refused_text(&json, "a", 64 * KIB);
    buffer_release(&json);
}

static void test_unigram_looks(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 4 * MIB);
    buffer_append_text(&json, "{\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"?\",0],[\"a\",-1],[\"b\",-1]");
    for (size_t size = 600; size < 1000; size++) {
        buffer_append_text(&json, ",[\"");
        repeat(&json, "a", size);
        buffer_append_text(&json, "c\",-1]");
    }
    buffer_append_text(&json, "]}}");
    expect_refused_text(&json, "a", MIB);

    buffer_clear(&json);
    buffer_append_text(&json, "{\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"?\",0],[\"");
    repeat(&json, "a", MIB);
    buffer_append_text(&json, "c\",-1]]}}");
    expect_refused_file(&json, "token 1 has 1048577 bytes");
    buffer_release(&json);
}

/* Each character that the vocabulary lacks becomes the bytes of the prefix too. */
static void test_prefix_multiplies(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, MIB);
    buffer_append_text(&json,
                       "{\"model\":{\"type\":\"BPE\",\"byte_fallback\":true,\"merges\":[],\"continuing_subword_prefix\":\"");
    repeat(&json, "p", 60);
    buffer_append_text(&json, "\",\"vocab\":{\"b\":300");
    for (int i = 0; i < 256; i++)
        buffer_format(&json, ",\"<0x%02X>\":%d", i, i);
    buffer_append_text(&json, "}}}");
    expect_refused_text(&json, "a", MIB);
    buffer_release(&json);
}

/* A workspace that served a tokenizer which is gone serves the next one of the same file: seen by the address sanitizer. */
static void test_workspace_outlives(void **state)
{
    (void)state;
    struct error error = {0};
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    tokens_init(&tokens);
    for (int round = 0; round < 3; round++) {
        struct tokenizer *tokenizer = NULL;
        expect_ok(tokenizer_read_vocabulary(&tokenizer, SLICE("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nab\n##cd\n"),
                                            &(struct vocabulary_settings){0}, "vocab.txt", &error),
                  &error);
        tokenizer_encode(tokenizer, workspace, SLICE("abcd ab"), NULL, &(struct tokenizer_options){0}, &tokens);
        assert_int_equal(tokens.count, 5);
        assert_int_equal(tokens.ids[1], 5);
        assert_int_equal(tokens.ids[2], 6);
        tokenizer_free(tokenizer);
    }
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
}

/* Two words of eight bytes that differ in their highest bits cancelled out in a hash with a known multiplier. */
static void test_tokens_that_collided(void **state)
{
    (void)state;
    enum { PAIRS = 9, COUNT = 1 << PAIRS };
    static uint64_t hashes[COUNT];
    for (uint32_t number = 0; number < COUNT; number++) {
        char token[16 * PAIRS] = {0};
        for (uint32_t i = 0; i < PAIRS; i++)
            if (number >> i & 1) {
                token[16 * i + 7] = (char)0x80;
                token[16 * i + 11] = token[16 * i + 15] = (char)0x80;
            }
        hashes[number] = token_hash(token_secret(), (struct slice){token, sizeof(token)});
        for (uint32_t other = 0; other < number; other++)
            assert_true(hashes[other] != hashes[number]);
    }
}

/* Merges whose numbers, multiplied by a known number, all begin their search at one slot of a table for thousands. */
static void test_merges_that_collided(void **state)
{
    (void)state;
    enum { MASK = 1023, COUNT = 1000 };
    static size_t in_slot[MASK + 1];
    struct bpe bpe = {.secret = token_secret(), .pair_mask = MASK};
    size_t count = 0, most = 0;
    for (uint64_t left = 0; left < 2000 && count < COUNT; left++)
        for (uint64_t right = 0; right < 2000 && count < COUNT; right++) {
            uint64_t pair = left << 32 | right;
            if (((pair * UINT64_C(0x9E3779B97F4A7C15)) >> 32 & MASK) != 0)
                continue;
            size_t slot = bpe_pair_slot(&bpe, pair);
            most = ++in_slot[slot] > most ? in_slot[slot] : most;
            count++;
        }
    assert_int_equal(count, COUNT);
    assert_true(most < COUNT / 10);
}

int main(int argument_count, char **arguments)
{
    if (argument_count > 1) /* one of them */
        cmocka_set_test_filter(arguments[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace_multiplies),    cmocka_unit_test(test_charsmap_multiplies),
        cmocka_unit_test(test_added_tokens_multiply), cmocka_unit_test(test_template_multiplies),
        cmocka_unit_test(test_added_tokens_look),     cmocka_unit_test(test_word_piece_looks),
        cmocka_unit_test(test_unigram_looks),         cmocka_unit_test(test_prefix_multiplies),
        cmocka_unit_test(test_workspace_outlives),    cmocka_unit_test(test_tokens_that_collided),
        cmocka_unit_test(test_merges_that_collided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
