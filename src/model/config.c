/* config.c - reads config.json: sizes, checked, and what the architecture's older and newer files call the same thing. */
#include "config.h"
#include "architectures.h"
#include "kernel/kernel.h"
#include <float.h>

/* Bounds that no real encoder comes near; what they allow is checked against the weights' own sizes afterwards. */
enum { HIDDEN_MAX = 65536, LAYERS_MAX = 1024, INTERMEDIATE_MAX = 1 << 20, POSITIONS_MAX = 1 << 20 };

struct reader {
    const struct json_value *root;
    const char *path;
    struct arena *arena;
    struct error *error;
};

bool config_file_read(const char *folder, const char *name, enum json_kind kind, struct arena *arena,
                      const struct json_value **root, const char **path, struct error *error)
{
    char *file = path_join(arena, folder, name);
    *path = file;
    *root = NULL;
    if (!file_exists(file))
        return true;
    struct buffer text;
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    struct json_value *value = arena_alloc(arena, 1, sizeof(*value));
    bool ok = file_read(file, LIMIT_MODEL_CONFIG_BYTES, &text, error) &&
              json_read(arena_slice(arena, buffer_slice(&text)), file, arena, value, error);
    if (ok && value->kind != kind)
        ok = error_set(error, ERROR_INVALID, "\"%s\" holds %s, expected %s", file, json_kind_name(value->kind),
                       json_kind_name(kind));
    *root = value;
    buffer_release(&text);
    return ok;
}

/* A whole number under the first of the names that is there. `usual` when none is; SIZE_MAX there: it must be. */
static bool read_size(struct reader *reader, const char *const names[], size_t least, size_t most, size_t usual, size_t *size)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct json_value *value;
        if (!json_member(reader->root, reader->path, names[i], JSON_NUMBER, &value, reader->error))
            return false;
        if (value == NULL)
            continue;
        if (!value->is_integer || value->integer < 0 || (uint64_t)value->integer < least || (uint64_t)value->integer > most)
            return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is %.10g, expected a whole number from %zu to %zu",
                             reader->path, names[i], value->real, least, most);
        *size = (size_t)value->integer;
        return true;
    }
    if (usual == SIZE_MAX)
        return error_set(reader->error, ERROR_INVALID, "\"%s\" has no \"%s\"", reader->path, names[0]);
    *size = usual;
    return true;
}

/* The same for a number above 0. It is used in f32, which must not make 0 or an infinity of it. */
static bool read_real(struct reader *reader, const char *const names[], double usual, double *real)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct json_value *value;
        if (!json_member(reader->root, reader->path, names[i], JSON_NUMBER, &value, reader->error))
            return false;
        if (value == NULL)
            continue;
        if (!(value->real >= (double)FLT_MIN && value->real <= (double)FLT_MAX))
            return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is %g, expected a number above 0 that fits f32",
                             reader->path, names[i], value->real);
        *real = value->real;
        return true;
    }
    *real = usual;
    return true;
}

static bool read_activation(struct reader *reader, const char *const names[], enum activation usual,
                            enum activation *activation)
{
    *activation = usual;
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct json_value *value;
        if (!json_member(reader->root, reader->path, names[i], JSON_TEXT, &value, reader->error))
            return false;
        if (value == NULL)
            continue;
        if (activation_named(value->text, activation))
            return true;
        error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is \"" SLICE_FORMAT "\", which is not known", reader->path,
                  names[i], SLICE_ARGUMENT(value->text));
        return error_hint(reader->error, "Supported: gelu, gelu_new, silu, relu, tanh.");
    }
    return true;
}

/* Settings that change what is computed in ways that this engine has no code for: refused, not ignored. */
static bool refuse_foreign(struct reader *reader, bool has_positions)
{
    static const struct {
        const char *key;
        double usual;
    } numbers[] = {
        {"rotary_emb_fraction", 1}, {"partial_rotary_factor", 1}, {"num_experts", 0}, {"relative_attention_num_buckets", 32}};
    static const char *const switches[] = {"rotary_emb_interleaved", "prenorm",    "use_rms_norm",       "causal",
                                           "parallel_block",         "is_decoder", "add_cross_attention"};
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        const struct json_value *value = json_get(reader->root, numbers[i].key);
        if (value != NULL && value->kind == JSON_NUMBER && value->real != numbers[i].usual)
            return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is %g, only %g is supported", reader->path,
                             numbers[i].key, value->real, numbers[i].usual);
    }
    for (size_t i = 0; i < ARRAY_COUNT(switches); i++) {
        const struct json_value *value = json_get(reader->root, switches[i]);
        if (value != NULL && value->kind == JSON_BOOL && value->boolean)
            return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is true, which is not supported", reader->path,
                             switches[i]);
    }
    static const char *const scalings[] = {"rope_scaling", "rotary_emb_scale_base"};
    for (size_t i = 0; i < ARRAY_COUNT(scalings); i++) {
        const struct json_value *value = json_get(reader->root, scalings[i]);
        if (value != NULL && value->kind != JSON_NULL)
            return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is set, which is not supported", reader->path,
                             scalings[i]);
    }
    const struct json_value *kind = json_get(reader->root, "position_embedding_type");
    if (has_positions && kind != NULL && kind->kind == JSON_TEXT && !slice_equal_text(kind->text, "absolute"))
        return error_set(reader->error, ERROR_INVALID,
                         "\"%s\": \"position_embedding_type\" is \"" SLICE_FORMAT "\", only \"absolute\" is supported",
                         reader->path, SLICE_ARGUMENT(kind->text));
    return true;
}

/* The base of rotary positions: under rope_parameters since 2025, in a key of its own before. */
static bool read_theta(struct reader *reader, const char *section, const char *const old_names[], double usual, double *theta)
{
    const struct json_value *parameters;
    if (!json_member(reader->root, reader->path, "rope_parameters", JSON_OBJECT, &parameters, reader->error))
        return false;
    if (parameters == NULL)
        return read_real(reader, old_names, usual, theta);
    const struct json_value *inner = json_get(parameters, section);
    struct reader below = *reader;
    below.root = inner != NULL && inner->kind == JSON_OBJECT ? inner : parameters;
    const struct json_value *type = json_get(below.root, "rope_type");
    if (type != NULL && type->kind == JSON_TEXT && !slice_equal_text(type->text, "default"))
        return error_set(reader->error, ERROR_INVALID,
                         "\"%s\": \"rope_type\" is \"" SLICE_FORMAT "\", only \"default\" is supported", reader->path,
                         SLICE_ARGUMENT(type->text));
    return read_real(&below, (const char *const[]){"rope_theta", NULL}, usual, theta);
}

/* Which layers see only their window: a list of types since 2025, before that a number n: all but every n-th. */
static bool read_layer_types(struct reader *reader, struct encoder_config *config)
{
    const struct json_value *types;
    size_t every;
    if (!json_member(reader->root, reader->path, "layer_types", JSON_ARRAY, &types, reader->error) ||
        !read_size(reader, (const char *const[]){"global_attn_every_n_layers", NULL}, 1, LAYERS_MAX, 3, &every))
        return false;
    if (types != NULL && types->count != config->layers)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": \"layer_types\" names %zu layers, the model has %zu",
                         reader->path, types->count, config->layers);
    bool *is_local = arena_alloc(reader->arena, config->layers, sizeof(*is_local));
    for (size_t i = 0; i < config->layers; i++) {
        const struct json_value *type = types != NULL ? &types->items[i] : NULL;
        if (type == NULL)
            is_local[i] = i % every != 0;
        else if (type->kind == JSON_TEXT && slice_equal_text(type->text, "sliding_attention"))
            is_local[i] = true;
        else if (type->kind != JSON_TEXT || !slice_equal_text(type->text, "full_attention"))
            return error_set(reader->error, ERROR_INVALID,
                             "\"%s\": layer %zu of \"layer_types\" is neither \"full_attention\" nor \"sliding_attention\"",
                             reader->path, i);
    }
    config->is_local = is_local;
    return true;
}

/* Nomic scales its angles for texts past those it was trained on: not supported, so texts end there. */
static bool limit_scaled(struct reader *reader, struct encoder_config *config)
{
    const struct json_value *factor = json_get(reader->root, "rotary_scaling_factor");
    size_t trained;
    if (!read_size(reader, (const char *const[]){"max_trained_positions", NULL}, 1, POSITIONS_MAX, 2048, &trained))
        return false;
    if (factor != NULL && factor->kind != JSON_NULL && config->positions > trained)
        config->positions = trained;
    return true;
}

static bool read_rotary(struct reader *reader, struct encoder_config *config)
{
    size_t window;
    bool is_modern = config->architecture->pre_norm;
    if (!read_theta(reader, "full_attention", (const char *const[]){"global_rope_theta", "rotary_emb_base", NULL},
                    is_modern ? 160000 : 1000, &config->theta_full))
        return false;
    config->theta_local = config->theta_full;
    const struct json_value *local = json_get(reader->root, "local_rope_theta");
    if (!is_modern)
        return limit_scaled(reader, config);
    double usual = local != NULL && local->kind == JSON_NULL ? config->theta_full : 10000;
    if (!read_theta(reader, "sliding_attention", (const char *const[]){"local_rope_theta", NULL}, usual,
                    &config->theta_local) ||
        !read_size(reader, (const char *const[]){"local_attention", NULL}, 2, POSITIONS_MAX, 128, &window) ||
        !read_layer_types(reader, config))
        return false;
    config->window = window / 2;
    return true;
}

static bool read_sizes(struct reader *reader, struct encoder_config *config)
{
    size_t embedding;
    if (!read_size(reader, (const char *const[]){"hidden_size", "dim", "n_embd", NULL}, 1, HIDDEN_MAX, SIZE_MAX,
                   &config->hidden) ||
        !read_size(reader, (const char *const[]){"num_hidden_layers", "n_layers", "n_layer", NULL}, 1, LAYERS_MAX, SIZE_MAX,
                   &config->layers) ||
        !read_size(reader, (const char *const[]){"num_attention_heads", "n_heads", "n_head", NULL}, 1, HIDDEN_MAX, SIZE_MAX,
                   &config->heads) ||
        !read_size(reader, (const char *const[]){"intermediate_size", "hidden_dim", "n_inner", NULL}, 1, INTERMEDIATE_MAX,
                   SIZE_MAX, &config->intermediate) ||
        !read_size(reader, (const char *const[]){"vocab_size", NULL}, 1, LIMIT_TOKENIZER_TOKENS, SIZE_MAX,
                   &config->vocabulary) ||
        !read_size(reader, (const char *const[]){"max_position_embeddings", "n_positions", NULL}, 1, POSITIONS_MAX,
                   config->architecture->rotary ? 8192 : 512, &config->positions) ||
        !read_size(reader, (const char *const[]){"embedding_size", NULL}, 1, HIDDEN_MAX, config->hidden, &embedding))
        return false;
    if (embedding != config->hidden)
        return error_set(reader->error, ERROR_INVALID,
                         "\"%s\": \"embedding_size\" is %zu and \"hidden_size\" %zu: only equal ones are supported",
                         reader->path, embedding, config->hidden);
    if (config->hidden % config->heads != 0)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": %zu attention heads do not divide the hidden size %zu",
                         reader->path, config->heads, config->hidden);
    config->head_size = config->hidden / config->heads;
    if (config->head_size > KERNEL_HEAD_SIZE_MAX || (config->architecture->rotary && config->head_size % 2 != 0))
        return error_set(reader->error, ERROR_INVALID, "\"%s\": attention heads of size %zu are not supported", reader->path,
                         config->head_size);
    return true;
}

static bool read_rest(struct reader *reader, struct encoder_config *config)
{
    const struct architecture *architecture = config->architecture;
    double epsilon;
    size_t padding;
    if (!read_size(reader, (const char *const[]){"type_vocab_size", NULL}, 0, 1024, architecture->token_types != NULL ? 2 : 0,
                   &config->token_types) ||
        !read_size(reader, (const char *const[]){"pad_token_id", NULL}, 0, LIMIT_TOKENIZER_TOKENS, 1, &padding) ||
        !read_real(reader, architecture->epsilon_keys, architecture->pre_norm ? 1e-5 : 1e-12, &epsilon) ||
        !read_activation(reader,
                         (const char *const[]){"hidden_act", "hidden_activation", "activation", "activation_function", NULL},
                         architecture->ffn_gate != NULL ? ACTIVATION_SILU : ACTIVATION_GELU, &config->activation) ||
        !read_activation(reader, (const char *const[]){"classifier_activation", NULL}, architecture->head_activation,
                         &config->head_activation))
        return false;
    if (architecture->token_types == NULL)
        config->token_types = 0;
    config->epsilon = (float)epsilon;
    /* RoBERTa counts from behind its padding's number; MPNet always from 2. */
    bool is_roberta = slice_equal_text(slice_from(architecture->name), "roberta");
    if (is_roberta || architecture->relative_bias != NULL) {
        config->padding = is_roberta ? padding : 1;
        config->first_position = config->padding + 1;
    }
    if (architecture->positions != NULL && config->first_position + 2 >= config->positions)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": %zu positions are too few", reader->path, config->positions);
    const struct json_value *pooling = json_get(reader->root, "classifier_pooling");
    config->head_mean = pooling != NULL && pooling->kind == JSON_TEXT && slice_equal_text(pooling->text, "mean");
    return true;
}

bool encoder_config_read(struct encoder_config *config, const char *folder, struct arena *arena, struct error *error)
{
    struct reader reader = {.arena = arena, .error = error};
    *config = (struct encoder_config){0};
    if (!config_file_read(folder, "config.json", JSON_OBJECT, arena, &reader.root, &reader.path, error))
        return false;
    if (reader.root == NULL) {
        error_set(error, ERROR_NOT_FOUND, "\"%s\" is not a model: it has no config.json", folder);
        return error_hint(
            error, "A model is a folder with config.json, model.safetensors and tokenizer.json, as Hugging Face writes it.");
    }
    const struct json_value *type;
    if (!json_member(reader.root, reader.path, "model_type", JSON_TEXT, &type, error))
        return false;
    config->architecture = type != NULL ? architecture_find(type->text) : NULL;
    if (type == NULL)
        return error_set(error, ERROR_INVALID, "\"%s\" has no \"model_type\"", reader.path);
    if (config->architecture == NULL) {
        error_set(error, ERROR_INVALID, "\"%s\": model type \"" SLICE_FORMAT "\" is not an encoder that is supported",
                  reader.path, SLICE_ARGUMENT(type->text));
        return error_hint(error, "Supported: %s.", architecture_list());
    }
    return refuse_foreign(&reader, config->architecture->positions != NULL) && read_sizes(&reader, config) &&
           read_rest(&reader, config) && (!config->architecture->rotary || read_rotary(&reader, config));
}
