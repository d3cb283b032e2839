/* anthropic.c - Anthropic's messages API, version 2023-06-01. The system message is marked for the provider's cache, because it is the same for
 * every question. */
#include "anthropic_tools.h"

static void write_system(struct slice text, struct json_writer *json)
{
    json_key(json, "system");
    json_array_begin(json);
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "text"}, 1);
    json_key(json, "text");
    json_text(json, text);
    json_key(json, "cache_control");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "ephemeral"}, 1);
    json_object_end(json);
    json_object_end(json);
    json_array_end(json);
}

static void write_messages(const struct llm_request *request, size_t first, struct json_writer *json)
{
    json_key(json, "messages");
    json_array_begin(json);
    for (size_t i = first; i < request->message_count; i++) {
        json_object_begin(json);
        json_key(json, "role");
        json_text(json, slice_from(request->messages[i].role == LLM_ASSISTANT ? "assistant" : "user"));
        json_key(json, "content");
        json_text(json, request->messages[i].text);
        json_object_end(json);
    }
    anthropic_write_since(request->since, json);
    json_array_end(json);
}

static void write_schema(struct slice schema, struct json_writer *json)
{
    json_key(json, "output_config");
    json_object_begin(json);
    json_key(json, "format");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "json_schema"}, 1);
    json_key(json, "schema");
    json_raw(json, schema);
    json_object_end(json);
    json_object_end(json);
}

static void write_request(const struct provider *provider, const struct llm_request *request, struct json_writer *json)
{
    bool has_system = request->message_count > 0 && request->messages[0].role == LLM_SYSTEM;
    json_object_begin(json);
    json_key(json, "model");
    json_text(json, slice_from(provider->model));
    json_key(json, "max_tokens");
    json_integer(json, (int64_t)(request->tokens_max > 0 ? request->tokens_max : LLM_TOKENS_DEFAULT));
    if (has_system)
        write_system(request->messages[0].text, json);
    write_messages(request, has_system, json);
    anthropic_write_tools(request, json);
    if (request->temperature >= 0) {
        json_key(json, "temperature");
        json_real(json, request->temperature, 6);
    }
    if (request->stop_count > 0) {
        json_key(json, "stop_sequences");
        json_array_begin(json);
        for (size_t i = 0; i < request->stop_count; i++)
            if (slice_trim(request->stops[i]).size > 0) /* white space alone it refuses; the answer is cut there all the same */
                json_text(json, request->stops[i]);
        json_array_end(json);
    }
    if (request->schema.size > 0)
        write_schema(request->schema, json);
    if (request->piece != NULL) {
        json_key(json, "stream");
        json_bool(json, true);
    }
    json_object_end(json);
}

static size_t write_headers(const struct provider *provider, struct arena *arena, const char **headers)
{
    headers[0] = "anthropic-version: 2023-06-01";
    if (provider->key == NULL)
        return 1;
    headers[1] = arena_format(arena, "x-api-key: %s", provider->key);
    return 2;
}

/* Anthropic counts what it read from its cache, and wrote to it, apart from the rest of the prompt. */
static void read_usage(struct reply *reply, const struct json_value *usage)
{
    int64_t fresh = -1, written = 0, cached = 0;
    if (usage == NULL)
        return;
    reply_count(&fresh, usage, "input_tokens");
    reply_count(&written, usage, "cache_creation_input_tokens");
    reply_count(&cached, usage, "cache_read_input_tokens");
    reply_count(&reply->usage.completion_tokens, usage, "output_tokens");
    if (fresh < 0)
        return;
    reply->usage.prompt_tokens = fresh + written + cached;
    reply->usage.cached_tokens = cached;
}

/* Of a message, or of the change that ends one. */
static void read_finish(struct reply *reply, const struct json_value *message)
{
    const struct json_value *reason = reply_get(message, "stop_reason");
    if (reason == NULL || reason->kind != JSON_TEXT)
        return;
    bool cut = slice_equal(reason->text, SLICE("max_tokens")) ||
               slice_equal(reason->text, SLICE("model_context_window_exceeded"));
    reply->finish = cut ? LLM_CUT : slice_equal(reason->text, SLICE("refusal")) ? LLM_FILTERED : LLM_FINISHED;
    reply_stop(reply, reply_get(message, "stop_sequence"));
}

static bool read_root(struct slice source, struct arena *arena, struct json_value *root, struct error *error)
{
    struct slice complaint;
    if (!reply_read(source, arena, root, error))
        return false;
    if (reply_complaint(root, &complaint))
        return error_set(error, ERROR_IO, "the model's server says: " SLICE_FORMAT, SLICE_ARGUMENT(complaint));
    return true;
}

static bool take_event(struct reply *reply, struct slice data, struct error *error)
{
    struct arena arena;
    struct json_value root;
    arena_init(&arena);
    bool ok = read_root(data, &arena, &root, error);
    const struct json_value *type = ok ? reply_get(&root, "type") : NULL;
    struct slice kind = type != NULL && type->kind == JSON_TEXT ? type->text : SLICE("");
    if (slice_equal(kind, SLICE("message_start"))) {
        reply_model(reply, reply_get(reply_get(&root, "message"), "model"));
        read_usage(reply, reply_get(reply_get(&root, "message"), "usage"));
    } else if (slice_equal(kind, SLICE("content_block_start"))) {
        ok = anthropic_read_call(reply, reply_get(&root, "content_block"), reply->call_count, error);
    } else if (slice_equal(kind, SLICE("content_block_delta"))) {
        reply_text(reply, reply_get(reply_get(&root, "delta"), "text"));
        anthropic_add_arguments(reply, reply_get(&root, "delta"));
    } else if (slice_equal(kind, SLICE("message_delta"))) {
        read_finish(reply, reply_get(&root, "delta"));
        read_usage(reply, reply_get(&root, "usage"));
    } else if (slice_equal(kind, SLICE("message_stop"))) {
        reply->is_whole = true;
    }
    arena_release(&arena);
    return ok;
}

static bool take_body(struct reply *reply, struct slice body, struct error *error)
{
    struct arena arena;
    struct json_value root;
    arena_init(&arena);
    bool ok = read_root(body, &arena, &root, error);
    const struct json_value *content = ok ? reply_get(&root, "content") : NULL;
    if (ok && (content == NULL || content->kind != JSON_ARRAY))
        ok = error_set(error, ERROR_IO, "the model's answer has no \"content\"");
    for (size_t i = 0; ok && i < content->count; i++) {
        reply_text(reply, reply_get(&content->items[i], "text"));
        ok = anthropic_read_call(reply, &content->items[i], reply->call_count, error);
    }
    if (ok) {
        reply_model(reply, reply_get(&root, "model"));
        read_finish(reply, &root);
        read_usage(reply, reply_get(&root, "usage"));
        reply->is_whole = true;
    }
    arena_release(&arena);
    return ok;
}

const struct dialect dialect_anthropic = {write_request, write_headers, take_event, take_body};
