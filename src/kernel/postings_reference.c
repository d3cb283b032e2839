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

static void unpack(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits)
{
    assert(bits <= 32);
    for (unsigned i = 0; i < KERNEL_BLOCK; i++) {
        unsigned lane = i % LANES, place = i / LANES;
        unsigned row = place * bits / 32, shift = place * bits % 32;
        uint64_t value = bits == 0 ? 0 : load_word(packed, row, lane) >> shift;
        if (shift + bits > 32)
            value |= (uint64_t)load_word(packed, row + 1, lane) << (32 - shift);
        out[i] = (uint32_t)value & kernel_mask(bits);
    }
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

void kernels_postings_reference(struct kernels *kernels)
{
    kernels->unpack = unpack;
    kernels->unpack_ascending = unpack_ascending;
    kernels->bm25 = kernel_bm25_plain;
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
