/* vector_segment.c - opens a vector segment and proves it, once, so that nothing that reads it later has to look where it steps.
 *
 * Proven, in this order:
 *   the frame      magic, version, sizes, every checksum, zero padding (container.c)
 *   the counts     dimensions, links and levels in their bounds; each chunk has the size that they give it
 *   the groups     their means are codes, as rows are
 *   the runs       they ascend to the last row; each has a group that there is
 *   the scales     numbers between 0 and 4
 *   the passages   ascending, above 0
 *   the rows       each rank has one of its own
 *   the factors    numbers between 0 and what stands for 1
 *   the codes      no high part of -128; zeros behind the last dimension
 *   the lists      every neighbour is another row of its level; nothing but VECTOR_NONE behind the last */
#include "vector_segment.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "factors, runs and lists of neighbours are used as they lie in the file"
#endif

static const uint32_t chunk_ids[VECTOR_CHUNK_COUNT] = {
    /* ORDER VECTOR CHUNKS */
    CHUNK_ID('M', 'E', 'T', 'A'), CHUNK_ID('P', 'A', 'S', 'S'), CHUNK_ID('R', 'O', 'W', 'S'), CHUNK_ID('F', 'A', 'C', 'T'),
    CHUNK_ID('H', 'I', 'G', 'H'), CHUNK_ID('L', 'O', 'W', 'S'), CHUNK_ID('L', 'I', 'N', 'K'), CHUNK_ID('S', 'I', 'G', 'N'),
    CHUNK_ID('S', 'C', 'A', 'L'), CHUNK_ID('M', 'E', 'A', 'N'), CHUNK_ID('M', 'F', 'A', 'C'), CHUNK_ID('R', 'U', 'N', 'S'),
};

const struct container_kind vector_kind = {.magic = "ASSAYVEC",
                                           .version = 2,
                                           .version_least = 1,
                                           .ids = chunk_ids,
                                           .chunk_count = VECTOR_CHUNK_COUNT,
                                           .alignment = VECTOR_UNIT};

/* As they were before there were sketches: as good, but for searches of those who see some rows that lie far from the question. */
static const struct container_kind first_kind = {
    .magic = "ASSAYVEC", .version = 1, .ids = chunk_ids, .chunk_count = VECTOR_SIGNS, .alignment = VECTOR_UNIT};

static size_t offset_of(const struct vector_segment *segment, const void *part)
{
    return (size_t)((const char *)part - segment->file.data);
}

static bool check_size(const struct vector_segment *segment, const struct slice *chunks, enum vector_chunk chunk, uint64_t size,
                       struct error *error)
{
    static const char *const names[] = {"META", "PASS", "ROWS", "FACT", "HIGH", "LOWS",
                                        "LINK", "SIGN", "SCAL", "MEAN", "MFAC", "RUNS"}; /* ORDER VECTOR CHUNKS */
    if (chunks[chunk].size == size)
        return true;
    return container_damaged(segment->name, offset_of(segment, chunks[chunk].data), error, "%s has %zu bytes, expected %llu",
                             names[chunk], chunks[chunk].size, (unsigned long long)size);
}

/* Levels: as many as have rows; each fewer than the one below, so that none is there for nothing. */
static bool read_counts(struct vector_segment *segment, struct slice meta, uint64_t *lists, struct error *error)
{
    size_t at = offset_of(segment, meta.data);
    struct bytes bytes = bytes_from(meta);
    struct vector_graph *graph = &segment->graph;
    segment->dimensions = bytes_u32(&bytes);
    graph->links = bytes_u32(&bytes);
    for (size_t level = 0; level < VECTOR_LEVELS_MAX; level++)
        graph->counts[level] = bytes_u32(&bytes);
    segment->count = graph->counts[0];
    segment->stride = vector_stride(segment->dimensions);
    if (segment->dimensions == 0 || segment->dimensions > LIMIT_VECTOR_DIMENSIONS)
        return container_damaged(segment->name, at, error, "vectors have %zu dimensions", segment->dimensions);
    if (segment->count > VECTOR_ROWS_MAX)
        return container_damaged(segment->name, at + VECTOR_META_AT_COUNTS, error, "it has %u vectors", segment->count);
    if (graph->links > VECTOR_LINKS_MAX || graph->links == 1)
        return container_damaged(segment->name, at + VECTOR_META_AT_LINKS, error, "rows have %u neighbours", graph->links);
    *lists = (uint64_t)segment->count * graph_width(graph, 0);
    for (size_t level = 1; level < VECTOR_LEVELS_MAX; level++) {
        uint32_t below = graph->counts[level - 1], count = graph->counts[level];
        if (count > 0 && (count >= below || graph->links == 0))
            return container_damaged(segment->name, at + VECTOR_META_AT_COUNTS + 4 * level, error,
                                     "level %zu has %u rows, the one below has %u", level, count, below);
        *lists += (uint64_t)count * graph->links;
    }
    if (graph->links > 0 && segment->count == 0)
        return container_damaged(segment->name, at + VECTOR_META_AT_LINKS, error, "there is a graph of no rows");
    return true;
}

static bool read_parts(struct vector_segment *segment, const struct slice *chunks, struct error *error)
{
    uint64_t lists = 0;
    if (!check_size(segment, chunks, VECTOR_META, VECTOR_META_BYTES, error) ||
        !read_counts(segment, chunks[VECTOR_META], &lists, error))
        return false;
    struct vector_graph *graph = &segment->graph;
    uint64_t count = segment->count;
    if (!check_size(segment, chunks, VECTOR_PASSAGES, 8 * count, error) ||
        !check_size(segment, chunks, VECTOR_ROWS, graph->links > 0 ? 4 * count : 0, error) ||
        !check_size(segment, chunks, VECTOR_FACTORS, 4 * count, error) ||
        !check_size(segment, chunks, VECTOR_HIGH, count * segment->stride, error) ||
        !check_size(segment, chunks, VECTOR_LOW, count * segment->stride, error) ||
        !check_size(segment, chunks, VECTOR_LINKS, 4 * lists, error))
        return false;
    segment->passages = (const unsigned char *)chunks[VECTOR_PASSAGES].data;
    segment->rows = graph->links > 0 ? (const unsigned char *)chunks[VECTOR_ROWS].data : NULL;
    segment->factors = (const float *)(const void *)chunks[VECTOR_FACTORS].data;
    segment->high = (const int8_t *)chunks[VECTOR_HIGH].data;
    segment->low = (const int8_t *)chunks[VECTOR_LOW].data;
    const uint32_t *list = (const uint32_t *)(const void *)chunks[VECTOR_LINKS].data;
    for (size_t level = 0; level < VECTOR_LEVELS_MAX && graph->links > 0; level++) {
        graph->lists[level] = list;
        list += (size_t)graph->counts[level] * graph_width(graph, level);
    }
    return true;
}

/* A number of items that the size of a chunk tells: at least one, and no more than there are rows. */
static bool read_count(const struct vector_segment *segment, const struct slice *chunks, enum vector_chunk chunk, size_t item,
                       uint32_t *count, struct error *error)
{
    size_t size = chunks[chunk].size, most = segment->count;
    *count = (uint32_t)(size / item < most ? size / item : most);
    return check_size(segment, chunks, chunk, (*count > 0 ? *count : 1) * (uint64_t)item, error);
}

/* There, where there is a graph, unless the file is of the first version. */
static bool read_sketches(struct vector_segment *segment, const struct slice *chunks, struct error *error)
{
    uint64_t count = segment->graph.links > 0 ? segment->count : 0;
    if (!check_size(segment, chunks, VECTOR_SIGNS, count * segment->stride / 8, error) ||
        !check_size(segment, chunks, VECTOR_SCALES, 4 * count, error))
        return false;
    if (count == 0)
        return check_size(segment, chunks, VECTOR_MEANS, 0, error) &&
               check_size(segment, chunks, VECTOR_MEAN_FACTORS, 0, error) && check_size(segment, chunks, VECTOR_RUNS, 0, error);
    if (!read_count(segment, chunks, VECTOR_MEAN_FACTORS, sizeof(float), &segment->group_count, error) ||
        !check_size(segment, chunks, VECTOR_MEANS, segment->group_count * (uint64_t)segment->stride, error) ||
        !read_count(segment, chunks, VECTOR_RUNS, VECTOR_RUN_BYTES, &segment->run_count, error))
        return false;
    segment->signs = (const unsigned char *)chunks[VECTOR_SIGNS].data;
    segment->scales = (const float *)(const void *)chunks[VECTOR_SCALES].data;
    segment->means = (const int8_t *)chunks[VECTOR_MEANS].data;
    segment->mean_factors = (const float *)(const void *)chunks[VECTOR_MEAN_FACTORS].data;
    segment->runs = (const struct vector_run *)(const void *)chunks[VECTOR_RUNS].data;
    return true;
}

static bool prove_passages(const struct vector_segment *segment, struct error *error)
{
    passage_id before = 0;
    for (uint32_t rank = 0; rank < segment->count; rank++) {
        const unsigned char *at = segment->passages + 8 * (size_t)rank;
        if (load_u64(at) <= before)
            return container_damaged(segment->name, offset_of(segment, at), error, "passages do not ascend");
        before = load_u64(at);
    }
    return true;
}

/* Fills in the ranks on the way. */
static bool prove_rows(struct vector_segment *segment, struct error *error)
{
    if (segment->rows == NULL)
        return true;
    segment->ranks = memory_try(segment->count, sizeof(*segment->ranks));
    if (segment->ranks == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the %u rows of segment \"%s\"", segment->count, segment->name);
    memset(segment->ranks, 0xFF, segment->count * sizeof(*segment->ranks));
    for (uint32_t rank = 0; rank < segment->count; rank++) {
        uint32_t row = vector_row(segment, rank);
        if (row >= segment->count || segment->ranks[row] != UINT32_MAX)
            return container_damaged(segment->name, offset_of(segment, segment->rows + 4 * (size_t)rank), error,
                                     "rank %u has row %u, which is %s", rank, row,
                                     row >= segment->count ? "not there" : "another's");
        segment->ranks[row] = rank;
    }
    return true;
}

static bool prove_factors(const struct vector_segment *segment, struct error *error)
{
    for (uint32_t row = 0; row < segment->count; row++)
        if (!vector_factor_is_sound(segment->factors[row]))
            return container_damaged(segment->name, offset_of(segment, &segment->factors[row]), error,
                                     "row %u has the factor %g", row, (double)segment->factors[row]);
    return true;
}

static bool is_zero(const int8_t *bytes, size_t count)
{
    int any = 0;
    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

static bool has_no_least(const int8_t *bytes, size_t count)
{
    int least = 0;
    for (size_t i = 0; i < count; i++)
        least |= bytes[i] == INT8_MIN;
    return least == 0;
}

static bool prove_codes(const struct vector_segment *segment, struct error *error)
{
    size_t padding = segment->stride - segment->dimensions;
    for (uint32_t row = 0; row < segment->count; row++) {
        const int8_t *high = segment->high + row * segment->stride, *low = segment->low + row * segment->stride;
        if (!has_no_least(high, segment->dimensions))
            return container_damaged(segment->name, offset_of(segment, high), error, "row %u has a high part of -128", row);
        if (!is_zero(high + segment->dimensions, padding) || !is_zero(low + segment->dimensions, padding))
            return container_damaged(segment->name, offset_of(segment, high), error,
                                     "row %u does not end in zeros in HIGH or LOWS", row);
    }
    return true;
}

static bool prove_means(const struct vector_segment *segment, struct error *error)
{
    for (uint32_t group = 0; group < segment->group_count; group++) {
        const int8_t *mean = segment->means + group * segment->stride;
        if (!vector_factor_is_sound(segment->mean_factors[group]))
            return container_damaged(segment->name, offset_of(segment, &segment->mean_factors[group]), error,
                                     "the mean of group %u has the factor %g", group, (double)segment->mean_factors[group]);
        if (!has_no_least(mean, segment->dimensions))
            return container_damaged(segment->name, offset_of(segment, mean), error, "the mean of group %u has a part of -128",
                                     group);
        if (!is_zero(mean + segment->dimensions, segment->stride - segment->dimensions))
            return container_damaged(segment->name, offset_of(segment, mean), error,
                                     "the mean of group %u does not end in zeros", group);
    }
    return true;
}

static bool prove_runs(const struct vector_segment *segment, struct error *error)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < segment->run_count; i++) {
        const struct vector_run *run = &segment->runs[i];
        bool is_end = i + 1 == segment->run_count;
        if (run->end <= before || run->end > segment->count || is_end != (run->end == segment->count) ||
            run->group >= segment->group_count)
            return container_damaged(segment->name, offset_of(segment, run), error,
                                     "run %u ends before row %u and is of group %u", i, run->end, run->group);
        before = run->end;
    }
    return true;
}

static bool note_head(struct vector_segment *segment, struct error *error)
{
    uint32_t count = (segment->graph.counts[1] + 63) / 64 * 64;
    count = segment->run_count == 0 ? 0 : count < segment->count ? count : segment->count;
    if (count == 0)
        return true;
    segment->head = memory_try(count, sizeof(*segment->head));
    if (segment->head == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the groups of segment \"%s\"", segment->name);
    segment->head_count = count;
    for (uint32_t run = 0, row = 0; row < count; run++)
        for (; row < segment->runs[run].end && row < count; row++)
            segment->head[row] = segment->runs[run].group;
    return true;
}

/* Fills in the scales of runs, which were proven before, on the way. */
static bool prove_scales(struct vector_segment *segment, struct error *error)
{
    if (segment->scales == NULL)
        return true;
    segment->run_scales = memory_try(segment->run_count, sizeof(*segment->run_scales));
    if (segment->run_scales == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the %u runs of segment \"%s\"", segment->run_count,
                         segment->name);
    for (uint32_t run = 0, row = 0; run < segment->run_count; run++) {
        struct vector_scales *scales = &segment->run_scales[run];
        *scales = (struct vector_scales){segment->scales[row], segment->scales[row]};
        for (; row < segment->runs[run].end; row++) {
            float scale = segment->scales[row];
            if (!(scale >= 0 && scale <= 4)) /* NaN is not */
                return container_damaged(segment->name, offset_of(segment, &segment->scales[row]), error,
                                         "row %u has the scale %g", row, (double)scale);
            scales->least = scale < scales->least ? scale : scales->least;
            scales->most = scale > scales->most ? scale : scales->most;
        }
    }
    return true;
}

static bool prove_list(const uint32_t *list, size_t width, uint32_t row, uint32_t count)
{
    size_t filled = 0;
    while (filled < width && list[filled] != VECTOR_NONE) {
        if (list[filled] >= count || list[filled] == row)
            return false;
        filled++;
    }
    for (size_t i = filled; i < width; i++)
        if (list[i] != VECTOR_NONE)
            return false;
    return true;
}

static bool prove_lists(const struct vector_segment *segment, struct error *error)
{
    const struct vector_graph *graph = &segment->graph;
    for (size_t level = 0; level < VECTOR_LEVELS_MAX && graph->links > 0; level++)
        for (uint32_t row = 0; row < graph->counts[level]; row++) {
            size_t width = graph_width(graph, level);
            const uint32_t *list = graph->lists[level] + row * width;
            if (!prove_list(list, width, row, graph->counts[level]))
                return container_damaged(segment->name, offset_of(segment, list), error,
                                         "the neighbours of row %u on level %zu are not rows of that level", row, level);
        }
    return true;
}

static bool prove(struct vector_segment *segment, struct error *error)
{
    struct slice chunks[VECTOR_CHUNK_COUNT];
    const unsigned char *version = (const unsigned char *)segment->file.data + CONTAINER_MAGIC_BYTES;
    bool is_first = segment->file.size >= CONTAINER_MAGIC_BYTES + 4 && load_u32(version) == first_kind.version;
    return container_read(is_first ? &first_kind : &vector_kind, segment->file, segment->name, chunks, error) &&
           read_parts(segment, chunks, error) && (is_first || read_sketches(segment, chunks, error)) &&
           prove_means(segment, error) && prove_runs(segment, error) && note_head(segment, error) &&
           prove_scales(segment, error) && prove_passages(segment, error) && prove_rows(segment, error) &&
           prove_factors(segment, error) && prove_codes(segment, error) && prove_lists(segment, error);
}

bool vector_segment_open(struct vector_segment **segment, const char *path, struct error *error)
{
    struct file_map map;
    if (!file_map_open(&map, path, error))
        return error_wrap(error, "could not open vector segment \"%s\"", path);
    struct vector_segment *opened = memory_alloc(1, sizeof(*opened));
    opened->name = memory_copy_text(path, strlen(path));
    opened->map = map;
    opened->file = (struct slice){map.data ? (const char *)map.data : "", map.size};
    buffer_init(&opened->buffer, 1);
    if (!prove(opened, error)) {
        vector_segment_close(opened);
        return false;
    }
    *segment = opened;
    return true;
}

bool vector_segment_open_bytes(struct vector_segment **segment, struct buffer *bytes, const char *name, struct error *error)
{
    struct vector_segment *opened = memory_alloc(1, sizeof(*opened));
    opened->name = memory_copy_text(name, strlen(name));
    opened->file = buffer_slice(bytes);
    buffer_init(&opened->buffer, 1);
    if (!prove(opened, error)) {
        vector_segment_close(opened);
        return false;
    }
    opened->buffer = *bytes;
    buffer_init(bytes, bytes->size_max);
    *segment = opened;
    return true;
}

struct vector_segment *vector_segment_share(struct vector_segment *segment)
{
    segment->shared++;
    return segment;
}

void vector_segment_close(struct vector_segment *segment)
{
    if (segment == NULL)
        return;
    if (segment->shared > 0) {
        segment->shared--;
        return;
    }
    file_map_close(&segment->map);
    buffer_release(&segment->buffer);
    free(segment->ranks);
    free(segment->run_scales);
    free(segment->head);
    free(segment->name);
    free(segment);
}

size_t vector_segment_count(const struct vector_segment *segment)
{
    return segment->count;
}

size_t vector_segment_dimensions(const struct vector_segment *segment)
{
    return segment->dimensions;
}

passage_id vector_segment_first(const struct vector_segment *segment)
{
    return segment->count == 0 ? 0 : load_u64(segment->passages);
}

passage_id vector_segment_last(const struct vector_segment *segment)
{
    return segment->count == 0 ? 0 : load_u64(segment->passages + 8 * (size_t)(segment->count - 1));
}

size_t vector_segment_size_bytes(const struct vector_segment *segment)
{
    return segment->file.size;
}

uint32_t vector_rank_from(const struct vector_segment *segment, uint32_t first, passage_id passage)
{
    uint32_t low = first, high = segment->count, step = 1;
    while (high - low > step && load_u64(segment->passages + 8 * ((size_t)low + step)) < passage) {
        low += step;
        step *= 2;
    }
    high = high - low > step ? low + step : high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (load_u64(segment->passages + 8 * (size_t)middle) < passage)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
