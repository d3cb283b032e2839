/* talk.c - every request to the language model: stopped when the person stops, counted, and seen in the trace. */
#include "ask_parts.h"
#include <math.h>

static bool is_stopped(void *context)
{
    const struct ask_request *request = context;
    return request->is_cancelled != NULL && request->is_cancelled(request->context);
}

static void tell_request(struct trace *trace, int span, const struct llm *llm, const struct llm_request *request)
{
    size_t tokens = request->tokens_max > 0 ? request->tokens_max : LLM_TOKENS_DEFAULT;
    trace_text(trace, span, "gen_ai.operation.name", SLICE("chat"));
    trace_text(trace, span, "gen_ai.provider.name", slice_from(llm_provider(llm)));
    trace_text(trace, span, "gen_ai.request.model", slice_from(llm_model(llm)));
    trace_integer(trace, span, "gen_ai.request.max_tokens", (int64_t)tokens);
    if (request->temperature >= 0)
        trace_real(trace, span, "gen_ai.request.temperature", request->temperature);
    if (request->seed >= 0)
        trace_integer(trace, span, "gen_ai.request.seed", request->seed);
    trace_text(trace, span, "gen_ai.output.type", request->schema.size > 0 ? SLICE("json") : SLICE("text"));
}

static void tell_answer(struct trace *trace, int span, const struct llm_answer *said)
{
    const struct slice finish = slice_from(llm_finish_name(said->finish));
    trace_text(trace, span, "gen_ai.response.model", said->model);
    trace_texts(trace, span, "gen_ai.response.finish_reasons", &finish, 1);
    trace_integer(trace, span, "gen_ai.usage.input_tokens", said->usage.prompt_tokens);
    trace_integer(trace, span, "gen_ai.usage.cache_read.input_tokens", said->usage.cached_tokens);
    trace_integer(trace, span, "gen_ai.usage.output_tokens", said->usage.completion_tokens);
    trace_integer(trace, span, "assay.tries", said->tries);
    if (said->usage.cost >= 0)
        trace_real(trace, span, "assay.cost", said->usage.cost);
}

/* A provider that was asked counts what it read, whether anybody waits for its answer or not: about that much, for it did not come to say. */
static void count_left(struct asking *asking, const struct llm_request *request)
{
    enum { BYTES_PER_TOKEN = 4 };
    size_t bytes = 0;
    for (size_t i = 0; i < request->message_count; i++)
        bytes += request->messages[i].text.size;
    bytes += request->tools.size + request->since.size;
    struct llm_usage usage = {.prompt_tokens = (int64_t)(bytes / BYTES_PER_TOKEN) + 1};
    usage.cost = llm_cost(asking->request->llm, &usage);
    llm_usage_add(&asking->answer->usage, &usage);
}

bool talk(struct asking *asking, const struct llm_request *request, struct llm_answer *said, struct error *error)
{
    const struct ask_request *asked = asking->request;
    struct llm_request whole = *request;
    whole.is_cancelled = is_stopped;
    whole.context = (void *)(uintptr_t)asked;
    int span = trace_begin(asked->trace, arena_format(asking->arena, "chat %s", llm_model(asked->llm)), TRACE_CLIENT);
    tell_request(asked->trace, span, asked->llm, &whole);
    uint64_t start = clock_now_ns();
    bool ok = llm_chat(asked->llm, &whole, asking->arena, said, error);
    if (ok) {
        llm_usage_add(&asking->answer->usage, &said->usage);
        asking->answer->kept_ms += fmax(said->took_ms - clock_ms_since(start), 0);
        tell_answer(asked->trace, span, said);
    } else {
        if (error->kind == ERROR_CANCELLED)
            count_left(asking, &whole);
        trace_fail(asked->trace, span, error);
    }
    trace_end(asked->trace, span);
    return ok;
}
