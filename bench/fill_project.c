/* fill_project.c - a project with many passages, from a seed: words as often as in real text, vectors in clusters. For bench_search.py.
 *
 *   fill_project FOLDER PASSAGES MODEL_FOLDER
 *
 * Embedding a million passages takes hours; here vectors are drawn and stored as if that model had made them, so that searches with it
 * run as they would. A project that holds some gets more. Prints figures as one JSON line. Built by bench_search.py. */
#include "embed/fingerprint.h"
#include "project/project.h"
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 200000, PASSAGE_WORDS = 45, DOCUMENT_PASSAGES = 50, DIMENSIONS = 384, CLUSTERS = 2000, BATCH = 20000 };

static void stop(const struct error *error)
{
    fprintf(stderr, "fill_project: %s\n", error->message);
    exit(1);
}

/* A word by its rank: short for frequent ones, letters only. */
static void append_word(struct buffer *out, uint64_t rank)
{
    static const char syllables[20][3] = {"ba", "do", "ri", "se", "lu", "ka", "me", "no", "ti", "pa",
                                          "go", "vi", "fe", "ru", "za", "he", "mo", "ni", "ta", "wo"};
    do {
        buffer_append_text(out, syllables[rank % 20]);
        rank /= 20;
    } while (rank > 0);
}

static void append_text(struct buffer *out, struct random *random)
{
    for (size_t i = 0; i < PASSAGE_WORDS; i++) {
        buffer_append_text(out, i > 0 ? " " : "");
        append_word(out, (uint64_t)exp(random_unit(random) * log(WORDS)) - 1); /* Zipf's law, near enough */
    }
}

static float normal(struct random *random)
{
    double sum = 0;
    for (size_t i = 0; i < 4; i++)
        sum += random_unit(random) - 0.5;
    return (float)sum;
}

/* Around a centre that its number gives. */
static void draw_vector(float *vector, struct random *random)
{
    struct random centre;
    double length = 0;
    random_init(&centre, 1000 + random_below(random, CLUSTERS));
    for (size_t i = 0; i < DIMENSIONS; i++) {
        vector[i] = normal(&centre) + 0.7F * normal(random);
        length += (double)vector[i] * (double)vector[i];
    }
    for (size_t i = 0; i < DIMENSIONS; i++)
        vector[i] = (float)((double)vector[i] / sqrt(length));
}

static void put_document(struct store *store, uint64_t number, struct random *random, struct buffer *text, struct error *error)
{
    static const struct slice label = SLICE_CONSTANT("public");
    struct store_passage passages[DOCUMENT_PASSAGES];
    size_t ends[DOCUMENT_PASSAGES];
    char path[64];
    buffer_clear(text);
    for (size_t i = 0; i < DOCUMENT_PASSAGES; i++) {
        append_text(text, random);
        ends[i] = text->size;
    }
    for (size_t i = 0; i < DOCUMENT_PASSAGES; i++) {
        size_t start = i > 0 ? ends[i - 1] : 0;
        passages[i] = (struct store_passage){.text = {text->data + start, ends[i] - start},
                                             .headings = SLICE(""),
                                             .start = (int64_t)start,
                                             .end = (int64_t)ends[i],
                                             .line = 1,
                                             .line_end = 1};
    }
    snprintf(path, sizeof(path), "made/%08llu.txt", (unsigned long long)number);
    struct store_document document = {.path = slice_from(path),
                                      .title = SLICE(""),
                                      .format = SLICE("text"),
                                      .language = SLICE("und"),
                                      .size = (int64_t)text->size};
    crypto_hash_sha256(document.hash, (const unsigned char *)text->data, text->size);
    if (!store_put_document(store, &document, buffer_slice(text), passages, DOCUMENT_PASSAGES, &label, 1, error))
        stop(error);
}

static void put_vectors(struct store *store, int64_t first, size_t count, struct random *random, struct error *error)
{
    float vector[DIMENSIONS];
    unsigned char digest[STORE_DIGEST_BYTES] = {0}, *code = memory_alloc(1, vector_code_bytes(DIMENSIONS));
    for (size_t i = 0; i < count; i++) {
        int64_t passage = first + (int64_t)i;
        memcpy(digest, &passage, sizeof(passage));
        draw_vector(vector, random);
        vector_encode(code, vector, DIMENSIONS);
        if (!store_put_vector(store, passage, digest, (struct slice){(const char *)code, vector_code_bytes(DIMENSIONS)}, error))
            stop(error);
    }
    free(code);
}

static void adopt_model(struct store *store, const char *folder, struct error *error)
{
    struct store_embedding embedding = {.model = path_name(folder), .dimensions = DIMENSIONS};
    unsigned char stamp[STORE_HASH_BYTES];
    if (!model_stamp(folder, /* adapter= */ NULL, stamp, error) ||
        !model_fingerprint(folder, /* adapter= */ NULL, embedding.fingerprint, error))
        stop(error);
    embedding.stamp = (struct slice){(const char *)stamp, sizeof(stamp)};
    if (!store_set_embedding(store, &embedding, error))
        stop(error);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct project *project;
    struct buffer text;
    struct random random;
    uint64_t passages;
    if (argc < 4 || !slice_to_u64(slice_from(argv[2]), &passages)) {
        fprintf(stderr, "fill_project FOLDER PASSAGES MODEL_FOLDER\n");
        return 2;
    }
    (void)!nice(10); /* as `assay add` */
    if (!project_open(&project, argv[1], STORE_WRITE, "fill_project", &error))
        stop(&error);
    struct store_counts counts;
    if (!store_count(project->store, &counts, &error))
        stop(&error);
    buffer_init(&text, MIB);
    random_init(&random, 20 + (uint64_t)counts.passage_last);
    uint64_t start = clock_now_ns(), number = (uint64_t)counts.documents;
    for (uint64_t done = 0; done < passages; done += BATCH) {
        int64_t first = counts.passage_last + 1 + (int64_t)done;
        if (!store_begin(project->store, STORE_WRITE, &error))
            stop(&error);
        if (done == 0)
            adopt_model(project->store, argv[3], &error);
        for (size_t i = 0; i < BATCH / DOCUMENT_PASSAGES; i++)
            put_document(project->store, ++number, &random, &text, &error);
        put_vectors(project->store, first, BATCH, &random, &error);
        if (!store_commit(project->store, &error))
            stop(&error);
    }
    double stored = clock_ms_since(start) / 1000;
    start = clock_now_ns();
    if (!project_seal(project, &error))
        stop(&error);
    printf("{\"passages\": %llu, \"store_seconds\": %.1f, \"seal_seconds\": %.1f}\n", (unsigned long long)passages, stored,
           clock_ms_since(start) / 1000);
    buffer_release(&text);
    project_close(project);
    return 0;
}
