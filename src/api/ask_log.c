/* ask_log.c - what an auditor will want to know of an answer: who asked, what was said, and each source as the catalog had it then. */
#include "ask_log.h"
#include "ledger/ledger.h"
#include <string.h>

struct key_name {
    int64_t key;
    struct arena *arena;
    struct slice name;
};

static bool take_key(void *context, const struct store_key *key, struct error *error)
{
    struct key_name *wanted = context;
    (void)error;
    if (key->id == wanted->key)
        wanted->name = arena_slice(wanted->arena, key->name);
    return true;
}

/* The key's name, also of one that was given by its secret. */
static bool name_asker(struct project *project, const struct ask_request *request, struct arena *arena, struct slice *asker,
                       struct error *error)
{
    struct store_principal principal;
    *asker = request->principal.data != NULL ? request->principal
             : request->asker.data != NULL   ? request->asker
                                             : SLICE("owner");
    if (request->secret.data == NULL)
        return true;
    if (!project_principal_of(project, request->secret, arena, &principal, error))
        return false;
    struct key_name wanted = {principal.key, arena, SLICE("a key")};
    if (!store_each_key(project->store, take_key, &wanted, error))
        return false;
    *asker = wanted.name;
    return true;
}

static bool is_cited(const struct ask_answer *answer, size_t passage)
{
    for (size_t i = 0; i < answer->citation_count; i++)
        if (answer->citations[i].passage == passage)
            return true;
    return false;
}

/* The answer was made of the first so many of search.hits: what a model was given, or all that was read without one. */
static size_t passages_of(const struct ask_answer *answer)
{
    return answer->prompt.budget > 0 ? answer->prompt.passages : answer->search.count;
}

static struct ledger_passage *list_passages(const struct ask_answer *answer, struct arena *arena)
{
    size_t count = passages_of(answer);
    struct ledger_passage *passages = arena_alloc(arena, count, sizeof(*passages));
    for (size_t i = 0; i < count; i++) {
        const struct search_hit *hit = &answer->search.hits[i];
        passages[i] = (struct ledger_passage){.document = hit->path,
                                              .title = hit->title,
                                              .passage = hit->passage.id,
                                              .start = hit->passage.start,
                                              .end = hit->passage.end,
                                              .page = hit->passage.page,
                                              .text = hit->passage.text,
                                              .score = hit->score,
                                              .is_cited = is_cited(answer, i)};
        memcpy(passages[i].version, answer->versions[i], sizeof(passages[i].version));
    }
    return passages;
}

/* Negative: not known, or told in another currency. */
static double cost_in_dollars(const struct ask_answer *answer)
{
    bool is_known = answer->usage.cost <= 0 || (answer->currency != NULL && strcmp(answer->currency, "USD") == 0);
    return is_known ? answer->usage.cost : -1;
}

static bool append(struct project *project, const struct ask_request *request, const struct ask_answer *answer,
                   struct arena *arena, uint64_t *number, struct error *error)
{
    struct ledger_citation *citations = arena_alloc(arena, answer->citation_count, sizeof(*citations));
    struct ledger *ledger;
    struct ledger_answer record = {.question = request->question,
                                   .answer = answer->text,
                                   .calls = answer->calls,
                                   .since = request->since,
                                   .model = slice_from(answer->model),
                                   .approach = slice_from(ask_approach_name(answer->approach)),
                                   .prompt_hash = answer->prompt.budget > 0 ? answer->prompt.hash : NULL,
                                   .abstained = answer->abstained,
                                   .confidence = answer->confidence,
                                   .passages = list_passages(answer, arena),
                                   .passage_count = passages_of(answer),
                                   .citations = citations,
                                   .citation_count = answer->citation_count,
                                   .prompt_tokens = answer->usage.prompt_tokens,
                                   .completion_tokens = answer->usage.completion_tokens,
                                   .cached_tokens = answer->usage.cached_tokens,
                                   .cost_usd = cost_in_dollars(answer),
                                   .took_ms = answer->took_ms};
    for (size_t i = 0; i < answer->citation_count; i++)
        citations[i] = (struct ledger_citation){answer->citations[i].passage, answer->citations[i].start,
                                                answer->citations[i].end, answer->citations[i].quote};
    const struct ledger_options options = {.hash_questions = project->settings.log_hashes_questions,
                                           .keep_days = project->settings.log_keep_days};
    const char *folder = path_join(arena, path_join(arena, project->root, PROJECT_STATE), "log");
    if (!name_asker(project, request, arena, &record.asker, error) || !ledger_open(&ledger, folder, &options, error))
        return false;
    bool ok = ledger_append(ledger, &record, number, error);
    ledger_close(ledger);
    return ok;
}

bool log_answer(struct project *project, const struct ask_request *request, const struct ask_answer *answer, uint64_t *number,
                struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    bool ok = append(project, request, answer, &arena, number, error);
    arena_release(&arena);
    if (ok)
        return true;
    if (error->hint[0] == '\0')
        error_hint(error, "Each answer is logged before it is given. Let the log's folder be written to, and ask again.");
    return error_wrap(error, "the answer is withheld");
}
