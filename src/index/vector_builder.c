/* vector_builder.c - gathers vectors, and writes a segment of them. docs/format/vectors.md describes what is written. */
#include "vector_builder.h"
#include "vector_segment.h"
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

bool vector_builder_reserve(struct vector_builder *builder, struct error *error)
{
    /* two planes, passage, row and factor, and lists of neighbours are the most that a vector takes */
    enum { OTHERS = 8 + 4 + 4, LISTS_MOST = 3 * 4 * VECTOR_LINKS_MAX, REST = 64 * 1024 };
    if (builder->count >= (LIMIT_SEGMENT_BYTES - REST) / (2 * builder->stride + OTHERS + LISTS_MOST))
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

static void write_meta(const struct vector_builder *builder, struct container_writer *writer)
{
    buffer_u32(writer->out, (uint32_t)builder->dimensions);
    buffer_u32(writer->out, 0);
    buffer_u32(writer->out, (uint32_t)builder->count);
    buffer_append_zeros(writer->out, VECTOR_META_BYTES - VECTOR_META_AT_COUNTS - 4);
    container_chunk_end(writer);
}

static void write_segment(const struct vector_builder *builder, struct buffer *out)
{
    struct container_writer writer;
    container_begin(&writer, &vector_kind, out);
    write_meta(builder, &writer);
    for (size_t i = 0; i < builder->count; i++)
        buffer_u64(out, builder->passages[i]);
    container_chunk_end(&writer);
    container_chunk_end(&writer); /* no rows: they are the ranks */
    buffer_append(out, builder->factors, builder->count * sizeof(*builder->factors));
    container_chunk_end(&writer);
    buffer_append(out, builder->high, builder->count * builder->stride);
    container_chunk_end(&writer);
    buffer_append(out, builder->low, builder->count * builder->stride);
    container_chunk_end(&writer);
    container_chunk_end(&writer); /* no graph */
    container_end(&writer);
}

bool vector_builder_encode(struct vector_builder *builder, const struct vector_build *how, struct buffer *out,
                           struct error *error)
{
    (void)how;
    size_t start = out->size;
    write_segment(builder, out);
    if (!buffer_finish(out, "vector segment", error)) {
        out->size = start;
        out->failed = false;
        return false;
    }
    vector_builder_clear(builder);
    return true;
}
