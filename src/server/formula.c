/* formula.c - reads a formula and computes it in one go, by descent: each function below reads what the grammar's line of its name says. The length
 * and the depth are limited, so that no formula takes long, or more of the stack than is there. */
#include "formula.h"
#include <math.h>
#include <string.h>

struct reading {
    struct slice text;
    size_t at;
    unsigned depth;
    const struct formula_value *values;
    size_t value_count;
    enum formula_fault fault;
    size_t fault_at;
};

/* The first one counts. */
static double fail(struct reading *reading, enum formula_fault fault, size_t at)
{
    if (reading->fault == FORMULA_FINE) {
        reading->fault = fault;
        reading->fault_at = at;
    }
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The character that is next, behind blanks; 0: none. */
static char next(struct reading *reading)
{
    while (reading->at < reading->text.size && strchr(" \t\r\n", reading->text.data[reading->at]) != NULL &&
           reading->text.data[reading->at] != '\0')
        reading->at++;
    return reading->at < reading->text.size ? reading->text.data[reading->at] : '\0';
}

static bool take(struct reading *reading, char wanted)
{
    bool is = next(reading) == wanted;
    reading->at += is;
    return is;
}

static double read_sum(struct reading *reading);
static double read_sign(struct reading *reading);

/* ---- functions ---- */

static double least_of(double a, double b)
{
    return b < a || isnan(b) ? b : a;
}

static double most_of(double a, double b)
{
    return b > a || isnan(b) ? b : a;
}

static const struct function {
    const char *name;
    double (*of_one)(double); /* NULL: of several, folded by the other */
    double (*of_two)(double, double);
} functions[] = {{"min", NULL, least_of}, {"max", NULL, most_of}, {"abs", fabs, NULL},  {"floor", floor, NULL},
                 {"ceil", ceil, NULL},    {"exp", exp, NULL},     {"sqrt", sqrt, NULL}, {"log", log, NULL}};

static const struct function *function_named(struct slice name)
{
    for (size_t i = 0; i < ARRAY_COUNT(functions); i++)
        if (slice_equal_text(name, functions[i].name))
            return &functions[i];
    return NULL;
}

static double read_call(struct reading *reading, const struct function *function)
{
    if (!take(reading, '('))
        return fail(reading, FORMULA_UNREADABLE, reading->at);
    double value = read_sum(reading);
    while (function->of_two != NULL && reading->fault == FORMULA_FINE && take(reading, ','))
        value = function->of_two(value, read_sum(reading));
    if (!take(reading, ')'))
        return fail(reading, FORMULA_UNREADABLE, reading->at);
    return function->of_one != NULL ? function->of_one(value) : value;
}

/* ---- the grammar ---- */

static double read_number(struct reading *reading)
{
    const char *data = reading->text.data;
    size_t start = reading->at, end = start, size = reading->text.size;
    double value;
    while (end < size && (is_digit(data[end]) || data[end] == '.'))
        end++;
    if (end < size && (data[end] == 'e' || data[end] == 'E')) {
        size_t digits = end + 1;
        digits += digits < size && (data[digits] == '+' || data[digits] == '-');
        if (digits < size && is_digit(data[digits]))
            end = digits;
        while (end < size && is_digit(data[end]))
            end++;
    }
    reading->at = end;
    if (!slice_to_double(slice_range(reading->text, start, end), &value))
        return fail(reading, FORMULA_UNREADABLE, start);
    return value;
}

static double read_name(struct reading *reading)
{
    size_t start = reading->at;
    while (reading->at < reading->text.size &&
           (is_letter(reading->text.data[reading->at]) || is_digit(reading->text.data[reading->at])))
        reading->at++;
    struct slice name = slice_range(reading->text, start, reading->at);
    const struct function *function = function_named(name);
    if (function != NULL)
        return read_call(reading, function);
    for (size_t i = 0; i < reading->value_count; i++)
        if (slice_equal(reading->values[i].name, name))
            return reading->values[i].value;
    return fail(reading, FORMULA_UNKNOWN_NAME, start);
}

static double read_atom(struct reading *reading)
{
    char c = next(reading);
    if (is_digit(c) || c == '.')
        return read_number(reading);
    if (is_letter(c))
        return read_name(reading);
    if (!take(reading, '('))
        return fail(reading, FORMULA_UNREADABLE, reading->at);
    double value = read_sum(reading);
    return take(reading, ')') ? value : fail(reading, FORMULA_UNREADABLE, reading->at);
}

static double read_power(struct reading *reading)
{
    double value = read_atom(reading);
    return reading->fault == FORMULA_FINE && take(reading, '^') ? pow(value, read_sign(reading)) : value;
}

/* Whatever is deep goes through here. */
static double read_sign(struct reading *reading)
{
    double value = 0;
    if (++reading->depth > FORMULA_DEPTH_MAX)
        fail(reading, FORMULA_UNREADABLE, reading->at);
    else if (take(reading, '-'))
        value = -read_sign(reading);
    else
        value = take(reading, '+') ? read_sign(reading) : read_power(reading);
    reading->depth--;
    return value;
}

static double read_product(struct reading *reading)
{
    double value = read_sign(reading);
    while (reading->fault == FORMULA_FINE)
        if (take(reading, '*'))
            value *= read_sign(reading);
        else if (take(reading, '/'))
            value /= read_sign(reading);
        else
            break;
    return value;
}

static double read_sum(struct reading *reading)
{
    double value = read_product(reading);
    while (reading->fault == FORMULA_FINE)
        if (take(reading, '+'))
            value += read_product(reading);
        else if (take(reading, '-'))
            value -= read_product(reading);
        else
            break;
    return value;
}

bool formula_compute(struct slice formula, const struct formula_value *values, size_t count, struct formula_given *given)
{
    struct reading reading = {.text = formula, .values = values, .value_count = count};
    double value = formula.size <= FORMULA_BYTES_MAX ? read_sum(&reading)
                                                     : fail(&reading, FORMULA_UNREADABLE, FORMULA_BYTES_MAX);
    (void)next(&reading);
    if (reading.at < formula.size)
        fail(&reading, FORMULA_UNREADABLE, reading.at);
    if (!isfinite(value))
        fail(&reading, FORMULA_NO_NUMBER, 0);
    bool ok = reading.fault == FORMULA_FINE;
    *given = (struct formula_given){ok ? value : 0, reading.fault, reading.fault_at};
    return ok;
}

bool formula_is_name(struct slice name)
{
    bool ok = name.size > 0 && is_letter(name.data[0]) && function_named(name) == NULL;
    for (size_t i = 0; ok && i < name.size; i++)
        ok = is_letter(name.data[i]) || is_digit(name.data[i]);
    return ok;
}
