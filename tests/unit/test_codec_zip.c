/* test_codec_zip.c - zip archives: what is right is read, what lies is refused before it is unpacked. */
#include "compare.h"
#include "zip_writer.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

struct world {
    struct arena arena;
    struct zip_writer writer;
    struct buffer out;
    struct zip zip;
    struct error error;
};

static void begin(struct world *world)
{
    *world = (struct world){0};
    arena_init(&world->arena);
    zip_writer_init(&world->writer);
    buffer_init(&world->out, 64 * MIB);
}

static void end(struct world *world)
{
    arena_release(&world->arena);
    zip_writer_release(&world->writer);
    buffer_release(&world->out);
}

static void open_all(struct world *world, struct slice archive)
{
    expect_ok(zip_open(archive, 64 * MIB, &world->arena, &world->zip, &world->error), &world->error);
}

static void refuse(struct world *world, struct slice archive, enum error_kind kind, const char *part)
{
    world->error = (struct error){0};
    expect_error(zip_open(archive, 64 * MIB, &world->arena, &world->zip, &world->error), &world->error, kind, part);
}

static void read_text(struct world *world, const char *name, const char *wanted)
{
    const struct zip_entry *entry = zip_find(&world->zip, slice_from(name));
    assert_non_null(entry);
    buffer_clear(&world->out);
    expect_ok(zip_read_entry(&world->zip, entry, MIB, &world->out, &world->error), &world->error);
    compare_text(name, buffer_slice(&world->out), wanted);
}

static void refuse_entry(struct world *world, const char *name, size_t size_max, enum error_kind kind, const char *part)
{
    const struct zip_entry *entry = zip_find(&world->zip, slice_from(name));
    assert_non_null(entry);
    buffer_clear(&world->out);
    world->error = (struct error){0};
    expect_error(zip_read_entry(&world->zip, entry, size_max, &world->out, &world->error), &world->error, kind, part);
    assert_int_equal(world->out.size, 0);
}

/* A copy whose bytes may be changed. */
static char *copy_of(struct world *world, struct slice archive)
{
    return arena_text(&world->arena, archive);
}

static void put(char *bytes, size_t at, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[at + i] = (char)(value >> (8 * i) & 0xFF);
}

static void entries_are_read(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    char *repeated = memory_alloc(100001, 1);
    memset(repeated, 'x', 100000);
    zip_writer_add_text(&world.writer, "a.txt", "stored");
    zip_writer_add_text(&world.writer, "folder/", "");
    zip_writer_add_deflated(&world.writer, "folder/B.txt", slice_from(repeated));
    zip_writer_add_text(&world.writer, "empty", "");
    zip_writer_add_deflated(&world.writer, "empty packed", SLICE(""));
    open_all(&world, zip_writer_finish(&world.writer));
    assert_int_equal(world.zip.count, 5);
    compare_text("name", world.zip.items[2].name, "folder/B.txt");
    assert_true(world.zip.items[1].is_folder && !world.zip.items[2].is_folder);
    read_text(&world, "a.txt", "stored");
    read_text(&world, "folder/b.TXT", repeated);
    read_text(&world, "empty", "");
    read_text(&world, "empty packed", "");
    assert_null(zip_find(&world.zip, SLICE("b.txt")));
    assert_null(zip_find(&world.zip, SLICE("")));
    assert_null(zip_find(&world.zip, SLICE("zz")));
    free(repeated);
    end(&world);
}

static void an_empty_archive_and_the_last_of_a_name(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    open_all(&world, zip_writer_finish(&world.writer));
    assert_int_equal(world.zip.count, 0);
    assert_null(zip_find(&world.zip, SLICE("a")));
    end(&world);
    begin(&world);
    zip_writer_add_text(&world.writer, "a", "first");
    zip_writer_add_text(&world.writer, "b", "other");
    zip_writer_add_text(&world.writer, "a", "second");
    open_all(&world, zip_writer_finish(&world.writer));
    read_text(&world, "a", "second");
    end(&world);
}

static void sizes_behind_the_data(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    zip_writer_add_text(&world.writer, "a", "streamed");
    struct slice archive = zip_writer_finish(&world.writer);
    char *bytes = copy_of(&world, archive);
    put(bytes, 6, 8, 2);
    put(bytes, 14, 0, 4);
    put(bytes, 18, 0, 4);
    put(bytes, 22, 0, 4);
    open_all(&world, (struct slice){bytes, archive.size});
    read_text(&world, "a", "streamed");
    end(&world);
}

/* [entry][record with its sizes and offset in an extra field][zip64 end][locator][end] */
static void zip64_is_read(void **state)
{
    (void)state;
    struct world world;
    struct buffer out;
    begin(&world);
    zip_writer_add_text(&world.writer, "a", "large");
    struct slice plain = zip_writer_finish(&world.writer);
    size_t entry_size = 30 + 1 + 5, record_size = 46 + 1;
    buffer_init(&out, MIB);
    buffer_append_slice(&out, slice_range(plain, 0, entry_size + record_size));
    for (size_t field = 20; field <= 24; field += 4)
        buffer_patch_u32(&out, entry_size + field, UINT32_MAX);
    buffer_patch_u32(&out, entry_size + 42, UINT32_MAX);
    out.data[entry_size + 30] = 28;
    buffer_u16(&out, 1);
    buffer_u16(&out, 24);
    buffer_u64(&out, 5);
    buffer_u64(&out, 5);
    buffer_u64(&out, 0);
    size_t end64_at = out.size;
    buffer_u32(&out, 0x06064b50);
    buffer_u64(&out, 44);
    buffer_u32(&out, 0);
    buffer_u64(&out, 0);
    buffer_u64(&out, 1);
    buffer_u64(&out, 1);
    buffer_u64(&out, end64_at - entry_size);
    buffer_u64(&out, entry_size);
    buffer_u32(&out, 0x07064b50);
    buffer_u32(&out, 0);
    buffer_u64(&out, end64_at);
    buffer_u32(&out, 1);
    buffer_u32(&out, 0x06054b50);
    buffer_u32(&out, 0);
    for (size_t i = 0; i < 12; i++)
        buffer_append_byte(&out, '\xFF');
    buffer_u16(&out, 0);
    open_all(&world, buffer_slice(&out));
    read_text(&world, "a", "large");
    buffer_patch_u64(&out, end64_at + 56 + 8, out.size);
    refuse(&world, buffer_slice(&out), ERROR_CORRUPT, "zip64 end record");
    buffer_release(&out);
    end(&world);
}

static void what_lies_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at; /* in the entry's header, or (from 1000) in the directory's first record, or (from 2000) in the end */
        uint32_t value;
        size_t size;
        const char *part;
    } lies[] = {
        {0, 0, 4, "not where its directory says"},
        {26, 9999, 2, "outside"},
        {30, 'z', 1, "contradict"},
        {8, 8, 2, "contradict"},
        {14, 1, 4, "contradict"},
        {22, 6, 4, "contradict"},
        {6, 1, 2, "contradict"},
        {1000, 0, 4, "ends early"},
        {1028, 0xFFFF, 2, "ends early"},
        {1042, 0xFFFFFF, 4, "outside"},
        {1020, 0xFFFFFF, 4, "outside"},
        {1020, 0xFFFFFFFF, 4, "outside"},
        {2008, 3, 2, "split over several files"},
        {2010, 9999, 2, "split over several files"},
        {2012, 0x7FFFFFFF, 4, "directory lies outside"},
        {2016, 0x7FFFFFFF, 4, "directory lies outside"},
        {2020, 1, 2, "missing"},
        {2000, 0, 1, "missing"},
    };
    struct world world;
    begin(&world);
    zip_writer_add_text(&world.writer, "name", "content");
    zip_writer_add_text(&world.writer, "other", "content");
    struct slice archive = zip_writer_finish(&world.writer);
    size_t directory_at = 30 + 4 + 7 + 30 + 5 + 7, end_at = archive.size - 22;
    for (size_t i = 0; i < ARRAY_COUNT(lies); i++) {
        char *bytes = copy_of(&world, archive);
        size_t base = lies[i].at >= 2000 ? end_at : lies[i].at >= 1000 ? directory_at : 0;
        put(bytes, base + lies[i].at % 1000, lies[i].value, lies[i].size);
        bool is_split = strstr(lies[i].part, "split") != NULL;
        refuse(&world, (struct slice){bytes, archive.size}, is_split ? ERROR_INVALID : ERROR_CORRUPT, lies[i].part);
    }
    refuse(&world, SLICE("no archive at all, but a text"), ERROR_INVALID, "not a zip archive");
    refuse(&world, SLICE(""), ERROR_INVALID, "not a zip archive");
    end(&world);
}

static void overlapping_entries_are_refused(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    zip_writer_add_text(&world.writer, "a", "content");
    zip_writer_add_text(&world.writer, "a", "content");
    struct slice archive = zip_writer_finish(&world.writer);
    char *bytes = copy_of(&world, archive);
    size_t second_record = 2 * (30 + 1 + 7) + 46 + 1;
    put(bytes, second_record + 42, 0, 4); /* both are the first one */
    refuse(&world, (struct slice){bytes, archive.size}, ERROR_CORRUPT, "overlap");
    end(&world);
}

static void what_cannot_be_unpacked_is_told(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct slice text = SLICE("text");
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"locked", text, 4, 0, 0, 1});
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"aes", text, 4, 0, 99, 0});
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"seven", text, 4, 0, 14, 0});
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"sum", text, 4, 1, 0, 0});
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"size", text, 5, 0, 0, 0});
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"bits", text, 40, 0, 8, 0});
    zip_writer_add_raw(&world.writer, &(struct zip_writer_entry){"claims", text, 100000, 0, 8, 0});
    open_all(&world, zip_writer_finish(&world.writer));
    refuse_entry(&world, "locked", 100, ERROR_INVALID, "\"locked\" in the archive is encrypted");
    refuse_entry(&world, "aes", 100, ERROR_INVALID, "is encrypted");
    refuse_entry(&world, "seven", 100, ERROR_INVALID, "packed with LZMA");
    refuse_entry(&world, "sum", 100, ERROR_CORRUPT, "\"sum\" in the archive is damaged");
    refuse_entry(&world, "size", 100, ERROR_CORRUPT, "size cannot be");
    refuse_entry(&world, "bits", 100, ERROR_CORRUPT, "\"bits\" in the archive is damaged");
    refuse_entry(&world, "claims", 1000000, ERROR_CORRUPT, "size cannot be");
    end(&world);
}

/* Sizes that are told wrong: the data ends before them or goes on behind. */
static void deflated_data_has_its_size(void **state)
{
    (void)state;
    for (int difference = -2; difference <= 2; difference++) {
        struct world world;
        begin(&world);
        zip_writer_add_deflated(&world.writer, "a", SLICE("some text that is longer than nothing"));
        struct slice archive = zip_writer_finish(&world.writer);
        char *bytes = copy_of(&world, archive);
        size_t record = archive.size - 22 - 47;
        put(bytes, 22, (uint32_t)(37 + difference), 4);
        put(bytes, record + 24, (uint32_t)(37 + difference), 4);
        open_all(&world, (struct slice){bytes, archive.size});
        if (difference == 0)
            read_text(&world, "a", "some text that is longer than nothing");
        else
            refuse_entry(&world, "a", 100, ERROR_CORRUPT, "damaged");
        end(&world);
    }
}

static void bombs_are_refused(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    char *zeros = memory_alloc(16 * MIB, 1);
    zip_writer_add_deflated(&world.writer, "zeros", (struct slice){zeros, 16 * MIB});
    zip_writer_add(&world.writer, "large", (struct slice){zeros, MIB});
    struct slice archive = zip_writer_finish(&world.writer);
    open_all(&world, archive);
    refuse_entry(&world, "zeros", 20 * MIB, ERROR_LIMIT, "over 300 times its size");
    refuse_entry(&world, "zeros", MIB, ERROR_LIMIT, "unpacks to 16777216 bytes, the limit is 1048576");
    expect_ok(zip_open(archive, MIB + 1, &world.arena, &world.zip, &world.error), &world.error);
    expect_ok(zip_read_entry(&world.zip, zip_find(&world.zip, SLICE("large")), MIB, &world.out, &world.error), &world.error);
    refuse_entry(&world, "large", MIB, ERROR_LIMIT, "over 1048577 bytes, the limit for all of it");
    free(zeros);
    end(&world);
}

static void too_many_entries_are_refused(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct buffer out;
    size_t count = LIMIT_ARCHIVE_ENTRIES + 1;
    buffer_init(&out, 64 * MIB);
    buffer_append_zeros(&out, count * 46);
    size_t end64_at = out.size;
    buffer_u32(&out, 0x06064b50);
    buffer_append_zeros(&out, 20);
    buffer_u64(&out, count);
    buffer_u64(&out, count);
    buffer_u64(&out, end64_at);
    buffer_u64(&out, 0);
    buffer_u32(&out, 0x07064b50);
    buffer_u32(&out, 0);
    buffer_u64(&out, end64_at);
    buffer_u32(&out, 1);
    buffer_u32(&out, 0x06054b50);
    buffer_append_zeros(&out, 18);
    refuse(&world, buffer_slice(&out), ERROR_LIMIT, "100001 entries, the limit is 100000");
    buffer_release(&out);
    end(&world);
}

/* Cut anywhere, with any byte changed: an error, or the very same content. */
static void damage_is_noticed(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    zip_writer_add_text(&world.writer, "a", "one");
    zip_writer_add_deflated(&world.writer, "b", SLICE("two two two two"));
    struct slice archive = zip_writer_finish(&world.writer);
    for (size_t size = 0; size < archive.size; size++) {
        char *exact = memory_alloc(size + 1, 1);
        memcpy(exact, archive.data, size);
        assert_false(zip_open((struct slice){exact, size}, MIB, &world.arena, &world.zip, &world.error));
        free(exact);
    }
    for (size_t at = 0; at < archive.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            char *bytes = copy_of(&world, archive);
            bytes[at] = (char)(bytes[at] ^ 1 << bit);
            if (!zip_open((struct slice){bytes, archive.size}, MIB, &world.arena, &world.zip, &world.error))
                continue;
            for (size_t i = 0; i < world.zip.count; i++) {
                buffer_clear(&world.out);
                if (zip_read_entry(&world.zip, &world.zip.items[i], MIB, &world.out, &world.error))
                    compare_text("content", buffer_slice(&world.out), i == 0 ? "one" : "two two two two");
            }
        }
    end(&world);
}

static void safe_names(void **state)
{
    (void)state;
    static const char *const safe[] = {"a", "a/b.txt", "a/", "..a/b", "a..b/...", "\xC3\xA4/\xE2\x82\xAC"};
    static const char *const unsafe[] = {"",      "/",   "/etc/x", "..",  "../a",  "a/../b", "a/..", "a\\..\\b", "\\\\host\\a",
                                         "C:\\a", "c:a", "a\nb",   "./a", "a/./b", "a\x7F"};
    for (size_t i = 0; i < ARRAY_COUNT(safe); i++)
        assert_true(zip_name_is_safe(slice_from(safe[i])));
    for (size_t i = 0; i < ARRAY_COUNT(unsafe); i++)
        assert_false(zip_name_is_safe(slice_from(unsafe[i])));
    assert_false(zip_name_is_safe((struct slice){"a\0b", 3}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_read),
        cmocka_unit_test(an_empty_archive_and_the_last_of_a_name),
        cmocka_unit_test(sizes_behind_the_data),
        cmocka_unit_test(zip64_is_read),
        cmocka_unit_test(what_lies_is_refused),
        cmocka_unit_test(overlapping_entries_are_refused),
        cmocka_unit_test(what_cannot_be_unpacked_is_told),
        cmocka_unit_test(deflated_data_has_its_size),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(too_many_entries_are_refused),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(safe_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
