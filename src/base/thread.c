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

/* A loop under way, in its caller's memory. */
struct loop {
    void (*work)(void *context, size_t index, size_t thread);
    void *context;
    size_t count;
    atomic_size_t next;
    size_t at_work;       /* threads inside it */
    bool is_met;          /* somebody came to it */
    bool waits;           /* its caller, for a place */
    size_t place;         /* that the caller was given */
    pthread_cond_t moved; /* the caller has a place, or the last thread left */
    struct loop *following;
};

struct pool {
    pthread_mutex_t lock; /* guards all below but `lonely`, which is written under it */
    pthread_cond_t wake;  /* a loop began, or the pool ends */
    pthread_t *threads;   /* thread_count - 1: a caller is the other one */
    size_t thread_count;
    size_t started; /* workers that exist */
    bool *taken;    /* places: whoever works has one, and they are as many as threads may work at a time */
    struct loop *first, *last;
    atomic_size_t lonely; /* loops that nobody has come to yet */
    bool ending;
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

static bool has_items(const struct loop *loop)
{
    return atomic_load_explicit(&loop->next, memory_order_relaxed) < loop->count;
}

static bool take_place(struct pool *pool, size_t *place)
{
    for (size_t i = 0; i <= pool->started; i++)
        if (!pool->taken[i]) {
            pool->taken[i] = true;
            *place = i;
            return true;
        }
    return false;
}

/* Of the loops with items left, the one with the fewest threads, and of these the oldest. */
static struct loop *choose_loop(const struct pool *pool)
{
    struct loop *chosen = NULL;
    for (struct loop *loop = pool->first; loop != NULL; loop = loop->following)
        if (has_items(loop) && (chosen == NULL || loop->at_work < chosen->at_work))
            chosen = loop;
    return chosen;
}

/* Hands the place to the caller who waits longest, whose turn it is: one that only woke up could be overtaken by who calls again and again. */
static void give_place(struct pool *pool, size_t place)
{
    struct loop *loop = pool->first;
    while (loop != NULL && !(loop->waits && has_items(loop)))
        loop = loop->following;
    pool->taken[place] = loop != NULL;
    if (loop == NULL) {
        if (choose_loop(pool) != NULL) /* its caller has a place, and workers slept while there was no other one */
            pthread_cond_signal(&pool->wake);
        return;
    }
    loop->waits = false;
    loop->place = place;
    pthread_cond_signal(&loop->moved);
}

static void enter(struct pool *pool, struct loop *loop)
{
    loop->at_work++;
    if (!loop->is_met)
        atomic_fetch_sub_explicit(&pool->lonely, 1, memory_order_relaxed);
    loop->is_met = true;
}

static void leave(struct loop *loop)
{
    if (--loop->at_work == 0)
        pthread_cond_signal(&loop->moved);
}

static bool next_item(struct loop *loop, size_t place)
{
    size_t index = atomic_fetch_add_explicit(&loop->next, 1, memory_order_relaxed);
    if (index >= loop->count)
        return false;
    loop->work(loop->context, index, place);
    return true;
}

/* A worker is wanted more where nobody is. */
static bool is_wanted_elsewhere(struct pool *pool, const struct loop *loop)
{
    if (atomic_load_explicit(&pool->lonely, memory_order_relaxed) == 0)
        return false;
    pthread_mutex_lock(&pool->lock);
    bool is_wanted = loop->at_work > 1 && atomic_load_explicit(&pool->lonely, memory_order_relaxed) > 0;
    pthread_mutex_unlock(&pool->lock);
    return is_wanted;
}

/* From one loop to the next, until there is none. */
static void work_on_loops(struct pool *pool, size_t place)
{
    for (struct loop *loop; (loop = choose_loop(pool)) != NULL;) {
        enter(pool, loop);
        pthread_mutex_unlock(&pool->lock);
        while (next_item(loop, place) && !is_wanted_elsewhere(pool, loop)) {
        }
        pthread_mutex_lock(&pool->lock);
        leave(loop);
    }
}

static void *worker_main(void *argument)
{
    struct pool *pool = argument;
    size_t place;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ending) {
        if (choose_loop(pool) != NULL && take_place(pool, &place)) {
            work_on_loops(pool, place);
            give_place(pool, place);
        } else {
            pthread_cond_wait(&pool->wake, &pool->lock);
        }
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
    pthread_cond_init(&pool->wake, NULL);
    pool->threads = memory_alloc(thread_count, sizeof(*pool->threads));
    pool->taken = memory_alloc(thread_count, sizeof(*pool->taken));
    pthread_mutex_lock(&pool->lock);
    while (pool->started + 1 < thread_count) {
        if (pthread_create(&pool->threads[pool->started], NULL, worker_main, pool) != 0)
            break; /* fewer threads than cores: slower, not wrong */
        pool->started++;
    }
    pool->thread_count = pool->started + 1;
    pthread_mutex_unlock(&pool->lock);
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
    pthread_mutex_destroy(&pool->lock);
    free(pool->taken);
    free(pool->threads);
    free(pool);
}

size_t pool_thread_count(const struct pool *pool)
{
    return pool->thread_count;
}

static void put_in(struct pool *pool, struct loop *loop)
{
    *(pool->last != NULL ? &pool->last->following : &pool->first) = loop;
    pool->last = loop;
    atomic_fetch_add_explicit(&pool->lonely, 1, memory_order_relaxed);
}

static void take_out(struct pool *pool, const struct loop *loop)
{
    struct loop *before = NULL;
    for (struct loop *one = pool->first; one != loop; one = one->following)
        before = one;
    *(before != NULL ? &before->following : &pool->first) = loop->following;
    if (pool->last == loop)
        pool->last = before;
}

/* A place for the caller; false: its loop was done by others meanwhile. */
static bool wait_for_place(struct pool *pool, struct loop *loop)
{
    if (take_place(pool, &loop->place))
        return true;
    loop->waits = true;
    while (loop->waits && (has_items(loop) || loop->at_work > 0))
        pthread_cond_wait(&loop->moved, &pool->lock);
    bool has_place = !loop->waits;
    loop->waits = false;
    return has_place;
}

static void work_on_own(struct pool *pool, struct loop *loop)
{
    enter(pool, loop);
    if (loop->count > 1 && pool->started > 0)
        pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    while (next_item(loop, loop->place)) {
    }
    pthread_mutex_lock(&pool->lock);
    loop->at_work--;
    give_place(pool, loop->place);
}

void pool_parallel_for(struct pool *pool, size_t count, void (*work)(void *context, size_t index, size_t thread), void *context)
{
    struct loop loop = {.work = work, .context = context, .count = count};
    if (count == 0)
        return;
    pthread_cond_init(&loop.moved, NULL);
    pthread_mutex_lock(&pool->lock);
    put_in(pool, &loop);
    if (wait_for_place(pool, &loop))
        work_on_own(pool, &loop);
    while (loop.at_work > 0)
        pthread_cond_wait(&loop.moved, &pool->lock);
    take_out(pool, &loop);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&loop.moved);
}
