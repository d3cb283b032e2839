/* container.h - the frame of our binary files: a table of named chunks, each with its checksum. docs/format/segment.md draws it.
 *
 *   header (magic, version, file size) | chunk table | checksum of both | chunk | chunk | … | 64 zero bytes
 *
 * There is exactly one way to write given chunks: no gaps, no order to choose, padding zero. So a reader can check every byte. */
#ifndef INDEX_CONTAINER_H
#define INDEX_CONTAINER_H

#include "base/base.h"

#define CONTAINER_MAGIC_BYTES 8
#define CONTAINER_CHUNKS_MAX 16
#define CONTAINER_ALIGNMENT 16
#define CHUNK_ID(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* What a reader expects and a writer makes: the chunks in this order. */
struct container_kind {
    const char *magic; /* CONTAINER_MAGIC_BYTES */
    uint32_t version;
    uint32_t version_least; /* the oldest that is read, as another kind; 0: this one */
    const uint32_t *ids;
    size_t chunk_count;
    size_t alignment; /* of chunks, in the file: a power of two; 0: CONTAINER_ALIGNMENT */
};

struct container_writer {
    const struct container_kind *kind;
    struct buffer *out;
    size_t start; /* where the container begins in `out` */
    size_t chunk; /* number of the one being written */
    size_t chunk_start;
};

/* begin, then for each chunk: append its bytes to `out` and call chunk_end; end writes the header. Sticky: ask buffer_finish. */
void container_begin(struct container_writer *writer, const struct container_kind *kind, struct buffer *out);
void container_chunk_end(struct container_writer *writer);
void container_end(struct container_writer *writer);

/* Checks everything about the frame, checksums included, and sets chunks[0 … chunk_count-1]. */
bool container_read(const struct container_kind *kind, struct slice file, const char *name, struct slice *chunks,
                    struct error *error) MUST_USE;

/* "segment "NAME" is damaged at byte OFFSET: …"; always false, always ERROR_CORRUPT. */
bool container_damaged(const char *name, size_t offset, struct error *error, const char *format, ...) PRINTF_LIKE(4, 5);

#endif
