#include "office_files.h"
#include "compare.h"
#include "zip_writer.h"
#include <stdlib.h>
#include <string.h>

void office_archive(const struct office_part *parts, struct buffer *out)
{
    struct zip_writer writer;
    zip_writer_init(&writer);
    for (; parts->name != NULL; parts++)
        zip_writer_add_deflated(&writer, parts->name, slice_from(parts->content));
    buffer_append_slice(out, zip_writer_finish(&writer));
    zip_writer_release(&writer);
}

void office_show(const struct extract *extract, struct buffer *shown)
{
    static const char *const kinds[] = {"heading", "paragraph", "item", "code", "head", "row"};
    struct slice text = buffer_slice(&extract->text);
    size_t end = 0;
    for (size_t i = 0; i < extract->blocks.count; i++) {
        const struct block *block = &extract->blocks.items[i];
        assert_true(end <= block->start && block->start < block->end && block->end <= text.size);
        assert_true(slice_equal(block->text, slice_range(text, block->start, block->end)));
        end = block->end;
        buffer_append_text(shown, kinds[block->kind]);
        if (block->level > 0)
            buffer_format(shown, " %u", block->level);
        if (block->page > 0)
            buffer_format(shown, " p%u", block->page);
        buffer_format(shown, ": " SLICE_FORMAT "\n", SLICE_ARGUMENT(block->text));
    }
    for (size_t i = 0; i < extract->note_count; i++)
        buffer_format(shown, "note: %s\n", extract->notes[i]);
    if (extract->blocks.title.size > 0)
        buffer_format(shown, "title: " SLICE_FORMAT "\n", SLICE_ARGUMENT(extract->blocks.title));
    if (extract->blocks.language.size > 0)
        buffer_format(shown, "language: " SLICE_FORMAT "\n", SLICE_ARGUMENT(extract->blocks.language));
    for (size_t i = 0; i < extract->blocks.head_count; i++)
        buffer_format(shown, SLICE_FORMAT ": " SLICE_FORMAT "\n", SLICE_ARGUMENT(extract->blocks.head[i].key),
                      SLICE_ARGUMENT(extract->blocks.head[i].text));
}

bool office_try(office_reader *read, struct slice source, struct buffer *shown, struct error *error)
{
    struct arena arena;
    struct extract extract;
    char *exact = memory_alloc(source.size + 1, 1); /* so that a read past the end is seen */
    memcpy(exact, source.data, source.size);
    arena_init(&arena);
    extract_init(&extract, &arena, 4 * MIB);
    bool ok = read((struct slice){exact, source.size}, &extract, error);
    if (ok)
        office_show(&extract, shown);
    extract_release(&extract);
    arena_release(&arena);
    free(exact);
    return ok;
}

void office_expect(office_reader *read, const struct office_part *parts, const char *wanted)
{
    struct buffer archive, shown;
    struct error error = {0};
    buffer_init(&archive, 64 * MIB);
    buffer_init(&shown, 64 * MIB);
    office_archive(parts, &archive);
    expect_ok(office_try(read, buffer_slice(&archive), &shown, &error), &error);
    compare_text("blocks", buffer_slice(&shown), wanted);
    buffer_release(&archive);
    buffer_release(&shown);
}

void office_refused(office_reader *read, const struct office_part *parts, enum error_kind kind, const char *part)
{
    struct buffer archive, shown;
    struct error error = {0};
    buffer_init(&archive, 64 * MIB);
    buffer_init(&shown, 64 * MIB);
    office_archive(parts, &archive);
    expect_error(office_try(read, buffer_slice(&archive), &shown, &error), &error, kind, part);
    buffer_release(&archive);
    buffer_release(&shown);
}

void office_damage(office_reader *read, const struct office_part *parts)
{
    struct buffer archive, shown;
    struct random random;
    struct error error = {0};
    size_t refused = 0;
    buffer_init(&archive, 64 * MIB);
    buffer_init(&shown, 64 * MIB);
    office_archive(parts, &archive);
    for (size_t size = 0; size < archive.size; size++) {
        error = (struct error){0};
        assert_false(office_try(read, slice_range(buffer_slice(&archive), 0, size), &shown, &error));
        assert_true(error.kind != ERROR_NONE && error.message[0] != '\0');
    }
    random_init(&random, test_seed());
    for (size_t round = 0; round < 3000; round++) {
        size_t at = random_below(&random, archive.size), flips = 1 + random_below(&random, 3);
        char before = archive.data[at];
        for (size_t i = 0; i < flips; i++)
            archive.data[at] = (char)(archive.data[at] ^ 1 << random_below(&random, 8));
        error = (struct error){0};
        buffer_clear(&shown);
        bool ok = office_try(read, buffer_slice(&archive), &shown, &error);
        assert_true(ok || error.message[0] != '\0');
        refused += !ok;
        archive.data[at] = before;
    }
    assert_true(refused > 1000); /* sums tell nearly all */
    buffer_release(&archive);
    buffer_release(&shown);
}
