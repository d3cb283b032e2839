/* documents_run.c - the part of include/assay.h about documents as a key sees them, and what the server asks of a project. */
#include "tell.h"
#include "key_quota.h"
#include "answer/answer.h"
#include "ingest/ingest.h"
#include "llm/llm.h"
#include <stdio.h>
#include <string.h>

/* The principal of a key by its name or its secret; NULL is the owner. */
static bool find_principal(struct assay *assay, const struct assay_documents_options *options, struct arena *arena,
                           struct store_principal *room, const struct store_principal **principal, struct error *error)
{
    *principal = options->secret != NULL || options->principal != NULL ? room : NULL;
    if (options->principal != NULL)
        return store_principal_named(assay->project->store, slice_from(options->principal), clock_wall_ns(), arena, room,
                                     error);
    return options->secret == NULL || project_principal_of(assay->project, slice_from(options->secret), arena, room, error);
}

static void fill_rights(const struct store_principal *principal, struct assay_key_rights *rights)
{
    _Static_assert(sizeof(rights->name) > LIMIT_KEY_NAME_BYTES, "a name fits");
    *rights = (struct assay_key_rights){0};
    struct slice name = slice_cut(principal->name, LIMIT_KEY_NAME_BYTES);
    memcpy(rights->name, name.data, name.size);
    rights->created_ns = principal->created_ns;
    for (size_t i = 0; i < principal->group_count; i++)
        if (!rights_take_group(principal->groups[i], rights))
            (void)quota_take_group(principal->groups[i], &rights->quota);
    rights->may_measure = rights->may_measure || rights->is_admin;
    rights->may_write = rights->may_write || rights->is_admin;
}

bool assay_key_check(struct assay *assay, const char *secret, struct assay_key_rights *rights, struct assay_error *error)
{
    struct store_principal principal;
    struct error inner;
    struct arena arena;
    arena_init(&arena);
    bool ok = project_principal_of(assay->project, slice_from(secret), &arena, &principal, &inner);
    if (ok)
        fill_rights(&principal, rights);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

bool assay_key_rights_of(struct assay *assay, const char *name, struct assay_key_rights *rights, struct assay_error *error)
{
    struct store_principal principal;
    struct error inner;
    struct arena arena;
    arena_init(&arena);
    bool ok = store_principal_named(assay->project->store, slice_from(name), clock_wall_ns(), &arena, &principal, &inner);
    if (ok)
        fill_rights(&principal, rights);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

struct document_search {
    struct assay *assay;
    const struct assay_documents_options *options;
    const struct store_principal *principal;
    bool (*each)(void *context, const struct assay_document *document);
    void *context;
    int64_t found; /* the last one that may be seen */
    bool has_units; /* `each` is told how documents were cut, too */
    struct arena arena;
};

struct kept_value {
    struct arena *arena;
    const char *text;
};

static void keep_value(void *context, struct slice text)
{
    struct kept_value *value = context;
    value->text = arena_text(value->arena, text);
}

/* One value that was noted with a document; "": there is none. */
static bool find_value(struct document_search *search, int64_t document, const char *key, const char **text,
                       struct error *error)
{
    struct kept_value value = {&search->arena, ""};
    bool ok = !search->has_units ||
              store_each_value(search->assay->project->store, document, slice_from(key), keep_value, &value, error);
    *text = value.text;
    return ok;
}

static void join_label(void *context, struct slice name)
{
    struct kept_value *value = context;
    value->text = arena_format(value->arena, "%s%s" SLICE_FORMAT, value->text, value->text[0] != '\0' ? ", " : "",
                               SLICE_ARGUMENT(name));
}

static bool find_labels(struct document_search *search, int64_t document, const char **text, struct error *error)
{
    struct kept_value value = {&search->arena, ""};
    bool ok = search->options->path == NULL ||
              store_each_label(search->assay->project->store, document, join_label, &value, error);
    *text = value.text;
    return ok;
}

static bool take_document(void *context, const struct store_document *document, struct error *error)
{
    struct document_search *search = context;
    char hash[2 * STORE_HASH_BYTES + 1];
    const char *unit, *reason, *labels;
    search->found = document->id;
    if (search->each == NULL)
        return true;
    arena_clear(&search->arena);
    if (!find_value(search, document->id, INGEST_UNIT_KEY, &unit, error) ||
        !find_value(search, document->id, INGEST_REASON_KEY, &reason, error) ||
        !find_labels(search, document->id, &labels, error))
        return false;
    for (size_t i = 0; i < STORE_HASH_BYTES; i++)
        snprintf(hash + 2 * i, 3, "%02x", document->hash[i]);
    const struct assay_document outer = {.path = arena_text(&search->arena, document->path),
                                         .title = arena_text(&search->arena, document->title),
                                         .format = arena_text(&search->arena, document->format),
                                         .labels = labels,
                                         .language = arena_text(&search->arena, document->language),
                                         .sha256 = hash,
                                         .size = (size_t)document->size,
                                         .passages = (size_t)document->passage_count,
                                         .modified_ns = document->modified_ns,
                                         .unit = unit,
                                         .unit_reason = reason};
    return search->each(search->context, &outer) || error_set(error, ERROR_CANCELLED, "the listing was stopped");
}

static bool walk(struct document_search *search, struct error *error)
{
    const struct assay_documents_options *options = search->options;
    struct store *store = search->assay->project->store;
    const struct store_document_range range = {slice_from(options->after != NULL ? options->after : ""), options->most};
    struct store_principal room;
    struct arena names;
    arena_init(&search->arena);
    arena_init(&names);
    bool ok = find_principal(search->assay, options, &names, &room, &search->principal, error);
    if (ok && options->path != NULL)
        ok = store_find_visible_document(store, search->principal, slice_from(options->path), take_document, search, error);
    else if (ok)
        ok = store_each_visible_document(store, search->principal, &range, take_document, search, error);
    arena_release(&names);
    arena_release(&search->arena);
    return ok;
}

bool assay_documents(struct assay *assay, const struct assay_documents_options *options,
                     bool (*each)(void *context, const struct assay_document *document), void *context,
                     struct assay_error *error)
{
    struct error inner;
    struct document_search search = {
        .assay = assay, .options = options, .each = each, .context = context, .has_units = options->path != NULL};
    return finish(walk(&search, &inner), &inner, error);
}

bool assay_list(struct assay *assay, bool (*each)(void *context, const struct assay_document *document), void *context,
                struct assay_error *error)
{
    struct error inner;
    struct document_search search = {
        .assay = assay, .options = &(struct assay_documents_options){0}, .each = each, .context = context, .has_units = true};
    return finish(walk(&search, &inner), &inner, error);
}

bool assay_documents_count(struct assay *assay, const struct assay_documents_options *options, const char *folder,
                           struct assay_documents_total *total, struct assay_error *error)
{
    const struct store_principal *principal;
    struct store_principal room;
    struct error inner;
    struct arena names;
    int64_t count = 0, bytes = 0;
    arena_init(&names);
    bool ok = find_principal(assay, options, &names, &room, &principal, &inner) &&
              store_count_visible_documents(assay->project->store, principal, slice_from(folder != NULL ? folder : ""), &count,
                                            &bytes, &inner);
    arena_release(&names);
    if (ok)
        *total = (struct assay_documents_total){(size_t)count, (size_t)bytes};
    return finish(ok, &inner, error);
}

struct folder_listing {
    bool (*each)(void *context, const char *name);
    void *context;
    bool is_stopped;
};

static bool list_folder(void *context, struct slice name)
{
    struct folder_listing *listing = context;
    struct arena arena;
    arena_init(&arena);
    listing->is_stopped = !listing->each(listing->context, arena_text(&arena, name));
    arena_release(&arena);
    return !listing->is_stopped;
}

bool assay_documents_folders(struct assay *assay, const struct assay_documents_options *options, const char *folder,
                             bool (*each)(void *context, const char *name), void *context, struct assay_error *error)
{
    struct folder_listing listing = {.each = each, .context = context};
    const struct store_principal *principal;
    struct store_principal room;
    struct error inner;
    struct arena names;
    arena_init(&names);
    bool ok = find_principal(assay, options, &names, &room, &principal, &inner) &&
              store_each_visible_folder(assay->project->store, principal, slice_from(folder), list_folder, &listing, &inner) &&
              (!listing.is_stopped || error_set(&inner, ERROR_CANCELLED, "the listing was stopped"));
    arena_release(&names);
    return finish(ok, &inner, error);
}

/* What is allowed and what is read are of one state of the catalog: a document that is withdrawn in between is not handed out. */
static bool begin_reading(struct document_search *search, struct error *error)
{
    struct store *store = search->assay->project->store;
    if (!store_begin(store, STORE_READ, error))
        return false;
    bool ok = walk(search, error);
    if (ok && search->found == 0) {
        ok = error_set(error, ERROR_NOT_FOUND, "no document \"%.300s\" in this project", search->options->path);
        error_hint(error, "It may have been removed, or this key may not see it.");
    }
    if (!ok)
        store_rollback(store);
    return ok;
}

static bool read_text(struct document_search *search, struct buffer *content, struct error *error)
{
    struct store *store = search->assay->project->store;
    if (!begin_reading(search, error))
        return false;
    bool ok = store_content(store, search->found, content, error);
    store_rollback(store);
    return ok;
}

bool assay_document_text(struct assay *assay, const struct assay_documents_options *options, struct assay_text *text,
                         struct assay_error *error)
{
    struct error inner;
    struct buffer content;
    struct document_search search = {.assay = assay, .options = options};
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX);
    bool ok = read_text(&search, &content, &inner);
    if (ok)
        *text = (struct assay_text){memory_copy_text(content.size > 0 ? content.data : "", content.size), content.size};
    buffer_release(&content);
    return finish(ok, &inner, error);
}

struct passage_listing {
    bool (*each)(void *context, const struct assay_hit *passage);
    void *context;
    struct arena arena;
};

static bool list_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct passage_listing *listing = context;
    struct assay_hit outer;
    arena_clear(&listing->arena);
    const struct search_hit inner = {
        .passage = *passage, .path = document->path, .title = document->title, .is_extracted = document->is_extracted};
    fill_hit(&listing->arena, &inner, &outer);
    return listing->each(listing->context, &outer) || error_set(error, ERROR_CANCELLED, "the listing was stopped");
}

bool assay_document_passages(struct assay *assay, const struct assay_documents_options *options, size_t skip,
                             bool (*each)(void *context, const struct assay_hit *passage), void *context,
                             struct assay_error *error)
{
    struct error inner;
    struct document_search search = {.assay = assay, .options = options};
    struct passage_listing listing = {.each = each, .context = context};
    if (!begin_reading(&search, &inner))
        return finish(false, &inner, error);
    arena_init(&listing.arena);
    const struct store_passage_range range = {(int64_t)skip, (int64_t)options->most};
    bool ok = store_each_passage_of(assay->project->store, search.found, &range, list_passage, &listing, &inner);
    arena_release(&listing.arena);
    store_rollback(assay->project->store);
    return finish(ok, &inner, error);
}

static bool note_document(struct assay *assay, const char *path, const struct store_value *values, size_t count,
                          struct error *error)
{
    struct store *store = assay->project->store;
    const struct assay_documents_options options = {.path = path};
    struct document_search search = {.assay = assay, .options = &options};
    if (!store_begin(store, STORE_WRITE, error))
        return false;
    bool ok = walk(&search, error);
    if (ok && search.found == 0)
        ok = error_set(error, ERROR_NOT_FOUND, "no document \"%.300s\" in this project", path);
    ok = ok && store_put_attributes(store, search.found, values, count, error);
    if (ok)
        return store_commit(store, error);
    store_rollback(store);
    return false;
}

bool assay_document_note(struct assay *assay, const char *path, const struct assay_attribute *attributes, size_t count,
                         struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    arena_init(&arena);
    struct store_value *values = arena_alloc(&arena, count + 1, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        values[i] = (struct store_value){.key = slice_from(attributes[i].key),
                                         .text = slice_cut(slice_from(attributes[i].text), LIMIT_METADATA_BYTES),
                                         .number = attributes[i].number,
                                         .is_number = attributes[i].is_number};
    bool ok = note_document(assay, path, values, count, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

void assay_server_settings(const struct assay *assay, struct assay_server_settings *settings)
{
    const struct settings *inner = &assay->project->settings;
    *settings = (struct assay_server_settings){.listen = inner->server_listen,
                                               .body_bytes_max = inner->server_body_bytes,
                                               .record_bytes_max = inner->server_record_bytes,
                                               .upload_bytes_max = inner->document_bytes_max,
                                               .client_wait_s = inner->server_client_wait_s,
                                               .hosts = inner->server_hosts,
                                               .origins = inner->server_origins,
                                               .host_count = inner->server_host_count,
                                               .origin_count = inner->server_origin_count,
                                               .has_language_model = !model_is_builtin(inner->model),
                                               .tells_logprobs = llm_tells_logprobs(inner->model)};
}
