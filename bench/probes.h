/* probes.h - what the probes of answers share. */
#ifndef BENCH_PROBES_H
#define BENCH_PROBES_H

#include "ask/features.h"
#include <stdio.h>

/* The reader that comes with the program; NULL: there is none. */
static inline bool open_reader(struct project *project, struct reader **reader, struct error *error)
{
    struct arena arena;
    struct error none;
    const char *adapter, *base = NULL;
    arena_init(&arena);
    bool ok = true;
    *reader = NULL;
    if (adapter_find("reader", NULL, &arena, &adapter, &none)) {
        ok = models_find_base_of("reader", adapter, project->root, &arena, &base, error);
        const struct reader_options options = {
            .base = base, .adapter = adapter, .precision = MODEL_INT8, .pool = project->pool, .is_builtin = true};
        ok = ok && (base == NULL || reader_open(reader, &options, error));
    }
    arena_release(&arena);
    return ok;
}

/* On one line. */
static inline void put_text(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        putchar(byte_among(text.data[i], "\t\n\r") ? ' ' : text.data[i]);
}

#endif
