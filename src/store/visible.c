/* visible.c - which documents a principal may see and a filter lets through, decided before anything is searched; and the second look
 * at a single one.
 *
 * The two ways have nothing in common but the tables: the first binds the groups' names that were read with the key, and gives
 * documents; the second starts at the document and walks to the key's groups. */
#include "filter.h"
#include <assert.h>

static void append_groups(struct filter_sql *sql, const struct store_principal *principal)
{
    buffer_append_text(&sql->text, "(?");
    filter_bind_text(sql, SLICE(STORE_PUBLIC));
    for (size_t i = 0; i < principal->group_count; i++) {
        buffer_append_text(&sql->text, ", ?");
        filter_bind_text(sql, principal->groups[i]);
    }
    buffer_append_byte(&sql->text, ')');
}

static void append_principal(struct filter_sql *sql, const struct store_principal *principal)
{
    /* from the labels to their documents: 1 ms for 2,000 documents of 100,000, where asking each document took 50 */
    buffer_append_text(&sql->text, " AND d.id IN (SELECT x.document FROM document_labels x WHERE x.label IN"
                                   " (SELECT id FROM labels WHERE name IN ");
    append_groups(sql, principal);
    buffer_append_text(&sql->text, "))");
}

/* The same, asked of each document: of those below a folder, of which there are few, and nothing is made of all others. */
static void append_principal_near(struct filter_sql *sql, const struct store_principal *principal)
{
    buffer_append_text(&sql->text, " AND EXISTS (SELECT 1 FROM document_labels x JOIN labels l ON l.id = x.label"
                                   " WHERE x.document = d.id AND l.name IN ");
    append_groups(sql, principal);
    buffer_append_byte(&sql->text, ')');
}

static bool bind_all(struct store *store, sqlite3_stmt *statement, const struct filter_sql *sql, struct error *error)
{
    for (size_t i = 0; i < sql->bind_count; i++) {
        const struct filter_bind *bind = &sql->binds[i];
        int at = (int)i + 1;
        int code = bind->is_number ? sqlite3_bind_double(statement, at, bind->number)
                                   : sqlite3_bind_text64(statement, at, bind->text.size > 0 ? bind->text.data : "",
                                                         bind->text.size, SQLITE_STATIC, SQLITE_UTF8);
        if (code != SQLITE_OK)
            return catalog_fail(store, "bind a value", error);
    }
    return true;
}

struct visible_walk {
    bool (*each)(void *context, int64_t first, int64_t last, struct slice language, struct error *error);
    void *context;
};

static bool visit_visible(void *context, sqlite3_stmt *row, struct error *error)
{
    struct visible_walk *walk = context;
    int64_t first = sqlite3_column_int64(row, 0), count = sqlite3_column_int64(row, 1);
    if (first < 1 || count < 1 || count > INT64_MAX - first) {
        error_set(error, ERROR_CORRUPT, "a document's passages begin at %lld in the catalog and are %lld", (long long)first,
                  (long long)count);
        return error_hint(error, "Run `assay doctor`; restore the catalog from a backup, or add the documents again.");
    }
    return walk->each(walk->context, first, first + count - 1, catalog_column(row, 2), error);
}

bool store_visible(struct store *store, const struct store_principal *principal, const struct store_filter *filter,
                   bool (*each)(void *context, int64_t first, int64_t last, struct slice language, struct error *error),
                   void *context, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    struct filter_sql sql = {.arena = &arena};
    buffer_init(&sql.text, MIB);
    buffer_append_text(&sql.text, "SELECT d.first, d.passages, d.language FROM documents d WHERE d.passages > 0");
    if (principal != NULL)
        append_principal(&sql, principal);
    if (filter != NULL) {
        buffer_append_text(&sql.text, " AND ");
        filter_append(&sql, filter);
    }
    buffer_append_text(&sql.text, " ORDER BY d.first");
    sqlite3_stmt *statement = NULL;
    bool ok = buffer_finish(&sql.text, "the filter's SQL", error);
    if (ok)
        statement = catalog_prepare(store, buffer_text(&sql.text), error);
    ok = statement != NULL && bind_all(store, statement, &sql, error) &&
         catalog_each(store, statement, visit_visible, &(struct visible_walk){each, context}, error);
    sqlite3_finalize(statement);
    buffer_release(&sql.text);
    arena_release(&arena);
    return ok;
}

bool store_each_visible_document(struct store *store, const struct store_principal *principal,
                                 const struct store_document_range *range,
                                 bool (*each)(void *context, const struct store_document *document, struct error *error),
                                 void *context, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    struct filter_sql sql = {.arena = &arena};
    buffer_init(&sql.text, MIB);
    buffer_append_text(&sql.text, "SELECT " CATALOG_DOCUMENT_COLUMNS " FROM documents d WHERE d.path > ?");
    filter_bind_text(&sql, range->after);
    if (principal != NULL)
        append_principal(&sql, principal);
    buffer_append_text(&sql.text, " ORDER BY d.path");
    if (range->most > 0)
        buffer_format(&sql.text, " LIMIT %zu", range->most);
    sqlite3_stmt *statement = NULL;
    bool ok = buffer_finish(&sql.text, "the list's SQL", error);
    if (ok)
        statement = catalog_prepare(store, buffer_text(&sql.text), error);
    ok = statement != NULL && bind_all(store, statement, &sql, error) &&
         catalog_each(store, statement, catalog_visit_document, &(struct catalog_document_walk){each, context}, error);
    sqlite3_finalize(statement);
    buffer_release(&sql.text);
    arena_release(&arena);
    return ok;
}

struct visible_count {
    int64_t count, bytes;
};

static bool visit_count(void *context, sqlite3_stmt *row, struct error *error)
{
    struct visible_count *counted = context;
    (void)error;
    *counted = (struct visible_count){sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1)};
    return true;
}

bool store_count_visible_documents(struct store *store, const struct store_principal *principal, struct slice folder,
                                   int64_t *count, int64_t *bytes, struct error *error)
{
    struct arena arena;
    struct visible_count counted = {0};
    arena_init(&arena);
    struct filter_sql sql = {.arena = &arena};
    buffer_init(&sql.text, MIB);
    buffer_append_text(&sql.text, "SELECT count(*), coalesce(sum(d.size), 0) FROM documents d WHERE true");
    if (folder.size > 0) { /* what begins with "folder/": up to "folder0", for '0' stands behind '/' */
        buffer_append_text(&sql.text, " AND d.path > ? || '/' AND d.path < ? || '0'");
        filter_bind_text(&sql, folder);
        filter_bind_text(&sql, folder);
    }
    if (principal != NULL)
        (folder.size > 0 ? append_principal_near : append_principal)(&sql, principal);
    sqlite3_stmt *statement = NULL;
    bool ok = buffer_finish(&sql.text, "the count's SQL", error);
    if (ok)
        statement = catalog_prepare(store, buffer_text(&sql.text), error);
    ok = statement != NULL && bind_all(store, statement, &sql, error) &&
         catalog_each(store, statement, visit_count, &counted, error);
    sqlite3_finalize(statement);
    buffer_release(&sql.text);
    arena_release(&arena);
    *count = counted.count;
    *bytes = counted.bytes;
    return ok;
}

struct folder_walk {
    struct arena *arena;
    struct slice start; /* "uploads/": of the paths of all that is walked */
    struct slice found; /* the folder, with `start`; empty: there is none */
    bool is_document; /* it is a document that lies right there */
};

static bool visit_first(void *context, sqlite3_stmt *row, struct error *error)
{
    struct folder_walk *walk = context;
    struct slice path = catalog_column(row, 0), rest = slice_range(path, walk->start.size, path.size);
    size_t name = rest.size;
    (void)error;
    walk->is_document = !slice_find(rest, '/', &name);
    walk->found = arena_slice(walk->arena, slice_range(path, 0, walk->start.size + name));
    return true;
}

/* From each folder to the next one behind it: what a folder holds behind the first document that is visible is not looked at. */
static bool walk_folders(struct store *store, struct filter_sql *sql, struct folder_walk *walk, store_each_name *each,
                         void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_prepare(store, buffer_text(&sql->text), error);
    bool ok = statement != NULL, more = ok;
    while (more) {
        walk->found = (struct slice){"", 0};
        ok = bind_all(store, statement, sql, error) && catalog_each(store, statement, visit_first, walk, error);
        more = ok && walk->found.size > 0;
        if (more) {
            const char *behind = arena_format(walk->arena, SLICE_FORMAT "0", SLICE_ARGUMENT(walk->found));
            sql->binds[0].text = slice_from(behind);
            more = walk->is_document || each(context, slice_range(walk->found, walk->start.size, walk->found.size));
        }
    }
    sqlite3_finalize(statement);
    return ok;
}

bool store_each_visible_folder(struct store *store, const struct store_principal *principal, struct slice folder,
                               store_each_name *each, void *context, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    struct folder_walk walk = {.arena = &arena};
    struct filter_sql sql = {.arena = &arena};
    walk.start = slice_from(arena_format(&arena, SLICE_FORMAT "/", SLICE_ARGUMENT(folder)));
    buffer_init(&sql.text, MIB);
    buffer_append_text(&sql.text, "SELECT d.path FROM documents d WHERE d.path >= ? AND d.path < ? || '0'");
    filter_bind_text(&sql, walk.start);
    filter_bind_text(&sql, folder);
    if (principal != NULL)
        append_principal_near(&sql, principal);
    buffer_append_text(&sql.text, " ORDER BY d.path LIMIT 1");
    bool ok = buffer_finish(&sql.text, "the folders' SQL", error) && walk_folders(store, &sql, &walk, each, context, error);
    buffer_release(&sql.text);
    arena_release(&arena);
    return ok;
}

bool store_find_visible_document(struct store *store, const struct store_principal *principal, struct slice path,
                                 bool (*each)(void *context, const struct store_document *document, struct error *error),
                                 void *context, struct error *error)
{
    int64_t id;
    bool may;
    if (!catalog_number(store, catalog_query(store, error, "SELECT id FROM documents WHERE path = ?", "t", path), 0, &id,
                        error) ||
        !store_may_see(store, principal, id, &may, error))
        return false;
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT " CATALOG_DOCUMENT_COLUMNS " FROM documents WHERE id = ?",
                                            "i", may ? id : 0);
    return catalog_each(store, statement, catalog_visit_document, &(struct catalog_document_walk){each, context}, error);
}

bool store_may_see(struct store *store, const struct store_principal *principal, int64_t document, bool *may,
                   struct error *error)
{
    int64_t count = 1;
    sqlite3_stmt *statement;
    if (principal != NULL) {
        statement = catalog_query(store, error,
                                  "SELECT count(*) FROM document_labels x JOIN labels l ON l.id = x.label"
                                  " WHERE x.document = ?1 AND (l.name = 'public' OR EXISTS"
                                  " (SELECT 1 FROM key_groups g WHERE g.key = ?2 AND g.name = l.name))"
                                  " AND EXISTS (SELECT 1 FROM keys WHERE id = ?2 AND revoked_ns IS NULL"
                                  " AND (expires_ns IS NULL OR expires_ns > ?3))",
                                  "iii", document, principal->key, principal->asked_ns);
        if (!catalog_number(store, statement, 0, &count, error))
            return false;
    }
    *may = count > 0;
    return true;
}
