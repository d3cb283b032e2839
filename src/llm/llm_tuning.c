/* llm_tuning.c - a fine-tuning job, asked for and looked at. Nothing of it is kept here. */
#include "fetch/fetch.h"
#include "llm_parts.h"
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#define MILLION 1e6
#define RECKONED_LOW 1.25 /* tokens are counted without the model's own tokenizer */
enum { ANSWER_BYTES_MAX = 1 << 20, NAME_BYTES_MAX = 200, TRIES = 4 };

bool llm_can_tune(const struct llm *llm)
{
    return llm->provider.dialect == &dialect_openai && !llm->provider.is_azure && llm->options.replay == NULL;
}

double llm_tuning_cost(const struct llm *llm, double tokens)
{
    return llm->has_price && llm->price.training >= 0 ? tokens / MILLION * llm->price.training : -1;
}

/* ---- one exchange ---- */

struct tuning_exchange {
    struct llm *llm;
    const char *path; /* "files" */
    const char *content_type; /* of the body; NULL: a GET */
    struct slice body;
    bool once; /* not tried again where it may have been done */
    bool may_be_done;
    struct llm_tuning_stop stop;
    struct buffer answer;
    struct http_response response;
};

static bool take(void *context, struct slice bytes, struct error *error)
{
    struct tuning_exchange *exchange = context;
    buffer_append_slice(&exchange->answer, bytes);
    return buffer_finish(&exchange->answer, "the answer about fine-tuning", error);
}

static bool is_stopped(void *context)
{
    const struct tuning_exchange *exchange = context;
    return exchange->stop.is_cancelled(exchange->stop.context);
}

static bool tell_status(const struct tuning_exchange *exchange, const char *url, struct error *error)
{
    const long status = exchange->response.status;
    struct slice complaint = SLICE("no reason given");
    struct arena arena;
    struct json_value root;
    struct error ignored = {0};
    arena_init(&arena);
    if (reply_read(buffer_slice(&exchange->answer), &arena, &root, &ignored))
        (void)reply_complaint(&root, &complaint);
    complaint = arena_line(&arena, complaint);
    error_set(error,
              status == 429                    ? ERROR_LIMIT
              : status == 404 || status == 405 ? ERROR_NOT_FOUND
              : status >= 500                  ? ERROR_IO
                                               : ERROR_INVALID,
              "\"%s\" answered %ld: " SLICE_FORMAT, url, status, SLICE_ARGUMENT(complaint));
    if (status == 401 || status == 403)
        error_hint(error, "See that %s holds a key that may fine-tune.", exchange->llm->provider.key_variable);
    llm_hide_key(exchange->llm, error->message);
    arena_release(&arena);
    return false;
}

static bool exchange_once(struct tuning_exchange *exchange, bool *passes, struct error *error)
{
    struct llm *llm = exchange->llm;
    struct arena arena;
    const char *headers[DIALECT_HEADERS_MAX + 1] = {"Accept: application/json"};
    size_t count = 1;
    arena_init(&arena);
    buffer_clear(&exchange->answer);
    if (exchange->content_type != NULL)
        headers[0] = arena_format(&arena, "Content-Type: %s", exchange->content_type);
    count += llm->provider.dialect->headers(&llm->provider, &arena, headers + 1);
    const char *url = provider_url(&llm->provider, exchange->path, &arena);
    const struct http_request request = {.url = url,
                                         .headers = headers,
                                         .header_count = count,
                                         .is_get = exchange->content_type == NULL,
                                         .once = exchange->once,
                                         .body = exchange->body,
                                         .stall_ms = llm->options.stall_ms,
                                         .wall_ms = llm->options.wall_ms,
                                         .is_cancelled = is_stopped,
                                         .take = take,
                                         .context = exchange};
    bool ok = http_post(llm->http, &request, &exchange->response, error);
    const long status = exchange->response.status;
    *passes = ok ? status == 429 || (status >= 500 && !exchange->once) : error->kind == ERROR_IO && !exchange->once;
    exchange->may_be_done = !ok || status / 100 == 2 || status >= 500;
    if (ok && status / 100 != 2)
        ok = tell_status(exchange, url, error);
    arena_release(&arena);
    return ok;
}

/* What passes is tried again, after pauses as of a chat. */
static bool exchange_all(struct tuning_exchange *exchange, struct error *error)
{
    uint64_t pause_ms = exchange->llm->options.pause_ms;
    for (unsigned tries = 1;; tries++, pause_ms *= 2) {
        bool passes;
        if (is_stopped(exchange))
            return error_set(error, ERROR_CANCELLED, "stopped before \"%s\" was asked", exchange->llm->provider.url);
        if (exchange_once(exchange, &passes, error))
            return true;
        if (!passes || tries == TRIES)
            return false;
        nanosleep(&(struct timespec){(time_t)(pause_ms / 1000), (long)(pause_ms % 1000) * 1000000}, NULL);
    }
}

/* ---- what it says ---- */

/* A name that goes into addresses and files: letters, digits and a few marks. */
static bool take_name(const struct json_value *root, const char *key, const char *what, struct arena *arena, const char **name,
                      struct error *error)
{
    const struct json_value *value = reply_get(root, key);
    bool ok = value != NULL && value->kind == JSON_TEXT && value->text.size > 0 && value->text.size <= NAME_BYTES_MAX;
    for (size_t i = 0; ok && i < value->text.size; i++)
        ok = isalnum((unsigned char)value->text.data[i]) || byte_among(value->text.data[i], "-_.:/");
    if (!ok)
        return error_set(error, ERROR_IO, "the provider gave no name of %s that can be used", what);
    *name = arena_text(arena, value->text);
    return true;
}

static bool send_lines(struct tuning_exchange *exchange, struct slice lines, struct arena *arena, const char **file,
                       struct error *error)
{
    struct random random;
    struct buffer body;
    struct json_value root;
    random_init(&random, clock_now_ns());
    const char *boundary = arena_format(arena, "assay-%016llx%016llx", (unsigned long long)random_u64(&random),
                                        (unsigned long long)random_u64(&random));
    static_assert(LLM_TUNING_LINES_MAX <= LLM_REQUEST_BYTES_MAX - 4096, "what stands around the lines fits beside them");
    buffer_init(&body, LLM_REQUEST_BYTES_MAX);
    buffer_format(&body, "--%s\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--%s\r\n", boundary,
                  boundary);
    buffer_append_text(&body, "Content-Disposition: form-data; name=\"file\"; filename=\"examples.jsonl\"\r\n"
                              "Content-Type: application/jsonl\r\n\r\n");
    buffer_append_slice(&body, lines);
    buffer_format(&body, "\r\n--%s--\r\n", boundary);
    exchange->path = "files";
    exchange->content_type = arena_format(arena, "multipart/form-data; boundary=%s", boundary);
    exchange->body = buffer_slice(&body);
    bool ok = buffer_finish(&body, "the examples to send", error) && exchange_all(exchange, error) &&
              reply_read(buffer_slice(&exchange->answer), arena, &root, error) &&
              take_name(&root, "id", "the file", arena, file, error);
    buffer_release(&body);
    return ok;
}

static bool ask_for_job(struct tuning_exchange *exchange, const struct llm_tuning_request *request, const char *file,
                        struct arena *arena, const char **job, struct error *error)
{
    struct buffer body;
    struct json_writer json;
    struct json_value root;
    buffer_init(&body, ANSWER_BYTES_MAX);
    json_writer_init(&json, &body);
    json_object_begin(&json);
    json_texts(&json,
               (const struct json_text_member[]){
                   {"model", exchange->llm->provider.model}, {"training_file", file}, {"suffix", request->suffix}},
               3);
    if (request->seed >= 0) {
        json_key(&json, "seed");
        json_integer(&json, request->seed);
    }
    json_key(&json, "method");
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"type", "supervised"}, 1);
    json_key(&json, "supervised");
    json_object_begin(&json);
    json_key(&json, "hyperparameters");
    json_object_begin(&json);
    json_key(&json, "n_epochs");
    json_integer(&json, request->epochs);
    json_object_end(&json);
    json_object_end(&json);
    json_object_end(&json);
    json_object_end(&json);
    exchange->path = "fine_tuning/jobs";
    exchange->content_type = "application/json";
    exchange->body = buffer_slice(&body);
    exchange->once = true;
    exchange->may_be_done = false;
    bool ok = buffer_finish(&body, "the fine-tuning job", error) && exchange_all(exchange, error) &&
              reply_read(buffer_slice(&exchange->answer), arena, &root, error) &&
              take_name(&root, "id", "the job", arena, job, error);
    buffer_release(&body);
    return ok;
}

bool llm_tuning_start(struct llm *llm, const struct llm_tuning_request *request, struct arena *arena, const char **job,
                      bool *may_run, struct error *error)
{
    struct tuning_exchange exchange = {.llm = llm, .stop = request->stop};
    struct spend_part part;
    struct error ignored = {0};
    const char *file;
    const double most = llm_tuning_cost(llm, RECKONED_LOW * request->tokens);
    *may_run = false;
    if (!llm_can_tune(llm))
        return error_set(error, ERROR_INVALID, "the provider of \"%s\" has no fine-tuning as OpenAI's API has it", llm->name);
    if (most < 0 && llm->spend.file != NULL) {
        error_set(error, ERROR_LIMIT, "training \"%s\" has no price, and there is a limit on what a day may cost", llm->name);
        return error_hint(error, "Add `training` to its prices in prices.yaml, or remove limits.spend_per_day.");
    }
    if (!spend_set_aside(&llm->spend, fmax(most, 0), &part, error))
        return false;
    buffer_init(&exchange.answer, ANSWER_BYTES_MAX);
    bool ok = send_lines(&exchange, request->lines, arena, &file, error);
    if (ok) {
        ok = ask_for_job(&exchange, request, file, arena, job, error);
        *may_run = exchange.may_be_done;
    }
    /* Where a job may run what was set aside for it stays. */
    if (!ok && !*may_run) {
        bool is_settled = spend_settle(&llm->spend, &part, 0, &ignored);
        (void)is_settled; /* else the day's sum is too high rather than too low */
    }
    buffer_release(&exchange.answer);
    return ok;
}

static const char *named_like(const struct llm *llm, const char *model, struct arena *arena)
{
    struct slice name = slice_from(llm->name);
    size_t at;
    if (llm->provider.is_openai)
        return arena_format(arena, "openai:%s", model);
    if (slice_find(name, '#', &at))
        name = slice_range(name, 0, at);
    return arena_format(arena, SLICE_FORMAT "#%s", SLICE_ARGUMENT(name), model);
}

static const char *text_or(const struct llm *llm, const struct json_value *object, const char *key, const char *otherwise,
                           struct arena *arena)
{
    const struct json_value *value = reply_get(object, key);
    if (value == NULL || value->kind != JSON_TEXT)
        return otherwise;
    char *text = arena_text(
        arena,
        arena_line(arena, slice_range(value->text, 0, value->text.size < NAME_BYTES_MAX ? value->text.size : NAME_BYTES_MAX)));
    llm_hide_key(llm, text);
    return text;
}

bool llm_tuning_look(struct llm *llm, const char *job, const struct llm_tuning_stop *stop, struct arena *arena,
                     struct llm_tuning *tuning, struct error *error)
{
    struct tuning_exchange exchange = {.llm = llm, .stop = *stop, .path = arena_format(arena, "fine_tuning/jobs/%s", job)};
    struct json_value root;
    const char *model;
    *tuning = (struct llm_tuning){0};
    buffer_init(&exchange.answer, ANSWER_BYTES_MAX);
    bool ok = exchange_all(&exchange, error) &&
              reply_read(arena_slice(arena, buffer_slice(&exchange.answer)), arena, &root, error);
    buffer_release(&exchange.answer);
    if (!ok)
        return false;
    tuning->status = text_or(llm, &root, "status", "without a status", arena);
    const struct slice status = slice_from(tuning->status);
    reply_count(&tuning->trained_tokens, &root, "trained_tokens");
    if (slice_equal_text(status, "failed") || slice_equal_text(status, "cancelled")) {
        tuning->state = LLM_TUNING_FAILED;
        tuning->complaint = text_or(llm, reply_get(&root, "error"), "message", tuning->status, arena);
    } else if (slice_equal_text(status, "succeeded")) {
        if (!take_name(&root, "fine_tuned_model", "the tuned model", arena, &model, error))
            return false;
        tuning->state = LLM_TUNING_DONE;
        tuning->model = named_like(llm, model, arena);
    }
    return true;
}
