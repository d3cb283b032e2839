/* batch.h - many texts through an encoder: tokenized, packed and shared out to threads. Private to model. */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

#include "encoder.h"
#include "text/text.h"
#include <pthread.h>

/* Where and with what batches are computed, by several callers at a time. */
struct engine {
    const struct encoder *encoder;
    const struct tokenizer *tokenizer;
    size_t tokens_max;
    struct pool *pool;
    size_t thread_count;
    struct worker *workers;          /* by thread */
    struct reader *readers;          /* by thread: for tokenizing */
    struct buffers *solo, team;      /* solo by thread */
    struct crew *crews, crew_of_all; /* crews by thread, of one each */
    pthread_mutex_t lock; /* guards the three below, and what went wrong */
    pthread_cond_t moved; /* serving changed */
    uint64_t tickets, serving; /* of `team` and crew_of_all, which one caller has at a time */
};

bool engine_init(struct engine *engine, const struct encoder *encoder, const struct tokenizer *tokenizer, size_t tokens_max,
                 struct pool *pool, struct error *error) MUST_USE;
void engine_release(struct engine *engine);

/* Called for each text with its rows, on any thread, several at a time. */
typedef void batch_done(void *context, size_t text, const float *rows, size_t count);

struct batch {
    const struct slice *firsts;
    const struct slice *seconds; /* NULL: single texts */
    size_t count;
    struct slice prompt; /* put before each */
    size_t tokens_max; /* at most the engine's; 0: that */
    batch_done *done;
    void *context;
    uint64_t tokens; /* out: raised by those computed */
};

/* Cuts texts of so many rows into runs of about the same number of rows, `packs` of them at the most: `ends` gets the text behind the last of each.
 * Returns how many there are. */
size_t packs_cut(const size_t *rows, size_t count, size_t packs, size_t *ends);

/* One pack as it is, with its memories (text_memory.h); states: [pack->rows, hidden]. */
bool engine_run_pack(struct engine *engine, const struct pack *pack, float *states, struct error *error) MUST_USE;

bool engine_run(struct engine *engine, struct batch *batch, struct error *error) MUST_USE;

#endif
