/* growth.c - the learning curve: the same with an eighth, a quarter and half of the examples. */
#include "arms_parts.h"
#include <math.h>
#include <stdlib.h>

enum { POINTS = 4, EXAMPLES_LEAST = 40 };

static const size_t parts[POINTS] = {8, 4, 2, 1};
static const char *const names[POINTS] = {"eighth", "quarter", "half", "all"};

static void take_point(struct deciding *deciding, size_t examples, const double *scores)
{
    const struct clustered clustered = {scores, deciding->clusters, deciding->test_count, deciding->seed};
    struct curve_point *point = &deciding->points[deciding->point_count];
    struct statistics_interval *interval = &deciding->point_intervals[deciding->point_count++];
    curve_point_of(&clustered, (double)examples, point);
    verdict_interval(&clustered, interval);
}

static bool measure_point(struct deciding *deciding, size_t part, struct error *error)
{
    const struct built_options options = {deciding->examples.count / parts[part], names[part]};
    struct way way = deciding->arms[ARM_TUNE].way;
    double *scores = memory_alloc(deciding->test_count, sizeof(*scores));
    way.key = arena_format(deciding->arena, "tune-%s", names[part]);
    way.built = NULL;
    bool ok = built_make(deciding, &options, &way.built, error);
    for (size_t i = 0; ok && i < deciding->test_count; i++) {
        const struct answer_case *item = test_case(deciding, i);
        struct said said = {0};
        ok = way_ask(deciding, &way, item, "", item->question, &said, error) &&
             deciding_step(deciding, "learning from fewer examples", i + 1, deciding->test_count, error);
        scores[i] = said.score;
    }
    built_free(deciding, way.built);
    if (ok)
        take_point(deciding, options.examples, scores);
    free(scores);
    return ok;
}

static const char *say(struct deciding *deciding)
{
    const struct curve_forecast *forecast = &deciding->forecast;
    double now = deciding->points[deciding->point_count - 1].examples, more = fmax(forecast->needed - now, 1),
           least = fmax(forecast->needed_interval.low - now, 0), most = forecast->needed_interval.high - now;
    switch (forecast->answer) {
    case CURVE_REACHED:
        return arena_format(deciding->arena, "The examples are enough for %.2f.", deciding->target);
    case CURVE_NEEDS:
        return isfinite(most)
                   ? arena_format(deciding->arena, "About %.0f more examples for %.2f (%.0f to %.0f).", ceil(more),
                                  deciding->target, ceil(least), ceil(most))
                   : arena_format(deciding->arena, "About %.0f more examples for %.2f (%.0f at least, with no upper end).",
                                  ceil(more), deciding->target, ceil(least));
    case CURVE_WILL_NOT:
        return arena_format(deciding->arena, "More examples alone will not bring %.2f.", deciding->target);
    case CURVE_UNCLEAR:
        break;
    }
    return arena_format(deciding->arena, "Whether more examples bring %.2f cannot be told from these points.",
                        deciding->target);
}

bool measure_curve(struct deciding *deciding, struct error *error)
{
    const struct arm_state *tune = &deciding->arms[ARM_TUNE];
    if (tune->state != ARM_MEASURED || tune->way.maker == MAKER_ASK || deciding->examples.count < EXAMPLES_LEAST)
        return true;
    deciding->points = arena_alloc(deciding->arena, POINTS, sizeof(*deciding->points));
    deciding->point_intervals = arena_alloc(deciding->arena, POINTS, sizeof(*deciding->point_intervals));
    for (size_t i = 0; i + 1 < POINTS; i++)
        if (!measure_point(deciding, i, error))
            return false;
    take_point(deciding, deciding->examples.count, tune->scores);
    if (!curve_forecast(deciding->points, deciding->point_count, deciding->target, deciding->seed, &deciding->forecast, error))
        return false;
    deciding->has_forecast = true;
    if (deciding->target > 0)
        deciding->curve_says = say(deciding);
    return true;
}
