/* test_project_vectors.c - the vectors of a project, kept in step by a writer and a reader while passages come and go, files are sealed
 * and lost and the model changes, against a plain list of what is live. */
#include "compare.h"
#include "project/parts.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIMENSIONS = 24, DOCUMENTS = 12, PASSAGES_MAX = 4000 };

/* What should be there. */
struct world {
    struct random random;
    char *folder;
    struct project *writer, *reader;
    float vectors[PASSAGES_MAX][DIMENSIONS];
    int document_of[PASSAGES_MAX]; /* by passage; -1: none, or gone */
    bool has_vector[PASSAGES_MAX];
    int64_t last; /* passage */
    unsigned model;
};

static void open_both(struct world *world)
{
    struct error error = {0};
    expect_ok(project_open(&world->writer, world->folder, STORE_WRITE, "a test", &error), &error);
    expect_ok(project_open(&world->reader, world->folder, STORE_READ, "a test", &error), &error);
}

static void close_both(struct world *world)
{
    project_close(world->reader);
    project_close(world->writer);
}

static void put_document(struct world *world, int number)
{
    struct error error = {0};
    char path[16], content[64];
    struct store_passage passages[8] = {0};
    size_t count = (size_t)random_below(&world->random, 8);
    snprintf(path, sizeof(path), "%d.md", number);
    snprintf(content, sizeof(content), "%d %lld and some more", number, (long long)world->last);
    for (size_t i = 0; i < count; i++)
        passages[i] = (struct store_passage){.text = SLICE("word"), .headings = SLICE(""), .end = 4, .line = 1, .line_end = 1};
    struct store_document document = {.path = slice_from(path),
                                      .title = SLICE(""),
                                      .format = SLICE("text"),
                                      .language = SLICE("und"),
                                      .size = (int64_t)strlen(content)};
    crypto_hash_sha256(document.hash, (const unsigned char *)content, strlen(content));
    expect_ok(store_begin(world->writer->store, STORE_WRITE, &error), &error);
    expect_ok(store_put_document(world->writer->store, &document, slice_from(content), passages, count, NULL, 0, &error),
              &error);
    expect_ok(store_commit(world->writer->store, &error), &error);
    for (int64_t i = 1; i <= world->last; i++)
        if (world->document_of[i] == number)
            world->document_of[i] = -1;
    for (size_t i = 0; i < count; i++) {
        world->document_of[++world->last] = number;
        world->has_vector[world->last] = false;
    }
}

static void random_vector(struct random *random, float vector[DIMENSIONS])
{
    float sum = 0;
    for (size_t i = 0; i < DIMENSIONS; i++) {
        vector[i] = (float)random_unit(random) - 0.5F;
        sum += vector[i] * vector[i];
    }
    for (size_t i = 0; i < DIMENSIONS; i++)
        vector[i] /= __builtin_sqrtf(sum);
}

static void set_model(struct world *world)
{
    struct error error = {0};
    struct store_embedding embedding = {.model = SLICE("tiny"), .stamp = SLICE("stamp"), .dimensions = DIMENSIONS};
    memset(embedding.fingerprint, (int)++world->model, sizeof(embedding.fingerprint));
    expect_ok(store_begin(world->writer->store, STORE_WRITE, &error), &error);
    expect_ok(store_drop_vectors(world->writer->store, &error), &error);
    expect_ok(store_set_embedding(world->writer->store, &embedding, &error), &error);
    expect_ok(store_commit(world->writer->store, &error), &error);
    memset(world->has_vector, 0, sizeof(world->has_vector));
}

/* Gives the first `most` passages that have none their vectors, as the second phase of adding does. */
static void embed(struct world *world, size_t most)
{
    struct error error = {0};
    unsigned char code[1024], digest[STORE_DIGEST_BYTES] = {0};
    const struct slice bytes = {(const char *)code, vector_code_bytes(DIMENSIONS)};
    assert_true(bytes.size <= sizeof(code));
    expect_ok(store_begin(world->writer->store, STORE_WRITE, &error), &error);
    for (int64_t i = 1; i <= world->last && most > 0; i++) {
        if (world->document_of[i] < 0 || world->has_vector[i])
            continue;
        random_vector(&world->random, world->vectors[i]);
        vector_encode(code, world->vectors[i], DIMENSIONS);
        digest[0] = (unsigned char)i;
        expect_ok(store_put_vector(world->writer->store, i, digest, bytes, &error), &error);
        world->has_vector[i] = true;
        most--;
    }
    expect_ok(store_commit(world->writer->store, &error), &error);
}

static bool remove_vector_file(void *context, const char *name, struct error *error)
{
    struct world *world = context;
    struct arena arena;
    bool ok = true;
    arena_init(&arena);
    if (slice_ends_with(slice_from(name), SLICE(".vec")) && random_below(&world->random, 2) == 0)
        ok = file_remove(index_path(&arena, world->writer, name), error);
    arena_release(&arena);
    return ok;
}

static void lose_files(struct world *world)
{
    struct error error = {0};
    struct arena arena;
    arena_init(&arena);
    expect_ok(folder_list(state_path(&arena, world->writer, "index"), remove_vector_file, world, &error), &error);
    arena_release(&arena);
}

/* The handle finds exactly the live vectors, the nearest first. */
static void expect_state(struct world *world, struct project *project)
{
    struct error error = {0};
    size_t live = 0, count = 0;
    float question[DIMENSIONS];
    struct index_hit hits[PASSAGES_MAX];
    bool seen[PASSAGES_MAX] = {false};
    for (int64_t i = 1; i <= world->last; i++)
        live += world->document_of[i] >= 0 && world->has_vector[i];
    expect_ok(project_refresh(project, &error), &error);
    expect_ok(project_refresh_vectors(project, &error), &error);
    if (project->vectors.index == NULL || vector_index_count(project->vectors.index) != live)
        fail_msg("seed %llu: %zu vectors, expected %zu", (unsigned long long)test_seed(),
                 project->vectors.index ? vector_index_count(project->vectors.index) : 0, live);
    random_vector(&world->random, question);
    if (live > 0)
        expect_ok(vector_search(project->vectors.index,
                                &(struct vector_query){.vector = question, .k = PASSAGES_MAX, .exact = true}, hits, &count,
                                &error),
                  &error);
    assert_int_equal(count, live);
    for (size_t i = 0; i < count; i++) {
        int64_t passage = (int64_t)hits[i].passage;
        assert_true(passage >= 1 && passage <= world->last && world->document_of[passage] >= 0 && world->has_vector[passage]);
        assert_false(seen[passage]);
        seen[passage] = true;
        float wanted = 0;
        for (size_t j = 0; j < DIMENSIONS; j++)
            wanted += question[j] * world->vectors[passage][j];
        compare_floats("similarity", &hits[i].score, &wanted, 1, (struct tolerance){.absolute = 1e-3}, test_seed());
    }
    project_release(project);
}

static void random_steps(void **state)
{
    (void)state;
    static struct world world;
    struct error error = {0};
    random_init(&world.random, test_seed());
    memset(world.document_of, -1, sizeof(world.document_of));
    world.folder = test_folder_create();
    expect_ok(project_create(world.folder, &error), &error);
    open_both(&world);
    set_model(&world);
    for (int step = 0; step < 600 && world.last < PASSAGES_MAX - 10; step++) {
        uint64_t what = random_below(&world.random, 100);
        if (what < 45)
            put_document(&world, (int)random_below(&world.random, DOCUMENTS));
        else if (what < 65)
            embed(&world, (size_t)random_below(&world.random, 20));
        else if (what < 80)
            expect_ok(project_seal(world.writer, &error), &error);
        else if (what < 84)
            lose_files(&world);
        else if (what < 86)
            set_model(&world);
        else if (what < 90) {
            close_both(&world);
            open_both(&world);
        }
        expect_state(&world, world.writer);
        if (what % 3 == 0)
            expect_state(&world, world.reader);
    }
    close_both(&world);
    test_folder_remove(world.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
