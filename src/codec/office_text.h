/* office_text.h - the text of an office document on its way into blocks: paragraphs within paragraphs (text boxes), paragraphs in cells, cells
 * into rows. Private to this room.
 *
 *   paragraph ─ a box in it ─┐            the box is held, and comes behind its paragraph
 *   cells ─▶ row ────────────┴▶ blocks    "Method | Days"; tables within cells are text of the cell
 */
#ifndef CODEC_OFFICE_TEXT_H
#define CODEC_OFFICE_TEXT_H

#include "codec.h"

struct held_block {
    enum block_kind kind;
    unsigned level, page;
    size_t start, end; /* in held_text */
};

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
    size_t row_count; /* of rows with text that came before */
    size_t cell; /* of this row, from 0; of them so many empty ones since the last text */
    size_t cells_empty;
    bool cell_has_text;
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

void office_end_code(struct office_text *text); /* whatever comes next, and at the end */

void office_table_begin(struct office_text *text);
void office_table_end(struct office_text *text);
void office_row_begin(struct office_text *text);
void office_cell_begin(struct office_text *text, size_t before); /* that many empty ones stand before it */
void office_row_end(struct office_text *text);

#endif
