/* numbers.c - numbers as text without printf, which takes as long for a vector as the model takes to make it. */
#include "numbers.h"
#include <math.h>
#include <stdio.h>

enum { DIGITS = 9, U32_DIGITS_MAX = 10, F32_TEXT_MAX = 24 };

void append_u32(struct buffer *out, uint32_t number)
{
    char digits[U32_DIGITS_MAX];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buffer_append(out, digits + at, sizeof(digits) - at);
}

/* 1e-4 … 1e9: digits × 10^(exponent - 8). The power is exact and the product is rounded once, in 53 bits: off by less than a
 * millionth of the ninth digit, where neighbours of 24 bits are ten of it apart. */
static size_t write_plain(char *text, double size)
{
    static const double powers[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    enum { ONE = 4 }; /* powers[ONE] is 1 */
    char digits[DIGITS];
    int exponent = -4;
    while (size >= powers[ONE + exponent + 1])
        exponent++;
    uint64_t number = (uint64_t)llround(size * powers[ONE + DIGITS - 1 - exponent]);
    if (number == 1000000000) { /* rounded up to one more digit */
        number = 100000000;
        exponent++;
    }
    for (size_t i = DIGITS; i-- > 0; number /= 10)
        digits[i] = (char)('0' + number % 10);
    size_t count = DIGITS, at = 0;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    if (exponent < 0) {
        text[at++] = '0';
        text[at++] = '.';
        for (int i = -1; i > exponent; i--)
            text[at++] = '0';
    }
    for (size_t i = 0; i < count || (int)i <= exponent; i++) {
        if (exponent >= 0 && (int)i == exponent + 1)
            text[at++] = '.';
        text[at++] = i < count ? digits[i] : '0';
    }
    return at;
}

void append_f32(struct buffer *out, float number)
{
    char text[F32_TEXT_MAX];
    double size = fabs((double)number);
    if (!isfinite(number)) {
        buffer_append_text(out, "null");
    } else if (size == 0) {
        buffer_append_text(out, signbit(number) ? "-0.0" : "0");
    } else if (size < 1e-4 || size >= 1e9 - 1) {
        buffer_format(out, "%.9g", (double)number);
    } else {
        size_t start = number < 0 ? 1 : 0;
        text[0] = '-';
        buffer_append(out, text, start + write_plain(text + start, size));
    }
}
