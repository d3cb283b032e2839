/* sums.c - notices when stored bytes are not those that were written, whoever changed them: a disk, or another program.
 *
 *   sum of a table = Σ over its rows of XXH3(each value's kind, size and bytes), modulo 2^64
 *
 * A sum does not depend on the order of the rows, so a changed row changes it by one subtraction and one addition. SQLite tells the
 * writer of each row before it changes; the sums are written once a transaction. SQLite's own integrity check covers what
 * is not a row: the trees, the indexes, the list of free pages. */
#define SQLITE_ENABLE_PREUPDATE_HOOK /* its declarations; the build checks that the library has it */
#include "sums.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* ORDER sums: what is the truth; then what can be made anew (vectors, and what says what index files hold); then SQLite's own, which are
 * counted when they are needed. */
static const struct {
    const char *name, *columns; /* NULL: all */
} tables[SUMS_TABLES] = {{"meta", NULL},
                         {"contents", NULL},
                         {"documents", NULL},
                         {"passages", NULL},
                         {"labels", NULL},
                         {"document_labels", NULL},
                         {"metadata", NULL},
                         {"keys", NULL},
                         {"key_groups", NULL},
                         {"containers", NULL},
                         {"embedding", NULL},
                         {"vectors", NULL},
                         {"spare_vectors", NULL},
                         {"segments", NULL},
                         {"deletions", NULL},
                         {"vector_segments", NULL},
                         {"vector_deletions", NULL},
                         {"sqlite_sequence", "name, seq"},
                         {"sqlite_schema", "type, name, tbl_name, sql"}};
enum { SUMS_VECTORS = 11, SUMS_FILES = 13, SUMS_WATCHED = 17, SUMS_SEQUENCE = 17 };

/* ---- one row ---- */

static void hash_bytes(XXH3_state_t *state, int kind, const void *bytes, size_t size)
{
    unsigned char head[9] = {(unsigned char)kind};
    for (int i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)((uint64_t)size >> (8 * i));
    (void)XXH3_64bits_update(state, head, sizeof(head));
    if (size > 0)
        (void)XXH3_64bits_update(state, bytes, size);
}

static void hash_value(XXH3_state_t *state, sqlite3_value *value)
{
    int kind = sqlite3_value_type(value);
    if (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) { /* a whole real is stored, and sometimes told, as an integer */
        double number = sqlite3_value_double(value);
        int64_t whole = sqlite3_value_int64(value);
        bool is_whole = kind == SQLITE_INTEGER || (double)whole == number;
        hash_bytes(state, is_whole ? SQLITE_INTEGER : SQLITE_FLOAT, is_whole ? (const void *)&whole : &number, sizeof(number));
    } else {
        const void *bytes = sqlite3_value_blob(value);
        hash_bytes(state, kind, bytes, (size_t)sqlite3_value_bytes(value));
    }
}

static void hash_begin(XXH3_state_t *state)
{
    XXH3_INITSTATE(state);
    (void)XXH3_64bits_reset(state);
}

/* row_sum(values…): for counting anew. */
static void row_sum_step(sqlite3_context *context, int count, sqlite3_value **values)
{
    uint64_t *sum = sqlite3_aggregate_context(context, sizeof(*sum));
    XXH3_state_t state;
    if (sum == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    hash_begin(&state);
    for (int i = 0; i < count; i++)
        hash_value(&state, values[i]);
    *sum += XXH3_64bits_digest(&state);
}

static void row_sum_end(sqlite3_context *context)
{
    const uint64_t *sum = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, sum == NULL ? 0 : (int64_t)*sum);
}

/* ---- rows that change ---- */

typedef int (*value_getter)(sqlite3 *database, int column, sqlite3_value **value);

static uint64_t hash_changing(sqlite3 *database, value_getter get, bool *failed)
{
    XXH3_state_t state;
    int count = sqlite3_preupdate_count(database);
    hash_begin(&state);
    for (int i = 0; i < count; i++) {
        sqlite3_value *value;
        if (get(database, i, &value) == SQLITE_OK)
            hash_value(&state, value);
        else
            *failed = true;
    }
    return XXH3_64bits_digest(&state);
}

static void row_changes(void *context, sqlite3 *database, int operation, const char *schema, const char *name,
                        sqlite3_int64 old_row, sqlite3_int64 new_row)
{
    struct store *store = context;
    (void)schema, (void)old_row, (void)new_row;
    int number = 0;
    while (number < SUMS_WATCHED && strcmp(tables[number].name, name) != 0)
        number++;
    if (number == SUMS_WATCHED)
        return;
    if (operation != SQLITE_INSERT)
        store->sums[number] -= hash_changing(database, sqlite3_preupdate_old, &store->sums_failed);
    if (operation != SQLITE_DELETE)
        store->sums[number] += hash_changing(database, sqlite3_preupdate_new, &store->sums_failed);
    store->sums_changed = true;
}

void sums_watch(struct store *store)
{
    (void)sqlite3_preupdate_hook(store->database, row_changes, store);
    store->sums_watched = true;
}

bool sums_prepare(struct store *store, struct error *error)
{
    if (sqlite3_create_function(store->database, "row_sum", -1, SQLITE_UTF8, NULL, NULL, row_sum_step, row_sum_end) ==
        SQLITE_OK)
        return true;
    return catalog_fail(store, "prepare to count rows", error);
}

/* ---- keeping and comparing ---- */

static bool stored_sum(struct store *store, int number, bool *found, uint64_t *sum, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT sum FROM sums WHERE name = ?", "t",
                                            slice_from(tables[number].name));
    if (statement == NULL || !catalog_step(store, statement, found, error))
        return false;
    if (*found)
        *sum = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return true;
}

bool sums_load(struct store *store, struct error *error)
{
    for (int i = 0; store->sums_watched && i < SUMS_TABLES; i++) {
        bool found;
        store->sums[i] = 0;
        if (!stored_sum(store, i, &found, &store->sums[i], error))
            return false;
    }
    store->sums_changed = store->sums_failed = false;
    return true;
}

static bool list_columns(struct store *store, const char *table, struct buffer *out, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, "SELECT name FROM pragma_table_info(?) ORDER BY cid", "t",
                                            slice_from(table));
    bool row = statement != NULL;
    size_t count = 0;
    while (row) {
        if (!catalog_step(store, statement, &row, error))
            return false;
        if (row)
            buffer_format(out, "%s\"" SLICE_FORMAT "\"", count++ > 0 ? ", " : "", SLICE_ARGUMENT(catalog_column(statement, 0)));
    }
    if (statement != NULL && count == 0)
        return error_set(error, ERROR_CORRUPT, "catalog \"%s\" lacks table \"%s\"", store->path, table);
    return statement != NULL;
}

static bool count_table(struct store *store, int number, uint64_t *sum, struct error *error)
{
    struct buffer sql;
    sqlite3_stmt *statement = NULL;
    bool ok = true;
    buffer_init(&sql, 64 * KIB);
    buffer_append_text(&sql, "SELECT row_sum(");
    if (tables[number].columns != NULL)
        buffer_append_text(&sql, tables[number].columns);
    else
        ok = list_columns(store, tables[number].name, &sql, error);
    buffer_format(&sql, ") FROM main.%s NOT INDEXED", tables[number].name);
    ok = ok && buffer_finish(&sql, "a statement", error);
    if (ok && (sqlite3_prepare_v2(store->database, buffer_text(&sql), -1, &statement, NULL) != SQLITE_OK ||
               sqlite3_step(statement) != SQLITE_ROW))
        ok = catalog_fail(store, "read", error);
    if (ok)
        *sum = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    buffer_release(&sql);
    return ok;
}

bool sums_save(struct store *store, struct error *error)
{
    if (!store->sums_changed)
        return true;
    if (store->sums_failed)
        return error_set(error, ERROR_NO_MEMORY, "no memory to count the rows of catalog \"%s\"", store->path);
    if (!count_table(store, SUMS_SEQUENCE, &store->sums[SUMS_SEQUENCE], error))
        return false;
    for (int i = 0; i < SUMS_TABLES; i++)
        if (!catalog_run(store, error,
                         "INSERT INTO sums (name, sum) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sum = excluded.sum"
                         " WHERE sum != excluded.sum",
                         "ti", slice_from(tables[i].name), (int64_t)store->sums[i]))
            return false;
    store->sums_changed = false;
    return true;
}

bool sums_forget(struct store *store, bool vectors, struct error *error)
{
    static const char *const forgetting[SUMS_WATCHED] = {[SUMS_VECTORS] = "DELETE FROM vectors",
                                                         [SUMS_VECTORS + 1] = "DELETE FROM spare_vectors",
                                                         [SUMS_FILES] = "DELETE FROM segments",
                                                         [SUMS_FILES + 1] = "DELETE FROM deletions",
                                                         [SUMS_FILES + 2] = "DELETE FROM vector_segments",
                                                         [SUMS_FILES + 3] = "DELETE FROM vector_deletions"};
    assert(store->in_transaction);
    for (int i = vectors ? SUMS_VECTORS : SUMS_FILES; i < SUMS_WATCHED; i++) {
        if (!catalog_run(store, error, forgetting[i], ""))
            return false;
        store->sums[i] = 0; /* whatever the rows were: there are none */
    }
    store->sums_changed = true;
    return true;
}

static bool check_table(struct store *store, int number, bool *is_right, struct error *error)
{
    bool found;
    uint64_t kept = 0, counted;
    if (!stored_sum(store, number, &found, &kept, error) || !count_table(store, number, &counted, error))
        return false;
    *is_right = found && kept == counted;
    return true;
}

bool sums_before_change(struct store *store, bool has_sums, struct sums_right *right, struct error *error)
{
    for (int i = 0; i < SUMS_TABLES; i++) {
        bool found = false;
        uint64_t kept;
        if (has_sums && !stored_sum(store, i, &found, &kept, error))
            return false;
        right->tables[i] = true;
        if (found && !check_table(store, i, &right->tables[i], error))
            return false;
    }
    return true;
}

bool sums_after_change(struct store *store, const struct sums_right *right, struct error *error)
{
    for (int i = 0; i < SUMS_TABLES; i++) {
        bool found;
        if (!(right->tables[i] ? count_table(store, i, &store->sums[i], error)
                               : stored_sum(store, i, &found, &store->sums[i], error)))
            return false;
    }
    store->sums_changed = true;
    return sums_save(store, error);
}

bool sums_check(struct store *store, struct store_wrong *wrong, void (*each)(void *context, const char *message), void *context,
                struct error *error)
{
    *wrong = (struct store_wrong){0};
    for (int i = 0; i < SUMS_TABLES; i++) {
        char message[96];
        bool is_right;
        if (!check_table(store, i, &is_right, error))
            return false;
        if (is_right)
            continue;
        wrong->vectors = wrong->vectors || (i >= SUMS_VECTORS && i < SUMS_FILES);
        wrong->files = wrong->files || (i >= SUMS_FILES && i < SUMS_WATCHED);
        snprintf(message, sizeof(message), "table %s: its rows are not those that were written", tables[i].name);
        each(context, message);
    }
    return true;
}
