/* drift.h - what has changed since a measurement, told apart by where it comes from.
 *
 *   a run of `assay eval` or `assay decide` ─▶ state.json: documents, embedding model, prompts, model, how each test case was found
 *                                                  │
 *   the project now ───────────────────────────────┴─▶ index      documents, vectors, settings of cutting and search; files newer than the index
 *                                                      data set   questions asked lately that no test case is like
 *                                                      prompt     templates, their settings, examples
 *                                                      provider   the same requests, answered otherwise
 *
 * A provider's answers differ from one time to the next anyway: each kept request is sent twice, and how often these two answers differ is what the
 * old one is held against. */
#ifndef DRIFT_DRIFT_H
#define DRIFT_DRIFT_H

#include "codec/codec.h"
#include "embed/embed.h"
#include "ledger/ledger.h"
#include "llm/llm.h"

struct drift_run {
    struct project *project;
    struct embedder *embedder;
    const char *tests; /* NULL: as the settings say */
    const char *model; /* that answers, as the settings name it */
    struct llm *llm; /* NULL: nothing is asked */
    const char *kept; /* the file of answers that requests are taken from */
    size_t requests; /* of it, at the most */
    const char *questions; /* a file of questions asked lately; NULL: those of the log */
    struct ledger *ledger; /* NULL: there is none */
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

enum drift_kind { DRIFT_INDEX, DRIFT_DATASET, DRIFT_PROMPT, DRIFT_PROVIDER, DRIFT_KINDS };
extern const char *const drift_names[DRIFT_KINDS]; /* "index", "dataset", "prompt", "provider" */

enum drift_verdict {
    DRIFT_UNKNOWN, /* it could not be looked at, or there is too little to tell */
    DRIFT_NONE,
    DRIFT_FOUND
};

/* Writes how the project is now into `path`, durably. */
bool drift_keep_state(const struct drift_run *run, const char *path, struct error *error) MUST_USE;

/* Compares with such a file; the report is appended to `json`. */
bool drift_look(const struct drift_run *run, const char *path, const char *name, enum drift_verdict verdicts[DRIFT_KINDS],
                struct buffer *json, struct error *error) MUST_USE;

/* ---- of a tuned model ---- */

struct drift_text {
    struct slice text, label; /* label: empty where there is none */
};

/* Compares what came in with what a model was trained on: `fresh`, or without any the questions of the run. Written are "inputs", and its verdict. */
struct drift_inputs {
    const struct drift_text *trained, *fresh;
    size_t trained_count, fresh_count;
    const char *adapter;
};
bool drift_look_inputs(const struct drift_run *run, const struct drift_inputs *inputs, enum drift_verdict *verdict,
                       struct json_writer *json, struct error *error) MUST_USE;

extern const char *const drift_verdict_names[]; /* "unknown", "same", "drifted" */

#endif
