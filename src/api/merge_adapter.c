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
    return error_hint(error, "Adapters of tune classify --method lora, rerank, embed and reader can be merged.");
}

/* The adapter's folder, of the project or else of the installation, as PEFT's. */
static bool find(struct assay *assay, const char *name, struct arena *arena, const char **folder, struct error *error)
{
    if (!adapter_folder(assay, name, arena, folder, error))
        return false;
    if (!file_exists(path_join(arena, *folder, "provenance.json")))
        return adapter_find(name, assay->project->root, arena, folder, error);
    if (file_exists(path_join(arena, *folder, "model")))
        return error_set(error, ERROR_INVALID, "\"%.64s\" is a whole model already: \"%s\"", name,
                         path_join(arena, *folder, "model"));
    if (file_exists(path_join(arena, *folder, "adapter_config.json")))
        return true;
    error_set(error, ERROR_INVALID, "\"%.64s\" is a regression on the base's vectors: nothing of it goes into the weights",
              name);
    return error_hint(error, "Train with --method lora or full.");
}

static bool merge(const char *adapter, const char *base, const struct train_recipe *recipe, const struct peft *peft,
                  const char *to, struct error *error)
{
    struct trainer *trainer = NULL;
    struct pool *pool = pool_create(0);
    const struct trainer_options options = {
        .base = base, .pool = pool, .adapter = adapter, .labels = peft->label_count > 0 ? peft->labels : NULL};
    bool ok = trainer_create(&trainer, recipe, &options, error) && trainer_save_merged(trainer, to, error);
    trainer_free(trainer);
    pool_free(pool);
    return ok;
}

bool assay_adapter_merge(struct assay *assay, const char *name, const char *to, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    struct peft peft = {0};
    struct train_recipe recipe;
    struct slice task;
    const char *folder, *base;
    arena_init(&arena);
    bool ok = find(assay, name, &arena, &folder, &inner) && adapter_task(folder, &arena, &task, &inner) &&
              models_find_base(folder, assay->project->root, &arena, &base, &inner);
    if (ok && file_exists(to)) {
        ok = error_set(&inner, ERROR_CONFLICT, "\"%s\" is there already", to);
        error_hint(&inner, "Name a folder that is not there yet.");
    }
    if (ok) {
        ok = peft_open(&peft, folder, &inner) &&
             (recipe_of(&peft, task, &recipe) ? merge(folder, base, &recipe, &peft, to, &inner) : refuse(task, name, &inner));
        peft_close(&peft);
    }
    arena_release(&arena);
    return finish(ok, &inner, error);
}
