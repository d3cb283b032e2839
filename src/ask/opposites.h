/* opposites.h - lines that tell the opposite of what is asked. Private to ask. */
#ifndef ASK_OPPOSITES_H
#define ASK_OPPOSITES_H

#include "ask_parts.h"

/* When it is open is asked for, and the line tells when it is closed; or what is not so, and the line tells what is, beside one that has the "not". */
bool line_is_opposite(struct asking *asking, size_t passage, size_t sentence);

#endif
