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

static bool open_found(struct assay *assay, const char *adapter, struct arena *arena, struct error *error)
{
    struct writer_options options = {.adapter = adapter, .pool = assay->project->pool};
    if (!models_find_base_of("writer", adapter, assay->project->root, arena, &options.base, error))
        return false;
    return options.base == NULL || writer_open(&assay->writer, &options, error);
}

bool ask_writer(struct assay *assay, const char *model, struct writer **writer, struct error *error)
{
    struct arena arena;
    const char *adapter;
    arena_init(&arena);
    bool ok = find_adapter(assay, model, &arena, &adapter, error);
    if (ok && adapter != NULL && assay->writer == NULL)
        ok = open_found(assay, adapter, &arena, error);
    *writer = adapter != NULL ? assay->writer : NULL;
    arena_release(&arena);
    return ok;
}
