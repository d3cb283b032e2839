/* kept_kinds.h - candidates that plainly are of another kind than what is asked for. Private to ask. */
#ifndef ASK_KEPT_KINDS_H
#define ASK_KEPT_KINDS_H

#include "features.h"

/* A person is asked for, of the names that a question may ask for. */
bool asks_who(struct slice question);

/* Leaves them out; `asked`: kinds of spans.h. Returns how many are left, in their order. */
size_t kinds_kept(const struct asking *asking, unsigned asked, struct candidate *items, size_t count);

/* A whole sentence that tells other numbers than one to call, where that is asked for, and of which the reader does not say that it answers. */
bool number_untold(const struct asking *asking, unsigned asked, const struct candidate *item);

#endif
