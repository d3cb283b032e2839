/* test_eval_similarity.c - measures of how alike texts are, against values counted by hand. */
#include "eval/eval.h"
#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static double value_of(const char *name, const char *text, const char *reference)
{
    enum similarity similarity;
    struct error error;
    double value = -1;
    assert_true(similarity_named(name, &similarity));
    assert_true(similarity_measure(similarity, slice_from(text), slice_from(reference), &value, &error));
    return value;
}

static void check(const char *name, const char *text, const char *reference, double expected)
{
    double value = value_of(name, text, reference);
    if (!(fabs(value - expected) < 1e-9))
        fail_msg("%s of \"%s\" and \"%s\" is %.12f, not %.12f", name, text, reference, value, expected);
}

static void test_values(void **state)
{
    (void)state;
    check("fuzzy_match", "this is a test", "this is a test!", 2.0 * 14 / 29);
    check("fuzzy_match", "kitten", "sitting", 2.0 * 4 / 13);
    check("fuzzy_match", "grün", "grun", 2.0 * 3 / 8); /* characters, not bytes */
    check("rouge_1", "The cat sat.", "the cat lay down", 2.0 * 2 / 7);
    check("rouge_1", "the the the", "the cat", 2.0 * 1 / 5); /* each is counted as often as it stands in both */
    check("rouge_2", "the cat sat down", "the cat lay down", 2.0 * 1 / 6);
    check("rouge_3", "a b c d", "a b c e", 2.0 * 1 / 4);
    check("rouge_l", "police killed the gunman", "police kill the gunman", 2.0 * 3 / 8);
    check("rouge_l", "the gunman police killed", "police killed the gunman", 2.0 * 2 / 8);
    check("gleu", "a b c", "a b d", 3.0 / 6); /* a, b, a b of 3 + 2 + 1 */
    check("bleu", "a b c d e", "a b c d e", 1);
    check("bleu", "a b c d", "a b c d e f g h", exp(1 - 8.0 / 4));
    check("bleu", "a b x", "a b c", exp((log(2.0 / 3) + log(2.0 / 3) + log(1.0 / 2)) / 3));
    check("bleu", "x", "a", 0);
}

/* The values are of NLTK 3.10's single_meteor_score without WordNet. */
static void test_meteor(void **state)
{
    (void)state;
    check("meteor", "the cat sat on the mat", "the cat sat on the mat", 0.9976851851851852);
    check("meteor", "the cats sitting on mats", "the cat sat on the mat", 0.3389830508474576);
    check("meteor", "on the mat sat the cat", "the cat sat on the mat", 0.5);
    check("meteor", "it is a guide to action which ensures that the military always obeys the commands of the party",
          "it is a guide to action that ensures that the military will forever heed party commands", 0.6944444444444445);
    check("meteor", "a a b a", "a b a a c", 0.40816326530612246);
    check("meteor", "running runs", "run runs running", 0.3448275862068965);
    check("meteor", "nothing alike", "quite other", 0.0);
    check("meteor", "ns", "n", 0);
    check("meteor", "nationality relational", "relate nationalities", 0.5);
}

static void test_the_same_and_nothing(void **state)
{
    static const char *const names[] = {"fuzzy_match", "bleu",    "gleu",    "rouge_1", "rouge_2",
                                        "rouge_3",     "rouge_4", "rouge_5", "rouge_l"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        check(names[i], "one two three four five six", "one two three four five six", 1);
        check(names[i], "", "", 1);
        check(names[i], "", "one two three four five six", 0);
        check(names[i], "one two three four five six", "", 0);
        double value = value_of(names[i], "one \xff two", "one");
        assert_true(value >= 0 && value <= 1);
    }
    check("meteor", "", "", 1);
    check("meteor", "", "one two", 0);
    check("meteor", "one two", "", 0);
    enum similarity similarity;
    assert_false(similarity_named("cosine", &similarity));
}

static void test_long_texts_are_refused(void **state)
{
    size_t size = 10001;
    char *text = memory_alloc(size + 1, 1);
    struct error error;
    double value;
    (void)state;
    memset(text, 'a', size);
    assert_false(similarity_measure(SIMILARITY_FUZZY, (struct slice){text, size}, SLICE("a"), &value, &error));
    assert_int_equal(error.kind, ERROR_LIMIT);
    assert_true(similarity_measure(SIMILARITY_ROUGE_1, (struct slice){text, size}, SLICE("a"), &value, &error));
    assert_true(value == 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_meteor),
        cmocka_unit_test(test_the_same_and_nothing),
        cmocka_unit_test(test_long_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
