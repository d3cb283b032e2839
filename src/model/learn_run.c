/* learn_run.c - the way forward through a trainable encoder, and the way back: the same steps from last to first.
 *
 *   x = drop(norm(words + positions + types))
 *   of each layer, x being kept as `input`:
 *     1. qkv = x·W                            matrix_forward(qkv)
 *     2. context = attention(qkv)             attention_forward
 *     3. sum1 = x + drop(context·W)           matrix_forward(attention_out)
 *     4. x = norm(sum1), kept as `middle`
 *     5. before = x·W, after = gelu(before)   matrix_forward(ffn_in)
 *     6. sum2 = x + drop(after·W)             matrix_forward(ffn_out)
 *     7. x = norm(sum2)
 *
 * With `recomputes` a layer keeps what it reads alone; the rest is one layer's at a time, and steps 1 to 6 are done again before its way back, from the same
 * numbers with the same ones dropped: every gradient has the same bits. */
#include "learner.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_A_LAYER = 32, STEPS_AROUND = 8, ALIGNMENT = 64 };

uint32_t learn_site(const struct learn *learn, uint32_t place)
{
    return (uint32_t)(learn->number + 1) * SITES_A_LAYER + place;
}

void learn_step(struct learn *learn, size_t count, void (*item)(void *context, size_t item))
{
    crew_do(&learn->trainable->crew, learn->step++, count, item, learn);
}

void learn_block(const struct learn *learn, size_t block, size_t *first, size_t *end)
{
    *first = block * LEARN_ROWS;
    *end = learn->pack->rows - *first < LEARN_ROWS ? learn->pack->rows : *first + LEARN_ROWS;
}

void learn_put(const struct learn *learn, void *operand, size_t row, size_t width, size_t first, const float *values,
               size_t count)
{
    size_t place = row * width + first;
    if (learn->trainable->half)
        learn->kernels->to_bf16((uint16_t *)operand + place, values, count);
    else
        memcpy((float *)operand + place, values, count * sizeof(*values));
}

void learn_get(const struct learn *learn, const void *operand, size_t place, size_t count, float *values)
{
    if (learn->trainable->half)
        learn->kernels->from_bf16(values, (const uint16_t *)operand + place, count);
    else
        memcpy(values, (const float *)operand + place, count * sizeof(*values));
}

void partial_add(struct partial *partial, size_t row, size_t first, const float *values, size_t count)
{
    if (partial->into == NULL)
        return;
    float *sums = partial->sums + row / LEARN_ROWS * partial->width + first;
    if (row % LEARN_ROWS == 0)
        memcpy(sums, values, count * sizeof(*sums));
    else
        kernels()->add(sums, values, count);
}

/* The sums of all blocks, in their order. */
void partial_finish(const struct learn *learn, const struct partial *partial)
{
    for (size_t block = 0; block < learn->blocks && partial->into != NULL; block++)
        learn->kernels->add(partial->into, partial->sums + block * partial->width, partial->width);
}

static void drop_row(const struct learn *learn, uint32_t place, size_t row, size_t first, float *values, size_t count)
{
    if (learn->dropout->part > 0)
        dropout_apply(learn->dropout, learn_site(learn, place), learn->trainable->options.first_row + row, first, values,
                      count);
}

/* ---- forward ---- */

static void to_qkv(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    const struct matrix *matrix = learn->matrix;
    learn->kernels->bias(learn->layer->qkv_rows + row * matrix->n + first, sums, matrix->bias + first, width);
}

/* sum = x + drop(y + bias) */
static void to_sum(struct learn *learn, float *into, uint32_t place, size_t row, size_t first, size_t width, float *sums)
{
    size_t at = row * learn->matrix->n + first;
    learn->kernels->bias(sums, sums, learn->matrix->bias + first, width);
    if (learn->matrix->magnitudes.is_own)
        memcpy(learn->matrix->magnitudes.y + at, sums, width * sizeof(*sums));
    drop_row(learn, place, row, first, sums, width);
    learn->kernels->bias(into + at, sums, learn->trainable->x + at, width);
}

static void to_sum1(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    to_sum(learn, learn->layer->sum1, SITE_OUT, row, first, width, sums);
}

static void to_sum2(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    to_sum(learn, learn->layer->sum2, SITE_OUT2, row, first, width, sums);
}

static void to_middle(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    const struct matrix *matrix = learn->matrix;
    size_t at = row * matrix->n + first;
    enum activation activation = learn->trainable->config.activation;
    float *before = learn->layer->before + at;
    learn->kernels->bias(before, sums, matrix->bias + first, width);
    if (learn->trainable->half && activation == ACTIVATION_GELU) {
        learn->kernels->bias_gelu_bf16((uint16_t *)learn->layer->after + at, sums, matrix->bias + first, width);
        return;
    }
    activate(activation, sums, before, learn->trainable->zeros, width);
    learn_put(learn, learn->layer->after, row, matrix->n, first, sums, width);
}

static void attend_item(void *context, size_t item)
{
    struct learn *learn = context;
    size_t heads = learn->trainable->config.heads;
    attention_forward(learn, item / heads, item % heads);
}

static void norm_rows(struct learn *learn, size_t block, const struct scale_shift *norm, const float *sums, void *operand)
{
    size_t hidden = learn->trainable->config.hidden, first, end;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++) {
        float *x = learn->trainable->x + row * hidden;
        norm_forward(learn, norm, sums + row * hidden, x);
        if (operand != NULL)
            learn_put(learn, operand, row, hidden, 0, x, hidden);
    }
}

/* What the layer reads, where that alone is kept. */
static void keep_entry(const struct learn *learn, size_t block, const struct learner_layer *layer)
{
    size_t hidden = learn->trainable->config.hidden, first, end;
    if (layer->entry == NULL)
        return;
    learn_block(learn, block, &first, &end);
    memcpy(layer->entry + first * hidden, learn->trainable->x + first * hidden, (end - first) * hidden * sizeof(float));
}

static void norm1_item(void *context, size_t block)
{
    struct learn *learn = context;
    norm_rows(learn, block, &learn->layer->attention_norm, learn->layer->sum1, learn->layer->middle);
}

/* The next layer reads what comes out. */
static void norm2_item(void *context, size_t block)
{
    struct learn *learn = context;
    bool is_last = learn->number + 1 == learn->trainable->config.layers;
    norm_rows(learn, block, &learn->layer->ffn_norm, learn->layer->sum2, is_last ? NULL : learn->layer[1].input);
    if (!is_last)
        keep_entry(learn, block, &learn->layer[1]);
}

static void input_item(void *context, size_t block)
{
    struct learn *learn = context;
    size_t hidden = learn->trainable->config.hidden, first, end;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++)
        learn_put(learn, learn->layer->input, row, hidden, 0, learn->trainable->x + row * hidden, hidden);
    keep_entry(learn, block, learn->layer);
}

/* Steps 1 to 6. */
static void layer_forward(struct learn *learn)
{
    struct learner_layer *layer = learn->layer;
    size_t heads = learn->pack->text_count * learn->trainable->config.heads;
    matrix_forward(learn, &layer->qkv, layer->input, to_qkv);
    learn_step(learn, heads, attend_item);
    matrix_forward(learn, &layer->attention_out, layer->context, to_sum1);
    learn_step(learn, learn->blocks, norm1_item);
    matrix_forward(learn, &layer->ffn_in, layer->middle, to_middle);
    matrix_forward(learn, &layer->ffn_out, layer->after, to_sum2);
}

static void forward(struct learn *learn)
{
    struct trainable *trainable = learn->trainable;
    learn->layer = trainable->layers;
    learn_step(learn, learn->pack->text_count, embed_forward);
    learn_step(learn, learn->blocks, input_item);
    for (learn->number = 0; learn->number < trainable->config.layers; learn->number++) {
        learn->layer = &trainable->layers[learn->number];
        layer_forward(learn);
        learn_step(learn, learn->blocks, norm2_item);
    }
}

/* ---- back ---- */

/* x = norm(sum), sum = x' + drop(y), y of the matrix; and what they learn. */
struct norm_back {
    const struct scale_shift *norm;
    const float *sums;
    const struct matrix *matrix;
    uint32_t place; /* of what is dropped */
    void *dy; /* operand */
    struct partial *weight, *shift, *bias, *magnitudes;
};

/* dx becomes that of the sum, which x' has too. */
static void norm_rows_back(struct learn *learn, size_t block, const struct norm_back *back)
{
    size_t hidden = learn->trainable->config.hidden, first, end;
    float *dweight = learn->worker->row, *dy = dweight + 2 * hidden;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++) {
        float *d = learn->trainable->dx + row * hidden;
        partial_add(back->shift, row, 0, d, hidden);
        norm_backward(learn, back->norm, back->sums + row * hidden, d, dweight);
        partial_add(back->weight, row, 0, dweight, hidden);
        memcpy(dy, d, hidden * sizeof(*dy));
        drop_row(learn, back->place, row, 0, dy, hidden);
        partial_add(back->bias, row, 0, dy, hidden);
        magnitudes_backward(learn, back->matrix, back->magnitudes, row, 0, dy, hidden);
        learn_put(learn, back->dy, row, hidden, 0, dy, hidden);
    }
}

static void norm2_back_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct learner_layer *layer = learn->layer;
    struct partial *partials = learn->partials;
    norm_rows_back(learn, block,
                   &(struct norm_back){.norm = &layer->ffn_norm,
                                       .sums = layer->sum2,
                                       .matrix = &layer->ffn_out,
                                       .place = SITE_OUT2,
                                       .dy = learn->trainable->d_out2,
                                       .weight = &partials[PARTIAL_W2],
                                       .shift = &partials[PARTIAL_B2],
                                       .bias = &partials[PARTIAL_OUT2],
                                       .magnitudes = &partials[PARTIAL_M_OUT2]});
}

static void norm1_back_item(void *context, size_t block)
{
    struct learn *learn = context;
    const struct learner_layer *layer = learn->layer;
    struct partial *partials = learn->partials;
    norm_rows_back(learn, block,
                   &(struct norm_back){.norm = &layer->attention_norm,
                                       .sums = layer->sum1,
                                       .matrix = &layer->attention_out,
                                       .place = SITE_OUT,
                                       .dy = learn->trainable->d_out,
                                       .weight = &partials[PARTIAL_W1],
                                       .shift = &partials[PARTIAL_B1],
                                       .bias = &partials[PARTIAL_OUT],
                                       .magnitudes = &partials[PARTIAL_M_OUT]});
}

/* after = gelu(before), before = x·W + bias */
static void to_d_in(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    struct trainable *trainable = learn->trainable;
    size_t intermediate = trainable->config.intermediate;
    activation_slope(trainable->config.activation, sums, learn->layer->before + row * intermediate + first, width);
    partial_add(&learn->partials[PARTIAL_IN], row, first, sums, width);
    magnitudes_backward(learn, &learn->layer->ffn_in, &learn->partials[PARTIAL_M_IN], row, first, sums, width);
    learn_put(learn, trainable->d_in, row, intermediate, first, sums, width);
}

static void to_dx(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    learn->kernels->add(learn->trainable->dx + row * learn->matrix->k + first, sums, width);
}

static void to_dcontext(struct learn *learn, size_t row, size_t first, size_t width, float *sums)
{
    memcpy(learn->trainable->dcontext + row * learn->matrix->k + first, sums, width * sizeof(*sums));
}

static void attend_back_item(void *context, size_t item)
{
    struct learn *learn = context;
    size_t heads = learn->trainable->config.heads;
    attention_backward(learn, item / heads, item % heads);
}

static void dqkv_item(void *context, size_t block)
{
    struct learn *learn = context;
    struct trainable *trainable = learn->trainable;
    size_t width = 3 * trainable->config.hidden, first, end;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++) {
        float *dy = trainable->dqkv + row * width;
        partial_add(&learn->partials[PARTIAL_QKV], row, 0, dy, width);
        magnitudes_backward(learn, &learn->layer->qkv, &learn->partials[PARTIAL_M_QKV], row, 0, dy, width);
        learn_put(learn, trainable->d_qkv, row, width, 0, dy, width);
    }
}

/* What a layer's weights learn, when all gradients of its outputs are there. */
static void gradient_item(void *context, size_t item)
{
    struct learn *learn = context;
    struct trainable *trainable = learn->trainable;
    const struct learner_layer *layer = learn->layer;
    const struct {
        const struct matrix *matrix;
        const void *x, *dy;
    } products[] = {{&layer->ffn_out, layer->after, trainable->d_out2},
                    {&layer->ffn_in, layer->middle, trainable->d_in},
                    {&layer->attention_out, layer->context, trainable->d_out},
                    {&layer->qkv, layer->input, trainable->d_qkv}};
    for (size_t i = 0; i < ARRAY_COUNT(products); i++) {
        size_t items = matrix_weight_items(products[i].matrix);
        if (item < items) {
            matrix_backward_weight(learn, products[i].matrix, products[i].x, products[i].dy, item);
            return;
        }
        item -= items;
    }
    partial_finish(learn, &learn->partials[item]);
}

static void set_partials(struct learn *learn)
{
    const struct learner_layer *layer = learn->layer;
    float *into[PARTIALS] = {[PARTIAL_QKV] = layer->qkv.dbias,
                             [PARTIAL_OUT] = layer->attention_out.dbias,
                             [PARTIAL_IN] = layer->ffn_in.dbias,
                             [PARTIAL_OUT2] = layer->ffn_out.dbias,
                             [PARTIAL_M_QKV] = layer->qkv.magnitudes.dm,
                             [PARTIAL_M_OUT] = layer->attention_out.magnitudes.dm,
                             [PARTIAL_M_IN] = layer->ffn_in.magnitudes.dm,
                             [PARTIAL_M_OUT2] = layer->ffn_out.magnitudes.dm,
                             [PARTIAL_W1] = layer->attention_norm.dweight,
                             [PARTIAL_B1] = layer->attention_norm.dbias,
                             [PARTIAL_W2] = layer->ffn_norm.dweight,
                             [PARTIAL_B2] = layer->ffn_norm.dbias};
    for (size_t i = 0; i < PARTIALS; i++)
        learn->partials[i].into = into[i];
}

static void layer_backward(struct learn *learn)
{
    struct trainable *trainable = learn->trainable;
    struct learner_layer *layer = learn->layer;
    set_partials(learn);
    learn_step(learn, learn->blocks, norm2_back_item);
    matrix_backward_input(learn, &layer->ffn_out, trainable->d_out2, to_d_in);
    matrix_backward_input(learn, &layer->ffn_in, trainable->d_in, to_dx);
    learn_step(learn, learn->blocks, norm1_back_item);
    matrix_backward_input(learn, &layer->attention_out, trainable->d_out, to_dcontext);
    learn_step(learn, learn->pack->text_count * trainable->config.heads, attend_back_item);
    learn_step(learn, learn->blocks, dqkv_item);
    if (learn->number > 0 || trainable->all)
        matrix_backward_input(learn, &layer->qkv, trainable->d_qkv, to_dx);
    else
        low_rank_backward(learn, &layer->qkv, trainable->d_qkv);
    size_t items = matrix_weight_items(&layer->qkv) + matrix_weight_items(&layer->attention_out) +
                   matrix_weight_items(&layer->ffn_in) + matrix_weight_items(&layer->ffn_out);
    learn_step(learn, items + PARTIALS, gradient_item);
}

static void enter_item(void *context, size_t block)
{
    struct learn *learn = context;
    size_t hidden = learn->trainable->config.hidden, first, end;
    learn_block(learn, block, &first, &end);
    memcpy(learn->trainable->x + first * hidden, learn->layer->entry + first * hidden, (end - first) * hidden * sizeof(float));
    for (size_t row = first; row < end; row++)
        learn_put(learn, learn->layer->input, row, hidden, 0, learn->trainable->x + row * hidden, hidden);
}

static void backward(struct learn *learn)
{
    struct trainable *trainable = learn->trainable;
    for (learn->number = trainable->config.layers; learn->number-- > 0;) {
        learn->layer = &trainable->layers[learn->number];
        if (trainable->recomputes && learn->number + 1 < trainable->config.layers) { /* the last one's is still there */
            learn_step(learn, learn->blocks, enter_item);
            layer_forward(learn);
        }
        layer_backward(learn);
    }
    if (trainable->all)
        embed_backward(learn);
}

/* ---- a pack ---- */

/* The next array of `bytes` in a block of memory; NULL asks for sizes only. */
static void *carve(char *memory, size_t *used, size_t count, size_t size)
{
    void *place = memory != NULL ? memory + *used : NULL;
    *used += (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return place;
}

/* One place for all layers. */
static void share_kept(struct learner_layer *layer, const struct learner_layer *first)
{
    layer->input = first->input;
    layer->context = first->context;
    layer->middle = first->middle;
    layer->after = first->after;
    layer->qkv_rows = first->qkv_rows;
    layer->before = first->before;
    layer->sum1 = first->sum1;
    layer->sum2 = first->sum2;
    layer->attention_out.magnitudes.y = first->attention_out.magnitudes.y;
    layer->ffn_out.magnitudes.y = first->ffn_out.magnitudes.y;
}

/* Where magnitudes find what their matrices gave: with those of any layer, so that layers can share one place. */
static void place_outputs(struct learner_layer *layer)
{
    layer->qkv.magnitudes.y = layer->qkv_rows;
    layer->ffn_in.magnitudes.y = layer->before;
    layer->attention_out.magnitudes.is_own = layer->attention_out.magnitudes.m != NULL;
    layer->ffn_out.magnitudes.is_own = layer->ffn_out.magnitudes.m != NULL;
}

/* Whether a matrix whose outputs are not kept otherwise has magnitudes. */
static bool has_own_outputs(const struct trainable *trainable)
{
    bool has = false;
    for (size_t i = 0; i < trainable->config.layers; i++)
        has = has || trainable->layers[i].attention_out.magnitudes.m != NULL ||
              trainable->layers[i].ffn_out.magnitudes.m != NULL;
    return has;
}

static size_t partial_width(const struct encoder_config *config, size_t partial)
{
    return partial == PARTIAL_QKV || partial == PARTIAL_M_QKV ? 3 * config->hidden
           : partial == PARTIAL_IN || partial == PARTIAL_M_IN ? config->intermediate
                                                              : config->hidden;
}

/* Lays out what is kept of a pack of `rows`, and returns its size. */
static size_t lay_out(struct trainable *trainable, size_t rows, char *memory)
{
    const struct encoder_config *config = &trainable->config;
    size_t hidden = config->hidden, intermediate = config->intermediate, used = 0, number = sizeof(float);
    size_t operand = trainable->half ? sizeof(uint16_t) : sizeof(float);
    const size_t outputs = has_own_outputs(trainable) ? rows * hidden : 0;
    trainable->embedded = carve(memory, &used, rows * hidden, number);
    trainable->x = carve(memory, &used, rows * hidden, number);
    trainable->dx = carve(memory, &used, rows * hidden, number);
    trainable->dcontext = carve(memory, &used, rows * hidden, number);
    trainable->dqkv = carve(memory, &used, rows * 3 * hidden, number);
    trainable->d_qkv = carve(memory, &used, rows * 3 * hidden, operand);
    trainable->d_out = carve(memory, &used, rows * hidden, operand);
    trainable->d_in = carve(memory, &used, rows * intermediate, operand);
    trainable->d_out2 = carve(memory, &used, rows * hidden, operand);
    for (size_t i = 0; i < PARTIALS; i++)
        trainable->partial_sums[i] = carve(memory, &used, rows / LEARN_ROWS * partial_width(config, i), number);
    for (size_t i = 0; i < config->layers; i++) {
        struct learner_layer *layer = &trainable->layers[i];
        layer->entry = trainable->recomputes ? carve(memory, &used, rows * hidden, number) : NULL;
        if (trainable->recomputes && i > 0) {
            share_kept(layer, trainable->layers);
            place_outputs(layer);
            continue;
        }
        layer->input = carve(memory, &used, rows * hidden, operand);
        layer->context = carve(memory, &used, rows * hidden, operand);
        layer->middle = carve(memory, &used, rows * hidden, operand);
        layer->after = carve(memory, &used, rows * intermediate, operand);
        layer->qkv_rows = carve(memory, &used, rows * 3 * hidden, number);
        layer->before = carve(memory, &used, rows * intermediate, number);
        layer->sum1 = carve(memory, &used, rows * hidden, number);
        layer->sum2 = carve(memory, &used, rows * hidden, number);
        layer->attention_out.magnitudes.y = carve(memory, &used, outputs, number);
        layer->ffn_out.magnitudes.y = carve(memory, &used, outputs, number);
        place_outputs(layer);
    }
    for (size_t i = 0; i < trainable->addition_count; i++) {
        struct low_rank *low = trainable->additions[i];
        size_t size = low->type == GEMM_BF16 ? sizeof(uint16_t) : sizeof(float);
        low->t = carve(memory, &used, rows * low->rank, size);
        low->dt = carve(memory, &used, rows * low->rank, size);
    }
    return used;
}

static bool room_for_pack(struct trainable *trainable, const struct pack *pack, struct error *error)
{
    size_t rows = (pack->rows + LEARN_ROWS - 1) / LEARN_ROWS * LEARN_ROWS, longest = 0;
    trainable->rows = rows;
    if (rows > trainable->capacity) {
        free(trainable->memory);
        trainable->capacity = 0;
        trainable->memory = memory_large(lay_out(trainable, rows, NULL), 1);
        if (trainable->memory == NULL)
            return error_set(error, ERROR_NO_MEMORY, "no memory for %zu tokens at a time", pack->rows);
        (void)lay_out(trainable, rows, trainable->memory);
        trainable->capacity = rows;
    }
    for (size_t i = 0; i < pack->text_count; i++)
        longest = pack->texts[i].count > longest ? pack->texts[i].count : longest;
    for (size_t i = 0; i < trainable->thread_count && longest > trainable->attention_count; i++) {
        free(trainable->workers[i].attention);
        trainable->workers[i].attention = memory_large(learn_attention_scratch(longest, trainable->config.head_size),
                                                       sizeof(float));
        if (trainable->workers[i].attention == NULL)
            return error_set(error, ERROR_NO_MEMORY, "no memory for a text of %zu tokens", longest);
    }
    trainable->attention_count = longest > trainable->attention_count ? longest : trainable->attention_count;
    return true;
}

static struct learn learn_member(struct trainable *trainable, size_t thread, const struct dropout *dropout)
{
    struct learn learn = {.trainable = trainable,
                          .kernels = kernels(),
                          .pack = trainable->pack,
                          .worker = &trainable->workers[thread],
                          .blocks = (trainable->pack->rows + LEARN_ROWS - 1) / LEARN_ROWS,
                          .dropout = dropout};
    const struct encoder_config *config = &trainable->config;
    for (size_t i = 0; i < PARTIALS; i++) {
        learn.partials[i].sums = trainable->partial_sums[i];
        learn.partials[i].width = partial_width(config, i);
    }
    return learn;
}

static struct dropout pass_dropout(const struct trainable *trainable)
{
    struct dropout dropout = trainable->dropout;
    dropout.step = trainable->options.step;
    dropout.part = trainable->options.learns ? dropout.part : 0;
    return dropout;
}

static void forward_member(void *context, size_t member, size_t thread)
{
    struct trainable *trainable = context;
    struct dropout dropout = pass_dropout(trainable);
    struct learn learn = learn_member(trainable, thread, &dropout);
    (void)member;
    forward(&learn);
    assert(learn.step <= STEPS_A_LAYER * trainable->config.layers + STEPS_AROUND);
}

static void backward_member(void *context, size_t member, size_t thread)
{
    struct trainable *trainable = context;
    struct dropout dropout = pass_dropout(trainable);
    struct learn learn = learn_member(trainable, thread, &dropout);
    (void)member;
    backward(&learn);
    assert(learn.step <= STEPS_A_LAYER * trainable->config.layers + STEPS_AROUND);
}

size_t learn_steps(size_t layers)
{
    return STEPS_A_LAYER * layers + STEPS_AROUND;
}

/* All threads go the way together; one that comes late finds it done. */
static bool run(struct trainable *trainable, void (*member)(void *context, size_t member, size_t thread), struct error *error)
{
    if (!trainable->packed) /* it failed before, which was told */
        trainable_changed(trainable);
    memset(trainable->crew.steps, 0, learn_steps(trainable->config.layers) * sizeof(*trainable->crew.steps));
    pool_parallel_for(trainable->pool, trainable->thread_count, member, trainable);
    bool ok = true;
    for (size_t i = 0; i < trainable->thread_count; i++) {
        ok = gemm_lane_finish(trainable->workers[i].lane, ok ? error : &(struct error){0}) && ok;
        ok = product_lane_finish(trainable->workers[i].plain_lane, ok ? error : &(struct error){0}) && ok;
    }
    return ok;
}

bool trainable_forward(struct trainable *trainable, const struct pack *pack, const struct pass_options *options,
                       const float **states, struct error *error)
{
    assert(pack->rows > 0 && pack->text_count > 0);
    trainable->pack = pack;
    trainable->options = *options;
    if (!room_for_pack(trainable, pack, error) || !run(trainable, forward_member, error))
        return false;
    *states = trainable->x;
    return true;
}

/* Zeros behind the last row of a gradient's operand. */
static void clear_padding(const struct trainable *trainable, void *operand, size_t width, enum gemm_type type)
{
    size_t size = width * (type == GEMM_BF16 ? sizeof(uint16_t) : sizeof(float)), rows = trainable->pack->rows;
    memset((unsigned char *)operand + rows * size, 0, (trainable->rows - rows) * size);
}

bool trainable_backward(struct trainable *trainable, const float *d_states, struct error *error)
{
    assert(trainable->pack != NULL && trainable->options.learns);
    size_t hidden = trainable->config.hidden;
    enum gemm_type type = learn_type(trainable);
    memcpy(trainable->dx, d_states, trainable->pack->rows * hidden * sizeof(*d_states));
    clear_padding(trainable, trainable->d_qkv, 3 * hidden, type);
    clear_padding(trainable, trainable->d_out, hidden, type);
    clear_padding(trainable, trainable->d_in, trainable->config.intermediate, type);
    clear_padding(trainable, trainable->d_out2, hidden, type);
    for (size_t i = 0; i < trainable->addition_count; i++)
        clear_padding(trainable, trainable->additions[i]->dt, trainable->additions[i]->rank, trainable->additions[i]->type);
    return run(trainable, backward_member, error);
}
