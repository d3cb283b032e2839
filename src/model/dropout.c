/* dropout.c - which numbers are dropped, by a counter: Philox4x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with 7
 * rounds, the fewest that pass all of BigCrush. So nothing need be kept for the way back, and nothing depends on threads.
 *
 *   counter  column / 8 | row | site | step       key  seed
 *   output   128 bits: 16 for each of 8 columns, which is dropped when they are below part · 65,536 */
#include "trainable.h"
#include <assert.h>
#include <math.h>

enum { ROUNDS = 7, COLUMNS = 8 };

static void philox(uint32_t c[4], uint32_t key0, uint32_t key1)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t c0 = (uint32_t)(b >> 32) ^ c[1] ^ key0, c2 = (uint32_t)(a >> 32) ^ c[3] ^ key1;
        c[1] = (uint32_t)b;
        c[3] = (uint32_t)a;
        c[0] = c0;
        c[2] = c2;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

void dropout_apply(const struct dropout *dropout, uint32_t site, size_t row, size_t first_column, float *values, size_t count)
{
    assert(first_column % COLUMNS == 0);
    uint32_t threshold = (uint32_t)lrintf(dropout->part * 65536);
    if (threshold == 0)
        return;
    float factor = 65536.0F / (float)(65536 - threshold);
    for (size_t i = 0; i < count; i += COLUMNS) {
        uint32_t c[4] = {(uint32_t)((first_column + i) / COLUMNS), (uint32_t)row, site, (uint32_t)dropout->step};
        philox(c, (uint32_t)dropout->seed, (uint32_t)(dropout->seed >> 32));
        size_t rest = count - i < COLUMNS ? count - i : COLUMNS;
        for (size_t j = 0; j < rest; j++)
            values[i + j] *= (c[j / 2] >> (j % 2 * 16) & 0xFFFF) < threshold ? 0 : factor;
    }
}
