/* curve.h - how the score grows with the number of examples, and how many would be enough. Part of decide.h.
 *
 *   score(n) = ceiling - gain · n^-power            (a power law, as learning curves mostly follow: Hestness et al. 2017)
 *
 * Fitted by least squares, each point weighing by its uncertainty, the ceiling at most 1: that is for the eye. What is needed is forecast from curves
 * of other shapes too, as many as the points allow (curve_shapes.h). `bench/forecasts.py` shows how often the truth lies in the interval. */
#ifndef DECIDE_CURVE_H
#define DECIDE_CURVE_H

#include "base/base.h"

struct curve_point {
    double examples, score;
    double error; /* the standard error of the score */
};

struct curve {
    double ceiling, gain, power;
};

enum curve_answer {
    CURVE_REACHED, /* the last point is at the target */
    CURVE_NEEDS, /* more examples, as many as `needed` says */
    CURVE_WILL_NOT, /* more examples will not do it: 19 of 20 curves that are allowed stay below the target, or need a hundred times what there is */
    CURVE_UNCLEAR /* some of the curves get there, and most do not */
};

struct curve_forecast {
    struct curve curve;
    enum curve_answer answer;
    double needed; /* in all, the middle of the curves; infinite: half of them never get there */
    struct statistics_interval needed_interval; /* 95 %; its high end may be infinite */
    double share_reaching; /* of the drawn curves */
};

/* What `examples` examples brought: the mean of the cases' scores and its standard error over clusters; where (nearly) all cases are alike, as if one
 * cluster were otherwise. */
void curve_point_of(const struct clustered *scores, double examples, struct curve_point *point);

double curve_score(const struct curve *curve, double examples);
double curve_needed(const struct curve *curve, double target); /* infinite: never */

/* Three points at least, in ascending order of examples; else ERROR_INVALID. */
bool curve_forecast(const struct curve_point *points, size_t count, double target, uint64_t seed,
                    struct curve_forecast *forecast, struct error *error) MUST_USE;

#endif
