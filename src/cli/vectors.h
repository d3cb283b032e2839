/* vectors.h - rows of numbers on standard output, written as they come. Private to cli.
 *
 *   json    {"model":…,"embeddings":[[…],
 *   …]}     a row a line within one document of one line
 *   jsonl   {"index":0,"embedding":[…]}, a line each
 *   npy     a NumPy file of f32; the number of rows is written into its head at the end where the output can be rewound, else all
 *           rows are held back until it is known
 *   text    numbers with blanks between, a line each
 *   glance  for people: the first numbers and the length */
#ifndef CLI_VECTORS_H
#define CLI_VECTORS_H

#include "output.h"

enum vector_format { FORMAT_JSON, FORMAT_JSONL, FORMAT_NPY, FORMAT_TEXT, FORMAT_GLANCE };

struct vector_writer {
    const struct invocation *invocation;
    enum vector_format format;
    const char *row_key; /* of a line in jsonl: "embedding" */
    size_t columns, rows;
    struct buffer head;  /* of the JSON document, up to the array's bracket */
    struct buffer text;  /* what was not printed yet */
    bool started;        /* something was printed */
    bool held;           /* npy into a pipe */
    int64_t npy_at;      /* where the file's head stands in the output */
};

/* The form that --format and --json name; `usual` without them. False: the error was told. */
bool vector_format_chosen(const struct invocation *invocation, enum vector_format usual, enum vector_format *format);

/* Then the caller writes the document's first members into `head`. */
void vectors_begin(struct vector_writer *writer, const struct invocation *invocation, enum vector_format format,
                   const char *row_key, size_t columns);
void vectors_release(struct vector_writer *writer);

/* `texts` are those that the rows belong to; NULL: not shown. False: the output takes no more, or the error was told. */
bool vectors_write(struct vector_writer *writer, const float *rows, size_t count, const struct slice *texts,
                   struct error *error) MUST_USE;
bool vectors_end(struct vector_writer *writer, struct error *error) MUST_USE;

/* Tells an error: on standard error when part of a document is on standard output already. */
enum exit_code vectors_failure(const struct vector_writer *writer, const struct assay_error *error);

#endif
