/* ask_log.h - an answer into the project's audit log. Private to api. */
#ifndef API_ASK_LOG_H
#define API_ASK_LOG_H

#include "ask/ask.h"
#include "tell.h"

/* Durable when true: before that, nothing of the answer is handed out. `*number` 0: the project keeps no log. */
bool ask_log(struct assay *assay, const struct ask_request *request, const struct ask_answer *answer, uint64_t *number,
             struct error *error) MUST_USE;

#endif
