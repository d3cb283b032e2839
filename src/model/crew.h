/* crew.h - the threads that take a pack through the layers together, and the memory they do it in. Private to model.
 *
 * Many texts: each thread is a crew of its own with a pack of its own. One text: all threads are one crew, share each step's columns,
 * rows or heads, and wait for each other between steps. Both run the same code and give the same bits. */
#ifndef MODEL_CREW_H
#define MODEL_CREW_H

#include "kernel/kernel.h"
#include <stdatomic.h>

/* One thread's own: scratch that nobody else sees. */
struct worker {
    struct gemm_lane *lane;
    float *tile, *gate_tile; /* [GEMM_TILE, GEMM_PANEL] */
    float *row;              /* of the widest row */
    float *attention;        /* scratch of the attention kernel */
    size_t attention_size;
};

/* What the members of a crew share; grows to the largest pack. `rows` of each are padded to whole tiles. */
struct buffers {
    size_t rows;
    float *x;       /* [rows, hidden]: the states */
    void *input;    /* [rows, widest input]: what is multiplied next, in the precision's format */
    struct kernel_unit *units; /* [rows]: of 8-bit input */
    float *qkv;     /* [rows, 3·hidden] */
    float *context; /* [rows, hidden]: out of attention */
    void *ffn;      /* [rows, intermediate]: f32 or bf16 */
};

struct crew {
    struct buffers *buffers;
    struct worker **workers; /* by member */
    size_t members;
    atomic_size_t arrived;
    atomic_size_t round;
};

/* Waits until all members have come here. */
void crew_wait(struct crew *crew);

/* This member's share of `count` things: begin … end-1. */
void crew_share(const struct crew *crew, size_t member, size_t count, size_t *begin, size_t *end);

#endif
