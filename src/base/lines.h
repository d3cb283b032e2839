/* lines.h - the lines of files, or of standard input, in batches: memory stays flat whatever the size of the input.
 *
 *   data  ├ taken before ┼ this batch's lines ┼ read, not taken ┤
 *                        └ slices into it, good until the next call
 *
 * A line ends by \n, of \r\n the \r is dropped too; what stands behind a file's last \n is a line when it is not empty. Any other
 * byte may stand in it. A batch holds lines of one file, so that a complaint can name file and line. It ends early when a pipe has
 * nothing more to give for now, so that whoever writes into it gets an answer. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "error.h"
#include "slice.h"

struct lines {
    const char *const *paths; /* "-": standard input */
    size_t path_count, path_at;
    int descriptor;      /* -1: none open */
    char *data;
    size_t capacity, start, end; /* data[start … end-1]: read, not taken */
    struct slice *items; /* of the batch */
    size_t item_capacity;
    const char *name;    /* of the batch's file */
    size_t first;        /* the number of the batch's first line in it, from 1 */
    size_t next;         /* the number of the line that comes next */
    uint64_t taken;      /* bytes of all lines up to here */
    uint64_t total;      /* bytes of all inputs; 0: not known, there is a pipe among them */
};

/* No paths: standard input. `paths` must outlive the lines. */
void lines_init(struct lines *lines, const char *const *paths, size_t path_count);
void lines_release(struct lines *lines);

/* The next lines, at the most `count_max`; `*count` 0 at the end. A line past LIMIT_TEXT_BYTES is refused with its number. */
bool lines_next(struct lines *lines, size_t count_max, const struct slice **batch, size_t *count, struct error *error) MUST_USE;

#endif
