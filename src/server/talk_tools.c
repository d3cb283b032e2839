/* talk_tools.c - functions that a client offers in a conversation, and calls of them that an answer wants. They are checked here and passed on:
 * calling is the client's. */
#include "conversation.h"

enum { TOOLS_MAX = 128, TOOLS_BYTES_MAX = 256 * KIB, NAME_BYTES_MAX = 64 };

bool talk_is_function(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.data[i];
        bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-')
            return false;
    }
    return name.size > 0 && name.size <= NAME_BYTES_MAX;
}

/* ---- what may be called ---- */

static bool read_tool(struct talk *talk, const struct json_value *tool)
{
    const struct json_value *function = tool->kind == JSON_OBJECT ? json_get(tool, "function") : NULL;
    if (!slice_equal_text(json_text_at(tool, "type"), "function") || function == NULL || function->kind != JSON_OBJECT)
        return talk_refuse(talk->exchange, "tools", "has one that is no function");
    if (!talk_is_function(json_text_at(function, "name")))
        return talk_refuse(talk->exchange, "tools", "has a function whose name is not of 1 to 64 letters, digits, _ and -");
    const struct json_value *parameters = json_get(function, "parameters");
    if (parameters != NULL && parameters->kind != JSON_OBJECT && parameters->kind != JSON_NULL)
        return talk_refuse(talk->exchange, "tools", "has a function whose parameters are no JSON Schema");
    return true;
}

static bool has_tool(const struct json_value *tools, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(json_text_at(json_get(&tools->items[i], "function"), "name"), name))
            return true;
    return false;
}

/* "auto", "none", "required", or the name of one. */
static bool read_choice(struct talk *talk, struct slice source, const struct json_value *tools, const struct json_value *choice)
{
    struct exchange *exchange = talk->exchange;
    struct slice word = choice->kind == JSON_TEXT ? choice->text : SLICE("");
    bool is_word = slice_equal_text(word, "auto") || slice_equal_text(word, "none") || slice_equal_text(word, "required");
    struct slice name = json_text_at(choice->kind == JSON_OBJECT ? json_get(choice, "function") : NULL, "name");
    if (!is_word && (name.size == 0 || !has_tool(tools, tools->count, name)))
        return talk_refuse(exchange, "tool_choice", "is none of auto, none, required, and names none of \"tools\"");
    talk->options.tool_choice = arena_text(&exchange->arena, slice_range(source, choice->at, choice->end));
    bool must = !is_word || slice_equal_text(word, "required");
    return !must || talk_needs_model(talk, "tool_choice", "a call of a function");
}

bool talk_read_tools(struct talk *talk, struct slice source, const struct json_value *root)
{
    struct exchange *exchange = talk->exchange;
    const struct json_value *tools, *parallel, *choice = json_get(root, "tool_choice");
    if (!request_member(exchange, root, "tools", JSON_ARRAY, &tools) ||
        !request_member(exchange, root, "parallel_tool_calls", JSON_BOOL, &parallel))
        return false;
    if (tools == NULL || tools->count == 0)
        return choice == NULL || choice->kind == JSON_NULL || slice_equal_text(json_text_at(root, "tool_choice"), "none") ||
               slice_equal_text(json_text_at(root, "tool_choice"), "auto") ||
               talk_refuse(exchange, "tool_choice", "wants a function called, and \"tools\" has none");
    if (tools->count > TOOLS_MAX || tools->end - tools->at > TOOLS_BYTES_MAX)
        return talk_refuse(exchange, "tools", "has more than 128, or more than 256 KiB");
    for (size_t i = 0; i < tools->count; i++) {
        if (!read_tool(talk, &tools->items[i]))
            return false;
        if (has_tool(tools, i, json_text_at(json_get(&tools->items[i], "function"), "name")))
            return talk_refuse(exchange, "tools", "has two functions of one name");
    }
    if (talk->options.schema != NULL)
        return talk_refuse(exchange, "tools", "cannot stand beside a schema that the answer must follow");
    talk->options.tools = arena_text(&exchange->arena, slice_range(source, tools->at, tools->end));
    talk->options.one_call = parallel != NULL && !parallel->boolean;
    return choice == NULL || choice->kind == JSON_NULL || read_choice(talk, source, tools, choice);
}

/* ---- in the form that is read here ---- */

void talk_write_tool(struct json_writer *json, const struct json_value *tool, const struct json_value *parameters,
                     const struct json_value *strict)
{
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "function"}, 1);
    json_key(json, "function");
    json_object_begin(json);
    json_key(json, "name");
    json_text(json, json_text_at(tool, "name"));
    if (json_text_at(tool, "description").size > 0) {
        json_key(json, "description");
        json_text(json, json_text_at(tool, "description"));
    }
    if (parameters != NULL) {
        json_key(json, "parameters");
        json_again(json, parameters);
    }
    if (strict != NULL && strict->kind == JSON_BOOL) {
        json_key(json, "strict");
        json_bool(json, strict->boolean);
    }
    json_object_end(json);
    json_object_end(json);
}

void talk_write_choice(struct json_writer *json, struct slice name)
{
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", "function"}, 1);
    json_key(json, "function");
    json_object_begin(json);
    json_key(json, "name");
    json_text(json, name);
    json_object_end(json);
    json_object_end(json);
}

bool talk_read_written(struct talk *talk, struct buffer *text, const char *key, struct slice *source, struct json_value *value)
{
    struct exchange *exchange = talk->exchange;
    struct error ignored = {0};
    *source = arena_slice(&exchange->arena, buffer_slice(text));
    bool ok = !text->failed && json_read(*source, key, &exchange->arena, value, &ignored);
    return ok || talk_refuse(exchange, key, "is too long");
}

/* ---- what is to be called ---- */

const struct json_value *talk_calls(const struct assay_answer *answer, struct arena *arena)
{
    struct json_value *calls = arena_alloc(arena, 1, sizeof(*calls));
    struct error ignored = {0};
    if (answer->calls == NULL || !json_read(slice_from(answer->calls), "the calls", arena, calls, &ignored))
        *calls = (struct json_value){.kind = JSON_ARRAY};
    return calls;
}

void talk_write_call(struct json_writer *json, struct slice id, struct slice name, struct slice arguments)
{
    json_object_begin(json);
    json_key(json, "id");
    json_text(json, id);
    json_key(json, "type");
    json_text(json, SLICE("function"));
    json_key(json, "function");
    json_object_begin(json);
    json_key(json, "name");
    json_text(json, name);
    json_key(json, "arguments");
    json_text(json, arguments);
    json_object_end(json);
    json_object_end(json);
}

void talk_write_calls(struct json_writer *json, const struct assay_answer *answer, bool numbered)
{
    struct arena arena;
    json_key(json, "tool_calls");
    json_array_begin(json);
    arena_init(&arena);
    const struct json_value *calls = talk_calls(answer, &arena);
    for (size_t i = 0; i < calls->count; i++) {
        json_object_begin(json);
        if (numbered) {
            json_key(json, "index");
            json_integer(json, (int64_t)i);
        }
        for (size_t j = 0; j < calls->items[i].count; j++) {
            json_key(json, arena_text(&arena, calls->items[i].keys[j]));
            json_again(json, &calls->items[i].items[j]);
        }
        json_object_end(json);
    }
    json_array_end(json);
    arena_release(&arena);
}
