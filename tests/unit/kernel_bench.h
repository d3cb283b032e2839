/* kernel_bench.h - the figures of docs/kernels.md: every kernel of every table that this machine can run. */
#ifndef TESTS_KERNEL_BENCH_H
#define TESTS_KERNEL_BENCH_H

/* Prints them; 0. */
int kernel_bench(void);

#endif
