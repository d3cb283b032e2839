/* refused.c - which files `assay add` cannot take: those that are there, are not in the catalog, and fail when they are read.
 *
 * The catalog keeps no list of failures: it would have to be kept in step with files that are mended, moved and deleted. Looking again
 * tells what holds now, and reads no more than what is missing. */
#include "archive.h"
#include "document.h"
#include <stdlib.h>
#include <string.h>

struct refusing {
    struct project *project;
    struct loader loader;
    struct map known;   /* paths in the catalog: of documents, and of archives all of which was read */
    struct map partial; /* paths of containers of which not all was */
    void (*each)(void *context, const char *path, const struct error *error);
    void *context;
};

static bool know_path(void *context, const struct store_document *document, struct error *error)
{
    struct refusing *refusing = context;
    (void)error;
    (void)map_put(&refusing->known, document->path, NULL);
    return true;
}

static bool know_container(void *context, const struct store_container *container, struct error *error)
{
    struct refusing *refusing = context;
    (void)error;
    bool is_whole = container->recipe == ingest_recipe(&refusing->project->settings, false);
    (void)map_put(is_whole ? &refusing->known : &refusing->partial, container->path, NULL);
    return true;
}

/* A folder of the settings need not be there yet. */
static bool is_setting(const struct project *project, const char *stored)
{
    struct arena arena;
    bool is_one = false;
    arena_init(&arena);
    for (size_t i = 0; !is_one && i < project->settings.document_count; i++)
        is_one = strcmp(project_relative(project, path_normal(&arena, project->root, project->settings.documents[i])),
                        stored) == 0;
    arena_release(&arena);
    return is_one;
}

static void tell_walk(void *context, enum ingest_change change, const char *path, const struct error *error)
{
    struct refusing *refusing = context;
    if (change == INGEST_FAILED && !(error->kind == ERROR_NOT_FOUND && is_setting(refusing->project, path)))
        refusing->each(refusing->context, path, error);
}

static void try_one(struct refusing *refusing, const struct walk_file *file, bool is_member, struct loaded *loaded)
{
    loaded->is_member = is_member;
    load_file(loaded, file, is_member, &refusing->loader, &(struct load_known){0});
    if (loaded->outcome == LOAD_DEFERRED && workers_start(refusing->loader.workers, 0, 1, &loaded->error))
        load_deferred(loaded, file, 0, &refusing->loader);
    if (loaded->outcome == LOAD_FAILED || loaded->outcome == LOAD_DEFERRED)
        refusing->each(refusing->context, file->stored, &loaded->error);
}

/* ---- in archives ---- */

struct looking {
    struct refusing *refusing;
    const struct walk_file *archive;
    struct arena arena;
};

static bool try_member(void *context, struct slice path, struct buffer *content, struct error *error)
{
    struct looking *looking = context;
    struct loaded loaded;
    (void)error;
    arena_clear(&looking->arena);
    const struct walk_file file = {
        .path = arena_format(&looking->arena, "%s/" SLICE_FORMAT, looking->archive->path, SLICE_ARGUMENT(path)),
        .stored = arena_format(&looking->arena, "%s/" SLICE_FORMAT, looking->archive->stored, SLICE_ARGUMENT(path)),
        .size = (int64_t)content->size};
    if (map_get(&looking->refusing->known, slice_from(file.stored)) != NULL)
        return true;
    loaded_init(&loaded);
    buffer_append_slice(&loaded.content, buffer_slice(content));
    try_one(looking->refusing, &file, true, &loaded);
    loaded_release(&loaded);
    return true;
}

static void tell_member(void *context, struct slice path, const struct error *error, enum archive_refusal refusal)
{
    struct looking *looking = context;
    arena_clear(&looking->arena);
    if (refusal == ARCHIVE_LOST)
        looking->refusing->each(
            looking->refusing->context,
            arena_format(&looking->arena, "%s/" SLICE_FORMAT, looking->archive->stored, SLICE_ARGUMENT(path)), error);
}

static bool go_on(void *context, struct error *error)
{
    (void)context, (void)error;
    return true;
}

static void try_archive(struct refusing *refusing, const struct walk_file *file, struct loaded *loaded)
{
    struct looking looking = {.refusing = refusing, .archive = file};
    const struct archive_visitor visitor = {try_member, tell_member, go_on, &looking,
                                            refusing->loader.settings->document_bytes_max};
    struct error error;
    bool is_stopped;
    arena_init(&looking.arena);
    struct buffer *source = loaded->source.size > 0 ? &loaded->source : &loaded->content;
    if (!archive_unpack(&refusing->loader.unpacker, loaded->kind.format, source, file->stored, &visitor, &is_stopped, &error))
        refusing->each(refusing->context, file->stored, &error);
    arena_release(&looking.arena);
}

static void try_file(struct refusing *refusing, const struct walk_file *file)
{
    struct loaded loaded;
    struct slice path = slice_from(file->stored);
    if (map_get(&refusing->known, path) != NULL && map_get(&refusing->partial, path) == NULL)
        return;
    loaded_init(&loaded);
    try_one(refusing, file, false, &loaded);
    if (loaded.outcome == LOAD_CONTAINER || loaded.source.size > 0)
        try_archive(refusing, file, &loaded);
    loaded_release(&loaded);
}

bool ingest_each_refused(struct project *project, void (*each)(void *context, const char *path, const struct error *error),
                         void *context, struct error *error)
{
    struct refusing refusing = {.project = project, .each = each, .context = context};
    loader_init(&refusing.loader, &project->settings, 1);
    grammars_free(refusing.loader.grammars); /* where code is cut is not asked here */
    refusing.loader.grammars = NULL;
    struct walk walk;
    map_init(&refusing.known, UINT32_MAX / 4);
    map_init(&refusing.partial, UINT32_MAX / 4);
    bool ok = store_each_document(project->store, know_path, &refusing, error) &&
              store_each_container(project->store, know_container, &refusing, error);
    walk_init(&walk, project);
    walk.fail = tell_walk;
    walk.context = &refusing;
    for (size_t i = 0; ok && i < project->settings.document_count; i++)
        walk_path(&walk, project->root, project->settings.documents[i]);
    for (size_t i = 0; ok && i < walk.count; i++)
        try_file(&refusing, &walk.files[i]);
    walk_release(&walk);
    map_release(&refusing.known);
    map_release(&refusing.partial);
    loader_release(&refusing.loader);
    return ok;
}
