/* drift_run.h - what a measurement leaves for `assay drift`. Private to api. */
#ifndef API_DRIFT_RUN_H
#define API_DRIFT_RUN_H

#include "tell.h"

/* The file that language models' answers are kept in, below a project; its folder is made. */
const char *kept_answers(const char *root, struct arena *arena, struct error *error);

/* Writes state.json into the folder of a run. `step` may be NULL; false stops. */
bool keep_state(struct assay *assay, const char *folder, const char *tests, const char *model, assay_on_progress *step,
                void *context, struct error *error) MUST_USE;

#endif
