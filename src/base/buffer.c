#include "buffer.h"
#include "memory.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, size_t size_max)
{
    assert(size_max > 0);
    *buffer = (struct buffer){.size_max = size_max};
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.size_max = buffer->size_max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

void *buffer_reserve(struct buffer *buffer, size_t size)
{
    assert(buffer->size_max > 0);
    if (buffer->failed || size > buffer->size_max - buffer->size) {
        buffer->failed = true;
        return NULL;
    }
    size_t needed = buffer->size + size + 1; /* one more for buffer_text's zero byte */
    if (needed > buffer->capacity) {
        size_t grown = memory_grown(buffer->capacity, needed);
        char *data = realloc(buffer->data, grown);
        if (data == NULL) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = grown;
    }
    return buffer->data + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    void *room = buffer_reserve(buffer, size);
    if (room == NULL || size == 0)
        return;
    memcpy(room, data, size);
    buffer->size += size;
}

void buffer_append_slice(struct buffer *buffer, struct slice slice)
{
    buffer_append(buffer, slice.data, slice.size);
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_byte(struct buffer *buffer, char byte)
{
    buffer_append(buffer, &byte, 1);
}

void buffer_append_zeros(struct buffer *buffer, size_t count)
{
    void *room = buffer_reserve(buffer, count);
    if (room == NULL)
        return;
    memset(room, 0, count);
    buffer->size += count;
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(wanted >= 0);
    char *room = buffer_reserve(buffer, (size_t)wanted);
    if (room != NULL) {
        vsnprintf(room, (size_t)wanted + 1, format, again);
        buffer->size += (size_t)wanted;
    }
    va_end(again);
}

static void put_little(unsigned char *out, uint64_t value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static void append_little(struct buffer *buffer, uint64_t value, size_t count)
{
    unsigned char bytes[8];
    put_little(bytes, value, count);
    buffer_append(buffer, bytes, count);
}

void buffer_u16(struct buffer *buffer, uint16_t value)
{
    append_little(buffer, value, 2);
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    append_little(buffer, value, 4);
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
    append_little(buffer, value, 8);
}

void buffer_varint(struct buffer *buffer, uint64_t value)
{
    unsigned char bytes[10];
    size_t count = 0;
    while (value >= 0x80) {
        bytes[count++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    bytes[count++] = (unsigned char)value;
    buffer_append(buffer, bytes, count);
}

static void patch(struct buffer *buffer, size_t at, uint64_t value, size_t count)
{
    if (buffer->failed)
        return;
    assert(at <= buffer->size && count <= buffer->size - at);
    put_little((unsigned char *)buffer->data + at, value, count);
}

void buffer_patch_u32(struct buffer *buffer, size_t at, uint32_t value)
{
    patch(buffer, at, value, 4);
}

void buffer_patch_u64(struct buffer *buffer, size_t at, uint64_t value)
{
    patch(buffer, at, value, 8);
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data ? buffer->data : "", buffer->size};
}

const char *buffer_text(struct buffer *buffer)
{
    if (buffer->data == NULL)
        return "";
    assert(buffer->size < buffer->capacity);
    buffer->data[buffer->size] = '\0';
    return buffer->data;
}

bool buffer_finish(const struct buffer *buffer, const char *what, struct error *error)
{
    if (!buffer->failed)
        return true;
    return error_set(error, ERROR_LIMIT, "%s does not fit: the limit is %zu bytes", what, buffer->size_max);
}
