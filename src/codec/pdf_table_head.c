/* pdf_table_head.c - which rows of a table are its head, and what they say of columns together. */
#include "pdf_table.h"
#include "table_grid.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_CELL_BYTES_MAX = 80, ROWS_LOOKED_BACK = 1000 };

size_t pdf_filled_count(const struct pdf_table *table, size_t line)
{
    size_t count = 0;
    for (size_t c = 0; c < table->column_count; c++)
        count += table->cells[line * table->column_count + c].text.size > 0;
    return count;
}

bool pdf_is_numeric(struct slice text)
{
    bool has_digit = false;
    for (size_t i = 0; i < text.size; i++) {
        if (((text.data[i] | 0x20) >= 'a' && (text.data[i] | 0x20) <= 'z'))
            return false;
        has_digit = has_digit || (text.data[i] >= '0' && text.data[i] <= '9');
    }
    return has_digit;
}

bool pdf_has_amounts(const struct pdf_table *table, size_t line)
{
    const struct pdf_cell *cells = table->cells + line * table->column_count;
    bool has = false;
    for (size_t c = 1; c < table->column_count && !has; c++)
        has = cells[c].text.size > 0 && pdf_is_numeric(cells[c].text) && !table_is_year(cells[c].text);
    return has && cells[0].text.size > 0;
}

bool pdf_is_head(const struct pdf_table *table, size_t end, const struct buffer *cells)
{
    if (end >= table->count)
        return false;
    if (table->lines[0].is_bold && !table->lines[end].is_bold)
        return true;
    bool is_above_amounts = table->column_count > 2 && pdf_has_amounts(table, end);
    for (size_t c = 0; c < table->column_count; c++) {
        bool is_filled = cells[c].size > 0 || (c == 0 && is_above_amounts);
        bool is_year = is_above_amounts && table_is_year(buffer_slice(&cells[c]));
        if (!is_filled || cells[c].size > HEAD_CELL_BYTES_MAX || (pdf_is_numeric(buffer_slice(&cells[c])) && !is_year))
            return false;
    }
    return true;
}

/* Whether both have the same letters, whatever their order: the lines of a head may fall into other cells where the page's rows are others. */
static bool has_same_letters(struct slice a, struct slice b)
{
    size_t counts[256] = {0};
    for (size_t i = 0; i < a.size; i++)
        counts[(unsigned char)a.data[i]]++;
    for (size_t i = 0; i < b.size; i++)
        counts[(unsigned char)b.data[i]]--;
    counts[' '] = counts['|'] = counts['-'] = 0; /* a word that a line ended in was put together, or not */
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
        if (counts[i] != 0)
            return false;
    return true;
}

bool pdf_is_head_again(const struct extract *extract, struct slice row)
{
    const struct blocks *blocks = &extract->blocks;
    for (size_t i = blocks->count; i-- > 0 && blocks->count - i < ROWS_LOOKED_BACK;) {
        const struct block *block = &blocks->items[i];
        if (block->kind == BLOCK_TABLE_HEAD)
            return has_same_letters(row, slice_range(buffer_slice(&extract->text), block->start, block->end));
        if (block->kind != BLOCK_TABLE_ROW)
            return false;
    }
    return false;
}

bool pdf_join_head(struct pdf_row *row, const struct pdf_row *below)
{
    struct buffer spread, joined;
    struct slice rest, lower = buffer_slice(&below->text);
    bool is_head = true;
    for (rest = lower; rest.size > 0 && is_head;)
        is_head = !table_is_number(table_next_cell(&rest));
    buffer_init(&spread, row->text.size_max);
    buffer_init(&joined, row->text.size_max);
    is_head = is_head && table_head_spread(buffer_slice(&row->text), lower, &spread);
    if (is_head)
        table_head_join(buffer_slice(&spread), lower, &joined);
    for (rest = buffer_slice(&joined); rest.size > 0 && is_head;) {
        struct slice cell = table_next_cell(&rest);
        is_head = cell.size > 0 && cell.size <= HEAD_CELL_BYTES_MAX;
    }
    if (is_head) {
        buffer_clear(&row->text);
        buffer_append_slice(&row->text, buffer_slice(&joined));
    }
    buffer_release(&spread);
    buffer_release(&joined);
    return is_head;
}

/* For each column but the first, the one in whose cell of line `upper` the name of its group stands: the nearest, where each name stands in the
 * middle of its columns; false when that is not so, or line `lower` does not name all columns. */
static bool find_groups(const struct pdf_table *table, size_t upper, size_t lower, size_t groups[PDF_COLUMNS_MAX])
{
    const struct pdf_cell *names = table->cells + upper * table->column_count,
                          *cells = table->cells + lower * table->column_count;
    size_t named = 0;
    for (size_t c = 1; c < table->column_count; c++) {
        int middle = cells[c].left + cells[c].right, nearest = INT_MAX;
        if (cells[c].text.size == 0 || pdf_is_numeric(cells[c].text))
            return false;
        named += names[c].text.size > 0;
        for (size_t g = 1; g < table->column_count; g++)
            if (names[g].text.size > 0 && abs(names[g].left + names[g].right - middle) < nearest) {
                nearest = abs(names[g].left + names[g].right - middle);
                groups[c] = g;
            }
    }
    if (named < 2 || 2 * named > table->column_count - 1)
        return false;
    for (size_t first = 1, end; first < table->column_count; first = end) {
        const struct pdf_cell *name = &names[groups[first]];
        for (end = first; end < table->column_count && groups[end] == groups[first]; end++)
            continue;
        bool is_last = end == table->column_count; /* as wide as the one before it */
        int next = is_last ? 2 * table->starts[end - 1] - table->starts[end - 2] : table->starts[end],
            middle = name->left + name->right;
        /* columns of numbers end together: they begin where the one before ends */
        int before = first > 1 ? cells[first - 1].right
                               : 2 * cells[first].right - cells[first + 1 < end ? first + 1 : first].right;
        bool is_middle = abs(middle - cells[first].left - cells[end - 1].right) <= 2 * table->size ||
                         abs(middle - table->starts[first] - next + table->size) <= 2 * table->size ||
                         abs(middle - before - cells[end - 1].right) <= 2 * table->size;
        if (end - first < 2 || !is_middle)
            return false;
    }
    return true;
}

size_t pdf_read_grouped_head(const struct pdf_table *table, const struct pdf_words *words, struct pdf_row *row)
{
    size_t groups[PDF_COLUMNS_MAX] = {0}, lower = 1;
    while (lower < table->count && lower < PDF_HEAD_LINES_MAX && pdf_filled_count(table, lower) == 1 &&
           table->cells[lower * table->column_count].text.size > 0) /* the name of the first column, between them */
        lower++;
    if (table->column_count < 5 || lower + 1 >= table->count || !find_groups(table, 0, lower, groups))
        return 0;
    pdf_read_row(table, 0, lower + 1, words, row);
    buffer_clear(&row->text);
    buffer_append_slice(&row->text, buffer_slice(&row->cells[0]));
    for (size_t c = 1; c < table->column_count; c++)
        buffer_format(&row->text, " | " SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(table->cells[groups[c]].text),
                      SLICE_ARGUMENT(table->cells[lower * table->column_count + c].text));
    return lower + 1;
}
