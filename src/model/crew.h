/* crew.h - the threads that take a pack through the layers together, and the memory they do it in. Private to model.
 *
 * Many texts: each thread is a crew of its own with a pack of its own. One text: all threads are one crew. The way through the layers
 * is a row of steps, each of some items; members take the next item of a step until there is none, and go on when all items of it are
 * done. So a member that comes late, or not at all because the machine is busy, holds nobody up. */
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
    void *memory; /* of all of them */
    size_t rows;
    float *x;                  /* [rows, hidden]: the states */
    void *input;               /* [rows, widest input]: what is multiplied next, in the precision's format */
    struct kernel_unit *units; /* [rows]: of 8-bit input */
    float *qkv;                /* [rows, 3·hidden] */
    float *context;            /* [rows, hidden]: out of attention; in bf16 where qkv is */
    void *ffn;                 /* [rows, intermediate]: f32 or bf16 */
};

/* A step's items that were taken, and that are done; a cache line each, so that steps do not disturb each other. */
struct crew_step {
    _Alignas(64) atomic_size_t taken;
    atomic_size_t done;
};

struct crew {
    struct buffers *buffers;
    size_t members;          /* at most; 1: it never waits */
    struct crew_step *steps; /* for more than one member, zeroed before a pack begins */
};

/* Does step number `step`, `count` items of it: work(context, item), shared with whoever of the crew is here. Returns when all are
 * done. */
void crew_do(struct crew *crew, size_t step, size_t count, void (*work)(void *context, size_t item), void *context);

#endif
