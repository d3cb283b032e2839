/* merge_adapter.c - the part of assay_tune.h that makes a whole model of an adapter and its base: weights with what the adapter adds, as a folder that
 * every command here reads, and sentence-transformers where it makes vectors. */
#include "tune.h"
#include <string.h>

/* What was trained, as the trainer is told it. False: it makes no model by itself. */
static bool recipe_of(const struct peft *peft, struct slice task, struct train_recipe *recipe)
{
    static const struct {
        const char *name;
        enum train_task task;
    } tasks[] = {{"classify", TRAIN_CLASSIFY}, {"rerank", TRAIN_RANK}, {"embed", TRAIN_EMBED}, {"reader", TRAIN_SPAN}};
    static const char *const targets[] = {"all-linear"}; /* as in every recipe of this room */
    for (size_t i = 0; i < ARRAY_COUNT(tasks); i++) {
        if (!slice_equal_text(task, tasks[i].name))
            continue;
        *recipe = (struct train_recipe){.task = tasks[i].task,
                                        .scope = TRAIN_LORA,
                                        .outputs = peft->label_count,
                                        .precision = MODEL_F32,
                                        .mean_pooling = peft->mean,
                                        .lora = {.rank = peft->rank,
                                                 .alpha = (float)peft->alpha,
                                                 .rank_stabilised = peft->rank_stabilised,
                                                 .weight_decomposed = peft->weight_decomposed,
                                                 .targets = targets,
                                                 .target_count = ARRAY_COUNT(targets)}};
        return true;
    }
    return false;
}

static bool refuse(struct slice task, const char *name, struct error *error)
{
    error_set(error, ERROR_INVALID, "\"%.64s\" is a " SLICE_FORMAT " adapter, which makes no model by itself", name,
              SLICE_ARGUMENT(task));
    return error_hint(error, "Adapters of tune classify --method lora or full, rerank, embed and reader can be merged.");
}

/* The adapter's folder, of the project or else of the installation: PEFT's, or one with a whole model. */
static bool find(struct assay *assay, const char *name, struct arena *arena, const char **folder, struct error *error)
{
    if (!adapter_folder(assay, name, arena, folder, error))
        return false;
    if (!file_exists(path_join(arena, *folder, "provenance.json")))
        return adapter_find(name, assay->project->root, arena, folder, error);
    if (file_exists(path_join(arena, *folder, "model")) || file_exists(path_join(arena, *folder, "adapter_config.json")))
        return true;
    error_set(error, ERROR_INVALID, "\"%.64s\" is a regression on the base's vectors: nothing of it goes into the weights",
              name);
    return error_hint(error, "Train with --method lora or full.");
}

static bool write_merged(const struct train_recipe *recipe, const struct trainer_options *parts, const char *to,
                         struct error *error)
{
    struct trainer *trainer = NULL;
    struct trainer_options options = *parts;
    options.pool = pool_create(0);
    bool ok = trainer_create(&trainer, recipe, &options, error) && trainer_save_merged(trainer, to, error);
    trainer_free(trainer);
    pool_free(options.pool);
    return ok;
}

/* Low-rank additions go into the base's weights. */
static bool merge_additions(struct assay *assay, const char *name, const char *folder, const char *to, struct arena *arena,
                            struct error *error)
{
    struct peft peft = {0};
    struct train_recipe recipe;
    struct slice task;
    const char *base;
    if (!adapter_task(folder, arena, &task, error) || !models_find_base(folder, assay->project->root, arena, &base, error))
        return false;
    bool ok = peft_open(&peft, folder, error) && (recipe_of(&peft, task, &recipe) || refuse(task, name, error));
    const struct trainer_options options = {
        .base = base, .adapter = folder, .labels = ok && peft.label_count > 0 ? peft.labels : NULL};
    ok = ok && write_merged(&recipe, &options, to, error);
    peft_close(&peft);
    return ok;
}

/* A classifier whose every weight was trained is whole, but its head is over the mean of all tokens, which others do not know. */
static bool convert_whole(const char *folder, const char *to, struct arena *arena, struct error *error)
{
    struct classifier classifier;
    bool ok = classifier_open(&classifier, folder, error);
    const struct train_recipe recipe = {.task = TRAIN_CLASSIFY,
                                        .scope = TRAIN_HEAD,
                                        .outputs = ok ? classifier.label_count : 0,
                                        .precision = MODEL_F32,
                                        .mean_pooling = true};
    const struct trainer_options options = {.base = path_join(arena, folder, "model"), .labels = ok ? classifier.labels : NULL};
    ok = ok && write_merged(&recipe, &options, to, error);
    classifier_release(&classifier);
    return ok;
}

bool assay_adapter_merge(struct assay *assay, const char *name, const char *to, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    const char *folder;
    arena_init(&arena);
    bool ok = find(assay, name, &arena, &folder, &inner);
    if (ok && file_exists(to)) {
        ok = error_set(&inner, ERROR_CONFLICT, "\"%s\" is there already", to);
        error_hint(&inner, "Name a folder that is not there yet.");
    }
    if (ok)
        ok = file_exists(path_join(&arena, folder, "model")) ? convert_whole(folder, to, &arena, &inner)
                                                             : merge_additions(assay, name, folder, to, &arena, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}
