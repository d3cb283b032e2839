/* priced_llm.c - prices.yaml and the day's limit, for whoever opens a language model. */
#include "priced_llm.h"
#include "decide/decide.h"

static bool read_prices(const char *root, const struct settings *settings, struct arena *arena, struct cost_prices *prices,
                        struct error *error)
{
    const char *path = path_join(arena, root, settings->prices);
    struct buffer text;
    cost_defaults(prices);
    if (!file_exists(path))
        return true;
    buffer_init(&text, LIMIT_SETTINGS_BYTES);
    bool ok = file_read(path, LIMIT_SETTINGS_BYTES, &text, error) &&
              cost_read(arena_slice(arena, buffer_slice(&text)), settings->prices, arena, prices, error);
    buffer_release(&text);
    return ok;
}

typedef bool open_model(struct llm **llm, const char *model, const struct llm_options *options, struct error *error);

static bool open_priced(open_model *opens, struct llm **llm, const char *model, const char *root,
                        const struct settings *settings, const struct llm_options *options, struct error *error)
{
    struct llm_options priced = options != NULL ? *options : (struct llm_options){0};
    struct llm_price price;
    struct cost_prices prices;
    struct arena arena;
    arena_init(&arena);
    bool ok = read_prices(root, settings, &arena, &prices, error);
    const struct cost_model *known = ok ? cost_model_named(&prices, model) : NULL;
    if (known != NULL) {
        price = (struct llm_price){known->input, known->cached, known->output, known->has_training ? known->training : -1};
        priced.price = &price;
        priced.currency = prices.currency;
    }
    priced.stays_here = settings->limit_private;
    if (settings->spend_per_day >= 0) {
        priced.spend_file = path_join(&arena, path_join(&arena, root, PROJECT_STATE), "spent");
        priced.spend_day = settings->spend_per_day;
    }
    ok = ok && opens(llm, model, &priced, error);
    arena_release(&arena);
    return ok;
}

bool priced_llm_open(struct llm **llm, const char *model, const char *root, const struct settings *settings,
                     const struct llm_options *options, struct error *error)
{
    return open_priced(llm_open, llm, model, root, settings, options, error);
}

bool priced_embedder_open(const struct project *project, const char *model, struct llm **llm, struct error *error)
{
    const char *root = project->prices_root != NULL ? project->prices_root : project->root;
    return open_priced(llm_open_embedder, llm, model, root, &project->settings, NULL, error);
}
