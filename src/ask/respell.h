/* respell.h - words of a question that are slips of the pen: no document has them, and one that was found has a word like them. Private to ask. */
#ifndef ASK_RESPELL_H
#define ASK_RESPELL_H

#include "ask_parts.h"

/* The question as it was searched for, with such words as the passages that were found write them; `*respelled` is the question itself where there are none. */
void respell(struct asking *asking, struct slice *respelled);

/* The slips that make `typed` of `wanted`, letters in the wrong order one; `most` + 1: more. `*is_exchanged`: it is one letter in the place of another, and no other slip. */
size_t slips_between(struct slice typed, struct slice wanted, size_t most, bool *is_exchanged);

#endif
