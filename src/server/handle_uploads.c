/* handle_uploads.c - files that are sent, and deleted with every document that was made of them. */
#include "exchange.h"

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
    respond_begin(exchange, &json);
    write_file(exchange, &json, &file);
    respond_json(exchange, &exchange->text);
}

/* The documents that may have been made of a file: its own, and one in each store. */
struct copies {
    struct exchange *exchange;
    const char *file;
    const char **paths, **places; /* relative, absolute */
    size_t count, path_room, place_room;
};

static void note_copy(struct copies *copies, const char *path)
{
    struct arena *arena = &copies->exchange->arena;
    copies->paths = arena_more(arena, copies->paths, copies->count, &copies->path_room, sizeof(*copies->paths));
    copies->places = arena_more(arena, copies->places, copies->count, &copies->place_room, sizeof(*copies->places));
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

/* Every document that was made of a file, and then the file. The worker is held. */
static void delete_file(struct exchange *exchange, const char *file)
{
    struct copies copies = {.exchange = exchange, .file = file};
    struct assay_error error;
    struct error inner;
    note_copy(&copies, file);
    if (!jobs_each_store(exchange->server->jobs, note_store, &copies, &inner))
        (void)respond_inner(exchange, &inner);
    else if (!worker_remove(exchange->server, copies.places, copies.count, &error))
        respond_error(exchange, &error);
    else if (forget(&copies, &inner))
        write_deleted(exchange, file_id_of(&exchange->arena, file), "file");
    else
        (void)respond_inner(exchange, &inner);
}

void handle_file_delete(struct exchange *exchange)
{
    struct jobs_file file = {0};
    struct error inner;
    const char *path = file_path_of(&exchange->arena, exchange->match.parts[0]);
    if (path != NULL && !jobs_find_file(exchange->server->jobs, path, &exchange->arena, &file, &inner)) {
        (void)respond_inner(exchange, &inner);
        return;
    }
    if (file.path == NULL || !owns(exchange, file.owner)) {
        respond_refusal(exchange, 404, "not_found", NULL,
                        "there is no such file that was sent; `assay remove` forgets other documents");
        return;
    }
    worker_hold(exchange->server);
    delete_file(exchange, file.path);
    worker_let_go(exchange->server);
}
