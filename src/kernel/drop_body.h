/* drop_body.h - dropout's chance, once for every kind of processor: plain loops over LANES_DROPPED counters, left to the compiler's
 * vectors. Whole numbers, so the same bits everywhere.
 *
 * Philox4x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") with 7 rounds, the fewest that pass all of BigCrush:
 *
 *   counter  16 · block + lane | row | site | step       16 counters make the 16-bit numbers of KERNEL_DROP_COLUMNS columns:
 *   output   4 words of 2 halves each: half h of word w of lane l is for column (2 · w + h) · 16 + l */
#ifndef KERNEL_DROP_BODY_H
#define KERNEL_DROP_BODY_H

#include "kernel.h"

enum { DROP_LANES = 16, DROP_WORDS = 4, DROP_ROUNDS = 7 };

static inline void drop_rounds(uint32_t c[DROP_WORDS][DROP_LANES], uint32_t key0, uint32_t key1)
{
    for (int round = 0; round < DROP_ROUNDS; round++) {
        for (int l = 0; l < DROP_LANES; l++) { /* auto-vectorized */
            uint64_t a = (uint64_t)0xD2511F53u * c[0][l], b = (uint64_t)0xCD9E8D57u * c[2][l];
            c[0][l] = (uint32_t)(b >> 32) ^ c[1][l] ^ key0;
            c[2][l] = (uint32_t)(a >> 32) ^ c[3][l] ^ key1;
            c[1][l] = (uint32_t)b;
            c[3][l] = (uint32_t)a;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

/* What each column of block `block` is multiplied by. */
static inline void drop_factors(float factors[KERNEL_DROP_COLUMNS], const struct kernel_drop *drop, uint32_t block)
{
    uint32_t c[DROP_WORDS][DROP_LANES];
    for (uint32_t l = 0; l < DROP_LANES; l++) {
        c[0][l] = block * DROP_LANES + l;
        c[1][l] = drop->row;
        c[2][l] = drop->site;
        c[3][l] = drop->step;
    }
    drop_rounds(c, drop->key[0], drop->key[1]);
    for (int w = 0; w < DROP_WORDS; w++)
        for (int l = 0; l < DROP_LANES; l++) { /* auto-vectorized */
            factors[2 * w * DROP_LANES + l] = (c[w][l] & 0xFFFF) < drop->threshold ? 0 : drop->factor;
            factors[(2 * w + 1) * DROP_LANES + l] = c[w][l] >> 16 < drop->threshold ? 0 : drop->factor;
        }
}

static void drop(float *values, const struct kernel_drop *task, size_t count)
{
    float factors[KERNEL_DROP_COLUMNS];
    for (size_t first = 0; first < count; first += KERNEL_DROP_COLUMNS) {
        size_t rest = count - first < KERNEL_DROP_COLUMNS ? count - first : KERNEL_DROP_COLUMNS;
        drop_factors(factors, task, task->block + (uint32_t)(first / KERNEL_DROP_COLUMNS));
        for (size_t i = 0; i < rest; i++) /* auto-vectorized */
            values[first + i] *= factors[i];
    }
}

#endif
