/* style.c - a two-sample test by a classifier.
 *
 *   X [n, d + features], centred            K = X·Xᵀ            H = 1/n + K·(K + λ)⁻¹          λ: the mean of K's diagonal
 *
 * H takes labels y (±1) to the classifier's answers for the texts it has learned from. With the texts S of a fold left out, what it would answer for
 * them is y_S - (1 - H_SS)⁻¹·(y - H·y)_S: exact, since leaving out is the same as having the answer as label. */
#include "style.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { FOLDS = 10, EACH_MOST = 500, EACH_LEAST = 4, RELABELLINGS = 1000 };

struct samples {
    size_t count, outputs, folds;
    uint32_t *order; /* rows by fold */
    size_t starts[FOLDS + 1]; /* of folds, in `order` */
    double *hat; /* [count, count] */
    double *inverses[FOLDS]; /* of 1 - H_SS */
};

/* ---- linear algebra: small and symmetric ---- */

/* a = L·Lᵀ in its lower half; `a` is positive definite up to rounding. */
static void factor(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double diagonal = a[j * n + j];
        for (size_t k = 0; k < j; k++)
            diagonal -= a[j * n + k] * a[j * n + k];
        a[j * n + j] = diagonal = sqrt(diagonal > 1e-12 ? diagonal : 1e-12);
        for (size_t i = j + 1; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = sum / diagonal;
        }
    }
}

/* x = (L·Lᵀ)⁻¹·x */
static void solve(const double *l, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= l[i * n + k] * x[k];
        x[i] /= l[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            x[i] -= l[k * n + i] * x[k];
        x[i] /= l[i * n + i];
    }
}

/* ---- the classifier ---- */

/* Rows of what it sees: the vector, then the features, each with a variance that makes all of them weigh about as much as a vector of length 1. */
static double *make_rows(const struct style_comparison *comparison, const struct samples *samples, const double *features,
                         size_t *width)
{
    size_t n = samples->count, d = comparison->vectors != NULL ? comparison->dimensions : 0;
    *width = d + STYLE_FEATURES;
    double *rows = memory_alloc(n * *width, sizeof(*rows));
    for (size_t i = 0; i < n; i++) {
        size_t from = i < samples->outputs ? i : comparison->outputs + i - samples->outputs;
        for (size_t j = 0; j < d; j++)
            rows[i * *width + j] = (double)comparison->vectors[from * d + j];
        for (size_t j = 0; j < STYLE_FEATURES; j++)
            rows[i * *width + d + j] = features[i * STYLE_FEATURES + j];
    }
    for (size_t j = 0; j < *width; j++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < n; i++)
            mean += rows[i * *width + j] / (double)n;
        for (size_t i = 0; i < n; i++) {
            rows[i * *width + j] -= mean;
            square += rows[i * *width + j] * rows[i * *width + j] / (double)n;
        }
        double scale = j < d ? 1 : square > 1e-12 ? 1 / sqrt(square * STYLE_FEATURES) : 0;
        for (size_t i = 0; i < n; i++)
            rows[i * *width + j] *= scale;
    }
    return rows;
}

static void make_hat(struct samples *samples, const double *rows, size_t width)
{
    size_t n = samples->count;
    double *products = memory_alloc(n * n, sizeof(*products)), *column = memory_alloc(n, sizeof(*column)), trace = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < width; k++)
                sum += rows[i * width + k] * rows[j * width + k];
            products[i * n + j] = products[j * n + i] = sum;
            trace += i == j ? sum : 0;
        }
    double lambda = trace > 0 ? trace / (double)n : 1;
    samples->hat = memory_alloc(n * n, sizeof(*samples->hat));
    for (size_t i = 0; i < n * n; i++)
        samples->hat[i] = products[i];
    for (size_t i = 0; i < n; i++)
        products[i * n + i] += lambda;
    factor(products, n);
    for (size_t j = 0; j < n; j++) { /* K and its inverse commute, so that columns will do for rows */
        for (size_t i = 0; i < n; i++)
            column[i] = samples->hat[j * n + i];
        solve(products, n, column);
        for (size_t i = 0; i < n; i++)
            samples->hat[j * n + i] = column[i] + 1 / (double)n;
    }
    free(column);
    free(products);
}

static void shuffle(uint32_t *items, size_t count, struct random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)random_below(random, i);
        uint32_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}

/* Each fold gets its share of either kind. */
static void make_folds(struct samples *samples, struct random *random)
{
    size_t examples = samples->count - samples->outputs, least = samples->outputs < examples ? samples->outputs : examples;
    uint32_t *rows = memory_alloc(samples->count, sizeof(*rows));
    size_t at = 0;
    samples->folds = least < FOLDS ? least : FOLDS;
    samples->order = memory_alloc(samples->count, sizeof(*samples->order));
    for (size_t i = 0; i < samples->count; i++)
        rows[i] = (uint32_t)i;
    shuffle(rows, samples->outputs, random);
    shuffle(rows + samples->outputs, examples, random);
    for (size_t fold = 0; fold < samples->folds; fold++) {
        samples->starts[fold] = at;
        for (size_t i = fold; i < samples->outputs; i += samples->folds)
            samples->order[at++] = rows[i];
        for (size_t i = samples->outputs + fold; i < samples->count; i += samples->folds)
            samples->order[at++] = rows[i];
    }
    samples->starts[samples->folds] = at;
    free(rows);
}

static void invert_folds(struct samples *samples)
{
    size_t n = samples->count;
    for (size_t fold = 0; fold < samples->folds; fold++) {
        size_t start = samples->starts[fold], size = samples->starts[fold + 1] - start;
        double *block = memory_alloc(size * size + 1, sizeof(*block));
        samples->inverses[fold] = memory_alloc(size * size + 1, sizeof(*block));
        for (size_t i = 0; i < size; i++)
            for (size_t j = 0; j < size; j++)
                block[i * size + j] = (i == j) - samples->hat[samples->order[start + i] * n + samples->order[start + j]];
        factor(block, size);
        for (size_t i = 0; i < size; i++) {
            samples->inverses[fold][i * size + i] = 1;
            solve(block, size, &samples->inverses[fold][i * size]);
        }
        free(block);
    }
}

/* scores[i]: what a classifier without i's fold says of i, less the mean label that it was given: a fold with more outputs leaves fewer behind, which
 * would look like a difference the wrong way round. */
static void predict(const struct samples *samples, const double *labels, double *residuals, double *scores)
{
    size_t n = samples->count;
    double all = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += samples->hat[i * n + j] * labels[j];
        residuals[i] = labels[i] - sum;
        all += labels[i];
    }
    for (size_t fold = 0; fold < samples->folds; fold++) {
        const uint32_t *rows = samples->order + samples->starts[fold];
        size_t size = samples->starts[fold + 1] - samples->starts[fold];
        double left = all;
        for (size_t i = 0; i < size; i++)
            left -= labels[rows[i]];
        left /= (double)(n - size);
        for (size_t i = 0; i < size; i++) {
            double sum = 0;
            for (size_t j = 0; j < size; j++)
                sum += samples->inverses[fold][i * size + j] * residuals[rows[j]];
            scores[rows[i]] = labels[rows[i]] - sum - left;
            if (fabs(scores[rows[i]]) < 1e-9)
                scores[rows[i]] = 0; /* rounding is no difference */
        }
    }
}

/* ---- how well it tells ---- */

struct scored {
    double score;
    bool is_output;
};

static int by_score(const void *a, const void *b)
{
    const struct scored *left = a, *right = b;
    return (left->score > right->score) - (left->score < right->score);
}

/* The chance that an output scores above an example, ties counting half. */
static double area(const double *scores, const double *labels, size_t count, struct scored *scratch)
{
    double below = 0, sum = 0, outputs = 0;
    for (size_t i = 0; i < count; i++)
        scratch[i] = (struct scored){scores[i], labels[i] > 0};
    qsort(scratch, count, sizeof(*scratch), by_score);
    for (size_t i = 0, end; i < count; i = end) {
        double tied_outputs = 0, tied_examples = 0;
        for (end = i; end < count && scratch[end].score <= scratch[i].score; end++) {
            tied_outputs += scratch[end].is_output;
            tied_examples += !scratch[end].is_output;
        }
        sum += tied_outputs * (below + tied_examples / 2);
        below += tied_examples;
        outputs += tied_outputs;
    }
    return sum / (outputs * below);
}

static void relabel(const struct samples *samples, double *labels, struct random *random)
{
    for (size_t fold = 0; fold < samples->folds; fold++) {
        const uint32_t *rows = samples->order + samples->starts[fold];
        for (size_t i = samples->starts[fold + 1] - samples->starts[fold]; i > 1; i--) {
            size_t j = (size_t)random_below(random, i);
            double kept = labels[rows[i - 1]];
            labels[rows[i - 1]] = labels[rows[j]];
            labels[rows[j]] = kept;
        }
    }
}

static void test_labels(const struct samples *samples, size_t relabellings, struct random *random, struct style_report *report)
{
    size_t n = samples->count, as_good = 0, right = 0;
    double *labels = memory_alloc(3 * n, sizeof(*labels)), *residuals = labels + n, *scores = residuals + n;
    struct scored *scratch = memory_alloc(n, sizeof(*scratch));
    for (size_t i = 0; i < n; i++)
        labels[i] = i < samples->outputs ? 1 : -1;
    predict(samples, labels, residuals, scores);
    report->separation = area(scores, labels, n, scratch);
    for (size_t i = 0; i < n; i++)
        right += (scores[i] > 0) == (labels[i] > 0);
    report->accuracy = (double)right / (double)n;
    for (size_t i = 0; i < relabellings; i++) {
        relabel(samples, labels, random);
        predict(samples, labels, residuals, scores);
        as_good += area(scores, labels, n, scratch) >= report->separation - 1e-12;
    }
    report->chance = (double)(as_good + 1) / (double)(relabellings + 1);
    free(scratch);
    free(labels);
}

static void compare_features(const double *features, const struct samples *samples, struct style_report *report)
{
    double outputs = (double)samples->outputs, examples = (double)(samples->count - samples->outputs);
    for (size_t j = 0; j < STYLE_FEATURES; j++) {
        double means[2] = {0, 0}, squares = 0;
        for (size_t i = 0; i < samples->count; i++)
            means[i >= samples->outputs] += features[i * STYLE_FEATURES + j] / (i < samples->outputs ? outputs : examples);
        for (size_t i = 0; i < samples->count; i++) {
            double apart = features[i * STYLE_FEATURES + j] - means[i >= samples->outputs];
            squares += apart * apart;
        }
        double deviation = samples->count > 2 ? sqrt(squares / (outputs + examples - 2)) : 0;
        report->features[j].outputs = means[0];
        report->features[j].examples = means[1];
        report->features[j].effect = deviation > 1e-12 ? (means[0] - means[1]) / deviation : 0;
    }
}

void style_compare(const struct style_comparison *comparison, struct style_report *report)
{
    struct samples samples = {0};
    struct random random;
    size_t examples = comparison->examples < EACH_MOST ? comparison->examples : EACH_MOST, width;
    samples.outputs = comparison->outputs < EACH_MOST ? comparison->outputs : EACH_MOST;
    samples.count = samples.outputs + examples;
    *report = (struct style_report){
        .separation = 0.5, .accuracy = 0.5, .chance = 1, .outputs = samples.outputs, .examples = examples};
    if (samples.outputs == 0 || examples == 0)
        return;
    double *features = memory_alloc(samples.count, STYLE_FEATURES * sizeof(*features));
    for (size_t i = 0; i < samples.count; i++)
        style_read(comparison->texts[i < samples.outputs ? i : comparison->outputs + i - samples.outputs],
                   features + i * STYLE_FEATURES);
    compare_features(features, &samples, report);
    if (samples.outputs >= EACH_LEAST && examples >= EACH_LEAST) {
        random_init(&random, comparison->seed);
        double *rows = make_rows(comparison, &samples, features, &width);
        make_hat(&samples, rows, width);
        free(rows);
        make_folds(&samples, &random);
        invert_folds(&samples);
        report->is_told = true;
        test_labels(&samples, comparison->relabellings > 0 ? comparison->relabellings : RELABELLINGS, &random, report);
    }
    for (size_t i = 0; i < samples.folds; i++)
        free(samples.inverses[i]);
    free(samples.order);
    free(samples.hat);
    free(features);
}
