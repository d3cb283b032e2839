/* grammars.h - source code asked for its functions and classes by tree-sitter, where it is installed. Private to this room.
 *
 * A grammar is a program of tables and code, made by others, that reads what comes from anywhere: it runs in confined workers
 * (base/worker.h), which are started for those who may see the documents, as for other documents. What goes wrong costs the tree, and the
 * parts are found as without it. */
#ifndef INGEST_GRAMMARS_H
#define INGEST_GRAMMARS_H

#include "codec/codec.h"

struct grammars;
struct grammars *grammars_create(size_t worker_count) MUST_USE;
void grammars_free(struct grammars *grammars); /* NULL is fine */

/* Whether the text's language has a grammar here that may be of use. May be called by several threads at once, as may grammars_parse. */
bool grammars_have(struct grammars *grammars, struct slice text, const char *name);

/* Starts workers for documents of these readers, while no other thread works. Where none can be, there are no grammars from then on. */
void grammars_start(struct grammars *grammars, uint64_t readers, size_t count);

struct code_tree {
    struct code_part *parts; /* in the arena */
    size_t count;
};

/* The parts of a text, in UTF-8. WORKER_DONE without any: the grammar turned out to be of no use, and is not asked again. */
enum worker_outcome grammars_parse(struct grammars *grammars, uint64_t readers, struct slice text, const char *name,
                                   struct arena *arena, struct code_tree *tree, struct error *error);

#endif
