/* fuzz_http.c - any bytes as a request: the same head and body in whatever pieces they come, or the same refusal; and what is accepted lies
 * within the bytes. */
#include "codec/codec.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The status of a refusal, 200 for a whole request, 100 for one that is not; *used: its bytes. */
static unsigned feed(struct slice source, size_t step, struct buffer *body, size_t *used)
{
    struct http_head head;
    struct http_chunks chunks;
    enum http_progress progress = HTTP_MORE;
    http_head_init(&head);
    for (size_t come = 0; progress == HTTP_MORE && come < source.size;) {
        come = least(come + step, source.size);
        progress = http_head_read(&head, slice_range(source, 0, come));
    }
    REQUIRE(progress != HTTP_REFUSED || (head.status >= 400 && head.reason != NULL));
    if (progress != HTTP_DONE)
        return progress == HTTP_MORE ? 100 : head.status;
    REQUIRE(head.size <= source.size && head.field_count <= HTTP_FIELDS_MAX && http_text(source, head.target).size > 0);
    *used = head.size;
    if (!head.is_chunked)
        return 200;
    http_chunks_init(&chunks);
    progress = HTTP_MORE;
    while (progress == HTTP_MORE && *used < source.size) {
        size_t taken = 0;
        progress = http_chunks_read(&chunks, slice_range(source, *used, least(*used + step, source.size)), &taken, body);
        REQUIRE(taken > 0);
        *used += taken;
    }
    REQUIRE(progress != HTTP_REFUSED || (chunks.status >= 400 && chunks.reason != NULL));
    return progress == HTTP_MORE ? 100 : progress == HTTP_DONE ? 200 : chunks.status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct buffer whole, pieces;
    struct arena arena;
    struct slice source = {(const char *)data + 1, size - 1}, decoded;
    size_t used = 0, used_in_pieces = 0;
    buffer_init(&whole, 4096);
    buffer_init(&pieces, 4096);
    arena_init(&arena);
    unsigned status = feed(source, source.size + 1, &whole, &used);
    REQUIRE(status == feed(source, 1 + data[0] % 64, &pieces, &used_in_pieces));
    REQUIRE(status != 200 || (used == used_in_pieces && slice_equal(buffer_slice(&whole), buffer_slice(&pieces))));
    REQUIRE(!http_decode(source, &arena, &decoded) || decoded.size <= source.size);
    arena_release(&arena);
    buffer_release(&whole);
    buffer_release(&pieces);
    return 0;
}
