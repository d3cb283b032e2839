/* decide_learn.h - what `assay decide` learns with: the functions of an arms_pipeline. Private to api. */
#ifndef API_DECIDE_LEARN_H
#define API_DECIDE_LEARN_H

#include "arms/arms.h"
#include "tune.h"

struct decide_learning {
    struct assay *assay;
    assay_on_progress *on_progress;
    void *progress_context;
    size_t count; /* of classifiers made */
};

/* `context`: a decide_learning. */
bool decide_learn(void *context, const char *data, void **learned, struct error *error) MUST_USE;
bool decide_label(void *context, void *learned, struct slice text, struct arena *arena, struct slice *label,
                  struct error *error) MUST_USE;
void decide_drop(void *context, void *learned);

/* Is it, or its checkpoints or lock, of a decision's own ("decide.own-PROCESS-NUMBER")? */
bool decide_made_adapter(const char *name);

/* Removes what decisions that were killed left. Whoever calls it holds the lock of decisions. */
void decide_sweep(const struct assay *assay);

#endif
