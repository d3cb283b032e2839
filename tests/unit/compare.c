#include "compare.h"
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool floats_agree(float got, float wanted, struct tolerance tolerance)
{
    if (memcmp(&got, &wanted, sizeof(got)) == 0 || (isnan(got) && isnan(wanted)))
        return true;
    if (tolerance.absolute == 0 && tolerance.relative == 0)
        return false;
    double difference = fabs((double)got - (double)wanted);
    return difference <= tolerance.absolute + tolerance.relative * fabs((double)wanted); /* false for NaN */
}

void compare_floats(const char *what, const float *got, const float *wanted, size_t count, struct tolerance tolerance,
                    uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        if (!floats_agree(got[i], wanted[i], tolerance))
            fail_msg("%s: value %zu of %zu is %.9g, expected %.9g (difference %.3g, allowed %.3g + %.3g relative; seed %llu)",
                     what, i, count, (double)got[i], (double)wanted[i], fabs((double)got[i] - (double)wanted[i]),
                     tolerance.absolute, tolerance.relative, (unsigned long long)seed);
}

void compare_bytes(const char *what, struct slice got, struct slice wanted, uint64_t seed)
{
    size_t common = got.size < wanted.size ? got.size : wanted.size;
    for (size_t i = 0; i < common; i++)
        if (got.data[i] != wanted.data[i])
            fail_msg("%s: byte %zu is %02x, expected %02x (sizes %zu and %zu; seed %llu)\n     got: %.*s\nexpected: %.*s", what,
                     i, (unsigned char)got.data[i], (unsigned char)wanted.data[i], got.size, wanted.size,
                     (unsigned long long)seed, (int)(got.size < 400 ? got.size : 400), got.data,
                     (int)(wanted.size < 400 ? wanted.size : 400), wanted.data);
    if (got.size != wanted.size)
        fail_msg("%s: %zu bytes, expected %zu (seed %llu)", what, got.size, wanted.size, (unsigned long long)seed);
}

void compare_text(const char *what, struct slice got, const char *wanted)
{
    compare_bytes(what, got, slice_from(wanted), 0);
}

uint64_t test_seed(void)
{
    const char *text = getenv("ASSAY_TEST_SEED");
    uint64_t seed = 1;
    if (text != NULL && !slice_to_u64(slice_from(text), &seed))
        fail_msg("ASSAY_TEST_SEED is \"%s\", expected a number", text);
    return seed;
}

void expect_ok(bool ok, const struct error *error)
{
    if (!ok)
        fail_msg("%s: %s", error_kind_name(error->kind), error->message);
}

void expect_error(bool ok, const struct error *error, enum error_kind kind, const char *part)
{
    if (ok)
        fail_msg("no error, expected %s with \"%s\"", error_kind_name(kind), part);
    if (error->kind != kind || strstr(error->message, part) == NULL)
        fail_msg("%s: \"%s\", expected %s with \"%s\"", error_kind_name(error->kind), error->message, error_kind_name(kind),
                 part);
}

char *test_folder_create(void)
{
    const char *base = getenv("TMPDIR");
    char path[LIMIT_PATH_BYTES];
    snprintf(path, sizeof(path), "%s/assay-test-XXXXXX", base ? base : "/tmp");
    if (mkdtemp(path) == NULL)
        fail_msg("could not make a folder at %s", path);
    return memory_copy_text(path, strlen(path));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void test_folder_remove(char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}
