/* test_project.c - settings against their description; the index of a project, kept in step by several handles, against a plain
 * list of the passages that are live. */
#include "compare.h"
#include "answer/answer.h"
#include "project/parts.h"
#include <math.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- settings ---- */

static bool read_settings(const char *source, struct settings *settings, struct arena *arena, struct error *error)
{
    return settings_read(slice_from(source), "assay.yaml", arena, settings, error);
}

static bool same(float a, double b)
{
    return fabs((double)a - b) < 1e-6;
}

static void expect_defaults(const struct settings *settings)
{
    assert_int_equal(settings->document_count, 1);
    assert_string_equal(settings->documents[0], "docs/");
    assert_int_equal(settings->document_bytes_max, 64 * MIB);
    assert_true(settings->unit == UNIT_AUTO && settings->passage_tokens == 200 && settings->passage_overlap == 30);
    assert_true(settings->k == 8 && same(settings->k1, 1.2) && same(settings->b, 0.75));
    assert_int_equal(settings->access, ACCESS_PUBLIC);
}

static void settings_values(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct settings settings;
    arena_init(&arena);
    expect_ok(read_settings("", &settings, &arena, &error), &error);
    expect_defaults(&settings);
    expect_ok(read_settings(settings_template(&arena), &settings, &arena, &error), &error);
    expect_defaults(&settings);
    expect_ok(read_settings("documents: a\ndocuments_max_mb: 512\npassages: {unit: fixed, tokens: 4096, overlap: 2048}\n"
                            "retrieve: {k: 10000, k1: 10, b: 1}\naccess: {labels: from-folder}\n",
                            &settings, &arena, &error),
              &error);
    assert_true(settings.document_count == 1 && settings.document_bytes_max == 512 * MIB && settings.unit == UNIT_FIXED);
    assert_string_equal(settings.documents[0], "a");
    assert_true(settings.passage_tokens == 4096 && settings.passage_overlap == 2048 && settings.k == 10000);
    assert_true(same(settings.k1, 10) && same(settings.b, 1) && settings.access == ACCESS_FROM_FOLDER);
    expect_ok(read_settings("documents: [a, ../b, 'c d']\ndocuments_max_mb: 1\npassages: {unit: sentence, tokens: 16,"
                            " overlap: 0}\nretrieve:\n  k: 1\n  k1: 0\n  b: 0.0\n",
                            &settings, &arena, &error),
              &error);
    assert_true(settings.document_count == 3 && settings.unit == UNIT_SENTENCE && settings.passage_tokens == 16);
    assert_string_equal(settings.documents[2], "c d");
    assert_true(settings.passage_overlap == 0 && settings.k == 1 && same(settings.k1, 0) && same(settings.b, 0));
    assert_false(settings.join_records);
    assert_int_equal(settings.masked_kinds, 0);
    expect_ok(read_settings("sensitive: mask\n", &settings, &arena, &error), &error);
    assert_int_equal(settings.masked_kinds, SENSITIVE_ALL);
    expect_ok(read_settings("sensitive: [card, token]\n", &settings, &arena, &error), &error);
    assert_int_equal(settings.masked_kinds, 1u << SENSITIVE_CARD | 1u << SENSITIVE_TOKEN);
    expect_ok(read_settings("sensitive: report\n", &settings, &arena, &error), &error);
    assert_int_equal(settings.masked_kinds, 0);
    for (enum passage_unit unit = UNIT_AUTO; unit <= UNIT_SEMANTIC; unit++) {
        const char *source = arena_format(&arena, "passages: {unit: %s, join_records: true}\n", passage_unit_name(unit));
        expect_ok(read_settings(source, &settings, &arena, &error), &error);
        assert_true(settings.unit == unit && settings.join_records);
    }
    expect_ok(read_settings("passages: {unit: heading}\naccess: {labels: public}\n", &settings, &arena, &error), &error);
    assert_true(settings.unit == UNIT_HEADING && settings.access == ACCESS_PUBLIC && settings.passage_tokens == 200);
    arena_release(&arena);
}

static void settings_refused(void **state)
{
    (void)state;
    static const struct {
        const char *source, *message, *hint;
    } cases[] = {
        {"\nretreive: {k: 1}", "assay.yaml:2: unrecognized setting \"retreive\"", "Did you mean \"retrieve\"?"},
        {"retrieve:\n  kk: 1", "assay.yaml:2: unrecognized setting \"retrieve.kk\"", "Did you mean \"k\"?"},
        {"passages: {size: 1}", "unrecognized setting \"passages.size\"",
         "Settings here: unit, tokens, overlap, join_records."},
        {"passages: {token: 1}", "\"passages.token\"", "Did you mean \"tokens\"?"},
        {"completely_else: 1", "\"completely_else\"",
         "Settings here: documents, documents_max_mb, passages, sensitive, embedding, retrieve, tests, access, fetch, model, "
         "prices, limits, prompt, examples, log, traces, server, moderation, approach, checks, target."},
        {"target: 1.5", "assay.yaml:1: \"target\" is \"1.5\", expected a number from 0 to 1", ""},
        {"checks: {answer: good}", "\"answer\" is \"good\", expected auto, exact, f1", ""},
        {"limits: {knowledge_changes: often}", "\"knowledge_changes\" is \"often\"", ""},
        {"limits: {latency: 3}", "\"limits.latency\"",
         "Settings here: spend_per_day, latency_p95_ms, cost_per_month, requests_per_month, private, citations, "
         "knowledge_changes."},
        {"approach: tune", "\"approach\" is \"tune\", expected rag, full or prompt", ""},
        {"a\n", "assay.yaml:1: the file is not a set of \"key: value\" lines", ""},
        {"- a\n", "assay.yaml:1: the file is not a set", ""},
        {"retrieve: 3", "assay.yaml:1: \"retrieve\" is not a set of", ""},
        {"retrieve:\n", "\"retrieve\" is not a set of", ""},
        {"retrieve: {k: 0}", "\"k\" is \"0\", expected a whole number from 1 to 10000", ""},
        {"retrieve: {k: 10001}", "\"k\" is \"10001\"", ""},
        {"retrieve: {k: 1.5}", "\"k\" is \"1.5\"", ""},
        {"retrieve: {k: [1]}", "\"k\" is not a single value, expected a whole number", ""},
        {"retrieve: {k1: -1}", "\"k1\" is \"-1\", expected a number from 0 to 10", ""},
        {"retrieve: {k1: nan}", "\"k1\" is \"nan\"", ""},
        {"retrieve: {k1: 10.1}", "\"k1\"", ""},
        {"retrieve: {b: 1.01}", "\"b\" is \"1.01\", expected a number from 0 to 1", ""},
        {"passages: {unit: line}",
         "\"unit\" is \"line\", expected auto, heading, sentence, fixed, record, page, code or semantic", ""},
        {"passages: {tokens: 15}", "expected a whole number from 16 to 4096", ""},
        {"passages: {tokens: 4097}", "expected a whole number from 16 to 4096", ""},
        {"passages: {overlap: 2049}", "expected a whole number from 0 to 2048", ""},
        {"\npassages:\n  overlap: 101\n", "\"overlap\" is 101, more than half of \"tokens\" (200)", ""},
        {"passages: {tokens: 40, overlap: 21}", "\"overlap\" is 21, more than half of \"tokens\" (40)", ""},
        {"sensitive: hide",
         "assay.yaml:1: \"sensitive\" is \"hide\", expected report, mask, or a list of kinds ([card, iban, secret, …])", ""},
        {"sensitive:\n  - card\n  - cards", "assay.yaml:3: \"sensitive\" is \"cards\", expected report, mask", ""},
        {"sensitive: {card: mask}", "\"sensitive\" is not a single value, expected report, mask", ""},
        {"access: {labels: all}", "\"labels\" is \"all\", expected public, from-folder or a .csv file", ""},
        {"documents: {a: b}", "expected a list of files and folders", ""},
        {"documents: [a, [b]]", "expected a list of files and folders", ""},
        {"documents: ''", "expected a list of files and folders", ""},
        {"documents: [a,\n  '']", "assay.yaml:2: ", ""},
        {"documents: [docs/, https://example.com/]",
         "assay.yaml:1: \"documents\" is \"https://example.com/\", expected files and folders",
         "Nothing is fetched unasked: `assay add ADDRESS` adds pages, and brings them up to date."},
        {"documents_max_mb: 513", "expected a whole number from 1 to 512", ""},
        {"documents_max_mb: 0", "expected a whole number from 1 to 512", ""},
        {"documents_max_mb: 99999999999999999999", "expected a whole number from 1 to 512", ""},
        {"retrieve: {k: 1, k: 2}", "stands twice", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct settings settings;
        arena_init(&arena);
        expect_error(read_settings(cases[i].source, &settings, &arena, &error), &error, ERROR_INVALID, cases[i].message);
        if (strcmp(cases[i].hint, error.hint) != 0)
            fail_msg("%s: hint \"%s\", expected \"%s\"", cases[i].source, error.hint, cases[i].hint);
        arena_release(&arena);
    }
}

/* ---- a project in a folder of its own ---- */

struct place {
    char *folder;
    struct arena arena;
};

static struct place place_create(void)
{
    struct error error = {0};
    struct place place = {.folder = test_folder_create()};
    arena_init(&place.arena);
    expect_ok(project_create(place.folder, &error), &error);
    return place;
}

static void place_remove(struct place *place)
{
    arena_release(&place->arena);
    test_folder_remove(place->folder);
}

static struct project *open_project(const struct place *place, enum store_mode mode)
{
    struct error error = {0};
    struct project *project = NULL;
    expect_ok(project_open(&project, place->folder, mode, "a test", &error), &error);
    return project;
}

/* Puts a document of which each word is a passage. */
static void put(struct project *project, const char *path, const char *words)
{
    struct error error = {0};
    struct store_passage passages[400] = {0};
    struct slice rest = slice_from(words), word;
    size_t count = 0;
    while (slice_next(&rest, ' ', &word)) {
        int64_t start = word.data - words;
        passages[count++] = (struct store_passage){
            .text = word, .headings = SLICE(""), .start = start, .end = start + (int64_t)word.size, .line = 1, .line_end = 1};
    }
    struct store_document document = {.path = slice_from(path),
                                      .title = SLICE(""),
                                      .format = SLICE("text"),
                                      .language = SLICE("und"),
                                      .size = (int64_t)strlen(words)};
    crypto_hash_sha256(document.hash, (const unsigned char *)words, strlen(words));
    struct slice label = SLICE("public");
    expect_ok(store_begin(project->store, STORE_WRITE, &error), &error);
    expect_ok(store_put_document(project->store, &document, slice_from(words), passages, count, &label, 1, &error), &error);
    expect_ok(store_commit(project->store, &error), &error);
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

static void take_away(struct project *project, const char *path)
{
    struct error error = {0};
    struct search search = {.path = slice_from(path)};
    expect_ok(store_begin(project->store, STORE_WRITE, &error), &error);
    expect_ok(store_each_document(project->store, find_document, &search, &error), &error);
    expect_ok(store_remove_document(project->store, search.id, &error), &error);
    expect_ok(store_commit(project->store, &error), &error);
}

static void seal(struct project *project)
{
    struct error error = {0};
    expect_ok(project_seal(project, &error), &error);
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The numbers of the passages that a word finds, "3 7 8", and how many passages there are, "/12". */
static void expect_found(struct project *project, const char *word, const char *wanted)
{
    struct error error = {0};
    struct search_result result;
    struct buffer out;
    static int64_t numbers[LIMIT_RESULTS];
    buffer_init(&out, MIB);
    const struct search_request request = {.question = slice_from(word), .k = LIMIT_RESULTS, .keep_copies = true};
    expect_ok(answer_search(project, &request, &result, &error), &error);
    for (size_t i = 0; i < result.count; i++) {
        numbers[i] = result.hits[i].passage.id;
        compare_text("text of a hit", result.hits[i].passage.text, word);
    }
    qsort(numbers, result.count, sizeof(*numbers), compare_numbers);
    for (size_t i = 0; i < result.count; i++)
        buffer_format(&out, "%lld ", (long long)numbers[i]);
    buffer_format(&out, "/%zu", result.searched);
    compare_text(word, buffer_slice(&out), wanted);
    buffer_release(&out);
    search_result_release(&result);
}

static bool count_name(void *context, const char *name, struct error *error)
{
    (void)error;
    (void)name;
    ++*(size_t *)context;
    return true;
}

static size_t index_files(struct place *place)
{
    struct error error = {0};
    size_t count = 0;
    expect_ok(folder_list(path_join(&place->arena, place->folder, ".assay/index"), count_name, &count, &error), &error);
    return count;
}

static bool take_name(void *context, const char *name, struct error *error)
{
    (void)error;
    struct buffer *names = context;
    buffer_format(names, "%s\n", name);
    return true;
}

/* The path of the index file that begins with `start`. */
static char *index_file(struct place *place, const char *start)
{
    struct error error = {0};
    struct buffer names;
    buffer_init(&names, MIB);
    char *folder = path_join(&place->arena, place->folder, ".assay/index");
    expect_ok(folder_list(folder, take_name, &names, &error), &error);
    struct slice rest = buffer_slice(&names), name;
    char *path = NULL;
    while (slice_next(&rest, '\n', &name))
        if (slice_starts_with(name, slice_from(start)))
            path = path_join(&place->arena, folder, arena_text(&place->arena, name));
    buffer_release(&names);
    assert_non_null(path);
    return path;
}

static void ignore_problem(void *context, const char *kind, const char *message)
{
    (void)message;
    if (context != NULL && strcmp(kind, "note") == 0)
        ++*(size_t *)context;
}

static struct doctor_report examine(struct project *project, bool repair)
{
    struct error error = {0};
    struct doctor_report report;
    expect_ok(project_examine(project, repair, ignore_problem, NULL, &report, &error), &error);
    return report;
}

static int64_t sql_number(struct place *place, const char *sql)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path_join(&place->arena, place->folder, ".assay/assay.db"), &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    int64_t number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return number;
}

/* ---- making and opening ---- */

static void create_and_open(void **state)
{
    (void)state;
    struct error error = {0};
    struct project *project;
    struct place place = place_create();
    expect_error(project_create(place.folder, &error), &error, ERROR_CONFLICT, "is a project already");
    expect_error(project_open(&project, path_join(&place.arena, place.folder, "none"), STORE_READ, "x", &error), &error,
                 ERROR_NOT_FOUND, "is not a project: it has no assay.yaml");
    char *deep = path_join(&place.arena, place.folder, "a/b");
    expect_ok(folder_create(deep, &error), &error);
    char before[LIMIT_PATH_BYTES];
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(deep), 0);
    expect_ok(project_open(&project, NULL, STORE_WRITE, "assay add", &error), &error); /* found above */
    assert_true(slice_ends_with(slice_from(place.folder), slice_from(project->root)) || file_exists(project->root));
    assert_string_equal(project_relative(project, path_join(&place.arena, project->root, "a/x.md")), "a/x.md");
    assert_string_equal(project_relative(project, "/elsewhere/x.md"), "/elsewhere/x.md");
    struct project *second;
    expect_error(project_open(&second, NULL, STORE_WRITE, "assay add", &error), &error, ERROR_CONFLICT,
                 "another process writes to this project");
    assert_non_null(strstr(error.message, "assay add"));
    expect_ok(project_open(&second, NULL, STORE_READ, "assay search", &error), &error); /* reading needs no lock */
    project_close(second);
    project_close(project);
    project_close(NULL);
    assert_int_equal(chdir("/"), 0);
    expect_error(project_open(&project, NULL, STORE_READ, "x", &error), &error, ERROR_NOT_FOUND, "is not in a project");
    assert_int_equal(chdir(before), 0);
    /* settings alone make a project; the first writer makes the rest */
    char *bare = path_join(&place.arena, place.folder, "bare");
    expect_ok(folder_create(bare, &error), &error);
    expect_ok(file_replace(path_join(&place.arena, bare, "assay.yaml"), SLICE("retrieve: {k: 3}\n"), &error), &error);
    expect_error(project_open(&project, bare, STORE_READ, "x", &error), &error, ERROR_NOT_FOUND, "has no documents yet");
    expect_ok(project_open(&project, bare, STORE_WRITE, "x", &error), &error);
    assert_int_equal(project->settings.k, 3);
    project_close(project);
    expect_ok(project_open(&project, bare, STORE_READ, "x", &error), &error);
    expect_found(project, "nothing", "/0");
    project_close(project);
    expect_ok(file_replace(path_join(&place.arena, bare, "assay.yaml"), SLICE("k: 3\n"), &error), &error);
    expect_error(project_open(&project, bare, STORE_READ, "x", &error), &error, ERROR_INVALID, "assay.yaml:1: unrecognized");
    place_remove(&place);
}

/* ---- the index follows the catalog ---- */

static void refresh_steps(void **state)
{
    (void)state;
    struct place place = place_create();
    struct project *writer = open_project(&place, STORE_WRITE), *reader = open_project(&place, STORE_READ);
    expect_found(reader, "red", "/0");
    put(writer, "a", "red green");
    expect_found(reader, "red", "1 /2"); /* committed is found, sealed or not */
    assert_int_equal(project_unsealed(reader), 2);
    seal(writer);
    assert_int_equal(index_files(&place), 1);
    expect_found(reader, "red", "1 /2");
    assert_int_equal(project_unsealed(reader), 0);
    put(writer, "b", "red red");
    expect_found(reader, "red", "1 3 4 /4");
    put(writer, "a", "blue red");
    expect_found(reader, "red", "3 4 6 /4");
    expect_found(writer, "red", "3 4 6 /4");
    take_away(writer, "b");
    expect_found(reader, "red", "6 /2");
    seal(writer);
    expect_found(reader, "red", "6 /2");
    expect_found(writer, "blue", "5 /2");
    take_away(writer, "a");
    seal(writer);
    assert_int_equal(index_files(&place), 0);
    expect_found(reader, "red", "/0");
    put(writer, "c", "red");
    seal(writer);
    expect_found(reader, "red", "7 /1");
    struct doctor_report report = examine(writer, false);
    assert_true(report.problems == 0 && report.segments == 1 && report.unsealed == 0 && report.counts.passages == 1);
    project_close(reader);
    project_close(writer);
    place_remove(&place);
}

/* A reader that holds passages in memory must notice when they go away before any file was written for them. */
static void gone_before_sealed(void **state)
{
    (void)state;
    struct place place = place_create();
    struct project *writer = open_project(&place, STORE_WRITE), *reader = open_project(&place, STORE_READ);
    put(writer, "a", "red green red green red green");
    seal(writer);
    put(writer, "b", "red");
    expect_found(reader, "red", "1 3 5 7 /7");
    expect_found(writer, "red", "1 3 5 7 /7");
    take_away(writer, "b");
    seal(writer);
    expect_found(reader, "red", "1 3 5 /6");
    put(writer, "c", "red");
    seal(writer); /* the new file takes the range of what is gone along, and with it the deletions */
    expect_found(reader, "red", "1 3 5 8 /7");
    assert_true(file_exists(index_file(&place, "0000000007-0000000008")));
    assert_int_equal(sql_number(&place, "SELECT count(*) FROM deletions"), 0);
    project_close(reader);
    project_close(writer);
    place_remove(&place);
}

/* Many small additions: the files double in size, so there are few, and every passage stays findable. */
static void seal_merges(void **state)
{
    (void)state;
    struct place place = place_create();
    struct project *project = open_project(&place, STORE_WRITE);
    struct buffer wanted;
    buffer_init(&wanted, MIB);
    size_t live = 0;
    for (size_t i = 1; i <= 120; i++) {
        char path[16];
        snprintf(path, sizeof(path), "%zu", i);
        put(project, path, i % 7 == 0 ? "red green blue" : "red green");
        live += i % 7 == 0 ? 3 : 2;
        seal(project);
        double most = log2((double)live) + 2;
        if ((double)index_files(&place) > most)
            fail_msg("%zu files for %zu passages", index_files(&place), live);
    }
    int64_t number = 1;
    for (size_t i = 1; i <= 120; i++) {
        buffer_format(&wanted, "%lld ", (long long)number);
        number += i % 7 == 0 ? 3 : 2;
    }
    buffer_format(&wanted, "/%zu", live);
    expect_found(project, "red", buffer_text(&wanted));
    buffer_clear(&wanted);
    number = 1;
    for (size_t i = 1; i <= 120; i++) {
        char path[16];
        snprintf(path, sizeof(path), "%zu", i);
        bool is_kept = i % 10 == 0;
        if (is_kept)
            buffer_format(&wanted, "%lld ", (long long)number);
        else
            take_away(project, path);
        live -= is_kept ? 0 : i % 7 == 0 ? 3 : 2;
        number += i % 7 == 0 ? 3 : 2;
        if (i % 20 == 0)
            seal(project);
    }
    buffer_format(&wanted, "/%zu", live);
    expect_found(project, "red", buffer_text(&wanted));
    seal(project);
    expect_found(project, "red", buffer_text(&wanted));
    assert_int_equal(examine(project, false).problems, 0);
    buffer_release(&wanted);
    project_close(project);
    place_remove(&place);
}

/* ---- damage to derived files ---- */

enum harm { MISSING, EMPTY, TRUNCATED, FLIPPED, FOREIGN, SWAPPED, HARM_COUNT };

/* Does harm to the file of passages 1 … 12; the other file has 13 … 14. */
static void do_harm(struct place *place, enum harm harm)
{
    struct error error = {0};
    char *large = index_file(place, "0000000001-"), *small = index_file(place, "0000000013-");
    struct buffer content, other;
    buffer_init(&content, MIB);
    buffer_init(&other, MIB);
    expect_ok(file_read(large, MIB, &content, &error), &error);
    expect_ok(file_read(small, MIB, &other, &error), &error);
    if (harm == EMPTY)
        buffer_clear(&content);
    else if (harm == TRUNCATED)
        content.size /= 2;
    else if (harm == FLIPPED)
        content.data[content.size / 2] ^= 1;
    if (harm == MISSING)
        expect_ok(file_remove(large, &error), &error);
    else
        expect_ok(file_replace(large, buffer_slice(harm >= FOREIGN ? &other : &content), &error), &error);
    if (harm == SWAPPED)
        expect_ok(file_replace(small, buffer_slice(&content), &error), &error);
    buffer_release(&content);
    buffer_release(&other);
}

static void damaged_files(void **state)
{
    (void)state;
    for (enum harm harm = MISSING; harm < HARM_COUNT; harm++) {
        struct place place = place_create();
        struct project *project = open_project(&place, STORE_WRITE);
        put(project, "a", "red green red green red green red green red green red green");
        seal(project);
        put(project, "b", "red blue");
        seal(project);
        assert_int_equal(index_files(&place), 2);
        project_close(project);
        do_harm(&place, harm);
        project = open_project(&place, STORE_READ); /* a reader answers all the same, and repairs nothing */
        expect_found(project, "red", "1 3 5 7 9 11 13 /14");
        expect_found(project, "blue", "14 /14");
        assert_int_equal(project->rebuilt, harm == SWAPPED ? 2 : 1);
        assert_true(project->rebuilt_why.message[0] != '\0');
        struct doctor_report report = examine(project, false);
        assert_true(report.problems == project->rebuilt && report.repaired == 0);
        project_close(project);
        project = open_project(&place, STORE_WRITE);
        report = examine(project, true);
        assert_true(report.problems > 0 && report.repaired == report.problems);
        report = examine(project, false);
        assert_true(report.problems == 0 && report.segments == 1 && report.unsealed == 0);
        expect_found(project, "red", "1 3 5 7 9 11 13 /14");
        assert_int_equal(project->rebuilt, 0);
        project_close(project);
        place_remove(&place);
    }
}

/* One who reads writes damaged files anew, once, where nobody else writes, and answers all the same where somebody does. */
static void reading_mends(void **state)
{
    (void)state;
    for (enum harm harm = MISSING; harm < HARM_COUNT; harm++) {
        struct place place = place_create();
        struct project *writer = open_project(&place, STORE_WRITE);
        put(writer, "a", "red green red green red green red green red green red green");
        seal(writer);
        put(writer, "b", "red blue");
        seal(writer);
        do_harm(&place, harm);
        struct project *refused = open_project(&place, STORE_READ);
        refused->mends = true;
        expect_found(refused, "red", "1 3 5 7 9 11 13 /14");
        assert_int_equal(refused->rebuilt, harm == SWAPPED ? 2 : 1);
        project_close(writer);
        struct project *project = open_project(&place, STORE_READ);
        project->mends = true;
        expect_found(project, "red", "1 3 5 7 9 11 13 /14");
        expect_found(project, "blue", "14 /14");
        assert_true(project->rebuilt == 0 && !project->mends);
        assert_int_equal(examine(project, false).problems, 0);
        expect_found(refused, "red", "1 3 5 7 9 11 13 /14"); /* the files are others now */
        assert_int_equal(refused->rebuilt, 0);
        project_close(project);
        project_close(refused);
        place_remove(&place);
    }
}

/* Damage heals with the next sealing, without a doctor. */
static void sealing_heals(void **state)
{
    (void)state;
    struct place place = place_create();
    struct project *project = open_project(&place, STORE_WRITE);
    put(project, "a", "red green red green red green red green red green red green");
    seal(project);
    put(project, "b", "red blue");
    seal(project);
    project_close(project);
    do_harm(&place, TRUNCATED);
    project = open_project(&place, STORE_WRITE);
    put(project, "c", "red");
    seal(project);
    expect_found(project, "red", "1 3 5 7 9 11 13 15 /15");
    assert_int_equal(project->rebuilt, 0);
    assert_int_equal(examine(project, false).problems, 0);
    project_close(project);
    place_remove(&place);
}

static void leftovers(void **state)
{
    (void)state;
    struct error error = {0};
    struct place place = place_create();
    struct project *project = open_project(&place, STORE_WRITE);
    put(project, "a", "red");
    seal(project);
    project_close(project);
    char *left = path_join(&place.arena, place.folder, ".assay/index/0000000009-0000000010.3.seg");
    expect_ok(file_replace(left, SLICE("left by a kill"), &error), &error);
    expect_ok(file_replace(path_join(&place.arena, place.folder, ".assay/index/x.seg.new-17"), SLICE("x"), &error), &error);
    project = open_project(&place, STORE_READ);
    struct doctor_report report;
    size_t notes = 0;
    expect_ok(project_examine(project, false, ignore_problem, &notes, &report, &error), &error);
    assert_true(report.problems == 0 && notes == 2);
    assert_int_equal(index_files(&place), 3);
    project_close(project);
    project = open_project(&place, STORE_WRITE);
    assert_int_equal(index_files(&place), 1);
    expect_found(project, "red", "1 /1");
    project_close(project);
    place_remove(&place);
}

/* What the doctor must see in the catalog. */
/* What stays in the catalog stays open when other files come and go. */
static void files_stay_open(void **state)
{
    (void)state;
    struct place place = place_create();
    struct project *writer = open_project(&place, STORE_WRITE), *reader = open_project(&place, STORE_READ);
    struct error error = {0};
    for (size_t i = 0; i < 20; i++) {
        char path[8];
        snprintf(path, sizeof(path), "d%zu", i);
        put(writer, path, "red green");
    }
    seal(writer);
    expect_ok(project_refresh(reader, &error), &error);
    project_release(reader);
    const struct segment *first = index_segment(reader->index, 0);
    put(writer, "e", "red blue");
    seal(writer);
    struct project *const projects[] = {writer, reader};
    for (size_t i = 0; i < ARRAY_COUNT(projects); i++) {
        expect_ok(project_refresh(projects[i], &error), &error);
        project_release(projects[i]);
        assert_int_equal(index_segment_count(projects[i]->index), 2);
        assert_int_equal(index_passage_count(projects[i]->index), 42);
    }
    assert_ptr_equal(index_segment(reader->index, 0), first);
    project_close(writer);
    project_close(reader);
    place_remove(&place);
}

static void damaged_catalog(void **state)
{
    (void)state;
    struct place place = place_create();
    struct project *project = open_project(&place, STORE_WRITE);
    put(project, "a", "red green");
    seal(project);
    project_close(project);
    (void)sql_number(&place, "UPDATE contents SET bytes = CAST('red grean' AS BLOB)");
    project = open_project(&place, STORE_READ);
    assert_int_equal(examine(project, false).problems, 2); /* the content's hash, and the table's sum */
    project_close(project);
    (void)sql_number(&place, "UPDATE contents SET bytes = CAST('red green' AS BLOB)");
    (void)sql_number(&place, "UPDATE segments SET passages = 3");
    project = open_project(&place, STORE_WRITE);
    expect_found(project, "red", "1 /2");
    assert_int_equal(examine(project, true).repaired, 2); /* the file, and the table that names it */
    assert_int_equal(examine(project, false).problems, 0);
    project_close(project);
    place_remove(&place);
}

/* ---- texts of the index ---- */

static void index_texts(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"T", "", "x", "T\n\nx"},
        {"T", "T", "x", "T\nx"},
        {"T",
         "T\x1f"
         "B",
         "x", "T\nB\nx"},
        {"T",
         "A\x1f"
         "B",
         "x", "T\nA\nB\nx"},
        {"", "", "x", "\nx"},
    };
    struct buffer out;
    buffer_init(&out, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        buffer_clear(&out);
        passage_index_text(&out, slice_from(cases[i][0]), slice_from(cases[i][1]), slice_from(cases[i][2]));
        compare_text("index text", buffer_slice(&out), cases[i][3]);
    }
    buffer_release(&out);
}

/* ---- against a model ---- */

enum { PATHS = 9, WORDS = 7, STEPS = 300, WORDS_MAX = 8 };

static const char *const vocabulary[WORDS] = {"red", "green", "blue", "cyan", "pink", "grey", "teal"};

struct model {
    size_t words[PATHS][WORDS_MAX];
    size_t counts[PATHS];
    int64_t first[PATHS];
    int64_t last;
};

static void compare_model(struct project *project, const struct model *model)
{
    struct buffer wanted;
    buffer_init(&wanted, MIB);
    size_t live = 0;
    for (size_t path = 0; path < PATHS; path++)
        live += model->counts[path];
    for (size_t word = 0; word < WORDS; word++) {
        int64_t numbers[PATHS * WORDS_MAX];
        size_t count = 0;
        for (size_t path = 0; path < PATHS; path++)
            for (size_t i = 0; i < model->counts[path]; i++)
                if (model->words[path][i] == word)
                    numbers[count++] = model->first[path] + (int64_t)i;
        qsort(numbers, count, sizeof(*numbers), compare_numbers);
        buffer_clear(&wanted);
        for (size_t i = 0; i < count; i++)
            buffer_format(&wanted, "%lld ", (long long)numbers[i]);
        buffer_format(&wanted, "/%zu", live);
        expect_found(project, vocabulary[word], buffer_text(&wanted));
    }
    buffer_release(&wanted);
}

static void change(struct project *project, struct model *model, struct random *random)
{
    size_t path = (size_t)random_below(random, PATHS);
    char name[8], words[WORDS_MAX * 8] = "";
    snprintf(name, sizeof(name), "p%zu", path);
    if (random_below(random, 3) == 0) {
        if (model->counts[path] > 0)
            take_away(project, name);
        model->counts[path] = 0;
        return;
    }
    size_t count = 1 + (size_t)random_below(random, WORDS_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t word = (size_t)random_below(random, WORDS);
        model->words[path][i] = word;
        snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s", i ? " " : "", vocabulary[word]);
    }
    put(project, name, words);
    model->counts[path] = count;
    model->first[path] = model->last + 1;
    model->last += (int64_t)count;
}

static void random_steps(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    printf("random steps: seed %llu\n", (unsigned long long)seed);
    struct place place = place_create();
    struct project *writer = open_project(&place, STORE_WRITE);
    struct project *readers[2] = {open_project(&place, STORE_READ), open_project(&place, STORE_READ)};
    struct model model = {0};
    for (size_t i = 0; i < STEPS; i++) {
        uint64_t kind = random_below(&random, 10);
        if (kind < 6) {
            change(writer, &model, &random);
        } else if (kind < 8) {
            seal(writer);
        } else if (kind < 9) {
            uint64_t who = random_below(&random, 3);
            compare_model(who < 2 ? readers[who] : writer, &model);
        } else if (random_below(&random, 4) == 0) {
            project_close(writer);
            writer = open_project(&place, STORE_WRITE);
        }
    }
    compare_model(writer, &model);
    compare_model(readers[0], &model);
    compare_model(readers[1], &model);
    assert_int_equal(examine(writer, true).problems, 0);
    compare_model(readers[1], &model);
    for (size_t i = 0; i < 2; i++)
        project_close(readers[i]);
    project_close(writer);
    place_remove(&place);
}

/* Parts as letters say: 1 a small file, 2 one twice as large, 9 one that leaves no room for another in one file, m what is in memory only. */
static void merges_fit_into_one_file(void **state)
{
    static const struct {
        const char *parts;
        size_t live_percent, start;
    } cases[] = {{"91m", 100, 1},  {"9m", 100, 1}, {"99m", 100, 2}, {"21m", 100, 0}, {"211", 100, 0}, {"92", 100, 2},
                 {"9211", 100, 1}, {"99", 10, 0},  {"99", 70, 2},   {"2111", 10, 0}, {"mm", 100, 0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct index_part parts[8];
        size_t count = strlen(cases[i].parts), written = 0;
        char name[] = "file";
        for (size_t j = 0; j < count; j++) {
            char letter = cases[i].parts[j];
            size_t size = letter == 'm' ? 1 : (size_t)(letter - '0');
            parts[j] = (struct index_part){.passages = 1000 * (size > 2 ? 3 : size),
                                           .file = letter == 'm' ? NULL : name,
                                           .bytes = letter == '9' ? PARTS_MERGED_BYTES_MAX - 10 : 100 * size};
            written += parts[j].passages;
        }
        size_t start = parts_merge_start(parts, count, written * cases[i].live_percent / 100);
        if (start != cases[i].start)
            fail_msg("\"%s\", %zu %% live: merged from %zu on, expected %zu", cases[i].parts, cases[i].live_percent, start,
                     cases[i].start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_values), cmocka_unit_test(settings_refused),   cmocka_unit_test(create_and_open),
        cmocka_unit_test(refresh_steps),   cmocka_unit_test(gone_before_sealed), cmocka_unit_test(seal_merges),
        cmocka_unit_test(damaged_files),   cmocka_unit_test(reading_mends),      cmocka_unit_test(sealing_heals),
        cmocka_unit_test(leftovers),       cmocka_unit_test(damaged_catalog),    cmocka_unit_test(files_stay_open),
        cmocka_unit_test(index_texts),     cmocka_unit_test(random_steps),       cmocka_unit_test(merges_fit_into_one_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
