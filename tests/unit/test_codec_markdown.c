/* test_codec_markdown.c - Markdown where it lies in memory. */
#include "compare.h"
#include "codec/codec.h"
#include <string.h>

/* What stands behind the text in memory is not read. */
static void nothing_behind_is_read(void **state)
{
    static const char *const texts[] = {"[a](b",   "[a](<b", "[a](b \"c",     "![a](b 'c", "[a][b",
                                        "<a href", "`a",     "a |b\n-|-\n`c", "# [x](",    "&am"};
    static const char behind[] = ")>\"'])`;|\n";
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        for (size_t byte = 0; byte < sizeof(behind) - 1; byte++) {
            struct slice text = slice_from(texts[i]);
            struct error error = {0};
            struct arena arena;
            struct blocks alone, followed;
            char memory[64];
            memset(memory, behind[byte], sizeof(memory));
            memcpy(memory, text.data, text.size);
            arena_init(&arena);
            expect_ok(markdown_read(text, &arena, &alone, &error), &error);
            expect_ok(markdown_read((struct slice){memory, text.size}, &arena, &followed, &error), &error);
            assert_int_equal(alone.count, followed.count);
            for (size_t j = 0; j < alone.count; j++)
                assert_true(slice_equal(alone.items[j].text, followed.items[j].text));
            arena_release(&arena);
        }
}

/* Lines that are strong from end to end are headings where other text follows; "Note:", items and many lines together are not. */
static void strong_lines(void **state)
{
    static const char text[] = "# A\n\n**Before**\n\nFreeze it.\n\n**Who:** Ann\n\n**Note:**\n\nb\n\n- **item**\n\n  more\n\n"
                               "**One**\n\n**Two**\n\n**Three**\n\nc\n\n**40 EUR**\n\nd\n\n**End**\n";
    static const struct {
        unsigned level;
        const char *text;
    } wanted[] = {{1, "A"},     {2, "Before"}, {0, "Freeze it."}, {0, "Who: Ann"}, {0, "Note:"},
                  {0, "b"},     {1, "item"},   {0, "more"},       {0, "One"},      {0, "Two"},
                  {0, "Three"}, {0, "c"},      {0, "40 EUR"},     {0, "d"},        {0, "End"}};
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    arena_init(&arena);
    expect_ok(markdown_read(slice_from(text), &arena, &blocks, &error), &error);
    assert_int_equal(blocks.count, ARRAY_COUNT(wanted));
    for (size_t i = 0; i < blocks.count; i++) {
        assert_true(slice_equal_text(blocks.items[i].text, wanted[i].text));
        assert_int_equal(blocks.items[i].level, wanted[i].level);
        assert_int_equal(blocks.items[i].kind == BLOCK_HEADING, wanted[i].level > 0 && i < 2);
    }
    arena_release(&arena);
}

static void expect_blocks(const char *text, const char *wanted)
{
    static const char *const kinds[] = {"H", "P", "I", "C", "T", "R"}; /* ORDER block_kind */
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct buffer shown;
    arena_init(&arena);
    buffer_init(&shown, MIB);
    expect_ok(markdown_read(slice_from(text), &arena, &blocks, &error), &error);
    for (size_t i = 0; i < blocks.count; i++)
        buffer_format(&shown, "%s%s " SLICE_FORMAT, i > 0 ? "|" : "", kinds[blocks.items[i].kind],
                      SLICE_ARGUMENT(blocks.items[i].text));
    compare_text(text, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    arena_release(&arena);
}

/* The text of a footnote stays where it is; "[1]" tells what it belongs to. */
static void footnotes(void **state)
{
    (void)state;
    expect_blocks("Nightly[^1], on demand[^two].\n\n[^1]: At two\no'clock.\n[^two]: https://a.org\n\n    And _more_.\n\nEnd",
                  "P Nightly [1], on demand [two].|I [1] At two o'clock.|I [two] https://a.org|P And more.|P End");
    expect_blocks("a[^b] `c[^1]` [^ d]\n\n```\n[^1]: e\n```\n\nf\n[^1]: _g_\n[^2]:\n",
                  "P a[^b] c[^1] [^ d]|C [^1]: e\n|P f|I [1] g|I [2]");
    expect_blocks("| a |\n|---|\n| 10 EUR[^1] |\n| 20 EUR[^a_b] |\n\n[^1]: Plus VAT.\n[^a_b]:With VAT.\n",
                  "T a|R 10 EUR [1]|R 20 EUR [a_b]|I [1] Plus VAT.|I [a_b] With VAT.");
    expect_blocks("See [the list][^1], [a][b] and [c].\n\n[^1]: <https://a.org> \"T\"\n",
                  "P See the list [1], [a][b] and [c].|I [1] https://a.org \"T\"");
}

/* Boxes of MkDocs, Docusaurus and GitHub: their title, or what they are, above their text. */
static void boxes(void **state)
{
    (void)state;
    expect_blocks("!!! note \"Before *you*\"\n    Get a key.\n    Ask.\n\n    - one\n\n???+ tip\n\tRun it.\n\nEnd",
                  "P Before you|P Get a key. Ask.|I one|P tip|P Run it.|P End");
    expect_blocks("!!! note this\nnow\n\n!!! now\n\n!!!\n", "P !!! note this now|P !!! now|P !!!");
    expect_blocks(":::tip Quick way\nRun it.\n:::\n\n::: warning\nNo.\n:::\n\n:::info[Or so]\nc\n:::\n\n::: {.wide}\nd\n:::\n",
                  "P Quick way|P Run it.|P warning|P No.|P Or so|P c|P d");
    expect_blocks("- a\n\n  !!! note \"B\"\n      c\n\n- d\n\n> ```\n> [!NOTE]\n> ```\n\n<div>\n!!! note\n    e\n</div>\n",
                  "I a|P B|P c|I d|C [!NOTE]\n|P \n!!! note\n    e\n\n");
    expect_blocks("Above\n!!! note \"\"\n    a\n\n!!! tip end\n    b\n\n!!! tip do not\n    c\n\nd\n::: tip\ne\n:::\nf\n",
                  "P Above|P a|P tip|P b|P tip do not|P c|P d|P tip|P e|P f");
    expect_blocks(":::\n\n::: so it is said\n", "P :::|P ::: so it is said");
    expect_blocks("a \x02 b \x03\n\n::: tip\nc\n:::\n", "P a \x02 b \x03|P tip|P c");
    expect_blocks("> [!NOTE]\n> Keys\n> expire.\n\n> [!FOO]\n> x\n\n> [!NOTE] y\n",
                  "P NOTE|P Keys expire.|P [!FOO] x|P [!NOTE] y");
}

/* Titles behind names in braces, and among attributes. */
static void boxes_with_braces(void **state)
{
    (void)state;
    expect_blocks(
        ":::{admonition} Before 3.0\na\n:::\n\n::::{grid} 2\n:::{grid-item-card} Fast\nb\n:::\n::::\n\n:::{note}\nc\n:::\n",
        "P Before 3.0|P a|P Fast|P b|P note|P c");
    expect_blocks(
        "::: {.callout-note title=\"One {1}\" #x}\na\n:::\n\n::: {title='Two'}\nb\n:::\n\n::: {.callout-tip}\n## H\nc\n:::\n",
        "P One {1}|P a|P Two|P b|H H|P c");
}

/* Empty lines of code in a box end neither the code nor the box. */
static void code_in_boxes(void **state)
{
    (void)state;
    expect_blocks("# A\n\n!!! note\n    ```sh\n    a\n      b\n\n\n    # c\n    ```\n\n    d\n\n## E\n\nf\n",
                  "H A|P note|C a\n  b\n\n\n# c\n|P d|H E|P f");
    expect_blocks("!!! tip\n\t````\n\t```\n\n\t# a\n\t````\nb\n\n!!! tip\r\n    ```\r\n    c\r\n\r\n    # d\r\n    ```\r\n",
                  "P tip|C ```\n\n# a\n|P b|P tip|C c\n\n# d\n");
    expect_blocks("- a\n\n  !!! tip\n      ```\n      b\n\n      # c\n      ```\n\n- d\n", "I a|P tip|C  b\n\n # c\n|I d");
}

/* Two together: the second stands below the first, unless that one may end what is above. At the top they are a title and a name; one alone is no
 * title of those that follow. */
static void strong_lines_together(void **state)
{
    static const struct {
        const char *text;
        unsigned levels[6];
    } cases[] = {
        {"**Club**\n\n**Fees**\n\na\n\n**Boats**\n\nb\n", {1, 2, 0, 2, 0}},
        {"**Fees**\n\na\n\n**Boats**\n\nb\n", {1, 0, 1, 0}},
        {"# A\n\na\n\n**Education**\n\n**Lund**\n\nb\n", {1, 0, 2, 3, 0}},
        {"# A\n\na\n\n**Ann mends it by 3 June**\n\n**Feast**\n\nb\n", {1, 0, 0, 2, 0}},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct blocks blocks;
        arena_init(&arena);
        expect_ok(markdown_read(slice_from(cases[i].text), &arena, &blocks, &error), &error);
        assert_in_range(blocks.count, 4, 5);
        for (size_t j = 0; j < blocks.count; j++)
            assert_int_equal(blocks.items[j].kind == BLOCK_HEADING ? blocks.items[j].level : 0, cases[i].levels[j]);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_behind_is_read),
                                       cmocka_unit_test(strong_lines),
                                       cmocka_unit_test(strong_lines_together),
                                       cmocka_unit_test(footnotes),
                                       cmocka_unit_test(boxes),
                                       cmocka_unit_test(boxes_with_braces),
                                       cmocka_unit_test(code_in_boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
