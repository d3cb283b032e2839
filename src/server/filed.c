/* filed.c - records of room jobs as clients see them. */
#include "filed.h"
#include <string.h>

enum { RECORDS_USUAL = 20, RECORDS_MAX = 100, WAITING_MAX = 50, KEPT_MAX = 1000 };

const struct filed_kind filed_tuning = {"tuning", "fine_tuning.job", "ftjob-", true},
                        filed_event = {"event", "fine_tuning.job.event", "ftevent-", false},
                        filed_checkpoint = {"checkpoint", "fine_tuning.job.checkpoint", "ftckpt_", false},
                        filed_eval = {"eval", "eval", "eval_", false}, filed_run = {"run", "eval.run", "evalrun_", true},
                        filed_item = {"item", "eval.run.output_item", "outputitem_", true};

/* ---- as JSON ---- */

static void write_members(struct arena *arena, struct json_writer *json, const char *object)
{
    struct json_value root;
    struct error ignored;
    if (!json_read(slice_from(object), "a record", arena, &root, &ignored) || root.kind != JSON_OBJECT)
        return;
    for (size_t i = 0; i < root.count; i++) {
        if (root.keys[i].size > 0 && root.keys[i].data[0] == '_') /* of our own */
            continue;
        json_key(json, arena_text(arena, root.keys[i]));
        json_again(json, &root.items[i]);
    }
}

void filed_write(struct arena *arena, struct json_writer *json, const struct filed_kind *kind, const struct jobs_record *record)
{
    const struct json_text_member texts[] = {{"id", record->id}, {"object", kind->object}, {"status", record->state}};
    json_object_begin(json);
    json_texts(json, texts, kind->has_status ? 3 : 2);
    json_integers(json, &(struct json_integer_member){"created_at", record->created}, 1);
    write_members(arena, json, record->body);
    write_members(arena, json, record->outcome);
    json_object_end(json);
}

void filed_answer(struct exchange *exchange, const struct filed_kind *kind, const struct jobs_record *record)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    filed_write(&exchange->arena, &json, kind, record);
    respond_json(exchange, &exchange->text);
}

/* ---- one ---- */

bool filed_find(struct exchange *exchange, const struct filed_kind *kind, struct slice id, struct jobs_record *record)
{
    struct error inner;
    if (!jobs_find_record(exchange->server->jobs, kind->name, arena_text(&exchange->arena, id), &exchange->arena, record,
                          &inner))
        return respond_inner(exchange, &inner);
    if (record->id != NULL && owns(exchange, record->owner))
        return true;
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such %s", kind->object);
    return false;
}

const char *filed_body(struct exchange *exchange, size_t most)
{
    struct arena arena;
    struct json_value root;
    struct error inner;
    const struct slice text = buffer_slice(&exchange->text);
    if (!buffer_finish(&exchange->text, "the request", &inner) || text.size > most) {
        respond_refusal(exchange, 413, "body_too_large", NULL, "the request is larger than the %zu bytes that are kept of one",
                        most);
        return NULL;
    }
    arena_init(&arena);
    bool ok = json_read(text, "the request", &arena, &root, &inner);
    arena_release(&arena);
    if (ok)
        return arena_text(&exchange->arena, text);
    respond_refusal(exchange, 400, "invalid_value", NULL, "%s", inner.message);
    return NULL;
}

struct filed_page {
    struct exchange *exchange;
    const struct filed_kind *kind;
    struct json_writer json;
    size_t limit, count;
    const char *ids[RECORDS_MAX + 1];
};

/* Only its name, because the jobs are locked meanwhile, and what it says may be long. */
static bool note_id(void *context, const struct jobs_record *record)
{
    struct filed_page *page = context;
    page->ids[page->count++] = arena_text(&page->exchange->arena, slice_from(record->id));
    return page->count <= page->limit; /* beyond it: there is one more */
}

/* The oldest of the key's that has ended goes, with all below it; `*gone` false: there is none. */
static bool forget_oldest(struct exchange *exchange, const struct filed_kind *kind, bool *gone, struct error *error)
{
    struct filed_page oldest = {.exchange = exchange};
    const struct jobs_records which = {.kind = kind->name,
                                       .owner = exchange->owner,
                                       .state = "completed failed canceled cancelled",
                                       .most = 1,
                                       .without_contents = true};
    bool ok = jobs_each_record(exchange->server->jobs, &which, note_id, &oldest, error) &&
              (oldest.count == 0 || jobs_forget_record(exchange->server->jobs, oldest.ids[0], error));
    *gone = ok && oldest.count > 0;
    return ok;
}

static bool refuse_full(struct exchange *exchange, const char *reason)
{
    exchange->is_final = true;
    respond_refusal(exchange, 429, "rate_limit_exceeded", NULL, "%s: delete some first", reason);
    return false;
}

/* Of a key's records as many stay as anybody looks at: the oldest run, or job without a model, goes. Evals are for their owner to delete. */
static bool make_room(struct exchange *exchange, const struct filed_kind *kind, const struct jobs_record *record)
{
    struct jobs *jobs = exchange->server->jobs;
    struct jobs_space space;
    struct error inner;
    int64_t count, size = (int64_t)(strlen(record->body) + strlen(record->outcome)) + JOBS_RECORD_ROW_BYTES;
    bool gone = true;
    if (!jobs_count_records(jobs, &(struct jobs_records){.kind = kind->name, .owner = exchange->owner}, &count, &inner))
        return respond_inner(exchange, &inner);
    if (count >= KEPT_MAX && !forget_oldest(exchange, kind, &gone, &inner))
        return respond_inner(exchange, &inner);
    if (!gone)
        return refuse_full(exchange, arena_format(&exchange->arena, "%d of this key's %ss are kept", KEPT_MAX, kind->object));
    for (;;) {
        if (!jobs_space_of(jobs, exchange->owner, &space, &inner))
            return respond_inner(exchange, &inner);
        if (space.bytes >= size)
            return true;
        if (space.is_others)
            return refuse_full(exchange, "what is kept of jobs and evals of all keys takes what it may");
        if (!forget_oldest(exchange, kind == &filed_eval ? &filed_run : kind, &gone, &inner))
            return respond_inner(exchange, &inner);
        if (!gone)
            return refuse_full(exchange, "what is kept of this key's jobs and evals takes what it may (server.records_max_mb)");
    }
}

bool filed_make(struct exchange *exchange, const struct filed_kind *kind, struct jobs_record *record)
{
    struct jobs *jobs = exchange->server->jobs;
    struct error inner;
    int64_t waiting;
    const struct jobs_records which = {.kind = kind->name, .owner = exchange->owner, .state = WORK_WAITING};
    if (!jobs_count_records(jobs, &which, &waiting, &inner))
        return respond_inner(exchange, &inner);
    if (kind->has_status && waiting >= WAITING_MAX) {
        exchange->is_final = true;
        respond_refusal(exchange, 429, "rate_limit_exceeded", NULL, "%d of this key's %ss wait already: let some end first",
                        WAITING_MAX, kind->object);
        return false;
    }
    if (!make_room(exchange, kind, record))
        return false;
    record->id = random_id(&exchange->arena, kind->start);
    record->kind = kind->name;
    record->owner = exchange->owner;
    record->created = clock_wall_ns() / 1000000000;
    record->asked = exchange->id;
    return jobs_put_record(jobs, record, &inner) || respond_inner(exchange, &inner);
}

const char *filed_file(struct exchange *exchange, const struct json_value *id, const char *key, const char *purpose)
{
    struct jobs_file file = {0};
    struct error inner;
    const char *path = file_path_of(&exchange->arena, id->text);
    if (path != NULL && !jobs_find_file(exchange->server->jobs, path, &exchange->arena, &file, &inner)) {
        (void)respond_inner(exchange, &inner);
        return NULL;
    }
    if (file.path == NULL || !owns(exchange, file.owner)) {
        respond_refusal(exchange, 400, "invalid_value", key,
                        "\"%s\" is no file that was sent: POST /v1/files with the purpose %s sends one", key, purpose);
        return NULL;
    }
    if (strcmp(file.purpose, purpose) == 0)
        return file.path;
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" was sent with the purpose %s, expected %s", key, file.purpose,
                    purpose);
    return NULL;
}

/* ---- pages ---- */

/* One that was deleted meanwhile is left out. */
static bool write_one(struct filed_page *page, const char *id, struct error *error)
{
    struct arena arena;
    struct jobs_record record;
    arena_init(&arena);
    bool ok = jobs_find_record(page->exchange->server->jobs, page->kind->name, id, &arena, &record, error);
    if (ok && record.id != NULL)
        filed_write(&arena, &page->json, page->kind, &record);
    arena_release(&arena);
    return ok;
}

static bool refuse_query(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

/* The record behind which the page begins, which must be of this list. */
static bool take_after(struct filed_page *page, struct slice value, struct jobs_records *which)
{
    struct exchange *exchange = page->exchange;
    struct jobs_record record;
    struct error inner;
    if (!jobs_find_record(exchange->server->jobs, page->kind->name, arena_text(&exchange->arena, value), &exchange->arena,
                          &record, &inner))
        return respond_inner(exchange, &inner);
    bool is_there = record.id != NULL && owns(exchange, record.owner) &&
                    (which->parent == NULL || strcmp(which->parent, record.parent) == 0);
    which->after = record.number;
    return is_there || refuse_query(exchange, "after", "is no id of this list");
}

static bool take_parameter(struct filed_page *page, struct slice key, struct slice value, struct jobs_records *which)
{
    struct exchange *exchange = page->exchange;
    uint64_t number = 0;
    if (slice_equal_text(key, "limit")) {
        bool ok = slice_to_u64(value, &number) && number >= 1 && number <= RECORDS_MAX;
        page->limit = (size_t)number;
        return ok || refuse_query(exchange, "limit", "is not a whole number from 1 to 100");
    }
    if (slice_equal_text(key, "order")) {
        which->newest_first = slice_equal_text(value, "desc");
        return which->newest_first || slice_equal_text(value, "asc") ||
               refuse_query(exchange, "order", "is neither asc nor desc");
    }
    if (slice_equal_text(key, "status") && page->kind->has_status) {
        which->state = arena_text(&exchange->arena, value);
        bool ok = value.size > 0 && memchr(value.data, ' ', value.size) == NULL;
        return ok || refuse_query(exchange, "status", "is empty, or has a blank");
    }
    if (slice_equal_text(key, "order_by"))
        return slice_equal_text(value, "created_at") ||
               refuse_query(exchange, "order_by", "is not created_at, and nothing else is supported");
    if (slice_starts_with(key, SLICE("metadata")))
        return refuse_query(exchange, "metadata", "is not supported in lists");
    return true; /* others mean nothing here */
}

static bool read_query(struct filed_page *page, struct jobs_records *which)
{
    struct exchange *exchange = page->exchange;
    struct slice rest = exchange->match.query, part, after = {NULL, 0};
    while (slice_next(&rest, '&', &part)) {
        size_t at = part.size;
        struct slice key, value = {"", 0};
        if (slice_find(part, '=', &at))
            value = slice_range(part, at + 1, part.size);
        if (!http_decode(slice_range(part, 0, at), &exchange->arena, &key) || !http_decode(value, &exchange->arena, &value))
            return refuse_query(exchange, "the address", "is written wrongly");
        if (slice_equal_text(key, "after"))
            after = value;
        else if (!take_parameter(page, key, value, which))
            return false;
    }
    return after.data == NULL || take_after(page, after, which);
}

void filed_list(struct exchange *exchange, const struct filed_kind *kind, struct jobs_records *which)
{
    struct filed_page page = {.exchange = exchange, .kind = kind, .limit = RECORDS_USUAL};
    struct error inner;
    which->kind = kind->name;
    if (!read_query(&page, which))
        return;
    which->owner = owner_of(exchange);
    which->most = page.limit + 1;
    which->without_contents = true;
    bool ok = jobs_each_record(exchange->server->jobs, which, note_id, &page, &inner);
    size_t count = page.count > page.limit ? page.limit : page.count;
    list_begin(exchange, &page.json);
    for (size_t i = 0; ok && i < count; i++)
        ok = write_one(&page, page.ids[i], &inner);
    if (ok)
        list_end_page(exchange, &page.json, count > 0 ? page.ids[0] : NULL, count > 0 ? page.ids[count - 1] : NULL,
                      page.count > page.limit);
    else
        (void)respond_inner(exchange, &inner);
}
