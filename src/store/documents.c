/* documents.c - documents with their content, passages and labels. */
#include "catalog.h"
#include <assert.h>
#include <string.h>

/* The passages that go away are noted, so that an open index can hide them. */
static bool drop_passages(struct store *store, int64_t document, struct error *error)
{
    return catalog_run(store, error, "INSERT INTO deletions (passage) SELECT id FROM passages WHERE document = ? ORDER BY id",
                       "i", document) &&
           catalog_run(store, error,
                       "INSERT INTO vector_deletions (passage) SELECT id FROM passages WHERE document = ?"
                       " AND EXISTS (SELECT 1 FROM vectors WHERE passage = id) ORDER BY id",
                       "i", document) &&
           catalog_run(store, error,
                       "INSERT INTO spare_vectors SELECT digest, code FROM vectors JOIN passages ON id = passage"
                       " WHERE document = ? ON CONFLICT DO NOTHING",
                       "i", document) &&
           catalog_run(store, error, "DELETE FROM passages WHERE document = ?", "i", document);
}

static bool drop_unused_content(struct store *store, int64_t content, struct error *error)
{
    return catalog_run(store, error,
                       "DELETE FROM contents WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM documents WHERE content = ?1)", "i",
                       content);
}

static bool put_content(struct store *store, struct slice hash, struct slice content, int64_t *id, struct error *error)
{
    if (!catalog_run(store, error, "INSERT INTO contents (sha256, bytes) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING", "bb",
                     hash, content))
        return false;
    *id = sqlite3_last_insert_rowid(store->database);
    return sqlite3_changes(store->database) == 1 ||
           catalog_number(store, catalog_query(store, error, "SELECT id FROM contents WHERE sha256 = ?", "b", hash), 0, id,
                          error);
}

/* ---- many rows at once: each statement has a cost of its own, of a new number for a passage as much as a row's ---- */

enum { ROWS_AT_ONCE = 8 };

#define ROWS_1(row) row
#define ROWS_2(row) row ", " row
#define ROWS_4(row) ROWS_2(row) ", " ROWS_2(row)

/* For each number of rows: the statement that inserts so many. */
#define ROWS_UP_TO_8(insert, row)                                                                                              \
    {insert ROWS_1(row),                                                                                                       \
     insert ROWS_2(row),                                                                                                       \
     insert ROWS_2(row) ", " ROWS_1(row),                                                                                      \
     insert ROWS_4(row),                                                                                                       \
     insert ROWS_4(row) ", " ROWS_1(row),                                                                                      \
     insert ROWS_4(row) ", " ROWS_2(row),                                                                                      \
     insert ROWS_4(row) ", " ROWS_2(row) ", " ROWS_1(row),                                                                     \
     insert ROWS_4(row) ", " ROWS_4(row)}

static bool bind_text(sqlite3_stmt *statement, int at, struct slice text)
{
    const char *data = text.data != NULL ? text.data : "";
    return sqlite3_bind_text64(statement, at, data, text.size, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
}

static bool run_bound(struct store *store, sqlite3_stmt *statement, bool is_bound, struct error *error)
{
    bool row;
    return is_bound ? catalog_step(store, statement, &row, error) : catalog_fail(store, "bind a value", error);
}

/* ---- metadata ---- */

struct metadata_rows {
    struct store *store;
    int64_t document, place; /* of the next row */
    struct store_value rows[ROWS_AT_ONCE];
    size_t count;
};

static bool write_metadata(struct metadata_rows *rows, struct error *error)
{
    enum { COLUMNS = 5 };
    static const char *const inserts[ROWS_AT_ONCE] = ROWS_UP_TO_8(
        "INSERT INTO metadata (document, key, place, text, number) VALUES ", "(?, ?, ?, ?, ?)");
    if (rows->count == 0)
        return true;
    sqlite3_stmt *statement = catalog_query(rows->store, error, inserts[rows->count - 1], "");
    bool ok = statement != NULL;
    if (!ok)
        return false;
    for (size_t i = 0; i < rows->count; i++) {
        const struct store_value *value = &rows->rows[i];
        int at = (int)(COLUMNS * i) + 1;
        ok = ok && sqlite3_bind_int64(statement, at, rows->document) == SQLITE_OK && bind_text(statement, at + 1, value->key) &&
             sqlite3_bind_int64(statement, at + 2, rows->place++) == SQLITE_OK && bind_text(statement, at + 3, value->text) &&
             (value->is_number ? sqlite3_bind_double(statement, at + 4, value->number)
                               : sqlite3_bind_null(statement, at + 4)) == SQLITE_OK;
    }
    rows->count = 0;
    return run_bound(rows->store, statement, ok, error);
}

static bool add_metadata(struct metadata_rows *rows, const struct store_value *value, struct error *error)
{
    rows->rows[rows->count++] = *value;
    return rows->count < ROWS_AT_ONCE || write_metadata(rows, error);
}

/* Each folder above the document is a value of `folder`: "docs/hr/x.md" lies in "docs" and in "docs/hr". */
static bool put_metadata(struct store *store, int64_t id, const struct store_document *document, struct error *error)
{
    struct metadata_rows rows = {.store = store, .document = id};
    struct slice path = document->path;
    for (size_t i = 0; i < document->metadata_count; i++)
        if (!add_metadata(&rows, &document->metadata[i], error))
            return false;
    for (size_t i = 1; i < path.size; i++) {
        struct store_value folder = {.key = SLICE("folder"), .text = slice_range(path, 0, i)};
        if (path.data[i] == '/' && !add_metadata(&rows, &folder, error))
            return false;
    }
    return write_metadata(&rows, error);
}

/* Their places are below 0, where no writer of documents has any. */
bool store_put_attributes(struct store *store, int64_t document, const struct store_value *values, size_t count,
                          struct error *error)
{
    assert(store->in_transaction);
    struct metadata_rows rows = {.store = store, .document = document, .place = -(int64_t)count};
    struct arena arena;
    arena_init(&arena);
    bool ok = catalog_run(store, error, "DELETE FROM metadata WHERE document = ? AND place < 0", "i", document);
    for (size_t i = 0; ok && i < count; i++) {
        struct store_value value = values[i];
        value.key = slice_from(arena_format(&arena, "@" SLICE_FORMAT, SLICE_ARGUMENT(value.key)));
        ok = add_metadata(&rows, &value, error);
    }
    ok = ok && write_metadata(&rows, error);
    arena_release(&arena);
    return ok;
}

/* ---- passages ---- */

static bool bind_passage(sqlite3_stmt *statement, int at, int64_t document, const struct store_passage *p)
{
    const int64_t numbers[] = {document,         (int64_t)p->start,    (int64_t)p->end,
                               (int64_t)p->line, (int64_t)p->line_end, (int64_t)p->page};
    bool ok = true;
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
        ok = ok && sqlite3_bind_int64(statement, at++, numbers[i]) == SQLITE_OK;
    return ok && bind_text(statement, at, p->headings) && bind_text(statement, at + 1, p->text);
}

/* Numbers are given one after the other within a transaction: a document's passages are one run, which begins at `first`. */
static bool put_passages(struct store *store, int64_t document, const struct store_passage *passages, size_t count,
                         struct error *error)
{
    static const char *const inserts[ROWS_AT_ONCE] = ROWS_UP_TO_8(
        "INSERT INTO passages (document, start, end, line, line_end, page, headings, text) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?, ?)");
    for (size_t i = 0, group; i < count; i += group) {
        bool ok = true;
        group = count - i < ROWS_AT_ONCE ? count - i : ROWS_AT_ONCE;
        sqlite3_stmt *statement = catalog_query(store, error, inserts[group - 1], "");
        if (statement == NULL)
            return false;
        for (size_t k = 0; ok && k < group; k++) {
            const struct store_passage *p = &passages[i + k];
            assert(p->start <= p->end && p->line >= 1 && p->line <= p->line_end);
            ok = bind_passage(statement, (int)(8 * k + 1), document, p);
        }
        if (!run_bound(store, statement, ok, error))
            return false;
    }
    return true;
}

static bool find_document(struct store *store, struct slice path, int64_t *id, int64_t *content, struct error *error)
{
    bool row;
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT id, content FROM documents WHERE path = ?", "t", path);
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    *id = row ? sqlite3_column_int64(statement, 0) : 0;
    *content = row ? sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    return true;
}

/* Its row, with `first` as the number that the first passage will have; `*id` 0 before: it is new. */
static bool put_row(struct store *store, const struct store_document *document, int64_t content, int64_t first, int64_t count,
                    int64_t *id, struct error *error)
{
    struct slice hash = {(const char *)document->hash, sizeof(document->hash)};
    if (!catalog_run(
            store, error,
            "INSERT INTO documents (path, title, format, language, content, sha256, size, modified_ns, checked_ns, recipe,"
            " passages, extracted, container, first, changed_ns, inode)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?) ON CONFLICT (path) DO UPDATE SET title = "
            "excluded.title,"
            " format = excluded.format, language = excluded.language, content = excluded.content,"
            " sha256 = excluded.sha256, size = excluded.size, modified_ns = excluded.modified_ns,"
            " checked_ns = excluded.checked_ns, recipe = excluded.recipe, passages = excluded.passages,"
            " extracted = excluded.extracted, container = excluded.container, first = excluded.first,"
            " changed_ns = excluded.changed_ns, inode = excluded.inode",
            "ttttibiiiiiiiiii", document->path, document->title, document->format, document->language, content, hash,
            document->size, document->modified_ns, document->checked_ns, document->recipe, count,
            (int64_t)document->is_extracted, document->container, first, document->changed_ns, document->inode))
        return false;
    if (*id == 0)
        *id = sqlite3_last_insert_rowid(store->database);
    return true;
}

bool store_put_document(struct store *store, const struct store_document *document, struct slice content,
                        const struct store_passage *passages, size_t passage_count, const struct slice *labels,
                        size_t label_count, struct error *error)
{
    assert(store->in_transaction);
    struct slice hash = {(const char *)(document->is_extracted ? document->content_hash : document->hash), STORE_HASH_BYTES};
    int64_t old_content, new_content, id, last = 0;
    if (!find_document(store, document->path, &id, &old_content, error) ||
        !put_content(store, hash, content, &new_content, error) || !store_last_passage(store, &last, error))
        return false;
    bool is_new = id == 0, changed;
    int64_t first = passage_count > 0 ? last + 1 : 0;
    if (!put_row(store, document, new_content, first, (int64_t)passage_count, &id, error) ||
        (!is_new && (!drop_passages(store, id, error) ||
                     !catalog_run(store, error, "DELETE FROM metadata WHERE document = ? AND place >= 0", "i", id))) ||
        !put_passages(store, id, passages, passage_count, error))
        return false;
    if (passage_count > 0 && sqlite3_last_insert_rowid(store->database) != last + (int64_t)passage_count)
        return error_set(error, ERROR_CORRUPT, "catalog \"%s\" gives passages other numbers than the next ones", store->path);
    return put_metadata(store, id, document, error) && store_put_labels(store, id, labels, label_count, &changed, error) &&
           (is_new || old_content == new_content || drop_unused_content(store, old_content, error));
}

bool store_touch_document(struct store *store, int64_t id, const struct store_document *document, struct error *error)
{
    int64_t before;
    if (!catalog_number(store, catalog_query(store, error, "SELECT modified_ns FROM documents WHERE id = ?", "i", id), 0,
                        &before, error))
        return false;
    bool changed = store->changed || before != document->modified_ns; /* a filter may ask for the date; the rest nobody sees */
    bool ok = catalog_run(store, error,
                          "UPDATE documents SET modified_ns = ?, changed_ns = ?, inode = ?, checked_ns = ? WHERE id = ?",
                          "iiiii", document->modified_ns, document->changed_ns, document->inode, document->checked_ns, id);
    store->changed = changed;
    return ok;
}

bool store_remove_document(struct store *store, int64_t id, struct error *error)
{
    assert(store->in_transaction);
    int64_t content;
    return catalog_number(store, catalog_query(store, error, "SELECT content FROM documents WHERE id = ?", "i", id), 0,
                          &content, error) &&
           drop_passages(store, id, error) && catalog_run(store, error, "DELETE FROM documents WHERE id = ?", "i", id) &&
           drop_unused_content(store, content, error);
}

bool catalog_visit_document(void *context, sqlite3_stmt *row, struct error *error)
{
    struct catalog_document_walk *walk = context;
    struct store_document document = {
        .id = sqlite3_column_int64(row, 0),
        .path = catalog_column(row, 1),
        .title = catalog_column(row, 2),
        .format = catalog_column(row, 3),
        .language = catalog_column(row, 4),
        .size = sqlite3_column_int64(row, 6),
        .modified_ns = sqlite3_column_int64(row, 7),
        .checked_ns = sqlite3_column_int64(row, 8),
        .recipe = sqlite3_column_int64(row, 9),
        .passage_count = sqlite3_column_int64(row, 10),
        .is_extracted = sqlite3_column_int64(row, 11) != 0,
        .container = sqlite3_column_int64(row, 12),
        .changed_ns = sqlite3_column_int64(row, 13),
        .inode = sqlite3_column_int64(row, 14),
    };
    struct slice hash = catalog_column(row, 5);
    if (hash.size != sizeof(document.hash))
        return error_set(error, ERROR_CORRUPT, "document \"" SLICE_FORMAT "\" has a hash of %zu bytes in the catalog",
                         SLICE_ARGUMENT(document.path), hash.size);
    memcpy(document.hash, hash.data, hash.size);
    return walk->each(walk->context, &document, error);
}

bool store_each_document(struct store *store,
                         bool (*each)(void *context, const struct store_document *document, struct error *error), void *context,
                         struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT " CATALOG_DOCUMENT_COLUMNS " FROM documents ORDER BY path",
                                            "");
    return catalog_each(store, statement, catalog_visit_document, &(struct catalog_document_walk){each, context}, error);
}

static bool find_content(struct store *store, const char *sql, int64_t document, sqlite3_stmt **statement, struct error *error)
{
    bool row;
    *statement = catalog_query(store, error, sql, "i", document);
    if (*statement == NULL || !catalog_step(store, *statement, &row, error))
        return false;
    return row || error_set(error, ERROR_NOT_FOUND, "document number %lld is not in the catalog", (long long)document);
}

bool store_content(struct store *store, int64_t document, struct buffer *out, struct error *error)
{
    sqlite3_stmt *statement;
    if (!find_content(store,
                      "SELECT bytes FROM contents JOIN documents ON documents.content = contents.id WHERE documents.id = ?",
                      document, &statement, error))
        return false;
    buffer_append_slice(out, catalog_column(statement, 0));
    sqlite3_reset(statement);
    return buffer_finish(out, "the document's content", error);
}

bool store_content_hash(struct store *store, int64_t document, unsigned char hash[STORE_HASH_BYTES], struct error *error)
{
    sqlite3_stmt *statement;
    if (!find_content(store,
                      "SELECT contents.sha256 FROM contents JOIN documents ON documents.content = contents.id"
                      " WHERE documents.id = ?",
                      document, &statement, error))
        return false;
    struct slice stored = catalog_column(statement, 0);
    bool is_hash = stored.size == STORE_HASH_BYTES;
    if (is_hash)
        memcpy(hash, stored.data, STORE_HASH_BYTES);
    sqlite3_reset(statement);
    return is_hash || error_set(error, ERROR_CORRUPT, "the content of document number %lld has no hash", (long long)document);
}

struct language_walk {
    void (*each)(void *context, struct slice code);
    void *context;
};

static bool visit_language(void *context, sqlite3_stmt *row, struct error *error)
{
    (void)error;
    struct language_walk *walk = context;
    walk->each(walk->context, catalog_column(row, 0));
    return true;
}

bool store_each_language(struct store *store, void (*each)(void *context, struct slice code), void *context,
                         struct error *error)
{
    /* Jumps from language to language along the index instead of reading every document. */
    sqlite3_stmt *statement = catalog_query(
        store, error,
        "WITH RECURSIVE walk (language) AS (SELECT min(language) FROM documents UNION ALL"
        " SELECT (SELECT min(language) FROM documents WHERE language > walk.language) FROM walk"
        " WHERE walk.language IS NOT NULL) SELECT language FROM walk WHERE language IS NOT NULL",
        "");
    return catalog_each(store, statement, visit_language, &(struct language_walk){each, context}, error);
}

bool store_count(struct store *store, struct store_counts *counts, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error,
        "SELECT (SELECT count(*) FROM documents), (SELECT coalesce(sum(passages), 0) FROM documents),"
        " (SELECT coalesce(sum(size), 0) FROM documents),"
        " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'passages'), 0)",
        "");
    bool row;
    if (statement == NULL || !catalog_step(store, statement, &row, error))
        return false;
    *counts = (struct store_counts){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                    sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3)};
    sqlite3_reset(statement);
    return true;
}

bool store_last_passage(struct store *store, int64_t *last, struct error *error)
{
    return catalog_number(store, catalog_query(store, error, "SELECT seq FROM sqlite_sequence WHERE name = 'passages'", ""), 0,
                          last, error);
}
