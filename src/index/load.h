/* load.h - little-endian numbers at places already proven to lie inside. */
#ifndef INDEX_LOAD_H
#define INDEX_LOAD_H

#include <stdint.h>

static inline uint32_t load_u32(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t load_u64(const unsigned char *at)
{
    return load_u32(at) | (uint64_t)load_u32(at + 4) << 32;
}

#endif
