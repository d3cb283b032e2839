/* ask_writer.c - the writer that answers where no language model does: found, opened once, kept with the handle. */
#include "ask_writer.h"
#include "writer/writer.h"
#include <string.h>

/* `*adapter` is NULL where there is none, and none was asked for by name. */
static bool find_adapter(const struct assay *assay, const char *model, struct arena *arena, const char **adapter,
                         struct error *error)
{
    const char *root = assay->project->root, *own = path_join(arena, adapters_folder(arena, root), "writer");
    *adapter = NULL;
    if (strcmp(model, MODEL_WRITER) == 0)
        return adapter_find("writer", root, arena, adapter, error);
    if (file_exists(path_join(arena, own, "adapter_config.json")))
        *adapter = own;
    return true;
}

static bool open_found(struct assay *assay, const char *model, const char *adapter, struct arena *arena, struct error *error)
{
    struct writer_options options = {.adapter = adapter, .pool = assay->project->pool};
    if (!models_find_base_of("writer", adapter, assay->project->root, arena, &options.base, error))
        return false;
    if (options.base != NULL)
        return writer_open(&assay->writer, &options, error);
    if (strcmp(model, MODEL_WRITER) != 0)
        return true;
    error_set(error, ERROR_NOT_FOUND, "the base of the writer that comes with the program is not installed");
    return error_hint(
        error,
        "`scripts/setup` of the source tree fetches all-MiniLM-L6-v2; `assay model list` tells where models are looked for.");
}

bool ask_writer(struct assay *assay, const char *model, struct writer **writer, struct error *error)
{
    struct arena arena;
    const char *adapter;
    arena_init(&arena);
    bool ok = find_adapter(assay, model, &arena, &adapter, error);
    if (ok && adapter != NULL && assay->writer == NULL)
        ok = open_found(assay, model, adapter, &arena, error);
    *writer = adapter != NULL ? assay->writer : NULL;
    arena_release(&arena);
    return ok;
}
