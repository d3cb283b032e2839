/* assay_drift.h - what has changed since a measurement. Part of assay.h, which includes it.
 *
 * Tells apart where it comes from: the index (documents, vectors), the questions asked, the prompt, the provider of the model. docs/drift.md.
 * Of a tuned model: its data, its base, what comes in, and how well it does on fresh examples. */
#ifndef ASSAY_DRIFT_H
#define ASSAY_DRIFT_H

#include "assay.h"

#ifdef __cplusplus
extern "C" {
#endif

struct assay_drift_options {
    const char *run; /* to compare with: as for assay_run_find; NULL: the last one that kept its state */
    const char *questions; /* a file of questions asked lately, a line each; NULL: those of the audit log */
    const char *tests; /* as for assay_eval_options */
    const char *model; /* as for assay_ask_options */
    const char *
        adapter; /* a tuned model of the project, looked at in its place: run, tests, model and requests play no part; NULL: none */
    const char *fresh; /* of it: examples that came in since it was trained, in a form that it is trained on; NULL: none */
    size_t requests; /* kept requests that are sent again, twice each, at the most; 0: none */
    assay_on_progress *on_progress;
    void *context;
};

struct assay_drift {
    struct assay_text report; /* JSON; freed by assay_text_free */
    bool has_drifted;
    char kept[16]; /* the run that the state was kept as, when there was nothing to compare with: the report is empty then */
};
ASSAY_API bool assay_drift(struct assay *assay, const struct assay_drift_options *options, struct assay_drift *drift,
                           struct assay_error *error);

/* Keeps the state that drift will be told from, in the folder of a run. `tests` and `model`: as measured. */
ASSAY_API bool assay_drift_keep(struct assay *assay, const char *folder, const char *tests, const char *model,
                                struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
