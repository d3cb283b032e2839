/* ask_run.c - the part of include/assay.h that answers questions. */
#include "ask_log.h"
#include "ask_run.h"
#include "ask_reader.h"
#include "ask_writer.h"
#include "priced_llm.h"
#include "search_ranker.h"
#include "tell.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_over(void *context)
{
    const struct assay_ask_options *options = context;
    return options->going != NULL && !options->going(options->context);
}

static bool unsupported_named(const char *name, enum ask_unsupported *unsupported, struct error *error)
{
    static const char *const names[] = {"mark", "remove", "keep"}; /* ORDER ask_unsupported */
    *unsupported = ASK_MARK;
    for (size_t i = 0; name != NULL && i < ARRAY_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *unsupported = (enum ask_unsupported)i;
            return true;
        }
    if (name == NULL)
        return true;
    error_set(error, ERROR_INVALID, "unrecognized way with unsupported sentences \"%.60s\"", name);
    return error_hint(error, "Known: mark, remove, keep.");
}

static bool check_stops(const struct assay_ask_options *options, struct error *error)
{
    if (options->stop_count > 0 && options->schema != NULL)
        return error_set(error, ERROR_INVALID, "texts that end the answer do not go with a schema that it must follow");
    for (size_t i = 0; i < options->stop_count; i++)
        if (options->stops[i] == NULL || options->stops[i][0] == '\0')
            return error_set(error, ERROR_INVALID, "text %zu of those that end the answer is empty", i + 1);
    return true;
}

static const struct slice *read_stops(struct arena *arena, const struct assay_ask_options *options)
{
    struct slice *stops = arena_alloc(arena, options->stop_count, sizeof(*stops));
    for (size_t i = 0; i < options->stop_count; i++)
        stops[i] = slice_from(options->stops[i]);
    return stops;
}

const struct ask_turn *read_turns(struct arena *arena, const struct assay_ask_options *options)
{
    struct ask_turn *turns = arena_alloc(arena, options->turn_count, sizeof(*turns));
    for (size_t i = 0; i < options->turn_count; i++)
        turns[i] = (struct ask_turn){slice_from(options->turns[i].question), optional_slice(options->turns[i].answer)};
    return turns;
}

/* The model that was named, opened; NULL: the built-in one. `*own`: to be closed afterwards. */
static bool choose_model(struct assay *assay, const struct assay_ask_options *options, struct llm **llm, bool *own,
                         struct error *error)
{
    const char *name = options->model != NULL ? options->model : assay->project->settings.model;
    *own = false;
    *llm = options->llm != NULL ? options->llm->inner : NULL;
    if (options->llm != NULL || model_is_builtin(name))
        return true;
    *own = priced_llm_open(llm, name, assay->project->root, &assay->project->settings, NULL, error);
    return *own;
}

static void fill_prompt(struct answer_memory *memory, struct assay_answer *answer)
{
    const struct ask_prompt *prompt = &memory->inner.prompt;
    answer->tokens = prompt->tokens;
    answer->tokens_budget = prompt->budget;
    answer->passages = prompt->passages;
    answer->passages_cut = prompt->passages_cut;
    answer->examples = prompt->examples;
    answer->examples_cut = prompt->examples_cut;
    answer->flagged = prompt->flagged;
    if (prompt->budget == 0)
        return;
    for (size_t i = 0; i < STORE_HASH_BYTES; i++)
        snprintf(memory->version + 2 * i, 3, "%02x", prompt->hash[i]);
    answer->prompt_version = memory->version;
}

static struct assay_citation otherwise_of(struct arena *arena, const struct ask_answer *inner)
{
    const struct ask_otherwise *other = &inner->otherwise;
    if (other->hit == NULL || inner->abstained)
        return (struct assay_citation){0};
    struct assay_hit *hit = arena_alloc(arena, 1, sizeof(*hit));
    fill_hit(arena, other->hit, hit);
    return (struct assay_citation){.hit = hit,
                                   .quote = arena_text(arena, other->quote),
                                   .quote_size = other->quote.size,
                                   .start = (size_t)other->start,
                                   .end = (size_t)other->start + other->quote.size,
                                   .line = (size_t)other->line,
                                   .line_end = (size_t)other->line_end};
}

void fill_answer(struct answer_memory *memory, struct assay_answer *answer)
{
    struct ask_answer *inner = &memory->inner;
    struct arena *arena = &inner->arena;
    struct assay_hit *hits = arena_alloc(arena, inner->search.count, sizeof(*hits));
    struct assay_citation *citations = arena_alloc(arena, inner->citation_count, sizeof(*citations));
    for (size_t i = 0; i < inner->search.count; i++)
        fill_hit(arena, &inner->search.hits[i], &hits[i]);
    for (size_t i = 0; i < inner->citation_count; i++) {
        const struct ask_citation *from = &inner->citations[i];
        citations[i] = (struct assay_citation){.hit = &hits[from->passage],
                                               .quote = arena_text(arena, from->quote),
                                               .quote_size = from->quote.size,
                                               .start = (size_t)from->start,
                                               .end = (size_t)from->end,
                                               .line = (size_t)from->line,
                                               .line_end = (size_t)from->line_end};
    }
    bool has_calls = inner->calls.size > 0;
    bool has_logprobs = inner->logprobs.size > 0 && !inner->abstained;
    bool ends_by_stop = inner->stop.size > 0 && !inner->abstained; /* what is said in its place has no end of the model's */
    *answer = (struct assay_answer){.text = inner->abstained || has_calls ? NULL : arena_text(arena, inner->text),
                                    .calls = has_calls ? arena_text(arena, inner->calls) : NULL,
                                    .tools_withheld = inner->tools_withheld,
                                    .abstained = inner->abstained,
                                    .other_language = inner->abstained ? inner->other_language : NULL,
                                    .confidence = inner->confidence,
                                    .is_calibrated = inner->is_calibrated,
                                    .is_held_back = inner->is_held_back,
                                    .stale = inner->stale,
                                    .citations = citations,
                                    .citation_count = inner->citation_count,
                                    .otherwise = otherwise_of(arena, inner),
                                    .sentences = inner->sentences,
                                    .unsupported = inner->unsupported,
                                    .hits = hits,
                                    .hit_count = inner->search.count,
                                    .model = inner->model,
                                    .approach = ask_approach_name(inner->approach),
                                    .asked = arena_text(arena, inner->asked),
                                    .finish = inner->abstained ? NULL : inner->finish,
                                    .stop = ends_by_stop ? arena_text(arena, inner->stop) : NULL,
                                    .logprobs = has_logprobs ? arena_text(arena, inner->logprobs) : NULL,
                                    .prompt_tokens = inner->usage.prompt_tokens,
                                    .completion_tokens = inner->usage.completion_tokens,
                                    .cached_tokens = inner->usage.cached_tokens,
                                    .cost = inner->usage.cost,
                                    .currency = inner->currency,
                                    .retrieve_ms = inner->retrieve_ms,
                                    .rerank_ms = inner->rerank_ms,
                                    .generate_ms = inner->generate_ms,
                                    .took_ms = inner->took_ms,
                                    .audit = memory->entry,
                                    .memory = memory};
    fill_prompt(memory, answer);
}

/* That of the settings goes with their model: another one may be asked about by itself, a built-in one only with passages. */
static const char *approach_of(const struct assay *assay, const struct assay_ask_options *options)
{
    bool is_own = options->model == NULL && options->llm == NULL && !model_is_builtin(assay->project->settings.model);
    return options->approach == NULL && is_own ? assay->project->settings.approach : options->approach;
}

bool fill_request(struct assay *assay, const char *question, const struct assay_ask_options *options,
                  struct ask_request *request, struct error *error)
{
    *request = (struct ask_request){.question = slice_from(question),
                                    .principal = optional_slice(options->principal),
                                    .secret = optional_slice(options->secret),
                                    .filter = optional_slice(options->filter),
                                    .asker = optional_slice(options->asker),
                                    .k = options->k,
                                    .embedder = assay->embedder,
                                    .schema = optional_slice(options->schema),
                                    .tools = optional_slice(options->tools),
                                    .tool_choice = optional_slice(options->tool_choice),
                                    .since = optional_slice(options->since),
                                    .one_call = options->one_call,
                                    .turn_count = options->turn_count,
                                    .tokens_max = options->tokens_max,
                                    .temperature = options->temperature != NULL ? *options->temperature : -1,
                                    .seed = options->seed != NULL ? *options->seed : -1,
                                    .with_logprobs = options->logprobs,
                                    .top_logprobs = options->top_logprobs,
                                    .undefended = options->undefended,
                                    .is_cancelled = is_over,
                                    .context = (void *)(uintptr_t)options};
    return mode_named(options->mode, &request->mode, error) &&
           ask_approach_named(approach_of(assay, options), &request->approach, error) &&
           unsupported_named(options->unsupported, &request->unsupported, error);
}

/* Who answers where no language model does, or is to. */
static bool find_builtin(struct assay *assay, const struct assay_ask_options *options, struct ask_request *request,
                         struct error *error)
{
    const char *model = options->model != NULL ? options->model : assay->project->settings.model;
    bool wants = request->llm == NULL || request->approach == ASK_TUNE || request->approach == ASK_HYBRID;
    return !wants || (ask_writer(assay, model, &request->writer, error) && ask_reader(assay, &request->reader, error));
}

/* All that the answer is made with. `*own`: its language model is closed by the caller. */
static bool find_models(struct assay *assay, const struct assay_ask_options *options, struct ask_request *request, bool *own,
                        struct error *error)
{
    if (!choose_model(assay, options, &request->llm, own, error))
        return false;
    if (find_builtin(assay, options, request, error) && search_ranker(assay, options->rerank, &request->ranker, error) &&
        grounding_ranker(assay, request->llm, &request->grounding, error))
        return true;
    if (*own)
        llm_close(request->llm);
    return false;
}

static bool log_entry(struct assay *assay, const struct ask_request *request, struct answer_memory *memory, struct error *error)
{
    int span = trace_begin(request->trace, "audit log", TRACE_INTERNAL);
    bool ok = log_answer(assay->project, request, &memory->inner, &memory->entry, error);
    if (!ok)
        trace_fail(request->trace, span, error);
    trace_end(request->trace, span);
    return ok;
}

/* The span of it all; `memory` NULL: there is no answer. */
static void trace_answer(struct trace *trace, int span, const struct answer_memory *memory, const struct error *error)
{
    trace_text(trace, span, "gen_ai.operation.name", SLICE("invoke_workflow"));
    trace_text(trace, span, "gen_ai.provider.name", SLICE("assay"));
    if (memory == NULL) {
        trace_fail(trace, span, error);
        return;
    }
    const struct ask_answer *answer = &memory->inner;
    trace_text(trace, span, "gen_ai.response.model", slice_from(answer->model));
    trace_integer(trace, span, "gen_ai.usage.input_tokens", answer->usage.prompt_tokens);
    trace_integer(trace, span, "gen_ai.usage.output_tokens", answer->usage.completion_tokens);
    if (answer->usage.cost >= 0)
        trace_real(trace, span, "assay.cost", answer->usage.cost);
    trace_text(trace, span, "assay.approach", slice_from(ask_approach_name(answer->approach)));
    trace_bool(trace, span, "assay.abstained", answer->abstained);
    trace_real(trace, span, "assay.confidence", answer->confidence);
    trace_integer(trace, span, "assay.citations", (int64_t)answer->citation_count);
    trace_integer(trace, span, "assay.audit", (int64_t)memory->entry);
}

bool assay_ask(struct assay *assay, const char *question, const struct assay_ask_options *options, struct assay_answer *answer,
               struct assay_error *error)
{
    struct error inner = {0};
    struct ask_request request;
    struct arena arena;
    bool own = false;
    *answer = (struct assay_answer){0};
    if (!check_stops(options, &inner) || !fill_request(assay, question, options, &request, &inner) ||
        !find_models(assay, options, &request, &own, &inner))
        return finish(false, &inner, error);
    struct answer_memory *memory = memory_alloc(1, sizeof(*memory));
    arena_init(&arena);
    request.turns = read_turns(&arena, options);
    request.stops = read_stops(&arena, options);
    request.stop_count = options->stop_count;
    struct trace *trace = assay->tracer != NULL ? trace_create() : NULL;
    request.trace = trace;
    int span = trace_begin(trace, "invoke_workflow ask", TRACE_INTERNAL);
    bool ok = ask_run(assay->project, &request, &memory->inner, &inner) && log_entry(assay, &request, memory, &inner);
    trace_answer(trace, span, ok ? memory : NULL, &inner);
    tracer_send(assay->tracer, trace);
    trace_free(trace);
    if (ok) {
        fill_answer(memory, answer);
    } else {
        answer->prompt_tokens = memory->inner.usage.prompt_tokens;
        answer->completion_tokens = memory->inner.usage.completion_tokens;
        answer->cached_tokens = memory->inner.usage.cached_tokens;
        answer->cost = memory->inner.usage.cost;
        answer->tools_refused = memory->inner.tools_refused;
        answer->schema_refused = memory->inner.schema_refused;
        ask_answer_release(&memory->inner);
        free(memory);
    }
    arena_release(&arena);
    if (own)
        llm_close(request.llm);
    return finish(ok, &inner, error);
}

void assay_answer_release(struct assay_answer *answer)
{
    struct answer_memory *memory = answer->memory;
    if (memory == NULL)
        return;
    ask_answer_release(&memory->inner);
    free(memory);
    *answer = (struct assay_answer){0};
}
