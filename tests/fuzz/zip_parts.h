/* zip_parts.h - a zip made of an input: a fuzzer that had to keep sums and directories right itself would see little of what lies behind them.
 *
 *   input   name \n content \0 name \n content …        each an entry, stored
 */
#ifndef FUZZ_ZIP_PARTS_H
#define FUZZ_ZIP_PARTS_H

#include "base/base.h"
#include <zlib.h>

static inline void zip_part_head(struct buffer *out, struct slice name, struct slice content)
{
    uint32_t sum = (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)content.data, (uInt)content.size);
    buffer_u16(out, 20);
    buffer_append_zeros(out, 8);
    buffer_u32(out, sum);
    buffer_u32(out, (uint32_t)content.size);
    buffer_u32(out, (uint32_t)content.size);
    buffer_u16(out, (uint16_t)name.size);
    buffer_u16(out, 0);
}

static inline void zip_of_parts(struct slice input, struct buffer *out)
{
    struct buffer directory;
    struct slice part, name;
    uint16_t count = 0;
    buffer_init(&directory, 16 * MIB);
    while (count < 1000 && slice_next(&input, '\0', &part)) {
        if (!slice_next(&part, '\n', &name) || name.size > 1000)
            continue;
        buffer_u32(&directory, 0x02014b50);
        buffer_u16(&directory, 20);
        zip_part_head(&directory, name, part);
        buffer_append_zeros(&directory, 10);
        buffer_u32(&directory, (uint32_t)out->size);
        buffer_append_slice(&directory, name);
        buffer_u32(out, 0x04034b50);
        zip_part_head(out, name, part);
        buffer_append_slice(out, name);
        buffer_append_slice(out, part);
        count++;
    }
    size_t at = out->size;
    buffer_append_slice(out, buffer_slice(&directory));
    buffer_u32(out, 0x06054b50);
    buffer_u32(out, 0);
    buffer_u16(out, count);
    buffer_u16(out, count);
    buffer_u32(out, (uint32_t)directory.size);
    buffer_u32(out, (uint32_t)at);
    buffer_u16(out, 0);
    buffer_release(&directory);
}

#endif
