/* fuzz_extract.c - any bytes as what a reader's process gave back: refused, or whole in itself, and the same again when it is written. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct extract extract;
    struct buffer again;
    struct error error = {0};
    size_t end = 0;
    arena_init(&arena);
    buffer_init(&again, size + KIB);
    extract_init(&extract, &arena, MIB);
    if (extract_decode((struct slice){(const char *)data, size}, &extract, &error)) {
        for (size_t i = 0; i < extract.blocks.count; i++) {
            const struct block *block = &extract.blocks.items[i];
            REQUIRE(block->start >= end && block->start < block->end && block->end <= extract.text.size);
            REQUIRE(block->run_count == 1 && slice_trim(block->text).size > 0);
            REQUIRE(block->kind != BLOCK_HEADING || (block->level >= 1 && block->level <= LIMIT_HEADING_DEPTH));
            end = block->end;
        }
        extract_encode(&extract, &again);
        struct extract second;
        extract_init(&second, &arena, MIB);
        REQUIRE(extract_decode(buffer_slice(&again), &second, &error) && second.blocks.count == extract.blocks.count);
        extract_release(&second);
    }
    extract_release(&extract);
    buffer_release(&again);
    arena_release(&arena);
    return 0;
}
