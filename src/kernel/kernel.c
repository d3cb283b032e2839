/* kernel.c - chooses the table, once. */
#include "kernel.h"
#include "cpu.h"
#include "tables.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* From the plainest to the best. */
static const struct {
    const struct kernels *table;
    unsigned needs;
} all_tables[] = {
    {&kernels_reference, CPU_ALWAYS},
    {&kernels_neon, CPU_NEON},
    {&kernels_sse4, CPU_SSE4},
    {&kernels_avx2, CPU_AVX2},
};

static const struct kernels *available[ARRAY_COUNT(all_tables)];
static size_t available_count;
static const struct kernels *chosen;
static pthread_once_t choose_once = PTHREAD_ONCE_INIT;

static void choose(void)
{
    unsigned features = cpu_features();
    for (size_t i = 0; i < ARRAY_COUNT(all_tables); i++)
        if ((all_tables[i].needs & ~features) == 0)
            available[available_count++] = all_tables[i].table;
    chosen = available[available_count - 1];
    /* A name that is not here leaves the best: the same test script then runs on every machine. */
    const char *forced = getenv("ASSAY_CPU");
    for (size_t i = 0; i < available_count && forced != NULL; i++)
        if (strcmp(forced, available[i]->name) == 0)
            chosen = available[i];
}

const struct kernels *kernels(void)
{
    pthread_once(&choose_once, choose);
    return chosen;
}

const struct kernels *const *kernels_available(size_t *count)
{
    pthread_once(&choose_once, choose);
    *count = available_count;
    return available;
}
