/* eight_bytes.h - eight bytes of a text as one number, the first one lowest: short words (zeros behind their last byte), and what stands
 * among the bytes, told by the highest bit of each. */
#ifndef BASE_EIGHT_BYTES_H
#define BASE_EIGHT_BYTES_H

#include <stddef.h>
#include <stdint.h>
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

#define EIGHT_ONES UINT64_C(0x0101010101010101)
#define EIGHT_HIGH UINT64_C(0x8080808080808080)

/* Those from `first` to `last`, both ASCII. */
static inline uint64_t eight_between(uint64_t eight, unsigned first, unsigned last)
{
    uint64_t low = eight & ~EIGHT_HIGH;
    return (low + (0x80 - first) * EIGHT_ONES) & ~(low + (0x80 - last - 1) * EIGHT_ONES) & ~eight & EIGHT_HIGH;
}

/* Those that are `byte`. */
static inline uint64_t eight_equal(uint64_t eight, unsigned byte)
{
    uint64_t other = eight ^ byte * EIGHT_ONES;
    return ~(((other & ~EIGHT_HIGH) + ~EIGHT_HIGH) | other) & EIGHT_HIGH;
}

/* The first of the bytes that are told, of at least one. */
static inline size_t eight_first(uint64_t told)
{
    return (size_t)__builtin_ctzll(told) / 8;
}

/* What is told, one bit for each byte. */
static inline uint64_t eight_bits(uint64_t told)
{
    return (told >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* How many of eight bytes, from the first on, are letters of ASCII. */
static inline size_t eight_letters(uint64_t eight)
{
    uint64_t others = ~eight_between(eight | 0x20 * EIGHT_ONES, 'a', 'z') & EIGHT_HIGH;
    return others == 0 ? 8 : eight_first(others);
}

/* Letters of ASCII, and zeros, as small letters. */
static inline uint64_t eight_small(uint64_t eight)
{
    return eight | (eight & UINT64_C(0x4040404040404040)) >> 1;
}

#endif
