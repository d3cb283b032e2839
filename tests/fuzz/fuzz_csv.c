/* fuzz_csv.c - any bytes as a table into blocks and passages. The first two bytes choose the unit and the sizes. */
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
    REQUIRE(csv_read(source, &arena, &blocks, &error));
    check_blocks(source, &blocks);
    check_cut(source, &blocks, &settings, &arena);
    arena_release(&arena);
    return 0;
}
