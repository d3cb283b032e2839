/* handle_evals.c - evals and their runs, as OpenAI has them: made, listed, changed, cancelled, deleted; what each item came to. */
#include "evals.h"
#include <string.h>

enum { NAME_BYTES_MAX = 256, CRITERIA_MAX = 50, EVAL_BYTES_MAX = 256 * KIB };

static bool refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

/* ---- what both have: a name and metadata ---- */

struct named {
    const struct json_value *name, *metadata; /* NULL: none */
};

static bool read_named(struct exchange *exchange, const struct json_value *root, struct named *named)
{
    if (!request_member(exchange, root, "name", JSON_TEXT, &named->name) ||
        !request_member(exchange, root, "metadata", JSON_OBJECT, &named->metadata))
        return false;
    if (named->name != NULL && named->name->text.size > NAME_BYTES_MAX)
        return refuse(exchange, "name", "is longer than 256 bytes");
    return named->metadata == NULL || metadata_fits(exchange, named->metadata);
}

static void write_or_null(struct json_writer *json, const char *key, const struct json_value *value)
{
    json_key(json, key);
    if (value != NULL)
        json_again(json, value);
    else
        json_null(json);
}

static void write_named(struct json_writer *json, const struct named *named)
{
    json_key(json, "name");
    json_text(json, named->name != NULL ? named->name->text : (struct slice){"", 0});
    write_or_null(json, "metadata", named->metadata);
}

/* ---- an eval ---- */

static bool check_source_config(struct exchange *exchange, const struct json_value *config)
{
    const struct json_value *type = config != NULL ? json_get(config, "type") : NULL, *schema;
    if (type == NULL || type->kind != JSON_TEXT)
        return refuse(exchange, "data_source_config", "is missing, or has no type");
    if (!slice_equal_text(type->text, "custom"))
        return refuse(exchange, "data_source_config",
                      "is not custom: no completions are stored here that others could be made of");
    if (!request_member(exchange, config, "item_schema", JSON_OBJECT, &schema))
        return false;
    return schema != NULL || refuse(exchange, "item_schema", "is missing in data_source_config");
}

/* As it is given back: one schema of item and sample. */
static void write_source_config(struct json_writer *json, const struct json_value *config)
{
    const struct json_value *sample = json_get(config, "include_sample_schema");
    bool has_sample = sample != NULL && sample->kind == JSON_BOOL && sample->boolean;
    json_key(json, "data_source_config");
    json_object_begin(json);
    json_text_or_null(json, "type", "custom");
    json_key(json, "schema");
    json_object_begin(json);
    json_text_or_null(json, "type", "object");
    json_key(json, "properties");
    json_object_begin(json);
    json_key(json, "item");
    json_again(json, json_get(config, "item_schema"));
    if (has_sample) {
        json_key(json, "sample");
        json_raw(json,
                 SLICE("{\"type\":\"object\",\"properties\":{\"output_text\":{\"type\":\"string\"},\"output_json\":{\"type\":"
                       "[\"object\",\"null\"]},\"model\":{\"type\":\"string\"}},\"required\":[\"output_text\"]}"));
    }
    json_object_end(json);
    json_key(json, "required");
    json_raw(json, has_sample ? SLICE("[\"item\",\"sample\"]") : SLICE("[\"item\"]"));
    json_object_end(json);
    json_object_end(json);
}

static bool read_criteria(struct exchange *exchange, const struct json_value *root, const struct json_value **criteria)
{
    if (!request_member(exchange, root, "testing_criteria", JSON_ARRAY, criteria))
        return false;
    if (*criteria == NULL || (*criteria)->count == 0 || (*criteria)->count > CRITERIA_MAX)
        return refuse(exchange, "testing_criteria", "is missing, empty, or has more than 50 graders");
    for (size_t i = 0; i < (*criteria)->count; i++)
        if (!grader_check(exchange, &(*criteria)->items[i]) || !grader_has_model(exchange, &(*criteria)->items[i]))
            return false;
    return true;
}

void handle_eval_make(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct named named;
    const struct json_value *config, *criteria;
    if (!request_json(exchange, &root) || !read_named(exchange, &root, &named) ||
        !request_member(exchange, &root, "data_source_config", JSON_OBJECT, &config) ||
        !check_source_config(exchange, config) || !read_criteria(exchange, &root, &criteria))
        return;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    write_named(&json, &named);
    write_source_config(&json, config);
    write_or_null(&json, "testing_criteria", criteria);
    json_object_end(&json);
    struct jobs_record record = {.parent = "", .state = "", .body = filed_body(exchange, EVAL_BYTES_MAX), .outcome = "{}"};
    if (record.body != NULL && filed_make(exchange, &filed_eval, &record))
        filed_answer(exchange, &filed_eval, &record);
}

void handle_evals(struct exchange *exchange)
{
    filed_list(exchange, &filed_eval, &(struct jobs_records){.newest_first = false});
}

static bool find_eval(struct exchange *exchange, struct jobs_record *record)
{
    return filed_find(exchange, &filed_eval, exchange->match.parts[0], record);
}

void handle_eval(struct exchange *exchange)
{
    struct jobs_record record;
    if (find_eval(exchange, &record))
        filed_answer(exchange, &filed_eval, &record);
}

/* The body with another name, other metadata, where they are given. */
static const char *changed_body(struct exchange *exchange, const struct jobs_record *record, const struct named *named)
{
    struct json_value body;
    struct json_writer json;
    struct error inner;
    if (!json_read(slice_from(record->body), "an eval", &exchange->arena, &body, &inner)) {
        (void)respond_inner(exchange, &inner);
        return NULL;
    }
    respond_begin(exchange, &json);
    json_object_begin(&json);
    for (size_t i = 0; i < body.count; i++) {
        const struct json_value *value = &body.items[i];
        if (named->name != NULL && slice_equal_text(body.keys[i], "name"))
            value = named->name;
        if (named->metadata != NULL && slice_equal_text(body.keys[i], "metadata"))
            value = named->metadata;
        write_or_null(&json, arena_text(&exchange->arena, body.keys[i]), value);
    }
    json_object_end(&json);
    return filed_body(exchange, EVAL_BYTES_MAX);
}

void handle_eval_change(struct exchange *exchange)
{
    struct json_value root;
    struct jobs_record record;
    struct named named;
    struct error inner;
    bool changed;
    if (!find_eval(exchange, &record) || !request_json(exchange, &root) || !read_named(exchange, &root, &named))
        return;
    const char *body = changed_body(exchange, &record, &named);
    if (body == NULL)
        return;
    if (!jobs_change_record(exchange->server->jobs, record.id, &(struct jobs_change){.body = body}, &changed, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    record.body = body;
    filed_answer(exchange, &filed_eval, &record);
}

/* {"object": "eval.deleted", "deleted": true, "eval_id": …}: not as of other things that are deleted. */
static void answer_deleted(struct exchange *exchange, const char *object, const char *key, const char *id)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "object", object);
    json_key(&json, "deleted");
    json_bool(&json, true);
    json_text_or_null(&json, key, id);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

static bool interrupt_run(void *context, const struct jobs_record *record)
{
    (void)long_work_interrupt(context, record->id);
    return true;
}

void handle_eval_delete(struct exchange *exchange)
{
    struct jobs_record record;
    struct error inner;
    struct jobs *jobs = exchange->server->jobs;
    if (!find_eval(exchange, &record))
        return;
    const struct jobs_records runs = {.kind = filed_run.name, .parent = record.id, .state = WORK_WAITING};
    if (jobs_each_record(jobs, &runs, interrupt_run, exchange->server, &inner) && jobs_forget_record(jobs, record.id, &inner))
        answer_deleted(exchange, "eval.deleted", "eval_id", record.id);
    else
        (void)respond_inner(exchange, &inner);
}

/* ---- a run ---- */

/* assay.yaml may name other models than when the eval was made. */
static bool has_models(struct exchange *exchange, const struct jobs_record *eval)
{
    struct json_value body;
    struct error inner;
    if (!json_read(slice_from(eval->body), "an eval", &exchange->arena, &body, &inner))
        return respond_inner(exchange, &inner);
    const struct json_value *criteria = json_get(&body, "testing_criteria");
    for (size_t i = 0; criteria != NULL && i < criteria->count; i++)
        if (!grader_has_model(exchange, &criteria->items[i]))
            return false;
    return true;
}

void handle_run_make(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct jobs_record eval;
    struct named named;
    struct run_source source;
    if (!find_eval(exchange, &eval) || !request_json(exchange, &root) || !read_named(exchange, &root, &named) ||
        !run_source_check(exchange, json_get(&root, "data_source"), &source) || !has_models(exchange, &eval))
        return;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "eval_id", eval.id);
    json_text_or_null(&json, "report_url", "");
    write_named(&json, &named);
    json_text_or_null(&json, "model", source.model != NULL ? source.model : "");
    json_text_or_null(&json, "_tuned", source.tuned);
    json_text_or_null(&json, "_file", source.file);
    write_or_null(&json, "data_source", json_get(&root, "data_source"));
    json_object_end(&json);
    struct jobs_record record = {.parent = eval.id,
                                 .state = WORK_QUEUED,
                                 .body = filed_body(exchange, LIMIT_JSON_BYTES),
                                 .outcome = "{\"result_counts\":{\"total\":0,\"errored\":0,\"failed\":0,\"passed\":0},"
                                            "\"per_model_usage\":[],\"per_testing_criteria_results\":[],\"error\":null}"};
    if (record.body == NULL || !filed_make(exchange, &filed_run, &record))
        return;
    long_work_wake(exchange->server);
    filed_answer(exchange, &filed_run, &record);
}

void handle_eval_runs(struct exchange *exchange)
{
    struct jobs_record eval;
    if (find_eval(exchange, &eval))
        filed_list(exchange, &filed_run, &(struct jobs_records){.parent = eval.id});
}

static bool find_run(struct exchange *exchange, struct jobs_record *run)
{
    struct jobs_record eval;
    if (!find_eval(exchange, &eval) || !filed_find(exchange, &filed_run, exchange->match.parts[1], run))
        return false;
    if (strcmp(run->parent, eval.id) == 0)
        return true;
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such run of this eval");
    return false;
}

void handle_eval_run(struct exchange *exchange)
{
    struct jobs_record run;
    if (find_run(exchange, &run))
        filed_answer(exchange, &filed_run, &run);
}

void handle_eval_run_cancel(struct exchange *exchange)
{
    struct jobs_record run;
    struct error inner;
    bool changed;
    if (!find_run(exchange, &run))
        return;
    const struct jobs_change change = {.from = WORK_QUEUED " " WORK_IN_PROGRESS, .state = RUN_CANCELED};
    if (!jobs_change_record(exchange->server->jobs, run.id, &change, &changed, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    if (!changed) {
        respond_refusal(exchange, 400, "invalid_state", NULL, "the run is %s: it cannot be canceled", run.state);
        return;
    }
    (void)long_work_interrupt(exchange->server, run.id);
    if (find_run(exchange, &run))
        filed_answer(exchange, &filed_run, &run);
}

void handle_eval_run_delete(struct exchange *exchange)
{
    struct jobs_record run;
    struct error inner;
    if (!find_run(exchange, &run))
        return;
    (void)long_work_interrupt(exchange->server, run.id);
    if (jobs_forget_record(exchange->server->jobs, run.id, &inner))
        answer_deleted(exchange, "eval.run.deleted", "run_id", run.id);
    else
        (void)respond_inner(exchange, &inner);
}

void handle_eval_items(struct exchange *exchange)
{
    struct jobs_record run;
    if (find_run(exchange, &run))
        filed_list(exchange, &filed_item, &(struct jobs_records){.parent = run.id});
}

void handle_eval_item(struct exchange *exchange)
{
    struct jobs_record run, item;
    if (!find_run(exchange, &run) || !filed_find(exchange, &filed_item, exchange->match.parts[2], &item))
        return;
    if (strcmp(item.parent, run.id) == 0)
        filed_answer(exchange, &filed_item, &item);
    else
        respond_refusal(exchange, 404, "not_found", NULL, "there is no such item of this run");
}
