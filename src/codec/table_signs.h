/* table_signs.h - tables in which the signs of amounts have columns of their own, as filings have them. Private to this room.
 *
 *   as it came       Net sales |  | $ | 32,136 |  |  | $ | 32,765         2019 and 2018 go over two columns each
 *                    Loss      |  |   | (547   | ) |  |  | (586 | )
 *   as it is meant             | 2019     | 2018
 *                    Net sales | $ 32,136 | $ 32,765
 *                    Loss      | (547)    | (586)
 *
 * The reader tells of cells and rows while it walks the table; at its end the texts of the rows are written anew. */
#ifndef CODEC_TABLE_SIGNS_H
#define CODEC_TABLE_SIGNS_H

#include "codec.h"

/* "$", "US$": it stands before its amount. */
bool signs_is_currency(struct slice text);
/* ")", "%", ")%": of the amount before. */
bool signs_is_ending(struct slice text);

/* A cell's columns of the table, the last one included. */
struct signs_cell {
    size_t first, last;
    bool is_repeated; /* with text, it is written once for each of them */
};

struct signs_row {
    size_t block; /* among the document's; SIZE_MAX: it became none */
    size_t cell, cell_count; /* in `cells` */
};

struct table_signs {
    struct signs_cell *cells;
    size_t cell_count, cell_capacity;
    struct signs_row *rows;
    size_t row_count, row_capacity;
    bool is_other; /* cells go over rows, or there are too many: it stays as it is */
};

void table_signs_release(struct table_signs *signs);

void table_signs_begin(struct table_signs *signs);
void table_signs_row(struct table_signs *signs);
void table_signs_cell(struct table_signs *signs, size_t columns, size_t rows, bool is_repeated);
/* The row at hand became this block. */
void table_signs_block(struct table_signs *signs, size_t block);

/* At the end of the table: writes its rows anew, where signs stand apart. */
void table_signs_end(struct table_signs *signs, struct blocks *blocks, struct arena *arena);

#endif
