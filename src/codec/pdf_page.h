/* pdf_page.h - a PDF's pages as poppler's pdftohtml tells them, and what becomes of them on the way to blocks. Private to this room.
 *
 *   pieces   runs of text with their place and font                                 pdf_read.c
 *   amounts  of columns that stand close, apart                                     pdf_amounts.c
 *   pages    without running heads, feet and page numbers                           pdf_margins.c
 *   flows    columns and what stands across them, in reading order; their lines     pdf_flow.c
 *   tables   lines whose parts stand below each other                               pdf_table.c
 *   blocks   headings, paragraphs, items, code                                      pdf_blocks.c
 *
 * Places are whole units of pdftohtml's (a pixel at 108 to the inch), from the page's left and top. */
#ifndef CODEC_PDF_PAGE_H
#define CODEC_PDF_PAGE_H

#include "codec.h"

enum { PDF_PLACE_MAX = 1 << 20 }; /* places and sizes are cut to this, so that no sum of them can overflow */

struct pdf_piece {
    int left, right, top, bottom;
    int size; /* of the font */
    bool is_bold, is_fixed; /* fixed: all characters are equally wide */
    bool
        has_space; /* behind it: the blank stood in the piece itself or begins the next, as programs of Chromium's family write it */
    bool is_gone; /* part of a running head or foot, or a page number */
    struct slice text; /* clean (pdf_clean), not empty */
};

struct pdf_page {
    unsigned number; /* from 1 */
    int width, height;
    struct pdf_piece *pieces;
    size_t count;
};

/* Pieces beside each other. Its text is that of the pieces, with spaces where there are gaps. */
struct pdf_line {
    struct pdf_piece *pieces; /* from left to right */
    size_t count;
    int left, right, top, bottom;
    int size; /* that most of its bytes have */
    bool is_bold, is_fixed; /* all of it */
    unsigned page;
    unsigned flow; /* the column, or band between columns, that it belongs to: each has its number, in reading order */
    int band_width; /* the page's width; 0 in a column */
    struct slice text;
};

struct pdf_lines {
    struct pdf_line *items; /* in reading order */
    size_t count, capacity;
};

/* Pages in ascending order; of one number the first that has text. */
bool pdf_pages_read(struct slice xml, struct arena *arena, struct pdf_page **pages, size_t *count,
                    struct error *error) MUST_USE;

/* Appends the text with references decoded and characters repaired: ligatures as letters, all spaces as one, bullets of symbol fonts as
 * "•"; tags are left out. A soft hyphen stays. */
void pdf_clean(struct slice raw, struct buffer *out);

/* Pieces that hold amounts of several columns become one piece each. */
void pdf_part_amounts(struct pdf_page *page, struct arena *arena);

/* Marks what repeats at the edges of pages as gone. */
void pdf_margins(struct pdf_page *pages, size_t count, struct arena *arena);

/* Appends the page's lines in reading order. `flow`: the number of the next flow. */
void pdf_flow_lines(const struct pdf_page *page, struct arena *arena, unsigned *flow, struct pdf_lines *lines);

/* Groups pieces (in any order) into lines from top to bottom, as if there were one column. */
void pdf_group(struct pdf_piece *pieces, size_t count, struct arena *arena, struct pdf_lines *lines);

/* Whether a gap between two pieces of a line is a space. */
bool pdf_is_space(int gap, int size);

/* ---- lists ---- */

/* What a line of a list begins with, and the white space behind it. A bullet is no part of the text, a number is; a dash may be either's. */
enum pdf_mark_kind { PDF_MARK_NONE, PDF_MARK_BULLET, PDF_MARK_DASH, PDF_MARK_NUMBER };
struct pdf_mark {
    enum pdf_mark_kind kind;
    size_t size;
};
struct pdf_mark pdf_mark_of(struct slice text);

/* ---- joining ---- */

/* The words of the document, which tell whether a hyphen at a line's end belongs to the word. */
struct pdf_words {
    struct map seen;
};
void pdf_words_init(struct pdf_words *words, const struct pdf_lines *lines);
void pdf_words_release(struct pdf_words *words);

/* Appends `text` behind what `out` holds, as the next line of the same paragraph. */
void pdf_join(struct buffer *out, struct slice text, const struct pdf_words *words);

/* ---- tables ---- */

/* How many lines from `first` on, of one flow, are a table; 0 when none begins there. */
size_t pdf_table_lines(const struct pdf_lines *lines, size_t first);
/* Whether line `first`, which is bold, is the head of one, and no heading above it. */
bool pdf_table_begins(const struct pdf_lines *lines, size_t first);
void pdf_table_write(const struct pdf_lines *lines, size_t first, const struct pdf_words *words, struct extract *extract);

/* ---- blocks ---- */

void pdf_blocks(const struct pdf_lines *lines, const struct pdf_words *words, struct extract *extract);

#endif
