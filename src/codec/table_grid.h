/* table_grid.h - where the cells of a table stand when some of them go over several columns or rows. Private to this room.
 *
 *   ┌──────┬───────────────┐
 *   │      │     2023      │     row 1    Fare | 2023 | 2023            a cell over columns stands under each of their heads
 *   │ Fare ├───────┬───────┤     row 2    Fare | Adult | Child          one over rows stands in each of them
 *   │      │ Adult │ Child │     head     Fare | 2023 Adult | 2023 Child
 *   ├──────┼───────┴───────┤
 *   │ Day  │     free      │     row 3    Day | free | free
 *   └──────┴───────────────┘
 *
 * The reader of a format tells of rows and cells, and writes what is in a cell to the row's buffer; the grid writes what stands between them.
 * Long texts, and a cell that is all of its row, are written once. Spans come from whoever made the document: all of them together may not make
 * its text longer than the reader allows. */
#ifndef CODEC_TABLE_GRID_H
#define CODEC_TABLE_GRID_H

#include "base/base.h"

enum {
    TABLE_COLUMNS_MAX = 1000 /* that a cell may go over, as browsers have it */,
    TABLE_HEAD_ROWS_MAX = 6 /* that are joined */
};

#define TABLE_NEXT_COLUMN SIZE_MAX /* the first one that no cell above reaches into */

struct table_column {
    size_t text_at, text_size; /* of the cell that goes on in it, in `texts` */
    size_t until_row; /* it does so up to there; 0: none does */
};

struct table_grid {
    struct buffer *row_text; /* the reader's own */
    size_t repeat_left; /* bytes that may still be written again */
    struct buffer texts;
    struct table_column *columns;
    size_t column_count, column_capacity;
    size_t row, last_row; /* the one at hand, from 1; the last one that a cell above it reaches into */
    size_t width; /* columns of the widest row of the table */
    bool is_headed; /* the row is a head, or below one: only then a cell is written for each of its columns */
    /* The row at hand. */
    size_t next; /* columns that are written */
    size_t filled; /* its own cells with text */
    size_t text_end; /* in the row's text: what stands behind are empty cells */
    bool is_whole; /* it is one cell over several columns */
    bool has_span; /* a cell goes over several columns, but others stand beside it */
    size_t rows_most; /* that one of its cells goes over */
    /* The cell at hand. */
    bool in_cell;
    size_t cell_at; /* in the row's text */
    size_t cell_column, cell_columns, cell_rows;
};

void table_grid_init(struct table_grid *grid, struct buffer *row_text, size_t repeat_max);
void table_grid_release(struct table_grid *grid);

void table_grid_begin(struct table_grid *grid); /* a table, or a part of one that no cell goes beyond */

/* The row that stands `rows` below the one before it. The row's text is empty, or becomes so. */
void table_grid_row(struct table_grid *grid, size_t rows);

/* A cell: what is added to the row's text from here on is in it. Spans of 0 count as 1. */
void table_grid_cell(struct table_grid *grid, size_t column, size_t columns, size_t rows);

/* The cell above these columns goes on in this row, as far as it was said to reach into it: it then reaches into the next one, too. False: none does. */
bool table_grid_continue(struct table_grid *grid, size_t column, size_t columns);

/* So many columns come before those that were told of, between rows. */
void table_grid_widen(struct table_grid *grid, size_t columns);

/* Ends the row; false when none of its own cells has text. Its text then ends with that of its last cell that has some. */
bool table_grid_row_end(struct table_grid *grid);

/* Four digits from 1900 to 2099: they head columns as names do. */
bool table_is_year(struct slice cell);

/* "20 EUR", "+49 30 1234", which are no names of columns; "2023" may be one. */
bool table_is_number(struct slice cell);

/* "3–6 pallets", "7+", "5 to 10 kg": a number that may be the name of a column, where heads stand. */
bool table_is_range(struct slice cell);

/* "Price | 20 EUR", "Contact: | Ann": a key and its value. No column has the second as its name. */
bool table_is_pair(struct slice key, struct slice value);

/* Takes the first cell off a row's text. */
struct slice table_next_cell(struct slice *rest);

/* "Zone | Price | | Stock" above " | Adult | Child": cells that a person reads as one over several columns, though none was merged.
 * Writes the upper row with each in all of its columns; false when the lower one does not fill gaps. */
bool table_head_spread(struct slice above, struct slice below, struct buffer *out);

/* Two rows of a head as one: "Fare | 2023 | 2023" above "Fare | Adult | Child". What stands in both stands in it once. */
void table_head_join(struct slice above, struct slice below, struct buffer *out);

#endif
