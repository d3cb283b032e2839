/* fuzz_code.c - any bytes as source code of any language: every byte that is no white space is in a block of code, in order. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_code(struct slice source, const struct blocks *blocks)
{
    size_t end = 0, held = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        REQUIRE(block->start < block->end && block->end <= source.size && block->run_count == 1);
        REQUIRE(i == 0 || block->start >= blocks->items[i - 1].start);
        if (block->kind == BLOCK_HEADING)
            continue;
        REQUIRE(block->kind == BLOCK_CODE && block->start >= end);
        REQUIRE(slice_equal(block->text, slice_range(source, block->start, block->end)));
        held += bytes_without_space(block->text);
        end = block->end;
    }
    REQUIRE(held == bytes_without_space(source));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.py",  "a.c",  "a.js",   "a.rs",  "a.rb", "a.sh",
                                        "a.sql", "a.el", "a.java", "a.lua", "a.hs", "a.php"};
    if (size < 3)
        return 0;
    struct settings settings = settings_from(data);
    struct slice source = {(const char *)data + 3, size - 3};
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    arena_init(&arena);
    REQUIRE(code_read(source, names[data[2] % ARRAY_COUNT(names)], &arena, &blocks, &error));
    check_code(source, &blocks);
    check_cut(source, &blocks, &settings, &arena);
    arena_release(&arena);
    return 0;
}
