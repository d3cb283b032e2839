/* handle_tuning.c - fine-tuning jobs, as OpenAI has them: asked for, listed, cancelled, paused; their events and what they left. */
#include "filed.h"
#include <string.h>

enum { SUFFIX_BYTES_MAX = 64, EPOCHS_MAX = 50, BATCH_MAX = 256, MULTIPLIER_MAX = 100 };

static bool refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

/* ---- what is asked for ---- */

struct tuning_wanted {
    const char *base, *training_file, *validation_file; /* ids as they were sent */
    const char *training, *validation; /* paths; validation NULL: none */
    const char *suffix; /* NULL: none */
    int64_t seed;
    const struct json_value *parameters, *metadata; /* NULL: none */
};

static bool is_auto(const struct json_value *value)
{
    return value == NULL || value->kind == JSON_NULL || (value->kind == JSON_TEXT && slice_equal_text(value->text, "auto"));
}

static bool check_parameters(struct exchange *exchange, const struct json_value *parameters)
{
    const struct {
        const char *key;
        double least, most;
        bool is_whole;
    } known[] = {{"n_epochs", 1, EPOCHS_MAX, true},
                 {"batch_size", 1, BATCH_MAX, true},
                 {"learning_rate_multiplier", 1e-6, MULTIPLIER_MAX, false}};
    for (size_t i = 0; parameters != NULL && i < parameters->count; i++) {
        const struct json_value *value = &parameters->items[i];
        size_t at = 0;
        while (at < ARRAY_COUNT(known) && !slice_equal_text(parameters->keys[i], known[at].key))
            at++;
        if (at == ARRAY_COUNT(known))
            return refuse(exchange, "hyperparameters",
                          "has another member than n_epochs, batch_size and learning_rate_multiplier");
        bool is_right = value->kind == JSON_NUMBER && value->real >= known[at].least && value->real <= known[at].most &&
                        (!known[at].is_whole || value->is_integer);
        if (is_auto(value) || is_right)
            continue;
        respond_refusal(exchange, 400, "invalid_value", known[at].key, "\"%s\" is neither auto nor a%s number from %g to %g",
                        known[at].key, known[at].is_whole ? " whole" : "", known[at].least, known[at].most);
        return false;
    }
    return true;
}

/* "hyperparameters", or the same within "method", which is newer. */
static bool read_method(struct exchange *exchange, const struct json_value *root, struct tuning_wanted *wanted)
{
    const struct json_value *method, *type = NULL, *supervised = NULL, *inner = NULL;
    if (!request_member(exchange, root, "hyperparameters", JSON_OBJECT, &wanted->parameters) ||
        !request_member(exchange, root, "method", JSON_OBJECT, &method) ||
        (method != NULL && (!request_member(exchange, method, "type", JSON_TEXT, &type) ||
                            !request_member(exchange, method, "supervised", JSON_OBJECT, &supervised))) ||
        (supervised != NULL && !request_member(exchange, supervised, "hyperparameters", JSON_OBJECT, &inner)))
        return false;
    if (method != NULL && (type == NULL || !slice_equal_text(type->text, "supervised")))
        return refuse(exchange, "method", "is not supervised, and nothing else is supported");
    if (inner != NULL)
        wanted->parameters = inner;
    return check_parameters(exchange, wanted->parameters);
}

static bool read_suffix(struct exchange *exchange, const struct json_value *root, struct tuning_wanted *wanted)
{
    const struct json_value *suffix;
    if (!request_member(exchange, root, "suffix", JSON_TEXT, &suffix))
        return false;
    if (suffix == NULL)
        return true;
    bool ok = suffix->text.size > 0 && suffix->text.size <= SUFFIX_BYTES_MAX;
    for (size_t i = 0; ok && i < suffix->text.size; i++) {
        char c = suffix->text.data[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }
    if (!ok)
        return refuse(exchange, "suffix", "is not 1 to 64 letters, digits, -, _ and .");
    wanted->suffix = arena_text(&exchange->arena, suffix->text);
    return true;
}

/* "assay", and a model of OpenAI's, are the built-in one. */
static bool read_base(struct exchange *exchange, const struct json_value *root, struct tuning_wanted *wanted)
{
    const struct json_value *model;
    struct assay_model_place place;
    if (!request_member(exchange, root, "model", JSON_TEXT, &model))
        return false;
    if (model == NULL)
        return refuse(exchange, "model", "is missing: \"builtin\", or a name of GET /v1/models");
    bool is_builtin = slice_equal_text(model->text, "assay") || stands_for_own(exchange, model->text, HOSTED_ANSWERS);
    wanted->base = is_builtin ? "builtin" : arena_text(&exchange->arena, model->text);
    return served_model(exchange, slice_from(wanted->base), &place);
}

static bool read_file(struct exchange *exchange, const struct json_value *root, const char *key, const char **id,
                      const char **path)
{
    const struct json_value *value;
    *id = *path = NULL;
    if (!request_member(exchange, root, key, JSON_TEXT, &value))
        return false;
    if (value == NULL)
        return true;
    *id = arena_text(&exchange->arena, value->text);
    *path = filed_file(exchange, value, key, "fine-tune");
    return *path != NULL;
}

static bool read_wanted(struct exchange *exchange, const struct json_value *root, struct tuning_wanted *wanted)
{
    const struct json_value *integrations;
    *wanted = (struct tuning_wanted){0};
    if (!read_base(exchange, root, wanted) ||
        !read_file(exchange, root, "training_file", &wanted->training_file, &wanted->training) ||
        !read_file(exchange, root, "validation_file", &wanted->validation_file, &wanted->validation) ||
        !read_suffix(exchange, root, wanted) || !read_method(exchange, root, wanted) ||
        !request_whole(exchange, root, "seed", 0, INT32_MAX, 1, &wanted->seed) ||
        !request_member(exchange, root, "metadata", JSON_OBJECT, &wanted->metadata) ||
        !request_member(exchange, root, "integrations", JSON_ARRAY, &integrations))
        return false;
    if (wanted->training == NULL)
        return refuse(exchange, "training_file", "is missing");
    if (integrations != NULL && integrations->count > 0)
        return refuse(exchange, "integrations", "are not supported: nothing is sent elsewhere");
    return wanted->metadata == NULL || metadata_fits(exchange, wanted->metadata);
}

/* ---- the record ---- */

static void write_parameters(struct json_writer *json, const struct json_value *parameters)
{
    static const char *const keys[] = {"n_epochs", "batch_size", "learning_rate_multiplier"};
    json_key(json, "hyperparameters");
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        const struct json_value *value = parameters != NULL ? json_get(parameters, keys[i]) : NULL;
        json_key(json, keys[i]);
        if (is_auto(value))
            json_text(json, SLICE("auto"));
        else
            json_again(json, value);
    }
    json_object_end(json);
}

static const char *body_of(struct exchange *exchange, const struct tuning_wanted *wanted)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "model", wanted->base);
    json_text_or_null(&json, "organization_id", "assay");
    json_text_or_null(&json, "training_file", wanted->training_file);
    json_text_or_null(&json, "validation_file", wanted->validation_file);
    json_text_or_null(&json, "_training", wanted->training);
    json_text_or_null(&json, "_validation", wanted->validation);
    json_text_or_null(&json, "user_provided_suffix", wanted->suffix);
    json_integers(&json, &(struct json_integer_member){"seed", wanted->seed}, 1);
    write_parameters(&json, wanted->parameters);
    json_key(&json, "method");
    json_object_begin(&json);
    json_text_or_null(&json, "type", "supervised");
    json_key(&json, "supervised");
    json_object_begin(&json);
    write_parameters(&json, wanted->parameters);
    json_object_end(&json);
    json_object_end(&json);
    json_key(&json, "integrations");
    json_array_begin(&json);
    json_array_end(&json);
    json_key(&json, "metadata");
    if (wanted->metadata != NULL)
        json_again(&json, wanted->metadata);
    else
        json_null(&json);
    json_object_end(&json);
    return filed_body(exchange, LIMIT_JSON_BYTES);
}

void handle_tuning_make(struct exchange *exchange)
{
    struct json_value root;
    struct tuning_wanted wanted;
    if (!request_json(exchange, &root) || !read_wanted(exchange, &root, &wanted))
        return;
    struct jobs_record record = {
        .parent = "",
        .state = WORK_VALIDATING,
        .body = body_of(exchange, &wanted),
        .outcome = "{\"fine_tuned_model\":null,\"finished_at\":null,\"trained_tokens\":null,\"error\":null,"
                   "\"estimated_finish\":null,\"result_files\":[]}"};
    if (record.body == NULL || !filed_make(exchange, &filed_tuning, &record))
        return;
    long_work_wake(exchange->server);
    filed_answer(exchange, &filed_tuning, &record);
}

/* ---- looked at, and changed ---- */

void handle_tunings(struct exchange *exchange)
{
    filed_list(exchange, &filed_tuning, &(struct jobs_records){.newest_first = true});
}

static bool find(struct exchange *exchange, struct jobs_record *record)
{
    return filed_find(exchange, &filed_tuning, exchange->match.parts[0], record);
}

void handle_tuning(struct exchange *exchange)
{
    struct jobs_record record;
    if (find(exchange, &record))
        filed_answer(exchange, &filed_tuning, &record);
}

/* What a cancelled job has reached is nobody's any longer. */
static void clear(struct exchange *exchange, const char *job)
{
    struct assay_error error;
    if (!assay_adapter_remove(exchange->hands->assay, job, &error))
        journal_event("error", "%s: %s", exchange->id, error.message);
}

/* What came of a job that is cancelled: nothing, and when. */
static const char *ended_now(struct exchange *exchange)
{
    struct buffer text;
    buffer_init(&text, KIB);
    tuning_write_outcome(&text, NULL, NULL, NULL, 0);
    const char *outcome = arena_text(&exchange->arena, buffer_slice(&text));
    buffer_release(&text);
    return outcome;
}

static void change(struct exchange *exchange, const char *from, const char *state, const char *message)
{
    struct jobs_record record;
    struct jobs_change wanted = {.from = from, .state = state};
    struct error inner;
    bool changed = false, ends = strcmp(state, "cancelled") == 0;
    if (!find(exchange, &record))
        return;
    if (ends)
        wanted.outcome = ended_now(exchange);
    if (!jobs_change_record(exchange->server->jobs, record.id, &wanted, &changed, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    if (!changed) {
        respond_refusal(exchange, 400, "invalid_state", NULL, "the job is %s: it cannot be %s", record.state,
                        strcmp(state, "queued") == 0 ? "resumed" : state);
        return;
    }
    bool is_idle = !long_work_interrupt(exchange->server, record.id); /* whoever works on it clears up himself */
    if (is_idle && ends)
        clear(exchange, record.id);
    long_work_wake(exchange->server);
    tuning_note(exchange->server, &record, message);
    if (find(exchange, &record))
        filed_answer(exchange, &filed_tuning, &record);
}

void handle_tuning_cancel(struct exchange *exchange)
{
    change(exchange, WORK_VALIDATING " " WORK_QUEUED " " WORK_RUNNING " " WORK_PAUSED, "cancelled", "The job was cancelled");
}

void handle_tuning_pause(struct exchange *exchange)
{
    change(exchange, WORK_QUEUED " " WORK_RUNNING, WORK_PAUSED, "The job was paused");
}

void handle_tuning_resume(struct exchange *exchange)
{
    change(exchange, WORK_PAUSED, WORK_QUEUED, "The job goes on when its turn comes");
}

void handle_tuning_events(struct exchange *exchange)
{
    struct jobs_record record;
    if (find(exchange, &record))
        filed_list(exchange, &filed_event, &(struct jobs_records){.parent = record.id, .newest_first = true});
}

void handle_tuning_checkpoints(struct exchange *exchange)
{
    struct jobs_record record;
    if (find(exchange, &record))
        filed_list(exchange, &filed_checkpoint, &(struct jobs_records){.parent = record.id, .newest_first = true});
}
