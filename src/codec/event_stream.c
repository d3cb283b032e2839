/* event_stream.c - lines of server-sent events into events. */
#include "codec.h"

void event_stream_init(struct event_stream *stream, size_t event_bytes_max)
{
    *stream = (struct event_stream){0};
    buffer_init(&stream->line, event_bytes_max);
    buffer_init(&stream->name, event_bytes_max);
    buffer_init(&stream->data, event_bytes_max);
}

void event_stream_release(struct event_stream *stream)
{
    buffer_release(&stream->line);
    buffer_release(&stream->name);
    buffer_release(&stream->data);
}

/* An event without data is none. The line feed behind its last line of data is not part of it. */
static bool dispatch(struct event_stream *stream, event_take *take, void *context, struct error *error)
{
    bool ok = true;
    if (stream->data.size > 0) {
        struct slice data = slice_range(buffer_slice(&stream->data), 0, stream->data.size - 1);
        ok = take(context, stream->name.size > 0 ? buffer_slice(&stream->name) : SLICE("message"), data, error);
    }
    buffer_clear(&stream->name);
    buffer_clear(&stream->data);
    return ok;
}

static void take_field(struct event_stream *stream, struct slice line)
{
    struct slice field = line, value = {"", 0};
    size_t colon;
    if (slice_find(line, ':', &colon)) {
        field = slice_range(line, 0, colon);
        value = slice_range(line, colon + 1, line.size);
        if (value.size > 0 && value.data[0] == ' ')
            value = slice_range(value, 1, value.size);
    }
    if (slice_equal(field, SLICE("data"))) {
        buffer_append_slice(&stream->data, value);
        buffer_append_byte(&stream->data, '\n');
    } else if (slice_equal(field, SLICE("event"))) {
        buffer_clear(&stream->name);
        buffer_append_slice(&stream->name, value);
    }
}

static bool end_line(struct event_stream *stream, event_take *take, void *context, struct error *error)
{
    struct slice line = buffer_slice(&stream->line);
    line = stream->has_begun ? line : slice_without_mark(line);
    stream->has_begun = true;
    bool ok = true;
    if (line.size == 0)
        ok = dispatch(stream, take, context, error);
    else
        take_field(stream, line);
    buffer_clear(&stream->line);
    return ok;
}

bool event_stream_feed(struct event_stream *stream, struct slice bytes, event_take *take, void *context, struct error *error)
{
    size_t start = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        char c = bytes.data[i];
        bool belongs_before = c == '\n' && stream->after_return;
        stream->after_return = c == '\r';
        if (c != '\n' && c != '\r')
            continue;
        buffer_append_slice(&stream->line, slice_range(bytes, start, i));
        start = i + 1;
        if (belongs_before)
            continue;
        if (!buffer_finish(&stream->line, "a line of the event stream", error) || !end_line(stream, take, context, error) ||
            !buffer_finish(&stream->data, "an event of the stream", error))
            return false;
    }
    buffer_append_slice(&stream->line, slice_range(bytes, start, bytes.size));
    return buffer_finish(&stream->line, "a line of the event stream", error);
}
