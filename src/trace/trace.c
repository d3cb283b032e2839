/* trace.c - spans in memory, and as OTLP/JSON: ids in hexadecimal digits, 64-bit numbers as texts. */
#include "trace.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRACE_ID_BYTES = 16, SPAN_ID_BYTES = 8, ATTRIBUTES_BYTES_MAX = 1 << 20, STATUS_ERROR = 2 };

struct span {
    unsigned char id[SPAN_ID_BYTES];
    int parent; /* TRACE_NONE: it is the root */
    const char *name; /* in the trace's arena */
    enum trace_kind kind;
    int64_t start_ns, end_ns; /* by the wall clock; 0: it is open */
    uint64_t began_ns;
    bool failed;
    struct buffer attributes; /* an array, its end apart */
    struct json_writer json;
};

struct trace {
    unsigned char id[TRACE_ID_BYTES];
    struct arena arena;
    struct span spans[TRACE_SPANS_MAX];
    int count, open; /* `open`: the innermost */
};

struct trace *trace_create(void)
{
    struct trace *trace = memory_alloc(1, sizeof(*trace));
    arena_init(&trace->arena);
    trace->open = TRACE_NONE;
    if (sodium_init() >= 0)
        randombytes_buf(trace->id, sizeof(trace->id));
    return trace;
}

void trace_free(struct trace *trace)
{
    if (trace == NULL)
        return;
    for (int i = 0; i < trace->count; i++)
        buffer_release(&trace->spans[i].attributes);
    arena_release(&trace->arena);
    free(trace);
}

int trace_begin(struct trace *trace, const char *name, enum trace_kind kind)
{
    if (trace == NULL || trace->count == TRACE_SPANS_MAX)
        return TRACE_NONE;
    struct span *span = &trace->spans[trace->count];
    *span = (struct span){.parent = trace->open,
                          .name = arena_text(&trace->arena, slice_from(name)),
                          .kind = kind,
                          .start_ns = clock_wall_ns(),
                          .began_ns = clock_now_ns()};
    randombytes_buf(span->id, sizeof(span->id));
    buffer_init(&span->attributes, ATTRIBUTES_BYTES_MAX);
    json_writer_init(&span->json, &span->attributes);
    json_array_begin(&span->json);
    trace->open = trace->count++;
    return trace->open;
}

static struct span *find(struct trace *trace, int span)
{
    assert(trace == NULL || span < trace->count);
    return trace != NULL && span >= 0 && trace->spans[span].end_ns == 0 ? &trace->spans[span] : NULL;
}

void trace_end(struct trace *trace, int number)
{
    struct span *span = find(trace, number);
    if (span == NULL)
        return;
    json_array_end(&span->json);
    span->end_ns = span->start_ns + (int64_t)(clock_now_ns() - span->began_ns); /* the wall clock may be set meanwhile */
    if (trace->open == number)
        trace->open = span->parent;
}

/* ---- attributes ---- */

/* {"key":…,"value":{"stringValue":…}}: up to the value itself. */
static void open_value(struct json_writer *json, const char *key, const char *type)
{
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"key", key}, 1);
    json_key(json, "value");
    json_object_begin(json);
    json_key(json, type);
}

static void close_value(struct json_writer *json)
{
    json_object_end(json);
    json_object_end(json);
}

static void put_text(struct json_writer *json, const char *key, struct slice text)
{
    open_value(json, key, "stringValue");
    json_text(json, text);
    close_value(json);
}

void trace_text(struct trace *trace, int number, const char *key, struct slice text)
{
    struct span *span = find(trace, number);
    if (span != NULL)
        put_text(&span->json, key, text);
}

void trace_texts(struct trace *trace, int number, const char *key, const struct slice *texts, size_t count)
{
    struct span *span = find(trace, number);
    if (span == NULL)
        return;
    open_value(&span->json, key, "arrayValue");
    json_object_begin(&span->json);
    json_key(&span->json, "values");
    json_array_begin(&span->json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&span->json);
        json_key(&span->json, "stringValue");
        json_text(&span->json, texts[i]);
        json_object_end(&span->json);
    }
    json_array_end(&span->json);
    json_object_end(&span->json);
    close_value(&span->json);
}

void trace_integer(struct trace *trace, int number, const char *key, int64_t value)
{
    char digits[24];
    struct span *span = find(trace, number);
    if (span == NULL)
        return;
    snprintf(digits, sizeof(digits), "%lld", (long long)value);
    open_value(&span->json, key, "intValue");
    json_text(&span->json, slice_from(digits));
    close_value(&span->json);
}

static void put_real(struct json_writer *json, const char *key, double value)
{
    open_value(json, key, "doubleValue");
    json_real(json, value, 9);
    close_value(json);
}

void trace_real(struct trace *trace, int number, const char *key, double value)
{
    struct span *span = find(trace, number);
    if (span != NULL)
        put_real(&span->json, key, value);
}

void trace_bool(struct trace *trace, int number, const char *key, bool value)
{
    struct span *span = find(trace, number);
    if (span == NULL)
        return;
    open_value(&span->json, key, "boolValue");
    json_bool(&span->json, value);
    close_value(&span->json);
}

void trace_fail(struct trace *trace, int number, const struct error *error)
{
    struct span *span = find(trace, number);
    if (span == NULL)
        return;
    span->failed = true;
    put_text(&span->json, "error.type", slice_from(error_kind_name(error->kind)));
}

void trace_documents(struct trace *trace, int number, const struct trace_document *documents, size_t count)
{
    struct span *span = find(trace, number);
    if (span == NULL)
        return;
    struct json_writer *json = &span->json;
    open_value(json, "gen_ai.retrieval.documents", "arrayValue");
    json_object_begin(json);
    json_key(json, "values");
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(json);
        json_key(json, "kvlistValue");
        json_object_begin(json);
        json_key(json, "values");
        json_array_begin(json);
        put_text(json, "id", documents[i].id);
        put_real(json, "score", documents[i].score);
        json_array_end(json);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
    close_value(json);
}

/* ---- as a document ---- */

static void write_id(struct json_writer *json, const char *key, const unsigned char *id, size_t size)
{
    char text[2 * TRACE_ID_BYTES + 1];
    sodium_bin2hex(text, sizeof(text), id, size);
    json_texts(json, &(struct json_text_member){key, text}, 1);
}

static void write_time(struct json_writer *json, const char *key, int64_t wall_ns)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", (long long)wall_ns);
    json_texts(json, &(struct json_text_member){key, digits}, 1);
}

static void write_span(const struct trace *trace, const struct span *span, struct json_writer *json)
{
    json_object_begin(json);
    write_id(json, "traceId", trace->id, sizeof(trace->id));
    write_id(json, "spanId", span->id, sizeof(span->id));
    if (span->parent != TRACE_NONE)
        write_id(json, "parentSpanId", trace->spans[span->parent].id, sizeof(span->id));
    json_texts(json, &(struct json_text_member){"name", span->name}, 1);
    json_integers(json, &(struct json_integer_member){"kind", span->kind}, 1);
    write_time(json, "startTimeUnixNano", span->start_ns);
    write_time(json, "endTimeUnixNano", span->end_ns);
    json_key(json, "attributes");
    json_raw(json, span->attributes.failed ? SLICE("[]") : buffer_slice(&span->attributes));
    json_key(json, "status");
    json_object_begin(json);
    if (span->failed)
        json_integers(json, &(struct json_integer_member){"code", STATUS_ERROR}, 1);
    json_object_end(json);
    json_object_end(json);
}

static void begin_list(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_array_begin(json);
}

void trace_write(struct trace *trace, struct buffer *out)
{
    struct json_writer writer, *json = &writer;
    for (int i = trace->count; i-- > 0;)
        trace_end(trace, i);
    json_writer_init(json, out);
    json_object_begin(json);
    begin_list(json, "resourceSpans");
    json_object_begin(json);
    json_key(json, "resource");
    json_object_begin(json);
    begin_list(json, "attributes");
    put_text(json, "service.name", SLICE("assay"));
    put_text(json, "service.version", SLICE(ASSAY_VERSION));
    json_array_end(json);
    json_object_end(json);
    begin_list(json, "scopeSpans");
    json_object_begin(json);
    json_key(json, "scope");
    json_object_begin(json);
    json_texts(json, (const struct json_text_member[]){{"name", "assay"}, {"version", ASSAY_VERSION}}, 2);
    json_object_end(json);
    begin_list(json, "spans");
    for (int i = 0; i < trace->count; i++)
        write_span(trace, &trace->spans[i], json);
    json_array_end(json);
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
    json_array_end(json);
    json_object_end(json);
}
