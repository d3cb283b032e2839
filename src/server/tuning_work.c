/* tuning_work.c - a fine-tuning job, from the file that was sent to a model that answers.
 *
 *   validating_files ─▶ queued ─▶ running ─▶ succeeded │ failed          cancelled, paused: at any moment before the end
 *
 * What learns is what `assay tune` has: a classifier where the examples' answers are few different texts, else the writer, without documents. A
 * training keeps checkpoints as it goes; after a crash, the end of the server or a pause it goes on from the last. */
#include "filed.h"
#include <string.h>

enum { METRICS_MOST = 50 };

struct tuning_run {
    struct labour *labour;
    const char *training, *validation; /* absolute */
    const char *stage; /* that was told last */
};

/* ---- events ---- */

static void write_event(struct buffer *text, const char *level, const char *message, const struct assay_tune_metrics *metrics)
{
    struct json_writer json;
    const struct json_text_member texts[] = {
        {"level", level}, {"message", message}, {"type", metrics != NULL ? "metrics" : "message"}};
    json_writer_init(&json, text);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_key(&json, "data");
    json_object_begin(&json);
    if (metrics != NULL) {
        const struct json_integer_member numbers[] = {{"step", (int64_t)metrics->step},
                                                      {"total_steps", (int64_t)metrics->steps}};
        json_integers(&json, numbers, ARRAY_COUNT(numbers));
        json_key(&json, "train_loss");
        json_real(&json, metrics->loss, 6);
    }
    json_object_end(&json);
    json_object_end(&json);
}

static void add_event(struct labour *labour, const char *level, const char *message, const struct assay_tune_metrics *metrics)
{
    struct buffer text;
    buffer_init(&text, 64 * KIB);
    write_event(&text, level, message, metrics);
    (void)labour_add(labour, &filed_event, "", &text); /* the log tells of one that was lost */
    buffer_release(&text);
}

void tuning_note(struct server *server, const struct jobs_record *record, const char *message)
{
    struct labour labour = {.server = server, .record = *record};
    arena_init(&labour.arena);
    add_event(&labour, "info", message, NULL);
    arena_release(&labour.arena);
}

static const char *text_of(struct labour *labour, const char *key)
{
    const struct json_value *value = json_get(&labour->body, key);
    return value != NULL && value->kind == JSON_TEXT ? arena_text(&labour->arena, value->text) : NULL;
}

/* ---- how it ends ---- */

void tuning_write_outcome(struct buffer *text, const char *model, const char *code, const char *message, int64_t tokens)
{
    struct json_writer json;
    json_writer_init(&json, text);
    json_object_begin(&json);
    json_text_or_null(&json, "fine_tuned_model", model);
    json_integers(&json, &(struct json_integer_member){"finished_at", clock_wall_ns() / 1000000000}, 1);
    json_key(&json, "trained_tokens");
    if (model != NULL)
        json_integer(&json, tokens);
    else
        json_null(&json);
    json_key(&json, "error");
    if (message != NULL) {
        const struct json_text_member why[] = {{"code", code}, {"message", message}};
        json_object_begin(&json);
        json_texts(&json, why, ARRAY_COUNT(why));
        json_text_or_null(&json, "param", strcmp(code, "invalid_training_file") == 0 ? "training_file" : NULL);
        json_object_end(&json);
    } else {
        json_null(&json);
    }
    json_key(&json, "estimated_finish");
    json_null(&json);
    json_key(&json, "result_files");
    json_array_begin(&json);
    json_array_end(&json);
    json_object_end(&json);
}

static void fail(struct labour *labour, const char *code, const struct assay_error *error)
{
    struct buffer outcome;
    const char *message = without_root(
        &labour->arena, labour->root,
        arena_format(&labour->arena, "%s%s%s", error->message, error->hint[0] != '\0' ? ": " : "", error->hint));
    buffer_init(&outcome, 64 * KIB);
    tuning_write_outcome(&outcome, NULL, code, message, 0);
    if (labour_change(labour, WORK_VALIDATING " " WORK_QUEUED " " WORK_RUNNING, "failed", &outcome))
        add_event(labour, "error", message, NULL);
    buffer_release(&outcome);
}

/* ---- files are looked at ---- */

static void tell_look(struct labour *labour, const struct assay_tune_look *look)
{
    struct arena *arena = &labour->arena;
    bool labels = strcmp(look->kind, "classify") == 0;
    add_event(labour, "info",
              labels ? arena_format(arena, "%zu examples whose answers are labels: a classifier is learned", look->examples)
                     : arena_format(arena, "%zu examples with %zu different answers: the writer learns them, without documents",
                                    look->examples, look->answers),
              NULL);
    if (look->rejected > 0)
        add_event(labour, "warn",
                  arena_format(arena, "%zu lines are no examples and are left out; the first is line %zu: %s", look->rejected,
                               look->first.line, look->first.reason),
                  NULL);
    if (look->system_differs > 0)
        add_event(labour, "warn",
                  arena_format(arena,
                               "system messages are passed over, and %zu examples have another one than the first: what "
                               "differs there is not learned",
                               look->system_differs),
                  NULL);
    if (look->with_history > 0)
        add_event(labour, "warn",
                  arena_format(arena,
                               "of %zu examples with several questions the last one with its answer is learned, without "
                               "what was said before",
                               look->with_history),
                  NULL);
}

static bool refuse_readers(const struct assay_tune_look *look, struct assay_error *error)
{
    if (strcmp(look->kind, "reader") != 0)
        return true;
    *error = (struct assay_error){
        .kind = ASSAY_INVALID,
        .message = "questions on passages are for a reader of documents, not for a model that answers",
        .hint = "`assay tune reader` learns from them."};
    return false;
}

static bool look_at(struct tuning_run *run, const char *path, struct assay_tune_look *look)
{
    struct labour *labour = run->labour;
    struct assay_error error = {.kind = ASSAY_NOT_FOUND, .message = "the file was deleted"};
    if (file_exists(path) && assay_tune_look(path, look, &error) && refuse_readers(look, &error))
        return true;
    fail(labour, path == run->training ? "invalid_training_file" : "invalid_validation_file", &error);
    return false;
}

static void validate(struct tuning_run *run)
{
    struct labour *labour = run->labour;
    struct assay_tune_look look, other;
    struct assay_error error = {.kind = ASSAY_INVALID,
                                .message = "the validation file has examples of another kind than the training file"};
    add_event(labour, "info", "Files are looked at", NULL);
    if (!look_at(run, run->training, &look) || (run->validation != NULL && !look_at(run, run->validation, &other)))
        return;
    /* Few cases may not show that answers are labels. */
    if (run->validation != NULL && strcmp(other.kind, look.kind) != 0 && strcmp(other.kind, "classify") == 0) {
        fail(labour, "invalid_validation_file", &error);
        return;
    }
    tell_look(labour, &look);
    if (labour_change(labour, WORK_VALIDATING, WORK_QUEUED, NULL))
        add_event(labour, "info", "The files are right; the job waits for its turn", NULL);
}

/* ---- training ---- */

static bool goes_on(void *context, const char *stage, size_t done, size_t total)
{
    struct tuning_run *run = context;
    (void)done;
    (void)total;
    if (run->stage == NULL || strcmp(run->stage, stage) != 0) {
        run->stage = arena_text(&run->labour->arena, slice_from(stage));
        add_event(run->labour, "info", arena_format(&run->labour->arena, "Stage: %s", stage), NULL);
    }
    return long_work_goes_on(run->labour->server);
}

static void on_metrics(void *context, const struct assay_tune_metrics *metrics)
{
    struct tuning_run *run = context;
    size_t each = metrics->steps / METRICS_MOST + 1;
    if (metrics->step == 1 || metrics->step % each == 0 || metrics->step == metrics->steps)
        add_event(
            run->labour, "info",
            arena_format(&run->labour->arena, "Step %zu/%zu: training loss=%.4f", metrics->step, metrics->steps, metrics->loss),
            metrics);
}

static double parameter(const struct labour *labour, const char *key)
{
    const struct json_value *parameters = json_get(&labour->body, "hyperparameters");
    const struct json_value *value = parameters != NULL ? json_get(parameters, key) : NULL;
    return value != NULL && value->kind == JSON_NUMBER ? value->real : 0;
}

static bool learn(struct tuning_run *run, struct assay *assay, const char *kind, struct assay_tuned **tuned,
                  struct assay_error *error)
{
    struct labour *labour = run->labour;
    const struct json_value *seed = json_get(&labour->body, "seed");
    double multiplier = parameter(labour, "learning_rate_multiplier");
    const char *checkpoint = arena_format(&labour->arena, "%s/.assay/adapters/%s~training/checkpoint", labour->root,
                                          labour->record.id);
    const struct assay_tune_options common = {.data = run->training,
                                              .test = run->validation,
                                              .name = labour->record.id,
                                              .model = text_of(labour, "model"),
                                              .seed = seed != NULL ? (uint64_t)seed->integer : 1,
                                              .replace = true, /* of a crash between the folder and the record */
                                              .resume = file_exists(checkpoint),
                                              .epochs = (size_t)parameter(labour, "n_epochs"),
                                              .batch = (size_t)parameter(labour, "batch_size"),
                                              .learning_rate_multiplier = multiplier,
                                              .on_progress = goes_on,
                                              .on_metrics = on_metrics,
                                              .context = run};
    if (strcmp(kind, "classify") == 0)
        return assay_tune_classify(assay, &common, tuned, error);
    const struct assay_tune_reader_options options = {.common = common,
                                                      .epochs = common.epochs,
                                                      .batch = common.batch,
                                                      .learning_rate = multiplier > 0 ? multiplier * 1e-3 : 0,
                                                      .resume = common.resume,
                                                      .alone = true};
    return assay_tune_writer(assay, &options, tuned, error);
}

/* ---- what it gives ---- */

static void add_checkpoint(struct labour *labour, const char *model, const struct assay_tune_report *report)
{
    struct buffer text;
    struct json_writer json;
    buffer_init(&text, 64 * KIB);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    const struct json_text_member texts[] = {{"fine_tuning_job_id", labour->record.id}, {"fine_tuned_model_checkpoint", model}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, &(struct json_integer_member){"step_number", (int64_t)report->steps}, 1);
    json_key(&json, "metrics");
    json_object_begin(&json);
    json_integers(&json, &(struct json_integer_member){"step", (int64_t)report->steps}, 1);
    json_key(&json, "train_loss");
    json_real(&json, report->loss_train, 6);
    json_key(&json, "full_valid_loss");
    json_real(&json, report->loss_validation, 6);
    json_key(&json, "accuracy"); /* of cases that were held out: this server's own */
    json_real(&json, report->reading != NULL ? report->reading->exact : report->after.accuracy, 6);
    json_object_end(&json);
    json_object_end(&json);
    (void)labour_add(labour, &filed_checkpoint, "", &text);
    buffer_release(&text);
}

static void tell_score(struct labour *labour, const struct assay_tune_report *report)
{
    struct arena *arena = &labour->arena;
    if (report->reading != NULL)
        add_event(labour, "info",
                  arena_format(arena, "Of %zu cases that were held out %.1f %% are written exactly (%.1f to %.1f %%)",
                               report->cases, 100 * report->reading->exact, 100 * report->reading->exact_low,
                               100 * report->reading->exact_high),
                  NULL);
    else
        add_event(labour, "info",
                  arena_format(arena,
                               "Of %zu cases that were held out %.1f %% are right (%.1f to %.1f %%), %.1f %% before; by %s%s",
                               report->cases, 100 * report->after.accuracy, 100 * report->after.low, 100 * report->after.high,
                               100 * report->before.accuracy,
                               report->epochs == 0 ? "a regression on the model's vectors" : "training the weights",
                               report->epochs == 0 ? ", which knows neither epochs nor batches" : ""),
                  NULL);
}

static void succeed(struct tuning_run *run, const struct assay_tune_report *report)
{
    struct labour *labour = run->labour;
    struct buffer outcome;
    const char *suffix = text_of(labour, "user_provided_suffix");
    const char *model = arena_format(&labour->arena, "ft:%s:assay:%s:%s", text_of(labour, "model"),
                                     suffix != NULL ? suffix : "", labour->record.id + strlen(filed_tuning.start));
    buffer_init(&outcome, 64 * KIB);
    tuning_write_outcome(&outcome, model, NULL, NULL, (int64_t)report->tokens);
    /* Paused at the last moment: it is done all the same. */
    if (labour_change(labour, WORK_RUNNING " " WORK_PAUSED, "succeeded", &outcome)) {
        tell_score(labour, report);
        add_checkpoint(labour, model, report);
        add_event(labour, "info", arena_format(&labour->arena, "New fine-tuned model created: %s", model), NULL);
        add_event(labour, "info", "The job has successfully completed", NULL);
    }
    buffer_release(&outcome);
}

/* False: it has failed. */
static bool may_train(struct labour *labour, struct assay *assay)
{
    struct assay_key_rights rights;
    bool is_good = labour_owner(labour, assay, &rights);
    if (is_good && labour_has_room(labour, &rights, /* takes= */ false))
        return true;
    const struct assay_error no_owner = {.kind = ASSAY_INVALID, .message = LABOUR_NO_OWNER},
                             used_up = {.kind = ASSAY_INVALID, .message = LABOUR_USED_UP};
    fail(labour, is_good ? "insufficient_quota" : "invalid_api_key", is_good ? &used_up : &no_owner);
    return false;
}

static void train(struct tuning_run *run)
{
    struct labour *labour = run->labour;
    struct assay *assay = NULL;
    struct assay_tuned *tuned = NULL;
    struct assay_tune_look look;
    struct assay_error error;
    bool is_new = strcmp(labour->record.state, WORK_QUEUED) == 0;
    if (!look_at(run, run->training, &look) || !labour_change(labour, WORK_QUEUED " " WORK_RUNNING, WORK_RUNNING, NULL))
        return;
    add_event(labour, "info", is_new ? "Fine-tuning job started" : "The server was started again; the job goes on", NULL);
    if (!assay_open(&assay, &(struct assay_open_options){.folder = labour->root}, &error)) {
        fail(labour, "server_error", &error);
        return;
    }
    if (!may_train(labour, assay)) {
        assay_close(assay);
        return;
    }
    bool ok = learn(run, assay, look.kind, &tuned, &error);
    if (ok) {
        const struct assay_tune_report *report = assay_tuned_report(tuned);
        labour_use(labour, (double)report->tokens, 0);
        succeed(run, report);
        assay_tuned_free(tuned);
    } else if (error.kind != ASSAY_CANCELLED) { /* by a client, a pause or the end of the server: its record says which */
        fail(labour, error.kind == ASSAY_INVALID ? "invalid_training_file" : "server_error", &error);
    }
    assay_close(assay);
}

void tuning_work(struct labour *labour)
{
    struct tuning_run run = {.labour = labour};
    const char *training = text_of(labour, "_training"), *validation = text_of(labour, "_validation");
    run.training = arena_format(&labour->arena, "%s/%s", labour->root, training != NULL ? training : "");
    if (validation != NULL)
        run.validation = arena_format(&labour->arena, "%s/%s", labour->root, validation);
    if (strcmp(labour->record.state, WORK_VALIDATING) == 0)
        validate(&run);
    else
        train(&run);
}

void tuning_clear(struct labour *labour)
{
    struct jobs_record record = {0};
    struct error inner;
    struct assay *assay = NULL;
    struct assay_error error;
    bool ok = jobs_find_record(labour->server->jobs, filed_tuning.name, labour->record.id, &labour->arena, &record, &inner);
    if (!ok)
        journal_job(labour->server, "error", labour->record.id, "%s", inner.message);
    if (!ok || (record.id != NULL && strcmp(record.state, "cancelled") != 0))
        return;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = labour->root}, &error) ||
        !assay_adapter_remove(assay, labour->record.id, &error))
        journal_job(labour->server, "error", labour->record.id, "%s", error.message);
    assay_close(assay);
}
