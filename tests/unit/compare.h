/* compare.h - the one comparator of the tests: says where two arrays first differ, with both values and the seed. */
#ifndef TESTS_COMPARE_H
#define TESTS_COMPARE_H

#include "base/base.h"
/* cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* How far `got` may be from `wanted`: |got - wanted| ≤ absolute + relative · |wanted|. Both zero: bit for bit (NaN equals NaN). */
struct tolerance {
    double absolute;
    double relative;
};

/* Fails the test on the first difference, naming `what`, the place, both values and `seed`. */
void compare_floats(const char *what, const float *got, const float *wanted, size_t count, struct tolerance tolerance,
                    uint64_t seed);
void compare_bytes(const char *what, struct slice got, struct slice wanted, uint64_t seed);
void compare_text(const char *what, struct slice got, const char *wanted);

/* The seed of this run: ASSAY_TEST_SEED, or 1. */
uint64_t test_seed(void);

/* Fails the test with the error's message unless `ok`. */
void expect_ok(bool ok, const struct error *error);
/* Fails unless the call failed with this kind and `part` stands in its message. */
void expect_error(bool ok, const struct error *error, enum error_kind kind, const char *part);

/* A fresh folder below the build's temporary folder, removed with its content by test_folder_remove. */
char *test_folder_create(void) MUST_USE;
void test_folder_remove(char *folder);

#endif
