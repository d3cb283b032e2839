/* defined.h - questions for what a term means. Private to ask. */
#ifndef ASK_DEFINED_H
#define ASK_DEFINED_H

#include "features.h"

/* The term of "What is the definition of “Superior Proposal”?", "What does … mean?"; empty: none is asked for. */
struct slice definition_asked(struct slice question);

/* The sentence that defines it: “Superior Proposal” means …, … (each, a “Superior Proposal”). */
bool definition_answers(struct asking *asking, struct candidate *item);

#endif
