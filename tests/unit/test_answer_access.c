/* test_answer_access.c - who sees what in a search: labels, keys that hold and that do not, both checks alone, and nothing of what is
 * hidden in scores, counts and words. */
#include "answer/answer.h"
#include "compare.h"
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct place {
    char *folder;
    struct project *project;
};

static struct place place_create(void)
{
    struct error error = {0};
    struct place place = {.folder = test_folder_create()};
    expect_ok(project_create(place.folder, &error), &error);
    expect_ok(project_open(&place.project, place.folder, STORE_WRITE, "test", &error), &error);
    return place;
}

static void place_remove(struct place *place)
{
    project_close(place->project);
    test_folder_remove(place->folder);
}

/* A document of one passage; its label is the first part of its path, "none" for none. */
static void put(struct place *place, const char *path, const char *language, const char *text)
{
    struct error error = {0};
    struct store *store = place->project->store;
    struct store_document document = {.path = slice_from(path),
                                      .title = slice_from("T"),
                                      .format = SLICE("text"),
                                      .language = slice_from(language),
                                      .size = (int64_t)strlen(text)};
    crypto_hash_sha256(document.hash, (const unsigned char *)text, strlen(text));
    struct store_passage passage = {.text = slice_from(text), .end = (int64_t)strlen(text), .line = 1, .line_end = 1};
    struct slice rest = slice_from(path), label;
    bool named = slice_next(&rest, '/', &label);
    assert_true(named);
    size_t label_count = slice_equal_text(label, "none") ? 0 : 1;
    expect_ok(store_begin(store, STORE_WRITE, &error), &error);
    expect_ok(store_put_document(store, &document, slice_from(text), &passage, 1, &label, label_count, &error), &error);
    expect_ok(store_commit(store, &error), &error);
}

static void add_key(struct place *place, const char *name, const char *group, char secret[PROJECT_SECRET_BYTES])
{
    struct error error = {0};
    struct slice groups[] = {slice_from(group)};
    expect_ok(project_key_add(place->project, slice_from(name), groups, group[0] != '\0', 0, secret, &error), &error);
}

/* Paths with scores to the last bit, and the count: all that a search tells. */
static void show(struct place *place, const struct search_request *request, struct buffer *out)
{
    struct error error = {0};
    struct search_result result;
    buffer_clear(out);
    if (!answer_search(place->project, request, &result, &error)) {
        buffer_format(out, "%s: %s", error_kind_name(error.kind), error.message);
        assert_int_equal(result.count, 0);
    } else {
        for (size_t i = 0; i < result.count; i++) {
            buffer_format(out, SLICE_FORMAT " %a", SLICE_ARGUMENT(result.hits[i].path), (double)result.hits[i].score);
            for (size_t j = 0; j < result.hits[i].match_count; j++)
                buffer_format(out, " %zu-%zu", result.hits[i].matches[j].start, result.hits[i].matches[j].end);
            for (size_t j = 0; j < result.hits[i].copy_count; j++)
                buffer_format(out, " also " SLICE_FORMAT, SLICE_ARGUMENT(result.hits[i].copies[j].path));
            buffer_append_text(out, "\n");
        }
        buffer_format(out, "of %zu", result.searched);
    }
    search_result_release(&result);
}

static void expect_paths(struct place *place, const char *key, const char *filter, const char *wanted)
{
    struct error error = {0};
    struct search_result result;
    struct buffer paths;
    const struct search_request request = {.question = SLICE("refund"),
                                           .k = 100,
                                           .keep_copies = true,
                                           .principal = key ? slice_from(key) : (struct slice){0},
                                           .filter = filter ? slice_from(filter) : (struct slice){0}};
    buffer_init(&paths, MIB);
    expect_ok(answer_search(place->project, &request, &result, &error), &error);
    for (size_t i = 0; i < result.count; i++)
        buffer_format(&paths, "%s" SLICE_FORMAT, i ? " " : "", SLICE_ARGUMENT(result.hits[i].path));
    compare_text(key ? key : "owner", buffer_slice(&paths), wanted);
    buffer_release(&paths);
    search_result_release(&result);
}

static void labels_and_keys(void **state)
{
    (void)state;
    struct place place = place_create();
    char secret[PROJECT_SECRET_BYTES];
    put(&place, "public/a", "en", "refund");
    put(&place, "hr/b", "en", "refund");
    put(&place, "legal/c", "en", "refund");
    put(&place, "none/d", "en", "refund");
    put(&place, "hr%/e", "en", "refund");
    add_key(&place, "hr", "hr", secret);
    add_key(&place, "nobody", "", secret);
    add_key(&place, "odd", "hr' OR '1'='1", secret);
    add_key(&place, "like", "hr%", secret);
    expect_paths(&place, NULL, NULL, "public/a hr/b legal/c none/d hr%/e");
    expect_paths(&place, "hr", NULL, "public/a hr/b");
    expect_paths(&place, "nobody", NULL, "public/a");
    expect_paths(&place, "odd", NULL, "public/a");
    expect_paths(&place, "like", NULL, "public/a hr%/e");
    expect_paths(&place, "hr", "folder != public", "hr/b");
    expect_paths(&place, NULL, "folder in (legal, none)", "legal/c none/d");
    expect_paths(&place, "hr", "path = none/d", "");
    /* a label taken away acts on the next search */
    struct error error = {0};
    bool changed;
    expect_ok(store_begin(place.project->store, STORE_WRITE, &error), &error);
    expect_ok(store_put_labels(place.project->store, 2, NULL, 0, &changed, &error), &error);
    expect_ok(store_commit(place.project->store, &error), &error);
    assert_true(changed);
    expect_paths(&place, "hr", NULL, "public/a");
    place_remove(&place);
}

static void expect_refused(struct place *place, const struct search_request *request, enum error_kind kind, const char *message)
{
    struct error error = {0};
    struct search_result result;
    expect_error(answer_search(place->project, request, &result, &error), &error, kind, message);
    assert_int_equal(result.count, 0);
    search_result_release(&result);
}

static void expect_secret_refused(struct place *place, const char *secret, enum error_kind kind, const char *message)
{
    expect_refused(place, &(struct search_request){.question = SLICE("refund"), .secret = slice_from(secret)}, kind, message);
}

static void keys_that_do_not_hold(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct search_result result;
    char secret[PROJECT_SECRET_BYTES], second[PROJECT_SECRET_BYTES];
    put(&place, "public/a", "en", "refund");
    add_key(&place, "hr", "hr", secret);
    assert_int_equal(strlen(secret), PROJECT_SECRET_BYTES - 1);
    const struct search_request named = {.question = SLICE("refund"), .principal = SLICE("hr")};
    const struct search_request known = {.question = SLICE("refund"), .secret = slice_from(secret)};
    expect_ok(answer_search(place.project, &known, &result, &error), &error);
    assert_int_equal(result.count, 1);
    search_result_release(&result);
    expect_refused(&place, &(struct search_request){.principal = SLICE("hr"), .secret = slice_from(secret)}, ERROR_INVALID,
                   "expected one of them");
    expect_refused(&place, &(struct search_request){.principal = SLICE("")}, ERROR_NOT_FOUND, "no key \"\"");
    expect_refused(&place, &(struct search_request){.principal = SLICE("HR")}, ERROR_NOT_FOUND, "no key \"HR\"");
    expect_refused(&place, &(struct search_request){.principal = SLICE("' OR ''='")}, ERROR_NOT_FOUND, "no key");
    expect_secret_refused(&place, "", ERROR_INVALID, "this is not a key");
    for (size_t i = 0; i + 1 < PROJECT_SECRET_BYTES; i++) { /* any character changed */
        memcpy(second, secret, sizeof(second));
        second[i] = second[i] == 'b' ? 'c' : 'b';
        expect_secret_refused(&place, second, ERROR_INVALID, i < 6 ? "not a key" : "the key is not whole");
    }
    expect_error(project_key_add(place.project, SLICE("hr"), NULL, 0, 0, second, &error), &error, ERROR_CONFLICT,
                 "is there already");
    expect_error(project_key_add(place.project, SLICE("late"), NULL, 0, 1, second, &error), &error, ERROR_INVALID,
                 "expired already");
    expect_error(project_key_add(place.project, SLICE("a b"), NULL, 0, 0, second, &error), &error, ERROR_INVALID,
                 "cannot be the name");
    const struct slice line = SLICE("a\nb");
    expect_error(project_key_add(place.project, SLICE("x"), &line, 1, 0, second, &error), &error, ERROR_INVALID,
                 "group number 1");
    /* expired */
    int64_t soon = clock_wall_ns() + 20000000;
    expect_ok(project_key_add(place.project, SLICE("short"), NULL, 0, soon, second, &error), &error);
    while (clock_wall_ns() <= soon)
        ;
    expect_refused(&place, &(struct search_request){.principal = SLICE("short")}, ERROR_INVALID, "key \"short\" has expired");
    expect_secret_refused(&place, second, ERROR_INVALID, "key \"short\" has expired");
    /* revoked, and the name given again: the old secret stays out */
    expect_ok(project_key_revoke(place.project, SLICE("hr"), &error), &error);
    expect_ok(project_key_revoke(place.project, SLICE("hr"), &error), &error);
    expect_refused(&place, &named, ERROR_INVALID, "key \"hr\" was revoked");
    expect_refused(&place, &known, ERROR_INVALID, "key \"hr\" was revoked");
    add_key(&place, "hr", "hr", second);
    assert_string_not_equal(secret, second);
    expect_refused(&place, &known, ERROR_NOT_FOUND, "the key is none of this project");
    expect_ok(answer_search(place.project, &named, &result, &error), &error);
    search_result_release(&result);
    expect_error(project_key_revoke(place.project, SLICE("who"), &error), &error, ERROR_NOT_FOUND, "no key \"who\"");
    place_remove(&place);
}

/* The secret is nowhere on disk. */
static bool look_for(void *context, const char *name, struct error *error)
{
    const char *const *wanted = context; /* folder, secret */
    struct arena arena;
    struct buffer content;
    arena_init(&arena);
    buffer_init(&content, 64 * MIB);
    if (strncmp(name, "assay.db", 8) == 0) {
        expect_ok(file_read(path_join(&arena, wanted[0], name), 64 * MIB, &content, error), error);
        assert_null(memmem(content.data, content.size, wanted[1] + 10, strlen(wanted[1]) - 10));
    }
    buffer_release(&content);
    arena_release(&arena);
    return true;
}

static void secrets_are_not_stored(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct arena arena;
    char secret[PROJECT_SECRET_BYTES];
    arena_init(&arena);
    add_key(&place, "hr", "hr", secret);
    const char *wanted[] = {path_join(&arena, place.folder, PROJECT_STATE), secret};
    expect_ok(folder_list(wanted[0], look_for, wanted, &error), &error);
    arena_release(&arena);
    place_remove(&place);
}

/* ---- each check alone ---- */

/* The first check without the second: what the index finds with a view, before anything is asked of the catalog again. */
static void first_check_alone(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct arena arena;
    struct store_principal principal;
    const struct project_view *view;
    char secret[PROJECT_SECRET_BYTES];
    arena_init(&arena);
    for (int i = 0; i < 20; i++) {
        put(&place, arena_format(&arena, "public/%d", i), "en", "refund");
        put(&place, arena_format(&arena, "legal/%d", i), "en", "refund refund");
    }
    add_key(&place, "key", "hr", secret);
    expect_ok(project_refresh(place.project, &error), &error);
    expect_ok(store_principal_named(place.project->store, SLICE("key"), clock_wall_ns(), &arena, &principal, &error), &error);
    expect_ok(project_view(place.project, &principal, NULL, &view, &error), &error);
    assert_int_equal(view->documents, 20);
    const struct slice term = SLICE("refund");
    const struct index_word word = {.variants = &term, .variant_count = 1, .weight = 1};
    const struct index_query query = {.words = &word, .word_count = 1, .k1 = 1.2F, .b = 0.75F, .k = 100, .view = view->words};
    struct index_hit hits[100];
    size_t count;
    expect_ok(index_search(place.project->index, &query, hits, &count, &error), &error);
    assert_int_equal(count, 20);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(hits[i].passage % 2, 1); /* legal's are the even ones */
    const struct project_view *again;
    expect_ok(project_view(place.project, &principal, NULL, &again, &error), &error);
    assert_ptr_equal(view, again); /* kept */
    project_release(place.project);
    arena_release(&arena);
    place_remove(&place);
}

/* The second check without the first: the kept view is spoiled so that it shows everything. */
static void second_check_alone(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct arena arena;
    struct store_principal principal;
    const struct project_view *view;
    char secret[PROJECT_SECRET_BYTES];
    arena_init(&arena);
    put(&place, "public/a", "en", "refund");
    put(&place, "legal/b", "en", "refund refund");
    add_key(&place, "key", "hr", secret);
    const struct search_request request = {.question = SLICE("refund"), .principal = SLICE("key")};
    expect_paths(&place, "key", NULL, "public/a");
    expect_ok(project_refresh(place.project, &error), &error);
    expect_ok(store_principal_named(place.project->store, SLICE("key"), clock_wall_ns(), &arena, &principal, &error), &error);
    expect_ok(project_view(place.project, &principal, NULL, &view, &error), &error);
    const struct index_range all = {1, 2};
    struct project_view *spoiled = (struct project_view *)view;
    index_view_free(spoiled->words);
    spoiled->words = index_view_create(place.project->index, &all, 1);
    project_release(place.project);
    expect_refused(&place, &request, ERROR_CORRUPT, "a passage that this key may not see");
    arena_release(&arena);
    place_remove(&place);
}

/* A catalog in which a document's run of passages is wrong, so that it covers another's. */
static void run_that_covers_another(void **state)
{
    (void)state;
    struct place place = place_create();
    char secret[PROJECT_SECRET_BYTES];
    put(&place, "legal/a", "en", "refund");
    put(&place, "public/b", "en", "refund");
    add_key(&place, "key", "hr", secret);
    expect_paths(&place, "key", NULL, "public/b");
    struct arena arena;
    sqlite3 *database;
    arena_init(&arena);
    assert_int_equal(sqlite3_open(arena_format(&arena, "%s/" PROJECT_STATE "/assay.db", place.folder), &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database,
                                  "UPDATE documents SET first = 1, passages = 2 WHERE path = 'public/b';"
                                  "UPDATE meta SET generation = generation + 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(database);
    const struct search_request request = {.question = SLICE("refund"), .principal = SLICE("key")};
    expect_refused(&place, &request, ERROR_CORRUPT, "a passage that this key may not see");
    arena_release(&arena);
    place_remove(&place);
}

/* ---- nothing of what is hidden ---- */

static void two_worlds(void **state)
{
    (void)state;
    static const char *const questions[] = {"refund", "Lieferung", "deliveries", "how long may I keep it", "refund window card",
                                            "nix"};
    struct place a = place_create(), b = place_create();
    struct buffer in_a, in_b;
    char secret[PROJECT_SECRET_BYTES];
    buffer_init(&in_a, MIB);
    buffer_init(&in_b, MIB);
    static const char *const seen[] = {"The refund takes five days.", "How long may I keep a book? Keep it long.",
                                       "Deliveries come to the house", "A window for refunds, by card and by card."};
    static const char *const hidden[] = {"Refund refund refund window", "Die Lieferungen kommen nicht in der Filiale an",
                                         "combien de temps puis-je garder le livre", "card card card"};
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(seen); i++) {
        const char *path = arena_format(&arena, "hr/%zu", i);
        put(&a, path, "en", seen[i]);
        put(&b, arena_format(&arena, "%s/h%zu", i % 2 ? "legal" : "none", i), i == 1 ? "de" : i == 2 ? "fr" : "en", hidden[i]);
        put(&b, path, "en", seen[i]);
    }
    add_key(&a, "key", "hr", secret);
    add_key(&b, "key", "hr", secret);
    for (size_t i = 0; i < ARRAY_COUNT(questions); i++) {
        const struct search_request request = {.question = slice_from(questions[i]), .principal = SLICE("key")};
        show(&a, &request, &in_a);
        show(&b, &request, &in_b);
        compare_text(questions[i], buffer_slice(&in_b), buffer_text(&in_a));
        struct search_request owner = request;
        owner.principal = (struct slice){0};
        show(&b, &owner, &in_b);
        assert_false(slice_equal(buffer_slice(&in_a), buffer_slice(&in_b))); /* the worlds do differ */
    }
    arena_release(&arena);
    buffer_release(&in_a);
    buffer_release(&in_b);
    place_remove(&a);
    place_remove(&b);
}

/* More views than are kept: those used last stay right. */
static void many_views(void **state)
{
    (void)state;
    struct place place = place_create();
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 3 * LIMIT_VIEWS; i++)
        put(&place, arena_format(&arena, "public/%d", i), "en", "refund");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3 * LIMIT_VIEWS; i++)
            expect_paths(&place, NULL, arena_format(&arena, "path = public/%d", i), arena_format(&arena, "public/%d", i));
    arena_release(&arena);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_and_keys),
        cmocka_unit_test(keys_that_do_not_hold),
        cmocka_unit_test(secrets_are_not_stored),
        cmocka_unit_test(first_check_alone),
        cmocka_unit_test(second_check_alone),
        cmocka_unit_test(run_that_covers_another),
        cmocka_unit_test(two_worlds),
        cmocka_unit_test(many_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
