/* scratch.h - a project's documents in a project of their own, where they can be cut in other ways. Private to eval.
 *
 *   shop/.assay/sweep/       settings, catalog and index of the scratch project; it goes when it is closed. What a kill leaves of it, the
 *                            next one removes, whatever it is
 *   shop/.assay/sweep.lock   keeps two sweeps apart */
#ifndef EVAL_SCRATCH_H
#define EVAL_SCRATCH_H

#include "runs.h"

struct scratch {
    struct project *project;
    struct embedder *embedder;
    struct arena arena;
    struct file_lock lock; /* beside the folder, which comes and goes */
    const char *folder;    /* NULL: another sweep has it */
    const char **paths; /* of the documents, absolute; each file once */
    size_t path_count;
};

/* With the settings of `real`, and its vectors as spares. To be closed also after a failure. */
bool scratch_open(struct scratch *scratch, struct project *real, struct error *error) MUST_USE;
bool scratch_close(struct scratch *scratch, struct error *error) MUST_USE;

/* A document's name here. */
struct slice scratch_name(struct scratch *scratch, const struct project *real, struct slice name);

/* Cuts all documents this way, and embeds what needs it. */
bool scratch_cut(struct scratch *scratch, const struct eval_cut *cut, bool embeds, const struct eval_progress *progress,
                 size_t *passages, size_t *failed, struct error *error) MUST_USE;

#endif
