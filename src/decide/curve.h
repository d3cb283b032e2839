/* curve.h - how the score grows with the number of examples, and how many would be enough. Part of decide.h.
 *
 * Forecast from curves of many shapes, as many as the points allow (curve_shapes.h): what the score will be, and where it reaches a target.
 * `bench/forecasts.py` shows how often the truth lies in the interval. */
#ifndef DECIDE_CURVE_H
#define DECIDE_CURVE_H

#include "base/base.h"

struct curve_point {
    double examples, score;
    double error; /* the standard error of the score */
};

/* What the curves say of one number of examples. */
struct curve_step {
    double examples, middle;
    struct statistics_interval interval; /* 95 % of the curves */
};
enum { CURVE_COURSE = 32 };

enum curve_answer {
    CURVE_REACHED, /* the last point is at the target */
    CURVE_NEEDS, /* more examples, as many as `needed` says */
    CURVE_WILL_NOT, /* more examples will not do it: 19 of 20 curves that are allowed stay below the target, or need a hundred times what there is */
    CURVE_UNCLEAR /* some of the curves get there, and most do not */
};

struct curve_forecast {
    enum curve_answer answer;
    double needed; /* in all, the middle of the curves; infinite: half of them never get there */
    struct statistics_interval needed_interval; /* 95 %; its high end may be infinite */
    double share_reaching; /* of the drawn curves */
    struct curve_step course[CURVE_COURSE]; /* from the first point on, by equal factors, to 16 times the last */
    size_t course_count; /* 0: no curve that was tried goes through the points */
};

/* What `examples` examples brought: the mean of the cases' scores and its standard error over clusters; where (nearly) all cases are alike, as if one
 * cluster were otherwise. */
void curve_point_of(const struct clustered *scores, double examples, struct curve_point *point);

/* Three points at least, in ascending order of examples; else ERROR_INVALID. */
bool curve_forecast(const struct curve_point *points, size_t count, double target, uint64_t seed,
                    struct curve_forecast *forecast, struct error *error) MUST_USE;

#endif
