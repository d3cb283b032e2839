/* pdf_table.h - a table of a PDF's page on its way from lines to rows. Private to the files that read tables.
 *
 *   lines    which, and where their columns begin      pdf_table.c
 *   cells    of each line
 *   labels   that stand beside several rows            pdf_table_labels.c
 *   rows     of one line or more                       pdf_table.c
 *   heads                                              pdf_table_head.c */
#ifndef CODEC_PDF_TABLE_H
#define CODEC_PDF_TABLE_H

#include "pdf_page.h"

enum { PDF_COLUMNS_MAX = 24, PDF_HEAD_LINES_MAX = 5 };

struct pdf_cell {
    struct slice text;
    int left, right;
    bool has_space; /* behind what it holds last */
};

struct pdf_table {
    const struct pdf_line *lines;
    size_t count;
    int size;  /* of its font */
    int right; /* where text around it ends */
    int starts[PDF_COLUMNS_MAX]; /* where each column begins */
    size_t column_count;
    struct pdf_cell *cells; /* of each line, column_count */
    int tight_gap;      /* white between the lines of one row is not wider */
    bool is_spaced;     /* and that between rows is */
    int text_gap;       /* white between lines of the paragraphs around it; 0 when none tell */
    bool is_open;       /* there is more white below each of its lines than within a paragraph: each is a row */
    size_t head_lines;  /* lines before the first wide gap, or 0 */
    size_t first_row;   /* from this line on each line is a row; `count` where that is not known */
    size_t led;         /* lines before those that the columns were found in: a bold head whose cells nearly touch */
};

/* Room for one row. */
struct pdf_row {
    struct buffer cells[PDF_COLUMNS_MAX], text;
    size_t count;
};

size_t pdf_filled_count(const struct pdf_table *table, size_t line);

/* Digits, and no letters. */
bool pdf_is_numeric(struct slice text);

/* "Total assets | 383,665 | 336,032": a name, and numbers that are no years, as no head has them. */
bool pdf_has_amounts(const struct pdf_table *table, size_t line);

/* The row of these lines. */
void pdf_read_row(const struct pdf_table *table, size_t line, size_t end, const struct pdf_words *words, struct pdf_row *row);

/* Labels that stand beside several rows come to stand in each of them. */
void pdf_spread_labels(struct pdf_table *table, struct arena *arena);

/* ---- heads ---- */

/* Whether the row that ends before line `end` is a head: bold above what is not, or names in every column. */
bool pdf_is_head(const struct pdf_table *table, size_t end, const struct buffer *cells);

/* A table that goes on on the next page often has its head there again: whether this one is that of the table just written. */
bool pdf_is_head_again(const struct extract *extract, struct slice row);

/* "Fare | 2023 | | Total" above " | Adult | Child": names of groups above those of columns. The row becomes the head of both; false: it is none. */
bool pdf_join_head(struct pdf_row *row, const struct pdf_row *below);

/* A head of two lines, the upper one of which has names of groups in the middle of their columns; where it ends, or 0. */
size_t pdf_read_grouped_head(const struct pdf_table *table, const struct pdf_words *words, struct pdf_row *row);

#endif
