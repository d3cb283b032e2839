/* batch.c - a batch in three steps: all texts into tokens (shared out by text), tokens into packs, packs through the encoder.
 *
 * A pack is some texts behind one another. Many packs: a thread each, from one pack to the next. Too few for all threads (one
 * question, say): all threads work on the same pack. */
#include "batch.h"
#include <inttypes.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PACK_ROWS = 256,        /* more keeps the weights near, fewer the states */
    SPLIT_ROWS = 48,        /* below, a pack is not worth a thread of its own */
    WINDOW_TEXTS = 4096,    /* texts that are held as tokens at a time, at most */
    WINDOW_BYTES = 64 << 10, /* of text: what is held for it stays small */
    TEXTS_A_TURN = 8,       /* tokenized before the next turn is taken */
    ALIGNMENT = 64,
};

/* One thread's tools for tokenizing. */
struct reader {
    struct tokenizer_workspace *workspace;
    struct tokens tokens;
    struct buffer text; /* prompt and text together */
};

struct text_ids {
    uint32_t *ids;
    uint8_t *types;
    size_t count;
};

/* What went wrong first, on whichever thread. */
struct failure {
    bool failed;
    struct error error;
};

/* A window of a batch on its way. */
struct window {
    struct engine *engine;
    struct batch *batch;
    size_t first, count; /* texts of the batch */
    struct text_ids *texts;
    struct pack *packs;
    size_t pack_count;
    size_t *pack_first; /* the first text of each pack, in the window */
    struct arena arena, *tokens; /* tokens by thread */
    struct failure failure;
    size_t too_many; /* tokens of a text that cannot be cut to fit; 0: none */
    uint32_t foreign_token; /* one that the model has no row for; 0: none */
    bool is_excess; /* the tokenizer made too much of a text */
};

/* ---- memory ---- */

static void buffers_release(struct buffers *buffers)
{
    free(buffers->memory);
    *buffers = (struct buffers){0};
}

/* The next array of `bytes` in a block of memory; NULL asks for sizes only. */
static void *carve(char *memory, size_t *used, size_t bytes)
{
    void *place = memory != NULL ? memory + *used : NULL;
    *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return place;
}

/* Lays the arrays into `memory`, one behind the other, and returns their size. */
static size_t buffers_lay_out(struct buffers *buffers, const struct encoder *encoder, size_t rows, char *memory)
{
    const struct encoder_config *config = &encoder->config;
    size_t hidden = config->hidden, widest = config->intermediate > hidden ? config->intermediate : hidden, used = 0;
    size_t input = encoder->type == GEMM_F32    ? hidden * sizeof(float)
                   : encoder->type == GEMM_BF16 ? hidden * sizeof(uint16_t)
                                                : widest;
    size_t ffn = config->intermediate * (encoder->type == GEMM_F32 ? sizeof(float) : sizeof(uint16_t));
    buffers->memory = memory;
    buffers->rows = rows;
    buffers->x = carve(memory, &used, rows * hidden * sizeof(float));
    buffers->input = carve(memory, &used, rows * input);
    buffers->units = carve(memory, &used, rows * sizeof(*buffers->units));
    buffers->qkv = carve(memory, &used, rows * 3 * hidden * sizeof(float));
    buffers->context = carve(memory, &used, rows * hidden * sizeof(float));
    buffers->ffn = carve(memory, &used, rows * ffn);
    return used;
}

/* Room for `rows`, which the input decides: false when memory is out. */
static bool buffers_grow(struct buffers *buffers, const struct encoder *encoder, size_t rows)
{
    rows = (rows + GEMM_TILE - 1) / GEMM_TILE * GEMM_TILE;
    static_assert((int)GEMM_TILE >= (int)KERNEL_ATTENTION_ROWS,
                  "twice as many rows in bf16 as there are hold those read behind the last");
    if (rows <= buffers->rows)
        return true;
    buffers_release(buffers);
    struct buffers larger;
    size_t bytes = buffers_lay_out(&larger, encoder, rows, NULL);
    char *memory = memory_large(bytes, 1);
    if (memory != NULL)
        (void)buffers_lay_out(buffers, encoder, rows, memory);
    return memory != NULL;
}

static bool worker_grow(struct worker *worker, const struct encoder_config *config, size_t longest)
{
    size_t needed = kernel_attention_scratch(longest, config->head_size);
    needed = needed > longest ? needed : longest;
    if (needed <= worker->attention_size)
        return true;
    free(worker->attention);
    worker->attention = memory_large(needed, sizeof(float));
    worker->attention_size = worker->attention != NULL ? needed : 0;
    return worker->attention != NULL;
}

bool engine_init(struct engine *engine, const struct encoder *encoder, const struct tokenizer *tokenizer, size_t tokens_max,
                 struct pool *pool, struct error *error)
{
    const struct encoder_config *config = &encoder->config;
    size_t threads = pool_thread_count(pool),
           widest = config->intermediate > config->hidden ? config->intermediate : config->hidden;
    *engine = (struct engine){
        .encoder = encoder, .tokenizer = tokenizer, .tokens_max = tokens_max, .pool = pool, .thread_count = threads};
    engine->workers = memory_alloc(threads, sizeof(*engine->workers));
    engine->readers = memory_alloc(threads, sizeof(*engine->readers));
    engine->solo = memory_alloc(threads, sizeof(*engine->solo));
    engine->crews = memory_alloc(threads, sizeof(*engine->crews));
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->moved, NULL);
    for (size_t i = 0; i < threads; i++) {
        struct worker *worker = &engine->workers[i];
        struct reader *reader = &engine->readers[i];
        worker->lane = gemm_lane_create();
        worker->tile = memory_large((size_t)GEMM_TILE * GEMM_PANEL, sizeof(float));
        worker->gate_tile = memory_large((size_t)GEMM_TILE * GEMM_PANEL, sizeof(float));
        worker->row = memory_alloc(widest, sizeof(float));
        reader->workspace = tokenizer_workspace_create();
        tokens_init(&reader->tokens);
        buffer_init(&reader->text, LIMIT_JSON_BYTES);
        engine->crews[i] = (struct crew){.buffers = &engine->solo[i], .members = 1};
    }
    engine->crew_of_all = (struct crew){.buffers = &engine->team, .members = threads};
    engine->crew_of_all.steps = memory_large(encoder_steps(encoder), sizeof(struct crew_step));
    bool ok = engine->crew_of_all.steps != NULL;
    for (size_t i = 0; i < threads; i++)
        ok = ok && engine->workers[i].tile != NULL && engine->workers[i].gate_tile != NULL;
    if (!ok)
        error_set(error, ERROR_NO_MEMORY, "no memory for %zu threads", threads);
    return ok;
}

void engine_release(struct engine *engine)
{
    for (size_t i = 0; i < engine->thread_count; i++) {
        struct worker *worker = &engine->workers[i];
        struct reader *reader = &engine->readers[i];
        gemm_lane_free(worker->lane);
        free(worker->tile);
        free(worker->gate_tile);
        free(worker->row);
        free(worker->attention);
        tokenizer_workspace_free(reader->workspace);
        tokens_release(&reader->tokens);
        buffer_release(&reader->text);
        buffers_release(&engine->solo[i]);
    }
    if (engine->thread_count > 0) {
        pthread_mutex_destroy(&engine->lock);
        pthread_cond_destroy(&engine->moved);
    }
    buffers_release(&engine->team);
    free(engine->workers);
    free(engine->readers);
    free(engine->solo);
    free(engine->crews);
    free(engine->crew_of_all.steps);
    *engine = (struct engine){0};
}

/* ---- step 1: tokens ---- */

static void tokenize(struct window *window, size_t i, struct reader *reader, struct arena *arena)
{
    const struct batch *batch = window->batch;
    struct slice text = batch->firsts[window->first + i];
    const struct slice *pair = batch->seconds != NULL ? &batch->seconds[window->first + i] : NULL;
    if (batch->prompt.size > 0) {
        buffer_clear(&reader->text);
        buffer_append_slice(&reader->text, batch->prompt);
        buffer_append_slice(&reader->text, text);
        text = buffer_slice(&reader->text);
    }
    size_t most = window->engine->tokens_max;
    struct tokenizer_options options = {.tokens_max = batch->tokens_max > 0 && batch->tokens_max < most ? batch->tokens_max
                                                                                                        : most};
    tokenizer_encode(window->engine->tokenizer, reader->workspace, text, pair, &options, &reader->tokens);
    struct text_ids *out = &window->texts[i];
    out->count = reader->tokens.count;
    out->ids = arena_alloc(arena, out->count, sizeof(*out->ids));
    out->types = arena_alloc(arena, out->count, sizeof(*out->types));
    size_t vocabulary = window->engine->encoder->config.vocabulary;
    if (reader->tokens.is_excess)
        __atomic_store_n(&window->is_excess, true, __ATOMIC_RELAXED);
    if (out->count > most) { /* even the special tokens are too many */
        __atomic_store_n(&window->too_many, out->count, __ATOMIC_RELAXED);
        out->count = 0;
    }
    for (size_t t = 0; t < out->count; t++) {
        uint32_t id = reader->tokens.ids[t];
        if (id >= vocabulary)
            __atomic_store_n(&window->foreign_token, id, __ATOMIC_RELAXED);
        out->ids[t] = id < vocabulary ? id : 0;
        out->types[t] = reader->tokens.types[t];
    }
}

static void tokenize_some(void *context, size_t index, size_t thread)
{
    struct window *window = context;
    size_t end = (index + 1) * TEXTS_A_TURN < window->count ? (index + 1) * TEXTS_A_TURN : window->count;
    for (size_t i = index * TEXTS_A_TURN; i < end; i++)
        tokenize(window, i, &window->engine->readers[thread], &window->tokens[thread]);
}

/* ---- step 2: packs ---- */

/* Into how many packs, so that every thread gets as much as the others. */
static size_t packs_wanted(const struct engine *engine, size_t rows)
{
    size_t threads = engine->thread_count;
    size_t packs = (rows + PACK_ROWS - 1) / PACK_ROWS;
    packs = (packs + threads - 1) / threads * threads;
    if (rows / packs < SPLIT_ROWS)
        packs = rows / SPLIT_ROWS > 0 ? rows / SPLIT_ROWS : 1;
    return packs;
}

/* A pack ends where it is nearest to its share of what is left, so that packs are too large as often as too small: were each filled up to its
 * share at the least, the last one would lack what all of them have too much, and its thread would wait. */
size_t packs_cut(const size_t *rows, size_t count, size_t packs, size_t *ends)
{
    size_t left = 0, here = 0, made = 0;
    for (size_t i = 0; i < count; i++)
        left += rows[i];
    for (size_t i = 0; i < count && left > 0; i++) {
        here += rows[i];
        bool is_last = i + 1 == count;
        double share = (double)left / (double)(packs - made), half_of_next = is_last ? 0 : (double)rows[i + 1] / 2;
        if (here > 0 && (is_last || (made + 1 < packs && (double)here + half_of_next > share))) {
            ends[made++] = i + 1;
            left -= here;
            here = 0;
        }
    }
    return made;
}

static void add_pack(struct window *window, size_t first, size_t end)
{
    struct pack *pack = &window->packs[window->pack_count];
    size_t rows = 0;
    for (size_t i = first; i < end; i++)
        rows += window->texts[i].count;
    window->pack_first[window->pack_count++] = first;
    uint32_t *ids = arena_alloc(&window->arena, rows, sizeof(*ids));
    uint8_t *types = arena_alloc(&window->arena, rows, sizeof(*types));
    struct text_rows *texts = arena_alloc(&window->arena, end - first, sizeof(*texts));
    *pack = (struct pack){.ids = ids, .types = types, .texts = texts, .text_count = end - first, .rows = rows};
    size_t row = 0;
    for (size_t i = first; i < end; i++) {
        const struct text_ids *text = &window->texts[i];
        texts[i - first] = (struct text_rows){.first = row, .count = text->count};
        if (text->count > 0) {
            memcpy(ids + row, text->ids, text->count * sizeof(*ids));
            memcpy(types + row, text->types, text->count * sizeof(*types));
        }
        row += text->count;
    }
}

static void make_packs(struct window *window)
{
    size_t rows = 0, *counts = arena_alloc(&window->arena, window->count, sizeof(*counts));
    for (size_t i = 0; i < window->count; i++) {
        counts[i] = window->texts[i].count;
        rows += counts[i];
    }
    window->batch->tokens += rows;
    for (size_t i = 0; i < window->count; i++) /* nothing, and a tokenizer that adds nothing to it */
        if (window->texts[i].count == 0)
            window->batch->done(window->batch->context, window->first + i, NULL, 0);
    if (rows == 0)
        return;
    size_t *ends = arena_alloc(&window->arena, window->count, sizeof(*ends));
    size_t packs = packs_cut(counts, window->count, packs_wanted(window->engine, rows), ends);
    for (size_t pack = 0, first = 0; pack < packs; first = ends[pack++])
        add_pack(window, first, ends[pack]);
}

/* ---- step 3: through the encoder ---- */

/* In tokens, what stands before it included. */
static size_t longest_text(const struct pack *pack)
{
    size_t longest = 0;
    for (size_t i = 0; i < pack->text_count; i++) {
        const struct text_memory *memory = pack->memories != NULL ? pack->memories[i] : NULL;
        size_t count = pack->texts[i].count + (memory != NULL ? memory->count : 0);
        count += memory != NULL && memory->before != NULL ? memory->before->count : 0;
        longest = count > longest ? count : longest;
    }
    return longest;
}

static void hand_out(const struct window *window, size_t pack, const float *states)
{
    const struct pack *from = &window->packs[pack];
    size_t hidden = window->engine->encoder->config.hidden;
    for (size_t i = 0; i < from->text_count; i++)
        if (from->texts[i].count > 0)
            window->batch->done(window->batch->context, window->first + window->pack_first[pack] + i,
                                states + from->texts[i].first * hidden, from->texts[i].count);
}

static bool no_memory(const struct pack *pack, struct error *error)
{
    return error_set(error, ERROR_NO_MEMORY, "no memory for %zu tokens at a time", pack->rows);
}

static void note_failure(struct engine *engine, struct failure *failure, const struct error *error)
{
    pthread_mutex_lock(&engine->lock);
    if (!failure->failed)
        failure->error = *error;
    failure->failed = true;
    pthread_mutex_unlock(&engine->lock);
}

/* A pack through the layers, on this thread with the others of the crew, whose buffers have room for it. */
static bool run_member(struct engine *engine, const struct pack *pack, struct crew *crew, size_t thread, struct error *error)
{
    struct worker *worker = &engine->workers[thread];
    if (!worker_grow(worker, &engine->encoder->config, longest_text(pack)))
        return no_memory(pack, error);
    encoder_run(engine->encoder, pack, crew, worker);
    return gemm_lane_finish(worker->lane, error);
}

static bool make_room(const struct engine *engine, struct buffers *buffers, const struct pack *pack, struct error *error)
{
    return buffers_grow(buffers, engine->encoder, pack->rows) || no_memory(pack, error);
}

static void run_alone(void *context, size_t index, size_t thread)
{
    struct window *window = context;
    struct engine *engine = window->engine;
    const struct pack *pack = &window->packs[index];
    struct error error;
    if (make_room(engine, &engine->solo[thread], pack, &error) &&
        run_member(engine, pack, &engine->crews[thread], thread, &error))
        hand_out(window, index, engine->solo[thread].x);
    else
        note_failure(engine, &window->failure, &error);
}

struct together {
    struct engine *engine;
    const struct pack *pack;
    struct failure *failure;
};

static void run_together(void *context, size_t index, size_t thread)
{
    (void)index;
    const struct together *together = context;
    struct error error;
    if (!run_member(together->engine, together->pack, &together->engine->crew_of_all, thread, &error))
        note_failure(together->engine, together->failure, &error);
}

/* All threads on one pack; the rows are in engine->team.x then. For who has the team. */
static void run_one(struct engine *engine, const struct pack *pack, struct failure *failure)
{
    struct error error;
    struct together together = {engine, pack, failure};
    if (!make_room(engine, &engine->team, pack, &error)) {
        note_failure(engine, failure, &error);
        return;
    }
    memset(engine->crew_of_all.steps, 0, encoder_steps(engine->encoder) * sizeof(struct crew_step));
    pool_parallel_for(engine->pool, engine->thread_count, run_together, &together);
}

/* Callers have what all threads share in the order they came. */
static void team_take(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    uint64_t ticket = engine->tickets++;
    while (engine->serving != ticket)
        pthread_cond_wait(&engine->moved, &engine->lock);
    pthread_mutex_unlock(&engine->lock);
}

static void team_give_back(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->serving++;
    pthread_cond_broadcast(&engine->moved);
    pthread_mutex_unlock(&engine->lock);
}

static void run_packs(struct window *window)
{
    struct engine *engine = window->engine;
    if (window->pack_count >= engine->thread_count) {
        pool_parallel_for(engine->pool, window->pack_count, run_alone, window);
        return;
    }
    team_take(engine);
    for (size_t i = 0; i < window->pack_count && !window->failure.failed; i++) {
        run_one(engine, &window->packs[i], &window->failure);
        if (!window->failure.failed)
            hand_out(window, i, engine->team.x);
    }
    team_give_back(engine);
}

static bool run_window(struct window *window, struct error *error)
{
    struct engine *engine = window->engine;
    arena_init(&window->arena);
    window->texts = arena_alloc(&window->arena, window->count, sizeof(*window->texts));
    window->packs = arena_alloc(&window->arena, window->count, sizeof(*window->packs));
    window->pack_first = arena_alloc(&window->arena, window->count, sizeof(*window->pack_first));
    window->tokens = memory_alloc(engine->thread_count, sizeof(*window->tokens));
    for (size_t i = 0; i < engine->thread_count; i++)
        arena_init(&window->tokens[i]);
    pool_parallel_for(engine->pool, (window->count + TEXTS_A_TURN - 1) / TEXTS_A_TURN, tokenize_some, window);
    bool ok = tokenizer_check(engine->tokenizer, &(struct tokens){.is_excess = window->is_excess}, error);
    if (ok && window->foreign_token > 0)
        ok = error_set(error, ERROR_INVALID, "the tokenizer's token %" PRIu32 " is not in the model's vocabulary of %zu",
                       window->foreign_token, engine->encoder->config.vocabulary);
    if (ok && window->too_many > 0)
        ok = error_set(error, ERROR_INVALID, "the tokenizer makes at least %zu tokens of a text, the model takes %zu",
                       window->too_many, engine->tokens_max);
    if (ok) {
        make_packs(window);
        run_packs(window);
        ok = !window->failure.failed;
        if (!ok)
            *error = window->failure.error;
    }
    for (size_t i = 0; i < engine->thread_count; i++)
        arena_release(&window->tokens[i]);
    free(window->tokens);
    arena_release(&window->arena);
    return ok;
}

/* Texts from `first` on that make a window. */
static size_t window_texts(const struct batch *batch, size_t first)
{
    size_t count = 0, bytes = 0;
    while (first + count < batch->count && count < WINDOW_TEXTS && bytes < WINDOW_BYTES) {
        bytes += batch->firsts[first + count].size + (batch->seconds != NULL ? batch->seconds[first + count].size : 0);
        count++;
    }
    return count;
}

bool engine_run(struct engine *engine, struct batch *batch, struct error *error)
{
    bool ok = true;
    for (size_t first = 0, count; first < batch->count && ok; first += count) {
        count = window_texts(batch, first);
        struct window window = {.engine = engine, .batch = batch, .first = first, .count = count};
        ok = run_window(&window, error);
    }
    return ok;
}

bool engine_run_pack(struct engine *engine, const struct pack *pack, float *states, struct error *error)
{
    struct failure failure = {0};
    team_take(engine);
    run_one(engine, pack, &failure);
    if (!failure.failed)
        memcpy(states, engine->team.x, pack->rows * engine->encoder->config.hidden * sizeof(*states));
    team_give_back(engine);
    if (failure.failed)
        *error = failure.error;
    return !failure.failed;
}
