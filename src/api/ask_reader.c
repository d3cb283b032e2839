/* ask_reader.c - the reader that answers where no language model does: found, opened once, kept with the handle. */
#include "ask_reader.h"
#include "reader/reader.h"

static bool is_projects(const struct assay *assay, const char *adapter)
{
    struct slice root = slice_from(assay->project->root), path = slice_from(adapter);
    return slice_starts_with(path, root) &&
           slice_starts_with(slice_range(path, root.size, path.size), SLICE("/" PROJECT_STATE "/"));
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
    if (adapter_find("reader", assay->project->root, &arena, &adapter, &none)) {
        struct reader_options options = {.adapter = adapter, .pool = assay->project->pool};
        ok = models_find_base_of("reader", adapter, assay->project->root, &arena, &base, error);
        options.base = base;
        options.is_builtin = !is_projects(assay, adapter);
        if (options.is_builtin) /* it reads for every question: in half the time, and as right */
            options.precision = MODEL_INT8;
        ok = ok && (base == NULL || reader_open(&assay->reader, &options, error));
    }
    *reader = assay->reader;
    arena_release(&arena);
    return ok;
}
