/* kept_files.c - files that were sent, and vector stores. */
#include "database.h"

#define FILE_COLUMNS "path, name, purpose, owner, size, created"
#define STORE_COLUMNS "id, name, metadata, owner, created"

static bool locked_run(struct jobs *jobs, sqlite3_stmt *statement, struct error *error)
{
    bool ok = database_run(jobs, statement, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_put_file(struct jobs *jobs, const struct jobs_file *file, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return locked_run(jobs,
                      database_query(jobs, error, "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", "ttttii",
                                     file->path, file->name, file->purpose, file->owner, file->size, file->created),
                      error);
}

/* Statements about a name: all of them or none. */
static bool forget(struct jobs *jobs, const char *const statements[3], const char *name, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_begin(jobs, error), done = ok;
    for (size_t i = 0; done && i < 3; i++)
        done = database_run(jobs, database_query(jobs, error, statements[i], "t", name), error);
    if (ok)
        ok = database_end(jobs, done, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_forget_file(struct jobs *jobs, const char *path, struct error *error)
{
    static const char *const statements[] = {"DELETE FROM attributes WHERE path IN (SELECT path FROM works WHERE source = ?)",
                                             "DELETE FROM works WHERE source = ?", "DELETE FROM files WHERE path = ?"};
    return forget(jobs, statements, path, error);
}

struct file_walk {
    bool (*each)(void *context, const struct jobs_file *file);
    void *context;
    struct arena *arena; /* with `found` */
    struct jobs_file *found;
};

static bool visit_file(void *context, sqlite3_stmt *row)
{
    struct file_walk *walk = context;
    const struct jobs_file file = {database_text(row, 0), database_text(row, 1),        database_text(row, 2),
                                   database_text(row, 3), sqlite3_column_int64(row, 4), sqlite3_column_int64(row, 5)};
    if (walk->each != NULL)
        return walk->each(walk->context, &file);
    *walk->found = file;
    walk->found->path = arena_text(walk->arena, slice_from(file.path));
    walk->found->name = arena_text(walk->arena, slice_from(file.name));
    walk->found->purpose = arena_text(walk->arena, slice_from(file.purpose));
    walk->found->owner = arena_text(walk->arena, slice_from(file.owner));
    return true;
}

bool jobs_find_file(struct jobs *jobs, const char *path, struct arena *arena, struct jobs_file *file, struct error *error)
{
    struct file_walk walk = {.arena = arena, .found = file};
    *file = (struct jobs_file){0};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs, database_query(jobs, error, "SELECT " FILE_COLUMNS " FROM files WHERE path = ?", "t", path),
                            visit_file, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_each_file(struct jobs *jobs, const char *owner, const char *after, size_t most,
                    bool (*each)(void *context, const struct jobs_file *file), void *context, struct error *error)
{
    struct file_walk walk = {.each = each, .context = context};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs,
                            database_query(jobs, error,
                                           "SELECT " FILE_COLUMNS
                                           " FROM files WHERE (?1 = '' OR owner = ?1) AND path > ?2 ORDER BY path LIMIT ?3",
                                           "tti", owner != NULL ? owner : "", after != NULL ? after : "", (int64_t)most),
                            visit_file, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

/* ---- vector stores ---- */

bool jobs_put_store(struct jobs *jobs, const struct jobs_store *store, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    return locked_run(
        jobs,
        database_query(jobs, error,
                       "INSERT INTO stores VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
                       "metadata = excluded.metadata, owner = excluded.owner, created = excluded.created",
                       "tttti", store->id, store->name, store->metadata, store->owner, store->created),
        error);
}

struct store_walk {
    bool (*each)(void *context, const struct jobs_store *store);
    void *context;
    struct arena *arena;
    struct jobs_store *found;
};

static bool visit_store(void *context, sqlite3_stmt *row)
{
    struct store_walk *walk = context;
    const struct jobs_store store = {database_text(row, 0), database_text(row, 1), database_text(row, 2), database_text(row, 3),
                                     sqlite3_column_int64(row, 4)};
    if (walk->each != NULL)
        return walk->each(walk->context, &store);
    *walk->found = store;
    walk->found->id = arena_text(walk->arena, slice_from(store.id));
    walk->found->name = arena_text(walk->arena, slice_from(store.name));
    walk->found->metadata = arena_text(walk->arena, slice_from(store.metadata));
    walk->found->owner = arena_text(walk->arena, slice_from(store.owner));
    return true;
}

bool jobs_find_store(struct jobs *jobs, const char *id, struct arena *arena, struct jobs_store *store, struct error *error)
{
    struct store_walk walk = {.arena = arena, .found = store};
    *store = (struct jobs_store){0};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs, database_query(jobs, error, "SELECT " STORE_COLUMNS " FROM stores WHERE id = ?", "t", id),
                            visit_store, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_each_store(struct jobs *jobs, bool (*each)(void *context, const struct jobs_store *store), void *context,
                     struct error *error)
{
    struct store_walk walk = {.each = each, .context = context};
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(
        jobs,
        database_query(jobs, error, "SELECT " STORE_COLUMNS " FROM stores JOIN store_numbers USING (id) ORDER BY number", ""),
        visit_store, &walk, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

static bool visit_count(void *context, sqlite3_stmt *row)
{
    *(int64_t *)context = sqlite3_column_int64(row, 0);
    return false;
}

bool jobs_count_stores(struct jobs *jobs, const char *owner, int64_t *count, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs, database_query(jobs, error, "SELECT count(*) FROM stores WHERE owner = ?", "t", owner),
                            visit_count, count, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_forget_store(struct jobs *jobs, const char *id, struct error *error)
{
    static const char *const statements[] = {"DELETE FROM attributes WHERE path IN (SELECT path FROM works WHERE store = ?)",
                                             "DELETE FROM works WHERE store = ?", "DELETE FROM stores WHERE id = ?"};
    return forget(jobs, statements, id, error);
}
