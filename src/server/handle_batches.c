/* handle_batches.c - batches of files for a vector store: works that have the batch's name. */
#include "exchange.h"
#include <string.h>

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
    struct error inner;
    if (!store_find(exchange, &store) || !tally_batch(exchange, store.id, batch_of(exchange), &tally))
        return;
    worker_hold(exchange->server);
    bool ok = jobs_cancel_batch(exchange->server->jobs, batch_of(exchange), &inner);
    worker_let_go(exchange->server);
    if (ok)
        answer_batch(exchange, store.id, batch_of(exchange));
    else
        (void)respond_inner(exchange, &inner);
}

struct batch_listing {
    struct exchange *exchange;
    struct json_writer json;
    const char *first, *last;
};

static bool write_batch_file(void *context, const struct jobs_work *work)
{
    struct batch_listing *listing = context;
    listing->last = store_file_id(&listing->exchange->arena, work->store, work->path);
    listing->first = listing->first != NULL ? listing->first : listing->last;
    store_write_work(listing->exchange, &listing->json, work);
    return true;
}

/* All at once: there are 500 at the most. */
void handle_batch_files(struct exchange *exchange)
{
    struct batch_listing listing = {.exchange = exchange};
    struct jobs_store store;
    struct jobs_tally tally;
    struct error inner;
    if (!store_find(exchange, &store) || !tally_batch(exchange, store.id, batch_of(exchange), &tally))
        return;
    list_begin(exchange, &listing.json);
    if (!jobs_each_work(exchange->server->jobs,
                        &(struct jobs_which){.store = store.id, .batch = batch_of(exchange), .owner = owner_of(exchange)},
                        write_batch_file, &listing, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    list_end_page(exchange, &listing.json, listing.first, listing.last, false);
}
