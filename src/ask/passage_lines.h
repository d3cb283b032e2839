/* passage_lines.h - sentences and rows of tables as lines that are compared with the question. Private to ask. */
#ifndef ASK_PASSAGE_LINES_H
#define ASK_PASSAGE_LINES_H

#include "features.h"
#include "line_parts.h"
#include "asked_shape.h"
#include "table_rows.h"

struct line {
    size_t passage, sentence;
    bool is_row; /* of a table, or of columns with blanks between them */
    const struct table_rows *table; /* that the row is of */
    struct slice head; /* of its table; empty: none */
    const struct ask_sentence *title; /* that stands above the row, in a line of its own; NULL: none */
    struct slice read; /* the reader's best span in what of it may answer, whole words; empty: none */
    double read_score; /* of that span, as a feature */
    const struct ask_sentence *question; /* that stands before it and that it may answer; NULL: none */
    double values[FEATURES]; /* those of the line */
};

/* The lines that promise most, with their features. In the arena. */
bool lines_of(struct asking *asking, struct line **lines, size_t *count, struct error *error) MUST_USE;

/* All lines, without features. In the arena. */
const struct line *lines_all(struct asking *asking, size_t *count);

/* What of a line may answer: the cells of a row, or all but a key. The key of "key: value" may where it has a number, or the question's
 * words stand behind it alone. */
size_t line_open_parts(struct asking *asking, const struct line *line, struct line_part parts[CELLS_MAX]);

/* What the reader says of a span, as a feature. */
double reading_feature(float score);

/* Share of the question's words there, and how near in meaning texts are to the question: values[i] of texts[i]. */
double words_share(const struct asking *asking, const struct terms *there);
bool meanings_of(struct asking *asking, const struct slice *texts, size_t count, double *values, struct error *error) MUST_USE;

#endif
