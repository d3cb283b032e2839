/* office_text.h - the text of an office document on its way into blocks: paragraphs within paragraphs (text boxes), paragraphs in cells, cells
 * into rows. Private to this room.
 *
 *   paragraph ─ a box in it ─┐            the box is held, and comes behind its paragraph
 *   cells ─▶ row ────────────┴▶ blocks    "Method | Days"; tables within cells are text of the cell
 *
 * The first row of a table is its head, unless it is a single cell above the head, or "Price | 20 EUR", a key and its value. Rows that its cells
 * reach into, or that part the columns below one of them, are joined with it.
 *
 * In a sheet several tables may stand one below the other, each below a line that is its name:
 *
 *   February                      a heading; so is the name of a group of rows, behind which the head is told again
 *   Region | Units | Revenue      a head: it stands apart, or has a name of the last one, and names where numbers stood or stand below
 *   North  | 10    | 1000
 */
#ifndef CODEC_OFFICE_TEXT_H
#define CODEC_OFFICE_TEXT_H

#include "codec.h"
#include "table_grid.h"

struct held_block {
    enum block_kind kind;
    unsigned level, page;
    size_t start, end; /* in held_text */
};

/* The level of a paragraph that is bold, until office_text_end tells which of them are headings. */
enum { OFFICE_BOLD = 64 };

struct office_text {
    struct extract *extract;
    unsigned page; /* of what comes next */
    size_t holding; /* above 0: blocks are held */
    struct buffer held_text;
    struct held_block *held;
    size_t held_count, held_capacity;
    /* The table at hand; `tables` of them are open, and the outermost makes the rows. */
    size_t tables;
    struct buffer row;
    struct table_grid grid; /* writes to `row` */
    bool has_rows; /* one with text came */
    bool has_head; /* the first row names the columns */
    bool row_is_marked; /* the row at hand is, as a head */
    bool head_is_sure; /* it was marked as one, or has merged cells */
    /* The head, kept until a row comes that is not part of it. */
    struct buffer head;
    size_t head_rows; /* that it is made of; 0: it is written */
    size_t head_rows_stated; /* by the spans of its cells */
    bool head_is_one; /* a single cell */
    unsigned head_page;
    bool cell_has_text;
    /* A sheet, where several tables may stand. */
    bool is_sheet, row_was_empty;
    struct slice sheet_name;
    struct buffer lone; /* lines of a single cell that wait for the row which tells what they are */
    size_t lone_lines;
    bool lone_is_first, lone_has_span; /* no row came before them; the first is a cell over several columns */
    bool is_list; /* the table at hand has one column */
    struct buffer waiting; /* a row behind an empty one, or below a line, that may be the head of another table */
    bool is_waiting, waiting_is_apart;
    size_t waiting_columns;
    bool has_heading; /* what comes stands below the heading of a table */
    bool has_left_head; /* something stands between the head and the rows to come */
    uint64_t number_columns, text_columns; /* of the first 64: in which a row below the head had a number, a text */
    uint64_t amount_columns; /* in which each of them has an amount */
    size_t body_rows; /* how many they are */
    /* Paragraphs of code that follow each other are one block. */
    struct buffer code;
    unsigned code_page;
};

void office_text_init(struct office_text *text, struct extract *extract);
void office_text_release(struct office_text *text);

/* A paragraph, wherever it stands: in a cell it becomes part of the row. */
void office_paragraph(struct office_text *text, enum block_kind kind, unsigned level, struct slice paragraph);

/* The same for one that may have others in it: those are held, and come behind it. */
void office_paragraph_begin(struct office_text *text);
void office_paragraph_end(struct office_text *text, enum block_kind kind, unsigned level, struct slice paragraph);

void office_text_end(
    struct office_text *text); /* nothing comes any more: bold lines above other text become headings (block.h) */

void office_table_begin(struct office_text *text);
void office_table_end(struct office_text *text);
/* The heading of a sheet of this name, which has to last; the next table is what it has. */
void office_sheet_begin(struct office_text *text, struct slice name);
void office_sheet_go_on(
    struct office_text *text); /* the next table is one more of that sheet, and not below the last one's heading */
/* office_row_end for a row of a sheet; it stands apart when a row is missing above it, or has no text. */
void office_sheet_row_end(struct office_text *text, bool is_apart);
/* The table begins so many columns before its head, which leaves them empty; false when more than the head is written. */
bool office_table_widen(struct office_text *text, size_t columns);
void office_row_begin(struct office_text *text, size_t rows); /* so many below the last one */
/* Cells in columns from 0, or TABLE_NEXT_COLUMN; over so many columns and rows. Those that are not told of are empty, or parts of others. */
void office_cell_begin(struct office_text *text, size_t column, size_t columns, size_t rows);
/* The cell above goes on in these columns, and what is written in this one is not seen; see table_grid_continue. */
bool office_cell_continue(struct office_text *text, size_t column, size_t columns);
void office_row_mark(struct office_text *text); /* the document says, or shows, that the row at hand is a head */
void office_row_end(struct office_text *text);

#endif
