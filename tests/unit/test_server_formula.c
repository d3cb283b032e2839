/* test_server_formula.c - formulas of multi graders: their values, what cannot be read, and that none takes more than it may. */
#include "server/formula.h"
#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct formula_value values[] = {{{"a", 1}, 0.5}, {{"b_2", 3}, 3}, {{"minimum", 7}, 7}};

static struct formula_given given_of(const char *formula)
{
    struct formula_given given;
    bool ok = formula_compute(slice_from(formula), values, ARRAY_COUNT(values), &given);
    assert_true(ok == (given.fault == FORMULA_FINE));
    return given;
}

static void test_values(void **state)
{
    static const struct {
        const char *formula;
        double value;
    } cases[] = {{"1", 1},
                 {" a ", 0.5},
                 {"0.5 * a + 0.25*b_2", 1},
                 {"1 + 2 * 3 - 4 / 2", 5},
                 {"10 - 3 - 2", 5},
                 {"16 / 4 / 2", 2},
                 {"(1 + 2) * 3", 9},
                 {"2 ^ 3 ^ 2", 512},
                 {"-2 ^ 2", -4},
                 {"2 ^ -1", 0.5},
                 {"- - + 2", 2},
                 {"3 * -2", -6},
                 {"1e2 + 1.5E-1 + .5", 100.65},
                 {"min(3, a, 2) + max(1, b_2)", 3.5},
                 {"min(4)", 4},
                 {"abs(-3) + floor(1.7) + ceil(1.2)", 6},
                 {"exp(0) + sqrt(16) + log(exp(1))", 6},
                 {"minimum", 7},
                 {"((((((((1))))))))", 1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct formula_given given = given_of(cases[i].formula);
        if (given.fault != FORMULA_FINE || fabs(given.value - cases[i].value) > 1e-12)
            fail_msg("%s is %.15g (%d), not %.15g", cases[i].formula, given.value, given.fault, cases[i].value);
    }
}

static void test_faults(void **state)
{
    static const struct {
        const char *formula;
        enum formula_fault fault;
        size_t at;
    } cases[] = {{"", FORMULA_UNREADABLE, 0},
                 {"1 +", FORMULA_UNREADABLE, 3},
                 {"1 2", FORMULA_UNREADABLE, 2},
                 {"(1", FORMULA_UNREADABLE, 2},
                 {"1)", FORMULA_UNREADABLE, 1},
                 {"1..2", FORMULA_UNREADABLE, 0},
                 {"abs(1, 2)", FORMULA_UNREADABLE, 5},
                 {"min()", FORMULA_UNREADABLE, 4},
                 {"log", FORMULA_UNREADABLE, 3},
                 {"a = 1", FORMULA_UNREADABLE, 2},
                 {"a.b", FORMULA_UNREADABLE, 1},
                 {"a ** 2", FORMULA_UNREADABLE, 3},
                 {"__import__(1)", FORMULA_UNKNOWN_NAME, 0},
                 {"1 + c", FORMULA_UNKNOWN_NAME, 4},
                 {"1 / 0", FORMULA_NO_NUMBER, 0},
                 {"log(0)", FORMULA_NO_NUMBER, 0},
                 {"sqrt(-1)", FORMULA_NO_NUMBER, 0},
                 {"10 ^ 400", FORMULA_NO_NUMBER, 0},
                 {"max(0 / 0, 1)", FORMULA_NO_NUMBER, 0},
                 {"min(1, 0 / 0)", FORMULA_NO_NUMBER, 0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct formula_given given = given_of(cases[i].formula);
        if (given.fault != cases[i].fault || given.at != cases[i].at || given.value != 0)
            fail_msg("%s is %.15g (%d at %zu)", cases[i].formula, given.value, given.fault, given.at);
    }
    struct formula_given given;
    assert_false(formula_compute((struct slice){"1\0", 2}, values, 3, &given));
    assert_int_equal(given.fault, FORMULA_UNREADABLE);
}

static void test_what_is_deep_or_long_is_not_read(void **state)
{
    static const char *const repeated[] = {"(", "-", "2^", "abs(", "min(1,"};
    char *text = memory_alloc(FORMULA_BYTES_MAX + 2, 1);
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(repeated); i++) {
        size_t size = strlen(repeated[i]), count = FORMULA_BYTES_MAX / size - 1;
        for (size_t j = 0; j < count; j++)
            memcpy(text + j * size, repeated[i], size);
        memcpy(text + count * size, "1", 2);
        assert_int_equal(given_of(text).fault, FORMULA_UNREADABLE);
    }
    memset(text, ' ', FORMULA_BYTES_MAX + 1);
    text[0] = '1';
    text[FORMULA_BYTES_MAX] = '\0';
    assert_int_equal(given_of(text).fault, FORMULA_FINE);
    text[FORMULA_BYTES_MAX] = ' ';
    text[FORMULA_BYTES_MAX + 1] = '\0';
    assert_int_equal(given_of(text).fault, FORMULA_UNREADABLE);
    free(text);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(formula_is_name(SLICE("grade_1")) && formula_is_name(SLICE("_")) && formula_is_name(SLICE("Max")));
    assert_false(formula_is_name(SLICE("")) || formula_is_name(SLICE("1a")) || formula_is_name(SLICE("a b")) ||
                 formula_is_name(SLICE("max")) || formula_is_name(SLICE("a-b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_faults),
                                       cmocka_unit_test(test_what_is_deep_or_long_is_not_read), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
