/* packed.h - what the versions of the kernels over postings share: plain C for the ends that do not fill a register, and the
 * unrolling.
 *
 * A packed block, as kernel.h has it, for the wide versions: row w holds word w of the four lanes, 16 bytes; "place" p of the
 * block is four consecutive numbers, 4p … 4p+3, one in each lane, all at the same bits of their lane:
 *
 *            lane 0   lane 1   lane 2   lane 3
 *   row 0   [ bits 0 … 31 of each lane        ]     place p starts in row p·bits / 32 at bit p·bits % 32,
 *   row 1   [ bits 32 … 63                    ]     and runs over into the next row when fewer than `bits` bits
 *   …                                               are left in that one
 *   row bits-1
 */
#ifndef KERNEL_PACKED_H
#define KERNEL_PACKED_H

#include "kernel.h"

/* reach for sums first … first+count-1, appending to the `found` numbers in out; returns how many there are then. */
size_t kernel_reach_plain(uint32_t *out, size_t found, uint16_t *sums, const uint8_t *classes, const uint16_t *thresholds,
                          size_t first, size_t count);
uint16_t kernel_least(const uint16_t thresholds[KERNEL_CLASSES]);

void kernel_bm25_plain(float *out, const uint32_t *frequencies, const float *norms, float weight, size_t count);

/* The smallest number that `bits` bits cannot hold, minus one: their mask. */
static inline uint32_t kernel_mask(unsigned bits)
{
    return bits == 32 ? UINT32_MAX : ((uint32_t)1 << bits) - 1;
}

/* A body that is inlined once for each number of bits, with all shifts constant: EACH_BITS(CASE) inside switch (bits). */
#define KERNEL_INLINE static inline __attribute__((always_inline))
/* clang-format off */
#define KERNEL_EACH_BITS(CASE) \
    CASE(0) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14) \
    CASE(15) CASE(16) CASE(17) CASE(18) CASE(19) CASE(20) CASE(21) CASE(22) CASE(23) CASE(24) CASE(25) CASE(26) CASE(27) \
    CASE(28) CASE(29) CASE(30) CASE(31) CASE(32)

/* Unrolled by hand: the compilers stop before 32 rounds. */
#define KERNEL_16_TIMES(STEP) \
    STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11) STEP(12) STEP(13) STEP(14) \
    STEP(15)
#define KERNEL_32_TIMES(STEP) \
    KERNEL_16_TIMES(STEP) \
    STEP(16) STEP(17) STEP(18) STEP(19) STEP(20) STEP(21) STEP(22) STEP(23) STEP(24) STEP(25) STEP(26) STEP(27) STEP(28) \
    STEP(29) STEP(30) STEP(31)
/* clang-format on */

#endif
