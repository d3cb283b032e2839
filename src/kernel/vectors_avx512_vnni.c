/* vectors_avx512_vnni.c - products of 8-bit numbers, 64 at a time. The instruction takes one unsigned and one signed factor: a is moved
 * up by 128, and 128 times the sum of b is taken off again. */
#include "tables.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

static int32_t dot_i8(const int8_t *a, const int8_t *b, size_t count)
{
    const __m512i top = _mm512_set1_epi8((char)0x80), ones = _mm512_set1_epi8(1);
    __m512i products = _mm512_setzero_si512(), sums = products, more_products = products, more_sums = products;
    size_t i = 0;
    for (; i + 128 <= count; i += 128) {
        __m512i y = _mm512_loadu_si512(b + i), more_y = _mm512_loadu_si512(b + i + 64);
        products = _mm512_dpbusd_epi32(products, _mm512_xor_si512(_mm512_loadu_si512(a + i), top), y);
        more_products = _mm512_dpbusd_epi32(more_products, _mm512_xor_si512(_mm512_loadu_si512(a + i + 64), top), more_y);
        sums = _mm512_dpbusd_epi32(sums, ones, y);
        more_sums = _mm512_dpbusd_epi32(more_sums, ones, more_y);
    }
    for (; i < count; i += 64) {
        __mmask64 inside = count - i >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << (count - i)) - 1;
        __m512i x = _mm512_maskz_loadu_epi8(inside, a + i), y = _mm512_maskz_loadu_epi8(inside, b + i);
        products = _mm512_dpbusd_epi32(products, _mm512_xor_si512(x, top), y);
        sums = _mm512_dpbusd_epi32(sums, ones, y);
    }
    products = _mm512_add_epi32(products, more_products);
    sums = _mm512_add_epi32(sums, more_sums);
    /* the sum moved up may need more than 31 bits on the way */
    return _mm512_reduce_add_epi32(_mm512_sub_epi32(products, _mm512_slli_epi32(sums, 7)));
}

/* The sums of four registers, side by side. */
static __m128i four_sums(__m512i a, __m512i b, __m512i c, __m512i d)
{
    __m512i low = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)); /* a b a b of each quarter */
    __m512i high = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(low, high), _mm512_unpackhi_epi64(low, high)); /* a b c d */
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/* What moving the rows up by 128 adds to a query's products. */
static int32_t moved(const int8_t *query, size_t size)
{
    __m512i sums = _mm512_setzero_si512();
    for (size_t i = 0; i < size; i += 64)
        sums = _mm512_dpbusd_epi32(sums, _mm512_set1_epi8((char)0x80), _mm512_loadu_si512(query + i));
    return _mm512_reduce_add_epi32(sums);
}

/* Four rows with one query. */
static __m128i four_rows(const int8_t *query, const int8_t *const row[4], size_t size)
{
    const __m512i top = _mm512_set1_epi8((char)0x80);
    __m512i sum[4];
    for (size_t r = 0; r < 4; r++)
        sum[r] = _mm512_setzero_si512();
    for (size_t i = 0; i < size; i += 64) {
        __m512i y = _mm512_loadu_si512(query + i);
        for (size_t r = 0; r < 4; r++)
            sum[r] = _mm512_dpbusd_epi32(sum[r], _mm512_xor_si512(_mm512_loadu_si512(row[r] + i), top), y);
    }
    return four_sums(sum[0], sum[1], sum[2], sum[3]);
}

/* Four rows with two queries: each row is read once, and four others are fetched meanwhile. One row comes after the other, because the
 * processor guesses what is read next only where memory is read in order. */
static void four_rows_twice(__m128i out[2], const int8_t *queries, const int8_t *const row[4], const int8_t *const ahead[4],
                            size_t size)
{
    const __m512i top = _mm512_set1_epi8((char)0x80);
    __m512i sum[2][4];
    for (size_t r = 0; r < 4; r++) {
        __m512i first = _mm512_setzero_si512(), second = first;
        for (size_t i = 0; i < size; i += 64) {
            __m512i x = _mm512_xor_si512(_mm512_loadu_si512(row[r] + i), top);
            first = _mm512_dpbusd_epi32(first, x, _mm512_loadu_si512(queries + i));
            second = _mm512_dpbusd_epi32(second, x, _mm512_loadu_si512(queries + size + i));
            _mm_prefetch((const char *)ahead[r] + i, _MM_HINT_T1);
        }
        sum[0][r] = first;
        sum[1][r] = second;
    }
    for (size_t q = 0; q < 2; q++)
        out[q] = four_sums(sum[q][0], sum[q][1], sum[q][2], sum[q][3]);
}

/* Where four rows from `first` on lie; behind the last one it stands in for those that are not there. */
static void find_rows(const int8_t *row[4], const int8_t *rows, const uint32_t *numbers, size_t row_count, size_t first,
                      size_t size)
{
    for (size_t r = 0; r < 4; r++) {
        size_t at = first + r < row_count ? first + r : row_count - 1;
        row[r] = rows + size * (numbers != NULL ? numbers[at] : at);
    }
}

static void dots_of_one(int32_t *out, const int8_t *query, const int8_t *rows, const uint32_t *numbers, size_t row_count,
                        size_t size)
{
    __m128i above = _mm_set1_epi32(moved(query, size));
    for (size_t i = 0; i < row_count; i += 4) {
        const int8_t *row[4];
        find_rows(row, rows, numbers, row_count, i, size);
        __mmask8 inside = (__mmask8)(row_count - i >= 4 ? 15 : (1U << (row_count - i)) - 1);
        _mm_mask_storeu_epi32(out + i, inside, _mm_sub_epi32(four_rows(query, row, size), above));
    }
}

static void dots_of_two(int32_t *out, const int8_t *queries, const int8_t *rows, const uint32_t *numbers, size_t row_count,
                        size_t size)
{
    enum { AHEAD = 16 };
    __m128i above[2] = {_mm_set1_epi32(moved(queries, size)), _mm_set1_epi32(moved(queries + size, size))}, sums[2];
    for (size_t i = 0; i < row_count; i += 4) {
        const int8_t *row[4], *ahead[4];
        find_rows(row, rows, numbers, row_count, i, size);
        find_rows(ahead, rows, numbers, row_count, i + AHEAD, size);
        four_rows_twice(sums, queries, row, ahead, size);
        __mmask8 inside = (__mmask8)(row_count - i >= 4 ? 15 : (1U << (row_count - i)) - 1);
        for (size_t q = 0; q < 2; q++)
            _mm_mask_storeu_epi32(out + q * row_count + i, inside, _mm_sub_epi32(sums[q], above[q]));
    }
}

/* Two rows with four queries: eight sums are as many as the compiler keeps in registers. */
static inline void two_rows_four_times(__m512i sums[4][4], const int8_t *queries, const int8_t *first, const int8_t *second,
                                       size_t place, size_t size)
{
    const __m512i top = _mm512_set1_epi8((char)0x80);
    __m512i sum[4][2];
    for (size_t q = 0; q < 4; q++)
        sum[q][0] = sum[q][1] = _mm512_setzero_si512();
    for (size_t i = 0; i < size; i += 64) {
        __m512i x = _mm512_xor_si512(_mm512_loadu_si512(first + i), top);
        __m512i more_x = _mm512_xor_si512(_mm512_loadu_si512(second + i), top);
        for (size_t q = 0; q < 4; q++) {
            __m512i y = _mm512_loadu_si512(queries + q * size + i);
            sum[q][0] = _mm512_dpbusd_epi32(sum[q][0], x, y);
            sum[q][1] = _mm512_dpbusd_epi32(sum[q][1], more_x, y);
        }
    }
    for (size_t q = 0; q < 4; q++) {
        sums[q][place] = sum[q][0];
        sums[q][place + 1] = sum[q][1];
    }
}

/* Four rows with four queries, for rows that are near already. */
static void four_rows_four_times(__m128i out[4], const int8_t *queries, const int8_t *const row[4], size_t size)
{
    __m512i sums[4][4];
    two_rows_four_times(sums, queries, row[0], row[1], 0, size);
    two_rows_four_times(sums, queries, row[2], row[3], 2, size);
    for (size_t q = 0; q < 4; q++)
        out[q] = four_sums(sums[q][0], sums[q][1], sums[q][2], sums[q][3]);
}

static void dots_of_four(int32_t *out, const int8_t *queries, const int8_t *rows, const uint32_t *numbers, size_t row_count,
                         size_t size)
{
    __m128i above[4], sums[4];
    for (size_t q = 0; q < 4; q++)
        above[q] = _mm_set1_epi32(moved(queries + q * size, size));
    for (size_t i = 0; i < row_count; i += 4) {
        const int8_t *row[4];
        find_rows(row, rows, numbers, row_count, i, size);
        four_rows_four_times(sums, queries, row, size);
        __mmask8 inside = (__mmask8)(row_count - i >= 4 ? 15 : (1U << (row_count - i)) - 1);
        for (size_t q = 0; q < 4; q++)
            _mm_mask_storeu_epi32(out + q * row_count + i, inside, _mm_sub_epi32(sums[q], above[q]));
    }
}

static void dots_i8(int32_t *out, const int8_t *queries, size_t query_count, const int8_t *rows, const uint32_t *numbers,
                    size_t row_count, size_t size)
{
    size_t q = 0;
    for (; q + 4 <= query_count; q += 4)
        dots_of_four(out + q * row_count, queries + q * size, rows, numbers, row_count, size);
    for (; q + 2 <= query_count; q += 2)
        dots_of_two(out + q * row_count, queries + q * size, rows, numbers, row_count, size);
    if (q < query_count)
        dots_of_one(out + q * row_count, queries + q * size, rows, numbers, row_count, size);
}

/* Number 8·b + q of each 64 to place 8·q + b: where it meets its bit when the eight bytes of bits stand in all eight quarters of a quarter of a
 * register. */
static void turn_eights(int8_t *turned, const int8_t *query, size_t size)
{
    const __m512i pairs = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    uint16_t places[32];
    for (size_t i = 0; i < 32; i++)
        places[i] = (uint16_t)(i % 4 * 8 + i / 4);
    for (size_t i = 0; i < size; i += 64) {
        __m512i numbers = _mm512_shuffle_epi8(_mm512_loadu_si512(query + i), pairs);
        _mm512_storeu_si512(turned + i, _mm512_permutexvar_epi16(_mm512_loadu_si512(places), numbers));
    }
}

/* The next 64 bits of a row let numbers of the query through or not. In the q-th eight bytes bit q of each byte stays, which weighs 1 << q. */
static inline __m512i add_let_through(__m512i sum, const uint8_t *row, __m512i query)
{
    const __m512i bits = _mm512_set_epi64((int64_t)0x8080808080808080, 0x4040404040404040, 0x2020202020202020,
                                          0x1010101010101010, 0x0808080808080808, 0x0404040404040404, 0x0202020202020202,
                                          0x0101010101010101);
    int64_t eight;
    memcpy(&eight, row, sizeof(eight));
    return _mm512_dpbusd_epi32(sum, _mm512_and_si512(_mm512_set1_epi64(eight), bits), query);
}

static inline __m512i without_weights(__m512i sum)
{
    return _mm512_srav_epi32(
        sum, _mm512_set_epi64(0x700000007, 0x600000006, 0x500000005, 0x400000004, 0x300000003, 0x200000002, 0x100000001, 0));
}

static inline __m128i four_rows_of_bits(const int8_t *turned, const uint8_t *a, const uint8_t *b, const uint8_t *c,
                                        const uint8_t *d, size_t size)
{
    __m512i sum_a = _mm512_setzero_si512(), sum_b = sum_a, sum_c = sum_a, sum_d = sum_a;
#pragma GCC unroll 6
    for (size_t i = 0; i < size; i += 64) {
        __m512i query = _mm512_loadu_si512(turned + i);
        sum_a = add_let_through(sum_a, a + i / 8, query);
        sum_b = add_let_through(sum_b, b + i / 8, query);
        sum_c = add_let_through(sum_c, c + i / 8, query);
        sum_d = add_let_through(sum_d, d + i / 8, query);
    }
    return four_sums(without_weights(sum_a), without_weights(sum_b), without_weights(sum_c), without_weights(sum_d));
}

static inline void fetch_bits(const uint8_t *row, size_t size)
{
    for (size_t at = 0; at < size; at += 64)
        _mm_prefetch((const char *)row + at, _MM_HINT_T1);
    _mm_prefetch((const char *)row + size - 1, _MM_HINT_T1);
}

/* Adds what some of the numbers come to: plus where a bit is set and minus elsewhere is twice what is set less all. */
static inline void add_signs(int32_t *out, const int8_t *turned, const uint8_t *bits, size_t row_bytes, const uint32_t *numbers,
                             size_t row_count, size_t size)
{
    enum { AHEAD = 96 };
    __m512i sums = _mm512_setzero_si512();
    for (size_t i = 0; i < size; i += 64)
        sums = _mm512_dpbusd_epi32(sums, _mm512_set1_epi8(1), _mm512_loadu_si512(turned + i));
    __m128i all = _mm_set1_epi32(_mm512_reduce_add_epi32(sums));
    size_t i = 0;
    for (; i + 4 <= row_count; i += 4) {
        const uint32_t *row = numbers + i, *ahead = numbers + (i + 4 + AHEAD <= row_count ? i + AHEAD : i);
        for (size_t r = 0; r < 4; r++)
            fetch_bits(bits + row_bytes * ahead[r], size / 8);
        __m128i set = four_rows_of_bits(turned, bits + row_bytes * row[0], bits + row_bytes * row[1], bits + row_bytes * row[2],
                                        bits + row_bytes * row[3], size);
        __m128i before = _mm_loadu_si128((const __m128i *)(const void *)(out + i));
        __m128i sum = _mm_add_epi32(before, _mm_sub_epi32(_mm_slli_epi32(set, 1), all));
        _mm_storeu_si128((__m128i *)(void *)(out + i), sum);
    }
    for (; i < row_count; i++) {
        const uint8_t *row = bits + row_bytes * numbers[i];
        out[i] += 2 * _mm_cvtsi128_si32(four_rows_of_bits(turned, row, row, row, row, size)) - _mm_cvtsi128_si32(all);
    }
}

static void signs_i8(int32_t *out, const int8_t *query, const uint8_t *bits, const uint32_t *numbers, size_t row_count,
                     size_t size)
{
    enum { PART = 2048, USUAL = 384 }; /* numbers; for as many as small models have a loop without an end to look for */
    _Alignas(64) int8_t turned[PART];
    for (size_t i = 0; i < row_count; i++)
        out[i] = 0;
    for (size_t part = 0; part < size; part += PART) {
        size_t count = size - part < PART ? size - part : PART;
        turn_eights(turned, query + part, count);
        if (size == USUAL)
            add_signs(out, turned, bits, USUAL / 8, numbers, row_count, USUAL);
        else
            add_signs(out, turned, bits + part / 8, size / 8, numbers, row_count, count);
    }
}

void kernels_vectors_avx512_vnni(struct kernels *kernels)
{
    kernels->dot_i8 = dot_i8;
    kernels->dots_i8 = dots_i8;
    kernels->signs_i8 = signs_i8;
}

#else
void kernels_vectors_avx512_vnni(struct kernels *kernels)
{
    (void)kernels;
}
#endif
