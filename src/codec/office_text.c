#include "office_text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { REPEAT_BYTES_MAX = MIB, SUBHEAD_BYTES_MAX = 64 };

void office_text_init(struct office_text *text, struct extract *extract)
{
    *text = (struct office_text){.extract = extract};
    buffer_init(&text->held_text, extract->text.size_max);
    buffer_init(&text->row, extract->text.size_max);
    buffer_init(&text->head, extract->text.size_max);
    buffer_init(&text->code, extract->text.size_max);
    table_grid_init(&text->grid, &text->row, REPEAT_BYTES_MAX);
}

void office_text_release(struct office_text *text)
{
    buffer_release(&text->held_text);
    buffer_release(&text->row);
    buffer_release(&text->head);
    table_grid_release(&text->grid);
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

/* The first row, which was kept until the one below told what it is. */
static void add_head(struct office_text *text, enum block_kind kind)
{
    unsigned page = text->page;
    if (text->head_rows == 0)
        return;
    text->page = text->head_page;
    note_failure(text, &text->head);
    add_block(text, kind, 0, buffer_slice(&text->head));
    text->page = page;
    text->head_rows = 0;
}

void office_table_begin(struct office_text *text)
{
    if (text->tables++ > 0)
        return;
    office_end_code(text);
    text->has_rows = false;
    text->head_rows = 0;
    table_grid_begin(&text->grid);
    office_row_begin(text, 1);
}

void office_table_again(struct office_text *text)
{
    add_head(text, BLOCK_TABLE_HEAD);
    text->has_rows = false;
}

bool office_table_widen(struct office_text *text, size_t columns)
{
    enum { COLUMNS_MAX = 16 };
    if (text->head_rows == 0 || text->grid.next > 0 || columns > COLUMNS_MAX)
        return false;
    struct buffer moved;
    buffer_init(&moved, text->head.size_max);
    for (size_t i = 0; i < columns; i++)
        buffer_append_text(&moved, " | ");
    buffer_append_slice(&moved, buffer_slice(&text->head));
    buffer_clear(&text->head);
    buffer_append_slice(&text->head, buffer_slice(&moved));
    buffer_release(&moved);
    table_grid_widen(&text->grid, columns);
    return true;
}

void office_row_begin(struct office_text *text, size_t rows)
{
    if (text->tables != 1)
        return;
    table_grid_row(&text->grid, rows);
    text->row_is_marked = false;
    text->grid.is_headed = !text->has_rows || text->has_head;
    text->cell_has_text = false;
}

void office_row_mark(struct office_text *text)
{
    text->row_is_marked = text->row_is_marked || text->tables == 1;
}

void office_cell_begin(struct office_text *text, size_t column, size_t columns, size_t rows)
{
    if (text->tables != 1)
        return;
    table_grid_cell(&text->grid, column, columns, rows);
    text->cell_has_text = false;
}

bool office_cell_continue(struct office_text *text, size_t column, size_t columns)
{
    return text->tables == 1 && table_grid_continue(&text->grid, column, columns);
}

/* What stands below a head whose cells go over several columns: names of single ones. Ranges are names where the row says nothing of its own
 * in the first column. */
static bool is_subhead(struct slice head, struct slice row)
{
    struct slice first_of_row = row, first = table_next_cell(&first_of_row), corner = table_next_cell(&head);
    bool may_be_range = first.size == 0 || slice_equal(first, corner);
    while (row.size > 0) {
        struct slice cell = table_next_cell(&row);
        if (cell.size > SUBHEAD_BYTES_MAX || (table_is_number(cell) && !(may_be_range && table_is_range(cell))))
            return false;
    }
    return true;
}

static bool is_key_and_value(struct slice row)
{
    struct slice key = table_next_cell(&row), value = table_next_cell(&row);
    return row.size == 0 && table_is_pair(key, value);
}

static void keep_head(struct office_text *text)
{
    const struct table_grid *grid = &text->grid;
    buffer_clear(&text->head);
    buffer_append_slice(&text->head, buffer_slice(&text->row));
    text->head_rows = 1;
    text->head_page = text->page;
    text->head_is_one = grid->filled == 1 && grid->text_end == text->row.size && grid->rows_most <= 1;
    text->head_rows_stated = !grid->has_span ? 1 : grid->rows_most > 2 ? grid->rows_most : 2;
    text->head_is_sure = text->row_is_marked || grid->has_span;
    text->has_rows = true;
    text->has_head = text->grid.next != 2 || !is_key_and_value(buffer_slice(&text->row));
}

/* Whether the row below the head is part of it, and joined with it. */
static bool join_head(struct office_text *text)
{
    struct slice row = buffer_slice(&text->row), head = buffer_slice(&text->head);
    struct buffer joined, spread;
    if (text->head_rows >= TABLE_HEAD_ROWS_MAX || !is_subhead(head, row))
        return false;
    buffer_init(&joined, text->head.size_max);
    buffer_init(&spread, text->head.size_max);
    bool has_gaps = text->head_rows == 1 && table_head_spread(head, row, &spread);
    bool is_joined = has_gaps || text->head_rows < text->head_rows_stated;
    if (is_joined) {
        table_head_join(has_gaps ? buffer_slice(&spread) : head, row, &joined);
        buffer_clear(&text->head);
        buffer_append_slice(&text->head, buffer_slice(&joined));
        text->head_rows++;
        if (text->grid.has_span && text->head_rows_stated == text->head_rows)
            text->head_rows_stated++;
    }
    buffer_release(&joined);
    buffer_release(&spread);
    return is_joined;
}

/* The head, told once more: somebody wrote it at the top of each page. Without a mark the first row may be one of many, of which two are equal. */
static bool is_head_again(const struct office_text *text)
{
    struct slice row = buffer_slice(&text->row);
    if (!text->has_rows || !text->has_head || !text->head_is_sure || text->grid.filled < 2 ||
        !slice_equal(row, buffer_slice(&text->head)))
        return false;
    while (row.size > 0)
        if (table_is_number(table_next_cell(&row)))
            return false;
    return true;
}

void office_row_end(struct office_text *text)
{
    if (text->tables != 1)
        return;
    bool has_text = table_grid_row_end(&text->grid);
    note_failure(text, &text->row);
    if (!has_text)
        return;
    bool is_captioned = text->head_rows == 1 && text->head_is_one && text->grid.filled > 1;
    if (is_captioned)
        add_head(text, BLOCK_PARAGRAPH); /* what stands in one cell above the head is the table's name */
    if (!text->has_rows || is_captioned)
        keep_head(text);
    else if (!is_head_again(text) && (text->head_rows == 0 || !join_head(text))) {
        add_head(text, text->has_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW);
        add_block(text, BLOCK_TABLE_ROW, 0, buffer_slice(&text->row));
    }
    buffer_clear(&text->row);
}

void office_table_end(struct office_text *text)
{
    office_row_end(text); /* when it was left open */
    if (text->tables == 1)
        add_head(text, text->has_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW);
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
