/* ranker.c - pairs of a question and a passage through a cross-encoder. */
#include "ranker.h"
#include <math.h>
#include <stdlib.h>

struct ranker {
    struct arena arena;
    const char *name;
    struct model *model;
    size_t labels;
};

static bool open_model(struct ranker *ranker, const struct ranker_options *options, struct error *error)
{
    const struct model_options model = {options->precision, options->pool, options->adapter};
    if (!model_open(&ranker->model, options->base, &model, error))
        return false;
    ranker->labels = model_info(ranker->model)->labels;
    if (ranker->labels > 0)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" has no head that scores pairs", ranker->name);
    return error_hint(error, "`assay tune rerank` makes an adapter that has one.");
}

bool ranker_open(struct ranker **ranker, const struct ranker_options *options, struct error *error)
{
    struct ranker *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    opened->name = arena_text(&opened->arena, slice_from(options->adapter != NULL ? options->adapter : options->base));
    if (!open_model(opened, options, error)) {
        error_wrap(error, "could not open reranker \"%s\"", opened->name);
        ranker_close(opened);
        return false;
    }
    *ranker = opened;
    return true;
}

void ranker_close(struct ranker *ranker)
{
    if (ranker == NULL)
        return;
    model_close(ranker->model);
    arena_release(&ranker->arena);
    free(ranker);
}

const char *ranker_name(const struct ranker *ranker)
{
    return ranker->name;
}

bool ranker_score(struct ranker *ranker, struct slice question, const struct slice *passages, size_t count, float *scores,
                  struct error *error)
{
    struct slice *questions = memory_alloc(count + 1, sizeof(*questions));
    float *outputs = memory_alloc(count + 1, ranker->labels * sizeof(*outputs));
    for (size_t i = 0; i < count; i++)
        questions[i] = question;
    bool ok = model_score(ranker->model, questions, passages, count, outputs, error);
    for (size_t i = 0; i < count && ok; i++) {
        scores[i] = outputs[(i + 1) * ranker->labels - 1]; /* the last output is that for "relevant" */
        if (!isfinite(scores[i]))
            ok = error_set(error, ERROR_CORRUPT, "reranker \"%s\" gives numbers that are none: its weights hold some",
                           ranker->name);
    }
    free(outputs);
    free(questions);
    return ok;
}

double ranker_chance(float score)
{
    return 1 / (1 + exp(-(double)score));
}
