/* catalog.h - what the files of this room share: the open database and short ways to run statements on it. Private. */
#ifndef STORE_CATALOG_H
#define STORE_CATALOG_H

#include "store.h"
#include <sqlite3.h>

enum { STATEMENTS_MAX = 128, SUMS_TABLES = 19 };

struct store {
    sqlite3 *database;
    char *path;
    enum store_mode mode;
    bool in_transaction;
    bool changed;       /* this transaction wrote something */
    bool folder_synced; /* since the log file was made */
    bool sums_watched, sums_changed, sums_failed;
    uint64_t sums[SUMS_TABLES]; /* of the tables' rows, while a transaction writes: sums.h */
    bool is_unchanging; /* opened as a file that nobody changes: opened again for each transaction, to see that somebody did */
    bool is_alone; /* nobody else reads or writes: also opened again */
    struct {
        const char *sql; /* a literal: compared by address */
        sqlite3_stmt *statement;
    } statements[STATEMENTS_MAX];
    size_t statement_count;
};

/* Turns SQLite's last failure into ours: "could not <what> in catalog "<path>": <reason>". Returns false. */
bool catalog_fail(struct store *store, const char *what, struct error *error);

/* Prepares (once) and binds. `types` has one letter a value: i int64_t, r double, t struct slice as text, b struct slice as bytes. The
 * statement stays the store's; it is reset when it is asked for again. NULL on failure. */
sqlite3_stmt *catalog_query(struct store *store, struct error *error, const char *sql, const char *types, ...) MUST_USE;

/* A statement of the caller's own, for SQL that is put together: sqlite3_finalize ends it. NULL on failure. */
sqlite3_stmt *catalog_prepare(struct store *store, const char *sql, struct error *error) MUST_USE;

/* One number from a query with at most one row; `absent` when there is none. */
bool catalog_number(struct store *store, sqlite3_stmt *statement, int64_t absent, int64_t *value, struct error *error) MUST_USE;

/* The next row; `*row` false at the end. */
bool catalog_step(struct store *store, sqlite3_stmt *statement, bool *row, struct error *error) MUST_USE;

/* Runs a statement that gives no rows. */
bool catalog_run(struct store *store, struct error *error, const char *sql, const char *types, ...) MUST_USE;

struct slice catalog_column(sqlite3_stmt *statement, int column);

/* Steps through a query's rows. */
bool catalog_each(struct store *store, sqlite3_stmt *statement,
                  bool (*each)(void *context, sqlite3_stmt *row, struct error *error), void *context,
                  struct error *error) MUST_USE;

/* A row of documents with these columns. */
#define CATALOG_DOCUMENT_COLUMNS                                                                                               \
    "id, path, title, format, language, sha256, size, modified_ns, checked_ns, recipe, passages, extracted, container, "       \
    "changed_ns, inode"
struct catalog_document_walk {
    bool (*each)(void *context, const struct store_document *document, struct error *error);
    void *context;
};
bool catalog_visit_document(void *context, sqlite3_stmt *row, struct error *error) MUST_USE;

/* Rows of tables of index files and of deletions, of which there are two each: for words and for vectors. */
struct catalog_segment_walk {
    bool (*each)(void *context, const struct store_segment *segment, struct error *error);
    void *context;
};
struct catalog_deletion_walk {
    bool (*each)(void *context, int64_t sequence, int64_t passage, struct error *error);
    void *context;
};
bool catalog_visit_segment(void *context, sqlite3_stmt *row, struct error *error);
bool catalog_visit_deletion(void *context, sqlite3_stmt *row, struct error *error);

/* Brings the schema from its version to STORE_VERSION, in one transaction. */
bool schema_migrate(struct store *store, struct error *error) MUST_USE;
bool schema_version(struct store *store, int64_t *version, struct error *error) MUST_USE;

#endif
