#include "thread.h"
#include "limits.h"
#include "memory.h"
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

struct pool {
    pthread_mutex_t lock; /* guards all below but `next` */
    pthread_cond_t wake;  /* a loop began, or the pool ends */
    pthread_cond_t done;  /* the last worker left the loop */
    pthread_cond_t turn;  /* the next caller may run its loop */
    unsigned long asked;  /* callers that came; each takes its number, so that they run in the order in which they came */
    unsigned long served; /* callers whose loop is done: the number of the one whose turn it is */
    pthread_t *threads;   /* thread_count - 1: the caller is the other one */
    size_t thread_count;
    size_t started; /* workers that exist */
    size_t busy;    /* workers inside the current loop */
    unsigned long loop_number;
    bool open; /* the current loop takes workers in: one that wakes up too late is not waited for */
    bool ending;
    void (*work)(void *context, size_t index, size_t thread);
    void *context;
    size_t count;
    atomic_size_t next;
};

struct worker {
    struct pool *pool;
    size_t thread;
};

size_t thread_core_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > LIMIT_THREADS ? LIMIT_THREADS : (size_t)count;
}

/* As the system has it, in its first version (sched_setattr(2)), for which older C libraries have neither a structure nor a function. */
struct schedule {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
};

void thread_take_short_turns(void)
{
    enum { RESET_ON_FORK = 1, TURN_NS = 100000 /* the shortest that there is */ };
    const struct schedule schedule = {.size = sizeof(schedule),
                                      .policy = SCHED_OTHER,
                                      .flags = RESET_ON_FORK,
                                      .nice = getpriority(PRIO_PROCESS, 0),
                                      .runtime_ns = TURN_NS};
    if (sched_getscheduler(0) == SCHED_OTHER)
        (void)syscall(SYS_sched_setattr, 0, &schedule, 0);
}

static void run_loop(struct pool *pool, size_t thread)
{
    size_t index;
    while ((index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < pool->count)
        pool->work(pool->context, index, thread);
}

static void *worker_main(void *argument)
{
    struct worker worker = *(struct worker *)argument;
    struct pool *pool = worker.pool;
    free(argument);
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->loop_number == seen && !pool->ending)
            pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->ending)
            break;
        seen = pool->loop_number;
        if (!pool->open)
            continue;
        pool->busy++;
        pthread_mutex_unlock(&pool->lock);
        run_loop(pool, worker.thread);
        pthread_mutex_lock(&pool->lock);
        if (--pool->busy == 0)
            pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t until_ns)
{
    const struct timespec until = {.tv_sec = (time_t)(until_ns / NS_PER_S), .tv_nsec = (long)(until_ns % NS_PER_S)};
    return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}

struct pool *pool_create(size_t thread_count)
{
    struct pool *pool = memory_alloc(1, sizeof(*pool));
    if (thread_count == 0)
        thread_count = thread_core_count();
    assert(thread_count <= LIMIT_THREADS);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->turn, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->threads = memory_alloc(thread_count, sizeof(*pool->threads));
    for (size_t i = 1; i < thread_count; i++) {
        struct worker *worker = memory_alloc(1, sizeof(*worker));
        *worker = (struct worker){.pool = pool, .thread = pool->started + 1};
        if (pthread_create(&pool->threads[pool->started], NULL, worker_main, worker) != 0) {
            free(worker); /* fewer threads than cores: slower, not wrong */
            break;
        }
        pool->started++;
    }
    pool->thread_count = pool->started + 1;
    return pool;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->started; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->turn);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}

size_t pool_thread_count(const struct pool *pool)
{
    return pool->thread_count;
}

/* A mutex for the turn would let a caller of loop after loop take it again before the one it woke has come. */
static void take_turn(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    unsigned long number = pool->asked++;
    while (pool->served != number)
        pthread_cond_wait(&pool->turn, &pool->lock);
    assert(pool->busy == 0);
    pthread_mutex_unlock(&pool->lock);
}

static void end_turn(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->open = false;
    while (pool->busy > 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    if (++pool->served != pool->asked)
        pthread_cond_broadcast(&pool->turn);
    pthread_mutex_unlock(&pool->lock);
}

static void hand_out(struct pool *pool, size_t count, void (*work)(void *context, size_t index, size_t thread), void *context)
{
    pthread_mutex_lock(&pool->lock);
    pool->work = work;
    pool->context = context;
    pool->count = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    pool->open = true;
    pool->loop_number++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
}

void pool_parallel_for(struct pool *pool, size_t count, void (*work)(void *context, size_t index, size_t thread), void *context)
{
    take_turn(pool); /* even without workers: `thread` 0 names the caller's scratch */
    if (pool->started == 0 || count <= 1) {
        for (size_t i = 0; i < count; i++)
            work(context, i, 0);
    } else {
        hand_out(pool, count, work, context);
        run_loop(pool, 0);
    }
    end_turn(pool);
}
