/* score_text.c - JSON's numbers by the rule of serde_json, the reader of the original, in its quick form:
 *
 *   the digits, with the point left out, as a 64-bit integer (further digits are dropped once they do not fit), then as a
 *   double, then times or through a power of ten, itself the nearest double
 *
 * Each step rounds, so of numbers with 17 digits about one in seven is the double beside the nearest. That decides between two
 * ways to cut a piece whose scores are equal or nearly so, hence it is done here as there. */
#include "score_text.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>

enum { POWER_MAX = 308, EXPONENT_MAX = 100000 };

struct decimal {
    uint64_t digits;
    int64_t exponent;
    bool is_full; /* a digit did not fit */
};

static void take_digit(struct decimal *decimal, unsigned digit, bool is_fraction)
{
    uint64_t digits;
    if (!decimal->is_full &&
        (__builtin_mul_overflow(decimal->digits, 10, &digits) || __builtin_add_overflow(digits, digit, &digits)))
        decimal->is_full = true;
    if (decimal->is_full) {
        decimal->exponent += !is_fraction;
        return;
    }
    decimal->digits = digits;
    decimal->exponent -= is_fraction;
}

static int64_t read_exponent(struct slice text)
{
    size_t at = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    int64_t exponent = 0;
    for (; at < text.size; at++)
        if (exponent < EXPONENT_MAX)
            exponent = 10 * exponent + (text.data[at] - '0');
    return text.size > 0 && text.data[0] == '-' ? -exponent : exponent;
}

static double power_of_ten(int64_t exponent)
{
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (exponent < (int64_t)ARRAY_COUNT(exact))
        return exact[exponent];
    char text[8];
    double power = 0;
    assert(exponent >= 0 && exponent <= POWER_MAX);
    int size = snprintf(text, sizeof(text), "1e%d", (int)exponent);
    bool ok = slice_to_double((struct slice){text, (size_t)size}, &power);
    assert(ok);
    return power;
}

static double scale(uint64_t digits, int64_t exponent)
{
    double value = (double)digits;
    while (exponent < -POWER_MAX && value != 0) {
        value /= 1e308;
        exponent += POWER_MAX;
    }
    if (value == 0)
        return 0;
    if (exponent > POWER_MAX)
        return HUGE_VAL;
    return exponent >= 0 ? value * power_of_ten(exponent) : value / power_of_ten(-exponent);
}

bool score_from_text(struct slice text, double *score)
{
    struct decimal decimal = {0};
    bool is_negative = text.size > 0 && text.data[0] == '-', is_fraction = false;
    size_t at = is_negative;
    for (; at < text.size && (text.data[at] | 0x20) != 'e'; at++) {
        if (text.data[at] == '.') {
            is_fraction = true;
            decimal.is_full = false; /* the first digit behind the point is tried anew, and a small one can fit */
        } else {
            take_digit(&decimal, (unsigned)(text.data[at] - '0'), is_fraction);
        }
    }
    if (at < text.size)
        decimal.exponent += read_exponent(slice_range(text, at + 1, text.size));
    double value = scale(decimal.digits, decimal.exponent);
    if (isinf(value))
        return false;
    *score = is_negative ? -value : value;
    return true;
}
