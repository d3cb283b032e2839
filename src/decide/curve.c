/* curve.c - draws curves of many shapes that the points allow.
 *
 * Four points do not tell a power law from a curve that bends sooner or later, so that a forecast by one shape alone is sure of what it cannot know.
 * Each shape (curve_shapes.h) counts as much as the points make it likely (Bayes' rule; start and ceiling have normal distributions then, in closed
 * form, cut to what a score can be), and is drawn from as often as it counts. */
#include "curve_shapes.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { POINTS_LEAST = 3, FAR = 100, COURSE_TIMES = 16 };
enum {
    WAYS = 2 * SHAPES_TRIED, /* shapes whose ceiling is open, and those that end at 1 */
    DRAWS = 2000, /* over all ways, by what each counts */
    DRAWS_LEAST = 8, /* of a way that counts at all: part of them is none that a score can take */
    DRAWN_MOST = DRAWS + WAYS * (DRAWS_LEAST + 1)
};

#define ERROR_LEAST 1e-4
#define WEIGHT_LEAST 1e-9 /* of a way, to be drawn from */
#define PRIOR_MEAN 0.5
#define PRIOR_DEVIATION 0.5
#define PRIOR_WHOLE 0.1 /* of the ceiling being 1 */
/* What is left of the normal distributions before any point is seen, cut to what scores can be: start within 0 and 1 (one deviation to both sides),
 * and start below ceiling within 0 and 1 (half of the square of that). What is cut away counts for no shape. */
#define LEFT_OF_START 0.682689492137
#define LEFT_OF_BOTH (0.5 * LEFT_OF_START * LEFT_OF_START)

void curve_point_of(const struct clustered *scores, double examples, struct curve_point *point)
{
    double error = statistics_deviation(scores) / sqrt((double)scores->count), least = 1 / (double)statistics_clusters(scores);
    *point = (struct curve_point){examples, statistics_mean(scores), fmax(error, least)};
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

/* What a way counts: how well it fits, and how much it counted before; as a logarithm. */
static double weigh(const struct shape *shape, double prior, const struct belief *belief)
{
    const bool is_flat = shape->kind == SHAPE_FLAT;
    if (is_flat && belief->is_whole)
        return -(double)INFINITY;
    double share = is_flat ? 1 : belief->is_whole ? PRIOR_WHOLE : 1 - PRIOR_WHOLE;
    return belief->weight + log(prior * share / (is_flat || belief->is_whole ? LEFT_OF_START : LEFT_OF_BOTH));
}

struct drawn {
    const struct shape *shape;
    double start, ceiling, weight;
};

struct draws {
    struct shape shapes[SHAPES_TRIED];
    struct drawn items[DRAWN_MOST]; /* the weights sum to 1 */
    size_t count;
};

/* One curve of those that the shape allows. False: it falls, or leaves 0 to 1, and is none. */
static bool draw(const struct shape *shape, const struct belief *belief, struct random *random, struct drawn *drawn)
{
    double first = normal(random), second = normal(random), root = sqrt(belief->xx),
           rest = sqrt(belief->yy - belief->xy * belief->xy / belief->xx), apart = belief->is_whole ? 0 : second / rest;
    drawn->shape = shape;
    drawn->start = belief->start + first / root - belief->xy / belief->xx * apart;
    drawn->ceiling = shape->kind == SHAPE_FLAT ? drawn->start : belief->ceiling + apart;
    return drawn->start >= 0 && drawn->ceiling >= drawn->start && drawn->ceiling <= 1;
}

/* Curves that the points allow. None, where no curve that was tried goes through them. */
static void draw_all(const struct curve_point *points, size_t count, uint64_t seed, struct draws *draws)
{
    struct belief beliefs[WAYS];
    struct random random;
    double prior[SHAPES_TRIED], most = -(double)INFINITY, sum = 0, kept = 0;
    random_init(&random, seed);
    draws->count = 0;
    shapes_list(points[0].examples, points[count - 1].examples, draws->shapes, prior);
    for (size_t i = 0; i < WAYS; i++) {
        const struct shape *shape = &draws->shapes[i % SHAPES_TRIED];
        beliefs[i] = believe(points, count, shape, i >= SHAPES_TRIED);
        beliefs[i].weight = weigh(shape, prior[i % SHAPES_TRIED], &beliefs[i]);
        most = fmax(most, beliefs[i].weight);
    }
    for (size_t i = 0; i < WAYS; i++)
        sum += exp(beliefs[i].weight - most);
    for (size_t i = 0; i < WAYS; i++) {
        double share = exp(beliefs[i].weight - most) / sum;
        size_t times = share < WEIGHT_LEAST ? 0 : DRAWS_LEAST + (size_t)(DRAWS * share);
        for (size_t j = 0; j < times; j++) {
            struct drawn *drawn = &draws->items[draws->count];
            drawn->weight = share / (double)times;
            if (draw(&draws->shapes[i % SHAPES_TRIED], &beliefs[i], &random, drawn)) {
                kept += drawn->weight;
                draws->count++;
            }
        }
    }
    for (size_t i = 0; i < draws->count; i++)
        draws->items[i].weight /= kept;
}

/* ---- what the drawn curves say ---- */

struct weighed {
    double value, weight;
};

static int ascending(const void *a, const void *b)
{
    const struct weighed *left = a, *right = b;
    return (left->value > right->value) - (left->value < right->value);
}

/* The least value that `share` of the weights does not exceed; infinite: of none. */
static double weighed_percentile(const struct weighed *sorted, size_t count, double share)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += sorted[i].weight;
        if (sum >= share)
            return sorted[i].value;
    }
    return (double)INFINITY;
}

static double needed_of(const struct drawn *drawn, double target)
{
    if (target <= drawn->start)
        return 1;
    return target < drawn->ceiling ? shape_examples(drawn->shape, (drawn->ceiling - target) / (drawn->ceiling - drawn->start))
                                   : (double)INFINITY;
}

static void tell_needed(const struct draws *draws, double target, double last, struct weighed *room,
                        struct curve_forecast *forecast)
{
    for (size_t i = 0; i < draws->count; i++) {
        room[i] = (struct weighed){needed_of(&draws->items[i], target), draws->items[i].weight};
        forecast->share_reaching += room[i].value <= FAR * last ? room[i].weight : 0;
    }
    qsort(room, draws->count, sizeof(*room), ascending);
    forecast->needed = weighed_percentile(room, draws->count, 0.5);
    forecast->needed_interval = (struct statistics_interval){
        draws->count > 0 ? weighed_percentile(room, draws->count, 0.025) : 0, weighed_percentile(room, draws->count, 0.975)};
}

static void tell_course(const struct draws *draws, double first, double last, struct weighed *room,
                        struct curve_forecast *forecast)
{
    forecast->course_count = draws->count > 0 ? CURVE_COURSE : 0;
    for (size_t i = 0; i < forecast->course_count; i++) {
        struct curve_step *step = &forecast->course[i];
        step->examples = first * pow(COURSE_TIMES * last / first, (double)i / (CURVE_COURSE - 1));
        for (size_t j = 0; j < draws->count; j++) {
            const struct drawn *drawn = &draws->items[j];
            double left = shape_left(drawn->shape, step->examples);
            room[j] = (struct weighed){drawn->ceiling - (drawn->ceiling - drawn->start) * left, drawn->weight};
        }
        qsort(room, draws->count, sizeof(*room), ascending);
        step->middle = weighed_percentile(room, draws->count, 0.5);
        step->interval = (struct statistics_interval){weighed_percentile(room, draws->count, 0.025),
                                                      fmin(weighed_percentile(room, draws->count, 0.975), 1)};
    }
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
    const double last = points[count - 1].examples;
    struct draws *draws = memory_alloc(1, sizeof(*draws));
    struct weighed *room = memory_alloc(DRAWN_MOST, sizeof(*room));
    draw_all(points, count, seed, draws);
    *forecast = (struct curve_forecast){0};
    tell_needed(draws, target, last, room, forecast);
    tell_course(draws, points[0].examples, last, room, forecast);
    if (points[count - 1].score >= target)
        forecast->answer = CURVE_REACHED;
    else if (draws->count > 0 && forecast->share_reaching <= 0.05)
        forecast->answer = CURVE_WILL_NOT;
    else
        forecast->answer = forecast->share_reaching >= 0.5 ? CURVE_NEEDS : CURVE_UNCLEAR;
    free(draws);
    free(room);
    return true;
}
