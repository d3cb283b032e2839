/* peft.c - reads adapters, and adds what they learned to the weights that they learned it for. */
#include "peft.h"
#include "architectures.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES_MAX = 1 << 20, RANK_MAX = 1024, LABELS_MAX = 65536, NAME_MAX_BYTES = 320 };
#define ALPHA_MAX 1e6
#define MAGNITUDE ".lora_magnitude_vector"

/* ---- adapter_config.json ---- */

static bool is_set(const struct json_value *root, const char *key)
{
    const struct json_value *value = json_get(root, key);
    return value != NULL && ((value->kind == JSON_BOOL && value->boolean) ||
                             ((value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) && value->count > 0));
}

/* Ways of adding that other numbers follow from: each would load, and answer wrongly. */
static bool check_variant(const struct peft *peft, const struct json_value *root, struct error *error)
{
    static const char *const unknown[] = {
        "rank_pattern", "alpha_pattern", "fan_in_fan_out", "layer_replication",      "trainable_token_indices",
        "lora_bias",    "use_qalora",    "arrow_config",   "alora_invocation_tokens"};
    for (size_t i = 0; i < ARRAY_COUNT(unknown); i++)
        if (is_set(root, unknown[i]))
            return error_set(error, ERROR_INVALID, "adapter \"%s\" uses \"%s\", which is not known here", peft->folder,
                             unknown[i]);
    static const char *const changes_base[] = {"pissa", "olora", "loftq", "corda"}; /* the base is no longer what it was */
    const struct json_value *start = json_get(root, "init_lora_weights"), *bias = json_get(root, "bias");
    for (size_t i = 0; i < ARRAY_COUNT(changes_base) && start != NULL && start->kind == JSON_TEXT; i++)
        if (slice_starts_with(start->text, slice_from(changes_base[i])))
            return error_set(error, ERROR_INVALID, "adapter \"%s\" was begun by \"%s\", which changes its base", peft->folder,
                             changes_base[i]);
    if (bias != NULL && !(bias->kind == JSON_TEXT && slice_equal_text(bias->text, "none")))
        return error_set(error, ERROR_INVALID, "adapter \"%s\" has learned biases, which are not known here", peft->folder);
    return true;
}

static bool number_of(const struct json_value *root, const char *path, const char *key, double usual, double most,
                      double *number, struct error *error)
{
    const struct json_value *value;
    *number = usual;
    if (!json_member(root, path, key, JSON_NUMBER, &value, error))
        return false;
    if (value != NULL)
        *number = value->real;
    return (*number > 0 && *number <= most) ||
           error_set(error, ERROR_INVALID, "\"%s\": \"%s\" is %g, expected above 0 and up to %g", path, key, *number, most);
}

static const char *task_of(const struct json_value *type)
{
    static const char *const known[][2] = {
        {"SEQ_CLS", "classify"}, {"TOKEN_CLS", "tag"}, {"QUESTION_ANS", "span"}, {"FEATURE_EXTRACTION", "embed"}};
    for (size_t i = 0; i < ARRAY_COUNT(known) && type != NULL; i++)
        if (slice_equal_text(type->text, known[i][0]))
            return known[i][1];
    return "";
}

static bool take_config(struct peft *peft, const struct json_value *root, const char *path, struct error *error)
{
    const struct json_value *kind, *base, *type;
    double rank;
    if (!json_member(root, path, "peft_type", JSON_TEXT, &kind, error) ||
        !json_member(root, path, "base_model_name_or_path", JSON_TEXT, &base, error) ||
        !json_member(root, path, "task_type", JSON_TEXT, &type, error) ||
        !number_of(root, path, "r", 8, RANK_MAX, &rank, error) ||
        !number_of(root, path, "lora_alpha", 8, ALPHA_MAX, &peft->alpha, error))
        return false;
    if (kind == NULL || !slice_equal_text(kind->text, "LORA"))
        return error_set(error, ERROR_INVALID, "adapter \"%s\" is not of the kind LORA", peft->folder);
    if (floor(rank) < rank || rank < 1)
        return error_set(error, ERROR_INVALID, "\"%s\": the rank \"r\" is %g, expected a whole number", path, rank);
    peft->rank = (size_t)rank;
    peft->rank_stabilised = is_set(root, "use_rslora");
    peft->weight_decomposed = is_set(root, "use_dora");
    peft->scale = peft->alpha / (peft->rank_stabilised ? sqrt(rank) : rank);
    peft->base = base != NULL ? arena_text(&peft->arena, base->text) : "";
    peft->task = task_of(type);
    return check_variant(peft, root, error);
}

/* ---- assay_adapter.json ---- */

static bool take_labels(struct peft *peft, const struct json_value *labels, const char *path, struct error *error)
{
    if (labels == NULL || labels->count == 0)
        return true;
    if (labels->count > LABELS_MAX)
        return error_set(error, ERROR_LIMIT, "\"%s\" names %zu labels, the limit is %d", path, labels->count, LABELS_MAX);
    const char **names = arena_alloc(&peft->arena, labels->count, sizeof(*names));
    for (size_t i = 0; i < labels->count; i++) {
        if (labels->items[i].kind != JSON_TEXT)
            return error_set(error, ERROR_INVALID, "\"%s\": label %zu is %s", path, i, json_kind_name(labels->items[i].kind));
        names[i] = arena_text(&peft->arena, labels->items[i].text);
    }
    peft->labels = names;
    peft->label_count = labels->count;
    return true;
}

static bool take_own(struct peft *peft, const struct json_value *root, const char *path, struct error *error)
{
    const struct json_value *task, *hash, *input = json_get(root, "input_sha256"), *pooling, *labels;
    if (!json_member(root, path, "task", JSON_TEXT, &task, error) ||
        !json_member(root, path, "base_sha256", JSON_TEXT, &hash, error) ||
        !json_member(root, path, "pooling", JSON_TEXT, &pooling, error) ||
        !json_member(root, path, "labels", JSON_ARRAY, &labels, error))
        return false;
    peft->has_own = true;
    peft->task = task != NULL ? arena_text(&peft->arena, task->text) : peft->task;
    peft->base_sha256 = hash != NULL ? arena_text(&peft->arena, hash->text) : NULL;
    if (input != NULL && input->kind == JSON_TEXT)
        peft->input_sha256 = arena_text(&peft->arena, input->text);
    peft->mean = pooling != NULL && slice_equal_text(pooling->text, "mean");
    return take_labels(peft, labels, path, error);
}

static bool read_file(struct peft *peft, const char *name,
                      bool (*take)(struct peft *peft, const struct json_value *root, const char *path, struct error *error),
                      struct error *error)
{
    struct buffer text;
    struct json_value root;
    const char *path = path_join(&peft->arena, peft->folder, name);
    buffer_init(&text, CONFIG_BYTES_MAX);
    bool ok = file_read(path, CONFIG_BYTES_MAX, &text, error) &&
              json_read(arena_slice(&peft->arena, buffer_slice(&text)), path, &peft->arena, &root, error);
    buffer_release(&text);
    if (ok && root.kind != JSON_OBJECT)
        ok = error_set(error, ERROR_INVALID, "\"%s\" is %s, expected an object", path, json_kind_name(root.kind));
    return ok && take(peft, &root, path, error);
}

/* ---- tensors ---- */

static bool is_floating(const struct tensor *tensor)
{
    return tensor->type == TENSOR_F32 || tensor->type == TENSOR_F16 || tensor->type == TENSOR_BF16;
}

/* A length for each row of a layer that is added to. */
static bool check_magnitude(struct peft *peft, const struct tensor *tensor, struct error *error)
{
    struct slice name = tensor->name, path = slice_range(name, 0, name.size - strlen(MAGNITUDE));
    const struct tensor *b = safetensors_get(&peft->tensors,
                                             arena_format(&peft->arena, SLICE_FORMAT ".lora_B.weight", SLICE_ARGUMENT(path)));
    peft->magnitude_count++;
    return (b != NULL && b->dimensions == 2 && tensor->dimensions == 1 && tensor->shape[0] == b->shape[0]) ||
           error_set(error, ERROR_INVALID,
                     "adapter \"%s\": tensor \"" SLICE_FORMAT "\" stands alone or has another size than its layer",
                     peft->folder, SLICE_ARGUMENT(name));
}

/* Each A has its B, both of the rank; anything else of LoRA's (of embeddings, of convolutions, biases) would be lost in silence. */
static bool check_tensor(struct peft *peft, const struct tensor *tensor, struct error *error)
{
    static const char a[] = ".lora_A.weight", b[] = ".lora_B.weight";
    struct slice name = tensor->name;
    bool is_a = slice_ends_with(name, SLICE(".lora_A.weight")), is_b = slice_ends_with(name, SLICE(".lora_B.weight"));
    if (!is_floating(tensor))
        return error_set(error, ERROR_INVALID, "adapter \"%s\": tensor \"" SLICE_FORMAT "\" is of the type %s", peft->folder,
                         SLICE_ARGUMENT(name), tensor_type_name(tensor->type));
    if (peft->weight_decomposed && slice_ends_with(name, SLICE(MAGNITUDE)))
        return check_magnitude(peft, tensor, error);
    if (!is_a && !is_b)
        return memmem(name.data, name.size, ".lora_", 6) == NULL ||
               error_set(error, ERROR_INVALID,
                         "adapter \"%s\": tensor \"" SLICE_FORMAT "\" is of a kind that is not known here", peft->folder,
                         SLICE_ARGUMENT(name));
    struct slice path = slice_range(name, 0, name.size - (sizeof(a) - 1));
    const struct tensor *other = safetensors_get(
        &peft->tensors, arena_format(&peft->arena, SLICE_FORMAT "%s", SLICE_ARGUMENT(path), is_a ? b : a));
    if (other == NULL || tensor->dimensions != 2 || tensor->shape[is_a ? 0 : 1] != peft->rank || tensor->count == 0)
        return error_set(error, ERROR_INVALID,
                         "adapter \"%s\": tensor \"" SLICE_FORMAT "\" stands alone or is not of the rank %zu", peft->folder,
                         SLICE_ARGUMENT(name), peft->rank);
    peft->additions += is_a;
    return true;
}

static bool read_tensors(struct peft *peft, struct error *error)
{
    const char *path = path_join(&peft->arena, peft->folder, "adapter_model.safetensors");
    if (!file_map_open(&peft->map, path, error) ||
        !safetensors_read((struct slice){(const char *)peft->map.data, peft->map.size}, path, &peft->arena, &peft->tensors,
                          error))
        return false;
    for (size_t i = 0; i < peft->tensors.count; i++)
        if (!check_tensor(peft, &peft->tensors.items[i], error))
            return false;
    return !peft->weight_decomposed || peft->magnitude_count == peft->additions ||
           error_set(error, ERROR_INVALID, "adapter \"%s\" uses DoRA, and has magnitudes for %zu of its %zu layers",
                     peft->folder, peft->magnitude_count, peft->additions);
}

bool peft_open(struct peft *peft, const char *folder, struct error *error)
{
    *peft = (struct peft){.base = "", .task = ""};
    arena_init(&peft->arena);
    peft->folder = arena_text(&peft->arena, slice_from(folder));
    if (!file_exists(path_join(&peft->arena, folder, "adapter_config.json")))
        return error_set(error, ERROR_NOT_FOUND, "\"%s\" has no adapter_config.json", folder);
    bool has_own = file_exists(path_join(&peft->arena, folder, "assay_adapter.json"));
    return (read_file(peft, "adapter_config.json", take_config, error) &&
            (!has_own || read_file(peft, "assay_adapter.json", take_own, error)) && read_tensors(peft, error)) ||
           error_wrap(error, "could not read adapter \"%s\"", folder);
}

void peft_close(struct peft *peft)
{
    file_map_close(&peft->map);
    arena_release(&peft->arena);
    *peft = (struct peft){0};
}

bool peft_check_base(const struct peft *peft, const char *folder, const char *hash, struct error *error)
{
    if (peft->base_sha256 == NULL || strcmp(peft->base_sha256, hash) == 0)
        return true;
    error_set(error, ERROR_CONFLICT, "adapter \"%s\" was trained on \"%s\" (%.12s), base changed: \"%s\" is %.12s",
              peft->folder, peft->base, peft->base_sha256, folder, hash);
    return error_hint(error, "`assay tune again %.64s` trains one of a project on this base; or bring the old base back.",
                      path_name(peft->folder).data);
}

bool peft_check_input(const struct peft *peft, const char *folder, const char *hash, struct error *error)
{
    if (peft->input_sha256 == NULL || strcmp(peft->input_sha256, hash) == 0)
        return true;
    error_set(error, ERROR_CONFLICT, "adapter \"%s\" was trained on other tokens: the tokenizer in \"%s\" has changed since",
              peft->folder, folder);
    return error_hint(error, "`assay tune again %.64s` trains one of a project with this tokenizer; or bring the old one back.",
                      path_name(peft->folder).data);
}

/* "base_model.model." [ARCHITECTURE "."] name [end] */
static const struct tensor *find(const struct peft *peft, const char *name, const char *end)
{
    char text[NAME_MAX_BYTES];
    for (size_t i = 0; architecture_prefixes[i] != NULL; i++) {
        int size = snprintf(text, sizeof(text), "base_model.model.%s%s%s", architecture_prefixes[i], name, end);
        const struct tensor *tensor = size > 0 && (size_t)size < sizeof(text) ? safetensors_get(&peft->tensors, text) : NULL;
        if (tensor != NULL)
            return tensor;
    }
    return NULL;
}

const struct tensor *peft_tensor(const struct peft *peft, const char *name)
{
    return find(peft, name, "");
}

bool peft_has(const struct peft *peft, const char *layer)
{
    return find(peft, layer, ".lora_A.weight") != NULL;
}

static bool all_finite(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Each row gets its length: m · w / |w|. */
static bool give_lengths(const struct peft *peft, const struct peft_rows *rows, float *w, struct error *error)
{
    const struct tensor *lengths = find(peft, rows->layer, MAGNITUDE);
    if (lengths == NULL || lengths->count != rows->rows)
        return error_set(error, ERROR_INVALID, "adapter \"%s\" has no magnitudes for the %zu rows of the layer \"%s\"",
                         peft->folder, rows->rows, rows->layer);
    float *m = memory_try(rows->row_count, sizeof(*m));
    if (m == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for adapter \"%s\"", peft->folder);
    tensor_to_f32(lengths, rows->first_row, rows->row_count, m);
    bool ok = all_finite(m, rows->row_count) ||
              error_set(error, ERROR_INVALID, "adapter \"%s\" holds what is no number for the layer \"%s\"", peft->folder,
                        rows->layer);
    for (size_t i = 0; i < rows->row_count && ok; i++) {
        float *row = w + i * rows->columns, length = sqrtf(kernels()->dot(row, row, rows->columns));
        ok = isfinite(length) ||
             error_set(error, ERROR_INVALID, "adapter \"%s\": the length of a row of the layer \"%s\" is no number",
                       peft->folder, rows->layer);
        if (length > 0)
            kernels()->scale(row, row, m[i] / length, rows->columns);
    }
    free(m);
    return ok;
}

bool peft_add(const struct peft *peft, const struct peft_rows *rows, float *w, bool *added, struct error *error)
{
    const struct tensor *a = find(peft, rows->layer, ".lora_A.weight"), *b = find(peft, rows->layer, ".lora_B.weight");
    *added = a != NULL && b != NULL;
    if (!*added)
        return true;
    if (a->shape[1] != rows->columns || b->shape[0] != rows->rows)
        return error_set(error, ERROR_INVALID, "adapter \"%s\" adds %zu x %zu numbers to the layer \"%s\", which has %zu x %zu",
                         peft->folder, b->shape[0], a->shape[1], rows->layer, rows->rows, rows->columns);
    float *down = memory_try(a->count, sizeof(*down)), *up = memory_try(rows->row_count, peft->rank * sizeof(*up));
    bool ok = down != NULL && up != NULL;
    if (!ok)
        (void)error_set(error, ERROR_NO_MEMORY, "no memory for adapter \"%s\"", peft->folder);
    if (ok) {
        size_t numbers = rows->row_count * peft->rank;
        tensor_to_f32(a, 0, a->count, down);
        tensor_to_f32(b, rows->first_row * peft->rank, numbers, up);
        for (size_t i = 0; i < numbers; i++)
            up[i] *= (float)peft->scale;
        ok = (all_finite(down, a->count) && all_finite(up, numbers)) ||
             error_set(error, ERROR_INVALID, "adapter \"%s\" holds what is no number for the layer \"%s\"", peft->folder,
                       rows->layer);
    }
    if (ok)
        kernels()->product_add(&(struct kernel_product){.c = w,
                                                        .c_stride = rows->columns,
                                                        .a = up,
                                                        .a_row = peft->rank,
                                                        .a_column = 1,
                                                        .b = down,
                                                        .b_stride = rows->columns,
                                                        .m = rows->row_count,
                                                        .n = rows->columns,
                                                        .k = peft->rank});
    free(down);
    free(up);
    return ok && (!peft->weight_decomposed || give_lengths(peft, rows, w, error));
}
