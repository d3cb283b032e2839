/* project.c - making, finding, opening and closing a project. */
#include "parts.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *state_path(struct arena *arena, const struct project *project, const char *name)
{
    return arena_format(arena, "%s/" PROJECT_STATE "/%s", project->root, name);
}

char *index_path(struct arena *arena, const struct project *project, const char *file)
{
    return arena_format(arena, "%s/" PROJECT_STATE "/index/%s", project->root, file);
}

bool working_folder(struct arena *arena, const char **folder, struct error *error)
{
    char path[LIMIT_PATH_BYTES];
    if (getcwd(path, sizeof(path)) == NULL)
        return error_system(error, "could not tell the current folder");
    *folder = arena_text(arena, slice_from(path));
    return true;
}

static bool make_state(const char *root, struct arena *arena, struct error *error)
{
    struct store *store;
    if (!folder_create(arena_format(arena, "%s/" PROJECT_STATE "/index", root), error) ||
        !store_open(&store, arena_format(arena, "%s/" PROJECT_STATE "/assay.db", root), STORE_WRITE, error))
        return false;
    store_close(store);
    return folder_sync(arena_format(arena, "%s/" PROJECT_STATE, root), error);
}

bool project_create(const char *folder, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    const char *working;
    bool ok = working_folder(&arena, &working, error);
    const char *root = ok ? path_normal(&arena, working, folder) : NULL;
    if (ok && file_exists(path_join(&arena, root, PROJECT_STATE "/assay.db"))) {
        ok = error_set(error, ERROR_CONFLICT, "\"%s\" is a project already", root);
        error_hint(error, "Go on with `assay add`; to start over, remove %s/" PROJECT_STATE " first.", folder);
    }
    ok = ok && folder_create(root, error);
    const char *settings = ok ? path_join(&arena, root, PROJECT_SETTINGS) : NULL;
    if (ok && !file_exists(settings))
        ok = file_replace(settings, slice_from(settings_template(&arena)), error);
    const char *prices = ok ? path_join(&arena, root, PROJECT_PRICES) : NULL;
    if (ok && !file_exists(prices))
        ok = file_replace(prices, slice_from(prices_template()), error);
    ok = ok && make_state(root, &arena, error);
    arena_release(&arena);
    return ok;
}

/* The nearest folder at or above `start` that holds settings. */
static bool find_root(struct arena *arena, const char *start, const char **root, struct error *error)
{
    char *folder = arena_text(arena, slice_from(start));
    for (;;) {
        if (file_exists(path_join(arena, folder, PROJECT_SETTINGS))) {
            *root = folder;
            return true;
        }
        if (strcmp(folder, "/") == 0)
            break;
        folder = arena_text(arena, path_folder(folder));
    }
    error_set(error, ERROR_NOT_FOUND, "\"%s\" is not in a project: there is no " PROJECT_SETTINGS " here or above", start);
    return error_hint(error, "Run `assay init` to make one here, or name one with --project.");
}

bool project_locate(const char *folder, struct arena *arena, const char **root, struct error *error)
{
    char real[LIMIT_PATH_BYTES];
    const char *working, *found;
    if (!working_folder(arena, &working, error))
        return false;
    if (folder == NULL) {
        if (!find_root(arena, working, &found, error))
            return false;
    } else {
        found = path_normal(arena, working, folder);
        if (!file_exists(path_join(arena, found, PROJECT_SETTINGS))) {
            error_set(error, ERROR_NOT_FOUND, "\"%s\" is not a project: it has no " PROJECT_SETTINGS, found);
            return error_hint(error, "Run `assay init %s` to make it one.", folder);
        }
    }
    /* One name for one project, however it was reached: documents are known by their path from here. */
    *root = realpath(found, real) != NULL ? arena_text(arena, slice_from(real)) : found;
    return true;
}

bool project_settings(const char *root, struct arena *arena, struct settings *settings, struct error *error)
{
    struct buffer text;
    buffer_init(&text, LIMIT_SETTINGS_BYTES);
    bool ok = file_read(path_join(arena, root, PROJECT_SETTINGS), LIMIT_SETTINGS_BYTES, &text, error) &&
              settings_read(buffer_slice(&text), PROJECT_SETTINGS, arena, settings, error);
    buffer_release(&text);
    return ok;
}

/* There is no catalog to be read: nothing was added, or it was and the catalog is gone, or nobody here may look. */
static bool tell_missing(struct project *project, const char *database, struct error *error)
{
    if (errno != ENOENT)
        return error_system(error, "could not look for \"%s\"", database);
    if (file_exists(state_path(&project->arena, project, "index"))) {
        error_set(error, ERROR_NOT_FOUND, "the catalog of project \"%s\" is gone: there are index files, and no assay.db",
                  project->root);
        return error_hint(error, "Restore .assay/assay.db from a copy. Without one, `assay add` begins anew: with no keys, and "
                                 "no labels of before.");
    }
    error_set(error, ERROR_NOT_FOUND, "project \"%s\" has no documents yet", project->root);
    return error_hint(error, "Run `assay add` first.");
}

static bool open_state(struct project *project, const char *purpose, struct error *error)
{
    const char *database = state_path(&project->arena, project, "assay.db");
    if (project->mode == STORE_READ) {
        return file_exists(database) ? store_open(&project->store, database, STORE_READ, error)
                                     : tell_missing(project, database, error);
    }
    if (!folder_create(state_path(&project->arena, project, "index"), error))
        return false;
    if (!file_lock_take(&project->lock, state_path(&project->arena, project, "lock"), purpose, error)) {
        if (error->kind == ERROR_CONFLICT)
            error_wrap(error, "another process writes to this project");
        return false;
    }
    return store_open(&project->store, database, STORE_WRITE, error) &&
           (project->settings.masked_kinds == 0 || store_erase_deleted(project->store, error)) && parts_sweep(project, error);
}

bool project_open(struct project **project, const char *folder, enum store_mode mode, const char *purpose, struct error *error)
{
    struct project *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    opened->lock.descriptor = -1;
    opened->mode = mode;
    opened->generation = opened->vectors.generation = -1;
    bool ok = project_locate(folder, &opened->arena, &opened->root, error) &&
              project_settings(opened->root, &opened->arena, &opened->settings, error) && open_state(opened, purpose, error);
    if (!ok) {
        project_close(opened);
        return false;
    }
    opened->pool = pool_create(0);
    *project = opened;
    return true;
}

void project_close(struct project *project)
{
    if (project == NULL)
        return;
    parts_clear(project);
    vectors_clear(project);
    free(project->parts);
    free(project->vectors.parts);
    free(project->views);
    builder_set_free(project->builders);
    analyzer_free(project->analyzer);
    store_close(project->store);
    file_lock_release(&project->lock);
    pool_free(project->pool);
    arena_release(&project->arena);
    free(project);
}

const char *project_relative(const struct project *project, const char *path)
{
    if (!path_is_below(path, project->root) || strcmp(path, project->root) == 0)
        return path;
    size_t size = strlen(project->root);
    return path + size + (project->root[size - 1] == '/' ? 0 : 1);
}
