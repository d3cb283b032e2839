/* refused.c - which files `assay add` cannot take: those that are there, are not in the catalog, and fail when they are read.
 *
 * The catalog keeps no list of failures: it would have to be kept in step with files that are mended, moved and deleted. Looking again
 * tells what holds now, and reads no more than what is missing. */
#include "document.h"
#include <stdlib.h>

struct refusing {
    struct project *project;
    struct map known; /* paths in the catalog */
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

static void tell_walk(void *context, enum ingest_change change, const char *path, const struct error *error)
{
    struct refusing *refusing = context;
    if (change == INGEST_FAILED && error->kind != ERROR_NOT_FOUND) /* a folder of the settings that is not there yet */
        refusing->each(refusing->context, path, error);
}

static void try_file(struct refusing *refusing, const struct walk_file *file)
{
    struct loaded loaded;
    if (map_get(&refusing->known, slice_from(file->stored)) != NULL)
        return;
    load_file(&loaded, file, &refusing->project->settings, /* known_hash= */ NULL);
    if (!loaded.ok)
        refusing->each(refusing->context, file->stored, &loaded.error);
    loaded_release(&loaded);
}

bool ingest_each_refused(struct project *project, void (*each)(void *context, const char *path, const struct error *error),
                         void *context, struct error *error)
{
    struct refusing refusing = {.project = project, .each = each, .context = context};
    struct walk walk;
    map_init(&refusing.known, UINT32_MAX / 4);
    bool ok = store_each_document(project->store, know_path, &refusing, error);
    walk_init(&walk, project);
    walk.fail = tell_walk;
    walk.context = &refusing;
    for (size_t i = 0; ok && i < project->settings.document_count; i++)
        walk_path(&walk, project->root, project->settings.documents[i]);
    for (size_t i = 0; ok && i < walk.count; i++)
        try_file(&refusing, &walk.files[i]);
    walk_release(&walk);
    map_release(&refusing.known);
    return ok;
}
