/* costs.c - what was measured of an arm, as what it takes. Hours of people are the guides' (docs/decide.md), and stand in the report as such. */
#include "arms_parts.h"
#include <math.h>

#define REQUESTS_USUAL 10000.0
#define GIB_BYTES 1073741824.0

struct hours {
    double build, upkeep_month;
};
static const struct hours hours[ARM_KINDS] = {{8, 2}, {12, 2}, {24, 4}, {60, 4}, {80, 8}}; /* ORDER arm_kind */
static const double retrainings[] = {0, 0, 1.0 / 12, 1, 4, 4}; /* ORDER change_rate: a month */

bool read_prices(struct deciding *deciding, struct error *error)
{
    const struct settings *settings = deciding->settings;
    const char *path = path_join(deciding->arena, deciding->project->root, settings->prices);
    struct buffer text;
    deciding->requests = settings->requests_month > 0 ? (double)settings->requests_month : REQUESTS_USUAL;
    cost_defaults(&deciding->prices);
    if (!file_exists(path))
        return true;
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, error) &&
              cost_read(arena_slice(deciding->arena, buffer_slice(&text)), path, deciding->arena, &deciding->prices, error);
    buffer_release(&text);
    return ok || error_wrap(error, "could not read the prices");
}

/* The price of a model that a provider tuned; what training costs is the base's where its own says nothing of it. */
static const struct cost_model *price_of(struct deciding *deciding, const struct arm_state *state, const char *name)
{
    const struct cost_model *own = cost_model_named(&deciding->prices, name),
                            *base = state->trained_tokens > 0 ? cost_model_named(&deciding->prices, deciding->run->hosted_model)
                                                              : NULL;
    if (base == NULL || (own != NULL && own->has_training))
        return own;
    struct cost_model *both = arena_alloc(deciding->arena, 1, sizeof(*both));
    *both = own != NULL ? *own : *base;
    both->training = base->training;
    return both;
}

void cost_arm(struct deciding *deciding, enum arm_kind kind)
{
    struct arm_state *state = &deciding->arms[kind];
    const char *name = way_model(deciding, &state->way);
    struct cost_use *use = &state->use;
    double mean_ms = 0;
    for (size_t i = 0; i < state->done; i++)
        mean_ms += state->said[i].took_ms / (double)state->done;
    *use = (struct cost_use){.model = name != NULL ? price_of(deciding, state, name) : NULL,
                             .input_tokens = state->input_tokens,
                             .cached_tokens = state->cached_tokens,
                             .output_tokens = state->output_tokens,
                             .cpu_seconds = name == NULL ? mean_ms / 1000 : 0,
                             .retrieves = kind == ARM_RAG || kind == ARM_HYBRID,
                             .training_cpu_hours = state->tune_seconds / 3600,
                             .training_tokens = state->trained_tokens,
                             .build_hours = hours[kind].build,
                             .upkeep_hours_month = hours[kind].upkeep_month};
    if (use->retrieves)
        use->stored_gb = (double)deciding->counts.bytes / GIB_BYTES;
    if (kind == ARM_TUNE || kind == ARM_HYBRID)
        use->retrainings_month = retrainings[deciding->settings->knowledge_changes];
    state->cost = cost_of(use, &deciding->prices);
    state->cost_month = cost_month(&state->cost, deciding->requests, 0);
}

double cost_upkeep_least(const struct deciding *deciding)
{
    double least = hours[0].upkeep_month;
    for (size_t i = 1; i < ARM_KINDS; i++)
        least = fmin(least, hours[i].upkeep_month);
    return least * deciding->prices.person_hour;
}

/* ---- told ---- */

static void put_line(struct json_writer *json, enum arm_kind kind, const char *what, double amount, const char *per)
{
    if (!(amount > 0))
        return;
    json_object_begin(json);
    json_texts(json, (const struct json_text_member[]){{"arm", arm_names[kind]}, {"what", what}, {"per", per}}, 3);
    json_key(json, "amount");
    json_real(json, amount, 9);
    json_object_end(json);
}

static void put_lines(const struct deciding *deciding, enum arm_kind kind, struct json_writer *json)
{
    const struct cost_use *use = &deciding->arms[kind].use;
    const struct cost_prices *prices = &deciding->prices;
    double training = cost_training_run(use, prices);
    put_line(json, kind, "a person's hours to build (a guide's figure)", use->build_hours * prices->person_hour, "build");
    put_line(json, kind, "training runs until one is kept", prices->training_runs * training, "build");
    put_line(json, kind, "a person's hours of upkeep (a guide's figure)", use->upkeep_hours_month * prices->person_hour,
             "month");
    put_line(json, kind, "training again as knowledge changes", use->retrainings_month * training, "month");
    put_line(json, kind, "vector database", use->retrieves ? prices->retrieval_month : 0, "month");
    put_line(json, kind, "storage", use->stored_gb * prices->storage_gb_month, "month");
    put_line(json, kind, "computing", (use->cpu_seconds * prices->cpu_hour + use->gpu_seconds * prices->gpu_hour) / 3600,
             "request");
    if (use->model != NULL)
        put_line(json, kind, "tokens",
                 (use->input_tokens * use->model->input + use->cached_tokens * use->model->cached +
                  use->output_tokens * use->model->output) /
                     1e6,
                 "request");
}

static void put_tornado(const struct deciding *deciding, enum arm_kind kind, struct json_writer *json)
{
    struct cost_swing swings[COST_FACTORS];
    cost_tornado(&deciding->arms[kind].use, &deciding->prices, deciding->requests, 0, swings);
    for (size_t i = 0; i < COST_FACTORS; i++) {
        if (!(fabs(swings[i].twice - swings[i].half) > 0))
            continue;
        json_object_begin(json);
        json_texts(json,
                   (const struct json_text_member[]){{"arm", arm_names[kind]}, {"what", cost_factor_names[swings[i].factor]}},
                   2);
        json_key(json, "low");
        json_real(json, swings[i].half, 9);
        json_key(json, "high");
        json_real(json, swings[i].twice, 9);
        json_object_end(json);
    }
}

static void put_arm(const struct deciding *deciding, enum arm_kind kind, struct json_writer *json)
{
    const struct cost *cost = &deciding->arms[kind].cost;
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"name", arm_names[kind]}, 1);
    json_key(json, "build");
    json_real(json, cost->build, 9);
    json_key(json, "fixed_per_month");
    json_real(json, cost->fixed_month, 9);
    json_key(json, "per_request");
    json_real(json, cost->per_request, 9);
    json_object_end(json);
}

/* Calls put() for each arm that was measured, within one list. */
static void put_list(const struct deciding *deciding, const char *key,
                     void (*put)(const struct deciding *deciding, enum arm_kind kind, struct json_writer *json),
                     struct json_writer *json)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED)
            put(deciding, (enum arm_kind)i, json);
    json_array_end(json);
}

static void put_break_even(const struct deciding *deciding, struct json_writer *json)
{
    json_key(json, "break_even");
    json_array_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++)
        for (size_t j = i + 1; j < ARM_KINDS; j++) {
            struct cost_crossing crossing;
            if (deciding->arms[i].state != ARM_MEASURED || deciding->arms[j].state != ARM_MEASURED)
                continue;
            cost_break_even(&deciding->arms[i].cost, &deciding->arms[j].cost, 12, &crossing);
            if (!crossing.is_crossing)
                continue;
            bool to_second = crossing.second_is_cheaper;
            json_object_begin(json);
            json_texts(
                json,
                (const struct json_text_member[]){{"from", arm_names[to_second ? i : j]}, {"to", arm_names[to_second ? j : i]}},
                2);
            json_key(json, "requests_per_month");
            json_real(json, crossing.requests, 9);
            json_object_end(json);
        }
    json_array_end(json);
}

void costs_write(const struct deciding *deciding, struct json_writer *json)
{
    json_key(json, "costs");
    json_object_begin(json);
    json_key(json, "requests_per_month");
    json_real(json, deciding->requests, 9);
    json_texts(json,
               (const struct json_text_member[]){{"currency", deciding->prices.currency}, {"prices_of", deciding->prices.date}},
               2);
    put_list(deciding, "arms", put_arm, json);
    put_list(deciding, "lines", put_lines, json);
    put_list(deciding, "tornado", put_tornado, json);
    json_object_end(json);
    put_break_even(deciding, json);
}
