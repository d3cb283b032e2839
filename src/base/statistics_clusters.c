/* statistics_clusters.c - means, shares and tests of observations that come in clusters. */
#include "memory.h"
#include "random.h"
#include "statistics.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { DRAWS = 10000, DRAWS_OUTSIDE = 20, ALL_FLIPS_CLUSTERS = 13 /* 2^13 signs are fewer than 10,000 draws */ };

#define OUTSIDE 0.05
#define Z 1.959963984540054

/* What the observations of one cluster come to. */
struct cluster {
    double sum;
    size_t size;
};

struct clusters {
    struct cluster *items;
    size_t count; /* of those with an observation */
};

static void gather(const struct clustered *clustered, struct clusters *clusters)
{
    size_t slots = 0, used = 0;
    for (size_t i = 0; i < clustered->count; i++) {
        size_t number = clustered->clusters != NULL ? clustered->clusters[i] : i;
        slots = number >= slots ? number + 1 : slots;
    }
    clusters->items = memory_alloc(slots + 1, sizeof(*clusters->items));
    for (size_t i = 0; i < clustered->count; i++) {
        struct cluster *cluster = &clusters->items[clustered->clusters != NULL ? clustered->clusters[i] : i];
        cluster->sum += clustered->values[i];
        cluster->size++;
    }
    for (size_t i = 0; i < slots; i++)
        if (clusters->items[i].size > 0)
            clusters->items[used++] = clusters->items[i];
    clusters->count = used;
}

double statistics_mean(const struct clustered *clustered)
{
    double sum = 0;
    for (size_t i = 0; i < clustered->count; i++)
        sum += clustered->values[i];
    return clustered->count > 0 ? sum / (double)clustered->count : 0;
}

size_t statistics_clusters(const struct clustered *clustered)
{
    struct clusters clusters;
    gather(clustered, &clusters);
    free(clusters.items);
    return clusters.count;
}

/* The variance of the mean, from how far clusters lie from what their sizes let expect. */
static double variance_of_mean(const struct clusters *clusters, size_t observations, double mean)
{
    double sum = 0, m = (double)clusters->count, n = (double)observations;
    if (clusters->count < 2)
        return 0;
    for (size_t i = 0; i < clusters->count; i++) {
        double apart = clusters->items[i].sum - mean * (double)clusters->items[i].size;
        sum += apart * apart;
    }
    return m / (m - 1) * sum / (n * n);
}

double statistics_deviation(const struct clustered *clustered)
{
    struct clusters clusters;
    gather(clustered, &clusters);
    double variance = variance_of_mean(&clusters, clustered->count, statistics_mean(clustered));
    free(clusters.items);
    return sqrt(variance * (double)clustered->count);
}

static int descending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left < *right) - (*left > *right);
}

static double draw_mean(const struct clusters *clusters, struct random *random)
{
    double sum = 0;
    size_t size = 0;
    for (size_t i = 0; i < clusters->count; i++) {
        const struct cluster *cluster = &clusters->items[random_below(random, clusters->count)];
        sum += cluster->sum;
        size += cluster->size;
    }
    return sum / (double)size;
}

/* So many that each end rests on several draws. */
static size_t draws_for(double outside)
{
    const double wanted = ceil(2 * DRAWS_OUTSIDE / outside);
    return wanted > DRAWS ? (size_t)wanted : DRAWS;
}

void statistics_clustered_at(const struct clustered *clustered, double outside, struct statistics_interval *interval)
{
    struct clusters clusters;
    struct random random;
    *interval = (struct statistics_interval){-(double)INFINITY, (double)INFINITY};
    gather(clustered, &clusters);
    if (clusters.count >= 2) {
        double m = (double)clusters.count;
        double wide = sqrt(m / (m - 1)) * statistics_student_quantile(1 - outside / 2, m - 1);
        size_t draws = draws_for(outside);
        double each_side = 0.5 * erfc(wide / sqrt(2)), *means = memory_alloc(draws, sizeof(*means));
        size_t cut = (size_t)(each_side * (double)draws);
        random_init(&random, clustered->seed);
        for (size_t i = 0; i < draws; i++)
            means[i] = draw_mean(&clusters, &random);
        qsort(means, draws, sizeof(*means), descending);
        *interval = (struct statistics_interval){means[draws - 1 - cut], means[cut]};
        free(means);
    }
    free(clusters.items);
}

void statistics_clustered(const struct clustered *clustered, struct statistics_interval *interval)
{
    statistics_clustered_at(clustered, OUTSIDE, interval);
}

void statistics_share(const struct clustered *clustered, struct statistics_interval *interval)
{
    struct clusters clusters;
    double p = statistics_mean(clustered), n = (double)clustered->count, worth = n;
    *interval = (struct statistics_interval){0, 1};
    if (clustered->count == 0)
        return;
    assert(p >= 0 && p <= 1);
    gather(clustered, &clusters);
    if (p <= 0 || p >= 1) {
        worth = (double)clusters.count; /* how much those of one cluster hang together cannot be seen: perhaps wholly */
    } else if (clusters.count < clustered->count && clusters.count >= 2) {
        double effect = variance_of_mean(&clusters, clustered->count, p) * n / (p * (1 - p));
        double few = Z / statistics_student_quantile(1 - OUTSIDE / 2, (double)clusters.count - 1);
        worth = effect > 1 ? n / effect : n;
        worth *= few * few;
    } else if (clusters.count == 1) {
        worth = 1;
    }
    double middle = p + Z * Z / (2 * worth), spread = Z * sqrt(p * (1 - p) / worth + Z * Z / (4 * worth * worth));
    interval->low = p > 0 ? (middle - spread) / (1 + Z * Z / worth) : 0;
    interval->high = p < 1 ? (middle + spread) / (1 + Z * Z / worth) : 1;
    free(clusters.items);
}

void statistics_difference_interval(const struct clustered *clustered, struct statistics_interval *interval)
{
    bool differs = false;
    for (size_t i = 1; i < clustered->count; i++)
        differs = differs || clustered->values[i] < clustered->values[0] || clustered->values[i] > clustered->values[0];
    *interval = (struct statistics_interval){(double)NAN, (double)NAN};
    if (!differs || statistics_clusters(clustered) < STATISTICS_FEWEST)
        return;
    statistics_clustered(clustered, interval);
    interval->low = fmax(interval->low, -1);
    interval->high = fmin(interval->high, 1);
}

void statistics_mean_interval(const struct clustered *clustered, struct statistics_interval *interval)
{
    bool is_share = clustered->count > 0;
    for (size_t i = 0; i < clustered->count; i++)
        is_share = is_share && (clustered->values[i] <= 0 || clustered->values[i] >= 1);
    if (is_share) {
        statistics_share(clustered, interval);
        return;
    }
    statistics_difference_interval(clustered, interval);
    if (interval->low < 0)
        interval->low = 0;
}

/* The sum with the signs that the low bits tell. */
static double flipped(const struct clusters *clusters, const uint64_t *bits)
{
    double sum = 0;
    for (size_t i = 0; i < clusters->count; i++)
        sum += (bits[i / 64] >> (i % 64) & 1) != 0 ? -clusters->items[i].sum : clusters->items[i].sum;
    return sum;
}

double statistics_sign_flip(const struct clustered *clustered)
{
    struct clusters clusters;
    struct random random;
    double observed = 0, scale = 0;
    gather(clustered, &clusters);
    for (size_t i = 0; i < clusters.count; i++) {
        observed += clusters.items[i].sum;
        scale += fabs(clusters.items[i].sum);
    }
    bool is_complete = clusters.count <= ALL_FLIPS_CLUSTERS;
    size_t draws = is_complete ? (size_t)1 << clusters.count : DRAWS, as_far = 0, words = clusters.count / 64 + 1;
    uint64_t *bits = memory_alloc(words, sizeof(*bits));
    random_init(&random, clustered->seed);
    for (size_t i = 0; i < draws; i++) {
        for (size_t j = 0; j < words; j++)
            bits[j] = is_complete ? i : random_u64(&random);
        as_far += fabs(flipped(&clusters, bits)) >= fabs(observed) - 1e-12 * scale;
    }
    free(bits);
    free(clusters.items);
    return is_complete ? (double)as_far / (double)draws : (double)(as_far + 1) / (double)(draws + 1);
}
