/* full.c - the approach without a search: everything that may be seen goes into the prompt, if it fits. The order is always the same, so that
 * a provider that keeps the beginning of a prompt at hand need not read it again for the next question. */
#include "full.h"
#include <stdlib.h>

bool full_too_large(size_t budget, struct error *error)
{
    error_set(error, ERROR_LIMIT, "the knowledge base does not fit into a prompt of %zu tokens", budget);
    return error_hint(error, "Raise prompt.tokens if the model takes more, or ask with --approach rag.");
}

struct search_hit hit_of(struct arena *arena, const struct store_passage *passage, const struct store_document *document)
{
    struct search_hit hit = {.passage = *passage,
                             .first = passage->id,
                             .last = passage->id,
                             .path = arena_slice(arena, document->path),
                             .title = arena_slice(arena, document->title),
                             .language = arena_slice(arena, document->language),
                             .is_extracted = document->is_extracted};
    hit.passage.text = arena_slice(arena, passage->text);
    hit.passage.headings = arena_slice(arena, passage->headings);
    return hit;
}

struct collecting {
    struct asking *asking;
    struct search_result *result;
    size_t capacity;
    size_t tokens; /* about */
};

static bool take_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct collecting *collecting = context;
    struct search_result *result = collecting->result;
    struct arena *arena = &result->arena;
    size_t budget = collecting->asking->project->settings.prompt_tokens;
    collecting->tokens += text_token_estimate(passage->text);
    if (collecting->tokens > budget) /* by their texts alone: prompt_build counts all that goes in */
        return full_too_large(budget, error);
    result->hits = arena_more(arena, result->hits, result->count, &collecting->capacity, sizeof(*result->hits));
    result->hits[result->count++] = hit_of(arena, passage, document);
    return true;
}

struct visible_run {
    int64_t first, last;
};

struct visible_runs {
    struct arena *arena;
    struct visible_run *items;
    size_t count, capacity;
};

static bool take_run(void *context, int64_t first, int64_t last, struct slice language, struct error *error)
{
    struct visible_runs *runs = context;
    (void)language;
    (void)error;
    runs->items = arena_more(runs->arena, runs->items, runs->count, &runs->capacity, sizeof(*runs->items));
    runs->items[runs->count++] = (struct visible_run){first, last};
    return true;
}

static bool collect(struct asking *asking, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct collecting collecting = {.asking = asking, .result = &asking->answer->search};
    struct visible_runs runs = {.arena = asking->arena};
    struct store *store = asking->project->store;
    const struct store_principal *principal;
    const struct store_filter *filter = NULL;
    bool ok = gate_principal(asking, &principal, error) &&
              (request->filter.data == NULL || store_filter_read(request->filter, asking->arena, &filter, error)) &&
              store_visible(store, principal, filter, take_run, &runs, error);
    for (size_t i = 0; ok && i < runs.count; i++)
        ok = store_each_passage(store, runs.items[i].first, runs.items[i].last, take_passage, &collecting, error);
    collecting.result->searched = collecting.result->count;
    return ok;
}

bool full_collect(struct asking *asking, struct error *error)
{
    if (!store_begin(asking->project->store, STORE_READ, error))
        return false;
    bool ok = collect(asking, error);
    store_rollback(asking->project->store);
    return ok;
}

static bool holds(const struct search_hit *hit, int64_t passage)
{
    return hit->first <= passage && passage <= hit->last;
}

/* Those that were found keep their order and what the search thinks of them; the others stand behind. */
bool full_keep_given(struct asking *asking, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct search_result *result = &asking->answer->search;
    struct collecting collecting = {.asking = asking, .result = result};
    bool *is_found = arena_alloc(asking->arena, request->given_count, sizeof(*is_found));
    size_t kept = 0;
    for (size_t i = 0; i < result->count; i++) {
        bool is_given = false;
        for (size_t j = 0; j < request->given_count; j++)
            if (holds(&result->hits[i], request->given[j]))
                is_given = is_found[j] = true;
        if (is_given)
            result->hits[kept++] = result->hits[i];
    }
    result->count = collecting.capacity = kept;
    if (!store_begin(asking->project->store, STORE_READ, error))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < request->given_count; i++)
        if (!is_found[i])
            ok = store_each_passage(asking->project->store, request->given[i], request->given[i], take_passage, &collecting,
                                    error);
    store_rollback(asking->project->store);
    return ok;
}
