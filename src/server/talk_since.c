/* talk_since.c - what follows the last question of a conversation when functions were called: the calls that the model wanted, what came of each, and
 * what the user said beside it.
 *
 *   … assistant, user "question" │ assistant with tool_calls, tool, tool, user?, assistant with tool_calls, tool …
 *                                └─ since
 */
#include "conversation.h"

enum { CALLS_MAX = 128, SINCE_BYTES_MAX = 256 * KIB };

struct since {
    struct talk *talk;
    struct json_writer json;
    struct slice ids[CALLS_MAX]; /* of calls that were wanted */
    bool came[CALLS_MAX]; /* what came of it */
    size_t count;
};

static bool has_role(const struct json_value *message, const char *role)
{
    return slice_equal_text(json_text_at(message, "role"), role);
}

static bool has_calls(const struct json_value *message)
{
    const struct json_value *calls = json_get(message, "tool_calls");
    return has_role(message, "assistant") && calls != NULL && calls->kind == JSON_ARRAY && calls->count > 0;
}

static bool refuse(struct since *since, const char *reason)
{
    return talk_refuse(since->talk->exchange, since->talk->key, reason);
}

/* ---- calls ---- */

/* None are an empty object, also where they are an empty text. */
static struct slice arguments_of(const struct json_value *call)
{
    struct slice arguments = slice_trim(json_text_at(json_get(call, "function"), "arguments"));
    const struct json_value *given = json_get(call, "function") != NULL ? json_get(json_get(call, "function"), "arguments")
                                                                        : NULL;
    return given != NULL && given->kind == JSON_TEXT && arguments.size == 0 ? SLICE("{}") : arguments;
}

static bool is_call(struct talk *talk, const struct json_value *call)
{
    const struct json_value *function = json_get(call, "function");
    struct json_value arguments;
    struct error ignored = {0};
    return slice_equal_text(json_text_at(call, "type"), "function") && json_text_at(call, "id").size > 0 &&
           talk_is_function(json_text_at(function, "name")) &&
           json_read(arguments_of(call), "arguments", &talk->exchange->arena, &arguments, &ignored) &&
           arguments.kind == JSON_OBJECT;
}

static bool all_came(const struct since *since)
{
    for (size_t i = 0; i < since->count; i++)
        if (!since->came[i])
            return false;
    return true;
}

static struct slice *find_id(struct since *since, struct slice id)
{
    for (size_t i = 0; i < since->count; i++)
        if (slice_equal(since->ids[i], id))
            return &since->ids[i];
    return NULL;
}

static bool note_calls(struct since *since, const struct json_value *calls)
{
    if (!all_came(since))
        return refuse(since, "has a call without what came of it");
    for (size_t i = 0; i < calls->count; i++) {
        struct slice id = json_text_at(&calls->items[i], "id");
        if (!is_call(since->talk, &calls->items[i]))
            return refuse(since, "has a call that is not of the type function, has no id, a name that is none, or arguments "
                                 "that are no JSON object");
        if (since->count == CALLS_MAX)
            return refuse(since, "has more than 128 calls of functions since the question");
        if (find_id(since, id) != NULL)
            return refuse(since, "has two calls of functions of one id");
        since->ids[since->count++] = id;
    }
    return true;
}

static bool write_calls(struct since *since, const struct json_value *message)
{
    const struct json_value *calls = json_get(message, "tool_calls"), *content = json_get(message, "content");
    bool is_silent = content == NULL || content->kind == JSON_NULL;
    if (!note_calls(since, calls))
        return false;
    const char *text = is_silent ? "" : talk_text_of(since->talk, message, SINCE_BYTES_MAX);
    if (text == NULL)
        return false;
    json_object_begin(&since->json);
    json_texts(&since->json, (const struct json_text_member[]){{"role", "assistant"}, {"content", text}}, 2);
    json_key(&since->json, "tool_calls");
    json_array_begin(&since->json);
    for (size_t i = 0; i < calls->count; i++) {
        const struct json_value *call = &calls->items[i];
        talk_write_call(&since->json, json_text_at(call, "id"), json_text_at(json_get(call, "function"), "name"),
                        arguments_of(call));
    }
    json_array_end(&since->json);
    json_object_end(&since->json);
    return true;
}

/* ---- what came of them ---- */

static bool write_outcome(struct since *since, const struct json_value *message)
{
    struct slice id = json_text_at(message, "tool_call_id"), *wanted = find_id(since, id);
    if (id.size == 0 || wanted == NULL || since->came[wanted - since->ids])
        return refuse(since, "has the outcome of a call that no message before it wants");
    since->came[wanted - since->ids] = true;
    const char *text = talk_text_of(since->talk, message, SINCE_BYTES_MAX);
    if (text == NULL)
        return false;
    json_object_begin(&since->json);
    json_texts(&since->json, &(struct json_text_member){"role", "tool"}, 1);
    json_key(&since->json, "tool_call_id");
    json_text(&since->json, id);
    json_texts(&since->json, &(struct json_text_member){"content", text}, 1);
    json_object_end(&since->json);
    return true;
}

static bool write_beside(struct since *since, const struct json_value *message)
{
    const char *text = talk_text_of(since->talk, message, LIMIT_QUERY_BYTES);
    if (text == NULL)
        return false;
    json_object_begin(&since->json);
    json_texts(&since->json, (const struct json_text_member[]){{"role", "user"}, {"content", text}}, 2);
    json_object_end(&since->json);
    return true;
}

static bool write_message(struct since *since, const struct json_value *message)
{
    if (has_role(message, "system") || has_role(message, "developer")) /* not the client's to write */
        return true;
    return has_calls(message)          ? write_calls(since, message)
           : has_role(message, "tool") ? write_outcome(since, message)
           : has_role(message, "user")
               ? write_beside(since, message)
               : refuse(since, "has one whose role is none of user, assistant, tool, system, developer");
}

/* ---- the whole ---- */

/* Behind the last answer in words: the first call, or what came of one. All messages where there is none. */
static size_t find_first(const struct json_value *messages)
{
    size_t first = messages->count;
    for (size_t i = messages->count; i-- > 0;) {
        const struct json_value *message = &messages->items[i];
        if (has_calls(message) || has_role(message, "tool"))
            first = i;
        else if (has_role(message, "assistant"))
            break;
    }
    return first;
}

bool talk_read_since(struct talk *talk, const struct json_value *messages, size_t *question_end)
{
    struct since *since = arena_alloc(&talk->exchange->arena, 1, sizeof(*since));
    struct buffer text;
    bool ok = true;
    *since = (struct since){.talk = talk};
    *question_end = find_first(messages);
    if (*question_end == messages->count)
        return true;
    buffer_init(&text, SINCE_BYTES_MAX);
    json_writer_init(&since->json, &text);
    json_array_begin(&since->json);
    for (size_t i = *question_end; ok && i < messages->count; i++)
        ok = write_message(since, &messages->items[i]);
    json_array_end(&since->json);
    ok = ok && (all_came(since) || refuse(since, "has a call without what came of it")) &&
         (!text.failed || refuse(since, "has more than 256 KiB of calls and what came of them since the question")) &&
         (talk->options.schema == NULL || refuse(since, "has what came of a call, which cannot stand beside a schema")) &&
         talk_needs_model(talk, talk->key, "what came of a call");
    if (ok)
        talk->options.since = arena_text(&talk->exchange->arena, slice_trim(buffer_slice(&text)));
    buffer_release(&text);
    return ok;
}
