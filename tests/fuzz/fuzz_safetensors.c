/* fuzz_safetensors.c - a file of weights that nobody vouches for. What is taken lies in the file without gap or overlap, has the size
 * that its type and shape come to, and can be read as numbers to its last byte.
 *
 * The input is a file. One that does not begin with a head's length is a head, before which its length is put. */
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void check_numbers(const struct tensor *tensor)
{
    if (tensor->type != TENSOR_F32 && tensor->type != TENSOR_F16 && tensor->type != TENSOR_BF16)
        return;
    float *numbers = malloc((tensor->count + 1) * sizeof(*numbers));
    require(numbers != NULL);
    tensor_to_f32(tensor, 0, tensor->count, numbers);
    tensor_to_f32(tensor, tensor->count, 0, numbers);
    free(numbers);
}

static void check_tensors(const struct safetensors *tensors, const unsigned char *file, size_t size)
{
    size_t total = 0, first = size;
    for (size_t i = 0; i < tensors->count; i++) {
        const struct tensor *tensor = &tensors->items[i];
        size_t at = (size_t)(tensor->data - file), count = 1;
        require(at <= size && tensor->size <= size - at && tensor->dimensions <= TENSOR_DIMENSIONS_MAX);
        for (size_t d = 0; d < tensor->dimensions; d++)
            require(!__builtin_mul_overflow(count, tensor->shape[d], &count));
        require(count == tensor->count && tensor->size / tensor_type_size(tensor->type) == count);
        require(i == 0 || slice_compare(tensors->items[i - 1].name, tensor->name) < 0);
        if (memchr(tensor->name.data, '\0', tensor->name.size) == NULL)
            require(safetensors_get(tensors, tensor->name.data) == tensor); /* the copy has a zero byte behind */
        total += tensor->size;
        first = at < first ? at : first;
        check_numbers(tensor);
    }
    require(tensors->count == 0 || total == size - first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct safetensors tensors;
    struct error error = {0};
    struct buffer file;
    buffer_init(&file, 64 * MIB);
    if (size == 0 || data[0] == '{')
        buffer_u64(&file, size);
    buffer_append(&file, data, size);
    unsigned char *copy = malloc(file.size); /* of its exact size, so that a byte too far is seen */
    require(copy != NULL);
    memcpy(copy, file.data, file.size);
    arena_init(&arena);
    if (safetensors_read((struct slice){(const char *)copy, file.size}, "w", &arena, &tensors, &error))
        check_tensors(&tensors, copy, file.size);
    else
        require((error.kind == ERROR_INVALID || error.kind == ERROR_LIMIT || error.kind == ERROR_CORRUPT) &&
                error.message[0] == 'w');
    arena_release(&arena);
    buffer_release(&file);
    free(copy);
    return 0;
}
