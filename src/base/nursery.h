/* nursery.h - workers are forked from a process that has this program's code and none of its memory: a worker that is taken over finds no
 * other document there, and no key.
 *
 *   program ── exec ──▶ nursery ── fork ──▶ worker          the nursery is asked for each worker, over a socket; what it forks is
 *      └────────────── child of ────────────────┘           the program's child, which waits for it as for one of its own
 *
 * The program is executed anew, as "assay-readers", with no environment but what its libraries need; a constructor takes the process over
 * before main(). A library within another program has itself loaded into /bin/true. */
#ifndef BASE_NURSERY_H
#define BASE_NURSERY_H

#include "worker_process.h"
#include <sys/types.h>

struct nursery {
    pid_t process; /* 0: none; it is started when it is first needed */
    int socket;
    bool has_places; /* its environment says where the user keeps libraries */
};

enum nursery_outcome {
    NURSERY_DONE,
    NURSERY_FAILED,
    NURSERY_NONE /* this is a library, and what it is in lets it start no process of its own code */
};

/* A process that has become a worker for `socket`, or the error. To be called where fork() may be. */
enum nursery_outcome nursery_fork(struct nursery *nursery, const struct worker_order *order, int socket, pid_t *process,
                                  struct error *error);

void nursery_end(struct nursery *nursery);

#endif
