/* thread.h - the compute threads: a pool whose workers sleep until a loop is handed to them.
 *
 * No more threads work at a time than the pool has, whoever calls: two requests never fight for the cores. A second loop begins as soon as a thread is done
 * with an item of the first, and what is left of the one fills the end of the other. The caller works too, once it has a place. Work is split by index only,
 * never inside a sum: results do not depend on the number of threads. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include "attributes.h"
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

/* `thread_count` 0: one per core that this process may use. */
struct pool *pool_create(size_t thread_count) MUST_USE;
void pool_free(struct pool *pool);
size_t pool_thread_count(const struct pool *pool);

/* Calls work(context, i, thread) for each i in 0 … count-1, in any order, on up to thread_count threads, and returns when all
 * are done. `thread` is 0 … thread_count-1, another for each that works at this time, for whichever caller: the place of scratch.
 * Not to be called from inside work. */
void pool_parallel_for(struct pool *pool, size_t count, void (*work)(void *context, size_t index, size_t thread),
                       void *context);

/* The calling thread asks the system for many short turns in place of few long ones: what wakes it is done at once, not when those who compute have
 * had theirs, and it gets no more of the cores than before. Threads and programs that it starts later do not take it over. Where the system knows
 * nothing of the kind (Linux before 6.12), turns stay as they are. */
void thread_take_short_turns(void);

/* A condition whose waits end by clock_now_ns: who sets the machine's clock makes none of them longer or shorter. */
void condition_init(pthread_cond_t *condition);
bool condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ns); /* false: it is that time */

/* Cores this process may run on (affinity respected). */
size_t thread_core_count(void);

#endif
