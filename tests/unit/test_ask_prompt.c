/* test_ask_prompt.c - changes between two texts, against trying all of them; confidences, against the odds that cases were drawn from. */
#include "ask/ask.h"
#include "compare.h"
#include <math.h>
#include <string.h>

/* ---- lines ---- */

enum { LINES_MOST = 7 };

/* The longest common subsequence, by trying every choice of lines of the first. */
static size_t longest_common(const char *a, size_t a_count, const char *b, size_t b_count)
{
    size_t best = 0;
    for (unsigned choice = 0; choice < 1u << a_count; choice++) {
        size_t at = 0, chosen = 0;
        bool fits = true;
        for (size_t i = 0; i < a_count && fits; i++) {
            if ((choice >> i & 1) == 0)
                continue;
            while (at < b_count && b[at] != a[i])
                at++;
            fits = at++ < b_count;
            chosen++;
        }
        best = fits && chosen > best ? chosen : best;
    }
    return best;
}

static size_t make_lines(struct random *random, char *letters, struct buffer *text)
{
    size_t count = (size_t)random_below(random, LINES_MOST + 1);
    buffer_clear(text);
    for (size_t i = 0; i < count; i++) {
        letters[i] = (char)('a' + random_below(random, 3));
        buffer_append_byte(text, letters[i]);
        buffer_append_byte(text, '\n');
    }
    return count;
}

/* Leaving one kind out gives each of the two texts again. */
static void expect_text(const struct ask_change *changes, size_t count, enum ask_line without, const char *letters,
                        size_t letter_count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == without)
            continue;
        assert_true(at < letter_count && changes[i].line.size == 1 && changes[i].line.data[0] == letters[at]);
        at++;
    }
    assert_int_equal(at, letter_count);
}

static void fewest_changes(void **state)
{
    struct random random;
    struct buffer a, b;
    char a_letters[LINES_MOST], b_letters[LINES_MOST];
    (void)state;
    random_init(&random, 5);
    buffer_init(&a, KIB);
    buffer_init(&b, KIB);
    for (size_t round = 0; round < 2000; round++) {
        struct arena arena;
        struct ask_change *changes;
        struct error error = {0};
        size_t a_count = make_lines(&random, a_letters, &a), b_count = make_lines(&random, b_letters, &b), count, same = 0;
        arena_init(&arena);
        expect_ok(ask_diff(buffer_slice(&a), buffer_slice(&b), &arena, &changes, &count, &error), &error);
        for (size_t i = 0; i < count; i++)
            same += changes[i].kind == ASK_LINE_SAME;
        assert_int_equal(same, longest_common(a_letters, a_count, b_letters, b_count));
        expect_text(changes, count, ASK_LINE_NEW, a_letters, a_count);
        expect_text(changes, count, ASK_LINE_GONE, b_letters, b_count);
        arena_release(&arena);
    }
    buffer_release(&a);
    buffer_release(&b);
}

/* ---- confidence ---- */

enum { CASES = 20000 };

/* Cases whose chance of being right is a line of the odds: the line is found again. */
static void lines_are_found_again(void **state)
{
    static const double lines[][2] = {{0, 1}, {-1, 0.5}, {0.7, 2}, {-2, 0.2}};
    static double confidences[CASES];
    static bool right[CASES];
    struct random random;
    (void)state;
    random_init(&random, 7);
    for (size_t n = 0; n < ARRAY_COUNT(lines); n++) {
        struct confidence_fit truth = {.shift = lines[n][0], .slope = lines[n][1]}, fit = {0};
        for (size_t i = 0; i < CASES; i++) {
            confidences[i] = 0.02 + 0.96 * random_unit(&random);
            right[i] = random_unit(&random) < confidence_chance(&truth, confidences[i]);
        }
        confidence_fit_line(confidences, right, CASES, &fit.shift, &fit.slope);
        for (int tenth = 1; tenth < 10; tenth++) {
            double confidence = tenth / 10.0;
            assert_true(fabs(confidence_chance(&fit, confidence) - confidence_chance(&truth, confidence)) < 0.03);
        }
    }
}

static void few_cases_change_little(void **state)
{
    static const double confidences[] = {0.9, 0.5, 0.3};
    static const bool right[] = {true, true, true};
    struct confidence_fit fit = {0};
    (void)state;
    confidence_fit_line(NULL, NULL, 0, &fit.shift, &fit.slope);
    assert_true(fabs(fit.shift) < 1e-9 && fabs(fit.slope - 1) < 1e-9);
    assert_true(fabs(confidence_chance(&fit, 0.37) - 0.37) < 1e-9);
    confidence_fit_line(confidences, right, ARRAY_COUNT(right), &fit.shift, &fit.slope);
    assert_true(confidence_chance(&fit, 0.3) > 0.3 && confidence_chance(&fit, 0.3) < 0.9);
    assert_true(isfinite(confidence_chance(&fit, 0)) && isfinite(confidence_chance(&fit, 1)));
    assert_true(confidence_chance(&fit, 0) <= confidence_chance(&fit, 1));
}

/* Where greater confidences are wrong more often, all are alike: none is turned round. */
static void order_stays(void **state)
{
    double confidences[200];
    bool right[200];
    struct confidence_fit fit = {0};
    (void)state;
    for (size_t i = 0; i < 200; i++) {
        confidences[i] = (double)(i + 1) / 201;
        right[i] = i < 100;
    }
    confidence_fit_line(confidences, right, 200, &fit.shift, &fit.slope);
    assert_true(fit.slope >= 0 && confidence_chance(&fit, 0.9) >= confidence_chance(&fit, 0.1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fewest_changes), cmocka_unit_test(lines_are_found_again),
                                       cmocka_unit_test(few_cases_change_little), cmocka_unit_test(order_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
