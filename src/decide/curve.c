/* curve.c - fits power laws. For one power the best ceiling and gain are a straight line's; powers are tried along a fine grid. */
#include "curve.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { DRAWS = 1000, POINTS_LEAST = 3, POWERS = 48, FAR = 100 };

#define POWER_LEAST 0.1
#define POWER_MOST 2.0
#define ERROR_LEAST 1e-4

double curve_score(const struct curve *curve, double examples)
{
    return curve->ceiling - curve->gain * pow(examples, -curve->power);
}

double curve_needed(const struct curve *curve, double target)
{
    if (curve->ceiling <= target || curve->gain <= 0)
        return curve->ceiling > target ? 1 : (double)INFINITY;
    return pow(curve->gain / (curve->ceiling - target), 1 / curve->power);
}

struct sums {
    double weight, x, y, xx, xy;
};

static double misfit(const struct curve_point *points, size_t count, const struct curve *curve)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double apart = (points[i].score - curve_score(curve, points[i].examples)) / fmax(points[i].error, ERROR_LEAST);
        sum += apart * apart;
    }
    return sum;
}

/* The line score = ceiling - gain · x over x = n^-power, kept to 0 ≤ gain and ceiling ≤ 1. */
static struct curve fit_power(const struct curve_point *points, size_t count, double power)
{
    struct sums sums = {0};
    struct curve curve = {.power = power};
    for (size_t i = 0; i < count; i++) {
        double x = pow(points[i].examples, -power), error = fmax(points[i].error, ERROR_LEAST), weight = 1 / (error * error);
        sums.weight += weight;
        sums.x += weight * x;
        sums.y += weight * points[i].score;
        sums.xx += weight * x * x;
        sums.xy += weight * x * points[i].score;
    }
    double spread = sums.weight * sums.xx - sums.x * sums.x;
    curve.gain = spread > 0 ? -(sums.weight * sums.xy - sums.x * sums.y) / spread : 0;
    curve.gain = curve.gain > 0 ? curve.gain : 0;
    curve.ceiling = (sums.y + curve.gain * sums.x) / sums.weight;
    if (curve.ceiling > 1) {
        curve.ceiling = 1;
        curve.gain = sums.xx > 0 ? fmax((sums.x - sums.xy) / sums.xx, 0) : 0;
    }
    return curve;
}

static struct curve fit(const struct curve_point *points, size_t count)
{
    struct curve best = {0};
    double least = (double)INFINITY;
    for (size_t i = 0; i < POWERS; i++) {
        double power = POWER_LEAST * pow(POWER_MOST / POWER_LEAST, (double)i / (POWERS - 1));
        struct curve curve = fit_power(points, count, power);
        double off = misfit(points, count, &curve);
        if (off < least) {
            least = off;
            best = curve;
        }
    }
    return best;
}

static double normal(struct random *random)
{
    double unit = random_unit(random);
    return statistics_normal_quantile(unit > 1e-12 ? unit : 1e-12);
}

static int ascending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Draws curves that the points allow; needed[] in ascending order, infinite ones last. */
static void draw_needed(const struct curve_point *points, size_t count, double target, uint64_t seed, double *needed)
{
    struct curve_point *drawn = memory_alloc(count, sizeof(*drawn));
    struct random random;
    random_init(&random, seed);
    for (size_t i = 0; i < DRAWS; i++) {
        for (size_t j = 0; j < count; j++) {
            drawn[j] = points[j];
            drawn[j].score += points[j].error * normal(&random);
        }
        struct curve curve = fit(drawn, count);
        needed[i] = curve_needed(&curve, target);
    }
    qsort(needed, DRAWS, sizeof(*needed), ascending);
    free(drawn);
}

bool curve_forecast(const struct curve_point *points, size_t count, double target, uint64_t seed,
                    struct curve_forecast *forecast, struct error *error)
{
    if (count < POINTS_LEAST)
        return error_set(error, ERROR_INVALID, "a learning curve needs %d points, there are %zu", POINTS_LEAST, count);
    for (size_t i = 0; i < count; i++)
        if (!(points[i].examples >= 1) || (i > 0 && points[i].examples <= points[i - 1].examples))
            return error_set(error, ERROR_INVALID, "point %zu of a learning curve has %g examples, expected more than before",
                             i + 1, points[i].examples);
    double *needed = memory_alloc(DRAWS, sizeof(*needed)), far = FAR * points[count - 1].examples;
    size_t reaching = 0, cut = DRAWS / 40;
    draw_needed(points, count, target, seed, needed);
    while (reaching < DRAWS && needed[reaching] <= far)
        reaching++;
    *forecast = (struct curve_forecast){.curve = fit(points, count), .share_reaching = (double)reaching / DRAWS};
    forecast->needed = curve_needed(&forecast->curve, target);
    forecast->needed_interval = (struct statistics_interval){needed[cut], needed[DRAWS - 1 - cut]};
    free(needed);
    if (points[count - 1].score >= target)
        forecast->answer = CURVE_REACHED;
    else if (20 * reaching <= DRAWS)
        forecast->answer = CURVE_WILL_NOT;
    else
        forecast->answer = 2 * reaching >= DRAWS && isfinite(forecast->needed) ? CURVE_NEEDS : CURVE_UNCLEAR;
    return true;
}
