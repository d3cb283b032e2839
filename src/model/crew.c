#include "crew.h"
#include <sched.h>

/* Items last microseconds, far less than a sleep and a wake-up cost, so members look again and again; one whose thread was taken off
 * its core would keep the others turning, so after a while they yield. */
static void wait_for(const atomic_size_t *done, size_t count)
{
    enum { LOOKS_BEFORE_YIELD = 500 };
    for (size_t looks = 0; atomic_load_explicit(done, memory_order_acquire) < count; looks++) {
        if (looks >= LOOKS_BEFORE_YIELD)
            (void)sched_yield();
#if defined(__x86_64__)
        else
            __builtin_ia32_pause();
#endif
    }
}

void crew_do(struct crew *crew, size_t step, size_t count, void (*work)(void *context, size_t item), void *context)
{
    if (crew->members == 1) {
        for (size_t item = 0; item < count; item++)
            work(context, item);
        return;
    }
    struct crew_step *state = &crew->steps[step];
    size_t item;
    while ((item = atomic_fetch_add_explicit(&state->taken, 1, memory_order_relaxed)) < count) {
        work(context, item);
        atomic_fetch_add_explicit(&state->done, 1, memory_order_acq_rel);
    }
    wait_for(&state->done, count);
}
