/* test_base_statistics.c - intervals and tests over clusters, quantiles, Holm, kappa and planning against scipy 1.17, statsmodels 0.14 and
 * scikit-learn 1.9, whose numbers stand here; and what theory says of all of them. bench/intervals.py simulates more. */
#include "compare.h"
#include <math.h>
#include <stdlib.h>

static void expect_near(const char *what, double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("%s is %.15g, expected %.15g", what, got, wanted);
}

static void quantiles(void **state)
{
    (void)state;
    static const struct {
        double share, degrees, value;
    } students[] = {{0.975, 1, 12.7062047361747}, {0.975, 4, 2.77644510519779},    {0.975, 29, 2.0452296421327},
                    {0.9, 2.5, 1.73025092880718}, {0.995, 1000, 2.58075469806595}, {0.025, 7, -2.36462425159278}},
      normals[] = {{0.5, 0, 0},
                   {0.975, 0, 1.95996398454005},
                   {0.8, 0, 0.841621233572914},
                   {0.001, 0, -3.09023230616781},
                   {0.999999, 0, 4.75342430881709}};
    for (size_t i = 0; i < ARRAY_COUNT(students); i++)
        expect_near("student", statistics_student_quantile(students[i].share, students[i].degrees), students[i].value, 1e-9);
    for (size_t i = 0; i < ARRAY_COUNT(normals); i++)
        expect_near("normal", statistics_normal_quantile(normals[i].share), normals[i].value, 1e-9);
}

static const double hits[] = {1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1};
static const uint32_t documents[] = {0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 5, 5};

static void clusters(void **state)
{
    (void)state;
    struct clustered clustered = {hits, documents, ARRAY_COUNT(hits), 1}, alone = {hits, NULL, ARRAY_COUNT(hits), 1};
    struct statistics_interval interval, wilson, again;
    expect_near("mean", statistics_mean(&clustered), 8.0 / 12, 1e-15);
    assert_int_equal(statistics_clusters(&clustered), 6);
    assert_int_equal(statistics_clusters(&alone), 12);
    expect_near("deviation", statistics_deviation(&clustered), 0.298142396999972, 1e-12);
    statistics_share(&clustered, &interval);
    expect_near("low", interval.low, 0.320398099812658, 1e-9);
    expect_near("high", interval.high, 0.894564466641154, 1e-9);
    statistics_share(&alone, &interval);
    statistics_wilson(8, 12, &wilson);
    expect_near("low", interval.low, wilson.low, 1e-12);
    expect_near("high", interval.high, wilson.high, 1e-12);
    statistics_clustered(&clustered, &interval);
    statistics_clustered(&clustered, &again);
    assert_true(interval.low == again.low && interval.high == again.high);
    assert_true(interval.low < 8.0 / 12 && interval.high > 8.0 / 12);
    clustered.count = 3; /* one document: nothing is known of others */
    statistics_clustered(&clustered, &interval);
    assert_true(isinf(interval.low) && isinf(interval.high));
    statistics_share(&clustered, &interval);
    statistics_wilson(1, 1, &wilson);
    assert_true(interval.low < wilson.low && interval.high <= 1);
    clustered.count = 0;
    statistics_clustered(&clustered, &interval);
    assert_true(isinf(interval.low));
    statistics_share(&clustered, &interval);
    assert_true(interval.low == 0 && interval.high == 1);
    expect_near("mean of nothing", statistics_mean(&clustered), 0, 0);
}

/* Where all are right, or all wrong, ten documents are worth ten cases, however many cases each has. */
static void all_the_same(void **state)
{
    (void)state;
    double values[100];
    uint32_t numbers[100];
    struct statistics_interval interval, wilson;
    for (size_t hits_of_ten = 0; hits_of_ten <= 10; hits_of_ten += 10) {
        for (uint32_t i = 0; i < 100; i++) {
            values[i] = hits_of_ten > 0;
            numbers[i] = i / 10;
        }
        statistics_share(&(struct clustered){values, numbers, 100, 1}, &interval);
        statistics_wilson(hits_of_ten, 10, &wilson);
        expect_near("low", interval.low, wilson.low, 1e-12);
        expect_near("high", interval.high, wilson.high, 1e-12);
    }
}

static void percentiles(void **state)
{
    (void)state;
    double values[100];
    for (size_t i = 0; i < 100; i++)
        values[i] = (double)(i + 1);
    expect_near("half of two", statistics_percentile(values, 2, 0.5), 1, 0);
    expect_near("half of three", statistics_percentile(values, 3, 0.5), 2, 0);
    expect_near("95 of 100", statistics_percentile(values, 100, 0.95), 95, 0);
    expect_near("99 of 100", statistics_percentile(values, 100, 0.99), 99, 0);
    expect_near("95 of 20", statistics_percentile(values, 20, 0.95), 19, 0);
    expect_near("95 of 21", statistics_percentile(values, 21, 0.95), 20, 0);
    expect_near("all of seven", statistics_percentile(values, 7, 1), 7, 0);
    expect_near("of one", statistics_percentile(values, 1, 0.01), 1, 0);
    expect_near("of none", statistics_percentile(values, 0, 0.5), 0, 0);
}

/* Repeating each observation in its cluster adds nothing. */
static void copies_add_nothing(void **state)
{
    (void)state;
    double values[40], copied[120];
    uint32_t numbers[120];
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < 40; i++) {
        values[i] = random_unit(&random) - 0.3;
        for (size_t j = 0; j < 3; j++) {
            copied[3 * i + j] = values[i];
            numbers[3 * i + j] = (uint32_t)i;
        }
    }
    struct clustered once = {values, NULL, 40, 7}, thrice = {copied, numbers, 120, 7};
    struct statistics_interval of_once, of_thrice;
    statistics_clustered(&once, &of_once);
    statistics_clustered(&thrice, &of_thrice);
    expect_near("low", of_thrice.low, of_once.low, 1e-12);
    expect_near("high", of_thrice.high, of_once.high, 1e-12);
    expect_near("chance", statistics_sign_flip(&thrice), statistics_sign_flip(&once), 1e-12);
}

static void signs(void **state)
{
    (void)state;
    static const double differences[] = {0.3, -0.1, 0.5, 0.2, 0, 0.4, 0.25, -0.05};
    expect_near("chance", statistics_sign_flip(&(struct clustered){differences, NULL, 8, 1}), 0.0625, 1e-12);
    static const double none[] = {0, 0, 0};
    expect_near("no difference", statistics_sign_flip(&(struct clustered){none, NULL, 3, 1}), 1, 0);
    expect_near("no case", statistics_sign_flip(&(struct clustered){none, NULL, 0, 1}), 1, 0);
    double all[30];
    for (size_t i = 0; i < 30; i++)
        all[i] = 1;
    assert_true(statistics_sign_flip(&(struct clustered){all, NULL, 30, 1}) < 0.001);
}

/* Means of cases in documents that differ: how often the interval holds the truth, and how often the test sees what is not there. */
static void coverage(void **state)
{
    (void)state;
    enum { ROUNDS = 400, DOCUMENTS = 25, EACH = 3 };
    size_t held = 0, alarms = 0;
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < ROUNDS; round++) {
        double values[DOCUMENTS * EACH];
        uint32_t numbers[DOCUMENTS * EACH];
        struct statistics_interval interval;
        for (size_t i = 0; i < DOCUMENTS; i++) {
            double of_document = random_unit(&random) - 0.5;
            for (size_t j = 0; j < EACH; j++) {
                values[i * EACH + j] = of_document + (random_unit(&random) - 0.5) / 2;
                numbers[i * EACH + j] = (uint32_t)i;
            }
        }
        struct clustered clustered = {values, numbers, DOCUMENTS * EACH, round};
        statistics_clustered(&clustered, &interval);
        held += interval.low <= 0 && interval.high >= 0;
        if (round < ROUNDS / 2)
            alarms += statistics_sign_flip(&clustered) <= 0.05;
    }
    /* 95 % and 5 %, four standard errors of the simulation to each side */
    expect_near("covered", (double)held / ROUNDS, 0.95, 0.044);
    expect_near("false alarms", (double)alarms / (ROUNDS / 2), 0.05, 0.062);
}

static void many(void **state)
{
    (void)state;
    static const double chances[] = {0.01, 0.04, 0.03, 0.005, 0.2, 0.9}, wanted[] = {0.05, 0.12, 0.12, 0.03, 0.4, 0.9};
    double adjusted[6];
    statistics_holm(chances, 6, adjusted);
    for (size_t i = 0; i < 6; i++)
        expect_near("adjusted", adjusted[i], wanted[i], 1e-12);
    statistics_holm((const double[]){0.7, 0.8}, 2, adjusted);
    expect_near("never more than 1", adjusted[0], 1, 0);
    static const uint32_t first[] = {0, 1, 2, 2, 1, 0, 0, 2, 1, 1, 0, 2}, second[] = {0, 1, 2, 1, 1, 0, 2, 2, 1, 0, 0, 2};
    expect_near("kappa", statistics_kappa(first, second, 12, 3), 0.625, 1e-12);
    expect_near("kappa with itself", statistics_kappa(first, first, 12, 3), 1, 1e-12);
    struct statistics_interval interval;
    expect_near("kappa", statistics_kappa_interval(first, second, 12, 3, &interval), 0.625, 1e-12);
    assert_true(interval.low > 0.15 && interval.low < 0.25 && interval.high > 0.8 && interval.high < 0.9);
    expect_near("kappa with itself", statistics_kappa_interval(first, first, 12, 3, &interval), 1, 1e-12);
    assert_true(interval.low > 0.6 && interval.low < 0.7 && interval.high <= 1);
    static const uint32_t same[] = {1, 1, 1};
    expect_near("kappa of one label", statistics_kappa(same, same, 3, 2), 0, 0);
    expect_near("kappa of nothing", statistics_kappa(same, same, 0, 2), 0, 0);
    expect_near("kappa of one label", statistics_kappa_interval(same, same, 3, 2, &interval), 0, 0);
    assert_true(interval.low <= -1 && interval.high >= 1);
}

static void planning(void **state)
{
    (void)state;
    expect_near("detectable", statistics_detectable(0.3, 60), 0.108504928927324, 1e-9);
    assert_int_equal(statistics_needed(0.3, 0.05), 283);
    assert_true(isinf(statistics_detectable(0.3, 0)));
    assert_int_equal(statistics_needed(0, 0.05), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles),          cmocka_unit_test(clusters),
        cmocka_unit_test(all_the_same),       cmocka_unit_test(percentiles),
        cmocka_unit_test(copies_add_nothing), cmocka_unit_test(signs),
        cmocka_unit_test(coverage),           cmocka_unit_test(many),
        cmocka_unit_test(planning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
