/* talk_tools.c - functions that a client offers in a conversation, and what came of calls of them. They are checked here and passed on: calling is the
 * client's. */
#include "conversation.h"

enum { TOOLS_MAX = 128, CALLS_MAX = 128, NAME_BYTES_MAX = 64, SINCE_MAX = 512, OUTCOME_BYTES_MAX = MIB };

static bool is_name(struct slice name)
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
    if (!is_name(json_text_at(function, "name")))
        return talk_refuse(talk->exchange, "tools", "has a function whose name is not of 1 to 64 letters, digits, _ and -");
    const struct json_value *parameters = json_get(function, "parameters");
    if (parameters != NULL && parameters->kind != JSON_OBJECT && parameters->kind != JSON_NULL)
        return talk_refuse(talk->exchange, "tools", "has a function whose parameters are no JSON Schema");
    return true;
}

static bool has_tool(const struct json_value *tools, struct slice name)
{
    for (size_t i = 0; i < tools->count; i++)
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
    if (!is_word && (name.size == 0 || !has_tool(tools, name)))
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
    if (tools->count > TOOLS_MAX)
        return talk_refuse(exchange, "tools", "has more than 128");
    for (size_t i = 0; i < tools->count; i++)
        if (!read_tool(talk, &tools->items[i]))
            return false;
    if (talk->options.schema != NULL)
        return talk_refuse(exchange, "tools", "cannot stand beside a response_format with a schema");
    talk->options.tools = arena_text(&exchange->arena, slice_range(source, tools->at, tools->end));
    talk->options.one_call = parallel != NULL && !parallel->boolean;
    return choice == NULL || choice->kind == JSON_NULL || read_choice(talk, source, tools, choice);
}

/* ---- what came of calls ---- */

static bool is_call(const struct json_value *call)
{
    const struct json_value *function = call->kind == JSON_OBJECT ? json_get(call, "function") : NULL;
    return slice_equal_text(json_text_at(call, "type"), "function") && json_text_at(call, "id").size > 0 &&
           is_name(json_text_at(function, "name")) && function->kind == JSON_OBJECT &&
           json_get(function, "arguments") != NULL && json_get(function, "arguments")->kind == JSON_TEXT;
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

static bool has_content(const struct json_value *message)
{
    const struct json_value *content = json_get(message, "content");
    return content != NULL && content->kind != JSON_NULL;
}

static bool write_calls(struct talk *talk, const struct json_value *message, struct json_writer *json)
{
    const struct json_value *calls = json_get(message, "tool_calls");
    bool ok = calls != NULL && calls->kind == JSON_ARRAY && calls->count > 0 && calls->count <= CALLS_MAX;
    for (size_t i = 0; ok && i < calls->count; i++)
        ok = is_call(&calls->items[i]);
    if (!ok)
        return talk_refuse(talk->exchange, talk->key, "has calls of functions without id, name or arguments");
    const char *text = has_content(message) ? talk_text_of(talk, message, OUTCOME_BYTES_MAX) : "";
    if (text == NULL)
        return false;
    json_object_begin(json);
    json_key(json, "role");
    json_text(json, SLICE("assistant"));
    json_key(json, "content");
    json_text(json, slice_from(text));
    json_key(json, "tool_calls");
    json_array_begin(json);
    for (size_t i = 0; i < calls->count; i++) {
        const struct json_value *function = json_get(&calls->items[i], "function");
        talk_write_call(json, json_text_at(&calls->items[i], "id"), json_text_at(function, "name"),
                        json_text_at(function, "arguments"));
    }
    json_array_end(json);
    json_object_end(json);
    return true;
}

/* Whether one of the messages from `first` on wants the call of that id. */
static bool was_wanted(const struct json_value *messages, size_t first, size_t end, struct slice id)
{
    for (size_t i = first; i < end; i++) {
        const struct json_value *calls = json_get(&messages->items[i], "tool_calls");
        for (size_t j = 0; calls != NULL && calls->kind == JSON_ARRAY && j < calls->count; j++)
            if (slice_equal(json_text_at(&calls->items[j], "id"), id))
                return true;
    }
    return false;
}

static bool write_outcome(struct talk *talk, const struct json_value *messages, size_t first, size_t at,
                          struct json_writer *json)
{
    const struct json_value *message = &messages->items[at];
    struct slice id = json_text_at(message, "tool_call_id");
    if (id.size == 0 || !was_wanted(messages, first, at, id))
        return talk_refuse(talk->exchange, talk->key, "has the outcome of a call that no message before it wants");
    const char *text = talk_text_of(talk, message, OUTCOME_BYTES_MAX);
    if (text == NULL)
        return false;
    json_object_begin(json);
    json_key(json, "role");
    json_text(json, SLICE("tool"));
    json_key(json, "tool_call_id");
    json_text(json, id);
    json_key(json, "content");
    json_text(json, slice_from(text));
    json_object_end(json);
    if (json_text_at(message, TALK_BESIDE).size > 0) {
        json_object_begin(json);
        json_key(json, "role");
        json_text(json, SLICE("user"));
        json_key(json, "content");
        json_text(json, json_text_at(message, TALK_BESIDE));
        json_object_end(json);
    }
    return true;
}

/* Whether each call that the message at `at` wants has an outcome behind it. */
static bool has_outcomes(const struct json_value *messages, size_t at)
{
    const struct json_value *calls = json_get(&messages->items[at], "tool_calls");
    for (size_t i = 0; i < calls->count; i++) {
        bool has = false;
        for (size_t j = at + 1; j < messages->count && !has; j++)
            has = slice_equal(json_text_at(&messages->items[j], "tool_call_id"), json_text_at(&calls->items[i], "id"));
        if (!has)
            return false;
    }
    return true;
}

static bool has_role(const struct json_value *message, const char *role)
{
    return slice_equal_text(json_text_at(message, "role"), role);
}

/* Behind the last question; all messages where no calls follow it. */
static size_t find_since(const struct json_value *messages)
{
    size_t end = messages->count;
    while (end > 0 && !has_role(&messages->items[end - 1], "user"))
        end--;
    for (size_t i = end; i < messages->count; i++)
        if (has_role(&messages->items[i], "tool") || json_get(&messages->items[i], "tool_calls") != NULL)
            return end;
    return messages->count;
}

bool talk_read_since(struct talk *talk, const struct json_value *messages, size_t *question_end)
{
    struct exchange *exchange = talk->exchange;
    size_t first = find_since(messages);
    struct buffer text;
    struct json_writer json;
    bool ok = true;
    *question_end = first;
    if (first == messages->count)
        return true;
    if (messages->count - first > SINCE_MAX || !has_role(&messages->items[messages->count - 1], "tool"))
        return talk_refuse(exchange, talk->key, "does not end with a question of the user, or what came of a call");
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_array_begin(&json);
    for (size_t i = first; ok && i < messages->count; i++) {
        const struct json_value *message = &messages->items[i];
        bool is_passed = has_role(message, "system") || has_role(message, "developer");
        ok = is_passed                   ? true
             : has_role(message, "tool") ? write_outcome(talk, messages, first, i, &json)
             : has_role(message, "assistant")
                 ? write_calls(talk, message, &json) &&
                       (has_outcomes(messages, i) || talk_refuse(exchange, talk->key, "has a call without what came of it"))
                 : talk_refuse(exchange, talk->key, "has one whose role is none of user, assistant, tool, system, developer");
    }
    json_array_end(&json);
    if (ok && text.failed)
        ok = talk_refuse(exchange, talk->key, "has too much that came of calls");
    if (ok)
        talk->options.since = arena_text(&exchange->arena, slice_trim(buffer_slice(&text)));
    buffer_release(&text);
    return ok && talk_needs_model(talk, talk->key, "what came of a call");
}

/* ---- what is to be called ---- */

void talk_write_calls(struct json_writer *json, const struct assay_answer *answer, bool numbered)
{
    struct arena arena;
    struct json_value calls;
    struct error ignored = {0};
    json_key(json, "tool_calls");
    json_array_begin(json);
    arena_init(&arena);
    bool is_read = json_read(slice_from(answer->calls), "the calls", &arena, &calls, &ignored);
    for (size_t i = 0; is_read && i < calls.count; i++) {
        json_object_begin(json);
        if (numbered) {
            json_key(json, "index");
            json_integer(json, (int64_t)i);
        }
        for (size_t j = 0; j < calls.items[i].count; j++) {
            json_key(json, arena_text(&arena, calls.items[i].keys[j]));
            json_again(json, &calls.items[i].items[j]);
        }
        json_object_end(json);
    }
    json_array_end(json);
    arena_release(&arena);
}
