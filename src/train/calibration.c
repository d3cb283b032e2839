/* calibration.c - probabilities that mean what they say: one temperature for all logits (Guo et al. 2017), and from which confidence on to answer.
 *
 * The log loss as a function of 1/temperature is convex, so that a search by golden section over its logarithm finds the least. */
#include "measures_classify.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { BINS = 15, SECTION_STEPS = 60 };

void measure_softmax(float *logits, size_t count, size_t label_count, double temperature)
{
    assert(label_count > 0);
    for (size_t i = 0; i < count; i++) {
        float *row = logits + i * label_count, most = row[0];
        double sum = 0;
        for (size_t j = 1; j < label_count; j++)
            most = row[j] > most ? row[j] : most;
        for (size_t j = 0; j < label_count; j++)
            sum += exp((double)(row[j] - most) / temperature);
        for (size_t j = 0; j < label_count; j++)
            row[j] = (float)(exp((double)(row[j] - most) / temperature) / sum);
    }
}

void measure_answers(const float *probabilities, size_t count, size_t label_count, uint32_t *answers, double *confidences)
{
    for (size_t i = 0; i < count; i++) {
        const float *row = probabilities + i * label_count;
        size_t best = 0;
        for (size_t j = 1; j < label_count; j++)
            best = row[j] > row[best] ? j : best;
        answers[i] = (uint32_t)best;
        if (confidences != NULL)
            confidences[i] = (double)row[best];
    }
}

double measure_log_loss(const float *logits, const uint32_t *truth, size_t count, size_t label_count, double temperature)
{
    double loss = 0;
    for (size_t i = 0; i < count; i++) {
        const float *row = logits + i * label_count;
        float most = row[0];
        double sum = 0;
        for (size_t j = 1; j < label_count; j++)
            most = row[j] > most ? row[j] : most;
        for (size_t j = 0; j < label_count; j++)
            sum += exp((double)(row[j] - most) / temperature);
        loss += log(sum) - (double)(row[truth[i]] - most) / temperature;
    }
    return count > 0 ? loss / (double)count : 0;
}

static bool all_right(const float *logits, const uint32_t *truth, size_t count, size_t label_count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < label_count; j++)
            if (j != truth[i] && logits[i * label_count + j] >= logits[i * label_count + truth[i]])
                return false;
    return true;
}

double measure_temperature(const float *logits, const uint32_t *truth, size_t count, size_t label_count)
{
    const double golden = (sqrt(5) - 1) / 2;
    double low = log(0.01), high = log(100);
    if (count == 0)
        return 1;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double at_left = measure_log_loss(logits, truth, count, label_count, exp(left));
    double at_right = measure_log_loss(logits, truth, count, label_count, exp(right));
    for (size_t i = 0; i < SECTION_STEPS && high - low > 1e-7; i++) {
        if (at_left <= at_right) {
            high = right;
            right = left;
            at_right = at_left;
            left = high - golden * (high - low);
            at_left = measure_log_loss(logits, truth, count, label_count, exp(left));
        } else {
            low = left;
            left = right;
            at_left = at_right;
            right = low + golden * (high - low);
            at_right = measure_log_loss(logits, truth, count, label_count, exp(right));
        }
    }
    double temperature = exp((low + high) / 2);
    /* Where nothing is wrong the loss falls to nothing with the temperature: that says nothing of how sure to be of other texts. */
    return temperature < 1 && all_right(logits, truth, count, label_count) ? 1 : temperature;
}

double measure_calibration(const double *confidences, const uint32_t *truth, const uint32_t *answers, size_t count)
{
    double confidence[BINS] = {0}, hits[BINS] = {0}, error = 0;
    for (size_t i = 0; i < count; i++) {
        double place = ceil(confidences[i] * BINS) - 1; /* a bin holds its upper end */
        size_t bin = place < 0 ? 0 : place >= BINS ? BINS - 1 : (size_t)place;
        confidence[bin] += confidences[i];
        hits[bin] += truth[i] == answers[i];
    }
    for (size_t i = 0; i < BINS; i++)
        error += fabs(hits[i] - confidence[i]);
    return count > 0 ? error / (double)count : 0;
}

/* ---- when to abstain ---- */

struct ranked {
    double confidence;
    bool is_right;
};

static int by_confidence(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    return (left->confidence < right->confidence) - (left->confidence > right->confidence);
}

void measure_threshold(const double *confidences, const uint32_t *truth, const uint32_t *answers, size_t count, double wanted,
                       struct abstain_threshold *threshold)
{
    struct ranked *ranked = memory_alloc(count + 1, sizeof(*ranked));
    size_t hits = 0;
    *threshold = (struct abstain_threshold){.threshold = 1};
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){confidences[i], truth[i] == answers[i]};
    qsort(ranked, count, sizeof(*ranked), by_confidence);
    for (size_t i = 0; i < count; i++) {
        hits += ranked[i].is_right;
        if (i + 1 < count && ranked[i + 1].confidence == ranked[i].confidence)
            continue; /* a threshold cannot part them */
        double precision = (double)hits / (double)(i + 1);
        struct statistics_interval interval;
        statistics_wilson(hits, i + 1, &interval);
        bool reaches = interval.low >= wanted; /* by more than chance */
        if (reaches || (!threshold->is_reached && precision >= threshold->precision))
            *threshold = (struct abstain_threshold){threshold->is_reached || reaches, ranked[i].confidence, precision,
                                                    (double)(i + 1) / (double)count};
    }
    free(ranked);
}

void measure_abstaining(const double *confidences, const uint32_t *truth, const uint32_t *answers, size_t count, double least,
                        struct abstain_threshold *threshold)
{
    size_t answered = 0, hits = 0;
    for (size_t i = 0; i < count; i++) {
        bool answers_it = confidences[i] >= least;
        answered += answers_it;
        hits += answers_it && truth[i] == answers[i];
    }
    *threshold = (struct abstain_threshold){.is_reached = answered > 0,
                                            .threshold = least,
                                            .precision = answered > 0 ? (double)hits / (double)answered : 0,
                                            .coverage = count > 0 ? (double)answered / (double)count : 0};
}
