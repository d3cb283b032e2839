/* health.c - is the catalog whole? SQLite's own check, the rules that its schema cannot state, the sums of the rows. */
#include "sums.h"

struct health {
    void (*each)(void *context, const char *message);
    void *context;
};

static bool visit_integrity(void *context, sqlite3_stmt *row, struct error *error)
{
    (void)error;
    struct health *health = context;
    const char *message = (const char *)sqlite3_column_text(row, 0);
    if (message == NULL || !slice_equal_text(slice_from(message), "ok"))
        health->each(health->context, message ? message : "the integrity check gave no answer");
    return true;
}

static bool visit_complaint(void *context, sqlite3_stmt *row, struct error *error)
{
    (void)error;
    struct health *health = context;
    const char *message = (const char *)sqlite3_column_text(row, 0);
    health->each(health->context, message ? message : "a rule of the catalog is broken");
    return true;
}

/* Each gives one line for each broken row; at most 20, for a badly broken file. */
static const char *const rules[] = {
    "SELECT 'table ' || \"table\" || coalesce(', row ' || rowid, '') || ': refers to nothing in ' || parent FROM "
    "pragma_foreign_key_check "
    "LIMIT 20",
    "SELECT 'document \"' || path || '\" has ' || (SELECT count(*) FROM passages p WHERE p.document = d.id) || ' passages, "
    "expected '"
    " || passages FROM documents d WHERE passages != (SELECT count(*) FROM passages p WHERE p.document = d.id) LIMIT 20",
    "SELECT 'document \"' || path || '\" and its content differ in hash or size' FROM documents d JOIN contents c ON c.id = "
    "d.content"
    " WHERE d.extracted = 0 AND (c.sha256 != d.sha256 OR length(c.bytes) != d.size) LIMIT 20",
    "SELECT 'passage ' || p.id || ' of document \"' || d.path || '\" stands outside of it' FROM passages p"
    " JOIN documents d ON d.id = p.document JOIN contents c ON c.id = d.content"
    " WHERE p.start < 0 OR p.end < p.start OR p.end > length(c.bytes) LIMIT 20",
    "SELECT 'document \"' || d.path || '\" does not lie in \"' || k.path || '\"' FROM documents d JOIN containers k"
    " ON k.id = d.container WHERE substr(d.path, 1, length(k.path) + 1) != k.path || '/' LIMIT 20",
    "SELECT 'document \"' || path || '\" is neither extracted nor its own source' FROM documents"
    " WHERE extracted NOT IN (0, 1) LIMIT 20",
    "SELECT 'the passages of document \"' || path || '\" are not the run that begins at ' || first FROM documents d"
    " WHERE passages > 0 AND (first != (SELECT min(id) FROM passages p WHERE p.document = d.id) OR first + passages - 1 !="
    " (SELECT max(id) FROM passages p WHERE p.document = d.id)) LIMIT 20",
    "SELECT 'content ' || id || ' belongs to no document' FROM contents c WHERE NOT EXISTS"
    " (SELECT 1 FROM documents d WHERE d.content = c.id) LIMIT 20",
    "SELECT 'segment \"' || a.file || '\" overlaps segment \"' || b.file || '\"' FROM segments a JOIN segments b ON a.first < "
    "b.first"
    " AND a.last >= b.first LIMIT 20",
    "SELECT 'vector file \"' || a.file || '\" overlaps \"' || b.file || '\"' FROM vector_segments a JOIN vector_segments b"
    " ON a.first < b.first AND a.last >= b.first LIMIT 20",
    "SELECT 'there are ' || count(*) || ' vectors, but it is not known of which model' FROM vectors"
    " WHERE NOT EXISTS (SELECT 1 FROM embedding) HAVING count(*) > 0",
};

bool store_check(struct store *store, struct store_wrong *wrong, void (*each)(void *context, const char *message),
                 void *context, struct error *error)
{
    struct health health = {each, context};
    if (!catalog_each(store, catalog_query(store, error, "PRAGMA integrity_check(20)", ""), visit_integrity, &health, error))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(rules); i++)
        if (!catalog_each(store, catalog_query(store, error, rules[i], ""), visit_complaint, &health, error))
            return false;
    return sums_check(store, wrong, each, context, error);
}

bool store_forget(struct store *store, bool vectors, struct error *error)
{
    return sums_forget(store, vectors, error);
}
