/* compared.h - two rows of a table that a question compares. Private to ask. */
#ifndef ASK_COMPARED_H
#define ASK_COMPARED_H

#include "features.h"
#include "span_parts.h"

struct compared {
    struct candidate item; /* the cell */
    struct slice key; /* of its row */
};

/* "Higher", "cheapest": the word compares. */
bool comparative_is(const struct span_word *word, bool *is_less, bool *is_money);

/* "Does Scale or Growth have the higher burst?": the cells of both, the one that is more (or less, as it is asked) first. False: it compares nothing, or the
 * passages have not both. */
bool compare_rows(struct asking *asking, struct compared sides[2]);

#endif
