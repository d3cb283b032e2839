/* principals.c - API keys with their groups, and the principals they stand for. Of a secret only its hash is kept. */
#include "catalog.h"
#include <assert.h>
#include <string.h>

/* Forgets a revoked key of that name, so that the name can be given again. */
static bool free_name(struct store *store, struct slice name, struct error *error)
{
    int64_t valid, count;
    if (!catalog_run(store, error, "DELETE FROM keys WHERE name = ? AND revoked_ns IS NOT NULL", "t", name) ||
        !catalog_number(store, catalog_query(store, error, "SELECT count(*) FROM keys WHERE name = ?", "t", name), 0, &valid,
                        error) ||
        !catalog_number(store, catalog_query(store, error, "SELECT count(*) FROM keys", ""), 0, &count, error))
        return false;
    if (valid > 0) {
        error_set(error, ERROR_CONFLICT, "key \"" SLICE_FORMAT "\" is there already", SLICE_ARGUMENT(name));
        return error_hint(error, "Take another name, or revoke it first: assay key revoke " SLICE_FORMAT, SLICE_ARGUMENT(name));
    }
    if (count < LIMIT_KEYS)
        return true;
    error_set(error, ERROR_LIMIT, "the project has %d keys, the limit is %d", LIMIT_KEYS, LIMIT_KEYS);
    return error_hint(error, "Keys that were revoked count until their name is given again.");
}

bool store_put_key(struct store *store, const struct store_key *key, struct error *error)
{
    assert(store->in_transaction);
    struct slice hash = {(const char *)key->hash, sizeof(key->hash)}, rest = key->groups, group;
    int64_t id;
    if (!free_name(store, key->name, error) ||
        !catalog_run(store, error,
                     "INSERT INTO keys (name, hash, hint, created_ns, expires_ns) VALUES (?, ?, ?, ?, nullif(?, 0))", "tbtii",
                     key->name, hash, key->hint, key->created_ns, key->expires_ns) ||
        !catalog_number(store, catalog_query(store, error, "SELECT id FROM keys WHERE name = ?", "t", key->name), 0, &id,
                        error))
        return false;
    while (slice_next(&rest, STORE_GROUP_SEPARATOR, &group))
        if (!catalog_run(store, error, "INSERT INTO key_groups (key, name) VALUES (?, ?) ON CONFLICT DO NOTHING", "it", id,
                         group))
            return false;
    return true;
}

struct key_walk {
    bool (*each)(void *context, const struct store_key *key, struct error *error);
    void *context;
};

static bool visit_key(void *context, sqlite3_stmt *row, struct error *error)
{
    struct key_walk *walk = context;
    struct store_key key = {
        .id = sqlite3_column_int64(row, 0),
        .name = catalog_column(row, 1),
        .hint = catalog_column(row, 2),
        .groups = catalog_column(row, 3),
        .created_ns = sqlite3_column_int64(row, 5),
        .expires_ns = sqlite3_column_int64(row, 6),
        .revoked_ns = sqlite3_column_int64(row, 7),
    };
    struct slice hash = catalog_column(row, 4);
    if (hash.size != sizeof(key.hash))
        return error_set(error, ERROR_CORRUPT, "key \"" SLICE_FORMAT "\" has a hash of %zu bytes in the catalog",
                         SLICE_ARGUMENT(key.name), hash.size);
    memcpy(key.hash, hash.data, hash.size);
    return walk->each(walk->context, &key, error);
}

#define KEY_COLUMNS                                                                                                            \
    "SELECT id, name, hint, (SELECT coalesce(group_concat(name, char(31)), '') FROM"                                           \
    " (SELECT name FROM key_groups g WHERE g.key = keys.id ORDER BY name)), hash, created_ns, expires_ns,"                     \
    " revoked_ns FROM keys "

bool store_each_key(struct store *store, bool (*each)(void *context, const struct store_key *key, struct error *error),
                    void *context, struct error *error)
{
    return catalog_each(store, catalog_query(store, error, KEY_COLUMNS "ORDER BY name", ""), visit_key,
                        &(struct key_walk){each, context}, error);
}

static bool fail_unknown(struct slice name, struct error *error)
{
    error_set(error, ERROR_NOT_FOUND, "no key \"" SLICE_FORMAT "\" in this project", SLICE_ARGUMENT(name));
    return error_hint(error, "`assay key list` shows the keys.");
}

bool store_revoke_key(struct store *store, struct slice name, int64_t now_ns, struct error *error)
{
    assert(store->in_transaction);
    int64_t known;
    if (!catalog_number(store, catalog_query(store, error, "SELECT count(*) FROM keys WHERE name = ?", "t", name), 0, &known,
                        error))
        return false;
    if (known == 0)
        return fail_unknown(name, error);
    return catalog_run(store, error, "UPDATE keys SET revoked_ns = ? WHERE name = ? AND revoked_ns IS NULL", "it", now_ns,
                       name);
}

/* ---- principals ---- */

struct key_search {
    struct arena *arena;
    int64_t now_ns;
    bool found;
    struct store_key key;
    struct store_principal *principal;
};

static bool take_key(void *context, const struct store_key *key, struct error *error)
{
    struct key_search *search = context;
    (void)error;
    search->found = true;
    search->key = *key;
    search->key.name = arena_slice(search->arena, key->name);
    search->key.groups = arena_slice(search->arena, key->groups);
    return true;
}

/* The found key as a principal, unless it holds no more. */
static bool make_principal(struct key_search *search, struct error *error)
{
    const struct store_key *key = &search->key;
    char date[CLOCK_TEXT_BYTES];
    if (key->revoked_ns != 0) {
        clock_text(key->revoked_ns, date);
        error_set(error, ERROR_INVALID, "key \"" SLICE_FORMAT "\" was revoked (%s)", SLICE_ARGUMENT(key->name), date);
        return error_hint(error, "`assay key add` makes another one.");
    }
    if (key->expires_ns != 0 && key->expires_ns <= search->now_ns) {
        clock_text(key->expires_ns, date);
        error_set(error, ERROR_INVALID, "key \"" SLICE_FORMAT "\" has expired (%s)", SLICE_ARGUMENT(key->name), date);
        return error_hint(error, "`assay key add` makes another one.");
    }
    struct slice *groups = NULL, rest = key->groups, group;
    size_t count = 0, capacity = 0;
    while (slice_next(&rest, STORE_GROUP_SEPARATOR, &group)) {
        groups = arena_more(search->arena, groups, count, &capacity, sizeof(*groups));
        groups[count++] = group;
    }
    *search->principal = (struct store_principal){key->id, groups, count, search->now_ns, key->name, key->created_ns};
    return true;
}

bool store_principal_named(struct store *store, struct slice name, int64_t now_ns, struct arena *arena,
                           struct store_principal *principal, struct error *error)
{
    struct key_search search = {.arena = arena, .now_ns = now_ns, .principal = principal};
    if (!catalog_each(store, catalog_query(store, error, KEY_COLUMNS "WHERE name = ?", "t", name), visit_key,
                      &(struct key_walk){take_key, &search}, error))
        return false;
    return search.found ? make_principal(&search, error) : fail_unknown(name, error);
}

bool store_principal_of(struct store *store, const unsigned char hash[STORE_HASH_BYTES], int64_t now_ns, struct arena *arena,
                        struct store_principal *principal, struct error *error)
{
    struct key_search search = {.arena = arena, .now_ns = now_ns, .principal = principal};
    const struct slice wanted = {(const char *)hash, STORE_HASH_BYTES};
    /* What the time of an index tells is of the hash of a long random secret: whoever climbs along it still has no secret of that hash. */
    if (!catalog_each(store, catalog_query(store, error, KEY_COLUMNS "WHERE hash = ?", "b", wanted), visit_key,
                      &(struct key_walk){take_key, &search}, error))
        return false;
    return search.found ? make_principal(&search, error) : error_set(error, ERROR_NOT_FOUND, "the key is none of this project");
}
