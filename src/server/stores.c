/* stores.c - which vector store is meant, and what of a project belongs to it. */
#include "exchange.h"
#include <string.h>

static bool is_id(struct slice id)
{
    bool ok = slice_starts_with(id, SLICE("vs_")) && id.size > 3 && id.size < 64;
    for (size_t i = 3; ok && i < id.size; i++)
        ok = (id.data[i] >= '0' && id.data[i] <= '9') || (id.data[i] >= 'a' && id.data[i] <= 'z');
    return ok;
}

const char *store_folder(struct exchange *exchange, const char *store)
{
    return strcmp(store, STORE_ID) == 0 ? NULL : arena_format(&exchange->arena, UPLOADS_FOLDER "/%s", store);
}

bool owns(const struct exchange *exchange, const char *owner)
{
    return exchange->key.is_admin || strcmp(exchange->owner, owner) == 0;
}

const char *owner_of(const struct exchange *exchange)
{
    return exchange->key.is_admin ? NULL : exchange->owner;
}

const char *owner_name(struct arena *arena, const char *owner)
{
    const char *blank = strrchr(owner, ' ');
    return blank != NULL ? arena_text(arena, (struct slice){owner, (size_t)(blank - owner)}) : owner;
}

/* It may have been revoked, and made again for somebody else. */
bool owner_rights(struct arena *arena, struct assay *assay, const char *owner, struct assay_key_rights *rights)
{
    struct assay_error error;
    return assay_key_rights_of(assay, owner_name(arena, owner), rights, &error) &&
           strcmp(arena_format(arena, "%s %lld", rights->name, (long long)rights->created_ns), owner) == 0;
}

/* For another than its owner, a store is there when it has a document that he may see: its name may tell of others. */
static bool may_see(struct exchange *exchange, const struct jobs_store *store, bool *may)
{
    const struct assay_documents_options options = {.secret = exchange->as};
    struct assay_documents_total total;
    struct assay_error error;
    *may = owns(exchange, store->owner);
    if (*may)
        return true;
    if (!assay_documents_count(exchange->hands->assay, &options, store_folder(exchange, store->id), &total, &error)) {
        respond_error(exchange, &error);
        return false;
    }
    *may = total.documents > 0;
    return true;
}

bool store_named(struct exchange *exchange, struct slice id, struct jobs_store *store)
{
    struct error inner;
    bool may = false;
    *store = (struct jobs_store){.id = STORE_ID, .metadata = "{}", .owner = "", .created = jobs_born(exchange->server->jobs)};
    if (slice_equal_text(id, STORE_ID)) {
        store->name = arena_text(&exchange->arena, path_name(assay_folder(exchange->hands->assay)));
        return true;
    }
    store->id = NULL;
    if (is_id(id) &&
        !jobs_find_store(exchange->server->jobs, arena_text(&exchange->arena, id), &exchange->arena, store, &inner))
        return respond_inner(exchange, &inner);
    if (store->id != NULL && !may_see(exchange, store, &may))
        return false;
    if (!may)
        store->id = NULL;
    return true;
}

bool store_find(struct exchange *exchange, struct jobs_store *store)
{
    if (!store_named(exchange, exchange->match.parts[0], store))
        return false;
    if (store->id != NULL)
        return true;
    respond_refusal(exchange, 404, "not_found", NULL,
                    "there is no such vector store; \"" STORE_ID "\" is the project's documents");
    return false;
}

bool store_find_own(struct exchange *exchange, struct jobs_store *store)
{
    if (!store_find(exchange, store))
        return false;
    if (strcmp(store->id, STORE_ID) == 0 || owns(exchange, store->owner))
        return true;
    respond_refusal(exchange, 403, "not_allowed", NULL, "this vector store is another key's");
    return false;
}

const char *store_file_id(struct arena *arena, const char *store, const char *document)
{
    struct slice path = slice_from(document), start = slice_from(arena_format(arena, UPLOADS_FOLDER "/%s/", store));
    if (!slice_starts_with(path, start))
        return file_id_of(arena, document);
    return file_id_of(arena, arena_format(arena, UPLOADS_FILES "/%s", document + start.size));
}

const char *store_sent_id(struct arena *arena, const char *document)
{
    struct slice path = slice_from(document), start = SLICE(UPLOADS_FOLDER "/vs_");
    size_t slash;
    if (!slice_starts_with(path, start) || !slice_find(slice_range(path, start.size, path.size), '/', &slash))
        return file_id_of(arena, document);
    return file_id_of(arena, arena_format(arena, UPLOADS_FILES "/%s", document + start.size + slash + 1));
}

enum { CODE_BYTES = 32 };

/* "ab12…/refunds.md" as it is behind a folder of what was sent: a code, and more. */
static bool has_code(struct slice rest)
{
    bool ok = rest.size > CODE_BYTES + 1 && rest.data[CODE_BYTES] == '/';
    for (size_t i = 0; ok && i < CODE_BYTES; i++)
        ok = (rest.data[i] >= '0' && rest.data[i] <= '9') || (rest.data[i] >= 'a' && rest.data[i] <= 'f');
    return ok;
}

/* One name that leads nowhere else. */
static bool is_name(struct slice name)
{
    return name.size > 0 && memchr(name.data, '/', name.size) == NULL && !slice_equal_text(name, ".") &&
           !slice_equal_text(name, "..");
}

static bool is_code_and_name(struct slice rest)
{
    return has_code(rest) && is_name(slice_range(rest, CODE_BYTES + 1, rest.size));
}

const char *store_file_name(const char *path)
{
    struct slice rest = slice_from(path), folder = SLICE(UPLOADS_FOLDER "/");
    size_t slash;
    if (!slice_starts_with(rest, folder) || !slice_find(slice_range(rest, folder.size, rest.size), '/', &slash))
        return path;
    struct slice store = slice_range(rest, folder.size, folder.size + slash);
    size_t behind = folder.size + slash + 1;
    bool is_sent = (slice_equal_text(store, "files") || is_id(store)) && has_code(slice_range(rest, behind, rest.size));
    return is_sent ? path + behind + CODE_BYTES + 1 : path;
}

bool store_is_sent(const char *path)
{
    const char *name = store_file_name(path);
    return name != path && is_name(slice_from(name));
}

const char *store_document(struct arena *arena, const char *store, const char *file_path)
{
    struct slice path = slice_from(file_path), start = SLICE(UPLOADS_FILES "/");
    if (strcmp(store, STORE_ID) == 0)
        return file_path;
    if (!slice_starts_with(path, start) || !is_code_and_name(slice_range(path, start.size, path.size)))
        return NULL;
    return arena_format(arena, UPLOADS_FOLDER "/%s/%s", store, file_path + start.size);
}
