/* ranges.h - "4 pallets" is asked of the row "3–6 pallets", "800 kg" of "up to 1,000 kg". Private to ask. */
#ifndef ASK_RANGES_H
#define ASK_RANGES_H

#include "base/base.h"

/* Both tell a range, and a number of the question lies in the other one: not in mine, or that one is narrower. */
bool range_is_rival(struct slice question, struct slice mine, struct slice other);

/* A cell of the row tells a range that the number lies in, which begins `number`. */
bool row_has_range(struct slice row, struct slice number);

#endif
