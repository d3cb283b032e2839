/* test_model.c - the encoder through its public header, on the tiny models of tests/data/models: the same bits whatever the batch, the
 * number of threads and whoever else asks at the same time. What the numbers should be is tested against transformers from outside. */
#include "compare.h"
#include "model/batch.h"
#include "model/model.h"
#include "text/text.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS = 120 };

static const char *const names[] = {"bert-mean-old", "modernbert-mean-old", "mpnet-mean", "nomic-old"};

static char *model_folder(struct arena *arena, const char *name)
{
    return arena_format(arena, "%s/tests/data/models/%s", SOURCE_ROOT, name);
}

/* Texts of 0 to 60 words, some the same. */
static void make_texts(struct arena *arena, struct slice *texts, size_t count, struct random *random)
{
    static const char *const words[] = {"the",   "index",  "answers",           "a",    "question", "from", "river",
                                        "house", "winter", "\xC3\xA9t\xC3\xA9", "\xFF", ","};
    for (size_t i = 0; i < count; i++) {
        struct buffer text;
        buffer_init(&text, KIB);
        for (uint64_t left = random_below(random, 61); left > 0; left--) {
            buffer_append_text(&text, words[random_below(random, ARRAY_COUNT(words))]);
            buffer_append_byte(&text, ' ');
        }
        texts[i] = arena_slice(arena, buffer_slice(&text));
        buffer_release(&text);
    }
}

static struct model *open_model(const char *folder, enum model_precision precision, struct pool *pool)
{
    struct model *model = NULL;
    struct error error = {0};
    if (!model_open(&model, folder, &(struct model_options){.precision = precision, .pool = pool}, &error))
        fail_msg("%s: %s", folder, error.message);
    return model;
}

static void embed(struct model *model, const struct slice *texts, size_t count, float *out)
{
    struct error error = {0};
    if (!model_embed(model, texts, count, (struct slice){0}, out, NULL, &error))
        fail_msg("%s", error.message);
}

static void same_bits(const char *what, const float *got, const float *wanted, size_t count, uint64_t seed)
{
    compare_bytes(what, (struct slice){(const char *)got, count * sizeof(float)},
                  (struct slice){(const char *)wanted, count * sizeof(float)}, seed);
}

static void check_threads(const char *folder, enum model_precision precision, const struct slice *texts, uint64_t seed)
{
    static const size_t batches[] = {1, 7, 64, TEXTS};
    struct pool *one = pool_create(1);
    struct model *alone = open_model(folder, precision, one);
    size_t size = model_info(alone)->dimensions;
    float *wanted = memory_alloc(TEXTS * size, sizeof(*wanted)), *got = memory_alloc(TEXTS * size, sizeof(*got));
    for (size_t i = 0; i < TEXTS; i++)
        embed(alone, texts + i, 1, wanted + i * size);
    for (size_t threads = 1; threads <= 5; threads += 2) {
        struct pool *pool = pool_create(threads);
        struct model *model = open_model(folder, precision, pool);
        for (size_t b = 0; b < ARRAY_COUNT(batches); b++) {
            memset(got, 0xA5, TEXTS * size * sizeof(*got));
            for (size_t i = 0; i < TEXTS; i += batches[b])
                embed(model, texts + i, TEXTS - i < batches[b] ? TEXTS - i : batches[b], got + i * size);
            char what[300];
            snprintf(what, sizeof(what), "%s, %s, %zu threads, batches of %zu", folder, model_precision_name(precision),
                     threads, batches[b]);
            same_bits(what, got, wanted, TEXTS * size, seed);
        }
        model_close(model);
        pool_free(pool);
    }
    model_close(alone);
    pool_free(one);
    free(wanted);
    free(got);
}

static void batches_and_threads(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct random random;
    struct arena arena;
    random_init(&random, seed);
    arena_init(&arena);
    struct slice texts[TEXTS];
    make_texts(&arena, texts, TEXTS, &random);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        for (enum model_precision precision = MODEL_AUTO; precision <= MODEL_INT8; precision++)
            if (precision != MODEL_BF16) /* where the processor has it, it is what MODEL_AUTO means */
                check_threads(model_folder(&arena, names[i]), precision, texts, seed);
    arena_release(&arena);
}

struct asker {
    struct model *model;
    const struct slice *texts;
    float *out;
};

static void *ask(void *argument)
{
    struct asker *asker = argument;
    for (size_t i = 0; i < TEXTS; i += 10)
        embed(asker->model, asker->texts + i, 10, asker->out + i * model_info(asker->model)->dimensions);
    return NULL;
}

/* Several threads ask one model at once. */
static void askers(void **state)
{
    (void)state;
    enum { ASKERS = 4 };
    uint64_t seed = test_seed();
    struct random random;
    struct arena arena;
    random_init(&random, seed);
    arena_init(&arena);
    struct slice texts[TEXTS];
    make_texts(&arena, texts, TEXTS, &random);
    struct pool *pool = pool_create(2);
    struct model *model = open_model(model_folder(&arena, names[0]), MODEL_F32, pool);
    size_t size = model_info(model)->dimensions;
    float *wanted = memory_alloc(TEXTS * size, sizeof(*wanted));
    embed(model, texts, TEXTS, wanted);
    struct asker all[ASKERS];
    pthread_t threads[ASKERS];
    for (size_t i = 0; i < ASKERS; i++) {
        all[i] = (struct asker){model, texts, memory_alloc(TEXTS * size, sizeof(float))};
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &all[i]), 0);
    }
    for (size_t i = 0; i < ASKERS; i++) {
        pthread_join(threads[i], NULL);
        same_bits("several askers", all[i].out, wanted, TEXTS * size, seed);
        free(all[i].out);
    }
    free(wanted);
    model_close(model);
    pool_free(pool);
    arena_release(&arena);
}

/* More texts than are held as tokens at a time, and none at all. */
static void many_and_none(void **state)
{
    (void)state;
    enum { MANY = 9000 };
    struct random random;
    struct arena arena;
    random_init(&random, test_seed());
    arena_init(&arena);
    struct slice texts[TEXTS], *many = memory_alloc(MANY, sizeof(*many));
    make_texts(&arena, texts, TEXTS, &random);
    for (size_t i = 0; i < MANY; i++)
        many[i] = texts[i % TEXTS];
    struct pool *pool = pool_create(2);
    struct model *model = open_model(model_folder(&arena, names[0]), MODEL_INT8, pool);
    size_t size = model_info(model)->dimensions;
    float *out = memory_alloc(MANY * size, sizeof(*out));
    embed(model, many, MANY, out);
    for (size_t i = TEXTS; i < MANY; i += TEXTS)
        same_bits("a text that came before", out + i * size, out, TEXTS * size, test_seed());
    embed(model, many, 0, out);
    float *states = NULL;
    size_t rows = 0;
    struct error error;
    assert_true(model_states(model, texts[1], &states, &rows, &error));
    assert_true(rows >= 2 && rows <= model_info(model)->tokens_max);
    free(states);
    assert_false(model_score(model, texts, NULL, 1, out, &error));
    assert_non_null(strstr(error.message, "no head that scores"));
    free(out);
    free(many);
    model_close(model);
    pool_free(pool);
    arena_release(&arena);
}

/* Of a base in parts, a change of any part is another base; one in a single file keeps the hash of that file. */
static void hash_of_a_base(void **state)
{
    (void)state;
    static const char *const files[] = {"model.safetensors.index.json", "model-00001-of-00003.safetensors",
                                        "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors"};
    char *folder = test_folder_create(), hashes[ARRAY_COUNT(files) + 1][BASE_HASH_BYTES], wanted[BASE_HASH_BYTES];
    unsigned char digest[SHA256_BYTES];
    struct error error = {0};
    struct arena arena;
    struct buffer content;
    arena_init(&arena);
    buffer_init(&content, 16 * MIB);
    for (size_t changed = 0; changed <= ARRAY_COUNT(files); changed++) {
        for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
            buffer_clear(&content);
            expect_ok(
                file_read(path_join(&arena, model_folder(&arena, "bert-dense-sharded"), files[i]), 16 * MIB, &content, &error),
                &error);
            if (i == changed && i == 0)
                buffer_append_byte(&content, ' ');
            else if (i == changed)
                content.data[content.size - 1] ^= 1; /* a bit of a number */
            expect_ok(file_replace(path_join(&arena, folder, files[i]), buffer_slice(&content), &error), &error);
        }
        expect_ok(base_hash(folder, hashes[changed], &error), &error);
        for (size_t other = 0; other < changed; other++)
            assert_string_not_equal(hashes[other], hashes[changed]);
    }
    const char *whole = model_folder(&arena, "bert-mean-old");
    buffer_clear(&content);
    expect_ok(file_read(path_join(&arena, whole, "model.safetensors"), 16 * MIB, &content, &error), &error);
    sha256(digest, content.data, content.size);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(wanted + 2 * i, 3, "%02x", digest[i]);
    expect_ok(base_hash(whole, hashes[0], &error), &error);
    assert_string_equal(hashes[0], wanted);
    buffer_release(&content);
    arena_release(&arena);
    test_folder_remove(folder);
}

/* No pack is further from an equal share than half of the largest text, but where a text alone is larger than that. */
static void packs_of_equal_size(void **state)
{
    enum { COUNT = 64, PACKS = 10, ROWS = 38 };
    size_t rows[COUNT], ends[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        rows[i] = ROWS;
    assert_int_equal(packs_cut(rows, COUNT, PACKS, ends), PACKS);
    assert_int_equal(ends[PACKS - 1], COUNT);
    for (size_t i = 0; i < PACKS; i++) {
        size_t texts = ends[i] - (i > 0 ? ends[i - 1] : 0);
        assert_in_range(texts, COUNT / PACKS, COUNT / PACKS + 1);
    }
    const size_t uneven[] = {0, 5, 900, 0, 5, 5, 5, 0};
    assert_int_equal(packs_cut(uneven, ARRAY_COUNT(uneven), 4, ends), 4);
    assert_int_equal(ends[0], 2);
    assert_int_equal(ends[1], 3);
    assert_int_equal(packs_cut(uneven, 1, 4, ends), 0);
    assert_int_equal(packs_cut(uneven + 2, 1, 4, ends), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_and_threads), cmocka_unit_test(askers),         cmocka_unit_test(packs_of_equal_size),
        cmocka_unit_test(many_and_none),       cmocka_unit_test(hash_of_a_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
