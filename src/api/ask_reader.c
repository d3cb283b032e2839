/* ask_reader.c - the reader that answers where no language model does: found, opened once, kept with the handle. */
#include "ask_reader.h"
#include "codec/codec.h"
#include "reader/reader.h"

/* What the adapter was trained on: the folder that it names, or, where that lies elsewhere here, the model of that name. */
static bool find_base(const struct project *project, const char *adapter, struct arena *arena, const char **folder,
                      struct error *error)
{
    const char *path = path_join(arena, adapter, "adapter_config.json");
    struct buffer bytes;
    struct json_value root;
    const struct json_value *base = NULL;
    struct model_place place;
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    bool is_read = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &bytes, error) &&
                   json_read(buffer_slice(&bytes), path, arena, &root, error) &&
                   json_member(&root, path, "base_model_name_or_path", JSON_TEXT, &base, error);
    const char *name = base != NULL ? arena_text(arena, base->text) : "builtin";
    buffer_release(&bytes);
    if (!is_read)
        return false;
    *folder = name;
    if (file_exists(path_join(arena, name, "config.json")))
        return true;
    bool ok = models_find(arena_text(arena, path_name(name)), project->root, arena, &place, error);
    *folder = place.folder;
    return ok || error_wrap(error, "could not find the base of reader \"%s\"", adapter);
}

bool ask_reader(struct assay *assay, struct reader **reader, struct error *error)
{
    struct arena arena;
    const char *adapter, *base = NULL;
    struct error none;
    *reader = assay->reader;
    if (assay->reader != NULL)
        return true;
    arena_init(&arena);
    bool ok = true;
    if (reader_find(assay->project->root, &arena, &adapter, &none)) {
        struct reader_options options = {.adapter = adapter, .pool = assay->project->pool};
        ok = find_base(assay->project, adapter, &arena, &base, error);
        options.base = base;
        ok = ok && reader_open(&assay->reader, &options, error);
    }
    *reader = assay->reader;
    arena_release(&arena);
    return ok;
}
