/* statistics_plan.c - quantiles, many comparisons at once, agreement, and how many cases are enough. */
#include "memory.h"
#include "statistics.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define POWER 0.8
#define OUTSIDE 0.05

/* Halves the interval until nothing is left of it; `below` grows with the value. */
static double quantile(double share, double degrees, double (*below)(double value, double degrees))
{
    double low = -1, high = 1;
    while (below(low, degrees) > share && low > -1e12)
        low *= 2;
    while (below(high, degrees) < share && high < 1e12)
        high *= 2;
    for (unsigned i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2;
        if (below(middle, degrees) < share)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static double normal_below(double value, double degrees)
{
    (void)degrees;
    return 0.5 * erfc(-value / sqrt(2));
}

/* The incomplete beta function's continued fraction, by Lentz's way. */
static double beta_fraction(double a, double b, double x)
{
    const double least = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1), value;
    d = 1 / (fabs(d) < least ? least : d);
    value = d;
    for (unsigned i = 1; i <= 1000; i++) {
        double m = i, two = 2 * m;
        double even = m * (b - m) * x / ((a + two - 1) * (a + two));
        double odd = -(a + m) * (a + b + m) * x / ((a + two) * (a + two + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < least ? least : d);
        c = fabs(c) < least ? least : c;
        value *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < least ? least : d);
        c = fabs(c) < least ? least : c;
        value *= d * c;
        if (fabs(d * c - 1) < 1e-15)
            break;
    }
    return value;
}

static double beta_below(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    int sign;
    double front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

static double student_below(double value, double degrees)
{
    double tail = 0.5 * beta_below(degrees / 2, 0.5, degrees / (degrees + value * value));
    return value > 0 ? 1 - tail : tail;
}

double statistics_normal_quantile(double share)
{
    assert(share > 0 && share < 1);
    return quantile(share, 0, normal_below);
}

double statistics_student_quantile(double share, double degrees)
{
    assert(share > 0 && share < 1 && degrees > 0);
    return quantile(share, degrees, student_below);
}

struct ordered {
    double chance;
    size_t at;
};

static int by_chance(const void *a, const void *b)
{
    const struct ordered *left = a, *right = b;
    int order = (left->chance > right->chance) - (left->chance < right->chance);
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

void statistics_holm(const double *chances, size_t count, double *adjusted)
{
    struct ordered *items = memory_alloc(count + 1, sizeof(*items));
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct ordered){chances[i], i};
    qsort(items, count, sizeof(*items), by_chance);
    for (size_t i = 0; i < count; i++) {
        double own = items[i].chance * (double)(count - i);
        largest = own > largest ? own : largest;
        adjusted[items[i].at] = largest < 1 ? largest : 1;
    }
    free(items);
}

double statistics_kappa_interval(const uint32_t *first, const uint32_t *second, size_t count, size_t labels,
                                 struct statistics_interval *interval)
{
    size_t *of_first = memory_alloc(labels + 1, sizeof(*of_first)), *of_second = memory_alloc(labels + 1, sizeof(*of_second));
    double agreed = 0, expected = 0, n = (double)count;
    for (size_t i = 0; i < count; i++) {
        assert(first[i] < labels && second[i] < labels);
        of_first[first[i]]++;
        of_second[second[i]]++;
        agreed += first[i] == second[i];
    }
    for (size_t i = 0; i < labels && count > 0; i++)
        expected += (double)of_first[i] / n * ((double)of_second[i] / n);
    free(of_first);
    free(of_second);
    *interval = (struct statistics_interval){-1, 1};
    if (count == 0 || expected >= 1 - 1e-12)
        return 0;
    statistics_wilson((size_t)agreed, count, interval);
    interval->low = fmax((interval->low - expected) / (1 - expected), -1);
    interval->high = (interval->high - expected) / (1 - expected);
    return (agreed / n - expected) / (1 - expected);
}

double statistics_kappa(const uint32_t *first, const uint32_t *second, size_t count, size_t labels)
{
    struct statistics_interval interval;
    return statistics_kappa_interval(first, second, count, labels, &interval);
}

static double wanted_distance(void)
{
    return statistics_normal_quantile(1 - OUTSIDE / 2) + statistics_normal_quantile(POWER);
}

double statistics_percentile(const double *sorted, size_t count, double share)
{
    assert(share > 0 && share <= 1);
    double needed = ceil(share * (double)count - 1e-9); /* 0.95 is not one exactly */
    size_t place = needed >= 1 ? (size_t)needed : 1;
    return count > 0 ? sorted[(place <= count ? place : count) - 1] : 0;
}

double statistics_detectable(double deviation, size_t count)
{
    assert(deviation >= 0);
    return count > 0 ? wanted_distance() * deviation / sqrt((double)count) : (double)INFINITY;
}

size_t statistics_needed(double deviation, double difference)
{
    assert(deviation >= 0 && difference > 0);
    double root = wanted_distance() * deviation / difference, count = ceil(root * root);
    return count < 1e15 ? (size_t)count : (size_t)1e15;
}
