/* trainer.c - makes a trainer, and asks it for outputs. */
#include "train_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the recipe ---- */

static void set_default(float *value, float usual)
{
    if (!(*value > 0))
        *value = usual;
}

static void set_defaults(struct train_recipe *recipe)
{
    bool lora = recipe->scope == TRAIN_LORA;
    if (recipe->task == TRAIN_RANK || recipe->task == TRAIN_WRITE)
        recipe->outputs = 1;
    if (recipe->task == TRAIN_SPAN)
        recipe->outputs = 2;
    recipe->epochs = recipe->epochs > 0 ? recipe->epochs : 3;
    recipe->batch_examples = recipe->batch_examples > 0 ? recipe->batch_examples : 32;
    recipe->lora.rank = recipe->lora.rank > 0 ? recipe->lora.rank : 8;
    set_default(&recipe->lora.alpha, 2 * (float)recipe->lora.rank);
    set_default(&recipe->learning_rate, lora ? 1e-3F : 1e-4F);
    set_default(&recipe->head_learning_rate, recipe->learning_rate);
    set_default(&recipe->beta1, 0.9F);
    set_default(&recipe->beta2, 0.999F);
    set_default(&recipe->epsilon, 1e-8F);
    set_default(&recipe->temperature, 0.05F);
}

static bool check_recipe(const struct train_recipe *recipe, struct error *error)
{
    const struct {
        const char *name;
        float value, most;
    } parts[] = {{"dropout", recipe->dropout, 0.9F},
                 {"lora.dropout", recipe->lora.dropout, 0.9F},
                 {"warmup", recipe->warmup, 1},
                 {"label_smoothing", recipe->label_smoothing, 0.99F},
                 {"beta1", recipe->beta1, 0.9999F},
                 {"beta2", recipe->beta2, 0.999999F},
                 {"focal_gamma", recipe->focal_gamma, 10},
                 {"weight_decay", recipe->weight_decay, 10},
                 {"learning_rate", recipe->learning_rate, 10},
                 {"head_learning_rate", recipe->head_learning_rate, 10}};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        if (!(parts[i].value >= 0 && parts[i].value <= parts[i].most))
            return error_set(error, ERROR_INVALID, "\"%s\" is %g, expected 0 to %g", parts[i].name, (double)parts[i].value,
                             (double)parts[i].most);
    if (recipe->outputs == 0 && recipe->task != TRAIN_EMBED)
        return error_set(error, ERROR_INVALID, "the task has no labels");
    if (recipe->task == TRAIN_EMBED && recipe->scope == TRAIN_HEAD)
        return error_set(error, ERROR_INVALID, "vectors have no head that could be trained alone");
    return true;
}

static void copy_recipe(struct trainer *trainer, const struct train_recipe *recipe)
{
    trainer->recipe = *recipe;
    set_defaults(&trainer->recipe);
    const char **targets = arena_alloc(&trainer->arena, recipe->lora.target_count + 2, sizeof(*targets));
    for (size_t i = 0; i < recipe->lora.target_count; i++)
        targets[i] = arena_text(&trainer->arena, slice_from(recipe->lora.targets[i]));
    trainer->recipe.lora.targets = targets;
    if (recipe->class_weights != NULL) {
        float *weights = arena_alloc(&trainer->arena, recipe->outputs, sizeof(*weights));
        memcpy(weights, recipe->class_weights, recipe->outputs * sizeof(*weights));
        trainer->recipe.class_weights = weights;
    }
}

/* ---- low-rank additions ---- */

/* Whether a layer's name ends in the target, at a dot. */
static bool is_target(const char *layer, const char *target)
{
    struct slice name = slice_from(layer), end = slice_from(target);
    if (strcmp(target, "all-linear") == 0)
        return true;
    return slice_ends_with(name, end) && (name.size == end.size || name.data[name.size - end.size - 1] == '.');
}

static bool add_low_ranks(struct trainer *trainer, struct error *error)
{
    struct train_lora *lora = &trainer->recipe.lora;
    size_t count, added = 0;
    const char *const *layers = trainable_layers(trainer->trainable, &count);
    if (lora->target_count == 0) { /* the query's and the value's: the first and third of a layer's six */
        const char **targets = (const char **)(uintptr_t)lora->targets;
        for (size_t i = 0; i < 2; i++) {
            const char *dot = strrchr(layers[2 * i], '.');
            targets[i] = arena_text(&trainer->arena, slice_from(dot + 1));
        }
        lora->target_count = 2;
    }
    double scale = (double)lora->alpha / (lora->rank_stabilised ? sqrt((double)lora->rank) : (double)lora->rank);
    for (size_t i = 0; i < count; i++) {
        bool wanted = false;
        for (size_t t = 0; t < lora->target_count; t++)
            wanted = wanted || is_target(layers[i], lora->targets[t]);
        struct low_rank_options options = {.layer = layers[i],
                                           .rank = lora->rank,
                                           .scale = (float)scale,
                                           .dropout = lora->dropout,
                                           .weight_decomposed = lora->weight_decomposed};
        if (wanted && !trainable_add_low_rank(trainer->trainable, &options, error))
            return false;
        added += wanted;
    }
    if (added > 0)
        return true;
    error_set(error, ERROR_INVALID, "no linear layer's name ends in \"%s\"", lora->targets[0]);
    return error_hint(error, "The names are like \"%s\"; \"all-linear\" stands for all of them.", layers[0]);
}

/* ---- making ---- */

static bool check_widths(const struct trainer *trainer, struct error *error)
{
    const struct train_recipe *recipe = &trainer->recipe;
    for (size_t i = 0; i < TRAIN_WIDTHS && recipe->widths[i] > 0; i++)
        if (i > 0 && recipe->widths[i] <= recipe->widths[i - 1]) {
            error_set(error, ERROR_INVALID, "a part of %zu numbers is asked for behind one of %zu", recipe->widths[i],
                      recipe->widths[i - 1]);
            return error_hint(error, "Name the parts of vectors from the smallest to the largest, each once.");
        } else if (recipe->task != TRAIN_EMBED || recipe->widths[i] >= trainer->info->hidden) {
            error_set(error, ERROR_INVALID, "a part of %zu numbers is asked for, of vectors of %zu", recipe->widths[i],
                      recipe->task == TRAIN_EMBED ? trainer->info->hidden : 0);
            return error_hint(error, "Name fewer numbers than the vectors have: the whole is learned in any case.");
        }
    return true;
}

/* The encoder's learned tensors, behind those of the head. */
static void list_learned(struct trainer *trainer)
{
    size_t count;
    const struct parameter *parameters = trainable_parameters(trainer->trainable, &count);
    for (size_t i = 0; i < count; i++)
        if (parameters[i].gradients != NULL)
            trainer->learned[trainer->learned_count++] = (struct learned){.parameter = parameters[i],
                                                                          .decays = parameters[i].columns > 0};
    for (size_t i = 0; i < trainer->learned_count; i++)
        trainer->learned_numbers += trainer->learned[i].parameter.count;
}

static void make_tools(struct trainer *trainer)
{
    trainer->thread_count = pool_thread_count(trainer->pool);
    trainer->tools = memory_alloc(trainer->thread_count, sizeof(*trainer->tools));
    for (size_t i = 0; i < trainer->thread_count; i++) {
        trainer->tools[i].workspace = tokenizer_workspace_create();
        tokens_init(&trainer->tools[i].tokens);
    }
}

static void copy_labels(struct trainer *trainer, const char *const *labels)
{
    trainer->labels = arena_alloc(&trainer->arena, trainer->recipe.outputs + 1, sizeof(*trainer->labels));
    for (size_t i = 0; i < trainer->recipe.outputs; i++)
        trainer->labels[i] = labels != NULL ? arena_text(&trainer->arena, slice_from(labels[i]))
                                            : arena_format(&trainer->arena, "LABEL_%zu", i);
}

static bool make_parts(struct trainer *trainer, const struct trainer_options *options, struct error *error)
{
    const struct train_recipe *recipe = &trainer->recipe;
    struct trainable_options trainable = {.precision = recipe->precision,
                                          .pool = trainer->pool,
                                          .all = recipe->scope == TRAIN_ALL,
                                          .dropout = recipe->dropout,
                                          .seed = recipe->seed,
                                          .recomputes = recipe->recompute};
    size_t tokens_max, count;
    if (!check_recipe(recipe, error) || !base_hash(trainer->base, trainer->base_hash, error) ||
        !trainable_open(&trainer->trainable, trainer->base, &trainable, error))
        return false;
    trainer->info = trainable_info(trainer->trainable);
    if (!check_widths(trainer, error) || !model_read_tokenizer(&trainer->tokenizer, &tokens_max, trainer->base, error))
        return false;
    input_hash(trainer->tokenizer, trainer->input_hash);
    trainer->tokens_max = recipe->tokens_max > 0 && recipe->tokens_max < trainer->info->tokens_max ? recipe->tokens_max
                                                                                                   : trainer->info->tokens_max;
    if (recipe->scope == TRAIN_LORA && !add_low_ranks(trainer, error))
        return false;
    (void)trainable_parameters(trainer->trainable, &count);
    trainer->learned = memory_alloc(count + HEAD_TENSORS_MAX, sizeof(*trainer->learned));
    bool writes = recipe->task == TRAIN_WRITE;
    if (recipe->task != TRAIN_EMBED && !(writes ? write_head_make : head_make)(trainer, error))
        return false;
    list_learned(trainer);
    make_tools(trainer);
    copy_labels(trainer, options->labels);
    if (options->adapter == NULL)
        return true;
    if (!adapter_load(trainer, options->adapter, error))
        return false;
    run_start(trainer);
    return true;
}

bool trainer_create(struct trainer **trainer, const struct train_recipe *recipe, const struct trainer_options *options,
                    struct error *error)
{
    struct trainer *made = memory_alloc(1, sizeof(*made));
    arena_init(&made->arena);
    buffer_init(&made->log, LIMIT_JSON_BYTES);
    made->pool = options->pool;
    made->base = arena_text(&made->arena, slice_from(options->base));
    made->folder = options->folder != NULL ? arena_text(&made->arena, slice_from(options->folder)) : NULL;
    copy_recipe(made, recipe);
    if (!make_parts(made, options, error)) {
        trainer_free(made);
        return false;
    }
    *trainer = made;
    return true;
}

bool trainer_has_new_head(const struct trainer *trainer)
{
    return trainer->has_new_head;
}

void trainer_free(struct trainer *trainer)
{
    if (trainer == NULL)
        return;
    for (size_t i = 0; i < trainer->thread_count; i++) {
        tokenizer_workspace_free(trainer->tools[i].workspace);
        tokens_release(&trainer->tools[i].tokens);
    }
    task_head_release(&trainer->head);
    write_head_release(&trainer->write);
    tokenizer_free(trainer->tokenizer);
    trainable_close(trainer->trainable);
    buffer_release(&trainer->log);
    free(trainer->tools);
    free(trainer->learned);
    free(trainer->moments);
    free(trainer->best);
    free(trainer->d_states);
    arena_release(&trainer->arena);
    free(trainer);
}

/* ---- outputs ---- */

size_t trainer_outputs(const struct trainer *trainer)
{
    return trainer->recipe.task == TRAIN_EMBED ? trainer->info->hidden : trainer->recipe.outputs;
}

struct predicting {
    struct trainer *trainer;
    const struct train_example *examples;
    float *out;
    struct train_span *spans;
    struct train_tags *tags;
};

/* The best pair of a start and an end in the second text, at most SPAN_TOKENS long. */
static void best_span(const struct predicting *predicting, const struct ready *item, const float *z)
{
    enum { SPAN_TOKENS = 32 };
    struct trainer *trainer = predicting->trainer;
    const struct train_example *example = &predicting->examples[item->example];
    struct tokens *tokens = &trainer->tools[0].tokens;
    struct tokenizer_options options = {.tokens_max = trainer->tokens_max};
    tokenizer_encode(trainer->tokenizer, trainer->tools[0].workspace, example->first, &example->second, &options, tokens);
    struct train_span best = {.score = -INFINITY};
    size_t first, end;
    second_tokens(tokens, &first, &end);
    for (size_t i = first; i < end; i++)
        for (size_t j = i; j < end && j < i + SPAN_TOKENS; j++) {
            float score = z[2 * i] + z[2 * j + 1] - (z[0] + z[1]);
            if (score > best.score)
                best = (struct train_span){tokens->starts[i], tokens->ends[j], score};
        }
    predicting->spans[item->example] = best;
}

static void best_tags(const struct predicting *predicting, const struct ready *item, const float *z)
{
    struct trainer *trainer = predicting->trainer;
    const struct train_example *example = &predicting->examples[item->example];
    struct tokens *tokens = &trainer->tools[0].tokens;
    struct tokenizer_options options = {.tokens_max = trainer->tokens_max};
    size_t outputs = trainer->recipe.outputs;
    tokenizer_encode(trainer->tokenizer, trainer->tools[0].workspace, example->first, NULL, &options, tokens);
    predicting->tags->tokens = memory_alloc(tokens->count, sizeof(*predicting->tags->tokens));
    for (size_t t = 0; t < tokens->count; t++) {
        size_t label = 0;
        for (size_t i = 1; i < outputs; i++)
            label = z[t * outputs + i] > z[t * outputs + label] ? i : label;
        if (!tokens->special[t])
            predicting->tags->tokens[predicting->tags->count++] = (struct train_range){tokens->starts[t], tokens->ends[t],
                                                                                       label};
    }
}

static bool pack_likelihood(const struct predicting *predicting, const struct batch_pack *pack, const float *states,
                            struct error *error)
{
    double *log_p = memory_alloc(pack->pack.text_count, sizeof(*log_p)), loss = 0;
    const struct write_pass pass = {.pack = pack, .states = states, .weight = 1, .log_p = log_p};
    bool ok = write_head_run(predicting->trainer, &pass, &loss, error);
    for (size_t text = 0; text < pack->pack.text_count && ok; text++)
        predicting->out[pack->items[text]->example] = (float)log_p[text];
    free(log_p);
    return ok;
}

static bool pack_predict(void *context, const struct batch_pack *pack, size_t first_item, size_t first_row, struct error *error)
{
    const struct predicting *predicting = context;
    struct trainer *trainer = predicting->trainer;
    struct task_head *head = &trainer->head;
    const float *states;
    if (!trainable_forward(trainer->trainable, &pack->pack, &(struct pass_options){.first_row = first_row}, &states, error))
        return false;
    if (trainer->recipe.task == TRAIN_EMBED) {
        float *lengths = memory_alloc(pack->pack.text_count, sizeof(*lengths));
        embed_vectors(trainer, pack, states, predicting->out + first_item * trainer->info->hidden, lengths);
        free(lengths);
        return true;
    }
    if (trainer->recipe.task == TRAIN_WRITE)
        return pack_likelihood(predicting, pack, states, error);
    head_forward(trainer, pack, states, &(struct dropout){0}, first_item);
    for (size_t text = 0; text < pack->pack.text_count; text++) {
        size_t vectors, at = head_vectors(head, pack, text, &vectors) * head->out.n;
        if (predicting->spans != NULL)
            best_span(predicting, pack->items[text], head->logits + at);
        else if (predicting->tags != NULL)
            best_tags(predicting, pack->items[text], head->logits + at);
        else
            memcpy(predicting->out + pack->items[text]->example * head->out.n, head->logits + at, head->out.n * sizeof(float));
    }
    return true;
}

/* What is wanted of the examples does not matter here but for targets, nor their second texts for vectors. */
static bool predict(struct predicting *predicting, size_t count, struct error *error)
{
    struct trainer *trainer = predicting->trainer;
    struct train_example *bare = memory_alloc(count, sizeof(*bare));
    struct ready_set set;
    for (size_t i = 0; i < count; i++)
        bare[i] = (struct train_example){.first = predicting->examples[i].first,
                                         .second = predicting->examples[i].second,
                                         .target = predicting->examples[i].target,
                                         .target_count = predicting->examples[i].target_count};
    for (size_t i = 0; i < count && trainer->recipe.task == TRAIN_EMBED; i++)
        bare[i].second = (struct slice){0};
    bool ok = ready_make(trainer, bare, count, &set, error);
    if (ok) {
        const struct ready **items = memory_alloc(count, sizeof(*items));
        for (size_t i = 0; i < count; i++)
            items[i] = &set.items[set.firsts[i]];
        const struct ready_part all = ready_all(items, count);
        ok = ready_packs(&all, pack_predict, predicting, error);
        free(items);
        ready_release(&set);
    }
    free(bare);
    return ok;
}

bool trainer_predict(struct trainer *trainer, const struct train_example *examples, size_t count, float *out,
                     struct error *error)
{
    struct predicting predicting = {.trainer = trainer, .examples = examples};
    predicting.out = out;
    return predict(&predicting, count, error);
}

bool trainer_predict_spans(struct trainer *trainer, const struct train_example *examples, size_t count, struct train_span *out,
                           struct error *error)
{
    struct predicting predicting = {.trainer = trainer, .examples = examples, .spans = out};
    return predict(&predicting, count, error);
}

bool trainer_predict_tags(struct trainer *trainer, const struct train_example *example, struct train_tags *out,
                          struct error *error)
{
    struct predicting predicting = {.trainer = trainer, .examples = example, .tags = out};
    *out = (struct train_tags){0};
    return predict(&predicting, 1, error);
}

void train_tags_release(struct train_tags *tags)
{
    free(tags->tokens);
    *tags = (struct train_tags){0};
}
