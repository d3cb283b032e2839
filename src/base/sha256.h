/* sha256.h - SHA-256 (FIPS 180-4) of bytes that are there as a whole, by the processor's own instructions where it has some: several times as
 * fast as libsodium's, which has none of them. For what tells contents apart; keys and the audit log stay with libsodium. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

#define SHA256_BYTES 32

void sha256(unsigned char hash[SHA256_BYTES], const void *data, size_t size);

/* The same in plain C, for tests and other processors. */
void sha256_plain(unsigned char hash[SHA256_BYTES], const void *data, size_t size);

/* The same in hexadecimal digits. */
#define SHA256_DIGITS_BYTES (2 * SHA256_BYTES + 1)
void sha256_digits(char digits[SHA256_DIGITS_BYTES], const void *data, size_t size);

#endif
