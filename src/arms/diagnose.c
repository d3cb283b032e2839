/* diagnose.c - failing cases of the simplest arm, asked again with one thing repaired.
 *
 *   the form        held to a schema, or shown examples, where it was not
 *   the passage     those that hold the answer are given, in the place of a search
 *   both            the passage given, and the form not looked at */
#include "arms_parts.h"
#include <stdlib.h>

enum { GIVEN_MOST = 8, AGREEING_LEAST = 3, HABIT_LEAST = 3, DEPTH = 100 };

const char *const repair_names[REPAIRS] = {"gold passage given", "all documents searched", "form enforced",
                                           "example of the form added", "gold passage given, form enforced"};

/* ---- do others agree on another answer? ---- */

static struct slice fact_words(struct deciding *deciding, const struct said *said, struct arena *arena)
{
    struct slice fact = said->abstained || said->failed ? SLICE("") : learned_form_fact(&deciding->form, said->text, arena);
    return words_normalized(fact, arena);
}

/* The one answer that three arms have, none of them right; empty: there is none. */
static struct slice agreed_fact(struct deciding *deciding, size_t test)
{
    struct slice facts[ARM_KINDS], agreed = SLICE("");
    struct arena arena;
    size_t count = 0;
    arena_init(&arena);
    for (size_t i = 0; i < ARM_KINDS; i++) {
        const struct arm_state *state = &deciding->arms[i];
        if (state->state == ARM_MEASURED && state->said[test].knowledge <= 0)
            facts[count++] = fact_words(deciding, &state->said[test], &arena);
    }
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t j = 0; j < count; j++)
            same += facts[i].size > 0 && slice_equal(facts[i], facts[j]);
        if (same >= AGREEING_LEAST)
            agreed = facts[i];
    }
    agreed = arena_slice(deciding->arena, agreed);
    arena_release(&arena);
    return agreed;
}

/* Arms may ask one model, and what that says to case after case is a habit of its own: no evidence against any of them. */
static bool others_agree(const struct slice *agreed, size_t count, size_t test)
{
    size_t same = 0;
    for (size_t i = 0; i < count; i++)
        same += slice_equal(agreed[i], agreed[test]);
    return agreed[test].size > 0 && same < HABIT_LEAST;
}

/* ---- repairs ---- */

static enum outcome outcome_of(bool right)
{
    return right ? OUTCOME_RIGHT : OUTCOME_WRONG;
}

static bool try_repair(struct deciding *deciding, struct failing *failing, size_t which, const struct way *way,
                       struct error *error)
{
    const struct answer_case *item = test_case(deciding, failing->test);
    struct repair *repair = &failing->repairs[which];
    if (!way_ask(deciding, way, item, repair_names[which], item->question, &repair->said, error))
        return false;
    repair->tried = !repair->said.failed;
    return true;
}

static bool repair_form(struct deciding *deciding, struct failing *failing, const struct way *base, struct error *error)
{
    struct way way = *base;
    const char *schema = deciding->asked.schema != NULL ? deciding->asked.schema
                                                        : learned_form_schema(&deciding->form, deciding->arena);
    if (base->maker != MAKER_ASK || base->llm == NULL)
        return true;
    if (base->schema == NULL && schema != NULL && (deciding->form_asked || deciding->asked.schema != NULL) &&
        !failing->facts.must_abstain) {
        way.schema = schema;
        if (!try_repair(deciding, failing, REPAIR_FORM, &way, error))
            return false;
        if (failing->repairs[REPAIR_FORM].tried)
            failing->facts.form = outcome_of(failing->repairs[REPAIR_FORM].said.right);
    }
    if (base->examples || deciding->examples.count == 0 || failing->facts.form == OUTCOME_RIGHT)
        return true;
    way = *base;
    way.examples = true;
    if (!try_repair(deciding, failing, REPAIR_EXAMPLE, &way, error))
        return false;
    if (failing->repairs[REPAIR_EXAMPLE].tried)
        failing->facts.example = outcome_of(failing->repairs[REPAIR_EXAMPLE].said.right);
    return true;
}

/* Where a case names no source: the passages with its answer among all that a long search finds. */
static bool search_all(struct deciding *deciding, const struct answer_case *item, struct gold_places *gold, struct error *error)
{
    struct search_result result;
    const struct search_request request = {.question = item->question,
                                           .k = DEPTH,
                                           .mode = deciding->run->mode,
                                           .embedder = deciding->run->embedder,
                                           .plain = true};
    bool ok = answer_search(deciding->project, &request, &result, error);
    for (size_t i = 0; ok && i < result.count; i++)
        if (case_facts_stand_in(item, result.hits[i].passage.text, GRADE_CONTAINS)) {
            gold->passages = arena_more(deciding->arena, gold->passages, gold->count, &gold->capacity, sizeof(*gold->passages));
            gold->passages[gold->count++] = result.hits[i].passage.id;
        }
    search_result_release(&result);
    return ok;
}

static bool repair_passage(struct deciding *deciding, struct failing *failing, const struct way *base, struct error *error)
{
    struct way way = *base;
    const struct answer_case *item = test_case(deciding, failing->test);
    struct gold_places *gold = &deciding->gold[deciding->test[failing->test]];
    bool names_source = item->source_count > 0;
    if (!names_source && gold->count == 0 && deciding->counts.passages > 0 && !search_all(deciding, item, gold, error))
        return false;
    failing->facts.in_base = gold->count > 0 ? OUTCOME_RIGHT : names_source ? OUTCOME_WRONG : OUTCOME_NOT_TRIED;
    if (gold->count == 0 || base->maker == MAKER_LABEL)
        return true;
    way.approach = way_is_written(base) ? ASK_HYBRID : ASK_RAG;
    way.retrieves = true;
    way.keeps = true;
    way.given = gold->passages;
    way.given_count = gold->count < GIVEN_MOST ? gold->count : GIVEN_MOST;
    size_t which = names_source ? REPAIR_ORACLE : REPAIR_EXHAUSTIVE;
    if (!try_repair(deciding, failing, which, &way, error))
        return false;
    const struct repair *repair = &failing->repairs[which];
    if (!repair->tried)
        return true;
    *(names_source ? &failing->facts.oracle : &failing->facts.exhaustive) = outcome_of(repair->said.right);
    failing->facts.oracle_and_form = outcome_of(repair->said.knowledge > 0);
    if (!repair->said.right && repair->said.knowledge > 0)
        failing->repairs[REPAIR_ORACLE_FORM] = *repair;
    return true;
}

static bool look_into(struct deciding *deciding, struct failing *failing, const struct way *base, const struct said *said,
                      bool agree, struct error *error)
{
    failing->facts = (struct counterfactual){.must_abstain = test_case(deciding, failing->test)->gold_count == 0,
                                             .is_relaxed_right = said->knowledge > 0,
                                             .looked = base->retrieves,
                                             .had_evidence = said->had_evidence,
                                             .others_agree = agree};
    if (!failing->facts.is_relaxed_right) {
        if (!repair_form(deciding, failing, base, error))
            return false;
        bool is_form = failing->facts.form == OUTCOME_RIGHT || failing->facts.example == OUTCOME_RIGHT;
        if (!is_form && !failing->facts.must_abstain && !repair_passage(deciding, failing, base, error))
            return false;
    }
    failing->diagnosis = gap_of(&failing->facts);
    return true;
}

static bool diagnose(struct deciding *deciding, struct diagnosed *diagnosed, struct error *error)
{
    const struct arm_state *state = &deciding->arms[diagnosed->arm];
    struct diagnosis *diagnoses = arena_alloc(deciding->arena, deciding->test_count, sizeof(*diagnoses));
    struct slice *agreed = arena_alloc(deciding->arena, deciding->test_count, sizeof(*agreed));
    diagnosed->failing = arena_alloc(deciding->arena, deciding->test_count, sizeof(*diagnosed->failing));
    for (size_t i = 0; i < deciding->test_count; i++)
        agreed[i] = agreed_fact(deciding, i);
    for (size_t i = 0; i < deciding->test_count; i++) {
        struct failing *failing = &diagnosed->failing[diagnosed->failing_count];
        if (!deciding_step(deciding, "finding out why cases fail", i + 1, deciding->test_count, error))
            return false;
        if (state->said[i].right || state->said[i].failed)
            continue;
        failing->test = i;
        if (!look_into(deciding, failing, &state->way, &state->said[i], others_agree(agreed, deciding->test_count, i), error))
            return error_wrap(error, "case of line %zu", test_case(deciding, i)->line);
        diagnoses[diagnosed->failing_count++] = failing->diagnosis;
    }
    gaps_count(diagnoses, diagnosed->failing_count, &diagnosed->gaps);
    return true;
}

bool diagnose_base(struct deciding *deciding, struct error *error)
{
    size_t simplest = 0;
    while (deciding->arms[simplest].state != ARM_MEASURED) /* one was */
        simplest++;
    deciding->base.arm = (enum arm_kind)simplest;
    if (!diagnose(deciding, &deciding->base, error))
        return false;
    deciding->doubtful = arena_alloc(deciding->arena, deciding->test_count, sizeof(*deciding->doubtful));
    for (size_t i = 0; i < deciding->base.failing_count; i++)
        if (deciding->base.failing[i].diagnosis.gap == GAP_TEST_CASE)
            deciding->doubtful[deciding->base.failing[i].test] = true;
    return true;
}

bool diagnose_left(struct deciding *deciding, struct error *error)
{
    const struct verdict *verdict = &deciding->verdict;
    size_t arm = deciding->verdict_arms[verdict->kind == VERDICT_ARM ? verdict->arm : verdict->best];
    deciding->left.arm = (enum arm_kind)arm;
    deciding->has_left = arm != (size_t)deciding->base.arm;
    return !deciding->has_left || diagnose(deciding, &deciding->left, error);
}
