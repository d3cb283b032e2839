/* gaps.c - names the gap behind a wrong answer. */
#include "gaps.h"

const char *const gap_names[GAPS] = {"knowledge", "retrieval", "behaviour", "capability", "knowledge_base", "test_case"};

static bool helps(enum outcome outcome)
{
    return outcome == OUTCOME_RIGHT;
}

/* What the passage would have brought: it was looked for in vain, or never looked for. One that was there and only helps alone was lost among the
 * others, which is retrieval's too. */
static enum gap of_passage(const struct counterfactual *failing)
{
    return failing->looked ? GAP_RETRIEVAL : GAP_KNOWLEDGE;
}

struct diagnosis gap_of(const struct counterfactual *failing)
{
    bool form_helps = helps(failing->form) || helps(failing->example);
    bool passage_helps = helps(failing->oracle) || helps(failing->exhaustive);
    if (failing->others_agree && !passage_helps && !form_helps && !helps(failing->oracle_and_form))
        return (struct diagnosis){GAP_TEST_CASE, false};
    if (failing->must_abstain) /* no passage can help one to say nothing */
        return (struct diagnosis){form_helps ? GAP_BEHAVIOUR : GAP_CAPABILITY, false};
    if (failing->is_relaxed_right || form_helps)
        return (struct diagnosis){GAP_BEHAVIOUR, false};
    if (failing->in_base == OUTCOME_WRONG) /* a passage given by hand may help: no search could have found it */
        return (struct diagnosis){GAP_KNOWLEDGE_BASE, false};
    if (passage_helps)
        return (struct diagnosis){of_passage(failing), false};
    if (helps(failing->oracle_and_form))
        return (struct diagnosis){failing->had_evidence ? GAP_BEHAVIOUR : of_passage(failing), !failing->had_evidence};
    return (struct diagnosis){GAP_CAPABILITY, false};
}

void gaps_count(const struct diagnosis *diagnoses, size_t count, struct gap_shares *shares)
{
    *shares = (struct gap_shares){.failing = count};
    for (size_t i = 0; i < count; i++) {
        shares->counts[diagnoses[i].gap]++;
        shares->also_behaviour += diagnoses[i].also_behaviour;
    }
    for (size_t i = 0; i < GAPS; i++) {
        shares->shares[i] = count > 0 ? (double)shares->counts[i] / (double)count : 0;
        statistics_wilson(shares->counts[i], count, &shares->intervals[i]);
    }
}
