/* cpu.c - asks the processor what it can do.
 *
 * A wide register is usable only when the system saves it between threads, and a bit of CPUID does not say that. So the
 * system is asked first (OSXSAVE allows XGETBV, whose bits name the registers that are saved), the processor after it.
 * A file of its own, compiled for the oldest processor: nothing here may use what it tests for. */
#include "cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdint.h>

/* The register sets that the system saves: bit 1 xmm, bit 2 ymm. */
static uint64_t saved_registers(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static int all_set(uint64_t value, uint64_t bits)
{
    return (value & bits) == bits;
}

unsigned cpu_features(void)
{
    enum { YMM_SAVED = 0x06 };
    unsigned a, b, c, d;
    unsigned features = CPU_ALWAYS;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return features;
    if (c & bit_SSE4_1)
        features |= CPU_SSE4;
    if (!all_set(c, bit_OSXSAVE | bit_AVX))
        return features;
    uint64_t saved = saved_registers();
    if (!all_set(saved, YMM_SAVED) || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return features;
    if (b & bit_AVX2)
        features |= CPU_AVX2;
    return features;
}

#elif defined(__aarch64__)

unsigned cpu_features(void)
{
    return CPU_NEON; /* part of the architecture */
}

#else

unsigned cpu_features(void)
{
    return CPU_ALWAYS;
}

#endif
