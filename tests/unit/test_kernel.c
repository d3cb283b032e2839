/* test_kernel.c - every kernel of every table this machine can run, against the reference: the same bits, nothing written
 * outside, nothing read outside (inputs end where their memory ends, so that ASan sees an overrun).
 *
 * `test_kernel bench` prints the figures of docs/kernels.md instead. */
#include "compare.h"
#include "kernel/kernel.h"
#include "kernel_bench.h"
#include "kernel_memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values that fit `bits` bits; the fills are the shapes that break shifts and carries. */
enum fill { FILL_RANDOM, FILL_ZERO, FILL_MAX, FILL_ONE_SET, FILL_ALTERNATING, FILL_COUNT };

static uint32_t mask_of(unsigned bits)
{
    return bits == 32 ? UINT32_MAX : ((uint32_t)1 << bits) - 1;
}

static void fill_values(uint32_t *values, unsigned bits, enum fill fill, struct random *random)
{
    uint64_t set = random_below(random, KERNEL_BLOCK);
    for (size_t i = 0; i < KERNEL_BLOCK; i++) {
        uint32_t value = (uint32_t)random_u64(random);
        if (fill != FILL_RANDOM)
            value = fill == FILL_MAX || (fill == FILL_ONE_SET && i == set) || (fill == FILL_ALTERNATING && i % 2 == 0)
                        ? UINT32_MAX
                        : 0;
        values[i] = value & mask_of(bits);
    }
}

static void check_unpack(const struct kernels *table, const uint32_t *values, unsigned bits, size_t shift, uint32_t before,
                         uint64_t seed)
{
    struct buffer packed;
    buffer_init(&packed, KIB);
    kernel_pack(&packed, values, bits);
    assert_int_equal(packed.size, 16 * (size_t)bits);
    unsigned char *owner;
    unsigned char *input = exact_copy(packed.data, packed.size, shift, &owner);
    uint32_t wanted[KERNEL_BLOCK];
    unsigned char *out_owner;
    uint32_t *out = guarded(sizeof(wanted), 4 * shift, &out_owner); /* numbers are aligned as numbers are, not as registers */
    char what[80];

    table->unpack(out, input, bits);
    snprintf(what, sizeof(what), "%s unpack, %u bits", table->name, bits);
    check_guards(what, out, sizeof(wanted), seed);
    compare_bytes(what, (struct slice){(char *)out, sizeof(wanted)}, (struct slice){(const char *)values, sizeof(wanted)},
                  seed);

    uint32_t sum = before;
    for (size_t i = 0; i < KERNEL_BLOCK; i++)
        wanted[i] = sum += values[i] + 1;
    table->unpack_ascending(out, input, bits, before);
    snprintf(what, sizeof(what), "%s unpack_ascending, %u bits", table->name, bits);
    check_guards(what, out, sizeof(wanted), seed);
    compare_bytes(what, (struct slice){(char *)out, sizeof(wanted)}, (struct slice){(char *)wanted, sizeof(wanted)}, seed);
    free(out_owner);
    free(owner);
    buffer_release(&packed);
}

static void unpacking(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, seed);
        for (unsigned bits = 0; bits <= 32; bits++)
            for (enum fill fill = 0; fill < FILL_COUNT; fill++)
                for (size_t shift = 0; shift < MISALIGNMENTS; shift++) {
                    uint32_t values[KERNEL_BLOCK];
                    fill_values(values, bits, fill, &random);
                    uint32_t before = shift == 0 ? UINT32_MAX : (uint32_t)random_u64(&random);
                    check_unpack(tables[t], values, bits, shift, before, seed);
                }
    }
}

static uint32_t frequency_at(size_t i, enum fill fill, struct random *random)
{
    switch (fill) {
    case FILL_ZERO:
        return 0;
    case FILL_MAX:
        return UINT32_MAX - (uint32_t)i;
    case FILL_ONE_SET:
        return 1 + (uint32_t)random_below(random, 40);
    case FILL_ALTERNATING:
        return ((uint32_t)1 << (i % 32)) + (uint32_t)random_below(random, 2); /* near every power of two */
    default:
        return (uint32_t)random_u64(random);
    }
}

static float norm_at(enum fill fill, struct random *random)
{
    static const float adversarial[] = {0, 1e-45F, 1.17549435e-38F, 1e-3F, 1.2F, 3.4e38F, 16777216, 0.333333343F};
    if (fill == FILL_ALTERNATING || fill == FILL_ZERO)
        return adversarial[random_below(random, ARRAY_COUNT(adversarial))];
    return (float)(random_unit(random) * 8);
}

static void check_bm25(const struct kernels *table, size_t count, enum fill fill, size_t shift, struct random *random,
                       uint64_t seed)
{
    const struct kernels *reference = kernels_available(&(size_t){0})[0];
    uint32_t frequencies[300];
    float norms[300], wanted[300];
    float weight = fill == FILL_MAX ? 1e-30F : (float)(random_unit(random) * 12);
    for (size_t i = 0; i < count; i++) {
        frequencies[i] = frequency_at(i, fill, random);
        norms[i] = norm_at(fill, random);
    }
    unsigned char *frequencies_owner, *norms_owner, *out_owner;
    size_t bytes = count * sizeof(float);
    const uint32_t *f = exact_copy(frequencies, bytes, 4 * shift, &frequencies_owner);
    const float *n = exact_copy(norms, bytes, 4 * (MISALIGNMENTS - shift), &norms_owner);
    float *out = guarded(bytes, 4 * shift, &out_owner);
    table->bm25(out, f, n, weight, count);
    reference->bm25(wanted, frequencies, norms, weight, count);
    char what[80];
    snprintf(what, sizeof(what), "%s bm25, %zu values", table->name, count);
    check_guards(what, out, bytes, seed);
    compare_floats(what, out, wanted, count, (struct tolerance){0}, seed);
    free(out_owner);
    free(frequencies_owner);
    free(norms_owner);
}

static void scoring(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, seed);
        for (size_t count = 0; count <= 300; count++)
            for (enum fill fill = 0; fill < FILL_COUNT; fill++)
                for (size_t shift = 0; shift < MISALIGNMENTS; shift++)
                    check_bm25(tables[t], count, fill, shift, &random, seed);
    }
}

/* One number of a packed block, at every place. */
static void packed_places(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    for (unsigned bits = 0; bits <= 32; bits++) {
        uint32_t values[KERNEL_BLOCK], got[KERNEL_BLOCK];
        struct buffer packed;
        fill_values(values, bits, FILL_RANDOM, &random);
        buffer_init(&packed, KIB);
        kernel_pack(&packed, values, bits);
        for (unsigned i = 0; i < KERNEL_BLOCK; i++)
            got[i] = kernel_packed_at((const unsigned char *)packed.data, i, bits);
        compare_bytes("kernel_packed_at", (struct slice){(char *)got, sizeof(got)},
                      (struct slice){(char *)values, sizeof(values)}, seed);
        buffer_release(&packed);
    }
}

/* Sums that nearly all, hardly any, or none of them reach the thresholds. */
static void check_reach(const struct kernels *table, size_t count, enum fill fill, size_t shift, struct random *random,
                        uint64_t seed)
{
    uint16_t thresholds[KERNEL_CLASSES];
    uint64_t most = fill == FILL_ALTERNATING ? 4 : UINT16_MAX;
    for (size_t i = 0; i < KERNEL_CLASSES; i++)
        thresholds[i] = fill == FILL_MAX ? UINT16_MAX : fill == FILL_ZERO ? 1 : (uint16_t)(1 + random_below(random, most));
    uint16_t *sums = memory_alloc(count, sizeof(*sums));
    uint8_t *classes = memory_alloc(count, 1);
    uint32_t *wanted = memory_alloc(count, sizeof(*wanted));
    size_t wanted_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_large = random_below(random, fill == FILL_ONE_SET ? 100 : 2) == 0;
        sums[i] = (uint16_t)(fill == FILL_MAX ? UINT16_MAX - random_below(random, 2)
                             : is_large       ? random_below(random, most + 1)
                                              : 0);
        classes[i] = (uint8_t)random_below(random, KERNEL_CLASSES);
        if (sums[i] >= thresholds[classes[i]])
            wanted[wanted_count++] = (uint32_t)i << 16 | sums[i];
    }
    unsigned char *sums_owner, *classes_owner, *out_owner;
    size_t bytes = count * sizeof(uint32_t);
    uint16_t *given = exact_copy(sums, count * sizeof(*sums), 2 * shift, &sums_owner);
    const uint8_t *given_classes = exact_copy(classes, count, shift, &classes_owner);
    uint32_t *out = guarded(bytes, 4 * shift, &out_owner);
    size_t found = table->reach(out, given, given_classes, thresholds, count);
    char what[80];
    snprintf(what, sizeof(what), "%s reach, %zu sums", table->name, count);
    check_guards(what, out, bytes, seed);
    compare_bytes(what, (struct slice){(char *)out, found * sizeof(*out)},
                  (struct slice){(char *)wanted, wanted_count * sizeof(*wanted)}, seed);
    memset(sums, 0, count * sizeof(*sums));
    compare_bytes(what, (struct slice){(char *)given, count * sizeof(*sums)},
                  (struct slice){(char *)sums, count * sizeof(*sums)}, seed);
    free(sums_owner);
    free(classes_owner);
    free(out_owner);
    free(sums);
    free(classes);
    free(wanted);
}

static void reaching(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, seed);
        for (size_t count = 0; count <= 300; count++)
            for (enum fill fill = 0; fill < FILL_COUNT; fill++)
                check_reach(tables[t], count, fill, count % MISALIGNMENTS, &random, seed);
        check_reach(tables[t], 65536, FILL_RANDOM, 0, &random, seed);
    }
}

/* The formula itself, in double, once: the reference is the specification and nothing else checks it. */
static void reference_formula(void **state)
{
    (void)state;
    const struct kernels *reference = kernels_available(&(size_t){0})[0];
    assert_string_equal(reference->name, "reference");
    uint32_t frequencies[] = {1, 2, 7, 1000000};
    float norms[] = {0.3F, 1.2F, 4, 0.001F}, out[4], wanted[4];
    reference->bm25(out, frequencies, norms, 2.5F, 4);
    for (size_t i = 0; i < 4; i++)
        wanted[i] = (float)(2.5 * frequencies[i] / (frequencies[i] + (double)norms[i]));
    compare_floats("bm25", out, wanted, 4, (struct tolerance){.relative = 1e-6}, 0);
}

static void choice(void **state)
{
    (void)state;
    size_t count;
    const struct kernels *const *tables = kernels_available(&count);
    const char *forced = getenv("ASSAY_CPU");
    const struct kernels *wanted = tables[count - 1];
    for (size_t i = 0; i < count; i++) {
        assert_non_null(tables[i]->name);
        if (forced != NULL && strcmp(forced, tables[i]->name) == 0)
            wanted = tables[i];
    }
    assert_ptr_equal(kernels(), wanted);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "bench") == 0)
        return kernel_bench();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_formula), cmocka_unit_test(unpacking), cmocka_unit_test(packed_places),
        cmocka_unit_test(scoring),           cmocka_unit_test(reaching),  cmocka_unit_test(choice),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
