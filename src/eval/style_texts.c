/* style_texts.c - two lists of texts compared by their style. */
#include "embed/embed.h"
#include "style.h"
#include <math.h>
#include <stdlib.h>

enum { OUTPUTS_MOST = 500, EXAMPLES_MOST = 200, EACH_LEAST = 4 };

/* So many of them, drawn from all: the first ones may be of one kind. Few stay as they are. */
static size_t draw(const struct style_texts *all, size_t most, uint64_t seed, struct slice *drawn)
{
    struct random random;
    random_init(&random, seed);
    for (size_t i = 0; i < all->count; i++) {
        size_t place = i < most ? i : (size_t)random_below(&random, i + 1);
        if (place < most)
            drawn[place] = all->items[i];
    }
    return all->count < most ? all->count : most;
}

bool eval_style(struct embedder *embedder, const struct style_texts *outputs, const struct style_texts *examples, uint64_t seed,
                struct style_report *report, struct error *error)
{
    const struct passage_model model = embedder_for_passages(embedder);
    const struct tokenizer *tokenizer;
    size_t tokens_max;
    float *vectors = NULL;
    bool ok = true;
    *report = (struct style_report){0};
    if (outputs->count < EACH_LEAST || examples->count < EACH_LEAST)
        return true;
    struct slice *texts = memory_alloc(OUTPUTS_MOST + EXAMPLES_MOST, sizeof(*texts));
    const size_t answers = draw(outputs, OUTPUTS_MOST, seed, texts),
                 shown = draw(examples, EXAMPLES_MOST, seed, texts + answers), total = answers + shown;
    struct style_comparison comparison = {.texts = texts, .outputs = answers, .examples = shown, .seed = seed};
    if (model.measure(model.context, &tokenizer, &tokens_max))
        ok = model.embed(model.context, texts, total, &vectors, &comparison.dimensions, error);
    comparison.vectors = vectors;
    if (ok)
        style_compare(&comparison, report);
    free(vectors);
    free(texts);
    return ok;
}

void style_order(const struct style_report *report, enum style_feature order[STYLE_FEATURES])
{
    for (size_t i = 0; i < STYLE_FEATURES; i++) {
        size_t at = i;
        for (; at > 0 && fabs(report->features[i].effect) > fabs(report->features[order[at - 1]].effect); at--)
            order[at] = order[at - 1];
        order[at] = (enum style_feature)i;
    }
}
