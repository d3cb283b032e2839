/* gaps.h - why answers were wrong: each failing case was asked again with one thing repaired, and the first repair that helps names the gap. Part of
 * decide.h.
 *
 *   all approaches agree on another answer, and the right passage does not help   test case
 *   the right fact came, in the wrong form                                        behaviour
 *   the form enforced or shown helps                                              behaviour
 *   what proves the answer is nowhere in the documents                            knowledge base
 *   the right passage helps: it was looked for                                    retrieval
 *                            it was not                                           knowledge
 *   the right passage and the form together help                                  the one of the two before, and behaviour
 *   nothing helps                                                                 capability */
#ifndef DECIDE_GAPS_H
#define DECIDE_GAPS_H

#include "base/base.h"

enum gap { GAP_KNOWLEDGE, GAP_RETRIEVAL, GAP_BEHAVIOUR, GAP_CAPABILITY, GAP_KNOWLEDGE_BASE, GAP_TEST_CASE, GAPS };
extern const char *const gap_names[GAPS]; /* "knowledge", … */

enum outcome { OUTCOME_NOT_TRIED, OUTCOME_WRONG, OUTCOME_RIGHT };

/* A failing case and what became of it. */
struct counterfactual {
    bool must_abstain; /* nothing answers it */
    bool is_relaxed_right; /* as it was: the fact is right and the form is not */
    bool looked; /* it was asked with passages that a search found */
    bool had_evidence; /* the passage that proves it was among them */
    bool others_agree; /* three approaches or more gave one other answer */
    enum outcome in_base; /* RIGHT: what proves it stands in the documents */
    enum outcome exhaustive; /* with all of the documents searched */
    enum outcome oracle; /* with the passage that proves it given */
    enum outcome form; /* with the form enforced */
    enum outcome example; /* with an example of the form added */
    enum outcome oracle_and_form;
};

struct diagnosis {
    enum gap gap;
    bool also_behaviour; /* the form had to be repaired too */
};
struct diagnosis gap_of(const struct counterfactual *failing);

/* Shares over failing cases; cases without a diagnosis do not come here. */
struct gap_shares {
    size_t failing, also_behaviour;
    size_t counts[GAPS];
    double shares[GAPS];
    struct statistics_interval intervals[GAPS]; /* Wilson */
};
void gaps_count(const struct diagnosis *diagnoses, size_t count, struct gap_shares *shares);

#endif
