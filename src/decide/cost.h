/* cost.h - what an approach costs to build and by the month, from what was measured and a list of prices. Part of decide.h.
 *
 *   build      training runs and a person's hours
 *   a month    requests · (tokens, computing time)  +  vector database, storage, upkeep, training again when knowledge changes */
#ifndef DECIDE_COST_H
#define DECIDE_COST_H

#include "base/base.h"

struct cost_model {
    const char *name; /* as assay.yaml names models: "openai:NAME" */
    double input, cached, output, training; /* for a million tokens */
    bool has_training; /* what training costs was stated */
};

struct cost_prices {
    const char *date; /* of the prices */
    const char *currency;
    struct cost_model *models;
    size_t model_count;
    double cpu_hour, gpu_hour; /* of a machine */
    double retrieval_month; /* vector database and what belongs to it; 0 for the embedded index */
    double storage_gb_month;
    double person_hour;
    double training_runs; /* until one is kept: 3 to 5, as guides have it */
};

/* The defaults: no hosted model, and the middle of the ranges that published guides give. */
void cost_defaults(struct cost_prices *prices);

/* prices.yaml over the defaults. Texts live in the arena. */
bool cost_read(struct slice source, const char *name, struct arena *arena, struct cost_prices *prices,
               struct error *error) MUST_USE;

/* NULL: there is no price. Of a tuned one ("…:ft:BASE:…") that has none of its own: that of "ft:BASE", else of BASE. */
const struct cost_model *cost_model_named(const struct cost_prices *prices, const char *name);

/* What an arm takes. */
struct cost_use {
    const struct cost_model *model; /* NULL: it runs here, by the seconds below */
    double input_tokens, cached_tokens, output_tokens; /* of one request; cached ones are not among the input ones */
    double cpu_seconds, gpu_seconds; /* of one request */
    bool retrieves;
    double stored_gb;
    double training_tokens; /* of one run by the model's provider */
    double training_cpu_hours, training_gpu_hours; /* of one run here */
    double retrainings_month; /* from how often the knowledge changes */
    double build_hours, upkeep_hours_month; /* a person's: data, evaluation */
};

double cost_training_run(const struct cost_use *use, const struct cost_prices *prices); /* one */

struct cost {
    double build, fixed_month, per_request;
};
struct cost cost_of(const struct cost_use *use, const struct cost_prices *prices);

/* By the month at so many requests; with the build spread over `months` (0: left out). */
double cost_month(const struct cost *cost, double requests, double months);

struct cost_crossing {
    bool is_crossing; /* false: one of them is the cheaper one at any number of requests */
    double requests; /* a month, where both cost the same */
    bool second_is_cheaper; /* from there on, or at any number */
};
void cost_break_even(const struct cost *first, const struct cost *second, double months, struct cost_crossing *crossing);

/* How much a month's cost moves when one thing is half or double. */
enum cost_factor {
    COST_REQUESTS,
    COST_TOKEN_PRICE,
    COST_TOKENS,
    COST_MACHINE,
    COST_RETRIEVAL,
    COST_PEOPLE,
    COST_TRAINING,
    COST_FACTORS
};
extern const char *const cost_factor_names[COST_FACTORS]; /* "requests", … */

struct cost_swing {
    enum cost_factor factor;
    double half, twice; /* the month's cost then */
};
/* In order of their size, the largest first. */
void cost_tornado(const struct cost_use *use, const struct cost_prices *prices, double requests, double months,
                  struct cost_swing swings[COST_FACTORS]);

#endif
