/* asked_quarters.h - the quarter of a year that a question asks for. Private to ask. */
#ifndef ASK_ASKED_QUARTERS_H
#define ASK_ASKED_QUARTERS_H

#include "ask_parts.h"

/* The quarters that a text names: a bit each, from the first on; "Q3 2019", "third quarter", "drittes Quartal". */
unsigned quarters_named(struct slice text);

/* The question asks for one quarter, and the passage tells of no such thing: its figures are of whole years. */
bool lacks_quarter(struct asking *asking, const struct ask_passage *passage);

#endif
