/* kernel_rows.h - one way to test all kernels over vectors and rows: each with every table, every count, misaligned, over numbers that
 * break things, between guards, twice at other places for the same bits, and with the output in place of its input where it may be. */
#ifndef TESTS_KERNEL_ROWS_H
#define TESTS_KERNEL_ROWS_H

#include "kernel/kernel.h"
#include "kernel_memory.h"

enum row_type { ROW_F32, ROW_BF16, ROW_I8, ROW_I32 };

enum row_fill { ROW_RANDOM, ROW_ZERO, ROW_MINUS_ZERO, ROW_LARGEST, ROW_TINY, ROW_ALTERNATING, ROW_EQUAL, ROW_FILL_COUNT };

/* What a kernel was given, and gave. */
struct row {
    const char *what; /* table, kernel, count, fill: for messages */
    size_t count;
    enum row_fill fill;
    const void *a, *b, *c; /* c is f32 */
    const float *before; /* what stood in out */
    const void *out; /* as `before` has it, then written by the kernel */
    uint64_t seed;
};

struct row_kernel {
    const char *name;
    void (*run)(const struct kernels *table, void *out, const void *a, const void *b, const void *c, size_t count);
    /* Fails the test unless row->out is what the contract in kernel.h says. */
    void (*check)(const struct row *row);
    enum row_type type; /* of a and b */
    size_t out_size; /* bytes for each number; 0: four in all */
    size_t count_least;
    bool in_place; /* out may be a */
    float most; /* the largest size of an input */
};

static inline float f32_at(const void *values, size_t i)
{
    return ((const float *)values)[i];
}

/* `count` numbers in f32, none larger than `most`, and what to call them. */
void row_fill_floats(float *out, enum row_fill fill, size_t count, float most, struct random *random);
const char *row_fill_name(enum row_fill fill);

void row_kernels_check(const struct row_kernel *kernels, size_t kernel_count);

/* Fails with the place and both values unless |got - wanted| ≤ bound. */
void row_expect(const struct row *row, size_t at, float got, double wanted, double bound);

#endif
