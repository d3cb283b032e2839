/* test_codec_notebook.c - Jupyter notebooks into blocks. */
#include "codec/codec.h"
#include "compare.h"
#include <stdlib.h>
#include <string.h>

static bool read_into(const char *text, struct buffer *shown, struct error *error)
{
    static const char *const kinds[] = {[BLOCK_PARAGRAPH] = "p", [BLOCK_HEADING] = "h", [BLOCK_ITEM] = "i", [BLOCK_CODE] = "c"};
    struct arena arena;
    struct extract extract;
    struct slice source = slice_from(text);
    char *exact = memory_alloc(1, source.size);
    memcpy(exact, source.data, source.size);
    arena_init(&arena);
    extract_init(&extract, &arena, MIB);
    bool ok = notebook_read((struct slice){exact, source.size}, &extract, error);
    for (size_t i = 0; ok && i < extract.blocks.count; i++) {
        const struct block *block = &extract.blocks.items[i];
        buffer_format(shown, "%s%s%.0u ", i > 0 ? "|" : "", block->kind <= BLOCK_CODE ? kinds[block->kind] : "?", block->level);
        buffer_append_slice(shown, block->text);
    }
    for (size_t i = 0; ok && i < extract.note_count; i++)
        buffer_format(shown, "[%s]", extract.notes[i]);
    extract_release(&extract);
    arena_release(&arena);
    free(exact);
    return ok;
}

#define MARKDOWN(text) "{\"cell_type\":\"markdown\",\"source\":" text "}"
#define CODE(text, outputs) "{\"cell_type\":\"code\",\"source\":" text ",\"outputs\":[" outputs "]}"
#define NOTEBOOK(cells) "{\"cells\":[" cells "],\"nbformat\":4}"

static void notebooks(void **state)
{
    (void)state;
    static const struct {
        const char *source, *expected;
    } cases[] = {
        {NOTEBOOK(MARKDOWN("[\"# Sales\\n\",\"\\n\",\"by region\"]")), "h1 Sales|p by region"},
        {NOTEBOOK(MARKDOWN("\"- a\\n- b\"") "," CODE("\"x = 7\\nprint(x)\"", "")), "i1 a|i1 b|c x = 7\nprint(x)"},
        {NOTEBOOK(CODE("\"1\"", "{\"output_type\":\"stream\",\"text\":[\"7\\n\",\"\\u001b[31mred\\u001b[0m\"]}")),
         "c 1|c 7\nred"},
        {NOTEBOOK(CODE("\"1\"",
                       "{\"output_type\":\"execute_result\",\"data\":{\"text/plain\":\"<Figure 1>\",\"image/png\":\"AA\"}}")),
         "c 1"},
        {NOTEBOOK(CODE("\"1\"", "{\"data\":{\"text/html\":\"<p>no\",\"text/plain\":[\"   a\\n\",\"0  1\"]}}")),
         "c 1|c a\n0  1"},
        {NOTEBOOK(CODE("\"1\"", "{\"data\":{\"text/markdown\":\"## Found\",\"text/plain\":\"x\"}}")), "c 1|h2 Found"},
        {NOTEBOOK(CODE("\"1\"", "{\"output_type\":\"error\",\"ename\":\"KeyError\",\"evalue\":\"'a'\",\"traceback\":[\"x\"]}")),
         "c 1|c KeyError: 'a'"},
        {NOTEBOOK("{\"cell_type\":\"raw\",\"source\":\"as it is\"},{\"source\":7},3,{\"cell_type\":\"markdown\"}"),
         "p as it is"},
        {"{\"worksheets\":[{\"cells\":[{\"cell_type\":\"heading\",\"level\":2,\"source\":\"Old\"},"
         "{\"cell_type\":\"code\",\"input\":[\"y\"],\"outputs\":[{\"output_type\":\"pyout\",\"text\":[\"8\"]}]}]}],"
         "\"nbformat\":3}",
         "h2 Old|c y|c 8"},
        {NOTEBOOK(""), ""},
        {"\xEF\xBB\xBF" NOTEBOOK(MARKDOWN("\"a\"")), "p a"},
        {NOTEBOOK(MARKDOWN("\"le caf\xE9, la cr\xE8me et le th\xE9\"")),
         "p le caf\xC3\xA9, la cr\xC3\xA8me et le th\xC3\xA9[it was read as windows-1252]"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buffer shown;
        struct error error = {0};
        buffer_init(&shown, MIB);
        expect_ok(read_into(cases[i].source, &shown, &error), &error);
        assert_string_equal(buffer_text(&shown), cases[i].expected);
        buffer_release(&shown);
    }
}

static void long_outputs_are_cut(void **state)
{
    (void)state;
    struct buffer source, shown;
    struct error error = {0};
    buffer_init(&source, MIB);
    buffer_init(&shown, MIB);
    buffer_append_text(&source, "{\"cells\":[{\"cell_type\":\"code\",\"source\":\"1\",\"outputs\":[{\"text\":\"");
    for (size_t i = 0; i < 10000; i++)
        buffer_append_text(&source, "line ");
    buffer_append_text(&source, "\"},{\"data\":{\"text/markdown\":\"");
    for (size_t i = 0; i < 10000; i++)
        buffer_append_text(&source, "word ");
    buffer_append_text(&source, "\"}}");
    for (size_t i = 2; i < 65; i++)
        buffer_append_text(&source, ",{}");
    buffer_append_text(&source, "]}]}");
    expect_ok(read_into(buffer_text(&source), &shown, &error), &error);
    assert_true(shown.size < 8400);
    assert_non_null(strstr(buffer_text(&shown), "[2 long outputs were cut][1 outputs of cells"));
    buffer_release(&source);
    buffer_release(&shown);
}

/* Cut off, or with two versions in it. */
static void what_is_no_json_is_text(void **state)
{
    (void)state;
    static const char *const sources[] = {"{\"cells\": [\n<<<<<<< HEAD\n3", "{\"cells\":"};
    for (size_t i = 0; i < ARRAY_COUNT(sources); i++) {
        struct buffer shown;
        struct error error = {0};
        buffer_init(&shown, MIB);
        expect_ok(read_into(sources[i], &shown, &error), &error);
        assert_non_null(strstr(buffer_text(&shown), sources[i]));
        assert_non_null(strstr(buffer_text(&shown), "[it is no JSON, and was read as text: line "));
        buffer_release(&shown);
    }
}

static void none(void **state)
{
    (void)state;
    static const char *const sources[][2] = {
        {"{}", "no list \"cells\""}, {"[1]", "no list \"cells\""}, {"{\"cells\":7}", "no list"}};
    for (size_t i = 0; i < ARRAY_COUNT(sources); i++) {
        struct buffer shown;
        struct error error = {0};
        buffer_init(&shown, MIB);
        bool ok = read_into(sources[i][0], &shown, &error);
        expect_error(ok, &error, error.kind, sources[i][1]);
        buffer_release(&shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notebooks),
        cmocka_unit_test(long_outputs_are_cut),
        cmocka_unit_test(what_is_no_json_is_text),
        cmocka_unit_test(none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
