/* fuzz_markdown.c - any bytes as Markdown into blocks and passages. The first two bytes choose the unit and the sizes. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    if (markdown_read(source, &arena, &blocks, &error)) {
        check_blocks(source, &blocks);
        check_cut(source, &blocks, &settings, &arena);
    } else {
        REQUIRE(error.kind == ERROR_LIMIT && error.message[0] != '\0');
    }
    arena_release(&arena);
    return 0;
}
