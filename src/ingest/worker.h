/* worker.h - readers of formats that hostile documents are made in work in processes of their own, confined (base/confine.h). Private.
 *
 *   thread ── job, document ──▶ worker (forked, no files, no network, limits on memory and time)
 *          ◀─ extract or error ─┘  the thread checks all of it, and stops a worker that takes too long
 *
 * A worker that crashes, hangs or takes too much costs the one document that it read. Workers are started only by workers_start, which is
 * to be called while no other thread of the program works: a fork copies locks as they are. Between two starts there may be too few. */
#ifndef INGEST_WORKER_H
#define INGEST_WORKER_H

#include "codec/codec.h"

/* In the worker: ends the extract, or fails. */
typedef bool worker_function(unsigned job, struct slice source, struct extract *extract, struct error *error);

struct worker_limits {
    unsigned wall_ms; /* for one document */
    unsigned wall_ms_per_mib; /* and more for each MiB of it */
    size_t memory_bytes;
};

struct workers;
struct workers *workers_create(worker_function *work, const struct worker_limits *limits, size_t count_max) MUST_USE;
void workers_free(struct workers *workers); /* NULL is fine; ends them */

/* Starts workers until `count` (at the most count_max) are there. */
bool workers_start(struct workers *workers, size_t count, struct error *error) MUST_USE;

enum worker_outcome {
    WORKER_READ,
    WORKER_FAILED, /* by the reader, or instead of it, as the error says */
    WORKER_NONE /* there is no worker free: nothing was tried */
};

/* `extract` was initialised and is empty. May be called by several threads at once. */
enum worker_outcome workers_read(struct workers *workers, unsigned job, struct slice source, struct extract *extract,
                                 struct error *error) MUST_USE;

#endif
