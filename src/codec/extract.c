#include "extract.h"
#include "utf8.h"
#include <stdarg.h>
#include <stdio.h>

void extract_init(struct extract *extract, struct arena *arena, size_t text_max)
{
    *extract = (struct extract){.arena = arena, .blocks = {.title = {"", 0}, .language = {"", 0}}};
    buffer_init(&extract->text, text_max);
}

void extract_release(struct extract *extract)
{
    buffer_release(&extract->text);
}

static bool is_kept(struct slice text, size_t at, size_t *size)
{
    char byte = text.data[at];
    *size = utf8_size(text, at);
    if (*size == 0) {
        *size = 1;
        return false;
    }
    return byte == '\n' || byte == '\t' || utf8_control_size(text, at) == 0;
}

static void append_clean(struct buffer *out, struct slice text)
{
    size_t start = 0, size;
    for (size_t at = 0; at < text.size; at += size) {
        size = 1;
        unsigned char byte = (unsigned char)text.data[at];
        if (byte >= ' ' && byte < 0x7F) /* most of all text */
            continue;
        if (is_kept(text, at, &size))
            continue;
        bool is_break = text.data[at] == '\r';
        buffer_append_slice(out, slice_range(text, start, at));
        start = at + size;
        if (!is_break)
            buffer_append_text(out, "\xEF\xBF\xBD");
        else if (start == text.size || text.data[start] != '\n') /* CR LF is one line end, CR alone too */
            buffer_append_byte(out, '\n');
    }
    buffer_append_slice(out, slice_range(text, start, text.size));
}

static bool is_close(enum block_kind kind)
{
    return kind == BLOCK_ITEM || kind == BLOCK_TABLE_ROW;
}

void extract_block(struct extract *extract, enum block_kind kind, unsigned level, unsigned page, struct slice text)
{
    struct blocks *blocks = &extract->blocks;
    text = slice_trim(text);
    if (text.size == 0)
        return;
    const struct block *last = blocks->count > 0 ? &blocks->items[blocks->count - 1] : NULL;
    if (last != NULL) {
        bool is_joined = is_close(kind) && (last->kind == kind || last->kind == BLOCK_TABLE_HEAD);
        buffer_append_text(&extract->text, is_joined ? "\n" : "\n\n");
    }
    if (blocks->count == LIMIT_EXTRACT_BLOCKS)
        extract->text.failed = true; /* told at the end, as too long a text */
    if (extract->text.failed)
        return;
    size_t start = extract->text.size;
    append_clean(&extract->text, text);
    blocks->items = arena_more(extract->arena, blocks->items, blocks->count, &extract->block_capacity, sizeof(*blocks->items));
    blocks->items[blocks->count++] = (struct block){
        .kind = kind, .level = level, .page = page, .start = start, .end = extract->text.size, .text = {"", 0}};
}

void extract_head(struct extract *extract, const char *key, struct slice text)
{
    struct blocks *blocks = &extract->blocks;
    struct buffer clean;
    text = slice_trim(text);
    if (text.size == 0)
        return;
    buffer_init(&clean, 3 * text.size);
    append_clean(&clean, text);
    struct head_value *head = arena_more(extract->arena, (struct head_value *)blocks->head, blocks->head_count,
                                         &extract->head_capacity, sizeof(*head));
    head[blocks->head_count++] = (struct head_value){.key = arena_slice(extract->arena, slice_from(key)),
                                                     .text = arena_slice(extract->arena, buffer_slice(&clean))};
    blocks->head = head;
    buffer_release(&clean);
}

void extract_note(struct extract *extract, const char *format, ...)
{
    char text[512];
    if (extract->note_count == LIMIT_EXTRACT_NOTES)
        return;
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    extract->notes = arena_more(extract->arena, extract->notes, extract->note_count, &extract->note_capacity, sizeof(char *));
    extract->notes[extract->note_count++] = arena_text(extract->arena, slice_from(text));
}

void extract_place_blocks(struct extract *extract)
{
    struct blocks *blocks = &extract->blocks;
    struct slice text = buffer_slice(&extract->text);
    struct block_run *runs = arena_alloc(extract->arena, blocks->count + 1, sizeof(*runs));
    for (size_t i = 0; i < blocks->count; i++) {
        struct block *block = &blocks->items[i];
        size_t size = block->end - block->start;
        runs[i] = (struct block_run){.source_at = block->start, .size = size, .source_size = size};
        block->text = slice_range(text, block->start, block->end);
        block->runs = &runs[i];
        block->run_count = 1;
    }
}

bool extract_finish(struct extract *extract, struct error *error)
{
    struct blocks *blocks = &extract->blocks;
    if (blocks->count > 0)
        buffer_append_byte(&extract->text, '\n');
    if (!buffer_finish(&extract->text, "the text of the document", error))
        return false;
    extract_place_blocks(extract);
    return true;
}
