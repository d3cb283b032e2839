/* curve.c - fits power laws, and draws curves of many shapes that the points allow.
 *
 * The fit, for the eye: for one power the best ceiling and gain are a straight line's; powers are tried along a fine grid.
 *
 * The draws, for the forecast: four points do not tell a power law from a curve that bends sooner or later, so that a forecast by one shape alone is
 * sure of what it cannot know. Each shape (curve_shapes.h) counts as much as the points make it likely (Bayes' rule; start and ceiling have normal
 * distributions then, in closed form), and curves are drawn from each by that weight. */
#include "curve_shapes.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { POINTS_LEAST = 3, POWERS = 48, FAR = 100 };
enum {
    DRAWS = 40,
    WAYS = 2 * SHAPES_TRIED,
    DRAWN = WAYS * DRAWS
}; /* ways: shapes whose ceiling is open, and those that end at 1 */

#define POWER_LEAST 0.1
#define POWER_MOST 2.0
#define ERROR_LEAST 1e-4
#define PRIOR_MEAN 0.5
#define PRIOR_DEVIATION 0.5
#define PRIOR_WHOLE 0.1 /* of the ceiling being 1 */

void curve_point_of(const struct clustered *scores, double examples, struct curve_point *point)
{
    double error = statistics_deviation(scores) / sqrt((double)scores->count), least = 1 / (double)statistics_clusters(scores);
    *point = (struct curve_point){examples, statistics_mean(scores), fmax(error, least)};
}

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

/* ---- what the points leave open ---- */

/* What a shape's start and ceiling may be: normal, with the inverse of the covariance { {xx, xy}, {xy, yy} }. `weight`: how well the shape fits, as the
 * logarithm of the chance of the points. */
struct belief {
    bool is_whole; /* the ceiling is 1 */
    double start, ceiling, xx, xy, yy, weight;
};

/* By Bayes' rule from what is believed before: start and ceiling anywhere about the middle of 0 to 1. score = start·x + ceiling·(1 - x). */
static struct belief believe(const struct curve_point *points, size_t count, const struct shape *shape, bool is_whole)
{
    const double before = 1 / (PRIOR_DEVIATION * PRIOR_DEVIATION);
    struct belief belief = {.is_whole = is_whole, .xx = before, .yy = before};
    double x_score = before * PRIOR_MEAN, y_score = before * PRIOR_MEAN, squares = 2 * before * PRIOR_MEAN * PRIOR_MEAN;
    for (size_t i = 0; i < count; i++) {
        double x = shape_left(shape, points[i].examples), y = 1 - x, error = fmax(points[i].error, ERROR_LEAST),
               weight = 1 / (error * error);
        belief.xx += weight * x * x;
        belief.xy += weight * x * y;
        belief.yy += weight * y * y;
        x_score += weight * x * points[i].score;
        y_score += weight * y * points[i].score;
        squares += weight * points[i].score * points[i].score;
    }
    const double determinant = belief.xx * belief.yy - belief.xy * belief.xy;
    belief.ceiling = is_whole ? 1 : (belief.xx * y_score - belief.xy * x_score) / determinant;
    belief.start = (x_score - belief.xy * belief.ceiling) / belief.xx;
    /* What is left of the squares, and how much of what was believed before is still possible; of the ceiling too, where it is open. */
    double off = squares - 2 * (belief.start * x_score + belief.ceiling * y_score) + belief.xx * belief.start * belief.start +
                 2 * belief.xy * belief.start * belief.ceiling + belief.yy * belief.ceiling * belief.ceiling;
    belief.weight = is_whole ? -0.5 * (off - before * (1 - PRIOR_MEAN) * (1 - PRIOR_MEAN) + log(belief.xx / before))
                             : -0.5 * (off + log(determinant / (before * before)));
    return belief;
}

struct drawn {
    double needed, weight;
};

/* One curve of those that the shape allows. One that falls, or leaves 0 to 1, is none: its weight is 0. */
static struct drawn draw(const struct shape *shape, const struct belief *belief, double target, struct random *random)
{
    double first = normal(random), second = normal(random), root = sqrt(belief->xx),
           rest = sqrt(belief->yy - belief->xy * belief->xy / belief->xx), apart = belief->is_whole ? 0 : second / rest,
           ceiling = belief->ceiling + apart, start = belief->start + first / root - belief->xy / belief->xx * apart;
    struct drawn drawn = {(double)INFINITY, 0};
    if (shape->kind == SHAPE_FLAT && !belief->is_whole)
        ceiling = start;
    if (shape->kind == SHAPE_FLAT && belief->is_whole)
        return drawn;
    if (start < 0 || ceiling < start || ceiling > 1)
        return drawn;
    drawn.weight = 1;
    if (target <= start)
        drawn.needed = 1;
    else if (target < ceiling)
        drawn.needed = shape_examples(shape, (ceiling - target) / (ceiling - start));
    return drawn;
}

static int ascending(const void *a, const void *b)
{
    const struct drawn *left = a, *right = b;
    return (left->needed > right->needed) - (left->needed < right->needed);
}

/* Curves that the points allow, DRAWN of them in ascending order of what they need; the weights sum to 1. False: no curve that was tried goes through
 * the points, and the weights are 0. */
static bool draw_all(const struct curve_point *points, size_t count, double target, uint64_t seed, struct drawn *drawn)
{
    struct shape shapes[SHAPES_TRIED];
    struct belief beliefs[WAYS];
    struct random random;
    double prior[SHAPES_TRIED], most = -(double)INFINITY, sum = 0;
    random_init(&random, seed);
    shapes_list(points[0].examples, points[count - 1].examples, shapes, prior);
    for (size_t i = 0; i < WAYS; i++) {
        beliefs[i] = believe(points, count, &shapes[i % SHAPES_TRIED], i >= SHAPES_TRIED);
        beliefs[i].weight += log(prior[i % SHAPES_TRIED] * (beliefs[i].is_whole ? PRIOR_WHOLE : 1 - PRIOR_WHOLE));
        most = fmax(most, beliefs[i].weight);
    }
    for (size_t i = 0; i < DRAWN; i++) {
        const struct belief *belief = &beliefs[i / DRAWS];
        drawn[i] = draw(&shapes[i / DRAWS % SHAPES_TRIED], belief, target, &random);
        drawn[i].weight *= exp(belief->weight - most);
        sum += drawn[i].weight;
    }
    for (size_t i = 0; i < DRAWN; i++)
        drawn[i].weight /= sum > 0 ? sum : 1;
    qsort(drawn, DRAWN, sizeof(*drawn), ascending);
    return sum > 0;
}

/* The number that `share` of the curves need at most. */
static double needed_by(const struct drawn *drawn, double share)
{
    double sum = 0;
    for (size_t i = 0; i < DRAWN; i++) {
        sum += drawn[i].weight;
        if (sum >= share)
            return drawn[i].needed;
    }
    return (double)INFINITY;
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
    struct drawn *drawn = memory_alloc(DRAWN, sizeof(*drawn));
    bool is_known = draw_all(points, count, target, seed, drawn);
    *forecast = (struct curve_forecast){.curve = fit(points, count),
                                        .needed = needed_by(drawn, 0.5),
                                        .needed_interval = {is_known ? needed_by(drawn, 0.025) : 0, needed_by(drawn, 0.975)}};
    for (size_t i = 0; i < DRAWN && drawn[i].needed <= FAR * points[count - 1].examples; i++)
        forecast->share_reaching += drawn[i].weight;
    free(drawn);
    if (points[count - 1].score >= target)
        forecast->answer = CURVE_REACHED;
    else if (is_known && forecast->share_reaching <= 0.05)
        forecast->answer = CURVE_WILL_NOT;
    else
        forecast->answer = forecast->share_reaching >= 0.5 ? CURVE_NEEDS : CURVE_UNCLEAR;
    return true;
}
