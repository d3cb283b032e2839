/* eval_source.c - where the items of a run come from, and what is asked about them: looked at when the run is asked for. */
#include "evals.h"
#include "conversation.h"
#include <string.h>

enum { CONTENT_MAX = 100000 };

static bool refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

static bool is(const struct json_value *object, const char *key, const char *text)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_TEXT && slice_equal_text(value->text, text);
}

static bool check_content(struct exchange *exchange, const struct json_value *content)
{
    bool ok = content != NULL && content->kind == JSON_ARRAY && content->count > 0 && content->count <= CONTENT_MAX;
    for (size_t i = 0; ok && i < content->count; i++) {
        const struct json_value *item = json_get(&content->items[i], "item"), *sample = json_get(&content->items[i], "sample");
        ok = item != NULL && item->kind == JSON_OBJECT &&
             (sample == NULL || sample->kind == JSON_NULL || sample->kind == JSON_OBJECT);
    }
    return ok || refuse(exchange, "content",
                        "of data_source.source is not a list of {\"item\": {…}}, with a \"sample\" where there is one");
}

static bool check_items(struct exchange *exchange, const struct json_value *source, struct run_source *found)
{
    const struct json_value *id = json_get(source, "id");
    if (is(source, "type", "file_content"))
        return check_content(exchange, json_get(source, "content"));
    if (!is(source, "type", "file_id"))
        return refuse(exchange, "source", "of data_source is neither file_content nor file_id: nothing else is kept here");
    if (id == NULL || id->kind != JSON_TEXT)
        return refuse(exchange, "id", "of data_source.source is missing");
    found->file = filed_file(exchange, id, "id", "evals");
    return found->file != NULL;
}

static bool check_messages(struct exchange *exchange, const struct json_value *messages)
{
    const struct json_value *template = messages != NULL ? json_get(messages, "template") : NULL;
    const struct json_value *reference = messages != NULL ? json_get(messages, "item_reference") : NULL;
    if (messages != NULL && is(messages, "type", "item_reference") && reference != NULL && reference->kind == JSON_TEXT)
        return true;
    bool ok = messages != NULL && is(messages, "type", "template") && template != NULL && template->kind == JSON_ARRAY &&
              template->count > 0 && template->count <= 100;
    for (size_t i = 0; ok && i < template->count; i++) {
        const struct json_value *content = json_get(&template->items[i], "content"),
                                *text = content != NULL ? json_get(content, "text") : NULL;
        ok = json_get(&template->items[i], "role") != NULL && content != NULL &&
             (content->kind == JSON_TEXT || (text != NULL && text->kind == JSON_TEXT));
    }
    return ok || refuse(exchange, "input_messages",
                        "of data_source is neither a template of messages with text, nor an item_reference");
}

static bool check_sampling(struct exchange *exchange, const struct json_value *parameters)
{
    const struct json_value *value;
    int64_t number;
    if (parameters == NULL)
        return true;
    if (!request_member(exchange, parameters, "temperature", JSON_NUMBER, &value) ||
        !request_whole(exchange, parameters, "seed", INT64_MIN, INT64_MAX, 0, &number) ||
        !request_whole(exchange, parameters, "max_completion_tokens", 1, 1 << 20, 1, &number))
        return false;
    if (value != NULL && !(value->real >= 0 && value->real <= 2))
        return refuse(exchange, "temperature", "is not from 0 to 2");
    value = json_get(parameters, "top_p");
    if (value != NULL && value->kind != JSON_NULL && !(value->kind == JSON_NUMBER && value->real == 1))
        return refuse(exchange, "top_p", "is not supported by this server");
    value = json_get(parameters, "tools");
    if (value != NULL && value->count > 0)
        return refuse(exchange, "tools", "are not supported by this server");
    value = json_get(parameters, "response_format");
    return value == NULL || value->kind == JSON_NULL || is(value, "type", "text") ||
           refuse(exchange, "response_format", "is not text, and nothing else is supported in runs");
}

static bool check_model(struct exchange *exchange, const struct json_value *source, struct run_source *found)
{
    const struct json_value *model, *parameters;
    struct jobs_record record;
    if (!request_member(exchange, source, "model", JSON_TEXT, &model) ||
        !request_member(exchange, source, "sampling_params", JSON_OBJECT, &parameters))
        return false;
    if (model == NULL)
        return refuse(exchange, "model", "of data_source is missing: \"assay\", or a model that was fine-tuned here");
    found->model = arena_text(&exchange->arena, model->text);
    if (tuned_is_name(model->text)) {
        if (!tuned_find(exchange, model->text, &record))
            return false;
        found->tuned = record.id;
    } else if (talk_is_model(exchange, model->text, "answers")) {
        found->model = TALK_MODEL;
    } else {
        return false;
    }
    return check_messages(exchange, json_get(source, "input_messages")) && check_sampling(exchange, parameters);
}

bool run_source_check(struct exchange *exchange, const struct json_value *source, struct run_source *found)
{
    *found = (struct run_source){0};
    const struct json_value *items = source != NULL ? json_get(source, "source") : NULL;
    bool asks = source != NULL && (is(source, "type", "completions") || is(source, "type", "responses"));
    if (source == NULL || (!asks && !is(source, "type", "jsonl")))
        return refuse(exchange, "data_source", "is missing, or none of jsonl, completions, responses");
    if (items == NULL || items->kind != JSON_OBJECT)
        return refuse(exchange, "source", "is missing in data_source");
    return check_items(exchange, items, found) && (!asks || check_model(exchange, source, found));
}
