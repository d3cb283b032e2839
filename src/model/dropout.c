/* dropout.c - which numbers are dropped: by a counter, so that nothing need be kept for the way back, and nothing depends on threads. */
#include "kernel/kernel.h"
#include "trainable.h"
#include <assert.h>
#include <math.h>

void dropout_apply(const struct dropout *dropout, uint32_t site, size_t row, size_t first_column, float *values, size_t count)
{
    assert(first_column % DROPOUT_COLUMNS == 0);
    _Static_assert(DROPOUT_COLUMNS == KERNEL_DROP_COLUMNS, "columns that are drawn together");
    struct kernel_drop drop = {.key = {(uint32_t)dropout->seed, (uint32_t)(dropout->seed >> 32)},
                               .row = (uint32_t)row,
                               .site = site,
                               .step = (uint32_t)dropout->step,
                               .block = (uint32_t)(first_column / DROPOUT_COLUMNS),
                               .threshold = (uint32_t)lrintf(dropout->part * 65536)};
    assert(drop.threshold < 65536);
    drop.factor = 65536.0F / (float)(65536 - drop.threshold);
    if (drop.threshold > 0)
        kernels()->drop(values, &drop, count);
}
