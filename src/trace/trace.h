/* trace.h - how an answer came about, as spans that any OpenTelemetry collector takes: what ran, from when to when, within what.
 *
 *   trace_begin ─ attributes ─ trace_end   while the answer is made: memory alone
 *        │
 *        ▼ tracer_send                     a copy as OTLP/HTTP JSON into a queue; a full queue drops it
 *   [ queue ] ─▶ one thread ─▶ collector or file
 *
 * Names follow OpenTelemetry's conventions for generative AI (gen_ai.*); what they have no name for begins with "assay.". No question, no answer and
 * no passage goes out, and nothing here makes an answer fail or wait. */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "codec/codec.h"

/* ---- one answer ---- */

enum trace_kind { TRACE_INTERNAL = 1, TRACE_SERVER = 2, TRACE_CLIENT = 3 }; /* as OTLP numbers them */
enum { TRACE_SPANS_MAX = 64, TRACE_NONE = -1 };

struct trace;

struct trace *trace_create(void) MUST_USE;
void trace_free(struct trace *trace); /* NULL is fine */

/* A span within the one that is open; its number, for trace_end. All functions take a NULL trace and the number TRACE_NONE, and do nothing:
 * what is measured need not ask whether it is. */
int trace_begin(struct trace *trace, const char *name, enum trace_kind kind);
void trace_end(struct trace *trace, int number);

/* The span failed: for error.type. */
void trace_fail(struct trace *trace, int number, const struct error *error);

/* Attributes of a span that is open. */
void trace_text(struct trace *trace, int number, const char *key, struct slice text);
void trace_texts(struct trace *trace, int number, const char *key, const struct slice *texts, size_t count); /* a list */
void trace_integer(struct trace *trace, int number, const char *key, int64_t value);
void trace_real(struct trace *trace, int number, const char *key, double value);
void trace_bool(struct trace *trace, int number, const char *key, bool value);

/* gen_ai.retrieval.documents: one more {id, score} of it. All of a span's stand behind one another. */
struct trace_document {
    struct slice id;
    double score;
};
void trace_documents(struct trace *trace, int number, const struct trace_document *documents, size_t count);

/* An ExportTraceServiceRequest. Spans that are open end now. */
void trace_write(struct trace *trace, struct buffer *out);

/* ---- on the way out ---- */

struct tracer;

/* `to`: the address of a collector ("http://127.0.0.1:4318/v1/traces"), or a file, which gets a line each. */
struct tracer *tracer_create(const char *to) MUST_USE;
/* Gives what waits a moment (TRACER_CLOSE_MS) to leave. NULL is fine. */
void tracer_free(struct tracer *tracer);

enum { TRACER_WAITING_MAX = 256, TRACER_CLOSE_MS = 1000 };

/* Never waits and never fails. */
void tracer_send(struct tracer *tracer, struct trace *trace);

struct tracer_figures {
    uint64_t sent, failed, dropped;
};
struct tracer_figures tracer_figures(struct tracer *tracer);

#endif
