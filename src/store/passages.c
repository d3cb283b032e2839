/* passages.c - reading passages in order of their numbers, and the index files that cover them. */
#include "catalog.h"
#include <string.h>
#include <assert.h>

struct passage_walk {
    bool (*each)(void *context, const struct store_passage *passage, const struct store_document *document,
                 struct error *error);
    void *context;
};

static bool visit_passage(void *context, sqlite3_stmt *row, struct error *error)
{
    struct passage_walk *walk = context;
    struct store_passage passage = {
        .id = sqlite3_column_int64(row, 0),
        .document = sqlite3_column_int64(row, 1),
        .start = sqlite3_column_int64(row, 2),
        .end = sqlite3_column_int64(row, 3),
        .line = sqlite3_column_int64(row, 4),
        .line_end = sqlite3_column_int64(row, 5),
        .page = sqlite3_column_int64(row, 6),
        .headings = catalog_column(row, 7),
        .text = catalog_column(row, 8),
    };
    struct store_document document = {
        .id = passage.document,
        .path = catalog_column(row, 9),
        .title = catalog_column(row, 10),
        .format = catalog_column(row, 11),
        .language = catalog_column(row, 12),
        .size = sqlite3_column_int64(row, 13),
        .is_extracted = sqlite3_column_int64(row, 14) != 0,
    };
    struct slice hash = catalog_column(row, 15);
    if (hash.size == sizeof(document.hash))
        memcpy(document.hash, hash.data, hash.size);
    return walk->each(walk->context, &passage, &document, error);
}

/* A row of passages as visit_passage() reads it. */
#define PASSAGE_ROWS                                                                                                           \
    "SELECT p.id, p.document, p.start, p.end, p.line, p.line_end, p.page, p.headings, p.text,"                                 \
    " d.path, d.title, d.format, d.language, d.size, d.extracted, d.sha256 FROM passages p JOIN documents d"                   \
    " ON d.id = p.document"

bool store_each_passage(struct store *store, int64_t first, int64_t last,
                        bool (*each)(void *context, const struct store_passage *passage, const struct store_document *document,
                                     struct error *error),
                        void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error, PASSAGE_ROWS " WHERE p.id BETWEEN ? AND ? ORDER BY p.id", "ii", first,
                                            last);
    return catalog_each(store, statement, visit_passage, &(struct passage_walk){each, context}, error);
}

/* A document's numbers are one run: those behind the first `skip` begin at first + skip. */
bool store_each_passage_of(struct store *store, int64_t document, const struct store_passage_range *range,
                           bool (*each)(void *context, const struct store_passage *passage,
                                        const struct store_document *document, struct error *error),
                           void *context, struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error,
                                            PASSAGE_ROWS " WHERE p.document = ? AND p.id >= d.first + ? ORDER BY p.id LIMIT ?",
                                            "iii", document, range->skip, range->most > 0 ? range->most : -1);
    return catalog_each(store, statement, visit_passage, &(struct passage_walk){each, context}, error);
}

bool catalog_visit_segment(void *context, sqlite3_stmt *row, struct error *error)
{
    struct catalog_segment_walk *walk = context;
    struct store_segment segment = {catalog_column(row, 0), sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2),
                                    sqlite3_column_int64(row, 3), sqlite3_column_int64(row, 4)};
    return walk->each(walk->context, &segment, error);
}

bool store_each_segment(struct store *store,
                        bool (*each)(void *context, const struct store_segment *segment, struct error *error), void *context,
                        struct error *error)
{
    sqlite3_stmt *statement = catalog_query(store, error,
                                            "SELECT file, first, last, passages, size FROM segments ORDER BY first", "");
    return catalog_each(store, statement, catalog_visit_segment, &(struct catalog_segment_walk){each, context}, error);
}

bool catalog_visit_deletion(void *context, sqlite3_stmt *row, struct error *error)
{
    struct catalog_deletion_walk *walk = context;
    return walk->each(walk->context, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), error);
}

bool store_each_deletion(struct store *store, int64_t after,
                         bool (*each)(void *context, int64_t sequence, int64_t passage, struct error *error), void *context,
                         struct error *error)
{
    sqlite3_stmt *statement = catalog_query(
        store, error, "SELECT sequence, passage FROM deletions WHERE sequence > ? ORDER BY sequence", "i", after);
    return catalog_each(store, statement, catalog_visit_deletion, &(struct catalog_deletion_walk){each, context}, error);
}

bool store_replace_segments(struct store *store, const struct store_segment *segment, struct error *error)
{
    assert(store->in_transaction);
    assert(segment->first <= segment->last);
    struct slice file = segment->file;
    if (!catalog_run(store, error, "DELETE FROM segments WHERE first >= ? AND last <= ?", "ii", segment->first, segment->last))
        return false;
    if (file.size == 0) /* a reader may hold these passages in memory: without a new file only the deletions tell it */
        return true;
    return catalog_run(store, error, "DELETE FROM deletions WHERE passage BETWEEN ? AND ?", "ii", segment->first,
                       segment->last) &&
           catalog_run(store, error, "INSERT INTO segments (file, first, last, passages, size) VALUES (?, ?, ?, ?, ?)", "tiiii",
                       file, segment->first, segment->last, segment->passages, segment->size);
}
