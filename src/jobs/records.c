/* records.c - what is asked for once and looked at for long, one table for all kinds of it. */
#include "asked.h"
#include <stdio.h>

enum { QUERY_BYTES = 512 };

#define RECORD_COLUMNS "number, id, kind, parent, owner, state, body, outcome, created"
#define SHORT_COLUMNS "number, id, kind, parent, owner, state, '', '', created"
/* A state is one of several: "queued running". */
#define IS_AMONG(states) "instr(' ' || " states " || ' ', ' ' || state || ' ') > 0"

/* With a parent the index finds those that are meant: numbers stand in it in order. */
static void write_query(char sql[QUERY_BYTES], const char *columns, const struct jobs_records *which, const char *rest)
{
    snprintf(sql, QUERY_BYTES,
             "SELECT %s FROM records WHERE kind = ?1 AND %s AND (?3 = '' OR owner = ?3) AND (?4 = '' OR " IS_AMONG("?4") ")%s",
             columns, which->parent != NULL ? "parent = ?2" : "?2 = ''", rest);
}

static struct jobs_record record_of(sqlite3_stmt *row)
{
    return (struct jobs_record){.number = sqlite3_column_int64(row, 0),
                                .id = database_text(row, 1),
                                .kind = database_text(row, 2),
                                .parent = database_text(row, 3),
                                .owner = database_text(row, 4),
                                .state = database_text(row, 5),
                                .body = database_text(row, 6),
                                .outcome = database_text(row, 7),
                                .created = sqlite3_column_int64(row, 8)};
}

void jobs_limit_records(struct jobs *jobs, int64_t bytes_of_one, int64_t bytes_of_all)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->record_bytes_of_one = bytes_of_one;
    jobs->record_bytes_of_all = bytes_of_all;
    pthread_mutex_unlock(&jobs->lock);
}

struct stored {
    int64_t own, all;
};

static bool visit_stored(void *context, sqlite3_stmt *row)
{
    struct stored *stored = context;
    *(sqlite3_column_int64(row, 0) != 0 ? &stored->all : &stored->own) = sqlite3_column_int64(row, 1);
    return true;
}

static bool space_of(struct jobs *jobs, const char *owner, struct jobs_space *space, struct error *error)
{
    struct stored stored = {0};
    if (!database_each(jobs,
                       database_query(jobs, error, "SELECT owner = '', bytes FROM stored WHERE owner IN (?, '')", "t", owner),
                       visit_stored, &stored, error))
        return false;
    int64_t own = jobs->record_bytes_of_one - stored.own, all = jobs->record_bytes_of_all - stored.all;
    *space = (struct jobs_space){all < own ? all : own, all < own};
    return true;
}

bool jobs_space_of(struct jobs *jobs, const char *owner, struct jobs_space *space, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = space_of(jobs, owner, space, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

static bool put_record(struct jobs *jobs, const struct jobs_record *record, struct error *error)
{
    struct jobs_space space;
    int64_t size = (int64_t)(strlen(record->body) + strlen(record->outcome)) + JOBS_RECORD_ROW_BYTES;
    if (!space_of(jobs, record->owner, &space, error))
        return false;
    if (size > space.bytes)
        return error_set(error, ERROR_LIMIT, "what is kept of %s takes the %lld MiB that it may",
                         space.is_others ? "jobs and evals of all keys" : "this key's jobs and evals",
                         (long long)((space.is_others ? jobs->record_bytes_of_all : jobs->record_bytes_of_one) / (int64_t)MIB));
    return database_run(jobs,
                        database_query(jobs, error,
                                       "INSERT INTO records (id, kind, parent, owner, state, body, outcome, created)"
                                       " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
                                       " WHERE ?3 = '' OR EXISTS (SELECT 1 FROM records WHERE id = ?3)",
                                       "ttttttti", record->id, record->kind, record->parent, record->owner, record->state,
                                       record->body, record->outcome, record->created),
                        error);
}

static bool put_asked(struct jobs *jobs, const struct jobs_record *record, struct error *error)
{
    return database_begin(jobs, error) &&
           database_end(jobs,
                        put_record(jobs, record, error) && (sqlite3_changes(jobs->database) == 0 || /* its parent is gone */
                                                            asked_put(jobs, record->id, record->asked, error)),
                        error);
}

bool jobs_put_record(struct jobs *jobs, const struct jobs_record *record, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = record->asked == NULL ? put_record(jobs, record, error) : put_asked(jobs, record, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

struct record_walk {
    bool (*each)(void *context, const struct jobs_record *record);
    void *context;
};

static bool visit_record(void *context, sqlite3_stmt *row)
{
    struct record_walk *walk = context;
    const struct jobs_record record = record_of(row);
    return walk->each(walk->context, &record);
}

static const char *open_text(const char *text)
{
    return text != NULL ? text : "";
}

bool jobs_each_record(struct jobs *jobs, const struct jobs_records *which,
                      bool (*each)(void *context, const struct jobs_record *record), void *context, struct error *error)
{
    char sql[QUERY_BYTES];
    struct record_walk walk = {each, context};
    int64_t most = which->most > 0 ? (int64_t)which->most : -1;
    write_query(sql, which->without_contents ? SHORT_COLUMNS : RECORD_COLUMNS, which,
                which->newest_first ? " AND (?5 = 0 OR number < ?5) ORDER BY number DESC LIMIT ?6"
                                    : " AND (?5 = 0 OR number > ?5) ORDER BY number LIMIT ?6");
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error, sql, "ttttii", which->kind, open_text(which->parent),
                                           open_text(which->owner), open_text(which->state), which->after, most),
                            visit_record, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

struct record_copy {
    struct arena *arena;
    struct jobs_record *record;
};

static bool copy_record(void *context, sqlite3_stmt *row)
{
    struct record_copy *copy = context;
    *copy->record = record_of(row);
    const char **const texts[] = {&copy->record->id,    &copy->record->kind, &copy->record->parent, &copy->record->owner,
                                  &copy->record->state, &copy->record->body, &copy->record->outcome};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        *texts[i] = arena_text(copy->arena, slice_from(*texts[i]));
    return false;
}

static bool take_one(struct jobs *jobs, sqlite3_stmt *statement, struct arena *arena, struct jobs_record *record,
                     struct error *error)
{
    struct record_copy copy = {arena, record};
    *record = (struct jobs_record){0};
    bool ok = database_each(jobs, statement, copy_record, &copy, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_find_record(struct jobs *jobs, const char *kind, const char *id, struct arena *arena, struct jobs_record *record,
                      struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return take_one(
        jobs, database_query(jobs, error, "SELECT " RECORD_COLUMNS " FROM records WHERE id = ? AND kind = ?", "tt", id, kind),
        arena, record, error);
}

bool jobs_next_record(struct jobs *jobs, const char *kind, const char *state, struct arena *arena, struct jobs_record *record,
                      struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return take_one(jobs,
                    database_query(jobs, error,
                                   "SELECT " RECORD_COLUMNS " FROM records WHERE state = ?1 AND (?2 = '' OR kind = ?2)"
                                   " ORDER BY number LIMIT 1",
                                   "tt", state, open_text(kind)),
                    arena, record, error);
}

static bool visit_count(void *context, sqlite3_stmt *row)
{
    *(int64_t *)context = sqlite3_column_int64(row, 0);
    return true;
}

bool jobs_begin_record(struct jobs *jobs, const char *id, int64_t *begun, struct error *error)
{
    *begun = 0;
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_run(jobs,
                           database_query(jobs, error,
                                          "INSERT INTO begun (id, count) VALUES (?, 1)"
                                          " ON CONFLICT (id) DO UPDATE SET count = count + 1",
                                          "t", id),
                           error) &&
              database_each(jobs, database_query(jobs, error, "SELECT count FROM begun WHERE id = ?", "t", id), visit_count,
                            begun, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_forget_begun(struct jobs *jobs, const char *id, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_run(jobs, database_query(jobs, error, "DELETE FROM begun WHERE id = ?", "t", id), error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_change_record(struct jobs *jobs, const char *id, const struct jobs_change *change, bool *changed, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_run(jobs,
                           database_query(jobs, error,
                                          "UPDATE records SET state = iif(?2 = '', state, ?2), body = iif(?3 = '', body, ?3),"
                                          " outcome = iif(?4 = '', outcome, ?4) WHERE id = ?1"
                                          " AND (?5 = '' OR " IS_AMONG("?5") ")",
                                          "ttttt", id, open_text(change->state), open_text(change->body),
                                          open_text(change->outcome), open_text(change->from)),
                           error);
    *changed = ok && sqlite3_changes(jobs->database) > 0;
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_forget_record(struct jobs *jobs, const char *id, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_run(jobs,
                           database_query(jobs, error,
                                          "WITH RECURSIVE below (id) AS (VALUES (?) UNION SELECT records.id FROM records"
                                          " JOIN below ON records.parent = below.id)"
                                          " DELETE FROM records WHERE id IN (SELECT id FROM below)",
                                          "t", id),
                           error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_count_records(struct jobs *jobs, const struct jobs_records *which, int64_t *count, struct error *error)
{
    char sql[QUERY_BYTES];
    *count = 0;
    write_query(sql, "count(*)", which, "");
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error, sql, "tttt", which->kind, open_text(which->parent),
                                           open_text(which->owner), open_text(which->state)),
                            visit_count, count, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}
