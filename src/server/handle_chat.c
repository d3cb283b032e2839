/* handle_chat.c - chat completions: the last question of a conversation, answered from the documents that the key may see. A stream begins
 * once the answer is in the audit log, so that what fails before is a plain error. */
#include "conversation.h"
#include <string.h>

enum { CHOICES_MAX = 8 };

struct chat {
    struct talk talk;
    bool with_usage;
    bool has_seed;
    int64_t seed; /* of the next choice */
    size_t choices;
};

static bool read_format(struct chat *chat, const struct json_value *root)
{
    struct exchange *exchange = chat->talk.exchange;
    const struct json_value *format, *type, *schema;
    if (!request_member(exchange, root, "response_format", JSON_OBJECT, &format))
        return false;
    type = format != NULL ? json_get(format, "type") : NULL;
    if (format == NULL || (type != NULL && type->kind == JSON_TEXT && slice_equal_text(type->text, "text")))
        return true;
    if (talk_takes_any_object(&chat->talk, type))
        return true;
    schema = json_get(format, "json_schema");
    if (type == NULL || type->kind != JSON_TEXT || !slice_equal_text(type->text, "json_schema") || schema == NULL)
        return talk_refuse(exchange, "response_format", "is neither text, nor json_object, nor json_schema with a schema");
    return talk_read_schema(&chat->talk, json_get(schema, "schema"), "response_format");
}

static bool read_numbers(struct chat *chat, const struct json_value *root)
{
    struct exchange *exchange = chat->talk.exchange;
    const struct json_value *seed;
    int64_t n, tokens, older;
    if (!request_whole(exchange, root, "n", 1, CHOICES_MAX, 1, &n) ||
        !request_whole(exchange, root, "max_completion_tokens", 1, 1 << 20, 0, &tokens) ||
        !request_whole(exchange, root, "max_tokens", 1, 1 << 20, 0, &older) ||
        !request_member(exchange, root, "seed", JSON_NUMBER, &seed))
        return false;
    chat->talk.options.tokens_max = (size_t)(tokens > 0 ? tokens : older);
    if (seed != NULL && !seed->is_integer)
        return talk_refuse(exchange, "seed", "is no whole number");
    chat->has_seed = seed != NULL;
    chat->seed = seed != NULL ? seed->integer : 0;
    chat->choices = (size_t)n;
    return true;
}

static bool read_logprobs(struct chat *chat, const struct json_value *root)
{
    const struct json_value *logprobs;
    return request_member(chat->talk.exchange, root, "logprobs", JSON_BOOL, &logprobs) &&
           talk_read_logprobs(&chat->talk, root, logprobs != NULL && logprobs->boolean, "logprobs");
}

static bool read_chat(struct chat *chat, const struct json_value *root)
{
    static const char *const refused[] = {"functions", "function_call", "logit_bias",
                                          "audio",     "prediction",    "web_search_options"};
    static const struct talk_neutral neutral[] = {{"top_p", 1}, {"presence_penalty", 0}, {"frequency_penalty", 0}};
    struct exchange *exchange = chat->talk.exchange;
    const struct json_value *messages, *more, *usage = NULL;
    if (!request_member(exchange, root, "messages", JSON_ARRAY, &messages) ||
        !request_member(exchange, root, "stream_options", JSON_OBJECT, &more) ||
        (more != NULL && !request_member(exchange, more, "include_usage", JSON_BOOL, &usage)))
        return false;
    if (messages == NULL)
        return talk_refuse(exchange, "messages", "is missing");
    const struct json_value *stream = json_get(root, "stream");
    if (more != NULL && (stream == NULL || stream->kind != JSON_BOOL || !stream->boolean))
        return talk_refuse(exchange, "stream_options", "goes with \"stream\" alone");
    chat->with_usage = usage != NULL && usage->boolean;
    return talk_read_common(&chat->talk, root, 2) && read_logprobs(chat, root) &&
           talk_refuse_given(exchange, root, refused, ARRAY_COUNT(refused)) &&
           talk_refuse_numbers(exchange, root, neutral, ARRAY_COUNT(neutral)) && read_numbers(chat, root) &&
           read_format(chat, root) && talk_read_stops(&chat->talk, json_get(root, "stop"), "stop") &&
           talk_read_tools(&chat->talk, chat->talk.exchange->body, root) && talk_read_messages(&chat->talk, messages);
}

/* ---- the answer ---- */

static void begin_object(struct chat *chat, struct json_writer *json, const char *object)
{
    const struct json_text_member texts[] = {
        {"id", arena_format(&chat->talk.exchange->arena, "chatcmpl-%s", chat->talk.exchange->id + 4)},
        {"object", object},
        {"model", chat->talk.model}};
    respond_begin(chat->talk.exchange, json);
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "created");
    json_integer(json, chat->talk.created);
    json_key(json, "choices");
    json_array_begin(json);
}

/* Opens a choice with its message or delta. */
static void begin_choice(struct json_writer *json, size_t index, const char *part)
{
    json_object_begin(json);
    json_key(json, "index");
    json_integer(json, (int64_t)index);
    json_key(json, part);
    json_object_begin(json);
}

/* `said`: whose tokens are told, where they are known; NULL: nobody's. `own`: what was found of it, where it is one of several; NULL: nothing. */
static void end_choice(struct json_writer *json, const struct assay_answer *said, const char *reason,
                       const struct assay_answer *own)
{
    json_object_end(json);
    json_key(json, "logprobs");
    if (said != NULL && said->logprobs != NULL) {
        json_object_begin(json);
        talk_write_logprobs(json, "content", said);
        json_key(json, "refusal");
        json_null(json);
        json_object_end(json);
    } else {
        json_null(json);
    }
    json_key(json, "finish_reason");
    if (reason != NULL)
        json_text(json, slice_from(reason));
    else
        json_null(json);
    if (own != NULL)
        talk_write_finding(json, own);
    json_object_end(json);
}

static void write_content(const struct chat *chat, struct json_writer *json, const struct assay_answer *answer)
{
    bool refuses = talk_refuses(&chat->talk, answer);
    const char *text = talk_answer_text(answer);
    json_key(json, "content");
    if (answer->calls == NULL && !refuses)
        json_text(json, slice_from(text));
    else
        json_null(json);
    json_key(json, "refusal");
    if (refuses)
        json_text(json, slice_from(text));
    else
        json_null(json);
}

static void answer_whole(struct chat *chat, const struct assay_answer *answers)
{
    struct json_writer json;
    begin_object(chat, &json, "chat.completion");
    for (size_t i = 0; i < chat->choices; i++) {
        begin_choice(&json, i, "message");
        json_texts(&json, &(struct json_text_member){"role", "assistant"}, 1);
        write_content(chat, &json, &answers[i]);
        if (answers[i].calls != NULL)
            talk_write_calls(&json, &answers[i], false);
        talk_write_annotations(&chat->talk, &json, &answers[i]);
        end_choice(&json, &answers[i], talk_finish(&answers[i]), chat->choices > 1 ? &answers[i] : NULL);
    }
    json_array_end(&json);
    talk_write_usage(&json, answers, chat->choices);
    talk_write_finding(&json, &answers[0]);
    json_object_end(&json);
    respond_json(chat->talk.exchange, &chat->talk.exchange->text);
}

/* ---- the same as a stream: only once the audit log has the answer, not a word of it before ---- */

/* Ends a chunk, which is not the one that tells the usage. */
static void end_chunk(const struct chat *chat, struct json_writer *json)
{
    if (chat->with_usage) {
        json_key(json, "usage");
        json_null(json);
    }
    json_object_end(json);
}

static void send_event(struct chat *chat)
{
    respond_stream_event(chat->talk.exchange, buffer_slice(&chat->talk.exchange->text));
}

static void send_first(struct chat *chat, size_t index, const struct assay_answer *answer)
{
    struct json_writer json;
    begin_object(chat, &json, "chat.completion.chunk");
    begin_choice(&json, index, "delta");
    json_texts(&json, &(struct json_text_member){"role", "assistant"}, 1);
    write_content(chat, &json, answer);
    if (answer->calls != NULL)
        talk_write_calls(&json, answer, true);
    end_choice(&json, answer, NULL, NULL);
    json_array_end(&json);
    end_chunk(chat, &json);
    send_event(chat);
}

static void send_last(struct chat *chat, size_t index, const struct assay_answer *answer)
{
    struct json_writer json;
    begin_object(chat, &json, "chat.completion.chunk");
    begin_choice(&json, index, "delta");
    talk_write_annotations(&chat->talk, &json, answer);
    end_choice(&json, NULL, talk_finish(answer), NULL);
    json_array_end(&json);
    talk_write_finding(&json, answer);
    end_chunk(chat, &json);
    send_event(chat);
}

static void answer_stream(struct chat *chat, const struct assay_answer *answers)
{
    struct json_writer json;
    respond_stream_begin(chat->talk.exchange);
    for (size_t i = 0; i < chat->choices; i++) {
        send_first(chat, i, &answers[i]);
        send_last(chat, i, &answers[i]);
    }
    if (chat->with_usage) {
        begin_object(chat, &json, "chat.completion.chunk");
        json_array_end(&json);
        talk_write_usage(&json, answers, chat->choices);
        json_object_end(&json);
        send_event(chat);
    }
    respond_stream_end(chat->talk.exchange, SLICE("[DONE]"));
}

/* Each choice is an answer of its own, with its own entry in the audit log, and counts as a request. False: answered. */
static bool ask_all(struct chat *chat, struct assay_answer *answers, size_t *made)
{
    chat->talk.options.seed = chat->has_seed ? &chat->seed : NULL;
    for (*made = 0; *made < chat->choices; *made += 1) {
        if (*made > 0) /* what was begun below a limit is done to its end */
            quota_take_begun(chat->talk.exchange);
        if (!talk_ask(&chat->talk, "response_format", &answers[*made]))
            return false;
        chat->seed = (int64_t)((uint64_t)chat->seed + 1);
    }
    return true;
}

void handle_chat(struct exchange *exchange)
{
    struct json_value root;
    struct assay_answer answers[CHOICES_MAX] = {0};
    struct chat chat = {0};
    size_t made;
    talk_begin(&chat.talk, exchange, "messages");
    if (!request_json(exchange, &root) || !read_chat(&chat, &root))
        return;
    if (ask_all(&chat, answers, &made)) {
        if (chat.talk.is_stream)
            answer_stream(&chat, answers);
        else
            answer_whole(&chat, answers);
    }
    for (size_t i = 0; i < made; i++)
        talk_release(&chat.talk, &answers[i]);
}
