/* postings_avx2.c - eight numbers at a time: two places of the block, one in each half of a register. The halves may start in
 * different rows and at different bits; AVX2 shifts every number by its own count. */
#include "packed.h"
#include "tables.h"

#if defined(__x86_64__)

#include <immintrin.h>

/* Rows `first` and `second`, which is the same or the next one. */
KERNEL_INLINE __m256i load_rows(const unsigned char *packed, int first, int second)
{
    const unsigned char *at = packed + 16 * first;
    if (first == second)
        return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)at));
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

KERNEL_INLINE __m256i both_halves(int low, int high)
{
    return _mm256_setr_epi32(low, low, low, low, high, high, high, high);
}

/* The eight numbers at places 2·pair and 2·pair + 1. */
KERNEL_INLINE __m256i take(const unsigned char *packed, int pair, int bits)
{
    int bit_a = 2 * pair * bits, bit_b = bit_a + bits;
    int row_a = bit_a / 32, row_b = bit_b / 32;
    int shift_a = bit_a % 32, shift_b = bit_b % 32;
    if (bits == 0)
        return _mm256_setzero_si256();
    __m256i numbers = _mm256_srlv_epi32(load_rows(packed, row_a, row_b), both_halves(shift_a, shift_b));
    if (shift_a + bits > 32 || shift_b + bits > 32) {
        /* A half that does not run over must not read past the block: it takes its own row again, shifted out whole. */
        int next_a = shift_a + bits > 32 ? row_a + 1 : row_a, next_b = shift_b + bits > 32 ? row_b + 1 : row_b;
        __m256i next = next_b - next_a <= 1
                           ? load_rows(packed, next_a, next_b)
                           : _mm256_inserti128_si256(load_rows(packed, next_a, next_a),
                                                     _mm_loadu_si128((const __m128i *)(const void *)(packed + 16 * next_b)), 1);
        int left_a = shift_a + bits > 32 ? 32 - shift_a : 32, left_b = shift_b + bits > 32 ? 32 - shift_b : 32;
        numbers = _mm256_or_si256(numbers, _mm256_sllv_epi32(next, both_halves(left_a, left_b)));
    }
    return _mm256_and_si256(numbers, _mm256_set1_epi32((int)kernel_mask((unsigned)bits)));
}

KERNEL_INLINE void put(uint32_t *out, int pair, __m256i numbers)
{
    _mm256_storeu_si256((__m256i *)(void *)(out + 8 * pair), numbers);
}

KERNEL_INLINE void unpack_bits(uint32_t *out, const unsigned char *packed, int bits)
{
#define STEP(pair) put(out, pair, take(packed, pair, bits));
    KERNEL_16_TIMES(STEP)
#undef STEP
}

static void unpack(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits)
{
    switch (bits) {
#define CASE(bits)                                                                                                             \
    case bits:                                                                                                                 \
        unpack_bits(out, packed, bits);                                                                                        \
        break;
        KERNEL_EACH_BITS(CASE)
#undef CASE
    }
}

/* Adds up eight differences and what came before; returns the last, in all lanes. */
KERNEL_INLINE __m256i put_ascending(uint32_t *out, int pair, __m256i differences, __m256i before)
{
    __m256i sums = _mm256_add_epi32(differences, _mm256_set1_epi32(1));
    sums = _mm256_add_epi32(sums, _mm256_slli_si256(sums, 4)); /* within each half */
    sums = _mm256_add_epi32(sums, _mm256_slli_si256(sums, 8));
    __m256i lower_total = _mm256_shuffle_epi32(_mm256_permute2x128_si256(sums, sums, 0x08), 0xFF); /* 0, then the low half */
    sums = _mm256_add_epi32(sums, lower_total);
    put(out, pair, _mm256_add_epi32(sums, before));
    return _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(sums, _mm256_set1_epi32(7)));
}

KERNEL_INLINE void unpack_ascending_bits(uint32_t *out, const unsigned char *packed, int bits, __m256i before)
{
#define STEP(pair) before = put_ascending(out, pair, take(packed, pair, bits), before);
    KERNEL_16_TIMES(STEP)
#undef STEP
}

static void unpack_ascending(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits, uint32_t before)
{
    switch (bits) {
#define CASE(bits)                                                                                                             \
    case bits:                                                                                                                 \
        unpack_ascending_bits(out, packed, bits, _mm256_set1_epi32((int)before));                                              \
        break;
        KERNEL_EACH_BITS(CASE)
#undef CASE
    }
}

/* There is no instruction for unsigned numbers: both halves convert exactly, so their sum is rounded once, as C rounds. */
KERNEL_INLINE __m256 to_float(__m256i numbers)
{
    __m256 high = _mm256_cvtepi32_ps(_mm256_srli_epi32(numbers, 16));
    __m256 low = _mm256_cvtepi32_ps(_mm256_and_si256(numbers, _mm256_set1_epi32(0xFFFF)));
    return _mm256_add_ps(_mm256_mul_ps(high, _mm256_set1_ps(65536)), low);
}

static void bm25(float *out, const uint32_t *frequencies, const float *norms, float weight, size_t count)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 frequency = to_float(_mm256_loadu_si256((const __m256i *)(const void *)(frequencies + i)));
        __m256 share = _mm256_div_ps(frequency, _mm256_add_ps(frequency, _mm256_loadu_ps(norms + i)));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_set1_ps(weight), share));
    }
    kernel_bm25_plain(out + i, frequencies + i, norms + i, weight, count - i);
}

/* The thresholds, low bytes and high bytes: a byte shuffle looks sixteen classes up. */
struct threshold_table {
    __m128i low, high;
};

static struct threshold_table threshold_table(const uint16_t thresholds[KERNEL_CLASSES])
{
    uint8_t low[KERNEL_CLASSES], high[KERNEL_CLASSES];
    for (size_t i = 0; i < KERNEL_CLASSES; i++) {
        low[i] = (uint8_t)thresholds[i];
        high[i] = (uint8_t)(thresholds[i] >> 8);
    }
    return (struct threshold_table){_mm_loadu_si128((const __m128i *)(const void *)low),
                                    _mm_loadu_si128((const __m128i *)(const void *)high)};
}

/* Appends which of sixteen sums reach. */
KERNEL_INLINE size_t append_reaching(uint32_t *out, size_t found, __m256i sums, const uint8_t *classes, size_t first,
                                     const struct threshold_table *table)
{
    __m128i class = _mm_loadu_si128((const __m128i *)(const void *)(classes + first));
    __m128i low = _mm_shuffle_epi8(table->low, class), high = _mm_shuffle_epi8(table->high, class);
    __m256i thresholds = _mm256_set_m128i(_mm_unpackhi_epi8(low, high), _mm_unpacklo_epi8(low, high));
    /* max(sum, threshold) = sum where it reaches */
    unsigned mask = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_max_epu16(sums, thresholds), sums)) & 0x55555555u;
    if (mask == 0)
        return found;
    uint16_t each[16];
    _mm256_storeu_si256((__m256i *)(void *)each, sums);
    for (; mask != 0; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctz(mask) / 2;
        out[found++] = (uint32_t)(first + i) << 16 | each[i];
    }
    return found;
}

/* Sixty-four sums at a time against the least threshold: only where one reaches that are the classes looked at. */
static size_t reach(uint32_t *out, uint16_t *sums, const uint8_t *classes, const uint16_t thresholds[KERNEL_CLASSES],
                    size_t count)
{
    enum { STEP = 64 };
    const __m256i least = _mm256_set1_epi16((short)kernel_least(thresholds)), zero = _mm256_setzero_si256();
    const struct threshold_table table = threshold_table(thresholds);
    size_t found = 0, i = 0;
    for (; i + STEP <= count; i += STEP) {
        __m256i *at = (__m256i *)(void *)(sums + i);
        __m256i a = _mm256_loadu_si256(at), b = _mm256_loadu_si256(at + 1);
        __m256i c = _mm256_loadu_si256(at + 2), d = _mm256_loadu_si256(at + 3);
        _mm256_storeu_si256(at, zero);
        _mm256_storeu_si256(at + 1, zero);
        _mm256_storeu_si256(at + 2, zero);
        _mm256_storeu_si256(at + 3, zero);
        __m256i most = _mm256_max_epu16(_mm256_max_epu16(a, b), _mm256_max_epu16(c, d));
        if (_mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_max_epu16(most, least), most)) == 0)
            continue;
        found = append_reaching(out, found, a, classes, i, &table);
        found = append_reaching(out, found, b, classes, i + 16, &table);
        found = append_reaching(out, found, c, classes, i + 32, &table);
        found = append_reaching(out, found, d, classes, i + 48, &table);
    }
    return kernel_reach_plain(out, found, sums, classes, thresholds, i, count - i);
}

void kernels_postings_avx2(struct kernels *kernels)
{
    kernels->unpack = unpack;
    kernels->unpack_ascending = unpack_ascending;
    kernels->bm25 = bm25;
    kernels->reach = reach;
}

#else
void kernels_postings_avx2(struct kernels *kernels)
{
    (void)kernels;
}
#endif
