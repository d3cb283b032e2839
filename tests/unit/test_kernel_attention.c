/* test_kernel_attention.c - attention against its formula in double. */
#include "compare.h"
#include "kernel/kernel.h"
#include "kernel_memory.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HALF_ULP_BF16 0x1p-9

enum { COUNT_MOST = 300 };
enum scores { SCORES_RANDOM, SCORES_HUGE, SCORES_EQUAL, SCORES_RISING, SCORES_KINDS };

/* A task and what it is checked with. */
struct trial {
    struct kernel_attention task;
    float *matrix; /* [count, stride]: q, k and v beside one another, and a gap */
    float *bias;   /* the middle of 2·count - 1 */
    unsigned char *owners[2];
    char what[160];
    uint64_t seed;
    bool rounded; /* attention_bf16 is tried */
    bool halves; /* attention_halves is tried */
};

static void trial_make(struct trial *trial, const struct kernels *table, size_t count, size_t head_size, size_t window,
                       bool biased, enum scores scores, struct random *random)
{
    size_t gap = random_below(random, 5), stride = 3 * head_size + gap;
    float *numbers = memory_alloc(count * stride + 2 * count, sizeof(float)), *bias = numbers + count * stride;
    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; d < stride; d++) {
            float unit = (float)(random_unit(random) * 2 - 1);
            if (d < 2 * head_size)
                unit *= scores == SCORES_HUGE ? 60 : scores == SCORES_EQUAL ? 0 : 2;
            if (d < 2 * head_size && scores == SCORES_RISING)
                unit = d < head_size ? 1 : (float)i / 4; /* each block's maximum is a new one */
            numbers[i * stride + d] = unit;
        }
    for (size_t i = 0; i < 2 * count; i++)
        bias[i] = (float)(random_unit(random) * 8 - 4);
    size_t shift = sizeof(float) * random_below(random, MISALIGNMENTS);
    trial->matrix = exact_copy(numbers, (count * stride - gap) * sizeof(float), shift, &trial->owners[0]);
    trial->bias = (float *)exact_copy(bias, (2 * count - 1) * sizeof(float), shift, &trial->owners[1]) + count - 1;
    free(numbers);
    trial->task = (struct kernel_attention){.q = trial->matrix,
                                            .k = trial->matrix + head_size,
                                            .v = trial->matrix + 2 * head_size,
                                            .stride = stride,
                                            .count = count,
                                            .head_size = head_size,
                                            .scale = (float)(1 / sqrt((double)head_size)),
                                            .window = window,
                                            .bias = biased ? trial->bias : NULL};
    snprintf(trial->what, sizeof(trial->what), "%s attention%s, %zu tokens, head size %zu, window %zu, %s, scores %d",
             table->name, trial->rounded ? "_bf16" : "", count, head_size, window, biased ? "bias" : "no bias", (int)scores);
}

static void trial_free(struct trial *trial)
{
    free(trial->owners[0]);
    free(trial->owners[1]);
}

/* The rows of `out` are `head_size` + 3 apart; what lies between them is not to be written. */
static float *attend(const struct kernels *table, struct trial *trial, size_t shift, unsigned char **owner)
{
    struct kernel_attention *task = &trial->task;
    size_t size = task->head_size, stride = size + 3, bytes = ((task->count - 1) * stride + size) * sizeof(float);
    size_t scratch_bytes = kernel_attention_scratch(task->count, size) * sizeof(float);
    unsigned char *scratch_owner;
    float *out = guarded(bytes, shift * sizeof(float), owner);
    task->out = out;
    task->out_stride = stride;
    task->scratch = guarded(scratch_bytes, shift * sizeof(float), &scratch_owner);
    if (trial->halves)
        table->attention_halves(task);
    else if (trial->rounded)
        table->attention_bf16(task);
    else
        table->attention(task);
    check_guards(trial->what, out, bytes, trial->seed);
    check_guards(trial->what, task->scratch, scratch_bytes, trial->seed);
    for (size_t i = 0; i + 1 < task->count; i++)
        for (size_t gap = size * sizeof(float); gap < stride * sizeof(float); gap++)
            if (((unsigned char *)(out + i * stride))[gap] != GUARD_BYTE)
                fail_msg("%s: wrote between rows %zu and %zu", trial->what, i, i + 1);
    free(scratch_owner);
    return out;
}

static double score(const struct trial *trial, size_t i, size_t j, double *size)
{
    const struct kernel_attention *task = &trial->task;
    double sum = 0;
    *size = 0;
    for (size_t d = 0; d < task->head_size; d++) {
        double term = (double)task->q[i * task->stride + d] * (double)task->k[j * task->stride + d] * (double)task->scale;
        sum += term;
        *size += fabs(term);
    }
    double bias = task->bias != NULL ? (double)task->bias[(ptrdiff_t)j - (ptrdiff_t)i] : 0;
    *size += fabs(bias);
    return sum + bias;
}

/* Row i in double. With u = 2⁻²⁴: a score is off by (head size + 3)·u·Σ|terms|; its exponential, relative, by that (and as much for the
 * largest), u·|its distance from the largest| and 3e-7 for the function, the last once more for each block of keys, as the running
 * maximum may move each time: together off[j]. p[j] = e[j] / Σ e is off by off[j] and by the mean of them all, weighed; the sums over
 * p·v by (count + 4)·u. Where it may round to bf16: each term of a score twice more by 2⁻⁹, e and v once each, and e by 1.1e-4
 * before it, all relative. */
static void check_row(const struct trial *trial, const float *out, size_t i)
{
    enum { BLOCK_LEAST = 8 };
    const struct kernel_attention *task = &trial->task;
    size_t first = task->window > 0 && i > task->window ? i - task->window : 0;
    size_t end = task->window > 0 && task->count - i > task->window ? i + task->window + 1 : task->count;
    double e[COUNT_MOST + 200], off[COUNT_MOST + 200], largest = -HUGE_VAL, score_off = 0, sum = 0, mean_off = 0;
    for (size_t j = first; j < end; j++) {
        e[j] = score(trial, i, j, &off[j]);
        off[j] *= ((double)task->head_size + 3) * HALF_ULP + (trial->rounded ? 2.01 * HALF_ULP_BF16 : 0);
        largest = fmax(largest, e[j]);
        score_off = fmax(score_off, off[j]);
    }
    double blocks = (double)(end - first) / BLOCK_LEAST + 2;
    for (size_t j = first; j < end; j++) {
        off[j] = expm1(off[j] + score_off + (largest - e[j]) * 2 * HALF_ULP + blocks * 3e-7 +
                       (trial->rounded ? HALF_ULP_BF16 + 1.1e-4 : 0));
        e[j] = exp(e[j] - largest);
        sum += e[j];
        mean_off += e[j] * off[j];
    }
    mean_off /= sum;
    for (size_t d = 0; d < task->head_size; d++) {
        double wanted = 0, bound = 0, got = (double)out[d];
        for (size_t j = first; j < end; j++) {
            double term = e[j] / sum * (double)task->v[j * task->stride + d];
            wanted += term;
            bound += fabs(term) * ((1 + off[j]) * (1 + mean_off) - 1 + ((double)(end - first) + 4) * HALF_ULP +
                                   (trial->rounded ? 2.01 * HALF_ULP_BF16 : 0)) +
                     1e-37;
        }
        if (!(fabs(got - wanted) <= bound))
            fail_msg("%s: row %zu column %zu is %.9g, expected %.9g within %.3g (seed %llu)", trial->what, i, d, got, wanted,
                     bound, (unsigned long long)trial->seed);
    }
}

static void check_one(const struct kernels *table, size_t count, size_t head_size, size_t window, bool biased,
                      enum scores scores, bool rounded, struct random *random, uint64_t seed)
{
    struct trial trial = {.seed = seed, .rounded = rounded};
    trial_make(&trial, table, count, head_size, window, biased, scores, random);
    unsigned char *owner, *other_owner;
    float *out = attend(table, &trial, 0, &owner), *other = attend(table, &trial, 1, &other_owner);
    size_t stride = trial.task.out_stride;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(out + i * stride, other + i * stride, head_size * sizeof(float)) != 0)
            fail_msg("%s: row %zu has other bits at another place (seed %llu)", trial.what, i, (unsigned long long)seed);
        if (count < 40 || i % 7 == count % 7 || i + 2 > count)
            check_row(&trial, out + i * stride, i);
    }
    free(owner);
    free(other_owner);
    trial_free(&trial);
}

static void check(const struct kernels *table, size_t count, size_t head_size, size_t window, bool biased, enum scores scores,
                  struct random *random, uint64_t seed)
{
    check_one(table, count, head_size, window, biased, scores, false, random, seed);
    if (table->attention_bf16 != table->attention)
        check_one(table, count, head_size, window, biased, scores, true, random, seed);
}

static void each_table(void (*with)(const struct kernels *table, struct random *random, uint64_t seed))
{
    size_t table_count;
    const struct kernels *const *tables = kernels_available(&table_count);
    for (size_t t = 0; t < table_count; t++) {
        struct random random;
        random_init(&random, test_seed());
        with(tables[t], &random, test_seed());
    }
}

static void with_counts(const struct kernels *table, struct random *random, uint64_t seed)
{
    for (size_t count = 1; count <= COUNT_MOST; count++)
        check(table, count, 1 + random_below(random, count < 70 || count % 10 == 0 ? 80 : 16), 0, false,
              (enum scores)(count % SCORES_KINDS), random, seed);
    for (size_t count = 64; count <= 256; count += 64)
        for (enum scores scores = 0; scores < SCORES_KINDS; scores++)
            check(table, count, 32, 0, count == 128, scores, random, seed);
}

static void with_head_sizes(const struct kernels *table, struct random *random, uint64_t seed)
{
    for (size_t head_size = 1; head_size <= 80; head_size++)
        check(table, 1 + random_below(random, 100), head_size, 0, head_size % 2 == 0, SCORES_RANDOM, random, seed);
    for (enum scores scores = 0; scores < SCORES_KINDS; scores++)
        check(table, 70, KERNEL_HEAD_SIZE_MAX, 0, false, scores, random, seed);
}

static void with_windows(const struct kernels *table, struct random *random, uint64_t seed)
{
    static const size_t windows[] = {1, 2, 3, 7, 16, 31, 64, 65, 130, 299, 300, 1000, SIZE_MAX};
    static const size_t counts[] = {1, 2, 5, 64, 65, 130, 255, 256, 300};
    for (size_t w = 0; w < ARRAY_COUNT(windows); w++)
        for (size_t c = 0; c < ARRAY_COUNT(counts); c++)
            check(table, counts[c], c % 2 == 0 ? 32 : 17, windows[w], w % 2 == 0, (enum scores)((w + c) % SCORES_KINDS), random,
                  seed);
}

/* Put in bf16, the numbers are those of `wanted`, rounded. */
static void check_put_halves(const struct kernels *table, struct trial *trial, const float *wanted)
{
    struct kernel_attention *task = &trial->task;
    size_t size = task->head_size, stride = task->out_stride, bytes = ((task->count - 1) * stride + size) * sizeof(uint16_t);
    unsigned char *owner;
    task->out = NULL;
    task->out_bf16 = guarded(bytes, sizeof(uint16_t), &owner);
    task->scratch = memory_alloc(kernel_attention_scratch(task->count, size), sizeof(float));
    table->attention_halves(task);
    check_guards(trial->what, task->out_bf16, bytes, trial->seed);
    for (size_t i = 0; i < task->count; i++) {
        const uint16_t *row = task->out_bf16 + i * stride;
        for (size_t d = 0; d < size; d++)
            if (row[d] != bf16_of(wanted[i * stride + d]))
                fail_msg("%s: put in bf16, number %zu of row %zu is %04x (seed %llu)", trial->what, d, i, row[d],
                         (unsigned long long)trial->seed);
        for (size_t d = size * sizeof(*row); i + 1 < task->count && d < stride * sizeof(*row); d++)
            if (((const unsigned char *)row)[d] != GUARD_BYTE)
                fail_msg("%s: put in bf16, wrote between rows %zu and %zu", trial->what, i, i + 1);
    }
    free(task->scratch);
    free(owner);
}

/* What is bf16 already gives the bits that the same numbers in f32 do. */
static void check_halves(const struct kernels *table, size_t count, size_t head_size, struct random *random, uint64_t seed)
{
    struct trial trial = {.seed = seed, .rounded = true};
    trial_make(&trial, table, count, head_size, 0, false, (enum scores)(count % SCORES_KINDS), random);
    struct kernel_attention *task = &trial.task;
    size_t numbers = (count - 1) * task->stride + 3 * head_size;
    size_t readable = numbers + (KERNEL_ATTENTION_ROWS - 1) * task->stride;
    uint16_t *rounded = memory_alloc(readable, sizeof(*rounded));
    for (size_t i = 0; i < numbers; i++) {
        rounded[i] = bf16_of(trial.matrix[i]);
        trial.matrix[i] = bf16_to_float(rounded[i]);
    }
    memset(rounded + numbers, 0xFF, (readable - numbers) * sizeof(*rounded)); /* NaNs, which must not come through */
    unsigned char *owners[3];
    uint16_t *halves = exact_copy(rounded, readable * sizeof(*rounded), 2 * (count % MISALIGNMENTS), &owners[0]);
    float *wanted = attend(table, &trial, 0, &owners[1]);
    task->q_bf16 = halves;
    task->k_bf16 = halves + head_size;
    task->v_bf16 = halves + 2 * head_size;
    task->q = task->k = task->v = NULL;
    trial.halves = true;
    float *out = attend(table, &trial, 1, &owners[2]);
    for (size_t i = 0; i < count; i++)
        if (memcmp(out + i * task->out_stride, wanted + i * task->out_stride, head_size * sizeof(float)) != 0)
            fail_msg("%s of halves: row %zu has other bits (seed %llu)", trial.what, i, (unsigned long long)seed);
    check_put_halves(table, &trial, wanted);
    free(rounded);
    for (size_t i = 0; i < ARRAY_COUNT(owners); i++)
        free(owners[i]);
    trial_free(&trial);
}

static void with_halves(const struct kernels *table, struct random *random, uint64_t seed)
{
    if (table->attention_halves == NULL)
        return;
    for (size_t count = 1; count <= COUNT_MOST; count++)
        check_halves(table, count, count % 2 == 0 ? 1 + random_below(random, 80) : 32 * (1 + random_below(random, 3)), random,
                     seed);
    check_halves(table, 128, 32, random, seed);
}

static void counts(void **state)
{
    (void)state;
    each_table(with_counts);
}

static void head_sizes(void **state)
{
    (void)state;
    each_table(with_head_sizes);
}

static void windows(void **state)
{
    (void)state;
    each_table(with_windows);
}

static void halves(void **state)
{
    (void)state;
    each_table(with_halves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(head_sizes),
        cmocka_unit_test(windows),
        cmocka_unit_test(halves),
    };
    return cmocka_run_group_tests_name("kernel: attention", tests, NULL, NULL);
}
