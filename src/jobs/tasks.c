/* tasks.c - long work that a person started, as it is promised and as it ended.
 *
 *   queued ─▶ running ─▶ done | failed | cancelled
 *     ▲          │  └──▶ stopping ─▶ cancelled
 *     └──────────┘ the program ended meanwhile */
#include "asked.h"
#include <stdio.h>

#define FIELDS "id, kind, request, key, state, message, result, created, started, ended, tries"

static struct jobs_task task_of(sqlite3_stmt *row)
{
    return (struct jobs_task){.id = sqlite3_column_int64(row, 0),
                              .kind = database_text(row, 1),
                              .request = database_text(row, 2),
                              .by = database_text(row, 3),
                              .state = database_text(row, 4),
                              .message = database_text(row, 5),
                              .result = database_text(row, 6),
                              .created = sqlite3_column_int64(row, 7),
                              .started = sqlite3_column_int64(row, 8),
                              .ended = sqlite3_column_int64(row, 9),
                              .tries = sqlite3_column_int64(row, 10)};
}

struct task_copy {
    struct arena *arena;
    struct jobs_task *task;
    const struct jobs_choice *choice; /* NULL: any */
};

static bool copy_task(void *context, sqlite3_stmt *row)
{
    const struct task_copy *copy = context;
    const struct jobs_task task = task_of(row);
    if (copy->choice != NULL && !copy->choice->may(copy->choice->context, &task))
        return true;
    *copy->task = task;
    const char **texts[] = {&copy->task->kind,  &copy->task->request, &copy->task->by,
                            &copy->task->state, &copy->task->message, &copy->task->result};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        *texts[i] = arena_text(copy->arena, slice_from(*texts[i]));
    return false;
}

static bool find_locked(struct jobs *jobs, sqlite3_stmt *statement, struct task_copy copy, struct error *error)
{
    *copy.task = (struct jobs_task){0};
    return database_each(jobs, statement, copy_task, &copy, error);
}

static bool note_count(void *context, sqlite3_stmt *row)
{
    *(int64_t *)context = sqlite3_column_int64(row, 0);
    return false;
}

static bool check_waiting(struct jobs *jobs, struct error *error)
{
    int64_t waiting = 0;
    if (!database_each(jobs, database_query(jobs, error, "SELECT count(*) FROM tasks WHERE state = '" JOBS_QUEUED "'", ""),
                       note_count, &waiting, error))
        return false;
    if (waiting < JOBS_TASKS_WAITING)
        return true;
    error_set(error, ERROR_LIMIT, "%d pieces of work wait already", JOBS_TASKS_WAITING);
    return error_hint(error, "Wait until some are done, or cancel them.");
}

bool jobs_put_task(struct jobs *jobs, const struct jobs_task *task, int64_t *id, struct error *error)
{
    char job[32];
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_begin(jobs, error);
    if (ok) {
        ok = check_waiting(jobs, error) &&
             database_run(
                 jobs,
                 database_query(jobs, error,
                                "INSERT INTO tasks (kind, request, key, state, message, result, created, started, ended, tries)"
                                " VALUES (?, ?, ?, '" JOBS_QUEUED "', '', '', ?, 0, 0, 0)",
                                "ttti", task->kind, task->request, task->by, task->created),
                 error);
        *id = sqlite3_last_insert_rowid(jobs->database);
        snprintf(job, sizeof(job), "task-%lld", (long long)*id);
        ok = ok && asked_put(jobs, job, task->asked, error) &&
             database_run(
                 jobs, database_query(jobs, error, "DELETE FROM tasks WHERE id <= ? AND ended > 0", "i", *id - JOBS_TASKS_KEPT),
                 error);
        ok = database_end(jobs, ok, error);
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_find_task(struct jobs *jobs, int64_t id, struct arena *arena, struct jobs_task *task, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = find_locked(jobs, database_query(jobs, error, "SELECT " FIELDS " FROM tasks WHERE id = ?", "i", id),
                          (struct task_copy){arena, task, NULL}, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_take_task(struct jobs *jobs, const struct jobs_choice *choice, int64_t now, struct arena *arena,
                    struct jobs_task *task, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = find_locked(
        jobs, database_query(jobs, error, "SELECT " FIELDS " FROM tasks WHERE state = '" JOBS_QUEUED "' ORDER BY id", ""),
        (struct task_copy){arena, task, choice}, error);
    if (ok && task->id > 0) {
        task->tries++;
        task->was_begun = task->started > 0;
        task->started = now;
        ok = database_run(jobs,
                          database_query(jobs, error,
                                         "UPDATE tasks SET state = '" JOBS_RUNNING "', started = ?, tries = ? WHERE id = ?",
                                         "iii", now, task->tries, task->id),
                          error);
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

static bool run_statement(struct jobs *jobs, sqlite3_stmt *statement, struct error *error)
{
    bool ok = database_run(jobs, statement, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_end_task(struct jobs *jobs, const struct jobs_task *task, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return run_statement(jobs,
                         database_query(jobs, error,
                                        "UPDATE tasks SET state = ?, message = ?, result = ?, ended = ?, tries = ? WHERE id = ?"
                                        " AND state IN ('" JOBS_RUNNING "', '" JOBS_STOPPING "')",
                                        "tttiii", task->state, task->message, task->result, task->ended, task->tries, task->id),
                         error);
}

bool jobs_cancel_task(struct jobs *jobs, int64_t id, int64_t now, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return run_statement(jobs,
                         database_query(jobs, error,
                                        "UPDATE tasks SET ended = CASE state WHEN '" JOBS_QUEUED "' THEN ? ELSE 0 END,"
                                        " state = CASE state WHEN '" JOBS_QUEUED "' THEN '" JOBS_CANCELLED
                                        "' ELSE '" JOBS_STOPPING "' END WHERE id = ? AND state IN ('" JOBS_QUEUED
                                        "', '" JOBS_RUNNING "')",
                                        "ii", now, id),
                         error);
}

bool jobs_recover_tasks(struct jobs *jobs, int64_t now, struct error *error)
{
    static const char stopped[] = "UPDATE tasks SET state = '" JOBS_CANCELLED "', ended = ? WHERE state = '" JOBS_STOPPING "'";
    static const char often[] = "UPDATE tasks SET state = '" JOBS_FAILED
                                "', ended = ?, message = 'the server ended while this ran, each time that it was begun'"
                                " WHERE state = '" JOBS_RUNNING "' AND tries >= ?";
    static const char again[] = "UPDATE tasks SET state = '" JOBS_QUEUED "' WHERE state = '" JOBS_RUNNING "'";
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_run(jobs, database_query(jobs, error, stopped, "i", now), error) &&
              database_run(jobs, database_query(jobs, error, often, "ii", now, (int64_t)JOBS_TASK_TRIES), error) &&
              database_run(jobs, database_query(jobs, error, again, ""), error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

struct task_walk {
    bool (*each)(void *context, const struct jobs_task *task);
    void *context;
};

static bool visit_task(void *context, sqlite3_stmt *row)
{
    const struct task_walk *walk = context;
    const struct jobs_task task = task_of(row);
    return walk->each(walk->context, &task);
}

bool jobs_each_task(struct jobs *jobs, int64_t before, size_t most, bool (*each)(void *context, const struct jobs_task *task),
                    void *context, struct error *error)
{
    struct task_walk walk = {each, context};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error,
                                           "SELECT " FIELDS " FROM tasks WHERE (?1 = 0 OR id < ?1) ORDER BY id DESC LIMIT ?2",
                                           "ii", before, (int64_t)most),
                            visit_task, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}
