/* test_store.c - the catalog against a plain model in memory, against other databases, and against damage made with SQLite itself. */
#include "compare.h"
#include "store/store.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 100000 };

struct place {
    char *folder;
    struct arena arena;
    char *path;
};

static struct place place_create(void)
{
    struct place place = {.folder = test_folder_create()};
    arena_init(&place.arena);
    place.path = path_join(&place.arena, place.folder, "assay.db");
    return place;
}

static void place_remove(struct place *place)
{
    arena_release(&place->arena);
    test_folder_remove(place->folder);
}

static struct store *open_store(const char *path, enum store_mode mode)
{
    struct error error = {0};
    struct store *store = NULL;
    expect_ok(store_open(&store, path, mode, &error), &error);
    return store;
}

static void begin(struct store *store)
{
    struct error error = {0};
    expect_ok(store_begin(store, STORE_WRITE, &error), &error);
}

static void commit(struct store *store)
{
    struct error error = {0};
    expect_ok(store_commit(store, &error), &error);
}

/* Runs SQL behind the store's back. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *database;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(database);
}

static int64_t sql_number(const char *path, const char *sql)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return number;
}

/* A document whose content is `words`, each of them a passage. */
static void put(struct store *store, const char *path, const char *words, const char *label)
{
    struct error error = {0};
    struct store_passage passages[64] = {0};
    struct slice rest = slice_from(words), word;
    size_t count = 0;
    while (slice_next(&rest, ' ', &word)) {
        size_t start = (size_t)(word.data - words);
        passages[count++] = (struct store_passage){.text = word,
                                                   .headings = SLICE("A\x1f"
                                                                     "B"),
                                                   .start = (int64_t)start,
                                                   .end = (int64_t)(start + word.size),
                                                   .line = 1,
                                                   .line_end = 2,
                                                   .page = 3};
    }
    struct store_document document = {.path = slice_from(path),
                                      .title = SLICE("T"),
                                      .format = SLICE("text"),
                                      .language = words[0] == 'd' ? SLICE("de") : SLICE("en"),
                                      .size = (int64_t)strlen(words),
                                      .modified_ns = 7,
                                      .checked_ns = 8,
                                      .recipe = 9};
    uint64_t hash = map_hash(slice_from(words)); /* the store does not compute it */
    memcpy(document.hash, &hash, sizeof(hash));
    struct slice label_name = slice_from(label);
    expect_ok(store_put_document(store, &document, slice_from(words), passages, count, &label_name, 1, &error), &error);
}

static bool show_document(void *context, const struct store_document *document, struct error *error)
{
    (void)error;
    buffer_format(context, SLICE_FORMAT ":%lld\n", SLICE_ARGUMENT(document->path), (long long)document->passage_count);
    return true;
}

static bool show_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    (void)error;
    buffer_format(context, "%lld " SLICE_FORMAT " " SLICE_FORMAT "\n", (long long)passage->id, SLICE_ARGUMENT(document->path),
                  SLICE_ARGUMENT(passage->text));
    return true;
}

static bool show_deletion(void *context, int64_t sequence, int64_t passage, struct error *error)
{
    (void)error;
    buffer_format(context, "%lld:%lld ", (long long)sequence, (long long)passage);
    return true;
}

static bool show_segment(void *context, const struct store_segment *segment, struct error *error)
{
    (void)error;
    buffer_format(context, SLICE_FORMAT " %lld-%lld %lld %lld\n", SLICE_ARGUMENT(segment->file), (long long)segment->first,
                  (long long)segment->last, (long long)segment->passages, (long long)segment->size);
    return true;
}

static void show_language(void *context, struct slice code)
{
    buffer_format(context, SLICE_FORMAT " ", SLICE_ARGUMENT(code));
}

static void show_complaint(void *context, const char *message)
{
    buffer_format(context, "%s\n", message);
}

enum view { DOCUMENTS, PASSAGES, DELETIONS, SEGMENTS, LANGUAGES, COMPLAINTS };

static void expect_view(struct store *store, enum view view, const char *wanted)
{
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, TEXT_MAX);
    bool ok = view == DOCUMENTS   ? store_each_document(store, show_document, &out, &error)
              : view == PASSAGES  ? store_each_passage(store, 1, INT64_MAX, show_passage, &out, &error)
              : view == DELETIONS ? store_each_deletion(store, 0, show_deletion, &out, &error)
              : view == SEGMENTS  ? store_each_segment(store, show_segment, &out, &error)
              : view == LANGUAGES ? store_each_language(store, show_language, &out, &error)
                                  : store_check(store, &(struct store_wrong){0}, show_complaint, &out, &error);
    expect_ok(ok, &error);
    compare_text("view", buffer_slice(&out), wanted);
    buffer_release(&out);
}

static int64_t generation_of(struct store *store)
{
    struct error error = {0};
    int64_t generation = -1;
    expect_ok(store_generation(store, &generation, &error), &error);
    return generation;
}

/* ---- opening ---- */

static void open_and_reopen(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store;
    expect_error(store_open(&store, place.path, STORE_READ, &error), &error, ERROR_NOT_FOUND, "is not there");
    assert_false(file_exists(place.path));
    expect_error(store_open(&store, place.folder, STORE_WRITE, &error), &error, ERROR_IO, "could not open the file");
    store = open_store(place.path, STORE_WRITE);
    assert_int_equal(generation_of(store), 0);
    begin(store);
    put(store, "a.md", "one two", "public");
    commit(store);
    store_close(store);
    store_close(NULL);
    store = open_store(place.path, STORE_READ);
    expect_view(store, PASSAGES, "1 a.md one\n2 a.md two\n");
    expect_view(store, COMPLAINTS, "");
    store_close(store);
    place_remove(&place);
}

/* A file that is not ours is refused, and stays as it was, byte for byte. */
static void other_files(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *message;
        enum error_kind kind;
    } cases[] = {
        {"CREATE TABLE t (x); INSERT INTO t VALUES (1);", "is a database, but not a catalog of assay", ERROR_CORRUPT},
        {"PRAGMA user_version = 1;", "is a database, but not a catalog of assay", ERROR_CORRUPT},
        {"PRAGMA application_id = 1634956153; PRAGMA user_version = 99; CREATE TABLE t (x);", "has version 99", ERROR_CONFLICT},
    };
    struct error error = {0};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        for (enum store_mode mode = STORE_READ; mode <= STORE_WRITE; mode++) {
            struct place place = place_create();
            struct store *store;
            struct buffer before, after;
            buffer_init(&before, MIB);
            buffer_init(&after, MIB);
            run_sql(place.path, cases[i].sql);
            expect_ok(file_read(place.path, MIB, &before, &error), &error);
            expect_error(store_open(&store, place.path, mode, &error), &error, cases[i].kind, cases[i].message);
            expect_ok(file_read(place.path, MIB, &after, &error), &error);
            compare_bytes("file", buffer_slice(&after), buffer_slice(&before), i);
            buffer_release(&before);
            buffer_release(&after);
            place_remove(&place);
        }
    struct place place = place_create();
    struct store *store;
    struct slice text = SLICE(
        "this is a text, and rather long: longer than the head of a database, which has 100 bytes; so there.");
    expect_ok(file_replace(place.path, text, &error), &error);
    expect_error(store_open(&store, place.path, STORE_WRITE, &error), &error, ERROR_CORRUPT, "not a database");
    expect_error(store_open(&store, place.path, STORE_READ, &error), &error, ERROR_CORRUPT, "not a database");
    place_remove(&place);
}

static void version_1(void **state)
{
    (void)state;
    struct error error = {0};
    struct buffer sql;
    buffer_init(&sql, MIB);
    expect_ok(file_read(SOURCE_ROOT "/tests/data/catalog/v1.sql", MIB, &sql, &error), &error);
    struct place place = place_create();
    run_sql(place.path, buffer_text(&sql));
    static const enum store_mode modes[] = {STORE_WRITE, STORE_READ};
    for (size_t i = 0; i < ARRAY_COUNT(modes); i++) {
        struct store *store = open_store(place.path, modes[i]);
        assert_int_equal(generation_of(store), 6);
        expect_view(store, DOCUMENTS, "docs/copy.md:2\ndocs/hr/bestellung.txt:1\ndocs/new.txt:1\ndocs/refunds.md:2\n");
        expect_view(store, PASSAGES,
                    "1 docs/copy.md A refund takes 5 days.\n2 docs/copy.md Cards are faster.\n3 docs/hr/bestellung.txt Die "
                    "Bestellung und die Lieferung sind nicht in der Filiale abzuholen.\n\nZweiter Absatz mit der Nummer "
                    "42.\n6 docs/refunds.md A refund takes 6 days.\n7 docs/refunds.md Cards are faster.\n8 docs/new.txt New "
                    "text of a third kind.\n");
        expect_view(store, SEGMENTS, "0000000001-0000000007.3.seg 1-7 5 688\n0000000008-0000000008.5.seg 8-8 1 432\n");
        expect_view(store, LANGUAGES, "de und ");
        expect_view(store, COMPLAINTS, "");
        store_close(store);
    }
    assert_int_equal(sql_number(place.path, "SELECT label FROM document_labels WHERE document = 2"), 2);
    assert_int_equal(sql_number(place.path, "SELECT first FROM documents WHERE path = 'docs/refunds.md'"), 6);
    assert_int_equal(sql_number(place.path, "SELECT labels FROM meta"), 0); /* the next writer gives labels anew */
    assert_int_equal(sql_number(place.path, "PRAGMA user_version"), STORE_VERSION);
    place_remove(&place);
    buffer_release(&sql);
}

static struct place place_of_version_2(const char *damage)
{
    struct error error = {0};
    struct buffer sql;
    struct place place = place_create();
    buffer_init(&sql, MIB);
    expect_ok(file_read(SOURCE_ROOT "/tests/data/catalog/v2.sql", MIB, &sql, &error), &error);
    run_sql(place.path, buffer_text(&sql));
    run_sql(place.path, damage);
    buffer_release(&sql);
    return place;
}

static void version_2(void **state)
{
    (void)state;
    struct error error = {0};
    struct place place = place_of_version_2("");
    struct store *store;
    expect_error(store_open(&store, place.path, STORE_READ, &error), &error, ERROR_CONFLICT, "has version 2");
    static const enum store_mode modes[] = {STORE_WRITE, STORE_READ};
    for (size_t i = 0; i < ARRAY_COUNT(modes); i++) {
        store = open_store(place.path, modes[i]);
        expect_view(store, DOCUMENTS, "docs/hr/bestellung.txt:1\ndocs/page2.txt:1\ndocs/refunds.md:2\n");
        expect_view(store, SEGMENTS, "0000000001-0000000004.2.seg 1-4 4 672\n0000000005-0000000005.9.seg 5-5 1 416\n");
        expect_view(store, COMPLAINTS, "");
        store_close(store);
    }
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM documents WHERE extracted = 0 AND container IS NULL"), 3);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM containers"), 0);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM vectors"), 3);
    assert_int_equal(sql_number(place.path, "SELECT number FROM metadata WHERE key = 'year'"), 2024);
    assert_int_equal(sql_number(place.path, "PRAGMA user_version"), STORE_VERSION);
    place_remove(&place);
}

static void version_3(void **state)
{
    (void)state;
    struct error error = {0};
    struct buffer sql;
    struct place place = place_create();
    struct store *store;
    buffer_init(&sql, MIB);
    expect_ok(file_read(SOURCE_ROOT "/tests/data/catalog/v3.sql", MIB, &sql, &error), &error);
    run_sql(place.path, buffer_text(&sql));
    expect_error(store_open(&store, place.path, STORE_READ, &error), &error, ERROR_CONFLICT, "has version 3");
    store = open_store(place.path, STORE_WRITE);
    expect_view(store, DOCUMENTS, "docs/pack.zip/inner.txt:1\ndocs/refunds.md:2\n");
    expect_view(store, COMPLAINTS, "");
    store_close(store);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM documents WHERE changed_ns = 0 AND inode = 0"), 2);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM containers WHERE changed_ns = 0 AND inode = 0"), 1);
    assert_int_equal(sql_number(place.path, "PRAGMA user_version"), STORE_VERSION);
    place_remove(&place);
    buffer_release(&sql);
}

/* What was damaged before is damaged after: new tables do not vouch for old rows. */
static void version_2_damaged(void **state)
{
    (void)state;
    struct place place = place_of_version_2("UPDATE passages SET text = 'A refund takes 6 days.' WHERE id = 3;"
                                            "UPDATE documents SET title = 'Refunde' WHERE id = 3;");
    struct store *store = open_store(place.path, STORE_WRITE);
    expect_view(store, COMPLAINTS,
                "table documents: its rows are not those that were written\n"
                "table passages: its rows are not those that were written\n");
    store_close(store);
    place_remove(&place);
}

/* ---- documents ---- */

struct seen {
    struct store_document document;
    struct store_passage passage;
    char text[8];
};

static bool see_document(void *context, const struct store_document *document, struct error *error)
{
    struct seen *seen = context;
    (void)error;
    seen->document = *document;
    compare_text("path", document->path, "a.md");
    compare_text("title", document->title, "T");
    compare_text("format", document->format, "text");
    compare_text("language", document->language, "en");
    return true;
}

static bool see_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                        struct error *error)
{
    struct seen *seen = context;
    (void)document;
    (void)error;
    seen->passage = *passage;
    compare_text("text", passage->text, "two");
    compare_text("headings", passage->headings,
                 "A\x1f"
                 "B");
    return true;
}

static bool stop_at_once(void *context, const struct store_document *document, struct error *error)
{
    (void)document;
    ++*(size_t *)context;
    return error_set(error, ERROR_CANCELLED, "enough");
}

static bool show_container(void *context, const struct store_container *container, struct error *error)
{
    (void)error;
    buffer_format(context, "%lld " SLICE_FORMAT " %02x %lld %lld %lld %lld\n", (long long)container->id,
                  SLICE_ARGUMENT(container->path), container->hash[31], (long long)container->size,
                  (long long)container->modified_ns, (long long)container->checked_ns, (long long)container->recipe);
    return true;
}

static void expect_containers(struct store *store, const char *wanted)
{
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, TEXT_MAX);
    expect_ok(store_each_container(store, show_container, &out, &error), &error);
    compare_text("containers", buffer_slice(&out), wanted);
    buffer_release(&out);
}

/* An archive, and a document in it whose stored content is another text than its source. */
static void containers(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store = open_store(place.path, STORE_WRITE);
    struct store_container container = {
        .path = SLICE("b.zip"), .hash = {[31] = 0xAB}, .size = 9, .modified_ns = 7, .checked_ns = 8};
    struct store_document document = {.path = SLICE("b.zip/a.md"),
                                      .title = SLICE("T"),
                                      .format = SLICE("pdf"),
                                      .language = SLICE("en"),
                                      .size = 3,
                                      .is_extracted = true,
                                      .hash = {1},
                                      .content_hash = {2}};
    const struct store_passage passage = {
        .text = SLICE("page two"), .headings = SLICE(""), .end = 8, .line = 1, .line_end = 1, .page = 2};
    int64_t id, again;
    begin(store);
    expect_ok(store_put_container(store, &container, &id, &error), &error);
    container.recipe = 5;
    expect_ok(store_put_container(store, &container, &again, &error), &error);
    assert_int_equal(id, again);
    document.container = id;
    expect_ok(store_put_document(store, &document, SLICE("page two"), &passage, 1, NULL, 0, &error), &error);
    commit(store);
    expect_containers(store, "1 b.zip ab 9 7 8 5\n");
    expect_view(store, DOCUMENTS, "b.zip/a.md:1\n");
    expect_view(store, COMPLAINTS, "");
    struct buffer content;
    unsigned char stored[STORE_HASH_BYTES];
    buffer_init(&content, KIB);
    expect_ok(store_content(store, 1, &content, &error), &error);
    compare_text("content", buffer_slice(&content), "page two");
    expect_ok(store_content_hash(store, 1, stored, &error), &error);
    assert_memory_equal(stored, document.content_hash, sizeof(stored));
    buffer_release(&content);
    begin(store);
    expect_error(store_remove_container(store, id, &error), &error, ERROR_IO, "FOREIGN KEY");
    store_rollback(store);
    begin(store);
    expect_ok(store_remove_document(store, 1, &error), &error);
    expect_ok(store_remove_container(store, id, &error), &error);
    commit(store);
    expect_containers(store, "");
    expect_view(store, COMPLAINTS, "");
    store_close(store);
    run_sql(place.path, "INSERT INTO containers VALUES (9, 'x.zip', x'00', 1, 1, 1, 1, 0, 0);");
    store = open_store(place.path, STORE_READ);
    expect_view(store, COMPLAINTS,
                "table containers: its rows are not those that were written\n"
                "table sqlite_sequence: its rows are not those that were written\n");
    expect_error(store_each_container(store, show_container, NULL, &error), &error, ERROR_CORRUPT, "a hash of 1 bytes");
    store_close(store);
    place_remove(&place);
}

static void fields_round_trip(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store = open_store(place.path, STORE_WRITE);
    begin(store);
    put(store, "a.md", "one two", "public");
    commit(store);
    struct seen seen = {0};
    expect_ok(store_each_document(store, see_document, &seen, &error), &error);
    uint64_t hash = map_hash(SLICE("one two"));
    assert_memory_equal(seen.document.hash, &hash, sizeof(hash));
    assert_true(seen.document.size == 7 && seen.document.modified_ns == 7 && seen.document.checked_ns == 8);
    assert_true(seen.document.recipe == 9 && seen.document.passage_count == 2);
    expect_ok(store_each_passage(store, 2, 2, see_passage, &seen, &error), &error);
    assert_true(seen.passage.id == 2 && seen.passage.document == seen.document.id && seen.passage.start == 4);
    assert_true(seen.passage.end == 7 && seen.passage.line == 1 && seen.passage.line_end == 2 && seen.passage.page == 3);
    struct buffer content;
    unsigned char stored[STORE_HASH_BYTES];
    buffer_init(&content, 6);
    expect_error(store_content(store, seen.document.id, &content, &error), &error, ERROR_LIMIT, "the document's content");
    buffer_release(&content);
    buffer_init(&content, 7);
    expect_ok(store_content(store, seen.document.id, &content, &error), &error);
    compare_text("content", buffer_slice(&content), "one two");
    expect_ok(store_content_hash(store, seen.document.id, stored, &error), &error);
    assert_memory_equal(stored, seen.document.hash, sizeof(stored));
    assert_true(!seen.document.is_extracted && seen.document.container == 0);
    expect_error(store_content(store, 4711, &content, &error), &error, ERROR_NOT_FOUND, "document number 4711");
    size_t calls = 0;
    expect_error(store_each_document(store, stop_at_once, &calls, &error), &error, ERROR_CANCELLED, "enough");
    expect_error(store_each_document(store, stop_at_once, &calls, &error), &error, ERROR_CANCELLED, "enough");
    assert_int_equal(calls, 2);
    buffer_release(&content);
    store_close(store);
    place_remove(&place);
}

static void put_replace_remove(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store = open_store(place.path, STORE_WRITE);
    begin(store);
    put(store, "b.md", "one two", "public");
    put(store, "a.md", "one two", "hr"); /* the same content: stored once */
    put(store, "c.md", "drei", "public");
    commit(store);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM contents"), 2);
    expect_view(store, DOCUMENTS, "a.md:2\nb.md:2\nc.md:1\n");
    expect_view(store, LANGUAGES, "de en ");
    begin(store);
    put(store, "b.md", "three", "hr");
    commit(store);
    expect_view(store, PASSAGES, "3 a.md one\n4 a.md two\n5 c.md drei\n6 b.md three\n");
    expect_view(store, DELETIONS, "1:1 2:2 ");
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM contents"), 3);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM document_labels JOIN labels ON label = labels.id WHERE"
                                            " name = 'hr'"),
                     2);
    begin(store);
    expect_ok(store_remove_document(store, sql_number(place.path, "SELECT id FROM documents WHERE path = 'a.md'"), &error),
              &error);
    commit(store);
    expect_view(store, DELETIONS, "1:1 2:2 3:3 4:4 ");
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM contents"), 2);
    begin(store); /* all passages gone: numbers still go on */
    expect_ok(store_remove_document(store, sql_number(place.path, "SELECT id FROM documents WHERE path = 'b.md'"), &error),
              &error);
    expect_ok(store_remove_document(store, sql_number(place.path, "SELECT id FROM documents WHERE path = 'c.md'"), &error),
              &error);
    commit(store);
    expect_view(store, PASSAGES, "");
    expect_view(store, LANGUAGES, "");
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM contents"), 0);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM document_labels"), 0);
    struct store_counts counts;
    expect_ok(store_count(store, &counts, &error), &error);
    assert_true(counts.documents == 0 && counts.passages == 0 && counts.bytes == 0 && counts.passage_last == 6);
    store_close(store);
    store = open_store(place.path, STORE_WRITE);
    begin(store);
    put(store, "d.md", "four", "public");
    commit(store);
    expect_view(store, PASSAGES, "7 d.md four\n");
    expect_view(store, COMPLAINTS, "");
    store_close(store);
    place_remove(&place);
}

static bool touch(struct store *store, int64_t modified_ns, struct error *error)
{
    return store_touch_document(
        store, 1, &(struct store_document){.modified_ns = modified_ns, .changed_ns = 3, .inode = 4, .checked_ns = 200}, error);
}

static void generations(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store = open_store(place.path, STORE_WRITE);
    begin(store);
    commit(store);
    assert_int_equal(generation_of(store), 0); /* nothing written */
    begin(store);
    put(store, "a.md", "one", "public");
    commit(store);
    assert_int_equal(generation_of(store), 1);
    begin(store);
    expect_ok(touch(store, 7, &error), &error);
    commit(store);
    assert_int_equal(generation_of(store), 1); /* what a search sees is the same */
    begin(store);
    expect_ok(touch(store, 100, &error), &error);
    commit(store);
    assert_int_equal(generation_of(store), 2); /* a filter can ask for the file's time */
    assert_int_equal(sql_number(place.path, "SELECT modified_ns + checked_ns FROM documents"), 300);
    assert_int_equal(sql_number(place.path, "SELECT 10 * changed_ns + inode FROM documents"), 34);
    begin(store);
    put(store, "a.md", "two", "public");
    expect_ok(touch(store, 100, &error), &error);
    commit(store);
    assert_int_equal(generation_of(store), 3);
    begin(store);
    put(store, "a.md", "three", "public");
    store_rollback(store);
    store_rollback(store);
    assert_int_equal(generation_of(store), 3);
    begin(store);
    commit(store);
    assert_int_equal(generation_of(store), 3); /* what was rolled back is forgotten */
    expect_ok(store_begin(store, STORE_READ, &error), &error);
    commit(store);
    store_close(store);
    store = open_store(place.path, STORE_WRITE); /* opening changes nothing */
    assert_int_equal(generation_of(store), 3);
    store_close(store);
    place_remove(&place);
}

static void rolled_back(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store = open_store(place.path, STORE_WRITE);
    begin(store);
    put(store, "a.md", "one", "public");
    commit(store);
    begin(store);
    put(store, "a.md", "two three", "hr");
    put(store, "b.md", "four", "new");
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE("x.seg"), 1, 4, 3, 10}, &error), &error);
    store_rollback(store);
    expect_view(store, PASSAGES, "1 a.md one\n");
    expect_view(store, DELETIONS, "");
    expect_view(store, SEGMENTS, "");
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM contents"), 1);
    assert_int_equal(sql_number(place.path, "SELECT count(*) FROM labels"), 1);
    begin(store);
    put(store, "a.md", "five", "public");
    store_close(store); /* closing rolls back too */
    store = open_store(place.path, STORE_READ);
    expect_view(store, PASSAGES, "1 a.md one\n");
    store_close(store);
    place_remove(&place);
}

/* A reader sees one state until it releases it, whatever another writes. */
static void two_stores(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *writer = open_store(place.path, STORE_WRITE);
    begin(writer);
    put(writer, "a.md", "one", "public");
    commit(writer);
    struct store *reader = open_store(place.path, STORE_READ);
    expect_ok(store_begin(reader, STORE_READ, &error), &error);
    expect_view(reader, PASSAGES, "1 a.md one\n");
    begin(writer);
    put(writer, "a.md", "two", "public");
    commit(writer);
    expect_view(reader, PASSAGES, "1 a.md one\n");
    assert_int_equal(generation_of(reader), 1);
    store_rollback(reader);
    expect_view(reader, PASSAGES, "2 a.md two\n");
    assert_int_equal(generation_of(reader), 2);
    begin(writer);
    put(writer, "a.md", "three", "public");
    expect_view(reader, PASSAGES, "2 a.md two\n"); /* not committed */
    store_rollback(writer);
    store_close(reader);
    store_close(writer);
    place_remove(&place);
}

/* ---- index files ---- */

static void segments(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct store *store = open_store(place.path, STORE_WRITE);
    begin(store);
    put(store, "a.md", "1 2 3 4", "public");
    put(store, "a.md", "5 6", "public"); /* deletes 1 … 4 */
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE("b"), 3, 4, 2, 20}, &error), &error);
    commit(store);
    expect_view(store, DELETIONS, "1:1 2:2 "); /* 3 and 4 are taken in */
    begin(store);
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE("c"), 5, 6, 2, 20}, &error), &error);
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE("a"), 1, 2, 2, 20}, &error), &error);
    commit(store);
    expect_view(store, SEGMENTS, "a 1-2 2 20\nb 3-4 2 20\nc 5-6 2 20\n");
    begin(store);
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE("d"), 3, 6, 4, 40}, &error), &error);
    commit(store);
    expect_view(store, SEGMENTS, "a 1-2 2 20\nd 3-6 4 40\n");
    begin(store);
    put(store, "c.md", "7", "public");
    put(store, "c.md", "8", "public");
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE(""), 1, 2, 0, 0}, &error), &error);
    commit(store);
    expect_view(store, SEGMENTS, "d 3-6 4 40\n");
    begin(store);
    expect_ok(store_replace_segments(store, &(struct store_segment){SLICE(""), 7, 7, 0, 0}, &error), &error);
    commit(store);
    expect_view(store, DELETIONS, "5:7 "); /* no new file tells readers of it */
    assert_int_equal(generation_of(store), 5);
    store_close(store);
    place_remove(&place);
}

/* ---- damage ---- */

static void damage(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *complaint;
    } cases[] = {
        {"INSERT INTO contents (sha256, bytes) VALUES (x'00', x'00')", "content 3 belongs to no document"},
        {"UPDATE documents SET passages = 7 WHERE id = 1", "document \"a.md\" has 2 passages, expected 7"},
        {"DELETE FROM passages WHERE id = 2", "document \"a.md\" has 1 passages, expected 2"},
        {"INSERT INTO segments VALUES ('x', 1, 3, 1, 1), ('y', 3, 4, 1, 1)", "segment \"x\" overlaps segment \"y\""},
        {"UPDATE documents SET size = 8 WHERE id = 1", "document \"a.md\" and its content differ in hash or size"},
        {"UPDATE contents SET sha256 = x'01' WHERE id = 1", "document \"a.md\" and its content differ in hash or size"},
        {"UPDATE passages SET end = 9 WHERE id = 2", "passage 2 of document \"a.md\" stands outside of it"},
        {"UPDATE passages SET start = -1 WHERE id = 1", "passage 1 of document \"a.md\" stands outside of it"},
        {"UPDATE documents SET content = 77 WHERE id = 1", "table documents, row 1: refers to nothing in contents"},
        {"INSERT INTO document_labels VALUES (1, 9)", "table document_labels: refers to nothing in labels"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct place place = place_create();
        struct error error = {0};
        struct buffer out;
        struct store *store = open_store(place.path, STORE_WRITE);
        begin(store);
        put(store, "a.md", "one two", "public");
        put(store, "b.md", "three", "public");
        commit(store);
        store_close(store);
        run_sql(place.path, cases[i].sql);
        store = open_store(place.path, STORE_READ);
        buffer_init(&out, TEXT_MAX);
        expect_ok(store_check(store, &(struct store_wrong){0}, show_complaint, &out, &error), &error);
        if (strstr(buffer_text(&out), cases[i].complaint) == NULL)
            fail_msg("%s: expected \"%s\", got:\n%s", cases[i].sql, cases[i].complaint, buffer_text(&out));
        buffer_release(&out);
        store_close(store);
        place_remove(&place);
    }
}

/* Bytes of the file changed at random: an error or a complaint, or nothing to see; never a crash. */
static void random_damage(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    struct place place = place_create();
    struct error error = {0};
    struct buffer whole, out;
    buffer_init(&whole, MIB);
    buffer_init(&out, MIB);
    struct store *store = open_store(place.path, STORE_WRITE);
    begin(store);
    for (size_t i = 0; i < 30; i++) {
        char path[16];
        snprintf(path, sizeof(path), "%zu.md", i);
        put(store, path, "one two three", "public");
    }
    commit(store);
    store_close(store);
    expect_ok(file_read(place.path, MIB, &whole, &error), &error);
    size_t refused = 0, complained = 0;
    for (size_t round = 0; round < 150; round++) {
        struct buffer damaged;
        buffer_init(&damaged, MIB);
        buffer_append_slice(&damaged, buffer_slice(&whole));
        for (uint64_t i = 1 + random_below(&random, 30); i > 0; i--)
            damaged.data[random_below(&random, damaged.size)] = (char)random_u64(&random);
        if (round % 10 == 9)
            damaged.size = (size_t)random_below(&random, damaged.size);
        expect_ok(file_replace(place.path, buffer_slice(&damaged), &error), &error);
        buffer_clear(&out);
        bool ok = store_open(&store, place.path, STORE_READ, &error);
        if (ok) {
            struct store_counts counts;
            ok = store_check(store, &(struct store_wrong){0}, show_complaint, &out, &error) &&
                 store_count(store, &counts, &error) && store_each_passage(store, 1, INT64_MAX, show_passage, &out, &error) &&
                 store_each_document(store, show_document, &out, &error);
            store_close(store);
        }
        refused += !ok;
        complained += out.size > 0;
        buffer_release(&damaged);
    }
    printf("150 damaged catalogs: %zu refused, %zu read\n", refused, complained);
    assert_true(refused > 0);
    buffer_release(&whole);
    buffer_release(&out);
    place_remove(&place);
}

/* ---- against a model ---- */

enum { PATHS = 12, STEPS = 400, NUMBERS_MAX = 4000 };

struct model {
    size_t words[PATHS]; /* 0: not there */
    int64_t first[PATHS]; /* number of its first passage */
    char contents[PATHS][40];
    int64_t last;
    int64_t deleted[NUMBERS_MAX];
    size_t deleted_count;
};

static void drop(struct model *model, size_t path)
{
    for (size_t i = 0; i < model->words[path]; i++)
        model->deleted[model->deleted_count++] = model->first[path] + (int64_t)i;
    model->words[path] = 0;
}

static void compare_model(struct store *store, const struct model *model, uint64_t seed)
{
    struct buffer documents, deletions;
    struct error error = {0};
    struct store_counts counts;
    int64_t passages = 0;
    buffer_init(&documents, MIB);
    buffer_init(&deletions, MIB);
    for (size_t i = 0; i < PATHS; i++) {
        if (model->words[i] > 0)
            buffer_format(&documents, "p%02zu:%zu\n", i, model->words[i]);
        passages += (int64_t)model->words[i];
    }
    for (size_t i = 0; i < model->deleted_count; i++)
        buffer_format(&deletions, "%zu:%lld ", i + 1, (long long)model->deleted[i]);
    expect_view(store, DOCUMENTS, buffer_text(&documents));
    expect_view(store, DELETIONS, buffer_text(&deletions));
    expect_view(store, COMPLAINTS, "");
    expect_ok(store_count(store, &counts, &error), &error);
    if (counts.passages != passages || counts.passage_last != model->last)
        fail_msg("%lld passages up to %lld, expected %lld up to %lld (seed %llu)", (long long)counts.passages,
                 (long long)counts.passage_last, (long long)passages, (long long)model->last, (unsigned long long)seed);
    buffer_release(&documents);
    buffer_release(&deletions);
}

struct search {
    struct slice path;
    int64_t id;
};

static bool find_document(void *context, const struct store_document *document, struct error *error)
{
    struct search *search = context;
    (void)error;
    if (slice_equal(document->path, search->path))
        search->id = document->id;
    return true;
}

/* One random change to both; contents are few, so that documents share them. */
static void step(struct store *store, struct model *model, struct random *random)
{
    struct error error = {0};
    size_t path = (size_t)random_below(random, PATHS);
    char name[8];
    snprintf(name, sizeof(name), "p%02zu", path);
    if (random_below(random, 3) == 0) {
        if (model->words[path] == 0)
            return;
        struct search search = {.path = slice_from(name)};
        expect_ok(store_each_document(store, find_document, &search, &error), &error);
        expect_ok(store_remove_document(store, search.id, &error), &error);
        drop(model, path);
        return;
    }
    size_t words = 1 + (size_t)random_below(random, 4);
    char *content = model->contents[path];
    content[0] = '\0';
    for (size_t i = 0; i < words; i++)
        snprintf(content + strlen(content), 40 - strlen(content), "%sw%u", i ? " " : "", (unsigned)random_below(random, 2));
    put(store, name, content, "public");
    drop(model, path);
    model->words[path] = words;
    model->first[path] = model->last + 1;
    model->last += (int64_t)words;
}

static void against_model(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    struct place place = place_create();
    struct store *store = open_store(place.path, STORE_WRITE);
    static struct model model, before;
    model = (struct model){0};
    for (size_t round = 0; round < STEPS / 4; round++) {
        before = model;
        begin(store);
        for (size_t i = 0; i < 4; i++) {
            if (random_below(&random, 2) == 0) {
                commit(store);
                before = model;
                begin(store);
            }
            step(store, &model, &random);
        }
        if (random_below(&random, 4) == 0) {
            store_rollback(store);
            model = before;
        } else {
            commit(store);
        }
        if (round % 5 == 0)
            compare_model(store, &model, seed);
    }
    compare_model(store, &model, seed);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_and_reopen),    cmocka_unit_test(other_files),
        cmocka_unit_test(version_1),          cmocka_unit_test(version_2),
        cmocka_unit_test(version_3),          cmocka_unit_test(version_2_damaged),
        cmocka_unit_test(containers),         cmocka_unit_test(fields_round_trip),
        cmocka_unit_test(put_replace_remove), cmocka_unit_test(generations),
        cmocka_unit_test(rolled_back),        cmocka_unit_test(two_stores),
        cmocka_unit_test(segments),           cmocka_unit_test(damage),
        cmocka_unit_test(random_damage),      cmocka_unit_test(against_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
