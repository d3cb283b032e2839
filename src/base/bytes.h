/* bytes.h - reads bytes that nobody vouches for. Bounds are checked on each read; the first failure sticks, later reads give
 * zeros, and the reader asks once whether all was well. Numbers are little endian. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "slice.h"

struct bytes {
    const unsigned char *data;
    size_t size;
    size_t offset;
    bool failed;
    size_t failed_at; /* offset of the read that did not fit */
};

struct bytes bytes_from(struct slice slice);
uint8_t bytes_u8(struct bytes *bytes);
uint16_t bytes_u16(struct bytes *bytes);
uint32_t bytes_u32(struct bytes *bytes);
uint64_t bytes_u64(struct bytes *bytes);
uint64_t bytes_varint(struct bytes *bytes); /* fails on more than 64 bits and on a needless last zero byte */
struct slice bytes_slice(struct bytes *bytes, uint64_t size);
void bytes_skip(struct bytes *bytes, uint64_t size);
void bytes_fail(struct bytes *bytes); /* the caller found a value it cannot accept */
size_t bytes_left(const struct bytes *bytes);

#endif
