/* vector_builder.c - gathers vectors, and writes a segment of them. docs/format/vectors.md describes what is written. */
#include "vector_builder.h"
#include "vector_order.h"
#include "vector_segment.h"
#include "vector_sketch.h"
#include "vector_weave.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct vector_builder *vector_builder_create(size_t dimensions)
{
    assert(dimensions > 0 && dimensions <= LIMIT_VECTOR_DIMENSIONS);
    struct vector_builder *builder = memory_alloc(1, sizeof(*builder));
    builder->dimensions = dimensions;
    builder->stride = vector_stride(dimensions);
    return builder;
}

void vector_builder_clear(struct vector_builder *builder)
{
    free(builder->passages);
    free(builder->factors);
    free(builder->high);
    free(builder->low);
    *builder = (struct vector_builder){.dimensions = builder->dimensions, .stride = builder->stride};
}

void vector_builder_free(struct vector_builder *builder)
{
    if (builder == NULL)
        return;
    vector_builder_clear(builder);
    free(builder);
}

size_t vector_builder_count(const struct vector_builder *builder)
{
    return builder->count;
}

/* realloc that leaves the array alone on failure. */
static bool grow(void *array, size_t count, size_t size)
{
    void **items = array, *grown = realloc(*items, count * size);
    if (grown == NULL)
        return false;
    *items = grown;
    return true;
}

/* What a segment takes, about, and not less: two planes, a sketch, passage, row, factor and scale for each vector, the lists of neighbours, and groups
 * with their runs. */
static uint64_t bytes_of(const struct vector_builder *builder, size_t count, size_t list_numbers, size_t groups, size_t runs)
{
    enum { OTHERS = 8 + 4 + 4 + 4, FRAME = 2048 };
    return FRAME + (uint64_t)count * (2 * builder->stride + builder->stride / 8 + OTHERS) + 4 * (uint64_t)list_numbers +
           groups * (uint64_t)(builder->stride + 4) + runs * (uint64_t)VECTOR_RUN_BYTES;
}

bool vector_builder_reserve(struct vector_builder *builder, struct error *error)
{
    if (bytes_of(builder, builder->count + 1, 0, 0, 0) > LIMIT_SEGMENT_BYTES)
        return error_set(error, ERROR_LIMIT, "a vector segment has room for %zu vectors of %zu dimensions", builder->count,
                         builder->dimensions);
    if (builder->count < builder->capacity)
        return true;
    size_t capacity = memory_grown(builder->capacity, builder->count + 1);
    if (!grow(&builder->passages, capacity, sizeof(*builder->passages)) ||
        !grow(&builder->factors, capacity, sizeof(*builder->factors)) || !grow(&builder->high, capacity, builder->stride) ||
        !grow(&builder->low, capacity, builder->stride))
        return error_set(error, ERROR_NO_MEMORY, "no memory for %zu vectors of %zu dimensions", capacity, builder->dimensions);
    builder->capacity = capacity;
    return true;
}

bool vector_builder_add(struct vector_builder *builder, passage_id passage, const unsigned char *code, struct error *error)
{
    if (passage == 0 || (builder->count > 0 && passage <= builder->passages[builder->count - 1]))
        return error_set(error, ERROR_INVALID, "vector of passage %llu comes behind that of passage %llu",
                         (unsigned long long)passage,
                         (unsigned long long)(builder->count > 0 ? builder->passages[builder->count - 1] : 0));
    if (!vector_builder_reserve(builder, error))
        return false;
    size_t row = builder->count, at = row * builder->stride;
    if (!vector_split(&builder->factors[row], builder->high + at, builder->low + at, code, builder->dimensions)) {
        error_set(error, ERROR_CORRUPT, "the vector of passage %llu is no code of a vector", (unsigned long long)passage);
        return error_hint(error, "Embed the passage again.");
    }
    builder->passages[row] = passage;
    builder->count++;
    return true;
}

/* ---- writing ---- */

/* Vectors as they are written: in the order of their rows, with their graph, if there is one. */
struct plan {
    const struct vector_builder *builder;
    struct vector_order order; /* none: rows are ranks */
    struct vector_graph graph;
    struct vector_space space;
    int8_t *high;
    float *factors;
    uint32_t *lists;
    unsigned char *signs;
    float *scales;
};

static uint32_t rank_of(const struct plan *plan, size_t row)
{
    return plan->order.ranks != NULL ? plan->order.ranks[row] : (uint32_t)row;
}

static void write_meta(const struct plan *plan, struct container_writer *writer)
{
    buffer_u32(writer->out, (uint32_t)plan->builder->dimensions);
    buffer_u32(writer->out, plan->graph.links);
    for (size_t level = 0; level < VECTOR_LEVELS_MAX; level++)
        buffer_u32(writer->out, plan->graph.counts[level]);
    container_chunk_end(writer);
}

/* rank → row */
static void write_rows(const struct plan *plan, struct container_writer *writer)
{
    size_t start = writer->out->size, count = plan->order.ranks != NULL ? plan->builder->count : 0;
    buffer_append_zeros(writer->out, 4 * count);
    for (size_t row = 0; row < count && !writer->out->failed; row++)
        buffer_patch_u32(writer->out, start + 4 * (size_t)plan->order.ranks[row], (uint32_t)row);
    container_chunk_end(writer);
}

static void write_groups(const struct plan *plan, struct container_writer *writer)
{
    const struct vector_order *order = &plan->order;
    if (order->groups.count > 0)
        buffer_append(writer->out, order->groups.means, order->groups.count * plan->builder->stride);
    container_chunk_end(writer);
    if (order->groups.count > 0)
        buffer_append(writer->out, order->groups.factors, order->groups.count * sizeof(float));
    container_chunk_end(writer);
    for (uint32_t run = 0; run < order->run_count; run++) {
        buffer_u32(writer->out, order->runs[run].end);
        buffer_u32(writer->out, order->runs[run].group);
    }
    container_chunk_end(writer);
}

static void write_segment(const struct plan *plan, struct buffer *out)
{
    const struct vector_builder *builder = plan->builder;
    struct container_writer writer;
    container_begin(&writer, &vector_kind, out);
    write_meta(plan, &writer);
    for (size_t i = 0; i < builder->count; i++)
        buffer_u64(out, builder->passages[i]);
    container_chunk_end(&writer);
    write_rows(plan, &writer);
    buffer_append(out, plan->space.factors, builder->count * sizeof(float));
    container_chunk_end(&writer);
    buffer_append(out, plan->space.high, builder->count * builder->stride);
    container_chunk_end(&writer);
    for (size_t row = 0; row < builder->count; row++)
        buffer_append(out, builder->low + rank_of(plan, row) * builder->stride, builder->stride);
    container_chunk_end(&writer);
    if (plan->lists != NULL)
        buffer_append(out, plan->lists, vector_list_numbers(&plan->graph) * sizeof(*plan->lists));
    container_chunk_end(&writer);
    if (plan->signs != NULL)
        buffer_append(out, plan->signs, builder->count * builder->stride / 8);
    container_chunk_end(&writer);
    if (plan->scales != NULL)
        buffer_append(out, plan->scales, builder->count * sizeof(*plan->scales));
    container_chunk_end(&writer);
    write_groups(plan, &writer);
    container_end(&writer);
}

/* Orders the rows and builds the graph. */
static bool make_graph(struct plan *plan, const struct vector_build *how, const struct vector_origin *origin,
                       struct error *error)
{
    const struct vector_builder *builder = plan->builder;
    uint32_t count = (uint32_t)builder->count;
    struct vector_space given = plan->space;
    if (!vector_order_make(&plan->order, builder->passages, &given, count, plan->graph.links, how->pool, error))
        return false;
    memcpy(plan->graph.counts, plan->order.counts, sizeof(plan->graph.counts));
    size_t numbers = vector_list_numbers(&plan->graph);
    if (bytes_of(builder, count, numbers, plan->order.groups.count, plan->order.run_count) > LIMIT_SEGMENT_BYTES)
        return error_set(error, ERROR_LIMIT, "a vector segment has no room for the graph of %u vectors of %zu dimensions",
                         count, builder->dimensions);
    plan->high = memory_large(count, builder->stride);
    plan->factors = memory_large(count, sizeof(*plan->factors));
    plan->lists = memory_large(numbers, sizeof(*plan->lists));
    plan->signs = memory_large(count, builder->stride / 8);
    plan->scales = memory_large(count, sizeof(*plan->scales));
    if (plan->high == NULL || plan->factors == NULL || plan->lists == NULL || plan->signs == NULL || plan->scales == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the graph of %u vectors", count);
    memset(plan->lists, 0xFF, numbers * sizeof(*plan->lists));
    for (uint32_t row = 0; row < count; row++) {
        memcpy(plan->high + row * builder->stride, given.high + plan->order.ranks[row] * builder->stride, builder->stride);
        plan->factors[row] = given.factors[plan->order.ranks[row]];
    }
    plan->space = (struct vector_space){plan->high, plan->factors, builder->stride};
    if (!vector_sketch_make(plan->signs, plan->scales, &plan->order, &plan->space, builder->low, how->pool))
        return error_set(error, ERROR_NO_MEMORY, "no memory for the sketches of %u vectors", count);
    uint32_t entry = VECTOR_NONE;
    size_t left = count;
    if (origin != NULL && origin->segment->graph.links == plan->graph.links &&
        !vector_mend(origin, &plan->graph, plan->lists, &plan->space, &plan->order, how->pool, &entry, &left, error))
        return false;
    return vector_weave(&plan->graph, plan->lists, entry, &plan->space, plan->order.sequence, left, how, error);
}

static bool check_build(const struct vector_build *how, struct error *error)
{
    if (how->links == 1 || how->links > VECTOR_LINKS_MAX)
        return error_set(error, ERROR_INVALID, "%zu neighbours are wanted for each vector, expected 2 to %d", how->links,
                         VECTOR_LINKS_MAX);
    if (how->breadth > VECTOR_BREADTH_MAX)
        return error_set(error, ERROR_INVALID, "%zu candidates are wanted for each vector, the limit is %d", how->breadth,
                         VECTOR_BREADTH_MAX);
    return true;
}

bool vector_builder_encode(struct vector_builder *builder, const struct vector_build *how, struct buffer *out,
                           struct error *error)
{
    return vector_builder_write(builder, how, NULL, out, error);
}

bool vector_builder_write(struct vector_builder *builder, const struct vector_build *how, const struct vector_origin *origin,
                          struct buffer *out, struct error *error)
{
    if (!check_build(how, error))
        return false;
    size_t start = out->size, least = how->graph_least > 0 ? how->graph_least : VECTOR_GRAPH_LEAST;
    struct plan plan = {.builder = builder, .space = {builder->high, builder->factors, builder->stride}};
    plan.graph.counts[0] = (uint32_t)builder->count;
    bool ok = true;
    if (builder->count >= least && builder->count > 0) {
        plan.graph.links = (uint32_t)(how->links > 0 ? how->links : VECTOR_LINKS_DEFAULT);
        ok = make_graph(&plan, how, origin, error);
    }
    if (ok) {
        write_segment(&plan, out);
        ok = buffer_finish(out, "vector segment", error);
    }
    vector_order_release(&plan.order);
    free(plan.high);
    free(plan.factors);
    free(plan.lists);
    free(plan.signs);
    free(plan.scales);
    if (!ok) {
        out->size = start;
        out->failed = false;
        return false;
    }
    vector_builder_clear(builder);
    return true;
}
