/* test_index_vectors.c - vectors in an index, beside a plain restatement: codes, exact searches, views, deletions, merges, refusals. */
#include "compare.h"
#include "vector_world.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct vector_build no_graph = {.graph_least = SIZE_MAX};

/* ---- codes ---- */

static void codes(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed());
    for (size_t dimensions = 1; dimensions <= 1536; dimensions += dimensions < 70 ? 1 : 97) {
        struct vector_world world;
        vector_world_init(&world, 110, dimensions, 0, random_u64(&random));
        float *back = memory_alloc(dimensions, sizeof(float));
        for (size_t v = 0; v < world.count; v++) {
            const float *vector = world.vectors + v * dimensions;
            vector_decode(back, world.codes + v * world.code_bytes, dimensions);
            float largest = 0;
            for (size_t i = 0; i < dimensions; i++)
                largest = fmaxf(largest, fabsf(vector[i]));
            for (size_t i = 0; i < dimensions; i++)
                if (fabs((double)back[i] - (double)vector[i]) > (double)largest * (0.5 / 32639 + 3e-7))
                    fail_msg("vector %zu of %zu dimensions: number %zu is %.9g, expected %.9g (seed %llu)", v, dimensions, i,
                             (double)back[i], (double)vector[i], (unsigned long long)test_seed());
        }
        free(back);
        vector_world_release(&world);
    }
}

/* What is no vector of length 1 becomes one of numbers within -1 … 1, or of zeros. */
static void codes_of_anything(void **state)
{
    (void)state;
    static const float given[][3] = {
        {NAN, 0.5F, -0.25F}, {INFINITY, -INFINITY, 0}, {1e-40F, -1e-38F, 0}, {3, -0.5F, 1e-9F}, {-0.0F, 0, 0}};
    static const float wanted[][3] = {{0, 0.5F, -0.25F}, {1, -1, 0}, {0, 0, 0}, {1, -0.5F, 0}, {0, 0, 0}};
    for (size_t i = 0; i < ARRAY_COUNT(given); i++) {
        unsigned char code[10];
        float back[3];
        assert_int_equal(vector_code_bytes(3), sizeof(code));
        vector_encode(code, given[i], 3);
        vector_decode(back, code, 3);
        compare_floats("numbers", back, wanted[i], 3, (struct tolerance){.absolute = 2e-5}, 0);
    }
}

/* ---- exact searches ---- */

static void expect_hits(const char *what, const struct index_hit *got, size_t count, const struct index_hit *wanted,
                        size_t wanted_count)
{
    if (count != wanted_count)
        fail_msg("%s: %zu results, expected %zu (seed %llu)", what, count, wanted_count, (unsigned long long)test_seed());
    for (size_t i = 0; i < count; i++)
        if (got[i].passage != wanted[i].passage || memcmp(&got[i].score, &wanted[i].score, sizeof(float)) != 0)
            fail_msg("%s: result %zu is passage %llu with %.9g, expected %llu with %.9g (seed %llu)", what, i,
                     (unsigned long long)got[i].passage, (double)got[i].score, (unsigned long long)wanted[i].passage,
                     (double)wanted[i].score, (unsigned long long)test_seed());
}

struct ranges {
    const struct index_range *items;
    size_t count;
};

static bool in_ranges(const void *context, passage_id passage)
{
    const struct ranges *ranges = context;
    for (size_t i = 0; i < ranges->count; i++)
        if (passage >= ranges->items[i].first && passage <= ranges->items[i].last)
            return true;
    return false;
}

/* Asks a few questions, exactly, with and without the view. */
static void ask(const struct vector_world *world, const struct vector_index *index, struct ranges ranges, struct random *random)
{
    struct error error = {0};
    float *question = memory_alloc(world->dimensions, sizeof(float));
    struct index_hit *got = memory_alloc(world->count + 1, sizeof(*got)), *wanted = memory_alloc(world->count, sizeof(*wanted));
    struct vector_view *view = vector_view_create(index, ranges.items, ranges.count);
    for (int i = 0; i < 4; i++) {
        size_t k = i == 0 ? world->count + 1 : 1 + random_below(random, 20), count = 0;
        vector_world_question(world, question, random);
        struct vector_query query = {.vector = question, .k = k, .exact = true};
        expect_ok(vector_search(index, &query, got, &count, &error), &error);
        expect_hits("all", got, count, wanted, vector_world_nearest(world, question, k, NULL, NULL, wanted));
        query.view = view;
        expect_ok(vector_search(index, &query, got, &count, &error), &error);
        size_t visible = vector_world_nearest(world, question, k, in_ranges, &ranges, wanted);
        expect_hits("with a view", got, count, wanted, visible);
    }
    vector_view_free(view);
    free(question);
    free(got);
    free(wanted);
}

/* Up to four ranges that show about `share` of all. */
static struct ranges some_ranges(const struct vector_world *world, double share, struct index_range *items,
                                 struct random *random)
{
    passage_id last = world->passages[world->count - 1] + 2, piece = last / 4, shown = (passage_id)(share * (double)piece);
    struct ranges ranges = {items, 0};
    for (passage_id at = 0; at + piece <= last && ranges.count < 4; at += piece) {
        passage_id first = at + random_below(random, piece - shown + 1);
        if (shown > 0)
            items[ranges.count++] = (struct index_range){first, first + shown - 1};
    }
    return ranges;
}

static void exact_search(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 63, 64, 65, 384, 1000, 1536};
    static const double shares[] = {0, 0.02, 0.3, 1};
    struct random random;
    random_init(&random, test_seed());
    for (size_t s = 0; s < ARRAY_COUNT(sizes); s++) {
        struct vector_world world;
        vector_world_init(&world, 500, sizes[s], s % 2 == 0 ? 9 : 0, random_u64(&random));
        struct vector_index *index = vector_index_create(sizes[s]);
        vector_world_add(&world, 0, 300, &no_graph, index);
        vector_world_add(&world, 300, 300, &no_graph, index);
        vector_world_add(&world, 300, 500, &no_graph, index);
        for (size_t i = 0; i < 2 * ARRAY_COUNT(shares); i++) {
            struct index_range items[4];
            ask(&world, index, some_ranges(&world, shares[i / 2], items, &random), &random);
            for (size_t v = random_below(&random, 9); v < world.count; v += 1 + random_below(&random, 40)) {
                assert_int_equal(vector_index_delete(index, world.passages[v]), !world.deleted[v]);
                world.deleted[v] = true;
            }
        }
        vector_index_free(index);
        vector_world_release(&world);
    }
}

/* ---- merging ---- */

static void merge_of_some(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed() + 1);
    struct error error = {0};
    struct vector_world world;
    vector_world_init(&world, 600, 96, 8, test_seed());
    struct vector_index *index = vector_index_create(world.dimensions);
    for (size_t first = 0; first < 600; first += 150)
        vector_world_add(&world, first, first + 150, &no_graph, index);
    for (size_t v = 0; v < 600; v += 7)
        world.deleted[v] = vector_index_delete(index, world.passages[v]);
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    expect_ok(vector_index_merge(index, 1, 2, &no_graph, &bytes, &error), &error);
    world.deleted[200] = vector_index_delete(index, world.passages[200]); /* while it was merged */
    struct vector_segment *segment;
    expect_ok(vector_segment_open_bytes(&segment, &bytes, "merged", &error), &error);
    expect_error(vector_index_replace(index, 0, 2, segment, &error), &error, ERROR_INVALID, "the segments it replaces have");
    expect_error(vector_index_replace(index, 3, 2, segment, &error), &error, ERROR_INVALID, "segments 3 to 5 of an index of 4");
    expect_ok(vector_index_replace(index, 1, 2, segment, &error), &error);
    assert_int_equal(vector_index_segment_count(index), 3);
    size_t live = 0;
    for (size_t v = 0; v < 600; v++)
        live += !world.deleted[v];
    assert_int_equal(vector_index_count(index), live);
    struct index_range items[4];
    ask(&world, index, some_ranges(&world, 0.4, items, &random), &random);
    expect_error(vector_index_merge(index, 2, 2, &no_graph, &bytes, &error), &error, ERROR_INVALID, "segments 2 to 4");
    vector_index_free(index);
    vector_world_release(&world);
}

/* ---- refusals ---- */

static void refusals(void **state)
{
    (void)state;
    struct error error = {0};
    unsigned char code[10] = {0};
    struct vector_builder *builder = vector_builder_create(3);
    expect_error(vector_builder_add(builder, 0, code, &error), &error, ERROR_INVALID, "passage 0 comes behind");
    expect_ok(vector_builder_add(builder, 5, code, &error), &error);
    expect_error(vector_builder_add(builder, 5, code, &error), &error, ERROR_INVALID, "passage 5 comes behind");
    code[9] = 0x80; /* -32768 */
    expect_error(vector_builder_add(builder, 6, code, &error), &error, ERROR_CORRUPT, "no code of a vector");
    memcpy(code, (unsigned char[10]){0, 0, 0xC0, 0x7F}, sizeof(code)); /* NaN */
    expect_error(vector_builder_add(builder, 6, code, &error), &error, ERROR_CORRUPT, "no code of a vector");
    struct buffer bytes;
    buffer_init(&bytes, 400);
    expect_error(vector_builder_encode(builder, &no_graph, &bytes, &error), &error, ERROR_LIMIT, "vector segment");
    assert_int_equal(bytes.size, 0);
    buffer_release(&bytes);
    buffer_init(&bytes, MIB);
    expect_ok(vector_builder_encode(builder, &no_graph, &bytes, &error), &error);
    struct vector_segment *segment;
    expect_ok(vector_segment_open_bytes(&segment, &bytes, "small", &error), &error);
    assert_int_equal(vector_segment_first(segment), 5);
    assert_int_equal(vector_segment_last(segment), 5);
    assert_int_equal(vector_segment_dimensions(segment), 3);
    struct vector_index *index = vector_index_create(4);
    expect_error(vector_index_add_segment(index, segment, &error), &error, ERROR_INVALID, "3 dimensions, the index of 4");
    vector_index_free(index);
    index = vector_index_create(3);
    expect_ok(vector_index_add_segment(index, segment, &error), &error);
    struct index_hit hit;
    size_t count;
    struct vector_query query = {.vector = (float[]){1, 0, 0}, .k = 0};
    expect_error(vector_search(index, &query, &hit, &count, &error), &error, ERROR_INVALID, "0 results are wanted");
    query.k = LIMIT_RESULTS + 1;
    expect_error(vector_search(index, &query, &hit, &count, &error), &error, ERROR_INVALID, "10001 results are wanted");
    assert_false(vector_index_delete(index, 4));
    assert_true(vector_index_delete(index, 5));
    assert_false(vector_index_delete(index, 5));
    query.k = 1;
    expect_ok(vector_search(index, &query, &hit, &count, &error), &error);
    assert_int_equal(count, 0);
    vector_index_free(index);
    vector_builder_free(builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes),         cmocka_unit_test(codes_of_anything), cmocka_unit_test(exact_search),
        cmocka_unit_test(merge_of_some), cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests_name("index_vectors", tests, NULL, NULL);
}
