/* postings_neon.c - four numbers at a time, as postings_sse4.c, for 64-bit ARM. */
#include "packed.h"
#include "tables.h"

#if defined(__aarch64__)

#include <arm_neon.h>

KERNEL_INLINE uint32x4_t load_row(const unsigned char *packed, int row)
{
    return vreinterpretq_u32_u8(vld1q_u8(packed + 16 * row));
}

/* The four numbers at `place`. A shift by a negative count goes right; the compiler folds it into an immediate. */
KERNEL_INLINE uint32x4_t take(const unsigned char *packed, int place, int bits)
{
    int row = place * bits / 32, shift = place * bits % 32;
    if (bits == 0)
        return vdupq_n_u32(0);
    uint32x4_t numbers = vshlq_u32(load_row(packed, row), vdupq_n_s32(-shift));
    if (shift + bits > 32)
        numbers = vorrq_u32(numbers, vshlq_u32(load_row(packed, row + 1), vdupq_n_s32(32 - shift)));
    if (shift + bits == 32)
        return numbers;
    return vandq_u32(numbers, vdupq_n_u32(kernel_mask((unsigned)bits)));
}

KERNEL_INLINE void unpack_bits(uint32_t *out, const unsigned char *packed, int bits)
{
#define STEP(place) vst1q_u32(out + 4 * place, take(packed, place, bits));
    KERNEL_32_TIMES(STEP)
#undef STEP
}

static void unpack(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits)
{
    switch (bits) {
#define CASE(bits)                                                                                                             \
    case bits:                                                                                                                 \
        unpack_bits(out, packed, bits);                                                                                        \
        break;
        KERNEL_EACH_BITS(CASE)
#undef CASE
    }
}

/* Adds up four differences and what came before; returns the last, in all lanes, for the next four. */
KERNEL_INLINE uint32x4_t put_ascending(uint32_t *out, int place, uint32x4_t differences, uint32x4_t before)
{
    const uint32x4_t zero = vdupq_n_u32(0);
    uint32x4_t sums = vaddq_u32(differences, vdupq_n_u32(1));
    sums = vaddq_u32(sums, vextq_u32(zero, sums, 3)); /* from one lane below, then two */
    sums = vaddq_u32(sums, vextq_u32(zero, sums, 2));
    vst1q_u32(out + 4 * place, vaddq_u32(sums, before));
    return vaddq_u32(before, vdupq_laneq_u32(sums, 3));
}

KERNEL_INLINE void unpack_ascending_bits(uint32_t *out, const unsigned char *packed, int bits, uint32x4_t before)
{
#define STEP(place) before = put_ascending(out, place, take(packed, place, bits), before);
    KERNEL_32_TIMES(STEP)
#undef STEP
}

static void unpack_ascending(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits, uint32_t before)
{
    switch (bits) {
#define CASE(bits)                                                                                                             \
    case bits:                                                                                                                 \
        unpack_ascending_bits(out, packed, bits, vdupq_n_u32(before));                                                         \
        break;
        KERNEL_EACH_BITS(CASE)
#undef CASE
    }
}

static void bm25(float *out, const uint32_t *frequencies, const float *norms, float weight, size_t count)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        float32x4_t frequency = vcvtq_f32_u32(vld1q_u32(frequencies + i));
        float32x4_t share = vdivq_f32(frequency, vaddq_f32(frequency, vld1q_f32(norms + i)));
        vst1q_f32(out + i, vmulq_f32(vdupq_n_f32(weight), share));
    }
    kernel_bm25_plain(out + i, frequencies + i, norms + i, weight, count - i);
}

/* Thirty-two sums at a time against the least threshold: only where one reaches that are the classes looked at. */
static size_t reach(uint32_t *out, uint16_t *sums, const uint8_t *classes, const uint16_t thresholds[KERNEL_CLASSES],
                    size_t count)
{
    enum { STEP = 32 };
    const uint16_t least = kernel_least(thresholds);
    size_t found = 0, i = 0;
    for (; i + STEP <= count; i += STEP) {
        uint16_t *at = sums + i;
        uint16x8_t most = vmaxq_u16(vmaxq_u16(vld1q_u16(at), vld1q_u16(at + 8)),
                                    vmaxq_u16(vld1q_u16(at + 16), vld1q_u16(at + 24)));
        if (vmaxvq_u16(most) >= least) {
            found = kernel_reach_plain(out, found, sums, classes, thresholds, i, STEP);
            continue;
        }
        for (size_t j = 0; j < STEP; j += 8)
            vst1q_u16(at + j, vdupq_n_u16(0));
    }
    return kernel_reach_plain(out, found, sums, classes, thresholds, i, count - i);
}

void kernels_postings_neon(struct kernels *kernels)
{
    kernels->unpack = unpack;
    kernels->unpack_ascending = unpack_ascending;
    kernels->bm25 = bm25;
    kernels->reach = reach;
}

#else
void kernels_postings_neon(struct kernels *kernels)
{
    (void)kernels;
}
#endif
