/* examples_turns.c - records of conversations: OpenAI's messages, Alpaca's instructions, ShareGPT's turns, an input and its output.
 *
 * All become turns with roles. What is learned are the assistant's turns, but for those that say "weight": 0. */
#include "examples_parts.h"
#include <assert.h>

struct turn_list {
    struct examples_reader *reader;
    struct example_turn *items; /* room for all of the record */
    size_t count;
};

static void add_turn(struct turn_list *list, enum turn_role role, struct slice text)
{
    list->items[list->count++] = (struct example_turn){role, role == TURN_ASSISTANT, text, {"", 0}};
}

static void turns_begin(struct turn_list *list, struct examples_reader *reader, size_t count_max)
{
    *list = (struct turn_list){reader, arena_alloc(&reader->examples->arena, count_max, sizeof(*list->items)), 0};
}

/* At least one answer is there to learn; `text` becomes what the last one answers. */
static bool turns_end(struct turn_list *list, struct example *example)
{
    size_t last = list->count;
    while (last > 0 && !list->items[last - 1].is_learned)
        last--;
    if (last == 0)
        return example_reject(list->reader, FAULT_MISSING_ASSISTANT, "there is no answer of the assistant to learn");
    for (size_t i = last; i-- > 0 && example->text.size == 0;)
        if (list->items[i].role == TURN_USER)
            example->text = list->items[i].text;
    example->turns = list->items;
    example->turn_count = list->count;
    return true;
}

/* ---- OpenAI's messages ---- */

static const struct {
    const char *name;
    enum turn_role role;
} message_roles[] = {{"system", TURN_SYSTEM},       {"developer", TURN_SYSTEM}, {"user", TURN_USER},
                     {"assistant", TURN_ASSISTANT}, {"tool", TURN_TOOL},        {"function", TURN_TOOL}};

static bool check_keys(struct examples_reader *reader, const struct json_value *message, size_t number)
{
    static const char *const known[] = {"role",         "content",       "name",    "weight", "tool_calls",
                                        "tool_call_id", "function_call", "refusal", "audio",  "annotations"};
    for (size_t i = 0; i < message->count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < ARRAY_COUNT(known); j++)
            is_known = is_known || slice_equal_text(message->keys[i], known[j]);
        if (!is_known)
            return example_reject(reader, FAULT_MESSAGE_UNRECOGNIZED_KEY, "message %zu has the unrecognized key \"%.*s\"",
                                  number, (int)(message->keys[i].size < 60 ? message->keys[i].size : 60),
                                  message->keys[i].data);
    }
    return true;
}

/* A text, or a list of parts of which those of the type "text" count. */
static bool message_content(struct examples_reader *reader, const struct json_value *content, size_t number, struct slice *text)
{
    if (content == NULL || content->kind == JSON_NULL)
        return true;
    if (content->kind == JSON_TEXT) {
        *text = example_keep(reader, slice_trim(content->text));
        return true;
    }
    if (content->kind != JSON_ARRAY)
        return example_reject(reader, FAULT_WRONG_TYPE, "\"content\" of message %zu is %s, expected a text", number,
                              json_kind_name(content->kind));
    size_t total = 0;
    for (size_t i = 0; i < content->count; i++) {
        const struct json_value *part = json_get(&content->items[i], "text");
        if (part == NULL || part->kind != JSON_TEXT)
            return example_reject(reader, FAULT_WRONG_TYPE, "part %zu of message %zu is no text", i + 1, number);
        total += part->text.size;
    }
    char *joined = arena_alloc(&reader->examples->arena, total > 0 ? total : 1, 1);
    size_t at = 0;
    for (size_t i = 0; i < content->count; i++) {
        struct slice part = json_get(&content->items[i], "text")->text;
        if (part.size > 0)
            memcpy(joined + at, part.data, part.size);
        at += part.size;
    }
    *text = slice_trim((struct slice){joined, total});
    return true;
}

static struct slice raw_value(const struct examples_reader *reader, const struct json_value *value)
{
    return value != NULL && value->kind != JSON_NULL ? slice_range(reader->record, value->at, value->end) : SLICE("");
}

static bool message_role(struct examples_reader *reader, const struct json_value *message, size_t number, enum turn_role *role)
{
    const struct json_value *name = json_get(message, "role");
    if (name == NULL)
        return example_reject(reader, FAULT_MESSAGE_MISSING_KEY, "message %zu has no \"role\"", number);
    for (size_t i = 0; name->kind == JSON_TEXT && i < ARRAY_COUNT(message_roles); i++)
        if (slice_equal_text(name->text, message_roles[i].name)) {
            *role = message_roles[i].role;
            return true;
        }
    return example_reject(reader, FAULT_UNRECOGNIZED_ROLE, "message %zu has the unrecognized role \"%.*s\"", number,
                          (int)(name->text.size < 60 ? name->text.size : 60), name->kind == JSON_TEXT ? name->text.data : "");
}

static bool take_message(struct turn_list *list, const struct json_value *message)
{
    struct examples_reader *reader = list->reader;
    size_t number = list->count + 1;
    enum turn_role role;
    struct slice text = SLICE("");
    if (message->kind != JSON_OBJECT)
        return example_reject(reader, FAULT_DATA_TYPE, "message %zu is %s, expected an object", number,
                              json_kind_name(message->kind));
    const struct json_value *content = json_get(message, "content"), *weight = json_get(message, "weight");
    if (!message_role(reader, message, number, &role) || !check_keys(reader, message, number))
        return false;
    struct slice calls = raw_value(reader, json_get(message, "tool_calls"));
    if (calls.size == 0)
        calls = raw_value(reader, json_get(message, "function_call"));
    if (content == NULL && calls.size == 0)
        return example_reject(reader, FAULT_MESSAGE_MISSING_KEY, "message %zu has no \"content\"", number);
    if (!message_content(reader, content, number, &text))
        return false;
    if (text.size == 0 && calls.size == 0 && role != TURN_TOOL)
        return example_reject(reader, FAULT_MISSING_CONTENT, "\"content\" of message %zu is empty", number);
    if (text.size > LIMIT_EXAMPLE_BYTES)
        return example_reject(reader, FAULT_TOO_LONG, "message %zu has %zu bytes, the limit is %zu", number, text.size,
                              LIMIT_EXAMPLE_BYTES);
    bool is_weight = weight == NULL || (weight->kind == JSON_NUMBER && (weight->real == 0 || weight->real == 1));
    if (!is_weight)
        return example_reject(reader, FAULT_WRONG_TYPE, "\"weight\" of message %zu is neither 0 nor 1", number);
    add_turn(list, role, text);
    struct example_turn *turn = &list->items[list->count - 1];
    turn->calls = example_keep(reader, calls);
    turn->is_learned = turn->is_learned && (weight == NULL || weight->real != 0);
    return true;
}

static bool take_chat(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    const struct json_value *messages = json_get(object, "messages");
    struct turn_list list;
    if (messages == NULL || messages->kind != JSON_ARRAY || messages->count == 0)
        return example_reject(reader, FAULT_MISSING_MESSAGES, "there is no list \"messages\"");
    turns_begin(&list, reader, messages->count);
    for (size_t i = 0; i < messages->count; i++)
        if (!take_message(&list, &messages->items[i]))
            return false;
    example->tools = example_keep(reader, raw_value(reader, json_get(object, "tools")));
    return turns_end(&list, example);
}

/* ---- ShareGPT ---- */

static bool sharegpt_role(struct slice name, struct example_turn *turn)
{
    static const struct {
        const char *name;
        enum turn_role role;
        bool is_call;
    } known[] = {{"human", TURN_USER, false},          {"user", TURN_USER, false},     {"gpt", TURN_ASSISTANT, false},
                 {"assistant", TURN_ASSISTANT, false}, {"system", TURN_SYSTEM, false}, {"function_call", TURN_ASSISTANT, true},
                 {"observation", TURN_TOOL, false},    {"tool", TURN_TOOL, false}};
    for (size_t i = 0; i < ARRAY_COUNT(known); i++)
        if (slice_equal_text(name, known[i].name)) {
            turn->role = known[i].role;
            turn->is_learned = known[i].role == TURN_ASSISTANT;
            if (known[i].is_call) {
                turn->calls = turn->text;
                turn->text = SLICE("");
            }
            return true;
        }
    return false;
}

static bool take_sharegpt_turn(struct turn_list *list, const struct json_value *item)
{
    struct examples_reader *reader = list->reader;
    size_t number = list->count + 1;
    const struct json_value *from = json_get(item, "from"), *value = json_get(item, "value");
    struct example_turn turn = {.text = {"", 0}, .calls = {"", 0}};
    if (item->kind != JSON_OBJECT)
        return example_reject(reader, FAULT_DATA_TYPE, "turn %zu is %s, expected an object", number,
                              json_kind_name(item->kind));
    if (from == NULL || value == NULL)
        return example_reject(reader, FAULT_MESSAGE_MISSING_KEY, "turn %zu has no \"%s\"", number,
                              from == NULL ? "from" : "value");
    if (value->kind != JSON_TEXT || slice_trim(value->text).size == 0)
        return example_reject(reader, FAULT_MISSING_CONTENT, "\"value\" of turn %zu is empty", number);
    turn.text = value->text;
    if (!example_check_text(reader, "value", &turn.text))
        return false;
    if (from->kind != JSON_TEXT || !sharegpt_role(from->text, &turn))
        return example_reject(reader, FAULT_UNRECOGNIZED_ROLE, "turn %zu is from the unrecognized \"%.*s\"", number,
                              (int)(from->text.size < 60 ? from->text.size : 60),
                              from->kind == JSON_TEXT ? from->text.data : "");
    list->items[list->count++] = turn;
    return true;
}

/* An optional member; an empty one is none. */
static bool optional_text(struct examples_reader *reader, const struct json_value *object, const char *key, struct slice *text)
{
    const struct json_value *value = json_get(object, key);
    bool is_none = value == NULL || value->kind == JSON_NULL || (value->kind == JSON_TEXT && slice_trim(value->text).size == 0);
    return is_none || example_text(reader, object, key, text);
}

static bool take_sharegpt(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    const struct json_value *items = json_get(object, "conversations");
    struct turn_list list;
    struct slice system = SLICE("");
    if (items == NULL || items->kind != JSON_ARRAY || items->count == 0)
        return example_reject(reader, FAULT_MISSING_MESSAGES, "there is no list \"conversations\"");
    if (!optional_text(reader, object, "system", &system))
        return false;
    turns_begin(&list, reader, items->count + 1);
    if (system.size > 0)
        add_turn(&list, TURN_SYSTEM, system);
    for (size_t i = 0; i < items->count; i++)
        if (!take_sharegpt_turn(&list, &items->items[i]))
            return false;
    return turns_end(&list, example);
}

/* ---- Alpaca, and an input with its output ---- */

static bool take_history(struct turn_list *list, const struct json_value *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct json_value *round = &history->items[i];
        bool is_round = round->kind == JSON_ARRAY && round->count == 2 && round->items[0].kind == JSON_TEXT &&
                        round->items[1].kind == JSON_TEXT;
        if (!is_round)
            return example_reject(list->reader, FAULT_WRONG_TYPE, "round %zu of \"history\" is no question with its answer",
                                  i + 1);
        struct slice question = round->items[0].text, answer = round->items[1].text;
        if (!example_check_text(list->reader, "history", &question) || !example_check_text(list->reader, "history", &answer))
            return false;
        add_turn(list, TURN_USER, question);
        add_turn(list, TURN_ASSISTANT, answer);
    }
    return true;
}

static bool take_alpaca(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    const struct json_value *history = json_get(object, "history");
    struct slice system = SLICE(""), instruction, input = SLICE(""), output;
    struct turn_list list;
    if (!example_text(reader, object, "instruction", &instruction) || !optional_text(reader, object, "input", &input) ||
        !example_text(reader, object, "output", &output) || !optional_text(reader, object, "system", &system))
        return false;
    size_t rounds = history != NULL && history->kind == JSON_ARRAY ? history->count : 0;
    turns_begin(&list, reader, 2 * rounds + 3);
    if (system.size > 0)
        add_turn(&list, TURN_SYSTEM, system);
    if (rounds > 0 && !take_history(&list, history))
        return false;
    add_turn(&list, TURN_USER, example_join(reader, instruction, SLICE("\n"), input));
    add_turn(&list, TURN_ASSISTANT, output);
    return turns_end(&list, example);
}

/* The output wanted may be any JSON value: what is no text is learned as it is written. */
static bool output_text(struct examples_reader *reader, const struct json_value *object, struct slice *text)
{
    const struct json_value *value = json_get(object, reader->label_name);
    if (value == NULL || value->kind == JSON_NULL || value->kind == JSON_TEXT)
        return example_text(reader, object, reader->label_name, text);
    *text = raw_value(reader, value);
    return example_check_text(reader, reader->label_name, text);
}

static bool take_input_output(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    struct slice system = SLICE(""), input, output;
    struct turn_list list;
    if (!example_text(reader, object, reader->text_name, &input) || !output_text(reader, object, &output) ||
        !optional_text(reader, object, "system", &system))
        return false;
    turns_begin(&list, reader, 3);
    if (system.size > 0)
        add_turn(&list, TURN_SYSTEM, system);
    add_turn(&list, TURN_USER, input);
    add_turn(&list, TURN_ASSISTANT, output);
    return turns_end(&list, example);
}

bool example_take_turns(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    switch (reader->examples->format) {
    case EXAMPLES_CHAT:
        return take_chat(reader, object, example);
    case EXAMPLES_SHAREGPT:
        return take_sharegpt(reader, object, example);
    case EXAMPLES_ALPACA:
        return take_alpaca(reader, object, example);
    default:
        assert(reader->examples->format == EXAMPLES_INPUT_OUTPUT);
        return take_input_output(reader, object, example);
    }
}
