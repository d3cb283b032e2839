/* embed_loss.c - contrastive training of vectors, with all others of the batch as negatives (Henderson et al. 2017).
 *
 *   u_i = first texts' vectors, w_j = second texts' and all negatives', of length 1
 *   L = 1/n · Σ_i cross-entropy(u_i·w_j / temperature over all j, the second of i)
 *
 * A w_j that is the very text of w_i is left out, since several questions of a batch may have one answer.
 *
 * With recipe.widths, L is the mean of that loss and of the same for the first numbers of each vector, made of length 1 again (Kusupati et al. 2022).
 *
 * The batch may be larger than what fits into memory with all its states: vectors are made first, without keeping states; the loss tells
 * each vector's slope; then each pack goes forward once more, keeping them, and back (cached gradients, Gao et al. 2021). What is dropped is
 * the same both times. */
#include "train_parts.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct vectors {
    struct trainer *trainer;
    uint64_t step;
    float *values, *slopes; /* [items, hidden] */
    float *lengths;         /* before they were made 1 */
    bool is_second_pass;
    const struct ready *const *items; /* as values */
};

void embed_vectors(const struct trainer *trainer, const struct batch_pack *pack, const float *states, float *out,
                   float *lengths)
{
    size_t hidden = trainer->info->hidden;
    for (size_t text = 0; text < pack->pack.text_count; text++) {
        const struct text_rows *rows = &pack->pack.texts[text];
        float *vector = out + text * hidden;
        enum model_pooling pooling = trainer->info->pooling;
        size_t first = rows->first + (pooling == MODEL_POOL_LAST ? rows->count - 1 : 0);
        memcpy(vector, states + first * hidden, hidden * sizeof(*vector));
        for (size_t row = 1; row < rows->count; row++) {
            if (pooling == MODEL_POOL_MEAN)
                kernels()->add(vector, states + (rows->first + row) * hidden, hidden);
            if (pooling == MODEL_POOL_MAX)
                kernels()->maximum(vector, states + (rows->first + row) * hidden, hidden);
        }
        if (pooling == MODEL_POOL_MEAN)
            kernels()->scale(vector, vector, 1 / (float)rows->count, hidden);
        float length = sqrtf(kernels()->dot(vector, vector, hidden));
        lengths[text] = length > 1e-12F ? length : 1e-12F;
        kernels()->scale(vector, vector, 1 / lengths[text], hidden);
    }
}

/* Of the largest of each column: the first row that has it. */
static void max_backward(const struct text_rows *rows, const float *states, const float *dv, size_t hidden, float *d_states)
{
    for (size_t i = 0; i < hidden; i++) {
        size_t most = rows->first;
        for (size_t row = rows->first + 1; row < rows->first + rows->count; row++)
            most = states[row * hidden + i] > states[most * hidden + i] ? row : most;
        d_states[most * hidden + i] = dv[i];
    }
}

/* u = v / |v|  ⇒  dv = (du - u · (u·du)) / |v|, which each row has its share of. */
static void vector_backward(const struct vectors *vectors, const struct batch_pack *pack, const float *states,
                            size_t first_item, float *d_states)
{
    size_t hidden = vectors->trainer->info->hidden;
    memset(d_states, 0, pack->pack.rows * hidden * sizeof(*d_states));
    for (size_t text = 0; text < pack->pack.text_count; text++) {
        const struct text_rows *rows = &pack->pack.texts[text];
        const float *u = vectors->values + (first_item + text) * hidden;
        float *du = vectors->slopes + (first_item + text) * hidden, along = kernels()->dot(u, du, hidden);
        for (size_t i = 0; i < hidden; i++)
            du[i] = (du[i] - u[i] * along) / vectors->lengths[first_item + text];
        enum model_pooling pooling = vectors->trainer->info->pooling;
        if (pooling == MODEL_POOL_MAX) {
            max_backward(rows, states, du, hidden, d_states);
            continue;
        }
        bool mean = pooling == MODEL_POOL_MEAN;
        size_t first = rows->first + (pooling == MODEL_POOL_LAST ? rows->count - 1 : 0);
        for (size_t row = 0; row < (mean ? rows->count : 1); row++)
            kernels()->scale(d_states + (first + row) * hidden, du, mean ? 1 / (float)rows->count : 1, hidden);
    }
}

static bool pack_pass(void *context, const struct batch_pack *pack, size_t first_item, size_t first_row, struct error *error)
{
    struct vectors *vectors = context;
    struct trainer *trainer = vectors->trainer;
    struct pass_options options = {true, vectors->step, first_row};
    const float *states;
    if (!trainable_forward(trainer->trainable, &pack->pack, &options, &states, error))
        return false;
    if (!vectors->is_second_pass) {
        embed_vectors(trainer, pack, states, vectors->values + first_item * trainer->info->hidden,
                      vectors->lengths + first_item);
        return true;
    }
    float *d_states = states_gradient(trainer, pack->pack.rows);
    vector_backward(vectors, pack, states, first_item, d_states);
    return trainable_backward(trainer->trainable, d_states, error);
}

static bool same_text(const struct ready *a, const struct ready *b)
{
    return a->count == b->count && memcmp(a->ids, b->ids, a->count * sizeof(*a->ids)) == 0;
}

/* Vectors of `width` numbers: u [n] and w [m] stand as one list, u first. Their slopes are added to. */
static double contrast(const struct vectors *vectors, const float *u, float *du, size_t width, size_t n, size_t m)
{
    const float *w = u + n * width;
    float *dw = du + n * width, *z = memory_alloc(m, sizeof(*z));
    float rate = 1 / vectors->trainer->recipe.temperature;
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        float most = -INFINITY;
        for (size_t j = 0; j < m; j++) {
            z[j] = j != i && same_text(vectors->items[n + i], vectors->items[n + j])
                       ? -INFINITY
                       : rate * kernels()->dot(u + i * width, w + j * width, width);
            most = z[j] > most ? z[j] : most;
        }
        for (size_t j = 0; j < m; j++)
            sum += exp((double)(z[j] - most));
        loss += (double)most + log(sum) - (double)z[i];
        for (size_t j = 0; j < m; j++) /* the slope of z */
            z[j] = (float)((exp((double)(z[j] - most)) / sum - (i == j ? 1 : 0)) / (double)n) * rate;
        kernels()->product_add(&(struct kernel_product){.c = du + i * width,
                                                        .c_stride = width,
                                                        .a = z,
                                                        .a_row = m,
                                                        .a_column = 1,
                                                        .b = w,
                                                        .b_stride = width,
                                                        .m = 1,
                                                        .n = width,
                                                        .k = m});
        kernels()->product_add(&(struct kernel_product){.c = dw,
                                                        .c_stride = width,
                                                        .a = z,
                                                        .a_row = 1,
                                                        .a_column = 1,
                                                        .b = u + i * width,
                                                        .b_stride = width,
                                                        .m = m,
                                                        .n = width,
                                                        .k = 1});
    }
    free(z);
    return loss / (double)n;
}

/* The first `width` numbers p of each vector: q = p / |p|  ⇒  dp = (dq - q · (q·dq)) / |p|. */
static double contrast_part(const struct vectors *vectors, size_t width, size_t n, size_t m)
{
    size_t hidden = vectors->trainer->info->hidden;
    float *parts = memory_alloc(2 * (n + m) * width + n + m, sizeof(*parts)), *slopes = parts + (n + m) * width,
          *lengths = slopes + (n + m) * width;
    for (size_t i = 0; i < n + m; i++) {
        const float *p = vectors->values + i * hidden;
        float length = sqrtf(kernels()->dot(p, p, width));
        lengths[i] = length > 1e-12F ? length : 1e-12F;
        kernels()->scale(parts + i * width, p, 1 / lengths[i], width);
    }
    double loss = contrast(vectors, parts, slopes, width, n, m);
    for (size_t i = 0; i < n + m; i++) {
        const float *q = parts + i * width, *dq = slopes + i * width;
        float *dp = vectors->slopes + i * hidden, along = kernels()->dot(q, dq, width);
        for (size_t k = 0; k < width; k++)
            dp[k] += (dq[k] - q[k] * along) / lengths[i];
    }
    free(parts);
    return loss;
}

static double embed_loss(const struct vectors *vectors, size_t n, size_t m)
{
    const size_t *widths = vectors->trainer->recipe.widths;
    size_t hidden = vectors->trainer->info->hidden, parts = 1;
    double loss = contrast(vectors, vectors->values, vectors->slopes, hidden, n, m);
    for (size_t i = 0; i < TRAIN_WIDTHS && widths[i] > 0; i++, parts++)
        loss += contrast_part(vectors, widths[i], n, m);
    if (parts > 1)
        kernels()->scale(vectors->slopes, vectors->slopes, 1 / (float)parts, (n + m) * hidden);
    return loss / (double)parts;
}

/* First texts, then second ones, then negatives. */
static size_t list_items(const struct ready_set *set, const size_t *examples, size_t count, const struct ready **items)
{
    size_t listed = 0;
    for (size_t i = 0; i < count; i++)
        items[listed++] = &set->items[set->firsts[examples[i]]];
    for (size_t i = 0; i < count; i++)
        items[listed++] = &set->items[set->firsts[examples[i]] + 1];
    for (size_t i = 0; i < count; i++)
        for (size_t j = set->firsts[examples[i]] + 2; j < set->firsts[examples[i] + 1]; j++)
            items[listed++] = &set->items[j];
    return listed;
}

bool embed_step(struct trainer *trainer, const struct ready_set *set, const size_t *examples, size_t count, uint64_t step,
                double *loss, struct error *error)
{
    size_t most = 0, hidden = trainer->info->hidden;
    for (size_t i = 0; i < count; i++)
        most += set->firsts[examples[i] + 1] - set->firsts[examples[i]];
    const struct ready **items = memory_alloc(most, sizeof(*items));
    size_t listed = list_items(set, examples, count, items);
    assert(listed == most);
    struct vectors vectors = {.trainer = trainer, .step = step, .items = items};
    vectors.values = memory_alloc(listed, hidden * sizeof(float));
    vectors.slopes = memory_alloc(listed, hidden * sizeof(float));
    vectors.lengths = memory_alloc(listed, sizeof(float));
    const struct ready_part own = ready_own(trainer->team, items, listed);
    bool ok = ready_packs(&own, pack_pass, &vectors, error) &&
              team_sum(trainer->team, vectors.values, listed * hidden, error); /* zeros where another process's are */
    if (ok) {
        *loss = embed_loss(&vectors, count, listed - count);
        vectors.is_second_pass = true;
        ok = ready_packs(&own, pack_pass, &vectors, error);
    }
    free(vectors.values);
    free(vectors.slopes);
    free(vectors.lengths);
    free(items);
    return ok;
}
