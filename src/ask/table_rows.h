/* table_rows.h - the rows of a table among the sentences of a passage. Private to ask. */
#ifndef ASK_TABLE_ROWS_H
#define ASK_TABLE_ROWS_H

#include "ask_parts.h"

/* The sentence is a row, of cells that bars, tabs or several blanks part. */
bool table_is_row(const struct ask_passage *passage, size_t sentence);

/* It is a line alone between rows, which says of what those below it are: "Net sales:". */
bool table_is_title(const struct ask_passage *passage, size_t sentence);

struct table_rows {
    size_t first, end; /* sentences of the passage, titles among them; no row: the same */
    size_t heads; /* so many of them are its head for sure, and answer nothing */
    struct slice head; /* of each column, parted by bars, where there are several; else the row */
    struct slice around; /* what stands above all columns: "Year ended December 31," */
};

/* Those that the sentence is among. In the arena. */
struct table_rows table_rows_at(struct asking *asking, const struct ask_passage *passage, size_t sentence);

/* The title that stands above the row; `sentence_count`: none does. */
size_t table_title_above(const struct ask_passage *passage, const struct table_rows *rows, size_t sentence);

#endif
