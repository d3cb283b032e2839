/* responses_tools.c - see responses_tools.h. What both APIs mean is the same; where it stands is not:
 *
 *   {type: function, name, description, parameters}     {type: function, function: {name, description, parameters}}
 *   {type: function, name}                              {type: function, function: {name}}
 *   message of the assistant, function_call …           assistant with content and tool_calls
 *   function_call_output {call_id, output}              a message with the role tool
 *
 * Documents are asked in any case, so who wants some tool called where file_search is one has that already. */
#include "responses_tools.h"

static bool is_of_type(const struct json_value *item, const char *type)
{
    return slice_equal_text(json_text_at(item, "type"), type);
}

bool responses_is_function(const struct json_value *tool)
{
    return is_of_type(tool, "function");
}

/* ---- what may be called ---- */

/* Returns how many. */
static size_t write_functions(const struct json_value *tools, struct json_writer *json)
{
    size_t count = 0;
    json_key(json, "tools");
    json_array_begin(json);
    for (size_t i = 0; tools != NULL && i < tools->count; i++)
        if (responses_is_function(&tools->items[i])) {
            talk_write_tool(json, &tools->items[i], json_get(&tools->items[i], "parameters"),
                            json_get(&tools->items[i], "strict"));
            count++;
        }
    json_array_end(json);
    return count;
}

/* The choice among the functions; nothing is written where they are as free as without it. */
static bool write_choice(struct talk *talk, const struct json_value *choice, bool searches, bool has_functions,
                         struct json_writer *json)
{
    struct slice word = choice->kind == JSON_TEXT ? choice->text : SLICE("");
    bool is_required = slice_equal_text(word, "required"), is_function = is_of_type(choice, "function");
    bool is_none = is_of_type(choice, "file_search") || (slice_equal_text(word, "none") && has_functions && !searches);
    if (slice_equal_text(word, "auto") || (is_required && (searches || !has_functions)))
        return true;
    if (!is_required && !is_none && !is_function)
        return talk_refuse(talk->exchange, "tool_choice",
                           "is none of auto, required, file_search, a function, and none beside functions alone: documents "
                           "are always asked");
    json_key(json, "tool_choice");
    if (is_function)
        talk_write_choice(json, json_text_at(choice, "name"));
    else
        json_text(json, is_required ? word : SLICE("none"));
    return true;
}

bool responses_read_tools(struct talk *talk, const struct json_value *root, bool searches)
{
    struct exchange *exchange = talk->exchange;
    const struct json_value *tools, *parallel, *choice = json_get(root, "tool_choice");
    struct json_value made;
    struct json_writer json;
    struct buffer text;
    struct slice source;
    if (!request_member(exchange, root, "tools", JSON_ARRAY, &tools) ||
        !request_member(exchange, root, "parallel_tool_calls", JSON_BOOL, &parallel))
        return false;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    bool has_functions = write_functions(tools, &json) > 0;
    if (parallel != NULL) {
        json_key(&json, "parallel_tool_calls");
        json_bool(&json, parallel->boolean);
    }
    bool ok = choice == NULL || choice->kind == JSON_NULL || write_choice(talk, choice, searches, has_functions, &json);
    json_object_end(&json);
    ok = ok && talk_read_written(talk, &text, "tools", &source, &made) && talk_read_tools(talk, source, &made);
    buffer_release(&text);
    return ok;
}

/* ---- what was called ---- */

/* What a model thought, and what was searched for, stands between items and says nothing here. */
static size_t skip_passed(const struct json_value *items, size_t at)
{
    while (at < items->count &&
           (is_of_type(&items->items[at], "reasoning") || is_of_type(&items->items[at], "file_search_call")))
        at++;
    return at;
}

static bool is_call_at(const struct json_value *items, size_t at)
{
    return at < items->count && is_of_type(&items->items[at], "function_call");
}

/* The calls from `at` on as one message, with what the model said before them. Returns where they end. */
static size_t write_calls(const struct json_value *items, size_t at, const struct json_value *said, struct json_writer *json)
{
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"role", "assistant"}, 1);
    json_key(json, "content");
    if (said != NULL)
        json_again(json, said);
    else
        json_null(json);
    json_key(json, "tool_calls");
    json_array_begin(json);
    while (is_call_at(items, at)) {
        const struct json_value *call = &items->items[at];
        talk_write_call(json, json_text_at(call, "call_id"), json_text_at(call, "name"), json_text_at(call, "arguments"));
        at = skip_passed(items, at + 1);
    }
    json_array_end(json);
    json_object_end(json);
    return at;
}

static void write_outcome(const struct json_value *item, struct json_writer *json)
{
    const struct json_value *output = json_get(item, "output");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"role", "tool"}, 1);
    json_key(json, "tool_call_id");
    json_text(json, json_text_at(item, "call_id"));
    json_key(json, "content");
    if (output != NULL)
        json_again(json, output);
    else
        json_null(json);
    json_object_end(json);
}

bool responses_as_chat(struct talk *talk, const struct json_value *items, struct json_value *made)
{
    struct buffer text;
    struct json_writer json;
    struct slice source;
    buffer_init(&text, 2 * LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_array_begin(&json);
    for (size_t i = skip_passed(items, 0); i < items->count; i = skip_passed(items, i)) {
        const struct json_value *item = &items->items[i];
        size_t next = skip_passed(items, i + 1);
        bool is_said = slice_equal_text(json_text_at(item, "role"), "assistant");
        if (is_call_at(items, i)) {
            i = write_calls(items, i, NULL, &json);
        } else if (is_said && is_call_at(items, next)) {
            i = write_calls(items, next, json_get(item, "content"), &json);
        } else {
            if (is_of_type(item, "function_call_output"))
                write_outcome(item, &json);
            else
                json_again(&json, item);
            i++;
        }
    }
    json_array_end(&json);
    bool ok = talk_read_written(talk, &text, talk->key, &source, made);
    buffer_release(&text);
    return ok;
}

/* ---- what is to be called ---- */

struct slice responses_arguments(const struct json_value *call)
{
    return json_text_at(json_get(call, "function"), "arguments");
}

void responses_write_call(struct json_writer *json, const struct json_value *call, const char *id, bool is_done)
{
    const struct json_text_member texts[] = {
        {"id", id}, {"type", "function_call"}, {"status", is_done ? "completed" : "in_progress"}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "call_id");
    json_text(json, json_text_at(call, "id"));
    json_key(json, "name");
    json_text(json, json_text_at(json_get(call, "function"), "name"));
    json_key(json, "arguments");
    json_text(json, is_done ? responses_arguments(call) : SLICE(""));
    json_object_end(json);
}
