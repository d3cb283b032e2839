/* cpu.c - asks the processor what it can do.
 *
 * A wide register is usable only when the system saves it between threads, and a bit of CPUID does not say that. So the
 * system is asked first (OSXSAVE allows XGETBV, whose bits name the registers that are saved), the processor after it.
 * A file of its own, compiled for the oldest processor: nothing here may use what it tests for. */
#include "cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The register sets that the system saves: bit 1 xmm, bit 2 ymm, bits 5 to 7 zmm and its masks, bits 17 and 18 the tiles. */
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

/* Linux lends the tile registers only to a process that asks. */
static int may_use_tiles(void)
{
    enum { ARCH_REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQUEST_PERMISSION, TILE_DATA) == 0;
}

/* What leaf 7 of CPUID tells of the processors with 512-bit registers. */
static unsigned wide_features(uint64_t saved, unsigned b, unsigned c, unsigned d)
{
    enum { ZMM_SAVED = 0xE6, TILES_SAVED = 0x60000, F_DQ_BW = 1 << 16 | 1 << 17 | 1 << 30, VNNI = 1 << 11 };
    enum { BF16_OF_LEAF_7_1_A = 1 << 5, AMX_BF16 = 1 << 22, AMX_TILE = 1 << 24, AMX_INT8 = 1 << 25 };
    const unsigned vl = 1U << 31;
    unsigned features = 0, more_a, more_b, more_c, more_d;
    if (!all_set(saved, ZMM_SAVED) || !all_set(b, (uint64_t)F_DQ_BW | vl))
        return features;
    features |= CPU_AVX512;
    if (!(c & VNNI))
        return features;
    features |= CPU_AVX512_VNNI;
    if (!__get_cpuid_count(7, 1, &more_a, &more_b, &more_c, &more_d) || !(more_a & BF16_OF_LEAF_7_1_A))
        return features;
    features |= CPU_AVX512_BF16;
    if (all_set(saved, TILES_SAVED) && all_set(d, AMX_BF16 | AMX_TILE | AMX_INT8) && may_use_tiles())
        features |= CPU_AMX;
    return features;
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
    if (!all_set(c, bit_OSXSAVE | bit_AVX | bit_FMA))
        return features;
    uint64_t saved = saved_registers();
    if (!all_set(saved, YMM_SAVED) || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2))
        return features;
    return features | CPU_AVX2 | wide_features(saved, b, c, d);
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
