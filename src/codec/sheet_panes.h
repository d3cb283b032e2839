/* sheet_panes.h - tables that stand side by side on a sheet. Private to this room. */
#ifndef CODEC_SHEET_PANES_H
#define CODEC_SHEET_PANES_H

#include "codec.h"

enum { SHEET_PANES_MAX = 8 };

struct sheet_pane {
    size_t first, end; /* columns */
};

struct sheet_panes {
    struct pane_cell {
        uint64_t row, hash; /* hash: of its text */
        size_t column;
        bool is_number;
        double value; /* NAN: no number */
    } *cells;
    size_t count, capacity;
};

/* The cells of a sheet that have text, row by row; `value` is NAN for what is no number. */
void sheet_panes_add(struct sheet_panes *panes, uint64_t row, size_t column, struct slice text, double value);

/* The columns of each table, from the left; one pane with all columns where it is not sure that there are several. */
size_t sheet_panes_find(const struct sheet_panes *panes, struct sheet_pane found[SHEET_PANES_MAX]);

void sheet_panes_release(struct sheet_panes *panes);

#endif
