/* run.c - the pipeline: what is asked for, searched, let through the gate, answered. */
#include "follow.h"
#include "full.h"
#include "ask_parts.h"
#include <string.h>

static const char *const approach_names[] = {"rag", "full", "prompt"}; /* ORDER ask_approach */

const char *ask_approach_name(enum ask_approach approach)
{
    return approach_names[approach];
}

bool ask_approach_named(const char *name, enum ask_approach *approach, struct error *error)
{
    *approach = ASK_RAG;
    for (size_t i = 0; name != NULL && i < ARRAY_COUNT(approach_names); i++)
        if (strcmp(name, approach_names[i]) == 0) {
            *approach = (enum ask_approach)i;
            return true;
        }
    if (name == NULL)
        return true;
    error_set(error, ERROR_INVALID, "unrecognized approach \"%.60s\"", name);
    return error_hint(error, "Known: rag, full, prompt.");
}

static bool check_request(const struct ask_request *request, struct error *error)
{
    size_t bad_at;
    if (slice_trim(request->question).size == 0) {
        error_set(error, ERROR_INVALID, "the question is empty");
        return error_hint(error, "Give it as an argument: assay ask \"How long is the refund window?\"");
    }
    if (request->question.size > LIMIT_QUERY_BYTES)
        return error_set(error, ERROR_LIMIT, "the question has %zu bytes, the limit is %zu", request->question.size,
                         LIMIT_QUERY_BYTES);
    if (!text_is_utf8(request->question, &bad_at))
        return error_set(error, ERROR_INVALID, "the question is not UTF-8: byte %zu", bad_at);
    if (request->llm != NULL)
        return true;
    if (request->approach != ASK_RAG || request->schema.size > 0) {
        error_set(error, ERROR_INVALID, "%s needs a language model",
                  request->schema.size > 0        ? "an answer by a schema"
                  : request->approach == ASK_FULL ? "the approach full"
                                                  : "the approach prompt");
        return error_hint(error, "Name one with --model, or as `model` in assay.yaml.");
    }
    return true;
}

enum { GIVEN_DEPTH = 100 };

static bool search(struct asking *asking, struct error *error)
{
    const struct ask_request *request = asking->request;
    const struct search_request search_request = {.question = asking->answer->asked,
                                                  .k = request->given != NULL ? GIVEN_DEPTH : request->k,
                                                  .mode = request->mode,
                                                  .embedder = request->embedder,
                                                  .principal = request->principal,
                                                  .secret = request->secret,
                                                  .filter = request->filter,
                                                  .plain = true};
    search_result_release(&asking->answer->search);
    return answer_search(asking->project, &search_request, &asking->answer->search, error);
}

/* The passages of the approach, as a result of a search. */
static bool retrieve(struct asking *asking, struct error *error)
{
    uint64_t start = clock_now_ns();
    bool ok = true;
    if (asking->request->approach == ASK_RAG)
        ok = search(asking, error) && (asking->request->given == NULL || full_keep_given(asking, error));
    else if (asking->request->approach == ASK_FULL)
        ok = full_collect(asking, error);
    ok = ok && gate_passages(asking, error);
    if (ok)
        passages_read(asking);
    asking->answer->retrieve_ms = clock_ms_since(start);
    return ok;
}

static bool run(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    if (!follow_up(asking, error))
        return false;
    if (!retrieve(asking, error))
        return false;
    asking->question = terms_of(asking, answer->asked, language_of(asking, answer->asked));
    uint64_t start = clock_now_ns();
    bool ok = asking->request->llm != NULL      ? answer_by_model(asking, error)
              : asking->request->reader != NULL ? answer_by_reader(asking, error)
                                                : answer_builtin(asking, error);
    answer->generate_ms = clock_ms_since(start);
    return ok;
}

bool ask_run(struct project *project, const struct ask_request *request, struct ask_answer *answer, struct error *error)
{
    uint64_t start = clock_now_ns();
    *answer = (struct ask_answer){.approach = request->approach};
    arena_init(&answer->arena);
    arena_init(&answer->search.arena);
    struct asking asking = {.project = project, .request = request, .answer = answer, .arena = &answer->arena};
    if (!check_request(request, error))
        return false;
    asking.analyzer = analyzer_create();
    bool ok = run(&asking, error);
    analyzer_free(asking.analyzer);
    answer->took_ms = clock_ms_since(start);
    return ok;
}

void ask_answer_release(struct ask_answer *answer)
{
    search_result_release(&answer->search);
    arena_release(&answer->arena);
    *answer = (struct ask_answer){0};
}
