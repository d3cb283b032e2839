/* settings_edit.h - lines of assay.yaml that a verdict or a person changes. Private to api. */
#ifndef API_SETTINGS_EDIT_H
#define API_SETTINGS_EDIT_H

#include "arms/arms.h"
#include "tell.h"

/* Sets them in the file as it is by now, one change after the other whoever makes it; what would be no good settings is not written. */
bool settings_edit(const struct project *project, const struct arms_setting *settings, size_t count,
                   struct error *error) MUST_USE;

#endif
