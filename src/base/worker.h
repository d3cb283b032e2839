/* worker.h - work on bytes that nobody vouches for, done in processes of their own that are confined (confine.h).
 *
 *   thread ── job, input ──▶ worker (forked: no files, no network, limits on memory and time)
 *          ◀─ output or error ─┘   the thread checks the output, and stops a worker that takes too long
 *
 * A worker that crashes, hangs or takes too much costs the one input that it had. Workers are started only by workers_start, which is to be
 * called while no other thread of the program works: a fork copies locks as they are. So between two starts there may be too few of them.
 * With AddressSanitizer a worker's memory is not limited; ThreadSanitizer does not look into workers. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "buffer.h"

/* In the worker: appends to `output`, whose maximum is that of the limits, or fails. */
typedef bool worker_function(unsigned job, struct slice input, struct buffer *output, struct error *error);

struct worker_limits {
    unsigned wall_ms;         /* for one input */
    unsigned wall_ms_per_mib; /* and more for each MiB of it */
    size_t memory_bytes;
    size_t output_bytes;
};

struct workers;
struct workers *workers_create(worker_function *work, const struct worker_limits *limits, size_t count_max) MUST_USE;
void workers_free(struct workers *workers); /* NULL is fine; ends them */

/* Starts workers for inputs of this group until `count` (at the most count_max) are there; with fewer, but one, it goes on. A worker is for
 * inputs of one group: one that was taken over by an input cannot mix it into those of another. */
bool workers_start(struct workers *workers, uint64_t group, size_t count, struct error *error) MUST_USE;

enum worker_outcome {
    WORKER_DONE,
    WORKER_FAILED, /* by the work, or instead of it, as the error says */
    WORKER_NONE /* there is no worker of the group free: nothing was tried */
};

/* What came back from a process that may have been taken over. False: it cannot be right, and the worker is ended. */
typedef bool worker_check(void *context, struct slice output, struct error *error);

/* May be called by several threads at once. */
enum worker_outcome workers_run(struct workers *workers, uint64_t group, unsigned job, struct slice input, worker_check *check,
                                void *context, struct error *error) MUST_USE;

#endif
