/* encoder_open.c - reads an encoder's weights and packs them. */
#include "encoder.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 256 };

/* What reading the parts of one encoder shares. */
struct loader {
    struct encoder *encoder;
    const struct weights *weights;
    struct error *error;
};

bool norm_read(struct norm *norm, const struct weights *weights, const char *name, size_t size, struct error *error)
{
    char text[NAME_MAX_BYTES];
    snprintf(text, sizeof(text), "%s.weight", name);
    norm->weight = weights_read(weights, text, size, 0, error);
    if (norm->weight == NULL)
        return false;
    snprintf(text, sizeof(text), "%s.bias", name);
    bool lacks = weights->may_lack_biases && weights_find(weights, text) == NULL;
    norm->bias = lacks ? memory_alloc(size, sizeof(float)) : weights_read(weights, text, size, 0, error);
    return norm->bias != NULL;
}

void norm_release(struct norm *norm)
{
    free(norm->weight);
    free(norm->bias);
    *norm = (struct norm){0};
}

static void linear_release(struct linear *linear)
{
    gemm_release(&linear->matrix);
    free(linear->bias);
    free(linear->apart_columns);
    linear->bias = linear->apart_columns = NULL;
}

/* Some tensors' rows, one tensor under the other, as one matrix: `parts` of `rows` rows each. */
struct stack {
    const char *names[3];
    size_t parts;
    size_t rows, columns;
    size_t skip_rows, file_rows; /* a part of the only tensor: its first row, and the rows the tensor has; 0: all */
};

static const struct tensor *stack_part(const struct stack *stack, const struct weights *weights, size_t i, struct error *error)
{
    char text[NAME_MAX_BYTES];
    snprintf(text, sizeof(text), "%s.weight", stack->names[i]);
    return weights_get(weights, text, stack->file_rows > 0 ? stack->file_rows : stack->rows, stack->columns, error);
}

/* Every part is known to be there. What an adapter adds is added here, before anything is rounded. */
static bool stack_weights(const struct stack *stack, const struct loader *loader, float *out)
{
    size_t part = stack->rows * stack->columns;
    for (size_t i = 0; i < stack->parts; i++) {
        const struct peft_rows rows = {stack->names[i], stack->file_rows > 0 ? stack->file_rows : stack->rows, stack->columns,
                                       stack->skip_rows, stack->rows};
        bool added;
        tensor_to_f32(stack_part(stack, loader->weights, i, NULL), stack->skip_rows * stack->columns, part, out + i * part);
        if (loader->weights->adapter == NULL)
            continue;
        if (!peft_add(loader->weights->adapter, &rows, out + i * part, &added, loader->error))
            return false;
        if (added && stack->skip_rows == 0)
            __atomic_add_fetch(&loader->encoder->additions, 1, __ATOMIC_RELAXED);
    }
    return true;
}

static bool stack_bias(const struct stack *stack, const struct weights *weights, float *out, struct error *error)
{
    char text[NAME_MAX_BYTES];
    for (size_t i = 0; i < stack->parts; i++) {
        snprintf(text, sizeof(text), "%s.bias", stack->names[i]);
        if (weights->may_lack_biases && weights_find(weights, text) == NULL)
            continue;
        const struct tensor *tensor = weights_get(weights, text, stack->file_rows > 0 ? stack->file_rows : stack->rows, 0,
                                                  error);
        if (tensor == NULL)
            return false;
        tensor_to_f32(tensor, stack->skip_rows, stack->rows, out + i * stack->rows);
    }
    return true;
}

/* The values of a stack of one f32 tensor where they lie in the file; NULL when they must be copied to be read. */
static const float *stack_in_place(const struct stack *stack, const struct tensor *tensor, enum gemm_type type)
{
    if (stack->parts > 1 || type == GEMM_INT8 || tensor->type != TENSOR_F32 || (uintptr_t)tensor->data % sizeof(float) != 0)
        return NULL;
    return (const float *)(const void *)tensor->data + stack->skip_rows * stack->columns;
}

/* ---- what stands apart in 8 bits ----
 *
 * A few states of a trained encoder are many times as large as the others, the same ones in every layer, and where a row has one unit for
 * all they leave the others few bits. So they are multiplied apart, in f32 (as in LLM.int8(), Dettmers et al. 2022, section 3.2). Which ones
 * the weights tell: such a state is written by a feed-forward, from one place in its middle, through one number as large. */

/* A number without its sign, as bits: they compare as sizes do, and the compiler takes many at a time. */
static uint32_t size_bits(float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof(bits));
    return bits & 0x7FFFFFFF;
}

/* The places of the largest; they are 0 afterwards. */
static void choose_largest(uint32_t *sizes, size_t count, size_t chosen[KERNEL_APART])
{
    for (size_t i = 0; i < KERNEL_APART; i++) {
        chosen[i] = 0;
        for (size_t j = 1; j < count; j++)
            if (sizes[j] > sizes[chosen[i]])
                chosen[i] = j;
        sizes[chosen[i]] = 0;
    }
}

/* By the largest number in each column. */
static void choose_columns(const float *w, size_t rows, size_t columns, size_t chosen[KERNEL_APART])
{
    uint32_t *sizes = memory_alloc(columns, sizeof(*sizes));
    for (size_t row = 0; row < rows; row++, w += columns)
        for (size_t i = 0; i < columns; i++) {
            uint32_t size = size_bits(w[i]);
            sizes[i] = size > sizes[i] ? size : sizes[i];
        }
    choose_largest(sizes, columns, chosen);
    free(sizes);
}

/* Moves the columns out of w; what is no number stays, to be complained about. */
static bool take_apart(struct linear *linear, float *w, size_t rows, size_t columns, struct error *error)
{
    linear->apart_columns = memory_try(KERNEL_APART * rows, sizeof(*linear->apart_columns));
    if (linear->apart_columns == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for %d columns of %zu numbers", KERNEL_APART, rows);
    for (size_t i = 0; i < KERNEL_APART; i++)
        for (size_t row = 0; row < rows; row++) {
            float *from = w + row * columns + linear->apart[i];
            if (!isfinite(*from))
                continue;
            linear->apart_columns[i * rows + row] = *from;
            *from = 0;
        }
    return true;
}

/* ---- linear layers ---- */

/* Copies the weights, takes apart what is to stand apart, and packs them. `apart` NULL: the matrix's own largest columns. */
static bool pack_copy(struct linear *linear, const struct stack *stack, const struct loader *loader, const size_t *apart)
{
    enum gemm_type type = loader->encoder->type;
    size_t rows = stack->parts * stack->rows;
    float *copy = memory_try(rows, stack->columns * sizeof(*copy));
    if (copy == NULL)
        return error_set(loader->error, ERROR_NO_MEMORY, "no memory for %zu x %zu numbers", rows, stack->columns);
    bool ok = stack_weights(stack, loader, copy);
    if (type == GEMM_INT8 && apart != NULL)
        memcpy(linear->apart, apart, sizeof(linear->apart));
    else if (type == GEMM_INT8)
        choose_columns(copy, rows, stack->columns, linear->apart);
    ok = ok && (type != GEMM_INT8 || take_apart(linear, copy, rows, stack->columns, loader->error)) &&
         gemm_pack(&linear->matrix, type, copy, rows, stack->columns, loader->error);
    free(copy);
    return ok;
}

static bool stack_read(struct linear *linear, const struct stack *stack, const struct loader *loader, const size_t *apart)
{
    enum gemm_type type = loader->encoder->type;
    size_t rows = stack->parts * stack->rows;
    const float *in_place = NULL;
    for (size_t i = 0; i < stack->parts; i++) {
        const struct tensor *tensor = stack_part(stack, loader->weights, i, loader->error);
        if (tensor == NULL)
            return false;
        bool is_changed = loader->weights->adapter != NULL && peft_has(loader->weights->adapter, stack->names[i]);
        in_place = is_changed ? NULL : stack_in_place(stack, tensor, type);
    }
    linear->bias = memory_try(rows, sizeof(*linear->bias));
    if (linear->bias == NULL)
        return error_set(loader->error, ERROR_NO_MEMORY, "no memory for %zu numbers of tensor \"%s\"", rows, stack->names[0]);
    if (!stack_bias(stack, loader->weights, linear->bias, loader->error))
        return false;
    return (in_place != NULL ? gemm_pack(&linear->matrix, type, in_place, rows, stack->columns, loader->error)
                             : pack_copy(linear, stack, loader, apart)) ||
           error_wrap(loader->error, "tensor \"%s\"", stack->names[0]);
}

/* "encoder.layer.3.attention.self.query" */
static const char *layer_name(char out[NAME_MAX_BYTES], const struct architecture *architecture, size_t layer, const char *part)
{
    snprintf(out, NAME_MAX_BYTES, "%s%zu.%s", architecture->layer, layer, part);
    return out;
}

static bool layer_linear(const struct loader *loader, struct linear *linear, size_t layer, const char *part, size_t rows,
                         size_t columns, const size_t *apart)
{
    char name[NAME_MAX_BYTES];
    layer_name(name, loader->encoder->config.architecture, layer, part);
    struct stack stack = {.names = {name}, .parts = 1, .rows = rows, .columns = columns};
    return stack_read(linear, &stack, loader, apart);
}

static bool layer_norm_read(struct loader *loader, struct norm *norm, size_t layer, const char *part)
{
    char name[NAME_MAX_BYTES];
    layer_name(name, loader->encoder->config.architecture, layer, part);
    return norm_read(norm, loader->weights, name, loader->encoder->config.hidden, loader->error);
}

static bool read_qkv(struct loader *loader, struct linear *linear, size_t layer)
{
    const struct architecture *architecture = loader->encoder->config.architecture;
    size_t hidden = loader->encoder->config.hidden;
    if (architecture->qkv != NULL)
        return layer_linear(loader, linear, layer, architecture->qkv, 3 * hidden, hidden, loader->encoder->apart);
    char q[NAME_MAX_BYTES], k[NAME_MAX_BYTES], v[NAME_MAX_BYTES];
    struct stack stack = {.names = {layer_name(q, architecture, layer, architecture->q),
                                    layer_name(k, architecture, layer, architecture->k),
                                    layer_name(v, architecture, layer, architecture->v)},
                          .parts = 3,
                          .rows = hidden,
                          .columns = hidden};
    return stack_read(linear, &stack, loader, loader->encoder->apart);
}

/* The way in of a gated feed-forward: two tensors, or the upper and the lower half of one. */
static bool read_gated(struct loader *loader, struct layer *into, size_t layer)
{
    const struct encoder_config *config = &loader->encoder->config;
    const struct architecture *architecture = config->architecture;
    if (architecture->ffn_gate != NULL)
        return layer_linear(loader, &into->ffn_in, layer, architecture->ffn_in, config->intermediate, config->hidden,
                            loader->encoder->apart) &&
               layer_linear(loader, &into->ffn_gate, layer, architecture->ffn_gate, config->intermediate, config->hidden,
                            loader->encoder->apart);
    char name[NAME_MAX_BYTES];
    struct stack stack = {.names = {layer_name(name, architecture, layer, architecture->ffn_in)},
                          .parts = 1,
                          .rows = config->intermediate,
                          .columns = config->hidden,
                          .file_rows = 2 * config->intermediate};
    if (!stack_read(&into->ffn_in, &stack, loader, loader->encoder->apart))
        return false;
    stack.skip_rows = config->intermediate;
    return stack_read(&into->ffn_gate, &stack, loader, loader->encoder->apart);
}

static bool read_layer(struct loader *loader, size_t layer)
{
    struct layer *into = &loader->encoder->layers[layer];
    const struct encoder_config *config = &loader->encoder->config;
    const struct architecture *architecture = config->architecture;
    size_t hidden = config->hidden, intermediate = config->intermediate;
    into->is_local = config->is_local != NULL && config->is_local[layer];
    bool ok = read_qkv(loader, &into->qkv, layer) &&
              layer_linear(loader, &into->attention_out, layer, architecture->attention_out, hidden, hidden, NULL) &&
              layer_linear(loader, &into->ffn_out, layer, architecture->ffn_out, hidden, intermediate, NULL) &&
              layer_norm_read(loader, &into->ffn_norm, layer, architecture->ffn_norm);
    if (ok)
        ok = architecture->gated ? read_gated(loader, into, layer)
                                 : layer_linear(loader, &into->ffn_in, layer, architecture->ffn_in, intermediate, hidden,
                                                loader->encoder->apart);
    /* The first layer of a pre-norm encoder has none: the embeddings were just normalized. */
    if (ok && !(architecture->pre_norm && layer == 0))
        ok = layer_norm_read(loader, &into->attention_norm, layer, architecture->attention_norm);
    return ok;
}

/* cos and sin of position · theta^(-2j/size), in f32 as the models were trained; the whole table at once. */
static float *rotary_table(size_t positions, size_t size, double theta)
{
    float *table = memory_try(positions, size * sizeof(*table)), frequencies[KERNEL_HEAD_SIZE_MAX / 2];
    size_t half = size / 2;
    for (size_t j = 0; j < half; j++)
        frequencies[j] = (float)(1 / pow(theta, (double)(2 * j) / (double)size));
    for (size_t i = 0; table != NULL && i < positions; i++)
        for (size_t j = 0; j < half; j++) {
            float angle = (float)i * frequencies[j];
            table[i * size + j] = cosf(angle);
            table[i * size + half + j] = sinf(angle);
        }
    return table;
}

/* Which of the 32 learned numbers stands for a distance: exact up to 7, then by growing steps; keys to the right in the upper half. */
static size_t relative_bucket(ptrdiff_t distance)
{
    static const unsigned char starts[] = {8, 12, 16, 23, 32, 46, 64, 91};
    size_t apart = (size_t)(distance < 0 ? -distance : distance), bucket = apart;
    if (apart >= starts[0]) {
        bucket = 7;
        while (bucket < 15 && apart >= starts[bucket - 7])
            bucket++;
    }
    return distance > 0 ? 16 + bucket : bucket;
}

static bool read_relative(struct loader *loader)
{
    enum { BUCKETS = 32 };
    struct encoder *encoder = loader->encoder;
    size_t heads = encoder->config.heads, longest = encoder_tokens_max(encoder), distances = 2 * longest - 1;
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof(name), "%s.weight", encoder->config.architecture->relative_bias);
    float *learned = weights_read(loader->weights, name, BUCKETS, heads, loader->error);
    if (learned == NULL)
        return false;
    encoder->relative = memory_try(heads * distances, sizeof(*encoder->relative));
    for (size_t head = 0; head < heads && encoder->relative != NULL; head++)
        for (size_t i = 0; i < distances; i++) {
            ptrdiff_t distance = (ptrdiff_t)i - (ptrdiff_t)(longest - 1);
            encoder->relative[head * distances + i] = learned[relative_bucket(distance) * heads + head];
        }
    free(learned);
    return encoder->relative != NULL ||
           error_set(loader->error, ERROR_NO_MEMORY, "no memory for the relative positions of %zu tokens", longest);
}

static bool read_tables(struct loader *loader)
{
    struct encoder *encoder = loader->encoder;
    const struct encoder_config *config = &encoder->config;
    const struct architecture *architecture = config->architecture;
    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof(name), "%s.weight", architecture->words);
    encoder->words = weights_get(loader->weights, name, config->vocabulary, config->hidden, loader->error);
    if (encoder->words == NULL ||
        !norm_read(&encoder->embedding_norm, loader->weights, architecture->embedding_norm, config->hidden, loader->error))
        return false;
    if (architecture->positions != NULL) {
        snprintf(name, sizeof(name), "%s.weight", architecture->positions);
        encoder->positions = weights_read(loader->weights, name, config->positions, config->hidden, loader->error);
        if (encoder->positions == NULL)
            return false;
    }
    if (config->token_types > 0) {
        snprintf(name, sizeof(name), "%s.weight", architecture->token_types);
        encoder->token_types = weights_read(loader->weights, name, config->token_types, config->hidden, loader->error);
        if (encoder->token_types == NULL)
            return false;
    }
    if (architecture->final_norm != NULL &&
        !norm_read(&encoder->final_norm, loader->weights, architecture->final_norm, config->hidden, loader->error))
        return false;
    if (architecture->relative_bias != NULL && !read_relative(loader))
        return false;
    if (architecture->rotary) {
        encoder->rotary_full = rotary_table(config->positions, config->head_size, config->theta_full);
        if (config->is_local != NULL)
            encoder->rotary_local = rotary_table(config->positions, config->head_size, config->theta_local);
        if (encoder->rotary_full == NULL || (config->is_local != NULL && encoder->rotary_local == NULL))
            return error_set(loader->error, ERROR_NO_MEMORY, "no memory for %zu rotary positions", config->positions);
    }
    return true;
}

static void count_linear(struct encoder *encoder, const struct linear *linear)
{
    encoder->linear_weights += (uint64_t)linear->matrix.n * linear->matrix.k;
    encoder->packed_bytes += linear->matrix.packed_bytes;
}

/* One layer's reading, and how it ended. */
struct layer_task {
    struct loader loader;
    struct error error;
    bool ok;
};

static void read_layer_item(void *context, size_t layer, size_t thread)
{
    struct layer_task *task = (struct layer_task *)context + layer;
    (void)thread;
    task->loader.error = &task->error;
    task->ok = read_layer(&task->loader, layer);
}

/* The states with the largest number in their row of any layer's ffn_out. */
static bool choose_states(struct loader *loader)
{
    struct encoder *encoder = loader->encoder;
    size_t hidden = encoder->config.hidden, intermediate = encoder->config.intermediate;
    uint32_t *sizes = memory_alloc(hidden, sizeof(*sizes));
    float *numbers = memory_alloc(intermediate, sizeof(*numbers));
    bool ok = true;
    for (size_t layer = 0; layer < encoder->config.layers && ok; layer++) {
        char name[NAME_MAX_BYTES], text[NAME_MAX_BYTES + 8];
        snprintf(text, sizeof(text), "%s.weight",
                 layer_name(name, encoder->config.architecture, layer, encoder->config.architecture->ffn_out));
        const struct tensor *tensor = weights_get(loader->weights, text, hidden, intermediate, loader->error);
        ok = tensor != NULL;
        for (size_t row = 0; row < hidden && ok; row++) {
            tensor_to_f32(tensor, row * intermediate, intermediate, numbers);
            uint32_t largest = sizes[row];
            for (size_t i = 0; i < intermediate; i++) {
                uint32_t size = size_bits(numbers[i]);
                largest = size > largest ? size : largest;
            }
            sizes[row] = largest;
        }
    }
    choose_largest(sizes, hidden, encoder->apart);
    free(sizes);
    free(numbers);
    return ok;
}

/* All layers, several at a time: most of opening a model is packing them. */
static bool read_layers(const struct loader *loader, struct pool *pool)
{
    struct encoder *encoder = loader->encoder;
    size_t count = encoder->config.layers, i = 0;
    struct layer_task *tasks = memory_alloc(count, sizeof(*tasks));
    for (i = 0; i < count; i++)
        tasks[i].loader = *loader;
    pool_parallel_for(pool, count, read_layer_item, tasks);
    for (i = 0; i < count && tasks[i].ok; i++) {
        const struct layer *layer = &encoder->layers[i];
        count_linear(encoder, &layer->qkv);
        count_linear(encoder, &layer->attention_out);
        count_linear(encoder, &layer->ffn_in);
        count_linear(encoder, &layer->ffn_gate);
        count_linear(encoder, &layer->ffn_out);
    }
    if (i < count)
        *loader->error = tasks[i].error;
    free(tasks);
    return i == count;
}

bool encoder_open(struct encoder *encoder, const struct encoder_config *config, const struct weights *weights,
                  enum gemm_type type, struct pool *pool, struct error *error)
{
    struct loader loader = {encoder, weights, error};
    *encoder = (struct encoder){.config = *config, .type = type};
    encoder->layers = memory_alloc(config->layers, sizeof(*encoder->layers));
    bool ok = read_tables(&loader) && (type != GEMM_INT8 || choose_states(&loader)) && read_layers(&loader, pool);
    if (ok && weights->adapter != NULL && encoder->additions != weights->adapter->additions)
        ok = error_set(error, ERROR_INVALID, "adapter \"%s\" adds to %zu layers, of which the model \"%s\" has %zu",
                       weights->adapter->folder, weights->adapter->additions, weights->folder, encoder->additions);
    if (!ok)
        encoder_close(encoder);
    return ok;
}

void encoder_close(struct encoder *encoder)
{
    for (size_t i = 0; encoder->layers != NULL && i < encoder->config.layers; i++) {
        struct layer *layer = &encoder->layers[i];
        linear_release(&layer->qkv);
        linear_release(&layer->attention_out);
        linear_release(&layer->ffn_in);
        linear_release(&layer->ffn_gate);
        linear_release(&layer->ffn_out);
        norm_release(&layer->attention_norm);
        norm_release(&layer->ffn_norm);
    }
    norm_release(&encoder->embedding_norm);
    norm_release(&encoder->final_norm);
    free(encoder->layers);
    free(encoder->positions);
    free(encoder->token_types);
    free(encoder->relative);
    free(encoder->rotary_full);
    free(encoder->rotary_local);
    *encoder = (struct encoder){0};
}

size_t encoder_tokens_max(const struct encoder *encoder)
{
    return encoder->config.positions - encoder->config.first_position;
}
