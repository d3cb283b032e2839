/* tune_rate.c - looking for a learning rate: the trainer's sweep, with progress, into the report. */
#include "tune.h"

static bool on_step(void *context, const struct train_progress *progress)
{
    return tuning_step(context, "trying learning rates", progress->step, progress->steps);
}

bool tuning_find_rate(struct tuning *tuning, struct trainer *trainer, const struct train_example *examples, size_t count,
                      double usual, struct error *error)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    const struct train_calls calls = {.context = tuning, .progress = on_step};
    struct train_rates found;
    if (!trainer_find_rate(trainer, examples, count, &calls, &found, error))
        return false;
    struct assay_tune_rate *rates = arena_alloc(&tuning->tuned->arena, found.count + 1, sizeof(*rates));
    for (size_t i = 0; i < found.count; i++)
        rates[i] = (struct assay_tune_rate){found.points[i].rate, found.points[i].loss};
    report->rates = rates;
    report->rate_count = found.count;
    report->rate_usual = usual;
    report->rate_suggested = found.suggested;
    return true;
}
