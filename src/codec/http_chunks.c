/* http_chunks.c - the body of an HTTP/1.1 request in chunks (RFC 9112, 7.1), byte by byte but for the data; and addresses' percent signs.
 *
 *   size in hexadecimal [";" extension] CRLF, data CRLF … "0" CRLF [trailer CRLF …] CRLF
 *
 * Extensions and trailers are read over: they may not be long, and say nothing here. */
#include "codec.h"
#include <string.h>

enum { SIZE_DIGITS_MAX = 15, BESIDE_BYTES_MAX = 8 * 1024 };

void http_chunks_init(struct http_chunks *chunks)
{
    *chunks = (struct http_chunks){.state = CHUNK_SIZE};
}

static enum http_progress refuse(struct http_chunks *chunks, unsigned status, const char *reason)
{
    chunks->status = status;
    chunks->reason = reason;
    return HTTP_REFUSED;
}

/* The digit's value; 16 when it is none. */
static unsigned digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return (unsigned)(byte - '0');
    if (byte >= 'a' && byte <= 'f')
        return (unsigned)(byte - 'a') + 10;
    return byte >= 'A' && byte <= 'F' ? (unsigned)(byte - 'A') + 10 : 16;
}

static enum http_progress take_size(struct http_chunks *chunks, char byte)
{
    unsigned digit = digit_of(byte);
    if (digit < 16) {
        if (++chunks->digits > SIZE_DIGITS_MAX)
            return refuse(chunks, 413, "a chunk is too long");
        chunks->left = chunks->left * 16 + digit;
        return HTTP_MORE;
    }
    if (chunks->digits == 0 || (byte != '\r' && byte != ';'))
        return refuse(chunks, 400, "a chunk's size is no hexadecimal number");
    chunks->line = 0;
    chunks->state = byte == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
    return HTTP_MORE;
}

static bool is_text_byte(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value == '\t' || (value >= 0x20 && value != 0x7F);
}

/* Counts a byte of what stands beside the data. */
static enum http_progress take_beside(struct http_chunks *chunks, char byte)
{
    if (!is_text_byte(byte))
        return refuse(chunks, 400, "a chunk's extension or a trailer has a control character");
    if (++chunks->beside > BESIDE_BYTES_MAX)
        return refuse(chunks, 431, "the chunks' extensions and trailers are too long");
    return HTTP_MORE;
}

/* name [= word or "text in quotation marks"], and more behind semicolons: none may be empty, no quotation mark may stay open. */
static enum http_progress take_extension(struct http_chunks *chunks, char byte)
{
    bool ends_part = byte == '\r' || (byte == ';' && !chunks->is_quoted);
    if (ends_part && (chunks->line == 0 || chunks->is_quoted))
        return refuse(chunks, 400, "a chunk's extension is not whole");
    if (byte == '\r') {
        chunks->state = CHUNK_SIZE_LF;
        return HTTP_MORE;
    }
    if (byte == '"' && !chunks->is_escaped)
        chunks->is_quoted = !chunks->is_quoted;
    chunks->is_escaped = chunks->is_quoted && byte == '\\' && !chunks->is_escaped;
    chunks->line = ends_part ? 0 : chunks->line + 1;
    return take_beside(chunks, byte);
}

static enum http_progress take_feed(struct http_chunks *chunks, char byte)
{
    if (byte != '\n')
        return refuse(chunks, 400, "a chunk's line does not end by CR LF");
    if (chunks->state == CHUNK_DATA_LF) {
        chunks->state = CHUNK_SIZE;
        chunks->digits = 0;
        return HTTP_MORE;
    }
    chunks->is_last = chunks->left == 0;
    chunks->line = 0;
    chunks->has_colon = false;
    chunks->state = chunks->is_last ? CHUNK_TRAILER : CHUNK_DATA;
    return HTTP_MORE;
}

/* A trailer has a name and a colon, and is not folded; the empty line ends the body. */
static enum http_progress take_trailer(struct http_chunks *chunks, char byte)
{
    if (byte == '\r') {
        if (chunks->line > 0 && !chunks->has_colon)
            return refuse(chunks, 400, "a trailer has no name");
        chunks->state = CHUNK_TRAILER_LF;
        return HTTP_MORE;
    }
    bool is_name = !chunks->has_colon && byte != ':';
    if ((chunks->line == 0 && byte == ':') || (is_name && (byte == ' ' || byte == '\t')))
        return refuse(chunks, 400, "a trailer has no name");
    chunks->has_colon = chunks->has_colon || byte == ':';
    chunks->line++;
    return take_beside(chunks, byte);
}

static enum http_progress take_trailer_feed(struct http_chunks *chunks, char byte)
{
    if (byte != '\n')
        return refuse(chunks, 400, "a trailer does not end by CR LF");
    if (chunks->line == 0)
        return HTTP_DONE;
    chunks->state = CHUNK_TRAILER;
    chunks->line = 0;
    chunks->has_colon = false;
    return HTTP_MORE;
}

static enum http_progress take_byte(struct http_chunks *chunks, char byte)
{
    switch (chunks->state) {
    case CHUNK_SIZE:
        return take_size(chunks, byte);
    case CHUNK_EXTENSION:
        return take_extension(chunks, byte);
    case CHUNK_SIZE_LF:
    case CHUNK_DATA_LF:
        return take_feed(chunks, byte);
    case CHUNK_DATA_CR:
        chunks->state = CHUNK_DATA_LF;
        return byte == '\r' ? HTTP_MORE : refuse(chunks, 400, "a chunk is longer than its size");
    case CHUNK_TRAILER:
        return take_trailer(chunks, byte);
    case CHUNK_TRAILER_LF:
        return take_trailer_feed(chunks, byte);
    case CHUNK_DATA:
        break;
    }
    return HTTP_MORE;
}

enum http_progress http_chunks_read(struct http_chunks *chunks, struct slice source, size_t *used, struct buffer *out)
{
    enum http_progress progress = HTTP_MORE;
    size_t at = 0;
    while (at < source.size && progress == HTTP_MORE) {
        if (chunks->state != CHUNK_DATA) {
            progress = take_byte(chunks, source.data[at++]);
            continue;
        }
        size_t size = source.size - at < chunks->left ? source.size - at : (size_t)chunks->left;
        buffer_append(out, source.data + at, size);
        at += size;
        chunks->left -= size;
        if (chunks->left == 0)
            chunks->state = CHUNK_DATA_CR;
        if (out->failed)
            progress = refuse(chunks, 413, "the body is too long");
    }
    *used = at;
    return progress;
}

bool http_decode(struct slice text, struct arena *arena, struct slice *decoded)
{
    char *out = arena_alloc(arena, text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '%') {
            out[size++] = text.data[i];
            continue;
        }
        unsigned high = i + 2 < text.size ? digit_of(text.data[i + 1]) : 16, low = high < 16 ? digit_of(text.data[i + 2]) : 16;
        if (low == 16 || (high == 0 && low == 0))
            return false;
        out[size++] = (char)(high * 16 + low);
        i += 2;
    }
    *decoded = (struct slice){out, size};
    return true;
}
