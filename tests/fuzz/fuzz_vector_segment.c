/* fuzz_vector_segment.c - a file of vectors that lies about everything but its checksums.
 *
 * The input is a file; its chunk table is followed and every checksum made right, so that the fuzzer gets behind them. What opens is
 * searched in all ways, deleted from, merged and searched again; by its sketches too, which a search asks of large segments alone. Nothing may
 * crash, and a merged segment must open.
 *
 * An empty corpus works too: an input that does not begin as such a file does is laid over a small one, byte by byte. */
#include "index/vector_sketch.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VERSION = 8, TABLE = 24, ROW = 32, CHUNKS = 12, CHUNKS_BEFORE = 7, SEED_ROWS = 300, SEED_DIMENSIONS = 5, K_MAX = 4 };

static const struct vector_build graph = {.links = 2, .breadth = 8, .graph_least = 2};

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

static void repair_checksums(struct buffer *bytes)
{
    size_t end = TABLE + ROW * (bytes->size > VERSION && bytes->data[VERSION] == 1 ? CHUNKS_BEFORE : CHUNKS);
    if (bytes->size < end + 8)
        return;
    put_number(bytes->data + 16, bytes->size);
    for (size_t row = TABLE; row < end; row += ROW) {
        uint64_t offset = number_at(bytes->data + row + 8), length = number_at(bytes->data + row + 16);
        if (offset <= bytes->size && length <= bytes->size - offset)
            put_number(bytes->data + row + 24, XXH3_64bits(bytes->data + offset, (size_t)length));
    }
    put_number(bytes->data + end, XXH3_64bits(bytes->data, end));
}

static void require(bool ok)
{
    if (!ok)
        abort();
}

static struct buffer seed_segment(void)
{
    struct error error;
    struct random random;
    random_init(&random, 1);
    struct vector_builder *builder = vector_builder_create(SEED_DIMENSIONS);
    for (passage_id passage = 1; passage <= SEED_ROWS; passage++) {
        float vector[SEED_DIMENSIONS];
        unsigned char code[4 + 2 * SEED_DIMENSIONS];
        for (size_t i = 0; i < SEED_DIMENSIONS; i++)
            vector[i] = (float)random_unit(&random) - 0.5F;
        vector_encode(code, vector, SEED_DIMENSIONS);
        require(vector_builder_add(builder, passage * 2, code, &error));
    }
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    require(vector_builder_encode(builder, &graph, &bytes, &error));
    vector_builder_free(builder);
    return bytes;
}

/* A file as it is; anything else as a list of changes (place u16, byte) to the small one. */
static void file_of_input(struct buffer *bytes, const uint8_t *data, size_t size)
{
    if (size >= 8 && memcmp(data, "ASSAYVEC", 8) == 0) {
        buffer_append(bytes, data, size);
        return;
    }
    static struct buffer seed;
    if (seed.size == 0)
        seed = seed_segment();
    buffer_append_slice(bytes, buffer_slice(&seed));
    for (size_t i = 0; i + 3 <= size; i += 3)
        bytes->data[(data[i] | (size_t)data[i + 1] << 8) % bytes->size] = (char)data[i + 2];
}

static void search(const struct vector_index *index, size_t dimensions, struct index_range range)
{
    struct error error;
    float *question = memory_alloc(dimensions, sizeof(float));
    struct vector_view *view = vector_view_create(index, &range, 1);
    for (size_t k = 1; k <= K_MAX; k++) {
        struct index_hit hits[K_MAX];
        size_t count = 0;
        question[(k * 7) % dimensions] += 0.5F;
        struct vector_query query = {.vector = question, .k = k, .breadth = 1, .view = k % 2 == 0 ? view : NULL};
        require(vector_search(index, &query, hits, &count, &error));
        require(count <= k && (k % 2 == 0 || count == k || count == vector_index_count(index)));
        query.breadth = 0;
        require(vector_search(index, &query, hits, &count, &error));
        query.exact = true;
        require(vector_search(index, &query, hits, &count, &error));
    }
    vector_view_free(view);
    free(question);
}

/* As a search does it among many rows. */
static void scan_sketches(const struct vector_segment *segment)
{
    if (segment->signs == NULL)
        return;
    float *vector = memory_alloc(segment->dimensions, sizeof(float));
    uint64_t *rows = memory_alloc((segment->count + 63) / 64, sizeof(*rows));
    struct vector_visible visible = {.rows = rows};
    for (uint32_t row = 0; row < segment->count; row += 1 + row % 3) {
        rows[row / 64] |= (uint64_t)1 << (row % 64);
        visible.count++;
    }
    for (size_t k = 1; k <= K_MAX; k++) {
        struct index_hit hits[K_MAX];
        struct best_hits best = {.hits = hits, .k = k};
        struct vector_question question;
        vector[(k * 5) % segment->dimensions] += k % 2 == 0 ? 0.5F : -0.7F;
        vector_question_init(&question, vector, segment->dimensions);
        require(vector_sketch_scan(segment, &visible, &question, &best));
        require(best.count == (k < visible.count ? k : visible.count));
        vector_question_release(&question);
    }
    free(rows);
    free(vector);
}

static void merge(const struct vector_index *index)
{
    struct error error;
    struct buffer bytes;
    struct vector_segment *segment;
    buffer_init(&bytes, 16 * MIB);
    require(vector_index_merge(index, 0, 1, &graph, &bytes, &error));
    require(vector_segment_open_bytes(&segment, &bytes, "merged", &error));
    vector_segment_close(segment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;
    struct buffer bytes;
    struct vector_segment *segment;
    buffer_init(&bytes, 4 * MIB);
    file_of_input(&bytes, data, size);
    repair_checksums(&bytes);
    if (!vector_segment_open_bytes(&segment, &bytes, "input", &error)) {
        require(error.kind == ERROR_CORRUPT);
        buffer_release(&bytes);
        return 0;
    }
    scan_sketches(segment);
    size_t dimensions = vector_segment_dimensions(segment);
    passage_id first = vector_segment_first(segment), last = vector_segment_last(segment);
    struct vector_index *index = vector_index_create(dimensions);
    require(vector_index_add_segment(index, segment, &error));
    struct index_range range = {first, first + (last - first) / 2};
    search(index, dimensions, range);
    vector_index_delete(index, first);
    search(index, dimensions, range);
    merge(index);
    vector_index_free(index);
    return 0;
}
