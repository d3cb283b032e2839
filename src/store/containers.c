/* containers.c - files that hold documents: archives and mailboxes. */
#include "catalog.h"
#include <assert.h>
#include <string.h>

bool store_put_container(struct store *store, const struct store_container *container, int64_t *id, struct error *error)
{
    assert(store->in_transaction);
    struct slice hash = {(const char *)container->hash, sizeof(container->hash)};
    return catalog_run(store, error,
                       "INSERT INTO containers (path, sha256, size, modified_ns, checked_ns, recipe, changed_ns, inode)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                       " ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,"
                       " modified_ns = excluded.modified_ns, checked_ns = excluded.checked_ns, recipe = excluded.recipe,"
                       " changed_ns = excluded.changed_ns, inode = excluded.inode",
                       "tbiiiiii", container->path, hash, container->size, container->modified_ns, container->checked_ns,
                       container->recipe, container->changed_ns, container->inode) &&
           catalog_number(store, catalog_query(store, error, "SELECT id FROM containers WHERE path = ?", "t", container->path),
                          0, id, error);
}

bool store_remove_container(struct store *store, int64_t id, struct error *error)
{
    assert(store->in_transaction);
    return catalog_run(store, error, "DELETE FROM containers WHERE id = ?", "i", id);
}

struct container_walk {
    bool (*each)(void *context, const struct store_container *container, struct error *error);
    void *context;
};

static bool visit_container(void *context, sqlite3_stmt *row, struct error *error)
{
    struct container_walk *walk = context;
    struct store_container container = {
        .id = sqlite3_column_int64(row, 0),
        .path = catalog_column(row, 1),
        .size = sqlite3_column_int64(row, 3),
        .modified_ns = sqlite3_column_int64(row, 4),
        .checked_ns = sqlite3_column_int64(row, 5),
        .recipe = sqlite3_column_int64(row, 6),
        .changed_ns = sqlite3_column_int64(row, 7),
        .inode = sqlite3_column_int64(row, 8),
    };
    struct slice hash = catalog_column(row, 2);
    if (hash.size != sizeof(container.hash))
        return error_set(error, ERROR_CORRUPT, "container \"" SLICE_FORMAT "\" has a hash of %zu bytes in the catalog",
                         SLICE_ARGUMENT(container.path), hash.size);
    memcpy(container.hash, hash.data, hash.size);
    return walk->each(walk->context, &container, error);
}

bool store_each_container(struct store *store,
                          bool (*each)(void *context, const struct store_container *container, struct error *error),
                          void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error,
        "SELECT id, path, sha256, size, modified_ns, checked_ns, recipe, changed_ns, inode FROM containers ORDER BY path", "");
    return catalog_each(store, statement, visit_container, &(struct container_walk){each, context}, error);
}
