/* server.h - `assay serve`: a project over HTTP, as OpenAI's clients speak it.
 *
 *   client ══ connection ── one thread, epoll: reads requests, writes answers, never works
 *                 │ request            ▲ pieces of the answer
 *                 ▼                    │
 *               lanes: control │ search │ model │ answer   each a queue with threads, each thread with its own handle of assay.h
 *
 * A request is parsed once (codec); its path is looked up once, in route.c, and the entry found says both who may ask and what answers.
 * Everything is bounded: head, body, time for either, connections, what waits, what an idle reader leaves unread. Who comes too many is
 * told so at once (503, Retry-After) instead of waiting. The room prints: log lines, a JSON object each, on standard error. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "base/base.h"

struct assay_error;

struct server_options {
    const char *folder; /* of the project, as for assay_open */
    const char *listen; /* NULL: as assay.yaml has it; port 0: any free one */
    const char *tls_certificate, *tls_key; /* files in PEM form, both or none: HTTPS */
    bool quiet; /* no log line for a request that was answered well */
    /* Once it listens. `admin_key` is told this once, when the project had no key with @admin: NULL else. */
    void (*on_ready)(void *context, const char *address, const char *admin_key);
    void *context;
};

/* Serves until SIGTERM or SIGINT, then answers what was begun; SIGHUP reads assay.yaml, and the certificate, anew. Blocks these signals for the process. */
bool server_run(const struct server_options *options, struct assay_error *error) MUST_USE;

#endif
