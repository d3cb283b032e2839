/* works.c - what was promised, in order. */
#include "asked.h"
#include <stdio.h>

/* None are an empty object where there were some, so that they go from the catalog too. */
static bool put_attributes(struct jobs *jobs, const char *path, const char *attributes, struct error *error)
{
    return database_run(
        jobs,
        attributes == NULL
            ? database_query(jobs, error, "UPDATE attributes SET body = '{}', waits = 1 WHERE path = ?", "t", path)
            : database_query(jobs, error, "INSERT OR REPLACE INTO attributes VALUES (?, ?, 1)", "tt", path, attributes),
        error);
}

static bool put_one(struct jobs *jobs, const struct jobs_work *work, struct error *error)
{
    return database_run(jobs, database_query(jobs, error, "DELETE FROM works WHERE path = ? AND batch = ''", "t", work->path),
                        error) &&
           database_run(jobs,
                        database_query(jobs, error,
                                       "INSERT INTO works (store, batch, source, path, owner, state, message, created)"
                                       " VALUES (?, ?, ?, ?, ?, '" JOBS_QUEUED "', '', ?)",
                                       "ttttti", work->store, work->batch, work->from, work->path, work->owner, work->created),
                        error) &&
           asked_put_work(jobs, work->asked, error) && put_attributes(jobs, work->path, work->attributes, error);
}

bool jobs_put_works(struct jobs *jobs, const struct jobs_work *works, size_t count, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_begin(jobs, error);
    if (ok) {
        for (size_t i = 0; ok && i < count; i++)
            ok = put_one(jobs, &works[i], error);
        ok = database_end(jobs, ok, error);
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

struct work_walk {
    bool (*each)(void *context, const struct jobs_work *work);
    void *context;
};

static bool visit_work(void *context, sqlite3_stmt *row)
{
    struct work_walk *walk = context;
    const struct jobs_work work = {.id = sqlite3_column_int64(row, 0),
                                   .store = database_text(row, 1),
                                   .batch = database_text(row, 2),
                                   .from = database_text(row, 3),
                                   .path = database_text(row, 4),
                                   .owner = database_text(row, 5),
                                   .state = database_text(row, 6),
                                   .message = database_text(row, 7),
                                   .created = sqlite3_column_int64(row, 8)};
    return walk->each(walk->context, &work);
}

static const char *open_text(const char *text)
{
    return text != NULL ? text : "";
}

enum { QUERY_BYTES = 512 };

/* Only what is asked for stands in it, so that an index finds it: done works stay, and may be a million. */
static void write_query(char sql[QUERY_BYTES], const char *columns, const struct jobs_which *which, const char *rest)
{
    snprintf(sql, QUERY_BYTES, "SELECT %s FROM works WHERE %s AND %s AND %s AND %s AND %s%s", columns,
             which->store != NULL ? "store = ?1" : "?1 = ''", which->batch != NULL ? "batch = ?2" : "?2 = ''",
             which->path != NULL ? "path = ?3" : "?3 = ''", which->state != NULL ? "state = ?4" : "?4 = ''",
             which->owner != NULL ? "owner = ?5" : "?5 = ''", rest);
}

bool jobs_each_work(struct jobs *jobs, const struct jobs_which *which,
                    bool (*each)(void *context, const struct jobs_work *work), void *context, struct error *error)
{
    char sql[QUERY_BYTES];
    struct work_walk walk = {each, context};
    write_query(sql, "id, store, batch, source, path, owner, state, message, created", which, " ORDER BY id LIMIT ?6");
    int64_t most = which->most > 0 ? (int64_t)which->most : -1;
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error, sql, "ttttti", open_text(which->store), open_text(which->batch),
                                           open_text(which->path), open_text(which->state), open_text(which->owner), most),
                            visit_work, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

static bool visit_tally(void *context, sqlite3_stmt *row)
{
    struct jobs_tally *tally = context;
    *tally = (struct jobs_tally){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2),
                                 sqlite3_column_int64(row, 3), sqlite3_column_int64(row, 4)};
    return true;
}

bool jobs_tally_works(struct jobs *jobs, const struct jobs_which *which, struct jobs_tally *tally, struct error *error)
{
    char sql[QUERY_BYTES];
    write_query(sql,
                "coalesce(sum(state = 'queued'), 0), coalesce(sum(state = 'done'), 0), coalesce(sum(state = 'failed'), 0),"
                " coalesce(sum(state = 'cancelled'), 0), coalesce(min(created), 0)",
                which, "");
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error, sql, "ttttt", open_text(which->store), open_text(which->batch),
                                           open_text(which->path), open_text(which->state), open_text(which->owner)),
                            visit_tally, tally, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

static bool visit_number(void *context, sqlite3_stmt *row)
{
    *(int64_t *)context = sqlite3_column_int64(row, 0);
    return false;
}

bool jobs_time_of_work(struct jobs *jobs, const char *path, int64_t *created, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(
        jobs, database_query(jobs, error, "SELECT coalesce(max(created), 0) FROM works WHERE path = ?", "t", path),
        visit_number, created, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

static bool run_locked(struct jobs *jobs, sqlite3_stmt *statement, struct error *error)
{
    bool ok = database_run(jobs, statement, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_end_work(struct jobs *jobs, int64_t id, const char *state, const char *message, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return run_locked(jobs,
                      database_query(jobs, error,
                                     "UPDATE works SET state = ?, message = ? WHERE id = ? AND state = '" JOBS_QUEUED "'",
                                     "tti", state, message, id),
                      error);
}

bool jobs_cancel_batch(struct jobs *jobs, const char *batch, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return run_locked(jobs,
                      database_query(jobs, error,
                                     "UPDATE works SET state = '" JOBS_CANCELLED "' WHERE batch = ? AND state = '" JOBS_QUEUED
                                     "'",
                                     "t", batch),
                      error);
}

bool jobs_forget_works(struct jobs *jobs, const char *path, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_run(jobs, database_query(jobs, error, "DELETE FROM attributes WHERE path = ?", "t", path), error);
    if (ok)
        return run_locked(jobs, database_query(jobs, error, "DELETE FROM works WHERE path = ?", "t", path), error);
    pthread_mutex_unlock(&jobs->lock);
    return false;
}

/* ---- attributes ---- */

bool jobs_put_attributes(struct jobs *jobs, const char *path, const char *attributes, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = put_attributes(jobs, path, attributes, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

struct attributes_copy {
    struct arena *arena;
    const char *attributes;
};

static bool copy_attributes(void *context, sqlite3_stmt *row)
{
    struct attributes_copy *copy = context;
    copy->attributes = arena_text(copy->arena, slice_from(database_text(row, 0)));
    return false;
}

bool jobs_find_attributes(struct jobs *jobs, const char *path, struct arena *arena, const char **attributes,
                          struct error *error)
{
    struct attributes_copy copy = {.arena = arena};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs, database_query(jobs, error, "SELECT body FROM attributes WHERE path = ?", "t", path),
                            copy_attributes, &copy, error);
    pthread_mutex_unlock(&jobs->lock);
    *attributes = copy.attributes;
    return ok;
}

struct attributes_walk {
    bool (*each)(void *context, const char *path, const char *attributes);
    void *context;
};

static bool visit_attributes(void *context, sqlite3_stmt *row)
{
    const struct attributes_walk *walk = context;
    return walk->each(walk->context, database_text(row, 0), database_text(row, 1));
}

bool jobs_each_attributes(struct jobs *jobs, size_t most, bool (*each)(void *context, const char *path, const char *attributes),
                          void *context, struct error *error)
{
    struct attributes_walk walk = {each, context};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error,
                                           "SELECT path, body FROM attributes WHERE waits = 1 AND NOT EXISTS"
                                           " (SELECT 1 FROM works WHERE works.path = attributes.path AND state = '" JOBS_QUEUED
                                           "') LIMIT ?",
                                           "i", (int64_t)most),
                            visit_attributes, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_end_attributes(struct jobs *jobs, const char *path, const char *attributes, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return run_locked(
        jobs,
        database_query(jobs, error, "UPDATE attributes SET waits = 0 WHERE path = ? AND body = ?", "tt", path, attributes),
        error);
}
