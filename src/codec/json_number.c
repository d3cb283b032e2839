/* json_number.c - decimal text into the nearest double.
 *
 * A number is digits · 10^exponent. With at most 19 digits and |exponent| ≤ 27, which is nearly every number that a file holds, both
 * digits and 5^|exponent| fit 64 bits: their product or quotient in 128 bits is exact but for a remainder, of which only matters
 * whether there is one. Anything else is left to strtod, as an integer with an exponent, so that no locale's decimal point matters. */
#include "json_number.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

enum {
    DIGITS_QUICK = 19, /* 10^19 - 1 < 2^64 */
    POWER_QUICK = 27, /* 5^27 < 2^63 */
    DIGITS_KEPT = 800, /* the middle between two doubles has at most 767 digits */
    EXPONENT_MAX = 9999, /* with 800 digits before it: far past all doubles, on both sides */
    MANTISSA_BITS = 53
};

struct number {
    bool is_negative, is_whole; /* whole: no fraction, no exponent */
    size_t digits_at, digits_end; /* digits and point in the source */
    uint64_t digits; /* the first 19 that count */
    size_t digit_count; /* that count: those behind leading zeros */
    int64_t exponent; /* as it is written */
    int64_t fraction; /* digits behind the point */
};

static bool is_digit(struct slice source, size_t at)
{
    return at < source.size && source.data[at] >= '0' && source.data[at] <= '9';
}

/* The digits from `at` on; the place behind them. */
static size_t take_digits(struct slice source, size_t at, struct number *number)
{
    for (; is_digit(source, at); at++) {
        unsigned digit = (unsigned)(source.data[at] - '0');
        if (number->digit_count < DIGITS_QUICK)
            number->digits = 10 * number->digits + digit;
        number->digit_count += number->digit_count > 0 || digit > 0;
    }
    return at;
}

static bool take_exponent(struct slice source, size_t *at, struct number *number)
{
    size_t i = *at + 1; /* behind the e */
    bool is_negative = i < source.size && source.data[i] == '-';
    i += is_negative || (i < source.size && source.data[i] == '+');
    *at = i;
    if (!is_digit(source, i))
        return false;
    for (; is_digit(source, i); i++)
        if (number->exponent < INT64_MAX / 20) /* past that nothing changes: a source has less than 2^40 digits */
            number->exponent = 10 * number->exponent + (source.data[i] - '0');
    if (is_negative)
        number->exponent = -number->exponent;
    number->is_whole = false;
    *at = i;
    return true;
}

/* The grammar: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool scan(struct slice source, size_t *at, struct number *number, const char **wanted)
{
    *wanted = "a digit";
    number->is_negative = source.data[*at] == '-';
    *at += number->is_negative;
    number->is_whole = true;
    number->digits_at = *at;
    if (!is_digit(source, *at))
        return false;
    if (source.data[*at] == '0' && is_digit(source, *at + 1)) {
        *wanted = "a number without needless zeros in front";
        return false;
    }
    *at = take_digits(source, *at, number);
    if (*at < source.size && source.data[*at] == '.') {
        size_t first = ++*at;
        if (!is_digit(source, first))
            return false;
        *at = take_digits(source, first, number);
        number->fraction = (int64_t)(*at - first);
        number->is_whole = false;
    }
    number->digits_end = *at;
    if (*at < source.size && (source.data[*at] | 0x20) == 'e')
        return take_exponent(source, at, number);
    return true;
}

static int bits_of(wide n)
{
    uint64_t high = (uint64_t)(n >> 64), low = (uint64_t)n;
    return high ? 128 - __builtin_clzll(high) : low ? 64 - __builtin_clzll(low) : 0;
}

/* n · 2^exponent, and a little more when `has_rest`, as the nearest double; `exponent` keeps it far from both ends of the range. */
static double round_wide(wide n, int exponent, bool has_rest)
{
    int shift = bits_of(n) - MANTISSA_BITS;
    if (shift <= 0) {
        assert(!has_rest);
        return ldexp((double)(uint64_t)n, exponent);
    }
    uint64_t mantissa = (uint64_t)(n >> shift);
    wide low = n & (((wide)1 << shift) - 1), half = (wide)1 << (shift - 1);
    if (low > half || (low == half && (has_rest || (mantissa & 1))))
        mantissa++;
    return ldexp((double)mantissa, exponent + shift);
}

static double quick_value(uint64_t digits, int exponent)
{
    assert(exponent >= -POWER_QUICK && exponent <= POWER_QUICK);
    if (digits == 0)
        return 0;
    uint64_t power = 1;
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
        power *= 5;
    if (exponent >= 0)
        return round_wide((wide)digits * power, exponent, false);
    int lead = __builtin_clzll(digits);
    wide dividend = (wide)(digits << lead) << 64; /* at least 2^127, so that the quotient has more than 64 bits */
    return round_wide(dividend / power, exponent - lead - 64, dividend % power != 0);
}

/* Any number of digits, any exponent. Infinite when it is past the range. */
static double long_value(struct slice source, const struct number *number)
{
    char text[DIGITS_KEPT + 16];
    size_t kept = 0;
    int64_t exponent = number->exponent;
    bool is_fraction = false, has_rest = false;
    for (size_t i = number->digits_at; i < number->digits_end; i++) {
        char digit = source.data[i];
        if (digit == '.') {
            is_fraction = true;
            continue;
        }
        bool is_kept = kept < DIGITS_KEPT;
        if (is_kept && (kept > 0 || digit != '0'))
            text[kept++] = digit;
        has_rest = has_rest || (!is_kept && digit != '0');
        exponent += is_kept ? -(int64_t)is_fraction : !is_fraction;
    }
    if (kept == 0)
        return 0;
    if (has_rest) { /* a last digit tells the middle between two doubles from what lies above it */
        text[kept++] = '1';
        exponent--;
    }
    exponent = exponent > EXPONENT_MAX ? EXPONENT_MAX : exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
    snprintf(text + kept, sizeof(text) - kept, "e%d", (int)exponent);
    return strtod(text, NULL);
}

bool json_number_read(struct slice source, size_t *at, struct json_value *value, const char **wanted)
{
    assert(*at < source.size);
    struct number number = {0};
    size_t start = *at;
    if (!scan(source, at, &number, wanted))
        return false;
    int64_t exponent = number.exponent - number.fraction;
    bool is_quick = number.digit_count <= DIGITS_QUICK && exponent >= -POWER_QUICK && exponent <= POWER_QUICK;
    double real = is_quick ? quick_value(number.digits, (int)exponent) : long_value(source, &number);
    if (isinf(real)) {
        *at = start;
        *wanted = "a number within the range of doubles";
        return false;
    }
    value->kind = JSON_NUMBER;
    value->real = number.is_negative ? -real : real;
    uint64_t most = (uint64_t)INT64_MAX + number.is_negative;
    value->is_integer = number.is_whole && number.digit_count <= DIGITS_QUICK && number.digits <= most;
    if (value->is_integer)
        value->integer = number.is_negative ? (int64_t)(0 - number.digits) : (int64_t)number.digits;
    return true;
}
