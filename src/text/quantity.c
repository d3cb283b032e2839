/* quantity.c - numbers with their units in an answer, in one unit of each kind.
 *
 *   The fee is € 9.50 for 1 500 litres.
 *              └euros┘     └litres────┘     sign or unit, then number, then scale, then unit
 *
 * Points and commas: of two kinds the last is the decimal one; a kind that comes twice parts thousands; a comma before three digits does too
 * ("1,500"), any other is decimal ("9,50"); a single point is decimal. */
#include "text.h"
#include <math.h>

struct unit_word {
    const char *word;
    enum quantity_unit unit;
    double factor, shift;
};

#define EURO "\xE2\x82\xAC"
#define POUND "\xC2\xA3"
#define DEGREE "\xC2\xB0"

static const struct unit_word unit_words[] = {
    {"s", QUANTITY_SECONDS, 1, 0},
    {"sec", QUANTITY_SECONDS, 1, 0},
    {"second", QUANTITY_SECONDS, 1, 0},
    {"seconds", QUANTITY_SECONDS, 1, 0},
    {"ms", QUANTITY_SECONDS, 0.001, 0},
    {"min", QUANTITY_SECONDS, 60, 0},
    {"minute", QUANTITY_SECONDS, 60, 0},
    {"minutes", QUANTITY_SECONDS, 60, 0},
    {"h", QUANTITY_SECONDS, 3600, 0},
    {"hour", QUANTITY_SECONDS, 3600, 0},
    {"hours", QUANTITY_SECONDS, 3600, 0},
    {"day", QUANTITY_SECONDS, 86400, 0},
    {"days", QUANTITY_SECONDS, 86400, 0},
    {"week", QUANTITY_SECONDS, 604800, 0},
    {"weeks", QUANTITY_SECONDS, 604800, 0},
    {"working day", QUANTITY_WORKING_DAYS, 1, 0},
    {"working days", QUANTITY_WORKING_DAYS, 1, 0},
    {"business day", QUANTITY_WORKING_DAYS, 1, 0},
    {"business days", QUANTITY_WORKING_DAYS, 1, 0},
    {"month", QUANTITY_MONTHS, 1, 0},
    {"months", QUANTITY_MONTHS, 1, 0},
    {"year", QUANTITY_MONTHS, 12, 0},
    {"years", QUANTITY_MONTHS, 12, 0},
    {"mg", QUANTITY_GRAMS, 0.001, 0},
    {"g", QUANTITY_GRAMS, 1, 0},
    {"gram", QUANTITY_GRAMS, 1, 0},
    {"grams", QUANTITY_GRAMS, 1, 0},
    {"kg", QUANTITY_GRAMS, 1000, 0},
    {"kilo", QUANTITY_GRAMS, 1000, 0},
    {"kilos", QUANTITY_GRAMS, 1000, 0},
    {"kilogram", QUANTITY_GRAMS, 1000, 0},
    {"kilograms", QUANTITY_GRAMS, 1000, 0},
    {"mm", QUANTITY_METRES, 0.001, 0},
    {"cm", QUANTITY_METRES, 0.01, 0},
    {"m", QUANTITY_METRES, 1, 0},
    {"metre", QUANTITY_METRES, 1, 0},
    {"metres", QUANTITY_METRES, 1, 0},
    {"meter", QUANTITY_METRES, 1, 0},
    {"meters", QUANTITY_METRES, 1, 0},
    {"km", QUANTITY_METRES, 1000, 0},
    {"ml", QUANTITY_LITRES, 0.001, 0},
    {"l", QUANTITY_LITRES, 1, 0},
    {"litre", QUANTITY_LITRES, 1, 0},
    {"litres", QUANTITY_LITRES, 1, 0},
    {"liter", QUANTITY_LITRES, 1, 0},
    {"liters", QUANTITY_LITRES, 1, 0},
    {DEGREE "c", QUANTITY_CELSIUS, 1, 0},
    {DEGREE "f", QUANTITY_FAHRENHEIT, 1, 0},
    {"kb", QUANTITY_BYTES, 1e3, 0},
    {"mb", QUANTITY_BYTES, 1e6, 0},
    {"gb", QUANTITY_BYTES, 1e9, 0},
    {"tb", QUANTITY_BYTES, 1e12, 0},
    {"%", QUANTITY_PERCENT, 1, 0},
    {"percent", QUANTITY_PERCENT, 1, 0},
    {"per cent", QUANTITY_PERCENT, 1, 0},
    {EURO, QUANTITY_EUROS, 1, 0},
    {"eur", QUANTITY_EUROS, 1, 0},
    {"euro", QUANTITY_EUROS, 1, 0},
    {"euros", QUANTITY_EUROS, 1, 0},
    {"$", QUANTITY_DOLLARS, 1, 0},
    {"usd", QUANTITY_DOLLARS, 1, 0},
    {"dollar", QUANTITY_DOLLARS, 1, 0},
    {"dollars", QUANTITY_DOLLARS, 1, 0},
    {POUND, QUANTITY_POUNDS, 1, 0},
    {"gbp", QUANTITY_POUNDS, 1, 0},
    {"chf", QUANTITY_FRANCS, 1, 0},
    {"am", QUANTITY_CLOCK, 60, 0},
    {"a.m.", QUANTITY_CLOCK, 60, 0},
    {"pm", QUANTITY_CLOCK, 60, 720},
    {"p.m.", QUANTITY_CLOCK, 60, 720},
    {"o'clock", QUANTITY_CLOCK, 60, 0},
};

/* Money that stands before its number. */
static const struct unit_word signs_before[] = {
    {EURO, QUANTITY_EUROS, 1, 0},  {"$", QUANTITY_DOLLARS, 1, 0},   {POUND, QUANTITY_POUNDS, 1, 0},
    {"eur", QUANTITY_EUROS, 1, 0}, {"usd", QUANTITY_DOLLARS, 1, 0}, {"chf", QUANTITY_FRANCS, 1, 0},
};

static const struct unit_word scales[] = {
    {"k", QUANTITY_NONE, 1e3, 0},
    {"thousand", QUANTITY_NONE, 1e3, 0},
    {"million", QUANTITY_NONE, 1e6, 0},
    {"billion", QUANTITY_NONE, 1e9, 0},
};

static const struct unit_word number_words[] = {
    {"two", QUANTITY_NONE, 2, 0},       {"three", QUANTITY_NONE, 3, 0},   {"four", QUANTITY_NONE, 4, 0},
    {"five", QUANTITY_NONE, 5, 0},      {"six", QUANTITY_NONE, 6, 0},     {"seven", QUANTITY_NONE, 7, 0},
    {"eight", QUANTITY_NONE, 8, 0},     {"nine", QUANTITY_NONE, 9, 0},    {"ten", QUANTITY_NONE, 10, 0},
    {"eleven", QUANTITY_NONE, 11, 0},   {"twelve", QUANTITY_NONE, 12, 0}, {"fifteen", QUANTITY_NONE, 15, 0},
    {"twenty", QUANTITY_NONE, 20, 0},   {"thirty", QUANTITY_NONE, 30, 0}, {"forty", QUANTITY_NONE, 40, 0},
    {"fifty", QUANTITY_NONE, 50, 0},    {"sixty", QUANTITY_NONE, 60, 0},  {"ninety", QUANTITY_NONE, 90, 0},
    {"hundred", QUANTITY_NONE, 100, 0},
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static char small(char byte)
{
    return (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

/* Begins a character of a word, as far as a number's neighbours go: letters and digits of ASCII, and what begins with other bytes than signs do
 * (C2: pound and degree; E2: euro, dashes, thin blanks). */
static bool is_word_byte(struct slice text, size_t at)
{
    if (at >= text.size)
        return false;
    unsigned char byte = (unsigned char)text.data[at];
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (byte >= 0xC3 && byte != 0xE2);
}

/* Blanks of one byte, and the two that stand in numbers: U+00A0 and U+202F (also U+2009). */
static size_t blank_size(struct slice text, size_t at)
{
    if (at < text.size && text.data[at] == ' ')
        return 1;
    struct slice rest = slice_range(text, at, text.size);
    if (slice_starts_with(rest, SLICE("\xC2\xA0")))
        return 2;
    return slice_starts_with(rest, SLICE("\xE2\x80\xAF")) || slice_starts_with(rest, SLICE("\xE2\x80\x89")) ? 3 : 0;
}

/* The longest of the words that stands at `at` and ends there. */
static const struct unit_word *word_at(struct slice text, size_t at, const struct unit_word *words, size_t count)
{
    const struct unit_word *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(words[i].word), same = 0;
        while (same < size && at + same < text.size && small(text.data[at + same]) == words[i].word[same])
            same++;
        bool ends = same == size && (!is_word_byte(slice_from(words[i].word), size - 1) || !is_word_byte(text, at + size));
        if (ends && (best == NULL || size > strlen(best->word)))
            best = &words[i];
    }
    return best;
}

/* Digits with their separators, up to `*end`. */
struct digits {
    char text[40]; /* without separators, a point where the fraction begins */
    size_t end;
};

static size_t digits_in_row(struct slice text, size_t at)
{
    size_t count = 0;
    while (at + count < text.size && is_digit(text.data[at + count]))
        count++;
    return count;
}

/* How many of this separator stand before groups of digits from `at` on. */
static void count_separators(struct slice text, size_t at, size_t *commas, size_t *points, char *last)
{
    *commas = *points = 0;
    for (;;) {
        at += digits_in_row(text, at);
        if (at + 1 >= text.size || (text.data[at] != ',' && text.data[at] != '.') || !is_digit(text.data[at + 1]))
            return;
        *commas += text.data[at] == ',';
        *points += text.data[at] == '.';
        *last = text.data[at++];
    }
}

static bool is_decimal(struct slice text, size_t at, size_t commas, size_t points, char last)
{
    size_t behind = digits_in_row(text, at + 1);
    if (commas > 0 && points > 0)
        return text.data[at] == last;
    if (commas + points > 1)
        return false;
    return text.data[at] == '.' || behind != 3;
}

static bool read_digits(struct slice text, size_t at, struct digits *digits)
{
    size_t commas, points, size = 0;
    char last = '\0';
    bool in_fraction = false;
    *digits = (struct digits){0};
    count_separators(text, at, &commas, &points, &last);
    for (;;) {
        size_t count = digits_in_row(text, at), blank;
        if (count == 0 || size + count + 2 > sizeof(digits->text))
            return false;
        memcpy(digits->text + size, text.data + at, count);
        size += count;
        at += count;
        blank = blank_size(text, at);
        bool is_point = at + 1 < text.size && (text.data[at] == ',' || text.data[at] == '.') && is_digit(text.data[at + 1]);
        bool is_group = blank > 0 && commas + points == 0 && digits_in_row(text, at + blank) == 3 && count <= 3;
        if (is_group) {
            at += blank;
            count_separators(text, at, &commas, &points, &last);
        } else if (is_point && !in_fraction) {
            in_fraction = is_decimal(text, at, commas, points, last);
            if (in_fraction)
                digits->text[size++] = '.';
            at++;
        } else {
            digits->end = at;
            return true;
        }
    }
}

/* "14:00" and what may follow it. */
static bool read_clock(struct slice text, size_t at, struct quantity *quantity)
{
    size_t hours = digits_in_row(text, at), colon = at + hours;
    if (hours == 0 || hours > 2 || colon >= text.size || text.data[colon] != ':' || digits_in_row(text, colon + 1) != 2 ||
        is_word_byte(text, colon + 3))
        return false;
    uint64_t hour, minute;
    if (!slice_to_u64(slice_range(text, at, colon), &hour) || !slice_to_u64(slice_range(text, colon + 1, colon + 3), &minute) ||
        hour > 24 || minute > 59)
        return false;
    size_t end = colon + 3, blank = blank_size(text, end);
    const struct unit_word *half = word_at(text, end + blank, unit_words, ARRAY_COUNT(unit_words));
    *quantity = (struct quantity){(double)(hour * 60 + minute), QUANTITY_CLOCK, at, end, (double)hour + (double)minute / 100};
    if (half != NULL && half->unit == QUANTITY_CLOCK) {
        quantity->value = fmod((double)hour, 12) * 60 + (double)minute + half->shift;
        quantity->end = end + blank + strlen(half->word);
    }
    return true;
}

/* The unit behind a number, which a scale may part from it. */
static void read_unit(struct slice text, struct quantity *quantity)
{
    size_t blank = blank_size(text, quantity->end);
    const struct unit_word *scale = word_at(text, quantity->end + blank, scales, ARRAY_COUNT(scales));
    if (scale != NULL && (blank == 0 || strlen(scale->word) > 1)) {
        quantity->value *= scale->factor;
        quantity->end += blank + strlen(scale->word);
        blank = blank_size(text, quantity->end);
    }
    quantity->number = quantity->value;
    if (quantity->unit != QUANTITY_NONE)
        return;
    if (blank == 0 && quantity->end < text.size && text.data[quantity->end] == '-')
        blank = 1; /* "30-day" */
    const struct unit_word *unit = word_at(text, quantity->end + blank, unit_words, ARRAY_COUNT(unit_words));
    if (unit == NULL || (unit->unit == QUANTITY_CLOCK && quantity->value > 12))
        return;
    if (unit->unit == QUANTITY_CLOCK)
        quantity->value = fmod(quantity->value, 12);
    quantity->value = quantity->value * unit->factor + unit->shift;
    quantity->unit = unit->unit;
    quantity->end += blank + strlen(unit->word);
}

/* Money and a minus sign before the digits at `at`. */
static void read_before(struct slice text, size_t from, struct quantity *quantity)
{
    size_t at = quantity->start;
    if (at > from && text.data[at - 1] == '-' && (at - 1 == from || !is_word_byte(text, at - 2))) {
        quantity->value = -quantity->value;
        quantity->start = --at;
    } else if (at >= from + 3 && memcmp(text.data + at - 3, "\xE2\x88\x92", 3) == 0) {
        quantity->value = -quantity->value;
        quantity->start = at -= 3;
    }
    if (at > from && text.data[at - 1] == ' ')
        at--;
    for (size_t i = 0; i < ARRAY_COUNT(signs_before); i++) {
        size_t size = strlen(signs_before[i].word);
        if (at >= from + size && word_at(text, at - size, &signs_before[i], 1) != NULL &&
            (at - size == 0 || !is_word_byte(text, at - size - 1))) {
            quantity->unit = signs_before[i].unit;
            quantity->start = at - size;
            return;
        }
    }
}

static bool read_number(struct slice text, size_t at, size_t from, struct quantity *quantity)
{
    struct digits digits;
    if (read_clock(text, at, quantity))
        return true;
    if (!read_digits(text, at, &digits))
        return false;
    *quantity = (struct quantity){.start = at, .end = digits.end};
    if (!slice_to_double(slice_from(digits.text), &quantity->value))
        return false;
    read_before(text, from, quantity);
    read_unit(text, quantity);
    return true;
}

static size_t word_end(struct slice text, size_t at)
{
    while (is_word_byte(text, at) || (at < text.size && ((unsigned char)text.data[at] & 0xC0) == 0x80))
        at++;
    return at;
}

bool quantity_next(struct slice text, size_t *at, struct quantity *quantity)
{
    size_t from = *at;
    for (size_t i = from; i < text.size;) {
        bool begins = i == 0 || !is_word_byte(text, i - 1);
        const struct unit_word *word = begins ? word_at(text, i, number_words, ARRAY_COUNT(number_words)) : NULL;
        bool found = false;
        if (word != NULL) {
            *quantity = (struct quantity){word->factor, QUANTITY_NONE, i, i + strlen(word->word), word->factor};
            read_unit(text, quantity);
            found = true;
        } else if (begins && is_digit(text.data[i])) {
            found = read_number(text, i, from, quantity);
        }
        bool is_code = found && quantity->unit == QUANTITY_NONE && is_word_byte(text, quantity->end);
        if (found && !is_code) {
            *at = quantity->end;
            return true;
        }
        i = is_word_byte(text, i) ? word_end(text, i) : i + 1;
    }
    *at = text.size;
    return false;
}
