/* low_rank.c - low-rank additions to linear layers (LoRA, Hu et al. 2021), forward and back.
 *
 *   1. x' = drop(x)                       x' [rows, k]
 *   2. t  = scale · x'·Aᵀ                 t [rows, rank], A [rank, k]
 *   3. y += t·B                           B [rank, n], which PEFT keeps turned
 *
 *   3. dB += tᵀ·dy                        dt = scale · dy·Bᵀ
 *   2. dA += dtᵀ·x'                       dx' = dt·A
 *   1. dx += drop(dx')
 *
 * Ranks are small, so all of it is in f32. */
#include "learner.h"
#include <string.h>

static struct dropout own_dropout(const struct learn *learn, const struct low_rank *low)
{
    struct dropout dropout = *learn->dropout;
    dropout.part = learn->trainable->options.learns ? low->dropout : 0;
    return dropout;
}

static void drop(const struct learn *learn, const struct low_rank *low, size_t row, size_t first, float *values, size_t count)
{
    struct dropout dropout = own_dropout(learn, low);
    if (dropout.part > 0)
        dropout_apply(&dropout, low->site, learn->trainable->options.first_row + row, first, values, count);
}

static bool has_additions(const struct matrix *matrix)
{
    for (size_t part = 0; part < matrix->parts; part++)
        if (matrix->low[part] != NULL)
            return true;
    return false;
}

/* LEARN_ROWS rows of an operand in f32, zeros in place of padding. */
static float *take_block(const struct learn *learn, const void *operand, size_t block, size_t width)
{
    float *values = learn->worker->block;
    size_t first, end;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++)
        learn_get(learn, operand, row, width, values + (row - first) * width);
    memset(values + (end - first) * width, 0, (LEARN_ROWS - (end - first)) * width * sizeof(*values));
    return values;
}

static void drop_block(const struct learn *learn, const struct low_rank *low, size_t block, float *values, size_t width)
{
    size_t first, end;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end && low->dropout > 0; row++)
        drop(learn, low, row, 0, values + (row - first) * width, width);
}

/* Steps 1 and 2, a block of rows. */
static void forward_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    float *values = NULL;
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low == NULL)
            continue;
        if (values == NULL || low->dropout > 0)
            values = take_block(learn, learn->input, block, matrix->k);
        drop_block(learn, low, block, values, matrix->k);
        float *t = low->t + block * LEARN_ROWS * low->rank;
        gemm_product(learn->worker->lane, &(struct gemm_product){.type = GEMM_F32,
                                                                 .m = LEARN_ROWS,
                                                                 .n = low->rank,
                                                                 .k = matrix->k,
                                                                 .a = values,
                                                                 .a_stride = matrix->k,
                                                                 .b = low->a,
                                                                 .b_stride = matrix->k,
                                                                 .b_turned = true,
                                                                 .out = t,
                                                                 .out_stride = low->rank});
        learn->kernels->scale(t, t, low->scale, LEARN_ROWS * low->rank);
    }
}

void low_rank_forward(struct learn *learn, const struct matrix *matrix, const void *x)
{
    learn->matrix = matrix;
    learn->input = x;
    if (has_additions(matrix))
        learn_step(learn, learn->blocks, forward_item);
}

/* Step 3, for a tile of y: the columns of it that an addition has. */
void low_rank_add(struct learn *learn, const struct matrix *matrix, size_t row, size_t rows, size_t first, size_t width,
                  float *tile)
{
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low == NULL || first + width <= low->first || low->first + low->n <= first)
            continue;
        size_t from = first > low->first ? first : low->first;
        size_t to = first + width < low->first + low->n ? first + width : low->first + low->n;
        gemm_product(learn->worker->lane, &(struct gemm_product){.type = GEMM_F32,
                                                                 .m = rows,
                                                                 .n = to - from,
                                                                 .k = low->rank,
                                                                 .a = low->t + row * low->rank,
                                                                 .a_stride = low->rank,
                                                                 .b = low->b + (from - low->first),
                                                                 .b_stride = low->n,
                                                                 .out = tile + (from - first),
                                                                 .out_stride = width,
                                                                 .add = true});
    }
}

/* dt = scale · dy·Bᵀ, a block of rows. */
static void backward_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    const float *values = take_block(learn, learn->input, block, matrix->n);
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low == NULL)
            continue;
        float *dt = low->dt + block * LEARN_ROWS * low->rank;
        gemm_product(learn->worker->lane, &(struct gemm_product){.type = GEMM_F32,
                                                                 .m = LEARN_ROWS,
                                                                 .n = low->rank,
                                                                 .k = low->n,
                                                                 .a = values + low->first,
                                                                 .a_stride = matrix->n,
                                                                 .b = low->b,
                                                                 .b_stride = low->n,
                                                                 .b_turned = true,
                                                                 .out = dt,
                                                                 .out_stride = low->rank});
        learn->kernels->scale(dt, dt, low->scale, LEARN_ROWS * low->rank);
    }
}

void low_rank_backward(struct learn *learn, const struct matrix *matrix, const void *dy)
{
    learn->matrix = matrix;
    learn->input = dy;
    if (has_additions(matrix))
        learn_step(learn, learn->blocks, backward_item);
}

/* x' = drop(x) and t = x'·Aᵀ  ⇒  dx += drop(dt·A), for a tile of dx. */
void low_rank_add_input(struct learn *learn, const struct matrix *matrix, size_t row, size_t rows, size_t first, size_t width,
                        float *tile)
{
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low == NULL)
            continue;
        bool drops = own_dropout(learn, low).part > 0;
        float *more = learn->worker->more;
        gemm_product(learn->worker->lane, &(struct gemm_product){.type = GEMM_F32,
                                                                 .m = rows,
                                                                 .n = width,
                                                                 .k = low->rank,
                                                                 .a = low->dt + row * low->rank,
                                                                 .a_stride = low->rank,
                                                                 .b = low->a + first,
                                                                 .b_stride = matrix->k,
                                                                 .out = drops ? more : tile,
                                                                 .out_stride = width,
                                                                 .add = !drops});
        for (size_t i = 0; i < rows && drops; i++) {
            drop(learn, low, row + i, first, more + i * width, width);
            learn->kernels->add(tile + i * width, more + i * width, width);
        }
    }
}

/* into [rank, width] += smallᵀ·values, of one block of rows: small [LEARN_ROWS, rank]. */
static void add_block(const struct learn *learn, const struct low_rank *low, const float *small, const float *values,
                      size_t values_stride, float *into, size_t width)
{
    gemm_product(learn->worker->lane, &(struct gemm_product){.type = GEMM_F32,
                                                             .m = low->rank,
                                                             .n = width,
                                                             .k = LEARN_ROWS,
                                                             .a = small,
                                                             .a_stride = low->rank,
                                                             .a_turned = true,
                                                             .b = values,
                                                             .b_stride = values_stride,
                                                             .out = into,
                                                             .out_stride = width,
                                                             .add = true});
}

/* y += t·B ⇒ dB += tᵀ·dy;  t = x'·Aᵀ ⇒ dA += dtᵀ·x'. Block by block: the same order always. */
void low_rank_backward_weight(struct learn *learn, const struct matrix *matrix, const struct low_rank *low, const void *x,
                              const void *dy)
{
    for (size_t block = 0; block < learn->blocks; block++) {
        size_t place = block * LEARN_ROWS * low->rank;
        float *values = take_block(learn, dy, block, matrix->n);
        add_block(learn, low, low->t + place, values + low->first, matrix->n, low->db, low->n);
        values = take_block(learn, x, block, matrix->k);
        drop_block(learn, low, block, values, matrix->k);
        add_block(learn, low, low->dt + place, values, matrix->k, low->da, matrix->k);
    }
}
