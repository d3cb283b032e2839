#include "vector_world.h"
#include "compare.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float normal(struct random *random)
{
    double sum = 0; /* twelve uniform numbers make a bell good enough */
    for (int i = 0; i < 12; i++)
        sum += random_unit(random);
    return (float)(sum - 6);
}

void vector_world_length_1(float *vector, size_t dimensions)
{
    double square = 0;
    for (size_t i = 0; i < dimensions; i++)
        square += (double)vector[i] * (double)vector[i];
    for (size_t i = 0; i < dimensions && square > 0; i++)
        vector[i] = (float)((double)vector[i] / sqrt(square));
}

void vector_world_init(struct vector_world *world, size_t count, size_t dimensions, size_t clusters, uint64_t seed)
{
    *world = (struct vector_world){.dimensions = dimensions, .count = count, .code_bytes = vector_code_bytes(dimensions)};
    world->vectors = memory_alloc(count * dimensions, sizeof(float));
    world->codes = memory_alloc(count, world->code_bytes);
    world->passages = memory_alloc(count, sizeof(passage_id));
    world->deleted = memory_alloc(count, sizeof(bool));
    struct random random;
    random_init(&random, seed);
    float *centers = memory_alloc((clusters + 1) * dimensions, sizeof(float));
    for (size_t i = 0; i < clusters * dimensions; i++)
        centers[i] = normal(&random);
    passage_id passage = 0;
    for (size_t v = 0; v < count; v++) {
        float *vector = world->vectors + v * dimensions;
        const float *center = centers + (clusters > 0 ? random_below(&random, clusters) : 0) * dimensions;
        for (size_t i = 0; i < dimensions; i++)
            vector[i] = center[i] + normal(&random) * 4 / sqrtf((float)i + 1);
        if (v % 37 == 36)
            memcpy(vector, vector - dimensions, dimensions * sizeof(float));
        if (v % 101 == 100)
            memset(vector, 0, dimensions * sizeof(float));
        vector_world_length_1(vector, dimensions);
        vector_encode(world->codes + v * world->code_bytes, vector, dimensions);
        passage += 1 + random_below(&random, 3);
        world->passages[v] = passage;
    }
    free(centers);
}

void vector_world_release(struct vector_world *world)
{
    free(world->vectors);
    free(world->codes);
    free(world->passages);
    free(world->deleted);
}

void vector_world_question(const struct vector_world *world, float *question, struct random *random)
{
    const float *near = world->vectors + random_below(random, world->count) * world->dimensions;
    for (size_t i = 0; i < world->dimensions; i++)
        question[i] = near[i] + 0.5F * normal(random) / sqrtf((float)world->dimensions);
    vector_world_length_1(question, world->dimensions);
}

static int number_at(const unsigned char *code, size_t i)
{
    int number = code[4 + 2 * i] | code[5 + 2 * i] << 8;
    return number < 32768 ? number : number - 65536;
}

static float score_of(const unsigned char *a, const unsigned char *b, size_t dimensions)
{
    float factors[2];
    memcpy(&factors[0], a, sizeof(float));
    memcpy(&factors[1], b, sizeof(float));
    int64_t sum = 0;
    for (size_t i = 0; i < dimensions; i++)
        sum += (int64_t)number_at(a, i) * number_at(b, i);
    return (float)((double)sum * (double)factors[0] * (double)factors[1]);
}

static int compare_hits(const void *a, const void *b)
{
    const struct index_hit *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score > y->score ? -1 : 1;
    return x->passage < y->passage ? -1 : x->passage > y->passage;
}

size_t vector_world_nearest(const struct vector_world *world, const float *question, size_t k,
                            bool (*visible)(const void *context, passage_id passage), const void *context,
                            struct index_hit *hits)
{
    unsigned char *code = memory_alloc(world->code_bytes, 1);
    vector_encode(code, question, world->dimensions);
    struct index_hit *all = memory_alloc(world->count, sizeof(*all));
    size_t count = 0;
    for (size_t v = 0; v < world->count; v++)
        if (!world->deleted[v] && (visible == NULL || visible(context, world->passages[v])))
            all[count++] = (struct index_hit){world->passages[v],
                                              score_of(code, world->codes + v * world->code_bytes, world->dimensions)};
    qsort(all, count, sizeof(*all), compare_hits);
    count = count < k ? count : k;
    memcpy(hits, all, count * sizeof(*hits));
    free(all);
    free(code);
    return count;
}

void vector_world_add(const struct vector_world *world, size_t first, size_t end, const struct vector_build *how,
                      struct vector_index *index)
{
    struct error error = {0};
    struct buffer bytes;
    struct vector_segment *segment;
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    struct vector_builder *builder = vector_builder_create(world->dimensions);
    for (size_t v = first; v < end; v++)
        expect_ok(vector_builder_add(builder, world->passages[v], world->codes + v * world->code_bytes, &error), &error);
    assert_int_equal(vector_builder_count(builder), end - first);
    expect_ok(vector_builder_encode(builder, how, &bytes, &error), &error);
    assert_int_equal(vector_builder_count(builder), 0);
    vector_builder_free(builder);
    expect_ok(vector_segment_open_bytes(&segment, &bytes, "made", &error), &error);
    assert_int_equal(vector_segment_count(segment), end - first);
    expect_ok(vector_index_add_segment(index, segment, &error), &error);
}

size_t vector_hits_common(const struct index_hit *hits, const struct index_hit *wanted, size_t count)
{
    size_t common = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            common += hits[i].passage == wanted[j].passage;
    return common;
}
