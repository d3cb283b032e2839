/* safetensors_write.c - the head of a safetensors file: its length in 8 bytes, then JSON, filled up with spaces so that numbers begin at a
 * multiple of 8. */
#include "codec.h"

static void write_tensor(struct json_writer *json, const struct tensor_head *tensor, size_t *at)
{
    size_t count = tensor->rows * (tensor->columns > 0 ? tensor->columns : 1);
    json_key(json, tensor->name);
    json_object_begin(json);
    json_key(json, "dtype");
    json_text(json, SLICE("F32"));
    json_key(json, "shape");
    json_array_begin(json);
    json_integer(json, (int64_t)tensor->rows);
    if (tensor->columns > 0)
        json_integer(json, (int64_t)tensor->columns);
    json_array_end(json);
    json_key(json, "data_offsets");
    json_array_begin(json);
    json_integer(json, (int64_t)*at);
    *at += count * sizeof(float);
    json_integer(json, (int64_t)*at);
    json_array_end(json);
    json_object_end(json);
}

void safetensors_head(struct buffer *out, const struct tensor_head *tensors, size_t count, const char *const *metadata,
                      size_t metadata_count)
{
    enum { WHOLE = 8 };
    size_t length_at = out->size, first = length_at + WHOLE, at = 0;
    struct json_writer json;
    buffer_u64(out, 0);
    json_writer_init(&json, out);
    json_object_begin(&json);
    json_key(&json, "__metadata__");
    json_object_begin(&json);
    for (size_t i = 0; i + 1 < metadata_count; i += 2) {
        json_key(&json, metadata[i]);
        json_text(&json, slice_from(metadata[i + 1]));
    }
    json_object_end(&json);
    for (size_t i = 0; i < count; i++)
        write_tensor(&json, &tensors[i], &at);
    json_object_end(&json);
    while ((out->size - length_at) % WHOLE != 0 && !out->failed)
        buffer_append_byte(out, ' ');
    if (!out->failed)
        buffer_patch_u64(out, length_at, out->size - first);
}
