/* fuzz_events.c - any bytes as server-sent events: the same events in whatever pieces they come. */
#include "codec/codec.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool note(void *context, struct slice name, struct slice data, struct error *error)
{
    struct buffer *shown = context;
    (void)error;
    buffer_format(shown, "%zu %zu ", name.size, data.size);
    buffer_append_slice(shown, name);
    buffer_append_slice(shown, data);
    return true;
}

static bool feed(struct slice source, size_t step, struct buffer *shown)
{
    struct event_stream stream;
    struct error error = {0};
    bool ok = true;
    event_stream_init(&stream, 4096);
    for (size_t at = 0; ok && at < source.size; at += step)
        ok = event_stream_feed(&stream, slice_range(source, at, at + step < source.size ? at + step : source.size), note, shown,
                               &error);
    event_stream_release(&stream);
    REQUIRE(ok == (error.message[0] == '\0'));
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct buffer whole, pieces;
    struct slice source = {(const char *)data + 1, size - 1};
    buffer_init(&whole, 1 << 20);
    buffer_init(&pieces, 1 << 20);
    bool ok = feed(source, source.size + 1, &whole);
    bool same = feed(source, 1 + data[0] % 64, &pieces);
    REQUIRE(ok == same);
    REQUIRE(!ok || slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
    buffer_release(&whole);
    buffer_release(&pieces);
    return 0;
}
