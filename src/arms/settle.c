/* settle.c - from what was measured to the verdict and the rules of thumb. */
#include "arms_parts.h"
#include <math.h>
#include <string.h>

#define CITES_LEAST 0.9 /* of answers, for an arm to be one that names its sources */
enum { DOUBTFUL_SHARE = 3 }; /* of as many cases at most one is left out */
static const double stale_most[] = {1, 1, 1, 0.5, 0.2, 0.2}; /* ORDER change_rate: of answers that may be old */

/* Nothing leaves the machine. */
static bool is_local(const char *model)
{
    return model_is_builtin(model) || llm_runs_here(model);
}

/* What tells labels, and is not shown to be right more often than the commonest one of the examples for every case, is no candidate: `assay tune
 * classify` says of it that it learned nothing. */
static const char *compare_with_commonest(struct deciding *deciding, const struct arm_state *state)
{
    struct paired paired = {0};
    if (state->way.maker != MAKER_LABEL || deciding->form.kind != FORM_LABELS)
        return NULL;
    const struct slice label = deciding->form.labels.items[0];
    for (size_t i = 0; i < state->done; i++) {
        struct said always = {.text = label};
        grade_said(deciding, test_case(deciding, i), &always);
        bool is = state->said[i].right;
        paired.both += always.right && is;
        paired.first_only += always.right && !is;
        paired.second_only += !always.right && is;
        paired.neither += !always.right && !is;
    }
    if (statistics_is_better(&paired))
        return NULL;
    return arena_format(deciding->arena, "it %s than \"" SLICE_FORMAT "\" for every case, the commonest label (%.2f)",
                        paired.second_only > paired.first_only ? "is not shown to be right more often"
                                                               : "learned nothing that makes it right more often",
                        SLICE_ARGUMENT(label), (double)(paired.both + paired.first_only) / (double)state->done);
}

static struct arm arm_of(const struct deciding *deciding, enum arm_kind kind)
{
    const struct arm_state *state = &deciding->arms[kind];
    const char *asked = way_model(deciding, &state->way), *model = asked != NULL ? asked : "builtin";
    return (struct arm){.kind = kind,
                        .model = model,
                        .scores = state->scores,
                        .latency_p50_ms = state->p50_ms,
                        .latency_p95_ms = state->p95_ms,
                        .tokens_per_request = state->input_tokens + state->cached_tokens + state->output_tokens,
                        .cost_build = state->cost.build,
                        .cost_per_1000 = 1000 * state->cost.per_request,
                        .cost_per_month = state->cost_month,
                        .cost_people = state->use.upkeep_hours_month * deciding->prices.person_hour,
                        .is_private = is_local(model),
                        .cites = state->citations >= CITES_LEAST,
                        .no_candidate = state->no_candidate,
                        .stale_share = state->stale > 0 ? state->stale : 0};
}

static struct verdict_limits limits_of(const struct settings *settings)
{
    return (struct verdict_limits){.latency_p95_ms = (double)settings->limit_latency_ms,
                                   .cost_per_month = (double)settings->limit_cost_month,
                                   .is_private = settings->limit_private,
                                   .citations = settings->limit_citations,
                                   .stale_share_most = stale_most[settings->knowledge_changes]};
}

const char *arm_ruled_out(const struct deciding *deciding, enum arm_kind kind)
{
    const struct arm arm = arm_of(deciding, kind);
    const struct verdict_limits limits = limits_of(deciding->settings);
    return deciding->arms[kind].state == ARM_MEASURED ? limits_broken(&limits, &arm, deciding->arena) : NULL;
}

/* Over the arms that were measured. */
static bool reach(struct deciding *deciding, const bool *doubtful, struct verdict *verdict, struct error *error)
{
    struct arm *arms = arena_alloc(deciding->arena, ARM_KINDS, sizeof(*arms));
    deciding->verdict_arm_count = 0;
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED) {
            deciding->arms[i].no_candidate = compare_with_commonest(deciding, &deciding->arms[i]);
            arms[deciding->verdict_arm_count] = arm_of(deciding, (enum arm_kind)i);
            deciding->verdict_arms[deciding->verdict_arm_count++] = i;
        }
    const struct verdict_question question = {.arms = arms,
                                              .arm_count = deciding->verdict_arm_count,
                                              .cases = deciding->test_count,
                                              .clusters = deciding->clusters,
                                              .doubtful = doubtful,
                                              .target = deciding->target,
                                              .limits = limits_of(deciding->settings),
                                              .seed = deciding->seed};
    return verdict_reach(&question, deciding->arena, verdict, error);
}

bool settle_early(struct deciding *deciding, bool *is_settled, struct error *error)
{
    struct verdict verdict;
    *is_settled = false;
    if (deciding->target <= 0 || deciding->run->all)
        return true;
    if (!reach(deciding, NULL, &verdict, error))
        return false;
    *is_settled = verdict.kind == VERDICT_ARM && verdict.target == TARGET_REACHED;
    return true;
}

static double share_of(const struct deciding *deciding, size_t cases)
{
    return (double)cases / (double)deciding->test_count;
}

/* Of behaviour's cases, those that holding the answer to a schema put right. */
static double learned_form_fixed(const struct deciding *deciding)
{
    size_t tried = 0, fixed = 0;
    for (size_t i = 0; i < deciding->base.failing_count; i++) {
        const struct failing *failing = &deciding->base.failing[i];
        if (failing->diagnosis.gap != GAP_BEHAVIOUR || failing->facts.form == OUTCOME_NOT_TRIED)
            continue;
        tried++;
        fixed += failing->facts.form == OUTCOME_RIGHT;
    }
    return tried > 0 ? (double)fixed / (double)tried : FACT_UNKNOWN;
}

static void compute_frameworks(struct deciding *deciding)
{
    const struct settings *settings = deciding->settings;
    const struct arm_state *prompt = &deciding->arms[ARM_PROMPT];
    const struct gap_shares *gaps = &deciding->base.gaps;
    bool has_prompt = prompt->state == ARM_MEASURED;
    double latency = (double)settings->limit_latency_ms, cost = (double)settings->limit_cost_month;
    const struct framework_facts facts = {
        .changes = (enum change_rate)settings->knowledge_changes,
        .knowledge_share = share_of(deciding, gaps->counts[GAP_KNOWLEDGE] + gaps->counts[GAP_RETRIEVAL]),
        .behaviour_share = share_of(deciding, gaps->counts[GAP_BEHAVIOUR] + gaps->also_behaviour),
        .prompt_score = has_prompt ? prompt->score : FACT_UNKNOWN,
        .target = deciding->target,
        .form_fixed_share = learned_form_fixed(deciding),
        .base_tokens = deciding->counts.passages > 0 ? (double)deciding->base_tokens : FACT_UNKNOWN,
        .examples = deciding->example_count,
        .has_documents = deciding->counts.documents > 0,
        .needs_citations = settings->limit_citations,
        .classifies = deciding->form_asked && deciding->form.kind == FORM_LABELS,
        .forces_small_model = has_prompt &&
                              ((latency > 0 && prompt->p95_ms > latency) || (cost > 0 && prompt->cost_month > cost)),
        .has_verdict = deciding->verdict.kind == VERDICT_ARM,
        .verdict = (enum arm_kind)deciding->verdict_arms[deciding->verdict.arm]};
    frameworks_compute(&facts, deciding->arena, deciding->frameworks);
}

bool settle(struct deciding *deciding, struct error *error)
{
    struct arms_outcome *outcome = deciding->outcome;
    size_t doubtful = deciding->base.gaps.counts[GAP_TEST_CASE];
    bool are_few = DOUBTFUL_SHARE * doubtful <= deciding->test_count; /* else it is rather those who agree that err */
    if (!reach(deciding, are_few ? deciding->doubtful : NULL, &deciding->verdict, error))
        return false;
    outcome->has_arm = deciding->verdict.kind == VERDICT_ARM;
    outcome->arm = (enum arm_kind)deciding->verdict_arms[deciding->verdict.arm];
    outcome->is_target_reached = outcome->has_arm &&
                                 (deciding->verdict.target == TARGET_REACHED || deciding->verdict.target == TARGET_NONE);
    compute_frameworks(deciding);
    return see_next(deciding, error);
}
