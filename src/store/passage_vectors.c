/* passage_vectors.c - the passages' vectors, which model they are of, and the index files that cover them. */
#include "catalog.h"
#include <assert.h>
#include <string.h>

bool store_get_embedding(struct store *store, struct arena *arena, struct store_embedding *embedding, bool *found,
                         struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT model, fingerprint, stamp, dimensions FROM embedding", "");
    if (statement == NULL || !catalog_step(store, statement, found, error))
        return false;
    if (!*found)
        return true;
    struct slice fingerprint = catalog_column(statement, 1);
    int64_t dimensions = sqlite3_column_int64(statement, 3);
    bool ok = fingerprint.size == sizeof(embedding->fingerprint) && dimensions > 0 &&
              dimensions <= (int64_t)LIMIT_VECTOR_DIMENSIONS;
    if (ok) {
        embedding->model = arena_slice(arena, catalog_column(statement, 0));
        memcpy(embedding->fingerprint, fingerprint.data, fingerprint.size);
        embedding->stamp = arena_slice(arena, catalog_column(statement, 2));
        embedding->dimensions = dimensions;
    } else {
        error_set(error, ERROR_CORRUPT,
                  "the catalog's vectors are of a model with a fingerprint of %zu bytes and %lld dimensions", fingerprint.size,
                  (long long)dimensions);
    }
    sqlite3_reset(statement);
    return ok;
}

bool store_set_embedding(struct store *store, const struct store_embedding *embedding, struct error *error)
{
    assert(store->in_transaction);
    struct slice fingerprint = {(const char *)embedding->fingerprint, sizeof(embedding->fingerprint)};
    return catalog_run(store, error,
                       "INSERT INTO embedding (one, model, fingerprint, stamp, dimensions) VALUES (1, ?, ?, ?, ?)"
                       " ON CONFLICT (one) DO UPDATE SET model = excluded.model, fingerprint = excluded.fingerprint,"
                       " stamp = excluded.stamp, dimensions = excluded.dimensions",
                       "tbbi", embedding->model, fingerprint, embedding->stamp, embedding->dimensions);
}

bool store_drop_vectors(struct store *store, struct error *error)
{
    assert(store->in_transaction);
    return catalog_run(store, error, "DELETE FROM vectors", "") && store_drop_spares(store, error) &&
           catalog_run(store, error, "DELETE FROM vector_segments", "") &&
           catalog_run(store, error, "DELETE FROM vector_deletions", "") &&
           catalog_run(store, error, "DELETE FROM embedding", "");
}

bool store_put_vector(struct store *store, int64_t passage, const unsigned char digest[STORE_DIGEST_BYTES], struct slice code,
                      struct error *error)
{
    assert(store->in_transaction);
    return catalog_run(store, error, "INSERT INTO vectors (passage, digest, code) VALUES (?, ?, ?)", "ibb", passage,
                       (struct slice){(const char *)digest, STORE_DIGEST_BYTES}, code);
}

bool store_find_spare(struct store *store, const unsigned char digest[STORE_DIGEST_BYTES], struct buffer *code, bool *found,
                      struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT code FROM spare_vectors WHERE digest = ?", "b",
                                            (struct slice){(const char *)digest, STORE_DIGEST_BYTES});
    if (statement == NULL || !catalog_step(store, statement, found, error))
        return false;
    if (*found)
        buffer_append_slice(code, catalog_column(statement, 0));
    sqlite3_reset(statement);
    return true;
}

bool store_drop_spares(struct store *store, struct error *error)
{
    assert(store->in_transaction);
    return catalog_run(store, error, "DELETE FROM spare_vectors", "");
}

bool store_borrow_vectors(struct store *store, const char *path, struct error *error)
{
    assert(!store->in_transaction);
    if (!catalog_run(store, error, "ATTACH ? AS lender", "t", slice_from(path)))
        return false;
    bool ok = store_begin(store, STORE_WRITE, error) &&
              catalog_run(store, error, "INSERT OR IGNORE INTO spare_vectors SELECT digest, code FROM lender.vectors", "") &&
              store_commit(store, error);
    struct error late;
    store_rollback(store);
    return catalog_run(store, ok ? error : &late, "DETACH lender", "") && ok;
}

struct vector_walk {
    bool (*each)(void *context, int64_t passage, struct slice code, struct error *error);
    void *context;
};

static bool visit_vector(void *context, sqlite3_stmt *row, struct error *error)
{
    struct vector_walk *walk = context;
    return walk->each(walk->context, sqlite3_column_int64(row, 0), catalog_column(row, 1), error);
}

bool store_each_vector(struct store *store, int64_t first, int64_t last,
                       bool (*each)(void *context, int64_t passage, struct slice code, struct error *error), void *context,
                       struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error, "SELECT passage, code FROM vectors WHERE passage BETWEEN ? AND ? ORDER BY passage", "ii", first, last);
    return catalog_each(store, statement, visit_vector, &(struct vector_walk){each, context}, error);
}

/* Nothing here reads a table of long rows from end to end: vectors come in ascending order, and a document's passages are one run, so
 * that documents alone tell how many passages stand behind the last vector. */
bool store_count_vectors(struct store *store, struct store_vector_counts *counts, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error,
        "WITH edge (last) AS (SELECT coalesce(max(passage), 0) FROM vectors)"
        " SELECT last, (SELECT coalesce(sum(passages), 0) FROM documents),"
        " (SELECT coalesce(sum(min(passages, first + passages - 1 - last)), 0) FROM documents WHERE first + passages - 1 > "
        "last),"
        " (SELECT coalesce(max(last), 0) FROM vector_segments), (SELECT coalesce(sum(passages), 0) FROM vector_segments),"
        " EXISTS (SELECT 1 FROM spare_vectors) FROM edge",
        "");
    bool row;
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    int64_t missing = sqlite3_column_int64(statement, 2);
    *counts = (struct store_vector_counts){.vectors = sqlite3_column_int64(statement, 1) - missing,
                                           .last = sqlite3_column_int64(statement, 0),
                                           .sealed = sqlite3_column_int64(statement, 3),
                                           .written = sqlite3_column_int64(statement, 4),
                                           .has_spares = sqlite3_column_int64(statement, 5) != 0,
                                           .missing = missing};
    sqlite3_reset(statement);
    return true;
}

bool store_count_vectors_within(struct store *store, int64_t first, int64_t last, int64_t *count, struct error *error)
{
    bool row;
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT count(*) FROM vectors WHERE passage BETWEEN ? AND ?", "ii",
                                            first, last);
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    *count = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return true;
}

bool store_each_vector_segment(struct store *store,
                               bool (*each)(void *context, const struct store_segment *segment, struct error *error),
                               void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error,
                                            "SELECT file, first, last, passages, size FROM vector_segments ORDER BY first", "");
    return catalog_each(store, statement, catalog_visit_segment, &(struct catalog_segment_walk){each, context}, error);
}

bool store_each_vector_deletion(struct store *store, int64_t after,
                                bool (*each)(void *context, int64_t sequence, int64_t passage, struct error *error),
                                void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error, "SELECT sequence, passage FROM vector_deletions WHERE sequence > ? ORDER BY sequence", "i", after);
    return catalog_each(store, statement, catalog_visit_deletion, &(struct catalog_deletion_walk){each, context}, error);
}

bool store_replace_vector_segments(struct store *store, const struct store_segment *segment, struct error *error)
{
    assert(store->in_transaction);
    assert(segment->first <= segment->last);
    if (!catalog_run(store, error, "DELETE FROM vector_segments WHERE first >= ? AND last <= ?", "ii", segment->first,
                     segment->last))
        return false;
    if (segment->file.size == 0) /* as for store_replace_segments */
        return true;
    return catalog_run(store, error, "DELETE FROM vector_deletions WHERE passage BETWEEN ? AND ?", "ii", segment->first,
                       segment->last) &&
           catalog_run(store, error, "INSERT INTO vector_segments (file, first, last, passages, size) VALUES (?, ?, ?, ?, ?)",
                       "tiiii", segment->file, segment->first, segment->last, segment->passages, segment->size);
}
