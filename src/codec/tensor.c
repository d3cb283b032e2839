/* tensor.c - the types of a safetensors file, and numbers of 16 and 32 bits as f32. Bytes are copied out before they are numbers, so
 * that they may begin anywhere. */
#include "tensor_type.h"
#include <assert.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors lie little endian in the file, and are read as they lie");

static const struct {
    const char *file_name, *name;
    size_t size;
} types[] = {
    [TENSOR_F64] = {"F64", "f64", 8},    [TENSOR_F32] = {"F32", "f32", 4}, [TENSOR_F16] = {"F16", "f16", 2},
    [TENSOR_BF16] = {"BF16", "bf16", 2}, [TENSOR_I64] = {"I64", "i64", 8}, [TENSOR_I32] = {"I32", "i32", 4},
    [TENSOR_I16] = {"I16", "i16", 2},    [TENSOR_I8] = {"I8", "i8", 1},    [TENSOR_U8] = {"U8", "u8", 1},
    [TENSOR_BOOL] = {"BOOL", "bool", 1},
};

size_t tensor_type_size(enum tensor_type type)
{
    assert((size_t)type < ARRAY_COUNT(types));
    return types[type].size;
}

const char *tensor_type_name(enum tensor_type type)
{
    assert((size_t)type < ARRAY_COUNT(types));
    return types[type].name;
}

bool tensor_type_named(struct slice file_name, enum tensor_type *type)
{
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (slice_equal_text(file_name, types[i].file_name)) {
            *type = (enum tensor_type)i;
            return true;
        }
    return false;
}

static uint16_t half_at(const unsigned char *data, size_t i)
{
    uint16_t half;
    memcpy(&half, data + 2 * i, sizeof(half));
    return half;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/*   f16   s eeeee mmmmmmmmmm                        2^(e-15) · 1.m
 *   f32   s eeeeeeee mmmmmmmmmm 0000000000000       2^(e-127) · 1.m
 *
 * An f16 with e = 0 is m · 2^-24, which as an f32 is (2^-14 · 1.m) - 2^-14, exactly; e = 31 is infinite or no number. All three are
 * computed and one is kept, without a branch, so that the compiler takes several numbers at once. */
static float float_of_f16(uint32_t half)
{
    uint32_t sign = (half & 0x8000) << 16, exponent = half & 0x7C00, shifted = (half & 0x7FFF) << 13;
    uint32_t is_small = 0 - (uint32_t)(exponent == 0), is_end = 0 - (uint32_t)(exponent == 0x7C00);
    uint32_t usual = (shifted + ((127 - 15) << 23)) | (is_end & 0x7F800000);
    float difference = float_of(shifted + ((127 - 14) << 23)) - float_of((127 - 14) << 23);
    uint32_t small;
    memcpy(&small, &difference, sizeof(small));
    return float_of(sign | (is_small & small) | (~is_small & usual));
}

static void widen_f16(const unsigned char *data, size_t count, float *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = float_of_f16(half_at(data, i));
}

static void widen_bf16(const unsigned char *data, size_t count, float *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = float_of((uint32_t)half_at(data, i) << 16);
}

void tensor_to_f32(const struct tensor *tensor, size_t first, size_t count, float *out)
{
    assert(first <= tensor->count && count <= tensor->count - first);
    assert(tensor->type == TENSOR_F32 || tensor->type == TENSOR_F16 || tensor->type == TENSOR_BF16);
    if (count == 0)
        return;
    const unsigned char *data = tensor->data + first * types[tensor->type].size;
    if (tensor->type == TENSOR_F32)
        memcpy(out, data, count * sizeof(*out));
    else
        (tensor->type == TENSOR_BF16 ? widen_bf16 : widen_f16)(data, count, out);
}
