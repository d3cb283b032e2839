/* openai.c - chat completions as OpenAI's API has them, and vLLM, Ollama, llama.cpp, Together, Azure and others after it. */
#include "dialect.h"
#include <string.h>

static const char *role_name(enum llm_role role)
{
    return role == LLM_SYSTEM ? "system" : role == LLM_USER ? "user" : "assistant";
}

static void write_schema(const struct provider *provider, const struct llm_request *request, struct json_writer *json)
{
    bool is_any = slice_equal(request->schema, SLICE(LLM_ANY_OBJECT));
    json_key(json, "response_format");
    json_object_begin(json);
    json_key(json, "type");
    if (is_any) {
        json_text(json, SLICE("json_object"));
        json_object_end(json);
        return;
    }
    if (provider->schema_in_object) {
        json_text(json, SLICE("json_object"));
        json_key(json, "schema");
        json_raw(json, request->schema);
        json_object_end(json);
        return;
    }
    json_text(json, SLICE("json_schema"));
    json_key(json, "json_schema");
    json_object_begin(json);
    json_key(json, "name");
    json_text(json, request->schema_name.size > 0 ? request->schema_name : SLICE("answer"));
    json_key(json, "schema");
    json_raw(json, request->schema);
    json_key(json, "strict");
    json_bool(json, true);
    json_object_end(json);
    json_object_end(json);
}

static void write_stream(struct json_writer *json)
{
    json_key(json, "stream");
    json_bool(json, true);
    json_key(json, "stream_options");
    json_object_begin(json);
    json_key(json, "include_usage");
    json_bool(json, true);
    json_object_end(json);
}

/* What is between the brackets of an array. */
static void write_items(struct slice array, struct json_writer *json)
{
    struct arena arena;
    struct json_value root;
    struct error ignored = {0};
    arena_init(&arena);
    if (array.size > 0 && json_read(array, "an array", &arena, &root, &ignored) && root.kind == JSON_ARRAY)
        for (size_t i = 0; i < root.count; i++)
            json_raw(json, slice_range(array, root.items[i].at, root.items[i].end));
    arena_release(&arena);
}

static void write_tools(const struct llm_request *request, struct json_writer *json)
{
    if (request->tools.size == 0)
        return;
    json_key(json, "tools");
    json_raw(json, request->tools);
    if (request->tool_choice.size > 0) {
        json_key(json, "tool_choice");
        json_raw(json, request->tool_choice);
    }
    if (request->one_call) {
        json_key(json, "parallel_tool_calls");
        json_bool(json, false);
    }
}

static void write_request(const struct provider *provider, const struct llm_request *request, struct json_writer *json)
{
    json_object_begin(json);
    json_key(json, "model");
    json_text(json, slice_from(provider->model));
    json_key(json, "messages");
    json_array_begin(json);
    for (size_t i = 0; i < request->message_count; i++) {
        json_object_begin(json);
        json_key(json, "role");
        json_text(json, slice_from(role_name(request->messages[i].role)));
        json_key(json, "content");
        json_text(json, request->messages[i].text);
        json_object_end(json);
    }
    write_items(request->since, json);
    json_array_end(json);
    write_tools(request, json);
    json_key(json, provider->is_openai ? "max_completion_tokens" : "max_tokens");
    json_integer(json, (int64_t)(request->tokens_max > 0 ? request->tokens_max : LLM_TOKENS_DEFAULT));
    if (request->temperature >= 0) {
        json_key(json, "temperature");
        json_real(json, request->temperature, 6);
    }
    if (request->seed >= 0) {
        json_key(json, "seed");
        json_integer(json, request->seed);
    }
    if (request->stop_count > 0) {
        json_key(json, "stop");
        json_array_begin(json);
        for (size_t i = 0; i < request->stop_count; i++)
            json_text(json, request->stops[i]);
        json_array_end(json);
    }
    if (request->schema.size > 0)
        write_schema(provider, request, json);
    if (request->with_logprobs) {
        json_key(json, "logprobs");
        json_bool(json, true);
        json_integers(json, &(struct json_integer_member){"top_logprobs", request->top_logprobs}, 1);
    }
    if (request->piece != NULL)
        write_stream(json);
    json_object_end(json);
}

static size_t write_headers(const struct provider *provider, struct arena *arena, const char **headers)
{
    if (provider->key == NULL)
        return 0;
    headers[0] = arena_format(arena, provider->is_azure ? "api-key: %s" : "Authorization: Bearer %s", provider->key);
    return 1;
}

static void read_usage(struct reply *reply, const struct json_value *root)
{
    const struct json_value *usage = reply_get(root, "usage");
    if (usage == NULL)
        return;
    reply_count(&reply->usage.prompt_tokens, usage, "prompt_tokens");
    reply_count(&reply->usage.completion_tokens, usage, "completion_tokens");
    reply_count(&reply->usage.cached_tokens, reply_get(usage, "prompt_tokens_details"), "cached_tokens");
}

/* A choice's end; some servers name other ends than OpenAI's, which are ends too. */
static void read_finish(struct reply *reply, const struct json_value *choice)
{
    const struct json_value *finish = reply_get(choice, "finish_reason");
    if (finish == NULL || finish->kind != JSON_TEXT)
        return;
    reply->is_whole = true;
    reply->finish = slice_equal(finish->text, SLICE("length"))           ? LLM_CUT
                    : slice_equal(finish->text, SLICE("content_filter")) ? LLM_FILTERED
                                                                         : LLM_FINISHED;
    reply_stop(reply, reply_get(choice, "stop_reason")); /* OpenAI's does not tell which stop it was, vLLM does */
}

/* A message has whole calls; a stream has pieces of them, each with its call's number. */
static bool read_calls(struct reply *reply, const struct json_value *calls, bool in_pieces, struct error *error)
{
    for (size_t i = 0; calls != NULL && calls->kind == JSON_ARRAY && i < calls->count; i++) {
        const struct json_value *item = &calls->items[i], *function = reply_get(item, "function");
        int64_t number = (int64_t)i;
        if (in_pieces)
            reply_count(&number, item, "index");
        struct reply_call *call = reply_call(reply, (size_t)number);
        if (call == NULL)
            return error_set(error, ERROR_IO, "the model wants more than %d functions called, or numbers them with gaps",
                             REPLY_CALLS_MAX);
        if (call->id.size == 0) /* some servers repeat both in each piece */
            reply_call_add(&call->id, reply_get(item, "id"));
        if (call->name.size == 0)
            reply_call_add(&call->name, reply_get(function, "name"));
        reply_call_arguments(call, reply_get(function, "arguments"));
    }
    return true;
}

/* The text of a first choice: its message, or what a piece of a stream adds. A refusal is text too: it is what the model says. */
static bool read_choice(struct reply *reply, struct slice source, const struct json_value *root, const char *part,
                        struct error *error)
{
    const struct json_value *choices = reply_get(root, "choices");
    if (choices == NULL || choices->kind != JSON_ARRAY)
        return error_set(error, ERROR_IO, "the model's answer has no \"choices\"");
    if (choices->count == 0) /* a piece of a stream may tell tokens alone */
        return strcmp(part, "delta") == 0 || error_set(error, ERROR_IO, "\"choices\" of the model's answer is empty");
    const struct json_value *message = reply_get(&choices->items[0], part);
    reply_text(reply, reply_get(message, "content"));
    reply_text(reply, reply_get(message, "refusal"));
    reply_logprobs(reply, source, reply_get(&choices->items[0], "logprobs"));
    read_finish(reply, &choices->items[0]);
    return read_calls(reply, reply_get(message, "tool_calls"), strcmp(part, "delta") == 0, error);
}

static bool read_document(struct reply *reply, struct slice source, const char *part, struct error *error)
{
    struct arena arena;
    struct json_value root;
    struct slice complaint;
    bool ok = false;
    arena_init(&arena);
    if (!reply_read(source, &arena, &root, error))
        goto done;
    if (reply_complaint(&root, &complaint)) {
        error_set(error, ERROR_IO, "the model's server says: " SLICE_FORMAT, SLICE_ARGUMENT(complaint));
        goto done;
    }
    reply_model(reply, reply_get(&root, "model"));
    read_usage(reply, &root);
    ok = read_choice(reply, source, &root, part, error);
done:
    arena_release(&arena);
    return ok;
}

static bool take_event(struct reply *reply, struct slice data, struct error *error)
{
    if (slice_equal(slice_trim(data), SLICE("[DONE]"))) {
        reply->is_whole = true;
        return true;
    }
    return read_document(reply, data, "delta", error);
}

static bool take_body(struct reply *reply, struct slice body, struct error *error)
{
    if (!read_document(reply, body, "message", error))
        return false;
    reply->is_whole = true;
    return true;
}

const struct dialect dialect_openai = {write_request, write_headers, take_event, take_body};
