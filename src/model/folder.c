/* folder.c - what sentence-transformers writes beside an encoder: modules.json (pooling, dense, normalize), the longest text and
 * prompts. Older and newer versions write different keys for the same things; both are read. */
#include "config.h"
#include "kernel/kernel.h"
#include <string.h>

struct reader {
    const char *folder;
    struct arena *arena;
    struct error *error;
};

/* "1_Pooling", and nothing that leaves the folder. */
static bool module_path(struct reader *reader, const char *file, struct slice path, const char **folder)
{
    bool inside = path.size == 0 || (path.data[0] != '/' && memchr(path.data, '\0', path.size) == NULL);
    struct slice rest = path, part;
    while (slice_next(&rest, '/', &part))
        if (slice_equal_text(part, "..") || part.size == 0)
            inside = false;
    if (!inside)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": path \"" SLICE_FORMAT "\" leads out of the model's folder",
                         file, SLICE_ARGUMENT(path));
    *folder = path.size == 0 ? reader->folder : path_join(reader->arena, reader->folder, arena_text(reader->arena, path));
    return true;
}

static bool flag(const struct json_value *object, const char *key, bool usual)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_BOOL ? value->boolean : usual;
}

static bool pooling_named(struct slice name, enum model_pooling *pooling)
{
    static const char *const names[] = {"mean", "cls", "max", "lasttoken"}; /* by enum model_pooling */
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(name, names[i])) {
            *pooling = (enum model_pooling)i;
            return true;
        }
    return false;
}

/* Before 2026 one switch a way, since then its name. Several at once would be concatenated: not supported. */
static bool read_pooling(struct reader *reader, const char *folder, enum model_pooling *pooling)
{
    static const struct {
        const char *key;
        int pooling; /* -1: not supported */
    } switches[] = {{"pooling_mode_mean_tokens", MODEL_POOL_MEAN}, {"pooling_mode_cls_token", MODEL_POOL_CLS},
                    {"pooling_mode_max_tokens", MODEL_POOL_MAX},   {"pooling_mode_lasttoken", MODEL_POOL_LAST},
                    {"pooling_mode_mean_sqrt_len_tokens", -1},     {"pooling_mode_weightedmean_tokens", -1}};
    const struct json_value *root;
    const char *path;
    *pooling = MODEL_POOL_MEAN;
    if (!config_file_read(folder, "config.json", JSON_OBJECT, reader->arena, &root, &path, reader->error))
        return false;
    if (root == NULL)
        return error_set(reader->error, ERROR_NOT_FOUND, "\"%s\" is missing: modules.json names a pooling there", path);
    if (!flag(root, "include_prompt", true))
        return error_set(reader->error, ERROR_INVALID, "\"%s\": \"include_prompt\" is false, which is not supported", path);
    const struct json_value *mode = json_get(root, "pooling_mode");
    if (mode != NULL && mode->kind == JSON_ARRAY && mode->count == 1)
        mode = &mode->items[0];
    if (mode != NULL && mode->kind == JSON_TEXT) {
        if (pooling_named(mode->text, pooling))
            return true;
        error_set(reader->error, ERROR_INVALID, "\"%s\": pooling \"" SLICE_FORMAT "\" is not supported", path,
                  SLICE_ARGUMENT(mode->text));
        return error_hint(reader->error, "Supported: mean, cls, max, lasttoken.");
    }
    size_t set = 0;
    bool supported = mode == NULL;
    for (size_t i = 0; i < ARRAY_COUNT(switches); i++)
        if (flag(root, switches[i].key, false)) {
            set++;
            if (switches[i].pooling >= 0)
                *pooling = (enum model_pooling)switches[i].pooling;
            else
                supported = false;
        }
    if (set > 1 || !supported) {
        error_set(reader->error, ERROR_INVALID, "\"%s\": this way of pooling is not supported", path);
        return error_hint(reader->error, "Supported: one of mean, cls, max, lasttoken.");
    }
    return true;
}

static bool read_count(struct reader *reader, const struct json_value *root, const char *path, const char *key, size_t most,
                       size_t *count)
{
    const struct json_value *value;
    if (!json_member(root, path, key, JSON_NUMBER, &value, reader->error))
        return false;
    if (value == NULL || !value->is_integer || value->integer < 1 || (uint64_t)value->integer > most)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is not a whole number from 1 to %zu", path, key, most);
    *count = (size_t)value->integer;
    return true;
}

static bool read_dense(struct reader *reader, struct module *module)
{
    enum { DENSE_MAX = 65536 };
    const struct json_value *root, *activation;
    const char *path;
    if (!config_file_read(module->folder, "config.json", JSON_OBJECT, reader->arena, &root, &path, reader->error))
        return false;
    if (root == NULL)
        return error_set(reader->error, ERROR_NOT_FOUND, "\"%s\" is missing: modules.json names a dense layer there", path);
    if (!read_count(reader, root, path, "in_features", DENSE_MAX, &module->in) ||
        !read_count(reader, root, path, "out_features", DENSE_MAX, &module->out) ||
        !json_member(root, path, "activation_function", JSON_TEXT, &activation, reader->error))
        return false;
    module->bias = flag(root, "bias", true);
    module->activation = ACTIVATION_TANH;
    if (flag(root, "use_residual", false))
        return error_set(reader->error, ERROR_INVALID, "\"%s\": \"use_residual\" is true, which is not supported", path);
    if (activation == NULL)
        return true;
    if (slice_ends_with(activation->text, SLICE(".Tanh")))
        module->activation = ACTIVATION_TANH;
    else if (slice_ends_with(activation->text, SLICE(".Identity")))
        module->activation = ACTIVATION_NONE;
    else if (slice_ends_with(activation->text, SLICE(".ReLU")))
        module->activation = ACTIVATION_RELU;
    else if (slice_ends_with(activation->text, SLICE(".GELU")))
        module->activation = ACTIVATION_GELU;
    else
        return error_set(reader->error, ERROR_INVALID, "\"%s\": activation \"" SLICE_FORMAT "\" is not supported", path,
                         SLICE_ARGUMENT(activation->text));
    return true;
}

static bool read_module(struct reader *reader, struct folder_config *config, const char *file, const struct json_value *entry)
{
    const struct json_value *type, *path;
    const char *folder;
    if (entry->kind != JSON_OBJECT)
        return error_set(reader->error, ERROR_INVALID, "\"%s\" holds %s, expected objects", file, json_kind_name(entry->kind));
    if (!json_member(entry, file, "type", JSON_TEXT, &type, reader->error) ||
        !json_member(entry, file, "path", JSON_TEXT, &path, reader->error))
        return false;
    if (type == NULL || path == NULL)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": a module has no \"type\" or no \"path\"", file);
    if (!module_path(reader, file, path->text, &folder))
        return false;
    if (slice_ends_with(type->text, SLICE(".Transformer"))) {
        config->encoder_folder = folder;
        return true;
    }
    if (config->module_count == MODULES_MAX)
        return error_set(reader->error, ERROR_LIMIT, "\"%s\" has more than %d modules", file, MODULES_MAX);
    struct module *module = &config->modules[config->module_count++];
    module->folder = folder;
    if (slice_ends_with(type->text, SLICE(".Pooling"))) {
        module->kind = MODULE_POOLING;
        config->has_modules = true;
        return read_pooling(reader, folder, &config->pooling);
    }
    if (slice_ends_with(type->text, SLICE(".Normalize"))) {
        module->kind = MODULE_NORMALIZE;
        config->normalized = true;
        return true;
    }
    if (slice_ends_with(type->text, SLICE(".Dense"))) {
        module->kind = MODULE_DENSE;
        config->normalized = false;
        return read_dense(reader, module);
    }
    error_set(reader->error, ERROR_INVALID, "\"%s\": module \"" SLICE_FORMAT "\" is not supported", file,
              SLICE_ARGUMENT(type->text));
    return error_hint(reader->error, "Supported: Transformer, Pooling, Dense, Normalize.");
}

static bool read_modules(struct reader *reader, struct folder_config *config)
{
    const struct json_value *root;
    const char *path;
    if (!config_file_read(reader->folder, "modules.json", JSON_ARRAY, reader->arena, &root, &path, reader->error))
        return false;
    if (root != NULL && root->count == 0)
        return error_set(reader->error, ERROR_INVALID, "\"%s\" names no module", path);
    for (size_t i = 0; root != NULL && i < root->count; i++)
        if (!read_module(reader, config, path, &root->items[i]))
            return false;
    if (!config->has_modules && config->module_count > 0)
        return error_set(reader->error, ERROR_INVALID, "\"%s\" has no pooling, which is not supported", path);
    if (!config->has_modules) { /* an encoder alone: its tokens' mean */
        config->modules[0] = (struct module){.kind = MODULE_POOLING};
        config->module_count = 1;
        config->normalized = false;
    } else if (config->modules[0].kind != MODULE_POOLING)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": pooling does not stand behind the transformer", path);
    return true;
}

/* The longest text, from the first file that states it. Some state 10^30 and mean that there is no limit. */
static bool read_tokens_max(struct reader *reader, struct folder_config *config, const struct json_value *root,
                            const char *path, const char *key)
{
    const struct json_value *value;
    if (root == NULL || config->tokens_max > 0)
        return true;
    if (!json_member(root, path, key, JSON_NUMBER, &value, reader->error))
        return false;
    if (value == NULL || value->real >= (double)(1 << 24))
        return true;
    if (!value->is_integer || value->integer < 2)
        return error_set(reader->error, ERROR_INVALID, "\"%s\": \"%s\" is %.10g, expected a whole number from 2", path, key,
                         value->real);
    config->tokens_max = (size_t)value->integer;
    return true;
}

static bool read_longest(struct reader *reader, struct folder_config *config)
{
    static const char *const names[] = {"sentence_bert_config.json", "sentence_roberta_config.json",
                                        "sentence_distilbert_config.json", "sentence_camembert_config.json",
                                        "sentence_xlm-roberta_config.json"};
    const struct json_value *root;
    const char *path;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (!config_file_read(config->encoder_folder, names[i], JSON_OBJECT, reader->arena, &root, &path, reader->error) ||
            !read_tokens_max(reader, config, root, path, "max_seq_length"))
            return false;
        config->lowercase |= root != NULL && flag(root, "do_lower_case", false);
    }
    return config_file_read(config->encoder_folder, "tokenizer_config.json", JSON_OBJECT, reader->arena, &root, &path,
                            reader->error) &&
           read_tokens_max(reader, config, root, path, "model_max_length");
}

static bool read_prompts(struct reader *reader, struct folder_config *config)
{
    const struct json_value *root, *prompts, *usual;
    const char *path;
    if (!config_file_read(reader->folder, "config_sentence_transformers.json", JSON_OBJECT, reader->arena, &root, &path,
                          reader->error))
        return false;
    if (root == NULL)
        return true;
    if (!json_member(root, path, "prompts", JSON_OBJECT, &prompts, reader->error) ||
        !json_member(root, path, "default_prompt_name", JSON_TEXT, &usual, reader->error))
        return false;
    if (prompts != NULL)
        config->prompts = arena_alloc(reader->arena, prompts->count, sizeof(*config->prompts));
    for (size_t i = 0; prompts != NULL && i < prompts->count; i++)
        if (prompts->items[i].kind == JSON_TEXT)
            config->prompts[config->prompt_count++] = (struct model_prompt){arena_text(reader->arena, prompts->keys[i]),
                                                                            arena_text(reader->arena, prompts->items[i].text)};
    if (usual == NULL)
        return true;
    config->default_prompt = arena_text(reader->arena, usual->text);
    for (size_t i = 0; i < config->prompt_count; i++)
        if (slice_equal_text(usual->text, config->prompts[i].name))
            return true;
    return error_set(reader->error, ERROR_INVALID, "\"%s\": \"default_prompt_name\" is \"%s\", which is no prompt there", path,
                     config->default_prompt);
}

bool folder_config_read(struct folder_config *config, const char *folder, struct arena *arena, struct error *error)
{
    struct reader reader = {folder, arena, error};
    *config = (struct folder_config){.encoder_folder = folder};
    return read_modules(&reader, config) && read_longest(&reader, config) && read_prompts(&reader, config);
}
