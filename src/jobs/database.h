/* database.h - the open file, and short ways to run statements on it. Private. */
#ifndef JOBS_DATABASE_H
#define JOBS_DATABASE_H

#include "jobs.h"
#include <pthread.h>
#include <sqlite3.h>

struct jobs {
    sqlite3 *database;
    char *path;
    pthread_mutex_t lock; /* of the connection, and of what follows */
    sqlite3_stmt *find_use; /* kept; NULL until it is needed */
    struct map use_places;  /* a key's place in `uses` */
    struct use *uses;
    size_t use_count, use_capacity;
    int64_t born;
    int64_t record_bytes_of_one, record_bytes_of_all; /* the most that records may take */
};

/* Turns SQLite's last failure into ours. Returns false. */
bool database_fail(struct jobs *jobs, const char *what, struct error *error);

/* Prepares and binds; `types` has a letter a value: i int64_t, r double, t text with its end. NULL on failure. */
sqlite3_stmt *database_query(struct jobs *jobs, struct error *error, const char *sql, const char *types, ...) MUST_USE;
/* Runs a statement that gives no rows, and finalizes it; NULL (a query that failed) is false. */
bool database_run(struct jobs *jobs, sqlite3_stmt *statement, struct error *error) MUST_USE;
/* Calls each() for the rows until it returns false; finalizes. */
bool database_each(struct jobs *jobs, sqlite3_stmt *statement, bool (*each)(void *context, sqlite3_stmt *row), void *context,
                   struct error *error) MUST_USE;
const char *database_text(sqlite3_stmt *row, int column);

bool uses_give_back(struct jobs *jobs, struct error *error) MUST_USE; /* requests that were set aside and not made */

bool database_begin(struct jobs *jobs, struct error *error) MUST_USE; /* a transaction that writes */
bool database_end(struct jobs *jobs, bool ok, struct error *error) MUST_USE; /* commits, or rolls back what was not ok */

#endif
