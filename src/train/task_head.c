/* task_head.c - the head of a task over the encoder's states, forward and back.
 *
 *   1. x = a vector of each text: its first row's state or the mean of all; or every row (TRAIN_TAG, TRAIN_SPAN)
 *   2. inner = x·denseᵀ + bias                 none by row, nor over a mean
 *   3. after = drop(activation(inner))
 *   4. logits = after·outᵀ + bias
 *
 *   back: 4, 3, 2 as everywhere; 1. the first row gets dx, or every row its share of it */
#include "train_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SITE_HEAD = 1 << 23 };

/* ---- linear layers ---- */

void head_layer_forward(const struct head_layer *layer, const float *x, size_t rows, float *y)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < layer->n; j++)
            y[i * layer->n + j] = kernels()->dot(x + i * layer->k, layer->w + j * layer->k, layer->k) + layer->b[j];
}

/* y = x·wᵀ + b  ⇒  dw += dyᵀ·x, db += Σ dy */
void head_layer_backward_weight(const struct head_layer *layer, const float *x, const float *dy, size_t rows)
{
    if (layer->dw == NULL)
        return;
    kernels()->product_add(&(struct kernel_product){.c = layer->dw,
                                                    .c_stride = layer->k,
                                                    .a = dy,
                                                    .a_row = 1,
                                                    .a_column = layer->n,
                                                    .b = x,
                                                    .b_stride = layer->k,
                                                    .m = layer->n,
                                                    .n = layer->k,
                                                    .k = rows});
    for (size_t i = 0; i < rows; i++)
        kernels()->add(layer->db, dy + i * layer->n, layer->n);
}

/* y = x·wᵀ + b  ⇒  dx = dy·w */
void head_layer_backward_input(const struct head_layer *layer, const float *dy, size_t rows, float *dx)
{
    memset(dx, 0, rows * layer->k * sizeof(*dx));
    kernels()->product_add(&(struct kernel_product){.c = dx,
                                                    .c_stride = layer->k,
                                                    .a = dy,
                                                    .a_row = layer->n,
                                                    .a_column = 1,
                                                    .b = layer->w,
                                                    .b_stride = layer->k,
                                                    .m = rows,
                                                    .n = layer->k,
                                                    .k = layer->n});
}

/* ---- the activation of step 3 ---- */

static float activated(enum trainable_activation activation, float x)
{
    if (activation == TRAINABLE_TANH)
        return tanhf(x);
    if (activation == TRAINABLE_RELU)
        return x > 0 ? x : 0;
    return (float)((double)x / 2 * (1 + erf((double)x * 0.70710678118654752)));
}

static float slope(enum trainable_activation activation, float x)
{
    if (activation == TRAINABLE_TANH)
        return 1 - tanhf(x) * tanhf(x);
    if (activation == TRAINABLE_RELU)
        return x > 0 ? 1 : 0;
    double at = (double)x;
    return (float)(0.5 * (1 + erf(at * 0.70710678118654752)) + at * 0.39894228040143268 * exp(-at * at / 2));
}

/* ---- forward ---- */

size_t head_vectors(const struct task_head *head, const struct batch_pack *pack, size_t text, size_t *count)
{
    *count = head->by_row ? pack->pack.texts[text].count : 1;
    return head->by_row ? pack->pack.texts[text].first : text;
}

static void room_for_vectors(struct task_head *head, size_t vectors)
{
    size_t hidden = head->out.k, outputs = head->out.n;
    head->vectors = vectors;
    if (vectors <= head->capacity)
        return;
    free(head->pack_memory);
    head->pack_memory = memory_alloc(vectors, (5 * hidden + 2 * outputs) * sizeof(float));
    head->x = head->pack_memory;
    head->inner = head->x + vectors * hidden;
    head->after = head->inner + vectors * hidden;
    head->dx = head->after + vectors * hidden;
    head->dinner = head->dx + vectors * hidden;
    head->logits = head->dinner + vectors * hidden;
    head->dlogits = head->logits + vectors * outputs;
    head->capacity = vectors;
}

static void gather(const struct task_head *head, const struct batch_pack *pack, const float *states)
{
    size_t hidden = head->out.k;
    if (head->by_row) {
        memcpy(head->x, states, pack->pack.rows * hidden * sizeof(*states));
        return;
    }
    for (size_t text = 0; text < pack->pack.text_count; text++) {
        const struct text_rows *rows = &pack->pack.texts[text];
        float *x = head->x + text * hidden;
        memcpy(x, states + rows->first * hidden, hidden * sizeof(*x));
        for (size_t row = 1; row < rows->count && head->mean; row++)
            kernels()->add(x, states + (rows->first + row) * hidden, hidden);
        if (head->mean)
            kernels()->scale(x, x, 1 / (float)rows->count, hidden);
    }
}

static void drop_rows(const struct task_head *head, const struct dropout *dropout, size_t first_row, float *values)
{
    for (size_t i = 0; i < head->vectors && dropout->part > 0; i++)
        dropout_apply(dropout, SITE_HEAD, first_row + i, 0, values + i * head->out.k, head->out.k);
}

void head_forward(struct trainer *trainer, const struct batch_pack *pack, const float *states, const struct dropout *dropout,
                  size_t first_row)
{
    struct task_head *head = &trainer->head;
    room_for_vectors(head, head->by_row ? pack->pack.rows : pack->pack.text_count);
    gather(head, pack, states);
    size_t numbers = head->vectors * head->out.k;
    if (head->has_dense) {
        head_layer_forward(&head->dense, head->x, head->vectors, head->inner);
        for (size_t i = 0; i < numbers; i++)
            head->after[i] = activated(trainer->info->head_activation, head->inner[i]);
    } else {
        memcpy(head->after, head->x, numbers * sizeof(*head->x));
    }
    drop_rows(head, dropout, first_row, head->after);
    head_layer_forward(&head->out, head->after, head->vectors, head->logits);
}

/* ---- back ---- */

/* x of a text from its first row, or the mean of its rows. */
static void scatter(const struct task_head *head, const struct batch_pack *pack, const float *dx, float *d_states)
{
    size_t hidden = head->out.k;
    if (head->by_row) {
        memcpy(d_states, dx, pack->pack.rows * hidden * sizeof(*dx));
        return;
    }
    memset(d_states, 0, pack->pack.rows * hidden * sizeof(*d_states));
    for (size_t text = 0; text < pack->pack.text_count; text++) {
        const struct text_rows *rows = &pack->pack.texts[text];
        for (size_t row = 0; row < (head->mean ? rows->count : 1); row++)
            kernels()->scale(d_states + (rows->first + row) * hidden, dx + text * hidden,
                             head->mean ? 1 / (float)rows->count : 1, hidden);
    }
}

void head_backward(struct trainer *trainer, const struct batch_pack *pack, const struct dropout *dropout, size_t first_row,
                   float *d_states)
{
    struct task_head *head = &trainer->head;
    size_t numbers = head->vectors * head->out.k;
    head_layer_backward_weight(&head->out, head->after, head->dlogits, head->vectors);
    head_layer_backward_input(&head->out, head->dlogits, head->vectors, head->dinner);
    drop_rows(head, dropout, first_row, head->dinner);
    if (!head->has_dense) {
        scatter(head, pack, head->dinner, d_states);
        return;
    }
    for (size_t i = 0; i < numbers; i++)
        head->dinner[i] *= slope(trainer->info->head_activation, head->inner[i]);
    head_layer_backward_weight(&head->dense, head->x, head->dinner, head->vectors);
    head_layer_backward_input(&head->dense, head->dinner, head->vectors, head->dx);
    scatter(head, pack, head->dx, d_states);
}

/* ---- making ---- */

void head_learn(struct trainer *trainer, const char *name, float *values, float *gradients, size_t rows, size_t columns)
{
    struct learned *learned = &trainer->learned[trainer->learned_count++];
    *learned = (struct learned){.is_head = true, .decays = columns > 0};
    learned->parameter.values = values;
    learned->parameter.gradients = gradients;
    learned->parameter.rows = rows;
    learned->parameter.columns = columns;
    learned->parameter.count = rows * (columns > 0 ? columns : 1);
    size_t size = strlen(name) < sizeof(learned->parameter.name) - 1 ? strlen(name) : sizeof(learned->parameter.name) - 1;
    memcpy(learned->parameter.name, name, size);
}

/* As the base has it, if it fits, else small random numbers. */
static void make_layer(struct trainer *trainer, struct head_layer *layer, const char *name, uint64_t seed)
{
    char *weight = arena_format(&trainer->arena, "%s.weight", name), *bias = arena_format(&trainer->arena, "%s.bias", name);
    float *w = trainable_read(trainer->trainable, weight, layer->n, layer->k);
    float *b = trainable_read(trainer->trainable, bias, layer->n, 0);
    struct random random;
    random_init(&random, seed);
    if (w != NULL)
        memcpy(layer->w, w, layer->n * layer->k * sizeof(*w));
    if (b != NULL && w != NULL)
        memcpy(layer->b, b, layer->n * sizeof(*b));
    for (size_t i = 0; i < layer->n * layer->k && w == NULL; i++) { /* of spread 0.02, as BERT's are */
        double sum = 0;
        for (int j = 0; j < 12; j++)
            sum += random_unit(&random);
        layer->w[i] = (float)((sum - 6) * 0.02);
    }
    free(w);
    free(b);
    head_learn(trainer, weight, layer->w, layer->dw, layer->n, layer->k);
    head_learn(trainer, bias, layer->b, layer->db, layer->n, 0);
}

bool head_make(struct trainer *trainer, struct error *error)
{
    struct task_head *head = &trainer->head;
    size_t hidden = trainer->info->hidden, outputs = trainer->recipe.outputs;
    enum train_task task = trainer->recipe.task;
    head->by_row = task == TRAIN_TAG || task == TRAIN_SPAN;
    head->mean = trainer->recipe.mean_pooling && !head->by_row;
    head->has_dense = !head->by_row && !head->mean;
    head->dense = (struct head_layer){.n = hidden, .k = hidden};
    head->out = (struct head_layer){.n = outputs, .k = hidden};
    size_t dense = head->has_dense ? hidden * hidden + hidden : 0, out = outputs * hidden + outputs;
    head->memory = memory_try(2 * (dense + out), sizeof(float));
    if (head->memory == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a head of %zu outputs", outputs);
    if (head->has_dense) {
        head->dense.w = head->memory;
        head->dense.b = head->dense.w + hidden * hidden;
        head->dense.dw = head->memory + dense + out;
        head->dense.db = head->dense.dw + hidden * hidden;
        make_layer(trainer, &head->dense, trainer->info->head_dense, trainer->recipe.seed + 1);
    }
    head->out.w = head->memory + dense;
    head->out.b = head->out.w + outputs * hidden;
    head->out.dw = head->memory + 2 * dense + out;
    head->out.db = head->out.dw + outputs * hidden;
    make_layer(trainer, &head->out,
               task == TRAIN_SPAN ? "qa_outputs"
               : head->by_row     ? "classifier"
                                  : trainer->info->head_out,
               trainer->recipe.seed + 2);
    return true;
}

void task_head_release(struct task_head *head)
{
    free(head->memory);
    free(head->pack_memory);
    *head = (struct task_head){0};
}
