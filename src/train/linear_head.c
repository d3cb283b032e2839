/* linear_head.c - fits a logistic regression: L-BFGS (Liu and Nocedal 1989) over all examples at once.
 *
 *   examples in blocks, each by one thread:
 *     1. logits   = X·Wᵀ + b                     product with W, which is packed anew each time
 *     2. residual = softmax(logits) - truth      loss is summed here
 *     3. gradient = residualᵀ·X                  product with Xᵀ, which is packed once
 *   then the blocks' gradients and losses are summed in their order, in double.
 *
 * The number of blocks depends on the number of examples alone. Products are f32 with sums in f32; everything else is double. */
#include "linear_head.h"
#include "kernel/kernel.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCK_ROWS_LEAST = 1024, BLOCKS_MOST = 64, MEMORY = 12, STEPS_USUAL = 500, TRIALS = 20, RUN_ROWS = 16 };
#define GRADIENT_SETTLED 1e-5 /* the largest part of the gradient of the mean loss */
#define LOSS_SETTLED 1e-9 /* what a step gains, of the loss */

void linear_head_release(struct linear_head *head)
{
    free(head->weights);
    free(head->biases);
    *head = (struct linear_head){0};
}

struct running {
    const struct linear_head *head;
    const float *vectors;
    size_t count;
    float *logits;
};

static void run_rows(void *context, size_t item, size_t thread)
{
    const struct running *running = context;
    const struct linear_head *head = running->head;
    size_t first = item * RUN_ROWS, end = first + RUN_ROWS < running->count ? first + RUN_ROWS : running->count;
    (void)thread;
    for (size_t i = first; i < end; i++)
        for (size_t j = 0; j < head->labels; j++) {
            const float *x = running->vectors + i * head->dimensions, *w = head->weights + j * head->dimensions;
            double sum = (double)head->biases[j];
            for (size_t k = 0; k < head->dimensions; k++)
                sum += (double)x[k] * (double)w[k];
            running->logits[i * head->labels + j] = (float)sum;
        }
}

void linear_head_run(const struct linear_head *head, const float *vectors, size_t count, float *logits, struct pool *pool)
{
    struct running running = {.head = head, .vectors = vectors, .count = count};
    running.logits = logits;
    size_t items = (count + RUN_ROWS - 1) / RUN_ROWS;
    if (pool != NULL && items > 1) {
        pool_parallel_for(pool, items, run_rows, &running);
        return;
    }
    for (size_t item = 0; item < items; item++)
        run_rows(&running, item, 0);
}

/* ---- loss and gradient ---- */

struct block {
    size_t first, rows;
    float *vectors; /* [rows and some zeros, dimensions] */
    struct gemm_matrix across; /* Xᵀ [dimensions, rows] */
    float *gradient; /* [labels, dimensions + 1] */
    double loss;
};

struct lane_memory {
    struct gemm_lane *lane;
    float *tile; /* [GEMM_TILE, GEMM_PANEL] */
    float *logits; /* [GEMM_TILE, labels] */
    float *residual; /* [labels and some, block rows] */
};

struct fitting {
    const struct linear_fit *fit;
    struct block *blocks;
    size_t block_count, block_rows;
    size_t width; /* dimensions + 1: the last is the bias */
    struct gemm_matrix weights; /* W [labels, dimensions] as it is tried */
    const double *tried; /* [labels, width] */
    float *plain; /* W in f32 */
    struct lane_memory *lanes;
};

/* Softmax of a row of logits less the truth; its loss. */
static double residual_of(float *row, size_t labels, uint32_t truth)
{
    double most = (double)row[0], sum = 0, of_truth;
    for (size_t j = 1; j < labels; j++)
        most = (double)row[j] > most ? (double)row[j] : most;
    of_truth = (double)row[truth] - most;
    for (size_t j = 0; j < labels; j++) {
        double part = exp((double)row[j] - most);
        row[j] = (float)part;
        sum += part;
    }
    for (size_t j = 0; j < labels; j++)
        row[j] = (float)((double)row[j] / sum);
    row[truth] -= 1;
    return log(sum) - of_truth;
}

/* Steps 1 and 2 for some rows of the block. */
static void run_tile(struct fitting *fitting, struct block *block, struct lane_memory *memory, size_t first, size_t rows)
{
    const struct linear_fit *fit = fitting->fit;
    size_t labels = fit->labels;
    for (size_t p = 0; p < fitting->weights.panel_count; p++) {
        const struct gemm_panel *panel = &fitting->weights.panels[p];
        gemm_multiply(memory->lane, &fitting->weights, p, block->vectors + first * fit->dimensions, rows, memory->tile);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < panel->width; j++)
                memory->logits[i * labels + panel->first + j] = memory->tile[i * panel->width + j] +
                                                                (float)fitting->tried[(panel->first + j) * fitting->width +
                                                                                      fit->dimensions];
    }
    for (size_t i = 0; i < rows; i++) {
        float *row = memory->logits + i * labels;
        uint32_t truth = fit->truth[block->first + first + i];
        float weight = fit->class_weights != NULL ? fit->class_weights[truth] : 1;
        block->loss += (double)weight * residual_of(row, labels, truth);
        for (size_t j = 0; j < labels; j++)
            memory->residual[j * block->rows + first + i] = weight * row[j];
    }
}

/* Step 3. */
static void run_gradient(struct fitting *fitting, struct block *block, struct lane_memory *memory)
{
    const struct linear_fit *fit = fitting->fit;
    for (size_t first = 0; first < fit->labels; first += GEMM_TILE) {
        size_t rows = fit->labels - first < GEMM_TILE ? fit->labels - first : GEMM_TILE;
        for (size_t p = 0; p < block->across.panel_count; p++) {
            const struct gemm_panel *panel = &block->across.panels[p];
            gemm_multiply(memory->lane, &block->across, p, memory->residual + first * block->rows, rows, memory->tile);
            for (size_t i = 0; i < rows; i++)
                memcpy(block->gradient + (first + i) * fitting->width + panel->first, memory->tile + i * panel->width,
                       panel->width * sizeof(float));
        }
    }
    for (size_t j = 0; j < fit->labels; j++) {
        double sum = 0;
        for (size_t i = 0; i < block->rows; i++)
            sum += (double)memory->residual[j * block->rows + i];
        block->gradient[j * fitting->width + fit->dimensions] = (float)sum;
    }
}

static void run_block(void *context, size_t index, size_t thread)
{
    struct fitting *fitting = context;
    struct block *block = &fitting->blocks[index];
    block->loss = 0;
    for (size_t first = 0; first < block->rows; first += GEMM_TILE)
        run_tile(fitting, block, &fitting->lanes[thread], first,
                 block->rows - first < GEMM_TILE ? block->rows - first : GEMM_TILE);
    run_gradient(fitting, block, &fitting->lanes[thread]);
}

/* The loss at `tried`, and its gradient. */
static bool evaluate(struct fitting *fitting, const double *tried, double *loss, double *gradient, struct error *error)
{
    const struct linear_fit *fit = fitting->fit;
    double penalty = fit->strength > 0 ? 1 / fit->strength : 1, squares = 0;
    fitting->tried = tried;
    for (size_t j = 0; j < fit->labels; j++)
        for (size_t k = 0; k < fit->dimensions; k++)
            fitting->plain[j * fit->dimensions + k] = (float)tried[j * fitting->width + k];
    gemm_release(&fitting->weights);
    if (!gemm_pack(&fitting->weights, GEMM_F32, fitting->plain, fit->labels, fit->dimensions, error))
        return false;
    pool_parallel_for(fit->pool, fitting->block_count, run_block, fitting);
    *loss = 0;
    for (size_t j = 0; j < fit->labels * fitting->width; j++) {
        double sum = 0;
        for (size_t b = 0; b < fitting->block_count; b++)
            sum += (double)fitting->blocks[b].gradient[j];
        bool is_bias = j % fitting->width == fit->dimensions;
        gradient[j] = sum + (is_bias ? 0 : penalty * tried[j]);
        squares += is_bias ? 0 : tried[j] * tried[j];
    }
    for (size_t b = 0; b < fitting->block_count; b++)
        *loss += fitting->blocks[b].loss;
    *loss += penalty * squares / 2;
    return true;
}

/* ---- memory ---- */

static bool make_block(struct fitting *fitting, struct block *block, struct error *error)
{
    const struct linear_fit *fit = fitting->fit;
    size_t padded = block->rows + GEMM_TILE;
    block->vectors = memory_large(padded, fit->dimensions * sizeof(float));
    block->gradient = memory_large(fit->labels, fitting->width * sizeof(float));
    float *across = memory_large(fit->dimensions, block->rows * sizeof(float));
    bool ok = block->vectors != NULL && block->gradient != NULL && across != NULL;
    if (!ok) {
        error_set(error, ERROR_NO_MEMORY, "no memory for %zu vectors of %zu numbers", fit->count, fit->dimensions);
    } else {
        memcpy(block->vectors, fit->vectors + block->first * fit->dimensions, block->rows * fit->dimensions * sizeof(float));
        memset(block->vectors + block->rows * fit->dimensions, 0, GEMM_TILE * fit->dimensions * sizeof(float));
        for (size_t i = 0; i < block->rows; i++)
            for (size_t k = 0; k < fit->dimensions; k++)
                across[k * block->rows + i] = block->vectors[i * fit->dimensions + k];
        ok = gemm_pack(&block->across, GEMM_F32, across, fit->dimensions, block->rows, error);
    }
    free(across);
    return ok;
}

/* Panels of a matrix are as wide as they are; a tile holds the widest. */
static bool make_lanes(struct fitting *fitting, struct error *error)
{
    const struct linear_fit *fit = fitting->fit;
    fitting->lanes = memory_alloc(pool_thread_count(fit->pool), sizeof(*fitting->lanes));
    for (size_t i = 0; i < pool_thread_count(fit->pool); i++) {
        struct lane_memory *lane = &fitting->lanes[i];
        lane->lane = gemm_lane_create();
        lane->tile = memory_large(GEMM_TILE * GEMM_PANEL, sizeof(float));
        lane->logits = memory_large(GEMM_TILE, fit->labels * sizeof(float));
        lane->residual = memory_large(fit->labels + GEMM_TILE, fitting->block_rows * sizeof(float));
        if (lane->tile == NULL || lane->logits == NULL || lane->residual == NULL)
            return error_set(error, ERROR_NO_MEMORY, "no memory for %zu labels", fit->labels);
        memset(lane->residual, 0, (fit->labels + GEMM_TILE) * fitting->block_rows * sizeof(float));
    }
    return true;
}

static bool fitting_init(struct fitting *fitting, const struct linear_fit *fit, struct error *error)
{
    *fitting = (struct fitting){.fit = fit, .width = fit->dimensions + 1};
    size_t even = (fit->count + BLOCKS_MOST - 1) / BLOCKS_MOST;
    fitting->block_rows = even > BLOCK_ROWS_LEAST ? (even + GEMM_TILE - 1) / GEMM_TILE * GEMM_TILE : BLOCK_ROWS_LEAST;
    fitting->block_count = (fit->count + fitting->block_rows - 1) / fitting->block_rows;
    fitting->blocks = memory_alloc(fitting->block_count + 1, sizeof(*fitting->blocks));
    fitting->plain = memory_try(fit->labels, fit->dimensions * sizeof(float));
    if (fitting->plain == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for %zu labels of %zu numbers", fit->labels, fit->dimensions);
    for (size_t b = 0; b < fitting->block_count; b++) {
        size_t first = b * fitting->block_rows;
        size_t rows = fit->count - first < fitting->block_rows ? fit->count - first : fitting->block_rows;
        fitting->blocks[b] = (struct block){.first = first, .rows = rows};
        if (!make_block(fitting, &fitting->blocks[b], error))
            return false;
    }
    return make_lanes(fitting, error);
}

static bool fitting_release(struct fitting *fitting, bool ok, struct error *error)
{
    for (size_t b = 0; b < fitting->block_count; b++) {
        free(fitting->blocks[b].vectors);
        free(fitting->blocks[b].gradient);
        gemm_release(&fitting->blocks[b].across);
    }
    for (size_t i = 0; fitting->lanes != NULL && i < pool_thread_count(fitting->fit->pool); i++) {
        struct lane_memory *lane = &fitting->lanes[i];
        if (lane->lane != NULL && !gemm_lane_finish(lane->lane, ok ? error : &(struct error){0}))
            ok = false;
        gemm_lane_free(lane->lane);
        free(lane->tile);
        free(lane->logits);
        free(lane->residual);
    }
    gemm_release(&fitting->weights);
    free(fitting->blocks);
    free(fitting->lanes);
    free(fitting->plain);
    return ok;
}

/* ---- L-BFGS ---- */

struct memory_pair {
    double *step, *change; /* of the point, of the gradient */
    double inverse; /* 1 / (step · change) */
};

struct descent {
    size_t size; /* numbers */
    double *point, *gradient, *next, *next_gradient, *direction;
    struct memory_pair pairs[MEMORY];
    size_t pair_count, newest; /* pairs[newest] is the last one */
    double loss;
};

static double dot(const double *a, const double *b, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += a[i] * b[i];
    return sum;
}

static bool descent_init(struct descent *descent, size_t size, struct error *error)
{
    bool ok = true;
    *descent = (struct descent){.size = size};
    double **all[] = {&descent->point, &descent->gradient, &descent->next, &descent->next_gradient, &descent->direction};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        ok = (*all[i] = memory_try(size, sizeof(double))) != NULL && ok;
    for (size_t i = 0; i < MEMORY; i++) {
        descent->pairs[i].step = memory_try(size, sizeof(double));
        descent->pairs[i].change = memory_try(size, sizeof(double));
        ok = ok && descent->pairs[i].step != NULL && descent->pairs[i].change != NULL;
    }
    return ok || error_set(error, ERROR_NO_MEMORY, "no memory to fit %zu numbers", size);
}

static void descent_release(struct descent *descent)
{
    free(descent->point);
    free(descent->gradient);
    free(descent->next);
    free(descent->next_gradient);
    free(descent->direction);
    for (size_t i = 0; i < MEMORY; i++) {
        free(descent->pairs[i].step);
        free(descent->pairs[i].change);
    }
}

static struct memory_pair *pair_back(struct descent *descent, size_t back)
{
    return &descent->pairs[(descent->newest + MEMORY - back) % MEMORY];
}

/* direction = -H·gradient, by the two loops. */
static void find_direction(struct descent *descent)
{
    double shares[MEMORY];
    double *direction = descent->direction;
    for (size_t i = 0; i < descent->size; i++)
        direction[i] = -descent->gradient[i];
    for (size_t back = 0; back < descent->pair_count; back++) {
        const struct memory_pair *pair = pair_back(descent, back);
        shares[back] = pair->inverse * dot(pair->step, direction, descent->size);
        for (size_t i = 0; i < descent->size; i++)
            direction[i] -= shares[back] * pair->change[i];
    }
    if (descent->pair_count > 0) {
        const struct memory_pair *last = pair_back(descent, 0);
        double scale = 1 / (last->inverse * dot(last->change, last->change, descent->size));
        for (size_t i = 0; i < descent->size; i++)
            direction[i] *= scale;
    }
    for (size_t back = descent->pair_count; back-- > 0;) {
        const struct memory_pair *pair = pair_back(descent, back);
        double again = pair->inverse * dot(pair->change, direction, descent->size);
        for (size_t i = 0; i < descent->size; i++)
            direction[i] += (shares[back] - again) * pair->step[i];
    }
}

/* Remembers the step from point to next, if the loss bends upward along it, and goes there. */
static void take_step(struct descent *descent, double loss)
{
    double bend = 0, changes = 0;
    for (size_t i = 0; i < descent->size; i++) {
        double change = descent->next_gradient[i] - descent->gradient[i];
        bend += (descent->next[i] - descent->point[i]) * change;
        changes += change * change;
    }
    if (bend > 1e-12 * changes) { /* else the oldest pair, whose place this is, stays */
        struct memory_pair *pair = &descent->pairs[(descent->newest + 1) % MEMORY];
        for (size_t i = 0; i < descent->size; i++) {
            pair->step[i] = descent->next[i] - descent->point[i];
            pair->change[i] = descent->next_gradient[i] - descent->gradient[i];
        }
        pair->inverse = 1 / bend;
        descent->newest = (descent->newest + 1) % MEMORY;
        descent->pair_count += descent->pair_count < MEMORY;
    }
    double *point = descent->point, *gradient = descent->gradient;
    descent->point = descent->next;
    descent->gradient = descent->next_gradient;
    descent->next = point;
    descent->next_gradient = gradient;
    descent->loss = loss;
}

/* Tries shorter and shorter steps until the loss falls enough (Armijo). `*moved` false: none did. */
static bool search_line(struct descent *descent, struct fitting *fitting, bool *moved, struct error *error)
{
    double slope = dot(descent->gradient, descent->direction, descent->size);
    double length = descent->pair_count > 0 ? 1 : 1 / (sqrt(dot(descent->gradient, descent->gradient, descent->size)) + 1e-30);
    *moved = false;
    for (size_t trial = 0; trial < TRIALS && slope < 0; trial++) {
        double loss;
        for (size_t i = 0; i < descent->size; i++)
            descent->next[i] = descent->point[i] + length * descent->direction[i];
        if (!evaluate(fitting, descent->next, &loss, descent->next_gradient, error))
            return false;
        if (loss <= descent->loss + 1e-4 * length * slope) {
            take_step(descent, loss);
            *moved = true;
            return true;
        }
        length /= 2;
    }
    return true;
}

static double largest(const double *values, size_t size)
{
    double most = 0;
    for (size_t i = 0; i < size; i++)
        most = fabs(values[i]) > most ? fabs(values[i]) : most;
    return most;
}

static bool descend(struct descent *descent, struct fitting *fitting, struct linear_fitted *fitted, struct error *error)
{
    const struct linear_fit *fit = fitting->fit;
    size_t steps_max = fit->steps_max > 0 ? fit->steps_max : STEPS_USUAL;
    double count = (double)fit->count;
    if (!evaluate(fitting, descent->point, &descent->loss, descent->gradient, error))
        return false;
    while (fitted->steps < steps_max && !fitted->is_settled) {
        bool moved;
        double before = descent->loss;
        find_direction(descent);
        if (!search_line(descent, fitting, &moved, error))
            return false;
        fitted->steps++;
        fitted->is_settled = largest(descent->gradient, descent->size) <= GRADIENT_SETTLED * count ||
                             before - descent->loss <= LOSS_SETTLED * fabs(before);
        fitted->is_settled = fitted->is_settled || !moved; /* f32 products see no further */
        if (fit->step != NULL && !fit->step(fit->context, fitted->steps, descent->loss / count))
            return error_set(error, ERROR_CANCELLED, "stopped while fitting, after %zu steps", fitted->steps);
    }
    fitted->loss = descent->loss;
    return true;
}

bool linear_head_fit(struct linear_head *head, const struct linear_fit *fit, struct linear_fitted *fitted, struct error *error)
{
    struct fitting fitting;
    struct descent descent;
    assert(fit->count > 0 && fit->labels > 1 && fit->dimensions > 0);
    *fitted = (struct linear_fitted){0};
    bool ok = descent_init(&descent, fit->labels * (fit->dimensions + 1), error);
    fitting = (struct fitting){.fit = fit};
    ok = ok && fitting_init(&fitting, fit, error);
    if (ok && head->weights != NULL) {
        assert(head->labels == fit->labels && head->dimensions == fit->dimensions);
        for (size_t j = 0; j < fit->labels; j++) {
            for (size_t k = 0; k < fit->dimensions; k++)
                descent.point[j * fitting.width + k] = (double)head->weights[j * fit->dimensions + k];
            descent.point[j * fitting.width + fit->dimensions] = (double)head->biases[j];
        }
    }
    ok = ok && descend(&descent, &fitting, fitted, error);
    if (ok) {
        linear_head_release(head);
        *head = (struct linear_head){.labels = fit->labels, .dimensions = fit->dimensions};
        head->weights = memory_try(fit->labels, fit->dimensions * sizeof(float));
        head->biases = memory_try(fit->labels, sizeof(float));
        ok = (head->weights != NULL && head->biases != NULL) ||
             error_set(error, ERROR_NO_MEMORY, "no memory for a head of %zu labels", fit->labels);
        for (size_t j = 0; ok && j < fit->labels; j++) {
            for (size_t k = 0; k < fit->dimensions; k++)
                head->weights[j * fit->dimensions + k] = (float)descent.point[j * fitting.width + k];
            head->biases[j] = (float)descent.point[j * fitting.width + fit->dimensions];
        }
    }
    ok = fitting_release(&fitting, ok, error);
    descent_release(&descent);
    return ok;
}
