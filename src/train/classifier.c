/* classifier.c - reads and checks a classifier's folder; writes its head. */
#include "classifier.h"
#include "codec/codec.h"
#include <math.h>
#include <stdlib.h>

#define PROVENANCE_BYTES (64 * MIB)

static const char *const method_names[CLASSIFIER_METHODS] = {"head", "lora", "full"}; /* by enum classifier_method */

const char *classifier_method_name(enum classifier_method method)
{
    return method_names[method];
}

bool classifier_method_named(const char *name, enum classifier_method *method)
{
    for (size_t i = 0; i < CLASSIFIER_METHODS; i++)
        if (strcmp(name, method_names[i]) == 0) {
            *method = (enum classifier_method)i;
            return true;
        }
    return false;
}

static bool check_input(const struct classifier *classifier, const char *folder, struct error *error)
{
    char hash[BASE_HASH_BYTES];
    if (classifier->input_hash == NULL)
        return true;
    if (!input_hash_of(folder, hash, error))
        return false;
    if (strcmp(hash, classifier->input_hash) == 0)
        return true;
    error_set(error, ERROR_CONFLICT, "adapter \"%s\" was trained on other tokens: the tokenizer in \"%s\" has changed since",
              classifier->name, folder);
    return error_hint(error, "`assay tune again %.64s` trains it with this tokenizer; or bring the old one back.",
                      classifier->name);
}

bool classifier_check_base(const struct classifier *classifier, const char *folder, struct error *error)
{
    char hash[BASE_HASH_BYTES];
    if (!base_hash(folder, hash, error))
        return false;
    if (strcmp(hash, classifier->base_hash) == 0)
        return check_input(classifier, folder, error);
    error_set(error, ERROR_CONFLICT, "adapter \"%s\" was trained on \"%s\" (%.12s), base changed: \"%s\" is %.12s",
              classifier->name, classifier->base, classifier->base_hash, folder, hash);
    return error_hint(error, "`assay tune again %.64s` trains it on this base, as it was trained; or bring the old base back.",
                      classifier->name);
}

/* ---- the head's file ---- */

static void append_floats(struct buffer *out, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof(bits));
        buffer_u32(out, bits);
    }
}

void classifier_write_head(const struct linear_head *head, struct buffer *out)
{
    struct buffer text;
    size_t weights = head->labels * head->dimensions * sizeof(float), biases = head->labels * sizeof(float);
    buffer_init(&text, MIB);
    buffer_format(&text,
                  "{\"head.weight\":{\"dtype\":\"F32\",\"shape\":[%zu,%zu],\"data_offsets\":[0,%zu]},"
                  "\"head.bias\":{\"dtype\":\"F32\",\"shape\":[%zu],\"data_offsets\":[%zu,%zu]}}",
                  head->labels, head->dimensions, weights, head->labels, weights, weights + biases);
    while (text.size % 8 != 0)
        buffer_append_byte(&text, ' ');
    buffer_u64(out, text.size);
    buffer_append_slice(out, buffer_slice(&text));
    append_floats(out, head->weights, head->labels * head->dimensions);
    append_floats(out, head->biases, head->labels);
    buffer_release(&text);
}

static bool all_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static bool take_head(struct classifier *classifier, const struct safetensors *tensors, const char *path, struct error *error)
{
    const struct tensor *weight = safetensors_get(tensors, "head.weight"), *bias = safetensors_get(tensors, "head.bias");
    bool fits = weight != NULL && bias != NULL && weight->type == TENSOR_F32 && bias->type == TENSOR_F32 &&
                weight->dimensions == 2 && bias->dimensions == 1 && weight->shape[0] == classifier->label_count &&
                bias->shape[0] == classifier->label_count && weight->shape[1] > 0;
    if (!fits)
        return error_set(error, ERROR_CORRUPT, "\"%s\" does not hold the head of %zu labels", path, classifier->label_count);
    struct linear_head *head = &classifier->head;
    *head = (struct linear_head){.labels = weight->shape[0], .dimensions = weight->shape[1]};
    head->weights = memory_try(weight->count, sizeof(float));
    head->biases = memory_try(bias->count, sizeof(float));
    if (head->weights == NULL || head->biases == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the head in \"%s\"", path);
    tensor_to_f32(weight, 0, weight->count, head->weights);
    tensor_to_f32(bias, 0, bias->count, head->biases);
    if (!all_finite(head->weights, weight->count) || !all_finite(head->biases, bias->count))
        return error_set(error, ERROR_CORRUPT, "\"%s\" holds a value that is no number", path);
    return true;
}

static bool read_head(struct classifier *classifier, const char *folder, struct error *error)
{
    const char *path = path_join(&classifier->arena, folder, "head.safetensors");
    struct file_map map;
    struct safetensors tensors;
    if (!file_map_open(&map, path, error))
        return false;
    bool ok = safetensors_read((struct slice){(const char *)map.data, map.size}, path, &classifier->arena, &tensors, error) &&
              take_head(classifier, &tensors, path, error);
    file_map_close(&map);
    return ok;
}

/* ---- what is needed of provenance.json ---- */

static bool text_of(struct classifier *classifier, const struct json_value *object, const char *path, const char *key,
                    const char **text, struct error *error)
{
    const struct json_value *value;
    if (!json_member(object, path, key, JSON_TEXT, &value, error))
        return false;
    if (value == NULL)
        return error_set(error, ERROR_CORRUPT, "\"%s\" has no \"%s\"", path, key);
    *text = arena_text(&classifier->arena, value->text);
    return true;
}

static bool number_of(const struct json_value *object, const char *path, const char *key, double least, double most,
                      double *number, struct error *error)
{
    const struct json_value *value;
    if (!json_member(object, path, key, JSON_NUMBER, &value, error))
        return false;
    if (value == NULL || !(value->real >= least && value->real <= most))
        return error_set(error, ERROR_CORRUPT, "\"%s\": \"%s\" is missing or out of bounds", path, key);
    *number = value->real;
    return true;
}

static bool take_labels(struct classifier *classifier, const struct json_value *root, const char *path, struct error *error)
{
    const struct json_value *labels;
    if (!json_member(root, path, "labels", JSON_ARRAY, &labels, error))
        return false;
    if (labels == NULL || labels->count < 2 || labels->count > LIMIT_EXAMPLES_LABELS)
        return error_set(error, ERROR_CORRUPT, "\"%s\" names no labels", path);
    const char **names = arena_alloc(&classifier->arena, labels->count, sizeof(*names));
    for (size_t i = 0; i < labels->count; i++) {
        if (labels->items[i].kind != JSON_TEXT)
            return error_set(error, ERROR_CORRUPT, "\"%s\": label %zu is %s", path, i, json_kind_name(labels->items[i].kind));
        names[i] = arena_text(&classifier->arena, labels->items[i].text);
    }
    classifier->labels = names;
    classifier->label_count = labels->count;
    return true;
}

static bool take_provenance(struct classifier *classifier, const struct json_value *root, const char *path, struct error *error)
{
    const struct json_value *base;
    const char *task, *method, *hash;
    if (!text_of(classifier, root, path, "task", &task, error) || !text_of(classifier, root, path, "method", &method, error) ||
        !json_member(root, path, "base", JSON_OBJECT, &base, error))
        return false;
    if (base == NULL)
        return error_set(error, ERROR_CORRUPT, "\"%s\" has no \"base\"", path);
    if (strcmp(task, "classify") != 0 || !classifier_method_named(method, &classifier->method))
        return error_set(error, ERROR_INVALID,
                         "\"%s\" is of the task \"%.40s\" and method \"%.40s\", expected classify and head, lora or full", path,
                         task, method);
    if (!text_of(classifier, root, path, "name", &classifier->name, error) ||
        !text_of(classifier, base, path, "name", &classifier->base, error) ||
        !text_of(classifier, base, path, "folder", &classifier->base_folder, error) ||
        !text_of(classifier, base, path, "sha256", &hash, error) ||
        !number_of(root, path, "temperature", 1e-3, 1e3, &classifier->temperature, error) ||
        !number_of(root, path, "threshold", 0, 1, &classifier->threshold, error))
        return false;
    if (strlen(hash) != BASE_HASH_BYTES - 1)
        return error_set(error, ERROR_CORRUPT, "\"%s\": the base's \"sha256\" is no hash", path);
    memcpy(classifier->base_hash, hash, BASE_HASH_BYTES);
    const struct slice input = json_text_at(base, "input_sha256");
    if (input.size > 0)
        classifier->input_hash = arena_text(&classifier->arena, input);
    const struct slice precision = json_text_at(json_get(root, "recipe"), "precision");
    classifier->precision = slice_equal_text(precision, "int8")  ? MODEL_INT8
                            : slice_equal_text(precision, "f32") ? MODEL_F32
                                                                 : MODEL_AUTO;
    return take_labels(classifier, root, path, error);
}

bool classifier_open(struct classifier *classifier, const char *folder, struct error *error)
{
    struct json_value root;
    *classifier = (struct classifier){0};
    arena_init(&classifier->arena);
    buffer_init(&classifier->provenance, PROVENANCE_BYTES);
    const char *path = path_join(&classifier->arena, folder, "provenance.json");
    return file_read(path, PROVENANCE_BYTES, &classifier->provenance, error) &&
           json_read(buffer_slice(&classifier->provenance), path, &classifier->arena, &root, error) &&
           take_provenance(classifier, &root, path, error) &&
           (classifier->method != CLASSIFIER_HEAD || read_head(classifier, folder, error));
}

void classifier_release(struct classifier *classifier)
{
    linear_head_release(&classifier->head);
    buffer_release(&classifier->provenance);
    arena_release(&classifier->arena);
    *classifier = (struct classifier){0};
}
