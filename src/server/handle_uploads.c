/* handle_uploads.c - files that are sent, and deleted with every document that was made of them. */
#include "exchange.h"
#include <stdio.h>

enum { STORES_MAX = 10000 };

void handle_file_upload(struct exchange *exchange)
{
    struct jobs_file file;
    struct json_writer json;
    if (exchange->upload == NULL) {
        respond_refusal(exchange, 400, NULL, "file", "the request has no body, expected multipart/form-data");
        return;
    }
    if (!upload_keep(exchange, &file))
        return;
    const struct json_text_member texts[] = {{"id", file_id_of(&exchange->arena, file.path)},
                                             {"object", "file"},
                                             {"filename", file.name},
                                             {"purpose", file.purpose},
                                             {"status", "processed"}};
    const struct json_integer_member numbers[] = {{"bytes", file.size}, {"created_at", file.created}};
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, numbers, ARRAY_COUNT(numbers));
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* The documents that may have been made of a file: its own, and one in each store. */
struct copies {
    struct exchange *exchange;
    const char *file;
    const char **paths, **places; /* relative, absolute */
    size_t count;
};

static void note_copy(struct copies *copies, const char *path)
{
    struct arena *arena = &copies->exchange->arena;
    if (path == NULL || copies->count == STORES_MAX)
        return;
    copies->paths[copies->count] = path;
    copies->places[copies->count++] = arena_format(arena, "%s/%s", assay_folder(copies->exchange->hands->assay), path);
}

static bool note_store(void *context, const struct jobs_store *store)
{
    struct copies *copies = context;
    const char *path = store_document(&copies->exchange->arena, store->id, copies->file);
    const char *place = arena_format(&copies->exchange->arena, "%s/%s", assay_folder(copies->exchange->hands->assay), path);
    if (file_exists(place))
        note_copy(copies, path);
    return true;
}

static bool forget(struct copies *copies, struct error *error)
{
    struct jobs *jobs = copies->exchange->server->jobs;
    bool ok = true;
    for (size_t i = 0; ok && i < copies->count; i++) {
        const char *folder = arena_text(&copies->exchange->arena, path_folder(copies->places[i]));
        ok = jobs_forget_works(jobs, copies->paths[i], error) && folder_remove(folder, error);
    }
    return ok && jobs_forget_file(jobs, copies->file, error); /* the last: what failed before can be asked for again */
}

void handle_file_delete(struct exchange *exchange)
{
    struct jobs *jobs = exchange->server->jobs;
    struct jobs_file file = {0};
    struct assay_error error;
    struct error inner;
    const char *path = file_path_of(&exchange->arena, exchange->match.parts[0]);
    bool ok = path == NULL || jobs_find_file(jobs, path, &exchange->arena, &file, &inner);
    if (ok && file.path == NULL) {
        respond_refusal(exchange, 404, "not_found", NULL,
                        "there is no such file that was sent; `assay remove` forgets other documents");
        return;
    }
    struct copies copies = {.exchange = exchange, .file = file.path};
    copies.paths = arena_alloc(&exchange->arena, STORES_MAX, sizeof(*copies.paths));
    copies.places = arena_alloc(&exchange->arena, STORES_MAX, sizeof(*copies.places));
    if (ok) {
        note_copy(&copies, file.path);
        ok = jobs_each_store(jobs, note_store, &copies, &inner);
    }
    if (ok && !worker_remove(exchange->server, copies.places, copies.count, &error)) {
        respond_error(exchange, &error);
        return;
    }
    if (ok && forget(&copies, &inner)) {
        write_deleted(exchange, file_id_of(&exchange->arena, file.path), "file");
        return;
    }
    error = (struct assay_error){.kind = ASSAY_IO};
    snprintf(error.message, sizeof(error.message), "%s", inner.message);
    respond_fault(exchange, 500, &error);
}
