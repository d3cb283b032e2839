/* conversation.c - see conversation.h. The model, its address and its instructions are the project's (assay.yaml): nothing of a request can choose them. */
#include "conversation.h"
#include "shape/shape.h"
#include <stdio.h>
#include <string.h>

enum { MESSAGES_MAX = 2048 };

void talk_begin(struct talk *talk, struct exchange *exchange, const char *key)
{
    *talk = (struct talk){.exchange = exchange,
                          .key = key,
                          .turns = arena_alloc(&exchange->arena, TALK_TURNS_MAX, sizeof(*talk->turns)),
                          .model = TALK_MODEL,
                          .created = clock_wall_ns() / 1000000000};
}

bool talk_refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "unsupported_value", key, "\"%s\" %s", key, reason);
    return false;
}

static bool is_empty(const struct json_value *value)
{
    return value == NULL || value->kind == JSON_NULL || (value->kind == JSON_BOOL && !value->boolean) ||
           ((value->kind == JSON_ARRAY || value->kind == JSON_OBJECT) && value->count == 0);
}

bool talk_refuse_given(struct exchange *exchange, const struct json_value *root, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_empty(json_get(root, keys[i])))
            return talk_refuse(exchange, keys[i], "is not supported by this server");
    return true;
}

bool talk_refuse_numbers(struct exchange *exchange, const struct json_value *root, const struct talk_neutral *members,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value;
        if (!request_member(exchange, root, members[i].key, JSON_NUMBER, &value))
            return false;
        if (value != NULL && value->real != members[i].value)
            return talk_refuse(exchange, members[i].key, "is not supported by this server");
    }
    return true;
}

bool talk_is_model(struct exchange *exchange, struct slice name, const char *does)
{
    if (slice_equal_text(name, TALK_MODEL) || is_hosted_model(name, HOSTED_ANSWERS))
        return true;
    respond_refusal(exchange, 404, "model_not_found", "model",
                    "the model that %s is called \"" TALK_MODEL "\"; what stands behind it, assay.yaml says", does);
    return false;
}

bool talk_read_common(struct talk *talk, const struct json_value *root, double most)
{
    struct exchange *exchange = talk->exchange;
    const struct json_value *model, *stream, *temperature;
    if (!request_member(exchange, root, "model", JSON_TEXT, &model) ||
        !request_member(exchange, root, "stream", JSON_BOOL, &stream) ||
        !request_member(exchange, root, "temperature", JSON_NUMBER, &temperature))
        return false;
    bool is_tuned = model != NULL && tuned_is_name(model->text);
    if (is_tuned) {
        talk->model = arena_text(&exchange->arena, model->text);
        if (!tuned_find(exchange, model->text, &talk->tuned))
            return false;
    } else if (model == NULL) {
        return talk_refuse(exchange, "model", "is missing: the model that answers is called \"" TALK_MODEL "\"");
    } else if (!talk_is_model(exchange, model->text, "answers")) {
        return false;
    }
    talk->is_stream = stream != NULL && stream->boolean;
    if (temperature != NULL && !(temperature->real >= 0 && temperature->real <= most))
        return talk_refuse(exchange, "temperature", most > 1 ? "is not from 0 to 2" : "is not from 0 to 1");
    talk->options.temperature = temperature != NULL ? &temperature->real : NULL;
    return true;
}

/* ---- the conversation ---- */

const char *talk_text_of(struct talk *talk, const struct json_value *message, size_t most)
{
    const struct json_value *content = json_get(message, "content");
    struct buffer text;
    buffer_init(&text, most);
    bool ok = content != NULL && (content->kind == JSON_TEXT || content->kind == JSON_ARRAY);
    if (ok && content->kind == JSON_TEXT)
        buffer_append_slice(&text, content->text);
    for (size_t i = 0; ok && content->kind == JSON_ARRAY && i < content->count; i++) {
        const struct json_value *part = json_get(&content->items[i], "text");
        ok = part != NULL && part->kind == JSON_TEXT;
        if (ok)
            buffer_append_slice(&text, part->text);
    }
    ok = ok && !text.failed && (text.size == 0 || memchr(text.data, '\0', text.size) == NULL);
    const char *copy = ok ? arena_text(&talk->exchange->arena, buffer_slice(&text)) : NULL;
    buffer_release(&text);
    if (!ok)
        (void)talk_refuse(
            talk->exchange, talk->key,
            arena_format(&talk->exchange->arena, "has one whose content is no text, or longer than %zu bytes", most));
    return copy;
}

/* Items of a response that a client sends back are passed over where they are no messages. */
static enum talk_role role_of(const struct json_value *message)
{
    const struct json_value *role = json_get(message, "role"), *type = json_get(message, "type");
    if (type != NULL && type->kind == JSON_TEXT && role == NULL)
        return slice_equal_text(type->text, "file_search_call") || slice_equal_text(type->text, "reasoning") ? TALK_ROLE_PASSED
                                                                                                             : TALK_ROLE_OTHER;
    if (role == NULL || role->kind != JSON_TEXT)
        return TALK_ROLE_OTHER;
    const struct json_value *calls = json_get(message, "tool_calls"), *content = json_get(message, "content");
    bool is_silent = content == NULL || content->kind == JSON_NULL || (content->kind == JSON_TEXT && content->text.size == 0);
    bool calls_alone = calls != NULL && calls->kind == JSON_ARRAY && is_silent;
    bool is_passed = slice_equal_text(role->text, "system") || slice_equal_text(role->text, "developer") ||
                     slice_equal_text(role->text, "tool") || calls_alone;
    return is_passed                                   ? TALK_ROLE_PASSED
           : slice_equal_text(role->text, "user")      ? TALK_ROLE_USER
           : slice_equal_text(role->text, "assistant") ? TALK_ROLE_ASSISTANT
                                                       : TALK_ROLE_OTHER;
}

static const char *join(struct exchange *exchange, const char *before, const char *text)
{
    return before == NULL ? text : arena_format(&exchange->arena, "%s\n\n%s", before, text);
}

void talk_note_message(struct talk *talk, enum talk_role role, const char *text)
{
    size_t *count = &talk->options.turn_count;
    if (role == TALK_ROLE_USER) {
        talk->question = join(talk->exchange, talk->question, text);
        return;
    }
    if (talk->question == NULL) { /* more of the last answer; or a greeting before all questions, which answers nothing */
        if (*count > 0)
            talk->turns[*count - 1].answer = join(talk->exchange, talk->turns[*count - 1].answer, text);
        return;
    }
    if (*count == TALK_TURNS_MAX)
        memmove(talk->turns, talk->turns + 1, (TALK_TURNS_MAX - 1) * sizeof(*talk->turns));
    else
        ++*count;
    talk->turns[*count - 1] = (struct assay_turn){talk->question, text};
    talk->question = NULL;
}

bool talk_end_conversation(struct talk *talk)
{
    talk->options.turns = talk->turns;
    return (talk->question != NULL && slice_trim(slice_from(talk->question)).size > 0) ||
           talk_refuse(talk->exchange, talk->key, "does not end with a question of the user");
}

bool talk_read_messages(struct talk *talk, const struct json_value *messages)
{
    struct exchange *exchange = talk->exchange;
    size_t end;
    if (messages->count > MESSAGES_MAX)
        return talk_refuse(exchange, talk->key, "has too many of them");
    if (!talk_read_since(talk, messages, &end))
        return false;
    for (size_t i = 0; i < end; i++) {
        enum talk_role role = role_of(&messages->items[i]);
        if (role == TALK_ROLE_OTHER)
            return talk_refuse(exchange, talk->key, "has one whose role is none of user, assistant, tool, system, developer");
        if (role == TALK_ROLE_PASSED)
            continue;
        const char *text = talk_text_of(talk, &messages->items[i], LIMIT_QUERY_BYTES);
        if (text == NULL)
            return false;
        talk_note_message(talk, role, text);
        if (talk->question != NULL && strlen(talk->question) > LIMIT_QUERY_BYTES)
            return talk_refuse(exchange, talk->key, "has too long a question");
        size_t count = talk->options.turn_count;
        if (count > 0 && strlen(talk->turns[count - 1].answer) > LIMIT_QUERY_BYTES)
            return talk_refuse(exchange, talk->key, "has too long an answer");
    }
    return talk_end_conversation(talk);
}

bool talk_read_question(struct talk *talk, struct slice question)
{
    if (question.size > LIMIT_QUERY_BYTES || (question.size > 0 && memchr(question.data, '\0', question.size) != NULL))
        return talk_refuse(talk->exchange, talk->key, "is too long, or has a zero byte");
    talk->question = arena_text(&talk->exchange->arena, question);
    return talk_end_conversation(talk);
}

bool talk_needs_model(struct talk *talk, const char *key, const char *what)
{
    struct assay_server_settings settings;
    assay_server_settings(talk->exchange->hands->assay, &settings);
    if (settings.has_language_model)
        return true;
    respond_refusal(talk->exchange, 400, "invalid", key,
                    "%s needs a language model, and this server has none: see `model` in assay.yaml", what);
    return false;
}

bool talk_takes_any_object(struct talk *talk, const struct json_value *type)
{
    bool takes = type != NULL && type->kind == JSON_TEXT && slice_equal_text(type->text, "json_object");
    if (takes)
        talk->options.schema = "{\"type\":\"object\"}"; /* as providers have it (LLM_ANY_OBJECT) */
    return takes;
}

bool talk_read_schema(struct talk *talk, const struct json_value *schema, const char *key)
{
    struct exchange *exchange = talk->exchange;
    if (schema == NULL || schema->kind != JSON_OBJECT)
        return talk_refuse(exchange, key, "has no schema");
    talk->options.schema = arena_text(&exchange->arena, slice_range(exchange->body, schema->at, schema->end));
    return true;
}

bool talk_read_stops(struct talk *talk, const struct json_value *value, const char *key)
{
    enum { STOPS_MAX = 4, STOP_BYTES_MAX = 1024 };
    struct exchange *exchange = talk->exchange;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    const struct json_value *items = value->kind == JSON_ARRAY ? value->items : value;
    size_t count = value->kind == JSON_ARRAY ? value->count : 1;
    const char **stops = arena_alloc(&exchange->arena, STOPS_MAX, sizeof(*stops));
    bool ok = count <= STOPS_MAX;
    for (size_t i = 0; ok && i < count; i++) {
        struct slice text = items[i].kind == JSON_TEXT ? items[i].text : SLICE("");
        ok = text.size > 0 && text.size <= STOP_BYTES_MAX && memchr(text.data, '\0', text.size) == NULL;
        stops[i] = ok ? arena_text(&exchange->arena, text) : NULL;
    }
    if (!ok)
        return talk_refuse(exchange, key, "is neither a text of 1 to 1024 bytes nor a list of up to four of them");
    if (count > 0 && talk->options.schema != NULL)
        return talk_refuse(exchange, key, "cannot stand beside a JSON Schema for the answer");
    if (count > 0 && talk->tuned.id != NULL)
        return talk_refuse(exchange, key, "is not supported by a fine-tuned model");
    talk->options.stops = stops;
    talk->options.stop_count = count;
    return count == 0 || talk_needs_model(talk, key, "a text that ends the answer");
}

/* ---- the answer ---- */

static bool going(void *context)
{
    const struct talk *talk = context;
    return respond_stream_goes_on(talk->exchange);
}

/* A fine-tuned model answers by itself: no documents, no citations, nothing for the audit log of what documents said. */
static bool ask_tuned(struct talk *talk, const char *schema_key, struct assay_answer *answer)
{
    struct assay_tuned_answer said;
    const struct assay_text question = {talk->question, strlen(talk->question)};
    if (talk->options.schema != NULL)
        return talk_refuse(talk->exchange, schema_key, "is not supported by a fine-tuned model");
    if (talk->options.tools != NULL || talk->options.since != NULL)
        return talk_refuse(talk->exchange, "tools", "is not supported by a fine-tuned model");
    if (!tuned_ask(talk->exchange, talk->tuned.id, question, &said))
        return false;
    *answer = (struct assay_answer){.text = said.text,
                                    .confidence = said.confidence,
                                    .is_calibrated = true,
                                    .abstained = said.abstained,
                                    .model = talk->model,
                                    .cost = -1,
                                    .prompt_tokens = (int64_t)said.prompt_tokens,
                                    .completion_tokens = (int64_t)said.completion_tokens};
    return !talk->options.logprobs || talk_label_logprobs(talk, &said, answer);
}

void talk_release(const struct talk *talk, struct assay_answer *answer)
{
    if (talk->tuned.id == NULL) /* else its text is the request's */
        assay_answer_release(answer);
}

static bool wants_vectors(const char *mode)
{
    return mode != NULL && (strcmp(mode, "vector") == 0 || strcmp(mode, "hybrid") == 0);
}

/* What the client may be wrong in was looked at before, but for functions, of which only the provider knows whether it takes them, and for a search by
 * vectors, of which only the search knows whether there are some. What is left is the
 * project's (its disk, its audit log, its limits), or the fault of the model behind it, whose address and key are none of the client's business. */
bool talk_ask(struct talk *talk, const char *schema_key, struct assay_answer *answer)
{
    static const unsigned statuses[] = {
        [ASSAY_OK] = 500,      [ASSAY_INVALID] = 500, [ASSAY_NOT_FOUND] = 500, [ASSAY_CONFLICT] = 503, [ASSAY_LIMIT] = 503,
        [ASSAY_CORRUPT] = 500, [ASSAY_IO] = 500,      [ASSAY_NO_MEMORY] = 503, [ASSAY_CANCELLED] = 503};
    struct exchange *exchange = talk->exchange;
    struct assay_error error;
    if (talk->tuned.id != NULL)
        return ask_tuned(talk, schema_key, answer);
    talk->options.secret = exchange->as;
    talk->options.asker = exchange->key.name; /* of a key that sees all, which asks as the owner */
    talk->options.going = going;
    talk->options.context = talk;
    if (assay_ask(exchange->hands->assay, talk->question, &talk->options, answer, &error)) {
        figures_note_answer(exchange->server, answer);
        quota_note_answer(exchange, answer);
        return true;
    }
    quota_note_answer(exchange, answer);
    if (answer->tools_refused) {
        respond_refusal(exchange, 400, "invalid_function_parameters", "tools", "%s", error.message);
        return false;
    }
    if (wants_vectors(talk->options.mode) && error.kind == ASSAY_NOT_FOUND) { /* the reason may name a path */
        respond_refusal(
            exchange, 400, "invalid_value", "mode",
            "this project has no vectors to search by \"%s\" with: \"text\" or \"auto\" goes, or `embedding` of assay.yaml is "
            "set and `assay add` makes them",
            talk->options.mode);
        return false;
    }
    if (answer->schema_refused) {
        respond_refusal(exchange, 400, "invalid_value", schema_key, "%s", error.message);
        return false;
    }
    if (!gate_still_knows(exchange)) /* the key was revoked meanwhile: nothing is given out */
        return false;
    respond_fault(exchange, error.is_elsewhere ? 502 : statuses[error.kind], &error);
    return false;
}

bool talk_refuses(const struct talk *talk, const struct assay_answer *answer)
{
    return answer->text == NULL && answer->calls == NULL && talk->options.schema != NULL;
}

const char *talk_answer_text(const struct assay_answer *answer)
{
    return answer->text != NULL ? answer->text : "The documents do not answer this.";
}

int64_t talk_mark_at(const struct assay_answer *answer, size_t number)
{
    char mark[24];
    snprintf(mark, sizeof(mark), "[%zu]", number);
    const char *found = answer->text != NULL ? strstr(answer->text, mark) : NULL;
    return found != NULL ? found - answer->text : 0;
}

void talk_write_quote(struct json_writer *json, const struct assay_citation *citation)
{
    const struct json_integer_member numbers[] = {{"passage", citation->hit->passage},
                                                  {"start", (int64_t)citation->start},
                                                  {"end", (int64_t)citation->end},
                                                  {"page", (int64_t)citation->hit->page}};
    json_key(json, "quote");
    json_text(json, (struct slice){citation->quote, citation->quote_size});
    json_integers(json, numbers, citation->hit->page > 0 ? ARRAY_COUNT(numbers) : ARRAY_COUNT(numbers) - 1);
}

void talk_write_finding(struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "assay");
    json_object_begin(json);
    json_key(json, "abstained");
    json_bool(json, answer->abstained);
    json_key(json, "held_back");
    json_bool(json, answer->is_held_back);
    json_key(json, "withheld");
    json_bool(json, shape_withheld(answer));
    json_key(json, "calibrated");
    json_bool(json, answer->is_calibrated);
    json_key(json, "confidence");
    json_real(json, answer->confidence, 4);
    json_key(json, "model");
    json_text(json, slice_from(answer->model != NULL ? answer->model : ""));
    if (answer->tools_withheld) {
        json_key(json, "tools_withheld");
        json_bool(json, true);
    }
    shape_cost(json, answer->cost, answer->currency);
    json_integers(json, &(struct json_integer_member){"entry", (int64_t)answer->audit}, 1);
    json_object_end(json);
}

const char *talk_finish(const struct assay_answer *answer)
{
    return answer->calls != NULL ? "tool_calls" : answer->finish != NULL ? answer->finish : "stop";
}

void talk_write_annotations(const struct talk *talk, struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "annotations");
    json_array_begin(json);
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct assay_citation *citation = &answer->citations[i];
        const struct json_text_member texts[] = {{"file_id", file_id_of(&talk->exchange->arena, citation->hit->document)},
                                                 {"filename", store_file_name(citation->hit->document)}};
        json_object_begin(json);
        json_key(json, "type");
        json_text(json, SLICE("file_citation"));
        json_key(json, "file_citation");
        json_object_begin(json);
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_integers(json, &(struct json_integer_member){"index", talk_mark_at(answer, i + 1)}, 1);
        talk_write_quote(json, citation);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

void talk_write_usage(struct json_writer *json, const struct assay_answer *answers, size_t count)
{
    int64_t prompt = 0, completion = 0, cached = 0;
    for (size_t i = 0; i < count; i++) {
        prompt += answers[i].prompt_tokens;
        completion += answers[i].completion_tokens;
        cached += answers[i].cached_tokens;
    }
    const struct json_integer_member numbers[] = {
        {"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
    json_key(json, "usage");
    json_object_begin(json);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "prompt_tokens_details");
    json_object_begin(json);
    json_key(json, "cached_tokens");
    json_integer(json, cached);
    json_object_end(json);
    json_object_end(json);
}
