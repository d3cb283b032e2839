/* test_codec_git_index.c - indexes of Git repositories of each version, written here by their description; damaged ones. */
#include "compare.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

static const char *const files[] = {"README.md", "docs/a.md", "docs/a/b.md", "docs/ab.md", "src/main.c", "sub"};

static void big_u32(struct buffer *out, uint32_t value)
{
    buffer_u32(out, __builtin_bswap32(value));
}

static void big_u16(struct buffer *out, unsigned value)
{
    buffer_append_byte(out, (char)(value >> 8));
    buffer_append_byte(out, (char)value);
}

/* Seven bits a byte, the highest first; what each byte but the last says is one less. */
static void put_count(struct buffer *out, size_t value)
{
    char bytes[8];
    int at = 7;
    bytes[at] = (char)(value & 0x7F);
    while ((value >>= 7) != 0)
        bytes[--at] = (char)(0x80 | (--value & 0x7F));
    buffer_append(out, bytes + at, (size_t)(8 - at));
}

static size_t shared(const char *a, const char *b)
{
    size_t size = 0;
    while (a[size] != '\0' && a[size] == b[size])
        size++;
    return size;
}

static void put_entry(struct buffer *out, unsigned version, size_t hash_bytes, const char *before, const char *name)
{
    size_t start = out->size, size = strlen(name), kept = shared(before, name);
    bool is_extended = version == 3 && name[0] == 'd';
    buffer_append_zeros(out, 40);
    for (size_t i = 0; i < hash_bytes; i++)
        buffer_append_byte(out, (char)(i + 1));
    big_u16(out, (unsigned)(size < 0xFFF ? size : 0xFFF) | (is_extended ? 0x4000 : 0));
    if (is_extended)
        big_u16(out, 0x4000);
    if (version == 4) {
        put_count(out, strlen(before) - kept);
        buffer_append_text(out, name + kept);
        buffer_append_byte(out, '\0');
        return;
    }
    buffer_append_text(out, name);
    buffer_append_zeros(out, 8 - (out->size - start) % 8);
}

static void put_index(struct buffer *out, unsigned version, size_t hash_bytes, const char *const *names, size_t count,
                      const char *extension)
{
    buffer_clear(out);
    buffer_append_text(out, "DIRC");
    big_u32(out, version);
    big_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        put_entry(out, version, hash_bytes, i > 0 ? names[i - 1] : "", names[i]);
    if (extension[0] != '\0') {
        buffer_append_text(out, extension);
        big_u32(out, 3);
        buffer_append_text(out, "abc");
    }
    buffer_append_zeros(out, hash_bytes);
}

static void expect_names(struct slice source, const char *const *names, size_t count)
{
    struct arena arena;
    struct git_index index;
    struct error error = {0};
    arena_init(&arena);
    expect_ok(git_index_read(source, &arena, &index, &error), &error);
    assert_int_equal(index.count, count);
    for (size_t i = 0; i < count; i++)
        compare_text(names[i], index.names[i], names[i]);
    arena_release(&arena);
}

static void versions(void **state)
{
    (void)state;
    struct buffer source;
    buffer_init(&source, MIB);
    for (unsigned version = 2; version <= 4; version++)
        for (size_t hash_bytes = 20; hash_bytes <= 32; hash_bytes += 12) {
            put_index(&source, version, hash_bytes, files, ARRAY_COUNT(files), "");
            expect_names(buffer_slice(&source), files, ARRAY_COUNT(files));
            put_index(&source, version, hash_bytes, files, ARRAY_COUNT(files), "TREE");
            expect_names(buffer_slice(&source), files, ARRAY_COUNT(files));
            put_index(&source, version, hash_bytes, files, 0, "");
            expect_names(buffer_slice(&source), files, 0);
        }
    buffer_release(&source);
}

static void long_names(void **state)
{
    (void)state;
    struct buffer source;
    char first[4001], second[4001];
    const char *const names[] = {first, second};
    memset(first, 'x', 4000);
    memset(second, 'x', 4000);
    second[100] = 'y'; /* version 4 drops 3,900 bytes: a count of two */
    first[4000] = second[4000] = '\0';
    buffer_init(&source, MIB);
    for (unsigned version = 2; version <= 4; version++) {
        put_index(&source, version, 20, names, 2, "");
        expect_names(buffer_slice(&source), names, 2);
    }
    buffer_release(&source);
}

static void files_and_folders(void **state)
{
    (void)state;
    static const char *const there[] = {"README.md", "docs", "docs/a.md", "docs/a", "docs/a/b.md", "src", "sub"};
    static const char *const missing[] = {"README",    "README.md2", "doc", "docs/", "docs/a/b",
                                          "docs/b.md", "s",          "zzz", "",      "sub/x"};
    struct buffer source;
    struct arena arena;
    struct git_index index;
    struct error error = {0};
    buffer_init(&source, MIB);
    arena_init(&arena);
    put_index(&source, 2, 20, files, ARRAY_COUNT(files), "");
    expect_ok(git_index_read(buffer_slice(&source), &arena, &index, &error), &error);
    for (size_t i = 0; i < ARRAY_COUNT(there); i++)
        assert_true(git_index_has(&index, slice_from(there[i]), &arena));
    for (size_t i = 0; i < ARRAY_COUNT(missing); i++)
        assert_false(git_index_has(&index, slice_from(missing[i]), &arena));
    arena_release(&arena);
    buffer_release(&source);
}

static void expect_refused(struct slice source, enum error_kind kind, const char *part)
{
    struct arena arena;
    struct git_index index;
    struct error error = {0};
    arena_init(&arena);
    expect_error(git_index_read(source, &arena, &index, &error), &error, kind, part);
    arena_release(&arena);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const char *const unsorted[] = {"b.md", "a.md"};
    static const char *const empty[] = {"", "a.md"};
    struct buffer source;
    buffer_init(&source, MIB);
    expect_refused(SLICE(""), ERROR_CORRUPT, "does not begin");
    expect_refused(SLICE("DIRC\0\0\0\5\0\0\0\0"), ERROR_INVALID, "version 5");
    expect_refused(SLICE("DIRC\0\0\0\2\xFF\xFF\xFF\xFF"), ERROR_CORRUPT, "smaller than");
    put_index(&source, 2, 20, files, ARRAY_COUNT(files), "link");
    expect_refused(buffer_slice(&source), ERROR_INVALID, "split");
    put_index(&source, 2, 20, files, ARRAY_COUNT(files), "next");
    expect_refused(buffer_slice(&source), ERROR_INVALID, "not known");
    put_index(&source, 2, 20, unsorted, 2, "");
    expect_refused(buffer_slice(&source), ERROR_CORRUPT, "damaged");
    put_index(&source, 4, 20, empty, 2, "");
    expect_refused(buffer_slice(&source), ERROR_CORRUPT, "damaged");
    for (unsigned version = 2; version <= 4; version++) {
        put_index(&source, version, 20, files, ARRAY_COUNT(files), "");
        for (size_t size = 0; size < source.size; size++) {
            char *exact = memory_alloc(size + 1, 1);
            memcpy(exact, source.data, size);
            expect_refused((struct slice){exact, size}, ERROR_CORRUPT, "its index");
            free(exact);
        }
    }
    buffer_release(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(long_names),
        cmocka_unit_test(files_and_folders),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
