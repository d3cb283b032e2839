/* learn_matrix.c - linear layers, forward and back.
 *
 *   1. y = x·wᵀ + bias          y [rows, n], x [rows, k], w [n, k]
 *
 *   dx = dy·w                   split from the next, so that frozen weights cost nothing
 *   dw += dyᵀ·x                 dbias += Σ_rows dy: see partial_add
 *
 * Items are tiles of LEARN_TILE rows and LEARN_COLUMNS columns, cut the same way whatever the threads are. */
#include "learner.h"

static size_t tile_count(size_t size, size_t tile)
{
    return (size + tile - 1) / tile;
}

static size_t operand_size(const struct learn *learn)
{
    return learn->trainable->half ? sizeof(uint16_t) : sizeof(float);
}

static const void *operand_at(const struct learn *learn, const void *operand, size_t place)
{
    return (const unsigned char *)operand + place * operand_size(learn);
}

static const void *weights_of(const struct learn *learn, const struct matrix *matrix)
{
    return learn->trainable->half ? (const void *)matrix->half : matrix->w;
}

static enum gemm_type type_of(const struct learn *learn)
{
    return learn->trainable->half ? GEMM_BF16 : GEMM_F32;
}

/* Of a tile: its first row, its rows with padding, its first column and columns. */
struct tile {
    size_t row, rows, first, width;
};

static struct tile tile_at(const struct learn *learn, size_t item, size_t columns)
{
    size_t row_tiles = tile_count(learn->trainable->rows, LEARN_TILE);
    struct tile tile = {.row = item % row_tiles * LEARN_TILE, .first = item / row_tiles * LEARN_COLUMNS};
    tile.rows = learn->trainable->rows - tile.row < LEARN_TILE ? learn->trainable->rows - tile.row : LEARN_TILE;
    tile.width = columns - tile.first < LEARN_COLUMNS ? columns - tile.first : LEARN_COLUMNS;
    return tile;
}

static void work_on_rows(struct learn *learn, const struct tile *tile)
{
    for (size_t i = 0; i < tile->rows && tile->row + i < learn->pack->rows; i++)
        learn->work(learn, tile->row + i, tile->first, tile->width, learn->worker->tile + i * tile->width);
}

static void forward_item(void *context, size_t item)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    struct tile tile = tile_at(learn, item, matrix->n);
    struct gemm_product product = {
        .type = type_of(learn),
        .m = tile.rows,
        .n = tile.width,
        .k = matrix->k,
        .a = operand_at(learn, learn->input, tile.row * matrix->k),
        .a_stride = matrix->k,
        .b = operand_at(learn, weights_of(learn, matrix), tile.first * matrix->k),
        .b_stride = matrix->k,
        .b_turned = true,
        .out = learn->worker->tile,
        .out_stride = tile.width,
    };
    gemm_product(learn->worker->lane, &product);
    low_rank_add(learn, matrix, tile.row, tile.rows, tile.first, tile.width, learn->worker->tile);
    work_on_rows(learn, &tile);
}

void matrix_forward(struct learn *learn, const struct matrix *matrix, const void *x, learn_work *work)
{
    low_rank_forward(learn, matrix, x);
    learn->matrix = matrix;
    learn->input = x;
    learn->work = work;
    learn_step(learn, tile_count(learn->trainable->rows, LEARN_TILE) * tile_count(matrix->n, LEARN_COLUMNS), forward_item);
}

/* y = x·wᵀ  ⇒  dx = dy·w */
static void backward_input_item(void *context, size_t item)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    struct tile tile = tile_at(learn, item, matrix->k);
    struct gemm_product product = {
        .type = type_of(learn),
        .m = tile.rows,
        .n = tile.width,
        .k = matrix->n,
        .a = operand_at(learn, learn->input, tile.row * matrix->n),
        .a_stride = matrix->n,
        .b = operand_at(learn, weights_of(learn, matrix), tile.first),
        .b_stride = matrix->k,
        .out = learn->worker->tile,
        .out_stride = tile.width,
    };
    gemm_product(learn->worker->lane, &product);
    low_rank_add_input(learn, matrix, tile.row, tile.rows, tile.first, tile.width, learn->worker->tile);
    work_on_rows(learn, &tile);
}

void matrix_backward_input(struct learn *learn, const struct matrix *matrix, const void *dy, learn_work *work)
{
    low_rank_backward(learn, matrix, dy);
    learn->matrix = matrix;
    learn->input = dy;
    learn->work = work;
    learn_step(learn, tile_count(learn->trainable->rows, LEARN_TILE) * tile_count(matrix->k, LEARN_COLUMNS),
               backward_input_item);
}

size_t matrix_weight_items(const struct matrix *matrix)
{
    return (matrix->dw != NULL ? tile_count(matrix->n, LEARN_COLUMNS) : 0) + matrix->parts;
}

/* y = x·wᵀ  ⇒  dw += dyᵀ·x: LEARN_COLUMNS rows of w at a time; then the low-rank additions. */
void matrix_backward_weight(struct learn *learn, const struct matrix *matrix, const void *x, const void *dy, size_t item)
{
    size_t tiles = matrix->dw != NULL ? tile_count(matrix->n, LEARN_COLUMNS) : 0;
    if (item >= tiles) {
        if (matrix->low[item - tiles] != NULL)
            low_rank_backward_weight(learn, matrix, matrix->low[item - tiles], x, dy);
        return;
    }
    size_t first = item * LEARN_COLUMNS;
    struct gemm_product product = {
        .type = type_of(learn),
        .m = matrix->n - first < LEARN_COLUMNS ? matrix->n - first : LEARN_COLUMNS,
        .n = matrix->k,
        .k = learn->trainable->rows,
        .a = operand_at(learn, dy, first),
        .a_stride = matrix->n,
        .a_turned = true,
        .b = x,
        .b_stride = matrix->k,
        .out = matrix->dw + first * matrix->k,
        .out_stride = matrix->k,
        .add = true,
    };
    gemm_product(learn->worker->lane, &product);
}
