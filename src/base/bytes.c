#include "bytes.h"
#include <assert.h>

struct bytes bytes_from(struct slice slice)
{
    return (struct bytes){.data = (const unsigned char *)slice.data, .size = slice.size};
}

void bytes_fail(struct bytes *bytes)
{
    if (bytes->failed)
        return;
    bytes->failed = true;
    bytes->failed_at = bytes->offset;
}

size_t bytes_left(const struct bytes *bytes)
{
    assert(bytes->offset <= bytes->size);
    return bytes->failed ? 0 : bytes->size - bytes->offset;
}

static uint64_t little(struct bytes *bytes, size_t count)
{
    if (bytes_left(bytes) < count) {
        bytes_fail(bytes);
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value |= (uint64_t)bytes->data[bytes->offset + i] << (8 * i);
    bytes->offset += count;
    return value;
}

uint8_t bytes_u8(struct bytes *bytes)
{
    return (uint8_t)little(bytes, 1);
}

uint16_t bytes_u16(struct bytes *bytes)
{
    return (uint16_t)little(bytes, 2);
}

uint32_t bytes_u32(struct bytes *bytes)
{
    return (uint32_t)little(bytes, 4);
}

uint64_t bytes_u64(struct bytes *bytes)
{
    return little(bytes, 8);
}

uint64_t bytes_varint(struct bytes *bytes)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = bytes_u8(bytes);
        if (bytes->failed)
            return 0;
        uint64_t part = byte & 0x7F;
        if ((shift == 63 && part > 1) || (byte == 0 && shift > 0))
            break;
        value |= part << shift;
        if (byte < 0x80)
            return value;
    }
    bytes_fail(bytes);
    return 0;
}

struct slice bytes_slice(struct bytes *bytes, uint64_t size)
{
    if (bytes_left(bytes) < size) {
        bytes_fail(bytes);
        return (struct slice){"", 0};
    }
    struct slice slice = {(const char *)bytes->data + bytes->offset, (size_t)size};
    bytes->offset += (size_t)size;
    return slice;
}

void bytes_skip(struct bytes *bytes, uint64_t size)
{
    (void)bytes_slice(bytes, size);
}
