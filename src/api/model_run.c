/* model_run.c - the part of assay.h that runs models. */
#include "tell.h"
#include "codec/codec.h"
#include "model/model.h"
#include "text/text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_KEPT_MAX = 1 << 16 }; /* tokens of one text whose room is kept for the next call */

struct assay_model {
    struct model *inner;
    struct pool *pool;
    struct assay_model_info info;
    struct arena arena; /* what info points to */
    float *states;
    struct tokens *tokens; /* of the texts of the last call */
    size_t tokens_capacity;
    struct tokenizer_workspace **workspaces; /* one a thread */
    struct buffer decoded;
};

/* The names that config.json gives the head's outputs ("id2label"), or LABEL_0 and so on, as transformers has it. */
static const char **label_names(struct arena *arena, const char *folder, size_t count)
{
    const char **names = arena_alloc(arena, count, sizeof(*names));
    struct buffer text;
    struct json_value root;
    struct error ignored; /* a model that opened has a config.json that is right */
    const char *path = path_join(arena, folder, "config.json");
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    const struct json_value *known = NULL;
    if (count > 0 && file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, &ignored) &&
        json_read(buffer_slice(&text), path, arena, &root, &ignored))
        known = json_get(&root, "id2label");
    for (size_t i = 0; known != NULL && known->kind == JSON_OBJECT && i < known->count; i++) {
        uint64_t label;
        if (known->items[i].kind == JSON_TEXT && slice_to_u64(known->keys[i], &label) && label < count)
            names[label] = arena_text(arena, known->items[i].text);
    }
    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL)
            names[i] = arena_format(arena, "LABEL_%zu", i);
    buffer_release(&text);
    return names;
}

static void fill_info(struct assay_model *model)
{
    const struct model_info *inner = model_info(model->inner);
    struct assay_prompt *prompts = arena_alloc(&model->arena, inner->prompt_count, sizeof(*prompts));
    const char **labels = label_names(&model->arena, inner->folder, inner->labels);
    for (size_t i = 0; i < inner->prompt_count; i++)
        prompts[i] = (struct assay_prompt){inner->prompts[i].name, inner->prompts[i].text};
    model->info = (struct assay_model_info){
        .folder = inner->folder,
        .name = inner->name,
        .architecture = inner->architecture,
        .tokenizer = inner->tokenizer,
        .precision = model_precision_name(inner->precision),
        .pooling = model_pooling_name(inner->pooling),
        .normalized = inner->normalized,
        .dimensions = inner->dimensions,
        .labels = inner->labels,
        .label_names = labels,
        .layers = inner->layers,
        .hidden = inner->hidden,
        .heads = inner->heads,
        .vocabulary = inner->vocabulary,
        .tokens_max = inner->tokens_max,
        .threads = pool_thread_count(model->pool),
        .parameters = inner->parameters,
        .linear_weights = inner->linear_weights,
        .file_bytes = inner->file_bytes,
        .memory_bytes = inner->packed_bytes,
        .prompts = prompts,
        .prompt_count = inner->prompt_count,
    };
}

static bool read_precision(const char *name, enum model_precision *precision, struct error *error)
{
    *precision = MODEL_AUTO;
    if (name == NULL || strcmp(name, "auto") == 0 || model_precision_named(name, precision))
        return true;
    error_set(error, ERROR_INVALID, "unrecognized precision \"%.60s\"", name);
    return error_hint(error, "Known: auto, f32, bf16, int8.");
}

bool assay_model_open(struct assay_model **model, const struct assay_model_options *options, struct assay_error *error)
{
    struct error inner;
    struct model_options inner_options = {0};
    if (options->threads > LIMIT_THREADS) {
        error_set(&inner, ERROR_LIMIT, "%zu threads, the limit is %d", options->threads, LIMIT_THREADS);
        return finish(false, &inner, error);
    }
    if (!read_precision(options->precision, &inner_options.precision, &inner))
        return finish(false, &inner, error);
    struct assay_model *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    buffer_init(&opened->decoded, LIMIT_JSON_BYTES);
    inner_options.pool = opened->pool = pool_create(options->threads);
    if (!model_open(&opened->inner, options->folder, &inner_options, &inner)) {
        opened->inner = NULL;
        assay_model_close(opened);
        return finish(false, &inner, error);
    }
    size_t threads = pool_thread_count(opened->pool);
    opened->workspaces = memory_alloc(threads, sizeof(struct tokenizer_workspace *));
    for (size_t i = 0; i < threads; i++)
        opened->workspaces[i] = tokenizer_workspace_create();
    fill_info(opened);
    *model = opened;
    return true;
}

void assay_model_close(struct assay_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; model->workspaces != NULL && i < pool_thread_count(model->pool); i++)
        tokenizer_workspace_free(model->workspaces[i]);
    for (size_t i = 0; i < model->tokens_capacity; i++)
        tokens_release(&model->tokens[i]);
    free(model->workspaces);
    free(model->tokens);
    free(model->states);
    buffer_release(&model->decoded);
    model_close(model->inner);
    pool_free(model->pool);
    arena_release(&model->arena);
    free(model);
}

const struct assay_model_info *assay_model_info(const struct assay_model *model)
{
    return &model->info;
}

static struct slice slice_of(struct assay_text text)
{
    return (struct slice){text.data, text.size};
}

/* Checks the sizes of texts and gives them as slices, to be freed. NULL: one is too long. */
static struct slice *slices_of(const struct assay_text *texts, size_t count, struct error *error)
{
    struct slice *slices = memory_alloc(count + 1, sizeof(*slices));
    for (size_t i = 0; i < count; i++) {
        if (texts[i].size > LIMIT_TEXT_BYTES) {
            free(slices);
            error_set(error, ERROR_LIMIT, "text %zu has %zu bytes, the limit is %zu", i + 1, texts[i].size, LIMIT_TEXT_BYTES);
            return NULL;
        }
        slices[i] = slice_of(texts[i]);
    }
    return slices;
}

static bool find_prompt(const struct assay_model *model, const char *name, struct slice *prompt, struct error *error)
{
    struct buffer known;
    *prompt = SLICE("");
    if (name == NULL) {
        *prompt = model_prompt(model->inner, NULL);
        return true;
    }
    for (size_t i = 0; i < model->info.prompt_count; i++)
        if (strcmp(model->info.prompts[i].name, name) == 0) {
            *prompt = slice_from(model->info.prompts[i].text);
            return true;
        }
    error_set(error, ERROR_NOT_FOUND, "model \"%s\" has no prompt \"%.60s\"", model->info.name, name);
    if (model->info.prompt_count == 0)
        return error_hint(error, "It has no prompts; write what is to stand before the texts into them.");
    buffer_init(&known, KIB);
    for (size_t i = 0; i < model->info.prompt_count; i++)
        buffer_format(&known, "%s%.40s", i > 0 ? ", " : "", model->info.prompts[i].name);
    error_hint(error, "Its prompts: %.150s.", buffer_text(&known));
    buffer_release(&known);
    return false;
}

bool assay_model_embed(struct assay_model *model, const struct assay_text *texts, size_t count, const char *prompt,
                       float *vectors, struct assay_error *error)
{
    return assay_model_embed_counted(model, texts, count, prompt, vectors, NULL, error);
}

bool assay_model_embed_counted(struct assay_model *model, const struct assay_text *texts, size_t count, const char *prompt,
                               float *vectors, uint64_t *tokens, struct assay_error *error)
{
    struct error inner;
    struct slice before;
    if (!find_prompt(model, prompt, &before, &inner))
        return finish(false, &inner, error);
    struct slice *slices = slices_of(texts, count, &inner);
    bool ok = slices != NULL && (count == 0 || model_embed(model->inner, slices, count, before, vectors, tokens, &inner));
    free(slices);
    return finish(ok, &inner, error);
}

bool assay_model_score(struct assay_model *model, const struct assay_text *firsts, const struct assay_text *seconds,
                       size_t count, float *scores, struct assay_error *error)
{
    struct error inner;
    if (model->info.labels == 0) {
        error_set(&inner, ERROR_INVALID, "model \"%s\" has no head that scores", model->info.name);
        error_hint(&inner, "Take a cross-encoder or a classifier; this one makes vectors.");
        return finish(false, &inner, error);
    }
    struct slice *slices = slices_of(firsts, count, &inner), *others = NULL;
    bool ok = slices != NULL;
    if (ok && seconds != NULL) {
        others = slices_of(seconds, count, &inner);
        ok = others != NULL;
    }
    ok = ok && (count == 0 || model_score(model->inner, slices, others, count, scores, &inner));
    free(slices);
    free(others);
    return finish(ok, &inner, error);
}

bool assay_model_states(struct assay_model *model, struct assay_text text, const float **states, size_t *rows,
                        struct assay_error *error)
{
    struct error inner;
    float *out = NULL;
    size_t row_count = 0;
    struct slice *slice = slices_of(&text, 1, &inner);
    bool ok = slice != NULL && model_states(model->inner, *slice, &out, &row_count, &inner);
    free(slice);
    if (ok) {
        free(model->states);
        *states = model->states = out;
        *rows = row_count;
    }
    return finish(ok, &inner, error);
}

/* ---- tokens ---- */

struct tokenizing {
    struct assay_model *model;
    const struct slice *texts;
    size_t count, per_step;
    struct tokenizer_options options;
};

/* A run of texts, on one thread. */
static void tokenize_some(void *context, size_t step, size_t thread)
{
    const struct tokenizing *work = context;
    struct assay_model *model = work->model;
    size_t end = (step + 1) * work->per_step;
    for (size_t i = step * work->per_step; i < end && i < work->count; i++)
        tokenizer_encode(model_tokenizer(model->inner), model->workspaces[thread], work->texts[i], NULL, &work->options,
                         &model->tokens[i]);
}

/* Room for the tokens of so many texts; what long texts of the last call took is given back. */
static void prepare_tokens(struct assay_model *model, size_t count)
{
    for (size_t i = 0; i < model->tokens_capacity; i++)
        if (model->tokens[i].capacity > TOKENS_KEPT_MAX) {
            tokens_release(&model->tokens[i]);
            tokens_init(&model->tokens[i]);
        }
    if (count <= model->tokens_capacity)
        return;
    model->tokens = memory_resize(model->tokens, count, sizeof(*model->tokens));
    for (size_t i = model->tokens_capacity; i < count; i++)
        tokens_init(&model->tokens[i]);
    model->tokens_capacity = count;
}

bool assay_model_tokenize(struct assay_model *model, const struct assay_text *texts, size_t count,
                          const struct assay_tokenize_options *options, struct assay_tokens *tokens, struct assay_error *error)
{
    struct error inner;
    enum { STEPS_A_THREAD = 8 };
    struct slice *slices = slices_of(texts, count, &inner);
    if (slices == NULL)
        return finish(false, &inner, error);
    prepare_tokens(model, count);
    size_t steps = model->info.threads * STEPS_A_THREAD;
    struct tokenizing work = {.model = model, .texts = slices, .count = count, .per_step = count / steps + 1};
    work.options.bare = options->bare;
    work.options.tokens_max = options->tokens_max > 0 ? options->tokens_max : SIZE_MAX;
    pool_parallel_for(model->pool, (count + work.per_step - 1) / work.per_step, tokenize_some, &work);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        const struct tokens *from = &model->tokens[i];
        ok = tokenizer_check(model_tokenizer(model->inner), from, &inner);
        tokens[i] = (struct assay_tokens){
            .ids = from->ids, .starts = from->starts, .ends = from->ends, .special = from->special, .count = from->count};
    }
    free(slices);
    return finish(ok, &inner, error);
}

bool assay_model_token(const struct assay_model *model, uint32_t id, struct assay_text *token)
{
    struct slice text;
    if (!tokenizer_token(model_tokenizer(model->inner), id, &text))
        return false;
    *token = (struct assay_text){text.data, text.size};
    return true;
}

bool assay_model_decode(struct assay_model *model, const uint32_t *ids, size_t count, bool keep_special,
                        struct assay_text *text, struct assay_error *error)
{
    struct error inner;
    struct slice token;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        if (!tokenizer_token(model_tokenizer(model->inner), ids[i], &token)) {
            ok = error_set(&inner, ERROR_INVALID, "model \"%s\" has no token %u", model->info.name, ids[i]);
            error_hint(&inner, "Its tokens have the numbers 0 to %zu.", tokenizer_count(model_tokenizer(model->inner)) - 1);
        }
    buffer_clear(&model->decoded);
    if (ok && count > 0)
        tokenizer_decode(model_tokenizer(model->inner), ids, count, keep_special, &model->decoded);
    ok = ok && buffer_finish(&model->decoded, "the text of the tokens", &inner);
    if (ok)
        *text = (struct assay_text){buffer_text(&model->decoded), buffer_slice(&model->decoded).size};
    return finish(ok, &inner, error);
}
