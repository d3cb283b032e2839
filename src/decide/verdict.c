/* verdict.c - reaches the verdict; its sentences are verdict_reasons.c's. */
#include "verdict_parts.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define MARGIN 0.05
#define CHANCE 0.05 /* that a claim may be wrong */
#define SCORE_LEAST                                                                                                            \
    0.25 /* where no target is stated: of an approach that may be called good enough, as far as these cases tell */
enum { CASES_LEAST = 10 /* for any verdict that an approach is good enough */, CASES_USUAL = 20 };
#define APART_LEAST 0.01 /* what is closer to a border than this is planned for as if it were not */

const char *const arm_names[ARM_KINDS] = {"prompt", "full", "rag", "tune", "hybrid"};

/* The cases that count. */
static void take_cases(struct reaching *reaching)
{
    const struct verdict_question *question = reaching->question;
    reaching->kept = arena_alloc(reaching->arena, question->cases, sizeof(*reaching->kept));
    reaching->clusters = arena_alloc(reaching->arena, question->cases, sizeof(*reaching->clusters));
    reaching->values = arena_alloc(reaching->arena, question->cases, sizeof(*reaching->values));
    for (size_t i = 0; i < question->cases; i++) {
        if (question->doubtful != NULL && question->doubtful[i])
            continue;
        reaching->clusters[reaching->count] = question->clusters != NULL ? question->clusters[i] : (uint32_t)i;
        reaching->kept[reaching->count++] = i;
    }
}

static struct clustered over(struct reaching *reaching)
{
    return (struct clustered){reaching->values, reaching->clusters, reaching->count, reaching->question->seed};
}

static void keep_within(struct statistics_interval *interval, double low, double high)
{
    interval->low = interval->low > low ? interval->low : low;
    interval->high = interval->high < high ? interval->high : high;
}

void verdict_interval(const struct clustered *scores, struct statistics_interval *interval)
{
    struct statistics_interval counted;
    double *rounded = memory_alloc(scores->count + 1, sizeof(*rounded));
    const struct clustered right = {rounded, scores->clusters, scores->count, scores->seed};
    bool is_binary = true;
    for (size_t i = 0; i < scores->count; i++) {
        is_binary = is_binary && (scores->values[i] <= 0 || scores->values[i] >= 1);
        rounded[i] = scores->values[i] >= 0.5;
    }
    statistics_clustered(scores, interval);
    if (is_binary || statistics_deviation(scores) < 1e-9) {
        statistics_share(&right, &counted);
        double shift = is_binary ? 0 : statistics_mean(scores) - statistics_mean(&right);
        *interval = (struct statistics_interval){counted.low + shift, counted.high + shift};
    }
    keep_within(interval, 0, 1);
    free(rounded);
}

static void score_arm(struct reaching *reaching, const struct arm *arm, struct arm_report *report)
{
    for (size_t i = 0; i < reaching->count; i++)
        reaching->values[i] = arm->scores[reaching->kept[i]];
    struct clustered clustered = over(reaching);
    report->score = statistics_mean(&clustered);
    verdict_interval(&clustered, &report->interval);
}

/* How far an arm is behind the best one. The interval holds that of the bootstrap over clusters and Newcombe's over rights and wrongs: the first
 * knows what hangs together, the second that what has not been seen may still be there. */
static double compare_arms(struct reaching *reaching, const struct arm *best, const struct arm *arm, struct arm_report *report)
{
    struct paired paired = {0};
    struct statistics_interval newcombe;
    for (size_t i = 0; i < reaching->count; i++) {
        double first = arm->scores[reaching->kept[i]], second = best->scores[reaching->kept[i]];
        bool is = first >= 0.5, best_is = second >= 0.5;
        reaching->values[i] = second - first;
        paired.both += is && best_is;
        paired.first_only += is && !best_is;
        paired.second_only += !is && best_is;
        paired.neither += !is && !best_is;
    }
    struct clustered clustered = over(reaching);
    report->behind = statistics_mean(&clustered);
    statistics_clustered(&clustered, &report->behind_interval);
    double counted = statistics_newcombe(&paired, &newcombe), below = counted - newcombe.low, above = newcombe.high - counted;
    if (report->behind - below < report->behind_interval.low)
        report->behind_interval.low = report->behind - below;
    if (report->behind + above > report->behind_interval.high)
        report->behind_interval.high = report->behind + above;
    keep_within(&report->behind_interval, -1, 1);
    report->chance = statistics_sign_flip(&clustered);
    return statistics_deviation(&clustered);
}

/* Of those that score the same, the simplest. */
static size_t best_of(const struct reaching *reaching, bool (*may)(const struct arm_report *report))
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < reaching->question->arm_count; i++) {
        if (!may(&reaching->reports[i]))
            continue;
        double ahead = best != SIZE_MAX ? reaching->reports[i].score - reaching->reports[best].score : 1;
        if (ahead > 0 || (ahead >= 0 && reaching->question->arms[i].kind < reaching->question->arms[best].kind))
            best = i;
    }
    return best;
}

static bool may_be_built(const struct arm_report *report)
{
    return report->standing != ARM_OUT_OF_LIMITS && report->standing != ARM_BELOW_TARGET &&
           report->standing != ARM_NO_CANDIDATE;
}

static bool is_within_limits(const struct arm_report *report)
{
    return report->standing != ARM_OUT_OF_LIMITS;
}

static bool is_any(const struct arm_report *report)
{
    (void)report;
    return true;
}

/* What each arm is by itself. */
static void stand_alone(struct reaching *reaching)
{
    for (size_t i = 0; i < reaching->question->arm_count; i++) {
        struct arm_report *report = &reaching->reports[i];
        score_arm(reaching, &reaching->question->arms[i], report);
        const bool meets = limits_met(&reaching->question->limits, &reaching->question->arms[i], report->meets);
        report->standing = !meets                                               ? ARM_OUT_OF_LIMITS
                           : report->interval.high < reaching->question->target ? ARM_BELOW_TARGET
                           : reaching->question->arms[i].no_candidate != NULL   ? ARM_NO_CANDIDATE
                                                                                : ARM_UNCLEAR;
        report->chance = 1;
    }
}

static void stand_together(struct reaching *reaching, size_t best)
{
    const struct verdict_question *question = reaching->question;
    double *chances = arena_alloc(reaching->arena, question->arm_count, sizeof(*chances));
    double *adjusted = arena_alloc(reaching->arena, question->arm_count, sizeof(*adjusted));
    size_t compared = 0;
    for (size_t i = 0; i < question->arm_count; i++) {
        struct arm_report *report = &reaching->reports[i];
        reaching->deviations[i] = compare_arms(reaching, &question->arms[best], &question->arms[i], report);
        if (i != best)
            chances[compared++] = report->chance;
    }
    statistics_holm(chances, compared, adjusted);
    compared = 0;
    for (size_t i = 0; i < question->arm_count; i++) {
        struct arm_report *report = &reaching->reports[i];
        report->chance = i != best ? adjusted[compared++] : 1;
        if (!may_be_built(report))
            continue;
        bool reaches = question->target > 0 && report->interval.low >= question->target;
        if (i == best || reaches || report->behind_interval.high <= reaching->margin)
            report->standing = ARM_GOOD;
        else if (report->behind > reaching->margin && report->behind_interval.low > 0 && report->chance <= CHANCE)
            report->standing = ARM_WORSE;
    }
}

static bool is_alone(const struct reaching *reaching)
{
    size_t may = 0;
    for (size_t i = 0; i < reaching->question->arm_count; i++)
        may += may_be_built(&reaching->reports[i]);
    return may == 1;
}

static size_t simplest(const struct reaching *reaching, enum arm_standing standing)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < reaching->question->arm_count; i++)
        if (reaching->reports[i].standing == standing &&
            (first == SIZE_MAX || reaching->question->arms[i].kind < reaching->question->arms[first].kind))
            first = i;
    return first;
}

static enum target_state target_of(const struct reaching *reaching, size_t arm)
{
    const struct statistics_interval *interval = &reaching->reports[arm].interval;
    double target = reaching->question->target;
    if (target <= 0)
        return TARGET_NONE;
    return interval->low >= target ? TARGET_REACHED : interval->high < target ? TARGET_MISSED : TARGET_UNCLEAR;
}

static size_t more_than_now(const struct reaching *reaching, size_t needed)
{
    return needed > reaching->count + 10 ? needed : reaching->count + 10;
}

/* Cases for the score's interval to leave the target on one side. What one case says is taken from the interval: it knows which cases hang
 * together, and that a score of 1 is not sure. */
static size_t cases_for_target(const struct reaching *reaching, size_t arm)
{
    const struct arm_report *report = &reaching->reports[arm];
    double apart = fabs(report->score - reaching->question->target), half = (report->interval.high - report->interval.low) / 2;
    double deviation = half * sqrt((double)reaching->count) / statistics_normal_quantile(1 - CHANCE / 2);
    return more_than_now(reaching, statistics_needed(deviation, apart > 0.02 ? apart : 0.02));
}

/* Cases for an arm to be good or worse: its difference to the best one must be told from the margin when it is smaller, and from none when it is
 * larger. */
static size_t cases_to_tell(const struct reaching *reaching, size_t arm)
{
    double behind = reaching->reports[arm].behind, apart = behind > reaching->margin ? behind : reaching->margin - behind;
    return statistics_needed(reaching->deviations[arm], apart > APART_LEAST ? apart : APART_LEAST);
}

/* Documents that the cases must be about for an arm to be worse than the best one: of fewer, signs turned over by chance look so too often, however
 * many cases there are (statistics_sign_flip, with Holm's correction). Of one document there is no interval at all. 0: there are enough. */
static size_t documents_to_tell(const struct reaching *reaching, size_t arm, size_t documents)
{
    const bool is_by_chance = reaching->reports[arm].behind > reaching->margin;
    size_t needed = 2;
    while (is_by_chance && ldexp((double)(reaching->question->arm_count - 1), 1 - (int)needed) > CHANCE)
        needed++;
    return needed > documents ? needed : 0;
}

/* The chance that this arm makes the verdict wrong: one that was passed over may be no worse after all; where the verdict is for what these cases
 * show as the best, another one may be better by more than the margin. */
static double chance_against(const struct reaching *reaching, const struct verdict *verdict, size_t arm)
{
    const struct arm_report *report = &reaching->reports[arm];
    const struct arm *arms = reaching->question->arms;
    double outside = report->behind - report->behind_interval.low; /* of this half of the interval, CHANCE / 2 lies beyond */
    if (arms[arm].kind < arms[verdict->arm].kind)
        return report->standing == ARM_WORSE ? report->chance : report->standing == ARM_BELOW_TARGET ? CHANCE / 2 : 0;
    if (verdict->arm != verdict->best || verdict->target == TARGET_REACHED || !may_be_built(report) || outside <= 0)
        return 0;
    double wide = statistics_normal_quantile(1 - CHANCE / 2) * (report->behind + reaching->margin) / outside;
    return 0.5 * erfc(wide / sqrt(2));
}

/* What would tell the arm from the one that is good: more documents where these are too few for it, and more cases where the difference is too small
 * for these. */
static void plan_for(const struct reaching *reaching, struct verdict *verdict)
{
    size_t needed = cases_to_tell(reaching, verdict->arm);
    verdict->documents_needed = documents_to_tell(reaching, verdict->arm, verdict->documents);
    if (verdict->documents_needed > 0) {
        size_t least = reaching->count + verdict->documents_needed - verdict->documents;
        verdict->cases_needed = needed > least ? needed : least;
    } else {
        verdict->cases_needed = more_than_now(reaching, needed);
    }
}

/* The chance that the only arm that may be built reaches the target; 0: there is none. */
static double chance_of_target(const struct reaching *reaching, size_t arm)
{
    const struct arm_report *report = &reaching->reports[arm];
    double above = report->score - reaching->question->target,
           half = above > 0 ? report->score - report->interval.low : report->interval.high - report->score;
    if (reaching->question->target <= 0)
        return 0;
    if (half <= 0)
        return above >= 0 ? 1 - CHANCE / 2 : 0;
    double chance = 1 - 0.5 * erfc(statistics_normal_quantile(1 - CHANCE / 2) * above / half / sqrt(2));
    return fmin(chance, 1 - CHANCE / 2);
}

static void choose(struct reaching *reaching, struct verdict *verdict)
{
    const struct verdict_question *question = reaching->question;
    size_t good = simplest(reaching, ARM_GOOD), unclear = simplest(reaching, ARM_UNCLEAR);
    assert(good != SIZE_MAX);
    verdict->arm = verdict->other = good;
    if (unclear != SIZE_MAX && question->arms[unclear].kind < question->arms[good].kind) {
        verdict->kind = VERDICT_UNDECIDED;
        verdict->arm = unclear;
        plan_for(reaching, verdict);
        verdict->detectable = statistics_detectable(reaching->deviations[unclear], reaching->count);
        verdict->target = target_of(reaching, unclear);
        return;
    }
    verdict->kind = VERDICT_ARM;
    verdict->target = target_of(reaching, good);
    double doubt = CHANCE / 2;
    for (size_t i = 0; i < question->arm_count; i++) {
        double chance = i != good ? chance_against(reaching, verdict, i) : 0;
        doubt = chance > doubt ? chance : doubt;
        double detectable = statistics_detectable(reaching->deviations[i], reaching->count);
        verdict->detectable = i != verdict->best && detectable > verdict->detectable ? detectable : verdict->detectable;
    }
    verdict->is_alone = is_alone(reaching);
    verdict->confidence = verdict->is_alone ? chance_of_target(reaching, good) : 1 - doubt;
    verdict->cases_needed = verdict->target == TARGET_UNCLEAR ? cases_for_target(reaching, good) : 0;
    if (reaching->count >= CASES_LEAST)
        return;
    verdict->kind = VERDICT_UNDECIDED; /* one that is right tells next to nothing: the best is good by definition */
    verdict->confidence = 0;
    verdict->cases_needed = verdict->cases_needed > CASES_USUAL ? verdict->cases_needed : CASES_USUAL;
}

/* Not one that may be built can be good: another than the best may be less sure to be bad. */
static bool all_fall_short(const struct reaching *reaching)
{
    for (size_t i = 0; i < reaching->question->arm_count; i++)
        if (may_be_built(&reaching->reports[i]) && reaching->reports[i].interval.high >= SCORE_LEAST)
            return false;
    return true;
}

/* The best of what does not work is no advice. */
static void none_is_good(struct reaching *reaching, struct verdict *verdict)
{
    for (size_t i = 0; i < reaching->question->arm_count; i++)
        if (may_be_built(&reaching->reports[i]))
            reaching->reports[i].standing = ARM_BELOW_TARGET;
    verdict->kind = VERDICT_NO_ARM;
    verdict->arm = verdict->other = verdict->best;
    verdict->target = TARGET_NONE;
    verdict->cases_needed = 0;
    verdict->confidence = 1 - CHANCE / 2;
}

bool verdict_reach(const struct verdict_question *question, struct arena *arena, struct verdict *verdict, struct error *error)
{
    struct reaching reaching = {
        .question = question, .arena = arena, .margin = question->margin > 0 ? question->margin : MARGIN};
    if (question->arm_count == 0 || question->cases == 0)
        return error_set(error, ERROR_INVALID, "there is no %s to decide by",
                         question->arm_count == 0 ? "approach" : "test case");
    *verdict = (struct verdict){.kind = VERDICT_NO_ARM};
    take_cases(&reaching);
    if (reaching.count == 0)
        return error_set(error, ERROR_INVALID, "the wanted answers of all %zu test cases are in doubt", question->cases);
    reaching.reports = verdict->arms = arena_alloc(arena, question->arm_count, sizeof(*verdict->arms));
    reaching.deviations = arena_alloc(arena, question->arm_count, sizeof(*reaching.deviations));
    const struct clustered kept = over(&reaching);
    verdict->cases = reaching.count;
    verdict->documents = statistics_clusters(&kept);
    verdict->doubtful = question->cases - reaching.count;
    stand_alone(&reaching);
    size_t best = best_of(&reaching, may_be_built);
    if (best != SIZE_MAX) {
        verdict->best = best;
        stand_together(&reaching, best);
        choose(&reaching, verdict);
        if (question->target <= 0 && all_fall_short(&reaching))
            none_is_good(&reaching, verdict);
    } else {
        size_t within = best_of(&reaching, is_within_limits);
        verdict->best = verdict->arm = verdict->other = within != SIZE_MAX ? within : best_of(&reaching, is_any);
        verdict->target = target_of(&reaching, verdict->best);
        verdict->confidence = reaching.reports[verdict->best].standing != ARM_NO_CANDIDATE ? 1 - CHANCE / 2 : 0;
    }
    verdict_explain(&reaching, verdict);
    return true;
}
