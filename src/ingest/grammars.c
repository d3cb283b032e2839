/* grammars.c - what a worker answers: u8 1 and the parts (four u32 each, as struct code_part), or u8 0 and why it has no such grammar.
 *
 *   unknown ── it lies somewhere ──▶ found ── cannot be loaded, or fails LIMIT_GRAMMAR_FAILURES times in a row ──▶ useless (told once)
 *      └────── nowhere ──▶ absent (not told: nobody has asked for it) */
#include "grammars.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum state { STATE_UNKNOWN, STATE_FOUND, STATE_ABSENT, STATE_USELESS };
enum { PART_BYTES = 16, REASON_BYTES = 512 };

struct grammar {
    struct workers *workers;
    _Atomic unsigned char state;
    _Atomic unsigned failures; /* one after the other */
    char reason[REASON_BYTES]; /* of being useless, until it is told; under the lock */
};

struct grammars {
    pthread_mutex_t lock;
    struct grammar items[GRAMMAR_COUNT];
};

/* ---- in a worker ---- */

static bool parse_in_worker(unsigned job, struct slice source, struct buffer *output, struct error *error)
{
    const struct tree_sitter *library = tree_sitter();
    (void)job;
    buffer_append_byte(output, library->language != NULL);
    if (library->language == NULL) {
        buffer_append_text(output, library->reason);
        return true;
    }
    TSParser *parser = library->parser_new();
    TSTree *tree = library->parser_set_language(parser, library->language)
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
                                                .advice = "Take that grammar away, or install another version of it"};
    struct grammars *grammars = memory_alloc(1, sizeof(*grammars));
    pthread_mutex_init(&grammars->lock, NULL);
    for (unsigned i = 0; i < GRAMMAR_COUNT; i++) {
        struct grammar *grammar = &grammars->items[i];
        grammar->workers = workers_create(parse_in_worker, &limits, worker_count);
        workers_prepare(grammar->workers, tree_sitter_open, i);
        atomic_init(&grammar->state, STATE_UNKNOWN);
        atomic_init(&grammar->failures, 0);
    }
    return grammars;
}

void grammars_free(struct grammars *grammars)
{
    if (grammars == NULL)
        return;
    for (size_t i = 0; i < GRAMMAR_COUNT; i++)
        workers_free(grammars->items[i].workers);
    pthread_mutex_destroy(&grammars->lock);
    free(grammars);
}

static bool is_there(void *context, const char *path)
{
    (void)context;
    return access(path, F_OK) == 0;
}

bool grammars_have(struct grammars *grammars, int grammar)
{
    struct grammar *it = &grammars->items[grammar];
    if (atomic_load(&it->state) == STATE_UNKNOWN) {
        unsigned char unknown = STATE_UNKNOWN, found = grammar_each_place(grammar, is_there, NULL) ? STATE_FOUND : STATE_ABSENT;
        (void)atomic_compare_exchange_strong(&it->state, &unknown, found);
    }
    return atomic_load(&it->state) == STATE_FOUND;
}

/* The reason may come from a process that was taken over: it is text for people, on one line. */
static void give_up(struct grammars *grammars, struct grammar *it, struct slice reason)
{
    struct arena arena;
    arena_init(&arena);
    struct slice line = slice_cut(arena_line(&arena, reason), REASON_BYTES - 1);
    pthread_mutex_lock(&grammars->lock);
    if (atomic_load(&it->state) == STATE_FOUND) {
        memcpy(it->reason, line.data, line.size);
        it->reason[line.size] = '\0';
        atomic_store(&it->state, line.size > 0 ? STATE_USELESS : STATE_ABSENT);
    }
    pthread_mutex_unlock(&grammars->lock);
    arena_release(&arena);
}

const char *grammars_take_reason(struct grammars *grammars, int grammar, struct arena *arena)
{
    struct grammar *it = &grammars->items[grammar];
    const char *reason = NULL;
    if (atomic_load(&it->state) != STATE_USELESS)
        return NULL;
    pthread_mutex_lock(&grammars->lock);
    if (it->reason[0] != '\0')
        reason = arena_format(arena, "%s", it->reason);
    it->reason[0] = '\0';
    pthread_mutex_unlock(&grammars->lock);
    return reason;
}

void grammars_start(struct grammars *grammars, int grammar, uint64_t readers, size_t count)
{
    struct error error;
    struct grammar *it = &grammars->items[grammar];
    if (!workers_start(it->workers, readers, count, &error))
        give_up(grammars, it, slice_from(error.message));
}

struct taking {
    struct grammars *grammars;
    struct grammar *grammar;
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
    if (has_grammar == 0 && !bytes.failed) {
        give_up(taking->grammars, taking->grammar, bytes_slice(&bytes, bytes_left(&bytes)));
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

enum worker_outcome grammars_parse(struct grammars *grammars, int grammar, uint64_t readers, struct slice text,
                                   struct arena *arena, struct code_tree *tree, struct error *error)
{
    struct grammar *it = &grammars->items[grammar];
    struct taking taking = {.grammars = grammars, .grammar = it, .text = text, .arena = arena, .tree = tree};
    *tree = (struct code_tree){NULL, 0};
    assert(text.size <= LIMIT_GRAMMAR_BYTES);
    enum worker_outcome outcome = workers_run(it->workers, readers, (unsigned)grammar, text, take_parts, &taking, error);
    if (outcome == WORKER_DONE)
        atomic_store(&it->failures, 0);
    else if (outcome == WORKER_FAILED && atomic_fetch_add(&it->failures, 1) + 1 >= LIMIT_GRAMMAR_FAILURES)
        give_up(grammars, it, slice_from(arena_format(arena, "it failed on %d files in a row", LIMIT_GRAMMAR_FAILURES)));
    return outcome;
}
