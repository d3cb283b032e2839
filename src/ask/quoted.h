/* quoted.h - an error or a message that a question quotes, and what documents say to do about it. Private to ask. */
#ifndef ASK_QUOTED_H
#define ASK_QUOTED_H

#include "features.h"

/* Where passages have the text that the question quotes: leaves in what stands behind it there, and below a heading with it. Returns how many are left, all
 * where none would be. */
size_t quoted_kept(struct asking *asking, struct candidate *items, size_t count);

#endif
