/* magnitude.c - weight-decomposed low-rank additions (DoRA, Liu et al. 2024): each row of W + scale·B·A keeps its direction, and its length is learned apart.
 *
 *   1. v = x·(W + scale·B·A)ᵀ         learn_matrix.c, low_rank.c
 *   2. y = gain·v + bias              gain = m / c, c = |W + scale·B·A| of the row
 *
 *   2. dm += Σ dy·v / c = Σ dy·(y - bias) / m     dv = gain·dy
 *   1. as it is without
 *
 * c counts as a constant on the way back, as in the paper (its section 4.3) and in PEFT. Dropout of an addition's input is that of A alone here; PEFT drops
 * what W reads for the gain too, while it trains. */
#include "learner.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdlib.h>

enum { MERGED_ROWS = 32 };

void magnitudes_make(struct matrix *matrix)
{
    struct magnitudes *magnitudes = &matrix->magnitudes;
    if (magnitudes->m != NULL)
        return;
    magnitudes->m = memory_alloc(4 * matrix->n, sizeof(float));
    magnitudes->dm = magnitudes->m + matrix->n;
    magnitudes->gain = magnitudes->dm + matrix->n;
    magnitudes->inverse = magnitudes->gain + matrix->n;
    for (size_t i = 0; i < matrix->n; i++)
        magnitudes->m[i] = magnitudes->gain[i] = magnitudes->inverse[i] = 1;
}

void magnitudes_release(struct magnitudes *magnitudes)
{
    free(magnitudes->m);
    *magnitudes = (struct magnitudes){0};
}

static float length_of(const float *row, size_t count)
{
    return sqrtf(kernels()->dot(row, row, count));
}

void magnitudes_start(const struct low_rank *low)
{
    const struct matrix *matrix = low->matrix;
    for (size_t i = low->first; i < low->first + low->n; i++)
        matrix->magnitudes.m[i] = length_of(matrix->w + i * matrix->k, matrix->k);
}

/* A row of zeros stays one, whatever its magnitude. */
void magnitudes_changed(const struct low_rank *low)
{
    const struct matrix *matrix = low->matrix;
    const struct magnitudes *magnitudes = &matrix->magnitudes;
    float *merged = memory_alloc(MERGED_ROWS * matrix->k, sizeof(*merged));
    for (size_t at = 0; at < low->n; at += MERGED_ROWS) {
        size_t count = low->n - at < MERGED_ROWS ? low->n - at : MERGED_ROWS;
        low_rank_merge(low, at, count, merged);
        for (size_t i = 0; i < count; i++) {
            size_t row = low->first + at + i;
            float length = length_of(merged + i * matrix->k, matrix->k), m = magnitudes->m[row];
            magnitudes->gain[row] = length > 0 ? m / length : 1;
            magnitudes->inverse[row] = m != 0 ? 1 / m : 0;
        }
    }
    free(merged);
}

/* Step 2, but for the bias: columns `first` … of a row. */
void magnitudes_forward(const struct matrix *matrix, size_t first, size_t width, float *y)
{
    const float *gain = matrix->magnitudes.gain + first;
    for (size_t i = 0; i < width; i++)
        y[i] *= gain[i];
}

void magnitudes_backward(struct learn *learn, const struct matrix *matrix, struct partial *partial, size_t row, size_t first,
                         float *dy, size_t count)
{
    const struct magnitudes *magnitudes = &matrix->magnitudes;
    if (magnitudes->m == NULL)
        return;
    const float *y = magnitudes->y + row * matrix->n + first, *bias = matrix->bias + first;
    float *dm = learn->worker->block; /* products use it, and none is under way */
    for (size_t i = 0; i < count; i++) {
        dm[i] = dy[i] * (y[i] - bias[i]) * magnitudes->inverse[first + i];
        dy[i] *= magnitudes->gain[first + i];
    }
    partial_add(partial, row, first, dm, count);
}
