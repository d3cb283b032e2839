/* schema.c - the tables, and how an older file becomes a newer one: one step a version, all in one transaction. */
#include "sums.h"
#include <assert.h>

#define APPLICATION_ID 0x61737379 /* "assy", in the file's header: tells a catalog from any other SQLite file */

enum { FIRST_WITH_SUMS = 2 }; /* the version whose rows are summed */

/* steps[n] takes version n to n + 1. A released step never changes. A column that is added is written into each row (UPDATE): of one that
 * is only implied, SQLite tells sums.c nothing. */
static const char *const steps[STORE_VERSION] = {
    "CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL) STRICT;"
    "INSERT INTO meta VALUES (1, 0);"
    "CREATE TABLE contents (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE documents ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL, format TEXT NOT NULL,"
    " language TEXT NOT NULL, content INTEGER NOT NULL REFERENCES contents (id), sha256 BLOB NOT NULL, size INTEGER NOT NULL,"
    " modified_ns INTEGER NOT NULL, checked_ns INTEGER NOT NULL, recipe INTEGER NOT NULL, passages INTEGER NOT NULL) STRICT;"
    "CREATE INDEX documents_content ON documents (content);"
    "CREATE INDEX documents_language ON documents (language);"
    "CREATE TABLE passages ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,"
    " start INTEGER NOT NULL, end INTEGER NOT NULL, line INTEGER NOT NULL, line_end INTEGER NOT NULL, page INTEGER NOT NULL,"
    " headings TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE INDEX passages_document ON passages (document);"
    "CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE document_labels ("
    " document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE, label INTEGER NOT NULL REFERENCES labels (id),"
    " PRIMARY KEY (document, label)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE segments ("
    " file TEXT PRIMARY KEY, first INTEGER NOT NULL UNIQUE, last INTEGER NOT NULL, passages INTEGER NOT NULL,"
    " size INTEGER NOT NULL) STRICT;"
    "CREATE TABLE deletions (sequence INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL) STRICT;"
    "CREATE INDEX deletions_passage ON deletions (passage);",

    /* what a document says about itself, who may ask, and vectors */
    "ALTER TABLE documents ADD COLUMN first INTEGER NOT NULL DEFAULT 0;"
    "UPDATE documents SET first = coalesce((SELECT min(id) FROM passages p WHERE p.document = documents.id), 0);"
    "CREATE INDEX documents_first ON documents (first);"
    "ALTER TABLE meta ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;"
    "UPDATE meta SET labels = 0;"
    "CREATE TABLE metadata ("
    " document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE, key TEXT NOT NULL, place INTEGER NOT NULL,"
    " text TEXT NOT NULL, number REAL, PRIMARY KEY (document, key, place)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX metadata_key ON metadata (key, text);"
    "CREATE INDEX document_labels_label ON document_labels (label);"
    "CREATE TABLE keys ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, hash BLOB NOT NULL UNIQUE, hint TEXT NOT NULL,"
    " created_ns INTEGER NOT NULL, expires_ns INTEGER, revoked_ns INTEGER) STRICT;"
    "CREATE TABLE key_groups ("
    " key INTEGER NOT NULL REFERENCES keys (id) ON DELETE CASCADE, name TEXT NOT NULL, PRIMARY KEY (key, name))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE embedding (one INTEGER PRIMARY KEY CHECK (one = 1), model TEXT NOT NULL, fingerprint BLOB NOT NULL,"
    " stamp BLOB NOT NULL, dimensions INTEGER NOT NULL) STRICT;"
    "CREATE TABLE vectors (passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,"
    " digest BLOB NOT NULL, code BLOB NOT NULL) STRICT;"
    "CREATE TABLE spare_vectors (digest BLOB PRIMARY KEY, code BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE vector_segments ("
    " file TEXT PRIMARY KEY, first INTEGER NOT NULL UNIQUE, last INTEGER NOT NULL, passages INTEGER NOT NULL,"
    " size INTEGER NOT NULL) STRICT;"
    "CREATE TABLE vector_deletions (sequence INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL) STRICT;"
    "CREATE INDEX vector_deletions_passage ON vector_deletions (passage);"
    "CREATE TABLE sums (name TEXT PRIMARY KEY, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;",

    /* text that was read out of its source, and archives */
    "CREATE TABLE containers ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, sha256 BLOB NOT NULL, size INTEGER NOT NULL,"
    " modified_ns INTEGER NOT NULL, checked_ns INTEGER NOT NULL, recipe INTEGER NOT NULL) STRICT;"
    "ALTER TABLE documents ADD COLUMN extracted INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE documents ADD COLUMN container INTEGER REFERENCES containers (id);"
    "UPDATE documents SET extracted = 0, container = NULL;"
    "CREATE INDEX documents_container ON documents (container);",

    /* whether a file is the same one: 0 is none, so that all are looked into once */
    "ALTER TABLE documents ADD COLUMN changed_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE documents ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;"
    "UPDATE documents SET changed_ns = 0, inode = 0;"
    "ALTER TABLE containers ADD COLUMN changed_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE containers ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;"
    "UPDATE containers SET changed_ns = 0, inode = 0;",
};

static bool pragma_number(struct store *store, const char *sql, int64_t *value, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, sql, "");
    bool row;
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    if (!row)
        return error_set(error, ERROR_CORRUPT, "catalog \"%s\" lacks a row it must have (%s)", store->path, sql);
    *value = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return true;
}

bool schema_version(struct store *store, int64_t *version, struct error *error)
{
    int64_t application, tables, found;
    if (!pragma_number(store, "PRAGMA application_id", &application, error) ||
        !pragma_number(store, "PRAGMA user_version", &found, error) ||
        !pragma_number(store, "SELECT count(*) FROM sqlite_schema", &tables, error))
        return false;
    bool is_new = tables == 0 && application == 0 && found == 0;
    if (!is_new && application != APPLICATION_ID) {
        error_set(error, ERROR_CORRUPT, "\"%s\" is a database, but not a catalog of assay", store->path);
        return error_hint(error, "Move the file away and run the command again.");
    }
    *version = found;
    return true;
}

static bool migrate_step(struct store *store, int64_t version, struct error *error)
{
    char pragmas[96];
    sqlite3_snprintf(sizeof(pragmas), pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
                     (int)version + 1);
    if (sqlite3_exec(store->database, steps[version], NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(store->database, pragmas, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    catalog_fail(store, "change the tables", error);
    return error_wrap(error, "could not bring the catalog from version %lld to %lld", (long long)version,
                      (long long)version + 1);
}

bool schema_migrate(struct store *store, struct error *error)
{
    struct sums_right right = {0};
    int64_t version;
    if (!store_begin(store, STORE_WRITE, error))
        return false;
    /* Asked again inside the transaction: another process may have done it meanwhile. */
    bool ok = schema_version(store, &version, error);
    if (ok && version < STORE_VERSION) {
        ok = sums_before_change(store, version >= FIRST_WITH_SUMS, &right, error);
        for (; ok && version < STORE_VERSION; version++)
            ok = migrate_step(store, version, error);
        ok = ok && sums_after_change(store, &right, error);
    }
    store->changed = false;
    if (ok && store_commit(store, error))
        return true;
    store_rollback(store);
    return false;
}

bool store_generation(struct store *store, int64_t *generation, struct error *error)
{
    return pragma_number(store, "SELECT generation FROM meta", generation, error);
}
