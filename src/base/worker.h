/* worker.h - work on bytes that nobody vouches for, done in processes of their own that are confined (confine.h).
 *
 *   thread ── job, input ──▶ worker (confined: no files, no network, limits on memory and time)
 *          ◀─ output or error ─┘   the thread checks the output, and stops a worker that takes too long
 *          ◀─ parts of it before   of what is larger than anybody would hold at once: the worker waits until each is taken
 *
 * A worker that crashes, hangs or takes too much costs the one input that it had. It is forked from a process that has this program's code
 * and none of its memory (nursery.h), so one that is taken over finds nothing there but its own input. A library that cannot have such a
 * process forks its workers from the program that it is in. Workers are started only by workers_start, which is to be called while no other
 * thread of the program works: a fork copies locks as they are. So between two starts there may be too few of them.
 * With AddressSanitizer a worker's memory is not limited; ThreadSanitizer does not look into workers. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "buffer.h"
#include "bytes.h"

/* In the worker: appends to `output`, whose maximum is that of the limits, or fails. */
typedef bool worker_function(unsigned job, struct slice input, struct buffer *output, struct error *error);

/* In the worker, from within its work: hands over a part of its output, `head` and `body` as one. False: nobody waits for more. */
bool worker_hand_over(struct slice head, struct slice body);

/* An error as the end of a message, and back: what is there is made safe to show, and what is none is told as damaged. */
void worker_put_error(const struct error *error, struct buffer *out);
void worker_take_error(struct bytes *bytes, struct error *error);

struct worker_limits {
    unsigned wall_ms; /* for one input */
    unsigned wall_ms_per_mib; /* and more for each MiB of it, and of parts that are handed over */
    bool (*buys_time)(struct slice part); /* which parts do; NULL: all */
    size_t memory_bytes;
    size_t output_bytes; /* or of one part of it */
    const char *advice; /* what to do with an input that is over them: "Split it" */
};

struct workers;
struct workers *workers_create(worker_function *work, const struct worker_limits *limits, size_t count_max) MUST_USE;
void workers_free(struct workers *workers); /* NULL is fine; ends them */

/* Before the first is started: each worker calls prepare(prepared_for) before it is confined whole, to open libraries that its work needs. Files
 * can be read then, and nothing else be done that a worker may not; the environment says where a user keeps libraries ($HOME, $XDG_DATA_HOME,
 * $XDG_CONFIG_HOME, $ASSAY_GRAMMARS). Not called in a worker that is forked from the program itself, where opening one may wait for a lock
 * that nobody holds any more. */
typedef void worker_preparation(unsigned prepared_for);
void workers_prepare(struct workers *workers, worker_preparation *prepare, unsigned prepared_for);

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

struct worker_taking {
    worker_check *take_part, *check; /* take_part NULL: the output comes in one */
    bool (*go_on)(void *context,
                  struct error *error); /* asked several times a second while the worker works; NULL: it goes on */
    void *context;
};

/* The same for work that hands over parts: take_part() has each of them in its order, check() what comes last. The time that
 * take_part() needs is not the worker's. When it or go_on() says false, the worker is ended. Once it was called, `input` is not looked at
 * any more. */
enum worker_outcome workers_stream(struct workers *workers, uint64_t group, unsigned job, struct slice input,
                                   const struct worker_taking *taking, struct error *error) MUST_USE;

#endif
