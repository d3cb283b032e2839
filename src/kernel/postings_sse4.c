/* postings_sse4.c - four numbers at a time: one place of the block in one register. bm25 stays in plain C, which the compiler
 * makes four wide by itself. */
#include "packed.h"
#include "tables.h"

#if defined(__x86_64__)

#include <smmintrin.h>

/* The four numbers at `place`. */
KERNEL_INLINE __m128i take(const unsigned char *packed, int place, int bits)
{
    int row = place * bits / 32, shift = place * bits % 32;
    if (bits == 0)
        return _mm_setzero_si128();
    const __m128i *rows = (const __m128i *)(const void *)packed;
    __m128i numbers = _mm_srli_epi32(_mm_loadu_si128(rows + row), shift);
    if (shift + bits > 32)
        numbers = _mm_or_si128(numbers, _mm_slli_epi32(_mm_loadu_si128(rows + row + 1), 32 - shift));
    if (shift + bits == 32)
        return numbers; /* the shift has cleared the rest */
    return _mm_and_si128(numbers, _mm_set1_epi32((int)kernel_mask((unsigned)bits)));
}

KERNEL_INLINE void put(uint32_t *out, int place, __m128i numbers)
{
    _mm_storeu_si128((__m128i *)(void *)(out + 4 * place), numbers);
}

KERNEL_INLINE void unpack_bits(uint32_t *out, const unsigned char *packed, int bits)
{
#define STEP(place) put(out, place, take(packed, place, bits));
    KERNEL_32_TIMES(STEP)
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

/* Adds up four differences and what came before; returns the last, in all lanes, for the next four. The long way from sum to
 * sum is one addition, because the total of the four is taken before `before` is added. */
KERNEL_INLINE __m128i put_ascending(uint32_t *out, int place, __m128i differences, __m128i before)
{
    __m128i sums = _mm_add_epi32(differences, _mm_set1_epi32(1));
    sums = _mm_add_epi32(sums, _mm_slli_si128(sums, 4));
    sums = _mm_add_epi32(sums, _mm_slli_si128(sums, 8));
    put(out, place, _mm_add_epi32(sums, before));
    return _mm_add_epi32(before, _mm_shuffle_epi32(sums, 0xFF));
}

KERNEL_INLINE void unpack_ascending_bits(uint32_t *out, const unsigned char *packed, int bits, __m128i before)
{
#define STEP(place) before = put_ascending(out, place, take(packed, place, bits), before);
    KERNEL_32_TIMES(STEP)
#undef STEP
}

static void unpack_ascending(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits, uint32_t before)
{
    switch (bits) {
#define CASE(bits)                                                                                                             \
    case bits:                                                                                                                 \
        unpack_ascending_bits(out, packed, bits, _mm_set1_epi32((int)before));                                                 \
        break;
        KERNEL_EACH_BITS(CASE)
#undef CASE
    }
}

/* The thresholds, low bytes and high bytes: a byte shuffle looks eight classes up. */
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

/* Appends which of eight sums reach. */
KERNEL_INLINE size_t append_reaching(uint32_t *out, size_t found, __m128i sums, const uint8_t *classes, size_t first,
                                     const struct threshold_table *table)
{
    __m128i class = _mm_loadl_epi64((const __m128i *)(const void *)(classes + first));
    __m128i thresholds = _mm_unpacklo_epi8(_mm_shuffle_epi8(table->low, class), _mm_shuffle_epi8(table->high, class));
    /* max(sum, threshold) = sum where it reaches */
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_max_epu16(sums, thresholds), sums)) & 0x5555u;
    if (mask == 0)
        return found;
    uint16_t each[8];
    _mm_storeu_si128((__m128i *)(void *)each, sums);
    for (; mask != 0; mask &= mask - 1) {
        unsigned i = (unsigned)__builtin_ctz(mask) / 2;
        out[found++] = (uint32_t)(first + i) << 16 | each[i];
    }
    return found;
}

/* Thirty-two sums at a time against the least threshold: only where one reaches that are the classes looked at. */
static size_t reach(uint32_t *out, uint16_t *sums, const uint8_t *classes, const uint16_t thresholds[KERNEL_CLASSES],
                    size_t count)
{
    enum { STEP = 32 };
    const __m128i least = _mm_set1_epi16((short)kernel_least(thresholds)), zero = _mm_setzero_si128();
    const struct threshold_table table = threshold_table(thresholds);
    size_t found = 0, i = 0;
    for (; i + STEP <= count; i += STEP) {
        __m128i *at = (__m128i *)(void *)(sums + i);
        __m128i a = _mm_loadu_si128(at), b = _mm_loadu_si128(at + 1);
        __m128i c = _mm_loadu_si128(at + 2), d = _mm_loadu_si128(at + 3);
        _mm_storeu_si128(at, zero);
        _mm_storeu_si128(at + 1, zero);
        _mm_storeu_si128(at + 2, zero);
        _mm_storeu_si128(at + 3, zero);
        __m128i most = _mm_max_epu16(_mm_max_epu16(a, b), _mm_max_epu16(c, d));
        if (_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_max_epu16(most, least), most)) == 0)
            continue;
        found = append_reaching(out, found, a, classes, i, &table);
        found = append_reaching(out, found, b, classes, i + 8, &table);
        found = append_reaching(out, found, c, classes, i + 16, &table);
        found = append_reaching(out, found, d, classes, i + 24, &table);
    }
    return kernel_reach_plain(out, found, sums, classes, thresholds, i, count - i);
}

void kernels_postings_sse4(struct kernels *kernels)
{
    kernels->unpack = unpack;
    kernels->unpack_ascending = unpack_ascending;
    kernels->bm25 = kernel_bm25_plain;
    kernels->reach = reach;
}

#else
void kernels_postings_sse4(struct kernels *kernels)
{
    (void)kernels;
}
#endif
