/* fuzz_html.c - any bytes as a page into blocks and passages. The first two bytes choose the unit and the sizes. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_page_block(struct slice source, const struct block *block)
{
    REQUIRE(slice_trim(block->text).size > 0 && block->run_count > 0);
    REQUIRE(block->start < block->end && block->end <= source.size);
    size_t text_at = 0, source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        REQUIRE(run->size > 0 && run->text_at >= text_at && run->text_at + run->size <= block->text.size);
        REQUIRE(run->source_at >= source_at && run->source_at + run->source_size <= block->end);
        text_at = run->text_at + run->size;
        source_at = run->source_at + run->source_size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct settings settings = settings_from(data);
    struct slice source = {(const char *)data + 2, size - 2};
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    arena_init(&arena);
    REQUIRE(html_read(source, &arena, &blocks, &error));
    for (size_t i = 0; i < blocks.count; i++)
        check_page_block(source, &blocks.items[i]);
    check_cut(source, &blocks, &settings, &arena);
    arena_release(&arena);
    return 0;
}
