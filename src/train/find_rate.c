/* find_rate.c - which learning rate a sweep over rising ones (Smith 2017) speaks for: the one at which the loss, evened out, falls fastest. Shorter steps
 * waste time; of longer ones the loss falls less, until it rises. */
#include "train_parts.h"
#include <math.h>

/* The mean of losses around a point, the nearer the heavier. */
static double even_out(const struct train_rates *rates, size_t at)
{
    enum { REACH = 5 };
    double sum = 0, weights = 0;
    for (size_t i = at < REACH ? 0 : at - REACH; i < rates->count && i <= at + REACH; i++) {
        double weight = REACH + 1 - fabs((double)i - (double)at);
        sum += weight * rates->points[i].raw;
        weights += weight;
    }
    return sum / weights;
}

void rates_judge(struct train_rates *rates)
{
    enum { BESIDE = 3 };
    const double enough = 0.02; /* of the loss at the start: less is chance */
    double steepest = 0;
    size_t least = 0;
    rates->suggested = 0;
    for (size_t i = 0; i < rates->count; i++)
        rates->points[i].loss = even_out(rates, i);
    for (size_t i = 0; i < rates->count; i++)
        least = rates->points[i].loss < rates->points[least].loss ? i : least;
    if (rates->count == 0 || rates->points[least].loss >= (1 - enough) * rates->points[0].loss)
        return;
    for (size_t i = BESIDE; i + BESIDE < rates->count; i++) { /* all rates stand in the same proportion to the next */
        double fall = rates->points[i - BESIDE].loss - rates->points[i + BESIDE].loss;
        if (fall > steepest) {
            steepest = fall;
            rates->suggested = rates->points[i].rate;
        }
    }
}
