/* eight_bytes.h - short words as numbers: eight of their bytes at a time, the first one lowest, zeros behind the last. */
#ifndef TEXT_EIGHT_BYTES_H
#define TEXT_EIGHT_BYTES_H

#include "base/base.h"
#include <string.h>

/* The first `size` (at most 8) of eight bytes that can be read at `data`. */
static inline uint64_t eight_bytes(const char *data, size_t size)
{
    uint64_t eight;
    memcpy(&eight, data, sizeof(eight));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return size == 0 ? 0 : eight & UINT64_MAX >> (64 - 8 * size);
}

/* How many of eight bytes, from the first on, are letters of ASCII. */
static inline size_t eight_letters(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = 0x80 * ones;
    uint64_t small = (eight | 0x20 * ones) & ~high;
    uint64_t letters = (small + (0x80 - 'a') * ones) & ~(small + (0x80 - 'z' - 1) * ones) & ~eight & high;
    return letters == high ? 8 : (size_t)__builtin_ctzll(~letters & high) / 8;
}

/* Letters of ASCII, and zeros, as small letters. */
static inline uint64_t eight_small(uint64_t eight)
{
    return eight | (eight & UINT64_C(0x4040404040404040)) >> 1;
}

#endif
