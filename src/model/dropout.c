/* dropout.c - which numbers are dropped: by a counter, so that nothing need be kept for the way back, and nothing depends on threads. */
#include "kernel/kernel.h"
#include "trainable.h"
#include <assert.h>
#include <math.h>

/* The rest of a block of columns, from its column `skipped` on; returns how many. */
static size_t drop_rest(const struct kernel_drop *drop, size_t skipped, float *values, size_t count)
{
    float factors[KERNEL_DROP_COLUMNS];
    size_t rest = KERNEL_DROP_COLUMNS - skipped < count ? KERNEL_DROP_COLUMNS - skipped : count;
    for (size_t i = 0; i < KERNEL_DROP_COLUMNS; i++)
        factors[i] = 1;
    kernels()->drop(factors, drop, KERNEL_DROP_COLUMNS);
    kernels()->multiply(values, values, factors + skipped, rest);
    return rest;
}

void dropout_apply(const struct dropout *dropout, uint32_t site, size_t row, size_t first_column, float *values, size_t count)
{
    size_t skipped = first_column % KERNEL_DROP_COLUMNS;
    struct kernel_drop drop = {.key = {(uint32_t)dropout->seed, (uint32_t)(dropout->seed >> 32)},
                               .row = (uint32_t)row,
                               .site = site,
                               .step = (uint32_t)dropout->step,
                               .block = (uint32_t)(first_column / KERNEL_DROP_COLUMNS),
                               .threshold = (uint32_t)lrintf(dropout->part * 65536)};
    assert(drop.threshold < 65536);
    drop.factor = 65536.0F / (float)(65536 - drop.threshold);
    if (drop.threshold == 0 || count == 0)
        return;
    if (skipped > 0) {
        size_t rest = drop_rest(&drop, skipped, values, count);
        values += rest;
        count -= rest;
        drop.block++;
    }
    kernels()->drop(values, &drop, count);
}
