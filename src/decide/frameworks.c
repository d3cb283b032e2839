/* frameworks.c - the rules of thumb. A share of cases counts as a gap from one in twenty on. */
#include "frameworks.h"
#include <assert.h>

#define GAP_SHARE 0.05
#define PROMPT_ENOUGH 0.9
#define CONTEXT_TOKENS 100000.0

enum { EXAMPLES_LEAST = 50, EXAMPLES_BASIC = 200, EXAMPLES_ENOUGH = 1000 };

struct computing {
    const struct framework_facts *facts;
    struct arena *arena;
    struct framework *framework;
};

static const char *const rate_names[] = {"not told", "never", "yearly", "monthly", "weekly", "daily"};

static bool is_known(double fact)
{
    return fact >= 0;
}

static bool has_knowledge_gap(const struct framework_facts *facts)
{
    return facts->knowledge_share >= GAP_SHARE;
}

static bool has_behaviour_gap(const struct framework_facts *facts)
{
    return facts->behaviour_share >= GAP_SHARE;
}

static bool changes_often(const struct framework_facts *facts)
{
    return facts->changes >= CHANGES_MONTHLY;
}

static void row(struct computing *computing, const char *question, const char *answer, bool is_measured)
{
    struct framework *framework = computing->framework;
    assert(framework->row_count < FRAMEWORK_ROWS_MAX);
    framework->rows[framework->row_count++] = (struct framework_row){question, answer, is_measured, false};
}

/* The row before this call gave the answer; the first one to do so stays. */
static void decide_by(struct computing *computing, enum arm_kind answer)
{
    struct framework *framework = computing->framework;
    for (size_t i = 0; i < framework->row_count; i++)
        if (framework->rows[i].decides)
            return;
    framework->rows[framework->row_count - 1].decides = true;
    framework->answer = answer;
}

static const char *share_text(struct computing *computing, double share)
{
    return is_known(share)
               ? arena_format(computing->arena, "%s: %.0f %% of cases", share >= GAP_SHARE ? "yes" : "no", 100 * share)
               : "not measured";
}

static const char *count_text(struct computing *computing, size_t least)
{
    return arena_format(computing->arena, "%s: %zu", computing->facts->examples >= least ? "yes" : "no",
                        computing->facts->examples);
}

static const char *rate_text(struct computing *computing)
{
    return arena_format(computing->arena, "%s: %s", changes_often(computing->facts) ? "yes" : "no",
                        rate_names[computing->facts->changes]);
}

static const char *prompt_text(struct computing *computing, double enough)
{
    double score = computing->facts->prompt_score;
    return is_known(score) ? arena_format(computing->arena, "%s: %.2f", score >= enough ? "yes" : "no", score) : "not tried";
}

static const char *yes_or_no(bool yes)
{
    return yes ? "yes" : "no";
}

static void four_questions(struct computing *computing)
{
    const struct framework_facts *facts = computing->facts;
    bool injects = has_knowledge_gap(facts) ||
                   (!is_known(facts->knowledge_share) && facts->has_documents && changes_often(facts));
    row(computing, "Must knowledge that changes be put in?",
        is_known(facts->knowledge_share) ? share_text(computing, facts->knowledge_share) : rate_text(computing),
        is_known(facts->knowledge_share));
    if (injects)
        decide_by(computing, ARM_RAG);
    row(computing, "Does a good prompt reach 0.9?", prompt_text(computing, PROMPT_ENOUGH), is_known(facts->prompt_score));
    if (facts->prompt_score >= PROMPT_ENOUGH)
        decide_by(computing, ARM_PROMPT);
    row(computing, "Are there 1,000 good examples (better 5,000)?", count_text(computing, EXAMPLES_ENOUGH), true);
    if (facts->examples < EXAMPLES_ENOUGH)
        decide_by(computing, ARM_RAG);
    row(computing, "Does latency or cost force a smaller model?", yes_or_no(facts->forces_small_model), true);
    decide_by(computing, facts->forces_small_model ? ARM_TUNE : ARM_PROMPT);
}

static void five_variables(struct computing *computing)
{
    const struct framework_facts *facts = computing->facts;
    bool has_examples = facts->examples >= EXAMPLES_ENOUGH;
    size_t retrieve = 0, tune = 0;
    row(computing, "Does the knowledge change often?", rate_text(computing), false);
    retrieve += changes_often(facts);
    row(computing, "Must facts be retrieved?", share_text(computing, facts->knowledge_share), is_known(facts->knowledge_share));
    retrieve += has_knowledge_gap(facts);
    row(computing, "Must behaviour change?", share_text(computing, facts->behaviour_share), is_known(facts->behaviour_share));
    tune += has_behaviour_gap(facts);
    row(computing, "Are there 1,000 labelled pairs (200 for basic tasks)?", count_text(computing, EXAMPLES_ENOUGH), true);
    tune += has_examples && has_behaviour_gap(facts);
    row(computing, "Do latency or cost leave no room for retrieval or long prompts?", yes_or_no(facts->forces_small_model),
        true);
    tune += facts->forces_small_model;
    row(computing, "Must answers name their sources?", yes_or_no(facts->needs_citations), false);
    retrieve += facts->needs_citations;
    row(computing, "More for retrieval or for tuning?", arena_format(computing->arena, "%zu to %zu", retrieve, tune),
        is_known(facts->knowledge_share));
    decide_by(computing, retrieve == 0 && tune == 0   ? ARM_PROMPT
                         : retrieve >= 2 && tune >= 2 ? ARM_HYBRID
                         : retrieve >= tune           ? ARM_RAG
                                                      : ARM_TUNE);
}

static void gap_tree(struct computing *computing)
{
    const struct framework_facts *facts = computing->facts;
    bool knowledge = has_knowledge_gap(facts), behaviour = has_behaviour_gap(facts);
    bool fits = is_known(facts->base_tokens) && facts->base_tokens < CONTEXT_TOKENS;
    double enough = facts->target > 0 ? facts->target : PROMPT_ENOUGH;
    row(computing, "Is the prompt good enough?", prompt_text(computing, enough), is_known(facts->prompt_score));
    if (facts->prompt_score >= enough || (!knowledge && !behaviour))
        decide_by(computing, ARM_PROMPT);
    row(computing, "Are facts missing or stale?", share_text(computing, facts->knowledge_share),
        is_known(facts->knowledge_share));
    row(computing, "Is the form or behaviour wrong?", share_text(computing, facts->behaviour_share),
        is_known(facts->behaviour_share));
    if (knowledge && behaviour)
        decide_by(computing, ARM_HYBRID);
    row(computing, "Do the documents fit into the context (100,000 tokens)?",
        is_known(facts->base_tokens) ? arena_format(computing->arena, "%s: %.0f tokens", yes_or_no(fits), facts->base_tokens)
                                     : "not measured",
        is_known(facts->base_tokens));
    decide_by(computing, !knowledge ? ARM_TUNE : fits ? ARM_FULL : ARM_RAG);
}

static void first_yes(struct computing *computing)
{
    const struct framework_facts *facts = computing->facts;
    row(computing, "Does the model not know the data?", share_text(computing, facts->knowledge_share),
        is_known(facts->knowledge_share));
    if (has_knowledge_gap(facts))
        decide_by(computing, ARM_RAG);
    row(computing, "Does the data change regularly?", rate_text(computing), false);
    if (facts->has_documents && changes_often(facts))
        decide_by(computing, ARM_RAG);
    row(computing, "Is behaviour the problem, not facts?", share_text(computing, facts->behaviour_share),
        is_known(facts->behaviour_share));
    if (!has_behaviour_gap(facts))
        decide_by(computing, ARM_PROMPT);
    row(computing, "Are there examples (50 at least, 200 for behaviour)?",
        arena_format(computing->arena, "%s: %zu",
                     facts->examples >= EXAMPLES_BASIC   ? "yes"
                     : facts->examples >= EXAMPLES_LEAST ? "hardly"
                                                         : "no",
                     facts->examples),
        true);
    if (facts->examples < EXAMPLES_LEAST)
        decide_by(computing, ARM_PROMPT);
    row(computing, "Has prompting been tried?", prompt_text(computing, PROMPT_ENOUGH), is_known(facts->prompt_score));
    decide_by(computing, is_known(facts->prompt_score) ? ARM_TUNE : ARM_PROMPT);
}

static void needs(struct computing *computing)
{
    const struct framework_facts *facts = computing->facts;
    bool form = has_behaviour_gap(facts), structured = facts->form_fixed_share >= 0.5;
    bool documents = has_knowledge_gap(facts) || facts->needs_citations || (facts->has_documents && changes_often(facts));
    row(computing, "Answers from private or changing documents?", documents ? "yes: retrieval" : "no",
        is_known(facts->knowledge_share));
    if (documents && (!form || structured))
        decide_by(computing, ARM_RAG);
    row(computing, "A stable form?",
        !form        ? "no"
        : structured ? "yes: structured output is enough"
                     : "yes: structured output is not enough, tune",
        is_known(facts->behaviour_share));
    if (documents)
        decide_by(computing, ARM_HYBRID);
    row(computing, "Cheap classification in volume?", facts->classifies ? "yes: tune a small model" : "no", true);
    if (facts->classifies && facts->examples >= EXAMPLES_BASIC)
        decide_by(computing, ARM_TUNE);
    row(computing, "Thousands of examples, style over facts?", count_text(computing, EXAMPLES_ENOUGH), true);
    decide_by(computing, form && !structured && facts->examples >= EXAMPLES_ENOUGH ? ARM_TUNE : ARM_PROMPT);
}

void frameworks_compute(const struct framework_facts *facts, struct arena *arena, struct framework frameworks[FRAMEWORKS])
{
    static const struct {
        const char *source;
        void (*compute)(struct computing *computing);
    } guides[FRAMEWORKS] = {{"four questions", four_questions},
                            {"five variables", five_variables},
                            {"gap tree", gap_tree},
                            {"five questions, the first yes", first_yes},
                            {"need and approach", needs}};
    for (size_t i = 0; i < FRAMEWORKS; i++) {
        frameworks[i] = (struct framework){.source = guides[i].source};
        struct computing computing = {facts, arena, &frameworks[i]};
        guides[i].compute(&computing);
        frameworks[i].agrees = facts->has_verdict && frameworks[i].answer == facts->verdict;
    }
}
