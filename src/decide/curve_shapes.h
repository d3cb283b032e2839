/* curve_shapes.h - the shapes that a learning curve may have. Private to decide.
 *
 *   score(n) = ceiling - (ceiling - start) · shape(n)      shape falls from 1 at the first point's number of examples
 *
 *   power law     (n/first)^-p                          what learning curves mostly follow (Hestness et al. 2017)
 *   exponential   e^-(n-first)/pace                     everything there is to learn is soon learned
 *   straight      over the logarithm until `end`        and flat from there on
 *   two stages    (1+(first/m)^k) / (1+(n/m)^k)         little at first, then a rise around m
 *   flat          1                                     examples do not matter */
#ifndef DECIDE_CURVE_SHAPES_H
#define DECIDE_CURVE_SHAPES_H

#include "curve.h"

enum shape_kind { SHAPE_POWER, SHAPE_EXPONENTIAL, SHAPE_STRAIGHT, SHAPE_STAGES, SHAPE_FLAT, SHAPES };

struct shape {
    enum shape_kind kind;
    double first; /* examples of the first point */
    double at; /* p, pace, end or m */
    double steepness; /* k */
};

enum { SHAPES_TRIED = 104 };

/* The shapes that are tried for points from `first` to `last` examples; prior[i]: how much each counts before any point is seen. The kinds count the
 * same, but flat half as much: hardly a curve is. */
void shapes_list(double first, double last, struct shape shapes[SHAPES_TRIED], double prior[SHAPES_TRIED]);

double shape_left(const struct shape *shape, double examples); /* shape(n) */
double shape_examples(const struct shape *shape, double left); /* its inverse, for 0 < left < 1; infinite: never */

#endif
