/* test_index_vector_file.c - the format of vector segments: damage of every kind is refused or harmless, and the bytes in
 * docs/format/vectors.md are the bytes that are written. */
#include "compare.h"
#include "vector_world.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { CHUNKS = 12, TABLE = 24, ROW = 32, TABLE_END = TABLE + ROW * CHUNKS };

static const struct vector_build tiny_graph = {.links = 2, .breadth = 10, .graph_least = 2};

static bool opens(struct slice bytes, struct vector_segment **segment, struct error *error)
{
    struct buffer copy;
    buffer_init(&copy, GIB);
    buffer_append_slice(&copy, bytes);
    if (vector_segment_open_bytes(segment, &copy, "damaged", error))
        return true;
    buffer_release(&copy);
    return false;
}

static void small_segment(struct buffer *bytes, size_t count, const struct vector_build *how)
{
    struct error error = {0};
    struct vector_world world;
    vector_world_init(&world, count, 5, 3, test_seed());
    struct vector_builder *builder = vector_builder_create(world.dimensions);
    for (size_t v = 0; v < count; v++)
        expect_ok(vector_builder_add(builder, world.passages[v], world.codes + v * world.code_bytes, &error), &error);
    buffer_init(bytes, 8 * MIB);
    expect_ok(vector_builder_encode(builder, how, bytes, &error), &error);
    vector_builder_free(builder);
    vector_world_release(&world);
}

static void every_bit_and_every_end(void **state)
{
    (void)state;
    for (int graph = 0; graph < 2; graph++) {
        struct buffer bytes;
        small_segment(&bytes, 9, graph ? &tiny_graph : &(struct vector_build){0});
        struct vector_segment *segment;
        struct error error = {0};
        for (size_t i = 0; i < bytes.size; i++) {
            for (int bit = 0; bit < 8; bit++) {
                bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
                expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT,
                             "segment \"damaged\" is damaged at byte");
                bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
            }
            expect_error(opens(slice_range(buffer_slice(&bytes), 0, i), &segment, &error), &error, ERROR_CORRUPT, "damaged");
        }
        assert_true(opens(buffer_slice(&bytes), &segment, &error));
        vector_segment_close(segment);
        buffer_append_byte(&bytes, 0);
        expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT, "the header says");
        buffer_release(&bytes);
    }
}

static uint64_t number_at(const char *at)
{
    uint64_t number = 0;
    for (int i = 7; i >= 0; i--)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

static void put_number(char *at, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(number >> (8 * i));
}

/* Makes all checksums right again, wherever the chunk table points. */
static void repair_checksums(struct buffer *bytes)
{
    for (size_t row = TABLE; row < TABLE_END; row += ROW) {
        uint64_t offset = number_at(bytes->data + row + 8), size = number_at(bytes->data + row + 16);
        if (offset <= bytes->size && size <= bytes->size - offset)
            put_number(bytes->data + row + 24, XXH3_64bits(bytes->data + offset, (size_t)size));
    }
    put_number(bytes->data + TABLE_END, XXH3_64bits(bytes->data, TABLE_END));
}

/* Searches in all ways, before and after deletions, and merges; ASan watches. */
static void search_damaged(struct vector_segment *segment)
{
    struct error error = {0};
    size_t dimensions = vector_segment_dimensions(segment);
    struct vector_index *index = vector_index_create(dimensions);
    passage_id first = vector_segment_first(segment), last = vector_segment_last(segment);
    expect_ok(vector_index_add_segment(index, segment, &error), &error);
    float *question = memory_alloc(dimensions, sizeof(float));
    struct index_range range = {first, first + (last - first) / 2};
    for (size_t i = 0; i < 8; i++) {
        struct vector_view *view = vector_view_create(index, &range, 1);
        struct index_hit hits[10];
        size_t count = 0;
        question[i % dimensions] = 1;
        struct vector_query query = {.vector = question, .k = 1 + i, .breadth = 1, .exact = i == 3};
        query.view = i % 2 == 0 ? NULL : view;
        expect_ok(vector_search(index, &query, hits, &count, &error), &error);
        assert_true(count <= query.k);
        vector_view_free(view);
        if (i == 5)
            vector_index_delete(index, first);
    }
    struct buffer bytes;
    struct vector_segment *merged;
    buffer_init(&bytes, GIB);
    expect_ok(vector_index_merge(index, 0, 1, &tiny_graph, &bytes, &error), &error);
    expect_ok(vector_segment_open_bytes(&merged, &bytes, "merged", &error), &error);
    vector_segment_close(merged);
    free(question);
    vector_index_free(index);
}

/* A graph so large that searches walk it. */
static void lies_with_right_checksums(void **state)
{
    (void)state;
    enum { ROUNDS = 3000 };
    static const unsigned char values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    struct random random;
    random_init(&random, test_seed() + 1);
    struct buffer bytes, good;
    small_segment(&good, 400, &tiny_graph);
    buffer_init(&bytes, MIB);
    size_t opened = 0;
    for (int round = 0; round < ROUNDS; round++) {
        buffer_clear(&bytes);
        buffer_append_slice(&bytes, buffer_slice(&good));
        for (uint64_t changes = 1 + random_below(&random, 3); changes > 0; changes--) {
            size_t chunk = random_below(&random, CHUNKS), at = (size_t)number_at(good.data + TABLE + ROW * chunk + 8);
            size_t size = (size_t)number_at(good.data + TABLE + ROW * chunk + 16);
            at = random_below(&random, 5) == 0 ? random_below(&random, TABLE_END) : at + random_below(&random, size);
            uint64_t run = random_below(&random, 4) ? 1 : 1 + random_below(&random, 8);
            for (; run > 0 && at < bytes.size; run--, at++)
                bytes.data[at] = random_below(&random, 2) ? (char)values[random_below(&random, ARRAY_COUNT(values))]
                                                          : (char)random_u64(&random);
        }
        repair_checksums(&bytes);
        struct vector_segment *segment;
        struct error error = {0};
        if (!opens(buffer_slice(&bytes), &segment, &error)) {
            assert_int_equal(error.kind, ERROR_CORRUPT);
            continue;
        }
        opened++;
        search_damaged(segment);
    }
    assert_true(opened > 0 && opened < ROUNDS); /* both ways were taken */
    buffer_release(&bytes);
    buffer_release(&good);
}

/* ---- sketches that lie ---- */

enum {
    FACTORS = 3,
    SIGNS = 7,
    SCALES = 8,
    MEANS = 9,
    MEAN_FACTORS = 10,
    RUNS = 11,
    LIE_ROWS = 6500,
    LIE_SHOWN = 3200,
    LIE_NEAREST = 10
};

static size_t chunk_at(const struct buffer *bytes, size_t chunk)
{
    return (size_t)number_at(bytes->data + TABLE + ROW * chunk + 8);
}

static size_t chunk_size(const struct buffer *bytes, size_t chunk)
{
    return (size_t)number_at(bytes->data + TABLE + ROW * chunk + 16);
}

/* A copy of a segment, in which something will be changed. */
static void copy_segment(struct buffer *copy, const struct buffer *bytes)
{
    buffer_clear(copy);
    buffer_append_slice(copy, buffer_slice(bytes));
}

static void sketches_of_wrong_sizes(void **state)
{
    (void)state;
    static const char *const names[] = {"SIGN has", "SCAL has"};
    struct buffer good, bytes;
    struct vector_segment *segment;
    small_segment(&good, 400, &tiny_graph);
    buffer_init(&bytes, MIB);
    for (size_t chunk = SIGNS; chunk <= SCALES; chunk++) {
        uint64_t size = number_at(good.data + TABLE + ROW * chunk + 16);
        const uint64_t sizes[] = {size - 1, size - 4, size - 63, size - 64, 0, 1, size + 1, size + 64};
        for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
            struct error error = {0};
            copy_segment(&bytes, &good);
            put_number(bytes.data + TABLE + ROW * chunk + 16, sizes[i]);
            for (size_t at = chunk_at(&good, chunk) + (size_t)sizes[i]; at < chunk_at(&good, chunk) + (size_t)size; at++)
                bytes.data[at] = 0; /* what is between chunks is zeros */
            repair_checksums(&bytes);
            expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT,
                         i < 3 ? names[chunk - SIGNS] : "is damaged at byte"); /* others leave a gap, or cut what follows */
        }
    }
    buffer_release(&bytes);
    buffer_release(&good);
}

static void scales_that_are_none(void **state)
{
    (void)state;
    const float scales[] = {NAN, -NAN, INFINITY, -INFINITY, -1e-30F, 4.0001F, 3e38F};
    struct buffer good, bytes;
    struct vector_segment *segment;
    small_segment(&good, 400, &tiny_graph);
    buffer_init(&bytes, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(scales); i++) {
        struct error error = {0};
        copy_segment(&bytes, &good);
        memcpy(bytes.data + chunk_at(&good, SCALES) + 4 * 17, &scales[i], 4);
        repair_checksums(&bytes);
        expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT, "row 17 has the scale");
    }
    buffer_release(&bytes);
    buffer_release(&good);
}

/* A change of one number of a chunk, counted from its front, or from its end where it is negative; and what is said of it. */
struct change {
    size_t chunk;
    long at;
    uint32_t number;
    size_t bytes;
    const char *said;
};

static void groups_that_are_none(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {MEANS, 64, 0x80, 1, "the mean of group 1 has a part of -128"},
        {MEANS, 64 + 5, 1, 1, "the mean of group 1 does not end in zeros"}, /* behind the last dimension */
        {MEANS, -1, 0xFF, 1, "does not end in zeros"},
        {MEAN_FACTORS, 4, 0x7FC00000, 4, "the mean of group 1 has the factor"}, /* NaN */
        {MEAN_FACTORS, 4, 0xB0000000, 4, "the mean of group 1 has the factor"}, /* below 0 */
        {MEAN_FACTORS, 4, 0x39000000, 4, "the mean of group 1 has the factor"}, /* more than stands for 1 */
        {RUNS, 0, 0, 4, "run 0 ends before row 0"},
        {RUNS, 8, 1, 4, "run 1 ends before row 1 "},
        {RUNS, 8, 401, 4, "run 1 ends before row 401 "},
        {RUNS, 8, 400, 4, "run 1 ends before row 400 "}, /* all rows, and there are more runs */
        {RUNS, -8, 399, 4, "ends before row 399 "},
        {RUNS, -8, 401, 4, "ends before row 401 "},
        {RUNS, 4, 300, 4, "and is of group 300"},
        {RUNS, 4, UINT32_MAX, 4, "and is of group 4294967295"},
    };
    struct buffer good, bytes;
    struct vector_segment *segment;
    small_segment(&good, 400, &tiny_graph);
    buffer_init(&bytes, MIB);
    assert_true(chunk_size(&good, MEAN_FACTORS) > 4 && chunk_size(&good, RUNS) > 8);
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        struct error error = {0};
        const struct change *change = &changes[i];
        size_t front = chunk_at(&good, change->chunk) + (change->at < 0 ? chunk_size(&good, change->chunk) : 0);
        copy_segment(&bytes, &good);
        for (size_t byte = 0; byte < change->bytes; byte++)
            bytes.data[(size_t)((long)front + change->at) + byte] = (char)(change->number >> 8 * byte);
        repair_checksums(&bytes);
        expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT, change->said);
    }
    buffer_release(&bytes);
    buffer_release(&good);
}

static void groups_of_wrong_sizes(void **state)
{
    (void)state;
    static const struct {
        size_t chunk, less;
        const char *said;
    } changes[] = {{MEANS, 1, "MEAN has"},         {MEANS, 63, "MEAN has"},
                   {MEAN_FACTORS, 1, "MFAC has"},  {MEAN_FACTORS, 4, "is damaged at byte"},
                   {RUNS, 1, "RUNS has"},          {RUNS, 4, "RUNS has"},
                   {RUNS, 8, "is damaged at byte"}};
    struct buffer good, bytes;
    struct vector_segment *segment;
    small_segment(&good, 400, &tiny_graph);
    buffer_init(&bytes, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        struct error error = {0};
        size_t size = chunk_size(&good, changes[i].chunk), end = chunk_at(&good, changes[i].chunk) + size;
        copy_segment(&bytes, &good);
        put_number(bytes.data + TABLE + ROW * changes[i].chunk + 16, size - changes[i].less);
        memset(bytes.data + end - changes[i].less, 0, changes[i].less); /* what is between chunks is zeros */
        repair_checksums(&bytes);
        expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT, changes[i].said);
    }
    buffer_release(&bytes);
    buffer_release(&good);
}

/* Rows of tight groups are sketched by what they differ by from their group's mean, which is little: so they are told apart. */
static void scales_of_tight_groups(void **state)
{
    (void)state;
    enum { GROUPS = 8, ROWS = 2000, DIMENSIONS = 64 };
    const float whole = 0.0024F; /* about the scale of a row of length 1 that differs from nothing */
    struct error error = {0};
    struct vector_world world;
    vector_world_init(&world, ROWS, DIMENSIONS, 0, test_seed());
    struct vector_builder *builder = vector_builder_create(DIMENSIONS);
    for (size_t v = 0; v < ROWS; v++) {
        float *vector = world.vectors + v * DIMENSIONS;
        for (size_t i = 0; v >= GROUPS && i < DIMENSIONS; i++)
            vector[i] = world.vectors[v % GROUPS * DIMENSIONS + i] + 0.1F * vector[i];
        vector_world_length_1(vector, DIMENSIONS);
        vector_encode(world.codes + v * world.code_bytes, vector, DIMENSIONS);
        expect_ok(vector_builder_add(builder, world.passages[v], world.codes + v * world.code_bytes, &error), &error);
    }
    struct buffer bytes;
    buffer_init(&bytes, 8 * MIB);
    expect_ok(vector_builder_encode(builder, &tiny_graph, &bytes, &error), &error);
    size_t small = 0;
    for (size_t row = 0; row < ROWS; row++) {
        float scale;
        memcpy(&scale, bytes.data + chunk_at(&bytes, SCALES) + 4 * row, sizeof(scale));
        small += scale < 0.2F * whole;
    }
    if (small < ROWS * 9 / 10)
        fail_msg("%zu of %d scales are small (seed %llu)", small, ROWS, (unsigned long long)test_seed());
    buffer_release(&bytes);
    vector_builder_free(builder);
    vector_world_release(&world);
}

/* As many results as wanted, each once, visible, and with the score that an exact search gives it, in order. Gives which share of the ten
 * nearest was found. */
static double search_by_lies(const struct buffer *bytes)
{
    static const size_t wanted_counts[] = {1, LIE_NEAREST, 1500, 5000};
    struct error error = {0};
    struct vector_segment *segment;
    assert_true(opens(buffer_slice(bytes), &segment, &error));
    size_t dimensions = vector_segment_dimensions(segment), count = 0, all_count = 0, found = 0, wanted = 0;
    struct index_range range = {vector_segment_first(segment), 0};
    struct vector_index *index = vector_index_create(dimensions);
    expect_ok(vector_index_add_segment(index, segment, &error), &error);
    float *scores = memory_alloc((size_t)vector_segment_last(segment) + 1, sizeof(*scores));
    struct index_hit *all = memory_alloc(LIE_ROWS, sizeof(*all)), *hits = memory_alloc(LIE_ROWS, sizeof(*hits));
    struct vector_view *view = NULL;
    for (range.last = range.first + LIE_SHOWN; view == NULL || vector_view_count(view) < LIE_SHOWN; range.last += 50) {
        vector_view_free(view);
        view = vector_view_create(index, &range, 1);
    }
    float question[] = {0.7F, -0.3F, 0.2F, -0.5F, 0.1F};
    for (size_t q = 0; q < 4; q++) {
        question[q] = -question[q];
        struct vector_query query = {.vector = question, .k = vector_view_count(view), .exact = true, .view = view};
        expect_ok(vector_search(index, &query, all, &all_count, &error), &error);
        assert_int_equal(all_count, query.k);
        memset(scores, 0xFF, ((size_t)vector_segment_last(segment) + 1) * sizeof(*scores)); /* no number */
        for (size_t i = 0; i < all_count; i++)
            scores[all[i].passage] = all[i].score;
        query.exact = false;
        for (size_t k = 0; k < ARRAY_COUNT(wanted_counts); k++) {
            query.k = wanted_counts[k];
            expect_ok(vector_search(index, &query, hits, &count, &error), &error);
            assert_int_equal(count, query.k < all_count ? query.k : all_count);
            for (size_t i = 0; i < count; i++) {
                assert_memory_equal(&hits[i].score, &scores[hits[i].passage], sizeof(float));
                assert_true(i == 0 || hits[i].score < hits[i - 1].score ||
                            (hits[i].score <= hits[i - 1].score && hits[i].passage > hits[i - 1].passage));
            }
            if (query.k == LIE_NEAREST) {
                found += vector_hits_common(hits, all, count);
                wanted += count;
            }
        }
    }
    vector_view_free(view);
    free(scores);
    free(hits);
    free(all);
    vector_index_free(index);
    return (double)found / (double)wanted;
}

/* Neither do wrong means, and runs of wrong groups. */
static void groups_of_others(void **state)
{
    (void)state;
    const float factors[] = {0, 1e-38F, 1.0F / 32640};
    struct buffer good, bytes;
    struct random random;
    random_init(&random, test_seed() + 10);
    small_segment(&good, LIE_ROWS, &tiny_graph);
    buffer_init(&bytes, 8 * MIB);
    double good_recall = search_by_lies(&good);
    size_t groups = chunk_size(&good, MEAN_FACTORS) / 4, runs = chunk_size(&good, RUNS) / 8;
    for (size_t i = 0; i < 2 + ARRAY_COUNT(factors); i++) {
        copy_segment(&bytes, &good);
        for (size_t group = 0; group < groups && i < ARRAY_COUNT(factors); group++)
            memcpy(bytes.data + chunk_at(&good, MEAN_FACTORS) + 4 * group, &factors[i], 4);
        for (size_t at = 0; at < 64 * groups && i == ARRAY_COUNT(factors); at++)
            if (at % 64 < 5)
                bytes.data[chunk_at(&good, MEANS) + at] = (char)(random_below(&random, 255) - 127);
        for (size_t run = 0; run < runs && i > ARRAY_COUNT(factors); run++) {
            uint32_t group = (uint32_t)random_below(&random, groups);
            memcpy(bytes.data + chunk_at(&good, RUNS) + 8 * run + 4, &group, 4);
        }
        repair_checksums(&bytes);
        double recall = search_by_lies(&bytes);
        assert_true(i > 0 || recall < good_recall / 2); /* a search that asks no mean would not notice that all are 0 */
    }
    buffer_release(&bytes);
    buffer_release(&good);
}

/* Wrong signs and scales may make a search miss rows, and nothing else. */
static void sketches_of_others(void **state)
{
    (void)state;
    static const unsigned char signs[] = {0x00, 0xFF, 0x55};
    const float scales[] = {0, 1e-45F, 1e-30F, 0.5F, 4};
    struct buffer good, bytes;
    struct random random;
    random_init(&random, test_seed() + 9);
    small_segment(&good, LIE_ROWS, &tiny_graph);
    buffer_init(&bytes, 8 * MIB);
    size_t signs_at = chunk_at(&good, SIGNS), signs_size = (size_t)number_at(good.data + TABLE + ROW * SIGNS + 16);
    double good_recall = search_by_lies(&good);
    assert_true(good_recall >= 0.9);
    for (size_t i = 0; i < ARRAY_COUNT(signs) + 2; i++) {
        bool is_turned = i > ARRAY_COUNT(signs);
        copy_segment(&bytes, &good);
        for (size_t at = signs_at; at < signs_at + signs_size; at++)
            bytes.data[at] = is_turned                ? (char)~bytes.data[at]
                             : i < ARRAY_COUNT(signs) ? (char)signs[i]
                                                      : (char)random_u64(&random);
        repair_checksums(&bytes);
        double recall = search_by_lies(&bytes);
        assert_true(!is_turned || recall < good_recall / 2); /* a search that asks no sketch would not notice */
    }
    for (size_t i = 0; i <= ARRAY_COUNT(scales); i++) {
        copy_segment(&bytes, &good);
        for (size_t row = 0; row < LIE_ROWS; row++) {
            float scale = scales[i < ARRAY_COUNT(scales) ? i : random_below(&random, ARRAY_COUNT(scales))];
            memcpy(bytes.data + chunk_at(&good, SCALES) + 4 * row, &scale, sizeof(scale));
        }
        repair_checksums(&bytes);
        search_by_lies(&bytes);
    }
    buffer_release(&bytes);
    buffer_release(&good);
}

/* Where all that is visible scores below 0, as it looks away from the question, the shortest are the best: those of the smallest scales. */
static void below_0(void **state)
{
    (void)state;
    enum { DIMENSIONS = 64, ROWS = 6400 };
    struct error error = {0};
    struct random random;
    random_init(&random, test_seed() + 11);
    struct vector_world world;
    vector_world_init(&world, ROWS, DIMENSIONS, 0, test_seed());
    for (size_t v = 0; v < ROWS; v++) {
        float *vector = world.vectors + v * DIMENSIONS, length = 0.2F + 0.8F * (float)random_unit(&random);
        vector[0] = 2;
        vector_world_length_1(vector, DIMENSIONS);
        for (size_t i = 0; i < DIMENSIONS; i++)
            vector[i] *= length;
        vector_encode(world.codes + v * world.code_bytes, vector, DIMENSIONS);
    }
    struct vector_index *index = vector_index_create(DIMENSIONS);
    vector_world_add(&world, 0, ROWS, &(struct vector_build){.links = 4, .breadth = 10, .graph_least = 2}, index);
    struct index_range range = {1, world.passages[ROWS / 2]};
    struct vector_view *view = vector_view_create(index, &range, 1);
    float question[DIMENSIONS] = {-1};
    struct index_hit hits[10], wanted[10];
    size_t count = 0, wanted_count = 0;
    struct vector_query query = {.vector = question, .k = 10, .view = view};
    expect_ok(vector_search(index, &query, hits, &count, &error), &error);
    query.exact = true;
    expect_ok(vector_search(index, &query, wanted, &wanted_count, &error), &error);
    assert_true(count == 10 && wanted_count == 10 && wanted[0].score < 0);
    if (vector_hits_common(hits, wanted, count) < 9)
        fail_msg("%zu of the ten nearest (seed %llu)", vector_hits_common(hits, wanted, count),
                 (unsigned long long)test_seed());
    vector_view_free(view);
    vector_index_free(index);
    vector_world_release(&world);
}

/* ---- files, and the bytes in the document ---- */

static void files(void **state)
{
    (void)state;
    struct error error = {0};
    char *folder = test_folder_create();
    struct arena arena;
    arena_init(&arena);
    char *path = path_join(&arena, folder, "1.vec");
    struct buffer bytes;
    small_segment(&bytes, 30, &tiny_graph);
    expect_ok(file_replace(path, buffer_slice(&bytes), &error), &error);
    struct vector_segment *segment;
    expect_ok(vector_segment_open(&segment, path, &error), &error);
    assert_int_equal(vector_segment_size_bytes(segment), bytes.size);
    assert_int_equal(vector_segment_count(segment), 30);
    vector_segment_close(segment);
    expect_error(vector_segment_open(&segment, folder, &error), &error, ERROR_INVALID, "could not open vector segment");
    expect_ok(file_replace(path, SLICE(""), &error), &error);
    expect_error(vector_segment_open(&segment, path, &error), &error, ERROR_CORRUPT, "1.vec\" is damaged at byte 0");
    expect_ok(file_remove(path, &error), &error);
    expect_error(vector_segment_open(&segment, path, &error), &error, ERROR_NOT_FOUND, "could not open vector segment");
    buffer_release(&bytes);
    arena_release(&arena);
    test_folder_remove(folder);
}

static void empty_segment(void **state)
{
    (void)state;
    struct error error = {0};
    struct buffer bytes;
    small_segment(&bytes, 0, &tiny_graph);
    struct vector_segment *segment;
    expect_ok(vector_segment_open_bytes(&segment, &bytes, "empty", &error), &error);
    assert_int_equal(vector_segment_first(segment), 0);
    assert_int_equal(vector_segment_last(segment), 0);
    vector_segment_close(segment);
}

/* The lines between "```hex" and "```" of the document: "0010  01 00 … ; meaning". */
static void hex_of_document(struct buffer *bytes)
{
    struct error error = {0};
    struct buffer document;
    buffer_init(&document, MIB);
    expect_ok(file_read(SOURCE_ROOT "/docs/format/vectors.md", MIB, &document, &error), &error);
    struct slice rest = buffer_slice(&document), line;
    while (slice_next(&rest, '\n', &line) && !slice_equal_text(line, "```hex"))
        ;
    while (slice_next(&rest, '\n', &line) && !slice_equal_text(line, "```")) {
        struct slice hex, pair;
        assert_true(slice_next(&line, ';', &hex));
        hex = slice_trim(hex);
        assert_true(slice_next(&hex, ' ', &pair)); /* the offset */
        assert_int_equal(strtoul(pair.data, NULL, 16), bytes->size);
        while (slice_next(&hex, ' ', &pair))
            if (pair.size == 2)
                buffer_append_byte(bytes, (char)strtoul(pair.data, NULL, 16));
    }
    buffer_release(&document);
}

static void document_example(void **state)
{
    (void)state;
    static const float vectors[2][2] = {{1, 0}, {0.6F, -0.8F}};
    struct error error = {0};
    struct vector_builder *builder = vector_builder_create(2);
    for (size_t i = 0; i < 2; i++) {
        unsigned char code[8];
        vector_encode(code, vectors[i], 2);
        expect_ok(vector_builder_add(builder, 3 + 2 * i, code, &error), &error);
    }
    struct buffer built, documented;
    buffer_init(&built, MIB);
    buffer_init(&documented, MIB);
    expect_ok(vector_builder_encode(builder, &tiny_graph, &built, &error), &error);
    vector_builder_free(builder);
    hex_of_document(&documented);
    compare_bytes("docs/format/vectors.md, section 9", buffer_slice(&documented), buffer_slice(&built), 0);
    struct vector_segment *segment;
    expect_ok(vector_segment_open_bytes(&segment, &documented, "document", &error), &error);
    assert_int_equal(vector_segment_last(segment), 5);
    vector_segment_close(segment);
    buffer_release(&built);
}

/* Files as they were before there were sketches are read; merging makes new ones of them. */
static void first_version(void **state)
{
    (void)state;
    struct error error = {0};
    struct vector_segment *segment, *merged;
    struct buffer bytes;
    expect_ok(vector_segment_open(&segment, SOURCE_ROOT "/tests/fuzz/corpus/vector_segment/minimal", &error), &error);
    size_t dimensions = vector_segment_dimensions(segment), first_size = vector_segment_size_bytes(segment);
    struct vector_index *index = vector_index_create(dimensions);
    expect_ok(vector_index_add_segment(index, segment, &error), &error);
    float *question = memory_alloc(dimensions, sizeof(float));
    question[0] = 1;
    struct index_hit before[10], after[10];
    size_t before_count = 0, after_count = 0;
    struct vector_query query = {.vector = question, .k = 10};
    expect_ok(vector_search(index, &query, before, &before_count, &error), &error);
    assert_int_equal(before_count, vector_segment_count(segment));
    buffer_init(&bytes, MIB);
    expect_ok(vector_index_merge(index, 0, 1, &tiny_graph, &bytes, &error), &error);
    assert_int_equal(bytes.data[8], 2);
    assert_true(bytes.size > first_size);
    expect_ok(vector_segment_open_bytes(&merged, &bytes, "merged", &error), &error);
    expect_ok(vector_index_replace(index, 0, 1, merged, &error), &error);
    expect_ok(vector_search(index, &query, after, &after_count, &error), &error);
    assert_int_equal(after_count, before_count);
    for (size_t i = 0; i < after_count; i++) {
        assert_int_equal(after[i].passage, before[i].passage);
        assert_memory_equal(&after[i].score, &before[i].score, sizeof(float));
    }
    free(question);
    vector_index_free(index);
    small_segment(&bytes, 9, &tiny_graph);
    bytes.data[8] = 3;
    expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT,
                 "it has version 3, this program reads 1 to 2");
    buffer_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sketches_of_wrong_sizes),
        cmocka_unit_test(scales_that_are_none),
        cmocka_unit_test(sketches_of_others),
        cmocka_unit_test(groups_that_are_none),
        cmocka_unit_test(groups_of_wrong_sizes),
        cmocka_unit_test(scales_of_tight_groups),
        cmocka_unit_test(groups_of_others),
        cmocka_unit_test(below_0),
        cmocka_unit_test(every_bit_and_every_end),
        cmocka_unit_test(lies_with_right_checksums),
        cmocka_unit_test(files),
        cmocka_unit_test(empty_segment),
        cmocka_unit_test(document_example),
        cmocka_unit_test(first_version),
    };
    return cmocka_run_group_tests_name("index_vector_file", tests, NULL, NULL);
}
