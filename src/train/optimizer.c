/* optimizer.c - AdamW over all learned tensors in one pass, in chunks; the norm of all gradients, by chunks in a fixed order.
 *
 * Moments are in f32, or in 8 bits (moments8.h).
 *
 * Rows of a table that no text ever used have neither gradients nor moments: AdamW would leave them as they are, but for their decay. */
#include "train_parts.h"
#include <math.h>
#include <stdlib.h>

enum { CHUNK = 1 << 16 };

struct chunk {
    struct learned *learned;
    size_t first, count;
};

struct chunks {
    const struct trainer *trainer;
    struct chunk *items;
    size_t count;
    double *squares; /* by chunk */
    struct kernel_adam steps[2][2]; /* [is_head][decays] */
    uint64_t step;
};

/* ---- moments ---- */

/* Whether its moments are in 8 bits: of vectors they stay f32, and of small matrices, which are little memory and matter much. A table of which a text
 * uses some rows gets them by row. */
static bool has_moments8(const struct trainer *trainer, const struct learned *learned)
{
    enum { LEAST = 4096 };
    const struct parameter *parameter = &learned->parameter;
    return trainer->recipe.moments_8bit && parameter->columns > 0 && parameter->used == NULL && parameter->count >= LEAST;
}

static size_t blocks_of(const struct learned *learned)
{
    return (learned->parameter.count + MOMENTS8_BLOCK - 1) / MOMENTS8_BLOCK;
}

/* All first ones in f32, all second ones, then scales, then codes. */
bool moments_make(struct trainer *trainer, struct error *error)
{
    size_t plain = 0, scales = 0, codes = 0;
    for (size_t i = 0; i < trainer->learned_count; i++) {
        const struct learned *learned = &trainer->learned[i];
        bool in_8_bits = has_moments8(trainer, learned);
        plain += in_8_bits ? 0 : learned->parameter.count;
        scales += in_8_bits ? 2 * blocks_of(learned) : 0;
        codes += in_8_bits ? 2 * learned->parameter.count : 0;
    }
    free(trainer->moments);
    trainer->moments_bytes = (2 * plain + scales) * sizeof(float) + codes;
    trainer->moments = memory_large(trainer->moments_bytes, 1);
    if (trainer->moments == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for what AdamW keeps of %zu numbers", trainer->learned_numbers);
    float *number = (float *)(void *)trainer->moments, *scale = number + 2 * plain;
    unsigned char *code = (unsigned char *)(scale + scales);
    for (size_t i = 0; i < trainer->learned_count; i++) {
        struct learned *learned = &trainer->learned[i];
        size_t count = learned->parameter.count, blocks = blocks_of(learned);
        learned->first = learned->second = NULL;
        if (has_moments8(trainer, learned)) {
            learned->moments8 = (struct moments8){code, code + count, scale, scale + blocks};
            code += 2 * count;
            scale += 2 * blocks;
        } else {
            learned->first = number;
            learned->second = number + plain;
            number += count;
        }
    }
    return true;
}

/* ---- a step ---- */

/* Of a tensor that is used by rows: whole rows. */
static size_t chunk_size(const struct parameter *parameter)
{
    return parameter->used == NULL || parameter->columns > CHUNK ? CHUNK : CHUNK / parameter->columns * parameter->columns;
}

static struct chunks chunks_of(struct trainer *trainer)
{
    struct chunks chunks = {.trainer = trainer};
    size_t capacity = 0;
    for (size_t i = 0; i < trainer->learned_count; i++) {
        const struct parameter *parameter = &trainer->learned[i].parameter;
        for (size_t first = 0, size = chunk_size(parameter); first < parameter->count; first += size) {
            size_t rest = parameter->count - first;
            chunks.items = memory_more(chunks.items, chunks.count, &capacity, sizeof(*chunks.items));
            chunks.items[chunks.count++] = (struct chunk){&trainer->learned[i], first, rest < size ? rest : size};
        }
    }
    return chunks;
}

/* The next run of numbers of a chunk from `first` on that are used, or that are not. */
static size_t next_run(const struct chunk *chunk, size_t first, bool *used)
{
    const struct parameter *parameter = &chunk->learned->parameter;
    size_t end = chunk->first + chunk->count, columns = parameter->columns, at = first;
    *used = parameter->used == NULL || parameter->used[first / columns] != 0;
    if (parameter->used == NULL)
        return end - first;
    while (at < end && (parameter->used[at / columns] != 0) == *used)
        at += columns - at % columns;
    return (at < end ? at : end) - first;
}

static void square_chunk(void *context, size_t i, size_t thread)
{
    const struct chunks *chunks = context;
    const struct chunk *chunk = &chunks->items[i];
    const struct parameter *parameter = &chunk->learned->parameter;
    const float *gradients = parameter->gradients;
    bool used;
    (void)thread;
    for (size_t at = chunk->first, count; at < chunk->first + chunk->count; at += count) {
        count = next_run(chunk, at, &used);
        size_t row_rest = parameter->used != NULL ? parameter->columns - at % parameter->columns : count;
        if (used && count > row_rest) /* row by row: the same sum whether a row of zeros counts as used or not */
            count = row_rest;
        if (used)
            chunks->squares[i] += (double)kernels()->dot(gradients + at, gradients + at, count);
    }
}

double optimizer_norm(struct trainer *trainer)
{
    struct chunks chunks = chunks_of(trainer);
    double sum = 0;
    chunks.squares = memory_alloc(chunks.count, sizeof(*chunks.squares));
    pool_parallel_for(trainer->pool, chunks.count, square_chunk, &chunks);
    for (size_t i = 0; i < chunks.count; i++)
        sum += chunks.squares[i];
    free(chunks.squares);
    free(chunks.items);
    return sqrt(sum);
}

/* Of rounding: another one in each step and tensor. */
static uint32_t round_key(const struct chunks *chunks, const struct learned *learned)
{
    struct random random;
    random_init(&random, chunks->trainer->recipe.seed * 0x9E3779B97F4A7C15u + chunks->step);
    return (uint32_t)random_u64(&random) + (uint32_t)(learned - chunks->trainer->learned) * 0x85EBCA6BU;
}

static void step_chunk(void *context, size_t i, size_t thread)
{
    const struct chunks *chunks = context;
    const struct chunk *chunk = &chunks->items[i];
    const struct learned *learned = chunk->learned;
    const struct parameter *parameter = &learned->parameter;
    const struct kernel_adam *step = &chunks->steps[learned->is_head][learned->decays];
    bool used;
    (void)thread;
    if (learned->first == NULL) {
        moments8_step(parameter->values, parameter->gradients, &learned->moments8, chunk->first, chunk->count, step,
                      round_key(chunks, learned));
        return;
    }
    for (size_t at = chunk->first, count; at < chunk->first + chunk->count; at += count) {
        count = next_run(chunk, at, &used);
        float *values = parameter->values + at;
        if (used)
            kernels()->adam(values, parameter->gradients + at, learned->first + at, learned->second + at, step, count);
        else if (step->keep != 1)
            kernels()->scale(values, values, step->keep, count);
    }
}

/* `step` counts from 1. */
void optimizer_step(struct trainer *trainer, size_t step, double rate_factor, double norm)
{
    const struct train_recipe *recipe = &trainer->recipe;
    struct chunks chunks = chunks_of(trainer);
    chunks.step = step;
    double correct1 = 1 - pow((double)recipe->beta1, (double)step), correct2 = 1 - pow((double)recipe->beta2, (double)step);
    double clip = recipe->clip > 0 ? (double)recipe->clip / (norm + 1e-6) : 1;
    for (int is_head = 0; is_head < 2; is_head++)
        for (int decays = 0; decays < 2; decays++) {
            double rate = rate_factor * (double)(is_head ? recipe->head_learning_rate : recipe->learning_rate);
            chunks.steps[is_head][decays] = (struct kernel_adam){
                .keep = (float)(1 - (decays ? rate * (double)recipe->weight_decay : 0)),
                .beta1 = recipe->beta1,
                .beta2 = recipe->beta2,
                .rate = (float)(rate / correct1),
                .root_scale = (float)(1 / sqrt(correct2)),
                .epsilon = recipe->epsilon,
                .gradient_scale = clip < 1 ? (float)clip : 1,
            };
        }
    pool_parallel_for(trainer->pool, chunks.count, step_chunk, &chunks);
    free(chunks.items);
    trainable_changed(trainer->trainable);
}

/* Of step `step` (from 0) of `steps`: what the learning rate is multiplied by. */
double schedule_factor(const struct train_recipe *recipe, size_t step, size_t steps)
{
    double warm = floor((double)recipe->warmup * (double)steps), at = (double)step;
    if (at < warm)
        return (at + 1) / (warm + 1);
    double left = ((double)steps - at) / fmax((double)steps - warm, 1);
    switch (recipe->schedule) {
    case TRAIN_LINEAR:
        return left;
    case TRAIN_COSINE:
        return 0.5 * (1 - cos(3.14159265358979323846 * left));
    case TRAIN_CONSTANT:
        break;
    }
    return 1;
}
