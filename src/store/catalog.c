/* catalog.c - opening the database, transactions, statements. */
#include "sums.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 10000, CHECKPOINT_PAGES = 4000 };

static enum error_kind kind_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERROR_CONFLICT;
    case SQLITE_NOMEM:
        return ERROR_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERROR_CORRUPT;
    case SQLITE_TOOBIG:
        return ERROR_LIMIT;
    default:
        return ERROR_IO;
    }
}

static void folder_of(const struct store *store, char folder[LIMIT_PATH_BYTES])
{
    struct slice parent = path_folder(store->path);
    snprintf(folder, LIMIT_PATH_BYTES, SLICE_FORMAT, SLICE_ARGUMENT(parent));
}

/* SQLite tries to open a file for reading that it could not create, and reports the error of that. Finds the true one. */
static bool fail_to_create(struct store *store, const char *what, struct error *error)
{
    char folder[LIMIT_PATH_BYTES];
    folder_of(store, folder);
    if (!folder_try_write(folder, error))
        return error_wrap(error, "could not %s in catalog \"%s\"", what, store->path);
    error_set(error, ERROR_IO, "could not %s in catalog \"%s\": a file beside it could not be made", what, store->path);
    return error_hint(error, "The folder takes files again; run the command once more.");
}

bool catalog_fail(struct store *store, const char *what, struct error *error)
{
    int code = sqlite3_extended_errcode(store->database);
    int number = sqlite3_system_errno(store->database);
    bool is_system = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
    if ((code & 0xFF) == SQLITE_CANTOPEN && number == ENOENT)
        return fail_to_create(store, what, error);
    if (is_system && number != 0) {
        errno = number;
        error_system(error, "could not %s in catalog \"%s\"", what, store->path);
        error->kind = kind_of(code);
        return false;
    }
    error_set(error, kind_of(code), "could not %s in catalog \"%s\": %s", what, store->path, sqlite3_errmsg(store->database));
    error->is_full = (code & 0xFF) == SQLITE_FULL;
    if (error->is_full)
        error_hint(error, "The disk is full. Free some space and run the command again; nothing acknowledged is lost.");
    else if (error->kind == ERROR_CONFLICT)
        error_hint(error, "Another process is writing. Wait until it has finished.");
    else if (error->kind == ERROR_IO)
        error_hint(error, "Is the disk full or failing, or a limit reached (ulimit -f)? Nothing acknowledged is lost.");
    else if (error->kind == ERROR_CORRUPT)
        error_hint(error, "Run `assay doctor`; restore the file from a backup, or remove .assay/ and add the documents again.");
    return false;
}

static bool run_text(struct store *store, const char *sql, const char *what, struct error *error)
{
    if (sqlite3_exec(store->database, sql, NULL, NULL, NULL) != SQLITE_OK)
        return catalog_fail(store, what, error);
    return true;
}

static bool configure(struct store *store, struct error *error)
{
    sqlite3 *database = store->database;
    sqlite3_busy_timeout(database, BUSY_MS);
    sqlite3_extended_result_codes(database, 1);
    if (store->is_alone &&
        !run_text(store, "PRAGMA locking_mode=EXCLUSIVE", "prepare", error)) /* before the log is looked at */
        return false;
    /* The file may come from anybody: no SQL functions from its schema, no writing of the schema table. */
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return run_text(store,
                    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
                    "PRAGMA cache_size=-65536;",
                    "prepare", error);
}

/* Sets the write-ahead log, and that is the file's from then on: only for a file that is ours, and only by writers. */
static bool use_log(struct store *store, struct error *error)
{
    if (store->mode == STORE_READ)
        return true;
    sqlite3_stmt *statement = catalog_query(store, error, "PRAGMA journal_mode=WAL", "");
    bool row;
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    bool is_set = row && slice_equal_text(catalog_column(statement, 0), "wal");
    sqlite3_reset(statement);
    sqlite3_wal_autocheckpoint(store->database, CHECKPOINT_PAGES);
    if (is_set)
        return true;
    error_set(error, ERROR_IO, "catalog \"%s\" cannot have a write-ahead log on this file system", store->path);
    return error_hint(error,
                      "Keep the project on a local disk: without the log a power loss could lose what was acknowledged.");
}

static bool check_version(struct store *store, struct error *error)
{
    int64_t version;
    if (!schema_version(store, &version, error))
        return false;
    if (version > STORE_VERSION) {
        error_set(error, ERROR_CONFLICT, "catalog \"%s\" has version %lld, this program reads up to %d", store->path,
                  (long long)version, STORE_VERSION);
        return error_hint(error, "It was written by a newer assay. Install that version, or a later one.");
    }
    if (store->mode == STORE_WRITE) {
        bool ok = use_log(store, error) && (version == STORE_VERSION || schema_migrate(store, error));
        sums_watch(store);
        return ok;
    }
    if (version == STORE_VERSION)
        return true;
    error_set(error, ERROR_CONFLICT, "catalog \"%s\" has version %lld, this program reads %d", store->path, (long long)version,
              STORE_VERSION);
    return error_hint(error, "Run `assay doctor --repair` once to bring it up to date.");
}

static bool open_file(struct store *store, const char *name, int flags, struct error *error)
{
    if (sqlite3_open_v2(name, &store->database, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return catalog_fail(store, "open the file", error);
    return configure(store, error) && sums_prepare(store, error) && check_version(store, error);
}

static void close_file(struct store *store)
{
    for (size_t i = 0; i < store->statement_count; i++)
        sqlite3_finalize(store->statements[i].statement);
    store->statement_count = 0;
    store->sums_watched = false;
    sqlite3_close(store->database);
    store->database = NULL;
}

/* Readers of a log share a file beside it, which somebody without the right to write cannot make. While there is no log, nobody is
 * writing, and the file can be read as it stands. */
static bool open_unchanging(struct store *store, struct error *error)
{
    struct buffer uri;
    close_file(store);
    buffer_init(&uri, 4 * LIMIT_PATH_BYTES);
    buffer_append_text(&uri, "file:");
    for (const char *c = store->path; *c != '\0'; c++) /* what a URI gives a meaning goes in as its number */
        buffer_format(&uri, strchr("%?#", *c) ? "%%%02X" : "%c", (unsigned char)*c);
    buffer_append_text(&uri, "?immutable=1");
    bool ok = open_file(store, buffer_text(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    store->is_unchanging = ok;
    buffer_release(&uri);
    return ok;
}

/* Of a log that a full disk left behind, its list of pages is made in memory, not in the file that readers share: nobody else reads meanwhile. */
static bool open_alone(struct store *store, struct error *error)
{
    close_file(store);
    store->is_alone = true;
    bool ok = open_file(store, store->path, SQLITE_OPEN_READWRITE, error);
    store->is_unchanging = ok;
    return ok;
}

static bool is_full(const struct store *store)
{
    int number = sqlite3_system_errno(store->database);
    return number == ENOSPC || number == EDQUOT;
}

/* To read, where SQLite could not make the files that it wants beside the catalog. */
static bool open_without_files(struct store *store, struct error *error)
{
    char folder[LIMIT_PATH_BYTES], log[LIMIT_PATH_BYTES + 8];
    uint64_t size = 0;
    struct error ignored;
    folder_of(store, folder);
    snprintf(log, sizeof(log), "%s-wal", store->path);
    if (is_full(store)) /* what made room for itself before the disk was full is shared, and would have been found */
        return file_size(log, &size, &ignored) && size == 0 ? open_unchanging(store, error) : open_alone(store, error);
    if (access(folder, W_OK) == 0)
        return false;
    if (file_exists(log))
        return error_hint(error, "You may not write here, and somebody is writing now. Try again when they have finished.");
    return open_unchanging(store, error);
}

static bool open_for_mode(struct store *store, struct error *error)
{
    if (store->mode == STORE_READ && !file_exists(store->path))
        return error_set(error, ERROR_NOT_FOUND, "catalog \"%s\" is not there", store->path);
    if (open_file(store, store->path, SQLITE_OPEN_READWRITE | (store->mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0), error))
        return true;
    return store->mode == STORE_READ && error->kind == ERROR_IO && open_without_files(store, error);
}

bool store_open(struct store **store, const char *path, enum store_mode mode, struct error *error)
{
    struct store *opened = memory_alloc(1, sizeof(*opened));
    opened->mode = mode;
    opened->path = memory_copy_text(path, strlen(path));
    if (!open_for_mode(opened, error)) {
        store_close(opened);
        return false;
    }
    *store = opened;
    return true;
}

bool store_erase_deleted(struct store *store, struct error *error)
{
    return run_text(store, "PRAGMA secure_delete=ON", "prepare", error);
}

/* What was read as a file that nobody changes may have been changed since: a key revoked, a document hidden. */
static bool open_again(struct store *store, struct error *error)
{
    if (!file_exists(store->path))
        return error_set(error, ERROR_NOT_FOUND, "catalog \"%s\" is not there", store->path);
    close_file(store);
    store->is_unchanging = store->is_alone = false;
    if (open_for_mode(store, error))
        return true;
    store->is_unchanging = true; /* the next transaction tries again */
    return false;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store_rollback(store);
    close_file(store);
    free(store->path);
    free(store);
}

bool store_begin(struct store *store, enum store_mode mode, struct error *error)
{
    assert(!store->in_transaction);
    assert(mode == STORE_READ || store->mode == STORE_WRITE);
    if (store->is_unchanging && !open_again(store, error))
        return false;
    if (!run_text(store, mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", "begin a transaction", error))
        return false;
    store->in_transaction = true;
    store->changed = false;
    store->sums_changed = false;
    if (mode == STORE_READ || sums_load(store, error))
        return true;
    store_rollback(store);
    return false;
}

/* SQLite makes its log file at the first write and syncs the folder, but goes on when that fails: the log, and with it what was
 * committed, could be gone after a power loss. So we ask once ourselves, before anything is acknowledged. */
static bool sync_folder(struct store *store, struct error *error)
{
    char folder[LIMIT_PATH_BYTES];
    if (store->folder_synced)
        return true;
    folder_of(store, folder);
    store->folder_synced = folder_sync(folder, error);
    return store->folder_synced;
}

bool store_commit(struct store *store, struct error *error)
{
    assert(store->in_transaction);
    bool wrote = store->changed;
    bool ok = !wrote || catalog_run(store, error, "UPDATE meta SET generation = generation + 1", "");
    ok = ok && sums_save(store, error) && run_text(store, "COMMIT", "commit", error);
    if (!ok)
        store_rollback(store);
    store->in_transaction = false;
    return ok && (!wrote || sync_folder(store, error));
}

void store_rollback(struct store *store)
{
    /* A failed COMMIT may have rolled back by itself. */
    if (store->in_transaction && !sqlite3_get_autocommit(store->database))
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    store->in_transaction = false;
}

static sqlite3_stmt *find_statement(struct store *store, const char *sql, struct error *error)
{
    for (size_t i = 0; i < store->statement_count; i++)
        if (store->statements[i].sql == sql) {
            sqlite3_reset(store->statements[i].statement);
            return store->statements[i].statement;
        }
    assert(store->statement_count < STATEMENTS_MAX);
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        catalog_fail(store, "prepare a statement", error);
        return NULL;
    }
    store->statements[store->statement_count].sql = sql;
    store->statements[store->statement_count++].statement = statement;
    return statement;
}

static int bind_slice(sqlite3_stmt *statement, int at, struct slice value, bool is_text)
{
    const char *data = value.data ? value.data : "";
    if (is_text)
        return sqlite3_bind_text64(statement, at, data, value.size, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(statement, at, data, value.size, SQLITE_STATIC);
}

static sqlite3_stmt *prepare(struct store *store, struct error *error, const char *sql, const char *types, va_list values)
{
    sqlite3_stmt *statement = find_statement(store, sql, error);
    if (statement == NULL)
        return NULL;
    if (!sqlite3_stmt_readonly(statement))
        store->changed = true;
    for (int at = 1; types[at - 1] != '\0'; at++) {
        int code;
        if (types[at - 1] == 'i')
            code = sqlite3_bind_int64(statement, at, va_arg(values, int64_t));
        else if (types[at - 1] == 'r')
            code = sqlite3_bind_double(statement, at, va_arg(values, double));
        else
            code = bind_slice(statement, at, va_arg(values, struct slice), types[at - 1] == 't');
        if (code != SQLITE_OK) {
            catalog_fail(store, "bind a value", error);
            return NULL;
        }
    }
    return statement;
}

sqlite3_stmt *catalog_query(struct store *store, struct error *error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(store, error, sql, types, values);
    va_end(values);
    return statement;
}

bool catalog_step(struct store *store, sqlite3_stmt *statement, bool *row, struct error *error)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        *row = code == SQLITE_ROW;
        if (!*row)
            sqlite3_reset(statement);
        return true;
    }
    catalog_fail(store, sqlite3_stmt_readonly(statement) ? "read" : "write", error);
    sqlite3_reset(statement);
    return false;
}

bool catalog_run(struct store *store, struct error *error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = prepare(store, error, sql, types, values);
    va_end(values);
    bool row;
    return statement != NULL && catalog_step(store, statement, &row, error);
}

sqlite3_stmt *catalog_prepare(struct store *store, const char *sql, struct error *error)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK)
        return statement;
    catalog_fail(store, "prepare a statement", error);
    return NULL;
}

bool catalog_number(struct store *store, sqlite3_stmt *statement, int64_t absent, int64_t *value, struct error *error)
{
    bool row;
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    *value = row ? sqlite3_column_int64(statement, 0) : absent;
    sqlite3_reset(statement);
    return true;
}

struct slice catalog_column(sqlite3_stmt *statement, int column)
{
    const char *data = sqlite3_column_blob(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    return (struct slice){data ? data : "", (size_t)size};
}

bool catalog_each(struct store *store, sqlite3_stmt *statement,
                  bool (*each)(void *context, sqlite3_stmt *row, struct error *error), void *context, struct error *error)
{
    if (statement == NULL)
        return false;
    bool row;
    do {
        if (!catalog_step(store, statement, &row, error))
            return false;
        if (row && !each(context, statement, error)) {
            sqlite3_reset(statement);
            return false;
        }
    } while (row);
    return true;
}
