/* extract_bytes.c - an extract as bytes, from one process to another of the same program: nothing is stored in this form.
 *
 *   "assayex1"  text  title  language  u8 states_access
 *   varint count, heads:  key  text  u8 quoted
 *   varint count, notes:  text
 *   varint count, blocks: u8 kind, varint level, page, bytes since the end of the block before, size
 *
 * A text is a varint and that many bytes. Blocks follow each other and do not overlap. */
#include "extract.h"
#include "utf8.h"
#include <assert.h>
#include <string.h>

static const struct slice sign = SLICE_CONSTANT("assayex1");

static void put_text(struct buffer *out, struct slice text)
{
    buffer_varint(out, text.size);
    buffer_append_slice(out, text);
}

void extract_encode(const struct extract *extract, struct buffer *out)
{
    const struct blocks *blocks = &extract->blocks;
    size_t end = 0;
    buffer_append_slice(out, sign);
    put_text(out, buffer_slice(&extract->text));
    put_text(out, blocks->title);
    put_text(out, blocks->language);
    buffer_append_byte(out, (char)blocks->states_access);
    buffer_varint(out, blocks->head_count);
    for (size_t i = 0; i < blocks->head_count; i++) {
        put_text(out, blocks->head[i].key);
        put_text(out, blocks->head[i].text);
        buffer_append_byte(out, (char)blocks->head[i].quoted);
    }
    buffer_varint(out, extract->note_count);
    for (size_t i = 0; i < extract->note_count; i++)
        put_text(out, slice_from(extract->notes[i]));
    buffer_varint(out, blocks->count);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        buffer_append_byte(out, (char)block->kind);
        buffer_varint(out, block->level);
        buffer_varint(out, block->page);
        buffer_varint(out, block->start - end);
        buffer_varint(out, block->end - block->start);
        end = block->end;
    }
}

/* What the rest of the program takes for granted of all text: UTF-8 without control characters but line ends and tabs. */
static bool is_clean(struct slice text)
{
    for (size_t at = 0; at < text.size;) {
        size_t size = utf8_size(text, at);
        char byte = text.data[at];
        if (size == 0 || (byte != '\n' && byte != '\t' && utf8_control_size(text, at) > 0))
            return false;
        at += size;
    }
    return true;
}

static struct slice take_text(struct bytes *bytes)
{
    struct slice text = bytes_slice(bytes, bytes_varint(bytes));
    if (!bytes->failed && !is_clean(text))
        bytes_fail(bytes);
    return text;
}

static bool take_bool(struct bytes *bytes)
{
    uint8_t value = bytes_u8(bytes);
    if (value > 1)
        bytes_fail(bytes);
    return value == 1;
}

/* A count of things of which each takes at least `size` bytes of what is left. */
static size_t take_count(struct bytes *bytes, size_t size)
{
    uint64_t count = bytes_varint(bytes);
    if (count > bytes_left(bytes) / size) {
        bytes_fail(bytes);
        return 0;
    }
    return (size_t)count;
}

static void take_heads(struct bytes *bytes, struct extract *extract)
{
    size_t count = take_count(bytes, 3);
    if (bytes->failed)
        return;
    struct head_value *heads = arena_alloc(extract->arena, count, sizeof(*heads));
    for (size_t i = 0; i < count && !bytes->failed; i++) {
        heads[i].key = arena_slice(extract->arena, take_text(bytes));
        heads[i].text = arena_slice(extract->arena, take_text(bytes));
        heads[i].quoted = take_bool(bytes);
    }
    extract->blocks.head = heads;
    extract->blocks.head_count = count;
}

static void take_notes(struct bytes *bytes, struct extract *extract)
{
    size_t count = take_count(bytes, 1);
    if (count > LIMIT_EXTRACT_NOTES)
        bytes_fail(bytes);
    for (size_t i = 0; i < count && !bytes->failed; i++) {
        struct slice text = take_text(bytes);
        if (!bytes->failed && memchr(text.data, '\0', text.size) == NULL)
            extract_note(extract, SLICE_FORMAT, SLICE_ARGUMENT(text));
    }
}

static bool is_level(enum block_kind kind, uint64_t level)
{
    return kind == BLOCK_HEADING ? level >= 1 && level <= LIMIT_HEADING_DEPTH : level <= UINT16_MAX;
}

static void take_block(struct bytes *bytes, struct slice text, size_t *end, struct block *block)
{
    uint8_t kind = bytes_u8(bytes);
    uint64_t level = bytes_varint(bytes), page = bytes_varint(bytes), gap = bytes_varint(bytes), size = bytes_varint(bytes);
    if (kind > BLOCK_TABLE_ROW || !is_level((enum block_kind)kind, level) || page > UINT32_MAX || gap > text.size - *end ||
        size == 0 || size > text.size - *end - gap) {
        bytes_fail(bytes);
        return;
    }
    *block = (struct block){.kind = (enum block_kind)kind,
                            .level = (unsigned)level,
                            .page = (unsigned)page,
                            .start = *end + (size_t)gap,
                            .end = *end + (size_t)gap + (size_t)size};
    *end = block->end;
    bool begins_within = utf8_size(text, block->start) == 0;
    bool ends_within = block->end < text.size && utf8_size(text, block->end) == 0;
    if (begins_within || ends_within || slice_trim(slice_range(text, block->start, block->end)).size == 0)
        bytes_fail(bytes);
}

static void take_blocks(struct bytes *bytes, struct extract *extract)
{
    struct slice text = buffer_slice(&extract->text);
    size_t count = take_count(bytes, 5), end = 0;
    if (count > LIMIT_EXTRACT_BLOCKS)
        bytes_fail(bytes);
    if (bytes->failed)
        return;
    extract->blocks.items = arena_alloc(extract->arena, count, sizeof(struct block));
    extract->blocks.count = extract->block_capacity = count;
    for (size_t i = 0; i < count && !bytes->failed; i++)
        take_block(bytes, text, &end, &extract->blocks.items[i]);
}

bool extract_decode(struct slice source, struct extract *extract, struct error *error)
{
    struct bytes bytes = bytes_from(source);
    struct blocks *blocks = &extract->blocks;
    assert(blocks->count == 0 && extract->text.size == 0);
    if (!slice_equal(bytes_slice(&bytes, sign.size), sign))
        bytes_fail(&bytes);
    buffer_append_slice(&extract->text, take_text(&bytes));
    blocks->title = arena_slice(extract->arena, take_text(&bytes));
    blocks->language = arena_slice(extract->arena, take_text(&bytes));
    blocks->states_access = take_bool(&bytes);
    take_heads(&bytes, extract);
    take_notes(&bytes, extract);
    take_blocks(&bytes, extract);
    if (!bytes.failed && bytes_left(&bytes) > 0)
        bytes_fail(&bytes);
    if (bytes.failed) {
        blocks->count = blocks->head_count = 0;
        return error_set(error, ERROR_CORRUPT, "what its reader gave back is damaged at byte %zu", bytes.failed_at);
    }
    if (!buffer_finish(&extract->text, "the text of the document", error))
        return false;
    extract_place_blocks(extract);
    return true;
}
