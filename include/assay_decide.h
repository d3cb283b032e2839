/* assay_decide.h - which approach to build: a part of the library that stands beside assay.h.
 *
 * Builds the approaches (prompt, full, rag, tune, hybrid), asks each the project's test cases, finds out why cases fail, and says which one to build
 * and what it costs. The report and every answer lie in .assay/runs/N; a run that was stopped goes on. docs/decide.md. */
#ifndef ASSAY_DECIDE_H
#define ASSAY_DECIDE_H

#include <assay.h>

#ifdef __cplusplus
extern "C" {
#endif

struct assay_decided_arm {
    const char *name, *label; /* label: what it is, in words; NULL where it is not */
    const char *why; /* it was not measured; NULL: it was */
    size_t cases;
    double score, low, high;
    double knowledge, form; /* negative: not measured */
    double p50_ms, p95_ms, cost_month;
    const char *ruled_out; /* by which limits, each with what it takes, as far as it is known then; NULL: by none */
};

struct assay_decide_options {
    const char *tests, *mode; /* as for assay_eval_options */
    const char *model; /* as for assay_ask_options */
    const char *tuned; /* a model that was tuned on the examples elsewhere, named as `model`; NULL: none */
    const char *
        hosted; /* a model that its provider is to fine-tune on the examples, which costs money (assay_decide_plan); NULL: none */
    const double *target; /* the score to be reached; NULL: as assay.yaml says */
    uint64_t seed; /* 0: 1 */
    bool all; /* also approaches behind one that meets the target */
    bool anew; /* begin anew where a run was stopped; a language model is asked again what it was asked before */
    bool apply; /* set assay.yaml to the winner */
    const char *command; /* for the report: how to make it again; NULL: "assay decide" */
    void (*on_arm)(void *context, const struct assay_decided_arm *arm); /* may be NULL */
    assay_on_progress *on_progress;
    void *context; /* for both */
};

struct assay_decision {
    struct assay_text report; /* report.json */
    const char *folder; /* of the run */
    const char *page; /* report.html in it */
    const char *approach; /* "rag", …; "none": no verdict for one */
    bool is_target_reached; /* by it, for sure; true too where there is no target */
    bool is_applied;
    const char *applied; /* what was set, or why nothing was; NULL: it was not asked for */
    const char *no_state; /* why `assay drift` cannot compare with this run; NULL: it can */
    void *memory; /* private */
};
ASSAY_API bool assay_decide(struct assay *assay, const struct assay_decide_options *options, struct assay_decision *decision,
                            struct assay_error *error);
ASSAY_API void assay_decision_release(struct assay_decision *decision);

/* What that would take, as JSON: {"arms":[{"name","calls","input_tokens","output_tokens","money","minutes"}],…}. Nothing is asked. Freed by
 * assay_text_free. */
ASSAY_API bool assay_decide_plan(struct assay *assay, const struct assay_decide_options *options, struct assay_text *plan,
                                 struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
