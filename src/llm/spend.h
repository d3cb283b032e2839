/* spend.h - a limit on what the requests of one day may cost, over all processes of a project. Private to llm.
 *
 *   before a request   the day's sum and the most that it can cost are more than the limit?  ─▶ refused
 *                      else the most is added, durably
 *   after it           the most is taken off again, and what it did cost is added
 *
 * So the limit also holds for what runs at once, and after a kill the sum is too high rather than too low. A day is one of UTC.
 * The file is one line: "2026-11-26 0.012345", the day and its sum. */
#ifndef LLM_SPEND_H
#define LLM_SPEND_H

#include "base/base.h"

struct spend {
    const char *file; /* NULL: there is no limit */
    const char *lock; /* held while the file is changed */
    double day_most;
    const char *currency;
};

/* What was set aside for one request. */
struct spend_part {
    int64_t day; /* days since 1970; of none: 0 */
    double most;
};

/* ERROR_LIMIT: the message has the limit, the hint says when it opens again. */
bool spend_set_aside(const struct spend *spend, double most, struct spend_part *part, struct error *error) MUST_USE;

/* The request is over and did cost so much. */
bool spend_settle(const struct spend *spend, const struct spend_part *part, double cost, struct error *error) MUST_USE;

#endif
