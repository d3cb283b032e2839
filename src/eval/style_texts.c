/* style_texts.c - two lists of texts compared by their style. */
#include "embed/embed.h"
#include "style.h"
#include <math.h>
#include <stdlib.h>

enum { EXAMPLES_MOST = 200, EACH_LEAST = 4 };

bool eval_style(struct embedder *embedder, const struct style_texts *outputs, const struct style_texts *examples, uint64_t seed,
                struct style_report *report, struct error *error)
{
    const struct passage_model model = embedder_for_passages(embedder);
    const struct tokenizer *tokenizer;
    const size_t shown = examples->count < EXAMPLES_MOST ? examples->count : EXAMPLES_MOST, total = outputs->count + shown;
    size_t tokens_max;
    float *vectors = NULL;
    bool ok = true;
    *report = (struct style_report){0};
    if (outputs->count < EACH_LEAST || shown < EACH_LEAST)
        return true;
    struct slice *texts = memory_alloc(total, sizeof(*texts));
    for (size_t i = 0; i < total; i++)
        texts[i] = i < outputs->count ? outputs->items[i] : examples->items[i - outputs->count];
    struct style_comparison comparison = {.texts = texts, .outputs = outputs->count, .examples = shown, .seed = seed};
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
