/* embed_here.c - a model whose files are on this machine. */
#include "embedder.h"
#include "fingerprint.h"
#include <string.h>

static bool find(struct embedder *embedder, struct error *error)
{
    const struct project *project = embedder->project;
    const char *name = project->settings.embedding;
    struct model_place place;
    if (strchr(name, '/') != NULL || name[0] == '.') /* a path in the settings counts from where they are */
        name = path_join(&embedder->arena, project->root, name);
    if (file_exists(path_join(&embedder->arena, name, "adapter_config.json"))) {
        embedder->adapter = name;
        embedder->name = arena_text(&embedder->arena, path_name(name));
        return models_find_base(name, project->root, &embedder->arena, &embedder->folder, error);
    }
    if (!models_find(name, project->root, &embedder->arena, &place, error))
        return false;
    embedder->name = arena_text(&embedder->arena, path_name(place.folder));
    embedder->folder = place.folder;
    return true;
}

/* Its files are read only when they are not those that the catalog's fingerprint was taken of. */
static bool know(struct embedder *embedder, const struct store_embedding *stored, struct error *error)
{
    if (!model_stamp(embedder->folder, embedder->adapter, embedder->stamp, error))
        return false;
    struct slice stamp = {(const char *)embedder->stamp, sizeof(embedder->stamp)};
    if (stored == NULL || !slice_equal(stored->stamp, stamp))
        return model_fingerprint(embedder->folder, embedder->adapter, embedder->fingerprint, error);
    memcpy(embedder->fingerprint, stored->fingerprint, sizeof(embedder->fingerprint));
    return true;
}

static bool open_model(struct embedder *embedder, struct error *error)
{
    struct model *model;
    const struct model_options options = {.pool = embedder->project->pool, .adapter = embedder->adapter};
    if (embedder->model != NULL)
        return true;
    if (!model_open(&model, embedder->folder, &options, error))
        return false;
    const struct model_info *info = model_info(model);
    if (info->labels > 0 || info->dimensions == 0 || info->dimensions > LIMIT_VECTOR_DIMENSIONS) {
        error_set(error, ERROR_INVALID, "model \"%s\" scores texts and makes no vectors", embedder->name);
        error_hint(error, "Name an embedding model in assay.yaml (embedding), or `none`.");
        model_close(model);
        return false;
    }
    embedder->model = model;
    return true;
}

/* A model that is open has told it. */
static bool measure(struct embedder *embedder, struct error *error)
{
    (void)embedder;
    (void)error;
    return true;
}

/* The same: its fingerprint says that it is the one of the kept vectors. */
static bool expect(struct embedder *embedder, size_t dimensions, struct error *error)
{
    (void)dimensions;
    return measure(embedder, error);
}

static size_t dimensions_of(const struct embedder *embedder)
{
    return model_info(embedder->model)->dimensions;
}

/* What the model wants before a text. */
static struct slice prompt_for(const struct model *model, const struct embed_texts *texts)
{
    struct slice prompt = {0};
    for (size_t i = 0; i < texts->kind_count && prompt.size == 0; i++)
        prompt = model_prompt(model, texts->kinds[i]);
    return prompt.size > 0 ? prompt : model_prompt(model, NULL);
}

static bool embed(struct embedder *embedder, const struct embed_texts *texts, float *vectors, struct error *error)
{
    struct model *model = embedder->model;
    if (!model_embed(model, texts->texts, texts->count, prompt_for(model, texts), vectors, NULL, error))
        return false;
    if (!model_info(model)->normalized)
        embedder_make_units(vectors, texts->count, dimensions_of(embedder));
    return true;
}

static bool read_tokenizer(struct embedder *embedder, struct error *error)
{
    return model_read_tokenizer(&embedder->tokenizer, &embedder->tokens_max, embedder->folder, error);
}

const struct embed_way embed_here = {.find = find,
                                     .know = know,
                                     .open = open_model,
                                     .measure = measure,
                                     .expect = expect,
                                     .dimensions = dimensions_of,
                                     .embed = embed,
                                     .read_tokenizer = read_tokenizer};
