#include "crew.h"
#include <sched.h>

/* Members wait for microseconds, far less than a sleep and a wake-up cost, so they look again and again; a member that was
 * taken off its core would keep the others turning, so after a while they yield. */
void crew_wait(struct crew *crew)
{
    enum { LOOKS_BEFORE_YIELD = 20000 };
    if (crew->members == 1)
        return;
    size_t round = atomic_load_explicit(&crew->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&crew->arrived, 1, memory_order_acq_rel) + 1 == crew->members) {
        atomic_store_explicit(&crew->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&crew->round, round + 1, memory_order_release);
        return;
    }
    for (size_t looks = 0; atomic_load_explicit(&crew->round, memory_order_acquire) == round; looks++) {
        if (looks >= LOOKS_BEFORE_YIELD)
            (void)sched_yield();
#if defined(__x86_64__)
        else
            __builtin_ia32_pause();
#endif
    }
}

void crew_share(const struct crew *crew, size_t member, size_t count, size_t *begin, size_t *end)
{
    *begin = count * member / crew->members;
    *end = count * (member + 1) / crew->members;
}
