/* meaning.c - answers and what was wanted go through the model together, each different text once:
 *
 *   pairs ─▶ texts that differ ─▶ vectors ─▶ the greatest cosine of an answer with one of its golds */
#include "meaning.h"
#include <math.h>
#include <stdlib.h>

struct meanings {
    struct map places; /* of a text among these: */
    struct slice *texts;
    size_t count, capacity, dimensions;
    float *vectors;
};

static void note_text(struct meanings *meanings, struct slice text)
{
    bool is_new = false;
    struct map_entry *entry = map_put(&meanings->places, text, &is_new);
    if (!is_new)
        return;
    entry->value = meanings->count;
    meanings->texts = memory_more(meanings->texts, meanings->count, &meanings->capacity, sizeof(*meanings->texts));
    meanings->texts[meanings->count++] = text;
}

static const float *vector_of(const struct meanings *meanings, struct slice text)
{
    return meanings->vectors + map_get(&meanings->places, text)->value * meanings->dimensions;
}

/* Nothing to compare: one of the two sides is silent. */
static bool is_silent(const struct meaning_pair *pair)
{
    return pair->gold_count == 0 || slice_trim(pair->answer).size == 0;
}

static double nearest(const struct meanings *meanings, const struct meaning_pair *pair)
{
    const float *answer = vector_of(meanings, pair->answer);
    double best = 0;
    for (size_t i = 0; i < pair->gold_count; i++) {
        const float *gold = vector_of(meanings, pair->golds[i]);
        double cosine = 0;
        for (size_t j = 0; j < meanings->dimensions; j++)
            cosine += (double)answer[j] * (double)gold[j];
        best = fmax(best, slice_equal(pair->answer, pair->golds[i]) ? 1 : cosine);
    }
    return fmin(best, 1);
}

static void measure_pairs(const struct meanings *meanings, const struct meaning_pair *pairs, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = is_silent(&pairs[i]) ? pairs[i].gold_count == 0 && slice_trim(pairs[i].answer).size == 0
                                         : nearest(meanings, &pairs[i]);
}

bool eval_meanings(struct embedder *embedder, const struct meaning_pair *pairs, size_t count, double *values,
                   struct error *error)
{
    const struct passage_model model = embedder_for_passages(embedder);
    const struct tokenizer *tokenizer;
    size_t tokens_max;
    struct meanings meanings = {.count = 0};
    bool has_model = embedder != NULL && model.measure(model.context, &tokenizer, &tokens_max), ok = true;
    for (size_t i = 0; i < count; i++)
        values[i] = -1;
    if (!has_model)
        return true;
    map_init(&meanings.places, (size_t)1 << 31);
    for (size_t i = 0; i < count; i++) {
        if (is_silent(&pairs[i]))
            continue;
        note_text(&meanings, pairs[i].answer);
        for (size_t j = 0; j < pairs[i].gold_count; j++)
            note_text(&meanings, pairs[i].golds[j]);
    }
    if (meanings.count > 0)
        ok = model.embed(model.context, meanings.texts, meanings.count, &meanings.vectors, &meanings.dimensions, error);
    if (ok)
        measure_pairs(&meanings, pairs, count, values);
    else
        ok = error->kind != ERROR_CANCELLED && error->kind != ERROR_NO_MEMORY;
    map_release(&meanings.places);
    free(meanings.texts);
    free(meanings.vectors);
    return ok;
}
