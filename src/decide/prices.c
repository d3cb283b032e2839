/* prices.c - prices.yaml:
 *
 *   date: 2026-11-26
 *   currency: USD
 *   models:                       # for a million tokens
 *     openai:NAME: {input: 0.40, cached: 0.10, output: 1.60, training: 25}
 *   machine: {cpu_hour: 0.05, gpu_hour: 2.50}
 *   retrieval: {month: 0, storage_gb_month: 0.10}
 *   people: {hour: 60}
 *   training: {runs: 4} */
#include "codec/codec.h"
#include "cost.h"

enum { MODELS_MOST = 1000, CURRENCY_LETTERS_MOST = 8 };

struct price_reading {
    const char *name;
    struct arena *arena;
    struct error *error;
};

static bool refuse(const struct price_reading *reading, const struct yaml_node *node, const char *what, const char *expected)
{
    return error_set(reading->error, ERROR_INVALID, "%s:%zu:%zu: \"%s\" is not %s", reading->name, node->line, node->column,
                     what, expected);
}

struct price_key {
    const char *key;
    double *value;
};

/* A mapping of numbers, none below 0. */
static bool read_numbers(const struct price_reading *reading, const struct yaml_node *node, const char *section,
                         const struct price_key *keys, size_t count)
{
    if (node->kind != YAML_MAPPING)
        return refuse(reading, node, section, "a mapping of prices");
    for (size_t i = 0; i < node->count; i++) {
        const struct price_key *key = NULL;
        for (size_t j = 0; j < count; j++)
            if (slice_equal_text(node->keys[i], keys[j].key))
                key = &keys[j];
        const struct yaml_node *value = &node->items[i];
        if (key == NULL)
            return refuse(reading, value, arena_text(reading->arena, node->keys[i]), "a price that is known here");
        if (value->kind != YAML_SCALAR || !slice_to_double(value->text, key->value) || !(*key->value >= 0) ||
            *key->value > 1e12)
            return refuse(reading, value, key->key, "a number from 0 on");
    }
    return true;
}

static bool read_models(const struct price_reading *reading, const struct yaml_node *node, struct cost_prices *prices)
{
    if (node->kind != YAML_MAPPING || node->count > MODELS_MOST)
        return refuse(reading, node, "models", "a mapping of at most 1000 models");
    prices->models = arena_alloc(reading->arena, node->count, sizeof(*prices->models));
    prices->model_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        struct cost_model *model = &prices->models[i];
        const struct price_key keys[] = {
            {"input", &model->input}, {"cached", &model->cached}, {"output", &model->output}, {"training", &model->training}};
        model->name = arena_text(reading->arena, node->keys[i]);
        if (!read_numbers(reading, &node->items[i], model->name, keys, ARRAY_COUNT(keys)))
            return false;
        if (yaml_get(&node->items[i], "cached") == NULL)
            model->cached = model->input; /* no discount is stated */
        model->has_training = yaml_get(&node->items[i], "training") != NULL;
    }
    return true;
}

static bool read_text(const struct price_reading *reading, const struct yaml_node *node, const char *key, const char **text)
{
    if (node->kind != YAML_SCALAR)
        return refuse(reading, node, key, "a text");
    *text = arena_text(reading->arena, node->text);
    return true;
}

/* "USD": capitals alone, so that it can stand anywhere. */
static bool read_currency(const struct price_reading *reading, const struct yaml_node *node, const char **currency)
{
    bool ok = node->kind == YAML_SCALAR && node->text.size > 0 && node->text.size <= CURRENCY_LETTERS_MOST;
    for (size_t i = 0; ok && i < node->text.size; i++)
        ok = node->text.data[i] >= 'A' && node->text.data[i] <= 'Z';
    return ok ? read_text(reading, node, "currency", currency) : refuse(reading, node, "currency", "a currency such as USD");
}

static bool read_section(const struct price_reading *reading, struct slice key, const struct yaml_node *node,
                         struct cost_prices *prices)
{
    const struct price_key machine[] = {{"cpu_hour", &prices->cpu_hour}, {"gpu_hour", &prices->gpu_hour}},
                           retrieval[] = {{"month", &prices->retrieval_month}, {"storage_gb_month", &prices->storage_gb_month}},
                           people[] = {{"hour", &prices->person_hour}}, training[] = {{"runs", &prices->training_runs}};
    if (slice_equal_text(key, "date"))
        return read_text(reading, node, "date", &prices->date);
    if (slice_equal_text(key, "currency"))
        return read_currency(reading, node, &prices->currency);
    if (slice_equal_text(key, "models"))
        return read_models(reading, node, prices);
    if (slice_equal_text(key, "machine"))
        return read_numbers(reading, node, "machine", machine, ARRAY_COUNT(machine));
    if (slice_equal_text(key, "retrieval"))
        return read_numbers(reading, node, "retrieval", retrieval, ARRAY_COUNT(retrieval));
    if (slice_equal_text(key, "people"))
        return read_numbers(reading, node, "people", people, ARRAY_COUNT(people));
    if (slice_equal_text(key, "training"))
        return read_numbers(reading, node, "training", training, ARRAY_COUNT(training));
    return refuse(reading, node, arena_text(reading->arena, key), "a part of a list of prices");
}

bool cost_read(struct slice source, const char *name, struct arena *arena, struct cost_prices *prices, struct error *error)
{
    const struct price_reading reading = {name, arena, error};
    struct cost_prices made;
    struct yaml_node root;
    cost_defaults(&made);
    if (!yaml_read(source, name, arena, &root, error))
        return false;
    if (root.kind != YAML_MAPPING)
        return refuse(&reading, &root, name, "a mapping");
    for (size_t i = 0; i < root.count; i++)
        if (!read_section(&reading, root.keys[i], &root.items[i], &made))
            return error_hint(error, "A list of prices has date, currency, models, machine, retrieval, people and training.");
    *prices = made;
    return true;
}
