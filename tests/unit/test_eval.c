/* test_eval.c - measures against a plain restatement of trec_eval's definitions, intervals against what theory says of them. */
#include "compare.h"
#include "eval/eval.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect_number(const char *what, double got, double wanted)
{
    if (!(fabs(got - wanted) <= 1e-12))
        fail_msg("%s is %.15g, expected %.15g", what, got, wanted);
}

static void by_hand(void **state)
{
    (void)state;
    struct eval_scores scores;
    const double gains[] = {0, 2, 0, 1, 0, 0}, relevant[] = {1, 2, 1};
    eval_question(gains, ARRAY_COUNT(gains), relevant, ARRAY_COUNT(relevant), &scores);
    expect_number("recall@1", scores.values[EVAL_RECALL_1], 0);
    expect_number("recall@5", scores.values[EVAL_RECALL_5], 2.0 / 3);
    expect_number("recall@10", scores.values[EVAL_RECALL_10], 2.0 / 3);
    expect_number("mrr@10", scores.values[EVAL_MRR_10], 0.5);
    double found = 2 / log2(3) + 1 / log2(5), best = 2 / log2(2) + 1 / log2(3) + 1 / log2(4);
    expect_number("ndcg@10", scores.values[EVAL_NDCG_10], found / best);
    expect_number("hit@5", scores.values[EVAL_HIT_5], 1);
    expect_number("hit@10", scores.values[EVAL_HIT_10], 1);
    expect_number("precision@5", scores.values[EVAL_PRECISION_5], 2.0 / 5);
    expect_number("precision@10", scores.values[EVAL_PRECISION_10], 2.0 / 10); /* of ten places, though six are filled */
    expect_number("map", scores.values[EVAL_MAP], (1.0 / 2 + 2.0 / 4) / 3); /* the third was not found */
    eval_question(gains, 0, relevant, 3, &scores);
    for (size_t i = 0; i < EVAL_MEASURES; i++)
        expect_number("nothing found", scores.values[i], 0);
    const double late[11] = {[10] = 1}, one[] = {1};
    eval_question(late, 11, one, 1, &scores); /* the eleventh place counts only where all do */
    for (size_t i = 0; i < EVAL_MEASURES; i++)
        expect_number("found too late", scores.values[i], i == EVAL_MAP ? 1.0 / 11 : 0);
    const double unwanted[] = {-1, 3}; /* judged as harmful: counts as not relevant */
    eval_question(unwanted, 2, (const double[]){3}, 1, &scores);
    expect_number("mrr@10", scores.values[EVAL_MRR_10], 0.5);
    expect_number("ndcg@10", scores.values[EVAL_NDCG_10], 1 / log2(3));
}

/* The same by selecting the best remaining gain each time. */
static double plain_ndcg(const double *gains, size_t count, const double *relevant, size_t relevant_count)
{
    double found = 0, best = 0, *left = memory_alloc(relevant_count, sizeof(*left));
    memcpy(left, relevant, relevant_count * sizeof(*left));
    for (size_t i = 0; i < 10; i++) {
        size_t at = 0;
        for (size_t j = 1; j < relevant_count; j++)
            if (left[j] > left[at])
                at = j;
        best += left[at] / (log((double)i + 2) / log(2));
        left[at] = 0;
        if (i < count)
            found += gains[i] / (log((double)i + 2) / log(2));
    }
    free(left);
    return found / best;
}

/* For each relevant result, all before it counted anew. */
static double plain_average_precision(const double *gains, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        size_t found = 0;
        for (size_t j = 0; gains[i] > 0 && j <= i; j++)
            found += gains[j] > 0;
        sum += (double)found / (double)(i + 1);
    }
    return sum;
}

static void random_questions(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < 2000; round++) {
        double gains[60] = {0}, relevant[30];
        size_t count = (size_t)random_below(&random, 60), relevant_count = 1 + (size_t)random_below(&random, 30), found = 0,
               found_in_5 = 0, first = 0;
        for (size_t i = 0; i < relevant_count; i++)
            relevant[i] = 1 + (double)random_below(&random, 4);
        for (size_t i = 0, next = 0; i < count && next < relevant_count; i++)
            if (random_below(&random, 4) == 0)
                gains[i] = relevant[next++];
        struct eval_scores scores;
        eval_question(gains, count, relevant, relevant_count, &scores);
        for (size_t i = 0; i < count && i < 10; i++) {
            found += gains[i] > 0;
            found_in_5 += i < 5 && gains[i] > 0;
            if (gains[i] > 0 && first == 0)
                first = i + 1;
        }
        expect_number("recall@10", scores.values[EVAL_RECALL_10], (double)found / (double)relevant_count);
        expect_number("mrr@10", scores.values[EVAL_MRR_10], first > 0 ? 1 / (double)first : 0);
        expect_number("ndcg@10", scores.values[EVAL_NDCG_10], plain_ndcg(gains, count, relevant, relevant_count));
        expect_number("hit@5", scores.values[EVAL_HIT_5], found_in_5 > 0);
        expect_number("hit@10", scores.values[EVAL_HIT_10], found > 0);
        expect_number("precision@5", scores.values[EVAL_PRECISION_5], (double)found_in_5 / 5);
        expect_number("precision@10", scores.values[EVAL_PRECISION_10], (double)found / 10);
        expect_number("map", scores.values[EVAL_MAP], plain_average_precision(gains, count) / (double)relevant_count);
    }
}

static void intervals(void **state)
{
    (void)state;
    struct eval_interval interval, again, wide;
    double values[400];
    uint32_t documents[400];
    const struct clustered alone = {values, NULL, 400, 7}, about = {values, documents, 400, 7};
    for (size_t i = 0; i < 400; i++) {
        values[i] = 0.25;
        documents[i] = (uint32_t)(i / 10);
    }
    eval_interval_of(&alone, &interval);
    assert_true(interval.mean == 0.25 && interval.low == 0.25 && interval.high == 0.25);
    for (size_t i = 0; i < 400; i++)
        values[i] = (double)(i % 2);
    eval_interval_of(&alone, &interval);
    eval_interval_of(&alone, &again);
    assert_memory_equal(&interval, &again, sizeof(interval));
    /* A share of one half: the standard error of the mean is 0.5 / √400, and 1.96 of them lie on each side. */
    assert_true(fabs(interval.mean - 0.5) < 1e-12 && fabs(interval.low - 0.451) < 0.006 && fabs(interval.high - 0.549) < 0.006);
    /* Questions about one document that are alike say as much as one of them: the interval is √10 as wide, and Student's. */
    for (size_t i = 0; i < 400; i++)
        values[i] = i / 10 % 2 == 0 ? 0.25 : 0.75;
    eval_interval_of(&alone, &interval);
    eval_interval_of(&about, &wide);
    assert_true(interval.mean == 0.5 && wide.mean == 0.5);
    assert_true(fabs((wide.high - wide.low) / (interval.high - interval.low) - sqrt(10)) < 0.2);
    eval_interval_of(&(struct clustered){values, documents, 10, 7}, &interval); /* of one document nothing is known */
    assert_true(interval.low == 0 && interval.high == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(random_questions),
                                       cmocka_unit_test(intervals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
