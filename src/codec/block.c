#include "block.h"
#include "base/base.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void block_collector_init(struct block_collector *collector, struct slice source, struct arena *arena, struct blocks *out)
{
    *collector = (struct block_collector){.source = source, .arena = arena, .out = out};
    /* A block's text is at most four times its source: U+FFFD and itself for a zero byte, " | " for a "|". */
    buffer_init(&collector->text, 4 * source.size + 1024);
    *out = (struct blocks){.title = {"", 0}, .language = {"", 0}};
}

void block_collector_release(struct block_collector *collector)
{
    buffer_release(&collector->text);
    free(collector->runs);
    collector->runs = NULL;
}

void block_add_text(struct block_collector *collector, struct slice text, size_t source_at)
{
    block_add_decoded(collector, text, source_at, text.size);
}

void block_add_decoded(struct block_collector *collector, struct slice text, size_t source_at, size_t source_size)
{
    if (text.size == 0)
        return;
    if (source_at != SIZE_MAX) {
        assert(source_at <= collector->source.size && source_size <= collector->source.size - source_at);
        collector->runs = memory_more(collector->runs, collector->run_count, &collector->run_capacity,
                                      sizeof(*collector->runs));
        collector->runs[collector->run_count++] = (struct block_run){collector->text.size, source_at, text.size, source_size};
    }
    buffer_append_slice(&collector->text, text);
}

static bool is_break(char byte)
{
    return byte == '\n' || byte == '\r';
}

static size_t line_start(struct slice source, size_t at)
{
    while (at > 0 && !is_break(source.data[at - 1]))
        at--;
    return at;
}

static size_t line_end(struct slice source, size_t at)
{
    while (at < source.size && !is_break(source.data[at]))
        at++;
    return at;
}

/* A table's row ends with its last word: what stood behind it is not of the text any more, nor are its runs. */
static void fit_runs(struct block_collector *collector)
{
    while (collector->run_count > 0 && collector->runs[collector->run_count - 1].text_at >= collector->text.size)
        collector->run_count--;
    if (collector->run_count == 0)
        return;
    struct block_run *last = &collector->runs[collector->run_count - 1];
    size_t size = collector->text.size - last->text_at;
    if (last->size > size) {
        if (last->source_size == last->size) /* as written, not decoded */
            last->source_size = size;
        last->size = size;
    }
}

void block_end(struct block_collector *collector, enum block_kind kind, unsigned level)
{
    fit_runs(collector);
    struct slice text = buffer_slice(&collector->text);
    struct blocks *out = collector->out;
    if (slice_trim(text).size > 0 && collector->run_count > 0) {
        out->items = arena_more(collector->arena, out->items, out->count, &collector->capacity, sizeof(*out->items));
        struct block *block = &out->items[out->count++];
        struct block_run *runs = arena_alloc(collector->arena, collector->run_count, sizeof(*runs));
        memcpy(runs, collector->runs, collector->run_count * sizeof(*runs));
        const struct block_run *last = &runs[collector->run_count - 1];
        *block = (struct block){.kind = kind,
                                .level = level,
                                .text = arena_slice(collector->arena, text),
                                .runs = runs,
                                .run_count = (uint32_t)collector->run_count, /* at the most one for each byte of a document */
                                .start = runs[0].source_at,
                                .end = last->source_at + last->source_size};
        if (!collector->is_exact) {
            block->start = line_start(collector->source, block->start);
            block->end = line_end(collector->source, block->end);
        }
        assert(block->start <= block->end);
    }
    buffer_clear(&collector->text);
    collector->run_count = 0;
}

size_t block_source(const struct block *block, size_t text_at, bool is_end)
{
    /* The number of runs that begin before text_at (for a start: at or before). */
    size_t low = 0, high = block->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (block->runs[middle].text_at < text_at + (is_end ? 0 : 1))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) /* before the first byte that stands in the source */
        return block->runs[0].source_at;
    const struct block_run *run = &block->runs[low - 1];
    size_t into = text_at - run->text_at;
    if (into < run->size && run->size == run->source_size)
        return run->source_at + into;
    if (into < run->size) /* within a character reference: all of it */
        return is_end ? run->source_at + run->source_size : run->source_at;
    bool is_between = !is_end && low < block->run_count; /* the byte was made by the reader: take the next from the source */
    return is_between ? block->runs[low].source_at : run->source_at + run->source_size;
}

bool block_next_line(struct slice *rest, struct slice *line)
{
    size_t end = 0;
    if (rest->size == 0)
        return false;
    while (end < rest->size && rest->data[end] != '\n' && rest->data[end] != '\r')
        end++;
    *line = slice_range(*rest, 0, end);
    bool is_pair = end + 1 < rest->size && rest->data[end] == '\r' && rest->data[end + 1] == '\n';
    *rest = slice_range(*rest, end == rest->size ? end : end + 1 + is_pair, rest->size);
    return true;
}

/* "Note:": it names what stands right below it, and not what comes then. */
static bool is_remark(struct slice line)
{
    static const struct slice words[] = {SLICE_CONSTANT("note"),    SLICE_CONSTANT("notes"),     SLICE_CONSTANT("please note"),
                                         SLICE_CONSTANT("warning"), SLICE_CONSTANT("important"), SLICE_CONSTANT("caution"),
                                         SLICE_CONSTANT("tip"),     SLICE_CONSTANT("attention"), SLICE_CONSTANT("example"),
                                         SLICE_CONSTANT("hinweis"), SLICE_CONSTANT("achtung"),   SLICE_CONSTANT("wichtig"),
                                         SLICE_CONSTANT("beispiel")};
    size_t size = line.size - (line.data[line.size - 1] == ':');
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (size == words[i].size && slice_has_letters(slice_range(line, 0, size), words[i]))
            return true;
    return false;
}

bool block_is_name(struct slice line)
{
    enum { NAME_BYTES_MAX = 100 };
    line = slice_trim(line);
    bool has_letter = false, has_value = false;
    for (size_t i = 0; i < line.size; i++) {
        has_letter = has_letter || (line.data[i] | 0x20) >= 'a' || (unsigned char)line.data[i] >= 0x80;
        has_value = has_value || (line.data[i] == ':' && i + 1 < line.size && line.data[i + 1] == ' ') ||
                    byte_among(line.data[i], "\n\t@");
    }
    return has_letter && !has_value && line.size <= NAME_BYTES_MAX && !byte_among(line.data[line.size - 1], ".,;!") &&
           !is_remark(line);
}

void block_raise_names(struct blocks *blocks, const bool *are_names)
{
    enum { TOGETHER_MAX = 2, LEVEL_MAX = 6 };
    unsigned level = 0;
    for (size_t first = 0, end; first < blocks->count; first = end) {
        end = first + 1;
        if (blocks->items[first].kind == BLOCK_HEADING)
            level = blocks->items[first].level;
        if (!are_names[first])
            continue;
        while (end < blocks->count && are_names[end])
            end++;
        if (end - first > TOGETHER_MAX || end == blocks->count || blocks->items[end].kind == BLOCK_HEADING)
            continue;
        for (size_t i = first; i < end; i++) {
            blocks->items[i].kind = BLOCK_HEADING;
            blocks->items[i].level = level < LEVEL_MAX ? level + 1 : LEVEL_MAX;
            level = i == 0 ? 1 : level; /* the page's title */
        }
    }
}
