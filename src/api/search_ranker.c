/* search_ranker.c - the reranker, and what checks a language model's sentences: found, opened once, kept with the handle. */
#include "search_ranker.h"
#include "ranker/ranker.h"
#include <stdlib.h>

static bool open_found(const char *root, const char *adapter, struct pool *pool, struct arena *arena, struct ranker **ranker,
                       struct error *error)
{
    struct ranker_options options = {.adapter = adapter, .pool = pool};
    return models_find_base(adapter, root, arena, &options.base, error) && ranker_open(ranker, &options, error);
}

bool search_ranker(struct assay *assay, bool wanted, struct ranker **ranker, struct error *error)
{
    struct arena arena;
    const char *adapter;
    bool by_settings = assay->project->settings.rerank, ok = true;
    *ranker = NULL;
    if (!wanted && !by_settings)
        return true;
    arena_init(&arena);
    if (assay->ranker == NULL) {
        if (adapter_find("reranker", assay->project->root, &arena, &adapter, error))
            ok = open_found(assay->project->root, adapter, assay->project->pool, &arena, &assay->ranker, error);
        else
            ok = !wanted && error->kind == ERROR_NOT_FOUND;
    }
    *ranker = assay->ranker;
    arena_release(&arena);
    return ok;
}

/* It reads a few sentences of every answer: 8 bits take half the time, and say the same. */
static bool open_grounding(struct assay *assay, struct error *error)
{
    struct arena arena;
    struct error none;
    const char *adapter, *root = assay->project->root;
    struct ranker_options options = {.precision = MODEL_INT8, .pool = assay->project->pool};
    arena_init(&arena);
    bool ok = true;
    if (adapter_find("grounding", root, &arena, &adapter, &none)) {
        ok = models_find_base_of("grounding", adapter, root, &arena, &options.base, error);
        options.adapter = adapter;
        ok = ok && (options.base == NULL || ranker_open(&assay->grounding, &options, error));
    }
    arena_release(&arena);
    return ok;
}

bool grounding_ranker(struct assay *assay, const struct llm *llm, struct ranker **ranker, struct error *error)
{
    *ranker = NULL;
    if (llm == NULL)
        return true;
    bool ok = assay->grounding != NULL || open_grounding(assay, error);
    *ranker = assay->grounding;
    return ok;
}

bool search_ranker_here(struct pool *pool, struct ranker **ranker, struct error *error)
{
    struct arena arena;
    const char *adapter, *root = NULL;
    struct error ignored;
    arena_init(&arena);
    if (!project_locate(NULL, &arena, &root, &ignored))
        root = NULL;
    bool ok = adapter_find("reranker", root, &arena, &adapter, error) && open_found(root, adapter, pool, &arena, ranker, error);
    arena_release(&arena);
    return ok;
}

bool assay_reranker_note(struct assay *assay, struct assay_error *note)
{
    struct arena arena;
    struct error none;
    const char *adapter;
    if (!assay->project->settings.rerank || assay->ranker != NULL)
        return false;
    arena_init(&arena);
    bool is_there = adapter_find("reranker", assay->project->root, &arena, &adapter, &none);
    arena_release(&arena);
    if (!is_there) {
        error_wrap(&none, "assay.yaml asks for reranking");
        tell(note, &none);
    }
    return !is_there;
}

bool assay_rerank(struct assay *assay, struct assay_text question, const struct assay_text *texts, size_t count, float *scores,
                  struct assay_error *error)
{
    struct error inner;
    struct ranker *ranker;
    struct slice *passages = memory_alloc(count + 1, sizeof(*passages));
    for (size_t i = 0; i < count; i++)
        passages[i] = (struct slice){texts[i].data, texts[i].size};
    bool ok = search_ranker(assay, true, &ranker, &inner) &&
              ranker_score(ranker, (struct slice){question.data, question.size}, passages, count, scores, &inner);
    free(passages);
    return finish(ok, &inner, error);
}
