/* statistics.h - what chance leaves of a number that was counted or averaged: intervals (95 % where nothing else is said) and tests. */
#ifndef BASE_STATISTICS_H
#define BASE_STATISTICS_H

#include <stdbool.h>
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

/* The second is right more often, and not by chance (STATISTICS_CHANCE). */
bool statistics_is_better(const struct paired *paired);

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

/* ---- observations that hang together ----
 *
 * Questions about one document are right or wrong together, so that ten of them say less than ten questions about ten documents. Here whole
 * clusters are drawn, or turned over. */

struct clustered {
    const double *values; /* one an observation; for a comparison: the second's less the first's */
    const uint32_t *clusters; /* the number of each observation's cluster; NULL: each stands alone */
    size_t count; /* observations */
    uint64_t seed;
};

/* The mean. Without observations 0. */
double statistics_mean(const struct clustered *clustered);
size_t statistics_clusters(const struct clustered *clustered);

/* Its interval: the percentiles of 10,000 means over clusters drawn anew, spread out as Student's distribution asks for few clusters (Hesterberg
 * 2015). Of less than two clusters nothing can be said: minus to plus infinity. Values that are all the same have no width; for shares take
 * statistics_share. */
void statistics_clustered(const struct clustered *clustered, struct statistics_interval *interval);
/* The same where another share than 0.05 shall lie outside: one of many comparisons. Of more draws where that is less. */
void statistics_clustered_at(const struct clustered *clustered, double outside, struct statistics_interval *interval);

/* Of values that are 0 or 1: Wilson's interval for as many observations as the clusters are worth (Korn and Graubard 1998), never more than there
 * are; where all are 0 or all are 1, for as many as there are clusters. */
void statistics_share(const struct clustered *clustered, struct statistics_interval *interval);

/* The intervals of a mean of values of 0 … 1, and of a mean of differences, for who tells them: Wilson's where the values are shares, NaN to NaN where
 * draws cannot tell one, of fewer than ten observations or of such as are all the same. */
enum { STATISTICS_FEWEST = 10 };
#define STATISTICS_CHANCE 0.05 /* a difference that chance alone makes as seldom as this is one */
void statistics_mean_interval(const struct clustered *clustered, struct statistics_interval *interval);
void statistics_difference_interval(const struct clustered *clustered, struct statistics_interval *interval);

/* The chance of a mean at least this far from 0, if each cluster could as well have had the other sign (Fisher 1935): 10,000 drawn ones, or all
 * where that is fewer. For differences between two ways to answer the same questions. */
double statistics_sign_flip(const struct clustered *clustered);

/* The standard deviation that one observation alone would need for a mean of this uncertainty: √count times the standard error over clusters. */
double statistics_deviation(const struct clustered *clustered);

/* The least of the values, in ascending order, that so large a share of them does not exceed (0 < share <= 1). Of none: 0. */
double statistics_percentile(const double *sorted, size_t count, double share);

/* ---- many comparisons, agreement, planning ---- */

/* adjusted[i]: the chance of chances[i], when `count` comparisons were made and any could have looked good (Holm 1979). */
void statistics_holm(const double *chances, size_t count, double *adjusted);

/* Agreement of two who gave each case one of `labels` labels, beyond chance (Cohen 1960): 1 always, 0 as by chance. Where one label alone was given
 * by both, nothing can be told: 0. */
double statistics_kappa(const uint32_t *first, const uint32_t *second, size_t count, size_t labels);
/* The same with its interval: Wilson's of the agreement, beyond the chance that was seen. -1 … 1 where kappa says nothing. */
double statistics_kappa_interval(const uint32_t *first, const uint32_t *second, size_t count, size_t labels,
                                 struct statistics_interval *interval);

/* What `count` cases can tell apart, with a chance of 80 % to see it and of 5 % to see what is not there; and how many cases are needed for a
 * difference. `deviation`: of one case's difference (statistics_deviation). */
double statistics_detectable(double deviation, size_t count);
size_t statistics_needed(double deviation, double difference);

/* The value below which `share` (0 < share < 1) of the standard normal and of Student's distribution lies. */
double statistics_normal_quantile(double share);
double statistics_student_quantile(double share, double degrees);

#endif
