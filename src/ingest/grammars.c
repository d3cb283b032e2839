/* grammars.c - what a worker answers: u8 1 and the parts (four u32 each, as struct code_part), or u8 0 when it has no such grammar. */
#include "grammars.h"
#include "tree_sitter.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum state { STATE_UNKNOWN, STATE_FOUND, STATE_ABSENT };
enum { PART_BYTES = 16 };

struct grammars {
    struct workers *workers;
    _Atomic unsigned char states[GRAMMAR_COUNT];
};

/* ---- in a worker ---- */

static bool parse_in_worker(unsigned job, struct slice source, struct buffer *output, struct error *error)
{
    const struct tree_sitter *library = tree_sitter();
    const TSLanguage *language = library != NULL && job < GRAMMAR_COUNT ? library->languages[job] : NULL;
    buffer_append_byte(output, language != NULL);
    if (language == NULL)
        return true;
    TSParser *parser = library->parser_new();
    TSTree *tree = library->parser_set_language(parser, language)
                       ? library->parser_parse_string(parser, NULL, source.data, (uint32_t)source.size)
                       : NULL;
    if (tree != NULL) {
        tree_write_parts(library, tree, source, output);
        library->tree_delete(tree);
    }
    library->parser_delete(parser);
    return tree != NULL || error_set(error, ERROR_INVALID, "its grammar makes no tree of it");
}

/* ---- in the program ---- */

struct grammars *grammars_create(size_t worker_count)
{
    static const struct worker_limits limits = {.wall_ms = 1000 * LIMIT_GRAMMAR_SECONDS,
                                                .wall_ms_per_mib = 2000,
                                                .memory_bytes = LIMIT_GRAMMAR_MEMORY,
                                                .output_bytes = 1 + PART_BYTES * LIMIT_GRAMMAR_PARTS,
                                                .advice = "Split it"};
    struct grammars *grammars = memory_alloc(1, sizeof(*grammars));
    grammars->workers = workers_create(parse_in_worker, &limits, worker_count);
    workers_prepare(grammars->workers, tree_sitter_open);
    for (size_t i = 0; i < GRAMMAR_COUNT; i++)
        atomic_init(&grammars->states[i], STATE_UNKNOWN);
    return grammars;
}

void grammars_free(struct grammars *grammars)
{
    if (grammars == NULL)
        return;
    workers_free(grammars->workers);
    free(grammars);
}

static bool is_there(void *context, const char *path)
{
    (void)context;
    return access(path, R_OK) == 0;
}

bool grammars_have(struct grammars *grammars, struct slice text, const char *name)
{
    int grammar = text.size <= LIMIT_GRAMMAR_BYTES ? grammar_of(text, name) : GRAMMAR_NONE;
    if (grammar == GRAMMAR_NONE)
        return false;
    if (atomic_load(&grammars->states[grammar]) == STATE_UNKNOWN) {
        unsigned char unknown = STATE_UNKNOWN, found = grammar_each_place(grammar, is_there, NULL) ? STATE_FOUND : STATE_ABSENT;
        (void)atomic_compare_exchange_strong(&grammars->states[grammar], &unknown, found);
    }
    return atomic_load(&grammars->states[grammar]) == STATE_FOUND;
}

void grammars_start(struct grammars *grammars, uint64_t readers, size_t count)
{
    struct error error;
    if (workers_start(grammars->workers, readers, count, &error))
        return;
    for (size_t i = 0; i < GRAMMAR_COUNT; i++)
        atomic_store(&grammars->states[i], STATE_ABSENT);
}

struct taking {
    struct grammars *grammars;
    int grammar;
    struct slice text;
    struct arena *arena;
    struct code_tree *tree;
};

/* The worker may have been taken over: what it says is only where to cut, and code_read_parts() takes any places. */
static bool take_parts(void *context, struct slice output, struct error *error)
{
    const struct taking *taking = context;
    struct bytes bytes = bytes_from(output);
    uint8_t has_grammar = bytes_u8(&bytes);
    size_t count = bytes_left(&bytes) / PART_BYTES;
    if (has_grammar == 0 && bytes_left(&bytes) == 0 && !bytes.failed) {
        atomic_store(&taking->grammars->states[taking->grammar], STATE_ABSENT);
        return true;
    }
    if (has_grammar != 1 || bytes_left(&bytes) != count * PART_BYTES || count > LIMIT_GRAMMAR_PARTS)
        return error_set(error, ERROR_CORRUPT, "what its parser gave back is damaged");
    struct code_part *parts = arena_alloc(taking->arena, count + 1, sizeof(*parts));
    for (size_t i = 0; i < count; i++) {
        struct code_part *part = &parts[i];
        part->start = bytes_u32(&bytes);
        part->body = bytes_u32(&bytes);
        part->end = bytes_u32(&bytes);
        part->level = bytes_u32(&bytes);
        if (part->start > part->body || part->body > part->end || part->end > taking->text.size)
            return error_set(error, ERROR_CORRUPT, "what its parser gave back is damaged");
    }
    *taking->tree = (struct code_tree){parts, count};
    return true;
}

enum worker_outcome grammars_parse(struct grammars *grammars, uint64_t readers, struct slice text, const char *name,
                                   struct arena *arena, struct code_tree *tree, struct error *error)
{
    struct taking taking = {
        .grammars = grammars, .grammar = grammar_of(text, name), .text = text, .arena = arena, .tree = tree};
    *tree = (struct code_tree){NULL, 0};
    if (taking.grammar == GRAMMAR_NONE)
        return WORKER_DONE;
    return workers_run(grammars->workers, readers, (unsigned)taking.grammar, text, take_parts, &taking, error);
}
