/* responses_tools.h - functions in OpenAI's responses, to and from the form of chat completions. Private to handle_responses.c. */
#ifndef SERVER_RESPONSES_TOOLS_H
#define SERVER_RESPONSES_TOOLS_H

#include "conversation.h"

bool responses_is_function(const struct json_value *tool);
/* The members tools (its functions), tool_choice and parallel_tool_calls. `searches`: file_search is among the tools. */
bool responses_read_tools(struct talk *talk, const struct json_value *root, bool searches);
/* Calls and their outcomes among the items as chat completions have them; all else as it is. `*made` is in the exchange's arena. False: refused. */
bool responses_as_chat(struct talk *talk, const struct json_value *items, struct json_value *made);

/* A call of the answer as an item; one that is not done has no arguments yet. */
void responses_write_call(struct json_writer *json, const struct json_value *call, const char *id, bool is_done);
struct slice responses_arguments(const struct json_value *call);

#endif
