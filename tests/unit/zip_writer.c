#include "zip_writer.h"
#include <assert.h>
#include <string.h>
#include <zlib.h>

void zip_writer_init(struct zip_writer *writer)
{
    *writer = (struct zip_writer){0};
    buffer_init(&writer->out, 64 * MIB);
    buffer_init(&writer->directory, 64 * MIB);
}

void zip_writer_release(struct zip_writer *writer)
{
    buffer_release(&writer->out);
    buffer_release(&writer->directory);
}

/* What the entry's header and the directory's record have in common. */
static void add_common(struct buffer *out, const struct zip_writer_entry *entry)
{
    buffer_u16(out, 20);
    buffer_u16(out, entry->flags);
    buffer_u16(out, entry->method);
    buffer_u32(out, 0x58210000); /* a day of 2024 */
    buffer_u32(out, entry->sum);
    buffer_u32(out, (uint32_t)entry->packed.size);
    buffer_u32(out, (uint32_t)entry->size);
    buffer_u16(out, (uint16_t)strlen(entry->name));
    buffer_u16(out, 0);
}

void zip_writer_add_raw(struct zip_writer *writer, const struct zip_writer_entry *entry)
{
    struct buffer *directory = &writer->directory;
    buffer_u32(directory, 0x02014b50);
    buffer_u16(directory, 20);
    add_common(directory, entry);
    buffer_append_zeros(directory, 10);
    buffer_u32(directory, (uint32_t)writer->out.size);
    buffer_append_text(directory, entry->name);
    buffer_u32(&writer->out, 0x04034b50);
    add_common(&writer->out, entry);
    buffer_append_text(&writer->out, entry->name);
    buffer_append_slice(&writer->out, entry->packed);
    writer->count++;
}

static uint32_t sum_of(struct slice content)
{
    return (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)content.data, (uInt)content.size);
}

void zip_writer_add(struct zip_writer *writer, const char *name, struct slice content)
{
    zip_writer_add_raw(writer, &(struct zip_writer_entry){name, content, content.size, sum_of(content), 0, 0});
}

void zip_writer_add_text(struct zip_writer *writer, const char *name, const char *content)
{
    zip_writer_add(writer, name, slice_from(content));
}

void zip_writer_add_deflated(struct zip_writer *writer, const char *name, struct slice content)
{
    struct buffer packed;
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)content.data, .avail_in = (uInt)content.size};
    buffer_init(&packed, content.size + content.size / 1000 + 1024);
    stream.next_out = buffer_reserve(&packed, packed.size_max);
    stream.avail_out = (uInt)packed.size_max;
    int code = deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    assert(code == Z_OK);
    code = deflate(&stream, Z_FINISH);
    assert(code == Z_STREAM_END);
    packed.size = stream.total_out;
    deflateEnd(&stream);
    zip_writer_add_raw(writer, &(struct zip_writer_entry){name, buffer_slice(&packed), content.size, sum_of(content), 8, 0});
    buffer_release(&packed);
}

struct slice zip_writer_finish(struct zip_writer *writer)
{
    size_t at = writer->out.size;
    buffer_append_slice(&writer->out, buffer_slice(&writer->directory));
    buffer_u32(&writer->out, 0x06054b50);
    buffer_u32(&writer->out, 0);
    buffer_u16(&writer->out, (uint16_t)writer->count);
    buffer_u16(&writer->out, (uint16_t)writer->count);
    buffer_u32(&writer->out, (uint32_t)writer->directory.size);
    buffer_u32(&writer->out, (uint32_t)at);
    buffer_u16(&writer->out, 0);
    return buffer_slice(&writer->out);
}
