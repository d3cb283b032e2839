/* measures_reading.c - what the answers to many questions come to, and what their scores are worth. */
#include "reading.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* ---- all of them ---- */

static double mean_with_interval(const double *values, size_t count, uint64_t seed, struct statistics_interval *interval)
{
    const struct clustered clustered = {.values = values, .count = count, .seed = seed};
    statistics_mean_interval(&clustered, interval);
    return statistics_mean(&clustered);
}

static int by_score(const void *a, const void *b)
{
    const struct reading_case *left = a, *right = b;
    return (left->score > right->score) - (left->score < right->score);
}

/* Equal scores count half (Mann-Whitney). */
static double auc_of(const struct reading_case *sorted, size_t count)
{
    double below = 0, sum = 0, answerable = 0; /* below: unanswerable ones with lower scores */
    for (size_t first = 0; first < count;) {
        size_t end = first;
        double yes = 0, no = 0;
        for (; end < count && sorted[end].score <= sorted[first].score; end++) {
            yes += sorted[end].is_answerable;
            no += !sorted[end].is_answerable;
        }
        sum += yes * (below + no / 2);
        below += no;
        answerable += yes;
        first = end;
    }
    return answerable > 0 && below > 0 ? sum / (answerable * below) : (double)NAN;
}

static struct reading_case *sorted_copy(const struct reading_case *cases, size_t count)
{
    struct reading_case *sorted = memory_alloc(count + 1, sizeof(*sorted));
    memcpy(sorted, cases, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_score);
    return sorted;
}

double reading_value(const struct reading_case *item, double threshold)
{
    bool answers = item->score > threshold;
    return item->is_answerable ? (answers ? item->f1 : 0) : !answers;
}

void reading_measure(const struct reading_case *cases, size_t count, double threshold, uint64_t seed,
                     struct reading_measures *measures)
{
    double *values = memory_alloc(3 * count + 1, sizeof(*values)), *exacts = values + count, *all = exacts + count;
    size_t abstained = 0, answered = 0, answerable = 0;
    double exact_all = 0;
    for (size_t i = 0; i < count; i++) {
        const struct reading_case *item = &cases[i];
        bool answers = item->score > threshold;
        all[i] = reading_value(item, threshold);
        exact_all += item->is_answerable ? (answers ? item->exact : 0) : !answers;
        abstained += !item->is_answerable && !answers;
        answered += item->is_answerable && answers;
        if (!item->is_answerable)
            continue;
        values[answerable] = item->f1;
        exacts[answerable++] = item->exact;
    }
    struct reading_case *sorted = sorted_copy(cases, count);
    *measures = (struct reading_measures){.answerable = answerable, .unanswerable = count - answerable};
    measures->f1 = mean_with_interval(values, answerable, seed, &measures->f1_interval);
    measures->exact = mean_with_interval(exacts, answerable, seed, &measures->exact_interval);
    measures->f1_all = mean_with_interval(all, count, seed, &measures->f1_all_interval);
    measures->exact_all = count > 0 ? exact_all / (double)count : 0;
    measures->abstained = count > answerable ? (double)abstained / (double)(count - answerable) : -1;
    measures->answered = answerable > 0 ? (double)answered / (double)answerable : 0;
    measures->auc = auc_of(sorted, count);
    free(sorted);
    free(values);
}

double reading_threshold(const struct reading_case *cases, size_t count)
{
    struct reading_case *sorted = sorted_copy(cases, count);
    double sum = 0, best, threshold;
    for (size_t i = 0; i < count; i++)
        sum += sorted[i].is_answerable ? sorted[i].f1 : 0;
    best = sum; /* answering all */
    threshold = count > 0 ? sorted[0].score - 1 : 0;
    for (size_t i = 0; i < count; i++) { /* abstaining from this one and all below */
        sum += sorted[i].is_answerable ? -sorted[i].f1 : 1;
        bool is_border = i + 1 == count || sorted[i + 1].score > sorted[i].score;
        if (is_border && sum > best) {
            best = sum;
            threshold = i + 1 < count ? sorted[i].score / 2 + sorted[i + 1].score / 2 : sorted[i].score + 1;
        }
    }
    free(sorted);
    return threshold;
}

/* ---- chances ---- */

static double chance_at(const struct reading_chance *chance, double score)
{
    return 1 / (1 + exp(-(chance->slope * score + chance->offset)));
}

/* Newton's method on two numbers, with half a case of each outcome at a score of 0 so that it stays finite. */
struct reading_chance reading_fit_chance(const struct reading_case *cases, size_t count)
{
    enum { STEPS = 50 };
    struct reading_chance chance = {0.5, 0};
    for (size_t step = 0; step < STEPS; step++) {
        double g0 = 0.05 * chance.slope, g1 = 0, h00 = 0.05, h01 = 0, h11 = 0.25;
        g1 += chance_at(&chance, 0) - 0.5;
        for (size_t i = 0; i < count; i++) {
            double score = fmin(fmax(cases[i].score, -50), 50), p = chance_at(&chance, score);
            double off = p - (cases[i].is_answerable && cases[i].f1 > 0.5 ? 1 : 0), w = p * (1 - p);
            g0 += off * score;
            g1 += off;
            h00 += w * score * score;
            h01 += w * score;
            h11 += w;
        }
        double determinant = h00 * h11 - h01 * h01;
        if (!(determinant > 1e-12))
            break;
        double d0 = (h11 * g0 - h01 * g1) / determinant, d1 = (h00 * g1 - h01 * g0) / determinant;
        double longest = fmax(fabs(d0), fabs(d1)), share = longest > 1 ? 1 / longest : 1;
        chance.slope -= share * d0;
        chance.offset -= share * d1;
        if (longest < 1e-9)
            break;
    }
    return chance;
}
