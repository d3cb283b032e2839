/* clock.h - two clocks: one that only goes forward, for durations; one that people set, for dates. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "slice.h"

uint64_t clock_now_ns(void); /* since some moment; never goes back */
double clock_ms_since(uint64_t start_ns);
int64_t clock_wall_ns(void); /* since 1970-01-01 UTC */

/* "2026-03-02": its first moment in UTC, from year 1678 to 2261; false for text of another form and for days that there are not. */
bool clock_date(struct slice text, int64_t *wall_ns);

/* "2026-03-02T10:20:30Z" */
#define CLOCK_TEXT_BYTES 24
void clock_text(int64_t wall_ns, char text[CLOCK_TEXT_BYTES]);

#endif
