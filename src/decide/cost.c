/* cost.c - money: straight sums, and where two lines cross. */
#include "cost.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define MILLION 1e6
#define SECONDS_OF_HOUR 3600.0

const char *const cost_factor_names[COST_FACTORS] = {"requests",  "token_price", "tokens",  "machine",
                                                     "retrieval", "people",      "training"};

void cost_defaults(struct cost_prices *prices)
{
    *prices = (struct cost_prices){.date = "",
                                   .currency = "USD",
                                   .cpu_hour = 0.05,
                                   .gpu_hour = 2.5,
                                   .storage_gb_month = 0.1,
                                   .person_hour = 60,
                                   .training_runs = 4};
}

static const struct cost_model *model_spelled(const struct cost_prices *prices, const char *first, size_t first_size,
                                              const char *second, size_t second_size)
{
    for (size_t i = 0; i < prices->model_count; i++) {
        const char *name = prices->models[i].name;
        if (strlen(name) == first_size + second_size && memcmp(name, first, first_size) == 0 &&
            memcmp(name + first_size, second, second_size) == 0)
            return &prices->models[i];
    }
    return NULL;
}

/* "openai:ft:BASE:shop::1" is reckoned as "openai:ft:BASE", else as "openai:BASE". */
const struct cost_model *cost_model_named(const struct cost_prices *prices, const char *name)
{
    const struct cost_model *model = model_spelled(prices, name, strlen(name), "", 0);
    for (const char *tuned = strstr(name, "ft:"); model == NULL && tuned != NULL; tuned = strstr(tuned + 3, "ft:")) {
        const size_t before = (size_t)(tuned - name), base = strcspn(tuned + 3, ":");
        if (before == 0 || (tuned[-1] != ':' && tuned[-1] != '#'))
            continue;
        model = model_spelled(prices, name, before, tuned, 3 + base);
        if (model == NULL)
            model = model_spelled(prices, name, before, tuned + 3, base);
    }
    return model;
}

double cost_training_run(const struct cost_use *use, const struct cost_prices *prices)
{
    double hosted = use->model != NULL ? use->training_tokens / MILLION * use->model->training : 0;
    return hosted + use->training_cpu_hours * prices->cpu_hour + use->training_gpu_hours * prices->gpu_hour;
}

struct cost cost_of(const struct cost_use *use, const struct cost_prices *prices)
{
    struct cost cost = {.build = use->build_hours * prices->person_hour +
                                 prices->training_runs * cost_training_run(use, prices)};
    cost.fixed_month = (use->retrieves ? prices->retrieval_month : 0) + use->stored_gb * prices->storage_gb_month +
                       use->upkeep_hours_month * prices->person_hour + use->retrainings_month * cost_training_run(use, prices);
    cost.per_request = (use->cpu_seconds * prices->cpu_hour + use->gpu_seconds * prices->gpu_hour) / SECONDS_OF_HOUR;
    if (use->model != NULL)
        cost.per_request += (use->input_tokens * use->model->input + use->cached_tokens * use->model->cached +
                             use->output_tokens * use->model->output) /
                            MILLION;
    return cost;
}

double cost_month(const struct cost *cost, double requests, double months)
{
    return cost->fixed_month + requests * cost->per_request + (months > 0 ? cost->build / months : 0);
}

void cost_break_even(const struct cost *first, const struct cost *second, double months, struct cost_crossing *crossing)
{
    double fixed = cost_month(second, 0, months) - cost_month(first, 0, months);
    double each = first->per_request - second->per_request, requests = fabs(each) > 0 ? fixed / each : 0;
    *crossing = (struct cost_crossing){.is_crossing = requests > 0};
    crossing->requests = crossing->is_crossing ? requests : 0;
    crossing->second_is_cheaper = crossing->is_crossing ? each > 0 : each > 0 || (each >= 0 && fixed < 0);
}

/* A month's cost with one thing `times` as large. */
static double varied(const struct cost_use *use, const struct cost_prices *prices, double requests, double months,
                     enum cost_factor factor, double times)
{
    struct cost_use changed = *use;
    struct cost_prices other = *prices;
    struct cost_model model = {0};
    if (use->model != NULL) {
        model = *use->model;
        changed.model = &model;
    }
    switch (factor) {
    case COST_REQUESTS:
        requests *= times;
        break;
    case COST_TOKEN_PRICE:
        model.input *= times;
        model.cached *= times;
        model.output *= times;
        break;
    case COST_TOKENS:
        changed.input_tokens *= times;
        changed.cached_tokens *= times;
        changed.output_tokens *= times;
        break;
    case COST_MACHINE:
        other.cpu_hour *= times;
        other.gpu_hour *= times;
        break;
    case COST_RETRIEVAL:
        other.retrieval_month *= times;
        other.storage_gb_month *= times;
        break;
    case COST_PEOPLE:
        other.person_hour *= times;
        break;
    case COST_TRAINING:
        changed.training_tokens *= times;
        changed.training_cpu_hours *= times;
        changed.training_gpu_hours *= times;
        break;
    case COST_FACTORS:
        assert(false);
    }
    struct cost cost = cost_of(&changed, &other);
    return cost_month(&cost, requests, months);
}

static int by_swing(const void *a, const void *b)
{
    const struct cost_swing *left = a, *right = b;
    double of_left = fabs(left->twice - left->half), of_right = fabs(right->twice - right->half);
    int order = (of_left < of_right) - (of_left > of_right);
    return order != 0 ? order : (int)left->factor - (int)right->factor;
}

void cost_tornado(const struct cost_use *use, const struct cost_prices *prices, double requests, double months,
                  struct cost_swing swings[COST_FACTORS])
{
    for (size_t i = 0; i < COST_FACTORS; i++) {
        enum cost_factor factor = (enum cost_factor)i;
        swings[i] = (struct cost_swing){factor, varied(use, prices, requests, months, factor, 0.5),
                                        varied(use, prices, requests, months, factor, 2)};
    }
    qsort(swings, COST_FACTORS, sizeof(*swings), by_swing);
}
