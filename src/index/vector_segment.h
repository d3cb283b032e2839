/* vector_segment.h - a vector segment opened for reading: where its parts lie. Every part was proven when it was opened
 * (vector_segment.c).
 *
 * A row is a vector's place in the segment, a rank the place of its passage among the segment's passages. Without a graph they are
 * the same; with one, rows stand so that neighbours lie near each other (vector_order.c), and those of the upper levels come first:
 *
 *   level 2   rows 0 … counts[2]-1
 *   level 1   rows 0 … counts[1]-1
 *   level 0   rows 0 … counts[0]-1, all of them */
#ifndef INDEX_VECTOR_SEGMENT_H
#define INDEX_VECTOR_SEGMENT_H

#include "container.h"
#include "load.h"
#include "vector_code.h"

/* ORDER VECTOR CHUNKS: as they stand in the file. */
enum vector_chunk {
    VECTOR_META,
    VECTOR_PASSAGES,
    VECTOR_ROWS,
    VECTOR_FACTORS,
    VECTOR_HIGH,
    VECTOR_LOW,
    VECTOR_LINKS,
    VECTOR_SIGNS,
    VECTOR_SCALES,
    VECTOR_MEANS,
    VECTOR_MEAN_FACTORS,
    VECTOR_RUNS,
    VECTOR_CHUNK_COUNT
};
extern const struct container_kind vector_kind;

#define VECTOR_LEVELS_MAX 8
#define VECTOR_LINKS_MAX 128
#define VECTOR_ROWS_MAX INT32_MAX
#define VECTOR_NONE UINT32_MAX /* ends a list of neighbours that is not full */

/* What VECTOR_META holds. */
enum {
    VECTOR_META_AT_DIMENSIONS = 0, /* u32 */
    VECTOR_META_AT_LINKS = 4, /* u32: neighbours of a row on an upper level, half of those on level 0; 0: there is no graph */
    VECTOR_META_AT_COUNTS = 8, /* u32 each: rows on each level */
    VECTOR_META_BYTES = VECTOR_META_AT_COUNTS + 4 * VECTOR_LEVELS_MAX,
};

/* The neighbours of all rows on all levels. */
struct vector_graph {
    const uint32_t *lists[VECTOR_LEVELS_MAX];
    uint32_t counts[VECTOR_LEVELS_MAX]; /* of rows; descending */
    uint32_t links; /* 0: there is none */
};

static inline uint32_t graph_width(const struct vector_graph *graph, size_t level)
{
    return level == 0 ? 2 * graph->links : graph->links;
}

/* Rows of one group, as they lie in the file: from the end of the run before. */
struct vector_run {
    uint32_t end, group;
};
enum { VECTOR_RUN_BYTES = 8 };
_Static_assert(sizeof(struct vector_run) == VECTOR_RUN_BYTES, "runs are used as they lie in the file");

/* The smallest and the largest of the scales of a run. */
struct vector_scales {
    float least, most;
};

struct vector_segment {
    char *name;
    size_t shared; /* owners beside the first */
    struct file_map map; /* one of the two holds the bytes */
    struct buffer buffer;
    struct slice file;

    size_t dimensions;
    size_t stride; /* bytes of a row in a plane */
    uint32_t count;
    const unsigned char *passages; /* u64 each, ascending: rank → passage */
    const unsigned char *rows; /* u32 each: rank → row; NULL: the same */
    uint32_t *ranks; /* row → rank; NULL: the same */
    const float *factors;
    const int8_t *high, *low; /* planes */
    struct vector_graph graph;
    const unsigned char *signs; /* stride / 8 bytes a row, and a scale (vector_sketch.h); NULL: none */
    const float *scales;
    const int8_t *means; /* of groups, a row each */
    const float *mean_factors;
    uint32_t group_count;
    const struct vector_run *runs;
    uint32_t run_count;
    struct vector_scales *run_scales;
    uint32_t *head; /* the groups of rows of upper levels, up to a multiple of 64: their runs are short */
    uint32_t head_count;
};

static inline passage_id vector_passage(const struct vector_segment *segment, uint32_t row)
{
    return load_u64(segment->passages + 8 * (size_t)(segment->ranks != NULL ? segment->ranks[row] : row));
}

static inline uint32_t vector_row(const struct vector_segment *segment, uint32_t rank)
{
    return segment->rows != NULL ? load_u32(segment->rows + 4 * (size_t)rank) : rank;
}

/* The first rank whose passage is not below this one; the count when there is none. It is not below `first`, and soon found where it is near. */
uint32_t vector_rank_from(const struct vector_segment *segment, uint32_t first, passage_id passage);

#endif
