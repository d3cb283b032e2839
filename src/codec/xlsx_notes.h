/* xlsx_notes.h - what was noted at the cells of a sheet. Private to this room. */
#ifndef CODEC_XLSX_NOTES_H
#define CODEC_XLSX_NOTES_H

#include "package.h"

struct xlsx_note {
    struct slice place; /* "B2" */
    struct slice text;
    bool is_told;
};

struct xlsx_notes {
    struct xlsx_note *items; /* in the package's arena */
    size_t count;
};

/* Those of the sheet in this part; none where it has none, or they cannot be read. */
void xlsx_notes_read(struct package *package, struct slice sheet, struct xlsx_notes *notes);

/* The note at a cell that was not told yet, which it is from now on; empty when there is none. */
struct slice xlsx_notes_take(struct xlsx_notes *notes, struct slice place);

#endif
