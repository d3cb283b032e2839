/* ask_writer.c - the writer that answers where no language model does: found, opened once, kept with the handle. */
#include "ask_writer.h"
#include "writer/writer.h"

bool ask_writer(struct assay *assay, struct writer **writer, struct error *error)
{
    struct arena arena;
    const char *adapter, *base = NULL;
    struct error none;
    *writer = assay->writer;
    if (assay->writer != NULL)
        return true;
    arena_init(&arena);
    bool ok = true;
    if (adapter_find("writer", assay->project->root, &arena, &adapter, &none)) {
        struct writer_options options = {.adapter = adapter, .pool = assay->project->pool};
        ok = models_find_base_of("writer", adapter, assay->project->root, &arena, &base, error);
        options.base = base;
        ok = ok && (base == NULL || writer_open(&assay->writer, &options, error));
    }
    *writer = assay->writer;
    arena_release(&arena);
    return ok;
}
