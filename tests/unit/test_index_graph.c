/* test_index_graph.c - the graph of a vector segment: the same for all numbers of threads, and what searches find along it, with views,
 * deletions and merges. */
#include "compare.h"
#include "vector_world.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K = 10 };

static const struct vector_build small_graph = {.graph_least = 2, .breadth = 50};

static void build(const struct vector_world *world, const struct vector_build *how, struct buffer *bytes)
{
    struct error error = {0};
    struct vector_builder *builder = vector_builder_create(world->dimensions);
    for (size_t v = 0; v < world->count; v++)
        expect_ok(vector_builder_add(builder, world->passages[v], world->codes + v * world->code_bytes, &error), &error);
    buffer_init(bytes, LIMIT_SEGMENT_BYTES);
    expect_ok(vector_builder_encode(builder, how, bytes, &error), &error);
    vector_builder_free(builder);
}

/* ---- the same bytes ---- */

static void threads_change_nothing(void **state)
{
    (void)state;
    static const size_t threads[] = {1, 2, 7};
    struct vector_world world;
    vector_world_init(&world, 1800, 40, 12, test_seed());
    struct buffer wanted, got;
    build(&world, &small_graph, &wanted);
    for (size_t i = 0; i < ARRAY_COUNT(threads); i++) {
        struct vector_build how = small_graph;
        how.pool = pool_create(threads[i]);
        build(&world, &how, &got);
        compare_bytes("segment", buffer_slice(&got), buffer_slice(&wanted), test_seed());
        buffer_release(&got);
        pool_free(how.pool);
    }
    buffer_release(&wanted);
    vector_world_release(&world);
}

/* ---- what is found ---- */

struct shown {
    const struct index_range *ranges; /* ascending */
    size_t count;
};

static bool is_shown(const void *context, passage_id passage)
{
    const struct shown *shown = context;
    size_t low = 0, high = shown->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (passage > shown->ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < shown->count && passage >= shown->ranges[low].first;
}

/* Results are as many as there can be, each visible, with its own score, in order. Gives how many of the nearest are among them. */
static size_t check_search(const struct vector_world *world, const struct vector_index *index, struct vector_query *query,
                           const struct shown *shown, size_t *wanted_count)
{
    struct error error = {0};
    struct index_hit *all = memory_alloc(world->count, sizeof(*all)), *hits = memory_alloc(query->k, sizeof(*hits));
    size_t all_count = vector_world_nearest(world, query->vector, world->count, shown != NULL ? is_shown : NULL, shown, all);
    size_t count = 0, wanted = all_count < query->k ? all_count : query->k;
    expect_ok(vector_search(index, query, hits, &count, &error), &error);
    if (count != wanted)
        fail_msg("%zu results, expected %zu (seed %llu)", count, wanted, (unsigned long long)test_seed());
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < all_count && all[at].passage != hits[i].passage)
            at++;
        if (at == all_count)
            fail_msg("result %zu, passage %llu, is hidden (seed %llu)", i, (unsigned long long)hits[i].passage,
                     (unsigned long long)test_seed());
        compare_floats("score", &hits[i].score, &all[at].score, 1, (struct tolerance){0}, test_seed());
        if (i > 0 && (hits[i].score > hits[i - 1].score ||
                      (hits[i].score >= hits[i - 1].score && hits[i].passage <= hits[i - 1].passage)))
            fail_msg("result %zu is out of order (seed %llu)", i, (unsigned long long)test_seed());
    }
    size_t common = vector_hits_common(hits, all, count);
    free(all);
    free(hits);
    *wanted_count += wanted;
    return common;
}

static void expect_recall(const char *what, const struct vector_world *world, const struct vector_index *index, size_t k,
                          size_t breadth, const struct shown *shown, double least)
{
    enum { QUESTIONS = 12 };
    struct random random;
    random_init(&random, test_seed() + 5);
    struct vector_view *view = shown != NULL ? vector_view_create(index, shown->ranges, shown->count) : NULL;
    float *question = memory_alloc(world->dimensions, sizeof(float));
    size_t found = 0, wanted = 0;
    for (int i = 0; i < QUESTIONS; i++) {
        vector_world_question(world, question, &random);
        struct vector_query query = {.vector = question, .k = k, .breadth = breadth, .view = view};
        found += check_search(world, index, &query, shown, &wanted);
    }
    if ((double)found < least * (double)wanted)
        fail_msg("%s: recall %.4f, expected %.2f (seed %llu)", what, (double)found / (double)wanted, least,
                 (unsigned long long)test_seed());
    free(question);
    vector_view_free(view);
}

static void recall_floors(void **state)
{
    (void)state;
    static const size_t clusters[] = {0, 30, 300};
    for (size_t i = 0; i < ARRAY_COUNT(clusters); i++) {
        struct vector_world world;
        vector_world_init(&world, 4000, 48, clusters[i], test_seed() + i);
        struct vector_index *index = vector_index_create(world.dimensions);
        vector_world_add(&world, 0, world.count, &small_graph, index);
        expect_recall("narrow", &world, index, K, 15, NULL, 0.8);
        expect_recall("wide", &world, index, K, 38, NULL, 0.95);
        expect_recall("all", &world, index, 1000, 0, NULL, 0.98);
        vector_index_free(index);
        vector_world_release(&world);
    }
}

/* Every `each`-th run of `length` passages. */
static struct shown some(const struct vector_world *world, size_t length, size_t each, struct index_range *ranges)
{
    struct shown shown = {ranges, 0};
    passage_id last = world->passages[world->count - 1];
    for (passage_id at = 1; at <= last; at += length * each)
        ranges[shown.count++] = (struct index_range){at, at + length - 1};
    return shown;
}

static void views(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 3, 700};
    static const size_t each[] = {1, 2, 4, 10, 300, 100000};
    struct vector_world world;
    vector_world_init(&world, 5000, 40, 40, test_seed());
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, world.count, &small_graph, index);
    struct index_range *ranges = memory_alloc(2 * world.passages[world.count - 1], sizeof(*ranges));
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_COUNT(lengths) * ARRAY_COUNT(each); i++) {
            struct shown shown = some(&world, lengths[i % ARRAY_COUNT(lengths)], each[i / ARRAY_COUNT(lengths)], ranges);
            expect_recall("view", &world, index, 4, 4 + 4 * (i % 2), &shown, 0.75);
            expect_recall("view", &world, index, K, 0, &shown, 0.95);
            expect_recall("half a view", &world, index, 4, 16, &shown, 0.85);
        }
        for (size_t v = round; v < world.count; v += 3) /* then the same with deletions */
            world.deleted[v] = vector_index_delete(index, world.passages[v]);
    }
    free(ranges);
    vector_index_free(index);
    vector_world_release(&world);
}

/* Ranges of the passages marked. */
static struct shown shown_of(const struct vector_world *world, const bool *is_marked, struct index_range *ranges)
{
    struct shown shown = {ranges, 0};
    for (size_t v = 0; v < world->count; v++)
        if (is_marked[v])
            ranges[shown.count++] = (struct index_range){world->passages[v], world->passages[v]};
    return shown;
}

/* One in five, wherever they are: few candidates are enough to find them, as a walk past the hidden ones goes as far as it must. */
static void one_in_five(void **state)
{
    (void)state;
    struct vector_world world;
    vector_world_init(&world, 9000, 40, 40, test_seed() + 1);
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, world.count, &small_graph, index);
    bool *is_marked = memory_alloc(world.count, sizeof(*is_marked));
    struct index_range *ranges = memory_alloc(world.count, sizeof(*ranges));
    struct random random;
    random_init(&random, test_seed() + 4);
    for (size_t v = 0; v < world.count; v++)
        is_marked[v] = random_below(&random, 5) == 0;
    struct shown shown = shown_of(&world, is_marked, ranges);
    expect_recall("one in five", &world, index, 4, 4, &shown, 0.93);
    free(ranges);
    free(is_marked);
    vector_index_free(index);
    vector_world_release(&world);
}

/* ---- few of those near the question are visible ---- */

enum far { FAR_HALF, NEAR_HALF, ANY_HALF };

/* Marks half of the passages: those that are farthest from the question, or nearest to it, or any. */
static void mark_half(const struct vector_world *world, const float *question, enum far far, struct random *random,
                      bool *is_marked)
{
    struct index_hit *all = memory_alloc(world->count, sizeof(*all));
    size_t count = vector_world_nearest(world, question, world->count, NULL, NULL, all);
    float middle = all[count / 2].score;
    bool *is_near = memory_alloc((size_t)world->passages[world->count - 1] + 1, sizeof(*is_near));
    for (size_t h = 0; h < count; h++)
        is_near[all[h].passage] = all[h].score > middle;
    for (size_t v = 0; v < world->count; v++)
        is_marked[v] = far == ANY_HALF ? random_below(random, 2) == 0 : is_near[world->passages[v]] == (far == NEAR_HALF);
    free(is_near);
    free(all);
}

/* Halves of an index, found by the default breadth and exactly. Gives the recall; an exact search has all of the nearest. */
static double recall_of_halves(const struct vector_world *world, const struct vector_index *index, enum far far,
                               size_t questions)
{
    static const size_t wanted_counts[] = {1, K, 100};
    struct index_range *ranges = memory_alloc(world->count, sizeof(*ranges));
    bool *is_marked = memory_alloc(world->count, sizeof(*is_marked));
    float *question = memory_alloc(world->dimensions, sizeof(*question));
    struct random random;
    random_init(&random, test_seed() + 3);
    size_t found = 0, wanted = 0, exact_found = 0, exact_wanted = 0;
    for (size_t i = 0; i < questions; i++) {
        vector_world_question(world, question, &random);
        mark_half(world, question, far, &random, is_marked);
        struct shown shown = shown_of(world, is_marked, ranges);
        struct vector_view *view = vector_view_create(index, shown.ranges, shown.count);
        assert_true(vector_view_count(view) >= 3000);
        for (size_t k = 0; k < ARRAY_COUNT(wanted_counts); k++) {
            struct vector_query query = {.vector = question, .k = wanted_counts[k], .view = view};
            found += check_search(world, index, &query, &shown, &wanted);
            query.exact = true;
            exact_found += check_search(world, index, &query, &shown, &exact_wanted);
        }
        vector_view_free(view);
    }
    assert_int_equal(exact_found, exact_wanted);
    free(question);
    free(is_marked);
    free(ranges);
    return (double)found / (double)wanted;
}

static void expect_halves(size_t count, size_t dimensions, enum far first, enum far last, size_t questions)
{
    struct vector_world world;
    vector_world_init(&world, count, dimensions, 40, test_seed() + 2);
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, world.count, &small_graph, index);
    for (enum far far = first; far <= last; far++) {
        double recall = recall_of_halves(&world, index, far, questions);
        if (recall < 0.95)
            fail_msg("half %d of %zu: recall %.4f, expected 0.95 (seed %llu)", (int)far, count, recall,
                     (unsigned long long)test_seed());
    }
    vector_index_free(index);
    vector_world_release(&world);
}

/* Only the half of the passages that is farthest from the question is shown: its best lie anywhere, and are told by their sketches. */
static void far_half(void **state)
{
    (void)state;
    expect_halves(9000, 72, FAR_HALF, FAR_HALF, 6);
}

/* So many are shown that looking at all of them is the last that is tried. */
static void halves_of_many(void **state)
{
    (void)state;
    expect_halves(25000, 40, FAR_HALF, ANY_HALF, 3);
}

/* Passages in few tight groups, of which the half that is farthest from the question is shown: sketches tell nearly nothing of them. */
static void far_groups(void **state)
{
    (void)state;
    enum { GROUPS = 24, QUESTIONS = 6 };
    struct vector_world world;
    vector_world_init(&world, 12000, 72, 0, test_seed() + 6);
    for (size_t v = GROUPS; v < world.count; v++) {
        float *vector = world.vectors + v * world.dimensions;
        for (size_t i = 0; i < world.dimensions; i++)
            vector[i] = world.vectors[v % GROUPS * world.dimensions + i] + 0.1F * vector[i];
        vector_world_length_1(vector, world.dimensions);
        vector_encode(world.codes + v * world.code_bytes, vector, world.dimensions);
    }
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, world.count, &small_graph, index);
    double recall = recall_of_halves(&world, index, FAR_HALF, QUESTIONS);
    if (recall < 0.95)
        fail_msg("recall %.4f, expected 0.95 (seed %llu)", recall, (unsigned long long)test_seed());
    vector_index_free(index);
    vector_world_release(&world);
}

/* Thousands of the same vector: more than any list holds. As many results as wanted, all the same bits. */
static void duplicates(void **state)
{
    (void)state;
    struct vector_world world;
    vector_world_init(&world, 4000, 32, 5, test_seed());
    for (size_t v = 1; v < world.count; v++)
        if (v % 2 == 0)
            memcpy(world.codes + v * world.code_bytes, world.codes, world.code_bytes);
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, world.count, &small_graph, index);
    struct error error = {0};
    struct index_hit hits[100];
    size_t count;
    for (size_t breadth = 0; breadth <= 30; breadth += 10) {
        struct vector_query query = {.vector = world.vectors, .k = 1 + breadth, .breadth = breadth};
        expect_ok(vector_search(index, &query, hits, &count, &error), &error);
        assert_int_equal(count, query.k);
        query.exact = true;
        query.k = 100;
        expect_ok(vector_search(index, &query, hits, &count, &error), &error);
        assert_int_equal(count, 100);
        for (size_t i = 1; i < count; i++) {
            assert_memory_equal(&hits[i].score, &hits[0].score, sizeof(float));
            assert_true(hits[i].passage > hits[i - 1].passage);
        }
    }
    vector_index_free(index);
    vector_world_release(&world);
}

/* ---- merging ---- */

/* A few equal vectors among many others: boilerplate. All of them are found, although each is the other's nearest. */
static void a_few_equal_ones(void **state)
{
    (void)state;
    enum { ROWS = 6000, EQUAL = 20, EACH = 300, WIDTH = 64 };
    struct error error = {0};
    struct random random;
    uint64_t seed = test_seed();
    float row[WIDTH], question[WIDTH];
    unsigned char code[2 * WIDTH + 16];
    assert_true(vector_code_bytes(WIDTH) <= sizeof(code));
    random_init(&random, seed);
    struct vector_builder *builder = vector_builder_create(WIDTH);
    for (size_t i = 0; i < ROWS; i++) {
        float sum = 0;
        for (size_t j = 0; j < WIDTH; j++) {
            row[j] = (float)(random_unit(&random) - 0.5);
            sum += row[j] * row[j];
        }
        for (size_t j = 0; j < WIDTH; j++)
            row[j] /= sqrtf(sum);
        if (i == 0)
            memcpy(question, row, sizeof(row));
        vector_encode(code, i % EACH == 0 ? question : row, WIDTH);
        expect_ok(vector_builder_add(builder, i + 1, code, &error), &error);
    }
    struct buffer bytes;
    struct vector_segment *segment;
    struct vector_index *index = vector_index_create(WIDTH);
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    expect_ok(vector_builder_encode(builder, &(struct vector_build){.graph_least = 2}, &bytes, &error), &error);
    expect_ok(vector_segment_open_bytes(&segment, &bytes, "equal", &error), &error);
    expect_ok(vector_index_add_segment(index, segment, &error), &error);
    struct index_hit hits[K];
    size_t count;
    const struct vector_query query = {.vector = question, .k = K};
    expect_ok(vector_search(index, &query, hits, &count, &error), &error);
    assert_int_equal(count, K);
    for (size_t i = 0; i < K; i++)
        if (hits[i].passage % EACH != 1)
            fail_msg("hit %zu is passage %llu (seed %llu)", i, (unsigned long long)hits[i].passage, (unsigned long long)seed);
    vector_index_free(index);
    vector_builder_free(builder);
    buffer_release(&bytes);
}

static void merge_all(struct vector_index *index, const struct vector_build *how)
{
    struct error error = {0};
    struct buffer bytes;
    struct vector_segment *segment;
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    size_t count = vector_index_segment_count(index);
    expect_ok(vector_index_merge(index, 0, count, how, &bytes, &error), &error);
    expect_ok(vector_segment_open_bytes(&segment, &bytes, "merged", &error), &error);
    assert_int_equal(vector_segment_count(segment), vector_index_count(index));
    expect_ok(vector_index_replace(index, 0, count, segment, &error), &error);
    assert_int_equal(vector_index_segment_count(index), 1);
}

/* Deletes every `each`-th, and all of a stretch. */
static void delete_some(struct vector_world *world, struct vector_index *index, size_t each)
{
    for (size_t v = 0; v < world->count; v++)
        if (!world->deleted[v] && (v % each == 0 || (v >= 500 && v < 800)))
            world->deleted[v] = vector_index_delete(index, world->passages[v]);
}

static void merges(void **state)
{
    (void)state;
    static const size_t cuts[][4] = {{0, 2000, 2500, 3000}, {0, 300, 2700, 3000}, {0, 0, 500, 3000}, {0, 1000, 2000, 3000}};
    for (size_t i = 0; i < ARRAY_COUNT(cuts); i++) {
        struct vector_world world;
        vector_world_init(&world, 3000, 48, 30, test_seed() + i);
        struct vector_index *index = vector_index_create(world.dimensions);
        for (size_t part = 0; part < 3; part++) {
            struct vector_build how = small_graph;
            how.graph_least = part == 1 ? SIZE_MAX : how.graph_least;
            vector_world_add(&world, cuts[i][part], cuts[i][part + 1], &how, index);
        }
        delete_some(&world, index, i % 2 == 0 ? 5 : 1000);
        merge_all(index, &small_graph);
        expect_recall("merged", &world, index, 5, 20, NULL, 0.9);
        delete_some(&world, index, 4);
        merge_all(index, &small_graph);
        expect_recall("merged again", &world, index, 5, 15, NULL, 0.8);
        for (size_t v = 0; v < world.count; v++)
            if (!world.deleted[v])
                world.deleted[v] = vector_index_delete(index, world.passages[v]);
        merge_all(index, &small_graph);
        assert_int_equal(vector_index_count(index), 0);
        vector_index_free(index);
        vector_world_release(&world);
    }
}

/* Merging does not depend on the number of threads either. */
static void merges_of_threads(void **state)
{
    (void)state;
    struct buffer bytes[2];
    struct error error = {0};
    struct vector_world world;
    vector_world_init(&world, 3000, 40, 12, test_seed());
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, 2000, &small_graph, index);
    vector_world_add(&world, 2000, 3000, &small_graph, index);
    delete_some(&world, index, 6);
    for (size_t i = 0; i < 2; i++) {
        struct vector_build how = small_graph;
        how.pool = i == 0 ? NULL : pool_create(5);
        buffer_init(&bytes[i], LIMIT_SEGMENT_BYTES);
        expect_ok(vector_index_merge(index, 0, 2, &how, &bytes[i], &error), &error);
        pool_free(how.pool);
    }
    compare_bytes("merged", buffer_slice(&bytes[1]), buffer_slice(&bytes[0]), test_seed());
    buffer_release(&bytes[0]);
    buffer_release(&bytes[1]);
    vector_index_free(index);
    vector_world_release(&world);
}

/* ---- what is hidden leaves no trace ---- */

static void hidden_leaves_no_trace(void **state)
{
    (void)state;
    struct vector_world world;
    vector_world_init(&world, 3000, 40, 12, test_seed());
    struct vector_index *index = vector_index_create(world.dimensions), *without = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, world.count, &small_graph, index);
    vector_world_add(&world, 1000, 2000, &small_graph, without);
    struct index_range range = {world.passages[1000], world.passages[1999]};
    struct vector_view *view = vector_view_create(index, &range, 1);
    struct random random;
    random_init(&random, test_seed());
    float question[40];
    for (int i = 0; i < 100; i++) {
        struct error error = {0};
        struct index_hit hits[K], wanted[K];
        size_t count, wanted_count;
        vector_world_question(&world, question, &random);
        struct vector_query query = {.vector = question, .k = K, .exact = true};
        expect_ok(vector_search(without, &query, wanted, &wanted_count, &error), &error);
        query.view = view;
        expect_ok(vector_search(index, &query, hits, &count, &error), &error);
        assert_int_equal(count, wanted_count);
        for (size_t h = 0; h < count; h++) {
            assert_int_equal(hits[h].passage, wanted[h].passage);
            assert_memory_equal(&hits[h].score, &wanted[h].score, sizeof(float));
        }
    }
    vector_view_free(view);
    vector_index_free(index);
    vector_index_free(without);
    vector_world_release(&world);
}

/* ---- many questions ---- */

/* Together, on any number of threads, they get what each gets alone. */
static void many_questions(void **state)
{
    (void)state;
    enum { QUESTIONS = 45 };
    struct error error = {0};
    struct vector_world world;
    vector_world_init(&world, 3000, 24, 12, test_seed());
    struct vector_index *index = vector_index_create(world.dimensions);
    vector_world_add(&world, 0, 2000, &small_graph, index);
    vector_world_add(&world, 2000, 3000, &small_graph, index);
    struct index_range range = {1, world.passages[2500]};
    struct vector_view *view = vector_view_create(index, &range, 1);
    struct pool *pool = pool_create(3);
    struct random random;
    random_init(&random, test_seed());
    float *questions = memory_alloc(QUESTIONS * world.dimensions, sizeof(float));
    for (size_t i = 0; i < QUESTIONS; i++)
        vector_world_question(&world, questions + i * world.dimensions, &random);
    static struct index_hit hits[QUESTIONS * K], wanted[K];
    size_t counts[QUESTIONS], wanted_count;
    for (int way = 0; way < 8; way++) {
        struct vector_query query = {.vector = questions, .k = K, .exact = way % 2 == 0, .view = way % 4 < 2 ? view : NULL};
        expect_ok(vector_search_many(index, &query, QUESTIONS, way < 4 ? pool : NULL, hits, counts, &error), &error);
        for (size_t i = 0; i < QUESTIONS; i++) {
            query.vector = questions + i * world.dimensions;
            expect_ok(vector_search(index, &query, wanted, &wanted_count, &error), &error);
            assert_int_equal(counts[i], wanted_count);
            for (size_t h = 0; h < wanted_count; h++) {
                assert_int_equal(hits[i * K + h].passage, wanted[h].passage);
                assert_memory_equal(&hits[i * K + h].score, &wanted[h].score, sizeof(float));
            }
        }
        query.k = 0;
        expect_error(vector_search_many(index, &query, QUESTIONS, pool, hits, counts, &error), &error, ERROR_INVALID,
                     "0 results");
    }
    pool_free(pool);
    vector_view_free(view);
    free(questions);
    vector_index_free(index);
    vector_world_release(&world);
}

/* ---- stopping, and what cannot be built ---- */

static bool stop_later(void *context, size_t done, size_t total)
{
    size_t *left = context;
    assert_true(done <= total);
    return (*left)-- > 0;
}

static void stopping(void **state)
{
    (void)state;
    struct error error = {0};
    struct vector_world world;
    vector_world_init(&world, 1600, 16, 3, test_seed());
    struct vector_builder *builder = vector_builder_create(world.dimensions);
    for (size_t v = 0; v < world.count; v++)
        expect_ok(vector_builder_add(builder, world.passages[v], world.codes + v * world.code_bytes, &error), &error);
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    size_t steps = 1;
    struct vector_build how = {.graph_least = 2, .step = stop_later, .context = &steps};
    expect_error(vector_builder_encode(builder, &how, &bytes, &error), &error, ERROR_CANCELLED, "cancelled after");
    assert_int_equal(bytes.size, 0);
    assert_int_equal(vector_builder_count(builder), world.count);
    how = (struct vector_build){.links = 1};
    expect_error(vector_builder_encode(builder, &how, &bytes, &error), &error, ERROR_INVALID, "1 neighbours are wanted");
    how = (struct vector_build){.breadth = 20000};
    expect_error(vector_builder_encode(builder, &how, &bytes, &error), &error, ERROR_INVALID, "20000 candidates are wanted");
    for (size_t links = 2; links <= 128; links *= 4) { /* any number of links works */
        how = (struct vector_build){.graph_least = 2, .links = links, .breadth = 20};
        struct vector_index *index = vector_index_create(world.dimensions);
        vector_world_add(&world, 0, world.count, &how, index);
        expect_recall("links", &world, index, 5, 15, NULL, links == 2 ? 0.1 : 0.8);
        vector_index_free(index);
    }
    buffer_release(&bytes);
    vector_builder_free(builder);
    vector_world_release(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(recall_floors),
        cmocka_unit_test(views),
        cmocka_unit_test(far_half),
        cmocka_unit_test(halves_of_many),
        cmocka_unit_test(far_groups),
        cmocka_unit_test(one_in_five),
        cmocka_unit_test(duplicates),
        cmocka_unit_test(a_few_equal_ones),
        cmocka_unit_test(merges),
        cmocka_unit_test(merges_of_threads),
        cmocka_unit_test(hidden_leaves_no_trace),
        cmocka_unit_test(many_questions),
        cmocka_unit_test(stopping),
    };
    return cmocka_run_group_tests_name("index_graph", tests, NULL, NULL);
}
