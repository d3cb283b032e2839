/* messages_tools.c - see messages_tools.h. What both APIs mean is the same; where it stands is not:
 *
 *   {name, description, input_schema}                  {type: function, function: {name, description, parameters}}
 *   {type: auto | any | tool | none, name}             "auto", "required", {function: {name}}, "none"
 *   assistant: text, tool_use {id, name, input}        assistant with content and tool_calls
 *   user: tool_result {tool_use_id, content} …         a message with the role tool for each; then the user's, of the texts beside them */
#include "messages_tools.h"
#include <string.h>

static bool is_of_type(const struct json_value *object, const char *type)
{
    return slice_equal_text(json_text_at(object, "type"), type);
}

static void write_member(struct json_writer *json, const char *key, struct slice text)
{
    json_key(json, key);
    json_text(json, text);
}

/* ---- what may be called ---- */

static bool write_tool(struct talk *talk, const struct json_value *tool, struct json_writer *json)
{
    const struct json_value *schema = tool->kind == JSON_OBJECT ? json_get(tool, "input_schema") : NULL;
    bool is_custom = tool->kind == JSON_OBJECT && (json_get(tool, "type") == NULL || is_of_type(tool, "custom"));
    if (!is_custom || schema == NULL)
        return talk_refuse(talk->exchange, "tools", "has one that is no function with an input_schema");
    talk_write_tool(json, tool, schema, NULL);
    return true;
}

static bool write_choice(struct talk *talk, const struct json_value *choice, struct json_writer *json)
{
    json_key(json, "tool_choice");
    if (is_of_type(choice, "tool")) {
        talk_write_choice(json, json_text_at(choice, "name"));
        return true;
    }
    struct slice type = json_text_at(choice, "type");
    bool is_any = slice_equal_text(type, "any"),
         is_known = is_any || slice_equal_text(type, "auto") || slice_equal_text(type, "none");
    json_text(json, is_any ? SLICE("required") : type);
    return is_known || talk_refuse(talk->exchange, "tool_choice", "is none of auto, any, tool, none");
}

static bool write_tools(struct talk *talk, const struct json_value *tools, const struct json_value *choice,
                        struct json_writer *json)
{
    bool ok = true;
    json_object_begin(json);
    json_key(json, "tools");
    json_array_begin(json);
    for (size_t i = 0; ok && tools != NULL && i < tools->count; i++)
        ok = write_tool(talk, &tools->items[i], json);
    json_array_end(json);
    if (ok && choice != NULL)
        ok = write_choice(talk, choice, json);
    json_object_end(json);
    return ok;
}

bool messages_read_tools(struct talk *talk, const struct json_value *root)
{
    struct exchange *exchange = talk->exchange;
    const struct json_value *tools, *choice, *alone = NULL;
    struct json_value made;
    struct json_writer json;
    struct buffer text;
    struct slice source;
    if (!request_member(exchange, root, "tools", JSON_ARRAY, &tools) ||
        !request_member(exchange, root, "tool_choice", JSON_OBJECT, &choice) ||
        (choice != NULL && !request_member(exchange, choice, "disable_parallel_tool_use", JSON_BOOL, &alone)))
        return false;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    bool ok = write_tools(talk, tools, choice, &json) && talk_read_written(talk, &text, "tools", &source, &made) &&
              talk_read_tools(talk, source, &made);
    buffer_release(&text);
    talk->options.one_call = alone != NULL && alone->boolean;
    return ok;
}

/* ---- what was called ---- */

static bool has_block(const struct json_value *message, const char *type)
{
    const struct json_value *content = message->kind == JSON_OBJECT ? json_get(message, "content") : NULL;
    for (size_t i = 0; content != NULL && content->kind == JSON_ARRAY && i < content->count; i++)
        if (is_of_type(&content->items[i], type))
            return true;
    return false;
}

/* The texts of blocks of a content, a line each. */
static bool append_texts(struct talk *talk, const struct json_value *content, struct buffer *text)
{
    if (content == NULL || content->kind == JSON_TEXT) {
        buffer_append_slice(text, content != NULL ? content->text : SLICE(""));
        return true;
    }
    for (size_t i = 0; content->kind == JSON_ARRAY && i < content->count; i++) {
        const struct json_value *block = &content->items[i];
        if (is_of_type(block, "text")) {
            if (text->size > 0 && text->data[text->size - 1] != '\n')
                buffer_append_byte(text, '\n');
            buffer_append_slice(text, json_text_at(block, "text"));
        } else if (!is_of_type(block, "tool_use") && !is_of_type(block, "tool_result") && !is_of_type(block, "thinking")) {
            return talk_refuse(talk->exchange, talk->key, "has one whose content is no text");
        }
    }
    return content->kind == JSON_ARRAY || talk_refuse(talk->exchange, talk->key, "has one whose content is no text");
}

static void write_call(struct json_writer *json, const struct json_value *block)
{
    const struct json_value *input = json_get(block, "input");
    struct buffer arguments;
    struct json_writer inner;
    buffer_init(&arguments, LIMIT_JSON_BYTES);
    json_writer_init(&inner, &arguments);
    if (input != NULL)
        json_again(&inner, input);
    else
        json_raw(&inner, SLICE("{}"));
    talk_write_call(json, json_text_at(block, "id"), json_text_at(block, "name"), slice_trim(buffer_slice(&arguments)));
    buffer_release(&arguments);
}

static bool write_calls(struct talk *talk, const struct json_value *message, struct json_writer *json)
{
    const struct json_value *content = json_get(message, "content");
    struct buffer text;
    buffer_init(&text, LIMIT_JSON_BYTES);
    bool ok = append_texts(talk, content, &text);
    json_object_begin(json);
    write_member(json, "role", SLICE("assistant"));
    json_key(json, "content");
    if (text.size > 0)
        json_text(json, buffer_slice(&text));
    else
        json_null(json);
    json_key(json, "tool_calls");
    json_array_begin(json);
    for (size_t i = 0; i < content->count; i++)
        if (is_of_type(&content->items[i], "tool_use"))
            write_call(json, &content->items[i]);
    json_array_end(json);
    json_object_end(json);
    buffer_release(&text);
    return ok;
}

static bool write_outcome(struct talk *talk, const struct json_value *block, struct json_writer *json)
{
    const struct json_value *is_error = json_get(block, "is_error");
    struct buffer text;
    buffer_init(&text, LIMIT_JSON_BYTES);
    if (is_error != NULL && is_error->kind == JSON_BOOL && is_error->boolean)
        buffer_append_text(&text, "It failed:\n");
    bool ok = append_texts(talk, json_get(block, "content"), &text);
    json_object_begin(json);
    write_member(json, "role", SLICE("tool"));
    write_member(json, "tool_call_id", json_text_at(block, "tool_use_id"));
    write_member(json, "content", buffer_slice(&text));
    json_object_end(json);
    buffer_release(&text);
    return ok;
}

static bool write_outcomes(struct talk *talk, const struct json_value *message, struct json_writer *json)
{
    const struct json_value *content = json_get(message, "content");
    struct buffer beside;
    buffer_init(&beside, LIMIT_JSON_BYTES);
    bool ok = append_texts(talk, content, &beside);
    for (size_t i = 0; ok && i < content->count; i++)
        if (is_of_type(&content->items[i], "tool_result"))
            ok = write_outcome(talk, &content->items[i], json);
    if (ok && beside.size > 0) {
        json_object_begin(json);
        write_member(json, "role", SLICE("user"));
        write_member(json, "content", buffer_slice(&beside));
        json_object_end(json);
    }
    buffer_release(&beside);
    return ok;
}

bool messages_as_chat(struct talk *talk, const struct json_value *messages, struct json_value *made)
{
    struct buffer text;
    struct json_writer json;
    struct slice source;
    bool ok = true;
    buffer_init(&text, 2 * LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_array_begin(&json);
    for (size_t i = 0; ok && i < messages->count; i++) {
        const struct json_value *message = &messages->items[i];
        if (has_block(message, "tool_use") && slice_equal_text(json_text_at(message, "role"), "assistant"))
            ok = write_calls(talk, message, &json);
        else if (has_block(message, "tool_result") && slice_equal_text(json_text_at(message, "role"), "user"))
            ok = write_outcomes(talk, message, &json);
        else
            json_again(&json, message);
    }
    json_array_end(&json);
    ok = ok && talk_read_written(talk, &text, talk->key, &source, made);
    buffer_release(&text);
    return ok;
}

/* ---- what is to be called ---- */

struct slice messages_arguments(const struct json_value *call)
{
    return json_text_at(json_get(call, "function"), "arguments");
}

void messages_write_call(struct json_writer *json, const struct json_value *call, struct arena *arena, bool with_input)
{
    struct json_value arguments;
    struct error ignored = {0};
    json_object_begin(json);
    write_member(json, "type", SLICE("tool_use"));
    write_member(json, "id", json_text_at(call, "id"));
    write_member(json, "name", json_text_at(json_get(call, "function"), "name"));
    json_key(json, "input");
    if (with_input && json_read(messages_arguments(call), "the arguments", arena, &arguments, &ignored))
        json_again(json, &arguments);
    else
        json_raw(json, SLICE("{}"));
    json_object_end(json);
}
