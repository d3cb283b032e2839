/* told_further.h - what stands behind a sentence and makes it an answer. Private to ask. */
#ifndef ASK_TOLD_FURTHER_H
#define ASK_TOLD_FURTHER_H

#include "asked_wide.h"
#include "features.h"

/* Of steps, reasons and whether something is so: the sentence with what is done, why, or what more is said of it, where that stands right behind it; of anything else itself. */
struct candidate told_further(const struct asking *asking, enum wide_kind kind, const struct candidate *item);

/* The sentence tells what somebody does, or has something to type in. English. */
bool tells_action(const struct ask_passage *passage, size_t sentence);

#endif
