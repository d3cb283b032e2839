/* safetensors_read.c - the head of a file of weights, with every size proved before anything is read by it.
 *
 *   ┌────────┬───────────────────────────────────────────────┬─────────────────────────────┐
 *   │ u64 n  │ n bytes of JSON, spaces behind it             │ data: tensor, tensor, …     │
 *   └────────┴───────────────────────────────────────────────┴─────────────────────────────┘
 *   {"__metadata__": {"format": "pt"}, "w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
 *
 * Offsets count from the beginning of the data. In the order of their offsets the tensors fill the data without gap or overlap, so
 * that nothing can be hidden between them and no byte can be counted twice. */
#include "codec.h"
#include "tensor_type.h"
#include "utf8.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, NAME_SHOWN = 100, NAME_TEXT = NAME_SHOWN + 8, PROBLEM_TEXT = 400, START_BYTES = 256 };

struct head_reader {
    const char *name;
    const unsigned char *data; /* behind the head */
    size_t data_size;
    struct arena *arena; /* the caller's */
    struct arena scratch; /* the head as a tree, the tensors in order */
};

/* ---- what it is when it is not a safetensors file ---- */

#define HINT_PYTORCH                                                                                                           \
    "It can run code when it is opened, so it is not read. Use the model's .safetensors file, or convert it with safetensors."
#define HINT_CUT "The file may be cut off; fetch it again."
#define HINT_DOWNLOAD "The download was answered by a message; look into the file, then fetch the weights again."

struct other_format {
    struct slice start;
    const char *what, *hint;
};

static const struct other_format other_formats[] = {
    {SLICE_CONSTANT("PK\x03\x04"), "a zip archive, as PyTorch writes (.bin, .pt)", HINT_PYTORCH},
    {SLICE_CONSTANT("\x80\x02"), "a Python pickle, as PyTorch writes (.bin, .pt)", HINT_PYTORCH},
    {SLICE_CONSTANT("\x80\x03"), "a Python pickle", HINT_PYTORCH},
    {SLICE_CONSTANT("\x80\x04"), "a Python pickle", HINT_PYTORCH},
    {SLICE_CONSTANT("\x80\x05"), "a Python pickle", HINT_PYTORCH},
    {SLICE_CONSTANT("GGUF"), "a GGUF file", "Use the model's .safetensors file."},
    {SLICE_CONSTANT("\x89HDF"), "an HDF5 file, as Keras writes (.h5)", "Use the model's .safetensors file."},
    {SLICE_CONSTANT("\x93NUMPY"), "a NumPy file (.npy)", "Use the model's .safetensors file."},
    {SLICE_CONSTANT("\x1F\x8B"), "compressed by gzip", "Unpack it."},
};

static const struct other_format other_texts[] = {
    {SLICE_CONSTANT("version https://git-lfs"), "a Git LFS pointer, not the weights",
     "Fetch the weights with \"git lfs pull\"."},
    {SLICE_CONSTANT("<"), "a web page", HINT_DOWNLOAD},
    {SLICE_CONSTANT("{"), "a JSON document without a head's length before it", HINT_DOWNLOAD},
    {SLICE_CONSTANT(""), "a text", HINT_DOWNLOAD},
};

static bool is_text(struct slice start)
{
    for (size_t i = 0; i < start.size; i++)
        if ((unsigned char)start.data[i] < 0x20 && start.data[i] != '\n' && start.data[i] != '\r' && start.data[i] != '\t')
            return false;
    return true;
}

/* The head cannot be one, and `error` says why; of a file that is plainly something else it then says that instead. Where the head
 * does begin, only its end is missing: its length may be 640 bytes, which look like the beginning of a pickle. */
static void explain_format(struct slice file, const char *name, struct error *error)
{
    if (file.size > LENGTH_BYTES && file.data[LENGTH_BYTES] == '{' && !is_text(slice_range(file, 0, LENGTH_BYTES)))
        return;
    struct slice start = slice_range(file, 0, file.size < START_BYTES ? file.size : START_BYTES);
    bool is_words = is_text(start);
    const struct other_format *formats = is_words ? other_texts : other_formats;
    size_t count = is_words ? ARRAY_COUNT(other_texts) : ARRAY_COUNT(other_formats);
    start = is_words ? slice_trim(start) : start;
    for (size_t i = 0; i < count && start.size > 0; i++)
        if (slice_starts_with(start, formats[i].start)) {
            error_set(error, ERROR_INVALID, "%s is not a safetensors file: it is %s", name, formats[i].what);
            error_hint(error, "%s", formats[i].hint);
            return;
        }
}

/* ---- the head's length ---- */

static bool find_head(struct slice file, const char *name, struct slice *head, struct error *error)
{
    struct bytes bytes = bytes_from(file);
    uint64_t size = bytes_u64(&bytes);
    if (bytes.failed) {
        error_set(error, ERROR_INVALID, "%s has %zu bytes, expected at least 8", name, file.size);
        return error_hint(error, HINT_CUT);
    }
    if (size > LIMIT_TENSORS_HEAD_BYTES)
        return error_set(error, ERROR_LIMIT, "%s: the head is said to have %llu bytes, the limit is %zu", name,
                         (unsigned long long)size, LIMIT_TENSORS_HEAD_BYTES);
    *head = bytes_slice(&bytes, size);
    if (bytes.failed) {
        error_set(error, ERROR_CORRUPT, "%s: the head is said to have %llu bytes, only %zu follow", name,
                  (unsigned long long)size, file.size - LENGTH_BYTES);
        return error_hint(error, HINT_CUT);
    }
    return (head->size > 0 && head->data[0] == '{') ||
           error_set(error, ERROR_INVALID, "%s: the head does not begin with \"{\"", name);
}

/* ---- one tensor ---- */

/* A tensor's name for a message: control characters as "?", not too long. */
static void show_name(struct slice name, char out[NAME_TEXT])
{
    size_t size = 0;
    for (size_t at = 0, step; at < name.size; at += step, size += step) {
        size_t control_size = utf8_control_size(name, at);
        step = control_size ? control_size : utf8_size(name, at);
        assert(step > 0); /* a name is UTF-8, as json_read proves */
        if (size + step > NAME_SHOWN) {
            memcpy(out + size, "...", 4);
            return;
        }
        memcpy(out + size, name.data + at, step);
        if (control_size > 0)
            memset(out + size, '?', control_size);
    }
    out[size] = '\0';
}

PRINTF_LIKE(4, 5)
static bool fail_tensor(struct error *error, const struct head_reader *reader, struct slice name, const char *format, ...)
{
    char shown[NAME_TEXT], problem[PROBLEM_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof(problem), format, arguments);
    va_end(arguments);
    show_name(name, shown);
    return error_set(error, ERROR_INVALID, "%s: tensor \"%s\" %s", reader->name, shown, problem);
}
#define fail_tensor(...) error_told(fail_tensor(__VA_ARGS__)) /* always false, which analyzers see only so */

/* A member that must be there, once. */
static bool take_field(const struct head_reader *reader, const struct json_value *info, struct slice name, const char *key,
                       enum json_kind kind, const struct json_value **field, struct error *error)
{
    const struct json_value *found = NULL;
    for (size_t i = 0; i < info->count; i++) {
        if (!slice_equal_text(info->keys[i], key))
            continue;
        if (found != NULL)
            return fail_tensor(error, reader, name, "has \"%s\" twice", key);
        found = &info->items[i];
    }
    if (found == NULL)
        return fail_tensor(error, reader, name, "has no \"%s\"", key);
    if (found->kind != kind)
        return fail_tensor(error, reader, name, "has %s as \"%s\", expected %s", json_kind_name(found->kind), key,
                           json_kind_name(kind));
    *field = found;
    return true;
}

/* A number as the reference takes it: no sign, no point, no exponent. */
static bool take_size(const struct json_value *value, size_t *size)
{
    if (value->kind != JSON_NUMBER || !value->is_integer || value->integer < 0 || signbit(value->real))
        return false;
    *size = (size_t)value->integer;
    return true;
}

static bool take_type(const struct head_reader *reader, const struct json_value *info, struct tensor *tensor,
                      struct error *error)
{
    const struct json_value *type;
    if (!take_field(reader, info, tensor->name, "dtype", JSON_TEXT, &type, error))
        return false;
    if (tensor_type_named(type->text, &tensor->type))
        return true;
    char shown[NAME_TEXT];
    show_name(type->text, shown);
    fail_tensor(error, reader, tensor->name, "has the type \"%s\", which is not supported", shown);
    return error_hint(error, "Supported: F32, F16, BF16, F64, I64, I32, I16, I8, U8, BOOL. Quantized weights are not read.");
}

/* The shape, and the number of bytes that it comes to. */
static bool take_shape(const struct head_reader *reader, const struct json_value *info, struct tensor *tensor,
                       struct error *error)
{
    const struct json_value *shape;
    if (!take_field(reader, info, tensor->name, "shape", JSON_ARRAY, &shape, error))
        return false;
    if (shape->count > TENSOR_DIMENSIONS_MAX)
        return fail_tensor(error, reader, tensor->name, "has %zu dimensions, the limit is %d", shape->count,
                           TENSOR_DIMENSIONS_MAX);
    tensor->dimensions = shape->count;
    tensor->count = 1;
    for (size_t i = 0; i < shape->count; i++) {
        if (!take_size(&shape->items[i], &tensor->shape[i]))
            return fail_tensor(error, reader, tensor->name, "has a dimension that is no whole number from 0 to 2^63 - 1");
        if (__builtin_mul_overflow(tensor->count, tensor->shape[i], &tensor->count))
            return fail_tensor(error, reader, tensor->name, "has a shape of 2^64 values or more");
    }
    if (__builtin_mul_overflow(tensor->count, tensor_type_size(tensor->type), &tensor->size))
        return fail_tensor(error, reader, tensor->name, "has a shape of 2^64 bytes or more");
    return true;
}

static bool take_offsets(const struct head_reader *reader, const struct json_value *info, struct tensor *tensor,
                         struct error *error)
{
    const struct json_value *offsets;
    size_t begin, end;
    if (!take_field(reader, info, tensor->name, "data_offsets", JSON_ARRAY, &offsets, error))
        return false;
    if (offsets->count != 2 || !take_size(&offsets->items[0], &begin) || !take_size(&offsets->items[1], &end))
        return fail_tensor(error, reader, tensor->name,
                           "has \"data_offsets\" that are not two whole numbers from 0 to 2^63 - 1");
    if (begin > end || end > reader->data_size) {
        fail_tensor(error, reader, tensor->name, "lies at bytes %zu to %zu of %zu bytes of data", begin, end,
                    reader->data_size);
        return error_hint(error, HINT_CUT);
    }
    if (end - begin != tensor->size)
        return fail_tensor(error, reader, tensor->name, "has %zu bytes, expected %zu by its type and shape", end - begin,
                           tensor->size);
    tensor->data = reader->data + begin;
    return true;
}

static bool read_tensor(const struct head_reader *reader, struct slice name, const struct json_value *info,
                        struct tensor *tensor, struct error *error)
{
    tensor->name = arena_slice(reader->arena, name);
    if (info->kind != JSON_OBJECT)
        return fail_tensor(error, reader, name, "is %s, expected an object", json_kind_name(info->kind));
    return take_type(reader, info, tensor, error) && take_shape(reader, info, tensor, error) &&
           take_offsets(reader, info, tensor, error);
}

/* ---- all tensors ---- */

/* Free notes: texts by name, or null. Nothing here needs them. */
static bool check_metadata(const struct head_reader *reader, const struct json_value *metadata, struct error *error)
{
    if (metadata->kind == JSON_NULL)
        return true;
    if (metadata->kind != JSON_OBJECT)
        return error_set(error, ERROR_INVALID, "%s: \"__metadata__\" is %s, expected an object", reader->name,
                         json_kind_name(metadata->kind));
    for (size_t i = 0; i < metadata->count; i++)
        if (metadata->items[i].kind != JSON_TEXT) {
            char shown[NAME_TEXT];
            show_name(metadata->keys[i], shown);
            return error_set(error, ERROR_INVALID, "%s: \"%s\" in \"__metadata__\" is %s, expected a text", reader->name, shown,
                             json_kind_name(metadata->items[i].kind));
        }
    return true;
}

static bool read_members(const struct head_reader *reader, const struct json_value *head, struct safetensors *tensors,
                         struct error *error)
{
    bool has_metadata = false;
    if (head->count > LIMIT_TENSORS)
        return error_set(error, ERROR_LIMIT, "%s has %zu tensors, the limit is %zu", reader->name, head->count, LIMIT_TENSORS);
    tensors->items = arena_alloc(reader->arena, head->count, sizeof(*tensors->items));
    for (size_t i = 0; i < head->count; i++) {
        if (!slice_equal_text(head->keys[i], "__metadata__")) {
            if (!read_tensor(reader, head->keys[i], &head->items[i], &tensors->items[tensors->count++], error))
                return false;
        } else if (has_metadata) {
            return error_set(error, ERROR_INVALID, "%s: \"__metadata__\" stands twice", reader->name);
        } else if (!check_metadata(reader, &head->items[i], error)) {
            return false;
        } else {
            has_metadata = true;
        }
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return slice_compare(((const struct tensor *)a)->name, ((const struct tensor *)b)->name);
}

static bool sort_by_name(const struct head_reader *reader, struct safetensors *tensors, struct error *error)
{
    if (tensors->count > 0)
        qsort(tensors->items, tensors->count, sizeof(*tensors->items), compare_names);
    for (size_t i = 1; i < tensors->count; i++)
        if (slice_equal(tensors->items[i].name, tensors->items[i - 1].name))
            return fail_tensor(error, reader, tensors->items[i].name, "stands twice");
    return true;
}

/* By place; an empty tensor before the one that begins where it lies. */
static int compare_places(const void *a, const void *b)
{
    const struct tensor *first = *(const struct tensor *const *)a, *second = *(const struct tensor *const *)b;
    if (first->data != second->data)
        return first->data < second->data ? -1 : 1;
    return (first->size > second->size) - (first->size < second->size);
}

static bool check_places(struct head_reader *reader, const struct safetensors *tensors, struct error *error)
{
    const struct tensor **order = arena_alloc(&reader->scratch, tensors->count, sizeof(*order));
    for (size_t i = 0; i < tensors->count; i++)
        order[i] = &tensors->items[i];
    if (tensors->count > 0)
        qsort(order, tensors->count, sizeof(*order), compare_places);
    size_t end = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        size_t begin = (size_t)(order[i]->data - reader->data);
        if (begin < end)
            return fail_tensor(error, reader, order[i]->name, "begins at byte %zu, inside another that ends at %zu", begin,
                               end);
        if (begin > end)
            return fail_tensor(error, reader, order[i]->name, "begins at byte %zu, behind a gap from byte %zu", begin, end);
        end = begin + order[i]->size;
    }
    if (end == reader->data_size)
        return true;
    return error_set(error, ERROR_INVALID, "%s: %zu bytes stand behind the last tensor, expected none", reader->name,
                     reader->data_size - end);
}

bool safetensors_read(struct slice file, const char *name, struct arena *arena, struct safetensors *tensors,
                      struct error *error)
{
    struct slice head;
    file.data = file.data ? file.data : "";
    if (!find_head(file, name, &head, error)) {
        explain_format(file, name, error);
        return false;
    }
    size_t data_at = LENGTH_BYTES + head.size;
    struct head_reader reader = {
        .name = name, .data = (const unsigned char *)file.data + data_at, .data_size = file.size - data_at, .arena = arena};
    struct safetensors found = {0};
    struct json_value root;
    arena_init(&reader.scratch);
    bool ok = json_read(head, "head", &reader.scratch, &root, error) || error_wrap(error, "%s", name);
    assert(!ok || root.kind == JSON_OBJECT);
    ok = ok && read_members(&reader, &root, &found, error) && sort_by_name(&reader, &found, error) &&
         check_places(&reader, &found, error);
    arena_release(&reader.scratch);
    if (ok)
        *tensors = found;
    return ok;
}

const struct tensor *safetensors_get(const struct safetensors *tensors, const char *name)
{
    struct tensor wanted = {.name = slice_from(name)};
    return tensors->count == 0 ? NULL
                               : bsearch(&wanted, tensors->items, tensors->count, sizeof(*tensors->items), compare_names);
}
