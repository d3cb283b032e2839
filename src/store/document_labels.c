/* document_labels.c - documents' labels, which say who may see them, and the single values of their metadata. */
#include "catalog.h"
#include <assert.h>

static bool has_label(const struct slice *labels, size_t count, struct slice label)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(labels[i], label))
            return true;
    return false;
}

struct label_comparison {
    const struct slice *labels;
    size_t count, found;
    bool others; /* the document has a label that is not among them */
};

static bool compare_label(void *context, sqlite3_stmt *row, struct error *error)
{
    struct label_comparison *comparison = context;
    (void)error;
    if (has_label(comparison->labels, comparison->count, catalog_column(row, 0)))
        comparison->found++;
    else
        comparison->others = true;
    return true;
}

static bool same_labels(struct store *store, int64_t document, const struct slice *labels, size_t count, bool *same, bool *any,
                        struct error *error)
{
    struct label_comparison comparison = {.labels = labels, .count = count};
    sqlite3_stmt *statement = catalog_query(
        store, error, "SELECT l.name FROM document_labels x JOIN labels l ON l.id = x.label WHERE x.document = ?", "i",
        document);
    if (!catalog_each(store, statement, compare_label, &comparison, error))
        return false;
    size_t different = 0; /* a label given twice is one */
    for (size_t i = 0; i < count; i++)
        different += !has_label(labels, i, labels[i]);
    *any = comparison.others || comparison.found > 0;
    *same = !comparison.others && comparison.found == different;
    return true;
}

bool store_put_labels(struct store *store, int64_t document, const struct slice *labels, size_t label_count, bool *changed,
                      struct error *error)
{
    assert(store->in_transaction);
    bool same, any;
    if (!same_labels(store, document, labels, label_count, &same, &any, error))
        return false;
    *changed = !same;
    if (same)
        return true;
    if (any && !catalog_run(store, error, "DELETE FROM document_labels WHERE document = ?", "i", document))
        return false;
    for (size_t i = 0; i < label_count; i++)
        if (!catalog_run(store, error, "INSERT INTO labels (name) VALUES (?) ON CONFLICT (name) DO NOTHING", "t", labels[i]) ||
            !catalog_run(store, error,
                         "INSERT INTO document_labels SELECT ?, id FROM labels WHERE name = ? ON CONFLICT DO NOTHING", "it",
                         document, labels[i]))
            return false;
    return true;
}

struct label_walk {
    void (*each)(void *context, struct slice name);
    void *context;
};

static bool tell_label(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct label_walk *walk = context;
    (void)error;
    walk->each(walk->context, catalog_column(row, 0));
    return true;
}

bool store_each_label(struct store *store, int64_t document, void (*each)(void *context, struct slice name), void *context,
                      struct error *error)
{
    struct label_walk walk = {each, context};
    return catalog_each(
        store,
        catalog_query(
            store, error,
            "SELECT l.name FROM document_labels x JOIN labels l ON l.id = x.label WHERE x.document = ? ORDER BY l.name", "i",
            document),
        tell_label, &walk, error);
}

bool store_count_label(struct store *store, struct slice label, int64_t *documents, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error, "SELECT count(*) FROM document_labels WHERE label = (SELECT id FROM labels WHERE name = ?)", "t", label);
    return catalog_number(store, statement, 0, documents, error);
}

bool store_label_rule(struct store *store, int64_t *rule, struct error *error)
{
    return catalog_number(store, catalog_query(store, error, "SELECT labels FROM meta", ""), 0, rule, error);
}

bool store_put_label_rule(struct store *store, int64_t rule, struct error *error)
{
    assert(store->in_transaction);
    return catalog_run(store, error, "UPDATE meta SET labels = ?", "i", rule);
}

struct value_walk {
    void (*each)(void *context, struct slice text);
    void *context;
};

static bool visit_value(void *context, sqlite3_stmt *row, struct error *error)
{
    (void)error;
    struct value_walk *walk = context;
    walk->each(walk->context, catalog_column(row, 0));
    return true;
}

bool store_each_value(struct store *store, int64_t document, struct slice key, void (*each)(void *context, struct slice text),
                      void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error, "SELECT text FROM metadata WHERE document = ? AND key = ? ORDER BY place", "it", document, key);
    return catalog_each(store, statement, visit_value, &(struct value_walk){each, context}, error);
}
