/* cpu.h - which of our kernels this processor, and the system it runs, can execute. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

enum cpu_feature {
    CPU_ALWAYS = 0,       /* plain C */
    CPU_SSE4 = 1,         /* SSE4.1 */
    CPU_AVX2 = 2,         /* with FMA */
    CPU_NEON = 4,
    CPU_AVX512 = 8,       /* F, BW, DQ and VL, as every server since 2017 */
    CPU_AVX512_VNNI = 16, /* products of 8-bit numbers */
    CPU_AVX512_BF16 = 32,
    CPU_AMX = 64,         /* tiles of bf16 and 8-bit numbers */
};

/* The features present, added up. */
unsigned cpu_features(void);

#endif
