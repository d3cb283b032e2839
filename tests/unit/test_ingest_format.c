/* test_ingest_format.c - what a file is, by its first bytes: the table of formats against one of examples. */
#include "compare.h"
#include "ingest/format.h"
#include <stdlib.h>
#include <string.h>

#define BYTES(literal) SLICE_CONSTANT(literal)

static void expect_kind(const char *name, struct slice head, enum file_format format, const char *what, bool belies)
{
    struct file_kind kind = format_of(head, name);
    if (kind.format != format || kind.belies_its_name != belies ||
        (what != NULL && (kind.what == NULL || strstr(kind.what, what) == NULL)))
        fail_msg("%s: %s (%s)%s, expected %s", name, format_name(kind.format), kind.what ? kind.what : "",
                 kind.belies_its_name ? ", other than its name" : "", format_name(format));
}

struct example {
    const char *name;
    struct slice head;
    enum file_format format;
    const char *what;
    bool belies;
};

static void expect_examples(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_kind(examples[i].name, examples[i].head, examples[i].format, examples[i].what, examples[i].belies);
}

static void text_by_name(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"a.md", BYTES("# Title\n"), FORMAT_MARKDOWN, NULL, false},
        {"a.MD", BYTES("<p>inline</p> text"), FORMAT_MARKDOWN, NULL, false},
        {"a.txt", BYTES("plain"), FORMAT_TEXT, NULL, false},
        {"a.csv", BYTES("a,b\n1,2\n"), FORMAT_CSV, NULL, false},
        {"a.html", BYTES("no tag at all"), FORMAT_HTML, NULL, false},
        {"main.c", BYTES("int main(void)\n"), FORMAT_CODE, NULL, false},
        {"README", BYTES("read me"), FORMAT_CODE, NULL, false},
        {"call.vtt", BYTES("WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n"), FORMAT_TEXT, NULL, false},
        {"empty", BYTES(""), FORMAT_CODE, NULL, false},
        {"empty.md", BYTES(""), FORMAT_MARKDOWN, NULL, false},
        {"empty.txt", BYTES(""), FORMAT_TEXT, NULL, false},
        {"empty.eml", BYTES(""), FORMAT_MAIL, NULL, false},
        {"empty.pdf", BYTES(""), FORMAT_OTHER, "empty: 0 bytes; a broken copy?", false},
        {"empty.tar.gz", BYTES(""), FORMAT_OTHER, "empty: 0 bytes; a broken copy?", false},
        {"empty.ipynb", BYTES(""), FORMAT_OTHER, "empty: 0 bytes; a broken copy?", false},
        {"empty.png", BYTES(""), FORMAT_OTHER, "empty: 0 bytes; a broken copy?", false},
        {"latin.txt", BYTES("caf\xE9 au lait"), FORMAT_TEXT, NULL, false},
        {"wide.txt",
         BYTES("\xFF\xFE"
               "a\0b\0"),
         FORMAT_TEXT, NULL, false},
        {"wide.txt", BYTES("p\0l\0a\0i\0n\0 \0t\0e\0x\0t\0"), FORMAT_TEXT, NULL, false},
        {"colour.log", BYTES("\x1B[31mred\x1B[0m\n"), FORMAT_TEXT, NULL, false},
        {"odd.txt", BYTES("\1\2\3"), FORMAT_TEXT, NULL, false},
        {"GIFs.txt", BYTES("GIF8 is how such images begin"), FORMAT_TEXT, NULL, false},
        {"b.txt", BYTES("BZh is how bzip2 begins, and BM a bitmap"), FORMAT_TEXT, NULL, false},
        {"m.txt", BYTES("BM is a bitmap"), FORMAT_TEXT, NULL, false},
        {"p.md", BYTES("Files that begin with %PDF- are PDF"), FORMAT_MARKDOWN, NULL, false},
    };
    expect_examples(cases, ARRAY_COUNT(cases));
}

static void text_by_its_signs(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"a.txt", BYTES("<!DOCTYPE html>\n<title>x</title>"), FORMAT_HTML, NULL, false},
        {"a.md", BYTES("\xEF\xBB\xBF \n<!-- saved --><HTML lang=en>"), FORMAT_HTML, NULL, false},
        {"page", BYTES("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC>"), FORMAT_HTML, NULL, false},
        {"feed", BYTES("<?xml version=\"1.0\"?>\n<rss>"), FORMAT_CODE, NULL, false},
        {"a.pdf", BYTES("I am no PDF"), FORMAT_TEXT, NULL, true},
        {"a.zip", BYTES("<html>not found</html>"), FORMAT_HTML, NULL, true},
        {"a.png", BYTES("x"), FORMAT_TEXT, NULL, true},
        {"a.txt", BYTES("{\"a\": 1}"), FORMAT_JSON, NULL, false},
        {"list", BYTES("[\n  {\"a\": 1}"), FORMAT_JSON, NULL, false},
        {"todo.txt", BYTES("[x] buy bread\n"), FORMAT_TEXT, NULL, false},
        {"a.txt", BYTES("{{template}}"), FORMAT_TEXT, NULL, false},
        {"letter.txt", BYTES("Received: by x\r\nFrom: a@example.com\r\nSubject: x\r\n\r\nHello"), FORMAT_MAIL, NULL, false},
        {"letter", BYTES("Message-ID: <1@x>\nTo: b@example.com\n folded\nDate: x\n\nHello"), FORMAT_MAIL, NULL, false},
        {"memo.txt", BYTES("From: Ann\nTo: Bob\nSubject: lunch\n\nAt noon?"), FORMAT_TEXT, NULL, false},
        {"any.eml", BYTES("Hello"), FORMAT_MAIL, NULL, false},
        {"box", BYTES("From ann@example.com Mon Jan  5 10:20:30 2026\nReceived: x\n\nHello"), FORMAT_MBOX, NULL, false},
        {"story.txt", BYTES("From here to there at 10:20 on the 5th of January 2026\nwe went."), FORMAT_TEXT, NULL, false},
    };
    expect_examples(cases, ARRAY_COUNT(cases));
}

static void by_magic(void **state)
{
    (void)state;
    static const struct example cases[] = {
        {"a.txt", BYTES("%PDF-1.7\n\x80\x81"), FORMAT_PDF, NULL, false},
        {"mac.pdf", BYTES("\0\0junk\0%PDF-1.4\n"), FORMAT_PDF, NULL, false},
        {"a.md", BYTES("PK\x03\x04rest"), FORMAT_ZIP, NULL, false},
        {"a", BYTES("\x1F\x8B\x08\0"), FORMAT_GZIP, NULL, false},
        {"a.doc", BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), FORMAT_OTHER, "Office", false},
        {"a.doc", BYTES("{\\rtf1 hello}"), FORMAT_RTF, NULL, false},
        {"a.ipynb", BYTES("{\"metadata\": {}"), FORMAT_NOTEBOOK, NULL, false},
        {"a.json", BYTES("{\n \"cells\": [\n  {\"cell_type\": \"code\""), FORMAT_NOTEBOOK, NULL, false},
        {"a.json", BYTES("{\n \"cells\": [1]}"), FORMAT_JSON, NULL, false},
        {"a.ipynb", BYTES("no notebook"), FORMAT_TEXT, NULL, true},
        {"a.txt", BYTES("\x89PNG\r\n\x1A\n"), FORMAT_OTHER, "a PNG image", false},
        {"a",
         BYTES("\x7F"
               "ELF\2\1\1\0"),
         FORMAT_OTHER, "a program", false},
        {"a.md", BYTES("MZ\x90\0\3\0\0\0"), FORMAT_OTHER, "a program", false},
        {"a", BYTES("RIFF\x24\0\0\0WEBPVP8 "), FORMAT_OTHER, "a WebP image", false},
        {"a", BYTES("7z\xBC\xAF\x27\x1C\0\4"), FORMAT_OTHER, "a 7z archive", false},
        {"a", BYTES("SQLite format 3\0"), FORMAT_OTHER, "an SQLite database", false},
        {"big.pdf", BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), FORMAT_OTHER, "Git LFS", false},
        {"a", BYTES("BM\x36\0\x0C\0\0\0\0\0\x36\0\0\0\x28\0\0\0\0\2\0\0\0\2\0\0"), FORMAT_OTHER, "a BMP image", false},
        {"a", BYTES("a\0b of no known kind"), FORMAT_OTHER, NULL, false},
        {"a.md", BYTES("\1\2\3\4\5\6\x81 control characters"), FORMAT_OTHER, NULL, false},
    };
    expect_examples(cases, ARRAY_COUNT(cases));
}

static void tar_by_its_place(void **state)
{
    (void)state;
    char block[512] = "docs/a.md";
    memcpy(block + 257, "ustar", 5);
    expect_kind("a", (struct slice){block, sizeof(block)}, FORMAT_TAR, NULL, false);
}

/* Every beginning of every example is read within its bounds, and gets some format. */
static void cut_anywhere(void **state)
{
    (void)state;
    static const struct slice texts[] = {
        BYTES("\xEF\xBB\xBF <?xml version=\"1.0\"?> <!-- a --> <!DOCTYPE html>"),
        BYTES("From ann@example.com Mon Jan  5 10:20:30 2026\nReceived: x\nFrom: b\n\n"),
        BYTES("Received: x\r\nFrom: b\r\n folded\r\n\r\n"),
        BYTES("[ {\"a\": \"b\"} ]"),
        BYTES("RIFF\x24\0\0\0WEBPVP8 "),
    };
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        for (size_t size = 0; size <= texts[i].size; size++) {
            char *exact = memory_alloc(size > 0 ? size : 1, 1);
            memcpy(exact, texts[i].data, size);
            assert_true(format_of((struct slice){exact, size}, "x").format < FORMAT_COUNT);
            free(exact);
        }
}

static void words(void **state)
{
    (void)state;
    for (enum file_format format = 0; format < FORMAT_COUNT; format++)
        assert_true(format_name(format)[0] != '\0' && format_what(format)[0] != '\0');
    assert_true(format_is_promised("a.md") && format_is_promised("a.PDF") && !format_is_promised("a.png"));
    assert_true(!format_is_promised("md") && !format_is_promised("a"));
    assert_true(format_is_text(FORMAT_MBOX) && !format_is_text(FORMAT_PDF) && format_is_container(FORMAT_TAR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_by_name),     cmocka_unit_test(text_by_its_signs), cmocka_unit_test(by_magic),
        cmocka_unit_test(tar_by_its_place), cmocka_unit_test(cut_anywhere),      cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
