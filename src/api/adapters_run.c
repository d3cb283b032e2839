/* adapters_run.c - the part of assay_tune.h about what was tuned in a project and lies there. */
#include "decide_learn.h"
#include "tell.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

enum { ADAPTERS_MAX = 1000 };

struct adapter_names {
    struct arena *arena;
    const char *folder;
    const char **names;
    size_t count, capacity;
};

/* A folder without provenance is of a training that goes on, or was stopped; a decision's own ones are nobody else's. */
static bool note_adapter(void *context, const char *name, struct error *error)
{
    struct adapter_names *found = context;
    const char *folder = path_join(found->arena, found->folder, name);
    (void)error;
    if (strchr(name, '~') != NULL || decide_made_adapter(name) ||
        !file_exists(path_join(found->arena, folder, "provenance.json")) || found->count == ADAPTERS_MAX)
        return true;
    found->names = arena_more(found->arena, found->names, found->count, &found->capacity, sizeof(*found->names));
    found->names[found->count++] = arena_text(found->arena, slice_from(name));
    return true;
}

static int by_name(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;
    return strcmp(*first, *second);
}

static bool tell_adapter(struct adapter_names *found, const char *name,
                         bool (*each)(void *context, const char *name, struct assay_text provenance), void *context)
{
    const char *folder = path_join(found->arena, found->folder, name);
    struct error ignored;
    struct buffer text;
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    if (!file_read(path_join(found->arena, folder, "provenance.json"), LIMIT_MODEL_CONFIG_BYTES, &text, &ignored))
        buffer_clear(&text);
    bool goes_on = each(context, name, (struct assay_text){text.data, text.size});
    buffer_release(&text);
    return goes_on;
}

struct weights_examination {
    struct arena *arena;
    const char *folder;
    void (*each)(void *context, const char *kind, const char *message);
    void *context;
    size_t files, problems;
};

/* Each file of tensors must be one; what its numbers are worth is seen when they are used. */
static bool examine_weights(void *context, const char *name, struct error *error)
{
    struct weights_examination *examination = context;
    struct safetensors tensors;
    struct file_map map;
    struct error wrong;
    (void)error;
    if (!slice_ends_with(slice_from(name), SLICE(".safetensors")))
        return true;
    examination->files++;
    const char *path = path_join(examination->arena, examination->folder, name);
    bool ok = file_map_open(&map, path, &wrong);
    if (ok) {
        ok = safetensors_read((struct slice){(const char *)map.data, map.size}, path, examination->arena, &tensors, &wrong);
        file_map_close(&map);
    }
    if (!ok) {
        examination->problems++;
        examination->each(examination->context, "adapter", wrong.message);
    }
    return true;
}

bool adapters_examine(const struct project *project, void (*each)(void *context, const char *kind, const char *message),
                      void *context, struct assay_examine_report *report, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    struct adapter_names found = {.arena = &arena};
    found.folder = adapters_folder(&arena, project->root);
    bool ok = !file_exists(found.folder) || folder_list(found.folder, note_adapter, &found, error);
    for (size_t i = 0; ok && i < found.count; i++) {
        struct weights_examination examination = {
            .arena = &arena, .folder = path_join(&arena, found.folder, found.names[i]), .each = each, .context = context};
        ok = folder_list(examination.folder, examine_weights, &examination, error);
        const char *whole = path_join(&arena, examination.folder, "model"); /* what --method full keeps */
        if (ok && file_exists(whole)) {
            examination.folder = whole;
            ok = folder_list(whole, examine_weights, &examination, error);
        }
        if (ok && examination.files == 0) {
            examination.problems++;
            each(context, "adapter", arena_format(&arena, "adapter \"%s\" has no weights", found.names[i]));
        }
        report->problems += examination.problems;
    }
    arena_release(&arena);
    return ok;
}

bool assay_adapter_list(struct assay *assay, bool (*each)(void *context, const char *name, struct assay_text provenance),
                        void *context, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    arena_init(&arena);
    struct adapter_names found = {.arena = &arena};
    found.folder = adapters_folder(&arena, assay->project->root);
    bool ok = !file_exists(found.folder) || folder_list(found.folder, note_adapter, &found, &inner);
    if (ok && found.count > 0)
        qsort(found.names, found.count, sizeof(*found.names), by_name);
    for (size_t i = 0; ok && i < found.count; i++)
        ok = tell_adapter(&found, found.names[i], each, context) ||
             error_set(&inner, ERROR_CANCELLED, "the listing was stopped");
    arena_release(&arena);
    return finish(ok, &inner, error);
}
