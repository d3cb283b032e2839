/* test_train_measures.c - measures, intervals and the logistic regression against scikit-learn 1.9 and scipy 1.17. The numbers were
 * computed once with sklearn.metrics.precision_recall_fscore_support, scipy.stats.binomtest (also .proportion_ci(method="wilson")),
 * and LogisticRegression(C, tol=1e-10); those of Newcombe's interval with his formula over scipy's Wilson intervals. */
#include "compare.h"
#include "train/train.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect_near(const char *what, double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("%s is %.15g, expected %.15g", what, got, wanted);
}

static void shares(void **state)
{
    (void)state;
    static const struct {
        size_t hits, count;
        double low, high;
    } cases[] = {{0, 10, 0, 0.27753279986288926},
                 {10, 10, 0.7224672001371109, 1},
                 {7, 10, 0.39677814746114526, 0.892208732593699},
                 {2851, 3080, 0.9158448844159099, 0.9343933768605601},
                 {0, 0, 0, 1}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct statistics_interval interval;
        statistics_wilson(cases[i].hits, cases[i].count, &interval);
        expect_near("low", interval.low, cases[i].low, 1e-12);
        expect_near("high", interval.high, cases[i].high, 1e-12);
    }
}

static void pairs(void **state)
{
    (void)state;
    static const struct {
        size_t first, second;
        double chance;
    } tests[] = {{10, 3, 0.09228515625}, {0, 0, 1},          {5, 5, 1},
                 {1, 12, 0.00341796875}, {9, 0, 0.00390625}, {40, 71, 0.004195534185394861}};
    for (size_t i = 0; i < ARRAY_COUNT(tests); i++)
        expect_near("chance", statistics_mcnemar(&(struct paired){100, tests[i].first, tests[i].second, 7}), tests[i].chance,
                    1e-12);
    static const struct {
        struct paired paired;
        double difference, low, high;
    } cases[] = {{{36, 2, 12, 0}, 0.2, 0.05692958400323875, 0.3404276029749408},
                 {{36, 12, 2, 0}, -0.2, -0.3404276029749408, -0.05692958400323875},
                 {{2, 1, 97, 0}, 0.96, 0.8721164783402089, 0.9853664502217372},
                 {{43, 1, 0, 0}, -1.0 / 44, -0.11807709698213287, 0.05971800835089891},
                 {{20, 30, 10, 40}, -0.2, -0.31294254612623223, -0.07828429094118625},
                 {{2700, 150, 80, 150}, -0.022727272727272707, -0.032496949498981006, -0.013123224097870397},
                 {{5, 5, 5, 5}, 0, -0.28383547880138177, 0.28383547880138177}};
    /* {43, 1, 0, 0}: the formula for p1 - p2 gives (-0.118, 0.0597) where p1 is the worse one, as here p2 - p1 */
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct statistics_interval interval;
        expect_near("difference", statistics_newcombe(&cases[i].paired, &interval), cases[i].difference, 1e-12);
        expect_near("low", interval.low, cases[i].low, 1e-12);
        expect_near("high", interval.high, cases[i].high, 1e-12);
    }
}

static void classes(void **state)
{
    (void)state;
    static const uint32_t truth[] = {0, 0, 1, 1, 1, 2, 2, 4, 4, 4}, answers[] = {0, 1, 1, 1, 2, 2, 0, 4, 3, 4};
    static const double precision[] = {0.5, 2.0 / 3, 0.5, 0, 1, 0}, recall[] = {0.5, 2.0 / 3, 0.5, 0, 2.0 / 3, 0};
    static const double f1[] = {0.5, 2.0 / 3, 0.5, 0, 0.8, 0};
    struct classify_measures measures;
    measure_classes(truth, answers, ARRAY_COUNT(truth), 6, &measures);
    expect_near("macro F1", measures.macro_f1, 0.49333333333333335, 1e-12);
    expect_near("micro F1", measures.micro_f1, 0.6, 1e-12);
    for (size_t i = 0; i < 6; i++) {
        expect_near("precision", measures.classes[i].precision, precision[i], 1e-12);
        expect_near("recall", measures.classes[i].recall, recall[i], 1e-12);
        expect_near("F1", measures.classes[i].f1, f1[i], 1e-12);
    }
    assert_int_equal(measures.confusion_count, 4);
    assert_int_equal(measures.confusions[0].truth, 0);
    assert_int_equal(measures.confusions[0].answer, 1);
    measure_release(&measures);
}

static void changes(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    uint32_t truth[COUNT], before[COUNT], after[COUNT];
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < COUNT; i++) {
        truth[i] = (uint32_t)(i % 4);
        before[i] = random_below(&random, 10) < 7 ? truth[i] : (uint32_t)random_below(&random, 4);
        after[i] = random_below(&random, 10) < 9 ? truth[i] : (uint32_t)random_below(&random, 4);
    }
    struct classify_change change, again;
    measure_change(truth, before, after, COUNT, 4, 3, &change);
    measure_change(truth, before, after, COUNT, 4, 3, &again);
    expect_near("repeats", again.macro_f1_interval.low, change.macro_f1_interval.low, 0);
    assert_true(change.accuracy > 0.05 && change.accuracy_interval.low > 0 && change.chance < 0.01);
    /* Labels are balanced: macro F1 moves with accuracy, and so does what chance leaves of it. */
    expect_near("macro F1", change.macro_f1, change.accuracy, 0.02);
    expect_near("low", change.macro_f1_interval.low, change.accuracy_interval.low, 0.02);
    expect_near("high", change.macro_f1_interval.high, change.accuracy_interval.high, 0.02);
    measure_change(truth, after, after, COUNT, 4, 3, &change);
    expect_near("no change", change.accuracy, 0, 0);
    expect_near("no change", change.macro_f1_interval.high, 0, 0);
}

/* Of few cases interval and p do not contradict each other, and nothing is told that draws cannot know. */
static void few_cases(void **state)
{
    (void)state;
    enum { COUNT = 9 };
    const uint32_t truth[COUNT] = {0, 0, 0, 1, 1, 1, 2, 2, 2}, before[COUNT] = {0, 0, 0, 1, 0, 0, 2, 0, 0};
    uint32_t were[COUNT];
    struct classify_change change;
    measure_change(truth, before, truth, COUNT, 3, 1, &change);
    assert_true(isnan(change.macro_f1_interval.low) && isnan(change.macro_f1_interval.high));
    for (unsigned pattern = 0; pattern < 1U << COUNT; pattern++) { /* all ways to be right in some of the cases before */
        for (size_t i = 0; i < COUNT; i++)
            were[i] = (pattern >> i & 1) != 0 ? truth[i] : (truth[i] + 1) % 3;
        measure_paired(truth, were, before, COUNT, &change);
        assert_int_equal(change.chance <= 0.05, change.accuracy_interval.low > 0 || change.accuracy_interval.high < 0);
        measure_paired(truth, were, truth, COUNT, &change);
        assert_int_equal(change.chance <= 0.05, change.accuracy_interval.low > 0 || change.accuracy_interval.high < 0);
    }
    const double values[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, mixed[12] = {1, 0.5, 1, 0.6, 1, 1, 0.3, 1, 1, 1, 0.5, 1};
    struct statistics_interval interval;
    statistics_mean_interval(&(struct clustered){.values = values, .count = 1, .seed = 1}, &interval);
    assert_true(interval.low < 0.3 && interval.high >= 1); /* one that was found */
    statistics_difference_interval(&(struct clustered){.values = values, .count = 12, .seed = 1}, &interval);
    assert_true(isnan(interval.low));
    statistics_mean_interval(&(struct clustered){.values = mixed, .count = 9, .seed = 1}, &interval);
    assert_true(isnan(interval.low));
    statistics_mean_interval(&(struct clustered){.values = mixed, .count = 12, .seed = 1}, &interval);
    assert_true(interval.low > 0.5 && interval.low < 0.8 && interval.high <= 1 && interval.high > 0.9);
}

/* Truth drawn from softmax(logits): the right temperature is 1, and that of logits three times as large is 3. */
static void temperature(void **state)
{
    (void)state;
    enum { COUNT = 8000, LABELS = 5 };
    float *logits = memory_alloc(COUNT * LABELS, sizeof(float)), *kept = memory_alloc(COUNT * LABELS, sizeof(float));
    uint32_t *truth = memory_alloc(COUNT, sizeof(*truth)), *answers = memory_alloc(COUNT, sizeof(*answers));
    double *confidences = memory_alloc(COUNT, sizeof(*confidences));
    struct random random;
    random_init(&random, 5);
    for (size_t i = 0; i < COUNT * LABELS; i++)
        kept[i] = logits[i] = (float)(6 * random_unit(&random));
    measure_softmax(logits, COUNT, LABELS, 1);
    for (size_t i = 0; i < COUNT; i++) {
        double place = random_unit(&random);
        while (truth[i] + 1 < LABELS && place >= (double)logits[i * LABELS + truth[i]])
            place -= (double)logits[i * LABELS + truth[i]++];
    }
    measure_answers(logits, COUNT, LABELS, answers, confidences);
    assert_true(measure_calibration(confidences, truth, answers, COUNT) < 0.025);
    expect_near("temperature", measure_temperature(kept, truth, COUNT, LABELS), 1, 0.06);
    for (size_t i = 0; i < COUNT * LABELS; i++)
        kept[i] *= 3;
    double found = measure_temperature(kept, truth, COUNT, LABELS);
    expect_near("temperature", found, 3, 0.2);
    for (double near = 0.9; near < 1.2; near += 0.2)
        assert_true(measure_log_loss(kept, truth, COUNT, LABELS, found) <
                    measure_log_loss(kept, truth, COUNT, LABELS, found * near));
    measure_softmax(kept, COUNT, LABELS, 1);
    measure_answers(kept, COUNT, LABELS, answers, confidences);
    assert_true(measure_calibration(confidences, truth, answers, COUNT) > 0.1); /* three times too sure */
    struct abstain_threshold threshold, applied;
    measure_threshold(confidences, truth, answers, COUNT, 0.8, &threshold);
    assert_true(threshold.is_reached && threshold.precision >= 0.8 && threshold.coverage > 0.02 && threshold.coverage < 0.9);
    measure_abstaining(confidences, truth, answers, COUNT, threshold.threshold, &applied);
    expect_near("coverage", applied.coverage, threshold.coverage, 1e-12);
    expect_near("precision", applied.precision, threshold.precision, 1e-12);
    measure_threshold(confidences, truth, answers, COUNT, 1.01, &threshold);
    assert_false(threshold.is_reached);
    free(logits);
    free(kept);
    free(truth);
    free(answers);
    free(confidences);
}

/* Parts that say little: where nothing is wrong no temperature is too low, and ten right answers show no precision of 0.95. */
static void little_to_go_by(void **state)
{
    (void)state;
    enum { FEW = 10 };
    float logits[2 * FEW];
    uint32_t truth[FEW], answers[FEW];
    double confidences[FEW];
    struct abstain_threshold threshold;
    for (size_t i = 0; i < FEW; i++) {
        truth[i] = answers[i] = i % 2;
        logits[2 * i + i % 2] = 1;
        logits[2 * i + (i + 1) % 2] = -1;
        confidences[i] = 0.9;
    }
    expect_near("temperature", measure_temperature(logits, truth, FEW, 2), 1, 0);
    measure_threshold(confidences, truth, answers, FEW, 0.95, &threshold);
    assert_false(threshold.is_reached);
    expect_near("precision", threshold.precision, 1, 0);
    measure_threshold(confidences, truth, answers, FEW, 0.7, &threshold); /* the low end for ten of ten is 0.722 */
    assert_true(threshold.is_reached);
}

/* Bins by hand: 0.9 twice (one right), 0.3 once (wrong). */
static void calibration(void **state)
{
    (void)state;
    static const double confidences[] = {0.9, 0.9, 0.3};
    static const uint32_t truth[] = {0, 1, 1}, answers[] = {0, 0, 0};
    expect_near("error", measure_calibration(confidences, truth, answers, 3), (2 * 0.4 + 0.3) / 3, 1e-12);
}

enum { FIT_COUNT = 300, FIT_WIDTH = 6, FIT_LABELS = 4 };

static void make_fit(float *vectors, uint32_t *truth)
{
    for (size_t i = 0; i < FIT_COUNT; i++) {
        float *x = vectors + i * FIT_WIDTH;
        for (size_t k = 0; k < FIT_WIDTH; k++)
            x[k] = (float)((double)((i * i * 7 + k * 13 + i * k) % 17) - 8) / 8;
        truth[i] = (uint32_t)((x[0] > 0) + (x[1] + x[2] > 0) * 2);
        if (i % 7 == 0)
            truth[i] = (truth[i] + 1) % FIT_LABELS;
    }
}

static void logistic_regression(void **state)
{
    (void)state;
    static const struct {
        double strength, loss, weights[3], bias;
    } cases[] = {{0.1, 278.5478818885671, {0.51473468, -0.98074809, -0.35960943}, -0.11287149},
                 {1, 201.10333865163378, {0.73533368, -2.69548691, -1.32627191}, 0.00311014},
                 {100, 171.05175513989306, {0.95869006, -5.66575655, -3.30894972}, -0.02044789}};
    float vectors[FIT_COUNT * FIT_WIDTH];
    uint32_t truth[FIT_COUNT];
    struct error error;
    make_fit(vectors, truth);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct linear_head heads[2] = {{0}, {0}};
        struct linear_fitted fitted[2];
        for (size_t threads = 1; threads <= 2; threads++) {
            struct pool *pool = pool_create(threads);
            const struct linear_fit fit = {.vectors = vectors,
                                           .truth = truth,
                                           .count = FIT_COUNT,
                                           .dimensions = FIT_WIDTH,
                                           .labels = FIT_LABELS,
                                           .strength = cases[i].strength,
                                           .pool = pool};
            expect_ok(linear_head_fit(&heads[threads - 1], &fit, &fitted[threads - 1], &error), &error);
            pool_free(pool);
        }
        assert_true(fitted[0].is_settled);
        expect_near("loss", fitted[0].loss / cases[i].loss, 1, 1e-5);
        for (size_t k = 0; k < 3; k++)
            expect_near("weight", (double)heads[0].weights[FIT_WIDTH + k], cases[i].weights[k], 0.02);
        assert_memory_equal(heads[0].weights, heads[1].weights, FIT_LABELS * FIT_WIDTH * sizeof(float));
        linear_head_release(&heads[0]);
        linear_head_release(&heads[1]);
    }
}

/* An example of a label that counts three times is the same as three of them. */
static void weighted_labels(void **state)
{
    (void)state;
    static const float weights[FIT_LABELS] = {1, 3, 1, 2};
    float vectors[FIT_COUNT * FIT_WIDTH], *copies = memory_alloc((size_t)3 * FIT_COUNT * FIT_WIDTH, sizeof(float));
    uint32_t truth[FIT_COUNT], *copied = memory_alloc((size_t)3 * FIT_COUNT, sizeof(*copied));
    size_t count = 0;
    struct error error;
    struct linear_fitted fitted;
    struct linear_head weighted = {0}, plain = {0};
    struct pool *pool = pool_create(2);
    make_fit(vectors, truth);
    for (size_t i = 0; i < FIT_COUNT; i++)
        for (size_t copy = 0; copy < (size_t)weights[truth[i]]; copy++) {
            memcpy(copies + count * FIT_WIDTH, vectors + i * FIT_WIDTH, FIT_WIDTH * sizeof(float));
            copied[count++] = truth[i];
        }
    struct linear_fit fit = {.vectors = vectors,
                             .truth = truth,
                             .count = FIT_COUNT,
                             .dimensions = FIT_WIDTH,
                             .labels = FIT_LABELS,
                             .class_weights = weights,
                             .pool = pool};
    expect_ok(linear_head_fit(&weighted, &fit, &fitted, &error), &error);
    double loss = fitted.loss;
    fit.vectors = copies;
    fit.truth = copied;
    fit.count = count;
    fit.class_weights = NULL;
    expect_ok(linear_head_fit(&plain, &fit, &fitted, &error), &error);
    expect_near("loss", loss / fitted.loss, 1, 1e-5);
    for (size_t k = 0; k < (size_t)FIT_LABELS * FIT_WIDTH; k++)
        expect_near("weight", (double)weighted.weights[k], (double)plain.weights[k], 0.02);
    linear_head_release(&weighted);
    linear_head_release(&plain);
    pool_free(pool);
    free(copies);
    free(copied);
}

/* More labels than a panel is wide, more examples than a block holds: each label has a direction of its own. */
static void many_labels(void **state)
{
    (void)state;
    enum { COUNT = 2500, LABELS = 300, WIDTH = 40 };
    float *vectors = memory_alloc(COUNT * WIDTH, sizeof(float)), *logits = memory_alloc(COUNT * LABELS, sizeof(float));
    uint32_t *truth = memory_alloc(COUNT, sizeof(*truth)), *answers = memory_alloc(COUNT, sizeof(*answers));
    float *centres = memory_alloc(LABELS * WIDTH, sizeof(float));
    struct random random;
    struct error error;
    struct linear_head head = {0};
    struct linear_fitted fitted;
    struct pool *pool = pool_create(2);
    random_init(&random, 9);
    for (size_t i = 0; i < LABELS * WIDTH; i++)
        centres[i] = (float)(random_unit(&random) - 0.5);
    for (size_t i = 0; i < COUNT; i++) {
        truth[i] = (uint32_t)(i % LABELS);
        for (size_t k = 0; k < WIDTH; k++)
            vectors[i * WIDTH + k] = centres[truth[i] * WIDTH + k] + (float)(0.2 * (random_unit(&random) - 0.5));
    }
    const struct linear_fit fit = {.vectors = vectors,
                                   .truth = truth,
                                   .count = COUNT,
                                   .dimensions = WIDTH,
                                   .labels = LABELS,
                                   .strength = 100,
                                   .steps_max = 60,
                                   .pool = pool};
    expect_ok(linear_head_fit(&head, &fit, &fitted, &error), &error);
    linear_head_run(&head, vectors, COUNT, logits, pool);
    float *alone = memory_alloc(COUNT * LABELS, sizeof(float));
    linear_head_run(&head, vectors, COUNT, alone, NULL);
    assert_memory_equal(logits, alone, COUNT * LABELS * sizeof(float));
    free(alone);
    measure_answers(logits, COUNT, LABELS, answers, NULL);
    size_t hits = 0;
    for (size_t i = 0; i < COUNT; i++)
        hits += answers[i] == truth[i];
    assert_true(hits >= COUNT * 99 / 100);
    linear_head_release(&head);
    pool_free(pool);
    free(vectors);
    free(logits);
    free(truth);
    free(answers);
    free(centres);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares),          cmocka_unit_test(pairs),       cmocka_unit_test(classes),
        cmocka_unit_test(changes),         cmocka_unit_test(few_cases),   cmocka_unit_test(temperature),
        cmocka_unit_test(little_to_go_by), cmocka_unit_test(calibration), cmocka_unit_test(logistic_regression),
        cmocka_unit_test(weighted_labels), cmocka_unit_test(many_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
