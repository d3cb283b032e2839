/* line_parts.h - a row's cells, and what stands behind the key of "key: value". Private to ask. */
#ifndef ASK_LINE_PARTS_H
#define ASK_LINE_PARTS_H

#include "base/base.h"

enum { CELLS_MAX = 24 /* of a row */ };

struct line_part {
    struct slice head; /* of its column, or its key; empty: none */
    struct slice text; /* without the key */
    struct slice whole; /* with it */
};

/* Columns are parted by bars, tabs or several blanks. */
bool line_has_bar(struct slice row);
bool line_has_gap(struct slice row);
/* The cells of a row, trimmed. */
size_t line_cells(struct slice row, struct slice cells[CELLS_MAX]);

/* "Duration: 75 minutes": the key and what stands behind it. */
bool line_split(struct slice text, struct slice *key, struct slice *value);

/* `TIMEOUT = 12.5  # seconds`, `kb: 512 // each`: the key, the value and what the comment behind it says; without a comment only where "=" stands. False of prose, and where the comment
 * tells what else the value may be: it answers beside it. */
bool line_assigns(struct slice text, struct slice *key, struct slice *value, struct slice *comment);

/* "Name: Pump | Stock: 0", as records are written: each cell tells its own key. */
bool line_is_record(struct slice row);

/* What may be an answer in a row below that head, which may be empty: then a record's cells have their keys as heads, and the second of two cells has
 * the first. */
size_t line_row_parts(struct slice row, struct slice head, struct line_part parts[CELLS_MAX]);

/* The first row of several, where the source does not tell: a head, unless it is a record or has a number behind its only key ("Voltage | 230 V"). */
bool line_may_be_head(struct slice row);

/* It is by its look: three columns or more without a number, and one in the row behind. */
bool line_looks_like_head(struct slice row, struct slice next);

/* What the row's column of units has ("Unit", "Einheit"); empty: there is none. */
struct slice line_unit(const struct line_part *parts, size_t count);
/* Digits, signs and what parts them, and nothing that says of what. */
bool line_is_bare_number(struct slice text);

/* "in the following colours:" */
bool line_leads_in(struct slice text);
/* A line that leads in and says nothing else: a label, or one that points to what follows. */
bool line_is_label(struct slice text);
/* "Yes", "No." in the usual languages. */
bool line_is_verdict(struct slice text);
/* "Who pays?", whatever marks stand behind it. */
bool line_is_question(struct slice text);

#endif
