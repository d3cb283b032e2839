/* ranges.h - "4 pallets" is asked of the row "3–6 pallets", "800 kg" of "up to 1,000 kg". Private to ask. */
#ifndef ASK_RANGES_H
#define ASK_RANGES_H

#include "base/base.h"

/* Both tell a range, and a number of the question lies in the other one: not in mine, or that one is narrower. */
bool range_is_rival(struct slice question, struct slice mine, struct slice other);

/* It tells a range of what the one number of the question is of, by the same unit, and that lies outside: "14 m" of "up to 8 m". */
bool range_is_out(struct slice question, struct slice text);

/* Of a range alone ("18 to 70 years") the end that the question asks for: "at most", "the youngest". Else all of it. */
struct slice range_end_asked(struct slice question, struct slice part);

/* A cell of the row tells a range that the number lies in, which begins `number`. */
bool row_has_range(struct slice row, struct slice number);

#endif
