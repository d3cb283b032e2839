/* check_extract.h - what holds for the text and the blocks that readers of binary documents make; for their fuzz targets. */
#ifndef FUZZ_CHECK_EXTRACT_H
#define FUZZ_CHECK_EXTRACT_H

#include "codec/codec.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

typedef bool extract_reader(struct slice source, struct extract *extract, struct error *error);

static inline void check_extract(const struct extract *extract)
{
    struct slice text = buffer_slice(&extract->text);
    size_t end = 0;
    for (size_t i = 0; i < extract->blocks.count; i++) {
        const struct block *block = &extract->blocks.items[i];
        REQUIRE(end <= block->start && block->start < block->end && block->end <= text.size);
        REQUIRE(slice_equal(block->text, slice_range(text, block->start, block->end)));
        REQUIRE((block->level > 0) == (block->kind == BLOCK_HEADING || block->kind == BLOCK_ITEM));
        REQUIRE(block->kind != BLOCK_HEADING || block->level <= 6);
        end = block->end;
    }
    for (size_t i = 0; i < extract->blocks.head_count; i++)
        REQUIRE(extract->blocks.head[i].key.size > 0 && extract->blocks.head[i].text.size > 0);
}

static inline int check_extract_reader(struct slice source, extract_reader *read)
{
    struct arena arena;
    struct extract extract;
    struct error error = {0};
    arena_init(&arena);
    extract_init(&extract, &arena, 16 * MIB);
    if (read(source, &extract, &error))
        check_extract(&extract);
    else
        REQUIRE(error.kind != ERROR_NONE && error.message[0] != '\0');
    extract_release(&extract);
    arena_release(&arena);
    return 0;
}

#endif
