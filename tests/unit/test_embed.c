/* test_embed.c - passages get their vectors once, whatever stops the work in between; another model makes them anew. With a tiny model. */
#include "compare.h"
#include "embed/embed.h"
#include "embed/fingerprint.h"
#include "embed/kept_vectors.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODELS SOURCE_ROOT "/tests/data/models/"

struct place {
    char *folder;
    struct project *project;
    struct embedder *embedder;
    struct arena arena;
};

static void place_open(struct place *place, const char *model)
{
    struct error error = {0};
    expect_ok(project_open(&place->project, place->folder, STORE_WRITE, "test", &error), &error);
    place->project->settings.embedding = model;
    place->embedder = embedder_create(place->project);
}

static void place_close(struct place *place)
{
    embedder_free(place->embedder);
    project_close(place->project);
}

static struct place place_create(const char *model)
{
    struct error error = {0};
    struct place place = {.folder = test_folder_create()};
    expect_ok(project_create(place.folder, &error), &error);
    arena_init(&place.arena);
    place_open(&place, model);
    return place;
}

static void place_remove(struct place *place)
{
    place_close(place);
    arena_release(&place->arena);
    test_folder_remove(place->folder);
}

/* A document of which each line is a passage. */
static void put(struct place *place, const char *path, const char *lines)
{
    struct error error = {0};
    struct store_passage passages[1000] = {0};
    struct slice rest = slice_from(lines), line;
    size_t count = 0;
    while (slice_next(&rest, '\n', &line))
        passages[count++] = (struct store_passage){
            .text = line, .headings = SLICE(""), .end = (int64_t)line.size, .line = 1, .line_end = 1};
    struct store_document document = {.path = slice_from(path),
                                      .title = SLICE(""),
                                      .format = SLICE("text"),
                                      .language = SLICE("und"),
                                      .size = (int64_t)strlen(lines)};
    crypto_hash_sha256(document.hash, (const unsigned char *)lines, strlen(lines));
    expect_ok(store_begin(place->project->store, STORE_WRITE, &error), &error);
    expect_ok(store_put_document(place->project->store, &document, slice_from(lines), passages, count, NULL, 0, &error),
              &error);
    expect_ok(store_commit(place->project->store, &error), &error);
}

static void expect_embedded(struct place *place, size_t embedded, size_t dropped)
{
    struct error error = {0};
    struct embed_report report;
    expect_ok(embed_passages(place->embedder, &(struct embed_progress){0}, &report, &error), &error);
    if (report.embedded != embedded || report.dropped != dropped)
        fail_msg("%zu embedded and %zu dropped, expected %zu and %zu", report.embedded, report.dropped, embedded, dropped);
}

static struct store_vector_counts counts_of(struct place *place)
{
    struct error error = {0};
    struct store_vector_counts counts;
    expect_ok(store_count_vectors(place->project->store, &counts, &error), &error);
    return counts;
}

static void once_each(void **state)
{
    (void)state;
    struct place place = place_create(MODELS "mpnet-mean");
    expect_embedded(&place, 0, 0); /* an empty project */
    put(&place, "a.md", "what is an index\nthe index answers a question\n\nthe encoder reads all tokens");
    expect_embedded(&place, 4, 0);
    expect_embedded(&place, 0, 0);
    put(&place, "b.md", "a document and its passages");
    expect_embedded(&place, 1, 0);
    /* a changed document: what says the same keeps its vector */
    put(&place, "a.md", "what is an index\nthe index answers another question\nthe encoder reads all tokens");
    assert_int_equal(counts_of(&place).vectors, 1);
    assert_true(counts_of(&place).has_spares);
    expect_embedded(&place, 1, 0);
    struct store_vector_counts counts = counts_of(&place);
    assert_true(counts.vectors == 4 && counts.missing == 0 && !counts.has_spares && counts.sealed == counts.last);
    place_remove(&place);
}

static bool stop_at_once(void *context, const char *stage, size_t done, size_t total)
{
    size_t *calls = context;
    assert_string_equal(stage, "embedding");
    assert_true(done <= total);
    return ++*calls < 2;
}

static void goes_on(void **state)
{
    (void)state;
    struct place place = place_create(MODELS "mpnet-mean");
    struct buffer lines;
    buffer_init(&lines, MIB);
    for (size_t i = 0; i < 700; i++)
        buffer_format(&lines, "passage number %zu\n", i);
    put(&place, "a.md", buffer_text(&lines));
    struct error error = {0};
    struct embed_report report;
    size_t calls = 0;
    const struct embed_progress progress = {.step = stop_at_once, .context = &calls};
    expect_error(embed_passages(place.embedder, &progress, &report, &error), &error, ERROR_CANCELLED, "of 700");
    assert_true(report.embedded > 0 && report.embedded < 700);
    size_t before = report.embedded;
    assert_int_equal(counts_of(&place).vectors, before);
    place_close(&place);
    place_open(&place, MODELS "mpnet-mean");
    expect_embedded(&place, 700 - before, 0);
    assert_int_equal(counts_of(&place).vectors, 700);
    buffer_release(&lines);
    place_remove(&place);
}

/* The vector that the question is nearest to is that of the same text. */
static void expect_nearest(struct place *place, const char *question, int64_t passage)
{
    struct error error = {0};
    struct index_hit hit;
    size_t count = 0;
    const float *vector;
    expect_ok(project_refresh(place->project, &error), &error);
    expect_ok(project_refresh_vectors(place->project, &error), &error);
    expect_ok(embed_ready(place->embedder, &error), &error);
    expect_ok(embed_question(place->embedder, slice_from(question), &vector, &error), &error);
    expect_ok(
        vector_search(place->project->vectors.index, &(struct vector_query){.vector = vector, .k = 1}, &hit, &count, &error),
        &error);
    if (count != 1 || (int64_t)hit.passage != passage || hit.score < 0.99F)
        fail_msg("%zu found, passage %llu with %g, expected %lld with 1", count, (unsigned long long)hit.passage,
                 (double)hit.score, (long long)passage);
    project_release(place->project);
}

static void another_model(void **state)
{
    (void)state;
    struct error error = {0};
    struct place place = place_create(MODELS "mpnet-mean");
    put(&place, "a.md", "what is an index\nthe encoder reads all tokens\nfrom the passages of a document");
    expect_embedded(&place, 3, 0);
    expect_nearest(&place, "the encoder reads all tokens", 2);
    place_close(&place);
    place_open(&place, MODELS "roberta-mean");
    expect_ok(project_refresh(place.project, &error), &error);
    expect_ok(project_refresh_vectors(place.project, &error), &error);
    expect_error(embed_ready(place.embedder, &error), &error, ERROR_CONFLICT, "roberta-mean");
    project_release(place.project);
    expect_embedded(&place, 3, 3);
    expect_embedded(&place, 0, 0);
    expect_nearest(&place, "the encoder reads all tokens", 2);
    place_close(&place);
    place_open(&place, MODELS "bert-ranker");
    struct embed_report report;
    expect_error(embed_passages(place.embedder, &(struct embed_progress){0}, &report, &error), &error, ERROR_INVALID,
                 "bert-ranker");
    place_close(&place);
    place_open(&place, "none");
    put(&place, "b.md", "one more");
    expect_embedded(&place, 0, 0);
    assert_int_equal(counts_of(&place).vectors, 3); /* nothing is lost by switching it off */
    place_close(&place);
    place_open(&place, MODELS "not-there");
    expect_error(embed_passages(place.embedder, &(struct embed_progress){0}, &report, &error), &error, ERROR_NOT_FOUND,
                 "not-there");
    place_remove(&place);
}

/* Texts that were embedded before and new ones, in any order and twice: each has the vector that the model makes of it alone. */
static void again(void **state)
{
    (void)state;
    struct error error = {0};
    struct place place = place_create(MODELS "mpnet-mean");
    static const char *const rounds[][4] = {{"what is an index", "the encoder reads all tokens", "a document", "a document"},
                                            {"passages", "a document", "the index answers", "what is an index"},
                                            {"what is an index", "a document", "passages", "the index answers"}};
    const struct passage_model model = embedder_for_passages(place.embedder);
    for (size_t i = 0; i < ARRAY_COUNT(rounds); i++) {
        struct slice texts[ARRAY_COUNT(rounds[0])];
        float *wanted, *found;
        size_t wide, dimensions;
        for (size_t j = 0; j < ARRAY_COUNT(texts); j++)
            texts[j] = slice_from(rounds[i][j]);
        expect_ok(embed_again(place.embedder, SLICE("ann"), texts, ARRAY_COUNT(texts), &found, &dimensions, &error), &error);
        for (size_t j = 0; j < ARRAY_COUNT(texts); j++) {
            expect_ok(model.embed(model.context, &texts[j], 1, &wanted, &wide, &error), &error);
            assert_int_equal(wide, dimensions);
            for (size_t k = 0; k < wide; k++)
                if (wanted[k] != found[j * wide + k])
                    fail_msg("round %zu, text %zu, number %zu: %g, expected %g", i, j, k, (double)found[j * wide + k],
                             (double)wanted[k]);
            free(wanted);
        }
        free(found);
    }
    place_remove(&place);
}

static void keep(struct kept_vectors *kept, const char *whose, size_t number)
{
    const float vector[2] = {(float)number, -(float)number};
    char text[32];
    snprintf(text, sizeof(text), "text %zu", number);
    kept_vectors_put(kept, slice_from(whose), slice_from(text), vector);
}

static size_t kept_of(const struct kept_vectors *kept, const char *whose, size_t from, size_t to)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        char text[32];
        snprintf(text, sizeof(text), "text %zu", i);
        const float *vector = kept_vectors_find(kept, slice_from(whose), slice_from(text));
        count += vector != NULL;
        if (vector != NULL && (vector[0] != (float)i || vector[1] != -(float)i))
            fail_msg("of text %zu: %g and %g", i, (double)vector[0], (double)vector[1]);
    }
    return count;
}

/* What one has asked about helps nobody else; the newest stay, and what is kept has an end. */
static void kept_apart(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    struct kept_vectors *kept = kept_vectors_create(2);
    for (size_t i = 0; i < 100; i++)
        keep(kept, "ann", i);
    assert_int_equal(kept_of(kept, "ann", 0, 100), 100);
    assert_int_equal(kept_of(kept, "bob", 0, 100), 0);
    assert_int_equal(kept_of(kept, "", 0, 100), 0);
    for (size_t i = 0; i < MANY; i++)
        keep(kept, "bob", i);
    assert_int_equal(kept_of(kept, "ann", 0, 100), 0);
    assert_int_equal(kept_of(kept, "bob", MANY - 1000, MANY), 1000);
    size_t all = kept_of(kept, "bob", 0, MANY);
    if (all < 8000 || all > 8192)
        fail_msg("%zu are kept", all);
    kept_vectors_free(kept);
    kept_vectors_free(NULL);
}

static void fingerprints(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    unsigned char one[STORE_HASH_BYTES], two[STORE_HASH_BYTES];
    char *folder = test_folder_create();
    arena_init(&arena);
    const char *config = path_join(&arena, folder, "config.json"), *readme = path_join(&arena, folder, "README.md");
    expect_ok(file_replace(config, SLICE("{}"), &error), &error);
    expect_ok(model_fingerprint(folder, NULL, one, &error), &error);
    expect_ok(file_replace(readme, SLICE("words"), &error), &error);
    expect_ok(model_fingerprint(folder, NULL, two, &error), &error);
    assert_memory_equal(one, two, sizeof(one)); /* a readme says nothing about vectors */
    expect_ok(file_replace(config, SLICE("{ }"), &error), &error);
    expect_ok(model_fingerprint(folder, NULL, two, &error), &error);
    assert_memory_not_equal(one, two, sizeof(one));
    expect_ok(folder_create(path_join(&arena, folder, "1_Pooling"), &error), &error);
    expect_ok(file_replace(path_join(&arena, folder, "1_Pooling/config.json"), SLICE("{}"), &error), &error);
    expect_ok(model_fingerprint(folder, NULL, one, &error), &error);
    assert_memory_not_equal(one, two, sizeof(one));
    expect_error(model_fingerprint("/nowhere/at/all", NULL, one, &error), &error, ERROR_NOT_FOUND, "/nowhere/at/all");
    arena_release(&arena);
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(once_each),     cmocka_unit_test(goes_on),
                                       cmocka_unit_test(another_model), cmocka_unit_test(fingerprints),
                                       cmocka_unit_test(again),         cmocka_unit_test(kept_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
