#include "rtf_table.h"
#include <assert.h>
#include <limits.h>
#include <stdlib.h>

enum {
    ROWS_HELD_MAX = 4096,
    CELLS_HELD_MAX = 65536,
    EDGE_REACH = 100 /* edges that somebody drew by hand: 1/14 of an inch apart, and still one */
};

void rtf_table_init(struct rtf_table *table, size_t text_max)
{
    *table = (struct rtf_table){0};
    buffer_init(&table->text, text_max);
}

void rtf_table_release(struct rtf_table *table)
{
    buffer_release(&table->text);
    free(table->cells);
    free(table->rows);
}

/* ---- how a row is divided ---- */

void rtf_table_shape(struct rtf_table *table)
{
    table->shape_count = 0;
    table->merge = 0;
    table->is_head = false;
}

void rtf_table_shape_merge(struct rtf_table *table, unsigned merge)
{
    table->merge |= merge;
}

void rtf_table_shape_cell(struct rtf_table *table, long right)
{
    if (table->shape_count < TABLE_COLUMNS_MAX)
        table->shape[table->shape_count++] = (struct rtf_cell){.right = right, .merge = table->merge};
    table->merge = 0;
}

/* ---- what stands in it ---- */

void rtf_table_add(struct rtf_table *table, struct slice paragraph)
{
    bool is_full = table->cell_count - table->row_first == TABLE_COLUMNS_MAX;
    if (!table->in_cell && !is_full) {
        table->cells = memory_more(table->cells, table->cell_count, &table->cell_capacity, sizeof(*table->cells));
        table->cells[table->cell_count++] = (struct rtf_cell){.start = table->text.size};
    }
    table->in_cell = true;
    buffer_append_slice(&table->text, paragraph);
    buffer_append_byte(&table->text, '\n');
    table->cells[table->cell_count - 1].end = table->text.size;
}

void rtf_table_cell_end(struct rtf_table *table)
{
    table->in_cell = false;
}

/* ---- columns ---- */

struct edges {
    long places[TABLE_COLUMNS_MAX];
    size_t count;
};

static void add_edge(struct edges *edges, long place)
{
    size_t at = edges->count;
    while (at > 0 && edges->places[at - 1] > place)
        at--;
    bool is_known = (at > 0 && place - edges->places[at - 1] <= EDGE_REACH) ||
                    (at < edges->count && edges->places[at] - place <= EDGE_REACH);
    if (is_known || edges->count == TABLE_COLUMNS_MAX)
        return;
    for (size_t i = edges->count++; i > at; i--)
        edges->places[i] = edges->places[i - 1];
    edges->places[at] = place;
}

/* All rows have as many cells: they count, and not the edges, which somebody may have drawn askew. */
static bool is_even(const struct rtf_table *table)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->rows[i].count != table->rows[0].count)
            return false;
    return true;
}

/* Each row says where all of its cells end. */
static bool is_measured(const struct rtf_table *table)
{
    long before = LONG_MIN;
    for (size_t i = 0; i < table->row_count; i++, before = LONG_MIN)
        for (size_t c = 0; c < table->rows[i].count; c++) {
            long right = table->cells[table->rows[i].first + c].right;
            if (right == LONG_MAX || right <= before)
                return false;
            before = right;
        }
    return true;
}

/* Behind the column that a cell ends with, which is `column` or more. */
static size_t column_end(const struct edges *edges, const struct rtf_cell *cell, size_t column)
{
    size_t end = 0;
    while (end < edges->count && edges->places[end] <= cell->right + EDGE_REACH)
        end++;
    return end > column + 1 ? end : column + 1;
}

static void write_row(const struct rtf_table *table, const struct rtf_row *row, const struct edges *edges,
                      struct office_text *out)
{
    const struct rtf_cell *cells = table->cells + row->first;
    struct slice text = buffer_slice(&table->text);
    size_t column = 0;
    if (row->is_head)
        office_row_mark(out);
    for (size_t i = 0, next; i < row->count; i = next) {
        size_t start = column;
        column = edges != NULL ? column_end(edges, &cells[i], column) : column + 1;
        for (next = i + 1; next < row->count && (cells[next].merge & RTF_ACROSS_NEXT) != 0; next++)
            column = edges != NULL ? column_end(edges, &cells[next], column) : column + 1;
        bool is_seen = (cells[i].merge & RTF_DOWN_NEXT) == 0 || !office_cell_continue(out, start, column - start);
        if (is_seen)
            office_cell_begin(out, start, column - start, (cells[i].merge & RTF_DOWN_FIRST) != 0 ? 2 : 1);
        for (size_t part = i; part < next && is_seen; part++)
            office_paragraph(out, BLOCK_PARAGRAPH, 0, slice_range(text, cells[part].start, cells[part].end));
    }
    office_row_end(out);
}

/* Writes the rows that have ended. */
static void write_rows(struct rtf_table *table, struct office_text *out)
{
    struct edges edges = {.count = 0};
    bool is_by_edges = !is_even(table) && is_measured(table);
    for (size_t i = 0; is_by_edges && i < table->row_count; i++)
        for (size_t c = 0; c < table->rows[i].count; c++)
            add_edge(&edges, table->cells[table->rows[i].first + c].right);
    for (size_t i = 0; i < table->row_count; i++) {
        if (!table->is_written)
            office_table_begin(out);
        else
            office_row_begin(out, 1);
        table->is_written = true;
        write_row(table, &table->rows[i], is_by_edges ? &edges : NULL, out);
    }
    out->extract->text.failed = out->extract->text.failed || table->text.failed;
    table->row_count = table->cell_count = table->row_first = 0;
    buffer_clear(&table->text);
}

/* ---- rows ---- */

void rtf_table_row_end(struct rtf_table *table, struct office_text *out)
{
    size_t count = table->cell_count - table->row_first;
    struct rtf_cell *cells = table->cells + table->row_first;
    bool is_head = table->is_head || !table->row_is_plain;
    table->in_cell = table->row_is_plain = false;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        cells[i].right = i < table->shape_count ? table->shape[i].right : LONG_MAX;
        cells[i].merge = i < table->shape_count ? table->shape[i].merge : 0;
    }
    table->rows = memory_more(table->rows, table->row_count, &table->row_capacity, sizeof(*table->rows));
    table->rows[table->row_count++] = (struct rtf_row){table->row_first, count, is_head};
    table->row_first = table->cell_count;
    if (table->row_count >= ROWS_HELD_MAX || table->cell_count >= CELLS_HELD_MAX)
        write_rows(table, out);
}

void rtf_table_end(struct rtf_table *table, struct office_text *out)
{
    rtf_table_row_end(table, out); /* when it was left open */
    write_rows(table, out);
    if (table->is_written)
        office_table_end(out);
    table->is_written = false;
    assert(table->row_count == 0 && table->cell_count == 0);
}
