/* run.c - the pipeline: what is asked for, searched, let through the gate, answered. */
#include "defined.h"
#include "differing.h"
#include "follow.h"
#include "full.h"
#include "features.h"
#include "in_force.h"
#include "prompt.h"
#include "rephrase.h"
#include "respell.h"
#include "scope.h"
#include "small_talk.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *const approach_names[] = {"rag", "full", "prompt", "tune", "hybrid"}; /* ORDER ask_approach */

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
    return error_hint(error, "Known: rag, full, prompt, tune, hybrid.");
}

/* Those that a writer answers, whatever model there is. */
static bool is_written(const struct ask_request *request)
{
    bool is_own = request->approach == ASK_TUNE || request->approach == ASK_HYBRID;
    return request->writer != NULL && (is_own || (request->llm == NULL && request->approach == ASK_RAG));
}

/* A form, of which each value is looked for. */
static bool is_filled(const struct ask_request *request)
{
    return request->schema.size > 0 && request->llm == NULL && !is_written(request);
}

static bool check_request(const struct ask_request *request, bool asks_for_prompt, struct error *error)
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
    if (request->tools.size + request->since.size > 0 && request->schema.size > 0)
        return error_set(error, ERROR_INVALID, "an answer by a schema can have no tools");
    if (is_written(request))
        return true;
    if (request->approach == ASK_TUNE || request->approach == ASK_HYBRID) {
        error_set(error, ERROR_INVALID, "the approach %s needs a writer", ask_approach_name(request->approach));
        return error_hint(error, "`assay tune writer examples.jsonl` makes one from the project's examples.");
    }
    if (request->llm != NULL || asks_for_prompt)
        return true;
    if (request->approach != ASK_RAG) {
        error_set(error, ERROR_INVALID, "the approach %s needs a language model", ask_approach_name(request->approach));
        return error_hint(error, "Name one with --model, or as `model` in assay.yaml.");
    }
    return true;
}

enum { GIVEN_DEPTH = 100, PASSAGES_OF_BOTH = 12 };

bool search_for(struct asking *asking, struct slice text, struct search_result *result, struct error *error)
{
    const struct ask_request *request = asking->request;
    const struct search_request search_request = {.question = text,
                                                  .k = request->given != NULL ? GIVEN_DEPTH : request->k,
                                                  .mode = request->mode,
                                                  .embedder = request->embedder,
                                                  .ranker = request->ranker,
                                                  .principal = request->principal,
                                                  .secret = request->secret,
                                                  .filter = asking->scope.size > 0 ? asking->scope : request->filter,
                                                  .tell_words = request->llm == NULL,
                                                  .plain = true};
    search_result_release(result);
    return answer_search(asking->project, &search_request, result, error);
}

/* Once more, where the question has words that are misspelled. */
static bool search_respelled(struct asking *asking, struct error *error)
{
    struct slice respelled;
    respell(asking, &respelled);
    if (slice_equal(respelled, asking->answer->asked))
        return true;
    asking->answer->asked = respelled;
    return search_for(asking, respelled, &asking->answer->search, error);
}

/* What a text that defines a term is likely to say. */
static struct slice searched_for(struct asking *asking)
{
    struct slice term = definition_asked(asking->answer->asked);
    return term.size > 0 ? slice_from(arena_format(asking->arena, "“" SLICE_FORMAT "” means", SLICE_ARGUMENT(term)))
                         : asking->answer->asked;
}

/* Of two things that the question sets against each other, each by itself as well. */
static bool search_both(struct asking *asking, struct error *error)
{
    struct slice texts[2];
    size_t count = differing_texts(asking->answer->asked, texts);
    return rephrase_search_each(asking, texts, count, PASSAGES_OF_BOTH, search_for, error);
}

static bool search(struct asking *asking, struct error *error)
{
    bool is_read = asking->request->llm == NULL && !is_written(asking->request) && !is_filled(asking->request);
    if (!scope_find(asking, error) || !search_for(asking, searched_for(asking), &asking->answer->search, error) ||
        (is_read && !search_respelled(asking, error)))
        return false;
    if (is_filled(asking->request))
        return form_search(asking, search_for, error);
    if (is_read)
        return search_both(asking, error);
    return !rephrase_wanted(asking) || rephrase_search(asking, search_for, error);
}

static void trace_retrieval(const struct asking *asking, int span)
{
    const struct search_result *search = &asking->answer->search;
    struct trace *trace = asking->request->trace;
    if (trace == NULL)
        return;
    struct trace_document *documents = arena_alloc(asking->arena, search->count, sizeof(*documents));
    for (size_t i = 0; i < search->count; i++)
        documents[i] = (struct trace_document){search->hits[i].path, search->hits[i].score};
    trace_text(trace, span, "gen_ai.operation.name", SLICE("retrieval"));
    trace_text(trace, span, "gen_ai.provider.name", SLICE("assay"));
    trace_text(trace, span, "gen_ai.data_source.id", path_name(asking->project->root));
    trace_documents(trace, span, documents, search->count);
    const struct {
        const char *key;
        double ms;
    } parts[] = {{"assay.refresh_ms", search->timings.refresh_ms}, {"assay.embed_ms", search->timings.embed_ms},
                 {"assay.text_ms", search->timings.text_ms},       {"assay.vector_ms", search->timings.vector_ms},
                 {"assay.fuse_ms", search->timings.fuse_ms},       {"assay.fetch_ms", search->timings.fetch_ms}};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        trace_real(trace, span, parts[i].key, parts[i].ms);
}

/* One step of the pipeline under a span of its own. */
static bool step(struct asking *asking, const char *name, bool (*work)(struct asking *asking, struct error *error),
                 struct error *error)
{
    struct trace *trace = asking->request->trace;
    int span = trace_begin(trace, name, TRACE_INTERNAL);
    bool ok = work(asking, error);
    if (!ok)
        trace_fail(trace, span, error);
    trace_end(trace, span);
    return ok;
}

static bool find_passages(struct asking *asking, struct error *error)
{
    struct trace *trace = asking->request->trace;
    enum ask_approach approach = asking->request->approach;
    bool by_search = approach == ASK_RAG || approach == ASK_HYBRID;
    if (approach == ASK_PROMPT || approach == ASK_TUNE)
        return true;
    int span = trace_begin(trace, "retrieval", TRACE_INTERNAL);
    bool ok = by_search ? search(asking, error) : full_collect(asking, error);
    if (ok && by_search && asking->request->given != NULL)
        ok = full_keep_given(asking, error);
    if (ok)
        trace_retrieval(asking, span);
    else
        trace_fail(trace, span, error);
    trace_end(trace, span);
    return ok;
}

/* The passages of the approach, as a result of a search. */
static bool retrieve(struct asking *asking, struct error *error)
{
    uint64_t start = clock_now_ns();
    bool ok = find_passages(asking, error) && keep_in_force(asking, error) && step(asking, "gate", gate_passages, error);
    if (ok) {
        passages_read(asking, asking->passages, asking->passage_count);
        set_older_aside(asking);
    }
    asking->answer->rerank_ms = asking->answer->search.timings.rerank_ms;
    asking->answer->retrieve_ms = clock_ms_since(start) - asking->answer->rerank_ms;
    return ok;
}

/* One that learned from the project's own questions answers as it was measured: alone. */
static bool has_own_reader(const struct ask_request *request)
{
    return request->reader != NULL && !reader_info(request->reader)->is_builtin;
}

void ask_subject(const struct ask_request *request, const struct ask_answer *answer, struct confidence_subject *subject)
{
    bool by_model = request->llm != NULL && !is_written(request);
    *subject = (struct confidence_subject){.approach = ask_approach_name(request->approach),
                                           .model = by_model ? llm_name(request->llm) : answer->model};
    if (answer->prompt.budget > 0)
        memcpy(subject->prompt, answer->prompt.templates_hash, sizeof(subject->prompt));
    double numbers[3]; /* every tuning has others */
    if (is_written(request)) {
        const struct writer_info *info = writer_info(request->writer);
        memcpy(numbers, (const double[]){info->threshold, info->slope, info->offset}, sizeof(numbers));
    } else if (!by_model && has_own_reader(request)) {
        const struct reader_info *info = reader_info(request->reader);
        memcpy(numbers, (const double[]){info->threshold, info->slope, info->offset}, sizeof(numbers));
    } else {
        if (!by_model)
            builtin_version(request, answer, subject->version);
        return;
    }
    crypto_hash_sha256(subject->version, (const unsigned char *)numbers, sizeof(numbers));
}

/* The confidence as the share of right answers, where the project's test cases have shown it. */
static bool set_confidence(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    struct confidence_subject subject;
    struct confidence_fit fit;
    struct confidence_state state;
    if (asking->request->uncalibrated || answer->calls.size > 0 ||
        asking->request->since.size > 0) /* it was fitted to answers from passages alone */
        return true;
    ask_subject(asking->request, answer, &subject);
    if (!confidence_read(asking->project, &subject, asking->request->question, &fit, &state, error))
        return false;
    answer->stale = state.stale;
    if (!state.found || state.stale != NULL)
        return true;
    answer->is_fitted_on = state.is_fitted_on;
    answer->confidence = confidence_chance(&fit, answer->confidence);
    answer->is_calibrated = true;
    answer->is_held_back = !answer->abstained && answer->confidence < fit.threshold;
    if (!answer->is_held_back)
        return true;
    answer->abstained = true;
    answer->text = (struct slice){0};
    answer->citation_count = 0;
    return true;
}

/* "Thanks!" is no question: nothing is looked for, unless a model that writes may have something to say. */
static bool is_left_alone(const struct asking *asking)
{
    const struct ask_request *request = asking->request;
    return request->llm == NULL && !is_written(request) && request->schema.size == 0 && is_small_talk(request->question);
}

static bool run(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    if (is_left_alone(asking)) {
        answer->asked = asking->request->question;
        answer->model = builtin_name(asking->request);
        answer->abstained = true;
        return true;
    }
    if (!step(asking, "question", follow_up, error) || !retrieve(asking, error))
        return false;
    asking->question = question_terms(asking, answer->asked, language_of(asking, answer->asked));
    uint64_t start = clock_now_ns();
    bool ok = step(asking, "answer",
                   is_written(asking->request)       ? answer_by_writer
                   : asking->request->llm != NULL    ? answer_by_model
                   : is_filled(asking->request)      ? answer_by_form
                   : has_own_reader(asking->request) ? answer_by_reader
                                                     : answer_builtin,
                   error);
    if (ok)
        tell_otherwise(asking);
    ok = ok && set_confidence(asking, error);
    answer->generate_ms = clock_ms_since(start);
    return ok;
}

/* What both need: the beginning of `asking`, whose answer is released by the caller whatever happens. */
static bool begin(struct asking *asking, bool asks_for_prompt, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    const char *currency = asking->request->llm != NULL ? llm_currency(asking->request->llm) : NULL;
    *answer = (struct ask_answer){.approach = asking->request->approach};
    arena_init(&answer->arena);
    arena_init(&answer->search.arena);
    asking->arena = &answer->arena;
    answer->currency = currency != NULL ? arena_text(&answer->arena, slice_from(currency)) : NULL;
    if (!check_request(asking->request, asks_for_prompt, error))
        return false;
    asking->analyzer = analyzer_create();
    return true;
}

bool ask_run(struct project *project, const struct ask_request *request, struct ask_answer *answer, struct error *error)
{
    uint64_t start = clock_now_ns();
    struct asking asking = {.project = project, .request = request, .answer = answer};
    if (!begin(&asking, false, error))
        return false;
    bool ok = run(&asking, error);
    analyzer_free(asking.analyzer);
    answer->took_ms = clock_ms_since(start);
    return ok;
}

bool ask_prompt(struct project *project, const struct ask_request *request, struct ask_answer *answer,
                struct llm_message **messages, size_t *count, struct error *error)
{
    struct asking asking = {.project = project, .request = request, .answer = answer};
    if (!begin(&asking, true, error))
        return false;
    bool ok = follow_up(&asking, error) && retrieve(&asking, error);
    if (ok) {
        asking.question = question_terms(&asking, answer->asked, language_of(&asking, answer->asked));
        ok = prompt_build(&asking, messages, count, error);
    }
    analyzer_free(asking.analyzer);
    return ok;
}

void ask_answer_release(struct ask_answer *answer)
{
    for (size_t i = 0; i < answer->more_count; i++)
        search_result_release(&answer->more[i]);
    free(answer->more);
    search_result_release(&answer->search);
    arena_release(&answer->arena);
    *answer = (struct ask_answer){0};
}
