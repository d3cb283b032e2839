/* settings_edit.c - assay.yaml is read, edited, checked and replaced under a lock of its own. */
#include "settings_edit.h"

static bool edit(const struct project *project, const struct arms_setting *settings, size_t count, struct arena *arena,
                 struct error *error)
{
    const char *path = path_join(arena, project->root, PROJECT_SETTINGS);
    struct settings checked;
    struct buffer source, edited;
    buffer_init(&source, LIMIT_MODEL_CONFIG_BYTES);
    buffer_init(&edited, 2 * LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &source, error);
    if (ok)
        arms_edit_settings(buffer_slice(&source), settings, count, &edited);
    ok = ok && buffer_finish(&edited, PROJECT_SETTINGS, error) &&
         settings_read(buffer_slice(&edited), PROJECT_SETTINGS, arena, &checked, error) &&
         file_replace(path, buffer_slice(&edited), error);
    buffer_release(&source);
    buffer_release(&edited);
    return ok;
}

bool settings_edit(const struct project *project, const struct arms_setting *settings, size_t count, struct error *error)
{
    struct arena arena;
    struct file_lock lock;
    arena_init(&arena);
    bool ok = file_lock_wait(&lock, path_join(&arena, project->root, PROJECT_STATE "/settings.lock"), "the settings", error);
    if (ok) {
        ok = edit(project, settings, count, &arena, error);
        file_lock_release(&lock);
    }
    arena_release(&arena);
    return ok;
}
