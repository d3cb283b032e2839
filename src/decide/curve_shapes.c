/* curve_shapes.c - shapes of learning curves, along grids of their parameters. */
#include "curve_shapes.h"
#include <assert.h>
#include <math.h>

enum { STEPS = 17, STEEPNESSES = 3, STRAIGHT_STEPS = 18 };

static const double steepnesses[STEEPNESSES] = {1.5, 2.5, 4};

/* From `least` to `most` by equal factors. */
static double along(double least, double most, size_t step, size_t steps)
{
    return least * pow(most / least, (double)step / (double)(steps - 1));
}

void shapes_list(double first, double last, struct shape shapes[SHAPES_TRIED], double prior[SHAPES_TRIED])
{
    size_t count = 0;
    for (size_t i = 0; i < STEPS; i++) {
        shapes[count] = (struct shape){SHAPE_POWER, first, along(0.1, 2, i, STEPS), 0};
        prior[count++] = 1.0 / STEPS;
        shapes[count] = (struct shape){SHAPE_EXPONENTIAL, first, along(last / 16, last * 16, i, STEPS), 0};
        prior[count++] = 1.0 / STEPS;
        for (size_t j = 0; j < STEEPNESSES; j++) {
            shapes[count] = (struct shape){SHAPE_STAGES, first, along(last / 16, last * 4, i, STEPS), steepnesses[j]};
            prior[count++] = 1.0 / (STEPS * STEEPNESSES);
        }
    }
    for (size_t i = 0; i < STRAIGHT_STEPS; i++) {
        shapes[count] = (struct shape){SHAPE_STRAIGHT, first, along(fmax(last / 4, first * 1.5), last * 100, i, STRAIGHT_STEPS),
                                       0};
        prior[count++] = 1.0 / STRAIGHT_STEPS;
    }
    shapes[count] = (struct shape){SHAPE_FLAT, first, 0, 0};
    prior[count++] = 0.5;
    assert(count == SHAPES_TRIED);
}

double shape_left(const struct shape *shape, double examples)
{
    const double times = examples / shape->first;
    switch (shape->kind) {
    case SHAPE_POWER:
        return pow(times, -shape->at);
    case SHAPE_EXPONENTIAL:
        return exp(-(examples - shape->first) / shape->at);
    case SHAPE_STRAIGHT:
        return fmax(1 - log(times) / log(shape->at / shape->first), 0);
    case SHAPE_STAGES:
        return (1 + pow(shape->first / shape->at, shape->steepness)) / (1 + pow(examples / shape->at, shape->steepness));
    case SHAPE_FLAT:
    case SHAPES:
        break;
    }
    return 1;
}

double shape_examples(const struct shape *shape, double left)
{
    switch (shape->kind) {
    case SHAPE_POWER:
        return shape->first * pow(left, -1 / shape->at);
    case SHAPE_EXPONENTIAL:
        return shape->first - shape->at * log(left);
    case SHAPE_STRAIGHT:
        return shape->first * pow(shape->at / shape->first, 1 - left);
    case SHAPE_STAGES:
        return shape->at * pow((1 + pow(shape->first / shape->at, shape->steepness)) / left - 1, 1 / shape->steepness);
    case SHAPE_FLAT:
    case SHAPES:
        break;
    }
    return (double)INFINITY;
}
