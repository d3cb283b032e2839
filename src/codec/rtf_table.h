/* rtf_table.h - the tables of an RTF document: cells by the places of their edges. Private to this room.
 *
 *   \trowd        \cellx3000 \cellx9000     Service │        2026          two cells; the second goes over what are two below
 *   \trowd        \cellx3000 \cellx6000 \cellx9000
 *
 * A row says only where its cells end, so that a table is held until all of its rows tell which columns it has. */
#ifndef CODEC_RTF_TABLE_H
#define CODEC_RTF_TABLE_H

#include "office_text.h"

/* What a cell is of those beside or above it. */
enum rtf_merge { RTF_ACROSS_FIRST = 1, RTF_ACROSS_NEXT = 2, RTF_DOWN_FIRST = 4, RTF_DOWN_NEXT = 8 };

struct rtf_cell {
    size_t start, end; /* in the text */
    long right;
    unsigned merge; /* bits */
};

struct rtf_row {
    size_t first, count; /* cells */
    bool is_head; /* marked as one, or bold */
};

struct rtf_table {
    struct buffer text;
    struct rtf_cell *cells;
    size_t cell_count, cell_capacity;
    struct rtf_row *rows; /* that have ended */
    size_t row_count, row_capacity;
    size_t row_first; /* the first cell of the row at hand */
    bool in_cell;
    bool is_written; /* rows of it are, as it is long */
    /* How the row at hand is divided. */
    struct rtf_cell shape[TABLE_COLUMNS_MAX];
    size_t shape_count;
    unsigned merge; /* of the cell whose edge comes next */
    bool is_head; /* the row at hand is marked as one */
    bool row_is_plain; /* it has text that is not bold */
};

void rtf_table_init(struct rtf_table *table, size_t text_max);
void rtf_table_release(struct rtf_table *table);

void rtf_table_shape(struct rtf_table *table); /* a row is about to be described, from its first cell on */
void rtf_table_shape_merge(struct rtf_table *table, unsigned merge);
void rtf_table_shape_cell(struct rtf_table *table, long right);

void rtf_table_add(struct rtf_table *table, struct slice paragraph); /* to the cell at hand, which begins with it */
void rtf_table_cell_end(struct rtf_table *table);
void rtf_table_row_end(struct rtf_table *table, struct office_text *out);
void rtf_table_end(struct rtf_table *table, struct office_text *out); /* of the table: writes it */

#endif
