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
        cmocka_unit_test(reference_formula),
        cmocka_unit_test(unpacking),
        cmocka_unit_test(scoring),
        cmocka_unit_test(choice),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
