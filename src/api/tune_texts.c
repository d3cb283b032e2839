/* tune_texts.c - texts, each once, with the base's vectors: what a tuning looks for near misses among. */
#include "kernel/kernel.h"
#include "tune_pairs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

uint32_t texts_add(struct text_set *texts, struct slice text)
{
    bool is_new;
    if (texts->capacity == 0)
        map_init(&texts->by_text, UINT32_MAX / 4);
    struct map_entry *entry = map_put(&texts->by_text, text, &is_new);
    if (entry == NULL) /* more than the map takes; examples are far fewer */
        return 0;
    if (is_new) {
        texts->items = memory_more(texts->items, texts->count, &texts->capacity, sizeof(*texts->items));
        texts->items[texts->count] = text;
        entry->value = texts->count++;
    }
    return (uint32_t)entry->value;
}

void texts_release(struct text_set *texts)
{
    if (texts->capacity > 0)
        map_release(&texts->by_text);
    free(texts->items);
    free(texts->vectors);
    free(texts->has_vector);
    *texts = (struct text_set){0};
}

/* ---- vectors ---- */

bool texts_vectors(struct model *model, const struct slice *texts, size_t count, float *vectors, struct error *error)
{
    const struct model_info *info = model_info(model);
    if (!model_embed(model, texts, count, model_prompt(model, NULL), vectors, NULL, error))
        return false;
    for (size_t i = 0; i < count && !info->normalized; i++) {
        float *vector = vectors + i * info->dimensions, length = sqrtf(kernels()->dot(vector, vector, info->dimensions));
        kernels()->scale(vector, vector, length > 0 ? 1 / length : 0, info->dimensions);
    }
    return true;
}

static void make_room(struct text_set *texts, size_t dimensions)
{
    if (texts->room == texts->count)
        return;
    float *vectors = memory_alloc(texts->count, dimensions * sizeof(*vectors));
    bool *has = memory_alloc(texts->count, sizeof(*has));
    if (texts->room > 0) {
        memcpy(vectors, texts->vectors, texts->room * dimensions * sizeof(*vectors));
        memcpy(has, texts->has_vector, texts->room * sizeof(*has));
    }
    free(texts->vectors);
    free(texts->has_vector);
    texts->vectors = vectors;
    texts->has_vector = has;
    texts->room = texts->count;
    texts->dimensions = dimensions;
}

bool texts_embed(struct text_set *texts, struct model *model, const uint32_t *numbers, size_t count, struct tuning *tuning,
                 struct error *error)
{
    enum { AT_ONCE = 256 };
    static const char stage[] = "embedding texts";
    size_t dimensions = model_info(model)->dimensions, some = 0;
    struct slice batch[AT_ONCE];
    uint32_t chosen[AT_ONCE];
    float *made = memory_alloc(AT_ONCE, dimensions * sizeof(*made));
    bool ok = true;
    make_room(texts, dimensions);
    for (size_t i = 0; i < count && ok; i++) {
        if (!texts->has_vector[numbers[i]]) {
            texts->has_vector[numbers[i]] = true;
            batch[some] = texts->items[numbers[i]];
            chosen[some++] = numbers[i];
        }
        if (some == 0 || (some < AT_ONCE && i + 1 < count))
            continue;
        ok = (tuning_step(tuning, stage, i, count) || tuning_stopped(stage, error)) &&
             texts_vectors(model, batch, some, made, error);
        for (size_t j = 0; j < some && ok; j++)
            memcpy(texts->vectors + chosen[j] * dimensions, made + j * dimensions, dimensions * sizeof(*made));
        some = 0;
    }
    free(made);
    return ok;
}

size_t texts_nearest(const struct text_set *texts, const float *vector, size_t most, uint32_t *numbers)
{
    float *scores = memory_alloc(most + 1, sizeof(*scores));
    size_t count = 0, all = texts->own < texts->room ? texts->own : texts->room;
    for (size_t i = 0; i < all; i++) {
        if (!texts->has_vector[i])
            continue;
        float score = kernels()->dot(vector, texts->vectors + i * texts->dimensions, texts->dimensions);
        if (count == most && score <= scores[count - 1])
            continue;
        size_t at = count < most ? count++ : count - 1;
        for (; at > 0 && scores[at - 1] < score; at--) {
            scores[at] = scores[at - 1];
            numbers[at] = numbers[at - 1];
        }
        scores[at] = score;
        numbers[at] = (uint32_t)i;
    }
    free(scores);
    return count;
}
