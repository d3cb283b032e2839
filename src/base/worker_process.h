/* worker_process.h - what a worker does, for worker.c, which asks it, and nursery.c, which forks it. */
#ifndef BASE_WORKER_PROCESS_H
#define BASE_WORKER_PROCESS_H

#include "worker.h"

/* On the socket to a worker, in both directions, messages:
 *
 *   u64 size, then that many bytes     to the worker: u32 job, input
 *                                      from it: u8 1, output  or  u8 0, u8 kind, u32 size, message, hint
 *                                      before, from work that hands over its output in parts: u8 2, part
 *
 * A worker says first that it is confined, by an empty output, or why it cannot be. It ends when its socket does. */
enum { TAG_ERROR, TAG_OUTPUT, TAG_PART };
enum { WORKER_ERROR_BYTES = 4096 /* of an encoded error, more than one can have */ };

/* What a forked process needs to know. */
struct worker_order {
    worker_function *work;
    worker_preparation *prepare; /* NULL: nothing */
    unsigned prepared_for;
    size_t memory_bytes, output_bytes;
};

/* The process becomes a worker that is asked through `socket`, all that it has of this. After confine_prepare(). */
_Noreturn void worker_process_be(const struct worker_order *order, int socket);

/* Neither what a terminal sends nor a pipe's end is the business of a process that reads for another. */
void worker_process_set_signals(void);

#endif
