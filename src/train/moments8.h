/* moments8.h - AdamW's two moments in 8 bits, a quarter of the memory. Private to train.
 *
 *   a block of 256 numbers = 256 codes (u8) · the largest of them, of first ones with its sign (f32) */
#ifndef TRAIN_MOMENTS8_H
#define TRAIN_MOMENTS8_H

#include "kernel/kernel.h"
#include <stddef.h>
#include <stdint.h>

#define MOMENTS8_BLOCK 256

/* Of a tensor; zeros stand for zeros. */
struct moments8 {
    unsigned char *first, *second; /* [count] */
    float *first_scales, *second_scales; /* [blocks] */
};

/* One step of AdamW on the numbers w[first] … w[first + count - 1] with their gradients g, which are 0 afterwards; `first` begins a block. What is
 * rounded up, and what down, follows from `key` and a number's place. */
void moments8_step(float *w, float *g, const struct moments8 *moments, size_t first, size_t count,
                   const struct kernel_adam *step, uint32_t key);

/* The moments as numbers, [count] each: for tests. */
void moments8_read(const struct moments8 *moments, size_t count, float *first, float *second);

#endif
