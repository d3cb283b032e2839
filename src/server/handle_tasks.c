/* handle_tasks.c - long work that who sees everything starts in the page: evaluating, deciding, drafting test cases, tuning.
 *
 * A request chooses among what is listed here, and becomes words of the command line; nothing of it is a word that was not looked at. */
#include "task_runner.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_TASKS = 50, TAIL_BYTES = 16 * 1024, LINES_MAX = 40, DRAFTS_MOST = 500, EPOCHS_MOST = 100, NAME_BYTES = 40 };

/* ---- what a task tells ---- */

struct task_progress {
    struct slice stage;
    uint64_t done, total;
};

/* "reading: 3 of 40" */
static bool is_progress(struct slice line, struct task_progress *progress)
{
    size_t colon = 0, at;
    bool any = false;
    for (size_t i = 0; i + 1 < line.size; i++)
        if (line.data[i] == ':' && line.data[i + 1] == ' ') {
            colon = i;
            any = true;
        }
    if (!any)
        return false;
    struct slice numbers = slice_range(line, colon + 2, line.size), done, total;
    if (!slice_find(numbers, ' ', &at))
        return false;
    done = slice_range(numbers, 0, at);
    total = slice_range(numbers, at, numbers.size);
    if (!slice_starts_with(total, SLICE(" of ")) || !slice_to_u64(done, &progress->done) ||
        !slice_to_u64(slice_range(total, 4, total.size), &progress->total))
        return false;
    progress->stage = slice_range(line, 0, colon);
    return true;
}

static void write_progress(struct json_writer *json, const struct task_progress *progress)
{
    json_key(json, "progress");
    if (progress->stage.size == 0) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    json_key(json, "stage");
    json_text(json, progress->stage);
    const struct json_integer_member numbers[] = {{"done", (int64_t)progress->done}, {"total", (int64_t)progress->total}};
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

/* How far it is, and what else it said: the end of its messages. */
static void write_messages(struct exchange *exchange, struct json_writer *json, int64_t id)
{
    struct buffer text;
    struct error ignored;
    struct task_progress progress = {0};
    struct slice lines[LINES_MAX], rest, line;
    size_t count = 0, first;
    uint64_t size = 0;
    const char *path = task_file(&exchange->arena, assay_folder(exchange->hands->assay), id, TASK_MESSAGES);
    buffer_init(&text, TAIL_BYTES);
    if (file_size(path, &size, &ignored) && size > 0)
        (void)!file_read_at(path, size > TAIL_BYTES ? size - TAIL_BYTES : 0, TAIL_BYTES, &text, &ignored);
    rest = buffer_slice(&text);
    if (size > TAIL_BYTES)
        (void)slice_next(&rest, '\n', &line); /* it may begin within one */
    while (slice_next(&rest, '\n', &line))
        if (line.size > 0 && !is_progress(line, &progress))
            lines[count++ % LINES_MAX] = line;
    write_progress(json, &progress);
    json_key(json, "lines");
    json_array_begin(json);
    first = count > LINES_MAX ? count - LINES_MAX : 0;
    for (size_t i = first; i < count; i++)
        json_text(json, lines[i % LINES_MAX]);
    json_array_end(json);
    buffer_release(&text);
}

static void write_time(struct json_writer *json, const char *key, int64_t time)
{
    json_key(json, key);
    if (time > 0)
        json_integer(json, time);
    else
        json_null(json);
}

/* Why it does not run yet, where no other task is the reason. */
static const char *message_of(struct exchange *exchange, const struct jobs_task *task)
{
    bool waits = strcmp(task->state, JOBS_QUEUED) == 0 && task_needs_turn(task) && turn_holder(exchange->server) == TURN_JOBS;
    return waits ? "a fine-tuning job is being worked on; this begins when that is done" : task->message;
}

static void write_task(struct exchange *exchange, struct json_writer *json, const struct jobs_task *task, bool in_full)
{
    struct json_value request;
    struct error ignored;
    bool is_read = json_read(slice_from(task->request), "the request", &exchange->arena, &request, &ignored);
    const struct json_text_member texts[] = {{"object", "task"},
                                             {"kind", task->kind},
                                             {"state", task->state},
                                             {"by", task->by},
                                             {"message", message_of(exchange, task)},
                                             {"result", task->result}};
    json_object_begin(json);
    json_key(json, "id");
    json_text(json, slice_from(arena_format(&exchange->arena, "%lld", (long long)task->id)));
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "request");
    if (is_read && json_get(&request, "request") != NULL)
        json_again(json, json_get(&request, "request"));
    else
        json_null(json);
    write_time(json, "created_at", task->created);
    write_time(json, "started_at", task->started);
    write_time(json, "finished_at", task->ended);
    if (in_full || task->ended == 0)
        write_messages(exchange, json, task->id);
    json_object_end(json);
}

/* The task that the path names; false: answered. */
static bool find_task(struct exchange *exchange, struct jobs_task *task)
{
    struct error inner;
    uint64_t id = 0;
    *task = (struct jobs_task){0};
    if (slice_to_u64(exchange->match.parts[0], &id) && id > 0 && id <= INT64_MAX &&
        !jobs_find_task(exchange->server->jobs, (int64_t)id, &exchange->arena, task, &inner))
        return respond_inner(exchange, &inner);
    if (task->id > 0)
        return true;
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such task");
    return false;
}

static void answer_task(struct exchange *exchange, const struct jobs_task *task)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    write_task(exchange, &json, task, /* in_full= */ true);
    respond_json(exchange, &exchange->text);
}

void handle_task(struct exchange *exchange)
{
    struct jobs_task task;
    if (find_task(exchange, &task))
        answer_task(exchange, &task);
}

struct tasks_listing {
    struct exchange *exchange;
    struct jobs_task tasks[LIST_TASKS];
    size_t count;
};

/* Copied, because writing one may read files, and the jobs are locked meanwhile. */
static bool note_task(void *context, const struct jobs_task *task)
{
    struct tasks_listing *listing = context;
    struct arena *arena = &listing->exchange->arena;
    struct jobs_task *copy = &listing->tasks[listing->count++];
    *copy = *task;
    const char **texts[] = {&copy->kind, &copy->request, &copy->by, &copy->state, &copy->message, &copy->result};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        *texts[i] = arena_text(arena, slice_from(*texts[i]));
    return true;
}

void handle_tasks(struct exchange *exchange)
{
    struct tasks_listing listing = {.exchange = exchange};
    struct json_writer json;
    struct error inner;
    if (!jobs_each_task(exchange->server->jobs, 0, LIST_TASKS, note_task, &listing, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    list_begin(exchange, &json);
    for (size_t i = 0; i < listing.count; i++)
        write_task(exchange, &json, &listing.tasks[i], /* in_full= */ false);
    list_end(exchange, &json);
}

void handle_task_cancel(struct exchange *exchange)
{
    struct jobs_task task;
    struct error inner;
    if (!find_task(exchange, &task))
        return;
    if (!jobs_cancel_task(exchange->server->jobs, task.id, clock_wall_ns() / 1000000000, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    tasks_wake(exchange->server);
    if (find_task(exchange, &task))
        answer_task(exchange, &task);
}

static void answer_file(struct exchange *exchange, const char *name, const char *type)
{
    struct jobs_task task;
    struct error inner;
    if (!find_task(exchange, &task))
        return;
    const char *path = task_file(&exchange->arena, assay_folder(exchange->hands->assay), task.id, name);
    buffer_clear(&exchange->text);
    if (!file_exists(path))
        respond_refusal(exchange, 404, "not_found", NULL, "the task has left nothing of this yet");
    else if (file_read(path, LIMIT_REPORT_BYTES, &exchange->text, &inner))
        respond_text(exchange, 200, type, buffer_slice(&exchange->text));
    else
        (void)respond_inner(exchange, &inner);
}

/* What it printed, once it is done. */
void handle_task_output(struct exchange *exchange)
{
    struct jobs_task task;
    if (!find_task(exchange, &task))
        return;
    if (strcmp(task.state, JOBS_DONE) != 0)
        respond_refusal(exchange, 409, "conflict", NULL, "the task is not done");
    else
        answer_file(exchange, TASK_OUTPUT, "application/json");
}

void handle_task_training(struct exchange *exchange)
{
    answer_file(exchange, TASK_TRAINING, "application/jsonl");
}

/* ---- starting one ---- */

struct task_wanted {
    struct exchange *exchange;
    struct json_value root;
    const char *kind;
    const char *words[24];
    size_t count;
    const char *name; /* of what is tuned; NULL */
};

static void add(struct task_wanted *wanted, const char *word)
{
    if (wanted->count < ARRAY_COUNT(wanted->words))
        wanted->words[wanted->count++] = word;
}

static bool refuse(struct task_wanted *wanted, const char *key, const char *reason)
{
    respond_refusal(wanted->exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

/* A member that is true or false; false: refused. */
static bool flag(struct task_wanted *wanted, const char *key, const char *word)
{
    const struct json_value *value;
    if (!request_member(wanted->exchange, &wanted->root, key, JSON_BOOL, &value))
        return false;
    if (value != NULL && value->boolean)
        add(wanted, word);
    return true;
}

/* A whole number behind an option; absent: left out. */
static bool number(struct task_wanted *wanted, const char *key, const char *option, int64_t most)
{
    int64_t value;
    if (!request_whole(wanted->exchange, &wanted->root, key, 1, most, 0, &value))
        return false;
    if (value > 0) {
        add(wanted, option);
        add(wanted, arena_format(&wanted->exchange->arena, "%lld", (long long)value));
    }
    return true;
}

static const char *text_of(struct task_wanted *wanted, const char *key)
{
    const struct json_value *value = json_get(&wanted->root, key);
    bool is_text = value != NULL && value->kind == JSON_TEXT && value->text.size > 0 && value->text.size < LIMIT_PATH_BYTES &&
                   memchr(value->text.data, '\0', value->text.size) == NULL;
    return is_text ? arena_text(&wanted->exchange->arena, value->text) : NULL;
}

static bool want_eval(struct task_wanted *wanted)
{
    add(wanted, "eval");
    add(wanted, "--json");
    return flag(wanted, "without_answers", "--no-answers");
}

/* The model of the settings is fine-tuned by its provider, for money; no other one, so that examples go nowhere that the owner has not named. It is
 * named again, so that what was confirmed is what is bought where the settings have changed meanwhile. */
static bool hosted(struct task_wanted *wanted)
{
    const struct json_value *value;
    struct assay_settings_told told;
    if (!request_member(wanted->exchange, &wanted->root, "hosted", JSON_TEXT, &value))
        return false;
    if (value == NULL)
        return true;
    if (!settings_now(wanted->exchange, &told))
        return false;
    if (slice_starts_with(slice_from(told.model), SLICE("builtin")) ||
        slice_starts_with(slice_from(told.model), SLICE("anthropic:")))
        return refuse(wanted, "hosted", "is for a model in the settings whose provider has fine-tuning as OpenAI's API has it");
    if (!slice_equal_text(value->text, told.model))
        return refuse(wanted, "hosted", "is not the model of the settings: they may have changed since its price was told");
    add(wanted, "--hosted");
    add(wanted, arena_text(&wanted->exchange->arena, slice_from(told.model)));
    return true;
}

static bool want_decide(struct task_wanted *wanted)
{
    add(wanted, "decide");
    add(wanted, "--json");
    return flag(wanted, "all", "--all") && flag(wanted, "anew", "--anew") && hosted(wanted);
}

static bool want_plan(struct task_wanted *wanted)
{
    add(wanted, "decide");
    add(wanted, "--plan");
    add(wanted, "--json");
    return hosted(wanted);
}

static bool want_draft(struct task_wanted *wanted)
{
    add(wanted, "eval");
    add(wanted, "--json");
    if (json_get(&wanted->root, "count") == NULL)
        return refuse(wanted, "count", "is missing: so many test cases are proposed");
    return number(wanted, "count", "--draft", DRAFTS_MOST);
}

/* What examples are kept in: the file that assay.yaml names, a table or lines of JSON, or one that was sent to learn from. A report names lines of
 * it, so that of another file (a password's, say) it would tell who may not read it here. */
static bool holds_examples(struct task_wanted *wanted, const char *root, const char *path)
{
    static const char *const ends[] = {".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".tsv", ".tsv.gz"};
    struct exchange *exchange = wanted->exchange;
    struct slice below = slice_from(path + strlen(root) + 1);
    struct jobs_file file = {0};
    struct assay_settings_told told;
    struct assay_error error;
    struct error inner;
    if (slice_starts_with(below, SLICE(UPLOADS_FOLDER "/")))
        return jobs_find_file(exchange->server->jobs, below.data, &exchange->arena, &file, &inner) && file.path != NULL &&
               strcmp(file.purpose, "fine-tune") == 0;
    if (assay_settings_tell(exchange->hands->assay, &told, &error) && slice_equal_text(below, told.examples))
        return true;
    bool is_hidden = below.data[0] == '.';
    for (size_t i = 1; i < below.size; i++)
        is_hidden = is_hidden || (below.data[i] == '.' && below.data[i - 1] == '/');
    bool ok = file_exists(arena_format(&exchange->arena, "%s/queries.jsonl", path)); /* a folder in BEIR's layout */
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
        ok = ok || slice_ends_with(below, slice_from(ends[i]));
    return ok && !is_hidden;
}

/* A file of the project that holds examples, and is no part of its state, through no link out of it. */
static const char *examples_file(struct task_wanted *wanted)
{
    struct arena *arena = &wanted->exchange->arena;
    const char *root = assay_folder(wanted->exchange->hands->assay), *file = text_of(wanted, "file");
    if (file == NULL)
        return NULL;
    const char *sent = file_path_of(arena, slice_from(file));
    const char *path = path_normal(arena, root, sent != NULL ? sent : file);
    char *real = path_is_below(path, root) ? realpath(path, NULL) : NULL;
    char *real_root = realpath(root, NULL);
    bool is_ours = real != NULL && real_root != NULL && path_is_below(real, real_root) &&
                   !path_is_below(real, arena_format(arena, "%s/.assay", real_root));
    is_ours = is_ours && holds_examples(wanted, real_root, real);
    free(real);
    free(real_root);
    return is_ours ? path : NULL;
}

/* As `assay tune` takes one, and shorter. */
static bool is_name(const char *name)
{
    size_t size = strlen(name);
    bool ok = size > 0 && size <= NAME_BYTES && name[0] != '-';
    for (size_t i = 0; i < size; i++)
        ok = ok && ((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') || name[i] == '-');
    return ok;
}

static bool is_among(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, list[i]) == 0)
            return true;
    return false;
}

static bool want_tune(struct task_wanted *wanted)
{
    static const char *const works[] = {"classify", "reader", "writer", "rerank", "embed"};
    static const char *const methods[] = {"auto", "head", "lora", "full"};
    const char *work = text_of(wanted, "task"), *name = text_of(wanted, "name"), *method = text_of(wanted, "method");
    const struct json_value *check;
    if (work == NULL || !is_among(work, works, ARRAY_COUNT(works)))
        return refuse(wanted, "task", "is none of classify, reader, writer, rerank, embed");
    const char *file = examples_file(wanted);
    if (file == NULL)
        return refuse(wanted, "file",
                      "is none of this project's .jsonl, .csv and .tsv files, not the one of `examples`, and none that was "
                      "sent with the purpose "
                      "fine-tune");
    if (!request_member(wanted->exchange, &wanted->root, "check", JSON_BOOL, &check))
        return false;
    add(wanted, "tune");
    add(wanted, work);
    add(wanted, file);
    add(wanted, "--json");
    if (check != NULL && check->boolean) {
        add(wanted, "--check");
        return true;
    }
    if (name == NULL || !is_name(name))
        return refuse(wanted, "name", "is no name: up to 40 small letters, digits and hyphens");
    if (method != NULL && (strcmp(work, "classify") != 0 || !is_among(method, methods, ARRAY_COUNT(methods))))
        return refuse(wanted, "method", "is of task \"classify\": auto, head, lora or full");
    wanted->name = name;
    add(wanted, "--name");
    add(wanted, name);
    if (method != NULL) {
        add(wanted, "--method");
        add(wanted, method);
    }
    return flag(wanted, "replace", "--replace") &&
           (strcmp(work, "classify") == 0 || number(wanted, "epochs", "--epochs", EPOCHS_MOST));
}

static const char *request_text(struct task_wanted *wanted, struct buffer *text)
{
    struct json_writer json;
    json_writer_init(&json, text);
    json_object_begin(&json);
    json_key(&json, "words");
    json_array_begin(&json);
    for (size_t i = 0; i < wanted->count; i++)
        json_text(&json, slice_from(wanted->words[i]));
    json_array_end(&json);
    json_text_or_null(&json, "name", wanted->name);
    json_key(&json, "request");
    json_again(&json, &wanted->root);
    json_object_end(&json);
    return buffer_text(text);
}

static void put_task(struct task_wanted *wanted)
{
    struct exchange *exchange = wanted->exchange;
    struct buffer text;
    struct error inner;
    struct jobs_task task = {
        .kind = wanted->kind, .by = exchange->key.name, .created = clock_wall_ns() / 1000000000, .asked = exchange->id};
    int64_t id = 0;
    buffer_init(&text, MIB);
    task.request = request_text(wanted, &text);
    bool ok = buffer_finish(&text, "the request", &inner) && jobs_put_task(exchange->server->jobs, &task, &id, &inner);
    buffer_release(&text);
    if (ok) {
        tasks_wake(exchange->server);
        ok = jobs_find_task(exchange->server->jobs, id, &exchange->arena, &task, &inner);
    }
    if (ok)
        answer_task(exchange, &task);
    else if (inner.kind == ERROR_LIMIT)
        respond_refusal(exchange, 429, "limit", NULL, "%s: wait until some are done, or cancel them", inner.message);
    else
        (void)respond_inner(exchange, &inner);
}

void handle_task_make(struct exchange *exchange)
{
    static const struct {
        const char *kind;
        bool (*want)(struct task_wanted *wanted);
    } kinds[] = {{"eval", want_eval}, {"decide", want_decide}, {"plan", want_plan}, {"draft", want_draft}, {"tune", want_tune}};
    struct task_wanted wanted = {.exchange = exchange};
    if (exchange->body.size > 64 * KIB) {
        respond_refusal(exchange, 413, "body_too_large", NULL, "the request is larger than any task's");
        return;
    }
    if (!request_json(exchange, &wanted.root))
        return;
    const char *kind = text_of(&wanted, "kind");
    for (size_t i = 0; kind != NULL && i < ARRAY_COUNT(kinds); i++)
        if (strcmp(kind, kinds[i].kind) == 0) {
            wanted.kind = kinds[i].kind;
            if (kinds[i].want(&wanted))
                put_task(&wanted);
            return;
        }
    (void)refuse(&wanted, "kind", "is none of eval, decide, plan, draft, tune");
}
