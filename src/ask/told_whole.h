/* told_whole.h - the list, the steps or the sentences that tell what a question asks of at length. Private to ask. */
#ifndef ASK_TOLD_WHOLE_H
#define ASK_TOLD_WHOLE_H

#include "asked_wide.h"
#include "features.h"

/* The best, with what stands around it in its section and answers with it; as it is where nothing does. */
struct candidate told_whole(struct asking *asking, enum wide_kind kind, const struct candidate *best);

#endif
