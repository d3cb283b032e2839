/* handle_batches.c - batches of files for a vector store: works that have the batch's name. */
#include "paging.h"

enum { BATCH_MAX = 500 };

/* A batch that was deleted with its store, or never was, is not there. */
static bool tally_batch(struct exchange *exchange, const char *store, const char *batch, struct jobs_tally *tally)
{
    struct error inner;
    if (!jobs_tally_works(exchange->server->jobs,
                          &(struct jobs_which){.store = store, .batch = batch, .owner = owner_of(exchange)}, tally, &inner))
        return respond_inner(exchange, &inner);
    if (tally->created > 0)
        return true;
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such batch of files");
    return false;
}

static void answer_batch(struct exchange *exchange, const char *store, const char *batch)
{
    struct jobs_tally tally;
    struct json_writer json;
    if (!tally_batch(exchange, store, batch, &tally))
        return;
    const struct json_text_member texts[] = {{"id", batch},
                                             {"object", "vector_store.files_batch"},
                                             {"vector_store_id", store},
                                             {"status", tally.queued > 0      ? "in_progress"
                                                        : tally.cancelled > 0 ? "cancelled"
                                                                              : "completed"}};
    const struct json_integer_member counts[] = {{"in_progress", tally.queued},
                                                 {"completed", tally.done},
                                                 {"failed", tally.failed},
                                                 {"cancelled", tally.cancelled},
                                                 {"total", tally.queued + tally.done + tally.failed + tally.cancelled}};
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, &(struct json_integer_member){"created_at", tally.created}, 1);
    json_key(&json, "file_counts");
    json_object_begin(&json);
    json_integers(&json, counts, ARRAY_COUNT(counts));
    json_object_end(&json);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* The batch that the path names: an id without a zero byte. */
static const char *batch_of(struct exchange *exchange)
{
    return arena_text(&exchange->arena, exchange->match.parts[1]);
}

void handle_batch_make(struct exchange *exchange)
{
    struct jobs_store store;
    const char *batch = NULL;
    if (store_find_own(exchange, &store) && store_promise_batch(exchange, &store, &batch))
        answer_batch(exchange, store.id, batch);
}

void handle_batch(struct exchange *exchange)
{
    struct jobs_store store;
    if (store_find(exchange, &store))
        answer_batch(exchange, store.id, batch_of(exchange));
}

void handle_batch_cancel(struct exchange *exchange)
{
    struct jobs_store store;
    struct jobs_tally tally;
    struct assay_error error;
    struct error inner;
    if (!store_find(exchange, &store) || !tally_batch(exchange, store.id, batch_of(exchange), &tally))
        return;
    worker_hold(exchange->server);
    if (!worker_take_back(exchange->server, batch_of(exchange), &error))
        respond_error(exchange, &error);
    else if (jobs_cancel_batch(exchange->server->jobs, batch_of(exchange), &inner))
        answer_batch(exchange, store.id, batch_of(exchange));
    else
        (void)respond_inner(exchange, &inner);
    worker_let_go(exchange->server);
}

/* The works of a batch, as pages of them ask. */
struct batch_works {
    struct exchange *exchange;
    struct jobs_work *works;
    struct slice status; /* data NULL: any */
};

static const char *id_of_work(void *context, size_t number)
{
    const struct batch_works *batch = context;
    return store_file_id(&batch->exchange->arena, batch->works[number].store, batch->works[number].path);
}

static bool is_there(void *context, size_t number)
{
    (void)context;
    (void)number;
    return true;
}

static bool is_wanted(void *context, size_t number)
{
    const struct batch_works *batch = context;
    return batch->status.data == NULL || slice_equal_text(batch->status, store_work_status(&batch->works[number]));
}

void handle_batch_files(struct exchange *exchange)
{
    struct batch_works batch = {.exchange = exchange};
    struct paging paging = {.limit = BATCH_MAX, .most = BATCH_MAX};
    struct jobs_store store;
    struct jobs_tally tally;
    struct json_writer json;
    size_t all, count;
    bool has_more;
    if (!paging_read(exchange, &paging) || !store_find(exchange, &store) ||
        !tally_batch(exchange, store.id, batch_of(exchange), &tally) ||
        !store_works(exchange,
                     &(struct jobs_which){.store = store.id, .batch = batch_of(exchange), .owner = owner_of(exchange)},
                     &batch.works, &all))
        return;
    batch.status = paging.filter;
    const struct paged paged = {exchange, all, &batch, id_of_work, is_there, is_wanted};
    size_t *chosen = arena_alloc(&exchange->arena, paging.limit, sizeof(*chosen));
    if (!paging_choose(&paging, &paged, chosen, &count, &has_more))
        return;
    list_begin(exchange, &json);
    for (size_t i = 0; i < count; i++)
        store_write_work(exchange, &json, &batch.works[chosen[i]]);
    list_end_page(exchange, &json, count > 0 ? id_of_work(&batch, chosen[0]) : NULL,
                  count > 0 ? id_of_work(&batch, chosen[count - 1]) : NULL, has_more);
}
