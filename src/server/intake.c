/* intake.c - the thread that takes in what was promised, some documents at a time.
 *
 *   works of server.db, queued ──▶ the file's copy in the store's folder ──▶ assay_add ──▶ done, or failed with its reason
 *
 * Whatever a crash leaves undone is queued still. What another process holds the project's lock for is waited for.
 *
 * One at a time writes, in the order in which they came: this thread, and whoever deletes, cancels or changes. Taking in may be long, so it is
 * cut short where others wait, stands behind them, and goes on from what it has kept. */
#include "file_attributes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    WORKS_AT_ONCE = 16,
    CHANGES_AT_ONCE = 64,
    PAUSE_MS = 1000,
    PAUSE_MS_MAX = 60000,
    LOCK_TRIES = 10,
    LOCK_PAUSE_MS = 50,
    PATIENCE_MS = 1000,
    PATIENCE_MS_MAX = 16000
};

struct taken;

struct worker {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    pthread_cond_t turned;
    uint64_t turn,
        turn_next; /* whose turn to write it is, and the one that who comes next gets. The rest is of him whose turn it is: */
    int64_t begun[WORKS_AT_ONCE]; /* works that were taken in vain or cut short, and whose file was not there before */
    size_t begun_count;
    unsigned patience_ms; /* so long may others wait when nothing was kept before it was cut short */
    char *root; /* of the project: its handle goes when the settings are read again */
    struct file_lock alone; /* of the servers of a project */
    unsigned pause_ms; /* longer each time that the disk has no room */
    const struct taken *now; /* what is taken in; NULL: nothing. With how far it has come: */
    struct worker_progress progress;
    bool is_ending, is_called, is_waiting_told;
};

/* Some works, as they were when they were read. */
struct taken {
    struct arena arena;
    struct jobs_work works[WORKS_AT_ONCE];
    const char *places[WORKS_AT_ONCE]; /* of the documents; absolute */
    const char *paths[WORKS_AT_ONCE]; /* of those that are to be added */
    size_t path_count;
    const char *failures[WORKS_AT_ONCE]; /* NULL: none */
    bool waits[WORKS_AT_ONCE]; /* it cannot be done now */
    bool is_new[WORKS_AT_ONCE]; /* its file was not there before */
    size_t count, wait_count;
    const char *root;
    struct worker *worker;
    uint64_t begun_ns;
    bool has_moved; /* something was kept for good */
    bool is_cut; /* because others wait */
};

/* ---- turns ---- */

static void take_turn(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    uint64_t mine = worker->turn_next++;
    while (worker->turn != mine)
        pthread_cond_wait(&worker->turned, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
}

static void end_turn(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->turn++;
    pthread_cond_broadcast(&worker->turned);
    pthread_mutex_unlock(&worker->lock);
}

static bool is_waited_for(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool is = worker->turn_next - worker->turn > 1;
    pthread_mutex_unlock(&worker->lock);
    return is;
}

/* Others wait: they get their turn at once, unless what was cut short last time had kept nothing. Then this one tries longer each time, so that it
 * comes to its end however many others there are. */
static bool gives_way(struct taken *taken)
{
    taken->is_cut = is_waited_for(taken->worker) &&
                    (taken->has_moved || clock_ms_since(taken->begun_ns) >= (double)taken->worker->patience_ms);
    return taken->is_cut;
}

/* Before the turn ends: what the next one has to know. */
static void note_turn(struct worker *worker, const struct taken *taken, bool is_done)
{
    unsigned longer = worker->patience_ms > 0 ? 2 * worker->patience_ms : PATIENCE_MS;
    if (taken->has_moved || !taken->is_cut)
        worker->patience_ms = 0;
    else
        worker->patience_ms = longer < PATIENCE_MS_MAX ? longer : PATIENCE_MS_MAX;
    worker->begun_count = 0;
    for (size_t i = 0; !is_done && i < taken->count; i++)
        if (taken->is_new[i])
            worker->begun[worker->begun_count++] = taken->works[i].id;
}

static bool was_begun(const struct worker *worker, int64_t work)
{
    bool is = false;
    for (size_t i = 0; i < worker->begun_count; i++)
        is = is || worker->begun[i] == work;
    return is;
}

/* ---- taking in ---- */

static bool take_work(void *context, const struct jobs_work *work)
{
    struct taken *taken = context;
    struct jobs_work *copy = &taken->works[taken->count];
    *copy = *work;
    copy->from = arena_text(&taken->arena, slice_from(work->from));
    copy->store = arena_text(&taken->arena, slice_from(work->store));
    copy->path = arena_text(&taken->arena, slice_from(work->path));
    copy->owner = arena_text(&taken->arena, slice_from(work->owner));
    taken->places[taken->count] = arena_format(&taken->arena, "%s/%s", taken->root, copy->path);
    taken->failures[taken->count++] = NULL;
    return true;
}

/* A file that is there is whole: a crash leaves at most one of a hidden name. */
static bool copy_whole(struct arena *arena, const char *from, const char *to, struct error *error)
{
    const char *folder = arena_text(arena, path_folder(to));
    const char *part = arena_format(arena, "%s/.part", folder);
    return folder_create(folder, error) && file_remove(part, error) && file_copy(from, part, error) &&
           folder_move(part, to, error);
}

static void tell_waiting(struct worker *worker, const char *level, const char *reason)
{
    if (!worker->is_waiting_told)
        journal_event(level, "files that were sent wait to be taken in: %s", reason);
    worker->is_waiting_told = true;
}

const char *without_root(struct arena *arena, const char *root, const char *message)
{
    struct buffer text;
    size_t size = strlen(root);
    buffer_init(&text, LIMIT_PATH_BYTES);
    for (const char *found; (found = strstr(message, root)) != NULL; message = found + size + (found[size] == '/'))
        buffer_append(&text, message, (size_t)(found - message));
    buffer_append_text(&text, message);
    const char *reason = arena_text(arena, buffer_slice(&text));
    buffer_release(&text);
    return reason;
}

/* A store's document is a copy of the file that was sent. For what else than the file is missing, a full disk for one, it waits. */
static void copy_file(struct taken *taken, size_t i)
{
    struct error error = {0};
    const char *to = taken->places[i];
    const char *from = arena_format(&taken->arena, "%s/%s", taken->root, taken->works[i].from);
    bool is_there = file_exists(to);
    taken->is_new[i] = !is_there || was_begun(taken->worker, taken->works[i].id);
    bool ok = is_there || (file_exists(from) ? copy_whole(&taken->arena, from, to, &error)
                                             : error_set(&error, ERROR_NOT_FOUND, "the file was deleted"));
    if (ok)
        taken->paths[taken->path_count++] = to;
    else if (!file_exists(from))
        taken->failures[i] = "the file was deleted";
    else {
        taken->waits[i] = true;
        taken->wait_count++;
        tell_waiting(taken->worker, "error", error.message);
    }
}

static void on_document(void *context, enum assay_change change, const char *path, const struct assay_error *error)
{
    struct taken *taken = context;
    taken->has_moved = taken->has_moved || change == ASSAY_ADDED || change == ASSAY_UPDATED;
    if (change != ASSAY_FAILED && change != ASSAY_SKIPPED)
        return;
    for (size_t i = 0; i < taken->count; i++)
        if (strcmp(path, taken->works[i].path) == 0 || strcmp(path, taken->places[i]) == 0)
            taken->failures[i] = without_root(&taken->arena, taken->root,
                                              error != NULL ? error->message : "it holds nothing that can be read");
}

static bool is_ending(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool is = worker->is_ending;
    pthread_mutex_unlock(&worker->lock);
    return is;
}

/* `taken` NULL: nothing is taken in now. */
static void tell_progress(struct worker *worker, const struct taken *taken, const char *stage, size_t done, size_t total)
{
    struct worker_progress progress = {.done = done, .total = total};
    snprintf(progress.stage, sizeof(progress.stage), "%s", stage);
    pthread_mutex_lock(&worker->lock);
    worker->now = taken;
    worker->progress = progress;
    pthread_mutex_unlock(&worker->lock);
}

bool worker_progress_of(struct exchange *exchange, const struct jobs_work *work, struct worker_progress *progress)
{
    struct worker *worker = exchange->server->worker;
    bool is_known = false;
    pthread_mutex_lock(&worker->lock);
    const struct taken *taken = worker->now;
    for (size_t i = 0; taken != NULL && i < taken->count; i++)
        is_known = is_known || taken->works[i].id == work->id;
    for (size_t i = 0; is_known && i < taken->count; i++)
        is_known = owns(exchange, taken->works[i].owner);
    if (is_known)
        *progress = worker->progress;
    pthread_mutex_unlock(&worker->lock);
    return is_known;
}

static bool goes_on(void *context, const char *stage, size_t done, size_t total)
{
    struct taken *taken = context;
    tell_progress(taken->worker, taken, stage, done, total);
    taken->has_moved = taken->has_moved || (strcmp(stage, "embedding") == 0 && done > 0);
    return !is_ending(taken->worker) && !gives_way(taken);
}

static bool open_to_write(struct worker *worker, struct assay **assay, struct assay_error *error)
{
    const struct assay_open_options options = {
        .folder = worker->server->options.folder, .write = true, .purpose = "assay serve"};
    return assay_open(assay, &options, error);
}

/* Of a document that is there no longer, or never came to be, there is nothing to say. False: not now. */
static bool bring(struct worker *worker, struct assay *assay, const char *path, const char *attributes,
                  struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    arena_init(&arena);
    bool ok = attributes_bring(assay, &arena, path, attributes, error) || error->kind == ASSAY_NOT_FOUND;
    arena_release(&arena);
    if (ok && !jobs_end_attributes(worker->server->jobs, path, attributes, &inner))
        journal_event("error", "attributes cannot be written: %s", inner.message);
    return ok;
}

/* With their documents, so that none is told to be there without them. */
static bool bring_taken(struct worker *worker, struct taken *taken, struct assay *assay, struct assay_error *error)
{
    struct error inner;
    bool ok = true;
    for (size_t i = 0; ok && i < taken->count; i++) {
        const char *attributes = NULL;
        if (taken->failures[i] == NULL && !taken->waits[i] &&
            jobs_find_attributes(worker->server->jobs, taken->works[i].path, &taken->arena, &attributes, &inner) &&
            attributes != NULL)
            ok = bring(worker, assay, taken->works[i].path, attributes, error);
    }
    return ok;
}

struct seen {
    struct arena *arena;
    const char *labels; /* NULL: there is no such document */
    bool is_there;
};

static bool note_seen(void *context, const struct assay_document *document)
{
    struct seen *seen = context;
    seen->labels = arena_text(seen->arena, slice_from(document->labels));
    return true;
}

/* Whether a document is there for a key (NULL: at all), or something that an archive holds. False: that cannot be said. */
static bool look_for(struct assay *assay, const char *path, const char *key, struct seen *seen)
{
    const struct assay_documents_options options = {.principal = key, .path = path};
    struct assay_documents_total below;
    struct assay_error error;
    bool ok = assay_documents(assay, &options, note_seen, seen, &error) &&
              assay_documents_count(assay, &options, path, &below, &error);
    seen->is_there = ok && (seen->labels != NULL || below.documents > 0);
    return ok;
}

static bool is_unseen(struct taken *taken, struct assay *assay, const struct jobs_work *work, const char **labels)
{
    struct assay_key_rights rights;
    struct seen own = {.arena = &taken->arena}, all = own;
    if (strcmp(work->store, STORE_ID) == 0 || !owner_rights(&taken->arena, assay, work->owner, &rights) || rights.is_admin ||
        !look_for(assay, work->path, rights.name, &own) || own.is_there || !look_for(assay, work->path, NULL, &all))
        return false;
    *labels = all.labels;
    return all.is_there;
}

/* Into a store that it made, a key puts what it wants to find there. A document of a label that the key does not see would never be found, and
 * nothing would tell why; so it becomes none, and the reason is told. Into the project itself a key may put what only others see. */
static void fail_unseen(struct taken *taken, struct assay *assay, size_t i)
{
    const struct assay_add_options options = {.paths = &taken->places[i], .path_count = 1};
    const char *labels = NULL;
    struct assay_add_report report;
    struct assay_error error;
    struct error inner;
    if (!is_unseen(taken, assay, &taken->works[i], &labels))
        return;
    bool has_labels = labels != NULL && labels[0] != '\0';
    const char *reason = has_labels
                             ? arena_format(&taken->arena,
                                            "the label \"%s\" of the document (access.labels of assay.yaml) is none that "
                                            "this key sees, so nothing of it would be found: send it with a key that has "
                                            "the label among its groups",
                                            labels)
                             : "the document gets no label (access.labels of assay.yaml), so no key would find it: give "
                               "\"" UPLOADS_FOLDER "\" one in the file of labels";
    for (size_t k = 0; k < taken->count; k++)
        if (strcmp(taken->works[k].path, taken->works[i].path) == 0)
            taken->failures[k] = reason;
    if (taken->is_new[i] && (!assay_remove(assay, &options, &report, &error) || !file_remove(taken->places[i], &inner)))
        journal_event("error", "a document that its key does not see could not be removed");
}

/* False: not now. */
static bool add_taken(struct worker *worker, struct taken *taken)
{
    struct assay *assay = NULL;
    struct assay_add_report report;
    struct assay_error error;
    const struct assay_add_options options = {.paths = taken->paths,
                                              .path_count = taken->path_count,
                                              .on_document = on_document,
                                              .on_progress = goes_on,
                                              .context = taken};
    if (taken->path_count == 0)
        return true;
    bool ok = open_to_write(worker, &assay, &error) && assay_add(assay, &options, &report, &error);
    for (size_t i = 0; ok && i < taken->count; i++)
        if (taken->failures[i] == NULL && !taken->waits[i])
            fail_unseen(taken, assay, i);
    ok = ok && bring_taken(worker, taken, assay, &error);
    tell_progress(worker, NULL, "", 0, 0);
    assay_close(assay);
    give_back_memory();
    if (!ok && error.kind != ASSAY_CANCELLED)
        tell_waiting(worker, error.kind == ASSAY_CONFLICT ? "info" : "error", error.message);
    else if (taken->wait_count == 0)
        worker->is_waiting_told = false;
    return ok;
}

struct changed {
    struct arena arena;
    const char *paths[CHANGES_AT_ONCE], *attributes[CHANGES_AT_ONCE];
    size_t count;
};

static bool take_changed(void *context, const char *path, const char *attributes)
{
    struct changed *changed = context;
    changed->paths[changed->count] = arena_text(&changed->arena, slice_from(path));
    changed->attributes[changed->count++] = arena_text(&changed->arena, slice_from(attributes));
    return true;
}

/* Attributes that were changed later than their documents came. */
static void bring_changed(struct worker *worker)
{
    struct changed changed = {.count = 0};
    struct assay *assay = NULL;
    struct assay_error error;
    struct error inner;
    arena_init(&changed.arena);
    if (!jobs_each_attributes(worker->server->jobs, CHANGES_AT_ONCE, take_changed, &changed, &inner))
        journal_event("error", "attributes cannot be read: %s", inner.message);
    bool ok = changed.count == 0 || open_to_write(worker, &assay, &error);
    for (size_t i = 0; ok && i < changed.count; i++)
        ok = bring(worker, assay, changed.paths[i], changed.attributes[i], &error);
    if (assay != NULL) {
        assay_close(assay);
        give_back_memory();
    }
    if (!ok)
        tell_waiting(worker, error.kind == ASSAY_CONFLICT ? "info" : "error", error.message);
    else if (changed.count > 0)
        worker->is_waiting_told = false;
    arena_release(&changed.arena);
}

static bool end_work(struct taken *taken, size_t i, struct error *error)
{
    struct server *server = taken->worker->server;
    const char *failure = taken->failures[i];
    const char *job = arena_format(&taken->arena, "work-%lld", (long long)taken->works[i].id);
    if (!jobs_end_work(server->jobs, taken->works[i].id, failure != NULL ? JOBS_FAILED : JOBS_DONE,
                       failure != NULL ? failure : "", error))
        return false;
    journal_job(server, failure != NULL ? "warning" : "info", job, "%s",
                failure != NULL ? "a file that was sent could not be taken in" : "a file that was sent was taken in");
    return true;
}

/* True: something was done, and more may wait. */
static bool do_some(struct worker *worker)
{
    const struct jobs_which queued = {.state = JOBS_QUEUED, .most = WORKS_AT_ONCE};
    struct jobs *jobs = worker->server->jobs;
    struct taken taken = {.root = worker->root, .worker = worker};
    struct error error;
    arena_init(&taken.arena);
    take_turn(worker);
    taken.begun_ns = clock_now_ns();
    bring_changed(worker);
    bool ok = jobs_each_work(jobs, &queued, take_work, &taken, &error);
    for (size_t i = 0; ok && i < taken.count; i++)
        copy_file(&taken, i);
    bool is_done = ok && taken.count > 0 && add_taken(worker, &taken);
    for (size_t i = 0; is_done && ok && i < taken.count; i++)
        ok = taken.waits[i] || end_work(&taken, i, &error);
    note_turn(worker, &taken, is_done);
    end_turn(worker);
    if (!ok)
        journal_event("error", "works cannot be read or written: %s", error.message);
    arena_release(&taken.arena);
    unsigned longer = worker->pause_ms * 2 < PAUSE_MS_MAX ? worker->pause_ms * 2 : PAUSE_MS_MAX;
    worker->pause_ms = taken.wait_count > 0 ? longer : PAUSE_MS;
    return ok && taken.wait_count == 0 && (is_done || taken.is_cut);
}

static bool wait_for_call(struct worker *worker)
{
    uint64_t until_ns = clock_now_ns() + worker->pause_ms * UINT64_C(1000000);
    bool is_early = true;
    pthread_mutex_lock(&worker->lock);
    while (!worker->is_ending && !worker->is_called && is_early)
        is_early = condition_wait_until(&worker->woken, &worker->lock, until_ns);
    worker->is_called = false;
    bool goes = !worker->is_ending;
    pthread_mutex_unlock(&worker->lock);
    return goes;
}

static void *run_worker(void *context)
{
    struct worker *worker = context;
    bool goes = true;
    while (goes) {
        bool more = do_some(worker);
        goes = more ? !is_ending(worker) : wait_for_call(worker);
    }
    return NULL;
}

/* ---- starting and stopping ---- */

static bool is_folder(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

struct unfinished {
    struct jobs *jobs;
    struct arena arena;
    const char *folder, *code;
};

static bool forget_unfinished(void *context, const char *name, struct error *error)
{
    struct unfinished *unfinished = context;
    return jobs_forget_file(unfinished->jobs, arena_format(&unfinished->arena, UPLOADS_FILES "/%s/%s", unfinished->code, name),
                            error);
}

static bool look_into_unfinished(void *context, const char *name, struct error *error)
{
    struct unfinished *unfinished = context;
    const char *folder = path_join(&unfinished->arena, unfinished->folder, name);
    unfinished->code = name;
    return !is_folder(folder) || folder_list(folder, forget_unfinished, unfinished, error);
}

/* What was on its way when the program ended was acknowledged to nobody: it goes, and the row first that it may have (upload_keep). */
static bool remove_unfinished(struct jobs *jobs, const char *root, struct error *error)
{
    struct unfinished unfinished = {.jobs = jobs};
    arena_init(&unfinished.arena);
    unfinished.folder = arena_format(&unfinished.arena, "%s/.assay/" UPLOADS_FOLDER, root);
    bool ok = (!is_folder(unfinished.folder) || folder_list(unfinished.folder, look_into_unfinished, &unfinished, error)) &&
              folder_remove(unfinished.folder, error);
    arena_release(&unfinished.arena);
    return ok;
}

/* A server that was killed may have been starting a process, which has the lock too until it has become another program. */
static bool take_lock(struct worker *worker, const char *path, struct error *error)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (file_lock_take(&worker->alone, path, "assay serve", error))
            return true;
        if (error->kind != ERROR_CONFLICT)
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* The files of a server are those of one process alone. */
static bool open_jobs(struct server *server, struct worker *worker, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    bool ok = take_lock(worker, arena_format(&arena, "%s/.assay/server.lock", worker->root), error);
    if (!ok && error->kind == ERROR_CONFLICT) {
        error_wrap(error, "another `assay serve` runs with this project");
        error_hint(error,
                   "Stop that one first, or ask it: one server of a project is enough, and two would undo each other's work.");
    }
    ok = ok && jobs_open(&server->jobs, arena_format(&arena, "%s/.assay/server.db", worker->root), error) &&
         remove_unfinished(server->jobs, worker->root, error);
    if (ok)
        jobs_limit_records(server->jobs, (int64_t)server->settings.record_bytes_max,
                           (int64_t)server->settings.record_bytes_max * LIMIT_RECORDS_KEYS);
    arena_release(&arena);
    return ok;
}

static void release_worker(struct worker *worker)
{
    pthread_cond_destroy(&worker->woken);
    pthread_cond_destroy(&worker->turned);
    pthread_mutex_destroy(&worker->lock);
    file_lock_release(&worker->alone);
    free(worker->root);
    free(worker);
}

static bool outward(const struct error *inner, struct assay_error *error)
{
    *error = (struct assay_error){.kind = inner->kind == ERROR_CONFLICT ? ASSAY_CONFLICT : ASSAY_IO};
    memcpy(error->message, inner->message, sizeof(inner->message));
    memcpy(error->hint, inner->hint, sizeof(inner->hint));
    return false;
}

bool worker_start(struct server *server, struct assay_error *error)
{
    struct error inner;
    const char *root = assay_folder(server->assay);
    struct worker *worker = memory_alloc(1, sizeof(*worker));
    *worker = (struct worker){
        .server = server, .root = memory_copy_text(root, strlen(root)), .alone.descriptor = -1, .pause_ms = PAUSE_MS};
    pthread_mutex_init(&worker->lock, NULL);
    condition_init(&worker->woken);
    pthread_cond_init(&worker->turned, NULL);
    bool ok = open_jobs(server, worker, &inner);
    if (ok && pthread_create(&worker->thread, NULL, run_worker, worker) == 0) {
        server->worker = worker;
        return true;
    }
    release_worker(worker);
    if (ok) {
        *error = (struct assay_error){.kind = ASSAY_NO_MEMORY, .message = "could not start a thread of the server"};
        return false;
    }
    return outward(&inner, error);
}

static void call(struct worker *worker, bool ends)
{
    pthread_mutex_lock(&worker->lock);
    worker->is_called = true;
    worker->is_ending = worker->is_ending || ends;
    pthread_cond_signal(&worker->woken);
    pthread_mutex_unlock(&worker->lock);
}

void worker_wake(struct server *server)
{
    call(server->worker, /* ends= */ false);
}

void worker_end(struct server *server)
{
    call(server->worker, /* ends= */ true);
}

void worker_stop(struct server *server)
{
    struct worker *worker = server->worker;
    if (worker != NULL) {
        call(worker, /* ends= */ true);
        pthread_join(worker->thread, NULL);
        server->worker = NULL;
    }
    jobs_close(server->jobs);
    server->jobs = NULL;
    if (worker != NULL)
        release_worker(worker); /* the next one may open the file */
}

void worker_bring_attributes(struct server *server)
{
    take_turn(server->worker);
    bring_changed(server->worker);
    end_turn(server->worker);
}

void worker_hold(struct server *server)
{
    take_turn(server->worker);
}

void worker_let_go(struct server *server)
{
    end_turn(server->worker);
}

bool worker_remove(struct server *server, const char *const *paths, size_t count, struct assay_error *error)
{
    struct worker *worker = server->worker;
    struct assay *assay = NULL;
    struct assay_add_report report;
    bool ok = open_to_write(worker, &assay, error);
    for (size_t i = 0; ok && i < count; i++) { /* one by one: of several, one that is no document would keep the others */
        const struct assay_add_options options = {.paths = &paths[i], .path_count = 1};
        ok = assay_remove(assay, &options, &report, error) || error->kind == ASSAY_NOT_FOUND;
    }
    assay_close(assay);
    give_back_memory();
    return ok;
}

/* The works of a batch that were cut short, as places of their documents. */
struct begun_works {
    struct worker *worker;
    struct arena arena;
    const char *places[WORKS_AT_ONCE];
    size_t count;
};

static bool note_begun(void *context, const struct jobs_work *work)
{
    struct begun_works *begun = context;
    if (begun->count < WORKS_AT_ONCE && was_begun(begun->worker, work->id))
        begun->places[begun->count++] = arena_format(&begun->arena, "%s/%s", begun->worker->root, work->path);
    return true;
}

bool worker_take_back(struct server *server, const char *batch, struct assay_error *error)
{
    const struct jobs_which queued = {.batch = batch, .state = JOBS_QUEUED};
    struct begun_works begun = {.worker = server->worker};
    struct error inner;
    arena_init(&begun.arena);
    bool ok = jobs_each_work(server->jobs, &queued, note_begun, &begun, &inner) || outward(&inner, error);
    ok = ok && (begun.count == 0 || worker_remove(server, begun.places, begun.count, error));
    for (size_t i = 0; ok && i < begun.count; i++)
        ok = file_remove(begun.places[i], &inner) || outward(&inner, error);
    arena_release(&begun.arena);
    return ok;
}
