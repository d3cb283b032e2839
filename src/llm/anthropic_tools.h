/* anthropic_tools.h - functions that a model may want called, as Anthropic's API has them. Private to llm. */
#ifndef LLM_ANTHROPIC_TOOLS_H
#define LLM_ANTHROPIC_TOOLS_H

#include "dialect.h"

/* Members of the request: tools, tool_choice. */
void anthropic_write_tools(const struct llm_request *request, struct json_writer *json);
/* Messages: what llm_request.since has. */
void anthropic_write_since(struct slice since, struct json_writer *json);

/* A block of an answer, if it is a call: that of this number. A stream has its arguments in pieces behind it. */
bool anthropic_read_call(struct reply *reply, const struct json_value *block, size_t number, struct error *error);
void anthropic_add_arguments(struct reply *reply, const struct json_value *delta);

#endif
