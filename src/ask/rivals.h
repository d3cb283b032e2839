/* rivals.h - what else a table has that a question names. Private to ask. */
#ifndef ASK_RIVALS_H
#define ASK_RIVALS_H

#include "passage_lines.h"

/* Another row of the table is the one that the question names: all of its first cell stands in the question, and this row has nothing of the question
 * that the other has not. */
bool row_has_rival(struct asking *asking, const struct line *line);

/* Another column is the one that the question names: of "Adult price" and "Child price", where a child is asked about; of plans in columns the one that is
 * asked for. */
bool column_has_rival(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count,
                      size_t column);

/* The question names the column, by all of its head, and the row, and nothing that neither they nor the headings above have. */
bool cell_is_asked(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count, size_t column);

/* Of several values in a sentence another one is the one that the question names: "adults 4.50, children 2.50". */
bool span_has_rival(struct asking *asking, const struct line *line, struct slice text, struct slice span);

/* The piece of such a sentence that the question names, where words tell its value: "Sundays closed". */
bool series_worded_value(struct asking *asking, const struct line *line, struct slice text, struct slice *piece);

/* The piece of such a sentence that the question names, of at least two with values of one kind. */
bool series_named_piece(struct asking *asking, size_t passage, struct slice text, struct slice *piece);

#endif
