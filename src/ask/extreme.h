/* extreme.h - the row or the column of a table that has most, or least, of what a question names. Private to ask. */
#ifndef ASK_EXTREME_H
#define ASK_EXTREME_H

#include "compared.h"

/* "In which year were inventories larger?", "Which plan has the most storage?": the cell, and what its column or its row is called. `*found` is false
 * where the question asks for none, or the table does not tell it for sure. */
bool extreme_find(struct asking *asking, struct compared *extreme, bool *found, struct error *error) MUST_USE;

#endif
