/* task_runner.c - the thread that runs what was started in the page, one after the other. */
#include "task_runner.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum {
    LOOK_MS = 200, /* after its end, and whether it is to stop */
    PATIENCE_MS = 10000, /* for one that was told to end */
    WORDS_MAX = 40
};

struct task_runner {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    const char *root; /* of the project; in the arena */
    struct arena arena;
    bool is_ending, is_called;
    bool waits; /* something, for its turn */
};

const char *task_file(struct arena *arena, const char *root, int64_t id, const char *name)
{
    return arena_format(arena, "%s/.assay/tasks/%lld%s%s", root, (long long)id, name[0] != '\0' ? "/" : "", name);
}

static bool is_ending(struct task_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    bool is = runner->is_ending;
    pthread_mutex_unlock(&runner->lock);
    return is;
}

static void wait_for_call(struct task_runner *runner)
{
    pthread_mutex_lock(&runner->lock);
    while (!runner->is_ending && !runner->is_called)
        pthread_cond_wait(&runner->woken, &runner->lock);
    runner->is_called = false;
    pthread_mutex_unlock(&runner->lock);
}

/* Sleeps, unless the server ends. */
static void wait_some(struct task_runner *runner)
{
    uint64_t until_ns = clock_now_ns() + LOOK_MS * UINT64_C(1000000);
    pthread_mutex_lock(&runner->lock);
    if (!runner->is_ending)
        (void)condition_wait_until(&runner->woken, &runner->lock, until_ns);
    pthread_mutex_unlock(&runner->lock);
}

/* ---- the process ---- */

struct running {
    struct task_runner *runner;
    struct arena arena;
    struct jobs_task task;
    const char *words[WORDS_MAX + 1]; /* of the command; the list ends with NULL */
    size_t word_count;
    const char *training; /* the file of a training's steps, where it is one; NULL */
    const char *trained; /* that file in the finished adapter's folder */
    uint64_t training_size;
    pid_t child;
    bool was_interrupted; /* because the server ends */
};

static bool start_command(struct running *running, struct error *error)
{
    struct arena *arena = &running->arena;
    const char *root = running->runner->root;
    const struct again_options options = {.words = running->words,
                                          .variable = "ASSAY_PROGRESS_MS=300",
                                          .output = task_file(arena, root, running->task.id, TASK_OUTPUT),
                                          .messages = task_file(arena, root, running->task.id, TASK_MESSAGES)};
    return folder_create(task_file(arena, root, running->task.id, ""), error) && again_start(&options, &running->child, error);
}

/* The steps so far, before the training takes its file away. */
static void keep_training(struct running *running, const char *file)
{
    struct error ignored;
    struct buffer text;
    uint64_t size;
    if (file == NULL || !file_size(file, &size, &ignored) || size == 0 || size == running->training_size)
        return;
    buffer_init(&text, LIMIT_CASES_BYTES);
    if (file_read(file, LIMIT_CASES_BYTES, &text, &ignored) &&
        file_replace(task_file(&running->arena, running->runner->root, running->task.id, TASK_TRAINING), buffer_slice(&text),
                     &ignored))
        running->training_size = size;
    buffer_release(&text);
}

static bool is_to_stop(struct running *running)
{
    struct arena arena;
    struct jobs_task now;
    struct error error;
    arena_init(&arena);
    bool is = jobs_find_task(running->runner->server->jobs, running->task.id, &arena, &now, &error) && now.id > 0 &&
              strcmp(now.state, JOBS_STOPPING) == 0;
    arena_release(&arena);
    running->was_interrupted = is_ending(running->runner);
    return is || running->was_interrupted;
}

/* Until it has ended; whoever is to stop gets a while for it. Returns what waitpid told. */
static int watch_command(struct running *running)
{
    uint64_t told_ns = 0;
    int status = 0;
    for (;;) {
        if (again_ended(running->child, &status))
            return status;
        keep_training(running, running->training);
        uint64_t now = clock_now_ns();
        if (told_ns == 0 && is_to_stop(running)) {
            told_ns = now;
            again_stop(running->child, /* at_once= */ false);
        } else if (told_ns != 0 && now - told_ns > PATIENCE_MS * UINT64_C(1000000)) {
            again_stop(running->child, /* at_once= */ true);
        }
        if (told_ns == 0)
            wait_some(running->runner);
        else
            (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 100000L}, NULL);
    }
}

/* ---- what came of it ---- */

static const char *text_of(struct running *running, const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_TEXT ? arena_text(&running->arena, value->text) : NULL;
}

/* The document that it printed; false: it is none. */
static bool read_output(struct running *running, struct buffer *text, struct json_value *root)
{
    struct error ignored;
    const char *path = task_file(&running->arena, running->runner->root, running->task.id, TASK_OUTPUT);
    return file_read(path, LIMIT_REPORT_BYTES, text, &ignored) &&
           json_read(buffer_slice(text), TASK_OUTPUT, &running->arena, root, &ignored) && root->kind == JSON_OBJECT;
}

/* The error that the command told; else how it ended. */
static const char *failure_of(struct running *running, const struct json_value *root, int status)
{
    const struct json_value *told = root != NULL ? json_get(root, "error") : NULL;
    const char *message = text_of(running, told, "message"), *hint = text_of(running, told, "hint");
    if (message != NULL)
        return hint != NULL && hint[0] != '\0' ? arena_format(&running->arena, "%s. %s", message, hint) : message;
    if (WIFSIGNALED(status))
        return arena_format(&running->arena, "it was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return arena_format(&running->arena, "it ended with exit code %d", WEXITSTATUS(status));
}

static void note_outcome(struct running *running, int status)
{
    struct jobs_task *task = &running->task;
    struct json_value root;
    struct buffer text;
    buffer_init(&text, LIMIT_REPORT_BYTES);
    bool has_output = read_output(running, &text, &root);
    bool is_done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    task->message = is_done ? "" : failure_of(running, has_output ? &root : NULL, status);
    const char *run = has_output ? text_of(running, &root, "run") : NULL;
    const char *adapter = has_output ? text_of(running, &root, "adapter") : NULL;
    task->result = is_done && run != NULL       ? run
                   : is_done && adapter != NULL ? arena_text(&running->arena, path_name(adapter))
                                                : "";
    task->state = is_done ? JOBS_DONE : JOBS_FAILED;
    buffer_release(&text);
}

static int64_t now_s(void)
{
    return (int64_t)(clock_wall_ns() / 1000000000);
}

/* One that was told to stop, and was not done before. */
static void note_stop(struct running *running)
{
    struct jobs_task now;
    struct error error;
    struct jobs_task *task = &running->task;
    if (strcmp(task->state, JOBS_DONE) == 0 ||
        !jobs_find_task(running->runner->server->jobs, task->id, &running->arena, &now, &error) || now.id == 0)
        return;
    if (strcmp(now.state, JOBS_STOPPING) == 0) {
        task->state = JOBS_CANCELLED;
        task->message = "";
    } else if (running->was_interrupted) { /* by the server's end, which is no fault of it */
        task->state = JOBS_QUEUED;
        task->message = "";
        task->tries--; /* of failures; that it was begun stays written down */
    }
}

/* ---- what to run ---- */

static bool has_word(const struct running *running, const char *word)
{
    for (size_t i = 0; i < running->word_count; i++)
        if (strcmp(running->words[i], word) == 0)
            return true;
    return false;
}

static void add_word(struct running *running, const char *word)
{
    if (running->word_count < WORDS_MAX)
        running->words[running->word_count++] = word;
    running->words[running->word_count] = NULL;
}

/* At the first beginning it is written down that the name was free: what stands there later is of this training. False: that is not durable. */
static bool note_name(struct running *running, const char *adapter, struct error *error)
{
    struct arena *arena = &running->arena;
    const char *root = running->runner->root;
    bool is_free = !file_exists(adapter) && !file_exists(arena_format(arena, "%s~training", adapter));
    return !is_free || (folder_create(task_file(arena, root, running->task.id, ""), error) &&
                        file_replace(task_file(arena, root, running->task.id, TASK_NAME_WAS_FREE), SLICE(""), error));
}

/* What was begun before goes on. */
static void go_on(struct running *running)
{
    bool is_ours = file_exists(task_file(&running->arena, running->runner->root, running->task.id, TASK_NAME_WAS_FREE));
    bool replaces = has_word(running, "--replace");
    const char *checkpoint = path_join(&running->arena, arena_text(&running->arena, path_folder(running->training)),
                                       "checkpoint");
    if ((is_ours || replaces) && file_exists(checkpoint))
        add_word(running, "--resume");
    else if (is_ours && !replaces)
        add_word(running, "--replace"); /* it may have been written, and not told */
}

static bool read_words(struct running *running, struct error *error)
{
    struct json_value root;
    const char *root_folder = running->runner->root;
    if (!json_read(slice_from(running->task.request), "the request", &running->arena, &root, error))
        return false;
    const struct json_value *words = json_get(&root, "words");
    const char *name = text_of(running, &root, "name");
    add_word(running, "assay");
    for (size_t i = 0; words != NULL && i < words->count && words->items[i].kind == JSON_TEXT; i++) {
        const char *word = arena_text(&running->arena, words->items[i].text);
        if (!running->task.was_begun || strcmp(word, "--anew") != 0) /* the run that was begun anew goes on */
            add_word(running, word);
    }
    add_word(running, "--project");
    add_word(running, root_folder);
    if (name == NULL)
        return true;
    const char *adapter = arena_format(&running->arena, "%s/.assay/adapters/%s", root_folder, name);
    running->training = arena_format(&running->arena, "%s~training/" TASK_TRAINING, adapter);
    running->trained = arena_format(&running->arena, "%s/" TASK_TRAINING, adapter);
    if (!running->task.was_begun)
        return note_name(running, adapter, error);
    go_on(running);
    return true;
}

static void forget_old(struct running *running)
{
    struct error ignored;
    if (running->task.id > JOBS_TASKS_KEPT)
        (void)!folder_remove(task_file(&running->arena, running->runner->root, running->task.id - JOBS_TASKS_KEPT, ""),
                             &ignored);
}

static void run_task(struct running *running)
{
    struct server *server = running->runner->server;
    struct jobs_task *task = &running->task;
    struct error error = {0};
    const char *job = arena_format(&running->arena, "task-%lld", (long long)task->id);
    journal_job(server, "info", job, "%s begun", task->kind);
    if (read_words(running, &error) && start_command(running, &error)) {
        int status = watch_command(running);
        keep_training(running, running->training);
        note_outcome(running, status);
        if (strcmp(task->state, JOBS_DONE) == 0) /* one that was quick has shown few steps, or none */
            keep_training(running, running->trained);
        note_stop(running);
    } else {
        task->state = JOBS_FAILED;
        task->message = arena_text(&running->arena, slice_from(error.message));
        task->result = "";
    }
    task->ended = strcmp(task->state, JOBS_QUEUED) == 0 ? 0 : now_s();
    if (jobs_end_task(server->jobs, task, &error))
        journal_job(server, strcmp(task->state, JOBS_FAILED) == 0 ? "warning" : "info", job, "%s left as %s", task->kind,
                    task->state);
    else
        journal_job(server, "error", job, "what came of it cannot be written: %s", error.message);
    forget_old(running);
}

bool task_needs_turn(const struct jobs_task *task)
{
    struct json_value root;
    struct error ignored;
    struct arena arena;
    bool needs = strcmp(task->kind, "decide") == 0;
    if (strcmp(task->kind, "tune") != 0)
        return needs;
    arena_init(&arena);
    needs = true;
    const struct json_value *words = json_read(slice_from(task->request), "the request", &arena, &root, &ignored)
                                         ? json_get(&root, "words")
                                         : NULL;
    for (size_t i = 0; words != NULL && i < words->count; i++)
        needs = needs && !(words->items[i].kind == JSON_TEXT && slice_equal_text(words->items[i].text, "--check"));
    arena_release(&arena);
    return needs;
}

struct turn_choice {
    struct task_runner *runner;
    bool has_turn, waits;
};

static bool may_run(void *context, const struct jobs_task *task)
{
    struct turn_choice *choice = context;
    if (!task_needs_turn(task))
        return true;
    choice->has_turn = turn_take(choice->runner->server, TURN_TASKS);
    choice->waits = !choice->has_turn;
    return choice->has_turn;
}

/* False: none waits that may run now. */
static bool run_next(struct task_runner *runner)
{
    struct running running = {.runner = runner};
    struct turn_choice turn = {.runner = runner};
    struct error error;
    arena_init(&running.arena);
    bool ok = jobs_take_task(runner->server->jobs, &(struct jobs_choice){may_run, &turn}, now_s(), &running.arena,
                             &running.task, &error);
    bool any = ok && running.task.id > 0;
    if (!turn.waits)
        turn_waive(runner->server, TURN_TASKS);
    runner->waits = turn.waits;
    if (any)
        run_task(&running);
    if (turn.has_turn)
        turn_end(runner->server);
    if (!ok)
        journal_event("error", "tasks cannot be read: %s", error.message);
    arena_release(&running.arena);
    return any;
}

static void *run_tasks(void *context)
{
    struct task_runner *runner = context;
    while (!is_ending(runner)) {
        if (run_next(runner))
            continue;
        if (runner->waits)
            wait_some(runner);
        else
            wait_for_call(runner);
    }
    return NULL;
}

/* ---- starting and stopping ---- */

bool tasks_start(struct server *server, struct assay_error *error)
{
    struct error inner;
    struct task_runner *runner = memory_alloc(1, sizeof(*runner));
    *runner = (struct task_runner){.server = server};
    arena_init(&runner->arena);
    runner->root = arena_text(&runner->arena, slice_from(assay_folder(server->assay)));
    pthread_mutex_init(&runner->lock, NULL);
    condition_init(&runner->woken);
    bool ok = jobs_recover_tasks(server->jobs, now_s(), &inner);
    if (!ok)
        *error = (struct assay_error){.kind = ASSAY_IO, .message = "could not read what was begun before"};
    if (ok && pthread_create(&runner->thread, NULL, run_tasks, runner) == 0) {
        server->tasks = runner;
        return true;
    }
    if (ok)
        *error = (struct assay_error){.kind = ASSAY_NO_MEMORY, .message = "could not start a thread of the server"};
    pthread_cond_destroy(&runner->woken);
    pthread_mutex_destroy(&runner->lock);
    arena_release(&runner->arena);
    free(runner);
    return false;
}

static void call(struct task_runner *runner, bool ends)
{
    if (runner == NULL)
        return;
    pthread_mutex_lock(&runner->lock);
    runner->is_called = true;
    runner->is_ending = runner->is_ending || ends;
    pthread_cond_signal(&runner->woken);
    pthread_mutex_unlock(&runner->lock);
}

void tasks_wake(struct server *server)
{
    call(server->tasks, /* ends= */ false);
}

void tasks_end(struct server *server)
{
    call(server->tasks, /* ends= */ true);
}

void tasks_stop(struct server *server)
{
    struct task_runner *runner = server->tasks;
    if (runner == NULL)
        return;
    call(runner, /* ends= */ true);
    pthread_join(runner->thread, NULL);
    pthread_cond_destroy(&runner->woken);
    pthread_mutex_destroy(&runner->lock);
    arena_release(&runner->arena);
    free(runner);
    server->tasks = NULL;
}
