/* verdict_reasons.c - the verdict in sentences, each with its numbers. */
#include "verdict_parts.h"
#include <math.h>

enum { SENTENCES_MAX = 24 };

static void say(const char **list, size_t *count, const char *sentence)
{
    if (*count < SENTENCES_MAX)
        list[(*count)++] = sentence;
}

static const char *name_of(const struct reaching *reaching, size_t arm)
{
    return arm_names[reaching->question->arms[arm].kind];
}

static const char *score_text(struct reaching *reaching, size_t arm)
{
    const struct arm_report *report = &reaching->reports[arm];
    return arena_format(reaching->arena, "%s scores %.2f (%.2f to %.2f)", name_of(reaching, arm), report->score,
                        report->interval.low, report->interval.high);
}

/* What is missing to tell one from the other. */
static const char *needed_text(struct reaching *reaching, const struct verdict *verdict)
{
    struct arena *arena = reaching->arena;
    const char *arm = name_of(reaching, verdict->arm), *other = name_of(reaching, verdict->other);
    const size_t more = verdict->cases_needed - verdict->cases;
    if (verdict->documents_needed == 0)
        return arena_format(arena, "There are not enough test cases to tell %s from %s: add %zu.", arm, other, more);
    const size_t documents = verdict->documents_needed - verdict->documents;
    return arena_format(arena,
                        "The test cases are about too few documents (%zu) to tell %s from %s: more cases about the same ones "
                        "do not help; add %zu or more, about %zu other document%s at least.",
                        verdict->documents, arm, other, more, documents, documents == 1 ? "" : "s");
}

/* "wrong in about 12 of 100 cases", where each is right or wrong; of cases that are right in part the score alone says it. */
static const char *wrong_text(struct reaching *reaching, size_t arm)
{
    const struct arm_report *report = &reaching->reports[arm];
    bool are_whole = true;
    for (size_t i = 0; i < reaching->count; i++) {
        const double score = reaching->question->arms[arm].scores[reaching->kept[i]];
        are_whole = are_whole && (score <= 0 || score >= 1);
    }
    if (!are_whole)
        return arena_format(reaching->arena, "right in part in some cases: its score, %.2f, is the mean", report->score);
    return arena_format(reaching->arena, "wrong in about %.0f of 100 cases (%.0f to %.0f)", 100 * (1 - report->score),
                        100 * (1 - report->interval.high), 100 * (1 - report->interval.low));
}

static void say_main(struct reaching *reaching, struct verdict *verdict)
{
    struct arena *arena = reaching->arena;
    const char *sentence;
    if (verdict->kind == VERDICT_UNDECIDED && verdict->arm == verdict->other)
        sentence = arena_format(arena, "%zu test case%s too few to call any approach good enough: add %zu.", verdict->cases,
                                verdict->cases == 1 ? " is" : "s are", verdict->cases_needed - verdict->cases);
    else if (verdict->kind == VERDICT_UNDECIDED)
        sentence = needed_text(reaching, verdict);
    else if (verdict->kind == VERDICT_NO_ARM && reaching->reports[verdict->best].standing == ARM_OUT_OF_LIMITS)
        sentence = "No approach keeps within the limits.";
    else if (verdict->kind == VERDICT_NO_ARM && reaching->reports[verdict->best].standing == ARM_NO_CANDIDATE)
        sentence = arena_format(arena, "No approach is good enough to be built: the best, %s, is no candidate.",
                                name_of(reaching, verdict->best));
    else if (verdict->kind == VERDICT_NO_ARM && verdict->target == TARGET_NONE)
        sentence = arena_format(arena, "No approach is good enough to be built: the best, %s, fails most cases.",
                                name_of(reaching, verdict->best));
    else if (verdict->kind == VERDICT_NO_ARM)
        sentence = arena_format(arena, "No approach reaches the target of %.2f; the best is %s.", reaching->question->target,
                                name_of(reaching, verdict->best));
    else if (reaching->question->target <= 0)
        sentence = arena_format(arena,
                                "No target is set (`target:` in assay.yaml), so nothing says what is good enough: %s is the "
                                "%s, and %s.",
                                name_of(reaching, verdict->arm),
                                verdict->is_alone ? "only one that could be built" : "simplest of the best",
                                wrong_text(reaching, verdict->arm));
    else if (verdict->target != TARGET_REACHED && verdict->is_alone)
        sentence = arena_format(arena, "These cases do not show that %s, the only approach that may reach the target, does.",
                                name_of(reaching, verdict->arm));
    else if (verdict->target != TARGET_REACHED)
        sentence = arena_format(arena,
                                "These cases show of no approach that it reaches the target; of those that are not worse than "
                                "the best, %s is the simplest.",
                                name_of(reaching, verdict->arm));
    else
        sentence = arena_format(arena, "Of the approaches that are good enough, %s is the simplest.",
                                name_of(reaching, verdict->arm));
    say(verdict->reasons, &verdict->reason_count, sentence);
}

static void say_target(struct reaching *reaching, struct verdict *verdict)
{
    static const char *const words[] = {"", "reaches", "may reach", "does not reach"};
    struct arena *arena = reaching->arena;
    const char *score = score_text(reaching, verdict->arm), *sentence;
    if (reaching->reports[verdict->arm].standing == ARM_NO_CANDIDATE)
        sentence = arena_format(arena, "%s, but %s.", score, reaching->question->arms[verdict->arm].no_candidate);
    else if (verdict->target == TARGET_NONE)
        sentence = arena_format(arena, "%s.", score);
    else
        sentence = arena_format(arena, "%s: it %s the target of %.2f.", score, words[verdict->target],
                                reaching->question->target);
    say(verdict->reasons, &verdict->reason_count, sentence);
    if (verdict->kind == VERDICT_ARM && verdict->cases_needed > verdict->cases)
        say(verdict->reasons, &verdict->reason_count,
            arena_format(arena, "To be sure of the target, about %zu more test cases are needed.",
                         verdict->cases_needed - verdict->cases));
}

static const char *limits_text(struct reaching *reaching, size_t arm)
{
    return limits_broken(&reaching->question->limits, &reaching->question->arms[arm], reaching->arena);
}

static void say_others(struct reaching *reaching, struct verdict *verdict)
{
    for (size_t i = 0; i < reaching->question->arm_count; i++) {
        const struct arm_report *report = &reaching->reports[i];
        const char *best = name_of(reaching, verdict->best);
        if (i == verdict->arm && report->standing != ARM_OUT_OF_LIMITS)
            continue;
        const char *sentence = NULL;
        if (report->standing == ARM_OUT_OF_LIMITS)
            sentence = arena_format(reaching->arena, "%s, but is ruled out by %s.", score_text(reaching, i),
                                    limits_text(reaching, i));
        else if (report->standing == ARM_BELOW_TARGET && verdict->target != TARGET_NONE)
            sentence = arena_format(reaching->arena, "%s: below the target.", score_text(reaching, i));
        else if (report->standing == ARM_NO_CANDIDATE)
            sentence = arena_format(reaching->arena, "%s, but %s.", score_text(reaching, i),
                                    reaching->question->arms[i].no_candidate);
        else if (report->standing == ARM_WORSE)
            sentence = arena_format(reaching->arena, "%s: %.2f less than %s (%.2f to %.2f).", score_text(reaching, i),
                                    report->behind, best, report->behind_interval.low, report->behind_interval.high);
        else if (i == verdict->best)
            sentence = arena_format(reaching->arena, "%s, the most; %s is behind by %.2f (%.2f to %.2f).",
                                    score_text(reaching, i), name_of(reaching, verdict->arm),
                                    reaching->reports[verdict->arm].behind, reaching->reports[verdict->arm].behind_interval.low,
                                    reaching->reports[verdict->arm].behind_interval.high);
        else
            sentence = arena_format(reaching->arena, "%s.", score_text(reaching, i));
        if (sentence != NULL)
            say(verdict->reasons, &verdict->reason_count, sentence);
    }
}

/* "60 cases can tell 10 points apart, not 3." */
static void say_detectable(struct reaching *reaching, struct verdict *verdict)
{
    if (verdict->detectable > 0 && isfinite(verdict->detectable))
        say(verdict->reasons, &verdict->reason_count,
            arena_format(reaching->arena, "%zu test cases can show differences from %.0f points on, not smaller ones.",
                         verdict->cases, ceil(100 * verdict->detectable)));
    if (verdict->doubtful > 0)
        say(verdict->reasons, &verdict->reason_count,
            arena_format(reaching->arena, "%zu test case%s left out: the wanted answer is in doubt.", verdict->doubtful,
                         verdict->doubtful == 1 ? " is" : "s are"));
}

/* Of the simpler ones that are worse, the one that is nearest: from which margin on it is good enough. */
static void say_simpler(struct reaching *reaching, struct verdict *verdict)
{
    const struct verdict_question *question = reaching->question;
    const struct arm_report *reports = reaching->reports;
    size_t nearest = SIZE_MAX;
    for (size_t i = 0; i < question->arm_count; i++)
        if (question->arms[i].kind < question->arms[verdict->arm].kind && reports[i].standing == ARM_WORSE &&
            (nearest == SIZE_MAX || reports[i].behind_interval.high < reports[nearest].behind_interval.high))
            nearest = i;
    if (nearest != SIZE_MAX && ceil(100 * reports[nearest].behind_interval.high) < 100) /* a margin of 1 is no wish */
        say(verdict->changes, &verdict->change_count,
            arena_format(reaching->arena, "A margin of %.2f or more: %s, which is simpler, is good enough then.",
                         ceil(100 * reports[nearest].behind_interval.high) / 100, name_of(reaching, nearest)));
}

/* Whether the arm keeps within all limits where people's hours cost nothing. */
static bool is_out_by_people(const struct reaching *reaching, size_t arm)
{
    struct arm other = reaching->question->arms[arm];
    bool met[LIMIT_KINDS];
    other.cost_per_month -= other.cost_people;
    return other.cost_people > 0 && limits_met(&reaching->question->limits, &other, met);
}

/* Of those that are better or simpler than the verdict, or it itself: what keeps them out. */
static void say_limits(struct reaching *reaching, struct verdict *verdict)
{
    const struct verdict_question *question = reaching->question;
    const char *by_people = NULL;
    for (size_t i = 0; i < question->arm_count; i++) {
        const struct arm_report *report = &reaching->reports[i];
        if (report->standing != ARM_OUT_OF_LIMITS ||
            !(i == verdict->arm || report->score > reaching->reports[verdict->arm].score ||
              question->arms[i].kind < question->arms[verdict->arm].kind))
            continue;
        say(verdict->changes, &verdict->change_count,
            arena_format(reaching->arena, "Another limit of %s: %s would be looked at.", limits_text(reaching, i),
                         name_of(reaching, i)));
        if (is_out_by_people(reaching, i))
            by_people = by_people == NULL ? name_of(reaching, i)
                                          : arena_format(reaching->arena, "%s, %s", by_people, name_of(reaching, i));
    }
    if (by_people != NULL)
        say(verdict->changes, &verdict->change_count,
            arena_format(
                reaching->arena,
                "People's hours of upkeep are a guide's figure, not measured: with `people: {hour: 0}` in prices.yaml, "
                "which leaves them out, or your own price of an hour, %s may keep within the limits.",
                by_people));
}

static void say_changes(struct reaching *reaching, struct verdict *verdict)
{
    struct arena *arena = reaching->arena;
    if (verdict->kind == VERDICT_UNDECIDED)
        say(verdict->changes, &verdict->change_count,
            verdict->arm == verdict->other ? arena_format(arena, "%zu test cases in all.", verdict->cases_needed)
            : verdict->documents_needed > 0
                ? arena_format(arena, "Test cases about %zu documents in all; until then %s is the simpler of the two.",
                               verdict->documents_needed, name_of(reaching, verdict->arm))
                : arena_format(arena, "%zu test cases in all; until then %s is the simpler of the two.", verdict->cases_needed,
                               name_of(reaching, verdict->arm)));
    say_limits(reaching, verdict);
    if (verdict->kind == VERDICT_ARM && verdict->arm != verdict->best)
        say(verdict->changes, &verdict->change_count,
            arena_format(arena, "A target above %.2f, or a margin below %.2f: %s.", reaching->reports[verdict->arm].score,
                         fmax(reaching->reports[verdict->arm].behind, 0), name_of(reaching, verdict->best)));
    if (verdict->kind == VERDICT_ARM)
        say_simpler(reaching, verdict);
    if (verdict->kind == VERDICT_NO_ARM && verdict->target == TARGET_NONE &&
        reaching->reports[verdict->best].standing != ARM_OUT_OF_LIMITS)
        say(verdict->changes, &verdict->change_count, "What closes the largest gap below, or a model that can do more.");
    if (verdict->kind == VERDICT_NO_ARM && verdict->target == TARGET_MISSED &&
        reaching->reports[verdict->best].standing != ARM_OUT_OF_LIMITS)
        say(verdict->changes, &verdict->change_count,
            arena_format(arena, "A target of %.2f or less, or what closes the largest gap below.",
                         reaching->reports[verdict->best].interval.low));
    if (verdict->target == TARGET_UNCLEAR && verdict->kind == VERDICT_ARM)
        say(verdict->changes, &verdict->change_count,
            arena_format(arena, "More test cases that show %s below the target.", name_of(reaching, verdict->arm)));
}

void verdict_explain(struct reaching *reaching, struct verdict *verdict)
{
    verdict->reasons = arena_alloc(reaching->arena, SENTENCES_MAX, sizeof(*verdict->reasons));
    verdict->changes = arena_alloc(reaching->arena, SENTENCES_MAX, sizeof(*verdict->changes));
    say_main(reaching, verdict);
    if (reaching->reports[verdict->arm].standing != ARM_OUT_OF_LIMITS)
        say_target(reaching, verdict);
    say_others(reaching, verdict);
    say_detectable(reaching, verdict);
    say_changes(reaching, verdict);
}
