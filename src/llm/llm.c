/* llm.c - a request from its first try to its answer.
 *
 *   try ─▶ answer                       failed for good ─▶ count; the 5th in a row closes the way for a while
 *    │ failed for a reason that passes
 *    └─ pause (as the server asks, or twice the last one, by chance a quarter more or less) ─▶ try
 *
 * A streamed answer of which a piece was handed on is not tried again: the caller has shown it. */
#include "fetch/fetch.h"
#include "llm_parts.h"
#include "replay.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MILLION 1e6
enum { BYTES_OF_TOKEN = 2 }; /* of a request's body: hardly a tokenizer makes more of it */
enum {
    FAILURES_TO_REST = 5,
    PAUSE_MS_MAX = 60000,
    COMPLAINT_BYTES_MAX = 64 * 1024,
    KEY_PART_BYTES = 4,
    KEY_TELLING_BYTES = 8,
    REFUSAL_BYTES = 400
};

/* One request on its way. */
struct call {
    struct llm *llm;
    const struct llm_request *request;
    struct reply reply;
    struct buffer body;    /* that came: of an answer not streamed, or a complaint */
    struct event_stream stream;
    struct http_response response;
    uint64_t start_ns;
    double first_ms; /* negative: no text came yet */
    bool shown;      /* a piece of the answer was handed on */
    unsigned begun;  /* tries in which the server began an answer, which may be paid for */
    bool passes;     /* the failure's reason may be gone at the next try */
    char refusal[REFUSAL_BYTES]; /* what the server says is wrong with the request; "": nothing */
};

const char *llm_finish_name(enum llm_finish finish)
{
    static const char *const names[] = {"stop", "length", "tool_calls", "content_filter"}; /* ORDER llm_finish */
    return names[finish];
}

const char *llm_name(const struct llm *llm)
{
    return llm->name;
}

const char *llm_provider(const struct llm *llm)
{
    return llm->provider.dialect == &dialect_anthropic ? "anthropic" : llm->provider.is_openai ? "openai" : "openai_compatible";
}

const char *llm_model(const struct llm *llm)
{
    return llm->provider.model;
}

bool llm_price_known(const struct llm *llm, struct llm_price *price)
{
    if (llm->has_price)
        *price = llm->price;
    return llm->has_price;
}

const char *llm_currency(const struct llm *llm)
{
    return llm->has_price ? llm->currency : NULL;
}

static struct llm_options with_defaults(const struct llm_options *options)
{
    struct llm_options all = options != NULL ? *options : (struct llm_options){0};
    all.stall_ms = all.stall_ms > 0 ? all.stall_ms : 60000;
    all.wall_ms = all.wall_ms > 0 ? all.wall_ms : 600000;
    all.tries_max = all.tries_max > 0 ? all.tries_max : 4;
    all.pause_ms = all.pause_ms > 0 ? all.pause_ms : 500;
    all.concurrent = all.concurrent > 0 ? all.concurrent : 8;
    all.rest_ms = all.rest_ms > 0 ? all.rest_ms : 30000;
    return all;
}

/* Texts of the options are the caller's; copies are kept. */
static bool take_price(struct llm *llm, const char *model, struct error *error)
{
    const struct llm_options *options = &llm->options;
    llm->has_price = options->price != NULL;
    if (llm->has_price) {
        llm->price = *options->price;
        llm->currency = arena_text(&llm->arena, slice_from(options->currency));
    }
    if (options->spend_file == NULL || options->replay != NULL)
        return true;
    if (!llm->has_price) {
        error_set(error, ERROR_INVALID, "\"%s\" has no price, and there is a limit on what a day may cost", model);
        return error_hint(error, "Add it to prices.yaml (0 for what costs nothing), or remove limits.spend_per_day.");
    }
    llm->spend = (struct spend){.file = arena_text(&llm->arena, slice_from(options->spend_file)),
                                .lock = arena_format(&llm->arena, "%s.lock", options->spend_file),
                                .day_most = options->spend_day,
                                .currency = llm->currency};
    return true;
}

static bool check_place(const struct llm *llm, const char *model, struct error *error)
{
    if (!llm->options.stays_here || llm->options.replay != NULL || http_is_loopback(llm->provider.url))
        return true;
    error_set(error, ERROR_INVALID,
              "limits.private of assay.yaml lets nothing leave this machine, and \"%s\" runs on another one", model);
    return error_hint(error,
                      "Take a model of this machine, as http://127.0.0.1:11434/v1#NAME, or set limits: {private: false}.");
}

static bool open_for(struct llm **llm, const char *model, const struct llm_options *options, bool embeds, struct error *error)
{
    struct llm *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    opened->options = with_defaults(options);
    opened->name = arena_text(&opened->arena, slice_from(model));
    pthread_mutex_init(&opened->lock, NULL);
    pthread_cond_init(&opened->freed, NULL);
    random_init(&opened->random, clock_now_ns());
    bool ok = provider_find(&opened->provider, model, &opened->arena, opened->options.replay != NULL, error) &&
              check_place(opened, model, error) &&
              (!embeds || embeddings_find(&opened->provider, model, &opened->arena, error)) &&
              take_price(opened, model, error) && http_create(&opened->http, error);
    if (ok)
        opened->server = arena_format(&opened->arena, "%s %s", llm_provider(opened), opened->provider.url);
    if (ok && (opened->options.record != NULL || opened->options.replay != NULL))
        ok = replay_open(&opened->replay, opened->options.record, opened->options.replay, error);
    else if (ok && opened->options.cache != NULL)
        ok = replay_open_cache(&opened->replay, opened->options.cache, opened->server, opened->options.anew, error);
    if (ok && opened->replay != NULL && opened->options.keep_requests)
        replay_keep_requests(opened->replay);
    if (!ok) {
        llm_close(opened);
        opened = NULL;
    }
    *llm = opened;
    return ok;
}

bool llm_open(struct llm **llm, const char *model, const struct llm_options *options, struct error *error)
{
    return open_for(llm, model, options, false, error);
}

bool llm_open_embedder(struct llm **llm, const char *model, const struct llm_options *options, struct error *error)
{
    return open_for(llm, model, options, true, error);
}

void llm_close(struct llm *llm)
{
    if (llm == NULL)
        return;
    replay_close(llm->replay);
    http_free(llm->http);
    pthread_cond_destroy(&llm->freed);
    pthread_mutex_destroy(&llm->lock);
    arena_release(&llm->arena);
    free(llm);
}

/* ---- what comes ---- */

/* Hands on what is new of the text. */
static bool tell_pieces(struct call *call, struct error *error)
{
    struct reply *reply = &call->reply;
    if (!buffer_finish(&reply->text, "the model's answer", error))
        return false;
    struct slice news = slice_range(buffer_slice(&reply->text), reply->told, reply->text.size);
    if (news.size == 0)
        return true;
    if (call->first_ms < 0)
        call->first_ms = clock_ms_since(call->start_ns);
    reply->told = reply->text.size;
    if (call->request->piece == NULL)
        return true;
    call->shown = true;
    if (call->request->piece(call->request->context, news))
        return true;
    return error_set(error, ERROR_CANCELLED, "the answer was stopped");
}

static bool take_event(void *context, struct slice name, struct slice data, struct error *error)
{
    struct call *call = context;
    (void)name; /* the data says it again */
    return call->llm->provider.dialect->event(&call->reply, data, error) && tell_pieces(call, error);
}

static bool take_bytes(void *context, struct slice bytes, struct error *error)
{
    struct call *call = context;
    bool is_good = call->response.status / 100 == 2;
    if (is_good && strcmp(call->response.content_type, "text/event-stream") == 0)
        return event_stream_feed(&call->stream, bytes, take_event, call, error);
    buffer_append_slice(&call->body, bytes);
    return (!is_good && call->body.size > COMPLAINT_BYTES_MAX) || buffer_finish(&call->body, "the model's answer", error);
}

static bool is_cancelled(void *context)
{
    const struct call *call = context;
    return call->request->is_cancelled != NULL && call->request->is_cancelled(call->request->context);
}

/* ---- failures ---- */

/* Servers that do not know "json_schema" say what they know instead; the request is then written anew (chat_as_it_likes). */
static bool wants_schema_in_object(struct call *call, struct slice complaint)
{
    struct llm *llm = call->llm;
    static const char wanted[] = "json_object", refused[] = "json_schema";
    if (call->request->schema.size == 0 || memmem(complaint.data, complaint.size, wanted, sizeof(wanted) - 1) == NULL ||
        memmem(complaint.data, complaint.size, refused, sizeof(refused) - 1) == NULL)
        return false;
    pthread_mutex_lock(&llm->lock);
    llm->schema_in_object = true;
    pthread_mutex_unlock(&llm->lock);
    return true;
}

/* How many bytes of the key, from any place in it, stand at the text's beginning. */
static size_t key_part_at(const char *key, const char *text)
{
    size_t longest = 0;
    for (; *key != '\0'; key++) {
        size_t size = 0;
        while (key[size] != '\0' && key[size] == text[size])
            size++;
        longest = size > longest ? size : longest;
    }
    return longest;
}

void llm_hide_key(const struct llm *llm, char *text)
{
    const char *key = llm->provider.key;
    size_t size = key != NULL ? strlen(key) : 0, end = strlen(text);
    const size_t telling = size < KEY_TELLING_BYTES ? size : KEY_TELLING_BYTES;
    if (size == 0)
        return;
    /* Parts too: a message may quote the first or last bytes of what came. */
    for (size_t at = 0; at < end; at++) {
        size_t part = key_part_at(key, text + at);
        if (part >= telling)
            memset(text + at, '*', part);
    }
    /* A text that was cut may end within it. */
    for (size_t part = size < end ? size : end; part >= KEY_PART_BYTES; part--)
        if (memcmp(text + end - part, key, part) == 0) {
            memset(text + end - part, '*', part);
            break;
        }
}

/* What a status means for whoever asked; false. */
static bool tell_status(struct call *call, struct error *error)
{
    long status = call->response.status;
    const struct provider *provider = &call->llm->provider;
    struct slice complaint = SLICE("no reason given");
    struct arena arena;
    struct json_value root;
    struct error ignored = {0};
    arena_init(&arena);
    if (reply_read(buffer_slice(&call->body), &arena, &root, &ignored))
        (void)reply_complaint(&root, &complaint);
    complaint = arena_line(&arena, complaint);
    bool wants_object = wants_schema_in_object(call, complaint);
    if (status == 400 || status == 422) {
        struct slice refusal = slice_cut(complaint, sizeof(call->refusal) - 1);
        snprintf(call->refusal, sizeof(call->refusal), SLICE_FORMAT, SLICE_ARGUMENT(refusal));
        llm_hide_key(call->llm, call->refusal);
    }
    call->passes = !wants_object && (status == 408 || status == 409 || status == 425 || status == 429 || status >= 500);
    enum error_kind kind = status == 429   ? ERROR_LIMIT
                           : status == 404 ? ERROR_NOT_FOUND
                           : status >= 500 ? ERROR_IO
                                           : ERROR_INVALID;
    error_set(error, kind, "the model's server \"%s\" answered %ld: " SLICE_FORMAT, provider->url, status,
              SLICE_ARGUMENT(complaint));
    if (status == 401 || status == 403)
        error_hint(error, "See that %s holds a key that may use \"%s\".", provider->key_variable, provider->model);
    else if (status == 404)
        error_hint(error, "See that the address is right and that the server has a model \"%s\".", provider->model);
    else if (status == 429)
        error_hint(error, "The provider's limit is reached: wait, ask less at once, or raise the limit there.");
    else if (status / 100 == 3)
        error_hint(error, "The server sends elsewhere, and no key follows it: write the address it means.");
    arena_release(&arena);
    return false;
}

/* ---- one try ---- */

static void start_try(struct call *call)
{
    struct reply *reply = &call->reply;
    buffer_clear(&reply->text);
    buffer_clear(&reply->model);
    buffer_clear(&reply->stop);
    buffer_clear(&reply->logprobs);
    reply_calls_clear(reply);
    buffer_clear(&call->body);
    reply->usage = (struct llm_usage){0};
    reply->finish = LLM_FINISHED;
    reply->is_whole = false;
    reply->told = 0;
    event_stream_release(&call->stream);
    event_stream_init(&call->stream, LLM_EVENT_BYTES_MAX);
    call->passes = false;
    call->refusal[0] = '\0';
    call->first_ms = -1;
}

static bool try_once(struct call *call, struct slice body, struct error *error)
{
    struct llm *llm = call->llm;
    struct arena arena;
    const char *headers[DIALECT_HEADERS_MAX + 1] = {"Content-Type: application/json"};
    start_try(call);
    arena_init(&arena);
    size_t count = 1 + llm->provider.dialect->headers(&llm->provider, &arena, headers + 1);
    struct http_request post = {.url = llm->provider.url,
                                .headers = headers,
                                .header_count = count,
                                .body = body,
                                .stall_ms = llm->options.stall_ms,
                                .wall_ms = call->request->is_hurried ? LLM_HURRIED_MS : llm->options.wall_ms,
                                .is_cancelled = is_cancelled,
                                .take = take_bytes,
                                .context = call};
    bool came = http_post(llm->http, &post, &call->response, error);
    arena_release(&arena);
    bool is_stream = strcmp(call->response.content_type, "text/event-stream") == 0;
    call->begun += call->response.status / 100 == 2;
    if (!came) {
        call->passes = error->kind == ERROR_IO && !call->shown;
        return false;
    }
    if (call->response.status / 100 != 2)
        return tell_status(call, error);
    if (!is_stream && !llm->provider.dialect->body(&call->reply, buffer_slice(&call->body), error)) {
        call->passes = true;
        return false;
    }
    if (!call->reply.is_whole) {
        call->passes = !call->shown;
        return error_set(error, ERROR_IO, "the answer of \"%s\" broke off after %zu bytes of text", llm->provider.url,
                         call->reply.text.size);
    }
    if (!reply_calls_check(&call->reply, error)) {
        bool is_cut = call->reply.finish == LLM_CUT; /* the next try would be cut as well */
        call->passes = !call->shown && !is_cut;
        return is_cut ? error_hint(error, "The answer was cut within a call: allow more tokens.") : false;
    }
    return tell_pieces(call, error);
}

/* ---- all tries ---- */

/* Sleeps a tenth of a second at a time, so that a person who stops waits no longer. */
static bool sleep_unless_cancelled(struct call *call, unsigned pause_ms, struct error *error)
{
    for (uint64_t start_ns = clock_now_ns(); clock_ms_since(start_ns) < pause_ms;) {
        if (is_cancelled(call))
            return error_set(error, ERROR_CANCELLED, "stopped before \"%s\" was asked again", call->llm->provider.url);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return true;
}

static unsigned pause_before(struct call *call, unsigned tries)
{
    struct llm *llm = call->llm;
    uint64_t pause = (uint64_t)llm->options.pause_ms << (tries < 16 ? tries - 1 : 15);
    pthread_mutex_lock(&llm->lock);
    double part = 0.75 + 0.5 * random_unit(&llm->random);
    pthread_mutex_unlock(&llm->lock);
    if (call->response.retry_after_ms > 0)
        return call->response.retry_after_ms;
    pause = (uint64_t)((double)pause * part);
    return pause < PAUSE_MS_MAX ? (unsigned)pause : PAUSE_MS_MAX;
}

static bool try_all(struct call *call, struct slice body, unsigned *tries, struct error *error)
{
    for (*tries = 1;; ++*tries) {
        if (try_once(call, body, error))
            return true;
        error->is_elsewhere = error->kind != ERROR_CANCELLED;
        llm_hide_key(call->llm, error->message);
        if (!call->passes || call->request->is_hurried || *tries >= call->llm->options.tries_max)
            break;
        unsigned pause_ms = pause_before(call, *tries);
        if (pause_ms > PAUSE_MS_MAX)
            return error_hint(error, "The server asks to wait for %u s: try again then.", pause_ms / 1000);
        if (!sleep_unless_cancelled(call, pause_ms, error))
            return false;
    }
    if (*tries > 1)
        return error_wrap(error, "tried %u times", *tries);
    return false;
}

/* Waits for its turn; false when the model is left alone for now. */
static bool enter(struct llm *llm, struct error *error)
{
    bool ok = true;
    pthread_mutex_lock(&llm->lock);
    while (llm->running >= llm->options.concurrent)
        pthread_cond_wait(&llm->freed, &llm->lock);
    uint64_t now = clock_now_ns();
    if (now < llm->rest_ends_ns) {
        ok = error_set(error, ERROR_IO, "\"%s\" failed %u times in a row, and is left alone for %.0f s more", llm->provider.url,
                       llm->failures, (double)(llm->rest_ends_ns - now) / 1e9 + 0.5);
        error_hint(error, "See whether the server is up.");
        error->is_elsewhere = true;
    } else {
        llm->running++;
    }
    pthread_mutex_unlock(&llm->lock);
    return ok;
}

unsigned llm_rests_ms(struct llm *llm)
{
    pthread_mutex_lock(&llm->lock);
    uint64_t now = clock_now_ns(), ends = llm->rest_ends_ns;
    pthread_mutex_unlock(&llm->lock);
    return now < ends ? (unsigned)((ends - now) / 1000000) + 1 : 0;
}

/* What the person stopped, or asked wrongly, says nothing of the server. */
static void leave(struct llm *llm, bool ok, const struct error *error)
{
    pthread_mutex_lock(&llm->lock);
    llm->running--;
    if (ok)
        llm->failures = 0;
    else if (error->kind == ERROR_IO && ++llm->failures >= FAILURES_TO_REST)
        llm->rest_ends_ns = clock_now_ns() + (uint64_t)llm->options.rest_ms * 1000000;
    pthread_cond_broadcast(&llm->freed); /* one that finds the model at rest wakes no other */
    pthread_mutex_unlock(&llm->lock);
}

/* ---- what it costs ---- */

void llm_usage_add(struct llm_usage *sum, const struct llm_usage *more)
{
    sum->prompt_tokens += more->prompt_tokens;
    sum->cached_tokens += more->cached_tokens;
    sum->completion_tokens += more->completion_tokens;
    sum->cost = sum->cost < 0 || more->cost < 0 ? -1 : sum->cost + more->cost;
}

double llm_cost(const struct llm *llm, const struct llm_usage *usage)
{
    const struct llm_price *price = &llm->price;
    int64_t cached = usage->cached_tokens < usage->prompt_tokens ? usage->cached_tokens : usage->prompt_tokens;
    if (!llm->has_price)
        return -1;
    return ((double)(usage->prompt_tokens - cached) * price->input + (double)cached * price->cached +
            (double)usage->completion_tokens * price->output) /
           MILLION;
}

/* The most that a request can cost, about. */
static double cost_most(const struct llm *llm, const struct llm_request *request, struct slice body)
{
    const struct llm_usage usage = {
        .prompt_tokens = (int64_t)(body.size / BYTES_OF_TOKEN + 1),
        .completion_tokens = (int64_t)(request->tokens_max > 0 ? request->tokens_max : LLM_TOKENS_DEFAULT)};
    return llm_cost(llm, &usage);
}

/* All tries of a request, within the day's limit. Each try that failed after its answer had begun is taken to have cost all that was set aside. */
static bool try_within_limit(struct call *call, struct slice body, unsigned *tries, struct error *error)
{
    struct llm *llm = call->llm;
    struct spend_part part;
    struct error ignored;
    double most = fmax(cost_most(llm, call->request, body), 0);
    if (!spend_set_aside(&llm->spend, most, &part, error))
        return false;
    bool ok = try_all(call, body, tries, error);
    struct llm_usage *usage = &call->reply.usage;
    bool is_counted = usage->prompt_tokens + usage->completion_tokens > 0;
    usage->cost = is_counted || most <= 0 ? llm_cost(llm, usage) : -1; /* a server that counts no tokens */
    double cost = ok && is_counted ? usage->cost + (call->begun - 1) * most : call->begun * most;
    if (spend_settle(&llm->spend, &part, cost, ok ? error : &ignored))
        return ok;
    return ok && error_wrap(error, "could not count what the answer cost");
}

/* As an array. What became too large is not told. */
static struct slice logprobs_of(struct reply *reply, struct arena *arena)
{
    struct error ignored;
    if (reply->logprobs.size == 0 || !buffer_finish(&reply->logprobs, "the tokens", &ignored))
        return (struct slice){0};
    return slice_from(arena_format(arena, "[" SLICE_FORMAT "]", SLICE_ARGUMENT(buffer_slice(&reply->logprobs))));
}

static bool chat_over_network(struct llm *llm, const struct llm_request *request, struct slice body, struct arena *arena,
                              struct llm_answer *answer, struct error *error)
{
    struct call call = {.llm = llm, .request = request, .start_ns = clock_now_ns()};
    unsigned tries = 0;
    if (!enter(llm, error))
        return false;
    buffer_init(&call.reply.text, LLM_ANSWER_BYTES_MAX);
    buffer_init(&call.reply.model, KIB);
    buffer_init(&call.reply.stop, 2 * KIB);
    buffer_init(&call.reply.logprobs, LLM_LOGPROBS_BYTES_MAX);
    buffer_init(&call.body, 2 * LLM_ANSWER_BYTES_MAX);
    event_stream_init(&call.stream, LLM_EVENT_BYTES_MAX);
    struct slice calls = {0};
    bool ok = try_within_limit(&call, body, &tries, error);
    ok = ok && reply_calls_take(&call.reply, arena, &calls, error);
    leave(llm, ok, error);
    if (!ok)
        answer->refusal = arena_slice(arena, slice_from(call.refusal));
    else
        *answer = (struct llm_answer){.text = arena_slice(arena, buffer_slice(&call.reply.text)),
                                      .calls = calls,
                                      .logprobs = logprobs_of(&call.reply, arena),
                                      .model = arena_slice(arena, buffer_slice(&call.reply.model)),
                                      .stop = arena_slice(arena, buffer_slice(&call.reply.stop)),
                                      .finish = calls.size > 0 ? LLM_CALLED : call.reply.finish,
                                      .usage = call.reply.usage,
                                      .tries = tries,
                                      .first_ms = call.first_ms < 0 ? clock_ms_since(call.start_ns) : call.first_ms,
                                      .took_ms = clock_ms_since(call.start_ns)};
    buffer_release(&call.reply.text);
    buffer_release(&call.reply.model);
    buffer_release(&call.reply.stop);
    buffer_release(&call.reply.logprobs);
    reply_calls_release(&call.reply);
    buffer_release(&call.body);
    event_stream_release(&call.stream);
    return ok;
}

/* What is put into the request as it is. */
static bool check_json(struct slice source, const char *what, enum json_kind kind, struct error *error)
{
    struct arena arena;
    struct json_value root;
    arena_init(&arena);
    bool ok = source.size == 0 || json_read(source, what, &arena, &root, error);
    if (ok && source.size > 0 && root.kind != kind)
        ok = error_set(error, ERROR_INVALID, "%s is %s, not %s", what, json_kind_name(root.kind), json_kind_name(kind));
    arena_release(&arena);
    return ok;
}

static bool check_request(const struct llm_request *request, struct error *error)
{
    bool is_word = request->tool_choice.size > 0 && request->tool_choice.data[0] == '"';
    return check_json(request->schema, "the schema", JSON_OBJECT, error) &&
           check_json(request->tools, "the list of tools", JSON_ARRAY, error) &&
           check_json(request->tool_choice, "the choice of tools", is_word ? JSON_TEXT : JSON_OBJECT, error) &&
           check_json(request->since, "what followed the question", JSON_ARRAY, error);
}

static bool write_body(const struct provider *provider, const struct llm_request *request, struct buffer *body,
                       struct error *error)
{
    struct json_writer json;
    buffer_clear(body);
    json_writer_init(&json, body);
    provider->dialect->write(provider, request, &json);
    return buffer_finish(body, "the request to the model", error);
}

static bool takes_schema_in_object(struct llm *llm)
{
    pthread_mutex_lock(&llm->lock);
    bool takes = llm->schema_in_object;
    pthread_mutex_unlock(&llm->lock);
    return takes;
}

/* `body` is the request as most servers take it. */
static bool chat_as_it_likes(struct llm *llm, const struct llm_request *request, struct slice body, struct arena *arena,
                             struct llm_answer *answer, struct error *error)
{
    bool has_schema = request->schema.size > 0;
    if (!has_schema || !takes_schema_in_object(llm)) {
        if (chat_over_network(llm, request, body, arena, answer, error))
            return true;
        if (!has_schema || !takes_schema_in_object(llm))
            return false;
    }
    struct provider provider = llm->provider;
    struct buffer other;
    provider.schema_in_object = true;
    buffer_init(&other, LLM_REQUEST_BYTES_MAX);
    bool ok = write_body(&provider, request, &other, error) &&
              chat_over_network(llm, request, buffer_slice(&other), arena, answer, error);
    buffer_release(&other);
    return ok;
}

bool llm_chat(struct llm *llm, const struct llm_request *request, struct arena *arena, struct llm_answer *answer,
              struct error *error)
{
    struct buffer body;
    bool ok;
    answer->refusal = (struct slice){0};
    if (!check_request(request, error))
        return false;
    buffer_init(&body, LLM_REQUEST_BYTES_MAX);
    if (!write_body(&llm->provider, request, &body, error)) {
        ok = false;
    } else if (replay_answers(llm->replay) ||
               (replay_caches(llm->replay) && replay_find(llm->replay, buffer_slice(&body), arena, answer, error))) {
        ok = replay_caches(llm->replay) || replay_find(llm->replay, buffer_slice(&body), arena, answer, error);
        if (ok)
            answer->usage.cost = replay_caches(llm->replay) ? 0 : llm_cost(llm, &answer->usage);
        if (ok && request->piece != NULL && !request->piece(request->context, answer->text))
            ok = error_set(error, ERROR_CANCELLED, "the answer was stopped");
    } else {
        ok = chat_as_it_likes(llm, request, buffer_slice(&body), arena, answer, error) &&
             replay_keep(llm->replay, buffer_slice(&body), answer, error);
    }
    buffer_release(&body);
    return ok;
}

/* ---- once more ---- */

struct kept_visit {
    const struct llm *llm;
    bool (*each)(void *context, struct slice request, const struct llm_answer *then);
    void *context;
};

/* Streams are left out: their answers come in pieces. */
static bool visit_kept(void *context, struct slice body, const struct llm_answer *then)
{
    const struct kept_visit *visit = context;
    struct json_value root;
    struct error ignored = {0};
    struct arena arena;
    bool goes_on = true;
    arena_init(&arena);
    if (json_read(body, "a request", &arena, &root, &ignored)) {
        const struct json_value *model = reply_get(&root, "model"), *stream = reply_get(&root, "stream");
        bool is_ours = model != NULL && model->kind == JSON_TEXT && slice_equal_text(model->text, llm_model(visit->llm)),
             is_stream = stream != NULL && stream->kind == JSON_BOOL && stream->boolean;
        goes_on = !is_ours || is_stream || visit->each(visit->context, body, then);
    }
    arena_release(&arena);
    return goes_on;
}

bool llm_each_kept(const struct llm *llm, const char *path,
                   bool (*each)(void *context, struct slice request, const struct llm_answer *then), void *context,
                   struct error *error)
{
    struct kept_visit visit = {llm, each, context};
    return replay_each(path, llm->server, visit_kept, &visit, error);
}

bool llm_send_again(struct llm *llm, struct slice request, struct arena *arena, struct llm_answer *answer, struct error *error)
{
    const struct llm_request plain = {.temperature = -1, .seed = -1};
    return chat_over_network(llm, &plain, request, arena, answer, error);
}
