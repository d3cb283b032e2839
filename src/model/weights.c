#include "weights.h"
#include "architectures.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 256 };

struct weight_file {
    const char *path;
    struct file_map map;
    struct safetensors tensors;
};

static bool add_file(struct weights *weights, const char *path, struct error *error)
{
    struct weight_file *file = &weights->files[weights->file_count];
    file->path = path;
    if (!file_map_open(&file->map, path, error))
        return false;
    weights->file_count++;
    weights->file_bytes += file->map.size;
    struct slice bytes = {(const char *)file->map.data, file->map.size};
    return safetensors_read(bytes, path, &weights->arena, &file->tensors, error);
}

static bool is_listed(const struct weights *weights, const char *path)
{
    for (size_t i = 0; i < weights->file_count; i++)
        if (strcmp(weights->files[i].path, path) == 0)
            return true;
    return false;
}

/* model.safetensors.index.json: {"weight_map": {tensor: file}}. The files' own heads are what counts. */
static bool open_shards(struct weights *weights, const char *path, struct error *error)
{
    struct buffer text;
    struct json_value root;
    const struct json_value *map = NULL;
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, error) &&
              json_read(arena_slice(&weights->arena, buffer_slice(&text)), path, &weights->arena, &root, error) &&
              json_member(&root, path, "weight_map", JSON_OBJECT, &map, error);
    buffer_release(&text);
    if (!ok)
        return false;
    if (map == NULL || map->count == 0)
        return error_set(error, ERROR_INVALID, "\"%s\" has no \"weight_map\"", path);
    for (size_t i = 0; i < map->count; i++) {
        struct slice name = map->items[i].text;
        size_t at;
        if (map->items[i].kind != JSON_TEXT || name.size == 0 || slice_find(name, '/', &at) || slice_find(name, '\0', &at))
            return error_set(error, ERROR_INVALID, "\"%s\": \"" SLICE_FORMAT "\" does not name a file of this folder", path,
                             SLICE_ARGUMENT(map->keys[i]));
        char *file = path_join(&weights->arena, weights->folder, arena_text(&weights->arena, name));
        if (is_listed(weights, file))
            continue;
        if (weights->file_count == FILES_MAX)
            return error_set(error, ERROR_LIMIT, "\"%s\" names more than %d files", path, FILES_MAX);
        if (!add_file(weights, file, error))
            return false;
    }
    return true;
}

static bool told_missing(const struct weights *weights, struct arena *arena, struct error *error)
{
    static const char *const others[] = {"pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5",
                                         "flax_model.msgpack"};
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        if (file_exists(path_join(arena, weights->folder, others[i]))) {
            error_set(error, ERROR_NOT_FOUND, "\"%s\" has no model.safetensors, only %s, which can run code when it is read",
                      weights->folder, others[i]);
            return error_hint(
                error, "Convert it where it is trusted: AutoModel.from_pretrained(…).save_pretrained(…) writes safetensors.");
        }
    error_set(error, ERROR_NOT_FOUND, "\"%s\" has no model.safetensors", weights->folder);
    return error_hint(error, "Copy the whole folder of the model, its weights included.");
}

bool weights_open(struct weights *weights, const char *folder, struct error *error)
{
    *weights = (struct weights){.prefix = ""};
    arena_init(&weights->arena);
    weights->folder = arena_text(&weights->arena, slice_from(folder));
    weights->files = memory_alloc(FILES_MAX, sizeof(*weights->files));
    char *single = path_join(&weights->arena, folder, "model.safetensors");
    char *index = path_join(&weights->arena, folder, "model.safetensors.index.json");
    bool ok = file_exists(single)  ? add_file(weights, single, error)
              : file_exists(index) ? open_shards(weights, index, error)
                                   : told_missing(weights, &weights->arena, error);
    if (!ok)
        weights_close(weights);
    return ok;
}

void weights_close(struct weights *weights)
{
    for (size_t i = 0; i < weights->file_count; i++)
        file_map_close(&weights->files[i].map);
    free(weights->files);
    arena_release(&weights->arena);
    *weights = (struct weights){0};
}

size_t weights_file_count(const struct weights *weights)
{
    return weights->file_count;
}

struct slice weights_file(const struct weights *weights, size_t number)
{
    const struct file_map *map = &weights->files[number].map;
    return (struct slice){(const char *)map->data, map->size};
}

static const struct tensor *find(const struct weights *weights, const char *name)
{
    for (size_t i = 0; i < weights->file_count; i++) {
        const struct tensor *tensor = safetensors_get(&weights->files[i].tensors, name);
        if (tensor != NULL)
            return tensor;
    }
    return NULL;
}

enum { NAME_MAX_BYTES = 256 };

/* prefix + name; names are ours and short. */
static const char *joined(char out[NAME_MAX_BYTES], const char *prefix, const char *name)
{
    snprintf(out, NAME_MAX_BYTES, "%s%s", prefix, name);
    return out;
}

bool weights_find_prefix(struct weights *weights, const char *name)
{
    char text[NAME_MAX_BYTES];
    for (size_t i = 0; architecture_prefixes[i] != NULL; i++)
        if (find(weights, joined(text, architecture_prefixes[i], name)) != NULL) {
            weights->prefix = architecture_prefixes[i];
            return true;
        }
    return false;
}

/* Checkpoints of 2018 call a norm's weight and bias gamma and beta. */
static const char *older_name(char out[NAME_MAX_BYTES], const char *name)
{
    struct slice text = slice_from(name);
    bool is_weight = slice_ends_with(text, SLICE(".weight"));
    size_t size = text.size - strlen(is_weight ? "weight" : "bias");
    snprintf(out, NAME_MAX_BYTES, "%.*s%s", (int)size, name, is_weight ? "gamma" : "beta");
    return out;
}

const struct tensor *weights_find(const struct weights *weights, const char *name)
{
    char text[NAME_MAX_BYTES], older[NAME_MAX_BYTES];
    const struct tensor *tensor = weights->adapter != NULL ? peft_tensor(weights->adapter, name) : NULL;
    if (tensor == NULL)
        tensor = find(weights, joined(text, weights->prefix, name));
    if (tensor == NULL)
        tensor = find(weights, name);
    if (tensor == NULL)
        tensor = find(weights, joined(text, weights->prefix, older_name(older, name)));
    return tensor;
}

static bool is_floating(enum tensor_type type)
{
    return type == TENSOR_F32 || type == TENSOR_F16 || type == TENSOR_BF16;
}

static const char *shape_text(struct arena *arena, const struct tensor *tensor)
{
    const char *text = "";
    for (size_t i = 0; i < tensor->dimensions; i++)
        text = arena_format(arena, "%s%s%zu", text, i > 0 ? "x" : "", tensor->shape[i]);
    return tensor->dimensions == 0 ? "one value" : text;
}

const struct tensor *weights_get(const struct weights *weights, const char *name, size_t rows, size_t columns,
                                 struct error *error)
{
    const struct tensor *tensor = weights_find(weights, name);
    if (tensor == NULL) {
        (void)error_set(error, ERROR_INVALID, "the weights in \"%s\" have no tensor \"%s\"", weights->folder, name);
        return NULL;
    }
    size_t dimensions = columns > 0 ? 2 : 1;
    if (tensor->dimensions != dimensions || tensor->shape[0] != rows || (columns > 0 && tensor->shape[1] != columns)) {
        struct arena arena;
        arena_init(&arena);
        (void)error_set(error, ERROR_INVALID, "the weights in \"%s\": tensor \"%s\" has %s values, expected %zu%s%s",
                        weights->folder, name, shape_text(&arena, tensor), rows, columns > 0 ? "x" : "",
                        columns > 0 ? arena_format(&arena, "%zu", columns) : "");
        arena_release(&arena);
        return NULL;
    }
    if (!is_floating(tensor->type)) {
        (void)error_set(error, ERROR_INVALID, "the weights in \"%s\": tensor \"%s\" has type %s, expected f32, f16 or bf16",
                        weights->folder, name, tensor_type_name(tensor->type));
        return NULL;
    }
    return tensor;
}

float *weights_read(const struct weights *weights, const char *name, size_t rows, size_t columns, struct error *error)
{
    const struct tensor *tensor = weights_get(weights, name, rows, columns, error);
    if (tensor == NULL)
        return NULL;
    float *values = memory_try(tensor->count, sizeof(*values));
    if (values == NULL) {
        (void)error_set(error, ERROR_NO_MEMORY, "no memory for %zu numbers of tensor \"%s\"", tensor->count, name);
        return NULL;
    }
    tensor_to_f32(tensor, 0, tensor->count, values);
    for (size_t i = 0; i < tensor->count; i++)
        if (!isfinite(values[i])) {
            (void)error_set(error, ERROR_CORRUPT, "the weights in \"%s\": tensor \"%s\" holds %g at place %zu", weights->folder,
                            name, (double)values[i], i);
            free(values);
            return NULL;
        }
    return values;
}

uint64_t weights_count(const struct weights *weights)
{
    uint64_t count = 0;
    for (size_t i = 0; i < weights->file_count; i++)
        for (size_t t = 0; t < weights->files[i].tensors.count; t++)
            if (is_floating(weights->files[i].tensors.items[t].type))
                count += weights->files[i].tensors.items[t].count;
    return count;
}

void weights_rest(struct weights *weights)
{
    for (size_t i = 0; i < weights->file_count; i++)
        file_map_rest(&weights->files[i].map);
}
