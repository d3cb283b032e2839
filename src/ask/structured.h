/* structured.h - an answer by a JSON Schema. Private to ask. */
#ifndef ASK_STRUCTURED_H
#define ASK_STRUCTURED_H

#include "ask_parts.h"

bool answer_structured(struct asking *asking, const struct llm_message *messages, size_t count, struct error *error) MUST_USE;

#endif
