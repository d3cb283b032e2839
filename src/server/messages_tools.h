/* messages_tools.h - functions in Anthropic's messages, to and from the form of chat completions. Private to handle_messages.c. */
#ifndef SERVER_MESSAGES_TOOLS_H
#define SERVER_MESSAGES_TOOLS_H

#include "conversation.h"

/* The members tools and tool_choice. */
bool messages_read_tools(struct talk *talk, const struct json_value *root);
/* Calls and their outcomes in messages as chat completions have them; all else as it is. `*made` is in the exchange's arena. False: refused. */
bool messages_as_chat(struct talk *talk, const struct json_value *messages, struct json_value *made);

/* A call of the answer as a block; of a stream it begins without arguments, which come behind it. */
void messages_write_call(struct json_writer *json, const struct json_value *call, struct arena *arena, bool with_input);
struct slice messages_arguments(const struct json_value *call);

#endif
