/* kernel.c - chooses the table, once. */
#include "kernel.h"
#include "cpu.h"
#include "tables.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* From the plainest to the best; on one processor each holds all that those before it hold. */
static const struct {
    const char *name;
    unsigned needs;
    void (*fills[2])(struct kernels *kernels);
} levels[] = {
    {"reference", CPU_ALWAYS, {kernels_postings_reference, kernels_vectors_reference}},
    {"neon", CPU_NEON, {kernels_postings_neon, kernels_vectors_neon}},
    {"sse4", CPU_SSE4, {kernels_postings_sse4, kernels_vectors_sse4}},
    {"avx2", CPU_AVX2, {kernels_postings_avx2, kernels_vectors_avx2}},
    {"avx512", CPU_AVX512, {kernels_vectors_avx512}},
    {"avx512_vnni", CPU_AVX512_VNNI, {kernels_vectors_avx512_vnni, kernels_multiply8_avx512_vnni}},
    {"avx512_bf16", CPU_AVX512_BF16, {kernels_vectors_avx512_bf16, kernels_attention_avx512_bf16}},
    {"amx", CPU_AMX, {kernels_attention_amx}},
};

static struct kernels tables[ARRAY_COUNT(levels)];
static const struct kernels *available[ARRAY_COUNT(levels)];
static size_t available_count;
static const struct kernels *chosen;
static pthread_once_t choose_once = PTHREAD_ONCE_INIT;

static void choose(void)
{
    unsigned features = cpu_features();
    struct kernels kernels = {0};
    for (size_t i = 0; i < ARRAY_COUNT(levels); i++) {
        if ((levels[i].needs & ~features) != 0)
            continue;
        kernels.name = levels[i].name;
        kernels.features |= levels[i].needs;
        for (size_t f = 0; f < ARRAY_COUNT(levels[i].fills); f++)
            if (levels[i].fills[f] != NULL)
                levels[i].fills[f](&kernels);
        tables[i] = kernels;
        available[available_count++] = &tables[i];
    }
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
