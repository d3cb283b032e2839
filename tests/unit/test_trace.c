/* test_trace.c - spans nest as they were opened, and nothing that goes wrong with them reaches who measures. */
#include "trace/trace.h"
#include "compare.h"
#include <stdlib.h>
#include <string.h>

/* The first span of that name in an export. */
static const struct json_value *find_span(const struct json_value *root, const char *name)
{
    const struct json_value *resources = json_get(root, "resourceSpans");
    const struct json_value *scopes = json_get(&resources->items[0], "scopeSpans");
    const struct json_value *spans = json_get(&scopes->items[0], "spans");
    for (size_t i = 0; i < spans->count; i++)
        if (slice_equal_text(json_get(&spans->items[i], "name")->text, name))
            return &spans->items[i];
    return NULL;
}

static void write_and_read(struct trace *trace, struct buffer *out, struct arena *arena, struct json_value *root)
{
    struct error error = {0};
    buffer_init(out, MIB);
    arena_init(arena);
    trace_write(trace, out);
    expect_ok(json_read(buffer_slice(out), "a trace", arena, root, &error), &error);
}

static void spans_nest(void **state)
{
    struct trace *trace = trace_create();
    struct buffer out;
    struct arena arena;
    struct json_value root;
    (void)state;
    int outer = trace_begin(trace, "outer", TRACE_SERVER), first = trace_begin(trace, "first", TRACE_INTERNAL);
    trace_text(trace, first, "a", SLICE("\"b\"\n"));
    trace_integer(trace, first, "i", INT64_MIN);
    trace_end(trace, first);
    int second = trace_begin(trace, "second", TRACE_CLIENT);
    trace_fail(trace, second, &(struct error){.kind = ERROR_IO});
    trace_end(trace, second);
    trace_text(trace, first, "late", SLICE("x")); /* a span that has ended stays as it is */
    (void)outer; /* left open: it ends with the trace */
    write_and_read(trace, &out, &arena, &root);
    const struct json_value *parent = find_span(&root, "outer");
    assert_null(json_get(parent, "parentSpanId"));
    for (size_t i = 0; i < 2; i++) {
        const struct json_value *child = find_span(&root, i == 0 ? "first" : "second");
        assert_true(slice_equal(json_get(child, "parentSpanId")->text, json_get(parent, "spanId")->text));
    }
    const struct json_value *attributes = json_get(find_span(&root, "first"), "attributes");
    assert_int_equal(attributes->count, 2);
    assert_true(slice_equal_text(json_get(json_get(&attributes->items[0], "value"), "stringValue")->text, "\"b\"\n"));
    assert_true(slice_equal_text(json_get(json_get(&attributes->items[1], "value"), "intValue")->text, "-9223372036854775808"));
    assert_int_equal(json_get(json_get(find_span(&root, "second"), "status"), "code")->integer, 2);
    assert_null(json_get(json_get(parent, "status"), "code"));
    buffer_release(&out);
    arena_release(&arena);
    trace_free(trace);
}

static void too_much_is_left_out(void **state)
{
    struct trace *trace = trace_create();
    struct buffer out;
    struct arena arena;
    struct json_value root;
    char *large = memory_alloc(2 * MIB, 1);
    (void)state;
    memset(large, 'x', 2 * MIB);
    int span = trace_begin(trace, "large", TRACE_INTERNAL);
    trace_text(trace, span, "a", (struct slice){large, 2 * MIB});
    trace_end(trace, span);
    for (size_t i = 0; i < 2 * TRACE_SPANS_MAX; i++) {
        int more = trace_begin(trace, "more", TRACE_INTERNAL);
        assert_true(i < TRACE_SPANS_MAX - 1 ? more >= 0 : more == TRACE_NONE);
        trace_integer(trace, more, "i", 1);
        trace_end(trace, more);
    }
    write_and_read(trace, &out, &arena, &root);
    assert_int_equal(json_get(find_span(&root, "large"), "attributes")->count, 0);
    buffer_release(&out);
    arena_release(&arena);
    trace_free(trace);
    free(large);
}

static void nothing_without_a_trace(void **state)
{
    (void)state;
    int span = trace_begin(NULL, "none", TRACE_INTERNAL);
    assert_int_equal(span, TRACE_NONE);
    trace_text(NULL, span, "a", SLICE("b"));
    trace_documents(NULL, span, NULL, 0);
    trace_end(NULL, span);
    trace_free(NULL);
    tracer_send(NULL, NULL);
    tracer_free(NULL);
}

/* A folder that is not there fails each line; a full queue drops; all are counted. */
static void failures_are_counted(void **state)
{
    struct tracer *tracer = tracer_create("/nowhere/that/is/there/traces.jsonl");
    struct trace *trace = trace_create();
    (void)state;
    trace_end(trace, trace_begin(trace, "one", TRACE_INTERNAL));
    enum { SENT = 3 * TRACER_WAITING_MAX };
    for (size_t i = 0; i < SENT; i++)
        tracer_send(tracer, trace);
    struct tracer_figures figures = tracer_figures(tracer);
    assert_int_equal(figures.sent, 0);
    assert_true(figures.failed + figures.dropped <= SENT && figures.failed + figures.dropped + TRACER_WAITING_MAX + 1 >= SENT);
    trace_free(trace);
    tracer_free(tracer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spans_nest), cmocka_unit_test(too_much_is_left_out),
                                       cmocka_unit_test(nothing_without_a_trace), cmocka_unit_test(failures_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
