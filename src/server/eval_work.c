/* eval_work.c - a run of an eval: its items one after the other, each with its outcome durable before the next one begins.
 *
 * Who asks is the key that the run is of: it sees what that key may see, and counts for its quota. After a crash the run goes on behind the last item. */
#include "evals.h"
#include "conversation.h"
#include <stdlib.h>
#include <string.h>

enum { TELL_EACH = 16 };

/* What a grader said so far. */
struct tally {
    int64_t passed, failed;
};

struct eval_run {
    struct labour *labour;
    struct assay *assay;
    struct assay_tuned_model *tuned; /* NULL: the project answers */
    struct assay_key_rights rights;
    struct jobs_record eval;
    struct json_value criteria; /* a list */
    const struct json_value *source; /* data_source */
    const char *model; /* NULL: samples are sent */
    struct buffer file; /* of the items; empty: they stand in the request */
    struct slice rest; /* of it */
    size_t number, total; /* of the item that is next, of all */
    struct tally *tallies; /* one a grader */
    int64_t passed, failed, errored;
    struct grader_usage own, grading; /* of the model that is asked, and of graders that ask one */
    struct grader_means means;
    bool has_askers, uses_models; /* among the graders */
};

/* One item on its way. */
struct eval_item {
    struct arena arena; /* its own */
    struct json_value row; /* {"item", "sample"} */
    struct eval_values values;
    struct json_value messages; /* as they were sent: [{role, content}] */
    const char *error; /* NULL: none */
    const char *finish; /* of what was asked; NULL: "stop" */
    struct grader_usage own, grading; /* the first without what was asked */
    struct grade_given *given;
};

static const struct json_value *list_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_ARRAY ? value : NULL;
}

static const char *text_of(struct arena *arena, const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_TEXT ? arena_text(arena, value->text) : NULL;
}

/* ---- what came of it, written ---- */

static void write_counts(const struct eval_run *run, struct json_writer *json)
{
    const struct json_integer_member counts[] = {{"total", run->passed + run->failed + run->errored},
                                                 {"errored", run->errored},
                                                 {"failed", run->failed},
                                                 {"passed", run->passed}};
    json_key(json, "result_counts");
    json_object_begin(json);
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_object_end(json);
}

static void write_usage_of(struct json_writer *json, const char *model, const struct grader_usage *usage)
{
    const struct json_integer_member numbers[] = {{"invocation_count", usage->asked},
                                                  {"prompt_tokens", usage->prompt_tokens},
                                                  {"completion_tokens", usage->completion_tokens},
                                                  {"cached_tokens", usage->cached_tokens},
                                                  {"total_tokens", usage->prompt_tokens + usage->completion_tokens}};
    json_object_begin(json);
    json_text_or_null(json, "model_name", model);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

/* What answers and what grades have one name where neither was fine-tuned. */
static void write_usage(const struct eval_run *run, struct json_writer *json)
{
    struct grader_usage own = run->own;
    bool is_one = run->model != NULL && strcmp(run->model, TALK_MODEL) == 0;
    if (is_one)
        grader_usage_add(&own, &run->grading);
    json_key(json, "per_model_usage");
    json_array_begin(json);
    if (run->model != NULL)
        write_usage_of(json, run->model, &own);
    if (run->has_askers && !is_one)
        write_usage_of(json, TALK_MODEL, &run->grading);
    json_array_end(json);
}

static void write_tallies(const struct eval_run *run, struct json_writer *json)
{
    json_key(json, "per_testing_criteria_results");
    json_array_begin(json);
    for (size_t i = 0; i < run->criteria.count; i++) {
        const struct json_integer_member counts[] = {{"passed", run->tallies[i].passed}, {"failed", run->tallies[i].failed}};
        json_object_begin(json);
        json_text_or_null(json, "testing_criteria", text_of(&run->labour->arena, &run->criteria.items[i], "name"));
        json_integers(json, counts, ARRAY_COUNT(counts));
        json_object_end(json);
    }
    json_array_end(json);
}

static bool change(struct eval_run *run, const char *state, const char *code, const char *message)
{
    struct buffer outcome;
    struct json_writer json;
    buffer_init(&outcome, LIMIT_JSON_BYTES);
    json_writer_init(&json, &outcome);
    json_object_begin(&json);
    write_counts(run, &json);
    write_usage(run, &json);
    write_tallies(run, &json);
    json_key(&json, "error");
    if (message != NULL) {
        const struct json_text_member why[] = {{"code", code}, {"message", message}};
        json_object_begin(&json);
        json_texts(&json, why, ARRAY_COUNT(why));
        json_object_end(&json);
    } else {
        json_null(&json);
    }
    json_object_end(&json);
    bool changed = labour_change(run->labour, WORK_QUEUED " " WORK_IN_PROGRESS, state, &outcome);
    buffer_release(&outcome);
    return changed;
}

static bool fail(struct eval_run *run, const char *code, const char *message)
{
    struct labour *labour = run->labour;
    (void)change(run, "failed", code, without_root(&labour->arena, labour->root, message));
    return false;
}

/* ---- an item's outcome ---- */

static void write_results(const struct eval_run *run, struct eval_item *item, struct json_writer *json)
{
    json_key(json, "results");
    json_array_begin(json);
    for (size_t i = 0; item->error == NULL && i < run->criteria.count; i++) {
        const struct json_value *grader = &run->criteria.items[i];
        json_object_begin(json);
        json_text_or_null(json, "name", text_of(&item->arena, grader, "name"));
        json_text_or_null(json, "type", text_of(&item->arena, grader, "type"));
        json_key(json, "score");
        json_real(json, item->given[i].score, 6);
        json_key(json, "passed");
        json_bool(json, item->given[i].passed);
        json_key(json, "sample");
        json_raw(json, item->given[i].sample != NULL ? slice_from(item->given[i].sample) : SLICE("null"));
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_message(struct json_writer *json, const char *role, const char *content)
{
    const struct json_text_member texts[] = {{"role", role}, {"content", content}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_object_end(json);
}

static const struct json_value *parameter(const struct eval_run *run, const char *key)
{
    const struct json_value *parameters = json_get(run->source, "sampling_params");
    const struct json_value *value = parameters != NULL ? json_get(parameters, key) : NULL;
    return value != NULL && value->kind == JSON_NUMBER ? value : NULL;
}

static void write_parameters(const struct eval_run *run, struct json_writer *json)
{
    const struct json_value *temperature = parameter(run, "temperature"), *seed = parameter(run, "seed"),
                            *most = parameter(run, "max_completion_tokens");
    json_key(json, "temperature");
    json_real(json, temperature != NULL ? temperature->real : 1, 6);
    json_key(json, "top_p");
    json_real(json, 1, 6);
    json_integers(json,
                  (const struct json_integer_member[]){{"seed", seed != NULL ? seed->integer : 0},
                                                       {"max_completion_tokens", most != NULL ? most->integer : 0}},
                  2);
}

static void write_sample(const struct eval_run *run, struct eval_item *item, struct json_writer *json)
{
    json_key(json, "sample");
    json_object_begin(json);
    json_key(json, "input");
    json_array_begin(json);
    for (size_t i = 0; i < item->messages.count; i++)
        json_again(json, &item->messages.items[i]);
    json_array_end(json);
    json_key(json, "output");
    json_array_begin(json);
    if (item->values.output_text != NULL)
        write_message(json, "assistant", item->values.output_text);
    json_array_end(json);
    json_text_or_null(json, "finish_reason", item->finish != NULL ? item->finish : "stop");
    json_text_or_null(json, "model", run->model != NULL ? run->model : "");
    grader_usage_write(json, "usage", &item->own);
    json_key(json, "error");
    if (item->error != NULL) {
        const struct json_text_member why[] = {{"code", "item_error"}, {"message", item->error}};
        json_object_begin(json);
        json_texts(json, why, ARRAY_COUNT(why));
        json_object_end(json);
    } else {
        json_null(json);
    }
    write_parameters(run, json);
    json_object_end(json);
}

static void count_item(struct eval_run *run, const struct eval_item *item, const char *state)
{
    run->passed += strcmp(state, "pass") == 0;
    run->failed += strcmp(state, "fail") == 0;
    run->errored += strcmp(state, "error") == 0;
    for (size_t i = 0; item->error == NULL && i < run->criteria.count; i++) {
        run->tallies[i].passed += item->given[i].passed;
        run->tallies[i].failed += !item->given[i].passed;
    }
    grader_usage_add(&run->own, &item->own);
    grader_usage_add(&run->grading, &item->grading);
}

static void write_item(const struct eval_run *run, struct eval_item *item, struct buffer *body)
{
    struct json_writer json;
    json_writer_init(&json, body);
    json_object_begin(&json);
    const struct json_text_member texts[] = {{"run_id", run->labour->record.id}, {"eval_id", run->eval.id}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, &(struct json_integer_member){"datasource_item_id", (int64_t)run->number}, 1);
    json_key(&json, "datasource_item");
    if (item->values.item != NULL)
        json_again(&json, item->values.item);
    else
        json_raw(&json, SLICE("{}"));
    write_results(run, item, &json);
    write_sample(run, item, &json);
    if (run->has_askers) { /* of our own: results that are not there tell no tokens */
        json_key(&json, "_grading");
        write_usage_of(&json, TALK_MODEL, &item->grading);
    }
    json_object_end(&json);
}

static enum labour_kept put_item(struct eval_run *run, struct eval_item *item)
{
    struct buffer body;
    bool passed = true;
    buffer_init(&body, LIMIT_JSON_BYTES);
    write_item(run, item, &body);
    if (body.failed) { /* without what made it too long */
        item->error = "the item and its answer are too long to be kept";
        item->values.item = NULL;
        item->values.output_text = NULL;
        item->messages.count = 0;
        buffer_release(&body);
        buffer_init(&body, LIMIT_JSON_BYTES);
        write_item(run, item, &body);
    }
    for (size_t i = 0; item->error == NULL && i < run->criteria.count; i++)
        passed = passed && item->given[i].passed;
    const char *state = item->error != NULL ? "error" : passed ? "pass" : "fail";
    enum labour_kept kept = labour_add(run->labour, &filed_item, state, &body);
    buffer_release(&body);
    if (kept == LABOUR_KEPT) {
        count_item(run, item, state);
        labour_note_move(run->labour);
    }
    return kept;
}

/* ---- a run that was begun before ---- */

static int64_t whole_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_NUMBER ? value->integer : 0;
}

static void read_usage(const struct json_value *usage, struct grader_usage *read)
{
    if (usage != NULL)
        *read = (struct grader_usage){whole_of(usage, "invocation_count"), whole_of(usage, "prompt_tokens"),
                                      whole_of(usage, "completion_tokens"), whole_of(usage, "cached_tokens")};
}

static bool recall_item(void *context, const struct jobs_record *record)
{
    struct eval_run *run = context;
    struct eval_item item = {.error = strcmp(record->state, "error") == 0 ? "" : NULL};
    struct json_value body;
    struct error ignored;
    arena_init(&item.arena);
    item.given = arena_alloc(&item.arena, run->criteria.count + 1, sizeof(*item.given));
    bool ok = json_read(slice_from(record->body), "an item", &item.arena, &body, &ignored);
    const struct json_value *results = ok ? list_of(&body, "results") : NULL,
                            *usage = ok && json_get(&body, "sample") != NULL ? json_get(json_get(&body, "sample"), "usage")
                                                                             : NULL;
    for (size_t i = 0; results != NULL && i < results->count && i < run->criteria.count; i++) {
        const struct json_value *passed = json_get(&results->items[i], "passed");
        item.given[i].passed = passed != NULL && passed->boolean;
    }
    read_usage(usage, &item.own);
    read_usage(ok ? json_get(&body, "_grading") : NULL, &item.grading);
    item.own.asked = run->model != NULL;
    count_item(run, &item, record->state);
    run->number++;
    arena_release(&item.arena);
    return true;
}

/* ---- asking ---- */

/* A message's text with its references put in; NULL: item->error says why not. */
static const char *content_of(struct eval_item *item, const struct json_value *message, bool is_template)
{
    const struct json_value *content = json_get(message, "content");
    if (content != NULL && content->kind == JSON_OBJECT)
        content = json_get(content, "text");
    if (content == NULL || content->kind != JSON_TEXT) {
        item->error = "a message has no text";
        return NULL;
    }
    return is_template ? eval_fill(&item->values, content->text, &item->error) : arena_text(&item->arena, content->text);
}

/* The messages that are sent, as a list of JSON. */
static bool make_messages(const struct eval_run *run, struct eval_item *item)
{
    const struct json_value *given = json_get(run->source, "input_messages"), *list = list_of(given, "template");
    struct buffer text;
    struct json_writer json;
    struct error error;
    bool is_template = list != NULL;
    const struct json_value *reference = given != NULL ? json_get(given, "item_reference") : NULL;
    if (!is_template && reference != NULL && reference->kind == JSON_TEXT)
        list = eval_value(&item->values, reference->text);
    if (list == NULL || list->kind != JSON_ARRAY) {
        item->error = "the item has no list of messages where item_reference says";
        return false;
    }
    buffer_init(&text, 64 * MIB);
    json_writer_init(&json, &text);
    json_array_begin(&json);
    for (size_t i = 0; item->error == NULL && i < list->count; i++) {
        const char *role = text_of(&item->arena, &list->items[i], "role");
        const char *content = content_of(item, &list->items[i], is_template);
        if (content != NULL)
            write_message(&json, role != NULL ? role : "user", content);
    }
    json_array_end(&json);
    if (item->error == NULL &&
        !json_read(arena_slice(&item->arena, buffer_slice(&text)), "messages", &item->arena, &item->messages, &error))
        item->error = "the messages are too long";
    buffer_release(&text);
    return item->error == NULL;
}

struct question {
    struct assay_turn *turns;
    size_t turn_count;
    const char *text; /* NULL: nothing is asked */
};

/* As chat completions take them: the last messages of the user ask, system messages are passed over. */
static void take_messages(struct eval_item *item, struct question *question)
{
    question->turns = arena_alloc(&item->arena, TALK_TURNS_MAX, sizeof(*question->turns));
    for (size_t i = 0; i < item->messages.count; i++) {
        const char *role = text_of(&item->arena, &item->messages.items[i], "role"),
                   *text = text_of(&item->arena, &item->messages.items[i], "content");
        if (role == NULL || text == NULL)
            continue;
        if (strcmp(role, "user") == 0) {
            question->text = question->text == NULL ? text : arena_format(&item->arena, "%s\n\n%s", question->text, text);
        } else if (strcmp(role, "assistant") == 0 && question->text != NULL) {
            if (question->turn_count == TALK_TURNS_MAX)
                memmove(question->turns, question->turns + 1, (TALK_TURNS_MAX - 1) * sizeof(*question->turns));
            else
                question->turn_count++;
            question->turns[question->turn_count - 1] = (struct assay_turn){question->text, text};
            question->text = NULL;
        }
    }
}

static bool goes_on(void *context)
{
    return long_work_goes_on(((struct eval_run *)context)->labour->server);
}

static bool ask_tuned(struct eval_run *run, struct eval_item *item, const char *question, struct assay_error *error)
{
    struct assay_tuned_answer said;
    if (!assay_tuned_model_answer(run->tuned, (struct assay_text){question, strlen(question)}, &said, error))
        return false;
    item->values.output_text = arena_text(&item->arena, slice_from(said.text));
    item->own.prompt_tokens = (int64_t)said.prompt_tokens;
    item->own.completion_tokens = (int64_t)said.completion_tokens;
    labour_use(run->labour, (double)(said.prompt_tokens + said.completion_tokens), 0);
    return true;
}

static bool ask_project(struct eval_run *run, struct eval_item *item, const struct question *question,
                        struct assay_error *error)
{
    const struct json_value *temperature = parameter(run, "temperature"), *seed = parameter(run, "seed"),
                            *most = parameter(run, "max_completion_tokens");
    struct assay_answer answer;
    const struct assay_ask_options options = {.principal = run->rights.is_admin ? NULL : run->rights.name,
                                              .asker = run->rights.name,
                                              .turns = question->turns,
                                              .turn_count = question->turn_count,
                                              .temperature = temperature != NULL ? &temperature->real : NULL,
                                              .seed = seed != NULL ? &seed->integer : NULL,
                                              .tokens_max = most != NULL ? (size_t)most->integer : 0,
                                              .going = goes_on,
                                              .context = run};
    bool ok = assay_ask(run->assay, question->text, &options, &answer, error);
    item->own.prompt_tokens = answer.prompt_tokens;
    item->own.completion_tokens = answer.completion_tokens;
    item->own.cached_tokens = answer.cached_tokens;
    labour_use(run->labour, (double)(answer.prompt_tokens + answer.completion_tokens), answer.cost > 0 ? answer.cost : 0);
    if (!ok)
        return false;
    item->finish = answer.finish != NULL ? arena_text(&item->arena, slice_from(answer.finish)) : NULL;
    item->values.output_text = arena_text(&item->arena,
                                          slice_from(answer.text != NULL ? answer.text : "The documents do not answer this."));
    assay_answer_release(&answer);
    return true;
}

/* Who asks may have been revoked meanwhile. */
static bool check_owner(struct eval_run *run)
{
    return labour_owner(run->labour, run->assay, &run->rights) || fail(run, "invalid_api_key", LABOUR_NO_OWNER);
}

/* False: it is to end. */
static bool ask(struct eval_run *run, struct eval_item *item)
{
    struct question question = {0};
    struct assay_error error;
    if (!make_messages(run, item))
        return true;
    take_messages(item, &question);
    if (question.text == NULL || strlen(question.text) > LIMIT_QUERY_BYTES) {
        item->error = "the messages do not end with a question of the user, or it is too long";
        return true;
    }
    if (!labour_has_room(run->labour, &run->rights, /* takes= */ true))
        return fail(run, "insufficient_quota", LABOUR_USED_UP);
    item->own.asked = 1;
    if (run->tuned != NULL ? ask_tuned(run, item, question.text, &error) : ask_project(run, item, &question, &error))
        return true;
    if (!goes_on(run))
        return false;
    journal_job(run->labour->server, "error", run->labour->record.id, "%s", error.message);
    item->error = error.kind == ASSAY_INVALID ? without_root(&item->arena, run->labour->root, error.message)
                                              : "the model could not answer; the server's log has the reason";
    return true;
}

/* ---- items ---- */

/* The next row; false: there is none. */
static bool next_row(struct eval_run *run, size_t at, struct eval_item *item)
{
    const struct json_value *content = list_of(json_get(run->source, "source"), "content");
    struct slice line = {NULL, 0};
    struct error error;
    if (run->file.size == 0) {
        if (content == NULL || at >= content->count)
            return false;
        item->row = content->items[at];
    } else {
        while (line.size == 0)
            if (!slice_next(&run->rest, '\n', &line))
                return false;
            else
                line = slice_trim(line);
        if (!json_read_few(line, "a line", LIMIT_REQUEST_VALUES, &item->arena, &item->row, &error))
            item->error = arena_format(&item->arena, "line %zu that has something is no JSON", at + 1);
    }
    item->values.arena = &item->arena;
    const struct json_value *value = item->error == NULL ? json_get(&item->row, "item") : NULL, *sample = NULL;
    if (item->error == NULL && (value == NULL || value->kind != JSON_OBJECT))
        item->error = "there is no object \"item\"";
    if (item->error == NULL)
        sample = json_get(&item->row, "sample");
    item->values.item = value != NULL && value->kind == JSON_OBJECT ? value : NULL;
    item->values.sample = sample != NULL && sample->kind == JSON_OBJECT ? sample : NULL;
    const struct json_value *said = run->model == NULL && item->values.sample != NULL
                                        ? json_get(item->values.sample, "output_text")
                                        : NULL;
    if (said != NULL && said->kind == JSON_TEXT && said->text.size > 0 &&
        memchr(said->text.data, '\0', said->text.size) != NULL)
        item->error = "the sample's text has a zero byte";
    else if (said != NULL)
        item->values.output_text = text_of(&item->arena, item->values.sample, "output_text");
    return true;
}

/* ---- graders ---- */

static bool may_ask(void *context)
{
    struct eval_run *run = context;
    return labour_has_room(run->labour, &run->rights, /* takes= */ true);
}

static void use(void *context, double tokens, double money)
{
    labour_use(((struct eval_run *)context)->labour, tokens, money);
}

static void tell_log(void *context, const char *message)
{
    const struct labour *labour = ((struct eval_run *)context)->labour;
    journal_job(labour->server, "error", labour->record.id, "%s", message);
}

/* False: the run is to end here. */
static bool grade(struct eval_run *run, struct eval_item *item)
{
    for (size_t i = 0; item->error == NULL && i < run->criteria.count; i++) {
        struct grade_given *given = &item->given[i];
        bool ok = grader_grade(&run->criteria.items[i], &item->values, &run->means, given, &item->error);
        grader_usage_add(&item->grading, &given->usage);
        if (!ok && given->fault == GRADE_STOPPED)
            return false;
        if (!ok && given->fault == GRADE_USED_UP)
            return fail(run, "insufficient_quota", LABOUR_USED_UP);
        if (!ok && item->error == NULL)
            item->error = "it could not be graded";
    }
    return true;
}

/* False: it is to end here. */
static bool do_item(struct eval_run *run, struct eval_item *item)
{
    if (item->error == NULL && run->model != NULL && !ask(run, item))
        return false;
    if (!grade(run, item))
        return false;
    enum labour_kept kept = put_item(run, item);
    if (kept == LABOUR_NO_SPACE)
        return fail(run, "rate_limit_exceeded",
                    "what is kept of this key's jobs and evals takes what it may: delete some first");
    return kept == LABOUR_KEPT; /* else it stays as it is, and is gone on with later */
}

/* True: all of them are done. */
static bool do_items(struct eval_run *run)
{
    bool goes = true, is_end = false;
    size_t done = run->number;
    run->rest = buffer_slice(&run->file);
    for (size_t at = 0; goes && !is_end; at++) {
        struct eval_item item = {.error = NULL};
        arena_init(&item.arena);
        item.given = arena_alloc(&item.arena, run->criteria.count + 1, sizeof(*item.given));
        is_end = !next_row(run, at, &item);
        if (!is_end && at >= done) {
            goes = goes_on(run);
            if (goes && at % TELL_EACH == 0 && (run->model != NULL || run->uses_models))
                goes = check_owner(run);
            run->number = at;
            goes = goes && do_item(run, &item);
            if (goes && at % TELL_EACH == TELL_EACH - 1)
                goes = change(run, WORK_IN_PROGRESS, NULL, NULL);
        }
        arena_release(&item.arena);
    }
    return is_end;
}

/* ---- the run ---- */

static bool read_eval(struct eval_run *run)
{
    struct labour *labour = run->labour;
    struct json_value body;
    struct error error;
    bool ok = jobs_find_record(labour->server->jobs, filed_eval.name, labour->record.parent, &labour->arena, &run->eval,
                               &error) &&
              run->eval.id != NULL && json_read(slice_from(run->eval.body), "an eval", &labour->arena, &body, &error);
    const struct json_value *criteria = ok ? list_of(&body, "testing_criteria") : NULL;
    if (criteria == NULL)
        return false;
    run->criteria = *criteria;
    for (size_t i = 0; i < criteria->count; i++) {
        run->has_askers = run->has_askers || grader_asks(&criteria->items[i]);
        run->uses_models = run->uses_models || grader_uses_model(&criteria->items[i]);
    }
    run->tallies = arena_alloc(&labour->arena, run->criteria.count + 1, sizeof(*run->tallies));
    run->source = json_get(&labour->body, "data_source");
    run->model = text_of(&labour->arena, &labour->body, "model");
    if (run->model != NULL && run->model[0] == '\0')
        run->model = NULL;
    return run->source != NULL;
}

static bool open_all(struct eval_run *run)
{
    struct labour *labour = run->labour;
    struct assay_error error;
    struct error inner;
    const char *file = text_of(&labour->arena, &labour->body, "_file"),
               *tuned = text_of(&labour->arena, &labour->body, "_tuned");
    if (!assay_open(&run->assay, &(struct assay_open_options){.folder = labour->root}, &error))
        return fail(run, "server_error", error.message);
    run->means = (struct grader_means){
        .assay = run->assay, .may_ask = may_ask, .use = use, .goes_on = goes_on, .fail = tell_log, .context = run};
    if (!check_owner(run))
        return false;
    if (file != NULL &&
        !file_read(arena_format(&labour->arena, "%s/%s", labour->root, file), LIMIT_EXAMPLES_BYTES, &run->file, &inner))
        return fail(run, "invalid_file", "the file of the items was deleted, or cannot be read");
    if (file != NULL && run->file.size == 0)
        return fail(run, "invalid_file", "the file of the items is empty");
    if (tuned != NULL && !assay_tuned_model_open(run->assay, tuned, &run->tuned, &error)) {
        run->tuned = NULL;
        return fail(run, "model_not_found", "the fine-tuned model was deleted, or cannot be opened");
    }
    return true;
}

void eval_work(struct labour *labour)
{
    struct eval_run run = {.labour = labour};
    struct error error;
    buffer_init(&run.file, LIMIT_EXAMPLES_BYTES);
    const struct jobs_records items = {.kind = filed_item.name, .parent = labour->record.id};
    if (!read_eval(&run)) {
        (void)fail(&run, "server_error", "the eval of this run is not there");
    } else if (open_all(&run)) {
        bool ok = jobs_each_record(labour->server->jobs, &items, recall_item, &run, &error);
        if (ok && change(&run, WORK_IN_PROGRESS, NULL, NULL) && do_items(&run))
            (void)change(&run, "completed", NULL, NULL);
    }
    grader_means_close(&run.means);
    assay_tuned_model_close(run.tuned);
    assay_close(run.assay);
    buffer_release(&run.file);
}
