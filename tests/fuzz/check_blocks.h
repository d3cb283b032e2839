/* check_blocks.h - what holds for the blocks and the passages of any document; for the fuzz targets of its readers. */
#ifndef FUZZ_CHECK_BLOCKS_H
#define FUZZ_CHECK_BLOCKS_H

#include "ingest/ingest.h"
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

static inline bool is_line_end(struct slice source, size_t at)
{
    return at == source.size || source.data[at] == '\n' || source.data[at] == '\r';
}

/* Whole lines, runs in order and within them, each with the bytes of its source (or where a reference stands). */
static inline void check_block(struct slice source, const struct block *block)
{
    REQUIRE(slice_trim(block->text).size > 0 && block->run_count > 0);
    REQUIRE(block->start <= block->end && block->end <= source.size);
    REQUIRE(block->start == 0 || source.data[block->start - 1] == '\n' || source.data[block->start - 1] == '\r');
    REQUIRE(is_line_end(source, block->end));
    REQUIRE((block->level > 0) == (block->kind == BLOCK_HEADING || block->kind == BLOCK_ITEM));
    size_t text_at = 0, source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        REQUIRE(run->size > 0 && run->text_at >= text_at && run->text_at + run->size <= block->text.size);
        REQUIRE(run->source_at >= source_at && run->source_at + run->source_size <= block->end);
        REQUIRE(memcmp(block->text.data + run->text_at, source.data + run->source_at, run->size) == 0 ||
                source.data[run->source_at] == '&');
        text_at = run->text_at + run->size;
        source_at = run->source_at + run->source_size;
    }
    for (size_t at = 0; at < block->text.size; at += 1 + block->text.size / 200) {
        size_t start = block_source(block, at, false), end = block_source(block, at + 1, true);
        REQUIRE(start >= block->start && start <= block->end && end >= block->start && end <= block->end);
    }
}

static inline void check_blocks(struct slice source, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        check_block(source, &blocks->items[i]);
        REQUIRE(i == 0 || blocks->items[i].start >= blocks->items[i - 1].start);
    }
}

static inline size_t bytes_without_space(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] != ' ' && !(text.data[i] >= '\t' && text.data[i] <= '\r');
    return count;
}

/* LF, CR, and CR LF once. */
static inline bool is_break(struct slice source, size_t at)
{
    bool is_pair = at + 1 < source.size && source.data[at + 1] == '\n';
    return source.data[at] == '\n' || (source.data[at] == '\r' && !is_pair);
}

/* Passages in order, within the document, on the lines they say, and together with all that the blocks hold. */
static inline void check_cut(struct slice source, const struct blocks *blocks, const struct settings *settings,
                             struct arena *arena)
{
    struct passage_list list;
    cut_passages(source, blocks, settings, arena, &list);
    size_t held = 0, wanted = 0;
    for (size_t i = 0; i < blocks->count; i++) /* headings may stand above passages only */
        if (blocks->items[i].kind != BLOCK_HEADING || settings->unit == UNIT_FIXED)
            wanted += bytes_without_space(blocks->items[i].text);
    int64_t at = 0, line = 1;
    for (size_t i = 0; i < list.count; i++) {
        const struct store_passage *passage = &list.items[i], *before = i > 0 ? passage - 1 : passage;
        REQUIRE(passage->start >= before->start && passage->end >= before->end);
        REQUIRE(passage->start <= passage->end && (size_t)passage->end <= source.size);
        for (; at < passage->start; at++)
            line += is_break(source, (size_t)at);
        int64_t line_end = line;
        for (int64_t j = at; j < passage->end; j++)
            line_end += is_break(source, (size_t)j);
        REQUIRE(passage->line == line && passage->line_end == line_end);
        REQUIRE(slice_trim(passage->text).size == passage->text.size && passage->text.size > 0);
        held += bytes_without_space(passage->text);
    }
    REQUIRE(held >= wanted);
}

/* Settings from two bytes of the input. */
static inline struct settings settings_from(const uint8_t bytes[2])
{
    size_t tokens = 16 + bytes[0] / 4;
    return (struct settings){.unit = (enum passage_unit)(bytes[0] % 8),
                             .passage_tokens = tokens,
                             .passage_overlap = bytes[1] % (tokens / 2 + 1),
                             .join_records = bytes[1] & 1};
}

typedef bool document_reader(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error);

/* Reads the input behind its first two bytes, which choose the unit and the sizes, and checks blocks and passages. */
static inline int check_document(const uint8_t *data, size_t size, document_reader *read,
                                 void (*check)(struct slice source, const struct blocks *blocks))
{
    if (size < 2)
        return 0;
    struct settings settings = settings_from(data);
    struct slice source = {(const char *)data + 2, size - 2};
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    arena_init(&arena);
    if (read(source, &arena, &blocks, &error)) {
        check(source, &blocks);
        check_cut(source, &blocks, &settings, &arena);
    } else {
        REQUIRE(error.kind == ERROR_LIMIT && error.message[0] != '\0');
    }
    arena_release(&arena);
    return 0;
}

#endif
