/* handle_stores.c - vector stores and their files, as OpenAI has them. One is always there, with all documents; others are made, and have copies of files
 * that were sent. */
#include "file_attributes.h"
#include "paging.h"
#include <string.h>

enum { FILES_MAX = 500, NAME_BYTES_MAX = 256, PAGE_USUAL = 20, PAGE_MAX = 100 };

/* ---- a store ---- */

static bool write_store(struct exchange *exchange, struct json_writer *json, const struct jobs_store *store)
{
    const struct assay_documents_options options = {.secret = exchange->as};
    struct assay_documents_total total;
    struct jobs_tally tally = {0};
    struct assay_error error;
    struct error inner;
    if (!assay_documents_count(exchange->hands->assay, &options, store_folder(exchange, store->id), &total, &error)) {
        respond_error(exchange, &error);
        return false;
    }
    if (!jobs_tally_works(exchange->server->jobs, &(struct jobs_which){.store = store->id, .owner = owner_of(exchange)}, &tally,
                          &inner))
        return respond_inner(exchange, &inner);
    const struct json_integer_member numbers[] = {
        {"created_at", store->created}, {"last_active_at", store->created}, {"usage_bytes", (int64_t)total.bytes}};
    const struct json_integer_member counts[] = {
        {"in_progress", tally.queued},
        {"completed", (int64_t)total.documents},
        {"failed", tally.failed},
        {"cancelled", tally.cancelled},
        {"total", (int64_t)total.documents + tally.queued + tally.failed + tally.cancelled}};
    const struct json_text_member texts[] = {{"id", store->id},
                                             {"object", "vector_store"},
                                             {"status", tally.queued > 0 ? "in_progress" : "completed"},
                                             {"name", store->name}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "file_counts");
    json_object_begin(json);
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_object_end(json);
    json_key(json, "metadata");
    json_raw(json, slice_from(store->metadata));
    json_object_end(json);
    return true;
}

static void answer_store(struct exchange *exchange, const struct jobs_store *store)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    if (write_store(exchange, &json, store))
        respond_json(exchange, &exchange->text);
}

void handle_store(struct exchange *exchange)
{
    struct jobs_store store;
    if (store_find(exchange, &store))
        answer_store(exchange, &store);
}

/* All stores in the order in which they were made, with the one that is always there as the oldest. */
struct known_stores {
    struct exchange *exchange;
    struct jobs_store *stores;
    size_t count, capacity;
    struct map seen; /* by name; those of others that hold something for this key */
    bool has_others;
};

static bool collect_store(void *context, const struct jobs_store *store)
{
    struct known_stores *known = context;
    struct arena *arena = &known->exchange->arena;
    known->stores = arena_more(arena, known->stores, known->count, &known->capacity, sizeof(*known->stores));
    known->stores[known->count++] = (struct jobs_store){.id = arena_text(arena, slice_from(store->id)),
                                                        .owner = arena_text(arena, slice_from(store->owner))};
    known->has_others = known->has_others || !owns(known->exchange, store->owner);
    return true;
}

static const char *id_of_store(void *context, size_t number)
{
    return ((const struct known_stores *)context)->stores[number].id;
}

static bool note_seen(void *context, const char *name)
{
    struct known_stores *known = context;
    (void)map_put(&known->seen, slice_from(name), NULL);
    return true;
}

/* Another key's store is there with what it holds for this one (stores.c). */
static bool is_listed(void *context, size_t number)
{
    const struct known_stores *known = context;
    const struct jobs_store *store = &known->stores[number];
    return strcmp(store->id, STORE_ID) == 0 || owns(known->exchange, store->owner) ||
           map_get(&known->seen, slice_from(store->id)) != NULL;
}

/* Which hold something is asked of all at once: there may be many that hold nothing. False: answered. */
static bool choose_stores(struct known_stores *known, const struct paging *paging, size_t *chosen, size_t *count,
                          bool *has_more)
{
    struct exchange *exchange = known->exchange;
    const struct paged paged = {exchange, known->count, known, id_of_store, is_listed, NULL};
    const struct assay_documents_options options = {.secret = exchange->as};
    struct assay_error error;
    map_init(&known->seen, UINT32_MAX / 4);
    bool ok = !known->has_others ||
              assay_documents_folders(exchange->hands->assay, &options, UPLOADS_FOLDER, note_seen, known, &error);
    if (!ok)
        respond_error(exchange, &error);
    ok = ok && paging_choose(paging, &paged, chosen, count, has_more);
    map_release(&known->seen);
    return ok;
}

void handle_stores(struct exchange *exchange)
{
    struct known_stores known = {.exchange = exchange};
    struct paging paging = {.limit = PAGE_USUAL, .most = PAGE_MAX};
    struct jobs_store store;
    struct json_writer json;
    struct error inner;
    size_t count;
    bool has_more;
    if (!paging_read(exchange, &paging))
        return;
    (void)collect_store(&known, &(struct jobs_store){.id = STORE_ID, .owner = exchange->owner});
    if (!jobs_each_store(exchange->server->jobs, collect_store, &known, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    size_t *chosen = arena_alloc(&exchange->arena, paging.limit, sizeof(*chosen));
    if (!choose_stores(&known, &paging, chosen, &count, &has_more))
        return;
    list_begin(exchange, &json);
    for (size_t i = 0; i < count; i++) {
        if (!store_named(exchange, slice_from(known.stores[chosen[i]].id), &store))
            return;
        if (store.id != NULL && !write_store(exchange, &json, &store)) /* NULL: deleted meanwhile */
            return;
    }
    list_end_page(exchange, &json, count > 0 ? known.stores[chosen[0]].id : NULL,
                  count > 0 ? known.stores[chosen[count - 1]].id : NULL, has_more);
}

/* ---- making, changing, deleting ---- */

/* "name" and "metadata" of a request, where they stand there. */
static bool read_store(struct exchange *exchange, const struct json_value *root, struct jobs_store *store)
{
    const struct json_value *name, *metadata;
    if (!request_member(exchange, root, "name", JSON_TEXT, &name) ||
        !request_member(exchange, root, "metadata", JSON_OBJECT, &metadata))
        return false;
    if (name != NULL &&
        (name->text.size > NAME_BYTES_MAX || (name->text.size > 0 && memchr(name->text.data, '\0', name->text.size) != NULL))) {
        respond_refusal(exchange, 400, "invalid_value", "name", "\"name\" is longer than 256 bytes, or has a zero byte");
        return false;
    }
    if (metadata != NULL && !metadata_fits(exchange, metadata))
        return false;
    const struct json_value *expires = json_get(root, "expires_after");
    if (expires != NULL && expires->kind != JSON_NULL) {
        respond_refusal(exchange, 400, "unsupported_value", "expires_after",
                        "\"expires_after\" is not supported: a vector store stays until it is deleted");
        return false;
    }
    if (name != NULL)
        store->name = arena_text(&exchange->arena, name->text);
    if (metadata != NULL)
        store->metadata = arena_text(&exchange->arena, slice_range(exchange->body, metadata->at, metadata->end));
    return true;
}

/* Files that shall be documents of a store: ids, or objects with a file_id and attributes of its own. */
struct wanted_files {
    const struct json_value *items;
    size_t count;
    const char *attributes; /* of all whose item is an id; NULL: none */
};

static bool check_cutting(struct exchange *exchange, const struct json_value *root);

/* False: refused. */
static bool read_wanted_file(struct exchange *exchange, const struct wanted_files *files, size_t i,
                             const struct json_value **id, const char **attributes)
{
    const struct json_value *item = &files->items[i];
    *id = item;
    *attributes = files->attributes;
    if (item->kind != JSON_OBJECT)
        return true;
    *id = json_get(item, "file_id");
    return check_cutting(exchange, item) && attributes_read(exchange, json_get(item, "attributes"), attributes);
}

/* Into works for a store; false: refused. */
static bool make_works(struct exchange *exchange, const struct wanted_files *files, const char *store, const char *batch,
                       struct jobs_work *works)
{
    struct error inner;
    for (size_t i = 0; i < files->count; i++) {
        const struct json_value *id;
        const char *attributes;
        if (!read_wanted_file(exchange, files, i, &id, &attributes))
            return false;
        const char *path = id != NULL && id->kind == JSON_TEXT ? file_path_of(&exchange->arena, id->text) : NULL;
        struct jobs_file file = {0};
        if (path != NULL && !jobs_find_file(exchange->server->jobs, path, &exchange->arena, &file, &inner))
            return respond_inner(exchange, &inner);
        if (file.path == NULL || !owns(exchange, file.owner)) {
            respond_refusal(exchange, 400, "invalid_value", "file_id",
                            "there is no file of this id that was sent: POST /v1/files sends one");
            return false;
        }
        works[i] = (struct jobs_work){.store = store,
                                      .batch = batch,
                                      .from = file.path,
                                      .path = store_document(&exchange->arena, store, file.path),
                                      .owner = exchange->owner,
                                      .attributes = attributes,
                                      .asked = exchange->id,
                                      .created = clock_wall_ns() / 1000000000};
    }
    return true;
}

/* Promises that files will be documents of a store. False: refused. */
static bool promise(struct exchange *exchange, const struct wanted_files *files, const char *store, const char *batch)
{
    struct error inner;
    if (files->count > FILES_MAX) {
        respond_refusal(exchange, 400, "invalid_value", "file_ids", "\"file_ids\" has %zu files, the limit is %d", files->count,
                        FILES_MAX);
        return false;
    }
    struct jobs_work *works = arena_alloc(&exchange->arena, files->count, sizeof(*works));
    if (!make_works(exchange, files, store, batch, works))
        return false;
    if (!jobs_put_works(exchange->server->jobs, works, files->count, &inner))
        return respond_inner(exchange, &inner);
    worker_wake(exchange->server);
    return true;
}

/* What would be passed over in silence is refused: how documents are cut is the project's. */
static bool check_cutting(struct exchange *exchange, const struct json_value *root)
{
    const struct json_value *strategy = json_get(root, "chunking_strategy"),
                            *type = strategy != NULL ? json_get(strategy, "type") : NULL;
    if (strategy != NULL && strategy->kind != JSON_NULL &&
        !(type != NULL && type->kind == JSON_TEXT && slice_equal_text(type->text, "auto"))) {
        respond_refusal(exchange, 400, "unsupported_value", "chunking_strategy",
                        "\"chunking_strategy\" is not auto; `passages` of assay.yaml says how documents are cut");
        return false;
    }
    return true;
}

/* Each costs whoever lists them. False: refused. */
static bool has_room(struct exchange *exchange)
{
    struct error inner;
    int64_t count = 0;
    if (!jobs_count_stores(exchange->server->jobs, exchange->owner, &count, &inner))
        return respond_inner(exchange, &inner);
    if (count < LIMIT_STORES)
        return true;
    exchange->is_final = true;
    respond_refusal(exchange, 429, "rate_limit_exceeded", NULL, "this key has %d vector stores: delete some first",
                    LIMIT_STORES);
    return false;
}

void handle_store_make(struct exchange *exchange)
{
    struct json_value root;
    struct error inner;
    const struct json_value *ids;
    struct jobs_store store = {.name = "", .metadata = "{}", .owner = exchange->owner, .created = clock_wall_ns() / 1000000000};
    if (!request_json(exchange, &root) || !read_store(exchange, &root, &store) || !check_cutting(exchange, &root) ||
        !request_member(exchange, &root, "file_ids", JSON_ARRAY, &ids) || !has_room(exchange))
        return;
    store.id = random_id(&exchange->arena, "vs_");
    if (!jobs_put_store(exchange->server->jobs, &store, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    if (ids == NULL || ids->count == 0 || promise(exchange, &(struct wanted_files){ids->items, ids->count, NULL}, store.id, ""))
        answer_store(exchange, &store);
    else if (!jobs_forget_store(exchange->server->jobs, store.id, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
}

static bool refuse_fixed(struct exchange *exchange, const struct jobs_store *store)
{
    if (strcmp(store->id, STORE_ID) != 0)
        return true;
    respond_refusal(exchange, 400, "not_allowed", NULL,
                    "\"" STORE_ID "\" is the project itself, and neither changed nor deleted here");
    return false;
}

void handle_store_change(struct exchange *exchange)
{
    struct json_value root;
    struct error inner;
    struct jobs_store store;
    if (!store_find_own(exchange, &store) || !refuse_fixed(exchange, &store) || !request_json(exchange, &root) ||
        !read_store(exchange, &root, &store))
        return;
    if (jobs_put_store(exchange->server->jobs, &store, &inner))
        answer_store(exchange, &store);
    else
        (void)respond_inner(exchange, &inner);
}

void handle_store_delete(struct exchange *exchange)
{
    struct error inner;
    struct assay_error error;
    struct jobs_store store;
    if (!store_find_own(exchange, &store) || !refuse_fixed(exchange, &store))
        return;
    const char *path = arena_format(&exchange->arena, "%s/%s", assay_folder(exchange->hands->assay),
                                    store_folder(exchange, store.id));
    worker_hold(exchange->server);
    if (!worker_remove(exchange->server, &path, 1, &error))
        respond_error(exchange, &error);
    else if (folder_remove(path, &inner) && jobs_forget_store(exchange->server->jobs, store.id, &inner))
        write_deleted(exchange, store.id, "vector_store.deleted");
    else
        (void)respond_inner(exchange, &inner);
    worker_let_go(exchange->server);
}

/* ---- files of a store ---- */

struct store_file {
    const char *id, *store, *status, *message; /* message NULL: it did not fail */
    int64_t bytes, created;
};

static void write_store_file(struct json_writer *json, const struct store_file *file)
{
    const struct json_text_member texts[] = {
        {"id", file->id}, {"object", "vector_store.file"}, {"vector_store_id", file->store}, {"status", file->status}};
    const struct json_integer_member numbers[] = {{"usage_bytes", file->bytes}, {"created_at", file->created}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "last_error");
    if (file->message != NULL) {
        const struct json_text_member why[] = {{"code", "invalid_file"}, {"message", file->message}};
        json_object_begin(json);
        json_texts(json, why, ARRAY_COUNT(why));
        json_object_end(json);
    } else {
        json_null(json);
    }
    json_key(json, "chunking_strategy"); /* assay.yaml says how documents are cut */
    json_raw(json, SLICE("{\"type\":\"other\"}"));
}

/* Those that were given, and no others. Closes the file. */
static void write_file_attributes(struct exchange *exchange, struct json_writer *json, const char *path)
{
    struct json_value given;
    json_key(json, "attributes");
    if (attributes_of(exchange, path, &given))
        json_again(json, &given);
    else
        json_raw(json, SLICE("{}"));
    json_object_end(json);
}

/* When it was put in, of what was sent; of other documents the time of their file. */
static int64_t created_of(struct exchange *exchange, const struct assay_document *document)
{
    int64_t created = 0;
    struct error inner;
    if (store_is_sent(document->path) && !jobs_time_of_work(exchange->server->jobs, document->path, &created, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
    return created > 0 ? created : document->modified_ns / 1000000000;
}

static void write_document_file(struct exchange *exchange, struct json_writer *json, const struct assay_document *document,
                                const char *store)
{
    write_store_file(json, &(struct store_file){store_file_id(&exchange->arena, store, document->path), store, "completed",
                                                NULL, (int64_t)document->size, created_of(exchange, document)});
    write_file_attributes(exchange, json, document->path);
}

const char *store_work_status(const struct jobs_work *work)
{
    return strcmp(work->state, JOBS_QUEUED) == 0 ? "in_progress"
           : strcmp(work->state, JOBS_DONE) == 0 ? "completed"
                                                 : work->state;
}

void store_write_work(struct exchange *exchange, struct json_writer *json, const struct jobs_work *work)
{
    bool is_failed = strcmp(work->state, JOBS_FAILED) == 0;
    write_store_file(json, &(struct store_file){store_file_id(&exchange->arena, work->store, work->path), work->store,
                                                store_work_status(work), is_failed ? work->message : NULL, 0, work->created});
    struct worker_progress progress;
    if (strcmp(work->state, JOBS_QUEUED) == 0 && worker_progress_of(exchange, work, &progress)) {
        const struct json_integer_member numbers[] = {{"done", (int64_t)progress.done}, {"total", (int64_t)progress.total}};
        json_key(json, "assay");
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"stage", progress.stage}, 1);
        json_integers(json, numbers, ARRAY_COUNT(numbers));
        json_object_end(json);
    }
    write_file_attributes(exchange, json, work->path);
}

/* Copies of works, because writing one asks the jobs, which are locked while they are listed. */
struct works_copied {
    struct arena *arena;
    struct jobs_work *works;
    size_t count, capacity;
};

static bool copy_work(void *context, const struct jobs_work *work)
{
    struct works_copied *copied = context;
    copied->works = arena_more(copied->arena, copied->works, copied->count, &copied->capacity, sizeof(*copied->works));
    struct jobs_work *copy = &copied->works[copied->count++];
    *copy = *work;
    const char **const texts[] = {&copy->store, &copy->batch, &copy->from,   &copy->path,
                                  &copy->owner, &copy->state, &copy->message};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        *texts[i] = arena_text(copied->arena, slice_from(*texts[i]));
    return true;
}

bool store_works(struct exchange *exchange, const struct jobs_which *which, struct jobs_work **works, size_t *count)
{
    struct works_copied copied = {.arena = &exchange->arena};
    struct error inner;
    if (!jobs_each_work(exchange->server->jobs, which, copy_work, &copied, &inner))
        return respond_inner(exchange, &inner);
    *works = copied.works;
    *count = copied.count;
    return true;
}

/* What is no document of it yet, or could not become one. */
static bool list_works(struct listing *listing)
{
    struct exchange *exchange = listing->exchange;
    struct jobs_work *works = NULL;
    size_t count = 0;
    if (!store_works(exchange, &(struct jobs_which){.store = listing->store, .owner = owner_of(exchange)}, &works, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *status = store_work_status(&works[i]);
        if (strcmp(status, "completed") == 0 || (listing->status != NULL && strcmp(listing->status, status) != 0))
            continue;
        list_note(listing, store_file_id(&exchange->arena, works[i].store, works[i].path));
        store_write_work(exchange, &listing->json, &works[i]);
    }
    return true;
}

void handle_store_files(struct exchange *exchange)
{
    struct jobs_store store;
    if (store_find(exchange, &store))
        list_answer(&(struct listing){.exchange = exchange,
                                      .write = write_document_file,
                                      .store = store.id,
                                      .folder = store_folder(exchange, store.id)},
                    list_works);
}

static bool refuse_none(struct exchange *exchange)
{
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such file");
    return false;
}

/* The document's path that a file has in the store; NULL: refused. */
static const char *document_of(struct exchange *exchange, const struct jobs_store *store)
{
    const char *path = file_path_of(&exchange->arena, exchange->match.parts[1]);
    path = path != NULL ? store_document(&exchange->arena, store->id, path) : NULL;
    if (path == NULL)
        (void)refuse_none(exchange);
    return path;
}

/* Writes the work of a path, for its owner; false: there is none. Nothing is answered. */
static bool find_work(struct exchange *exchange, struct json_writer *json, const char *store, const char *path,
                      const char *state)
{
    struct works_copied copied = {.arena = &exchange->arena};
    struct error inner;
    const struct jobs_which which = {.store = store, .path = path, .state = state, .owner = owner_of(exchange)};
    if (!jobs_each_work(exchange->server->jobs, &which, copy_work, &copied, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
    if (copied.count == 0)
        return false;
    respond_begin(exchange, json);
    store_write_work(exchange, json, &copied.works[copied.count - 1]); /* the last one counts */
    return true;
}

static void answer_store_file(struct exchange *exchange, const struct jobs_store *store, const char *path)
{
    struct listing listing = {.exchange = exchange, .write = write_document_file, .store = store->id, .limit = 1};
    const struct assay_documents_options options = {.secret = exchange->as, .path = path};
    struct assay_error error;
    if (find_work(exchange, &listing.json, store->id, path, JOBS_QUEUED)) {
        respond_json(exchange, &exchange->text);
        return;
    }
    respond_begin(exchange, &listing.json);
    if (!assay_documents(exchange->hands->assay, &options, list_one, &listing, &error))
        respond_error(exchange, &error);
    else if (listing.count > 0 || find_work(exchange, &listing.json, store->id, path, NULL))
        respond_json(exchange, &exchange->text);
    else
        (void)refuse_none(exchange);
}

void handle_store_file(struct exchange *exchange)
{
    struct jobs_store store;
    const char *path = store_find(exchange, &store) ? document_of(exchange, &store) : NULL;
    if (path != NULL)
        answer_store_file(exchange, &store, path);
}

void handle_store_file_add(struct exchange *exchange)
{
    struct json_value root;
    struct jobs_store store;
    const struct json_value *id;
    struct wanted_files files = {.count = 1};
    if (!store_find_own(exchange, &store) || !request_json(exchange, &root) || !check_cutting(exchange, &root) ||
        !attributes_read(exchange, json_get(&root, "attributes"), &files.attributes))
        return;
    id = files.items = json_get(&root, "file_id");
    if (id == NULL || id->kind != JSON_TEXT)
        respond_refusal(exchange, 400, "missing_required_parameter", "file_id", "\"file_id\" is missing, or no text");
    else if (promise(exchange, &files, store.id, ""))
        answer_store_file(exchange, &store,
                          store_document(&exchange->arena, store.id, file_path_of(&exchange->arena, id->text)));
}

static bool note_document(void *context, const struct assay_document *document)
{
    (void)document;
    *(bool *)context = true;
    return false;
}

/* A document, or the work that makes it one, of this very path. False: refused. */
static bool is_there(struct exchange *exchange, const struct jobs_store *store, const char *path)
{
    const struct assay_documents_options options = {.path = path};
    struct jobs_tally tally = {0};
    struct assay_error error;
    struct error inner;
    bool found = false;
    if (!jobs_tally_works(exchange->server->jobs, &(struct jobs_which){.store = store->id, .path = path}, &tally, &inner))
        return respond_inner(exchange, &inner);
    if (tally.created > 0)
        return true;
    if (!assay_documents(exchange->hands->assay, &options, note_document, &found, &error) && error.kind != ASSAY_CANCELLED) {
        respond_error(exchange, &error);
        return false;
    }
    return found || refuse_none(exchange);
}

/* What was sent; and of the store that has all documents, by the key itself. False: refused. */
static bool may_change(struct exchange *exchange, const struct jobs_store *store, const char *path, const char *otherwise)
{
    struct jobs_file file = {.path = ""};
    struct error inner;
    if (!slice_starts_with(slice_from(path), SLICE(UPLOADS_FOLDER "/"))) {
        respond_refusal(exchange, 400, "not_allowed", NULL, "this document was not sent here: %s", otherwise);
        return false;
    }
    if (!store_is_sent(path))
        return refuse_none(exchange);
    if (strcmp(store->id, STORE_ID) == 0 && !exchange->key.is_admin) {
        if (!jobs_find_file(exchange->server->jobs, path, &exchange->arena, &file, &inner))
            return respond_inner(exchange, &inner);
        if (file.path == NULL || !owns(exchange, file.owner))
            return refuse_none(exchange);
    }
    return is_there(exchange, store, path);
}

void handle_store_file_delete(struct exchange *exchange)
{
    struct jobs_store store;
    struct assay_error error;
    struct error inner;
    const char *path = store_find_own(exchange, &store) ? document_of(exchange, &store) : NULL;
    if (path == NULL || !may_change(exchange, &store, path, "`assay remove` forgets it"))
        return;
    const char *place = arena_format(&exchange->arena, "%s/%s", assay_folder(exchange->hands->assay), path);
    worker_hold(exchange->server);
    if (!worker_remove(exchange->server, &place, 1, &error))
        respond_error(exchange, &error);
    else if ((strcmp(store.id, STORE_ID) == 0 ||
              file_remove(place, &inner)) && /* the work last: by it this is asked for again */
             jobs_forget_works(exchange->server->jobs, path, &inner))
        write_deleted(exchange, store_file_id(&exchange->arena, store.id, path), "vector_store.file.deleted");
    else
        (void)respond_inner(exchange, &inner);
    worker_let_go(exchange->server);
}

/* Other attributes in place of those that it has. */
void handle_store_file_change(struct exchange *exchange)
{
    struct json_value root;
    struct jobs_store store;
    struct error inner;
    const char *attributes, *path = store_find_own(exchange, &store) ? document_of(exchange, &store) : NULL;
    if (path == NULL || !may_change(exchange, &store, path, "its head states its attributes") || !request_json(exchange, &root))
        return;
    if (json_get(&root, "attributes") == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "attributes", "\"attributes\" is missing");
        return;
    }
    if (!attributes_read(exchange, json_get(&root, "attributes"), &attributes))
        return;
    if (!jobs_put_attributes(exchange->server->jobs, path, attributes, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    worker_bring_attributes(exchange->server);
    answer_store_file(exchange, &store, path);
}

void handle_store_file_content(struct exchange *exchange)
{
    struct assay_text text;
    struct assay_error error;
    struct json_writer json;
    struct jobs_store store;
    struct assay_documents_options options = {.secret = exchange->as};
    options.path = store_find(exchange, &store) ? document_of(exchange, &store) : NULL;
    if (options.path == NULL)
        return;
    if (!assay_document_text(exchange->hands->assay, &options, &text, &error)) {
        if (error.kind == ASSAY_NOT_FOUND)
            (void)refuse_none(exchange);
        else
            respond_error(exchange, &error);
        return;
    }
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "object", "vector_store.file_content.page");
    json_key(&json, "data");
    json_array_begin(&json);
    json_object_begin(&json);
    json_text_or_null(&json, "type", "text");
    json_key(&json, "text");
    json_text(&json, (struct slice){text.data, text.size});
    json_object_end(&json);
    json_array_end(&json);
    json_key(&json, "has_more");
    json_bool(&json, false);
    json_text_or_null(&json, "next_page", NULL);
    json_object_end(&json);
    assay_text_free(&text);
    respond_json(exchange, &exchange->text);
}

bool store_promise_batch(struct exchange *exchange, const struct jobs_store *store, const char **batch)
{
    struct json_value root;
    struct wanted_files files = {0};
    const struct json_value *ids, *objects;
    if (!request_json(exchange, &root) || !check_cutting(exchange, &root) ||
        !request_member(exchange, &root, "file_ids", JSON_ARRAY, &ids) ||
        !request_member(exchange, &root, "files", JSON_ARRAY, &objects) ||
        !attributes_read(exchange, json_get(&root, "attributes"), &files.attributes))
        return false;
    const struct json_value *list = objects != NULL ? objects : ids;
    if (list == NULL || list->count == 0 || (ids != NULL && objects != NULL)) {
        respond_refusal(exchange, 400, "missing_required_parameter", "file_ids",
                        "there is neither \"file_ids\" nor \"files\" with something in it, or there are both");
        return false;
    }
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind != (objects != NULL ? JSON_OBJECT : JSON_TEXT)) {
            respond_refusal(exchange, 400, "invalid_value", objects != NULL ? "files" : "file_ids",
                            "\"%s\" has another than %s", objects != NULL ? "files" : "file_ids",
                            objects != NULL ? "objects with a file_id" : "ids of files");
            return false;
        }
    files.items = list->items;
    files.count = list->count;
    *batch = random_id(&exchange->arena, "vsfb_");
    return promise(exchange, &files, store->id, *batch);
}
