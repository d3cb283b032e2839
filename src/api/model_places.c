/* model_places.c - the part of assay.h that finds, lists and adds models. */
#include "tell.h"
#include "model/model.h"
#include "project/project.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fill(const struct model_place *inner, struct assay_model_place *place, struct error *error)
{
    size_t size = strlen(inner->folder) + 1;
    if (size > sizeof(place->folder))
        return error_set(error, ERROR_LIMIT, "path \"%.64s…\" is longer than %d bytes", inner->folder, ASSAY_PATH_BYTES);
    place->source = inner->source;
    memcpy(place->folder, inner->folder, size);
    return true;
}

bool assay_model_find(const char *name, const char *project, struct assay_model_place *place, struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    struct model_place found;
    arena_init(&arena);
    bool ok = models_find(name != NULL ? name : "builtin", project, &arena, &found, &inner) && fill(&found, place, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

struct model_listing {
    bool (*each)(void *context, const struct assay_model_place *place);
    void *context;
};

static bool list_place(void *context, const struct model_place *inner, struct error *error)
{
    struct model_listing *listing = context;
    struct assay_model_place place;
    return fill(inner, &place, error) &&
           (listing->each(listing->context, &place) || error_set(error, ERROR_CANCELLED, "the listing was stopped"));
}

bool assay_model_list(const char *project, bool (*each)(void *context, const struct assay_model_place *place), void *context,
                      struct assay_error *error)
{
    struct error inner;
    struct model_listing listing = {each, context};
    return finish(models_each(project, list_place, &listing, &inner), &inner, error);
}

/* Opens it and lets it say something: a score when it has a head, else a vector. */
static bool check_works(void *context, const char *folder, struct error *error)
{
    static const struct slice first = SLICE_CONSTANT("A model that works"), second = SLICE_CONSTANT("says numbers.");
    struct pool *pool = pool_create(0);
    struct model *model = NULL;
    float *out = NULL;
    (void)context;
    bool ok = model_open(&model, folder, &(struct model_options){.precision = MODEL_F32, .pool = pool}, error);
    if (ok) {
        const struct model_info *info = model_info(model);
        size_t count = info->labels > 0 ? info->labels : info->dimensions;
        out = memory_alloc(count, sizeof(*out));
        ok = info->labels > 0 ? model_score(model, &first, &second, 1, out, error)
                              : model_embed(model, &first, 1, SLICE(""), out, NULL, error);
        for (size_t i = 0; ok && i < count; i++)
            if (!isfinite(out[i]))
                ok = error_set(error, ERROR_CORRUPT, "model \"%s\" gives numbers that are none for a test sentence", folder);
    }
    free(out);
    model_close(model);
    pool_free(pool);
    return ok;
}

bool assay_model_add(const struct assay_model_add_options *options, struct assay_model_place *place, struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    const char *folder;
    const struct models_install install = {.path = options->path,
                                           .name = options->name,
                                           .project = options->project,
                                           .global = options->global,
                                           .check = check_works,
                                           .on_file = options->on_file,
                                           .context = options->context};
    arena_init(&arena);
    bool ok = models_install(&install, &arena, &folder, &inner) &&
              fill(&(struct model_place){options->global ? "user" : "project", folder}, place, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}
