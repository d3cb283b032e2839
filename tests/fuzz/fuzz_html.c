/* fuzz_html.c - any bytes as a page into blocks and passages. */
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

static void check_page(struct slice source, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        check_page_block(source, &blocks->items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return check_document(data, size, html_read, check_page);
}
