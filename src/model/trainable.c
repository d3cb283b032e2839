/* trainable.c - opens an encoder to be trained: its weights in f32, in one block, and their gradients in another of the same layout.
 *
 *   words | positions | types | norm | of each layer: q k v weights | q k v biases | out | norm | in | out | norm
 *
 * Products read packed copies of the matrices, which trainable_changed renews. */
#include "learner.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16 };

/* What reading the parts of one shares. */
struct reading {
    struct trainable *trainable;
    size_t used; /* numbers of the block */
    struct error *error;
};

static size_t aligned(size_t count)
{
    return (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* All numbers of the encoder, each tensor filled up. */
static size_t block_size(const struct encoder_config *config)
{
    size_t hidden = config->hidden, intermediate = config->intermediate;
    size_t layer = aligned(3 * hidden * hidden) + aligned(hidden * hidden) + 2 * aligned(hidden * intermediate) +
                   aligned(3 * hidden) + aligned(intermediate) + 6 * aligned(hidden);
    return aligned(config->vocabulary * hidden) + aligned(config->positions * hidden) + aligned(config->token_types * hidden) +
           2 * aligned(hidden) + config->layers * layer;
}

static struct parameter *new_parameter(struct trainable *trainable, const char *name, size_t rows, size_t columns)
{
    trainable->parameters = memory_more(trainable->parameters, trainable->parameter_count, &trainable->parameter_capacity,
                                        sizeof(*trainable->parameters));
    struct parameter *parameter = &trainable->parameters[trainable->parameter_count++];
    *parameter = (struct parameter){.rows = rows, .columns = columns, .count = rows * (columns > 0 ? columns : 1)};
    snprintf(parameter->name, sizeof(parameter->name), "%s", name);
    return parameter;
}

/* Reads a tensor to the end of the block; `whole` ends a run of tensors that lie together. */
static bool take(struct reading *reading, const char *name, const char *end, size_t rows, size_t columns, bool whole,
                 float **values, float **gradients)
{
    struct trainable *trainable = reading->trainable;
    char text[sizeof(trainable->parameters->name)];
    snprintf(text, sizeof(text), "%s%s", name, end);
    float *read = weights_read(&trainable->weights, text, rows, columns, reading->error);
    if (read == NULL)
        return false;
    struct parameter *parameter = new_parameter(trainable, text, rows, columns);
    parameter->values = trainable->values + reading->used;
    parameter->gradients = trainable->all ? trainable->gradients + reading->used : NULL;
    memcpy(parameter->values, read, parameter->count * sizeof(*read));
    free(read);
    reading->used += parameter->count;
    if (whole)
        reading->used = aligned(reading->used);
    if (*values == NULL) { /* the first of a run */
        *values = parameter->values;
        *gradients = parameter->gradients;
    }
    return true;
}

static bool take_norm(struct reading *reading, const char *name, struct scale_shift *norm)
{
    size_t hidden = reading->trainable->config.hidden;
    return take(reading, name, ".weight", hidden, 0, true, &norm->weight, &norm->dweight) &&
           take(reading, name, ".bias", hidden, 0, true, &norm->bias, &norm->dbias);
}

/* Tensors of n / parts rows each, as one matrix. */
static bool take_matrix(struct reading *reading, struct matrix *matrix, size_t n, size_t k)
{
    size_t rows = n / matrix->parts;
    bool ok = true;
    matrix->n = n;
    matrix->k = k;
    for (size_t i = 0; i < matrix->parts && ok; i++)
        ok = take(reading, matrix->names[i], ".weight", rows, k, i + 1 == matrix->parts, &matrix->w, &matrix->dw);
    for (size_t i = 0; i < matrix->parts && ok; i++)
        ok = take(reading, matrix->names[i], ".bias", rows, 0, i + 1 == matrix->parts, &matrix->bias, &matrix->dbias);
    return ok;
}

/* "encoder.layer.3.attention.self.query" */
static const char *layer_name(struct trainable *trainable, size_t layer, const char *part)
{
    return arena_format(&trainable->arena, "%s%zu.%s", trainable->config.architecture->layer, layer, part);
}

static bool take_layer(struct reading *reading, size_t number)
{
    struct trainable *trainable = reading->trainable;
    struct learner_layer *layer = &trainable->layers[number];
    const struct architecture *a = trainable->config.architecture;
    size_t hidden = trainable->config.hidden, intermediate = trainable->config.intermediate;
    const char *const names[] = {a->q, a->k, a->v, a->attention_out, a->ffn_in, a->ffn_out};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        trainable->layer_names[trainable->layer_name_count + i] = layer_name(trainable, number, names[i]);
    const char **made = trainable->layer_names + trainable->layer_name_count;
    trainable->layer_name_count += ARRAY_COUNT(names);
    layer->qkv = (struct matrix){.names = {made[0], made[1], made[2]}, .parts = 3};
    layer->attention_out = (struct matrix){.names = {made[3]}, .parts = 1};
    layer->ffn_in = (struct matrix){.names = {made[4]}, .parts = 1};
    layer->ffn_out = (struct matrix){.names = {made[5]}, .parts = 1};
    return take_matrix(reading, &layer->qkv, 3 * hidden, hidden) &&
           take_matrix(reading, &layer->attention_out, hidden, hidden) &&
           take_norm(reading, layer_name(trainable, number, a->attention_norm), &layer->attention_norm) &&
           take_matrix(reading, &layer->ffn_in, intermediate, hidden) &&
           take_matrix(reading, &layer->ffn_out, hidden, intermediate) &&
           take_norm(reading, layer_name(trainable, number, a->ffn_norm), &layer->ffn_norm);
}

static bool take_all(struct trainable *trainable, struct error *error)
{
    const struct encoder_config *config = &trainable->config;
    const struct architecture *a = config->architecture;
    struct reading reading = {.trainable = trainable, .error = error};
    size_t count = block_size(config), hidden = config->hidden;
    trainable->values = memory_large(count, sizeof(float));
    trainable->gradients = trainable->all ? memory_large(count, sizeof(float)) : NULL;
    if (trainable->values == NULL || (trainable->all && trainable->gradients == NULL))
        return error_set(error, ERROR_NO_MEMORY, "no memory to train %zu numbers", count);
    trainable->layers = memory_alloc(config->layers, sizeof(*trainable->layers));
    trainable->layer_names = memory_alloc(config->layers, 6 * sizeof(*trainable->layer_names));
    trainable->used_words = memory_alloc(config->vocabulary, 1);
    bool ok = take(&reading, a->words, ".weight", config->vocabulary, hidden, true, &trainable->words, &trainable->dwords) &&
              take(&reading, a->positions, ".weight", config->positions, hidden, true, &trainable->positions,
                   &trainable->dpositions) &&
              (config->token_types == 0 || take(&reading, a->token_types, ".weight", config->token_types, hidden, true,
                                                &trainable->token_types, &trainable->dtoken_types)) &&
              take_norm(&reading, a->embedding_norm, &trainable->embedding_norm);
    if (ok)
        trainable->parameters[0].used = trainable->used_words;
    for (size_t i = 0; i < config->layers && ok; i++)
        ok = take_layer(&reading, i);
    assert(!ok || reading.used == count);
    return ok;
}

/* ---- packed copies ---- */

static struct matrix *matrix_at(struct trainable *trainable, size_t i)
{
    struct learner_layer *layer = &trainable->layers[i / 4];
    struct matrix *const matrices[] = {&layer->qkv, &layer->attention_out, &layer->ffn_in, &layer->ffn_out};
    return matrices[i % 4];
}

static void list_packings(struct trainable *trainable, struct packed_pair *pair, const float *w, bool changes)
{
    for (size_t item = 0; item < packed_pair_items(pair); item++) {
        trainable->packings = memory_more(trainable->packings, trainable->packing_count, &trainable->packing_capacity,
                                          sizeof(*trainable->packings));
        trainable->packings[trainable->packing_count++] = (struct packing){pair, w, item, changes};
    }
}

static bool make_packed(struct trainable *trainable, struct error *error)
{
    for (size_t i = 0; i < 4 * trainable->config.layers; i++) {
        struct matrix *matrix = matrix_at(trainable, i);
        if (!packed_pair_make(&matrix->packed, learn_type(trainable), matrix->n, matrix->k, matrix->parts, error))
            return false;
        list_packings(trainable, &matrix->packed, matrix->w, matrix->dw != NULL);
    }
    return true;
}

static void pack_item(void *context, size_t i, size_t thread)
{
    struct trainable *trainable = context;
    const struct packing *packing = &trainable->packings[i];
    if (packing->changes || !trainable->packed)
        packed_pair_change(packing->pair, trainable->workers[thread].lane, packing->item, packing->w);
}

static void magnitudes_item(void *context, size_t i, size_t thread)
{
    const struct trainable *trainable = context;
    (void)thread;
    if (trainable->additions[i]->weight_decomposed)
        magnitudes_changed(trainable->additions[i]);
}

void trainable_changed(struct trainable *trainable)
{
    pool_parallel_for(trainable->pool, trainable->packing_count, pack_item, trainable);
    pool_parallel_for(trainable->pool, trainable->addition_count, magnitudes_item, trainable);
    trainable->packed = true;
    for (size_t i = 0; i < trainable->thread_count; i++)
        trainable->packed = trainable->packed && !gemm_lane_failed(trainable->workers[i].lane);
}

void trainable_uses_all_words(struct trainable *trainable)
{
    trainable->parameters[0].used = NULL;
}

/* ---- opening ---- */

static bool check_kind(const struct encoder_config *config, const char *folder, struct error *error)
{
    const struct architecture *a = config->architecture;
    if (!a->pre_norm && !a->rotary && !a->gated && a->relative_bias == NULL && a->positions != NULL && a->q != NULL)
        return true;
    error_set(error, ERROR_INVALID, "a model of type %s cannot be trained yet", a->name);
    return error_hint(error, "Choose a BERT, RoBERTa, ELECTRA or DistilBERT model instead of \"%s\".", folder);
}

static bool choose_precision(struct trainable *trainable, enum model_precision precision, struct error *error)
{
    const struct encoder_config *config = &trainable->config;
    bool fits = config->hidden % 64 == 0 && config->intermediate % 64 == 0; /* as oneDNN's bf16 wants it */
    if (precision == MODEL_AUTO)
        precision = gemm_has_bf16() && fits ? MODEL_BF16 : MODEL_F32;
    if (precision == MODEL_INT8)
        return error_set(error, ERROR_INVALID, "training in int8 is not possible");
    if (precision == MODEL_BF16 && !(gemm_has_bf16() && fits)) {
        error_set(error, ERROR_INVALID, "cannot train in bf16: %s",
                  fits ? "this processor has no products of it" : "the model's sizes are no multiples of 64");
        return error_hint(error, "Use --precision f32.");
    }
    trainable->half = precision == MODEL_BF16;
    trainable->info.precision = precision;
    return true;
}

static bool make_workers(struct trainable *trainable, struct error *error)
{
    const struct encoder_config *config = &trainable->config;
    size_t widest = 3 * config->hidden > config->intermediate ? 3 * config->hidden : config->intermediate;
    trainable->thread_count = pool_thread_count(trainable->pool);
    trainable->workers = memory_alloc(trainable->thread_count, sizeof(*trainable->workers));
    trainable->crew = (struct crew){.members = trainable->thread_count,
                                    .steps = memory_large(learn_steps(config->layers), sizeof(struct crew_step))};
    trainable->zeros = memory_alloc(widest, sizeof(float));
    trainable->ones = memory_alloc(widest, sizeof(float));
    for (size_t i = 0; i < widest; i++)
        trainable->ones[i] = 1;
    bool ok = trainable->crew.steps != NULL;
    for (size_t i = 0; i < trainable->thread_count; i++) {
        struct learn_worker *worker = &trainable->workers[i];
        worker->lane = gemm_lane_create();
        worker->plain_lane = product_lane_create();
        worker->tile = memory_large((size_t)LEARN_ROWS * GEMM_PANEL, sizeof(float));
        worker->more = memory_large((size_t)LEARN_ROWS * GEMM_PANEL, sizeof(float));
        worker->block = memory_large((size_t)LEARN_ROWS * widest, sizeof(float));
        worker->half_block = memory_large((size_t)LEARN_ROWS * widest, sizeof(uint16_t));
        worker->row = memory_alloc(3 * widest, sizeof(float));
        ok = ok && worker->tile != NULL && worker->more != NULL && worker->block != NULL && worker->half_block != NULL;
    }
    return ok || error_set(error, ERROR_NO_MEMORY, "no memory for %zu threads", trainable->thread_count);
}

static void fill_info(struct trainable *trainable, const struct folder_config *folder)
{
    const struct encoder_config *config = &trainable->config;
    struct trainable_info *info = &trainable->info;
    info->architecture = config->architecture->name;
    info->prefix = trainable->weights.prefix;
    info->head_dense = config->architecture->head_dense;
    info->head_out = config->architecture->head_out;
    info->head_activation = config->head_activation == ACTIVATION_TANH   ? TRAINABLE_TANH
                            : config->head_activation == ACTIVATION_RELU ? TRAINABLE_RELU
                                                                         : TRAINABLE_GELU;
    info->hidden = config->hidden;
    info->layers = config->layers;
    info->vocabulary = config->vocabulary;
    info->tokens_max = info->positions = config->positions - config->first_position;
    if (folder->tokens_max > 0 && folder->tokens_max < info->tokens_max)
        info->tokens_max = folder->tokens_max;
    info->pooling = folder->pooling;
}

static bool open_parts(struct trainable *trainable, const char *path, const struct trainable_options *options,
                       struct error *error)
{
    struct folder_config folder;
    char name[160];
    if (!folder_config_read(&folder, path, &trainable->arena, error) ||
        !encoder_config_read(&trainable->config, folder.encoder_folder, &trainable->arena, error) ||
        !check_kind(&trainable->config, path, error) || !choose_precision(trainable, options->precision, error) ||
        !weights_open(&trainable->weights, folder.encoder_folder, error))
        return false;
    snprintf(name, sizeof(name), "%s.weight", trainable->config.architecture->words);
    if (!weights_find_prefix(&trainable->weights, name))
        return error_set(error, ERROR_INVALID, "the weights in \"%s\" have no tensor \"%s\"", path, name);
    if (!take_all(trainable, error) || !make_packed(trainable, error) || !make_workers(trainable, error))
        return false;
    fill_info(trainable, &folder);
    weights_rest(&trainable->weights);
    trainable_changed(trainable);
    return true;
}

bool trainable_open(struct trainable **trainable, const char *folder, const struct trainable_options *options,
                    struct error *error)
{
    struct trainable *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    opened->pool = options->pool;
    opened->all = options->all;
    opened->recomputes = options->recomputes;
    opened->dropout = (struct dropout){.part = options->dropout, .seed = options->seed};
    if (!open_parts(opened, folder, options, error)) {
        trainable_close(opened);
        return error_wrap(error, "could not open model \"%s\"", folder);
    }
    *trainable = opened;
    return true;
}

void trainable_close(struct trainable *trainable)
{
    if (trainable == NULL)
        return;
    for (size_t i = 0; i < trainable->thread_count; i++) {
        gemm_lane_free(trainable->workers[i].lane);
        product_lane_free(trainable->workers[i].plain_lane);
        free(trainable->workers[i].tile);
        free(trainable->workers[i].more);
        free(trainable->workers[i].block);
        free(trainable->workers[i].half_block);
        free(trainable->workers[i].row);
        free(trainable->workers[i].attention);
    }
    for (size_t i = 0; i < trainable->addition_count; i++)
        low_rank_release(trainable->additions[i]);
    for (size_t i = 0; trainable->layers != NULL && i < 4 * trainable->config.layers; i++) {
        packed_pair_release(&matrix_at(trainable, i)->packed);
        magnitudes_release(&matrix_at(trainable, i)->magnitudes);
    }
    weights_close(&trainable->weights);
    free(trainable->additions);
    free(trainable->workers);
    free(trainable->crew.steps);
    free(trainable->zeros);
    free(trainable->ones);
    free(trainable->used_words);
    free(trainable->parameters);
    free(trainable->layers);
    free(trainable->layer_names);
    free(trainable->values);
    free(trainable->gradients);
    free(trainable->packings);
    free(trainable->memory);
    arena_release(&trainable->arena);
    free(trainable);
}

const struct trainable_info *trainable_info(const struct trainable *trainable)
{
    return &trainable->info;
}

struct parameter *trainable_parameters(struct trainable *trainable, size_t *count)
{
    *count = trainable->parameter_count;
    return trainable->parameters;
}

const char *const *trainable_layers(const struct trainable *trainable, size_t *count)
{
    *count = trainable->layer_name_count;
    return (const char *const *)trainable->layer_names;
}

float *trainable_read(const struct trainable *trainable, const char *name, size_t rows, size_t columns)
{
    return weights_read(&trainable->weights, name, rows, columns, &(struct error){0});
}

/* ---- low-rank additions ---- */

static struct matrix *matrix_named(struct trainable *trainable, const char *name, size_t *part)
{
    for (size_t i = 0; i < 4 * trainable->config.layers; i++) {
        struct matrix *matrix = matrix_at(trainable, i);
        for (*part = 0; *part < matrix->parts; ++*part)
            if (strcmp(matrix->names[*part], name) == 0)
                return matrix;
    }
    return NULL;
}

/* A uniform between ±1/√in, as PEFT begins with: Kaiming's with a = √5. */
static void fill_random(float *values, size_t count, size_t in, uint64_t seed)
{
    struct random random;
    random_init(&random, seed);
    double bound = 1 / sqrt((double)in);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)((2 * random_unit(&random) - 1) * bound);
}

static void add_magnitudes(struct trainable *trainable, struct matrix *matrix, const struct low_rank *low, const char *layer)
{
    char name[sizeof(trainable->parameters->name)];
    magnitudes_make(matrix);
    magnitudes_start(low);
    magnitudes_changed(low);
    snprintf(name, sizeof(name), "%s.lora_magnitude_vector", layer);
    struct parameter *m = new_parameter(trainable, name, low->n, 0);
    m->values = matrix->magnitudes.m + low->first;
    m->gradients = matrix->magnitudes.dm + low->first;
}

bool trainable_add_low_rank(struct trainable *trainable, const struct low_rank_options *options, struct error *error)
{
    enum { RANK_MAX = 1024 };
    size_t part = 0;
    struct matrix *matrix = matrix_named(trainable, options->layer, &part);
    if (matrix == NULL)
        return error_set(error, ERROR_NOT_FOUND, "the model has no linear layer \"%s\"", options->layer);
    if (options->rank == 0 || options->rank > RANK_MAX)
        return error_set(error, ERROR_INVALID, "the rank is %zu, expected 1 to %d", options->rank, RANK_MAX);
    struct low_rank *low = memory_alloc(1, sizeof(*low));
    size_t n = matrix->n / matrix->parts, packed = trainable->packing_count;
    *low = (struct low_rank){.rank = options->rank,
                             .first = part * n,
                             .n = n,
                             .scale = options->scale,
                             .dropout = options->dropout,
                             .weight_decomposed = options->weight_decomposed,
                             .matrix = matrix};
    low->site = (uint32_t)(SITES_A_LAYER * (trainable->config.layers + 2) + trainable->addition_count);
    if (!low_rank_make(trainable, matrix, low, error)) {
        low_rank_release(low);
        return false;
    }
    fill_random(low->a, low->rank * matrix->k, matrix->k, trainable->dropout.seed + low->site);
    list_packings(trainable, &low->packed_a, low->a, true);
    list_packings(trainable, &low->packed_b, low->b, true);
    for (; packed < trainable->packing_count; packed++)
        pack_item(trainable, packed, 0);
    trainable->additions = memory_more(trainable->additions, trainable->addition_count, &trainable->addition_capacity,
                                       sizeof(struct low_rank *));
    trainable->additions[trainable->addition_count++] = low;
    matrix->low[part] = low;
    char name[sizeof(trainable->parameters->name)];
    snprintf(name, sizeof(name), "%s.lora_A.weight", options->layer);
    struct parameter *a = new_parameter(trainable, name, options->rank, matrix->k);
    a->values = low->a;
    a->gradients = low->da;
    snprintf(name, sizeof(name), "%s.lora_B.weight", options->layer);
    struct parameter *b = new_parameter(trainable, name, n, options->rank);
    b->values = low->b;
    b->gradients = low->db;
    b->turned = true;
    if (options->weight_decomposed)
        add_magnitudes(trainable, matrix, low, options->layer);
    trainable->capacity = 0; /* t and dt are to be laid out too */
    return true;
}

float *trainable_merged(struct trainable *trainable, const struct parameter *parameter)
{
    struct slice name = slice_from(parameter->name), end = SLICE(".weight");
    char layer[sizeof(parameter->name)];
    size_t part = 0;
    if (!slice_ends_with(name, end))
        return NULL;
    snprintf(layer, sizeof(layer), "%.*s", (int)(name.size - end.size), parameter->name);
    struct matrix *matrix = matrix_named(trainable, layer, &part);
    const struct low_rank *low = matrix != NULL ? matrix->low[part] : NULL;
    if (low == NULL)
        return NULL;
    float *merged = memory_alloc(parameter->count, sizeof(*merged));
    low_rank_merge(low, 0, low->n, merged);
    for (size_t i = 0; low->weight_decomposed && i < low->n; i++)
        kernels()->scale(merged + i * matrix->k, merged + i * matrix->k, matrix->magnitudes.gain[low->first + i], matrix->k);
    return merged;
}
