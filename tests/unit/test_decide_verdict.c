/* test_decide_verdict.c - verdicts over cases whose truth is known: each arm is right with a probability of its own. What must hold is that no verdict
 * with confidence is wrong, whatever the noise and however few the cases, and that enough cases bring one. */
#include "compare.h"
#include "decide/decide.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_MOST = 2000, ARMS_MOST = 4 };

struct situation {
    const char *name;
    double known, formed; /* shares of cases that a prompt knows, and whose form it gets right */
    double found; /* of those it does not know: retrieval finds */
    double tuned; /* of those whose form is wrong: tuning puts right */
    enum arm_kind truth;
};

static const struct situation situations[] = {
    {"prompting suffices", 0.97, 0.97, 0.3, 0.3, ARM_PROMPT},
    {"knowledge gap", 0.35, 0.98, 0.96, 0.2, ARM_RAG},
    {"behaviour gap", 0.98, 0.3, 0.2, 0.96, ARM_TUNE},
    {"both", 0.45, 0.4, 0.95, 0.95, ARM_HYBRID},
};

struct world {
    double scores[ARMS_MOST][CASES_MOST];
    uint32_t documents[CASES_MOST];
    struct arm arms[ARMS_MOST];
};

/* Cases of one document hang together: three in ten of them share their luck. */
static void make_world(struct world *world, const struct situation *situation, size_t cases, double noise,
                       struct random *random)
{
    static const enum arm_kind kinds[ARMS_MOST] = {ARM_PROMPT, ARM_RAG, ARM_TUNE, ARM_HYBRID};
    double luck[4] = {0};
    for (size_t i = 0; i < cases; i++) {
        world->documents[i] = (uint32_t)(i / 3);
        for (size_t j = 0; j < 4; j++)
            luck[j] = i % 3 != 0 && random_unit(random) < 0.3 ? luck[j] : random_unit(random);
        bool knows = luck[0] < situation->known, forms = luck[1] < situation->formed;
        bool finds = knows || luck[2] < situation->found, tunes = forms || luck[3] < situation->tuned;
        bool is_wrong_gold = random_unit(random) < noise;
        const bool right[ARMS_MOST] = {knows && forms, finds && forms, knows && tunes, finds && tunes};
        for (size_t j = 0; j < ARMS_MOST; j++)
            world->scores[j][i] = right[j] && !is_wrong_gold;
    }
    for (size_t j = 0; j < ARMS_MOST; j++)
        world->arms[j] = (struct arm){.kind = kinds[j], .model = "scripted", .scores = world->scores[j], .is_private = true};
}

static struct verdict_question question_of(const struct world *world, size_t cases)
{
    return (struct verdict_question){.arms = world->arms,
                                     .arm_count = ARMS_MOST,
                                     .cases = cases,
                                     .clusters = world->documents,
                                     .limits = {.stale_share_most = 1},
                                     .seed = 1};
}

/* Rounds over the situations from `first` up to `end`; counts right and wrong verdicts among those with confidence. */
static void judge_some(size_t first, size_t end, size_t cases, double noise, size_t rounds, size_t *right, size_t *wrong,
                       size_t *undecided)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    struct random random;
    *right = *wrong = *undecided = 0;
    random_init(&random, test_seed() + cases);
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = first; i < end; i++) {
            struct arena arena;
            struct verdict verdict;
            struct error error;
            arena_init(&arena);
            make_world(world, &situations[i], cases, noise, &random);
            struct verdict_question question = question_of(world, cases);
            expect_ok(verdict_reach(&question, &arena, &verdict, &error), &error);
            assert_true(verdict.reason_count >= 2 && verdict.change_count <= 24);
            if (verdict.kind == VERDICT_UNDECIDED) {
                assert_true(verdict.cases_needed > cases && verdict.confidence <= 0);
                ++*undecided;
            } else {
                bool is_right = verdict.kind == VERDICT_ARM && world->arms[verdict.arm].kind == situations[i].truth;
                *right += is_right;
                *wrong += !is_right;
            }
            arena_release(&arena);
        }
    free(world);
}

static void judge(size_t cases, double noise, size_t rounds, size_t *right, size_t *wrong, size_t *undecided)
{
    judge_some(0, ARRAY_COUNT(situations), cases, noise, rounds, right, wrong, undecided);
}

/* "A margin of 0.45 or more: tune, which …" */
static bool margin_named(const char *sentence, double *margin, struct slice *name)
{
    struct slice rest = slice_from(sentence), words[7] = {0};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (!slice_next(&rest, ' ', &words[i]))
            return false;
    *name = slice_range(words[6], 0, words[6].size - 1);
    return slice_equal_text(words[1], "margin") && slice_to_double(words[3], margin);
}

/* What is said to change a verdict does: with the margin that is named, the simpler arm that is named is good enough. */
static void a_named_margin_changes_the_verdict(void **state)
{
    (void)state;
    enum { CASES = 300 };
    struct world *world = memory_alloc(1, sizeof(*world));
    struct random random;
    struct slice name;
    size_t named = 0;
    random_init(&random, test_seed());
    for (size_t i = 0; i < ARRAY_COUNT(situations); i++) {
        struct arena arena;
        struct verdict verdict, other;
        struct error error;
        arena_init(&arena);
        make_world(world, &situations[i], CASES, 0, &random);
        struct verdict_question question = question_of(world, CASES);
        expect_ok(verdict_reach(&question, &arena, &verdict, &error), &error);
        for (size_t k = 0; k < verdict.change_count; k++) {
            if (!margin_named(verdict.changes[k], &question.margin, &name))
                continue;
            named++;
            expect_ok(verdict_reach(&question, &arena, &other, &error), &error);
            /* a still simpler one may be as near, or in doubt with that margin; what is good for sure is none that is less simple */
            size_t good = other.kind == VERDICT_UNDECIDED ? other.other : other.arm, kind = 0;
            while (kind < ARM_KINDS && !slice_equal_text(name, arm_names[kind]))
                kind++;
            assert_true(other.kind != VERDICT_NO_ARM && kind < ARM_KINDS && (size_t)world->arms[good].kind <= kind);
            assert_true(kind < (size_t)world->arms[verdict.arm].kind);
        }
        arena_release(&arena);
    }
    assert_true(named > 0);
    free(world);
}

/* Where arms are far apart every verdict is right. Where the prompt is behind by 0.018, within the margin of 0.05, 300 cases leave one verdict in five
 * open, and a verdict may be wrong with a chance of 0.05, as it says: of 20 more than 6 are with a chance below 1 in 20,000, and fewer than
 * 8 right with the same. */
static void enough_cases(void **state)
{
    (void)state;
    size_t right, wrong, undecided;
    judge_some(1, ARRAY_COUNT(situations), 300, 0, 4, &right, &wrong, &undecided);
    if (right < 12)
        fail_msg("of 12 clear verdicts over 300 cases %zu are right, %zu wrong, %zu undecided", right, wrong, undecided);
    judge_some(0, 1, 300, 0, 20, &right, &wrong, &undecided);
    if (right < 8 || wrong > 6)
        fail_msg("of 20 close verdicts over 300 cases %zu are right, %zu wrong, %zu undecided", right, wrong, undecided);
}

static void noisy_labels(void **state)
{
    (void)state;
    size_t right, wrong, undecided;
    judge(300, 0.15, 6, &right, &wrong, &undecided);
    if (right < 20 || wrong > 0)
        fail_msg("of 24 verdicts with wrong labels %zu are right, %zu wrong, %zu undecided", right, wrong, undecided);
}

static void few_cases(void **state)
{
    (void)state;
    size_t right, wrong, undecided;
    judge(20, 0, 12, &right, &wrong, &undecided);
    if (wrong > 0)
        fail_msg("of 48 verdicts over 20 cases %zu are right, %zu wrong, %zu undecided", right, wrong, undecided);
    judge(20, 0.15, 12, &right, &wrong, &undecided);
    if (wrong > 0)
        fail_msg("of 48 verdicts over 20 noisy cases %zu are right, %zu wrong, %zu undecided", right, wrong, undecided);
}

static bool says(const char *const *sentences, size_t count, const char *part)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(sentences[i], part) != NULL)
            return true;
    return false;
}

/* `arms` of fixed scores: the first `right[i]` of the cases are right. */
static void fixed(struct world *world, const size_t *right, size_t cases)
{
    struct random random;
    random_init(&random, 1);
    make_world(world, &situations[0], cases, 0, &random);
    for (size_t j = 0; j < ARMS_MOST; j++)
        for (size_t i = 0; i < cases; i++) {
            world->scores[j][i] = i < right[j];
            world->documents[i] = (uint32_t)i;
        }
}

struct trial {
    struct world world;
    struct arena arena;
    struct verdict verdict;
    struct error error;
};

static int begin(void **state)
{
    struct trial *trial = memory_alloc(1, sizeof(*trial));
    arena_init(&trial->arena);
    *state = trial;
    return 0;
}

static int end(void **state)
{
    struct trial *trial = *state;
    arena_release(&trial->arena);
    free(trial);
    return 0;
}

static void reach(struct trial *trial, const struct verdict_question *question)
{
    expect_ok(verdict_reach(question, &trial->arena, &trial->verdict, &trial->error), &trial->error);
}

static void limits_and_targets(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){120, 285, 130, 285}, 300);
    struct verdict_question question = question_of(world, 300);
    question.target = 0.9;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && world->arms[verdict->arm].kind == ARM_RAG && verdict->target == TARGET_REACHED);
    assert_true(verdict->confidence > 0.9);
    assert_true(says(verdict->reasons, verdict->reason_count, "rag is the simplest"));
    /* the best is too slow, and the rest too weak */
    world->arms[1].latency_p95_ms = world->arms[3].latency_p95_ms = 900;
    question.limits.latency_p95_ms = 800;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_NO_ARM && verdict->target == TARGET_MISSED);
    assert_true(says(verdict->changes, verdict->change_count, "latency_p95_ms"));
    /* none within the limits */
    question.limits.citations = true;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_NO_ARM && says(verdict->reasons, verdict->reason_count, "within the limits"));
    assert_true(
        says(verdict->reasons, verdict->reason_count, "is ruled out by latency_p95_ms 800 (it takes 900), citations (too few"));
    assert_true(says(verdict->changes, verdict->change_count, "name their sources): rag would be looked at"));
    /* hours of people, which nobody measured, are told apart */
    question.limits = (struct verdict_limits){.cost_per_month = 100, .stale_share_most = 1};
    for (size_t i = 0; i < question.arm_count; i++) {
        world->arms[i].cost_per_month = i == 1 ? 260 : 220;
        world->arms[i].cost_people = i == 1 ? 240 : 0;
    }
    reach(trial, &question);
    assert_true(says(verdict->reasons, verdict->reason_count, "100 (it takes 260, 240 of it people's hours of upkeep)."));
    assert_true(says(verdict->reasons, verdict->reason_count, "100 (it takes 220)."));
    assert_true(says(verdict->changes, verdict->change_count, "price of an hour, rag may keep within the limits."));
    /* what is good for sure although another one is better */
    fixed(world, (const size_t[]){1900, 1990, 1300, 1995}, 2000);
    question = question_of(world, 2000);
    question.target = 0.9;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && world->arms[verdict->arm].kind == ARM_PROMPT && verdict->best == 3);
    /* cases in doubt are left out: here they are all that hybrid is better by */
    bool *doubtful = memory_alloc(2000, sizeof(*doubtful));
    fixed(world, (const size_t[]){500, 1000, 500, 1200}, 2000);
    for (size_t i = 1000; i < 1200; i++)
        doubtful[i] = true;
    question.target = 0;
    reach(trial, &question);
    assert_true(world->arms[verdict->arm].kind == ARM_HYBRID);
    /* nobody said what is good enough: that is told, and how much is wrong */
    assert_true(says(verdict->reasons, verdict->reason_count, "No target is set") &&
                says(verdict->reasons, verdict->reason_count, "wrong in about 40 of 100 cases (38 to 42)"));
    question.doubtful = doubtful;
    reach(trial, &question);
    assert_true(world->arms[verdict->arm].kind == ARM_RAG && verdict->doubtful == 200 && verdict->cases == 1800);
    for (size_t i = 0; i < 2000; i++)
        doubtful[i] = true;
    expect_error(verdict_reach(&question, &trial->arena, verdict, &trial->error), &trial->error, ERROR_INVALID, "in doubt");
    question.arm_count = 0;
    expect_error(verdict_reach(&question, &trial->arena, verdict, &trial->error), &trial->error, ERROR_INVALID, "no approach");
    free(doubtful);
}

static void too_few_to_tell(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){10, 50, 12, 53}, 60);
    struct verdict_question question = question_of(world, 60);
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_UNDECIDED && world->arms[verdict->arm].kind == ARM_RAG &&
                world->arms[verdict->other].kind == ARM_HYBRID);
    assert_true(says(verdict->reasons, verdict->reason_count, "not enough test cases to tell rag from hybrid: add "));
    /* one arm, one case: the best there is, and no reason to call it good */
    question.arm_count = 1;
    question.cases = 1;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_UNDECIDED && verdict->other == verdict->arm && verdict->arms[0].interval.low < 0.3);
    assert_true(says(verdict->reasons, verdict->reason_count, "1 test case is too few to call any approach good enough: add "));
}

/* Scores between 0 and 1, all the same for one arm: no spread, but no certainty. */
static void graded_scores(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){0, 0, 0, 0}, 12);
    for (size_t i = 0; i < 12; i++) {
        world->scores[0][i] = 0.7;
        world->scores[1][i] = 0.72;
    }
    struct verdict_question question = question_of(world, 12);
    question.arm_count = 2;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_UNDECIDED); /* twelve cases cannot exclude that others differ */
    assert_true(verdict->arms[0].interval.high - verdict->arms[0].interval.low > 0.1);
}

/* Of equals the simplest is the best, wherever it stands. */
static void equals(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){20, 90, 90, 90}, 100);
    struct arm first = world->arms[1];
    world->arms[1] = world->arms[3];
    world->arms[3] = first;
    struct verdict_question question = question_of(world, 100);
    reach(trial, &question);
    assert_true(verdict->best == 3 && world->arms[verdict->best].kind == ARM_RAG);
}

/* 0.04 behind is shown to be within 0.05 by what tells 0.01 apart, not by what tells 0.05. */
static void close_to_the_margin(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){86, 90, 0, 0}, 100);
    struct verdict_question question = question_of(world, 100);
    question.arm_count = 2;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_UNDECIDED && verdict->arm == 0);
    double deviation = sqrt(0.04 * 0.96 * 100 / 99), quantiles = 1.959964 + 0.841621,
           needed = pow(quantiles * deviation / 0.01, 2);
    assert_true(fabs((double)verdict->cases_needed - needed) < 5);
}

/* Ten of ten do not show nine of ten: 35 of 35 would. Cases that hang together show less. */
static void unclear_target(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){10, 0, 0, 0}, 10);
    struct verdict_question question = question_of(world, 10);
    question.arm_count = 1;
    question.target = 0.9;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->target == TARGET_UNCLEAR);
    assert_true(verdict->cases_needed >= 30 && verdict->cases_needed <= 60);
    assert_true(says(verdict->reasons, verdict->reason_count, "more test cases are needed"));
    fixed(world, (const size_t[]){80, 0, 0, 0}, 100);
    question.cases = 100;
    question.target = 0.85;
    reach(trial, &question);
    assert_true(verdict->target == TARGET_UNCLEAR);
    size_t alone = verdict->cases_needed;
    for (uint32_t i = 0; i < 100; i++)
        world->documents[i] = i / 5; /* all five of a document are right, or none is */
    reach(trial, &question);
    assert_true(verdict->target == TARGET_UNCLEAR && verdict->cases_needed > 3 * alone);
}

/* No verdict is surer than the intervals that it rests on. */
static void confidence(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    /* the simpler one is below the target, with 0.95 of confidence on both sides together */
    fixed(world, (const size_t[]){30, 95, 0, 0}, 100);
    struct verdict_question question = question_of(world, 100);
    question.arm_count = 2;
    question.target = 0.8;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->arm == 1 && verdict->arms[0].standing == ARM_BELOW_TARGET);
    assert_true(fabs(verdict->confidence - 0.975) < 1e-9);
    /* the simplest is the best: of a hundred cases for sure, of twelve not */
    question.target = 0;
    fixed(world, (const size_t[]){95, 30, 0, 0}, 100);
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->arm == 0 && fabs(verdict->confidence - 0.975) < 1e-9);
    fixed(world, (const size_t[]){10, 9, 0, 0}, 12);
    question.cases = 12;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->arm == 0);
    assert_true(verdict->confidence > 0.5 && verdict->confidence < 0.95);
}

/* What cases can show is told for the pair that they show least of. */
static void detectable(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){40, 95, 94, 0}, 100);
    struct verdict_question question = question_of(world, 100);
    question.arm_count = 3;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->arm == 1);
    double deviation = sqrt(0.55 * 0.45 * 100 / 99); /* of the 55 that prompt is behind by */
    assert_true(fabs(verdict->detectable - statistics_detectable(deviation, 100)) < 1e-9);
}

/* Without a target, an approach that fails most cases is no verdict, however much simpler than another it is. */
static void nothing_works(void **state)
{
    double scores[2][60] = {{0}};
    struct arm arms[2] = {{.kind = ARM_PROMPT, .model = "scripted", .scores = scores[0]},
                          {.kind = ARM_TUNE, .model = "scripted", .scores = scores[1]}};
    struct verdict_question question = {
        .arms = arms, .arm_count = 2, .cases = 60, .limits = {.stale_share_most = 1}, .seed = 1};
    struct verdict verdict;
    struct error error;
    struct arena arena;
    (void)state;
    arena_init(&arena);
    scores[0][7] = scores[1][3] = scores[1][40] = 1;
    expect_ok(verdict_reach(&question, &arena, &verdict, &error), &error);
    assert_int_equal(verdict.kind, VERDICT_NO_ARM);
    assert_int_equal(verdict.target, TARGET_NONE);
    assert_non_null(strstr(verdict.reasons[0], "No approach is good enough"));
    question.target = 0.01;
    expect_ok(verdict_reach(&question, &arena, &verdict, &error), &error);
    assert_int_not_equal(verdict.kind, VERDICT_NO_ARM);
    arena_release(&arena);
}

/* What is no candidate is no verdict, however much it scores, and nothing is claimed of it. */
static void no_candidate(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){90, 60, 0, 0}, 100);
    world->arms[0].no_candidate = "it learned nothing";
    struct verdict_question question = question_of(world, 100);
    question.arm_count = 1;
    question.target = 0.8;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_NO_ARM && verdict->arms[0].standing == ARM_NO_CANDIDATE && verdict->confidence <= 0);
    assert_true(says(verdict->reasons, verdict->reason_count, "prompt scores 0.90 (0.83 to 0.94), but it learned nothing."));
    /* another one is built in its place, and the reason is told all the same */
    question.arm_count = 2;
    question.target = 0;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->arm == 1 && verdict->best == 1);
    assert_true(says(verdict->reasons, verdict->reason_count, "but it learned nothing."));
}

/* Of cases about six documents signs turned over by chance look like two arms that are worse too often, however many cases there are. */
static void too_few_documents(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){0, 48, 0, 0}, 48);
    world->arms[0].kind = ARM_RAG;
    world->arms[1].kind = ARM_HYBRID;
    for (size_t i = 0; i < 48; i++)
        world->scores[2][i] = i % 2 == 0;
    for (uint32_t i = 0; i < 48; i++)
        world->documents[i] = i % 6;
    struct verdict_question question = question_of(world, 48);
    question.arm_count = 3;
    world->arms[2].kind = ARM_TUNE;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_UNDECIDED && verdict->documents == 6 && verdict->documents_needed == 7);
    assert_int_equal(verdict->cases_needed, 49);
    assert_true(says(verdict->reasons, verdict->reason_count, "too few documents (6) to tell rag from hybrid") &&
                says(verdict->reasons, verdict->reason_count, "add 1 or more, about 1 other document at least."));
    assert_true(says(verdict->changes, verdict->change_count, "about 7 documents in all"));
    /* what is said to be enough is */
    fixed(world, (const size_t[]){0, 49, 0, 0}, 49);
    for (uint32_t i = 0; i < 49; i++) {
        world->documents[i] = i % 7;
        world->scores[2][i] = 0;
    }
    question.cases = 49;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->arm == 1 && verdict->documents_needed == 0);
}

/* With nothing to compare it with, a verdict is as sure as the target is, and of none nothing is claimed. */
static void alone(void **state)
{
    struct trial *trial = *state;
    struct world *world = &trial->world;
    struct verdict *verdict = &trial->verdict;
    fixed(world, (const size_t[]){17, 0, 0, 0}, 18);
    struct verdict_question question = question_of(world, 18);
    question.arm_count = 1;
    question.target = 0.9;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->target == TARGET_UNCLEAR);
    assert_true(verdict->confidence > 0.5 && verdict->confidence < 0.8);
    assert_true(!says(verdict->reasons, verdict->reason_count, "good enough") &&
                says(verdict->reasons, verdict->reason_count, "do not show that prompt, the only approach"));
    question.target = 0.97;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->confidence > 0 && verdict->confidence < 0.5);
    question.target = 0.3;
    reach(trial, &question);
    assert_true(verdict->target == TARGET_REACHED && fabs(verdict->confidence - 0.975) < 1e-9);
    question.target = 0;
    reach(trial, &question);
    assert_true(verdict->kind == VERDICT_ARM && verdict->confidence <= 0);
    assert_true(says(verdict->reasons, verdict->reason_count, "prompt is the only one that could be built"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enough_cases),
        cmocka_unit_test(noisy_labels),
        cmocka_unit_test(few_cases),
        cmocka_unit_test(a_named_margin_changes_the_verdict),
        cmocka_unit_test(nothing_works),
        cmocka_unit_test_setup_teardown(limits_and_targets, begin, end),
        cmocka_unit_test_setup_teardown(too_few_to_tell, begin, end),
        cmocka_unit_test_setup_teardown(graded_scores, begin, end),
        cmocka_unit_test_setup_teardown(equals, begin, end),
        cmocka_unit_test_setup_teardown(close_to_the_margin, begin, end),
        cmocka_unit_test_setup_teardown(unclear_target, begin, end),
        cmocka_unit_test_setup_teardown(confidence, begin, end),
        cmocka_unit_test_setup_teardown(detectable, begin, end),
        cmocka_unit_test_setup_teardown(no_candidate, begin, end),
        cmocka_unit_test_setup_teardown(too_few_documents, begin, end),
        cmocka_unit_test_setup_teardown(alone, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
