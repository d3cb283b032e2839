/* checkpoint.c - where a run was, so that it can go on; and its log.
 *
 *   FOLDER/checkpoint   "ASSAYTRN" | u32 version | key 32 | u64 step, best_step, since_best | u64 best_score, last_loss as bits |
 *                       u8 has_best, stopped | u64 numbers | weights | moments | best weights, if any |
 *                       32 bytes: BLAKE2b of all before
 *   FOLDER/train.jsonl  a line a step, a line a score
 *
 * Numbers are little endian. Weights are f32 of all learned tensors in their order; moments lie as in memory (optimizer.c): the first ones of all, then the
 * second ones, and behind them the scales and codes of those in 8 bits. Each file is replaced whole (file.h), the log first: lines past the
 * checkpoint's step are dropped when it is read. The key is a hash of the recipe, of the adapter that it began with, and of all tokens and
 * targets: a checkpoint of others is refused. */
#include "train_parts.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, KEY_BYTES = 32, HEAD_BYTES_MAX = 4096 };
#define SHOW_NS UINT64_C(1000000000)
static const char magic[8] = {'A', 'S', 'S', 'A', 'Y', 'T', 'R', 'N'};

/* ---- the key ---- */

static void add(crypto_generichash_state *state, const void *data, size_t size)
{
    if (size > 0)
        (void)crypto_generichash_update(state, data, size);
}

static void add_numbers(crypto_generichash_state *state, const double *numbers, size_t count)
{
    add(state, numbers, count * sizeof(*numbers));
}

void run_start(struct trainer *trainer)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, KEY_BYTES);
    for (size_t i = 0; i < trainer->learned_count; i++) {
        const struct parameter *parameter = &trainer->learned[i].parameter;
        add(&state, parameter->values, parameter->count * sizeof(*parameter->values));
    }
    crypto_generichash_final(&state, trainer->start, KEY_BYTES);
}

static void add_recipe(crypto_generichash_state *state, const struct trainer *trainer)
{
    const struct train_recipe *r = &trainer->recipe;
    const double numbers[] = {r->task,
                              r->scope,
                              (double)r->outputs,
                              trainer->info->precision,
                              r->mean_pooling,
                              (double)r->lora.rank,
                              (double)r->lora.alpha,
                              (double)r->lora.dropout,
                              r->lora.rank_stabilised,
                              (double)r->epochs,
                              (double)r->steps_max,
                              (double)r->batch_examples,
                              (double)trainer->tokens_max,
                              (double)r->learning_rate,
                              (double)r->head_learning_rate,
                              r->schedule,
                              (double)r->warmup,
                              (double)r->weight_decay,
                              (double)r->beta1,
                              (double)r->beta2,
                              (double)r->epsilon,
                              (double)r->clip,
                              (double)r->dropout,
                              (double)r->label_smoothing,
                              (double)r->focal_gamma,
                              (double)r->temperature,
                              (double)r->evaluate_steps,
                              (double)r->patience};
    add_numbers(state, numbers, ARRAY_COUNT(numbers));
    add(state, &r->seed, sizeof(r->seed));
    if (r->moments_8bit) /* else the key stays what it was before there was this choice */
        add(state, "moments 8", sizeof("moments 8"));
    if (r->widths[0] > 0)
        add(state, r->widths, sizeof(r->widths));
    add(state, trainer->base_hash, sizeof(trainer->base_hash));
    add(state, trainer->start, sizeof(trainer->start));
    for (size_t i = 0; i < trainer->learned_count; i++)
        add(state, trainer->learned[i].parameter.name, strlen(trainer->learned[i].parameter.name) + 1);
}

void run_key(const struct trainer *trainer, const struct ready_set *set, const struct train_example *examples,
             unsigned char key[32])
{
    crypto_generichash_state state;
    enum train_task task = trainer->recipe.task;
    crypto_generichash_init(&state, NULL, 0, KEY_BYTES);
    add_recipe(&state, trainer);
    for (size_t i = 0; i < set->count; i++) {
        const struct ready *item = &set->items[i];
        const struct train_example *example = &examples[item->example];
        const double numbers[] = {(double)item->count,
                                  (double)item->start,
                                  (double)item->end,
                                  (double)item->weight,
                                  (double)item->source,
                                  (double)item->example,
                                  task == TRAIN_CLASSIFY ? (double)example->label : 0};
        add_numbers(&state, numbers, ARRAY_COUNT(numbers));
        add(&state, item->ids, item->count * sizeof(*item->ids));
        add(&state, item->types, item->count * sizeof(*item->types));
        if (item->wanted != NULL)
            add(&state, item->wanted, item->count * sizeof(*item->wanted));
        if (task == TRAIN_CLASSIFY_MANY || task == TRAIN_REGRESS || task == TRAIN_RANK)
            add(&state, example->targets, trainer->recipe.outputs * sizeof(*example->targets));
    }
    crypto_generichash_final(&state, key, KEY_BYTES);
}

/* ---- writing ---- */

static uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    return bits;
}

static double number_of(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof(number));
    return number;
}

static void write_head(struct buffer *head, const struct trainer *trainer, const unsigned char key[32],
                       const struct run_state *state)
{
    buffer_append(head, magic, sizeof(magic));
    buffer_u32(head, VERSION);
    buffer_append(head, key, KEY_BYTES);
    buffer_u64(head, state->step);
    buffer_u64(head, state->best_step);
    buffer_u64(head, state->since_best);
    buffer_u64(head, bits_of(state->best_score));
    buffer_u64(head, bits_of(state->last_loss));
    buffer_append_byte(head, (char)state->has_best);
    buffer_append_byte(head, (char)state->stopped);
    buffer_u64(head, trainer->learned_numbers);
}

/* The parts of the file behind one another; returns how many. */
static size_t list_parts(const struct trainer *trainer, const struct run_state *state, struct slice head, struct slice *parts)
{
    size_t count = 0;
    parts[count++] = head;
    for (size_t i = 0; i < trainer->learned_count; i++)
        parts[count++] = (struct slice){(const char *)trainer->learned[i].parameter.values,
                                        trainer->learned[i].parameter.count * sizeof(float)};
    parts[count++] = (struct slice){(const char *)trainer->moments, trainer->moments_bytes};
    if (state->has_best)
        parts[count++] = (struct slice){(const char *)trainer->best, trainer->learned_numbers * sizeof(float)};
    return count;
}

static void hash_parts(const struct slice *parts, size_t count, unsigned char hash[32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, KEY_BYTES);
    for (size_t i = 0; i < count; i++)
        add(&state, parts[i].data, parts[i].size);
    crypto_generichash_final(&state, hash, KEY_BYTES);
}

bool checkpoint_write(struct trainer *trainer, const unsigned char key[32], const struct run_state *state, struct error *error)
{
    struct buffer head;
    struct arena arena;
    unsigned char hash[KEY_BYTES];
    arena_init(&arena);
    buffer_init(&head, HEAD_BYTES_MAX);
    write_head(&head, trainer, key, state);
    struct slice *parts = arena_alloc(&arena, trainer->learned_count + 4, sizeof(*parts));
    size_t count = list_parts(trainer, state, buffer_slice(&head), parts);
    hash_parts(parts, count, hash);
    parts[count++] = (struct slice){(const char *)hash, sizeof(hash)};
    bool ok = file_replace(path_join(&arena, trainer->folder, "train.jsonl"), buffer_slice(&trainer->log), error) &&
              file_replace_parts(path_join(&arena, trainer->folder, "checkpoint"), parts, count, error);
    buffer_release(&head);
    arena_release(&arena);
    return ok || error_wrap(error, "could not keep the training's state");
}

/* ---- reading ---- */

static bool read_head(struct bytes *bytes, const struct trainer *trainer, const unsigned char key[32], struct run_state *state,
                      const char *path, struct error *error)
{
    struct slice mark = bytes_slice(bytes, sizeof(magic));
    uint32_t version = bytes_u32(bytes);
    if (bytes->failed || memcmp(mark.data, magic, sizeof(magic)) != 0 || version != VERSION)
        return error_set(error, ERROR_CORRUPT, "\"%s\" is no checkpoint of this version", path);
    struct slice own = bytes_slice(bytes, KEY_BYTES);
    state->step = bytes_u64(bytes);
    state->best_step = bytes_u64(bytes);
    state->since_best = bytes_u64(bytes);
    state->best_score = number_of(bytes_u64(bytes));
    state->last_loss = number_of(bytes_u64(bytes));
    state->has_best = bytes_u8(bytes) != 0;
    state->stopped = bytes_u8(bytes) != 0;
    uint64_t numbers = bytes_u64(bytes);
    if (bytes->failed)
        return error_set(error, ERROR_CORRUPT, "\"%s\" ends within its head", path);
    bool is_own = memcmp(own.data, key, KEY_BYTES) == 0 && numbers == trainer->learned_numbers;
    if (is_own && (!state->has_best || trainer->best != NULL))
        return true;
    if (is_own) {
        error_set(error, ERROR_CONFLICT, "\"%s\" is of a run that was scored, and this one is not", path);
        return error_hint(error, "Train from the start, or with a score as before.");
    }
    error_set(error, ERROR_CONFLICT, "\"%s\" is of another recipe, other examples or another base", path);
    return error_hint(error, "Train from the start, or with what it was begun with.");
}

static bool check_sum(struct slice file, const char *path, struct error *error)
{
    unsigned char hash[KEY_BYTES];
    if (file.size < KEY_BYTES)
        return error_set(error, ERROR_CORRUPT, "\"%s\" has %zu bytes", path, file.size);
    struct slice all = {file.data, file.size - KEY_BYTES};
    hash_parts(&all, 1, hash);
    if (memcmp(hash, file.data + all.size, KEY_BYTES) == 0)
        return true;
    error_set(error, ERROR_CORRUPT, "\"%s\" is damaged: its checksum is wrong", path);
    return error_hint(error, "Remove it and train from the start.");
}

/* The rows that have moments. */
static void find_used(const struct learned *learned)
{
    const struct parameter *parameter = &learned->parameter;
    for (size_t i = 0; i < parameter->count && parameter->used != NULL; i++)
        if (learned->first[i] != 0 || learned->second[i] != 0)
            parameter->used[i / parameter->columns] = 1;
}

static void read_numbers(struct bytes *bytes, struct trainer *trainer, const struct run_state *state)
{
    for (size_t i = 0; i < trainer->learned_count && !bytes->failed; i++) {
        struct parameter *parameter = &trainer->learned[i].parameter;
        struct slice values = bytes_slice(bytes, parameter->count * sizeof(float));
        if (!bytes->failed)
            memcpy(parameter->values, values.data, values.size);
    }
    struct slice moments = bytes_slice(bytes, trainer->moments_bytes);
    if (!bytes->failed)
        memcpy(trainer->moments, moments.data, moments.size);
    struct slice best = bytes_slice(bytes, state->has_best ? trainer->learned_numbers * sizeof(float) : 0);
    if (!bytes->failed && state->has_best)
        memcpy(trainer->best, best.data, best.size);
    for (size_t i = 0; i < trainer->learned_count; i++)
        find_used(&trainer->learned[i]);
    trainable_changed(trainer->trainable);
}

/* The log up to the checkpoint's step: each line begins with {"step":N. */
static bool read_log(struct trainer *trainer, const char *path, size_t step, struct error *error)
{
    struct buffer text;
    struct slice rest, line;
    if (!file_exists(path))
        return true;
    buffer_init(&text, LIMIT_JSON_BYTES);
    bool ok = file_read(path, LIMIT_JSON_BYTES, &text, error);
    rest = buffer_slice(&text);
    while (ok && slice_next(&rest, '\n', &line)) {
        size_t at;
        uint64_t number;
        struct slice start = SLICE("{\"step\":");
        if (!slice_starts_with(line, start))
            continue;
        line = slice_range(line, start.size, line.size);
        if (slice_find(line, ',', &at) && slice_to_u64(slice_range(line, 0, at), &number) && number <= step) {
            buffer_append_slice(&trainer->log, start);
            buffer_append_slice(&trainer->log, line);
            buffer_append_byte(&trainer->log, '\n');
        }
    }
    buffer_release(&text);
    return ok;
}

bool checkpoint_read(struct trainer *trainer, const unsigned char key[32], struct run_state *state, bool *found,
                     struct error *error)
{
    struct arena arena;
    struct file_map map = {0};
    struct run_state read = {0};
    arena_init(&arena);
    const char *path = path_join(&arena, trainer->folder, "checkpoint");
    *found = file_exists(path);
    bool ok = true;
    if (*found)
        ok = file_map_open(&map, path, error);
    if (*found && ok) {
        struct slice file = {(const char *)map.data, map.size};
        struct bytes bytes = bytes_from(slice_range(file, 0, file.size < KEY_BYTES ? 0 : file.size - KEY_BYTES));
        ok = check_sum(file, path, error) && read_head(&bytes, trainer, key, &read, path, error);
        if (ok)
            read_numbers(&bytes, trainer, &read);
        if (ok && (bytes.failed || bytes_left(&bytes) > 0))
            ok = error_set(error, ERROR_CORRUPT, "\"%s\" has %zu bytes, which do not fit what is trained", path, file.size);
        ok = ok && read_log(trainer, path_join(&arena, trainer->folder, "train.jsonl"), read.step, error);
    }
    if (ok)
        *state = read;
    file_map_close(&map);
    arena_release(&arena);
    return ok;
}

/* ---- the log ---- */

/* For who looks on. What goes beyond the checkpoint is left out when the training goes on from there. */
static void show_log(struct trainer *trainer)
{
    struct arena arena;
    struct error ignored;
    uint64_t now = clock_now_ns();
    if (now - trainer->log_kept_ns < SHOW_NS)
        return;
    trainer->log_kept_ns = now;
    arena_init(&arena);
    (void)!file_replace(path_join(&arena, trainer->folder, "train.jsonl"), buffer_slice(&trainer->log), &ignored);
    arena_release(&arena);
}

void log_step(struct trainer *trainer, const struct train_progress *progress)
{
    struct json_writer json;
    if (trainer->folder == NULL)
        return;
    json_writer_init(&json, &trainer->log);
    json_object_begin(&json);
    json_key(&json, "step");
    json_integer(&json, (int64_t)progress->step);
    json_key(&json, "epoch");
    json_integer(&json, (int64_t)progress->epoch);
    json_key(&json, "loss");
    json_real(&json, progress->loss, 9);
    json_key(&json, "learning_rate");
    json_real(&json, progress->learning_rate, 6);
    json_key(&json, "gradient_norm");
    json_real(&json, progress->gradient_norm, 6);
    json_key(&json, "tokens");
    json_integer(&json, (int64_t)progress->tokens);
    json_object_end(&json);
    buffer_append_byte(&trainer->log, '\n');
    show_log(trainer);
}

void log_score(struct trainer *trainer, size_t step, double score)
{
    struct json_writer json;
    if (trainer->folder == NULL)
        return;
    json_writer_init(&json, &trainer->log);
    json_object_begin(&json);
    json_key(&json, "step");
    json_integer(&json, (int64_t)step);
    json_key(&json, "score");
    json_real(&json, score, 9);
    json_object_end(&json);
    buffer_append_byte(&trainer->log, '\n');
}
