/* long_work.c - the thread that does what takes long, one record after the other, the oldest first; it stands back for whoever asks something. */
#include "evals.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { LOOK_S = 5, LOOK_TURN_S = 1, NICE = 10, DAY_S = 86400, BEGUN_MAX = 3 };

struct long_work {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    char *root;
    const char *now; /* the id of what is worked on; NULL: nothing */
    bool is_ending, is_called, is_interrupted, is_trouble_told;
    bool waits; /* a training, for its turn */
    char told[72]; /* the job that was told so last */
};

bool long_work_goes_on(struct server *server)
{
    struct long_work *work = server->long_work;
    pthread_mutex_lock(&work->lock);
    bool goes_on = !work->is_ending && !work->is_interrupted;
    pthread_mutex_unlock(&work->lock);
    return goes_on;
}

/* ---- for who works ---- */

bool labour_change(struct labour *labour, const char *from, const char *state, const struct buffer *outcome)
{
    struct error error;
    bool changed = false;
    bool is_whole = outcome != NULL && !outcome->failed;
    const struct jobs_change change = {
        .from = from, .state = state, .outcome = is_whole ? arena_text(&labour->arena, buffer_slice(outcome)) : NULL};
    if (!jobs_change_record(labour->server->jobs, labour->record.id, &change, &changed, &error))
        journal_job(labour->server, "error", labour->record.id, "%s", error.message);
    return changed;
}

enum labour_kept labour_add(struct labour *labour, const struct filed_kind *kind, const char *state, const struct buffer *body)
{
    struct error error;
    struct arena arena; /* its own: there may be a million of them */
    arena_init(&arena);
    const struct jobs_record record = {.id = random_id(&arena, kind->start),
                                       .kind = kind->name,
                                       .parent = labour->record.id,
                                       .owner = labour->record.owner,
                                       .state = state,
                                       .body = arena_text(&arena, buffer_slice(body)),
                                       .outcome = "{}",
                                       .created = clock_wall_ns() / 1000000000};
    enum labour_kept kept = LABOUR_NOT_KEPT;
    if (buffer_finish(body, "a record", &error))
        kept = jobs_put_record(labour->server->jobs, &record, &error) ? LABOUR_KEPT
               : error.kind == ERROR_LIMIT                            ? LABOUR_NO_SPACE
                                                                      : LABOUR_NOT_KEPT;
    if (kept != LABOUR_KEPT)
        journal_job(labour->server, "error", labour->record.id, "%s", error.message);
    arena_release(&arena);
    return kept;
}

void labour_note_move(struct labour *labour)
{
    struct error error;
    if (labour->has_moved)
        return;
    labour->has_moved = jobs_forget_begun(labour->server->jobs, labour->record.id, &error);
    if (!labour->has_moved)
        journal_job(labour->server, "error", labour->record.id, "%s", error.message);
}

void labour_use(struct labour *labour, double tokens, double money)
{
    struct error error;
    int64_t day = clock_wall_ns() / 1000000000 / DAY_S;
    if (!jobs_note_use(labour->server->jobs, labour->record.owner, day, tokens, money, &error))
        journal_job(labour->server, "error", labour->record.id, "%s", error.message);
}

bool labour_owner(struct labour *labour, struct assay *assay, struct assay_key_rights *rights)
{
    return owner_rights(&labour->arena, assay, labour->record.owner, rights);
}

bool labour_has_room(struct labour *labour, const struct assay_key_rights *rights, bool takes)
{
    struct jobs *jobs = labour->server->jobs;
    const struct assay_quota *quota = &rights->quota;
    const struct jobs_use most = {quota->requests, quota->tokens, quota->money};
    enum jobs_measure used_up = JOBS_NOTHING;
    struct error error;
    int64_t day = clock_wall_ns() / 1000000000 / DAY_S;
    if (quota->requests <= 0 && quota->tokens <= 0 && quota->money <= 0)
        return true;
    const char *owner = labour->record.owner;
    bool ok = takes ? jobs_take_request(jobs, owner, day, &most, &used_up, &error)
                    : jobs_look_at_use(jobs, owner, day, &most, &used_up, &error);
    if (!ok)
        journal_job(labour->server, "error", labour->record.id, "%s", error.message);
    return ok && used_up == JOBS_NOTHING;
}

/* ---- the thread ---- */

static void note_now(struct long_work *work, const char *id)
{
    pthread_mutex_lock(&work->lock);
    work->now = id;
    work->is_interrupted = false;
    pthread_mutex_unlock(&work->lock);
}

static bool read_record(struct labour *labour, struct error *error)
{
    return json_read(slice_from(labour->record.body), "a record", &labour->arena, &labour->body, error) &&
           json_read(slice_from(labour->record.outcome), "a record", &labour->arena, &labour->outcome, error);
}

/* What cannot be read, or has ended the server each time, is tried no more: whatever waits behind it would wait for ever. */
static void give_up(struct labour *labour, const char *message)
{
    struct buffer text;
    struct json_writer json;
    const struct json_text_member why[] = {{"code", "server_error"}, {"message", message}};
    bool is_read = labour->outcome.kind == JSON_OBJECT;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    for (size_t i = 0; is_read && i < labour->outcome.count; i++) {
        if (slice_equal_text(labour->outcome.keys[i], "error"))
            continue;
        json_key(&json, arena_text(&labour->arena, labour->outcome.keys[i]));
        if (slice_equal_text(labour->outcome.keys[i], "finished_at"))
            json_integer(&json, clock_wall_ns() / 1000000000);
        else
            json_again(&json, &labour->outcome.items[i]);
    }
    json_key(&json, "error");
    json_object_begin(&json);
    json_texts(&json, why, ARRAY_COUNT(why));
    json_object_end(&json);
    json_object_end(&json);
    if (labour_change(labour, WORK_WAITING, "failed", &text) && strcmp(labour->record.kind, filed_tuning.name) == 0)
        tuning_note(labour->server, &labour->record, message);
    buffer_release(&text);
}

/* Files are looked at before anything is worked on, so that who sent a wrong one need not wait. `kind` NULL: any. */
static bool next_of(struct labour *labour, const char *kind, struct error *error)
{
    static const char *const states[] = {WORK_VALIDATING, WORK_RUNNING, WORK_IN_PROGRESS, WORK_QUEUED};
    bool ok = true;
    labour->record = (struct jobs_record){0};
    for (size_t i = 0; ok && i < ARRAY_COUNT(states) && labour->record.id == NULL; i++)
        ok = jobs_next_record(labour->server->jobs, kind, states[i], &labour->arena, &labour->record, error);
    return ok;
}

static bool is_training(const struct jobs_record *record)
{
    return record->id != NULL && strcmp(record->kind, filed_tuning.name) == 0 && strcmp(record->state, WORK_VALIDATING) != 0;
}

static void tell_waiting(struct long_work *work, const struct jobs_record *record)
{
    if (strcmp(work->told, record->id) == 0)
        return;
    snprintf(work->told, sizeof(work->told), "%s", record->id);
    tuning_note(work->server, record, "Another training or decision is under way; the job begins when that is done");
}

/* A training waits for its turn, and what is none goes before it meanwhile. */
static bool choose(struct long_work *work, struct labour *labour, bool *has_turn, struct error *error)
{
    *has_turn = false;
    if (!next_of(labour, NULL, error))
        return false;
    if (is_training(&labour->record))
        *has_turn = turn_take(work->server, TURN_JOBS);
    work->waits = is_training(&labour->record) && !*has_turn;
    if (!work->waits) {
        turn_waive(work->server, TURN_JOBS);
        return true;
    }
    tell_waiting(work, &labour->record);
    return next_of(labour, filed_run.name, error);
}

/* Has it come further? What cannot be written down is not tried again at once. */
static bool has_moved(struct labour *labour)
{
    struct jobs_record record;
    struct error error;
    return jobs_find_record(labour->server->jobs, labour->record.kind, labour->record.id, &labour->arena, &record, &error) &&
           (record.id == NULL || strcmp(record.state, labour->record.state) != 0);
}

static void tell_end(struct labour *labour)
{
    struct jobs_record record;
    struct error ignored;
    if (jobs_find_record(labour->server->jobs, labour->record.kind, labour->record.id, &labour->arena, &record, &ignored) &&
        record.id != NULL)
        journal_job(labour->server, strcmp(record.state, "failed") == 0 ? "warning" : "info", record.id, "left as %s",
                    record.state);
}

/* False: it cannot be written down that it was begun. */
static bool begin(struct labour *labour, struct error *error)
{
    struct jobs *jobs = labour->server->jobs;
    struct error inner;
    int64_t begun;
    if (!jobs_begin_record(jobs, labour->record.id, &begun, error))
        return false;
    journal_job(labour->server, "info", labour->record.id, "begun");
    if (!read_record(labour, &inner)) {
        journal_job(labour->server, "error", labour->record.id, "%s", inner.message);
        give_up(labour, "what was asked for cannot be read any longer");
    } else if (begun > BEGUN_MAX) {
        give_up(labour, "the server ended while this was worked on, each time that it was begun");
    } else if (strcmp(labour->record.kind, filed_run.name) == 0) {
        eval_work(labour);
    } else {
        tuning_work(labour);
    }
    tell_end(labour);
    return jobs_forget_begun(jobs, labour->record.id, error);
}

/* True: something was done, and more may wait. */
static bool do_next(struct long_work *work)
{
    struct labour labour = {.server = work->server, .root = work->root};
    struct error error;
    arena_init(&labour.arena);
    bool has_turn, moved = false, ok = choose(work, &labour, &has_turn, &error);
    if (ok && labour.record.id != NULL) {
        note_now(work, labour.record.id);
        ok = begin(&labour, &error);
        moved = ok && has_moved(&labour);
        note_now(work, NULL);
        if (strcmp(labour.record.kind, filed_tuning.name) == 0)
            tuning_clear(&labour); /* only now: whoever cancels it from here on sees that nobody works on it */
    }
    if (has_turn)
        turn_end(work->server);
    if (!ok && !work->is_trouble_told)
        journal_event("error", "what waits to be worked on cannot be read: %s", error.message);
    work->is_trouble_told = !ok;
    arena_release(&labour.arena);
    return moved;
}

static bool wait_for_call(struct long_work *work)
{
    uint64_t until_ns = clock_now_ns() + (work->waits ? LOOK_TURN_S : LOOK_S) * UINT64_C(1000000000);
    bool is_early = true;
    pthread_mutex_lock(&work->lock);
    while (!work->is_ending && !work->is_called && is_early)
        is_early = condition_wait_until(&work->woken, &work->lock, until_ns);
    work->is_called = false;
    bool goes = !work->is_ending;
    pthread_mutex_unlock(&work->lock);
    return goes;
}

static bool is_ending(struct long_work *work)
{
    pthread_mutex_lock(&work->lock);
    bool is = work->is_ending;
    pthread_mutex_unlock(&work->lock);
    return is;
}

static void *run(void *context)
{
    struct long_work *work = context;
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* of this thread, and those that it starts */
    for (bool goes = true; goes;)
        goes = do_next(work) ? !is_ending(work) : wait_for_call(work);
    return NULL;
}

/* ---- starting and stopping ---- */

static void release(struct long_work *work)
{
    pthread_cond_destroy(&work->woken);
    pthread_mutex_destroy(&work->lock);
    free(work->root);
    free(work);
}

bool long_work_start(struct server *server, struct assay_error *error)
{
    const char *root = assay_folder(server->assay);
    struct long_work *work = memory_alloc(1, sizeof(*work));
    *work = (struct long_work){.server = server, .root = memory_copy_text(root, strlen(root))};
    pthread_mutex_init(&work->lock, NULL);
    condition_init(&work->woken);
    server->long_work = work; /* before the thread asks for it */
    if (pthread_create(&work->thread, NULL, run, work) == 0)
        return true;
    server->long_work = NULL;
    release(work);
    *error = (struct assay_error){.kind = ASSAY_NO_MEMORY, .message = "could not start a thread of the server"};
    return false;
}

static void call(struct long_work *work, bool ends)
{
    pthread_mutex_lock(&work->lock);
    work->is_called = true;
    work->is_ending = work->is_ending || ends;
    pthread_cond_signal(&work->woken);
    pthread_mutex_unlock(&work->lock);
}

void long_work_wake(struct server *server)
{
    call(server->long_work, /* ends= */ false);
}

void long_work_end(struct server *server)
{
    call(server->long_work, /* ends= */ true);
}

bool long_work_interrupt(struct server *server, const char *id)
{
    struct long_work *work = server->long_work;
    pthread_mutex_lock(&work->lock);
    bool is_now = work->now != NULL && strcmp(work->now, id) == 0;
    work->is_interrupted = work->is_interrupted || is_now;
    pthread_mutex_unlock(&work->lock);
    return is_now;
}

void long_work_stop(struct server *server)
{
    struct long_work *work = server->long_work;
    if (work == NULL)
        return;
    call(work, /* ends= */ true);
    pthread_join(work->thread, NULL);
    server->long_work = NULL;
    release(work);
}
