/* database.c - the file with its tables, and statements. */
#include "database.h"
#include <stdarg.h>
#include <stdlib.h>

enum { BUSY_MS = 5000 };

#define APPLICATION_ID 0x61736a62 /* "asjb" */

/* What a record takes, and in a trigger, what it took and is to take. */
#define BYTES "(length(CAST(body AS BLOB)) + length(CAST(outcome AS BLOB)) + 256)"
#define BYTES_OLD "(length(CAST(old.body AS BLOB)) + length(CAST(old.outcome AS BLOB)) + 256)"
#define BYTES_NEW "(length(CAST(new.body AS BLOB)) + length(CAST(new.outcome AS BLOB)) + 256)"
_Static_assert(JOBS_RECORD_ROW_BYTES == 256, "the text has the same number");

/* In one transaction; two texts, because C promises no longer ones. */
static const char *const tables[] = {
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS files ("
    " path TEXT PRIMARY KEY, name TEXT NOT NULL, purpose TEXT NOT NULL, owner TEXT NOT NULL,"
    " size INTEGER NOT NULL, created INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS stores ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, metadata TEXT NOT NULL, owner TEXT NOT NULL, created INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS works ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, store TEXT NOT NULL, batch TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL,"
    " owner TEXT NOT NULL, state TEXT NOT NULL, message TEXT NOT NULL, created INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS attributes ("
    " path TEXT PRIMARY KEY, body TEXT NOT NULL, waits INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS attributes_waits ON attributes (waits) WHERE waits = 1;"
    "CREATE TABLE IF NOT EXISTS uses ("
    " key TEXT PRIMARY KEY, day INTEGER NOT NULL, requests REAL NOT NULL, tokens REAL NOT NULL, money REAL NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS records ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, parent TEXT NOT NULL,"
    " owner TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL, outcome TEXT NOT NULL, created INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS records_kind ON records (kind, parent);"
    "CREATE INDEX IF NOT EXISTS records_parent ON records (parent);"
    "CREATE INDEX IF NOT EXISTS records_state ON records (state);"
    /* what each owner's records take, and under no name what all take; the first opening counts what is there */
    "CREATE TABLE IF NOT EXISTS stored (owner TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO stored SELECT owner, sum" BYTES " FROM records WHERE NOT EXISTS (SELECT 1 FROM stored) GROUP BY owner;"
    "INSERT OR IGNORE INTO stored SELECT '', coalesce(sum(bytes), 0) FROM stored;"
    "CREATE TRIGGER IF NOT EXISTS record_put AFTER INSERT ON records BEGIN"
    " INSERT OR IGNORE INTO stored VALUES (new.owner, 0);"
    " UPDATE stored SET bytes = bytes + " BYTES_NEW " WHERE owner IN (new.owner, ''); END;"
    "CREATE TRIGGER IF NOT EXISTS record_changed AFTER UPDATE ON records BEGIN"
    " UPDATE stored SET bytes = bytes + " BYTES_NEW " - " BYTES_OLD " WHERE owner IN (new.owner, ''); END;"
    "CREATE TRIGGER IF NOT EXISTS record_gone AFTER DELETE ON records BEGIN"
    " UPDATE stored SET bytes = bytes - " BYTES_OLD " WHERE owner IN (old.owner, ''); END;",
    "CREATE TABLE IF NOT EXISTS begun (id TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;" /* records */
    "CREATE TABLE IF NOT EXISTS tasks ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, request TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,"
    " message TEXT NOT NULL, result TEXT NOT NULL, created INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " tries INTEGER NOT NULL) STRICT;"
    /* the request that a job came of, as long as there is the job */
    "CREATE TABLE IF NOT EXISTS asked (job TEXT PRIMARY KEY, request TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER IF NOT EXISTS asked_work AFTER DELETE ON works BEGIN DELETE FROM asked WHERE job = 'work-' || old.id; END;"
    "CREATE TRIGGER IF NOT EXISTS asked_task AFTER DELETE ON tasks BEGIN DELETE FROM asked WHERE job = 'task-' || old.id; END;"
    "CREATE TRIGGER IF NOT EXISTS asked_record AFTER DELETE ON records BEGIN DELETE FROM asked WHERE job = old.id; END;"
    "CREATE INDEX IF NOT EXISTS works_path ON works (path);"
    "CREATE INDEX IF NOT EXISTS works_batch ON works (batch);"
    "CREATE INDEX IF NOT EXISTS works_state ON works (state);"
    "CREATE INDEX IF NOT EXISTS works_store ON works (store, owner, state, created);"
    "CREATE INDEX IF NOT EXISTS stores_owner ON stores (owner);"
    /* the order in which stores were made, of which several may be of one second */
    "CREATE TABLE IF NOT EXISTS store_numbers (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT;"
    "INSERT INTO store_numbers (id) SELECT id FROM stores WHERE id NOT IN (SELECT id FROM store_numbers) ORDER BY created, id;"
    "CREATE TRIGGER IF NOT EXISTS store_put AFTER INSERT ON stores BEGIN INSERT INTO store_numbers (id) VALUES (new.id); END;"
    "CREATE TRIGGER IF NOT EXISTS store_gone AFTER DELETE ON stores BEGIN DELETE FROM store_numbers WHERE id = old.id; END;"
    /* when the file was made; of an older file the oldest time in it */
    "CREATE TABLE IF NOT EXISTS born (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;"
    "INSERT INTO born SELECT 1, min(at) FROM (SELECT CAST(strftime('%s', 'now') AS INTEGER) AS at UNION ALL"
    " SELECT created FROM stores UNION ALL SELECT created FROM files UNION ALL SELECT created FROM records)"
    " WHERE NOT EXISTS (SELECT 1 FROM born) HAVING count(*) > 0;"
    "PRAGMA application_id = 1634953826; PRAGMA user_version = 1;"
    "COMMIT;"};
_Static_assert(APPLICATION_ID == 1634953826, "the text has the same number");

bool database_fail(struct jobs *jobs, const char *what, struct error *error)
{
    int code = sqlite3_errcode(jobs->database) & 0xFF;
    enum error_kind kind = code == SQLITE_BUSY                               ? ERROR_CONFLICT
                           : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ERROR_CORRUPT
                           : code == SQLITE_NOMEM                            ? ERROR_NO_MEMORY
                                                                             : ERROR_IO;
    error_set(error, kind, "could not %s in \"%s\": %s", what, jobs->path, sqlite3_errmsg(jobs->database));
    error->is_full = code == SQLITE_FULL;
    return error_hint(error, "Is the disk full, or does another `assay serve` run with this project?");
}

static bool check_version(struct jobs *jobs, struct error *error)
{
    sqlite3_stmt *statement = database_query(
        jobs, error, "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version", "");
    if (statement == NULL)
        return false;
    bool row = sqlite3_step(statement) == SQLITE_ROW;
    int64_t application = row ? sqlite3_column_int64(statement, 0) : -1,
            version = row ? sqlite3_column_int64(statement, 1) : -1;
    sqlite3_finalize(statement);
    if ((application == 0 && version == 0) || (application == APPLICATION_ID && version == 1))
        return true;
    if (!row)
        return database_fail(jobs, "read the version", error);
    error_set(error, ERROR_CORRUPT, "\"%s\" is not a file of this version of `assay serve`", jobs->path);
    return error_hint(error, "Move it away; what was sent and not taken in yet is to be sent again.");
}

static bool read_born(void *context, sqlite3_stmt *row)
{
    ((struct jobs *)context)->born = sqlite3_column_int64(row, 0);
    return false;
}

int64_t jobs_born(const struct jobs *jobs)
{
    return jobs->born;
}

bool jobs_open(struct jobs **jobs, const char *path, struct error *error)
{
    static const char prepare[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;";
    struct jobs *opened = memory_alloc(1, sizeof(*opened));
    *opened = (struct jobs){.path = memory_copy_text(path, strlen(path))};
    jobs_limit_records(opened, LIMIT_RECORDS_BYTES_DEFAULT, LIMIT_RECORDS_BYTES_DEFAULT);
    pthread_mutex_init(&opened->lock, NULL);
    map_init(&opened->use_places, LIMIT_KEYS);
    bool ok = sqlite3_open_v2(path, &opened->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                              NULL) == SQLITE_OK ||
              database_fail(opened, "open the file", error);
    if (ok) {
        sqlite3_busy_timeout(opened->database, BUSY_MS);
        sqlite3_db_config(opened->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(opened->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    }
    ok = ok && check_version(opened, error);
    ok = ok && ((sqlite3_exec(opened->database, prepare, NULL, NULL, NULL) == SQLITE_OK &&
                 sqlite3_exec(opened->database, tables[0], NULL, NULL, NULL) == SQLITE_OK &&
                 sqlite3_exec(opened->database, tables[1], NULL, NULL, NULL) == SQLITE_OK) ||
                database_fail(opened, "make the tables", error));
    ok = ok && database_each(opened, database_query(opened, error, "SELECT at FROM born", ""), read_born, opened, error);
    if (ok) {
        *jobs = opened;
        return true;
    }
    jobs_close(opened);
    return false;
}

void jobs_close(struct jobs *jobs)
{
    if (jobs == NULL)
        return;
    struct error ignored;
    (void)!uses_give_back(jobs, &ignored); /* what stays set aside counts as made: less is let through, never more */
    sqlite3_finalize(jobs->find_use);
    sqlite3_close(jobs->database);
    map_release(&jobs->use_places);
    free(jobs->uses);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs->path);
    free(jobs);
}

sqlite3_stmt *database_query(struct jobs *jobs, struct error *error, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(jobs->database, sql, -1, &statement, NULL) == SQLITE_OK;
    va_list values;
    va_start(values, types);
    for (int i = 0; ok && types[i] != '\0'; i++)
        if (types[i] == 'i')
            ok = sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t)) == SQLITE_OK;
        else if (types[i] == 'r')
            ok = sqlite3_bind_double(statement, i + 1, va_arg(values, double)) == SQLITE_OK;
        else
            ok = sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT) == SQLITE_OK;
    va_end(values);
    if (ok)
        return statement;
    database_fail(jobs, "prepare a statement", error);
    sqlite3_finalize(statement);
    return NULL;
}

static bool take_none(void *context, sqlite3_stmt *row)
{
    (void)context;
    (void)row;
    return true;
}

bool database_run(struct jobs *jobs, sqlite3_stmt *statement, struct error *error)
{
    return database_each(jobs, statement, take_none, NULL, error);
}

bool database_each(struct jobs *jobs, sqlite3_stmt *statement, bool (*each)(void *context, sqlite3_stmt *row), void *context,
                   struct error *error)
{
    int code = SQLITE_ROW;
    if (statement == NULL)
        return false;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        if (!each(context, statement)) {
            code = SQLITE_DONE;
            break;
        }
    bool ok = code == SQLITE_DONE || database_fail(jobs, "run a statement", error);
    sqlite3_finalize(statement);
    return ok;
}

const char *database_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? text : "";
}

bool database_begin(struct jobs *jobs, struct error *error)
{
    return database_run(jobs, database_query(jobs, error, "BEGIN IMMEDIATE", ""), error);
}

bool database_end(struct jobs *jobs, bool ok, struct error *error)
{
    if (ok && database_run(jobs, database_query(jobs, error, "COMMIT", ""), error))
        return true;
    (void)sqlite3_exec(jobs->database, "ROLLBACK", NULL, NULL, NULL); /* the reason was told already */
    return false;
}
