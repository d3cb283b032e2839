/* curve.h - how the score grows with the number of examples, and how many would be enough. Part of decide.h.
 *
 *   score(n) = ceiling - gain · n^-power            (a power law, as learning curves mostly follow: Hestness et al. 2017)
 *
 * Fitted by least squares, each point weighing by its uncertainty, the ceiling at most 1. What the points leave open is drawn: each score anew from
 * its own uncertainty, and the curve fitted to that, a thousand times. */
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
    CURVE_WILL_NOT, /* more examples will not do it: 19 of 20 curves that fit stay below the target, or need a hundred times what there is */
    CURVE_UNCLEAR /* some of the curves that fit get there, and many do not */
};

struct curve_forecast {
    struct curve curve;
    enum curve_answer answer;
    double needed; /* in all; infinite: the fitted curve never gets there */
    struct statistics_interval needed_interval; /* 95 %; its high end may be infinite */
    double share_reaching; /* of the drawn curves */
};

double curve_score(const struct curve *curve, double examples);
double curve_needed(const struct curve *curve, double target); /* infinite: never */

/* Three points at least, in ascending order of examples; else ERROR_INVALID. */
bool curve_forecast(const struct curve_point *points, size_t count, double target, uint64_t seed,
                    struct curve_forecast *forecast, struct error *error) MUST_USE;

#endif
