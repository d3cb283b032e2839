/* kept_models.c - the model that was asked last by requests of a lane stays open, once for all of its threads: what one of them reads and writes is done
 * while the model is at another's texts. One is open at a time, as two large ones may be too much: who wants another one waits until nobody uses it. */
#include "exchange.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kept_init(struct kept_model *kept)
{
    *kept = (struct kept_model){0};
    pthread_mutex_init(&kept->lock, NULL);
    pthread_cond_init(&kept->moved, NULL);
}

/* The folder as well: after settings were read again, a name may be that of another one. */
static bool is_kept(const struct kept_model *kept, struct slice name, const char *folder)
{
    return kept->model != NULL && !kept->is_stale && slice_equal_text(name, kept->name) && strcmp(folder, kept->folder) == 0;
}

/* Who wants another model has its turn before those who come later for this one. */
static bool must_wait(const struct kept_model *kept, struct slice name, const char *folder)
{
    bool is_in_the_way = kept->users > 0 && !is_kept(kept, name, folder);
    bool is_late = kept->wanting_another > 0 && is_kept(kept, name, folder);
    return kept->is_opening || is_in_the_way || is_late;
}

static void wait_for_turn(struct kept_model *kept, struct slice name, const char *folder)
{
    while (must_wait(kept, name, folder)) {
        bool wants_another = !is_kept(kept, name, folder);
        kept->wanting_another += wants_another;
        pthread_cond_wait(&kept->moved, &kept->lock);
        kept->wanting_another -= wants_another;
    }
}

/* Without the lock meanwhile: it takes long, and others give back what they have, or read settings again. */
static bool open_another(struct kept_model *kept, struct slice name, const char *folder, struct assay_error *error)
{
    struct assay_model *before = kept->model, *model = NULL;
    kept->model = NULL;
    kept->is_opening = true;
    kept->is_stale = false;
    pthread_mutex_unlock(&kept->lock);
    assay_model_close(before);
    if (!assay_model_open(&model, &(struct assay_model_options){.folder = folder}, error))
        model = NULL;
    pthread_mutex_lock(&kept->lock);
    kept->is_opening = false;
    kept->model = model;
    snprintf(kept->name, sizeof(kept->name), SLICE_FORMAT, SLICE_ARGUMENT(name));
    snprintf(kept->folder, sizeof(kept->folder), "%s", folder);
    pthread_cond_broadcast(&kept->moved);
    return model != NULL;
}

bool model_borrow(struct lane_hands *hands, struct slice name, const char *folder, struct assay_error *error)
{
    struct kept_model *kept = &hands->server->lanes[hands->lane].kept;
    pthread_mutex_lock(&kept->lock);
    wait_for_turn(kept, name, folder);
    bool ok = is_kept(kept, name, folder) || open_another(kept, name, folder, error);
    if (ok) {
        kept->users++;
        hands->borrowed = kept;
    }
    pthread_mutex_unlock(&kept->lock);
    return ok;
}

void model_give_back(struct lane_hands *hands)
{
    struct kept_model *kept = hands->borrowed;
    if (kept == NULL)
        return;
    hands->borrowed = NULL;
    pthread_mutex_lock(&kept->lock);
    if (--kept->users == 0)
        pthread_cond_broadcast(&kept->moved);
    pthread_mutex_unlock(&kept->lock);
}

void kept_forget(struct kept_model *kept)
{
    struct assay_model *unused = NULL;
    pthread_mutex_lock(&kept->lock);
    kept->is_stale = true;
    if (kept->users == 0 && !kept->is_opening) {
        unused = kept->model;
        kept->model = NULL;
    }
    pthread_mutex_unlock(&kept->lock);
    assay_model_close(unused);
}

void kept_release(struct kept_model *kept)
{
    kept_forget(kept);
    pthread_mutex_destroy(&kept->lock);
    pthread_cond_destroy(&kept->moved);
}
