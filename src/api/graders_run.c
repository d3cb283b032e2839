/* graders_run.c - the part of include/assay_graders.h: the project's own models, for graders. */
#include "embed/embed.h"
#include "generate_run.h"
#include "priced_llm.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the language model ---- */

bool assay_llm_of(struct assay *assay, struct assay_llm **llm, struct assay_error *error)
{
    const struct settings *settings = &assay->project->settings;
    struct error inner = {0};
    struct assay_llm *opened = memory_alloc(1, sizeof(*opened));
    bool ok = llm_is_remote(settings->model);
    if (!ok) {
        error_set(&inner, ERROR_NOT_FOUND, "this project has no language model: \"model\" of assay.yaml is \"%.60s\"",
                  settings->model);
        error_hint(&inner,
                   "Set \"model\" to openai:NAME, anthropic:NAME, or the address of a server, http://HOST:PORT/v1#NAME.");
    }
    ok = ok && priced_llm_open(&opened->inner, settings->model, assay->project->root, settings, NULL, &inner);
    if (ok)
        *llm = opened;
    else
        free(opened);
    return finish(ok, &inner, error);
}

bool assay_generate_after(struct assay_llm *llm, const struct assay_message *messages, size_t count,
                          const struct assay_generate_options *options, struct assay_generated *generated,
                          struct assay_error *error)
{
    struct error inner = {0};
    struct llm_message *all = memory_alloc(count + 1, sizeof(*all));
    size_t at = 0;
    if (options != NULL && options->system.size > 0)
        all[at++] = (struct llm_message){LLM_SYSTEM, {options->system.data, options->system.size}};
    for (size_t i = 0; i < count; i++)
        all[at++] = (struct llm_message){strcmp(messages[i].role, "assistant") == 0 ? LLM_ASSISTANT : LLM_USER,
                                         {messages[i].text.data, messages[i].text.size}};
    bool ok = llm_generate(llm, all, at, options, generated, &inner);
    free(all);
    return finish(ok, &inner, error);
}

/* ---- the embedding model ---- */

static bool is_ready(struct assay *assay, struct passage_model *model, struct error *error)
{
    const struct tokenizer *tokenizer;
    size_t tokens_max;
    *model = embedder_for_passages(assay->embedder);
    if (assay->embedder != NULL &&
        (embedder_is_elsewhere(assay->embedder) || model->measure(model->context, &tokenizer, &tokens_max)))
        return true;
    error_set(error, ERROR_NOT_FOUND, "this project has no embedding model, or it is not here");
    return error_hint(error, "Set \"embedding\" of assay.yaml to builtin, a folder, or openai:NAME.");
}

bool assay_nearness_ready(struct assay *assay, struct assay_error *error)
{
    struct passage_model model;
    struct error inner = {0};
    return finish(is_ready(assay, &model, &inner), &inner, error);
}

bool assay_nearness(struct assay *assay, struct assay_text text, struct assay_text reference, double *value,
                    struct assay_error *error)
{
    const struct slice texts[] = {{text.data, text.size}, {reference.data, reference.size}};
    struct passage_model model;
    struct error inner = {0};
    float *vectors = NULL;
    size_t dimensions = 0;
    if (!is_ready(assay, &model, &inner))
        return finish(false, &inner, error);
    if (slice_trim(texts[0]).size == 0 || slice_trim(texts[1]).size == 0 || slice_equal(texts[0], texts[1])) {
        *value = slice_equal(slice_trim(texts[0]), slice_trim(texts[1])); /* nothing has no vector */
        return true;
    }
    bool ok = model.embed(model.context, texts, 2, &vectors, &dimensions, &inner);
    double cosine = 0;
    for (size_t i = 0; ok && i < dimensions; i++)
        cosine += (double)vectors[i] * (double)vectors[dimensions + i];
    if (ok)
        *value = fmax(0, fmin(cosine, 1));
    free(vectors);
    return finish(ok, &inner, error);
}
