/* call.c - what a reply is made of, and what is said beside it. */
#include "call.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- the reply ---- */

static void begin_reply(struct mcp_call *call)
{
    struct json_writer *json = &call->json;
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"jsonrpc", "2.0"}, 1);
    json_key(json, "id");
    if (call->id != NULL)
        json_raw(json, slice_range(call->message, call->id->at, call->id->end));
    else
        json_null(json);
}

void call_begin_as(struct mcp_call *call, const char *type)
{
    struct json_writer *json = &call->json;
    begin_reply(call);
    json_key(json, "result");
    json_object_begin(json);
    if (!call->is_modern)
        return;
    json_texts(json, &(struct json_text_member){"resultType", type}, 1);
    json_key(json, "_meta");
    json_object_begin(json);
    json_key(json, META_KEY "serverInfo");
    call_write_server(json);
    json_object_end(json);
}

void call_begin(struct mcp_call *call)
{
    call_begin_as(call, "complete");
}

void call_write_server(struct json_writer *json)
{
    const struct json_text_member texts[] = {{"name", "assay"}, {"title", "assay"}, {"version", assay_version()}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_object_end(json);
}

void call_cacheable(struct mcp_call *call, int64_t milliseconds)
{
    if (!call->is_modern)
        return;
    json_integers(&call->json, &(struct json_integer_member){"ttlMs", milliseconds}, 1);
    json_texts(&call->json, &(struct json_text_member){"cacheScope", "private"}, 1);
}

void call_end(struct mcp_call *call)
{
    json_object_end(&call->json);
    json_object_end(&call->json);
}

void call_write_text(struct mcp_call *call, struct slice text)
{
    struct json_writer *json = &call->json;
    json_key(json, "content");
    json_array_begin(json);
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "text"}, 1);
    json_key(json, "text");
    json_text(json, text);
    json_object_end(json);
    json_array_end(json);
}

void call_completed(struct mcp_call *call, const char *const *values, size_t count, bool has_more)
{
    struct json_writer *json = &call->json;
    call_begin(call);
    json_key(json, "completion");
    json_object_begin(json);
    json_key(json, "values");
    json_array_begin(json);
    for (size_t i = 0; i < count; i++)
        json_text(json, slice_from(values[i]));
    json_array_end(json);
    json_key(json, "hasMore");
    json_bool(json, has_more);
    json_object_end(json);
    call_end(call);
}

void call_error_begin(struct mcp_call *call, int code, const char *message)
{
    struct json_writer *json = &call->json;
    begin_reply(call);
    json_key(json, "error");
    json_object_begin(json);
    json_integers(json, &(struct json_integer_member){"code", code}, 1);
    json_texts(json, &(struct json_text_member){"message", message}, 1);
}

void call_error_end(struct mcp_call *call)
{
    json_object_end(&call->json);
    json_object_end(&call->json);
}

void call_fail(struct mcp_call *call, unsigned status, enum mcp_code code, const char *format, ...)
{
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    call->status = call->is_modern ? status : 200;
    call_error_begin(call, code, message);
    call_error_end(call);
}

void call_no_resource(struct mcp_call *call, const struct json_value *address)
{
    struct json_writer *json = &call->json;
    call->status = call->is_modern ? 400 : 200;
    call_error_begin(call, call->is_modern ? MCP_INVALID_PARAMS : MCP_NO_RESOURCE, "Resource not found");
    if (address != NULL) {
        json_key(json, "data");
        json_object_begin(json);
        json_key(json, "uri");
        json_text(json, address->text);
        json_object_end(json);
    }
    call_error_end(call);
}

bool call_refuse(struct mcp_call *call, const char *format, ...)
{
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    call_begin(call);
    call_write_text(call, slice_from(message));
    json_key(&call->json, "isError");
    json_bool(&call->json, true);
    call_end(call);
    return false;
}

/* ---- beside the reply ---- */

const struct json_value *call_param(const struct mcp_call *call, const char *key)
{
    return call->params != NULL ? json_get(call->params, key) : NULL;
}

const struct json_value *call_text(const struct mcp_call *call, const char *key)
{
    const struct json_value *value = call_param(call, key);
    return value != NULL && value->kind == JSON_TEXT ? value : NULL;
}

struct slice call_field(const struct mcp_call *call, const char *name)
{
    const struct mcp_caller *caller = call->caller;
    return caller->field != NULL ? caller->field(caller->context, name) : (struct slice){NULL, 0};
}

/* A name that fits into no field is sent as =?base64?…?=. */
static bool field_is(struct mcp_call *call, struct slice field, struct slice wanted)
{
    static const struct slice start = SLICE_CONSTANT("=?base64?"), end = SLICE_CONSTANT("?=");
    if (!slice_starts_with(field, start) || !slice_ends_with(field, end) || field.size < start.size + end.size)
        return slice_equal(field, wanted);
    struct slice code = slice_range(field, start.size, field.size - end.size);
    size_t size = 0;
    char *decoded = arena_alloc(call->arena, code.size + 1, 1);
    return sodium_base642bin((unsigned char *)decoded, code.size, code.data, code.size, NULL, &size, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           slice_equal((struct slice){decoded, size}, wanted);
}

bool call_check_field(struct mcp_call *call, const char *name, struct slice wanted)
{
    struct slice field = call_field(call, name);
    if (call->caller->field == NULL || (field.data != NULL && field_is(call, field, wanted)))
        return true;
    call_fail(call, 400, MCP_HEADER_MISMATCH, "Header mismatch: %s is %s%.*s%s, the message has \"%.*s\"", name,
              field.data != NULL ? "\"" : "absent", field.data != NULL && field.size < 200 ? (int)field.size : 0,
              field.data != NULL ? field.data : "", field.data != NULL ? "\"" : "", wanted.size > 200 ? 200 : (int)wanted.size,
              wanted.data);
    return false;
}

const char *call_reason(struct mcp_call *call, const struct assay_error *error)
{
    const struct mcp_caller *caller = call->caller;
    bool is_fault = error->kind == ASSAY_CORRUPT || error->kind == ASSAY_IO || error->kind == ASSAY_NO_MEMORY;
    if (is_fault && caller->on_fault != NULL)
        return caller->on_fault(caller->context, error);
    return arena_format(call->arena, "%s%s%s", error->message, error->hint[0] != '\0' ? ": " : "", error->hint);
}

/* The token by which the caller knows of what is told; NULL: he wants to know nothing. */
static const struct json_value *progress_token(const struct mcp_call *call)
{
    enum { TOKEN_BYTES_MAX = 1024 }; /* it goes back each time */
    const struct json_value *meta = call_param(call, "_meta");
    const struct json_value *token = meta != NULL ? json_get(meta, "progressToken") : NULL;
    bool is_one = token != NULL && (token->kind == JSON_TEXT || (token->kind == JSON_NUMBER && token->is_integer));
    return is_one && token->end - token->at <= TOKEN_BYTES_MAX ? token : NULL;
}

void call_progress(struct mcp_call *call, int64_t done, int64_t total, const char *message)
{
    const struct json_text_member head[] = {{"jsonrpc", "2.0"}, {"method", "notifications/progress"}};
    const struct json_integer_member numbers[] = {{"progress", done}, {"total", total}};
    const struct json_value *token = progress_token(call);
    struct buffer text;
    struct json_writer json;
    if (token == NULL || call->caller->on_message == NULL)
        return;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    json_texts(&json, head, ARRAY_COUNT(head));
    json_key(&json, "params");
    json_object_begin(&json);
    json_key(&json, "progressToken");
    json_raw(&json, slice_range(call->message, token->at, token->end));
    json_integers(&json, numbers, total > 0 ? 2 : 1);
    json_texts(&json, &(struct json_text_member){"message", message}, 1);
    json_object_end(&json);
    json_object_end(&json);
    call->caller->on_message(call->caller->context, buffer_slice(&text));
    buffer_release(&text);
}
