/* arms.h - the approaches, built and compared on a team's own cases: what `assay decide` does.
 *
 *   test cases ─┬─▶ development: which variant of an arm it is to be
 *               └─▶ test ─▶ arms in order of their cost ─▶ answers, kept as they come ─▶ grades
 *                            ├─▶ failing cases again, one thing repaired ─▶ gaps
 *                            ├─▶ fewer examples ─▶ learning curve
 *                            ├─▶ documents changed, questions worded otherwise ─▶ staleness, brittleness
 *                            └─▶ decide.h: verdict, costs, rules of thumb ─▶ report.json
 *
 * Everything that was answered lies in .assay/runs/N/cases.jsonl before the next case is asked, so that a run that was stopped goes on where it
 * was. What a language model said is kept by the content of its request (.assay/cache/), and is not asked for again. */
#ifndef ARMS_ARMS_H
#define ARMS_ARMS_H

#include "ask/ask.h"
#include "decide/decide.h"

/* Classifiers are learned by the room above, which has the pipeline of `assay tune classify`. */
struct arms_pipeline {
    /* From a file of lines with text and label; `*learned` is dropped by the caller. */
    bool (*learn)(void *context, const char *data, void **learned, struct error *error);
    bool (*label)(void *context, void *learned, struct slice text, struct arena *arena, struct slice *label,
                  struct error *error);
    void (*drop)(void *context, void *learned);
    void *context;
};

enum arms_state { ARM_NOT_RUN, ARM_MEASURED, ARM_SKIPPED, ARM_STOPPED };

/* An arm that was measured, or why it was not: a row of the table. */
struct arms_row {
    const char *name, *label; /* label: what it is, in words */
    enum arms_state state;
    const char *why; /* of one that was not measured */
    size_t cases;
    double score;
    struct statistics_interval interval;
    double knowledge, form; /* form negative: none is asked for */
    double p50_ms, p95_ms, cost_month;
    const char *ruled_out; /* by which limits, as far as it is known then; NULL: by none */
};

struct arms_run {
    struct project *project;
    struct embedder *embedder;
    struct llm *llm; /* NULL: without a language model */
    const char *model; /* its name, as assay.yaml has it */
    struct llm *tuned; /* a model that was tuned on the examples elsewhere; NULL: there is none */
    const char *tuned_model;
    struct llm *hosted; /* a model that its provider is to fine-tune on the examples, for money; NULL: none */
    const char *hosted_model;
    /* Opens what came of it; whoever runs this closes it. */
    bool (*open_hosted)(void *context, const char *model, struct llm **llm, struct error *error);
    struct reader *reader;
    struct ranker *grounding; /* as of an ask_request */
    struct writer *writer; /* the project's own; NULL: none was trained, or none is needed */
    const char *writer_fault; /* why it cannot be opened; NULL: it can */
    bool
        writer_answers; /* `assay ask` lets a writer answer: the project's own, or the one beside the program that `model` names */
    struct arms_pipeline pipeline;
    const char *tests; /* NULL: as the settings say */
    enum retrieve_mode mode;
    double target; /* negative: as the settings say */
    uint64_t seed; /* 0: 1 */
    const char *version; /* of the program, for the report */
    const char *command; /* that makes this run again */
    bool all; /* run arms also when a simpler one meets the target */
    bool anew; /* do not go on with a run that was stopped */
    void (*on_arm)(void *context, const struct arms_row *row); /* may be NULL */
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

struct arms_outcome {
    struct arena arena; /* holds all of it, but for `report` */
    struct buffer report; /* report.json */
    const char *folder; /* of the run */
    bool has_arm; /* the verdict is an arm: this one */
    enum arm_kind arm;
    bool is_target_reached; /* for sure; true too where there is no target */
    bool shows_examples, can_apply; /* what the winner is made of; can_apply: `assay ask` can do it */
    const char *approach,
        *model; /* of assay.yaml, that make `assay ask` do so; model NULL: none is asked, as the settings are */
    const char *beside; /* what --apply leaves to be done; NULL: nothing */
    const char *next; /* what to do with the winner, in sentences; NULL: there is none */
};

/* The outcome is released by arms_release, also after a failure. */
bool arms_decide(const struct arms_run *run, struct arms_outcome *outcome, struct error *error) MUST_USE;
void arms_release(struct arms_outcome *outcome);

/* What arms_decide would take: a JSON document, appended. Nothing is asked. */
bool arms_plan(const struct arms_run *run, struct buffer *json, struct error *error) MUST_USE;

/* assay.yaml with top-level keys set to other values, all other lines as they were. */
struct arms_setting {
    const char *key, *value;
};
void arms_edit_settings(struct slice source, const struct arms_setting *settings, size_t count, struct buffer *out);

#endif
