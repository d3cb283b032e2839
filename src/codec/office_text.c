#include "office_text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { EMPTY_CELLS_MAX = 16 }; /* told one by one between two with text; more are as that many */

void office_text_init(struct office_text *text, struct extract *extract)
{
    *text = (struct office_text){.extract = extract};
    buffer_init(&text->held_text, extract->text.size_max);
    buffer_init(&text->row, extract->text.size_max);
    buffer_init(&text->code, extract->text.size_max);
}

void office_text_release(struct office_text *text)
{
    buffer_release(&text->held_text);
    buffer_release(&text->row);
    buffer_release(&text->code);
    free(text->held);
}

/* What does not fit into a buffer on the way does not fit into the extract, which must know. */
static void note_failure(struct office_text *text, struct buffer *buffer)
{
    text->extract->text.failed = text->extract->text.failed || buffer->failed;
}

static void add_block(struct office_text *text, enum block_kind kind, unsigned level, struct slice block)
{
    if (slice_trim(block).size == 0)
        return;
    if (text->holding == 0) {
        extract_block(text->extract, kind, level, text->page, block);
        return;
    }
    text->held = memory_more(text->held, text->held_count, &text->held_capacity, sizeof(*text->held));
    size_t start = text->held_text.size;
    buffer_append_slice(&text->held_text, block);
    note_failure(text, &text->held_text);
    text->held[text->held_count++] = (struct held_block){kind, level, text->page, start, text->held_text.size};
}

void office_end_code(struct office_text *text)
{
    if (text->code.size == 0)
        return;
    unsigned page = text->page;
    text->page = text->code_page;
    note_failure(text, &text->code);
    add_block(text, BLOCK_CODE, 0, buffer_slice(&text->code));
    text->page = page;
    buffer_clear(&text->code);
}

/* ---- tables ---- */

/* Text of the cell at hand, in one line. */
static void add_to_cell(struct office_text *text, struct slice paragraph)
{
    size_t start = 0;
    paragraph = slice_trim(paragraph);
    if (paragraph.size == 0)
        return;
    size_t separators = text->cells_empty < EMPTY_CELLS_MAX ? text->cells_empty : EMPTY_CELLS_MAX;
    for (size_t i = 0; i < separators; i++)
        buffer_append_text(&text->row, " | ");
    text->cells_empty = 0;
    if (text->cell_has_text)
        buffer_append_byte(&text->row, ' ');
    for (size_t at = 0; at < paragraph.size; at++)
        if (paragraph.data[at] == '\n' || paragraph.data[at] == '\r') {
            buffer_append_slice(&text->row, slice_range(paragraph, start, at));
            buffer_append_byte(&text->row, ' ');
            start = at + 1;
        }
    buffer_append_slice(&text->row, slice_range(paragraph, start, paragraph.size));
    note_failure(text, &text->row);
    text->cell_has_text = true;
}

void office_table_begin(struct office_text *text)
{
    if (text->tables++ > 0)
        return;
    office_end_code(text);
    text->row_count = 0;
    office_row_begin(text);
}

void office_row_begin(struct office_text *text)
{
    if (text->tables != 1)
        return;
    buffer_clear(&text->row);
    text->cell = text->cells_empty = 0;
    text->cell_has_text = false;
}

void office_cell_begin(struct office_text *text, size_t before)
{
    if (text->tables != 1)
        return;
    text->cells_empty += before + (text->cell > 0);
    text->cell += before + 1;
    text->cell_has_text = false;
}

void office_row_end(struct office_text *text)
{
    if (text->tables != 1)
        return;
    if (text->row.size > 0)
        add_block(text, text->row_count++ == 0 ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW, 0, buffer_slice(&text->row));
    buffer_clear(&text->row);
}

void office_table_end(struct office_text *text)
{
    office_row_end(text); /* when it was left open */
    text->tables -= text->tables > 0;
}

/* ---- paragraphs ---- */

void office_paragraph(struct office_text *text, enum block_kind kind, unsigned level, struct slice paragraph)
{
    if (text->tables > 0) {
        add_to_cell(text, paragraph);
        return;
    }
    if (kind == BLOCK_CODE) {
        if (text->code.size == 0)
            text->code_page = text->page;
        else
            buffer_append_byte(&text->code, '\n');
        buffer_append_slice(&text->code, paragraph);
        return;
    }
    office_end_code(text);
    add_block(text, kind, level, paragraph);
}

static void let_go(struct office_text *text)
{
    unsigned page = text->page;
    struct slice held = buffer_slice(&text->held_text);
    for (size_t i = 0; i < text->held_count; i++) {
        const struct held_block *block = &text->held[i];
        text->page = block->page;
        add_block(text, block->kind, block->level, slice_range(held, block->start, block->end));
    }
    text->page = page;
    text->held_count = 0;
    buffer_clear(&text->held_text);
}

void office_paragraph_begin(struct office_text *text)
{
    text->holding++;
}

void office_paragraph_end(struct office_text *text, enum block_kind kind, unsigned level, struct slice paragraph)
{
    assert(text->holding > 0);
    text->holding--;
    office_paragraph(text, kind, level, paragraph);
    if (text->holding == 0 && text->held_count > 0) {
        office_end_code(text);
        let_go(text);
    }
}
