/* handle_chat.c - chat completions: the last question of a conversation, answered from the documents that the key may see.
 *
 * The model, its address and its instructions are the project's (assay.yaml): nothing of a request can choose them. A stream is made of
 * sentences as they are checked; its head goes out with the first, so that what fails before is a plain error. */
#include "exchange.h"
#include "shape/shape.h"
#include <stdio.h>
#include <string.h>

#define CHAT_MODEL "assay"
#define NOT_FOUND_TEXT "The documents do not answer this."

enum { TURNS_MAX = 20, MESSAGES_MAX = 2048 };

struct chat {
    struct exchange *exchange;
    struct assay_ask_options options;
    const char *question;
    bool is_stream, with_usage;
    int64_t created;
};

static bool refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "unsupported_value", key, "\"%s\" %s", key, reason);
    return false;
}

/* ---- the request ---- */

/* A message's text: a text, or parts of type text. NULL: refused. */
static const char *text_of(struct exchange *exchange, const struct json_value *message)
{
    const struct json_value *content = json_get(message, "content");
    struct buffer text;
    buffer_init(&text, LIMIT_QUERY_BYTES);
    bool ok = content != NULL && (content->kind == JSON_TEXT || content->kind == JSON_ARRAY);
    if (ok && content->kind == JSON_TEXT)
        buffer_append_slice(&text, content->text);
    for (size_t i = 0; ok && content->kind == JSON_ARRAY && i < content->count; i++) {
        const struct json_value *part = json_get(&content->items[i], "text");
        ok = part != NULL && part->kind == JSON_TEXT;
        if (ok)
            buffer_append_slice(&text, part->text);
    }
    ok = ok && !text.failed && (text.size == 0 || memchr(text.data, '\0', text.size) == NULL);
    const char *copy = ok ? arena_text(&exchange->arena, buffer_slice(&text)) : NULL;
    buffer_release(&text);
    if (!ok)
        (void)refuse(exchange, "messages", "has one whose content is no text, or too long");
    return copy;
}

enum role { ROLE_OTHER, ROLE_PASSED, ROLE_USER, ROLE_ASSISTANT };

static enum role role_of(const struct json_value *message)
{
    const struct json_value *role = json_get(message, "role");
    if (role == NULL || role->kind != JSON_TEXT)
        return ROLE_OTHER;
    bool is_passed = slice_equal_text(role->text, "system") || slice_equal_text(role->text, "developer");
    return is_passed                                   ? ROLE_PASSED
           : slice_equal_text(role->text, "user")      ? ROLE_USER
           : slice_equal_text(role->text, "assistant") ? ROLE_ASSISTANT
                                                       : ROLE_OTHER;
}

static const char *join(struct exchange *exchange, const char *before, const char *text)
{
    return before == NULL ? text : arena_format(&exchange->arena, "%s\n\n%s", before, text);
}

/* What was said so far in a conversation: its turns, and what was asked and not answered yet. */
struct said {
    struct assay_turn *turns;
    const char *asked; /* NULL: nothing */
};

static void note_message(struct chat *chat, struct said *said, enum role role, const char *text)
{
    size_t *count = &chat->options.turn_count;
    if (role == ROLE_USER) {
        said->asked = join(chat->exchange, said->asked, text);
        return;
    }
    if (said->asked == NULL) { /* more of the last answer; or a greeting before all questions, which answers nothing */
        if (*count > 0)
            said->turns[*count - 1].answer = join(chat->exchange, said->turns[*count - 1].answer, text);
        return;
    }
    if (*count == TURNS_MAX)
        memmove(said->turns, said->turns + 1, (TURNS_MAX - 1) * sizeof(*said->turns));
    else
        ++*count;
    said->turns[*count - 1] = (struct assay_turn){said->asked, text};
    said->asked = NULL;
}

/* The last messages of the user ask; user and assistant before them are what was said. Several of one in a row are joined. System messages,
 * also by their newer name, are not the client's to write, and passed over. Other roles are refused. */
static bool read_messages(struct chat *chat, const struct json_value *messages)
{
    struct exchange *exchange = chat->exchange;
    struct said said = {.turns = arena_alloc(&exchange->arena, TURNS_MAX, sizeof(*said.turns))};
    if (messages->count > MESSAGES_MAX)
        return refuse(exchange, "messages", "has too many of them");
    for (size_t i = 0; i < messages->count; i++) {
        enum role role = role_of(&messages->items[i]);
        if (role == ROLE_OTHER)
            return refuse(exchange, "messages", "has one whose role is none of user, assistant, system, developer");
        if (role == ROLE_PASSED)
            continue;
        const char *text = text_of(exchange, &messages->items[i]);
        if (text == NULL)
            return false;
        note_message(chat, &said, role, text);
        if (said.asked != NULL && strlen(said.asked) > LIMIT_QUERY_BYTES)
            return refuse(exchange, "messages", "has too long a question");
        size_t count = chat->options.turn_count;
        if (count > 0 && strlen(said.turns[count - 1].answer) > LIMIT_QUERY_BYTES)
            return refuse(exchange, "messages", "has too long an answer");
    }
    chat->options.turns = said.turns;
    chat->question = said.asked;
    return (said.asked != NULL && slice_trim(slice_from(said.asked)).size > 0) ||
           refuse(exchange, "messages", "does not end with a question of the user");
}

static bool read_format(struct chat *chat, const struct json_value *root)
{
    struct exchange *exchange = chat->exchange;
    const struct json_value *format, *type, *schema;
    if (!request_member(exchange, root, "response_format", JSON_OBJECT, &format))
        return false;
    type = format != NULL ? json_get(format, "type") : NULL;
    if (format == NULL || (type != NULL && type->kind == JSON_TEXT && slice_equal_text(type->text, "text")))
        return true;
    schema = json_get(format, "json_schema");
    schema = schema != NULL ? json_get(schema, "schema") : NULL;
    if (type == NULL || type->kind != JSON_TEXT || !slice_equal_text(type->text, "json_schema") || schema == NULL ||
        schema->kind != JSON_OBJECT)
        return refuse(exchange, "response_format", "is neither text nor json_schema with a schema");
    chat->options.schema = arena_text(&exchange->arena, slice_range(exchange->body, schema->at, schema->end));
    return true;
}

static bool read_numbers(struct chat *chat, const struct json_value *root)
{
    struct exchange *exchange = chat->exchange;
    const struct json_value *temperature, *seed;
    int64_t n, tokens, older;
    if (!request_whole(exchange, root, "n", 1, 1, 1, &n) ||
        !request_whole(exchange, root, "max_completion_tokens", 1, 1 << 20, 0, &tokens) ||
        !request_whole(exchange, root, "max_tokens", 1, 1 << 20, 0, &older) ||
        !request_member(exchange, root, "temperature", JSON_NUMBER, &temperature) ||
        !request_member(exchange, root, "seed", JSON_NUMBER, &seed))
        return false;
    chat->options.tokens_max = (size_t)(tokens > 0 ? tokens : older);
    if (temperature != NULL && !(temperature->real >= 0 && temperature->real <= 2))
        return refuse(exchange, "temperature", "is not from 0 to 2");
    if (seed != NULL && !seed->is_integer)
        return refuse(exchange, "seed", "is no whole number");
    chat->options.temperature = temperature != NULL ? &temperature->real : NULL;
    chat->options.seed = seed != NULL ? &seed->integer : NULL;
    return true;
}

/* What would be passed over in silence is refused, where it changes the answer. */
static bool refuse_unsupported(struct exchange *exchange, const struct json_value *root)
{
    static const char *const keys[] = {"tools",      "functions", "logprobs", "top_logprobs",
                                       "logit_bias", "stop",      "audio",    "prediction"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        const struct json_value *value = json_get(root, keys[i]);
        bool is_empty = value == NULL || value->kind == JSON_NULL || (value->kind == JSON_BOOL && !value->boolean) ||
                        ((value->kind == JSON_ARRAY || value->kind == JSON_OBJECT) && value->count == 0);
        if (!is_empty)
            return refuse(exchange, keys[i], "is not supported by this server");
    }
    return true;
}

/* What changes how a model writes is refused, but for the value that changes nothing. */
static bool refuse_sampling(struct exchange *exchange, const struct json_value *root)
{
    static const struct {
        const char *key;
        double neutral;
    } members[] = {{"top_p", 1}, {"presence_penalty", 0}, {"frequency_penalty", 0}};
    for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
        const struct json_value *value;
        if (!request_member(exchange, root, members[i].key, JSON_NUMBER, &value))
            return false;
        if (value != NULL && value->real != members[i].neutral)
            return refuse(exchange, members[i].key, "is not supported by this server");
    }
    return true;
}

static bool read_chat(struct chat *chat, const struct json_value *root)
{
    struct exchange *exchange = chat->exchange;
    const struct json_value *messages, *stream, *more, *usage = NULL, *model;
    if (!request_member(exchange, root, "messages", JSON_ARRAY, &messages) ||
        !request_member(exchange, root, "model", JSON_TEXT, &model) ||
        !request_member(exchange, root, "stream", JSON_BOOL, &stream) ||
        !request_member(exchange, root, "stream_options", JSON_OBJECT, &more) ||
        (more != NULL && !request_member(exchange, more, "include_usage", JSON_BOOL, &usage)))
        return false;
    if (messages == NULL)
        return refuse(exchange, "messages", "is missing");
    if (model == NULL || !slice_equal_text(model->text, CHAT_MODEL)) {
        respond_refusal(exchange, 404, "model_not_found", "model",
                        "the model that answers is called \"" CHAT_MODEL "\"; what stands behind it, assay.yaml says");
        return false;
    }
    chat->is_stream = stream != NULL && stream->boolean;
    chat->with_usage = usage != NULL && usage->boolean;
    return refuse_unsupported(exchange, root) && refuse_sampling(exchange, root) && read_numbers(chat, root) &&
           read_format(chat, root) && read_messages(chat, messages);
}

/* ---- the answer ---- */

/* Where the mark [n] of a citation stands in the answer. */
static int64_t mark_at(const char *text, size_t number)
{
    char mark[24];
    snprintf(mark, sizeof(mark), "[%zu]", number);
    const char *found = text != NULL ? strstr(text, mark) : NULL;
    return found != NULL ? found - text : 0;
}

static void write_citations(struct chat *chat, struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "annotations");
    json_array_begin(json);
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct assay_citation *citation = &answer->citations[i];
        const struct json_text_member texts[] = {{"file_id", file_id_of(&chat->exchange->arena, citation->hit->document)},
                                                 {"filename", citation->hit->document}};
        const struct json_integer_member numbers[] = {{"index", mark_at(answer->text, i + 1)},
                                                      {"passage", citation->hit->passage},
                                                      {"start", (int64_t)citation->start},
                                                      {"end", (int64_t)citation->end},
                                                      {"page", (int64_t)citation->hit->page}};
        json_object_begin(json);
        json_key(json, "type");
        json_text(json, SLICE("file_citation"));
        json_key(json, "file_citation");
        json_object_begin(json);
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_key(json, "quote");
        json_text(json, (struct slice){citation->quote, citation->quote_size});
        json_integers(json, numbers, citation->hit->page > 0 ? ARRAY_COUNT(numbers) : ARRAY_COUNT(numbers) - 1);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_usage(struct json_writer *json, const struct assay_answer *answer)
{
    const struct json_integer_member numbers[] = {{"prompt_tokens", answer->prompt_tokens},
                                                  {"completion_tokens", answer->completion_tokens},
                                                  {"total_tokens", answer->prompt_tokens + answer->completion_tokens}};
    json_key(json, "usage");
    json_object_begin(json);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "prompt_tokens_details");
    json_object_begin(json);
    json_key(json, "cached_tokens");
    json_integer(json, answer->cached_tokens);
    json_object_end(json);
    json_object_end(json);
}

static void write_finding(struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "assay");
    json_object_begin(json);
    json_key(json, "abstained");
    json_bool(json, answer->abstained);
    json_key(json, "confidence");
    json_real(json, answer->confidence, 4);
    json_key(json, "model");
    json_text(json, slice_from(answer->model != NULL ? answer->model : ""));
    shape_cost(json, answer->cost, answer->currency);
    json_object_end(json);
}

static void begin_object(struct chat *chat, struct json_writer *json, const char *object)
{
    const struct json_text_member texts[] = {
        {"id", arena_format(&chat->exchange->arena, "chatcmpl-%s", chat->exchange->id + 4)},
        {"object", object},
        {"model", CHAT_MODEL}};
    respond_begin(chat->exchange, json);
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "created");
    json_integer(json, chat->created);
    json_key(json, "choices");
    json_array_begin(json);
}

/* Opens the first and only choice with its message or delta. */
static void begin_choice(struct json_writer *json, const char *part)
{
    json_object_begin(json);
    json_key(json, "index");
    json_integer(json, 0);
    json_key(json, part);
    json_object_begin(json);
}

static void end_choice(struct json_writer *json, const char *reason)
{
    json_object_end(json);
    json_key(json, "logprobs");
    json_null(json);
    json_key(json, "finish_reason");
    if (reason != NULL)
        json_text(json, slice_from(reason));
    else
        json_null(json);
    json_object_end(json);
    json_array_end(json);
}

static void answer_whole(struct chat *chat, const struct assay_answer *answer)
{
    struct json_writer json;
    begin_object(chat, &json, "chat.completion");
    begin_choice(&json, "message");
    const struct json_text_member texts[] = {{"role", "assistant"},
                                             {"content", answer->text != NULL ? answer->text : NOT_FOUND_TEXT}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_key(&json, "refusal");
    json_null(&json);
    write_citations(chat, &json, answer);
    end_choice(&json, "stop");
    write_usage(&json, answer);
    write_finding(&json, answer);
    json_object_end(&json);
    respond_json(chat->exchange, &chat->exchange->text);
}

/* ---- the same as a stream: only once the audit log has the answer, not a word of it before ---- */

static void send_event(struct chat *chat)
{
    respond_stream_event(chat->exchange, buffer_slice(&chat->exchange->text));
}

static void send_text(struct chat *chat, struct slice text)
{
    struct json_writer json;
    begin_object(chat, &json, "chat.completion.chunk");
    begin_choice(&json, "delta");
    json_key(&json, "role");
    json_text(&json, SLICE("assistant"));
    json_key(&json, "content");
    json_text(&json, text);
    end_choice(&json, NULL);
    json_object_end(&json);
    send_event(chat);
}

static bool going(void *context)
{
    struct chat *chat = context;
    return respond_stream_goes_on(chat->exchange);
}

static void answer_stream(struct chat *chat, const struct assay_answer *answer)
{
    struct json_writer json;
    respond_stream_begin(chat->exchange);
    send_text(chat, slice_from(answer->text != NULL ? answer->text : NOT_FOUND_TEXT));
    begin_object(chat, &json, "chat.completion.chunk");
    begin_choice(&json, "delta");
    write_citations(chat, &json, answer);
    end_choice(&json, "stop");
    write_finding(&json, answer);
    json_object_end(&json);
    send_event(chat);
    if (chat->with_usage) {
        begin_object(chat, &json, "chat.completion.chunk");
        json_array_end(&json);
        write_usage(&json, answer);
        json_object_end(&json);
        send_event(chat);
    }
    respond_stream_end(chat->exchange, SLICE("[DONE]"));
}

/* Everything that the client may be wrong in was looked at before (read_chat): what is left is the project's (its disk, its audit log, its limits), or
 * the fault of the model behind it, whose address and key are none of the client's business. */
static void respond_no_answer(struct exchange *exchange, const struct assay_error *error)
{
    static const unsigned statuses[] = {
        [ASSAY_OK] = 500,      [ASSAY_INVALID] = 500, [ASSAY_NOT_FOUND] = 500, [ASSAY_CONFLICT] = 503, [ASSAY_LIMIT] = 503,
        [ASSAY_CORRUPT] = 500, [ASSAY_IO] = 500,      [ASSAY_NO_MEMORY] = 503, [ASSAY_CANCELLED] = 503};
    respond_fault(exchange, error->is_elsewhere ? 502 : statuses[error->kind], error);
}

/* What only a language model can do is the client's mistake where there is none. */
static bool check_schema(const struct chat *chat)
{
    struct assay_server_settings settings;
    assay_server_settings(chat->exchange->hands->assay, &settings);
    if (chat->options.schema == NULL || settings.has_language_model)
        return true;
    respond_refusal(chat->exchange, 400, "invalid", "response_format",
                    "an answer by a JSON Schema needs a language model, and this server has none: see `model` in assay.yaml");
    return false;
}

void handle_chat(struct exchange *exchange)
{
    struct json_value root;
    struct assay_answer answer;
    struct assay_error error;
    struct chat chat = {.exchange = exchange, .created = clock_wall_ns() / 1000000000};
    if (!request_json(exchange, &root) || !read_chat(&chat, &root) || !check_schema(&chat))
        return;
    chat.options.secret = exchange->as;
    chat.options.asker = exchange->key.name; /* of a key that sees all, which asks as the owner */
    chat.options.going = going;
    chat.options.context = &chat;
    if (!assay_ask(exchange->hands->assay, chat.question, &chat.options, &answer, &error)) {
        respond_no_answer(exchange, &error);
        return;
    }
    figures_note_answer(exchange->server, &answer);
    if (chat.is_stream)
        answer_stream(&chat, &answer);
    else
        answer_whole(&chat, &answer);
    assay_answer_release(&answer);
}
