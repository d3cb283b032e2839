/* test_base_sha256.c - our SHA-256 against libsodium's, by the processor's instructions and in plain C. */
#include "compare.h"
#include <sodium.h>
#include <stdlib.h>

static void assert_same_hash(const unsigned char *data, size_t size)
{
    unsigned char wanted[SHA256_BYTES], fast[SHA256_BYTES], plain[SHA256_BYTES];
    crypto_hash_sha256(wanted, data, size);
    sha256(fast, data, size);
    sha256_plain(plain, data, size);
    assert_memory_equal(fast, wanted, SHA256_BYTES);
    assert_memory_equal(plain, wanted, SHA256_BYTES);
}

/* The standard's own example. */
static void three_letters(void **state)
{
    static const unsigned char wanted[SHA256_BYTES] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                                       0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                                       0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    unsigned char hash[SHA256_BYTES];
    (void)state;
    sha256(hash, "abc", 3);
    assert_memory_equal(hash, wanted, SHA256_BYTES);
    sha256_plain(hash, "abc", 3);
    assert_memory_equal(hash, wanted, SHA256_BYTES);
    assert_same_hash(NULL, 0);
}

/* Each size around the ends of blocks, at each place within a word. */
static void all_short_sizes(void **state)
{
    unsigned char data[300];
    struct random random;
    (void)state;
    random_init(&random, test_seed());
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)random_below(&random, 256);
    for (size_t size = 0; size <= 260; size++)
        for (size_t at = 0; at < 9; at++)
            assert_same_hash(data + at, size);
}

static void long_data(void **state)
{
    enum { SIZE = 300001 };
    unsigned char *data = memory_alloc(SIZE, 1);
    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (unsigned char)(i * i >> 3);
    assert_same_hash(data, SIZE);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_letters),
        cmocka_unit_test(all_short_sizes),
        cmocka_unit_test(long_data),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
