/* strange_rows.h - the question names a row that its table does not have, or a place that no document tells of. Private to ask. */
#ifndef ASK_STRANGE_ROWS_H
#define ASK_STRANGE_ROWS_H

#include "features.h"

/* "delivery to Hamburg", of a table with other towns: what was chosen is of a row that nothing names then. */
bool named_is_strange(struct asking *asking, const struct candidate *best, bool *is_strange, struct error *error) MUST_USE;

#endif
