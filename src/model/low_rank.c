/* low_rank.c - low-rank additions to linear layers (LoRA, Hu et al. 2021), forward and back.
 *
 *   1. x' = drop(x)                       x' [rows, k]
 *   2. t  = scale · x'·Aᵀ                 t [rows, rank], A [rank, k]
 *   3. y += t·B                           B [rank, n], which PEFT keeps turned
 *
 *   3. dB += tᵀ·dy                        dt = scale · dy·Bᵀ
 *   2. dA += dtᵀ·x'                       dx' = dt·A
 *   1. dx += drop(dx') */
#include "learner.h"
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

bool low_rank_make(struct trainable *trainable, const struct matrix *matrix, struct low_rank *low, struct error *error)
{
    size_t a_count = low->rank * matrix->k, b_count = low->rank * low->n;
    low->type = trainable->half && low->rank % gemm_unit() == 0 ? GEMM_BF16 : GEMM_F32;
    low->a = memory_alloc(2 * (a_count + b_count), sizeof(float));
    low->b = low->a + a_count;
    low->da = low->b + b_count;
    low->db = low->da + a_count;
    return packed_pair_make(&low->packed_a, low->type, low->rank, matrix->k, 1, error) &&
           packed_pair_make(&low->packed_b, low->type, low->rank, low->n, 1, error);
}

void low_rank_release(struct low_rank *low)
{
    packed_pair_release(&low->packed_a);
    packed_pair_release(&low->packed_b);
    free(low->a);
    free(low);
}

/* B lies turned. */
void low_rank_merge(const struct low_rank *low, size_t first, size_t count, float *merged)
{
    const struct matrix *matrix = low->matrix;
    float *b = memory_alloc(low->rank * count, sizeof(*b));
    memcpy(merged, matrix->w + (low->first + first) * matrix->k, count * matrix->k * sizeof(*merged));
    for (size_t j = 0; j < low->rank; j++)
        for (size_t i = 0; i < count; i++)
            b[j * count + i] = low->scale * low->b[j * low->n + first + i];
    kernels()->product_add(&(struct kernel_product){
        .c = merged,
        .c_stride = matrix->k,
        .a = b,
        .a_row = 1,
        .a_column = count,
        .b = low->a,
        .b_stride = matrix->k,
        .m = count,
        .n = matrix->k,
        .k = low->rank,
    });
    free(b);
}

/* ---- parts of operands ---- */

static struct dropout own_dropout(const struct learn *learn, const struct low_rank *low)
{
    struct dropout dropout = *learn->dropout;
    dropout.part = learn->trainable->options.learns ? low->dropout : 0;
    return dropout;
}

static bool drops(const struct learn *learn, const struct low_rank *low)
{
    return own_dropout(learn, low).part > 0;
}

static void drop(const struct learn *learn, const struct low_rank *low, size_t row, size_t first, float *values, size_t count)
{
    struct dropout dropout = own_dropout(learn, low);
    dropout_apply(&dropout, low->site, learn->trainable->options.first_row + row, first, values, count);
}

static bool has_additions(const struct matrix *matrix)
{
    for (size_t part = 0; part < matrix->parts; part++)
        if (matrix->low[part] != NULL)
            return true;
    return false;
}

/* `count` columns from `first` on of an operand that is `width` wide. */
struct columns {
    const void *operand;
    size_t width, first, count;
    bool drops;
};

/* Whether an addition's products can read the operand as it lies. */
static bool is_direct(const struct learn *learn, const struct low_rank *low, const struct columns *columns)
{
    return low->type == learn_type(learn->trainable) && !columns->drops;
}

/* LEARN_ROWS rows of them behind one another, of the addition's type, zeros in place of padding. */
static const void *take_block(const struct learn *learn, const struct low_rank *low, const struct columns *columns,
                              size_t block)
{
    struct learn_worker *worker = learn->worker;
    size_t row, end, count = columns->count, size = low->type == GEMM_BF16 ? sizeof(uint16_t) : sizeof(float);
    unsigned char *taken = low->type == GEMM_BF16 ? (unsigned char *)worker->half_block : (unsigned char *)worker->block;
    learn_block(learn, block, &row, &end);
    for (size_t i = 0; row + i < end; i++) {
        size_t place = (row + i) * columns->width + columns->first;
        float *values = worker->block + i * count;
        if (is_direct(learn, low, columns)) {
            memcpy(taken + i * count * size, gemm_at(low->type, columns->operand, place), count * size);
            continue;
        }
        learn_get(learn, columns->operand, place, count, values);
        if (columns->drops)
            drop(learn, low, row + i, columns->first, values, count);
        if (low->type == GEMM_BF16)
            learn->kernels->to_bf16(worker->half_block + i * count, values, count);
    }
    memset(taken + (end - row) * count * size, 0, (LEARN_ROWS - (end - row)) * count * size);
    return taken;
}

/* small [rows, rank] = scale · values · packedᵀ, a block of rows. */
static void multiply_block(struct learn *learn, const struct low_rank *low, const struct gemm_matrix *packed,
                           const struct columns *columns, void *small, size_t block)
{
    size_t row, end;
    learn_block(learn, block, &row, &end);
    bool lies_alone = is_direct(learn, low, columns) && columns->count == columns->width;
    const void *values = lies_alone ? gemm_at(low->type, columns->operand, row * columns->width)
                                    : take_block(learn, low, columns, block);
    for (size_t panel = 0; panel < packed->panel_count; panel++) {
        const struct gemm_panel *at = &packed->panels[panel];
        float *sums = learn->worker->more;
        gemm_multiply(learn->worker->lane, packed, panel, values, end - row, sums);
        learn->kernels->scale(sums, sums, low->scale, (end - row) * at->width);
        for (size_t i = 0; row + i < end; i++) {
            size_t place = (row + i) * low->rank + at->first;
            if (low->type == GEMM_BF16)
                learn->kernels->to_bf16((uint16_t *)small + place, sums + i * at->width, at->width);
            else
                memcpy((float *)small + place, sums + i * at->width, at->width * sizeof(*sums));
        }
    }
}

/* ---- forward, and the input's gradient ---- */

/* Steps 1 and 2, a block of rows. */
static void forward_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low == NULL)
            continue;
        struct columns x = {learn->input, matrix->k, 0, matrix->k, drops(learn, low)};
        multiply_block(learn, low, &low->packed_a.forward, &x, low->t, block);
    }
}

/* dt = scale · dy·Bᵀ, a block of rows. */
static void backward_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct matrix *matrix = learn->matrix;
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low == NULL)
            continue;
        struct columns dy = {learn->input, matrix->n, low->first, low->n, false};
        multiply_block(learn, low, &low->packed_b.forward, &dy, low->dt, block);
    }
}

static void small_products(struct learn *learn, const struct matrix *matrix, const void *input,
                           void (*item)(void *context, size_t block))
{
    learn->matrix = matrix;
    learn->input = input;
    if (has_additions(matrix))
        learn_step(learn, learn->blocks, item);
}

void low_rank_forward(struct learn *learn, const struct matrix *matrix, const void *x)
{
    small_products(learn, matrix, x, forward_item);
}

void low_rank_backward(struct learn *learn, const struct matrix *matrix, const void *dy)
{
    small_products(learn, matrix, dy, backward_item);
}

/* Step 3: y += t·B, where the panel is the addition's. */
static void add_output(struct learn *learn, const struct low_rank *low, size_t row, size_t rows,
                       const struct gemm_panel *columns, float *tile)
{
    float *more = learn->worker->more;
    if (columns->first < low->first || columns->first >= low->first + low->n)
        return;
    gemm_multiply(learn->worker->lane, &low->packed_b.back, (columns->first - low->first) / columns->width,
                  gemm_at(low->type, low->t, row * low->rank), rows, more);
    learn->kernels->add(tile, more, rows * columns->width);
}

/* x' = drop(x) and t = x'·Aᵀ  ⇒  dx += drop(dt·A) */
static void add_input(struct learn *learn, const struct low_rank *low, size_t row, size_t rows, size_t panel, float *tile)
{
    const struct gemm_panel *columns = &low->packed_a.back.panels[panel];
    float *more = learn->worker->more;
    gemm_multiply(learn->worker->lane, &low->packed_a.back, panel, gemm_at(low->type, low->dt, row * low->rank), rows, more);
    for (size_t i = 0; i < rows && drops(learn, low); i++)
        drop(learn, low, row + i, columns->first, more + i * columns->width, columns->width);
    learn->kernels->add(tile, more, rows * columns->width);
}

void low_rank_add(struct learn *learn, const struct matrix *matrix, size_t row, size_t rows, size_t panel, float *tile)
{
    for (size_t part = 0; part < matrix->parts; part++) {
        const struct low_rank *low = matrix->low[part];
        if (low != NULL && learn->back)
            add_input(learn, low, row, rows, panel, tile);
        else if (low != NULL)
            add_output(learn, low, row, rows, &matrix->packed.forward.panels[panel], tile);
    }
}

/* ---- what A and B learn ---- */

/* into [rank, count] += smallᵀ·values over `rows` rows. */
static void add_rows(const struct learn *learn, const struct low_rank *low, const void *small, const void *values,
                     size_t stride, size_t rows, float *into, size_t count)
{
    gemm_product(learn->worker->plain_lane, &(struct gemm_product){.type = low->type,
                                                                   .m = low->rank,
                                                                   .n = count,
                                                                   .k = rows,
                                                                   .a = small,
                                                                   .a_stride = low->rank,
                                                                   .a_turned = true,
                                                                   .b = values,
                                                                   .b_stride = stride,
                                                                   .out = into,
                                                                   .out_stride = count,
                                                                   .add = true});
}

static void add_all(const struct learn *learn, const struct low_rank *low, const void *small, const struct columns *columns,
                    float *into)
{
    if (is_direct(learn, low, columns)) {
        add_rows(learn, low, small, gemm_at(low->type, columns->operand, columns->first), columns->width,
                 learn->trainable->rows, into, columns->count);
        return;
    }
    for (size_t block = 0; block < learn->blocks; block++) /* the same order always */
        add_rows(learn, low, gemm_at(low->type, small, block * LEARN_ROWS * low->rank), take_block(learn, low, columns, block),
                 columns->count, LEARN_ROWS, into, columns->count);
}

/* y += t·B ⇒ dB += tᵀ·dy;  t = x'·Aᵀ ⇒ dA += dtᵀ·x' */
void low_rank_backward_weight(struct learn *learn, const struct matrix *matrix, const struct low_rank *low, const void *x,
                              const void *dy, size_t item)
{
    const struct columns columns[LOW_RANK_ITEMS] = {{dy, matrix->n, low->first, low->n, false},
                                                    {x, matrix->k, 0, matrix->k, drops(learn, low)}};
    add_all(learn, low, item == 0 ? low->t : low->dt, &columns[item], item == 0 ? low->db : low->da);
}
