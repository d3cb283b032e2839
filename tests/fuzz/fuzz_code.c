/* fuzz_code.c - any bytes as source code of any language, once as it is and once with parts that a parser may have told: every byte that is
 * no white space is in a block of code, in order. */
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

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Parts at places that the bytes themselves say: in order, as from a tree, or (`is_wild`) anywhere within the source. */
static size_t make_up_parts(struct slice source, bool is_wild, struct code_part *parts, size_t count_max)
{
    uint32_t at = 0, size = (uint32_t)source.size;
    size_t count = 0;
    for (size_t i = 0; i + 2 < source.size && count < count_max; i += 3) {
        const uint8_t *bytes = (const uint8_t *)source.data + i;
        uint32_t start = is_wild ? bytes[0] * size / 255 : least(at + bytes[0] % 32, size);
        uint32_t body = least(start + bytes[1] % 16, size), end = least(body + bytes[2] % 128, size);
        parts[count++] = (struct code_part){.start = start, .body = body, .end = end, .level = bytes[0] / 32};
        at = bytes[2] & 1 ? end : body;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct code_part parts[64];
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
    size_t count = make_up_parts(source, data[2] >= 128, parts, ARRAY_COUNT(parts));
    REQUIRE(code_read_parts(source, names[data[2] % ARRAY_COUNT(names)], parts, count, &arena, &blocks, &error));
    check_code(source, &blocks);
    check_cut(source, &blocks, &settings, &arena);
    arena_release(&arena);
    return 0;
}
