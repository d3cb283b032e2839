#include "container.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* The header, and one row of the chunk table behind it. */
enum {
    AT_VERSION = 8,
    AT_CHUNK_COUNT = 12,
    AT_FILE_SIZE = 16,
    AT_TABLE = 24,
    ROW_BYTES = 32,
    ROW_AT_RESERVED = 4,
    ROW_AT_OFFSET = 8,
    ROW_AT_SIZE = 16,
    ROW_AT_CHECKSUM = 24,
    END_PADDING = 64,
};

static size_t aligned(const struct container_kind *kind, size_t size)
{
    size_t alignment = kind->alignment > 0 ? kind->alignment : CONTAINER_ALIGNMENT;
    return (size + alignment - 1) / alignment * alignment;
}

/* Where the header's checksum stands: behind the table. */
static size_t at_header_checksum(const struct container_kind *kind)
{
    return AT_TABLE + ROW_BYTES * kind->chunk_count;
}

static uint64_t checksum(struct slice bytes)
{
    return XXH3_64bits(bytes.data, bytes.size);
}

void container_begin(struct container_writer *writer, const struct container_kind *kind, struct buffer *out)
{
    assert(kind->chunk_count <= CONTAINER_CHUNKS_MAX);
    *writer = (struct container_writer){.kind = kind, .out = out, .start = out->size};
    buffer_append(out, kind->magic, CONTAINER_MAGIC_BYTES);
    buffer_u32(out, kind->version);
    buffer_u32(out, (uint32_t)kind->chunk_count);
    buffer_append_zeros(out, aligned(kind, at_header_checksum(kind) + 8) - AT_FILE_SIZE);
    writer->chunk_start = out->size;
}

void container_chunk_end(struct container_writer *writer)
{
    struct buffer *out = writer->out;
    if (out->failed)
        return;
    assert(writer->chunk < writer->kind->chunk_count);
    struct slice chunk = slice_range(buffer_slice(out), writer->chunk_start, out->size);
    size_t row = writer->start + AT_TABLE + ROW_BYTES * writer->chunk;
    buffer_patch_u32(out, row, writer->kind->ids[writer->chunk]);
    buffer_patch_u64(out, row + ROW_AT_OFFSET, writer->chunk_start - writer->start);
    buffer_patch_u64(out, row + ROW_AT_SIZE, chunk.size);
    buffer_patch_u64(out, row + ROW_AT_CHECKSUM, checksum(chunk));
    buffer_append_zeros(out, aligned(writer->kind, chunk.size) - chunk.size);
    writer->chunk++;
    writer->chunk_start = out->size;
}

void container_end(struct container_writer *writer)
{
    struct buffer *out = writer->out;
    buffer_append_zeros(out, END_PADDING);
    if (out->failed)
        return;
    assert(writer->chunk == writer->kind->chunk_count);
    buffer_patch_u64(out, writer->start + AT_FILE_SIZE, out->size - writer->start);
    size_t end = writer->start + at_header_checksum(writer->kind);
    buffer_patch_u64(out, end, checksum(slice_range(buffer_slice(out), writer->start, end)));
}

bool container_damaged(const char *name, size_t offset, struct error *error, const char *format, ...)
{
    char reason[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    error_set(error, ERROR_CORRUPT, "segment \"%s\" is damaged at byte %zu: %s", name, offset, reason);
    return error_hint(error, "It can be rebuilt from the catalog.");
}

static bool read_header(const struct container_kind *kind, struct slice file, const char *name, struct error *error)
{
    size_t header_size = at_header_checksum(kind) + 8;
    if (file.size < header_size)
        return container_damaged(name, file.size, error, "it ends within the header");
    if (memcmp(file.data, kind->magic, CONTAINER_MAGIC_BYTES) != 0)
        return container_damaged(name, 0, error, "it does not begin with \"%.8s\"", kind->magic);
    struct bytes bytes = bytes_from(slice_range(file, 0, header_size));
    bytes_skip(&bytes, AT_VERSION);
    uint32_t version = bytes_u32(&bytes);
    if (version != kind->version && kind->version_least > 0)
        return container_damaged(name, AT_VERSION, error, "it has version %u, this program reads %u to %u", version,
                                 kind->version_least, kind->version);
    if (version != kind->version)
        return container_damaged(name, AT_VERSION, error, "it has version %u, this program reads %u", version, kind->version);
    uint32_t count = bytes_u32(&bytes);
    if (count != kind->chunk_count)
        return container_damaged(name, AT_CHUNK_COUNT, error, "it has %u chunks, expected %zu", count, kind->chunk_count);
    uint64_t size = bytes_u64(&bytes);
    if (size != file.size)
        return container_damaged(name, AT_FILE_SIZE, error, "it has %zu bytes, the header says %llu", file.size,
                                 (unsigned long long)size);
    bytes_skip(&bytes, ROW_BYTES * kind->chunk_count);
    if (bytes_u64(&bytes) != checksum(slice_range(file, 0, header_size - 8)))
        return container_damaged(name, header_size - 8, error, "the checksum of the header is wrong");
    return true;
}

static bool all_zero(struct slice file, size_t start, size_t end, size_t *at)
{
    for (*at = start; *at < end; (*at)++)
        if (file.data[*at] != 0)
            return false;
    return true;
}

bool container_read(const struct container_kind *kind, struct slice file, const char *name, struct slice *chunks,
                    struct error *error)
{
    if (!read_header(kind, file, name, error))
        return false;
    size_t bad, end = at_header_checksum(kind) + 8; /* of what was read so far */
    for (size_t i = 0; i < kind->chunk_count; i++) {
        size_t row = AT_TABLE + ROW_BYTES * i;
        struct bytes bytes = bytes_from(slice_range(file, row, row + ROW_BYTES));
        if (bytes_u32(&bytes) != kind->ids[i])
            return container_damaged(name, row, error, "chunk %zu has an unexpected name", i);
        if (bytes_u32(&bytes) != 0)
            return container_damaged(name, row + ROW_AT_RESERVED, error, "reserved bytes of chunk %zu are not zero", i);
        uint64_t offset = bytes_u64(&bytes), size = bytes_u64(&bytes);
        if (offset != aligned(kind, end))
            return container_damaged(name, row + ROW_AT_OFFSET, error, "chunk %zu does not begin where the one before ends", i);
        if (offset > file.size || size > file.size - offset)
            return container_damaged(name, row + ROW_AT_SIZE, error, "chunk %zu ends behind the file", i);
        if (!all_zero(file, end, (size_t)offset, &bad))
            return container_damaged(name, bad, error, "padding is not zero");
        chunks[i] = slice_range(file, (size_t)offset, (size_t)(offset + size));
        if (bytes_u64(&bytes) != checksum(chunks[i]))
            return container_damaged(name, (size_t)offset, error, "the checksum of chunk \"%.4s\" is wrong", file.data + row);
        end = (size_t)(offset + size);
    }
    if (file.size != aligned(kind, end) + END_PADDING)
        return container_damaged(name, AT_FILE_SIZE, error, "the file does not end %d bytes behind the last chunk",
                                 END_PADDING);
    if (!all_zero(file, end, file.size, &bad))
        return container_damaged(name, bad, error, "padding is not zero");
    return true;
}
