/* ask_log.c - puts together what the audit log has of an answer: who asked, from which versions of which documents it was made. */
#include "ask_log.h"
#include "ledger/ledger.h"

/* ---- who asked ---- */

struct key_search {
    struct arena *arena;
    int64_t id;
    struct slice name;
};

static bool take_key(void *context, const struct store_key *key, struct error *error)
{
    struct key_search *search = context;
    (void)error;
    if (key->id == search->id)
        search->name = arena_slice(search->arena, key->name);
    return true;
}

static bool name_asker(struct assay *assay, const struct ask_request *request, struct arena *arena, struct slice *asker,
                       struct error *error)
{
    struct store_principal principal;
    struct key_search search = {.arena = arena, .name = SLICE("a key that is gone")};
    *asker = request->principal.data != NULL ? request->principal : SLICE("owner");
    if (request->secret.data == NULL)
        return true;
    if (!project_principal_of(assay->project, request->secret, arena, &principal, error))
        return false;
    search.id = principal.key;
    bool ok = store_each_key(assay->project->store, take_key, &search, error);
    *asker = search.name;
    return ok;
}

/* ---- from which passages ---- */

static bool take_version(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct ledger_passage *into = context;
    (void)passage;
    (void)error;
    memcpy(into->version, document->hash, sizeof(into->version));
    return true;
}

/* A passage belongs to one version of its document: when that changes, it gets new ones. */
static bool fill_passages(struct assay *assay, const struct ask_answer *answer, struct ledger_passage *passages,
                          struct error *error)
{
    struct store *store = assay->project->store;
    if (!store_begin(store, STORE_READ, error))
        return false;
    bool ok = true;
    for (size_t i = 0; i < answer->search.count && ok; i++) {
        const struct search_hit *hit = &answer->search.hits[i];
        passages[i] = (struct ledger_passage){.document = hit->path,
                                              .title = hit->title,
                                              .passage = hit->passage.id,
                                              .start = hit->passage.start,
                                              .end = hit->passage.end,
                                              .page = hit->passage.page,
                                              .text = hit->passage.text,
                                              .score = hit->score};
        ok = store_each_passage(store, hit->passage.id, hit->passage.id, take_version, &passages[i], error);
    }
    store_rollback(store);
    return ok;
}

bool ask_log(struct assay *assay, const struct ask_request *request, const struct ask_answer *answer, uint64_t *number,
             struct error *error)
{
    const struct settings *settings = &assay->project->settings;
    struct ledger *ledger = NULL;
    struct arena arena;
    struct slice asker;
    *number = 0;
    if (settings->log_is_off)
        return true;
    arena_init(&arena);
    struct ledger_passage *passages = arena_alloc(&arena, answer->search.count, sizeof(*passages));
    struct ledger_citation *citations = arena_alloc(&arena, answer->citation_count, sizeof(*citations));
    bool ok = name_asker(assay, request, &arena, &asker, error) && fill_passages(assay, answer, passages, error);
    for (size_t i = 0; i < answer->citation_count && ok; i++) {
        const struct ask_citation *from = &answer->citations[i];
        citations[i] = (struct ledger_citation){from->passage, from->start, from->end, from->quote};
        passages[from->passage].is_cited = true;
    }
    if (ok) {
        const struct ledger_answer entry = {.asker = asker,
                                            .question = request->question,
                                            .answer = answer->text,
                                            .model = slice_from(answer->model != NULL ? answer->model : ""),
                                            .approach = slice_from(ask_approach_name(answer->approach)),
                                            .prompt_hash = answer->prompt.budget > 0 ? answer->prompt.hash : NULL,
                                            .abstained = answer->abstained,
                                            .confidence = answer->confidence,
                                            .passages = passages,
                                            .passage_count = answer->search.count,
                                            .citations = citations,
                                            .citation_count = answer->citation_count,
                                            .prompt_tokens = answer->usage.prompt_tokens,
                                            .completion_tokens = answer->usage.completion_tokens,
                                            .cached_tokens = answer->usage.cached_tokens,
                                            .cost_usd = request->llm == NULL ? 0 : -1,
                                            .took_ms = answer->took_ms};
        ok = log_open(assay->project->root, settings, &ledger, error) && ledger_append(ledger, &entry, number, error);
        ledger_close(ledger);
    }
    arena_release(&arena);
    return ok;
}
