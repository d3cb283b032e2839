/* sha256.c - whole blocks first, where they lie; then the last bytes with a one behind them, zeros, and the number of bits:
 *
 *   │ block │ block │ … │ rest 80 00 … 00 length │       one block more when the length does not fit behind the rest */
#include "sha256.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 64, WORDS = 8, ROUNDS = 64 };

typedef void sha256_blocks(uint32_t state[WORDS], const unsigned char *data, size_t count);

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turned(uint32_t value, int bits)
{
    return value >> bits | value << (32 - bits);
}

static uint32_t word_at(const unsigned char *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static void schedule(uint32_t words[ROUNDS], const unsigned char *block)
{
    for (int i = 0; i < 16; i++)
        words[i] = word_at(block + 4 * i);
    for (int i = 16; i < ROUNDS; i++) {
        uint32_t early = words[i - 15], late = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (turned(early, 7) ^ turned(early, 18) ^ early >> 3) +
                   (turned(late, 17) ^ turned(late, 19) ^ late >> 10);
    }
}

static void plain_block(uint32_t state[WORDS], const uint32_t words[ROUNDS])
{
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
#pragma GCC unroll 8
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i];
        uint32_t second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const uint32_t after[WORDS] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < WORDS; i++)
        state[i] += after[i];
}

static void plain_blocks(uint32_t state[WORDS], const unsigned char *data, size_t count)
{
    for (; count > 0; count--, data += BLOCK_BYTES) {
        uint32_t words[ROUNDS];
        schedule(words, data);
        plain_block(state, words);
    }
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define SHA_CODE __attribute__((target("sha,sse4.1")))

/* Four rounds with four words of the schedule; the two halves of the state change places. */
SHA_CODE static inline void four_rounds(__m128i halves[2], __m128i words, int round)
{
    __m128i sums = _mm_add_epi32(words, _mm_loadu_si128((const __m128i *)(const void *)(constants + round)));
    halves[1] = _mm_sha256rnds2_epu32(halves[1], halves[0], sums);
    halves[0] = _mm_sha256rnds2_epu32(halves[0], halves[1], _mm_shuffle_epi32(sums, 0x0E));
}

SHA_CODE static void one_block(__m128i halves[2], const unsigned char *block)
{
    const __m128i turn = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203); /* the bytes of each word */
    const __m128i before[2] = {halves[0], halves[1]};
    __m128i words[4];
    for (int i = 0; i < 4; i++)
        words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)), turn);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
        four_rounds(halves, words[i % 4], 4 * i);
        __m128i next = _mm_add_epi32(_mm_sha256msg1_epu32(words[i % 4], words[(i + 1) % 4]),
                                     _mm_alignr_epi8(words[(i + 3) % 4], words[(i + 2) % 4], 4));
        words[i % 4] = _mm_sha256msg2_epu32(next, words[(i + 3) % 4]);
    }
    halves[0] = _mm_add_epi32(halves[0], before[0]);
    halves[1] = _mm_add_epi32(halves[1], before[1]);
}

/* The instructions want the state as a b e f and c d g h, the first word highest. */
SHA_CODE static void fast_blocks(uint32_t state[WORDS], const unsigned char *data, size_t count)
{
    uint32_t *s = state;
    __m128i halves[2] = {_mm_set_epi32((int)s[0], (int)s[1], (int)s[4], (int)s[5]),
                         _mm_set_epi32((int)s[2], (int)s[3], (int)s[6], (int)s[7])};
    for (; count > 0; count--, data += BLOCK_BYTES)
        one_block(halves, data);
    static const int places[2][4] = {{5, 4, 1, 0}, {7, 6, 3, 2}};
    for (int half = 0; half < 2; half++) {
        uint32_t words[4];
        _mm_storeu_si128((__m128i *)(void *)words, halves[half]);
        for (int i = 0; i < 4; i++)
            state[places[half][i]] = words[i];
    }
}

static sha256_blocks *best_blocks(void)
{
    const unsigned sha = 1U << 29; /* of leaf 7, EBX */
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & sha))
        return plain_blocks;
    return fast_blocks;
}

#else

static sha256_blocks *best_blocks(void)
{
    return plain_blocks;
}

#endif

static void hash_by(sha256_blocks *blocks, unsigned char hash[SHA256_BYTES], const unsigned char *data, size_t size)
{
    uint32_t state[WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char end[2 * BLOCK_BYTES] = {0};
    size_t whole = size / BLOCK_BYTES, rest = size % BLOCK_BYTES;
    size_t end_blocks = rest + 1 + sizeof(uint64_t) > BLOCK_BYTES ? 2 : 1;
    uint64_t bits = (uint64_t)size * 8;
    if (rest > 0)
        memcpy(end, data + whole * BLOCK_BYTES, rest);
    end[rest] = 0x80;
    for (size_t i = 0; i < sizeof(bits); i++)
        end[end_blocks * BLOCK_BYTES - 1 - i] = (unsigned char)(bits >> 8 * i);
    blocks(state, data, whole);
    blocks(state, end, end_blocks);
    for (int i = 0; i < WORDS; i++)
        for (int byte = 0; byte < 4; byte++)
            hash[4 * i + byte] = (unsigned char)(state[i] >> (24 - 8 * byte));
}

void sha256(unsigned char hash[SHA256_BYTES], const void *data, size_t size)
{
    static sha256_blocks *_Atomic chosen; /* whoever comes first finds the same */
    sha256_blocks *blocks = chosen;
    if (blocks == NULL)
        chosen = blocks = best_blocks();
    hash_by(blocks, hash, data, size);
}

void sha256_plain(unsigned char hash[SHA256_BYTES], const void *data, size_t size)
{
    hash_by(plain_blocks, hash, data, size);
}

void sha256_digits(char digits[SHA256_DIGITS_BYTES], const void *data, size_t size)
{
    unsigned char hash[SHA256_BYTES];
    sha256(hash, data, size);
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(digits + 2 * i, 3, "%02x", hash[i]);
}
