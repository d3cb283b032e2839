/* conversation.h - what the ways to ask (chat completions, completions, responses, messages) have in common: the conversation, and its answer. Private. */
#ifndef SERVER_CONVERSATION_H
#define SERVER_CONVERSATION_H

#include "filed.h"

enum { TALK_TURNS_MAX = 20 }; /* that are remembered of a conversation */

#define TALK_MODEL "assay" /* which answers; what stands behind it, assay.yaml says */

struct talk {
    struct exchange *exchange;
    const char *key; /* where the request has its messages: "messages", "input" */
    struct assay_ask_options options;
    struct assay_turn *turns; /* what was said so far; there is room for TALK_TURNS_MAX */
    const char *question; /* NULL: nothing is asked yet */
    bool is_stream;
    const char *model; /* the name that it was asked by */
    struct jobs_record tuned; /* the job of a fine-tuned one; id NULL: the project answers */
    int64_t created; /* seconds */
};

void talk_begin(struct talk *talk, struct exchange *exchange, const char *key);

/* "KEY" with what is wrong in it; always false. */
bool talk_refuse(struct exchange *exchange, const char *key, const char *reason);

/* What would be passed over in silence is refused, where it changes the answer: these members, unless null, false or empty; and these numbers,
 * unless they have the value that changes nothing. */
struct talk_neutral {
    const char *key;
    double value;
};
bool talk_refuse_given(struct exchange *exchange, const struct json_value *root, const char *const *keys, size_t count);
bool talk_refuse_numbers(struct exchange *exchange, const struct json_value *root, const struct talk_neutral *members,
                         size_t count);

/* Whether a name of a model means what stands behind the project: its own, or one that a script was written for (is_hosted_model). `does`: what for, as
 * "answers". False: refused. */
bool talk_is_model(struct exchange *exchange, struct slice name, const char *does);

/* Members that all of them have: model (which must be ours), stream, and temperature up to `most`. */
bool talk_read_common(struct talk *talk, const struct json_value *root, double most);

/* The last messages of the user ask; user and assistant before them are what was said. Several of one in a row are joined. System messages,
 * also by their newer name, are not the client's to write, and passed over. Other roles are refused. */
bool talk_read_messages(struct talk *talk, const struct json_value *messages);
/* A message's text, or parts that have one, at the most so many bytes; NULL: refused. */
const char *talk_text_of(struct talk *talk, const struct json_value *message, size_t most);
bool talk_read_question(struct talk *talk, struct slice question); /* a text alone */
bool talk_read_prompt(struct talk *talk,
                      struct slice prompt); /* talk_transcript.c: a text alone, or a conversation written down */

/* What reads a conversation is made of: what somebody said, and the end of it; false: refused, there is no question. */
enum talk_role { TALK_ROLE_OTHER, TALK_ROLE_PASSED, TALK_ROLE_USER, TALK_ROLE_ASSISTANT };
void talk_note_message(struct talk *talk, enum talk_role role, const char *text);
bool talk_end_conversation(struct talk *talk);

/* talk_tools.c, talk_since.c. Members of a chat completion that was read from `source`: tools, tool_choice, parallel_tool_calls; and of its messages
 * those behind the last question, when they are calls that the model wanted and what came of them. */
bool talk_read_tools(struct talk *talk, struct slice source, const struct json_value *root);
bool talk_read_since(struct talk *talk, const struct json_value *messages, size_t *question_end);

/* `value`: up to four texts, or one, that end the answer; NULL or null: none. Read behind the model and the schema. */
bool talk_read_stops(struct talk *talk, const struct json_value *value, const char *key);

/* What only a language model can do is the client's mistake where there is none. */
bool talk_needs_model(struct talk *talk, const char *key, const char *what);

/* talk_logprobs.c. Those of tokens, where the request has them wanted by the member `key`, with its top_logprobs; read behind the model. */
bool talk_read_logprobs(struct talk *talk, const struct json_value *root, bool wants, const char *key);
bool talk_label_logprobs(struct talk *talk, const struct assay_tuned_answer *said, struct assay_answer *answer);
void talk_write_logprobs(struct json_writer *json, const char *key, const struct assay_answer *answer); /* an array */

/* Whether the type of a format is "json_object": then any object will do. */
bool talk_takes_any_object(struct talk *talk, const struct json_value *type);

/* A JSON Schema that the answer must follow. */
bool talk_read_schema(struct talk *talk, const struct json_value *schema, const char *key);

/* Asks the project, or the fine-tuned model that was named. `schema_key`: the member that a schema stands in. False: refused, or answered that it
 * failed. */
bool talk_ask(struct talk *talk, const char *schema_key, struct assay_answer *answer);
void talk_release(const struct talk *talk, struct assay_answer *answer);

/* It abstains where the text would have to follow a schema: clients look for that in the place of a refusal. */
bool talk_refuses(const struct talk *talk, const struct assay_answer *answer);
const char *talk_answer_text(const struct assay_answer *answer); /* of an abstention: that the documents do not answer */
int64_t talk_mark_at(const struct assay_answer *answer, size_t number); /* where the mark [number] of a citation stands */
void talk_write_quote(struct json_writer *json,
                      const struct assay_citation *citation); /* members: quote, passage, start, end, page */
bool talk_is_function(struct slice name); /* it may be the name of one */
/* What stands elsewhere in other APIs, in the form of chat completions. Of a tool: description empty, parameters and strict NULL: not given. */
void talk_write_tool(struct json_writer *json, const struct json_value *tool, const struct json_value *parameters,
                     const struct json_value *strict);
void talk_write_choice(struct json_writer *json, struct slice name); /* of the function that must be called */
void talk_write_call(struct json_writer *json, struct slice id, struct slice name, struct slice arguments);
/* What was written so as a document of its own, in the arena; false: refused, it is too long. */
bool talk_read_written(struct talk *talk, struct buffer *text, const char *key, struct slice *source, struct json_value *value);

void talk_write_calls(struct json_writer *json, const struct assay_answer *answer, bool numbered); /* "tool_calls" */
const struct json_value *talk_calls(const struct assay_answer *answer, struct arena *arena); /* the same as an array */
void talk_write_finding(struct json_writer *json, const struct assay_answer *answer); /* "assay": {abstained, confidence, …} */
void talk_write_annotations(const struct talk *talk, struct json_writer *json,
                            const struct assay_answer *answer); /* of citations */
void talk_write_usage(struct json_writer *json, const struct assay_answer *answers, size_t count); /* "usage" of all of them */
const char *talk_finish(const struct assay_answer *answer); /* why it ended */

#endif
