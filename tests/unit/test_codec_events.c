/* test_codec_events.c - server-sent events in pieces of any size. */
#include "compare.h"
#include "codec/codec.h"

static bool show(void *context, struct slice name, struct slice data, struct error *error)
{
    struct buffer *shown = context;
    buffer_format(shown, "(" SLICE_FORMAT ":" SLICE_FORMAT ")", SLICE_ARGUMENT(name), SLICE_ARGUMENT(data));
    return !slice_equal(data, SLICE("stop")) || error_set(error, ERROR_CANCELLED, "stopped");
}

/* Fed `step` bytes at a time. */
static bool feed(struct slice source, size_t step, size_t limit, struct buffer *shown, struct error *error)
{
    struct event_stream stream;
    bool ok = true;
    event_stream_init(&stream, limit);
    buffer_clear(shown);
    for (size_t at = 0; ok && at < source.size; at += step)
        ok = event_stream_feed(&stream, slice_range(source, at, at + step < source.size ? at + step : source.size), show, shown,
                               error);
    event_stream_release(&stream);
    return ok;
}

static void expect_events(struct slice source, const char *wanted)
{
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t step = 1; step <= source.size; step++) {
        struct error error = {0};
        expect_ok(feed(source, step, KIB, &shown, &error), &error);
        compare_text("events", buffer_slice(&shown), wanted);
    }
    buffer_release(&shown);
}

static void events(void **state)
{
    (void)state;
    expect_events(SLICE("data: a\n\ndata:b\r\n\r\ndata:  c\r\r"), "(message:a)(message:b)(message: c)");
    expect_events(SLICE("event: x\ndata: 1\ndata: 2\n\ndata: 3\n\n"), "(x:1\n2)(message:3)");
    expect_events(SLICE("\xEF\xBB\xBF"
                        "data: a\n\n: comment\nid: 7\nretry: 5\nevent\ndata\n\n"),
                  "(message:a)(message:)");
    expect_events(SLICE("event: none\n\n\n\ndata: a\r\ndata: b\r\n\r\n"), "(message:a\nb)");
    expect_events(SLICE("data: a\n\ndata: not ended\n"), "(message:a)");
    expect_events(SLICE("data: a:b: c\n\n"), "(message:a:b: c)");
}

static void ends(void **state)
{
    (void)state;
    struct buffer shown, large;
    struct error error = {0};
    buffer_init(&shown, MIB);
    buffer_init(&large, MIB);
    expect_error(feed(SLICE("data: stop\n\ndata: a\n\n"), 64, KIB, &shown, &error), &error, ERROR_CANCELLED, "stopped");
    compare_text("events", buffer_slice(&shown), "(message:stop)");
    buffer_append_zeros(&large, 2 * KIB);
    expect_error(feed(buffer_slice(&large), 100, KIB, &shown, &error), &error, ERROR_LIMIT, "a line of the event stream");
    buffer_clear(&large);
    for (size_t i = 0; i < 300; i++)
        buffer_append_text(&large, "data: 123\n");
    expect_error(feed(buffer_slice(&large), 100, KIB, &shown, &error), &error, ERROR_LIMIT, "an event of the stream");
    buffer_release(&shown);
    buffer_release(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(events), cmocka_unit_test(ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
