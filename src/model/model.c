/* model.c - opens a model's folder, and what is asked of it. */
#include "model.h"
#include "batch.h"
#include "head.h"
#include "vocabulary_folder.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model {
    struct arena arena;
    struct model_info info;
    struct encoder_config config;
    struct folder_config folder;
    struct peft adapter; /* folder NULL: there is none */
    struct weights weights;
    struct encoder encoder;
    struct dense denses[MODULES_MAX]; /* by module */
    struct head head;
    struct tokenizer *tokenizer;
    struct engine engine;
    uint64_t parameters;
};

/* ---- names ---- */

static const char *const precision_names[] = {"auto", "f32", "bf16", "int8"}; /* by enum model_precision */
static const char *const pooling_names[] = {"mean", "cls", "max", "last"};    /* by enum model_pooling */

const char *model_precision_name(enum model_precision precision)
{
    return precision_names[precision];
}

bool model_precision_named(const char *name, enum model_precision *precision)
{
    for (size_t i = 0; i < ARRAY_COUNT(precision_names); i++)
        if (strcmp(name, precision_names[i]) == 0) {
            *precision = (enum model_precision)i;
            return true;
        }
    return false;
}

const char *model_pooling_name(enum model_pooling pooling)
{
    return pooling_names[pooling];
}

/* ---- opening ---- */

static bool read_tokenizer(struct model *model, const char *folder, struct error *error)
{
    char *json = path_join(&model->arena, folder, "tokenizer.json"),
         *vocabulary = path_join(&model->arena, folder, "vocab.txt");
    bool is_json = file_exists(json);
    if (!is_json && !file_exists(vocabulary)) {
        error_set(error, ERROR_NOT_FOUND, "\"%s\" has no tokenizer.json and no vocab.txt", folder);
        return error_hint(error,
                          "Copy the whole folder of the model; AutoTokenizer.from_pretrained(…).save_pretrained(…) writes it.");
    }
    struct buffer text;
    buffer_init(&text, LIMIT_TOKENIZER_BYTES);
    const char *path = is_json ? json : vocabulary;
    bool ok = file_read(path, LIMIT_TOKENIZER_BYTES, &text, error);
    if (ok && is_json)
        ok = tokenizer_read(&model->tokenizer, buffer_slice(&text), path, error);
    else if (ok)
        ok = vocabulary_folder_read(&model->tokenizer, folder, path, buffer_slice(&text), &model->arena, error);
    buffer_release(&text);
    return ok;
}

/* Heads over one vector of a text; those over each token are read by name. */
static bool has_head(const struct model *model)
{
    static const char *const tasks[] = {"classify", "classify_many", "regress", "rank"};
    if (model->adapter.folder == NULL)
        return !model->folder.has_modules;
    for (size_t i = 0; i < ARRAY_COUNT(tasks); i++)
        if (strcmp(model->adapter.task, tasks[i]) == 0)
            return true;
    return false;
}

static bool open_adapter(struct model *model, const char *folder, struct error *error)
{
    char hash[BASE_HASH_BYTES];
    input_hash(model->tokenizer, hash);
    if (!peft_open(&model->adapter, folder, error) ||
        !peft_check_input(&model->adapter, model->folder.encoder_folder, hash, error))
        return false;
    if (model->adapter.mean)
        model->config.head_mean = model->config.head_bare = true;
    return model->adapter.base_sha256 == NULL || (base_hash(model->folder.encoder_folder, hash, error) &&
                                                  peft_check_base(&model->adapter, model->folder.encoder_folder, hash, error));
}

static bool read_weights(struct model *model, enum gemm_type type, struct pool *pool, struct error *error)
{
    const char *folder = model->folder.encoder_folder;
    char name[256];
    if (!weights_open(&model->weights, folder, error))
        return false;
    model->weights.may_lack_biases = model->config.architecture->may_lack_biases;
    model->weights.adapter = model->adapter.folder != NULL ? &model->adapter : NULL;
    snprintf(name, sizeof(name), "%s.weight", model->config.architecture->words);
    if (!weights_find_prefix(&model->weights, name))
        return error_set(error, ERROR_INVALID, "the weights in \"%s\" have no tensor \"%s\", which a model of type %s has",
                         folder, name, model->config.architecture->name);
    model->parameters = weights_count(&model->weights);
    return encoder_open(&model->encoder, &model->config, &model->weights, type, pool, error) &&
           (!has_head(model) || head_read(&model->head, &model->weights, &model->config, error));
}

/* The dense layers of modules.json, each from its own folder; `size` runs from the encoder's to the last one's. */
static bool read_modules(struct model *model, size_t *size, struct error *error)
{
    for (size_t i = 0; i < model->folder.module_count; i++) {
        const struct module *module = &model->folder.modules[i];
        struct weights weights;
        if (module->kind != MODULE_DENSE)
            continue;
        if (module->in != *size)
            return error_set(error, ERROR_INVALID, "\"%s\" reads vectors of %zu numbers, it is given %zu", module->folder,
                             module->in, *size);
        if (!weights_open(&weights, module->folder, error))
            return false;
        model->parameters += weights_count(&weights);
        bool ok = dense_read(&model->denses[i], &weights, "linear", module->out, module->in, module->bias, module->activation,
                             error);
        weights_close(&weights);
        if (!ok)
            return false;
        *size = module->out;
    }
    return true;
}

static void fill_info(struct model *model, const char *folder, enum model_precision precision, size_t dimensions)
{
    const struct encoder_config *config = &model->config;
    size_t tokens_max = encoder_tokens_max(&model->encoder);
    if (model->folder.tokens_max > 0 && model->folder.tokens_max < tokens_max)
        tokens_max = model->folder.tokens_max;
    model->info = (struct model_info){
        .folder = arena_text(&model->arena, slice_from(folder)),
        .name = arena_text(&model->arena, path_name(folder)),
        .architecture = config->architecture->name,
        .tokenizer = tokenizer_kind(model->tokenizer),
        .precision = precision,
        .pooling = model->folder.pooling,
        .normalized = model->folder.normalized,
        .dimensions = dimensions,
        .labels = model->head.labels,
        .layers = config->layers,
        .hidden = config->hidden,
        .heads = config->heads,
        .vocabulary = config->vocabulary,
        .positions = encoder_tokens_max(&model->encoder),
        .tokens_max = tokens_max,
        .parameters = model->parameters,
        .linear_weights = model->encoder.linear_weights,
        .file_bytes = model->weights.file_bytes,
        .packed_bytes = model->encoder.packed_bytes,
        .prompts = model->folder.prompts,
        .prompt_count = model->folder.prompt_count,
    };
}

/* True when the tokenizer takes upper case for lower case by itself. */
static bool lowers(const struct tokenizer *tokenizer)
{
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens upper, lower;
    tokens_init(&upper);
    tokens_init(&lower);
    tokenizer_encode(tokenizer, workspace, SLICE("THE NAME OF A CITY"), NULL, &(struct tokenizer_options){.bare = true},
                     &upper);
    tokenizer_encode(tokenizer, workspace, SLICE("the name of a city"), NULL, &(struct tokenizer_options){.bare = true},
                     &lower);
    bool same = upper.count == lower.count && memcmp(upper.ids, lower.ids, lower.count * sizeof(*lower.ids)) == 0;
    tokens_release(&upper);
    tokens_release(&lower);
    tokenizer_workspace_free(workspace);
    return same;
}

static bool open_parts(struct model *model, const char *folder, const struct model_options *options, struct error *error)
{
    enum model_precision precision = options->precision;
    if (precision == MODEL_AUTO)
        precision = gemm_has_bf16() ? MODEL_BF16 : MODEL_F32;
    enum gemm_type type = precision == MODEL_F32 ? GEMM_F32 : precision == MODEL_BF16 ? GEMM_BF16 : GEMM_INT8;
    if (!folder_config_read(&model->folder, folder, &model->arena, error) ||
        !encoder_config_read(&model->config, model->folder.encoder_folder, &model->arena, error) ||
        !read_tokenizer(model, model->folder.encoder_folder, error))
        return false;
    if (model->folder.lowercase && !lowers(model->tokenizer))
        return error_set(error, ERROR_INVALID,
                         "\"%s\": \"do_lower_case\" is set and the tokenizer tells A from a, which is not supported", folder);
    if (model->config.architecture->rotary && model->folder.tokens_max > 0 &&
        model->folder.tokens_max < model->config.positions)
        model->config.positions = model->folder.tokens_max; /* no angles are needed past the longest text */
    if ((options->adapter != NULL && !open_adapter(model, options->adapter, error)) ||
        !read_weights(model, type, options->pool, error))
        return false;
    size_t dimensions = model->config.hidden;
    if (!read_modules(model, &dimensions, error))
        return false;
    weights_rest(&model->weights);
    fill_info(model, folder, precision, dimensions);
    return engine_init(&model->engine, &model->encoder, model->tokenizer, model->info.tokens_max, options->pool, error);
}

bool model_open(struct model **model, const char *folder, const struct model_options *options, struct error *error)
{
    struct model *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    if (!open_parts(opened, folder, options, error)) {
        model_close(opened);
        return error_wrap(error, "could not open model \"%s\"", folder);
    }
    *model = opened;
    return true;
}

void model_close(struct model *model)
{
    if (model == NULL)
        return;
    engine_release(&model->engine);
    for (size_t i = 0; i < MODULES_MAX; i++)
        dense_release(&model->denses[i]);
    head_release(&model->head);
    encoder_close(&model->encoder);
    weights_close(&model->weights);
    if (model->adapter.folder != NULL)
        peft_close(&model->adapter);
    tokenizer_free(model->tokenizer);
    arena_release(&model->arena);
    free(model);
}

const struct model_info *model_info(const struct model *model)
{
    return &model->info;
}

const struct peft *model_adapter(const struct model *model)
{
    return model->adapter.folder != NULL ? &model->adapter : NULL;
}

float *model_read(const struct model *model, const char *name, size_t rows, size_t columns, struct error *error)
{
    return weights_read(&model->weights, name, rows, columns, error);
}

const struct tokenizer *model_tokenizer(const struct model *model)
{
    return model->tokenizer;
}

bool model_read_tokenizer(struct tokenizer **tokenizer, size_t *tokens_max, const char *folder, struct error *error)
{
    struct model model = {0};
    arena_init(&model.arena);
    bool ok = folder_config_read(&model.folder, folder, &model.arena, error) &&
              encoder_config_read(&model.config, model.folder.encoder_folder, &model.arena, error) &&
              read_tokenizer(&model, model.folder.encoder_folder, error);
    if (ok) {
        *tokenizer = model.tokenizer;
        *tokens_max = model.config.positions - model.config.first_position;
        if (model.folder.tokens_max > 0 && model.folder.tokens_max < *tokens_max)
            *tokens_max = model.folder.tokens_max;
    }
    arena_release(&model.arena);
    return ok || error_wrap(error, "could not read the tokenizer of model \"%s\"", folder);
}

bool model_read_positions(size_t *positions, const char *folder, struct error *error)
{
    struct model model = {0};
    arena_init(&model.arena);
    bool ok = folder_config_read(&model.folder, folder, &model.arena, error) &&
              encoder_config_read(&model.config, model.folder.encoder_folder, &model.arena, error);
    *positions = ok ? model.config.positions - model.config.first_position : 0;
    arena_release(&model.arena);
    return ok;
}

struct slice model_prompt(const struct model *model, const char *name)
{
    if (name == NULL)
        name = model->folder.default_prompt;
    for (size_t i = 0; i < model->folder.prompt_count && name != NULL; i++)
        if (strcmp(model->folder.prompts[i].name, name) == 0)
            return slice_from(model->folder.prompts[i].text);
    return (struct slice){0};
}

/* ---- vectors ---- */

struct output {
    const struct model *model;
    float *out;
    bool no_number; /* one holds a NaN or an infinity: the weights do */
};

/* Of vectors, scores or rows that were made: none is a NaN or an infinity, and they are not so large that the sum of their squares is. */
static bool are_finite(const float *numbers, size_t count)
{
    return isfinite(kernels()->dot(numbers, numbers, count));
}

static bool are_numbers(const struct model *model, const char *what, bool no_number, struct error *error)
{
    return !no_number || error_set(error, ERROR_CORRUPT,
                                   "model \"%s\" makes %s with infinite numbers: its weights hold some, or are too large",
                                   model->info.folder, what);
}

/* Pooling and what modules.json has behind it, in its order. */
static void embed_done(void *context, size_t text, const float *rows, size_t count)
{
    struct output *output = context;
    const struct model *model = output->model;
    size_t hidden = model->config.hidden, size = hidden, widest = hidden;
    for (size_t i = 0; i < model->folder.module_count; i++)
        widest = model->denses[i].out > widest ? model->denses[i].out : widest;
    float *vector = memory_alloc(2 * widest, sizeof(*vector)), *next = vector + widest, *owner = vector;
    if (count > 0)
        pool_rows(model->folder.pooling, rows, count, hidden, vector);
    for (size_t i = 1; i < model->folder.module_count && count > 0; i++) {
        const struct module *module = &model->folder.modules[i];
        if (module->kind == MODULE_NORMALIZE)
            normalize(vector, size);
        if (module->kind != MODULE_DENSE)
            continue;
        dense_run(&model->denses[i], vector, next);
        float *before = vector;
        vector = next;
        next = before;
        size = module->out;
    }
    if (!are_finite(vector, model->info.dimensions))
        __atomic_store_n(&output->no_number, true, __ATOMIC_RELAXED);
    memcpy(output->out + text * model->info.dimensions, vector, model->info.dimensions * sizeof(*vector));
    free(owner);
}

bool model_embed(struct model *model, const struct slice *texts, size_t count, struct slice prompt, float *out,
                 uint64_t *tokens, struct error *error)
{
    struct output output = {.model = model};
    output.out = out;
    struct batch batch = {.firsts = texts, .count = count, .prompt = prompt, .done = embed_done, .context = &output};
    bool ok = engine_run(&model->engine, &batch, error);
    if (tokens != NULL)
        *tokens += batch.tokens;
    return ok && are_numbers(model, "vectors", output.no_number, error);
}

/* ---- scores ---- */

static void score_done(void *context, size_t text, const float *rows, size_t count)
{
    struct output *output = context;
    const struct model *model = output->model;
    float *scratch = memory_alloc(2 * model->config.hidden, sizeof(*scratch));
    float *out = output->out + text * model->head.labels;
    memset(out, 0, model->head.labels * sizeof(*out));
    if (count > 0)
        head_run(&model->head, rows, count, model->config.hidden, scratch, out);
    if (!are_finite(out, model->head.labels))
        __atomic_store_n(&output->no_number, true, __ATOMIC_RELAXED);
    free(scratch);
}

bool model_score(struct model *model, const struct slice *firsts, const struct slice *seconds, size_t count, float *out,
                 struct error *error)
{
    if (model->head.labels == 0) {
        error_set(error, ERROR_INVALID, "model \"%s\" has no head that scores", model->info.folder);
        return error_hint(error, "A cross-encoder or a classifier has one; this model makes vectors.");
    }
    struct output output = {.model = model};
    output.out = out;
    struct batch batch = {.firsts = firsts, .seconds = seconds, .count = count, .done = score_done, .context = &output};
    return engine_run(&model->engine, &batch, error) && are_numbers(model, "scores", output.no_number, error);
}

/* ---- states ---- */

struct checked_rows {
    const struct model_rows *rows;
    size_t hidden;
    bool no_number;
};

static void rows_done(void *context, size_t text, const float *rows, size_t count)
{
    struct checked_rows *checked = context;
    if (!are_finite(rows, count * checked->hidden))
        __atomic_store_n(&checked->no_number, true, __ATOMIC_RELAXED);
    checked->rows->done(checked->rows->context, text, rows, count);
}

bool model_rows(struct model *model, const struct model_rows *rows, struct error *error)
{
    struct checked_rows checked = {.rows = rows, .hidden = model->config.hidden};
    struct batch batch = {.firsts = rows->firsts,
                          .seconds = rows->seconds,
                          .count = rows->count,
                          .tokens_max = rows->tokens_max,
                          .done = rows_done,
                          .context = &checked};
    return engine_run(&model->engine, &batch, error) && are_numbers(model, "states", checked.no_number, error);
}

/* What the memories of a pack must be like: of a source it is all there is, and there is room for its rows. */
static bool check_memories(const struct model *model, const struct pack *pack, struct error *error)
{
    const struct encoder_config *config = &model->config;
    const struct architecture *a = config->architecture;
    if (a->pre_norm || a->rotary || a->relative_bias != NULL || a->positions == NULL)
        return error_set(error, ERROR_INVALID, "a model of type %s cannot write", a->name);
    for (size_t i = 0; i < pack->text_count; i++) {
        const struct text_memory *memory = pack->memories[i];
        size_t before = memory->before != NULL ? memory->before->count : 0, rows = pack->texts[i].count;
        assert(memory->hidden == config->hidden && memory->layers == config->layers);
        assert(memory->before != NULL || memory->count == 0);
        if (rows > memory->capacity - memory->count || before + memory->count + rows > model->info.positions)
            return error_set(error, ERROR_LIMIT, "%zu tokens are too many for model \"%s\"", before + memory->count + rows,
                             model->info.name);
    }
    return true;
}

bool model_remember(struct model *model, const struct pack *pack, float *states, struct error *error)
{
    if (!check_memories(model, pack, error) || !engine_run_pack(&model->engine, pack, states, error))
        return false;
    for (size_t i = 0; i < pack->text_count; i++)
        pack->memories[i]->count += pack->texts[i].count;
    return true;
}

float *model_words(const struct model *model)
{
    size_t count = model->config.vocabulary * model->config.hidden;
    float *words = memory_try(count, sizeof(*words));
    if (words != NULL)
        tensor_to_f32(model->encoder.words, 0, count, words);
    return words;
}

struct states {
    size_t hidden;
    float *rows;
    size_t count;
};

static void states_done(void *context, size_t text, const float *rows, size_t count)
{
    struct states *states = context;
    (void)text;
    states->rows = memory_alloc(count * states->hidden + 1, sizeof(*states->rows));
    states->count = count;
    if (count > 0)
        memcpy(states->rows, rows, count * states->hidden * sizeof(*rows));
}

bool model_states(struct model *model, struct slice text, float **out, size_t *rows, struct error *error)
{
    struct states states = {.hidden = model->config.hidden};
    struct batch batch = {.firsts = &text, .count = 1, .done = states_done, .context = &states};
    bool ok = engine_run(&model->engine, &batch, error), no_number = false;
    if (ok)
        no_number = !are_finite(states.rows, states.count * states.hidden);
    if (!ok || !are_numbers(model, "states", no_number, error)) {
        free(states.rows);
        return false;
    }
    *out = states.rows;
    *rows = states.count;
    return true;
}
