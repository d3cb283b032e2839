#include "kernel_rows.h"
#include "compare.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fill_names[ROW_FILL_COUNT] = {"random", "zero",        "minus zero", "largest",
                                                       "tiny",   "alternating", "equal"};
static const size_t type_sizes[] = {sizeof(float), sizeof(uint16_t), 1, sizeof(int32_t)};

/* The number at `i`; what a fill means for whole numbers is told by its size. */
static float float_at(enum row_fill fill, size_t i, float most, struct random *random)
{
    float unit = (float)(random_unit(random) * 2 - 1);
    float largest = random_below(random, 2) == 0 ? most : -most;
    switch (fill) {
    case ROW_ZERO:
        return 0;
    case ROW_MINUS_ZERO:
        return -0.0F;
    case ROW_LARGEST:
        return largest;
    case ROW_TINY:
        return unit * (i % 2 == 0 ? 1e-40F : 1e-37F);
    case ROW_ALTERNATING:
        return i % 2 == 0 ? unit * most : unit * 1e-3F;
    case ROW_EQUAL:
        return most / 3;
    default:
        return unit * (most < 8 ? most : 8);
    }
}

static void fill_row(void *out, enum row_type type, enum row_fill fill, size_t count, float most, struct random *random)
{
    for (size_t i = 0; i < count; i++) {
        float value = float_at(fill, i, most, random);
        if (type == ROW_F32)
            ((float *)out)[i] = value;
        else if (type == ROW_BF16)
            ((uint16_t *)out)[i] = bf16_of(value);
        else if (type == ROW_I8)
            ((int8_t *)out)[i] = (int8_t)(fill == ROW_LARGEST ? (value > 0 ? 127 : -128)
                                          : fill == ROW_EQUAL ? -128
                                                              : (int)random_below(random, 256) - 128);
        else
            ((int32_t *)out)[i] = (int32_t)(value * 8000);
    }
}

void row_fill_floats(float *out, enum row_fill fill, size_t count, float most, struct random *random)
{
    fill_row(out, ROW_F32, fill, count, most, random);
}

const char *row_fill_name(enum row_fill fill)
{
    return fill_names[fill];
}

enum { COUNT_MOST = 300, SHIFTS = 3 };

struct data {
    float a[COUNT_MOST], b[COUNT_MOST], c[COUNT_MOST], before[COUNT_MOST];
};

/* One run at a place of its own. The output is to be freed by its owner. */
static void *run_at(const struct row_kernel *kernel, const struct kernels *table, const struct row *row, size_t shift,
                    bool in_place, unsigned char **owner)
{
    size_t unit = type_sizes[kernel->type], bytes = row->count * unit;
    size_t out_bytes = kernel->out_size > 0 ? row->count * kernel->out_size : sizeof(float);
    unsigned char *owners[3];
    void *a = exact_copy(row->a, bytes, shift * unit, &owners[0]);
    void *b = exact_copy(row->b, bytes, (SHIFTS - shift) * unit, &owners[1]);
    void *c = exact_copy(row->c, row->count * sizeof(float), shift * sizeof(float), &owners[2]);
    void *out = guarded(out_bytes, shift * (kernel->out_size > 0 ? kernel->out_size : sizeof(float)), owner);
    memcpy(out, in_place ? row->a : (const void *)row->before, out_bytes);
    kernel->run(table, out, in_place ? out : a, b, c, row->count);
    check_guards(row->what, out, out_bytes, row->seed);
    for (size_t i = 0; i < ARRAY_COUNT(owners); i++)
        free(owners[i]);
    return out;
}

static void check_row(const struct row_kernel *kernel, const struct kernels *table, struct row *row)
{
    size_t out_bytes = kernel->out_size > 0 ? row->count * kernel->out_size : sizeof(float);
    unsigned char *owner, *other_owner;
    char *out = run_at(kernel, table, row, 0, false, &owner);
    row->out = out;
    kernel->check(row);
    for (size_t shift = 1; shift <= SHIFTS; shift++) {
        char *other = run_at(kernel, table, row, shift, false, &other_owner);
        compare_bytes(row->what, (struct slice){other, out_bytes}, (struct slice){out, out_bytes}, row->seed);
        free(other_owner);
    }
    if (kernel->in_place) {
        char *other = run_at(kernel, table, row, 1, true, &other_owner);
        compare_bytes(row->what, (struct slice){other, out_bytes}, (struct slice){out, out_bytes}, row->seed);
        free(other_owner);
    }
    free(owner);
}

static void check_table(const struct row_kernel *kernel, const struct kernels *table, uint64_t seed)
{
    struct random random;
    random_init(&random, seed);
    for (size_t count = kernel->count_least; count <= COUNT_MOST; count++)
        for (enum row_fill fill = 0; fill < ROW_FILL_COUNT; fill++) {
            struct data data = {0};
            char what[120];
            snprintf(what, sizeof(what), "%s %s, %zu numbers, %s", table->name, kernel->name, count, fill_names[fill]);
            fill_row(data.a, kernel->type, fill, count, kernel->most, &random);
            fill_row(data.b, kernel->type, count % 3 == 0 ? ROW_RANDOM : fill, count, kernel->most, &random);
            fill_row(data.c, ROW_F32, fill, count, kernel->most, &random);
            fill_row(data.before, ROW_F32, fill, count, kernel->most, &random);
            struct row row = {.what = what,
                              .count = count,
                              .fill = fill,
                              .a = data.a,
                              .b = data.b,
                              .c = data.c,
                              .before = data.before,
                              .seed = seed};
            check_row(kernel, table, &row);
        }
}

void row_kernels_check(const struct row_kernel *kernels, size_t kernel_count)
{
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++)
        for (size_t i = 0; i < kernel_count; i++)
            check_table(&kernels[i], tables[t], test_seed());
}

void row_expect(const struct row *row, size_t at, float got, double wanted, double bound)
{
    if ((double)got == wanted || fabs((double)got - wanted) <= bound)
        return;
    fail_msg("%s: number %zu is %.9g, expected %.9g within %.3g (it is %.3g away; seed %llu)", row->what, at, (double)got,
             wanted, bound, fabs((double)got - wanted), (unsigned long long)row->seed);
}
