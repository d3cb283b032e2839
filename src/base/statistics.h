/* statistics.h - what chance leaves of a number that was counted or averaged: intervals (95 % where nothing else is said) and tests. */
#ifndef BASE_STATISTICS_H
#define BASE_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

struct statistics_interval {
    double low, high;
};

/* Of a share, hits of count (Wilson 1927). Without any count: 0 … 1. */
void statistics_wilson(size_t hits, size_t count, struct statistics_interval *interval);

/* Two ways to answer the same questions: how many were right by both, by one alone, by none. */
struct paired {
    size_t both, first_only, second_only, neither;
};

/* The chance, if the two were equally good, of a difference at least this large (McNemar 1947, exact: two-sided binomial). */
double statistics_mcnemar(const struct paired *paired);

/* The share right by the second less that by the first, with its interval (Newcombe 1998, method 10). */
double statistics_newcombe(const struct paired *paired, struct statistics_interval *interval);

/* A number computed over some of the observations, `draw` naming them. */
typedef double statistic_of(void *context, const uint32_t *draw, size_t count);

struct bootstrap {
    size_t count; /* observations */
    size_t draws; /* samples of as many, drawn with repetition */
    double outside; /* 0.05: half of it on each side lies outside of the interval */
    uint64_t seed;
    statistic_of *statistic;
    void *context;
};

/* The percentile interval of the bootstrap (Efron 1979). Repeats for the same seed. */
void statistics_bootstrap(const struct bootstrap *bootstrap, struct statistics_interval *interval);

#endif
