/* grammars.h - source code asked for its functions and classes by tree-sitter, where it is installed. Private to this room.
 *
 * A grammar is a program of tables and code, made by others, that reads what comes from anywhere: it runs in confined workers
 * (base/worker.h), of which each has one grammar, and which are started for those who may see the documents, as for other documents. What goes wrong
 * costs the tree, and the parts are found as without it. */
#ifndef INGEST_GRAMMARS_H
#define INGEST_GRAMMARS_H

#include "codec/codec.h"
#include "tree_sitter.h"

struct grammars;
struct grammars *grammars_create(size_t worker_count) MUST_USE;
void grammars_free(struct grammars *grammars); /* NULL is fine */

/* Whether a grammar (grammar_of) lies here that may be of use. May be called by several threads at once, as may what follows. */
bool grammars_have(struct grammars *grammars, int grammar);

/* Why a grammar that lies here is not asked, in the arena: told once. NULL: it is asked, or none lies here, or it was told. */
const char *grammars_take_reason(struct grammars *grammars, int grammar, struct arena *arena);

/* Starts workers for so many documents of these readers, while no other thread works. Where none can be, the grammar is not asked from then on. */
void grammars_start(struct grammars *grammars, int grammar, uint64_t readers, size_t count);

struct code_tree {
    struct code_part *parts; /* in the arena */
    size_t count;
};

/* The parts of a text of up to LIMIT_GRAMMAR_BYTES, in UTF-8. WORKER_DONE without any: it has none, or the grammar turned out to be of no use. */
enum worker_outcome grammars_parse(struct grammars *grammars, int grammar, uint64_t readers, struct slice text,
                                   struct arena *arena, struct code_tree *tree, struct error *error);

#endif
