/* test_codec_tar.c - tar archives of all forms, made here byte by byte. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct buffer *out, const char *name, char kind, const char *magic, struct slice content)
{
    char header[512] = {0};
    unsigned sum = 0;
    memcpy(header, name, strnlen(name, 100));
    snprintf(header + 124, 12, "%011zo", content.size);
    header[156] = kind;
    memcpy(header + 257, magic, strlen(magic));
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    buffer_append(out, header, 512);
    buffer_append_slice(out, content);
    buffer_append_zeros(out, (512 - content.size % 512) % 512);
}

static void mend_sum(char *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
}

/* A line for each entry: kind, name, content; then how it ended. */
static void show(struct slice source, struct buffer *shown)
{
    struct arena arena;
    struct tar tar;
    struct tar_entry entry;
    struct error error = {0};
    bool is_end = false;
    char *exact = memory_alloc(source.size + 1, 1); /* so that a read past the end is seen */
    memcpy(exact, source.data, source.size);
    arena_init(&arena);
    tar_open(&tar, (struct slice){exact, source.size}, &arena);
    buffer_clear(shown);
    while (!is_end && tar_next(&tar, &entry, &is_end, &error))
        if (!is_end)
            buffer_format(shown, "%d " SLICE_FORMAT " " SLICE_FORMAT "\n", entry.kind, SLICE_ARGUMENT(entry.name),
                          SLICE_ARGUMENT(entry.content));
    buffer_append_text(shown, is_end ? "end" : error.message);
    arena_release(&arena);
    free(exact);
}

static void expect_shown(const struct buffer *archive, const char *wanted)
{
    struct buffer shown;
    buffer_init(&shown, MIB);
    show(buffer_slice(archive), &shown);
    compare_text("entries", buffer_slice(&shown), wanted);
    buffer_release(&shown);
}

static void all_kinds_of_entries(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, MIB);
    add(&out, "old", '\0', "", SLICE("v7"));
    add(&out, "folder/", '\0', "", SLICE(""));
    add(&out, "a.txt", '0', "ustar", SLICE("content"));
    add(&out, "sub/", '5', "ustar", SLICE(""));
    add(&out, "link", '2', "ustar", SLICE(""));
    add(&out, "hard", '1', "ustar", SLICE(""));
    add(&out, "device", '3', "ustar", SLICE(""));
    assert_true(tar_is(buffer_slice(&out)));
    expect_shown(&out, "0 old v7\n1 folder/ \n0 a.txt content\n1 sub/ \n2 link \n2 hard \n3 device \nend");
    buffer_append_zeros(&out, 1024);
    buffer_append_text(&out, "whatever stands behind the end");
    expect_shown(&out, "0 old v7\n1 folder/ \n0 a.txt content\n1 sub/ \n2 link \n2 hard \n3 device \nend");
    buffer_release(&out);
}

static void long_names(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, MIB);
    add(&out, "././@LongLink", 'L', "ustar  ", SLICE("a/long/name\0"));
    add(&out, "cut", '0', "ustar  ", SLICE("gnu"));
    add(&out, "pax", 'x', "ustar", SLICE("19 path=b/\xC3\xA4\xC3\xA4.txt\n11 mtime=1\n9 size=3\n"));
    add(&out, "cut", '0', "ustar", SLICE("pax"));
    add(&out, "all", 'g', "ustar", SLICE("17 comment=a b c\n"));
    add(&out, "last", '0', "ustar", SLICE("plain"));
    out.data[out.size - 1024 + 345] = 'p'; /* the prefix */
    mend_sum(out.data + out.size - 1024);
    expect_shown(&out, "0 a/long/name gnu\n0 b/\xC3\xA4\xC3\xA4.txt pax\n0 p/last plain\nend");
    buffer_release(&out);
}

static void names_that_fill_their_field(void **state)
{
    (void)state;
    struct buffer out;
    char name[101], wanted[128];
    buffer_init(&out, MIB);
    memset(name, 'n', 100);
    name[100] = '\0';
    add(&out, name, '0', "ustar", SLICE("x"));
    snprintf(wanted, sizeof(wanted), "0 %s x\nend", name);
    expect_shown(&out, wanted);
    buffer_release(&out);
}

static void a_size_in_base_256(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, MIB);
    add(&out, "a", '0', "ustar", SLICE("12345"));
    memset(out.data + 124, 0, 12);
    out.data[124] = '\x80';
    out.data[135] = 4;
    mend_sum(out.data);
    expect_shown(&out, "0 a 1234\nend");
    memset(out.data + 125, '\xFF', 11);
    mend_sum(out.data);
    expect_shown(&out, "the tar archive is damaged at byte 0: an entry's size is no number");
    buffer_release(&out);
}

static void damage_is_told(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, MIB);
    buffer_append_text(&out, "no archive");
    expect_shown(&out, "the tar archive is damaged at byte 0: it ends in the middle of an entry");
    assert_false(tar_is(buffer_slice(&out)));
    buffer_append_zeros(&out, 1024);
    expect_shown(&out, "the tar archive is damaged at byte 0: it does not begin as one");
    assert_false(tar_is(buffer_slice(&out)));
    buffer_clear(&out);
    add(&out, "a", '0', "ustar", SLICE("content"));
    out.size = 516;
    expect_shown(&out, "the tar archive is damaged at byte 0: an entry is longer than the archive");
    buffer_clear(&out);
    add(&out, "a", '0', "ustar", SLICE("content"));
    add(&out, "b", '0', "ustar", SLICE("content"));
    out.data[1024] = 'c';
    expect_shown(&out, "0 a content\nthe tar archive is damaged at byte 1024: an entry's sum is wrong");
    buffer_clear(&out);
    add(&out, "pax", 'x', "ustar", SLICE("99 path=b\n"));
    add(&out, "a", '0', "ustar", SLICE(""));
    expect_shown(&out, "the tar archive is damaged at byte 0: its pax header cannot be read");
    buffer_release(&out);
}

/* Cut anywhere: entries that were there before, and an end or an error. */
static void cut_anywhere(void **state)
{
    (void)state;
    struct buffer out, shown;
    buffer_init(&out, MIB);
    buffer_init(&shown, MIB);
    add(&out, "././@LongLink", 'L', "ustar  ", SLICE("a/long/name\0"));
    add(&out, "cut", '0', "ustar  ", SLICE("gnu"));
    add(&out, "pax", 'x', "ustar", SLICE("19 path=b/\xC3\xA4\xC3\xA4.txt\n9 size=3\n"));
    add(&out, "cut", '0', "ustar", SLICE("pax"));
    for (size_t size = 0; size < out.size; size++) {
        show(slice_range(buffer_slice(&out), 0, size), &shown);
        bool has_first = slice_starts_with(buffer_slice(&shown), SLICE("0 a/long/name gnu\n"));
        assert_int_equal(has_first, size >= 3 * 512 + 3);
    }
    buffer_release(&out);
    buffer_release(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_entries), cmocka_unit_test(long_names),     cmocka_unit_test(names_that_fill_their_field),
        cmocka_unit_test(a_size_in_base_256),   cmocka_unit_test(damage_is_told), cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
