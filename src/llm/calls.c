/* calls.c - functions that a model wants called: put together from the pieces that come, and handed on in one form whatever the provider's. */
#include "dialect.h"
#include <stdlib.h>

enum { CALL_NAME_BYTES_MAX = 256, CALLS_BYTES_MAX = 256 * KIB };

struct reply_call *reply_call(struct reply *reply, size_t number)
{
    if (number > reply->call_count || number >= REPLY_CALLS_MAX)
        return NULL;
    if (reply->calls == NULL)
        reply->calls = memory_alloc(REPLY_CALLS_MAX, sizeof(*reply->calls));
    struct reply_call *call = &reply->calls[number];
    if (number == reply->call_count) {
        buffer_init(&call->id, CALL_NAME_BYTES_MAX);
        buffer_init(&call->name, CALL_NAME_BYTES_MAX);
        buffer_init(&call->arguments, CALLS_BYTES_MAX);
        reply->call_count++;
    }
    return call;
}

void reply_call_add(struct buffer *part, const struct json_value *text)
{
    if (text != NULL && text->kind == JSON_TEXT)
        buffer_append_slice(part, text->text);
}

/* A few servers write an object in the place of its text. */
void reply_call_arguments(struct reply_call *call, const struct json_value *arguments)
{
    struct json_writer json;
    reply_call_add(&call->arguments, arguments);
    if (arguments == NULL || arguments->kind != JSON_OBJECT || arguments->count == 0)
        return;
    json_writer_init(&json, &call->arguments);
    json_again(&json, arguments);
}

void reply_calls_clear(struct reply *reply)
{
    for (size_t i = 0; i < reply->call_count; i++) {
        buffer_release(&reply->calls[i].id);
        buffer_release(&reply->calls[i].name);
        buffer_release(&reply->calls[i].arguments);
    }
    reply->call_count = 0;
}

void reply_calls_release(struct reply *reply)
{
    reply_calls_clear(reply);
    free(reply->calls);
    reply->calls = NULL;
}

/* No arguments are an empty object. */
static bool check_call(struct reply_call *call, struct error *error)
{
    struct arena arena;
    struct json_value root;
    if (call->arguments.size == 0)
        buffer_append_text(&call->arguments, "{}");
    if (!buffer_finish(&call->id, "the id of a call", error) || !buffer_finish(&call->name, "the name of a function", error) ||
        !buffer_finish(&call->arguments, "the arguments of a call", error))
        return false;
    arena_init(&arena);
    bool ok = json_read(buffer_slice(&call->arguments), "the arguments of a call", &arena, &root, error);
    if (ok && (root.kind != JSON_OBJECT || call->name.size == 0))
        ok = error_set(error, ERROR_IO,
                       "the model wants a function called without saying which, or with arguments that are no object");
    arena_release(&arena);
    return ok;
}

static void write_call(const struct reply_call *call, struct json_writer *json)
{
    json_object_begin(json);
    json_key(json, "id");
    json_text(json, buffer_slice(&call->id));
    json_texts(json, &(struct json_text_member){"type", "function"}, 1);
    json_key(json, "function");
    json_object_begin(json);
    json_key(json, "name");
    json_text(json, buffer_slice(&call->name));
    json_key(json, "arguments");
    json_text(json, buffer_slice(&call->arguments));
    json_object_end(json);
    json_object_end(json);
}

bool reply_calls_check(struct reply *reply, struct error *error)
{
    size_t bytes = 0;
    for (size_t i = 0; i < reply->call_count; i++) {
        struct reply_call *call = &reply->calls[i];
        if (call->id.size == 0) /* some servers give none */
            buffer_format(&call->id, "call_%zu", i);
        if (!check_call(call, error))
            return false;
        bytes += call->arguments.size;
    }
    return bytes <= CALLS_BYTES_MAX ||
           error_set(error, ERROR_IO, "the model wants functions called with more than 256 KiB of arguments");
}

bool reply_calls_take(const struct reply *reply, struct arena *arena, struct slice *calls, struct error *error)
{
    struct buffer text;
    struct json_writer json;
    *calls = (struct slice){0};
    if (reply->call_count == 0)
        return true;
    buffer_init(&text, 2 * LLM_ANSWER_BYTES_MAX);
    json_writer_init(&json, &text);
    json_array_begin(&json);
    for (size_t i = 0; i < reply->call_count; i++)
        write_call(&reply->calls[i], &json);
    json_array_end(&json);
    bool ok = buffer_finish(&text, "the calls that the model wants", error);
    if (ok)
        *calls = arena_slice(arena, slice_trim(buffer_slice(&text)));
    buffer_release(&text);
    return ok;
}
