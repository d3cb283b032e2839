/* settings_edit.h - lines of assay.yaml that a verdict or a person changes. Private to api. */
#ifndef API_SETTINGS_EDIT_H
#define API_SETTINGS_EDIT_H

#include "arms/arms.h"
#include "tell.h"

/* Sets them in the file as it is by now, one change after the other whoever makes it; what would be no good settings is not written. `was` has
 * as many as there are settings: each as settings_said had it, or NULL; ERROR_CONFLICT where one is another by now. `was` NULL: whatever they are. */
bool settings_edit(const struct project *project, const struct arms_setting *settings, const char *const *was, size_t count,
                   struct error *error) MUST_USE;

/* Who changes a setting, or a file that one names, holds this. */
bool settings_lock(const struct project *project, struct file_lock *lock, struct error *error) MUST_USE;

/* A setting in words: "model", "approach", "access" or "target"; NULL: it is none of them. */
const char *settings_said(const struct settings *settings, const char *key, struct arena *arena);

#endif
