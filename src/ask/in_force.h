/* in_force.h - editions of one document among the passages. Private to ask. */
#ifndef ASK_IN_FORCE_H
#define ASK_IN_FORCE_H

#include "ask_parts.h"

/* Behind the search: puts passages that another edition stands for last, marked, and adds that one where the search did not find it. */
bool keep_in_force(struct asking *asking, struct error *error) MUST_USE;

/* Behind the gate: nothing is answered from those; they are asking->older from here on. */
void set_older_aside(struct asking *asking);

/* Behind an answer: what one of those says in its place, where that is something else. */
void tell_otherwise(struct asking *asking);

#endif
