/* pdf_table_labels.c - labels that stand in the middle beside several rows.
 *
 *            Single  3.00               Zone 1  Single  3.00
 *            Day     3.50               Zone 1  Day     3.50
 *    Zone 1                      →      Zone 1  Week    4.00
 *            Week    4.00               Zone 1  Month   4.50
 *            Month   4.50
 *
 * Whether that is so, the places tell: from the first row to the last, the middle of some rows has to be that of a label each, and rows beside one
 * label must fill the same columns, and not be closer than those beside two, as the lines of one row are. */
#include "pdf_table.h"
#include <stdlib.h>
#include <string.h>

/* A text of the first column; several lines of it are one. */
struct label {
    size_t first, last; /* lines */
    int top, bottom;
    bool is_alone; /* nothing else stands in its lines */
};

struct labels {
    struct label *items;
    size_t count;
    size_t *rows; /* the lines with something in other columns */
    size_t row_count;
    size_t *label_of; /* of each row */
    size_t tail; /* from this line on nothing but texts of the first column stand, below all rows */
};

static const struct pdf_cell *cells_of(const struct pdf_table *table, size_t line)
{
    return table->cells + line * table->column_count;
}

static size_t find_tail(const struct pdf_table *table)
{
    size_t rows_end = table->count, tail;
    while (rows_end > 0 && cells_of(table, rows_end - 1)[0].text.size > 0 && pdf_filled_count(table, rows_end - 1) == 1)
        rows_end--;
    for (tail = rows_end; tail > 0 && tail < table->count && table->lines[tail].top < table->lines[rows_end - 1].bottom;)
        tail++;
    return tail;
}

static void list_labels(const struct pdf_table *table, size_t first, struct labels *labels)
{
    labels->count = labels->row_count = 0;
    labels->tail = find_tail(table);
    for (size_t i = first; i < labels->tail; i++) {
        const struct pdf_line *line = &table->lines[i];
        bool has_label = cells_of(table, i)[0].text.size > 0, is_row = pdf_filled_count(table, i) > has_label;
        struct label *before = labels->count > 0 ? &labels->items[labels->count - 1] : NULL;
        if (is_row)
            labels->rows[labels->row_count++] = i;
        if (!has_label)
            continue;
        if (before != NULL && (before->is_alone || !is_row) && line->top - before->bottom <= table->size / 3) {
            before->last = i;
            before->bottom = line->bottom;
            before->is_alone = before->is_alone && !is_row;
        } else
            labels->items[labels->count++] = (struct label){i, i, line->top, line->bottom, !is_row};
    }
}

/* Gives each label the rows whose middle is its own; false when there is none, or a row belongs to another label. */
static bool share_out(const struct pdf_table *table, struct labels *labels)
{
    size_t next = 0;
    bool has_several = false;
    for (size_t k = 0; k < labels->count; k++) {
        const struct label *label = &labels->items[k];
        int middle = label->top + label->bottom, nearest = 2 * PDF_PLACE_MAX;
        size_t first = next, end = next;
        for (size_t r = first; r < labels->row_count; r++) {
            const struct pdf_line *upper = &table->lines[labels->rows[first]], *lower = &table->lines[labels->rows[r]];
            size_t line = labels->rows[r];
            bool is_of_other = cells_of(table, line)[0].text.size > 0 && (line < label->first || line > label->last);
            if (is_of_other || abs(upper->top + lower->bottom - middle) >= nearest)
                break;
            nearest = abs(upper->top + lower->bottom - middle);
            end = r + 1;
        }
        if (end == first || nearest > table->size / 2)
            return false;
        for (; next < end; next++)
            labels->label_of[next] = k;
        has_several = has_several || end - first > 1;
    }
    return next == labels->row_count && has_several;
}

/* Whether rows beside one label stand as far from each other as those beside two, and none reaches into the next: no lines of one cell do, nor of
 * cells that stand in the middle of one row. */
static bool are_rows(const struct pdf_table *table, const struct labels *labels)
{
    int inner = PDF_PLACE_MAX, outer = PDF_PLACE_MAX;
    for (size_t r = 1; r < labels->row_count; r++) {
        int pitch = table->lines[labels->rows[r]].top - table->lines[labels->rows[r - 1]].top;
        int *least = labels->label_of[r] == labels->label_of[r - 1] ? &inner : &outer;
        *least = pitch < *least ? pitch : *least;
    }
    return outer < PDF_PLACE_MAX && inner + 2 >= outer && inner >= table->size;
}

/* Whether rows beside one label fill the same columns, two at least: where cells go over several lines some are shorter than others.
 * A label in the line of a row, as beside three of them, tells less: one of the columns has to have numbers. */
static bool are_full(const struct pdf_table *table, const struct labels *labels)
{
    for (size_t r = 0; r + 1 < labels->row_count; r++) {
        const struct pdf_cell *row = cells_of(table, labels->rows[r]), *next = cells_of(table, labels->rows[r + 1]);
        size_t filled = 0, numbers = 0;
        if (labels->label_of[r] != labels->label_of[r + 1])
            continue;
        for (size_t c = 1; c < table->column_count; c++) {
            if ((row[c].text.size > 0) != (next[c].text.size > 0))
                return false;
            filled += row[c].text.size > 0;
            numbers += pdf_is_numeric(row[c].text) && pdf_is_numeric(next[c].text);
        }
        if (filled < 2 || (numbers == 0 && !labels->items[labels->label_of[r]].is_alone))
            return false;
    }
    return true;
}

/* The table with the label in each of its rows, and without the lines in which nothing else stands. */
static void write_labels(struct pdf_table *table, size_t first, const struct labels *labels, struct arena *arena)
{
    size_t columns = table->column_count, tail = table->count - labels->tail, count = first + labels->row_count + tail;
    struct pdf_line *lines = arena_alloc(arena, count, sizeof(*lines));
    struct pdf_cell *cells = arena_alloc(arena, count * columns, sizeof(*cells));
    memcpy(lines, table->lines, first * sizeof(*lines));
    memcpy(cells, table->cells, first * columns * sizeof(*cells));
    for (size_t r = 0; r < labels->row_count; r++) {
        const struct label *label = &labels->items[labels->label_of[r]];
        struct pdf_cell *row = cells + (first + r) * columns;
        lines[first + r] = table->lines[labels->rows[r]];
        memcpy(row, cells_of(table, labels->rows[r]), columns * sizeof(*row));
        row[0] = *cells_of(table, label->first);
        for (size_t i = label->first + 1; i <= label->last; i++)
            if (cells_of(table, i)[0].text.size > 0)
                row[0].text = slice_from(arena_format(arena, SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(row[0].text),
                                                      SLICE_ARGUMENT(cells_of(table, i)[0].text)));
    }
    memcpy(lines + count - tail, table->lines + labels->tail, tail * sizeof(*lines));
    memcpy(cells + (count - tail) * columns, cells_of(table, labels->tail), tail * columns * sizeof(*cells));
    table->lines = lines;
    table->cells = cells;
    table->count = count;
    table->first_row = first;
}

void pdf_spread_labels(struct pdf_table *table, struct arena *arena)
{
    struct labels labels = {.items = memory_alloc(table->count, sizeof(*labels.items)),
                            .rows = memory_alloc(table->count, sizeof(*labels.rows)),
                            .label_of = memory_alloc(table->count, sizeof(*labels.label_of))};
    table->first_row = table->count;
    for (size_t first = 0; first <= PDF_HEAD_LINES_MAX && first + 2 < table->count; first++) {
        list_labels(table, first, &labels);
        if (labels.count < 2 || !share_out(table, &labels) || !are_rows(table, &labels) || !are_full(table, &labels))
            continue;
        write_labels(table, first, &labels, arena);
        break;
    }
    free(labels.items);
    free(labels.rows);
    free(labels.label_of);
}
