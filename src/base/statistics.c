/* statistics.c - intervals and tests from counts, and by drawing again. */
#include "statistics.h"
#include "memory.h"
#include "random.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define Z 1.959963984540054 /* 2.5 % of the normal distribution lie above it */

void statistics_wilson(size_t hits, size_t count, struct statistics_interval *interval)
{
    assert(hits <= count);
    *interval = (struct statistics_interval){0, 1};
    if (count == 0)
        return;
    double n = (double)count, p = (double)hits / n;
    double middle = p + Z * Z / (2 * n), spread = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)), scale = 1 + Z * Z / n;
    interval->low = hits == 0 ? 0 : (middle - spread) / scale;
    interval->high = hits == count ? 1 : (middle + spread) / scale;
}

double statistics_mcnemar(const struct paired *paired)
{
    size_t n = paired->first_only + paired->second_only;
    size_t least = paired->first_only < paired->second_only ? paired->first_only : paired->second_only;
    double sum = 0, log_choose = 0; /* of n over i, step by step: sums of logarithms do not overflow */
    for (size_t i = 0; i <= least; i++) {
        if (i > 0)
            log_choose += log((double)(n - i + 1)) - log((double)i);
        sum += exp(log_choose - (double)n * log(2));
    }
    return 2 * sum < 1 ? 2 * sum : 1;
}

bool statistics_is_better(const struct paired *paired)
{
    return paired->second_only > paired->first_only && statistics_mcnemar(paired) <= STATISTICS_CHANCE;
}

/* How the two hang together, with Newcombe's correction for continuity. */
static double correlation(const struct paired *paired)
{
    double a = (double)paired->both, b = (double)paired->first_only, c = (double)paired->second_only;
    double d = (double)paired->neither, n = a + b + c + d;
    double product = (a + b) * (c + d) * (a + c) * (b + d), excess = a * d - b * c;
    if (product <= 0)
        return 0;
    if (excess > 0)
        excess = excess > n / 2 ? excess - n / 2 : 0;
    return excess / sqrt(product);
}

double statistics_newcombe(const struct paired *paired, struct statistics_interval *interval)
{
    size_t first = paired->both + paired->first_only, second = paired->both + paired->second_only;
    size_t count = first + paired->second_only + paired->neither;
    struct statistics_interval of_first, of_second;
    *interval = (struct statistics_interval){-1, 1};
    if (count == 0)
        return 0;
    statistics_wilson(first, count, &of_first);
    statistics_wilson(second, count, &of_second);
    double p1 = (double)first / (double)count, p2 = (double)second / (double)count, phi = correlation(paired);
    double below1 = p1 - of_first.low, above1 = of_first.high - p1, below2 = p2 - of_second.low, above2 = of_second.high - p2;
    interval->low = p2 - p1 - sqrt(below2 * below2 - 2 * phi * below2 * above1 + above1 * above1);
    interval->high = p2 - p1 + sqrt(above2 * above2 - 2 * phi * above2 * below1 + below1 * below1);
    return p2 - p1;
}

static int descending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left < *right) - (*left > *right);
}

void statistics_bootstrap(const struct bootstrap *bootstrap, struct statistics_interval *interval)
{
    assert(bootstrap->outside > 0 && bootstrap->outside < 1);
    assert(bootstrap->draws > 0 && bootstrap->count <= UINT32_MAX);
    double *results = memory_alloc(bootstrap->draws, sizeof(*results));
    uint32_t *draw = memory_alloc(bootstrap->count + 1, sizeof(*draw));
    struct random random;
    random_init(&random, bootstrap->seed);
    for (size_t i = 0; i < bootstrap->draws; i++) {
        for (size_t j = 0; j < bootstrap->count; j++)
            draw[j] = (uint32_t)random_below(&random, bootstrap->count);
        results[i] = bootstrap->statistic(bootstrap->context, draw, bootstrap->count);
    }
    qsort(results, bootstrap->draws, sizeof(*results), descending);
    size_t cut = (size_t)(bootstrap->outside / 2 * (double)bootstrap->draws);
    *interval = (struct statistics_interval){results[bootstrap->draws - 1 - cut], results[cut]};
    free(results);
    free(draw);
}
