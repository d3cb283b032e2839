/* test_decide_parts.c - gaps by what repaired an answer, learning curves drawn from known ones, costs by hand, prices, and the rules of thumb. */
#include "compare.h"
#include "decide/decide.h"
#include <math.h>
#include <stdlib.h>

static void expect_near(const char *what, double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("%s is %.15g, expected %.15g", what, got, wanted);
}

static void gaps(void **state)
{
    (void)state;
    const enum outcome R = OUTCOME_RIGHT, W = OUTCOME_WRONG;
    const struct {
        const char *what;
        struct counterfactual failing;
        enum gap gap;
        bool also_behaviour;
    } cases[] = {
        {"prompt does not know", {.in_base = R, .oracle = R, .form = W, .example = W}, GAP_KNOWLEDGE, false},
        {"search missed it", {.looked = true, .in_base = R, .exhaustive = R, .oracle = R, .form = W}, GAP_RETRIEVAL, false},
        {"lost among others",
         {.looked = true, .had_evidence = true, .in_base = R, .oracle = R, .form = W},
         GAP_RETRIEVAL,
         false},
        {"right fact, wrong form", {.is_relaxed_right = true, .in_base = R, .form = W, .example = W}, GAP_BEHAVIOUR, false},
        {"form enforced", {.in_base = R, .form = R, .oracle = W}, GAP_BEHAVIOUR, false},
        {"example of the form", {.in_base = R, .form = W, .example = R, .oracle = W}, GAP_BEHAVIOUR, false},
        {"not in the documents", {.looked = true, .in_base = W, .exhaustive = W, .form = W}, GAP_KNOWLEDGE_BASE, false},
        {"both repairs", {.in_base = R, .oracle = W, .form = W, .oracle_and_form = R}, GAP_KNOWLEDGE, true},
        {"both, searched", {.looked = true, .in_base = R, .oracle = W, .form = W, .oracle_and_form = R}, GAP_RETRIEVAL, true},
        {"had it all", {.looked = true, .had_evidence = true, .in_base = R, .oracle_and_form = R}, GAP_BEHAVIOUR, false},
        {"nothing helps", {.in_base = R, .oracle = W, .form = W, .oracle_and_form = W}, GAP_CAPABILITY, false},
        {"all say otherwise", {.in_base = R, .others_agree = true, .oracle = W, .form = W}, GAP_TEST_CASE, false},
        {"all wrong alike", {.in_base = R, .others_agree = true, .oracle = R, .form = W}, GAP_KNOWLEDGE, false},
        {"should have kept silent", {.must_abstain = true, .in_base = W, .form = R}, GAP_BEHAVIOUR, false},
        {"cannot keep silent", {.must_abstain = true, .in_base = W, .form = W}, GAP_CAPABILITY, false},
    };
    struct diagnosis diagnoses[ARRAY_COUNT(cases)];
    struct gap_shares shares;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        diagnoses[i] = gap_of(&cases[i].failing);
        if (diagnoses[i].gap != cases[i].gap || diagnoses[i].also_behaviour != cases[i].also_behaviour)
            fail_msg("%s: %s", cases[i].what, gap_names[diagnoses[i].gap]);
    }
    gaps_count(diagnoses, ARRAY_COUNT(cases), &shares);
    assert_int_equal(shares.counts[GAP_RETRIEVAL], 3);
    expect_near("share", shares.shares[GAP_RETRIEVAL], 0.2, 1e-12);
    assert_true(shares.intervals[GAP_RETRIEVAL].low > 0.05 && shares.intervals[GAP_RETRIEVAL].high < 0.5);
    gaps_count(diagnoses, 0, &shares);
    expect_near("share of none", shares.shares[0], 0, 0);
}

static int ascending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static double normal(struct random *random)
{
    double sum = -6;
    for (size_t i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum;
}

/* A power law, measured at 1/8, 1/4, 1/2 and all of 400 examples on so many cases. */
struct truth {
    double ceiling, gain, power;
};

static double true_score(const struct truth *truth, double examples)
{
    return truth->ceiling - truth->gain * pow(examples, -truth->power);
}

static void forecast_truth(struct random *random, double cases, double needed, struct curve_forecast *forecast)
{
    const struct truth truth = {0.9 + 0.09 * random_unit(random), 0.8 + 1.2 * random_unit(random),
                                0.3 + 0.4 * random_unit(random)};
    struct curve_point points[4];
    struct error why;
    for (size_t i = 0; i < 4; i++) {
        double n = 400.0 / (double)(8 >> i), score = fmax(true_score(&truth, n), 0.05),
               error = sqrt(score * (1 - score) / cases);
        points[i] = (struct curve_point){n, score + error * normal(random), error};
    }
    expect_ok(curve_forecast(points, 4, true_score(&truth, needed), random_u64(random), forecast, &why), &why);
}

/* Of 30 curves whose truth is known the number needed lies in the interval. */
static void forecasts(void **state)
{
    (void)state;
    size_t held = 0;
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < 30; round++) {
        struct curve_forecast forecast;
        forecast_truth(&random, 300, 1600, &forecast);
        held += forecast.needed_interval.low <= 1600 && 1600 <= forecast.needed_interval.high;
    }
    if (held < 24)
        fail_msg("of 30 intervals %zu hold the truth", held);
}

/* An interval from 0 to infinity would always hold: where the points are sharp it ends, not far from the truth, and what lies behind is known to be
 * too few with blunt points as well. */
static void forecasts_are_narrow(void **state)
{
    (void)state;
    enum { ROUNDS = 40, NEEDED = 600 };
    double wide[ROUNDS], low[ROUNDS];
    size_t ended = 0;
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < ROUNDS; round++) {
        struct curve_forecast forecast;
        forecast_truth(&random, 30000, NEEDED, &forecast);
        const struct statistics_interval *needed = &forecast.needed_interval;
        if (isfinite(needed->high))
            wide[ended++] = needed->high / needed->low;
        forecast_truth(&random, 300, NEEDED, &forecast);
        low[round] = forecast.needed_interval.low;
        assert_int_equal(forecast.course_count, CURVE_COURSE);
        const struct curve_step *now = &forecast.course[13]; /* about where the last point is */
        assert_true(now->interval.low <= now->middle && now->middle <= now->interval.high);
        if (now->interval.high - now->interval.low > 0.2)
            fail_msg("the score at %.0f examples is told as %.3f to %.3f", now->examples, now->interval.low,
                     now->interval.high);
    }
    if (ended < ROUNDS / 4)
        fail_msg("of %d sharp forecasts %zu have an upper end", ROUNDS, ended);
    qsort(wide, ended, sizeof(*wide), ascending);
    qsort(low, ROUNDS, sizeof(*low), ascending);
    if (wide[ended / 2] > 2)
        fail_msg("the middle one of the sharp intervals ends at %.2f times its beginning", wide[ended / 2]);
    if (low[ROUNDS / 2] < NEEDED / 4.0)
        fail_msg("the middle one of the blunt intervals begins at %.0f, where %d are needed", low[ROUNDS / 2], NEEDED);
}

/* The same of curves that are no power law: all there is to learn is soon learned, and the pace is not known. */
static void forecasts_of_another_shape(void **state)
{
    (void)state;
    size_t held = 0;
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < 30; round++) {
        double ceiling = 0.75 + 0.2 * random_unit(&random), gain = 0.5, pace = 250 + 500 * random_unit(&random);
        struct curve_point points[4];
        for (size_t i = 0; i < 4; i++) {
            double n = 400.0 / (double)(8 >> i), score = ceiling - gain * exp(-n / pace),
                   error = sqrt(score * (1 - score) / 300);
            points[i] = (struct curve_point){n, score + error * normal(&random), error};
        }
        struct curve_forecast forecast;
        struct error why;
        expect_ok(curve_forecast(points, 4, ceiling - gain * exp(-800 / pace), round, &forecast, &why), &why);
        held += forecast.needed_interval.low <= 800 && 800 <= forecast.needed_interval.high;
    }
    if (held < 24)
        fail_msg("of 30 intervals %zu hold the truth", held);
}

/* Scores that still rise say nothing of an end, however far the target; nor do cases that are all alike say their score to the last digit. */
static void not_sure_of_too_little(void **state)
{
    (void)state;
    const struct curve_point rising[] = {{91, 0.463, 0.029}, {183, 0.547, 0.029}, {367, 0.653, 0.027}, {734, 0.727, 0.026}};
    struct curve_forecast forecast;
    struct error error;
    expect_ok(curve_forecast(rising, 4, 0.97, 1, &forecast, &error), &error);
    assert_int_not_equal(forecast.answer, CURVE_WILL_NOT);
    assert_true(!isfinite(forecast.needed_interval.high));
    const struct curve_point falling[] = {
        {50, 0.99, 0.003}, {100, 0.8, 0.005}, {200, 0.3, 0.01}, {400, 0.05, 0.003}}; /* as no curve does */
    expect_ok(curve_forecast(falling, 4, 0.9, 1, &forecast, &error), &error);
    assert_int_equal(forecast.answer, CURVE_UNCLEAR);
    assert_int_equal(forecast.course_count, 0);
    assert_true(forecast.needed_interval.low <= 0 && !isfinite(forecast.needed_interval.high));
    const double none[50] = {0}, half[4] = {0, 1, 0, 1};
    struct curve_point point;
    curve_point_of(&(struct clustered){.values = none, .count = 50}, 10, &point);
    assert_true(point.score <= 0);
    expect_near("error of 50 wrong cases", point.error, 0.02, 1e-12);
    curve_point_of(&(struct clustered){.values = half, .count = 4}, 20, &point);
    expect_near("error of two right of four", point.error, sqrt(4.0 / 3 * 4 * 0.25 / 16), 1e-12);
}

static void no_use(void **state)
{
    (void)state;
    const struct curve_point flat[] = {{50, 0.70, 0.01}, {100, 0.702, 0.01}, {200, 0.699, 0.01}, {400, 0.701, 0.01}};
    const struct curve_point rising[] = {{50, 0.5, 0.005}, {100, 0.6, 0.005}, {200, 0.68, 0.005}, {400, 0.744, 0.005}};
    struct curve_forecast forecast;
    struct error error;
    expect_ok(curve_forecast(flat, 4, 0.9, 1, &forecast, &error), &error);
    assert_int_equal(forecast.answer, CURVE_WILL_NOT);
    expect_ok(curve_forecast(flat, 4, 0.65, 1, &forecast, &error), &error);
    assert_int_equal(forecast.answer, CURVE_REACHED);
    expect_ok(curve_forecast(rising, 4, 0.8, 1, &forecast, &error), &error);
    assert_int_equal(forecast.answer, CURVE_NEEDS);
    assert_true(forecast.needed > 500 && forecast.needed < 1500 && forecast.needed_interval.low > 400);
    struct curve_forecast again;
    expect_ok(curve_forecast(rising, 4, 0.8, 1, &again, &error), &error);
    assert_true(forecast.needed_interval.high <= again.needed_interval.high &&
                forecast.needed_interval.high >= again.needed_interval.high);
    expect_error(curve_forecast(flat, 2, 0.9, 1, &forecast, &error), &error, ERROR_INVALID, "needs 3 points");
    const struct curve_point back[] = {{50, 0.7, 0.01}, {50, 0.7, 0.01}, {60, 0.7, 0.01}};
    expect_error(curve_forecast(back, 3, 0.9, 1, &forecast, &error), &error, ERROR_INVALID, "point 2");
}

static void costs(void **state)
{
    (void)state;
    struct cost_prices prices;
    cost_defaults(&prices);
    prices.retrieval_month = 100;
    prices.cpu_hour = 0.36;
    prices.gpu_hour = 2;
    prices.person_hour = 50;
    prices.training_runs = 3;
    const struct cost_model model = {"m", 1, 0.25, 4, 20, true};
    const struct cost_use prompt = {.model = &model, .input_tokens = 1000, .cached_tokens = 400, .output_tokens = 100};
    const struct cost_use tuned = {.model = &model,
                                   .input_tokens = 100,
                                   .output_tokens = 100,
                                   .training_tokens = 2e6,
                                   .build_hours = 10,
                                   .retrainings_month = 0.5,
                                   .upkeep_hours_month = 2};
    const struct cost_use local = {.cpu_seconds = 10, .retrieves = true, .stored_gb = 10, .training_gpu_hours = 4};
    struct cost of_prompt = cost_of(&prompt, &prices), of_tuned = cost_of(&tuned, &prices), of_local = cost_of(&local, &prices);
    expect_near("request", of_prompt.per_request, 0.0015, 1e-12);
    expect_near("request", of_tuned.per_request, 0.0005, 1e-12);
    expect_near("build", of_tuned.build, 500 + 3 * 40, 1e-9);
    expect_near("fixed", of_tuned.fixed_month, 100 + 20, 1e-9);
    expect_near("request", of_local.per_request, 0.001, 1e-12);
    expect_near("fixed", of_local.fixed_month, 101, 1e-9);
    expect_near("build", of_local.build, 24, 1e-9);
    expect_near("month", cost_month(&of_tuned, 1e6, 0), 620, 1e-9);
    expect_near("month with build", cost_month(&of_tuned, 0, 12), 120 + 620.0 / 12, 1e-9);
    struct cost_crossing crossing;
    cost_break_even(&of_prompt, &of_tuned, 0, &crossing);
    assert_true(crossing.is_crossing && crossing.second_is_cheaper);
    expect_near("crossing", crossing.requests, 120000, 1e-6);
    cost_break_even(&of_tuned, &of_prompt, 0, &crossing);
    assert_true(crossing.is_crossing && !crossing.second_is_cheaper);
    cost_break_even(&of_tuned, &of_tuned, 0, &crossing);
    assert_true(!crossing.is_crossing && !crossing.second_is_cheaper);
    struct cost dear = {0, 500, 1};
    cost_break_even(&dear, &of_prompt, 0, &crossing);
    assert_true(!crossing.is_crossing && crossing.second_is_cheaper);
    struct cost_swing swings[COST_FACTORS];
    cost_tornado(&prompt, &prices, 1e5, 0, swings);
    expect_near("half as many requests", swings[0].half, 75, 1e-9);
    expect_near("twice as many", swings[0].twice, 300, 1e-9);
    for (size_t i = 1; i < COST_FACTORS; i++)
        assert_true(fabs(swings[i].twice - swings[i].half) <= fabs(swings[i - 1].twice - swings[i - 1].half));
}

static void prices(void **state)
{
    (void)state;
    struct cost_prices prices;
    struct arena arena;
    struct error error;
    arena_init(&arena);
    expect_ok(
        cost_read(
            SLICE("date: 2026-11-26\nmodels:\n  openai:a: {input: 0.4, output: 1.6}\n  b: {input: 1, cached: 0.1, output: 2, "
                  "training: 25}\n  \"http://soft:8080/v1#base\": {input: 1, output: 1}\nmachine: {gpu_hour: 3}\nretrieval: "
                  "{month: 70}\npeople: {hour: 80}\ntraining: {runs: 5}\n"),
            "prices.yaml", &arena, &prices, &error),
        &error);
    assert_string_equal(prices.date, "2026-11-26");
    expect_near("no discount", cost_model_named(&prices, "openai:a")->cached, 0.4, 0);
    expect_near("discount", cost_model_named(&prices, "b")->cached, 0.1, 0);
    assert_null(cost_model_named(&prices, "c"));
    assert_true(cost_model_named(&prices, "b")->has_training && !cost_model_named(&prices, "openai:a")->has_training);
    /* a tuned one without a price of its own */
    assert_ptr_equal(cost_model_named(&prices, "openai:ft:a:shop::1"), cost_model_named(&prices, "openai:a"));
    assert_null(cost_model_named(&prices, "openai:ft:ab:shop::1"));
    assert_null(cost_model_named(&prices, "openai:xft:a"));
    const struct cost_model *soft = cost_model_named(&prices, "http://soft:8080/v1#base");
    assert_non_null(soft);
    assert_ptr_equal(cost_model_named(&prices, "http://soft:8080/v1#ft:base:x"), soft);
    expect_near("stated", prices.gpu_hour, 3, 0);
    expect_near("default", prices.cpu_hour, 0.05, 0);
    expect_ok(cost_read(SLICE(""), "prices.yaml", &arena, &prices, &error), &error);
    expect_error(cost_read(SLICE("machine: {gpu_hour: -1}\n"), "prices.yaml", &arena, &prices, &error), &error, ERROR_INVALID,
                 "gpu_hour");
    expect_error(cost_read(SLICE("machine: {tpu_hour: 1}\n"), "prices.yaml", &arena, &prices, &error), &error, ERROR_INVALID,
                 "tpu_hour");
    expect_error(cost_read(SLICE("moddels: {}\n"), "prices.yaml", &arena, &prices, &error), &error, ERROR_INVALID, "moddels");
    expect_error(cost_read(SLICE("models: 3\n"), "prices.yaml", &arena, &prices, &error), &error, ERROR_INVALID, "models");
    arena_release(&arena);
}

/* The row that decides is the one that the answer hangs on. */
static void deciding_rows(void **state)
{
    (void)state;
    struct framework_facts facts = {
        .knowledge_share = 0.4, .behaviour_share = 0, .form_fixed_share = FACT_UNKNOWN, .has_documents = true};
    struct framework frameworks[FRAMEWORKS];
    struct arena arena;
    arena_init(&arena);
    const struct framework *needs = &frameworks[FRAMEWORKS - 1];
    frameworks_compute(&facts, &arena, frameworks);
    assert_true(needs->answer == ARM_RAG && needs->rows[0].decides && strstr(needs->rows[0].question, "documents") != NULL);
    facts.behaviour_share = 0.5;
    facts.form_fixed_share = 0.1;
    frameworks_compute(&facts, &arena, frameworks);
    assert_true(needs->answer == ARM_HYBRID && needs->rows[1].decides && strstr(needs->rows[1].question, "form") != NULL);
    facts.form_fixed_share = 0.9;
    frameworks_compute(&facts, &arena, frameworks);
    assert_true(needs->answer == ARM_RAG && needs->rows[0].decides);
    arena_release(&arena);
}

static void rules(void **state)
{
    (void)state;
    struct framework_facts base = {.changes = CHANGES_YEARLY,
                                   .knowledge_share = 0,
                                   .behaviour_share = 0,
                                   .prompt_score = 0.6,
                                   .form_fixed_share = FACT_UNKNOWN,
                                   .base_tokens = 5e6,
                                   .has_documents = true};
    struct framework_facts enough = base, knowledge = base, behaviour = base, both = base;
    enough.prompt_score = 0.95;
    knowledge.knowledge_share = both.knowledge_share = 0.4;
    knowledge.changes = both.changes = CHANGES_WEEKLY;
    behaviour.behaviour_share = both.behaviour_share = 0.5;
    behaviour.examples = both.examples = 3000;
    behaviour.forces_small_model = both.forces_small_model = true;
    behaviour.form_fixed_share = both.form_fixed_share = 0.1;
    const struct {
        struct framework_facts *facts;
        enum arm_kind answers[FRAMEWORKS];
    } cases[] = {{&enough, {ARM_PROMPT, ARM_PROMPT, ARM_PROMPT, ARM_PROMPT, ARM_PROMPT}},
                 {&knowledge, {ARM_RAG, ARM_RAG, ARM_RAG, ARM_RAG, ARM_RAG}},
                 {&behaviour, {ARM_TUNE, ARM_TUNE, ARM_TUNE, ARM_TUNE, ARM_TUNE}},
                 {&both, {ARM_RAG, ARM_HYBRID, ARM_HYBRID, ARM_RAG, ARM_HYBRID}}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct framework frameworks[FRAMEWORKS];
        struct arena arena;
        arena_init(&arena);
        cases[i].facts->has_verdict = true;
        cases[i].facts->verdict = ARM_RAG;
        frameworks_compute(cases[i].facts, &arena, frameworks);
        for (size_t j = 0; j < FRAMEWORKS; j++) {
            size_t deciding = 0;
            for (size_t k = 0; k < frameworks[j].row_count; k++)
                deciding += frameworks[j].rows[k].decides;
            assert_int_equal(deciding, 1);
            assert_true(frameworks[j].agrees == (frameworks[j].answer == ARM_RAG));
            if (frameworks[j].answer != cases[i].answers[j])
                fail_msg("situation %zu, %s: %s, expected %s", i, frameworks[j].source, arm_names[frameworks[j].answer],
                         arm_names[cases[i].answers[j]]);
        }
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps),
        cmocka_unit_test(forecasts),
        cmocka_unit_test(forecasts_are_narrow),
        cmocka_unit_test(forecasts_of_another_shape),
        cmocka_unit_test(not_sure_of_too_little),
        cmocka_unit_test(no_use),
        cmocka_unit_test(costs),
        cmocka_unit_test(prices),
        cmocka_unit_test(rules),
        cmocka_unit_test(deciding_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
