/* drift_run.h - what a measurement leaves for `assay drift`. Private to api. */
#ifndef API_DRIFT_RUN_H
#define API_DRIFT_RUN_H

#include "tell.h"
#include <assay_drift.h>

/* The file that language models' answers are kept in, below a project; its folder is made. */
const char *kept_answers(const char *root, struct arena *arena, struct error *error);

/* Writes state.json into the folder of a run. `step` may be NULL; false stops. */
bool keep_state(struct assay *assay, const char *folder, const char *tests, const char *model, assay_on_progress *step,
                void *context, struct error *error) MUST_USE;

/* drift_tuned.c. What has changed for a tuned model since it was trained; `inner` has where inputs come from. */
struct drift_run;
bool look_at_tuned(struct assay *assay, const struct assay_drift_options *options, const struct drift_run *inner,
                   struct assay_drift *drift, struct error *error) MUST_USE;

#endif
