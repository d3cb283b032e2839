/* test_codec_json_document.c - JSON as documents and records, against what is written here by hand. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_block(struct slice source, const struct block *block)
{
    assert_true(block->start < block->end && block->end <= source.size && block->run_count > 0);
    size_t source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        assert_true(run->source_at >= source_at && run->source_at + run->source_size <= block->end);
        assert_true(run->text_at + run->size <= block->text.size);
        if (source.data[run->source_at] != '\\')
            assert_memory_equal(block->text.data + run->text_at, source.data + run->source_at, run->size);
        source_at = run->source_at + run->source_size;
    }
}

static void show(struct slice source, const struct blocks *blocks, struct buffer *shown)
{
    static const char *const kinds[] = {"H", "P", "I", "C", "T", "R"}; /* ORDER block_kind */
    for (size_t i = 0; i < blocks->count; i++) {
        check_block(source, &blocks->items[i]);
        buffer_format(shown, "%s%s ", i > 0 ? "#" : "", kinds[blocks->items[i].kind]);
        buffer_append_slice(shown, blocks->items[i].text);
    }
}

static void expect_document(const char *text, const char *wanted)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct buffer shown;
    char *exact = memory_copy_text(text, strlen(text));
    struct slice source = {exact, strlen(text)};
    arena_init(&arena);
    buffer_init(&shown, MIB);
    expect_ok(json_document_read(source, "a.json", &arena, &blocks, &error), &error);
    show(source, &blocks, &shown);
    compare_text(text, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    arena_release(&arena);
    free(exact);
}

static void documents(void **state)
{
    (void)state;
    expect_document("{\"title\": \"Shop\", \"terms\": {\"days\": 30, \"fee\": \"none\", \"x\": null}, \"staff\": [{\"name\": "
                    "\"Ann\", \"room\": 7}, "
                    "{\"name\": \"Bea\", \"room\": 9}]}",
                    "P Shop#H terms#P days: 30\nfee: none#H staff#R name: Ann | room: 7#R name: Bea | room: 9");
    expect_document(
        "[{\"_id\": \"d1\", \"title\": \"Refunds\", \"text\": \"30 days.\\n\\nNo \\\"fee\\\" \\u00e4\\ud83d\\ude00\"}]",
        "R _id: d1\nRefunds\n30 days.\n\nNo \"fee\" \xC3\xA4\xF0\x9F\x98\x80");
    expect_document("{\"a\": {\"b\": {\"c\": {\"d\": {\"e\": {\"f\": 1}}}}}}", "H a#H b#H c#H d#P e.f: 1");
    expect_document("{\"tags\": [\"x\", \"y\", 3, true], \"on\": false}", "P tags: x, y, 3, true\non: false");
    expect_document(
        "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Hello\"}]}",
        "H messages#R user: Hi#R assistant: Hello");
    expect_document("[{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"bot\", \"content\": \"Yes\"}]}]",
                    "R messages: \nuser: Hi\nbot: Yes");
    expect_document("[[1, 2], [3, 4]]", "R 1, 2#R 3, 4");
    expect_document("{\"k\\u00e4\\\"\\\\\": {\"a\": 1}, \"\": {\"b\": 2}}", "H k\xC3\xA4\"\\#P a: 1#P b: 2");
    expect_document("\"only\"", "P only");
    expect_document("{}", "");
    expect_document("[null, \"\", {}]", "");
    expect_document("{\"a\": \"\\u0000\\u0007x\"}", "P a:   x");
    expect_document("{\"a\": 1}\n{\"a\": 2}\n", "R a: 1#R a: 2"); /* a value a line */
}

static void titles_and_refusals(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    arena_init(&arena);
    expect_ok(json_document_read(SLICE("{\"name\": \"Shop\", \"x\": 1}"), "a.json", &arena, &blocks, &error), &error);
    compare_text("title", blocks.title, "Shop");
    expect_error(json_document_read(SLICE("{\"a\": 1,}"), "a.json", &arena, &blocks, &error), &error, ERROR_INVALID,
                 "a.json:1:9");
    error_clear(&error);
    expect_error(json_document_read(SLICE("{\"a\": 1}\n{\"a\": }\n"), "a.json", &arena, &blocks, &error), &error, ERROR_INVALID,
                 "a.json:2:1");
    arena_release(&arena);
}

static void lines(void **state)
{
    (void)state;
    struct slice source = SLICE("{\"a\": 1}\r\n\n{broken\n[\"x\", 2]\nnull\n{\"b\": {\"c\": \"d\"}}");
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct broken_lines broken;
    struct buffer shown;
    arena_init(&arena);
    buffer_init(&shown, MIB);
    expect_ok(json_lines_read(source, "a.jsonl", &arena, &blocks, &broken, &error), &error);
    show(source, &blocks, &shown);
    compare_text("lines", buffer_slice(&shown), "R a: 1#R x, 2#R b: c: d");
    assert_int_equal(broken.count, 1);
    assert_int_equal(broken.first_line, 3);
    assert_non_null(strstr(broken.reason, "broken"));
    compare_text("range", slice_range(source, blocks.items[1].start, blocks.items[1].end), "[\"x\", 2]");
    expect_error(json_lines_read(SLICE("no\nJSON\n"), "a.jsonl", &arena, &blocks, &broken, &error), &error, ERROR_INVALID,
                 "no line is JSON");
    assert_int_equal(broken.count, 2);
    buffer_release(&shown);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(titles_and_refusals),
        cmocka_unit_test(lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
