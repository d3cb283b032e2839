#include "office_text.h"
#include "block.h"
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
    buffer_init(&text->lone, extract->text.size_max);
    buffer_init(&text->waiting, extract->text.size_max);
    table_grid_init(&text->grid, &text->row, REPEAT_BYTES_MAX);
}

void office_text_release(struct office_text *text)
{
    buffer_release(&text->held_text);
    buffer_release(&text->row);
    buffer_release(&text->head);
    table_grid_release(&text->grid);
    buffer_release(&text->code);
    buffer_release(&text->lone);
    buffer_release(&text->waiting);
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

static void end_code(struct office_text *text)
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
    end_code(text);
    text->has_rows = false;
    text->head_rows = 0;
    text->number_columns = text->text_columns = 0;
    text->body_rows = 0;
    text->is_list = false;
    table_grid_begin(&text->grid);
    office_row_begin(text, 1);
}

bool office_table_widen(struct office_text *text, size_t columns)
{
    enum { COLUMNS_MAX = 16 };
    if (text->head_rows == 0 || text->grid.next > 0 || text->is_waiting || columns > COLUMNS_MAX)
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
    if (text->is_sheet && (rows > 1 || text->row_was_empty))
        text->grid.width = 0; /* another table may be wider, and its cells go over more columns */
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
    bool is_second = grid->next == 2 && slice_starts_with(buffer_slice(&text->row), SLICE(" | ")); /* the name of a column */
    text->head_is_one = grid->filled == 1 && grid->text_end == text->row.size && grid->rows_most <= 1 && !is_second;
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

/* Bits of the columns in which the row has a number, or else a text. */
static void look_at_columns(struct slice row, uint64_t *numbers, uint64_t *texts)
{
    *numbers = *texts = 0;
    for (size_t column = 0; row.size > 0 && column < 64; column++) {
        struct slice cell = table_next_cell(&row);
        if (cell.size > 0)
            *(table_is_number(cell) ? numbers : texts) |= UINT64_C(1) << column;
    }
}

/* "20", "8.50 EUR"; not "3 May" or "2026-05-03", which a row may be without. */
static bool is_amount(struct slice cell)
{
    size_t separators = 0, small = 0;
    for (size_t i = 0; i < cell.size; i++) {
        separators += byte_among(cell.data[i], "-./:");
        small += cell.data[i] >= 'a' && cell.data[i] <= 'z';
    }
    return table_is_number(cell) && separators < 2 && small < 2;
}

/* Bits of the columns in which the row has an amount. */
static uint64_t amounts_of(struct slice row)
{
    uint64_t amounts = 0;
    for (size_t column = 0; row.size > 0 && column < 64; column++)
        amounts |= (uint64_t)is_amount(table_next_cell(&row)) << column;
    return amounts;
}

/* How many of the columns, which are bits, have the same text in both. */
static size_t equal_cells(struct slice a, struct slice b, uint64_t columns)
{
    size_t count = 0;
    for (size_t column = 0; a.size > 0 && b.size > 0 && column < 64; column++) {
        struct slice first = table_next_cell(&a), second = table_next_cell(&b);
        count += (columns >> column & 1) != 0 && first.size > 0 && slice_equal(first, second);
    }
    return count;
}

/* The head, told once more: somebody wrote it at the top of each page. The first row may be one of many, of which two are equal, unless it is marked, or
 * has names where the rows below have numbers. */
static bool is_head_again(const struct office_text *text)
{
    struct slice row = buffer_slice(&text->row);
    bool is_sure = text->head_is_sure || (text->number_columns & ~text->text_columns) != 0;
    if (!text->has_rows || !text->has_head || !is_sure || text->grid.filled < 2 || !slice_equal(row, buffer_slice(&text->head)))
        return false;
    while (row.size > 0)
        if (table_is_number(table_next_cell(&row)))
            return false;
    return true;
}

/* The head of another table, right below: names where numbers stood, one of them that of the head above. */
static bool is_next_head(const struct office_text *text)
{
    uint64_t numbers, texts, columns = text->number_columns & ~text->text_columns;
    struct slice row = buffer_slice(&text->row), head = buffer_slice(&text->head);
    look_at_columns(row, &numbers, &texts);
    return text->is_sheet && text->has_head && numbers == 0 && columns != 0 && (texts & columns) == columns &&
           equal_cells(row, head, columns) > 0;
}

/* Whether the head is that of columns; "Name | Ann" above one more row may be a form. */
static bool is_head_of_several(const struct office_text *text)
{
    struct slice rest = buffer_slice(&text->head);
    for (size_t cells = 0; rest.size > 0; cells++) {
        if (cells == 2)
            return true;
        table_next_cell(&rest);
    }
    return text->head_is_sure || (text->body_rows > 1 && text->amount_columns != 0);
}

static void add_row(struct office_text *text)
{
    bool is_again = is_head_again(text);
    if (is_again || (text->head_rows > 0 && join_head(text)))
        return;
    uint64_t numbers, texts;
    bool may_repeat_head = text->has_head && is_head_of_several(text);
    look_at_columns(buffer_slice(&text->row), &numbers, &texts);
    text->number_columns |= numbers;
    text->text_columns |= texts;
    uint64_t amounts = amounts_of(buffer_slice(&text->row));
    text->amount_columns = text->body_rows > 0 ? text->amount_columns & amounts : amounts;
    text->body_rows++;
    if (text->head_rows == 0 && text->has_left_head && may_repeat_head)
        add_block(text, BLOCK_TABLE_HEAD, 0, buffer_slice(&text->head));
    text->has_left_head = false;
    add_head(text, text->has_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW);
    add_block(text, BLOCK_TABLE_ROW, 0, buffer_slice(&text->row));
}

static void keep_or_add_row(struct office_text *text)
{
    bool is_captioned = text->head_rows == 1 && text->head_is_one && text->grid.filled > 1;
    if (is_captioned)
        add_head(text, BLOCK_PARAGRAPH); /* what stands in one cell above the head is the table's name */
    if (!text->has_rows || is_captioned)
        keep_head(text);
    else
        add_row(text);
    buffer_clear(&text->row);
}

void office_row_end(struct office_text *text)
{
    if (text->tables != 1)
        return;
    bool has_text = table_grid_row_end(&text->grid);
    note_failure(text, &text->row);
    if (!has_text)
        return;
    keep_or_add_row(text);
}

/* ---- several tables of a sheet ---- */

enum { LONE_LINES_MAX = 3, NAME_BYTES_MAX = 100 };
enum { SHEET_LEVEL = 1, TABLE_LEVEL, GROUP_LEVEL };

void office_sheet_begin(struct office_text *text, struct slice name)
{
    text->sheet_name = name;
    text->has_heading = true;
    office_sheet_go_on(text);
}

void office_sheet_go_on(struct office_text *text)
{
    if (text->has_heading)
        office_paragraph(text, BLOCK_HEADING, SHEET_LEVEL, text->sheet_name);
    text->is_sheet = true;
    text->row_was_empty = false;
    text->has_heading = text->has_left_head = false;
    text->lone_lines = 0;
    buffer_clear(&text->lone);
}

/* "20", "8.50 EUR"; not "3.1 Operating segments". */
static bool is_value(struct slice cell)
{
    enum { WORD_BYTES = 5 };
    size_t letters = 0;
    for (size_t i = 0; i < cell.size && letters < WORD_BYTES; i++) {
        bool is_letter = ((cell.data[i] | 0x20) >= 'a' && (cell.data[i] | 0x20) <= 'z') || (unsigned char)cell.data[i] >= 0x80;
        letters = is_letter ? letters + 1 : 0;
    }
    return table_is_number(cell) && letters < WORD_BYTES;
}

/* The text of the row's only cell; none when there are others, or it is a number, as below a column. */
static struct slice only_cell(const struct office_text *text)
{
    struct slice row = buffer_slice(&text->row), cell = SLICE("");
    if (text->grid.filled != 1 || text->grid.rows_most > 1 || text->row_is_marked)
        return cell;
    while (row.size > 0 && cell.size == 0)
        cell = table_next_cell(&row);
    return row.size > 0 || is_value(cell) ? SLICE("") : cell;
}

static bool are_names(struct slice row)
{
    while (row.size > 0) {
        struct slice cell = table_next_cell(&row);
        if (table_is_number(cell) && !table_is_range(cell))
            return false;
    }
    return true;
}

/* The next line of a single cell: what is in it, and all of its row. */
static bool next_lone(struct slice *rest, struct slice *cell, struct slice *row)
{
    if (!slice_next(rest, '\n', row))
        return false;
    struct slice cells = *row;
    do
        *cell = table_next_cell(&cells);
    while (cell->size == 0 && cells.size > 0);
    return true;
}

/* Lines that are no names of what comes. Those at the top are a table of one column where there are `many` of them. */
static void spill_lone(struct office_text *text, bool are_many)
{
    struct slice rest = buffer_slice(&text->lone), line, row;
    for (bool is_first = true; next_lone(&rest, &line, &row); is_first = false)
        if (are_many)
            add_block(text, is_first ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW, 0, line);
        else
            add_block(text, text->is_list ? BLOCK_TABLE_ROW : BLOCK_PARAGRAPH, 0, line);
    text->has_left_head = text->has_left_head || (!are_many && !text->is_list);
    text->is_list = text->is_list || are_many;
    text->lone_lines = 0;
    buffer_clear(&text->lone);
}

/* Lines of a single cell among the rows of a table, of which they are some. */
static void add_lone_rows(struct office_text *text)
{
    struct slice rest = buffer_slice(&text->lone), line, row;
    while (next_lone(&rest, &line, &row))
        add_block(text, BLOCK_TABLE_ROW, 0, row);
    text->lone_lines = 0;
    buffer_clear(&text->lone);
}

/* Lines above a head, or above a group of rows below it: the first is a heading. */
static void tell_lone(struct office_text *text, unsigned level)
{
    struct slice rest = buffer_slice(&text->lone), line, row;
    for (bool is_first = true; next_lone(&rest, &line, &row); is_first = false) {
        bool is_name = is_first && line.size <= NAME_BYTES_MAX && line.data[line.size - 1] != '.' && !is_value(line);
        add_block(text, is_name ? BLOCK_HEADING : BLOCK_PARAGRAPH, is_name ? level : 0, line);
        text->has_heading = text->has_heading || is_name;
    }
    text->has_left_head = true;
    text->lone_lines = 0;
    buffer_clear(&text->lone);
}

/* Another table begins with the row at hand. What is not named stands below the sheet's heading, not the last table's. */
static void begin_next(struct office_text *text)
{
    add_head(text, text->has_head && !text->head_is_one ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW);
    if (text->lone_lines > 0)
        tell_lone(text, TABLE_LEVEL);
    else if (text->has_heading) {
        add_block(text, BLOCK_HEADING, SHEET_LEVEL, text->sheet_name);
        text->has_heading = false;
    }
    text->has_rows = text->has_left_head = false;
    text->number_columns = text->text_columns = 0;
    text->body_rows = 0;
    text->is_list = false;
}

/* A line of one cell that stands apart, or at the top, or below such a one. */
static bool keep_lone(struct office_text *text, bool is_apart)
{
    struct slice cell = only_cell(text);
    if (cell.size == 0 || (text->lone_lines == 0 && text->has_rows && !is_apart))
        return false;
    if (is_apart && text->lone_lines > 0 && text->has_rows)
        spill_lone(text, /* are_many= */ false);
    if (text->lone_lines == LONE_LINES_MAX && text->lone_is_first)
        return false;
    if (text->lone_lines == LONE_LINES_MAX)
        spill_lone(text, /* are_many= */ false);
    add_head(text, text->has_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW);
    if (text->lone_lines++ == 0) {
        text->lone_is_first = !text->has_rows;
        text->lone_has_span = text->grid.has_span || text->grid.is_whole;
    } else
        buffer_append_byte(&text->lone, '\n');
    buffer_append_slice(&text->lone, buffer_slice(&text->row));
    note_failure(text, &text->lone);
    return true;
}

/* Whether the row, which stands apart and has texts only, is the head of another table rather than a row behind an empty one: it is marked as such,
 * has names where amounts stood or nothing did, or names a column of the head above. */
static bool is_other_head(const struct office_text *text)
{
    uint64_t numbers, texts, head_numbers, head_texts, body = text->number_columns | text->text_columns,
                                                       amounts = text->body_rows > 0 ? text->amount_columns : 0;
    struct slice row = buffer_slice(&text->row), head = buffer_slice(&text->head);
    look_at_columns(row, &numbers, &texts);
    look_at_columns(head, &head_numbers, &head_texts);
    return text->row_is_marked || text->grid.has_span || (texts & amounts) != 0 ||
           (texts & ~(body | head_numbers | head_texts)) != 0 || equal_cells(row, head, UINT64_MAX) > 0;
}

/* Whether the line above the row at hand names a group of rows, and is none of them: an empty row is on both sides, the cell was merged, or each row
 * has an amount, which the line has not. */
static bool is_group(const struct office_text *text, bool is_apart)
{
    return is_apart || text->lone_has_span || !text->has_rows || (text->body_rows > 0 && text->amount_columns != 0);
}

static void tell_group(struct office_text *text, bool is_apart)
{
    if (text->lone_lines > 0 && is_group(text, is_apart))
        tell_lone(text, GROUP_LEVEL);
    else if (text->lone_lines > 0)
        add_lone_rows(text);
}

static void swap_waiting(struct office_text *text)
{
    struct buffer row = text->row;
    text->row = text->waiting;
    text->waiting = row;
}

/* The row at hand may be a row or the head of another table: the one below tells. */
static void keep_waiting(struct office_text *text, bool is_apart)
{
    buffer_clear(&text->waiting);
    swap_waiting(text);
    text->is_waiting = true;
    text->waiting_is_apart = is_apart;
    text->waiting_columns = text->grid.next;
}

/* It is a head when the row right below it has numbers where it, and the table above it, have texts. */
static void tell_waiting(struct office_text *text, bool is_right_below)
{
    uint64_t numbers, below, texts, others;
    if (!text->is_waiting)
        return;
    text->is_waiting = false;
    look_at_columns(buffer_slice(&text->row), &below, &others);
    swap_waiting(text);
    look_at_columns(buffer_slice(&text->row), &numbers, &texts);
    if (is_right_below && (below & texts & ~text->number_columns) != 0) {
        begin_next(text);
        buffer_clear(&text->head);
        buffer_append_slice(&text->head, buffer_slice(&text->row));
        text->head_rows = text->head_rows_stated = 1;
        text->head_page = text->page;
        text->head_is_one = text->head_is_sure = false;
        text->has_rows = true;
        text->has_head = text->waiting_columns != 2 || !is_key_and_value(buffer_slice(&text->row));
    } else {
        tell_group(text, text->waiting_is_apart);
        add_row(text);
    }
    swap_waiting(text);
}

void office_sheet_row_end(struct office_text *text, bool is_apart)
{
    if (text->tables != 1)
        return;
    bool has_text = table_grid_row_end(&text->grid);
    note_failure(text, &text->row);
    is_apart = is_apart || text->row_was_empty;
    text->row_was_empty = !has_text;
    if (has_text)
        tell_waiting(text, /* is_right_below= */ !is_apart);
    if (!has_text || keep_lone(text, is_apart)) {
        buffer_clear(&text->row);
        return;
    }
    bool are_many = text->lone_lines > 0 && text->lone_is_first && text->grid.filled == 1,
         may_be_next = text->grid.filled > 1 && text->has_rows && are_names(buffer_slice(&text->row)) &&
                       (is_apart || text->lone_lines > 0),
         is_next = text->grid.filled > 1 && (!text->has_rows || (may_be_next && (text->is_list || is_other_head(text))));
    if (are_many) {
        text->has_head = text->has_rows = true;
        spill_lone(text, are_many);
    } else if (is_next || (is_next_head(text) && !is_head_again(text)))
        begin_next(text);
    else if (may_be_next) {
        keep_waiting(text, is_apart);
        return;
    } else
        tell_group(text, is_apart);
    keep_or_add_row(text);
}

void office_table_end(struct office_text *text)
{
    office_row_end(text); /* when it was left open */
    if (text->tables == 1)
        tell_waiting(text, /* is_right_below= */ false);
    if (text->tables == 1)
        add_head(text, text->has_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW);
    if (text->tables == 1 && text->is_sheet) {
        spill_lone(text, /* are_many= */ text->lone_is_first && text->lone_lines > 1);
        text->is_sheet = false;
    }
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
    end_code(text);
    add_block(text, kind, level == OFFICE_BOLD && text->holding > 0 ? 0 : level, paragraph);
}

/* ---- bold lines ---- */

/* Which of the bold lines may be headings. "Jane Doe", "12 Mill Lane," behind each other are lines of one text, and so are those that come then. */
static void look_at_bold(struct blocks *blocks, bool *are_names)
{
    enum { SHORT_BYTES_MAX = 64 };
    bool are_lines = false;
    for (size_t i = 0; i < blocks->count; i++) {
        struct block *block = &blocks->items[i];
        bool is_bold = block->level == OFFICE_BOLD, is_behind_name = i > 0 && are_names[i - 1];
        struct slice line = block->text;
        are_names[i] = is_bold && block_is_name(line);
        bool ends_lines = is_bold && !are_names[i] && is_behind_name && line.size > 0 && line.size <= SHORT_BYTES_MAX &&
                          !byte_among(line.data[line.size - 1], ".!");
        are_lines = is_bold && (are_lines || ends_lines);
        are_names[i] = are_names[i] && !are_lines;
        for (size_t before = i; ends_lines && before > 0 && are_names[before - 1]; before--)
            are_names[before - 1] = false;
        block->level = is_bold ? 0 : block->level;
    }
}

static void raise_bold(struct extract *extract)
{
    struct blocks *blocks = &extract->blocks;
    bool *are_names = memory_alloc(blocks->count + 1, sizeof(*are_names));
    for (size_t i = 0; i < blocks->count; i++)
        blocks->items[i].text = slice_range(buffer_slice(&extract->text), blocks->items[i].start, blocks->items[i].end);
    look_at_bold(blocks, are_names);
    block_raise_names(blocks, are_names);
    free(are_names);
}

void office_text_end(struct office_text *text)
{
    end_code(text);
    raise_bold(text->extract);
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
        end_code(text);
        let_go(text);
    }
}
