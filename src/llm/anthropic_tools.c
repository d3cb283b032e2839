/* anthropic_tools.c - functions that a model may want called, and what came of them, from the form of OpenAI's API into Anthropic's.
 *
 *   {"type": "function", "function": {name, description, parameters}}  ─▶  {name, description, input_schema}
 *   "auto", "none", "required", {"function": {name}}                   ─▶  {"type": "auto" | "none" | "any" | "tool", name}
 *   assistant with tool_calls                                          ─▶  assistant: text, and a tool_use for each call
 *   tool, tool, …                                                      ─▶  one message of the user: a tool_result for each */
#include "anthropic_tools.h"

static void write_member(struct json_writer *json, const char *key, struct slice text)
{
    json_key(json, key);
    json_text(json, text);
}

/* ---- what may be called ---- */

static void write_tool(struct json_writer *json, const struct json_value *function)
{
    const struct json_value *parameters = reply_get(function, "parameters");
    json_object_begin(json);
    write_member(json, "name", json_text_at(function, "name"));
    if (json_text_at(function, "description").size > 0)
        write_member(json, "description", json_text_at(function, "description"));
    json_key(json, "input_schema");
    if (parameters != NULL && parameters->kind == JSON_OBJECT)
        json_again(json, parameters);
    else
        json_raw(json, SLICE("{\"type\":\"object\",\"properties\":{}}"));
    json_object_end(json);
}

static void write_choice(struct json_writer *json, const struct json_value *choice, bool one_call)
{
    struct slice word = choice != NULL && choice->kind == JSON_TEXT ? choice->text : SLICE("auto");
    const struct json_value *named = reply_get(choice != NULL && choice->kind == JSON_OBJECT ? choice : NULL, "function");
    bool is_none = slice_equal_text(word, "none");
    json_key(json, "tool_choice");
    json_object_begin(json);
    json_texts(json,
               &(struct json_text_member){"type", named != NULL                        ? "tool"
                                                  : slice_equal_text(word, "required") ? "any"
                                                  : is_none                            ? "none"
                                                                                       : "auto"},
               1);
    if (named != NULL)
        write_member(json, "name", json_text_at(named, "name"));
    if (one_call && !is_none) {
        json_key(json, "disable_parallel_tool_use");
        json_bool(json, true);
    }
    json_object_end(json);
}

void anthropic_write_tools(const struct llm_request *request, struct json_writer *json)
{
    struct arena arena;
    struct json_value tools, choice;
    struct error ignored = {0};
    arena_init(&arena);
    if (request->tools.size > 0 && json_read(request->tools, "the tools", &arena, &tools, &ignored)) {
        bool has_choice = request->tool_choice.size > 0 &&
                          json_read(request->tool_choice, "the choice", &arena, &choice, &ignored);
        json_key(json, "tools");
        json_array_begin(json);
        for (size_t i = 0; i < tools.count; i++)
            write_tool(json, reply_get(&tools.items[i], "function"));
        json_array_end(json);
        write_choice(json, has_choice ? &choice : NULL, request->one_call);
    }
    arena_release(&arena);
}

/* ---- what was called ---- */

static void write_call(struct json_writer *json, const struct json_value *call, struct arena *arena)
{
    const struct json_value *function = reply_get(call, "function");
    struct json_value arguments;
    struct error ignored = {0};
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "tool_use"}, 1);
    write_member(json, "id", json_text_at(call, "id"));
    write_member(json, "name", json_text_at(function, "name"));
    json_key(json, "input");
    if (json_read(json_text_at(function, "arguments"), "the arguments", arena, &arguments, &ignored) &&
        arguments.kind == JSON_OBJECT)
        json_again(json, &arguments);
    else
        json_raw(json, SLICE("{}"));
    json_object_end(json);
}

static void write_assistant(struct json_writer *json, const struct json_value *message, struct arena *arena)
{
    const struct json_value *calls = reply_get(message, "tool_calls");
    json_texts(json, &(struct json_text_member){"role", "assistant"}, 1);
    json_key(json, "content");
    json_array_begin(json);
    if (json_text_at(message, "content").size > 0) {
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"type", "text"}, 1);
        write_member(json, "text", json_text_at(message, "content"));
        json_object_end(json);
    }
    for (size_t i = 0; calls != NULL && i < calls->count; i++)
        write_call(json, &calls->items[i], arena);
    json_array_end(json);
}

static void write_outcome(struct json_writer *json, const struct json_value *message)
{
    json_object_begin(json);
    if (json_text_at(message, "tool_call_id").size == 0) {
        json_texts(json, &(struct json_text_member){"type", "text"}, 1);
        write_member(json, "text", json_text_at(message, "content"));
        json_object_end(json);
        return;
    }
    json_texts(json, &(struct json_text_member){"type", "tool_result"}, 1);
    write_member(json, "tool_use_id", json_text_at(message, "tool_call_id"));
    write_member(json, "content", json_text_at(message, "content"));
    json_object_end(json);
}

/* What a user said beside the outcomes stands among them. */
static bool is_users(const struct json_value *message)
{
    return !slice_equal_text(json_text_at(message, "role"), "assistant");
}

void anthropic_write_since(struct slice since, struct json_writer *json)
{
    struct arena arena;
    struct json_value messages;
    struct error ignored = {0};
    arena_init(&arena);
    bool is_read = since.size > 0 && json_read(since, "what followed", &arena, &messages, &ignored);
    for (size_t i = 0; is_read && i < messages.count;) {
        json_object_begin(json);
        if (!is_users(&messages.items[i])) {
            write_assistant(json, &messages.items[i++], &arena);
        } else {
            json_texts(json, &(struct json_text_member){"role", "user"}, 1);
            json_key(json, "content");
            json_array_begin(json);
            while (i < messages.count && is_users(&messages.items[i]))
                write_outcome(json, &messages.items[i++]);
            json_array_end(json);
        }
        json_object_end(json);
    }
    arena_release(&arena);
}

/* ---- what is to be called ---- */

bool anthropic_read_call(struct reply *reply, const struct json_value *block, size_t number, struct error *error)
{
    if (!slice_equal_text(json_text_at(block, "type"), "tool_use"))
        return true;
    struct reply_call *call = reply_call(reply, number);
    if (call == NULL)
        return error_set(error, ERROR_IO, "the model wants more than %d functions called", REPLY_CALLS_MAX);
    reply_call_add(&call->id, reply_get(block, "id"));
    reply_call_add(&call->name, reply_get(block, "name"));
    reply_call_arguments(call, reply_get(block, "input"));
    return true;
}

void anthropic_add_arguments(struct reply *reply, const struct json_value *delta)
{
    if (reply->call_count > 0)
        reply_call_add(&reply->calls[reply->call_count - 1].arguments, reply_get(delta, "partial_json"));
}
