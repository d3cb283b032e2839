/* allocator.c - what the C library's allocator is told, and what it tells. Elsewhere than with glibc there is nothing to say. */
#include "exchange.h"
#include <malloc.h>

/* What a handle of the project holds is much, and lies in the allocator's part of the thread that uses it: kept there, it would grow with each thread
 * that opens one, and with each opening. */
void keep_memory_together(void)
{
#ifdef __GLIBC__
    enum { PARTS_MAX = 4, LARGE_BYTES = 1 << 20, SPARE_BYTES = 8 << 20 };
    (void)mallopt(M_ARENA_MAX, PARTS_MAX);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); /* which would grow with what was freed, and so keep ever more */
    (void)mallopt(M_TRIM_THRESHOLD,
                  SPARE_BYTES); /* else what each request takes goes back to the system, and comes again page by page */
#endif
}

/* Not under a sanitizer, whose allocator stands in for glibc's: that was never set up, and malloc_trim by two threads at once would do so twice. */
void give_back_memory(void)
{
#if defined(__GLIBC__) && !CONFINE_SANITIZED
    (void)malloc_trim(0);
#endif
}

/* What was asked for and not freed: without what the allocator keeps, which comes and goes with what is asked at once. */
size_t memory_in_use(void)
{
#if defined(__GLIBC__) && !CONFINE_SANITIZED
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}
