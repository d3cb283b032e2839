/* ask_reader.c - the reader that answers where no language model does: found, opened once, kept with the handle. */
#include "ask_reader.h"
#include "reader/reader.h"
#include <string.h>

/* The base of the reader that was found. One that came with the program is of no use where its base was not installed: then there is no
 * reader. The project's own without its base is an error. */
static bool find_base(const struct assay *assay, const char *adapter, struct arena *arena, const char **base,
                      struct error *error)
{
    const char *installed;
    struct error none;
    if (models_find_base(adapter, assay->project->root, arena, base, error))
        return true;
    *base = NULL;
    return error->kind == ERROR_NOT_FOUND && adapter_find("reader", NULL, arena, &installed, &none) &&
           strcmp(adapter, installed) == 0;
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
        ok = find_base(assay, adapter, &arena, &base, error);
        options.base = base;
        ok = ok && (base == NULL || reader_open(&assay->reader, &options, error));
    }
    *reader = assay->reader;
    arena_release(&arena);
    return ok;
}
