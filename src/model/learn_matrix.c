/* learn_matrix.c - linear layers, forward and back.
 *
 *   1. y = x·wᵀ + bias          y [rows, n], x [rows, k], w [n, k]; with magnitudes each column has its gain (magnitude.c)
 *
 *   dx = dy·w                   split from the next, so that frozen weights cost nothing
 *   dw += dyᵀ·x                 dbias += Σ_rows dy: see partial_add
 *
 * Items are tiles of LEARN_ROWS rows and a panel's columns, cut the same way whatever the threads are. */
#include "learner.h"

static size_t tile_count(size_t size, size_t tile)
{
    return (size + tile - 1) / tile;
}

enum gemm_type learn_type(const struct trainable *trainable)
{
    return trainable->half ? GEMM_BF16 : GEMM_F32;
}

const void *gemm_at(enum gemm_type type, const void *operand, size_t place)
{
    return (const unsigned char *)operand + place * (type == GEMM_BF16 ? sizeof(uint16_t) : sizeof(float));
}

/* ---- packed weights ---- */

/* The widest panel that divides each of the parts. */
static size_t panel_width(size_t part)
{
    size_t width = part < GEMM_PANEL ? part : GEMM_PANEL;
    while (part % width != 0)
        width--;
    return width;
}

bool packed_pair_make(struct packed_pair *pair, enum gemm_type type, size_t n, size_t k, size_t parts, struct error *error)
{
    struct gemm_shape forward = {.type = type, .n = n, .k = k, .width = panel_width(n / parts)};
    struct gemm_shape back = {.type = type, .n = k, .k = n, .width = panel_width(k), .turned = true};
    return gemm_make(&pair->forward, &forward, error) && gemm_make(&pair->back, &back, error);
}

void packed_pair_release(struct packed_pair *pair)
{
    gemm_release(&pair->forward);
    gemm_release(&pair->back);
}

size_t packed_pair_items(const struct packed_pair *pair)
{
    return pair->forward.panel_count + pair->back.panel_count;
}

void packed_pair_change(struct packed_pair *pair, struct gemm_lane *lane, size_t item, const float *w)
{
    size_t forward = pair->forward.panel_count;
    if (item < forward)
        gemm_change(lane, &pair->forward, item, w);
    else
        gemm_change(lane, &pair->back, item - forward, w);
}

/* ---- products ---- */

static void tile_item(void *context, size_t item)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    const struct gemm_matrix *packed = learn->back ? &matrix->packed.back : &matrix->packed.forward;
    size_t panel = item / learn->blocks, row, end;
    learn_block(learn, item % learn->blocks, &row, &end);
    const struct gemm_panel *columns = &packed->panels[panel];
    float *tile = learn->worker->tile;
    gemm_multiply(learn->worker->lane, packed, panel, gemm_at(packed->type, learn->input, row * packed->k), end - row, tile);
    low_rank_add(learn, matrix, row, end - row, panel, tile);
    for (size_t i = 0; row + i < end && !learn->back && matrix->magnitudes.m != NULL; i++)
        magnitudes_forward(matrix, columns->first, columns->width, tile + i * columns->width);
    for (size_t i = 0; row + i < end; i++)
        learn->work(learn, row + i, columns->first, columns->width, tile + i * columns->width);
}

static void tiles(struct learn *learn, const struct matrix *matrix, const void *input, bool back, learn_work *work)
{
    learn->matrix = matrix;
    learn->input = input;
    learn->back = back;
    learn->work = work;
    learn_step(learn, learn->blocks * (back ? &matrix->packed.back : &matrix->packed.forward)->panel_count, tile_item);
}

void matrix_forward(struct learn *learn, const struct matrix *matrix, const void *x, learn_work *work)
{
    low_rank_forward(learn, matrix, x);
    tiles(learn, matrix, x, false, work);
}

/* y = x·wᵀ  ⇒  dx = dy·w */
void matrix_backward_input(struct learn *learn, const struct matrix *matrix, const void *dy, learn_work *work)
{
    low_rank_backward(learn, matrix, dy);
    tiles(learn, matrix, dy, true, work);
}

/* ---- what weights learn ---- */

static size_t gradient_tiles(const struct matrix *matrix)
{
    return matrix->dw == NULL ? 0 : tile_count(matrix->n, LEARN_GRADIENT) * tile_count(matrix->k, LEARN_GRADIENT);
}

size_t matrix_weight_items(const struct matrix *matrix)
{
    return gradient_tiles(matrix) + LOW_RANK_ITEMS * matrix->parts;
}

static size_t part_of(size_t size, size_t first)
{
    return size - first < LEARN_GRADIENT ? size - first : LEARN_GRADIENT;
}

/* y = x·wᵀ  ⇒  dw += dyᵀ·x, a tile of w at a time; then the low-rank additions. */
void matrix_backward_weight(struct learn *learn, const struct matrix *matrix, const void *x, const void *dy, size_t item)
{
    size_t tiles = gradient_tiles(matrix), across = tile_count(matrix->k, LEARN_GRADIENT);
    if (item >= tiles) {
        const struct low_rank *low = matrix->low[(item - tiles) / LOW_RANK_ITEMS];
        if (low != NULL)
            low_rank_backward_weight(learn, matrix, low, x, dy, (item - tiles) % LOW_RANK_ITEMS);
        return;
    }
    size_t row = item / across * LEARN_GRADIENT, column = item % across * LEARN_GRADIENT;
    enum gemm_type type = learn_type(learn->trainable);
    gemm_product(learn->worker->plain_lane, &(struct gemm_product){.type = type,
                                                                   .m = part_of(matrix->n, row),
                                                                   .n = part_of(matrix->k, column),
                                                                   .k = learn->trainable->rows,
                                                                   .a = gemm_at(type, dy, row),
                                                                   .a_stride = matrix->n,
                                                                   .a_turned = true,
                                                                   .b = gemm_at(type, x, column),
                                                                   .b_stride = matrix->k,
                                                                   .out = matrix->dw + row * matrix->k + column,
                                                                   .out_stride = matrix->k,
                                                                   .add = true});
}
