/* asked_codes.h - short codes of letters and a number, also in small letters and within ranges: "a15" is told by "A1-A20". Private to ask. */
#ifndef ASK_ASKED_CODES_H
#define ASK_ASKED_CODES_H

#include "ask_parts.h"

/* The text has the code, or a range that it lies in. False of what is no such code. */
bool code_is_told(struct slice text, struct slice code);

/* The question names a code of a kind that the passages have, and this one does not have it. */
bool lacks_kind_of_code(struct asking *asking, const struct ask_passage *passage);

#endif
