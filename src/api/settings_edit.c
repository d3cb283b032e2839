/* settings_edit.c - assay.yaml is read, edited, checked and replaced under a lock of its own. */
#include "settings_edit.h"
#include <string.h>

const char *settings_said(const struct settings *settings, const char *key, struct arena *arena)
{
    if (strcmp(key, "access") == 0)
        return settings->access == ACCESS_PUBLIC        ? "public"
               : settings->access == ACCESS_FROM_FOLDER ? "from-folder"
                                                        : settings->labels_file;
    return strcmp(key, "model") == 0      ? settings->model
           : strcmp(key, "approach") == 0 ? settings->approach
           : strcmp(key, "target") == 0   ? arena_format(arena, "%.6g", settings->target)
                                          : NULL;
}

/* Who changes a setting has seen what it was: a change that somebody else made meanwhile is not undone unseen. */
static bool are_as_seen(struct slice source, const struct arms_setting *settings, const char *const *was, size_t count,
                        struct arena *arena, struct error *error)
{
    struct settings now;
    if (!settings_read(source, PROJECT_SETTINGS, arena, &now, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *said = was[i] != NULL ? settings_said(&now, settings[i].key, arena) : NULL;
        if (said == NULL || strcmp(said, was[i]) == 0)
            continue;
        error_set(error, ERROR_CONFLICT, "%s is \"%.300s\" by now, and no more \"%.300s\": somebody else has changed it",
                  settings[i].key, said, was[i]);
        return error_hint(error, "Read the settings again, and change what is there now.");
    }
    return true;
}

static bool edit(const struct project *project, const struct arms_setting *settings, const char *const *was, size_t count,
                 struct arena *arena, struct error *error)
{
    const char *path = path_join(arena, project->root, PROJECT_SETTINGS);
    struct settings checked;
    struct buffer source, edited;
    buffer_init(&source, LIMIT_MODEL_CONFIG_BYTES);
    buffer_init(&edited, 2 * LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &source, error) &&
              (was == NULL || are_as_seen(buffer_slice(&source), settings, was, count, arena, error));
    if (ok)
        arms_edit_settings(buffer_slice(&source), settings, count, &edited);
    ok = ok && buffer_finish(&edited, PROJECT_SETTINGS, error) &&
         settings_read(buffer_slice(&edited), PROJECT_SETTINGS, arena, &checked, error) &&
         file_replace(path, buffer_slice(&edited), error);
    buffer_release(&source);
    buffer_release(&edited);
    return ok;
}

bool settings_lock(const struct project *project, struct file_lock *lock, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    bool ok = file_lock_wait(lock, path_join(&arena, project->root, PROJECT_STATE "/settings.lock"), "the settings", error);
    arena_release(&arena);
    return ok;
}

bool settings_edit(const struct project *project, const struct arms_setting *settings, const char *const *was, size_t count,
                   struct error *error)
{
    struct arena arena;
    struct file_lock lock;
    arena_init(&arena);
    bool ok = settings_lock(project, &lock, error);
    if (ok) {
        ok = edit(project, settings, was, count, &arena, error);
        file_lock_release(&lock);
    }
    arena_release(&arena);
    return ok;
}
