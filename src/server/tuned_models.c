/* tuned_models.c - models that were fine-tuned here, by name: "ft:BASE:assay:SUFFIX:CODE", where CODE names the job and with it the adapter. */
#include "filed.h"
#include <stdio.h>
#include <string.h>

enum { WAIT_S = 2 };

bool tuned_is_name(struct slice name)
{
    return slice_starts_with(name, SLICE("ft:"));
}

static const char *model_of(struct arena *arena, const char *outcome)
{
    struct json_value root;
    struct error ignored;
    const struct json_value *model = json_read(slice_from(outcome), "a record", arena, &root, &ignored)
                                         ? json_get(&root, "fine_tuned_model")
                                         : NULL;
    return model != NULL && model->kind == JSON_TEXT ? arena_text(arena, model->text) : NULL;
}

struct tuned_listing {
    struct exchange *exchange;
    void (*each)(void *context, const char *name, int64_t created);
    void *context;
};

static bool list_tuned(void *context, const struct jobs_record *record)
{
    struct tuned_listing *listing = context;
    const char *model = model_of(&listing->exchange->arena, record->outcome);
    if (model != NULL && assay_adapter_exists(listing->exchange->hands->assay, record->id))
        listing->each(listing->context, model, record->created);
    return true;
}

void tuned_list(struct exchange *exchange, void (*each)(void *context, const char *name, int64_t created), void *context)
{
    struct tuned_listing listing = {exchange, each, context};
    struct error inner;
    const struct jobs_records which = {.kind = filed_tuning.name, .owner = owner_of(exchange), .state = "succeeded"};
    if (!jobs_each_record(exchange->server->jobs, &which, list_tuned, &listing, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
}

bool tuned_find(struct exchange *exchange, struct slice name, struct jobs_record *record)
{
    struct error inner;
    size_t at = name.size;
    while (at > 0 && name.data[at - 1] != ':')
        at--;
    const char *id = arena_format(&exchange->arena, "%s" SLICE_FORMAT, filed_tuning.start,
                                  SLICE_ARGUMENT(slice_range(name, at, name.size)));
    if (!jobs_find_record(exchange->server->jobs, filed_tuning.name, id, &exchange->arena, record, &inner))
        return respond_inner(exchange, &inner);
    const char *model = record->id != NULL && owns(exchange, record->owner) ? model_of(&exchange->arena, record->outcome)
                                                                            : NULL;
    if (model != NULL && slice_equal_text(name, model) && assay_adapter_exists(exchange->hands->assay, record->id))
        return true;
    respond_refusal(exchange, 404, "model_not_found", "model",
                    "the model \"%.*s\" is not here, or another key's; GET /v1/models lists those that are",
                    name.size > 120 ? 120 : (int)name.size, name.data);
    return false;
}

/* One is open at a time, for all threads. */
static bool open_tuned(struct exchange *exchange, const char *adapter, struct assay_error *error)
{
    struct server *server = exchange->server;
    if (server->tuned != NULL && strcmp(server->tuned_adapter, adapter) == 0)
        return true;
    assay_tuned_model_close(server->tuned);
    server->tuned = NULL;
    if (!assay_tuned_model_open(exchange->hands->assay, adapter, &server->tuned, error)) {
        server->tuned = NULL;
        return false;
    }
    snprintf(server->tuned_adapter, sizeof(server->tuned_adapter), "%s", adapter);
    return true;
}

/* It answers one at a time; who would wait long asks again, so that others get answers meanwhile. False: answered. */
static bool take_turn(struct exchange *exchange)
{
    struct server *server = exchange->server;
    uint64_t until_ns = clock_now_ns() + WAIT_S * UINT64_C(1000000000);
    bool is_early = true;
    pthread_mutex_lock(&server->tuned_lock);
    while (server->tuned_is_taken && is_early)
        is_early = condition_wait_until(&server->tuned_freed, &server->tuned_lock, until_ns);
    bool takes = !server->tuned_is_taken;
    server->tuned_is_taken = true;
    pthread_mutex_unlock(&server->tuned_lock);
    if (takes)
        return true;
    exchange->retry_s = WAIT_S;
    respond_refusal(exchange, 503, "overloaded", NULL, "the fine-tuned model answers others; ask again in a moment");
    return false;
}

static void end_turn(struct server *server)
{
    pthread_mutex_lock(&server->tuned_lock);
    server->tuned_is_taken = false;
    pthread_cond_signal(&server->tuned_freed);
    pthread_mutex_unlock(&server->tuned_lock);
}

static void keep_answer(struct arena *arena, struct assay_tuned_answer *answer)
{
    const char **labels = arena_alloc(arena, answer->label_count, sizeof(*labels));
    float *chances = arena_alloc(arena, answer->label_count, sizeof(*chances));
    answer->text = arena_text(arena, slice_from(answer->text));
    for (size_t i = 0; i < answer->label_count; i++) {
        labels[i] = arena_text(arena, slice_from(answer->labels[i]));
        chances[i] = answer->chances[i];
    }
    answer->labels = labels;
    answer->chances = chances;
}

bool tuned_ask(struct exchange *exchange, const char *adapter, struct assay_text text, struct assay_tuned_answer *answer)
{
    struct server *server = exchange->server;
    struct assay_error error;
    if (!take_turn(exchange))
        return false;
    bool ok = open_tuned(exchange, adapter, &error) && assay_tuned_model_answer(server->tuned, text, answer, &error);
    if (ok) /* the next one makes it void */
        keep_answer(&exchange->arena, answer);
    end_turn(server);
    if (ok)
        quota_note(exchange, (double)(answer->prompt_tokens + answer->completion_tokens), 0);
    else
        respond_fault(exchange, error.kind == ASSAY_NO_MEMORY ? 503 : 500, &error);
    return ok;
}

void tuned_forget(struct server *server, const char *adapter)
{
    pthread_mutex_lock(&server->tuned_lock);
    while (server->tuned_is_taken)
        pthread_cond_wait(&server->tuned_freed, &server->tuned_lock);
    if (server->tuned != NULL && strcmp(server->tuned_adapter, adapter) == 0) {
        assay_tuned_model_close(server->tuned);
        server->tuned = NULL;
    }
    pthread_cond_signal(&server->tuned_freed); /* the signal that ended the wait may have been another's */
    pthread_mutex_unlock(&server->tuned_lock);
}

void handle_model_delete(struct exchange *exchange)
{
    struct jobs_record record;
    struct assay_error error;
    struct slice name = exchange->match.parts[0];
    if (!tuned_is_name(name)) {
        respond_refusal(exchange, 400, "not_allowed", "model",
                        "only a model that was fine-tuned here is deleted here: `assay model` has the others");
        return;
    }
    if (!tuned_find(exchange, name, &record))
        return;
    if (!assay_adapter_remove(exchange->hands->assay, record.id, &error)) {
        respond_error(exchange, &error);
        return;
    }
    tuned_forget(exchange->server, record.id);
    write_deleted(exchange, arena_text(&exchange->arena, name), "model");
}
