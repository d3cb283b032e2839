/* postings_reference.c - the kernels over postings in plain C: the specification that every other version is tested against, bit for bit. */
#include "packed.h"
#include "tables.h"
#include <assert.h>

enum { LANES = 4 };

static uint32_t load_word(const unsigned char *packed, unsigned row, unsigned lane)
{
    const unsigned char *at = packed + 4 * (LANES * (size_t)row + lane);
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint32_t kernel_packed_at(const unsigned char *packed, unsigned i, unsigned bits)
{
    assert(i < KERNEL_BLOCK && bits <= 32);
    unsigned lane = i % LANES, place = i / LANES;
    unsigned row = place * bits / 32, shift = place * bits % 32;
    uint64_t value = bits == 0 ? 0 : load_word(packed, row, lane) >> shift;
    if (shift + bits > 32)
        value |= (uint64_t)load_word(packed, row + 1, lane) << (32 - shift);
    return (uint32_t)value & kernel_mask(bits);
}

static void unpack(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits)
{
    for (unsigned i = 0; i < KERNEL_BLOCK; i++)
        out[i] = kernel_packed_at(packed, i, bits);
}

static void unpack_ascending(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits, uint32_t before)
{
    unpack(out, packed, bits);
    for (unsigned i = 0; i < KERNEL_BLOCK; i++) {
        before += out[i] + 1;
        out[i] = before;
    }
}

void kernel_bm25_plain(float *out, const uint32_t *frequencies, const float *norms, float weight, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float frequency = (float)frequencies[i];
        out[i] = weight * (frequency / (frequency + norms[i]));
    }
}

size_t kernel_reach_plain(uint32_t *out, size_t found, uint16_t *sums, const uint8_t *classes, const uint16_t *thresholds,
                          size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        if (sums[i] >= thresholds[classes[i]])
            out[found++] = (uint32_t)i << 16 | sums[i];
        sums[i] = 0;
    }
    return found;
}

uint16_t kernel_least(const uint16_t thresholds[KERNEL_CLASSES])
{
    uint16_t least = UINT16_MAX;
    for (size_t i = 0; i < KERNEL_CLASSES; i++)
        least = thresholds[i] < least ? thresholds[i] : least;
    return least;
}

static size_t reach(uint32_t *out, uint16_t *sums, const uint8_t *classes, const uint16_t thresholds[KERNEL_CLASSES],
                    size_t count)
{
    return kernel_reach_plain(out, 0, sums, classes, thresholds, 0, count);
}

void kernels_postings_reference(struct kernels *kernels)
{
    kernels->unpack = unpack;
    kernels->unpack_ascending = unpack_ascending;
    kernels->bm25 = kernel_bm25_plain;
    kernels->reach = reach;
}

void kernel_pack(struct buffer *out, const uint32_t values[KERNEL_BLOCK], unsigned bits)
{
    assert(bits <= 32);
    uint32_t words[LANES * 32] = {0};
    for (unsigned i = 0; i < KERNEL_BLOCK && bits > 0; i++) {
        assert((values[i] & ~kernel_mask(bits)) == 0);
        unsigned lane = i % LANES, place = i / LANES;
        unsigned row = place * bits / 32, shift = place * bits % 32;
        words[LANES * row + lane] |= values[i] << shift;
        if (shift + bits > 32)
            words[LANES * (row + 1) + lane] |= values[i] >> (32 - shift);
    }
    for (unsigned i = 0; i < LANES * bits; i++)
        buffer_u32(out, words[i]);
}
