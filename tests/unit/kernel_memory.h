/* kernel_memory.h - what the tests of the kernels share: inputs that end where their memory ends (so that ASan sees what is read behind
 * them), outputs between guard bytes, and the rounding of bf16, written once more and plainly. */
#ifndef TESTS_KERNEL_MEMORY_H
#define TESTS_KERNEL_MEMORY_H

#include "base/base.h"

#define HALF_ULP 0x1p-24 /* of a rounding to f32, relative */
#define LEAST_NORMAL 0x1p-126 /* a product below it may lose its bits */

enum { GUARD = 64, GUARD_BYTE = 0xA5, MISALIGNMENTS = 4 };

/* Memory of exactly `size` bytes from a place that is `shift` bytes off alignment by 16; `*owner` is to be freed. */
void *exact_copy(const void *data, size_t size, size_t shift, unsigned char **owner);

/* `size` bytes for an output, `shift` bytes off alignment, between guards, filled with guard bytes; `*owner` is to be freed. */
void *guarded(size_t size, size_t shift, unsigned char **owner);

/* Fails the test when anything around the `size` bytes at `output` was written. */
void check_guards(const char *what, const void *output, size_t size, uint64_t seed);

/* To the nearest bf16, ties to even, and back. */
uint16_t bf16_of(float value);
float bf16_to_float(uint16_t bits);

#endif
