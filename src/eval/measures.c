/* measures.c - recall, precision, reciprocal rank and nDCG of one question, and what chance leaves of their means.
 *
 *   DCG = Σ gain / log2(rank + 1) over the first 10      nDCG = DCG / the DCG of the best order      (Järvelin and Kekäläinen 2002)
 *   average precision = Σ precision at each relevant result / how many are relevant; those that are not among the results add nothing
 *
 * Intervals are over documents (base/statistics.h): questions about one hang together. */
#include "runs.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { CUT = 10 };

const char *const eval_measure_names[EVAL_MEASURES] = {[EVAL_RECALL_1] = "recall@1",
                                                       [EVAL_RECALL_5] = "recall@5",
                                                       [EVAL_RECALL_10] = "recall@10",
                                                       [EVAL_MRR_10] = "mrr@10",
                                                       [EVAL_NDCG_10] = "ndcg@10",
                                                       [EVAL_HIT_5] = "hit@5",
                                                       [EVAL_HIT_10] = "hit@10",
                                                       [EVAL_PRECISION_5] = "precision@5",
                                                       [EVAL_PRECISION_10] = "precision@10",
                                                       [EVAL_MAP] = "map"};

static int descending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left < *right) - (*left > *right);
}

/* How many relevant ones are among the first `cut`. */
static double found_in(const double *gains, size_t count, size_t cut)
{
    size_t found = 0;
    for (size_t i = 0; i < count && i < cut; i++)
        found += gains[i] > 0;
    return (double)found;
}

static double average_precision(const double *gains, size_t count, double relevant_count)
{
    double found = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (gains[i] <= 0)
            continue;
        found++;
        sum += found / (double)(i + 1);
    }
    return sum / relevant_count;
}

static double discounted(const double *gains, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count && i < CUT; i++)
        sum += gains[i] > 0 ? gains[i] / log2((double)i + 2) : 0;
    return sum;
}

void eval_question(const double *gains, size_t count, const double *relevant, size_t relevant_count, struct eval_scores *scores)
{
    assert(relevant_count > 0);
    double *best = memory_alloc(relevant_count, sizeof(*best));
    for (size_t i = 0; i < relevant_count; i++) {
        assert(relevant[i] > 0);
        best[i] = relevant[i];
    }
    qsort(best, relevant_count, sizeof(*best), descending);
    size_t first = 0;
    while (first < count && first < CUT && gains[first] <= 0)
        first++;
    const double relevant_all = (double)relevant_count, in_5 = found_in(gains, count, 5), in_10 = found_in(gains, count, 10);
    *scores = (struct eval_scores){{
        [EVAL_RECALL_1] = found_in(gains, count, 1) / relevant_all,
        [EVAL_RECALL_5] = in_5 / relevant_all,
        [EVAL_RECALL_10] = in_10 / relevant_all,
        [EVAL_MRR_10] = first < count && first < CUT ? 1 / (double)(first + 1) : 0,
        [EVAL_NDCG_10] = discounted(gains, count) / discounted(best, relevant_count),
        [EVAL_HIT_5] = in_5 > 0,
        [EVAL_HIT_10] = in_10 > 0,
        [EVAL_PRECISION_5] = in_5 / 5,
        [EVAL_PRECISION_10] = in_10 / 10,
        [EVAL_MAP] = average_precision(gains, count, relevant_all),
    }};
    free(best);
}

void eval_mean(const struct eval_scores *scores, size_t count, struct eval_scores *mean)
{
    *mean = (struct eval_scores){0};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < EVAL_MEASURES; j++)
            mean->values[j] += scores[i].values[j];
    for (size_t j = 0; j < EVAL_MEASURES && count > 0; j++)
        mean->values[j] /= (double)count;
}

void eval_interval_of(const struct clustered *clustered, struct eval_interval *interval)
{
    struct statistics_interval drawn;
    bool is_share = true;
    for (size_t i = 0; i < clustered->count; i++)
        is_share = is_share && (clustered->values[i] <= 0 || clustered->values[i] >= 1);
    if (is_share) /* draws of nothing but ones would be sure of it */
        statistics_share(clustered, &drawn);
    else
        statistics_clustered(clustered, &drawn);
    *interval = (struct eval_interval){statistics_mean(clustered), fmax(drawn.low, 0), fmin(drawn.high, 1)};
}

void eval_intervals(const struct eval_scores *scores, const uint32_t *clusters, size_t count,
                    struct eval_interval measures[EVAL_MEASURES])
{
    double *values = memory_alloc(count + 1, sizeof(*values));
    const struct clustered clustered = {.values = values, .clusters = clusters, .count = count, .seed = EVAL_SEED};
    for (size_t j = 0; j < EVAL_MEASURES; j++) {
        for (size_t i = 0; i < count; i++)
            values[i] = scores[i].values[j];
        eval_interval_of(&clustered, &measures[j]);
    }
    free(values);
}

bool eval_step(const struct eval_progress *progress, const char *stage, size_t done, size_t total, struct error *error)
{
    if (progress->step == NULL || progress->step(progress->context, stage, done, total))
        return true;
    return error_set(error, ERROR_CANCELLED, "stopped while %s, after %zu", stage, done);
}
