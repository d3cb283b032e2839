/* ask_log.h - an answer's entry in the audit log. Private to api. */
#ifndef API_ASK_LOG_H
#define API_ASK_LOG_H

#include "ask/ask.h"

/* Returns true once the entry is durable; `*number` is its number. An answer without one is not handed out. */
bool log_answer(struct project *project, const struct ask_request *request, const struct ask_answer *answer, uint64_t *number,
                struct error *error) MUST_USE;

#endif
