/* test_eval_style.c - two styles told apart where they differ, and not where they do not; predictions for folds left out against solving again. */
#include "compare.h"
#include "eval/eval.h"
#include <math.h>
#include <stdlib.h>

static void expect_near(const char *what, double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("%s is %.15g, expected %.15g", what, got, wanted);
}

static double normal(struct random *random)
{
    double sum = -6;
    for (size_t i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum;
}

enum { EACH = 30, WIDTH = 6 };

static void fill(float *vectors, double shift, struct random *random)
{
    for (size_t i = 0; i < (size_t)2 * EACH; i++)
        for (size_t j = 0; j < WIDTH; j++)
            vectors[i * WIDTH + j] = (float)(normal(random) + (i < EACH && j == 0 ? shift : 0));
}

static void by_vectors(void **state)
{
    (void)state;
    struct random random;
    struct slice texts[2 * EACH];
    float vectors[2 * EACH * WIDTH];
    struct style_report report, again;
    random_init(&random, test_seed());
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        texts[i] = SLICE("All the same words.");
    struct style_comparison comparison = {texts, vectors, WIDTH, EACH, EACH, 199, 5};
    fill(vectors, 3, &random);
    style_compare(&comparison, &report);
    assert_true(report.is_told && report.separation > 0.9 && report.accuracy > 0.8 && report.chance <= 0.005 + 1e-9);
    style_compare(&comparison, &again);
    assert_memory_equal(&report, &again, sizeof(report));
    size_t alarms = 0;
    double sum = 0;
    for (size_t round = 0; round < 100; round++) {
        fill(vectors, 0, &random);
        comparison.seed = round;
        comparison.relabellings = 99;
        style_compare(&comparison, &report);
        alarms += report.chance <= 0.05;
        sum += report.separation;
    }
    /* 5 %, four standard errors of the simulation; bench/intervals.py draws more */
    assert_true(alarms <= 13);
    expect_near("separation of what is the same", sum / 100, 0.5, 0.06);
}

static void by_features(void **state)
{
    (void)state;
    struct slice texts[24];
    struct style_report report;
    for (size_t i = 0; i < 24; i++)
        texts[i] = i < 12 ? SLICE("Hi! Sure! You can send it back! No problem!")
                          : SLICE("Dear customer, please return the article within thirty days. We remain at your service.");
    style_compare(&(struct style_comparison){texts, NULL, 0, 12, 12, 200, 1}, &report);
    assert_true(report.is_told && report.separation > 0.99 && report.chance < 0.01);
    assert_true(report.features[STYLE_EXCLAMATIONS].outputs > 40 && report.features[STYLE_EXCLAMATIONS].examples <= 0);
    assert_true(report.features[STYLE_SENTENCE_WORDS].examples > report.features[STYLE_SENTENCE_WORDS].outputs);
    style_compare(&(struct style_comparison){texts, NULL, 0, 3, 12, 0, 1}, &report);
    assert_true(!report.is_told && report.chance >= 1);
    style_compare(&(struct style_comparison){texts, NULL, 0, 0, 0, 0, 1}, &report);
    assert_true(!report.is_told);
    for (size_t i = 0; i < 24; i++)
        texts[i] = SLICE("");
    style_compare(&(struct style_comparison){texts, NULL, 0, 12, 12, 50, 1}, &report);
    expect_near("nothing differs", report.separation, 0.5, 1e-9);
    expect_near("chance", report.chance, 1, 1e-9);
}

static void features(void **state)
{
    (void)state;
    double values[STYLE_FEATURES];
    style_read(SLICE("Thank you! We ship 2 boxes:\n- RED one\n1. small?\n"), values);
    expect_near("words", values[STYLE_WORDS], 10, 0);
    expect_near("lines", values[STYLE_LINES], 3, 0);
    expect_near("lists", values[STYLE_LISTS], 20, 1e-9);
    expect_near("exclamations", values[STYLE_EXCLAMATIONS], 10, 1e-9);
    expect_near("questions", values[STYLE_QUESTIONS], 10, 1e-9);
    expect_near("capitals", values[STYLE_CAPITALS], 10, 1e-9);
    expect_near("numbers", values[STYLE_NUMBERS], 20, 1e-9);
    expect_near("we", values[STYLE_WE], 10, 1e-9);
    expect_near("you", values[STYLE_YOU], 10, 1e-9);
    expect_near("polite", values[STYLE_POLITE], 10, 1e-9);
    style_read(SLICE(""), values);
    for (size_t i = 0; i < STYLE_FEATURES; i++)
        expect_near(style_feature_names[i], values[i], 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_vectors), cmocka_unit_test(by_features), cmocka_unit_test(features)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
