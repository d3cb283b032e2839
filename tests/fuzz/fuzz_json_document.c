/* fuzz_json_document.c - any bytes as JSON and as a JSON value a line: blocks within the source, passages of them. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As check_blocks, for blocks that are no whole lines and texts with escapes. */
static void check_exact(struct slice source, const struct blocks *blocks)
{
    size_t end = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        REQUIRE(block->start >= end && block->start < block->end && block->end <= source.size && block->run_count > 0);
        REQUIRE(slice_trim(block->text).size > 0);
        end = block->end;
        size_t text_at = 0, source_at = block->start;
        for (size_t j = 0; j < block->run_count; j++) {
            const struct block_run *run = &block->runs[j];
            REQUIRE(run->size > 0 && run->text_at >= text_at && run->text_at + run->size <= block->text.size);
            REQUIRE(run->source_at >= source_at && run->source_at + run->source_size <= block->end);
            REQUIRE(source.data[run->source_at] == '\\' ||
                    memcmp(block->text.data + run->text_at, source.data + run->source_at, run->size) == 0);
            text_at = run->text_at + run->size;
            source_at = run->source_at + run->source_size;
        }
    }
}

static void check_reading(struct slice source, bool are_lines, const struct settings *settings)
{
    struct arena arena;
    struct blocks blocks;
    struct broken_lines broken;
    struct error error = {0};
    arena_init(&arena);
    bool ok = are_lines ? json_lines_read(source, "input", &arena, &blocks, &broken, &error)
                        : json_document_read(source, "input", &arena, &blocks, &error);
    if (ok) {
        check_exact(source, &blocks);
        check_cut(source, &blocks, settings, &arena);
    } else
        REQUIRE(error.message[0] != '\0');
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct settings settings = settings_from(data);
    struct slice source = {(const char *)data + 2, size - 2};
    check_reading(source, false, &settings);
    check_reading(source, true, &settings);
    return 0;
}
