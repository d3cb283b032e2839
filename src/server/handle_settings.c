/* handle_settings.c - the settings that the page changes, for who sees everything: the model, the approach, the target, labels, prices, and which
 * adapter is in use. A model's key is in the environment of the server alone: it is neither taken nor told here. */
#include "exchange.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MODEL_BYTES_MAX = 256 };

/* All lanes open the project anew, as by SIGHUP: whoever answers next has the new settings. */
static void read_anew(void)
{
    (void)kill(getpid(), SIGHUP);
}

bool settings_now(struct exchange *exchange, struct assay_settings_told *told)
{
    struct assay_error error;
    if (assay_settings_tell(exchange->hands->assay, told, &error))
        return true;
    respond_error(exchange, &error);
    return false;
}

void handle_settings(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_settings_told told;
    if (!settings_now(exchange, &told))
        return;
    const struct json_text_member texts[] = {
        {"object", "settings"},        {"model", told.model},       {"approach", told.approach}, {"access", told.access},
        {"embedding", told.embedding}, {"examples", told.examples}, {"prices", told.prices}};
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_text_or_null(&json, "key_variable", told.key_variable);
    json_key(&json, "has_key");
    json_bool(&json, told.has_key);
    json_key(&json, "has_examples");
    json_bool(&json, told.has_examples);
    json_key(&json, "target");
    json_real(&json, told.target, 6);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* A text that may stand between quotes in assay.yaml, and holds no password of an address. */
static bool is_plain(struct slice text)
{
    bool ok = text.size > 0 && text.size <= 300 && memchr(text.data, '@', text.size) == NULL;
    for (size_t i = 0; i < text.size; i++)
        ok = ok && (unsigned char)text.data[i] > ' ' && !byte_among(text.data[i], "\"\\'\x7f");
    return ok;
}

static bool refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

static struct slice without_name(struct slice address)
{
    size_t at;
    return slice_find(address, '#', &at) ? slice_range(address, 0, at) : address;
}

/* Passages and a key go to an address: who may change the server's files says which, and a request does not. */
static bool check_model(struct exchange *exchange, struct slice model)
{
    struct assay_settings_told told;
    size_t at;
    if (!is_plain(model))
        return refuse(exchange, "model", "is no name of a model; a key never stands in it");
    if (slice_starts_with(model, SLICE("http://")) || slice_starts_with(model, SLICE("https://"))) {
        return settings_now(exchange, &told) &&
               (slice_equal(without_name(model), without_name(slice_from(told.model))) ||
                refuse(exchange, "model",
                       "is another address than that of assay.yaml: a new one is written into assay.yaml by hand"));
    }
    bool is_named = slice_starts_with(model, SLICE("openai:")) || slice_starts_with(model, SLICE("anthropic:"));
    bool is_known = slice_equal_text(model, "builtin") || slice_equal_text(model, "builtin:writer") ||
                    (is_named && model.size <= MODEL_BYTES_MAX && slice_find(model, ':', &at) && at + 1 < model.size);
    return is_known || refuse(exchange, "model",
                              "is none of builtin, builtin:writer, openai:NAME, anthropic:NAME and the address in assay.yaml");
}

struct settings_wanted {
    struct assay_setting items[4];
    size_t count;
};

static void want(struct settings_wanted *wanted, const char *key, const char *value)
{
    wanted->items[wanted->count++] = (struct assay_setting){.key = key, .value = value};
}

/* {"was": {"target": 0.8}}: what the client has seen, of what it changes. */
static bool read_seen(struct exchange *exchange, const struct json_value *root, struct settings_wanted *wanted)
{
    const struct json_value *was;
    if (!request_member(exchange, root, "was", JSON_OBJECT, &was))
        return false;
    for (size_t i = 0; was != NULL && i < wanted->count; i++) {
        const struct json_value *seen = json_get(was, wanted->items[i].key);
        if (seen == NULL)
            continue;
        if (seen->kind != JSON_TEXT && seen->kind != JSON_NUMBER)
            return refuse(exchange, "was", "has something else than texts and numbers");
        wanted->items[i].was = seen->kind == JSON_TEXT ? arena_text(&exchange->arena, seen->text)
                                                       : arena_format(&exchange->arena, "%.6g", seen->real);
    }
    return true;
}

static bool read_wanted(struct exchange *exchange, const struct json_value *root, struct settings_wanted *wanted)
{
    static const char *const approaches[] = {"rag", "full", "prompt"}, *const rules[] = {"public", "from-folder"};
    const struct json_value *model, *approach, *access, *target;
    if (!request_member(exchange, root, "model", JSON_TEXT, &model) ||
        !request_member(exchange, root, "approach", JSON_TEXT, &approach) ||
        !request_member(exchange, root, "access", JSON_TEXT, &access) ||
        !request_member(exchange, root, "target", JSON_NUMBER, &target))
        return false;
    if (model != NULL && !check_model(exchange, model->text))
        return false;
    if (model != NULL)
        want(wanted, "model", arena_format(&exchange->arena, "\"%s\"", arena_text(&exchange->arena, model->text)));
    for (size_t i = 0; approach != NULL && i < ARRAY_COUNT(approaches); i++)
        if (slice_equal_text(approach->text, approaches[i]))
            want(wanted, "approach", approaches[i]);
    for (size_t i = 0; access != NULL && i < ARRAY_COUNT(rules); i++)
        if (slice_equal_text(access->text, rules[i]))
            want(wanted, "access", arena_format(&exchange->arena, "{labels: %s}", rules[i]));
    if (target != NULL && !(target->real >= 0 && target->real <= 1))
        return refuse(exchange, "target", "is not a number from 0 to 1");
    if (target != NULL)
        want(wanted, "target", arena_format(&exchange->arena, "%.6g", target->real));
    size_t given = (size_t)(model != NULL) + (size_t)(approach != NULL) + (size_t)(access != NULL) + (size_t)(target != NULL);
    if (given != wanted->count)
        return refuse(exchange, approach != NULL ? "approach" : "access", "is none of its values");
    if (given == 0)
        return refuse(exchange, "model", "is missing, and every other setting too");
    return read_seen(exchange, root, wanted);
}

void handle_settings_change(struct exchange *exchange)
{
    struct json_value root;
    struct settings_wanted wanted = {0};
    struct assay_error error;
    if (!request_json(exchange, &root) || !read_wanted(exchange, &root, &wanted))
        return;
    if (!assay_settings_change(exchange->hands->assay, wanted.items, wanted.count, &error)) {
        respond_error(exchange, &error);
        return;
    }
    read_anew();
    handle_settings(exchange);
}

/* ---- files that are edited whole: prices, labels ---- */

typedef bool read_file(const struct assay *assay, struct assay_text *text, struct assay_error *error);
typedef bool write_file_text(const struct assay *assay, struct assay_text text, const char *was, struct assay_error *error);

static void tell_file(struct exchange *exchange, read_file *read)
{
    struct assay_text text;
    struct assay_error error;
    struct json_writer json;
    char mark[ASSAY_MARK_BYTES];
    if (!read(exchange->hands->assay, &text, &error)) {
        respond_error(exchange, &error);
        return;
    }
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "text");
    json_text(&json, (struct slice){text.data, text.size});
    assay_text_mark(text, mark);
    json_texts(&json, &(struct json_text_member){"mark", mark}, 1);
    json_object_end(&json);
    assay_text_free(&text);
    respond_json(exchange, &exchange->text);
}

/* Takes the place of the text whose mark is `was`, and of no other one: what somebody else has written meanwhile is not undone unseen. Answered with
 * the file as it is then. */
static void change_file(struct exchange *exchange, read_file *read, write_file_text *replace)
{
    struct json_value root;
    struct assay_error error;
    const struct json_value *was;
    if (!request_json(exchange, &root) || !request_member(exchange, &root, "was", JSON_TEXT, &was))
        return;
    const struct json_value *text = json_get(&root, "text");
    if (text == NULL || text->kind != JSON_TEXT || text->text.size == 0) {
        (void)refuse(exchange, "text", "is missing: the whole list");
    } else if (was == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "was",
                        "\"was\" is missing: the \"mark\" of the text as it was read");
    } else if (!replace(exchange->hands->assay, (struct assay_text){text->text.data, text->text.size},
                        arena_text(&exchange->arena, was->text), &error)) {
        respond_error(exchange, &error);
    } else {
        read_anew();
        tell_file(exchange, read);
    }
}

void handle_prices(struct exchange *exchange)
{
    tell_file(exchange, assay_prices_read);
}

void handle_prices_change(struct exchange *exchange)
{
    change_file(exchange, assay_prices_read, assay_prices_write);
}

void handle_labels(struct exchange *exchange)
{
    tell_file(exchange, assay_labels_read);
}

void handle_labels_change(struct exchange *exchange)
{
    change_file(exchange, assay_labels_read, assay_labels_write);
}

/* ---- adapters ---- */

/* The name under which each kind of work looks for its adapter. */
static const char *const works[] = {"reader", "writer", "reranker"};

/* One of a fine-tuning job is its owner's, and goes with the job. */
static bool is_of_job(struct exchange *exchange, const char *name)
{
    if (strncmp(name, "ftjob-", 6) != 0)
        return false;
    respond_refusal(exchange, 400, "not_allowed", "name",
                    "\"%.64s\" is of a fine-tuning job: DELETE /v1/models/NAME is for its model", name);
    return true;
}

void handle_adapter_promote(struct exchange *exchange)
{
    struct json_value root;
    struct assay_error error;
    const char *work = NULL, *name = arena_text(&exchange->arena, exchange->match.parts[0]);
    if (is_of_job(exchange, name) || !request_json(exchange, &root))
        return;
    const struct json_value *to = json_get(&root, "to");
    for (size_t i = 0; to != NULL && to->kind == JSON_TEXT && i < ARRAY_COUNT(works); i++)
        if (slice_equal_text(to->text, works[i]))
            work = works[i];
    if (work == NULL) {
        (void)refuse(exchange, "to", "is none of reader, writer, reranker");
        return;
    }
    if (!assay_adapter_rename(exchange->hands->assay, name, work, /* replace= */ true, &error)) {
        respond_error(exchange, &error);
        return;
    }
    read_anew();
    respond_text(exchange, 200, "application/json", SLICE("{\"object\":\"adapter\",\"promoted\":true}"));
}

void handle_adapter_discard(struct exchange *exchange)
{
    struct assay_error error;
    const char *name = arena_text(&exchange->arena, exchange->match.parts[0]);
    if (is_of_job(exchange, name))
        return;
    if (!assay_adapter_discard(exchange->hands->assay, name, &error)) {
        respond_error(exchange, &error);
        return;
    }
    read_anew();
    write_deleted(exchange, name, "adapter");
}
