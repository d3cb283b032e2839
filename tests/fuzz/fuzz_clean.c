/* fuzz_clean.c - any text as Markdown, cleaned: blocks whose runs still lie in order within the source; secrets found within the text. */
#include "check_blocks.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_runs(struct slice source, const struct block *block)
{
    size_t text_at = 0, source_at = 0;
    REQUIRE(block->run_count > 0 && slice_trim(block->text).size > 0);
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        REQUIRE(run->size > 0 && run->text_at >= text_at && run->text_at + run->size <= block->text.size);
        REQUIRE(run->source_at >= source_at && run->source_at + run->source_size <= source.size);
        text_at = run->text_at + run->size;
        source_at = run->source_at + run->source_size;
    }
}

static bool check_place(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    size_t *before = context;
    REQUIRE(kind < SENSITIVE_KIND_COUNT && start >= before[0] && start < end && end <= before[1]);
    before[0] = end;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct settings settings = settings_from(data);
    struct slice source = {(const char *)data + 3, size - 3};
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    struct clean_counts counts = {0};
    size_t place[2] = {0, source.size};
    (void)sensitive_each(source, check_place, place);
    arena_init(&arena);
    if (markdown_read(source, &arena, &blocks, &error)) {
        for (size_t i = 0; i < blocks.count; i++) {
            clean_block(&blocks.items[i], data[2], source, &arena, &counts);
            check_runs(source, &blocks.items[i]);
        }
        check_cut(source, &blocks, &settings, &arena);
    }
    arena_release(&arena);
    return 0;
}
