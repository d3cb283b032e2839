/* handle_batches.c - batches of files for a vector store: works that have the batch's name. */
#include "exchange.h"
#include <string.h>

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

struct batch_page {
    size_t limit;
    struct slice status, after; /* size 0: any; from the first */
};

static bool refuse_parameter(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

/* limit=…&after=…&filter=… of the address; false: refused. */
static bool read_page(struct exchange *exchange, struct batch_page *page)
{
    struct slice rest = exchange->match.query, part, value;
    uint64_t number = 0;
    while (slice_next(&rest, '&', &part)) {
        if (slice_starts_with(part, SLICE("limit="))) {
            if (!slice_to_u64(slice_range(part, 6, part.size), &number) || number < 1 || number > BATCH_MAX)
                return refuse_parameter(exchange, "limit", "is not a whole number from 1 to 500");
            page->limit = (size_t)number;
        } else if (slice_starts_with(part, SLICE("after="))) {
            if (!http_decode(slice_range(part, 6, part.size), &exchange->arena, &value))
                return refuse_parameter(exchange, "after", "is no id of a file");
            page->after = value;
        } else if (slice_starts_with(part, SLICE("filter="))) {
            page->status = slice_range(part, 7, part.size);
        }
    }
    return true;
}

void handle_batch_files(struct exchange *exchange)
{
    struct batch_page page = {.limit = BATCH_MAX};
    struct jobs_store store;
    struct jobs_tally tally;
    struct jobs_work *works;
    struct json_writer json;
    size_t count, written = 0;
    const char *first = NULL, *last = NULL;
    if (!read_page(exchange, &page) || !store_find(exchange, &store) ||
        !tally_batch(exchange, store.id, batch_of(exchange), &tally) ||
        !store_works(exchange,
                     &(struct jobs_which){.store = store.id, .batch = batch_of(exchange), .owner = owner_of(exchange)}, &works,
                     &count))
        return;
    list_begin(exchange, &json);
    bool is_behind = page.after.size == 0, has_more = false;
    for (size_t i = 0; i < count && !has_more; i++) {
        const char *id = store_file_id(&exchange->arena, works[i].store, works[i].path);
        bool is_wanted = is_behind && (page.status.size == 0 || slice_equal_text(page.status, store_work_status(&works[i])));
        is_behind = is_behind || slice_equal_text(page.after, id);
        has_more = is_wanted && written == page.limit;
        if (!is_wanted || has_more)
            continue;
        first = first != NULL ? first : id;
        last = id;
        written++;
        store_write_work(exchange, &json, &works[i]);
    }
    list_end_page(exchange, &json, first, last, has_more);
}
