/* handle_moderations.c - texts before they are shown or answered: what a classifier of the project's own says of them. Its labels are the categories;
 * a text is flagged when it has one that the settings do not call fine. */
#include "exchange.h"
#include <stdlib.h>
#include <string.h>

struct moderating {
    struct exchange *exchange;
    struct assay_moderation settings;
    const char *const *labels;
    size_t label_count;
    struct assay_text *texts;
    struct assay_class *classes;
    float *chances; /* [count, label_count] */
    size_t count;
};

static bool refuse(struct exchange *exchange, const char *parameter, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", parameter, "\"%s\" %s", parameter, reason);
    return false;
}

/* A text, or a part as OpenAI has them: {"type": "text", "text"}. */
static bool read_text(struct exchange *exchange, const struct json_value *item, struct assay_text *text)
{
    const struct json_value *type = item->kind == JSON_OBJECT ? json_get(item, "type") : NULL;
    if (type != NULL && type->kind == JSON_TEXT && !slice_equal_text(type->text, "text"))
        return refuse(exchange, "input", "has a part that is no text: a classifier reads texts alone");
    if (item->kind == JSON_OBJECT)
        item = json_get(item, "text");
    if (item == NULL || item->kind != JSON_TEXT || item->text.size == 0)
        return refuse(exchange, "input", "is neither a text nor a list of texts, or has an empty one");
    if (item->text.size > LIMIT_TEXT_BYTES)
        return refuse(exchange, "input", "has a text of more than 16 MiB");
    *text = (struct assay_text){item->text.data, item->text.size};
    return true;
}

static bool read_input(struct moderating *work, const struct json_value *root)
{
    struct exchange *exchange = work->exchange;
    const struct json_value *input = json_get(root, "input");
    if (input == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "input", "\"input\" is missing");
        return false;
    }
    bool is_list = input->kind == JSON_ARRAY;
    const struct json_value *items = is_list ? input->items : input;
    work->count = is_list ? input->count : 1;
    if (work->count == 0 || work->count > LIMIT_EMBEDDING_INPUTS)
        return refuse(exchange, "input", "is an empty list, or one of more than 2048 texts");
    work->texts = arena_alloc(&exchange->arena, work->count, sizeof(*work->texts));
    work->classes = arena_alloc(&exchange->arena, work->count, sizeof(*work->classes));
    for (size_t i = 0; i < work->count; i++)
        if (!read_text(exchange, &items[i], &work->texts[i]))
            return false;
    return true;
}

/* The names of OpenAI's models, so that scripts need no change, and the classifier's own. */
static bool read_model(struct moderating *work, const struct json_value *root)
{
    const struct json_value *model;
    if (!request_member(work->exchange, root, "model", JSON_TEXT, &model))
        return false;
    if (model == NULL || is_hosted_model(model->text, HOSTED_MODERATES) ||
        slice_equal_text(model->text, work->settings.classifier))
        return true;
    respond_refusal(work->exchange, 404, "model_not_found", "model",
                    "the classifier of this project is \"%s\", no other is asked", work->settings.classifier);
    return false;
}

static bool is_fine(const struct moderating *work, const char *label)
{
    for (size_t i = 0; i < work->settings.fine_count; i++)
        if (strcmp(work->settings.fine[i], label) == 0)
            return true;
    return false;
}

/* A label that is misspelt in the settings would flag everything, or nothing. */
static bool check_fine(const struct moderating *work)
{
    for (size_t i = 0; i < work->settings.fine_count; i++) {
        size_t at = 0;
        while (at < work->label_count && strcmp(work->labels[at], work->settings.fine[i]) != 0)
            at++;
        if (at < work->label_count)
            continue;
        respond_refusal(work->exchange, 409, "not_set_up", NULL,
                        "`moderation.fine` of assay.yaml has \"%.80s\", which is no label of the classifier \"%s\"",
                        work->settings.fine[i], work->settings.classifier);
        return false;
    }
    return true;
}

/* The settings name it, no request: paths that the reason may name are the log's. */
static void refuse_moderator(struct moderating *work, const struct assay_error *error)
{
    struct exchange *exchange = work->exchange;
    if (assay_adapter_exists(exchange->hands->assay, work->settings.classifier)) {
        respond_fault(exchange, 503, error);
        return;
    }
    respond_refusal(
        exchange, 404, "not_set_up", NULL,
        "there is no adapter \"%.80s\", which `moderation` of assay.yaml names: `assay tune classify DATA --name NAME` "
        "makes one",
        work->settings.classifier);
}

/* The lane keeps it open until it was trained anew, or the settings were read again. */
static bool open_moderator(struct moderating *work)
{
    struct exchange *exchange = work->exchange;
    struct lane_hands *hands = exchange->hands;
    struct assay_error error;
    if (hands->moderator != NULL && !assay_classifier_is_current(hands->moderator)) {
        assay_classifier_close(hands->moderator);
        hands->moderator = NULL;
    }
    if (hands->moderator == NULL && !assay_classifier_open(hands->assay, work->settings.classifier,
                                                           &(struct assay_model_options){0}, &hands->moderator, &error)) {
        hands->moderator = NULL;
        refuse_moderator(work, &error);
        return false;
    }
    work->label_count = assay_classifier_labels(hands->moderator, &work->labels);
    return check_fine(work);
}

static bool classify(struct moderating *work, struct assay_error *error)
{
    uint64_t tokens = 0;
    bool ok = true;
    for (size_t at = 0, some; ok && at < work->count; at += some) {
        some = next_texts(work->exchange, at, work->count, error);
        ok = some > 0 && assay_classify_chances(work->exchange->hands->moderator, work->texts + at, some, work->classes + at,
                                                work->chances + at * work->label_count, &tokens, error);
    }
    note_tokens(work->exchange, tokens);
    return ok;
}

/* The label that is said against a text: of those that are not fine the likeliest, when the fine ones together are less likely than not;
 * label_count: none. */
static size_t flag_of(const struct moderating *work, const float *chances)
{
    size_t worst = work->label_count;
    double fine = 0;
    for (size_t i = 0; i < work->label_count; i++) {
        if (is_fine(work, work->labels[i]))
            fine += (double)chances[i];
        else if (worst == work->label_count || chances[i] > chances[worst])
            worst = i;
    }
    return fine < 0.5 ? worst : work->label_count;
}

enum shown { SHOWN_FLAG, SHOWN_CHANCE, SHOWN_INPUT };

static void write_categories(const struct moderating *work, struct json_writer *json, const char *key, enum shown shown,
                             size_t at)
{
    const float *chances = work->chances + at * work->label_count;
    size_t flag = flag_of(work, chances);
    json_key(json, key);
    json_object_begin(json);
    for (size_t i = 0; i < work->label_count; i++) {
        if (is_fine(work, work->labels[i]))
            continue;
        json_key(json, work->labels[i]);
        if (shown == SHOWN_FLAG) {
            json_bool(json, i == flag);
        } else if (shown == SHOWN_CHANCE) {
            json_float(json, chances[i]);
        } else {
            json_array_begin(json);
            json_text(json, SLICE("text"));
            json_array_end(json);
        }
    }
    json_object_end(json);
}

static void write_result(const struct moderating *work, struct json_writer *json, size_t at)
{
    const struct assay_class *found = &work->classes[at];
    json_object_begin(json);
    json_key(json, "flagged");
    json_bool(json, flag_of(work, work->chances + at * work->label_count) < work->label_count);
    write_categories(work, json, "categories", SHOWN_FLAG, at);
    write_categories(work, json, "category_scores", SHOWN_CHANCE, at);
    write_categories(work, json, "category_applied_input_types", SHOWN_INPUT, at);
    json_key(json, "assay");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"label", found->label}, 1);
    json_key(json, "confidence");
    json_real(json, found->confidence, 4);
    json_key(json, "unsure"); /* below the threshold from which on the classifier is right often enough */
    json_bool(json, found->abstained);
    json_object_end(json);
    json_object_end(json);
}

static void write_results(const struct moderating *work)
{
    struct exchange *exchange = work->exchange;
    struct json_writer json;
    const struct json_text_member texts[] = {{"id", arena_format(&exchange->arena, "modr-%s", exchange->id + 4)},
                                             {"model", work->settings.classifier}};
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_key(&json, "results");
    json_array_begin(&json);
    for (size_t i = 0; i < work->count; i++)
        write_result(work, &json, i);
    json_array_end(&json);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

void handle_moderations(struct exchange *exchange)
{
    struct json_value root;
    struct moderating work = {.exchange = exchange};
    struct assay_error error;
    assay_moderation(exchange->hands->assay, &work.settings);
    if (work.settings.classifier == NULL) {
        respond_refusal(exchange, 404, "not_set_up", NULL,
                        "no classifier is set: train one (`assay tune classify DATA --name NAME`), and name it in assay.yaml: "
                        "moderation: {classifier: NAME, fine: [LABEL]}");
        return;
    }
    if (!request_json(exchange, &root) || !read_model(&work, &root) || !read_input(&work, &root) || !open_moderator(&work))
        return;
    work.chances = memory_alloc(work.count * work.label_count, sizeof(*work.chances));
    if (classify(&work, &error))
        write_results(&work);
    else
        respond_error(exchange, &error);
    free(work.chances);
}
