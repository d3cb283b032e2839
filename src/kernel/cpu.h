/* cpu.h - which of our kernel tables this processor, and the system it runs, can execute. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

enum cpu_feature {
    CPU_ALWAYS = 0, /* plain C */
    CPU_SSE4 = 1,   /* SSE4.1 */
    CPU_AVX2 = 2,
    CPU_NEON = 4,
};

/* The features present, added up. */
unsigned cpu_features(void);

#endif
