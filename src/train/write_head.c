/* write_head.c - the head of TRAIN_WRITE, forward and back: each row of a target says what comes next, a token of the vocabulary or a copy of one
 * of the source (See, Liu, Manning 2017; the words' own vectors are the output layer's: Press, Wolf 2017).
 *
 *   a text's rows:  source s_0 … | target h_0 … h_n, each seeing the source and what stands before it; h_t wants the token y_t
 *
 *   1. u = norm(h·denseᵀ + b)
 *   2. z = u·wordsᵀ + c                       the likelihood of a token is softmax(z)
 *   3. q = h·queryᵀ + b, l_j = q·s_j / √H     a = softmax(l) over all tokens of the source
 *   4. x = h·gateᵀ + b                        σ(x): how likely it is copied
 *   5. p(y) = (1 - σ(x)) · softmax(z)_y + σ(x) · Σ_{j: token j is y} a_j, in logarithms
 *   6. loss = -(1 - s) · log p(y) + s · (log Σ e^z - mean z)                  label smoothing s, over the vocabulary
 *
 * Back, with r the copies' share of p(y) and c = Σ_{j: token j is y} a_j:
 *
 *   6, 5. dz = (1 - s)·(1 - r)·(softmax(z) - 1_y) + s·(softmax(z) - 1/V)
 *   4.    dx = (1 - s)·(σ(x) - r)
 *   3.    dl_j = (1 - s)·r·(a_j - [token j is y]·a_j / c), dq = Σ_j dl_j·s_j / √H, ds_j += dl_j·q / √H
 *   2.    du = dz·words, dwords += dzᵀ·u
 *   1.    as everywhere
 *
 * Products with the words are cut into PART of them, shared out to threads; the sums over parts are in their order. */
#include "train_parts.h"
#include "writer/writer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PART = 2048, ROW_UNIT = 16 };

/* One row of a target. */
struct write_row {
    size_t row, source, source_count; /* of the pack */
    size_t text;
    uint32_t wanted;
    double weight;
    double spread; /* of step 1: √(variance + epsilon) */
    double gate, dgate; /* σ(x), dx */
    double log_p, loss;
};

/* ---- making ---- */

enum start { ZEROS, ONES, IDENTITY, RANDOM };

static float *take(float **at, size_t count)
{
    float *place = *at;
    *at += count;
    return place;
}

static void fill(float *values, size_t rows, size_t columns, enum start start, uint64_t seed)
{
    struct random random;
    random_init(&random, seed);
    size_t width = columns > 0 ? columns : 1;
    for (size_t i = 0; i < rows * width; i++)
        values[i] = start == ONES       ? 1
                    : start == IDENTITY ? (i / width == i % width ? 1 : 0)
                    : start == RANDOM   ? (float)((random_unit(&random) - 0.5) * 0.07) /* of spread 0.02 */
                                        : 0;
}

/* As the base has it, if it was a writer's, else as it begins. */
static void make_tensor(struct trainer *trainer, const char *name, float *values, float *gradients, size_t rows, size_t columns,
                        enum start start)
{
    float *read = trainable_read(trainer->trainable, name, rows, columns);
    size_t count = rows * (columns > 0 ? columns : 1);
    if (read != NULL)
        memcpy(values, read, count * sizeof(*values));
    else
        fill(values, rows, columns, start, trainer->recipe.seed + trainer->learned_count);
    free(read);
    head_learn(trainer, name, values, gradients, rows, columns);
}

static void make_tensors(struct trainer *trainer, struct write_head *head)
{
    size_t hidden = head->hidden, vocabulary = head->vocabulary;
    float *values = head->memory, *gradients = head->memory + head->numbers;
    struct {
        const char *name;
        size_t rows, columns;
        enum start start;
        float **values, **gradients;
    } tensors[] = {{WRITER_DENSE ".weight", hidden, hidden, IDENTITY, &head->dense.w, &head->dense.dw},
                   {WRITER_DENSE ".bias", hidden, 0, ZEROS, &head->dense.b, &head->dense.db},
                   {WRITER_NORM ".weight", hidden, 0, ONES, &head->norm, &head->dnorm},
                   {WRITER_NORM ".bias", hidden, 0, ZEROS, &head->norm_bias, &head->dnorm_bias},
                   {WRITER_WORDS ".bias", vocabulary, 0, ZEROS, &head->bias, &head->dbias},
                   {WRITER_QUERY ".weight", hidden, hidden, RANDOM, &head->query.w, &head->query.dw},
                   {WRITER_QUERY ".bias", hidden, 0, ZEROS, &head->query.b, &head->query.db},
                   {WRITER_GATE ".weight", 1, hidden, ZEROS, &head->gate.w, &head->gate.dw},
                   {WRITER_GATE ".bias", 1, 0, ZEROS, &head->gate.b, &head->gate.db}};
    _Static_assert(ARRAY_COUNT(tensors) <= HEAD_TENSORS_MAX, "there is room for them");
    for (size_t i = 0; i < ARRAY_COUNT(tensors); i++) {
        size_t count = tensors[i].rows * (tensors[i].columns > 0 ? tensors[i].columns : 1);
        *tensors[i].values = take(&values, count);
        *tensors[i].gradients = take(&gradients, count);
        make_tensor(trainer, tensors[i].name, *tensors[i].values, *tensors[i].gradients, tensors[i].rows, tensors[i].columns,
                    tensors[i].start);
    }
    head->dense.n = head->dense.k = head->query.n = head->query.k = head->gate.k = hidden;
    head->gate.n = 1;
}

bool write_head_make(struct trainer *trainer, struct error *error)
{
    struct write_head *head = &trainer->write;
    size_t hidden = trainer->info->hidden, vocabulary = trainer->info->vocabulary, count;
    trainable_uses_all_words(trainer->trainable);
    const struct parameter *parameters = trainable_parameters(trainer->trainable, &count);
    head->words = parameters[0].values; /* of all tensors the first */
    head->dwords = parameters[0].gradients;
    head->hidden = hidden;
    head->vocabulary = vocabulary;
    head->numbers = 2 * hidden * hidden + 5 * hidden + vocabulary + 1;
    head->memory = memory_large(2 * head->numbers, sizeof(float));
    head->lane_count = pool_thread_count(trainer->pool);
    head->lanes = memory_alloc(head->lane_count, sizeof(struct product_lane *));
    if (head->memory == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a head of %zu words", vocabulary);
    memset(head->memory, 0, 2 * head->numbers * sizeof(float));
    for (size_t i = 0; i < head->lane_count; i++)
        head->lanes[i] = product_lane_create();
    make_tensors(trainer, head);
    return true;
}

void write_head_release(struct write_head *head)
{
    for (size_t i = 0; i < head->lane_count; i++)
        product_lane_free(head->lanes[i]);
    free(head->lanes);
    free(head->memory);
    free(head->pack_memory);
    *head = (struct write_head){0};
}

/* ---- a pack ---- */

struct writing {
    struct trainer *trainer;
    struct write_head *head;
    const struct batch_pack *pack;
    const float *states;
    struct write_row *rows;
    size_t count, padded; /* rows of targets, and in whole units */
    size_t parts; /* of the vocabulary */
    double smoothing;
    bool learns;
    /* [padded, hidden], but for: */
    float *h, *inner, *u, *q, *dh, *du, *dq;
    float *z; /* [padded, vocabulary]: then softmax(z), then dz */
    float *a; /* [count, longest source]: then dl */
    float *sums; /* [parts, padded, hidden]: du by part */
    size_t longest;
};

static void find_rows(struct writing *writing, double weight)
{
    const struct pack *pack = &writing->pack->pack;
    writing->rows = memory_alloc(pack->rows, sizeof(*writing->rows));
    for (size_t text = 0; text < pack->text_count; text++) {
        const struct text_rows *rows = &pack->texts[text];
        const struct ready *item = writing->pack->items[text];
        writing->longest = rows->source > writing->longest ? rows->source : writing->longest;
        for (size_t i = 0; i < rows->count; i++)
            if (item->wanted[i] != NOT_WANTED)
                writing->rows[writing->count++] = (struct write_row){.row = rows->first + i,
                                                                     .source = rows->first,
                                                                     .source_count = rows->source,
                                                                     .text = text,
                                                                     .wanted = item->wanted[i],
                                                                     .weight = (double)item->weight / weight};
    }
    writing->padded = (writing->count + ROW_UNIT - 1) / ROW_UNIT * ROW_UNIT;
}

static bool room_for_rows(struct writing *writing, struct error *error)
{
    struct write_head *head = writing->head;
    size_t wide = writing->padded * head->hidden, vocabulary = writing->padded * head->vocabulary;
    size_t needed = (7 + writing->parts) * wide + vocabulary + writing->count * writing->longest;
    if (needed > head->pack_numbers) {
        free(head->pack_memory);
        head->pack_numbers = 0;
        head->pack_memory = memory_large(needed, sizeof(float));
        if (head->pack_memory == NULL)
            return error_set(error, ERROR_NO_MEMORY, "no memory for %zu tokens to write at a time", writing->count);
        head->pack_numbers = needed;
    }
    float *at = head->pack_memory;
    float **const places[] = {&writing->h, &writing->inner, &writing->u, &writing->q, &writing->dh, &writing->du, &writing->dq};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        *places[i] = take(&at, wide);
    writing->z = take(&at, vocabulary);
    writing->sums = take(&at, writing->parts * wide);
    writing->a = at;
    memset(writing->h, 0, wide * sizeof(float));
    memset(writing->u, 0, wide * sizeof(float));
    return true;
}

/* Step 1, of all rows. */
static void norm_rows(struct writing *writing)
{
    const struct write_head *head = writing->head;
    size_t hidden = head->hidden;
    for (size_t i = 0; i < writing->count; i++) {
        const float *in = writing->inner + i * hidden;
        double mean = 0, variance = 0;
        for (size_t k = 0; k < hidden; k++)
            mean += (double)in[k] / (double)hidden;
        for (size_t k = 0; k < hidden; k++)
            variance += ((double)in[k] - mean) * ((double)in[k] - mean) / (double)hidden;
        writing->rows[i].spread = sqrt(variance + WRITER_NORM_EPSILON);
        for (size_t k = 0; k < hidden; k++) {
            double even = ((double)in[k] - mean) / writing->rows[i].spread;
            writing->inner[i * hidden + k] = (float)even;
            writing->u[i * hidden + k] = (float)(even * (double)head->norm[k] + (double)head->norm_bias[k]);
        }
    }
}

/* Step 2, a part of the words. */
static void words_item(void *context, size_t part, size_t thread)
{
    const struct writing *writing = context;
    const struct write_head *head = writing->head;
    size_t first = part * PART, width = head->vocabulary - first < PART ? head->vocabulary - first : PART;
    gemm_product(head->lanes[thread], &(struct gemm_product){.type = GEMM_F32,
                                                             .m = writing->padded,
                                                             .n = width,
                                                             .k = head->hidden,
                                                             .a = writing->u,
                                                             .a_stride = head->hidden,
                                                             .b = head->words + first * head->hidden,
                                                             .b_stride = head->hidden,
                                                             .b_turned = true,
                                                             .out = writing->z + first,
                                                             .out_stride = head->vocabulary});
    for (size_t i = 0; i < writing->count; i++)
        kernels()->add(writing->z + i * head->vocabulary + first, head->bias + first, width);
}

/* Step 3: a; returns the share of it that the wanted token has. */
static double point(const struct writing *writing, size_t i)
{
    const struct write_row *row = &writing->rows[i];
    const struct write_head *head = writing->head;
    const uint32_t *ids = writing->pack->pack.ids + row->source;
    float *a = writing->a + i * writing->longest;
    float scale = 1 / sqrtf((float)head->hidden);
    double share = 0;
    for (size_t j = 0; j < row->source_count; j++)
        a[j] = scale *
               kernels()->dot(writing->q + i * head->hidden, writing->states + (row->source + j) * head->hidden, head->hidden);
    kernels()->softmax(a, a, row->source_count);
    for (size_t j = 0; j < row->source_count; j++)
        share += ids[j] == row->wanted ? (double)a[j] : 0;
    return share;
}

static double logistic_log(double x) /* log σ(x) */
{
    return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}

/* z becomes dz, a becomes dl. */
static void row_back(const struct writing *writing, size_t i, double share, double copied)
{
    struct write_row *row = &writing->rows[i];
    const struct write_head *head = writing->head;
    const uint32_t *ids = writing->pack->pack.ids + row->source;
    float *p = writing->z + i * head->vocabulary, *a = writing->a + i * writing->longest;
    double kept = row->weight * (1 - writing->smoothing), each = row->weight * writing->smoothing;
    kernels()->scale(p, p, (float)(kept * (1 - copied) + each), head->vocabulary);
    for (size_t v = 0; v < head->vocabulary && each > 0; v++)
        p[v] -= (float)(each / (double)head->vocabulary);
    p[row->wanted] -= (float)(kept * (1 - copied));
    for (size_t j = 0; j < row->source_count; j++) {
        double is_it = ids[j] == row->wanted && share > 0 ? (double)a[j] / share : 0;
        a[j] = (float)(kept * copied * ((double)a[j] - is_it));
    }
    row->dgate = kept * (row->gate - copied);
}

/* Steps 3 to 6, and back, of one row. */
static void row_item(void *context, size_t i, size_t thread)
{
    const struct writing *writing = context;
    const struct write_head *head = writing->head;
    struct write_row *row = &writing->rows[i];
    float *z = writing->z + i * head->vocabulary;
    (void)thread;
    double share = point(writing, i), mean = 0, most = -(double)INFINITY;
    size_t likeliest = 0;
    double x = (double)kernels()->dot(writing->h + i * head->hidden, head->gate.w, head->hidden) + (double)head->gate.b[0];
    double wanted = (double)z[row->wanted];
    for (size_t v = 0; v < head->vocabulary; v++)
        if ((double)z[v] > most) {
            most = (double)z[v];
            likeliest = v;
        }
    for (size_t v = 0; v < head->vocabulary && writing->smoothing > 0; v++)
        mean += (double)z[v] / (double)head->vocabulary;
    kernels()->softmax(z, z, head->vocabulary);
    double all = most - log((double)z[likeliest]);
    row->gate = exp(logistic_log(x));
    double written = logistic_log(-x) + wanted - all, copy = share > 0 ? logistic_log(x) + log(share) : -(double)INFINITY;
    double larger = fmax(written, copy);
    row->log_p = larger + log(exp(written - larger) + exp(copy - larger));
    row->loss = -(1 - writing->smoothing) * row->log_p + writing->smoothing * (all - mean);
    if (writing->learns)
        row_back(writing, i, share, exp(copy - row->log_p));
}

static bool forward(struct writing *writing, struct error *error)
{
    struct write_head *head = writing->head;
    size_t hidden = head->hidden;
    bool ok = true;
    for (size_t i = 0; i < writing->count; i++)
        memcpy(writing->h + i * hidden, writing->states + writing->rows[i].row * hidden, hidden * sizeof(float));
    head_layer_forward(&head->dense, writing->h, writing->count, writing->inner);
    head_layer_forward(&head->query, writing->h, writing->count, writing->q);
    norm_rows(writing);
    pool_parallel_for(writing->trainer->pool, writing->parts, words_item, writing);
    for (size_t i = 0; i < head->lane_count; i++)
        ok = product_lane_finish(head->lanes[i], ok ? error : &(struct error){0}) && ok;
    if (ok)
        pool_parallel_for(writing->trainer->pool, writing->count, row_item, writing);
    return ok;
}

/* ---- back ---- */

/* Step 2, a part of the words. */
static void words_back_item(void *context, size_t part, size_t thread)
{
    const struct writing *writing = context;
    const struct write_head *head = writing->head;
    size_t first = part * PART, width = head->vocabulary - first < PART ? head->vocabulary - first : PART;
    struct gemm_product product = {.type = GEMM_F32,
                                   .m = writing->padded,
                                   .n = head->hidden,
                                   .k = width,
                                   .a = writing->z + first,
                                   .a_stride = head->vocabulary,
                                   .b = head->words + first * head->hidden,
                                   .b_stride = head->hidden,
                                   .out = writing->sums + part * writing->padded * head->hidden,
                                   .out_stride = head->hidden};
    gemm_product(head->lanes[thread], &product);
    for (size_t i = 0; i < writing->count; i++)
        kernels()->add(head->dbias + first, writing->z + i * head->vocabulary + first, width);
    if (head->dwords == NULL)
        return;
    product = (struct gemm_product){.type = GEMM_F32,
                                    .m = width,
                                    .n = head->hidden,
                                    .k = writing->padded,
                                    .a = writing->z + first,
                                    .a_stride = head->vocabulary,
                                    .a_turned = true,
                                    .b = writing->u,
                                    .b_stride = head->hidden,
                                    .out = head->dwords + first * head->hidden,
                                    .out_stride = head->hidden,
                                    .add = true};
    gemm_product(head->lanes[thread], &product);
}

/* Step 1: du becomes the gradient of the dense layer's output. */
static void norm_back(struct writing *writing)
{
    struct write_head *head = writing->head;
    size_t hidden = head->hidden;
    for (size_t i = 0; i < writing->count; i++) {
        float *du = writing->du + i * hidden;
        const float *even = writing->inner + i * hidden;
        double sum = 0, along = 0;
        for (size_t k = 0; k < hidden; k++) {
            head->dnorm[k] += du[k] * even[k];
            head->dnorm_bias[k] += du[k];
            double d = (double)du[k] * (double)head->norm[k];
            sum += d / (double)hidden;
            along += d * (double)even[k] / (double)hidden;
        }
        for (size_t k = 0; k < hidden; k++)
            du[k] = (float)(((double)du[k] * (double)head->norm[k] - sum - (double)even[k] * along) / writing->rows[i].spread);
    }
}

/* Step 3: dq, and what it says of the source's states. */
static void point_back(struct writing *writing, float *d_states)
{
    size_t hidden = writing->head->hidden;
    float scale = 1 / sqrtf((float)hidden);
    memset(writing->dq, 0, writing->count * hidden * sizeof(float));
    for (size_t i = 0; i < writing->count; i++) {
        const struct write_row *row = &writing->rows[i];
        float *dl = writing->a + i * writing->longest;
        const float *q = writing->q + i * hidden;
        kernels()->scale(dl, dl, scale, row->source_count);
        kernels()->product_add(&(struct kernel_product){.c = writing->dq + i * hidden,
                                                        .c_stride = hidden,
                                                        .a = dl,
                                                        .a_row = row->source_count,
                                                        .a_column = 1,
                                                        .b = writing->states + row->source * hidden,
                                                        .b_stride = hidden,
                                                        .m = 1,
                                                        .n = hidden,
                                                        .k = row->source_count});
        kernels()->product_add(&(struct kernel_product){.c = d_states + row->source * hidden,
                                                        .c_stride = hidden,
                                                        .a = dl,
                                                        .a_row = 1,
                                                        .a_column = row->source_count,
                                                        .b = q,
                                                        .b_stride = hidden,
                                                        .m = row->source_count,
                                                        .n = hidden,
                                                        .k = 1});
    }
}

static bool backward(struct writing *writing, float *d_states, struct error *error)
{
    struct write_head *head = writing->head;
    size_t hidden = head->hidden, wide = writing->padded * hidden;
    bool ok = true;
    memset(writing->z + writing->count * head->vocabulary, 0,
           (writing->padded - writing->count) * head->vocabulary * sizeof(float));
    pool_parallel_for(writing->trainer->pool, writing->parts, words_back_item, writing);
    for (size_t i = 0; i < head->lane_count; i++)
        ok = product_lane_finish(head->lanes[i], ok ? error : &(struct error){0}) && ok;
    if (!ok)
        return false;
    memcpy(writing->du, writing->sums, wide * sizeof(float));
    for (size_t part = 1; part < writing->parts; part++)
        kernels()->add(writing->du, writing->sums + part * wide, wide);
    norm_back(writing);
    point_back(writing, d_states);
    head_layer_backward_weight(&head->dense, writing->h, writing->du, writing->count);
    head_layer_backward_weight(&head->query, writing->h, writing->dq, writing->count);
    head_layer_backward_input(&head->dense, writing->du, writing->count, writing->dh);
    head_layer_backward_input(&head->query, writing->dq, writing->count, writing->u); /* u is not needed any more */
    kernels()->add(writing->dh, writing->u, writing->count * hidden);
    for (size_t i = 0; i < writing->count; i++) {
        float dgate = (float)writing->rows[i].dgate, *dh = writing->dh + i * hidden;
        for (size_t k = 0; k < hidden; k++) {
            head->gate.dw[k] += dgate * writing->h[i * hidden + k];
            dh[k] += dgate * head->gate.w[k];
        }
        head->gate.db[0] += dgate;
        kernels()->add(d_states + writing->rows[i].row * hidden, dh, hidden);
    }
    return true;
}

bool write_head_run(struct trainer *trainer, const struct write_pass *pass, double *loss, struct error *error)
{
    struct write_head *head = &trainer->write;
    struct writing writing = {.trainer = trainer,
                              .head = head,
                              .pack = pass->pack,
                              .states = pass->states,
                              .parts = (head->vocabulary + PART - 1) / PART,
                              .smoothing = (double)trainer->recipe.label_smoothing,
                              .learns = pass->d_states != NULL};
    find_rows(&writing, pass->weight);
    bool ok = writing.count > 0 && room_for_rows(&writing, error) && forward(&writing, error);
    for (size_t i = 0; i < writing.count && ok; i++) {
        *loss += writing.rows[i].weight * writing.rows[i].loss;
        if (pass->log_p != NULL)
            pass->log_p[writing.rows[i].text] += writing.rows[i].log_p;
    }
    if (ok && pass->d_states != NULL) {
        memset(pass->d_states, 0, pass->pack->pack.rows * head->hidden * sizeof(float));
        ok = backward(&writing, pass->d_states, error);
    }
    free(writing.rows);
    return ok;
}
