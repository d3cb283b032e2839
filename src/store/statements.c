/* statements.c - what documents state in their heads, and documents looked for by a part of their names: for telling editions apart. */
#include "catalog.h"

struct statement_walk {
    void (*each)(void *context, struct slice key, struct slice text);
    void *context;
};

static bool visit_statement(void *context, sqlite3_stmt *row, struct error *error)
{
    struct statement_walk *walk = context;
    (void)error;
    walk->each(walk->context, catalog_column(row, 0), catalog_column(row, 1));
    return true;
}

bool store_each_statement(struct store *store, int64_t document,
                          void (*each)(void *context, struct slice key, struct slice text), void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error,
        "SELECT key, text FROM metadata WHERE document = ? AND place >= 0 AND key <> 'folder' ORDER BY key, place", "i",
        document);
    return catalog_each(store, statement, visit_statement, &(struct statement_walk){each, context}, error);
}

struct stating_walk {
    void (*each)(void *context, int64_t document, struct slice text);
    void *context;
};

static bool visit_stating(void *context, sqlite3_stmt *row, struct error *error)
{
    struct stating_walk *walk = context;
    (void)error;
    walk->each(walk->context, sqlite3_column_int64(row, 0), catalog_column(row, 1));
    return true;
}

bool store_each_stating(struct store *store, struct slice key, void (*each)(void *context, int64_t document, struct slice text),
                        void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT document, text FROM metadata WHERE key = ? ORDER BY document",
                                            "t", key);
    return catalog_each(store, statement, visit_stating, &(struct stating_walk){each, context}, error);
}

struct like_walk {
    void (*each)(void *context, int64_t document, struct slice path, struct slice title);
    void *context;
};

static bool visit_like(void *context, sqlite3_stmt *row, struct error *error)
{
    struct like_walk *walk = context;
    (void)error;
    walk->each(walk->context, sqlite3_column_int64(row, 0), catalog_column(row, 1), catalog_column(row, 2));
    return true;
}

bool store_each_document_like(struct store *store, struct slice text,
                              void (*each)(void *context, int64_t document, struct slice path, struct slice title),
                              void *context, struct error *error)
{
    sqlite3_stmt
        *statement = text.size > 0
                         ? catalog_query(
                               store, error,
                               "SELECT id, path, title FROM documents WHERE passages > 0 AND (path LIKE '%' || ?1 || '%'"
                               " OR title LIKE '%' || ?1 || '%') ORDER BY id",
                               "t", text)
                         : catalog_query(store, error, "SELECT id, path, title FROM documents WHERE passages > 0 ORDER BY id",
                                         "");
    return catalog_each(store, statement, visit_like, &(struct like_walk){each, context}, error);
}
