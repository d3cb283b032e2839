/* frameworks.h - five published rules of thumb, computed: each question answered from what was measured, or from the settings where nothing was.
 * Part of decide.h. */
#ifndef DECIDE_FRAMEWORKS_H
#define DECIDE_FRAMEWORKS_H

#include "verdict.h"

enum change_rate { CHANGES_NOT_TOLD, CHANGES_NEVER, CHANGES_YEARLY, CHANGES_MONTHLY, CHANGES_WEEKLY, CHANGES_DAILY };

#define FACT_UNKNOWN (-1.0)

struct framework_facts {
    enum change_rate changes;
    double knowledge_share, behaviour_share; /* of all cases: wrong for want of a fact, or of form; FACT_UNKNOWN */
    double prompt_score; /* of the prompt alone, with examples; FACT_UNKNOWN: not tried */
    double target; /* 0: none */
    double form_fixed_share; /* of behaviour's cases: put right by enforcing the form alone; FACT_UNKNOWN */
    double base_tokens; /* of all documents; FACT_UNKNOWN */
    size_t examples;
    bool has_documents, needs_citations;
    bool classifies; /* the answers are labels */
    bool forces_small_model; /* the prompt's arm does not keep the limit on latency or on cost */
    bool has_verdict; /* and which it is */
    enum arm_kind verdict;
};

enum { FRAMEWORKS = 5, FRAMEWORK_ROWS_MAX = 10 };

struct framework_row {
    const char *question;
    const char *answer; /* with its number */
    bool is_measured; /* else it is from the settings, or not known */
    bool decides; /* this row gave the answer */
};

struct framework {
    const char *source; /* "four questions", … */
    struct framework_row rows[FRAMEWORK_ROWS_MAX];
    size_t row_count;
    enum arm_kind answer;
    bool agrees; /* with the verdict; false where there is none */
};

void frameworks_compute(const struct framework_facts *facts, struct arena *arena, struct framework frameworks[FRAMEWORKS]);

#endif
