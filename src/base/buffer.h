/* buffer.h - bytes that grow up to a maximum given at birth, with a sticky failure: once an append does not fit, every later
 * one does nothing, and the writer asks once at the end (buffer_finish). Numbers are little endian. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "error.h"
#include "slice.h"
#include <stdarg.h>

struct buffer {
    char *data; /* NULL while empty */
    size_t size;
    size_t capacity;
    size_t size_max;
    bool failed;
};

void buffer_init(struct buffer *buffer, size_t size_max);
void buffer_release(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* empty and not failed; keeps its memory */

void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_slice(struct buffer *buffer, struct slice slice);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, char byte);
void buffer_append_zeros(struct buffer *buffer, size_t count);
void buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_u16(struct buffer *buffer, uint16_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_varint(struct buffer *buffer, uint64_t value); /* 7 bits a byte, low first, high bit: more follows */

/* Overwrites four or eight bytes that were appended before. */
void buffer_patch_u32(struct buffer *buffer, size_t at, uint32_t value);
void buffer_patch_u64(struct buffer *buffer, size_t at, uint64_t value);

/* Room for `size` more bytes behind the end, for readers that fill it; NULL when it does not fit. Then add to `size`. */
void *buffer_reserve(struct buffer *buffer, size_t size) MUST_USE;

struct slice buffer_slice(const struct buffer *buffer);
const char *buffer_text(struct buffer *buffer); /* with a zero byte behind, which does not count */

/* False, with a message naming `what` and the maximum, when something did not fit. */
bool buffer_finish(const struct buffer *buffer, const char *what, struct error *error) MUST_USE;

#endif
