/* test_codec_rtf.c - RTF into blocks: what a person reads, in order, and nothing else. */
#include "codec/codec.h"
#include "compare.h"
#include <stdlib.h>
#include <string.h>

/* "h1 Title|p Text|i1 item|t head|r row|c code", and the notes behind it in brackets. */
static void show(struct slice source, struct buffer *out, struct extract *extract)
{
    static const char *const kinds[] = {[BLOCK_PARAGRAPH] = "p", [BLOCK_HEADING] = "h",    [BLOCK_ITEM] = "i",
                                        [BLOCK_CODE] = "c",      [BLOCK_TABLE_HEAD] = "t", [BLOCK_TABLE_ROW] = "r"};
    struct error error = {0};
    expect_ok(rtf_read(source, extract, &error), &error);
    for (size_t i = 0; i < extract->blocks.count; i++) {
        const struct block *block = &extract->blocks.items[i];
        buffer_format(out, "%s%s", i > 0 ? "|" : "", kinds[block->kind] != NULL ? kinds[block->kind] : "?");
        if (block->level > 0)
            buffer_format(out, "%u", block->level);
        buffer_append_byte(out, ' ');
        buffer_append_slice(out, block->text);
    }
    for (size_t i = 0; i < extract->note_count; i++)
        buffer_format(out, "[%s]", extract->notes[i]);
}

static void expect_read(const char *source, size_t size, const char *expected)
{
    struct arena arena;
    struct extract extract;
    struct buffer shown;
    char *exact = memory_alloc(1, size);
    memcpy(exact, source, size);
    arena_init(&arena);
    extract_init(&extract, &arena, MIB);
    buffer_init(&shown, MIB);
    show((struct slice){exact, size}, &shown, &extract);
    assert_string_equal(buffer_text(&shown), expected);
    buffer_release(&shown);
    extract_release(&extract);
    arena_release(&arena);
    free(exact);
}

#define STYLES                                                                                                                 \
    "{\\stylesheet{\\ql Normal;}{\\s1\\outlinelevel0 heading 1;}{\\s2 heading 2;}{\\s3 toc 1;}{\\s4 HTML Preformatted;}"       \
    "{\\*\\cs10 Default Paragraph Font;}{\\s5\\ls3\\ilvl1 List Bullet;}}"

static const struct {
    const char *source, *expected;
} cases[] = {
    {"{\\rtf1 Hello {\\b bold} world.\\par Second.}", "p Hello bold world.|p Second."},
    {"{\\rtf1{\\b House rules}\\par Be kind.\\par{\\b Quiet hours}\\par From ten.}",
     "h1 House rules|p Be kind.|h1 Quiet hours|p From ten."},
    {"{\\rtf1 one\r\nword\\\nnext}", "p oneword|p next"},
    {"{\\rtf1 a\\line b\\tab c\\~d\\_e\\-f\\{g\\}\\\\}", "p a\nb\tc\xC2\xA0"
                                                         "d-ef{g}\\"},
    {"{\\rtf1 \\ldblquote x\\rdblquote  \\emdash  \\lquote y\\rquote}",
     "p \xE2\x80\x9Cx\xE2\x80\x9D \xE2\x80\x94 \xE2\x80\x98y\xE2\x80\x99"},
    /* ---- characters ---- */
    {"{\\rtf1\\ansi\\ansicpg1252 caf\\'e9 \\'80}", "p caf\xC3\xA9 \xE2\x82\xAC"},
    {"{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0}", "p \xD0\x9F\xD1\x80"},
    {"{\\rtf1\\mac \\'8e}", "p \xC3\xA9"},
    {"{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial Cyr;}{\\f2\\fcharset128 Mincho;}"
     "{\\f3\\fcharset2 Symbol;}}\\f0 \\'e9 {\\f1 \\'e9} {\\f2 \\'93\\'fa\\'96{}\\'83\\'5c} \\f3\\'b7\\'61}",
     "p \xC3\xA9 \xD0\xB9 \xE6\x97\xA5\xEF\xBF\xBD\xE3\x82\xBD \xE2\x80\xA2\xCE\xB1"},
    {"{\\rtf1{\\fonttbl{\\f2\\fcharset128 Mincho;}}\\f2 \\'83A}", "p \xE3\x82\xA2"}, /* its second byte is a letter */
    {"{\\rtf1 \\u233?t\\u233\\'e9 \\uc0\\u8364 x {\\uc2\\u8364??y}z}", "p \xC3\xA9t\xC3\xA9 \xE2\x82\xACx \xE2\x82\xACyz"},
    {"{\\rtf1 \\u-10179?\\u-8704?!}", "p \xF0\x9F\x98\x80!"},
    {"{\\rtf1 \\u8364 }", "p \xE2\x82\xAC"},
    {"{\\rtf1 \\u8364\\bullet x{\\uc1\\u8364}y}", "p \xE2\x82\xACx\xE2\x82\xACy"},
    {"{\\rtf1 \\u55357?x}", "p x"},
    {"{\\rtf1 \\u55357?x\\u56832?\\u56832?}", "p x\xEF\xBF\xBD\xEF\xBF\xBD"}, /* halves that do not belong together */
    {"{\\rtf1 {\\v\\u233?}z}", "p z"},
    {"{\\rtf1 {\\upr{old}{\\*\\ud{\\u8364?new}}} end}", "p \xE2\x82\xACnew end"},
    /* ---- structure ---- */
    {"{\\rtf1" STYLES "\\pard\\s1 Top\\par\\pard\\s2 Sub\\par\\pard text\\par\\pard\\outlinelevel2 Third\\par}",
     "h1 Top|h2 Sub|p text|h3 Third"},
    {"{\\rtf1{\\stylesheet{\\s1 Titr\\'e9;}{\\s2 heading 2;}{\\s5000\\outlinelevel0 far;}}\\pard\\s2 Sub\\par\\pard\\s5000 "
     "a\\par"
     "\\pard\\outlinelevel10 b\\par\\pard\\outlinelevel-1 c}",
     "h2 Sub|p a|p b|p c"},
    {"{\\rtf1{\\fonttbl{\\f1 Titr\\'e9;}{\\f2 Symbol;}}\\f2\\'b7}", "p \xE2\x80\xA2"},
    {"{\\rtf1" STYLES "\\pard\\s3 Contents\\tab 7\\par\\pard\\s4 int x;\\par int y;\\par\\pard z}", "c int x;\nint y;|p z"},
    {"{\\rtf1" STYLES
     "{\\listtext\\'b7\\tab}\\ls1\\ilvl0 one\\par{\\listtext 2.}\\ilvl1 two\\par\\pard\\s5 three\\par\\pard four}",
     "i1 one|i2 two|i2 three|p four"},
    {"{\\rtf1\\pard{\\pntext\\'b7\\tab}{\\*\\pn\\pnlvlblt}one\\par\\pard two}", "i1 one|p two"},
    {"{\\rtf1\\trowd\\cellx1\\cellx2\\pard\\intbl Name\\cell Days\\cell\\row\\trowd\\cellx1\\cellx2\\intbl EU\\par zone\\cell "
     "14\\cell\\row"
     "\\pard after}",
     "t Name | Days|r EU zone | 14|p after"},
    {"{\\rtf1\\trowd\\cellx1\\cellx2\\intbl a\\cell\\cell\\row\\trowd\\cellx1\\cellx2\\intbl\\cell b\\cell\\row\\pard\\par"
     "\\trowd\\cellx1\\cellx2\\intbl c\\cell d\\cell\\row}",
     "t a|r | b|t c | d"},
    /* cells that go over others: by merging, or because an edge is missing, which another row has */
    {"{\\rtf1\\trowd\\clvmgf\\cellx2000\\clmgf\\cellx4000\\clmrg\\cellx6000\\intbl Fee\\cell 2026\\cell\\cell\\row"
     "\\trowd\\clvmrg\\cellx2000\\cellx4000\\cellx6000\\intbl\\cell Adult\\cell Child\\cell\\row"
     "\\trowd\\cellx2000\\cellx4000\\cellx6000\\intbl Day\\cell 20 EUR\\cell 10 EUR\\cell\\row\\pard x}",
     "t Fee | 2026 Adult | 2026 Child|r Day | 20 EUR | 10 EUR|p x"},
    {"{\\rtf1\\trowd\\cellx2000\\cellx6000\\intbl Fee\\cell 2026\\cell\\row"
     "\\trowd\\cellx2010\\cellx4000\\cellx5990\\intbl\\cell Adult\\cell Child\\cell\\row"
     "\\trowd\\clvmgf\\cellx2000\\cellx4000\\cellx6000\\intbl Day\\par or night\\cell 20 EUR\\cell 10 EUR\\cell\\row"
     "\\trowd\\clvmrg\\cellx2000\\cellx6000\\intbl unseen\\cell 30 EUR\\cell\\row"
     "\\trowd\\clvmrg\\cellx2000\\cellx4000\\cellx6000\\intbl\\cell\\cell 40 EUR\\cell\\row"
     "\\trowd\\cellx6000\\intbl Out of season\\cell\\row"
     "\\trowd\\cellx2000\\cellx6000\\intbl Week\\cell none\\cell\\row\\pard x}",
     "t Fee | 2026 Adult | 2026 Child|r Day or night | 20 EUR | 10 EUR|r Day or night | 30 EUR | 30 EUR|r Day or night |  | 40 "
     "EUR"
     "|r Out of season|r Week | none | none|p x"},
    /* its description may stand behind a row's cells, and holds for rows without one */
    {"{\\rtf1\\intbl a\\cell b\\cell\\trowd\\clmgf\\cellx900\\clmrg\\cellx1800\\row\\pard x}", "t a b|p x"},
    /* a head that somebody wrote at the top of each page is told once, where it is bold or marked; other rows may be equal */
    {"{\\rtf1 y\\par{\\b\\intbl Name\\cell Desk\\cell}\\row\\intbl Ann\\cell 4\\cell\\row\\intbl{\\b Name}\\cell "
     "Desk\\cell\\row"
     "\\intbl Cy\\cell 7\\cell\\row\\pard x}",
     "p y|t Name | Desk|r Ann | 4|r Cy | 7|p x"},
    {"{\\rtf1\\trowd\\trhdr\\cellx1\\cellx2\\intbl Name\\cell Desk\\cell\\row\\trowd\\cellx1\\cellx2\\intbl Ann\\cell "
     "4\\cell\\row"
     "\\intbl Name\\cell Desk\\cell\\row\\pard x}",
     "t Name | Desk|r Ann | 4|p x"},
    {"{\\rtf1\\intbl Anna\\cell Early\\cell\\row\\intbl Bob\\cell Late\\cell\\row\\intbl Anna\\cell Early\\cell\\row\\pard x}",
     "t Anna | Early|r Bob | Late|r Anna | Early|p x"},
    {"{\\rtf1\\intbl{\\b Anna}\\cell Early\\cell\\row\\intbl Bob\\cell Late\\cell\\row\\intbl Anna\\cell "
     "Early\\cell\\row\\pard x}",
     "t Anna | Early|r Bob | Late|r Anna | Early|p x"},
    {"{\\rtf1\\intbl A\\cell 4\\cell b\\cell\\row\\intbl C\\cell 5\\cell d\\cell\\row\\intbl A\\cell 4\\cell b\\cell\\row}",
     "t A | 4 | b|r C | 5 | d|r A | 4 | b"},
    {"{\\rtf1\\trowd\\cellx1\\intbl Boxed\\par text\\cell\\row\\pard x}", "p Boxed|p text|p x"},
    {"{\\rtf1\\trowd\\cellx1\\cellx2\\intbl a{\\footnote n}b\\cell c\\cell\\row\\pard x}", "t a n b | c|p x"},
    {"{\\rtf1 x{\\footnote\\pard\\chftn  A note.\\par More.}y\\par z}", "p xy|p A note.|p More.|p z"},
    {"{\\rtf1 x{\\shp{\\*\\shpinst{\\sp{\\sn name}{\\sv value}}{\\shptxt Boxed\\par}}{\\shprslt old}}y\\par z}",
     "p xy|p Boxed|p z"},
    {"{\\rtf1\\trowd\\cellx1\\cellx2\\intbl a\\cell b\\cell\\row\\pard x{\\footnote n}\\par}", "t a | b|p x|p n"},
    /* ---- what is none of the text ---- */
    {"{\\rtf1 a{\\pict\\pngblip 89504e47}{\\object{\\*\\objdata 01}{\\result seen}}{\\header h}{\\footerr f}"
     "{\\*\\annotation c}{\\*\\unknown u}{\\xe index}b}",
     "p aseenb"},
    {"{\\rtf1" STYLES "\\pard\\s1 Title{\\*\\annotation\\pard\\plain\\s15\\ls1 note} rest\\par}", "h1 Title rest"},
    {"{\\rtf1 a{\\v hidden}{\\deleted gone}{\\deleted\\plain back}\\v x\\v0 b}", "p abackb"},
    {"{\\rtf1{\\field{\\*\\fldinst HYPERLINK \"http://x\"}{\\fldrslt a link}}}", "p a link"},
    {"{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\b\\htmlrtf0 text\\htmlrtf }\\par\\htmlrtf0 more}", "h1 text|p more"},
    {"{\\rtf1 a{\\pict\\bin6 }}}{{{}b}", "p ab"},
    {"{\\rtf1 a\\bin99999999 b}", "p a[it ends within a group, and may be cut off]"},
    {"{\\rtf1 a}trailing", "p a"},
    {"{\\rtf1 a{\\b b", "p ab[it ends within a group, and may be cut off]"},
    {"{\\rtf1 a\\'", "p a[it ends within a group, and may be cut off]"},
    {"{\\rtf1 a\\'e", "p ae[it ends within a group, and may be cut off]"},
    {"{\\rtf1 a\\", "p a[it ends within a group, and may be cut off]"},
    {"{\\rtf1\\s99999999999999999999\\f-3\\uc-5\\u65601?\\cpg-1 a}", "p A?a"}, /* numbers are of 16 bits */
};

static void documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        expect_read(cases[i].source, strlen(cases[i].source), cases[i].expected);
}

static void what_it_says_of_itself(void **state)
{
    (void)state;
    struct arena arena;
    struct extract extract;
    struct buffer shown;
    arena_init(&arena);
    extract_init(&extract, &arena, MIB);
    buffer_init(&shown, MIB);
    show(SLICE("{\\rtf1{\\info{\\title Travel \\'e9}{\\author Ann}{\\creatim\\yr2024\\mo5\\dy1\\hr10\\min7}{\\operator No}}x}"),
         &shown, &extract);
    assert_string_equal(buffer_text(&shown), "p x");
    assert_true(slice_equal_text(extract.blocks.title, "Travel \xC3\xA9"));
    assert_int_equal(extract.blocks.head_count, 2);
    assert_true(slice_equal_text(extract.blocks.head[0].text, "Ann"));
    assert_true(slice_equal_text(extract.blocks.head[1].text, "2024-05-01T10:07:00Z") ||
                slice_equal_text(extract.blocks.head[1].text, "2024-05-01T10:07:00"));
    buffer_release(&shown);
    extract_release(&extract);
    arena_release(&arena);
}

/* Any number of groups, notes and boxes in each other. */
static void deep_groups(void **state)
{
    (void)state;
    static const char *const opens[] = {"{", "{\\footnote n", "{\\shptxt b\\par "};
    for (size_t kind = 0; kind < ARRAY_COUNT(opens); kind++) {
        struct arena arena;
        struct extract extract;
        struct buffer source;
        struct error error = {0};
        arena_init(&arena);
        extract_init(&extract, &arena, 16 * MIB);
        buffer_init(&source, 16 * MIB);
        buffer_append_text(&source, "{\\rtf1 a");
        for (size_t i = 0; i < 100000; i++)
            buffer_append_text(&source, opens[kind]);
        for (size_t i = 0; i < 100000; i++)
            buffer_append_byte(&source, '}');
        buffer_append_text(&source, "z}");
        expect_ok(rtf_read(buffer_slice(&source), &extract, &error), &error);
        assert_int_equal(extract.note_count, 0);
        assert_true(slice_starts_with(buffer_slice(&extract.text), SLICE("az")));
        buffer_release(&source);
        extract_release(&extract);
        arena_release(&arena);
    }
}

static void none(void **state)
{
    (void)state;
    struct arena arena;
    struct extract extract;
    struct error error = {0};
    arena_init(&arena);
    extract_init(&extract, &arena, MIB);
    expect_error(rtf_read(SLICE("{\\html"), &extract, &error), &error, ERROR_INVALID, "does not begin with {\\rtf");
    extract_release(&extract);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents),
        cmocka_unit_test(what_it_says_of_itself),
        cmocka_unit_test(deep_groups),
        cmocka_unit_test(none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
