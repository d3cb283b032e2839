/* scratch.c - makes, fills and removes the scratch project. */
#include "scratch.h"
#include "ingest/ingest.h"
#include "llm/llm.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct path_list {
    struct scratch *scratch;
    const struct project *real;
    struct map seen;
    size_t capacity;
};

/* The file that a document came from: itself, or the archive that it lies in. */
static bool note_file(void *context, const struct store_document *document, struct error *error)
{
    struct path_list *list = context;
    struct scratch *scratch = list->scratch;
    struct stat status;
    bool is_new;
    (void)error;
    char *path = path_join(&scratch->arena, list->real->root, arena_text(&scratch->arena, document->path));
    for (char *slash; lstat(path, &status) != 0 && (slash = strrchr(path, '/')) != NULL && slash > path;)
        *slash = '\0';
    if (S_ISDIR(status.st_mode)) /* the file is gone: its folder would bring others */
        return true;
    struct map_entry *entry = map_put(&list->seen, slice_from(path), &is_new);
    if (entry != NULL && is_new) {
        scratch->paths = arena_more(&scratch->arena, scratch->paths, scratch->path_count, &list->capacity,
                                    sizeof(*scratch->paths));
        scratch->paths[scratch->path_count++] = path;
    }
    return true;
}

static bool list_files(struct scratch *scratch, const struct project *real, struct error *error)
{
    struct path_list list = {.scratch = scratch, .real = real};
    map_init(&list.seen, UINT32_MAX / 4);
    bool ok = store_each_document(real->store, note_file, &list, error);
    map_release(&list.seen);
    return ok;
}

/* Settings name places from where they are: here they lie elsewhere. */
static void take_settings(struct scratch *scratch, const struct project *real)
{
    struct settings *settings = &scratch->project->settings;
    struct model_place place;
    struct error ignored;
    *settings = real->settings;
    const char **documents = arena_alloc(&scratch->arena, settings->document_count, sizeof(*documents));
    for (size_t i = 0; i < settings->document_count; i++)
        documents[i] = path_normal(&scratch->arena, real->root, settings->documents[i]);
    settings->documents = documents;
    if (settings->labels_file != NULL)
        settings->labels_file = path_normal(&scratch->arena, real->root, settings->labels_file);
    const char *name = settings->embedding;
    if (strcmp(name, "none") == 0 || llm_is_remote(name))
        return;
    if (strchr(name, '/') != NULL || name[0] == '.')
        settings->embedding = path_normal(&scratch->arena, real->root, name);
    else if (models_find(name, real->root, &scratch->arena, &place, &ignored))
        settings->embedding = path_normal(&scratch->arena, real->root, place.folder);
}

/* What was embedded in the project need not be embedded here. */
static bool borrow_vectors(struct scratch *scratch, struct project *real, struct error *error)
{
    struct store_embedding embedding;
    bool found;
    struct store *store = scratch->project->store;
    if (!store_get_embedding(real->store, &scratch->arena, &embedding, &found, error) || !found)
        return !found && error->kind == ERROR_NONE;
    bool ok = store_begin(store, STORE_WRITE, error) && store_set_embedding(store, &embedding, error) &&
              store_commit(store, error);
    store_rollback(store);
    return ok && store_borrow_vectors(store, path_join(&scratch->arena, real->root, PROJECT_STATE "/assay.db"), error);
}

bool scratch_open(struct scratch *scratch, struct project *real, struct error *error)
{
    *scratch = (struct scratch){.lock = {.descriptor = -1}};
    arena_init(&scratch->arena);
    error_clear(error);
    const char *folder = path_join(&scratch->arena, real->root, PROJECT_STATE "/sweep");
    const char *lock = path_join(&scratch->arena, real->root, PROJECT_STATE "/sweep.lock");
    if (!file_lock_take(&scratch->lock, lock, "assay eval --sweep passages", error))
        return error_wrap(error, "could not cut the documents anew");
    scratch->folder = folder; /* whatever lies there is nobody's now */
    if (!folder_remove(folder, error) || !project_create(folder, error) ||
        !project_open(&scratch->project, folder, STORE_WRITE, "assay eval --sweep", error))
        return false;
    take_settings(scratch, real);
    scratch->project->open_remote = real->open_remote;
    scratch->project->prices_root = real->root;
    scratch->embedder = embedder_create(scratch->project);
    return list_files(scratch, real, error) && borrow_vectors(scratch, real, error);
}

bool scratch_close(struct scratch *scratch, struct error *error)
{
    embedder_free(scratch->embedder);
    project_close(scratch->project);
    bool ok = scratch->folder == NULL || folder_remove(scratch->folder, error);
    file_lock_release(&scratch->lock);
    arena_release(&scratch->arena);
    return ok;
}

struct slice scratch_name(struct scratch *scratch, const struct project *real, struct slice name)
{
    const char *path = path_join(&scratch->arena, real->root, arena_text(&scratch->arena, name));
    return slice_from(project_relative(scratch->project, path));
}

bool scratch_cut(struct scratch *scratch, const struct eval_cut *cut, bool embeds, const struct eval_progress *progress,
                 size_t *passages, size_t *failed, struct error *error)
{
    struct settings *settings = &scratch->project->settings;
    struct passage_model model = embedder_for_passages(scratch->embedder);
    const struct ingest_progress adding = {.step = progress->step, .context = progress->context, .model = &model};
    const struct embed_progress embedding = {.step = progress->step, .context = progress->context, .keep_spares = true};
    struct ingest_report report;
    struct embed_report embedded;
    struct store_counts counts;
    settings->unit = cut->unit;
    settings->passage_tokens = cut->tokens;
    settings->passage_overlap = cut->overlap;
    if (!ingest_add(scratch->project, scratch->project->root, scratch->paths, scratch->path_count, &adding, &report, error) ||
        (embeds && !embed_passages(scratch->embedder, &embedding, &embedded, error)) ||
        !store_count(scratch->project->store, &counts, error))
        return false;
    *passages = (size_t)counts.passages;
    *failed = report.failed;
    return true;
}
