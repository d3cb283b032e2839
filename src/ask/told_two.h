/* told_two.h - what the documents tell of two things that a question names. Private to ask. */
#ifndef ASK_TOLD_TWO_H
#define ASK_TOLD_TWO_H

#include "compared.h"
#include "named_two.h"

/* What answers: a sentence of each; of a choice the one that has what is asked for, or the dates or amounts of both, the one that is asked for first, with
 * its name as the key. 0: the documents do not tell it, or not for sure. */
size_t told_two(struct asking *asking, const struct named_two *named, struct compared sides[2]);

/* Of a choice that is not told so: what of the candidate may answer, itself where it is one of the two, or its sentence, if that tells of one of them what is
 * asked. False: it is something else. */
bool told_of_two(struct asking *asking, const struct named_two *named, struct candidate *item);

#endif
