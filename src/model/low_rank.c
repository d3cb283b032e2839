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

/* Steps 1 and 2, a block of rows. */
static void forward_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    size_t first, end;
    float *values = learn->worker->row;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++)
        for (size_t part = 0; part < matrix->parts; part++) {
            const struct low_rank *low = matrix->low[part];
            if (low == NULL)
                continue;
            learn_get(learn, learn->input, row, matrix->k, values);
            drop(learn, low, row, 0, values, matrix->k);
            for (size_t i = 0; i < low->rank; i++)
                low->t[row * low->rank + i] = low->scale * learn->kernels->dot(values, low->a + i * matrix->k, matrix->k);
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
        learn->kernels->product_add(&(struct kernel_product){
            .c = tile + (from - first),
            .c_stride = width,
            .a = low->t + row * low->rank,
            .a_row = low->rank,
            .a_column = 1,
            .b = low->b + (from - low->first),
            .b_stride = low->n,
            .m = rows,
            .n = to - from,
            .k = low->rank,
        });
    }
}

/* dt = scale · dy·Bᵀ, a block of rows. */
static void backward_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    size_t first, end;
    float *values = learn->worker->row;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++) {
        learn_get(learn, learn->input, row, matrix->n, values);
        for (size_t part = 0; part < matrix->parts; part++) {
            const struct low_rank *low = matrix->low[part];
            for (size_t i = 0; low != NULL && i < low->rank; i++)
                low->dt[row * low->rank + i] = low->scale *
                                               learn->kernels->dot(values + low->first, low->b + i * low->n, low->n);
        }
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
        float *more = learn->worker->more;
        memset(more, 0, rows * width * sizeof(*more));
        learn->kernels->product_add(&(struct kernel_product){
            .c = more,
            .c_stride = width,
            .a = low->dt + row * low->rank,
            .a_row = low->rank,
            .a_column = 1,
            .b = low->a + first,
            .b_stride = matrix->k,
            .m = rows,
            .n = width,
            .k = low->rank,
        });
        for (size_t i = 0; i < rows; i++) {
            drop(learn, low, row + i, first, more + i * width, width);
            learn->kernels->add(tile + i * width, more + i * width, width);
        }
    }
}

/* y += t·B ⇒ dB += tᵀ·dy;  t = x'·Aᵀ ⇒ dA += dtᵀ·x'. Row by row: the same order always. */
void low_rank_backward_weight(struct learn *learn, const struct matrix *matrix, const struct low_rank *low, const void *x,
                              const void *dy)
{
    float *values = learn->worker->row;
    for (size_t row = 0; row < learn->pack->rows; row++) {
        struct kernel_product product = {.a_row = 1, .a_column = low->rank, .m = low->rank, .k = 1, .b = values};
        learn_get(learn, dy, row, matrix->n, values);
        product.a = low->t + row * low->rank;
        product.b = values + low->first;
        product.c = low->db;
        product.n = product.c_stride = product.b_stride = low->n;
        learn->kernels->product_add(&product);
        learn_get(learn, x, row, matrix->k, values);
        drop(learn, low, row, 0, values, matrix->k);
        product.a = low->dt + row * low->rank;
        product.b = values;
        product.c = low->da;
        product.n = product.c_stride = product.b_stride = matrix->k;
        learn->kernels->product_add(&product);
    }
}
