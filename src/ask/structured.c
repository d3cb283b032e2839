/* structured.c - an answer that follows a JSON Schema: asked for in the provider's own way, checked here, and when it does not follow, asked for
 * once more with the reason. Its texts and numbers are looked for in the passages, each as a sentence would be. */
#include "structured.h"
#include "codec/codec.h"
#include <stdio.h>
#include <string.h>

enum { TRIES = 2 };

struct structured {
    struct asking *asking;
    struct json_value schema;
    struct json_value value; /* of the answer */
    double shares;
    size_t supported;
};

/* The JSON of an answer, without the fence that some models put around it. */
static struct slice bare_json(struct slice text)
{
    text = slice_trim(text);
    size_t line;
    if (slice_starts_with(text, SLICE("```")) && slice_find(text, '\n', &line)) {
        text = slice_range(text, line + 1, text.size);
        if (slice_ends_with(text, SLICE("```")))
            text.size -= 3;
    }
    return slice_trim(text);
}

/* The value written anew, each text of it by itself made safe: in the JSON that a model wrote, escapes hide what they stand for, and a link may
 * seem to go from one text into another. */
static void write_safe(const struct json_value *value, struct arena *arena, struct json_writer *json)
{
    bool is_object = value->kind == JSON_OBJECT;
    if (value->kind == JSON_TEXT) {
        json_text(json, defanged(arena, value->text));
    } else if (value->kind == JSON_NUMBER) {
        json_raw(json, value->text);
    } else if (value->kind == JSON_BOOL) {
        json_bool(json, value->boolean);
    } else if (value->kind == JSON_NULL) {
        json_null(json);
    } else {
        (is_object ? json_object_begin : json_array_begin)(json);
        for (size_t i = 0; i < value->count; i++) { /* nesting is bounded by json_read */
            if (is_object)
                json_key(json, arena_text(arena, arena_line(arena, defanged(arena, value->keys[i]))));
            write_safe(&value->items[i], arena, json);
        }
        (is_object ? json_object_end : json_array_end)(json);
    }
}

/* Reads the answer into structured->value; `*text` becomes what may be handed out. */
static bool follows(struct structured *structured, struct slice *text, struct error *error)
{
    struct arena *arena = structured->asking->arena;
    struct json_writer json;
    struct buffer safe;
    if (!json_read(*text, "the answer", arena, &structured->value, error))
        return false;
    if (!structured->asking->request->undefended) {
        buffer_init(&safe, LIMIT_JSON_BYTES);
        json_writer_init(&json, &safe);
        write_safe(&structured->value, arena, &json);
        *text = arena_slice(arena, buffer_slice(&safe));
        bool ok = buffer_finish(&safe, "the answer", error);
        buffer_release(&safe);
        if (!ok || !json_read(*text, "the answer", arena, &structured->value, error))
            return false;
    }
    return json_follows(&structured->value, &structured->schema, error);
}

/* One request; its answer, and the JSON of that. */
static bool say(struct asking *asking, const struct llm_message *messages, size_t count, struct llm_answer *said,
                struct slice *text, struct error *error)
{
    const struct ask_request *request = asking->request;
    const struct llm_request llm_request = {.messages = messages,
                                            .message_count = count,
                                            .tokens_max = request->tokens_max,
                                            .temperature = request->temperature,
                                            .seed = request->seed,
                                            .schema = request->schema,
                                            .schema_name = SLICE("answer"),
                                            .with_logprobs = request->with_logprobs,
                                            .top_logprobs = request->top_logprobs};
    if (!talk(asking, &llm_request, said, error))
        return false;
    asking->answer->model = arena_text(asking->arena, said->model);
    *text = bare_json(said->text);
    return true;
}

static void check_leaves(struct structured *structured, const struct json_value *value)
{
    struct ask_answer *answer = structured->asking->answer;
    for (size_t i = 0; i < value->count; i++) /* nesting is bounded by json_read */
        check_leaves(structured, &value->items[i]);
    if ((value->kind != JSON_TEXT && value->kind != JSON_NUMBER) || answer->approach == ASK_PROMPT)
        return;
    struct support support = support_find(structured->asking, value->text, 0);
    if (support.says_nothing)
        return;
    answer->sentences++;
    answer->unsupported += !support.is_supported;
    if (!support.is_supported)
        return;
    structured->supported++;
    structured->shares += support.share;
    (void)cite(structured->asking, support.passage, support.sentence);
}

static void take_result(struct structured *structured, struct slice text)
{
    struct ask_answer *answer = structured->asking->answer;
    check_leaves(structured, &structured->value);
    answer->text = text;
    answer->confidence = structured->supported > 0 ? structured->shares / (double)answer->sentences : 0;
}

bool answer_structured(struct asking *asking, const struct llm_message *messages, size_t count, struct error *error)
{
    struct structured structured = {.asking = asking};
    struct llm_message *all = arena_alloc(asking->arena, count + 2, sizeof(*all));
    struct error reason = {0};
    if (!json_read(asking->request->schema, "the schema", asking->arena, &structured.schema, error))
        return false;
    memcpy(all, messages, count * sizeof(*all));
    for (size_t try = 0; try < TRIES; try++) {
        struct llm_answer said;
        struct slice text;
        if (!say(asking, all, count, &said, &text, error))
            return false;
        if (follows(&structured, &text, &reason)) {
            take_result(&structured, text);
            asking->answer->finish = llm_finish_name(said.finish);
            bool *kept = tokens_begin(asking, said.text);
            tokens_keep(kept, said.text, text);
            tokens_take(asking, &said, kept);
            return true;
        }
        all[count++] = (struct llm_message){LLM_ASSISTANT, text.size > 0 ? text : SLICE("{}")};
        all[count++] = (struct llm_message){
            LLM_USER,
            slice_from(arena_format(
                asking->arena, "This does not follow the schema: %s. Write the whole answer again, as JSON and nothing else.",
                reason.message))};
        all = memcpy(arena_alloc(asking->arena, count + 2, sizeof(*all)), all, count * sizeof(*all));
    }
    error_set(error, ERROR_INVALID, "the model's answer does not follow the schema, also when asked again: %s", reason.message);
    return error_hint(error, "Ask a stronger model, or for less.");
}
