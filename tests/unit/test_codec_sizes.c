/* test_codec_sizes.c - random heads of weights with sound and wrapping sizes: taken or refused as arithmetic in 128 bits and a map of
 * the data, byte by byte, say. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum { CASE_TENSORS = 3, CASE_DATA = 64 };

struct case_tensor {
    enum tensor_type type;
    size_t dimensions;
    uint64_t shape[TENSOR_DIMENSIONS_MAX];
    uint64_t begin, end;
};

/* Bytes, from the left as the reference multiplies; false when a step passes 64 bits. */
static bool wide_size(const struct case_tensor *tensor, uint64_t *size)
{
    wide product = 1;
    for (size_t i = 0; i < tensor->dimensions; i++) {
        product *= tensor->shape[i];
        if (product > UINT64_MAX)
            return false;
    }
    product *= tensor_type_size(tensor->type);
    *size = (uint64_t)product;
    return product <= UINT64_MAX;
}

/* Every byte of the data belongs to one tensor, and empty tensors lie at an end of others or of the data. */
static bool case_is_valid(const struct case_tensor *tensors, size_t count, size_t data_size)
{
    unsigned owners[CASE_DATA + 1] = {0};
    bool is_border[CASE_DATA + 1] = {0};
    is_border[0] = is_border[data_size] = true;
    for (size_t i = 0; i < count; i++) {
        const struct case_tensor *tensor = &tensors[i];
        uint64_t size;
        for (size_t d = 0; d < tensor->dimensions; d++)
            if (tensor->shape[d] > INT64_MAX)
                return false;
        if (!wide_size(tensor, &size) || tensor->begin > tensor->end || tensor->end > data_size ||
            tensor->end - tensor->begin != size)
            return false;
        for (uint64_t at = tensor->begin; at < tensor->end; at++)
            owners[at]++;
        if (size > 0)
            is_border[tensor->begin] = is_border[tensor->end] = true;
    }
    for (size_t at = 0; at < data_size; at++)
        if (owners[at] != 1)
            return false;
    for (size_t i = 0; i < count; i++)
        if (tensors[i].begin == tensors[i].end && !is_border[tensors[i].begin])
            return false;
    return true;
}

static uint64_t odd_number(struct random *random)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       3,
                                       4,
                                       255,
                                       65536,
                                       INT32_MAX,
                                       UINT64_C(1) << 31,
                                       UINT32_MAX,
                                       UINT64_C(1) << 32,
                                       (UINT64_C(1) << 32) + 1,
                                       UINT64_C(1) << 61,
                                       UINT64_C(1) << 62,
                                       INT64_MAX,
                                       UINT64_C(1) << 63,
                                       UINT64_MAX};
    uint64_t number = numbers[random_below(random, ARRAY_COUNT(numbers))];
    switch (random_below(random, 6)) {
    case 0:
        return number + random_below(random, 3) - 1;
    case 1:
        return random_u64(random) >> random_below(random, 64);
    default:
        return number;
    }
}

/* A sound file, of which one number may then be made another. */
static size_t make_case(struct random *random, struct case_tensor *tensors, size_t count, size_t *data_size)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct case_tensor *tensor = &tensors[i];
        uint64_t size = 0;
        do {
            tensor->type = (enum tensor_type)random_below(random, TENSOR_BOOL + 1);
            tensor->dimensions = (size_t)random_below(random, 4);
            for (size_t d = 0; d < tensor->dimensions; d++)
                tensor->shape[d] = random_below(random, 4);
        } while (!wide_size(tensor, &size) || size > CASE_DATA - at);
        tensor->begin = at;
        at += (size_t)size;
        tensor->end = at;
    }
    *data_size = at;
    struct case_tensor *chosen = &tensors[random_below(random, count)];
    switch (random_below(random, 8)) {
    case 0:
        chosen->begin = odd_number(random);
        break;
    case 1:
        chosen->end = odd_number(random);
        break;
    case 2:
        *data_size = (size_t)random_below(random, CASE_DATA + 1);
        break;
    case 3:
    case 4: /* a shape of large numbers, and the bytes that its product wraps to */
    case 5:
        chosen->dimensions = (size_t)random_below(random, TENSOR_DIMENSIONS_MAX + 1);
        uint64_t wrapped = tensor_type_size(chosen->type);
        for (size_t d = 0; d < chosen->dimensions; d++)
            wrapped *= chosen->shape[d] = odd_number(random);
        if (wrapped <= CASE_DATA && random_below(random, 4) > 0) {
            chosen->end = chosen->begin + wrapped;
            *data_size = chosen->end <= CASE_DATA ? (size_t)chosen->end : *data_size;
        }
        break;
    default:
        break;
    }
    return count;
}

static char *put_text(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return out + size;
}

static char *put_number(char *out, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

static size_t write_case(char *file, const struct case_tensor *tensors, size_t count, size_t data_size)
{
    static const char *const types[] = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"};
    char *out = file + 8;
    for (size_t i = count; i-- > 0;) { /* not in the order of the data */
        out = put_text(out, i == count - 1 ? "{\"" : ",\"");
        *out++ = (char)('a' + i);
        out = put_text(put_text(put_text(out, "\":{\"dtype\":\""), types[tensors[i].type]), "\",\"shape\":[");
        for (size_t d = 0; d < tensors[i].dimensions; d++) {
            out = d ? put_text(out, ",") : out;
            out = put_number(out, tensors[i].shape[d]);
        }
        out = put_number(put_text(out, "],\"data_offsets\":["), tensors[i].begin);
        out = put_text(put_number(put_text(out, ","), tensors[i].end), "]}");
    }
    *out++ = '}';
    uint64_t length = (uint64_t)(out - file) - 8;
    for (int i = 0; i < 8; i++)
        file[i] = (char)(length >> (8 * i));
    return (size_t)length + 8 + data_size;
}

static void check_case(const struct safetensors *found, const struct case_tensor *tensors, size_t count, const char *data)
{
    assert_int_equal(found->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct tensor *tensor = &found->items[i];
        uint64_t size = 0;
        assert_true(wide_size(&tensors[i], &size));
        assert_true(tensor->type == tensors[i].type && tensor->dimensions == tensors[i].dimensions);
        assert_true(tensor->size == size && tensor->count == size / tensor_type_size(tensor->type));
        assert_true(tensor->data == (const unsigned char *)data + tensors[i].begin);
        for (size_t d = 0; d < tensor->dimensions; d++)
            assert_true(tensor->shape[d] == tensors[i].shape[d]);
    }
}

/* Heads of one to three tensors: as many as ASSAY_TEST_CASES says, else five million or what sanitizers let through in 20 s. */
static bool has_more_cases(uint64_t round, uint64_t started_ns)
{
    const char *text = getenv("ASSAY_TEST_CASES");
    uint64_t count;
    if (text == NULL)
        return round < 5000000 && (round % 1024 != 0 || clock_now_ns() - started_ns < 20 * UINT64_C(1000000000));
    if (!slice_to_u64(slice_from(text), &count))
        fail_msg("ASSAY_TEST_CASES is \"%s\", expected a number", text);
    return round < count;
}

static void sizes_in_128_bits(void **state)
{
    (void)state;
    static char file[4096];
    struct random random;
    uint64_t seed = test_seed(), started = clock_now_ns(), cases = 0, valid = 0;
    random_init(&random, seed);
    for (; has_more_cases(cases, started); cases++) {
        struct case_tensor tensors[CASE_TENSORS];
        struct arena arena;
        struct safetensors found;
        struct error error = {0};
        size_t data_size, count = make_case(&random, tensors, 1 + (size_t)random_below(&random, CASE_TENSORS), &data_size);
        size_t size = write_case(file, tensors, count, data_size);
        bool is_valid = case_is_valid(tensors, count, data_size);
        arena_init(&arena);
        bool ok = safetensors_read((struct slice){file, size}, "w", &arena, &found, &error);
        if (ok != is_valid)
            fail_msg("head %llu of seed %llu: %s, expected the other: %.*s", (unsigned long long)cases,
                     (unsigned long long)seed, ok ? "taken" : error.message, (int)(size - data_size - 8), file + 8);
        if (is_valid)
            check_case(&found, tensors, count, file + size - data_size);
        valid += is_valid;
        arena_release(&arena);
    }
    printf("%llu heads, %llu of them valid\n", (unsigned long long)cases, (unsigned long long)valid);
    assert_true(valid > cases / 10 && valid < cases / 10 * 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_in_128_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
