/* gzip_read.c - gzip (RFC 1952) by zlib: all members of a file, one behind the other. */
#include "codec.h"
#include <limits.h>
#include <zlib.h>

enum { STEP_BYTES = 1 << 20 };

bool gzip_is(struct slice source)
{
    return slice_starts_with(source, SLICE("\x1f\x8b\x08"));
}

static bool refuse(int code, const z_stream *stream, const char *name, struct error *error)
{
    if (code == Z_MEM_ERROR)
        return error_set(error, ERROR_NO_MEMORY, "no memory to unpack \"%s\"", name);
    return error_set(error, ERROR_CORRUPT, "\"%s\" is damaged: %s after %lu unpacked bytes", name,
                     stream->msg != NULL ? stream->msg : "its gzip data ends early", stream->total_out);
}

/* Nothing more, or zeros, with which some programs fill blocks up. */
static bool is_padding(const unsigned char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size && bytes[at] == 0)
        at++;
    return at == size;
}

/* One step of output, until the source is used up. */
static bool unpack(z_stream *stream, const char *name, struct buffer *out, struct error *error)
{
    for (;;) {
        void *room = buffer_reserve(out, STEP_BYTES);
        if (room == NULL)
            return buffer_finish(out, name, error);
        stream->next_out = room;
        stream->avail_out = STEP_BYTES;
        int code = inflate(stream, Z_NO_FLUSH);
        out->size += STEP_BYTES - stream->avail_out;
        if (code == Z_STREAM_END && is_padding(stream->next_in, stream->avail_in))
            return true;
        if (code == Z_STREAM_END)
            code = inflateReset(stream); /* another member */
        if (code != Z_OK || (stream->avail_in == 0 && stream->avail_out > 0))
            return refuse(code, stream, name, error);
    }
}

bool gzip_read(struct slice source, const char *name, struct buffer *out, struct error *error)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)source.data, .avail_in = (uInt)source.size};
    if (source.size > UINT_MAX)
        return error_set(error, ERROR_LIMIT, "\"%s\" has %zu bytes, the limit for gzip is %u", name, source.size, UINT_MAX);
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
        return error_set(error, ERROR_NO_MEMORY, "no memory to unpack \"%s\"", name);
    bool ok = unpack(&stream, name, out, error);
    inflateEnd(&stream);
    return ok;
}
