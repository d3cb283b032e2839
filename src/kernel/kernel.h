/* kernel.h - the innermost loops, one table of them for each kind of processor.
 *
 * kernels() picks the best table this machine can run, once; the environment variable ASSAY_CPU (reference, sse4, avx2, neon)
 * forces one, for tests, and a name that this machine cannot run leaves the best. Callers never name a processor. The versions in
 * kernel_reference.c are the specification: every other version gives the same bits (figures: docs/kernels.md). */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "base/base.h"

/* Postings are packed in blocks of 128 numbers of `bits` bits each (0 … 32), laid out for four lanes: number i lies in lane
 * i % 4 at place i / 4; a lane's 32 numbers fill exactly `bits` 32-bit words, low bits first, and the words of the four lanes
 * alternate: word w of lane l is the (4·w + l)-th of the block. A block has 16·bits bytes. */
#define KERNEL_BLOCK 128

struct kernels {
    const char *name; /* "avx2" */

    /* out[i] = the i-th packed number. `packed` has 16·bits readable bytes, any alignment. */
    void (*unpack)(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits);

    /* The same for numbers packed as differences: out[i] = before + (d[0] + 1) + … + (d[i] + 1), wrapping at 32 bits. */
    void (*unpack_ascending)(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits, uint32_t before);

    /* BM25 of one term over `count` documents: out[i] = weight · f[i] / (f[i] + norm[i]), computed as
     * weight * (f / (f + norm)) in f32, each step rounded. out may not overlap the inputs; any alignment, count 0 allowed. */
    void (*bm25)(float *out, const uint32_t *frequencies, const float *norms, float weight, size_t count);
};

/* The table in use; never NULL. */
const struct kernels *kernels(void);

/* All tables that this machine can run, the reference first; `*count` of them. For tests, benchmarks and `assay version`. */
const struct kernels *const *kernels_available(size_t *count);

/* The reverse of unpack, for writers (no fast version needed): appends 16·bits bytes; every value < 2^bits. */
void kernel_pack(struct buffer *out, const uint32_t values[KERNEL_BLOCK], unsigned bits);

#endif
