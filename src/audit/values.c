/* values.c - numbers and dates in running text, as a person would compare them: "two weeks" is 14 days, "€1,500" is 1500 euros.
 *
 *   The fee is $45 per month from 3 May 2024 on.
 *              └money USD 45         └date, one day
 *
 * The text is walked piece by piece (words, signs, spaces), and at each piece the readers below are tried in order; the first that knows
 * what stands there takes it. Only what has a unit, or a form of its own, is a value: a bare number says nothing that could be compared. */
#include "sentence.h"
#include "value_words.h"
#include <assert.h>
#include <math.h>
#include <string.h>

enum { RANGE_BYTES = 6 /* of a joining word or dash */ };

struct reading {
    struct pieces pieces;
    size_t at;
    struct value *values;
    size_t count;
};

/* ---- numbers ---- */

static const struct number_word {
    const char *word;
    double number;
} number_words[] = {
    {"one", 1},       {"two", 2},       {"three", 3},    {"four", 4},     {"five", 5},      {"six", 6},
    {"seven", 7},     {"eight", 8},     {"nine", 9},     {"ten", 10},     {"eleven", 11},   {"twelve", 12},
    {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16}, {"twenty", 20},   {"thirty", 30},
    {"forty", 40},    {"fifty", 50},    {"sixty", 60},   {"ninety", 90},  {"hundred", 100},
};

struct number {
    double value;
    bool plain; /* digits alone: no sign, point or comma */
    size_t end; /* the piece behind it */
    struct slice suffix; /* letters that follow at once: "25MB" */
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* "12,50": one or two digits behind a comma, and no more, as most of Europe writes them. */
static bool is_decimal(struct slice text, size_t comma)
{
    size_t end = comma + 1;
    while (end < text.size && is_digit(text.data[end]))
        end++;
    return (end == comma + 2 || end == comma + 3) && (end == text.size || !byte_among(text.data[end], ",.'"));
}

/* Digits with points and commas as English writes them: "1,500.25"; commas stand before three digits. */
static bool read_digits(struct slice text, struct number *number)
{
    double value = 0, place = 0;
    size_t i = 0;
    if (text.size == 0 || text.size > 24 || !is_digit(text.data[0]))
        return false;
    number->plain = true;
    for (; i < text.size; i++) {
        char byte = text.data[i];
        if (is_digit(byte)) {
            value = value * 10 + (byte - '0');
            place *= 10;
        } else if (byte == ',' && place < 1 && text.size - i >= 4 && is_digit(text.data[i + 1]) && is_digit(text.data[i + 2]) &&
                   is_digit(text.data[i + 3]) && (text.size - i == 4 || !is_digit(text.data[i + 4]))) {
            number->plain = false;
        } else if ((byte == '.' && place < 1 && i + 1 < text.size && is_digit(text.data[i + 1])) ||
                   (byte == ',' && place < 1 && is_decimal(text, i))) {
            place = 1;
            number->plain = false;
        } else {
            break;
        }
    }
    number->value = place > 1 ? value / place : value;
    number->suffix = slice_range(text, i, text.size);
    return number->suffix.size == 0 || !byte_among(number->suffix.data[0], ",.'");
}

/* "1.500" and "1.250,00" where English would write "1,500" and "1,250.00". */
static bool read_continental(struct slice text, struct number *number)
{
    double value = 0, cents = 0;
    size_t run = 0, i = 0, points = 0;
    for (; i < text.size && (is_digit(text.data[i]) || text.data[i] == '.'); i++) {
        bool is_point = text.data[i] == '.';
        if (is_point && (run == 0 || run > 3 || (points > 0 && run != 3)))
            return false;
        points += is_point;
        run = is_point ? 0 : run + 1;
        value = is_point ? value : value * 10 + (text.data[i] - '0');
    }
    if (points == 0 || run != 3)
        return false;
    bool has_cents = i + 3 == text.size && text.data[i] == ',' && is_digit(text.data[i + 1]) && is_digit(text.data[i + 2]);
    if (has_cents)
        cents = (text.data[i + 1] - '0') * 0.1 + (text.data[i + 2] - '0') * 0.01;
    number->value = value + cents;
    return has_cents || i == text.size;
}

static bool read_number(const struct pieces *pieces, size_t at, struct number *number)
{
    struct slice text = piece_text(pieces, at);
    *number = (struct number){.end = at + 1};
    if (!pieces->is_english && text.size <= 24 && read_continental(text, number))
        return true;
    *number = (struct number){.end = at + 1};
    if (read_digits(text, number))
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(number_words); i++)
        if (piece_is(pieces, at, number_words[i].word)) {
            number->value = number_words[i].number;
            return true;
        }
    return false;
}

/* "5 thousand", "2.5 million", "10k". */
static void scale(const struct pieces *pieces, struct number *number)
{
    static const struct number_word scales[] = {{"k", 1e3}, {"thousand", 1e3}, {"million", 1e6}, {"billion", 1e9}};
    size_t next = piece_after_blank(pieces, number->end);
    for (size_t i = 0; i < ARRAY_COUNT(scales); i++) {
        if (number->suffix.size > 0 && slice_equal_ignoring_case(number->suffix, scales[i].word)) {
            number->value *= scales[i].number;
            number->suffix.size = 0;
            return;
        }
        if (number->suffix.size == 0 && strlen(scales[i].word) > 1 && piece_is(pieces, next, scales[i].word)) {
            number->value *= scales[i].number;
            number->end = next + 1;
            return;
        }
    }
}

/* ---- dates ---- */

bool date_days(int64_t year, int64_t month, int64_t day, int64_t *days)
{
    static const int64_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (month == 2 && leap))
        return false;
    int64_t y = month <= 2 ? year - 1 : year; /* years that begin in March, so that a leap day is the last */
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t era = y / 400, year_of_era = y % 400;
    *days = era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
    return true;
}

static int64_t month_end(int64_t year, int64_t month)
{
    int64_t days = 0;
    bool known = month == 12 ? date_days(year + 1, 1, 1, &days) : date_days(year, month + 1, 1, &days);
    return known ? days - 1 : 0;
}

static int64_t english_month(const struct pieces *pieces, size_t at)
{
    static const char *const names[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};
    struct slice text = piece_text(pieces, at);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (slice_equal_ignoring_case(text, names[i]))
            return (int64_t)i + 1;
        bool is_short = text.size == 3 || (text.size == 4 && i == 8);
        if (is_short && slice_equal_ignoring_case(text, names[i]) == false) {
            char start[5] = {0};
            memcpy(start, names[i], text.size);
            if (slice_equal_ignoring_case(text, start))
                return (int64_t)i + 1;
        }
    }
    return 0;
}

static bool is_capital(struct slice text)
{
    return text.size > 0 && text.data[0] >= 'A' && text.data[0] <= 'Z';
}

/* English months have a capital, as "may" has not; those of other languages stand as they are. */
static int64_t month_named(const struct pieces *pieces, size_t at)
{
    int64_t month = is_capital(piece_text(pieces, at)) ? english_month(pieces, at) : 0;
    return month > 0 ? month : foreign_month(pieces, at);
}

static bool year_at(const struct pieces *pieces, size_t at, int64_t *year)
{
    struct number number = {0};
    struct slice text = piece_text(pieces, at);
    if (text.size != 4 || !read_digits(text, &number) || number.suffix.size > 0 || number.value < 1900 || number.value > 2100)
        return false;
    *year = (int64_t)number.value;
    return true;
}

/* A day of a month: "3", "3rd", "03". */
static bool day_at(const struct pieces *pieces, size_t at, int64_t *day)
{
    struct number number = {0};
    struct slice text = piece_text(pieces, at);
    static const char *const ends[] = {"st", "nd", "rd", "th"};
    if (text.size > 4 || !read_digits(text, &number) || number.value < 1 || number.value > 31 || !number.plain)
        return false;
    bool known = number.suffix.size == 0;
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
        known = known || slice_equal_ignoring_case(number.suffix, ends[i]);
    *day = (int64_t)number.value;
    return known;
}

static void put(struct reading *reading, struct value value, size_t end)
{
    value.start = reading->pieces.items[reading->at].start;
    value.end = piece_end(&reading->pieces, end - 1);
    if (reading->count < VALUES_MAX)
        reading->values[reading->count++] = value;
    reading->at = end;
}

static bool put_day(struct reading *reading, int64_t year, int64_t month, int64_t day, size_t end)
{
    int64_t days;
    if (!date_days(year, month, day, &days))
        return false;
    put(reading, (struct value){.kind = VALUE_DATE, .grain = DATE_DAY, .number = (double)days, .last = days}, end);
    return true;
}

static bool put_month(struct reading *reading, int64_t year, int64_t first, int64_t last, size_t end)
{
    int64_t days;
    if (!date_days(year, first, 1, &days))
        return false;
    put(reading, (struct value){.kind = VALUE_DATE, .grain = DATE_MONTH, .number = (double)days, .last = month_end(year, last)},
        end);
    return true;
}

/* 2026-11-26, 26.11.2026, 26/11/2026 and 11/26/2026 where only one reading is a day. */
static bool read_numeric_date(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    struct slice text = piece_text(pieces, reading->at), part;
    int64_t year, first, second;
    if (year_at(pieces, reading->at, &year) && piece_sign(pieces, reading->at + 1) == '-' &&
        day_at(pieces, reading->at + 2, &first) && piece_sign(pieces, reading->at + 3) == '-' &&
        day_at(pieces, reading->at + 4, &second))
        return put_day(reading, year, first, second, reading->at + 5);
    if (day_at(pieces, reading->at, &first) && piece_sign(pieces, reading->at + 1) == '/' &&
        day_at(pieces, reading->at + 2, &second) && piece_sign(pieces, reading->at + 3) == '/' &&
        year_at(pieces, reading->at + 4, &year) && (first > 12 || second > 12 || first == second))
        return first > 12 ? put_day(reading, year, second, first, reading->at + 5)
                          : put_day(reading, year, first, second, reading->at + 5);
    int64_t parts[3];
    size_t count = 0;
    while (text.size <= 10 && slice_next(&text, '.', &part)) {
        uint64_t number;
        if (count == 3 || !slice_to_u64(part, &number) || number > 9999)
            return false;
        parts[count++] = (int64_t)number;
    }
    return count == 3 && parts[2] >= 1900 && parts[2] <= 2100 &&
           put_day(reading, parts[2], parts[1], parts[0], reading->at + 1);
}

/* A year behind a month or a day: "March 2021", "March, 2021", "March of 2021". */
static bool year_behind(const struct pieces *pieces, size_t at, int64_t *year, size_t *end)
{
    if (piece_sign(pieces, at) == '.') /* "Nov. 2021" */
        at++;
    if (piece_sign(pieces, at) == ',')
        at++;
    at = piece_after_blank(pieces, at);
    if (piece_is(pieces, at, "of") || piece_is(pieces, at, "de"))
        at = piece_after_blank(pieces, at + 1);
    *end = at + 1;
    return year_at(pieces, at, year);
}

/* At a month's name: "March 15, 2021", "March 2021", "March 15". */
static bool read_month_first(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    int64_t month = month_named(pieces, reading->at), day, year;
    size_t end, next = reading->at + 1;
    if (month == 0)
        return false;
    if (piece_sign(pieces, next) == '.')
        next++;
    next = piece_after_blank(pieces, next);
    if (day_at(pieces, next, &day)) {
        if (year_behind(pieces, next + 1, &year, &end))
            return put_day(reading, year, month, day, end);
        int64_t days;
        if (!date_days(2000, month, day, &days))
            return false;
        put(reading,
            (struct value){.kind = VALUE_DATE, .grain = DATE_DAY_OF_YEAR, .number = (double)(month * 100 + day), .last = days},
            next + 1);
        return true;
    }
    return year_behind(pieces, reading->at + 1, &year, &end) && put_month(reading, year, month, month, end);
}

/* At a day: "15 March 2021", "15th of March". */
static bool read_day_first(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    int64_t day, year, days;
    size_t end, at = reading->at + 1;
    if (!day_at(pieces, reading->at, &day))
        return false;
    if (piece_sign(pieces, at) == '.')
        at++;
    at = piece_after_blank(pieces, at);
    if (piece_is(pieces, at, "of") || piece_is(pieces, at, "de"))
        at = piece_after_blank(pieces, at + 1);
    int64_t month = month_named(pieces, at);
    if (month == 0 || !date_days(2000, month, day, &days))
        return false;
    if (year_behind(pieces, at + 1, &year, &end))
        return put_day(reading, year, month, day, end);
    put(reading,
        (struct value){.kind = VALUE_DATE, .grain = DATE_DAY_OF_YEAR, .number = (double)(month * 100 + day), .last = days},
        at + 1);
    return true;
}

/* "Q3 2022", "spring 2022". */
static bool read_season(struct reading *reading)
{
    static const char *const quarters[] = {"q1", "q2", "q3", "q4"};
    static const char *const seasons[] = {"spring", "summer", "autumn", "fall", "winter"};
    static const int64_t season_first[] = {3, 6, 9, 9, 10};
    const struct pieces *pieces = &reading->pieces;
    int64_t year;
    size_t end;
    for (size_t i = 0; i < ARRAY_COUNT(quarters); i++)
        if (piece_is(pieces, reading->at, quarters[i]) && year_behind(pieces, reading->at + 1, &year, &end))
            return put_month(reading, year, 3 * (int64_t)i + 1, 3 * (int64_t)i + 3, end);
    for (size_t i = 0; i < ARRAY_COUNT(seasons); i++)
        if (piece_is(pieces, reading->at, seasons[i]) && year_behind(pieces, reading->at + 1, &year, &end))
            return put_month(reading, year, season_first[i], season_first[i] + 2, end);
    return false;
}

static bool read_year(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    int64_t year, days;
    char before = reading->at > 0 ? piece_sign(pieces, reading->at - 1) : '\0', behind = piece_sign(pieces, reading->at + 1);
    if (!year_at(pieces, reading->at, &year) || byte_among(before, "-/#+$.") || byte_among(behind, "-/%_") ||
        !date_days(year, 1, 1, &days))
        return false;
    put(reading, (struct value){.kind = VALUE_DATE, .grain = DATE_YEAR, .number = (double)days, .last = month_end(year, 12)},
        reading->at + 1);
    return true;
}

/* "9 pm", "9:30", "21:00". */
static bool read_time(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    struct number hour, minute = {0};
    if (!read_number(pieces, reading->at, &hour) || !hour.plain || hour.value > 24)
        return false;
    size_t end = reading->at + 1;
    bool has_minutes = piece_sign(pieces, end) == ':' && read_number(pieces, end + 1, &minute) && minute.plain &&
                       minute.value < 60 && piece_text(pieces, end + 1).size >= 2;
    struct slice suffix = hour.suffix;
    if (has_minutes) {
        suffix = minute.suffix;
        end += 2;
    }
    size_t next = piece_after_blank(pieces, end);
    if (suffix.size == 0 && piece_is_word(pieces, next)) {
        suffix = piece_text(pieces, next);
        if (piece_is(pieces, next, "a") || piece_is(pieces, next, "p")) /* "a.m." is one piece, "a. m." is not read */
            suffix.size = 0;
        if (slice_equal_ignoring_case(suffix, "am") || slice_equal_ignoring_case(suffix, "pm") ||
            slice_equal_ignoring_case(suffix, "a.m") || slice_equal_ignoring_case(suffix, "p.m"))
            end = next + 1;
        else
            suffix.size = 0;
    }
    if (suffix.size == 0 && piece_is(pieces, next, "uhr")) { /* "9 Uhr" */
        has_minutes = true;
        end = next + 1;
    }
    bool am = slice_equal_ignoring_case(suffix, "am") || slice_equal_ignoring_case(suffix, "a.m");
    bool pm = slice_equal_ignoring_case(suffix, "pm") || slice_equal_ignoring_case(suffix, "p.m");
    if ((!am && !pm && !has_minutes) || (suffix.size > 0 && !am && !pm) || ((am || pm) && hour.value > 12))
        return false;
    double hours = pm && hour.value < 12 ? hour.value + 12 : am && hour.value >= 12 ? 0 : hour.value;
    put(reading, (struct value){.kind = VALUE_TIME, .number = hours * 60 + minute.value}, end);
    return true;
}

/* ---- amounts ---- */

static const struct {
    const char *sign, *unit;
} currencies[] = {
    {"$", "usd"},      {"€", "eur"},      {"£", "gbp"},       {"usd", "usd"},    {"eur", "eur"},
    {"gbp", "gbp"},    {"dollar", "usd"}, {"dollars", "usd"}, {"euro", "eur"},   {"euros", "eur"},
    {"pounds", "gbp"}, {"chf", "chf"},    {"cent", "cent"},   {"cents", "cent"},
};

static const char *currency_at(const struct pieces *pieces, size_t at)
{
    for (size_t i = 0; i < ARRAY_COUNT(currencies); i++)
        if (piece_is(pieces, at, currencies[i].sign))
            return currencies[i].unit;
    return NULL;
}

static bool read_money(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    const char *unit = currency_at(pieces, reading->at);
    struct number number;
    if (unit != NULL && read_number(pieces, piece_after_blank(pieces, reading->at + 1), &number)) {
        scale(pieces, &number);
        if (number.suffix.size > 0)
            return false;
        put(reading, (struct value){.kind = VALUE_MONEY, .unit = slice_from(unit), .number = number.value}, number.end);
        return true;
    }
    if (unit != NULL || !read_number(pieces, reading->at, &number))
        return false;
    if (slice_equal_text(number.suffix, "p") && number.value < 100) { /* pence, and not lines of a picture */
        put(reading, (struct value){.kind = VALUE_MONEY, .unit = SLICE("pence"), .number = number.value}, number.end);
        return true;
    }
    scale(pieces, &number);
    size_t next = piece_after_blank(pieces, number.end);
    unit = number.suffix.size == 0 ? currency_at(pieces, next) : NULL;
    if (unit == NULL)
        return false;
    put(reading, (struct value){.kind = VALUE_MONEY, .unit = slice_from(unit), .number = number.value}, next + 1);
    return true;
}

static bool read_percent(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    struct number number;
    if (!read_number(pieces, reading->at, &number) || number.suffix.size > 0)
        return false;
    size_t next = piece_after_blank(pieces, number.end);
    if (piece_sign(pieces, next) != '%' && !piece_is(pieces, next, "percent"))
        return false;
    put(reading, (struct value){.kind = VALUE_PERCENT, .number = number.value}, next + 1);
    return true;
}

static const struct duration {
    const char *unit;
    double seconds;
} durations[] = {
    {"second", 1},     {"seconds", 1},     {"minute", 60},      {"minutes", 60},    {"min", 60},         {"mins", 60},
    {"hour", 3600},    {"hours", 3600},    {"hrs", 3600},       {"day", 86400},     {"days", 86400},     {"week", 604800},
    {"weeks", 604800}, {"month", 2629800}, {"months", 2629800}, {"year", 31557600}, {"years", 31557600},
};

static bool read_duration(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    struct number number;
    struct slice kind = {"", 0};
    bool is_foreign = !read_number(pieces, reading->at, &number);
    if (is_foreign)
        number = (struct number){.value = foreign_number(pieces, reading->at), .end = reading->at + 1};
    if (number.value <= 0 || number.suffix.size > 0)
        return false;
    size_t next = number.end;
    if (piece_sign(pieces, next) == '-') /* "30-day" */
        next++;
    next = piece_after_blank(pieces, next);
    if (piece_is(pieces, next, "working") || piece_is(pieces, next, "business")) {
        kind = SLICE("working");
        next = piece_after_blank(pieces, next + 1);
    } else if (piece_is(pieces, next, "calendar") || piece_is(pieces, next, "full") || piece_is(pieces, next, "consecutive")) {
        next = piece_after_blank(pieces, next + 1);
    }
    for (size_t i = 0; !is_foreign && i < ARRAY_COUNT(durations); i++)
        if (piece_is(pieces, next, durations[i].unit)) {
            put(reading, (struct value){.kind = VALUE_DURATION, .unit = kind, .number = number.value * durations[i].seconds},
                next + 1);
            return true;
        }
    bool is_working;
    double seconds = foreign_seconds(pieces, next, &is_working);
    if (seconds <= 0)
        return false;
    put(reading,
        (struct value){
            .kind = VALUE_DURATION, .unit = is_working ? SLICE("working") : SLICE(""), .number = number.value * seconds},
        next + 1);
    return true;
}

/* ---- the rest ---- */

/* A number that a word before it names, and nothing counts: "port 8080", "ext. 204". */
static bool read_labelled(struct reading *reading)
{
    static const char *const labels[] = {"port", "ext", "extension", "durchwahl", "poste", "doorkiesnummer"};
    const struct pieces *pieces = &reading->pieces;
    struct number number;
    const char *label = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(labels); i++)
        label = piece_is(pieces, reading->at, labels[i]) ? labels[i] : label;
    size_t at = reading->at + 1;
    if (piece_sign(pieces, at) == '.')
        at++;
    at = piece_after_blank(pieces, at);
    if (label == NULL || !read_number(pieces, at, &number) || !number.plain || number.suffix.size > 0)
        return false;
    bool is_port = strcmp(label, "port") == 0;
    put(reading,
        (struct value){.kind = VALUE_VERSION, .unit = is_port ? SLICE("port") : SLICE("extension"), .number = number.value},
        number.end);
    return true;
}

/* "by the 5th of each month" */
static bool read_day_of_month(struct reading *reading)
{
    static const char *const every[] = {"each", "every", "the", "a"};
    const struct pieces *pieces = &reading->pieces;
    int64_t day;
    size_t at = reading->at + 1;
    if (!day_at(pieces, reading->at, &day) || is_digit(pieces->text.data[piece_end(pieces, reading->at) - 1]))
        return false;
    at = piece_after_blank(pieces, at);
    if (!piece_is(pieces, at, "of"))
        return false;
    at = piece_after_blank(pieces, at + 1);
    bool is_every = piece_among(pieces, at, every, ARRAY_COUNT(every));
    at = piece_after_blank(pieces, at + 1);
    if (!is_every || !piece_is(pieces, at, "month"))
        return false;
    put(reading, (struct value){.kind = VALUE_MONTH_DAY, .number = (double)day}, at + 1);
    return true;
}

/* "on Tuesday" */
static bool read_weekday(struct reading *reading)
{
    double day = weekday_at(&reading->pieces, reading->at);
    if (day <= 0)
        return false;
    put(reading, (struct value){.kind = VALUE_WEEKDAY, .number = day}, reading->at + 1);
    return true;
}

/* "3.11" as a number that is larger for what is newer. */
static bool version_number(struct slice text, double *number, size_t *points)
{
    double part = 0;
    *number = 0;
    *points = 0;
    if (text.size == 0 || text.size > 24 || !is_digit(text.data[0]))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '.' && !is_digit(text.data[i]))
            return false;
        *points += text.data[i] == '.';
        if (text.data[i] == '.') {
            *number = *number * 10000 + part;
            part = 0;
        } else {
            part = part * 10 + (text.data[i] - '0');
        }
    }
    *number = *number * 10000 + part;
    for (size_t i = *points; i < 3; i++)
        *number *= 10000;
    return true;
}

static bool has_capital(struct slice word)
{
    for (size_t i = 0; i < word.size; i++)
        if (word.data[i] >= 'A' && word.data[i] <= 'Z')
            return true;
    return false;
}

/* "Python 3.9 or newer", "at least Java 17", "Ruby 3.2+": the oldest version of what stands before it. */
static bool read_oldest_version(struct reading *reading)
{
    static const char *const joins[] = {"or", "and", "oder", "ou", "o", "of"};
    static const char *const newer[] = {"newer", "later",  "higher",   "above",     "up",        "upwards",  "neuer",
                                        "höher", "später", "aufwärts", "supérieur", "ultérieur", "superior", "hoger"};
    static const char *const least[] = {"least", "minimum", "mindestens", "minimal", "minstens"};
    static const char *const parts[] = {"chapter", "level",  "band",   "grade", "year",  "room", "step",
                                        "part",    "zone",   "class",  "stage", "phase", "page", "section",
                                        "tier",    "figure", "table",  "group", "form",  "type", "category",
                                        "unit",    "module", "volume", "floor", "item",  "age",  "key"};
    const struct pieces *pieces = &reading->pieces;
    size_t at = reading->at, points;
    double number;
    if (at < 2 || piece_among(pieces, at - 2, parts, ARRAY_COUNT(parts)) || piece_sign(pieces, at - 1) != ' ' ||
        !has_capital(piece_text(pieces, at - 2)) || !version_number(piece_text(pieces, at), &number, &points))
        return false;
    size_t join = piece_after_blank(pieces, at + 1), word = piece_after_blank(pieces, join + 1), end = at + 1;
    if (piece_among(pieces, join, joins, ARRAY_COUNT(joins)) && piece_among(pieces, word, newer, ARRAY_COUNT(newer)))
        end = word + 1;
    else if (piece_sign(pieces, at + 1) == '+' && !piece_is_word(pieces, at + 2))
        end = at + 2;
    else if (at < 4 || !piece_among(pieces, at - 4, least, ARRAY_COUNT(least)))
        return false;
    put(reading, (struct value){.kind = VALUE_VERSION, .unit = piece_text(pieces, at - 2), .number = number}, end);
    return true;
}

/* "version 4.2", "v4.2", "4.2.1". */
static bool read_version(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    size_t at = reading->at;
    bool named = piece_is(pieces, at, "version") || piece_is(pieces, at, "release");
    if (named)
        at = piece_after_blank(pieces, at + 1);
    struct slice text = piece_text(pieces, at);
    bool has_v = text.size > 1 && (text.data[0] == 'v' || text.data[0] == 'V') && is_digit(text.data[1]);
    if (has_v)
        text = slice_range(text, 1, text.size);
    size_t points;
    double number;
    if (!version_number(text, &number, &points))
        return false;
    if (!named && !has_v && points != 2)
        return false;
    put(reading, (struct value){.kind = VALUE_VERSION, .number = number}, at + 1);
    return true;
}

/* A whole number that a double holds; equal for texts that differ in capitals only. */
static double hash_ignoring_case(struct slice text)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i] >= 'A' && text.data[i] <= 'Z' ? (char)(text.data[i] | 0x20) : text.data[i];
        hash = (hash ^ (unsigned char)byte) * 0x100000001b3u;
    }
    return (double)(hash >> 12);
}

static bool read_email(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    size_t end = reading->at;
    while (piece_is_word(pieces, end) || (end > reading->at && byte_among(piece_sign(pieces, end), "-+")))
        end++;
    if (end == reading->at || piece_sign(pieces, end) != '@' || !piece_is_word(pieces, end + 1))
        return false;
    size_t name = end;
    for (end++; piece_is_word(pieces, end) || (piece_sign(pieces, end) == '-' && piece_is_word(pieces, end + 1)); end++)
        continue;
    struct slice host = slice_range(pieces->text, piece_end(pieces, name), piece_end(pieces, end - 1)), part = host;
    size_t dot;
    if (!slice_find(part, '.', &dot))
        return false;
    struct slice whole = slice_range(pieces->text, pieces->items[reading->at].start, piece_end(pieces, end - 1));
    put(reading, (struct value){.kind = VALUE_EMAIL, .number = hash_ignoring_case(whole)}, end);
    return true;
}

/* Digits in groups with -, ., / or blanks between them, seven digits and more; or after +. */
static bool read_phone(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    size_t at = reading->at, digits = 0, groups = 0, end = at;
    double number = 0;
    bool plus = piece_sign(pieces, at) == '+';
    bool is_trunk = !plus && piece_text(pieces, at).size >= 3 && piece_text(pieces, at).data[0] == '0'; /* "020 7946 0018" */
    at += plus;
    while (at < pieces->count) {
        struct slice text = piece_text(pieces, at);
        size_t i = 0;
        while (i < text.size && is_digit(text.data[i]))
            i++;
        if (i == 0 || i < text.size || digits + i > 16)
            break;
        for (size_t j = 0; j < i; j++)
            number = fmod(number * 10 + (text.data[j] - '0'), 1e15);
        digits += i;
        groups++;
        end = at + 1;
        char sign = piece_sign(pieces, at + 1);
        if (sign != '-' && !((plus || is_trunk) && (sign == ' ' || sign == '.')))
            break;
        at += 2; /* and the sign */
    }
    if (digits < (is_trunk ? 9 : 7) || (!plus && groups < 2))
        return false;
    put(reading, (struct value){.kind = VALUE_PHONE, .number = number}, end);
    return true;
}

/* Words that make a number a name: "Step 3 …", "Section 2 …". */
static bool is_numbered(const struct pieces *pieces, size_t at)
{
    static const char *const words[] = {"step",    "section", "chapter", "figure", "table", "page",  "no",    "number", "level",
                                        "phase",   "part",    "article", "item",   "line",  "room",  "form",  "title",  "type",
                                        "version", "rule",    "tier",    "grade",  "gs",    "issue", "ticket"};
    if (at == 0)
        return false;
    size_t before = at - 1;
    if (before > 0 && piece_sign(pieces, before) == ' ')
        before--;
    char sign = piece_sign(pieces, before);
    if (byte_among(sign, "#-/.:_") && before == at - 1)
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (piece_is(pieces, before, words[i]))
            return true;
    return before > 0 && pieces->items[before].is_word && is_capital(piece_text(pieces, before)); /* "Employment Data 1 tab" */
}

static bool is_unit(struct slice unit)
{
    bool letters = unit.size > 0;
    for (size_t i = 0; i < unit.size; i++)
        letters = letters &&
                  ((unsigned char)unit.data[i] >= 0x80 || ((unit.data[i] | 0x20) >= 'a' && (unit.data[i] | 0x20) <= 'z'));
    char small[16];
    if (!letters || unit.size >= sizeof(small))
        return letters;
    for (size_t i = 0; i < unit.size; i++)
        small[i] = (char)(unit.data[i] >= 'A' && unit.data[i] <= 'Z' ? unit.data[i] | 0x20 : unit.data[i]);
    return !text_is_function_word((struct slice){small, unit.size}, LANGUAGE_ENGLISH);
}

static bool is_short_unit(struct slice unit)
{
    static const char *const units[] = {"b",  "kb", "mb", "gb", "tb",  "kib", "mib", "gib", "mm", "cm", "km", "kg", "mg", "ml",
                                        "ms", "px", "kw", "hz", "mhz", "ghz", "kwh", "rpm", "g",  "m",  "l",  "v",  "w"};
    for (size_t i = 0; i < ARRAY_COUNT(units); i++)
        if (slice_equal_ignoring_case(unit, units[i]))
            return true;
    return false;
}

static bool read_count(struct reading *reading)
{
    const struct pieces *pieces = &reading->pieces;
    struct number number;
    int64_t year;
    if (!read_number(pieces, reading->at, &number) || is_numbered(pieces, reading->at) || year_at(pieces, reading->at, &year))
        return false;
    struct slice unit = number.suffix;
    size_t next = number.end;
    if (unit.size > 0 && !is_short_unit(unit)) /* "5xx", "3D" */
        return false;
    if (unit.size == 0) {
        next = piece_after_blank(pieces, next);
        if (next == number.end && piece_sign(pieces, next) != '-' && (unsigned char)piece_sign(pieces, next) < 0x80)
            return false;
        if (piece_sign(pieces, next) == '-')
            next++;
        if (next < pieces->count && pieces->text.data[pieces->items[next].start] == '\xc2') /* a degree sign */
            next++;
        if (!piece_is_word(pieces, next) || month_named(pieces, next) > 0)
            return false;
        unit = piece_text(pieces, next);
        next++;
    }
    if (!is_unit(unit))
        return false;
    if (unit.size > 3 && (unit.data[unit.size - 1] | 0x20) == 's')
        unit.size--;
    put(reading, (struct value){.kind = VALUE_COUNT, .unit = unit, .number = number.value}, next);
    return true;
}

/* What joins a value with a number before it: "5 to 7 days", "between 10 and 20 %", "5–7 days" make one range, and "15, 30 or 60 minutes" does not. Of
 * "GC + 14 characters" it is a part. */
enum join { JOIN_NONE, JOIN_RANGE, JOIN_LIST };

static const char *const between[] = {"between", "zwischen", "entre", "tussen"};

static size_t piece_before(const struct pieces *pieces, size_t at)
{
    return at >= 2 && piece_sign(pieces, at - 1) == ' ' ? at - 2 : at - 1;
}

/* `*low`: the piece that the number before it ends with; `value_end`: where the value before it ends, "9 am". */
static enum join join_of(const struct pieces *pieces, size_t at, size_t value_end, size_t *low)
{
    static const char *const ranges[] = {"to", "–", "-", "—", "bis", "à", "hasta", "tot", "till", "until", "through", "thru"};
    static const char *const changes[] = {"raised",    "rose",    "rises",    "risen",     "increased", "increases", "reduced",
                                          "reduces",   "cut",     "lowered",  "changed",   "changes",   "moved",     "went",
                                          "goes",      "dropped", "fell",     "decreased", "grew",      "erhöht",    "gesenkt",
                                          "gestiegen", "steigt",  "sinkt",    "geändert",  "augmenté",  "passé",     "passe",
                                          "subió",     "bajó",    "verhoogd", "verlaagd"};
    static const char *const lists[] = {"and", "or", ",", "und", "oder", "et", "ou"};
    struct number number;
    if (at < 2)
        return JOIN_NONE;
    size_t before = piece_before(pieces, at);
    if (piece_sign(pieces, before) == '+' && before > 0)
        return JOIN_LIST;
    bool is_range = piece_among(pieces, before, ranges, ARRAY_COUNT(ranges));
    if ((!is_range && !piece_among(pieces, before, lists, ARRAY_COUNT(lists))) || before == 0)
        return JOIN_NONE;
    *low = piece_before(pieces, before);
    for (size_t i = *low; !is_range && i > 0 && *low - i < 5; i--) /* "between 9 am and 5 pm" */
        is_range = piece_among(pieces, i - 1, between, ARRAY_COUNT(between));
    if (!read_number(pieces, *low, &number) && month_named(pieces, *low) == 0 &&
        !(is_range && piece_end(pieces, *low) == value_end))
        return JOIN_NONE;
    for (size_t i = 0; is_range && i < *low; i++) /* "was raised from 16 % to 19 %": both stand, one after the other */
        is_range = !piece_among(pieces, i, changes, ARRAY_COUNT(changes));
    return is_range ? JOIN_RANGE : JOIN_LIST;
}

/* Whether it takes the value before it as its lower end, or the number alone that stands there. */
static bool make_range(struct reading *reading, size_t at, size_t low)
{
    struct value *value = &reading->values[reading->count - 1], *before = reading->count > 1 ? value - 1 : NULL;
    struct number number, own;
    bool is_amount = value->kind <= VALUE_DURATION || value->kind == VALUE_TIME || value->kind == VALUE_COUNT ||
                     value->kind == VALUE_WEEKDAY;
    if (!is_amount)
        return false;
    size_t start = reading->pieces.items[low].start;
    if (before != NULL && before->end > start) {
        if (before->kind != value->kind || !slice_equal(before->unit, value->unit) || before->ranged || before->is_range)
            return false;
        before->low = before->number;
        before->number = value->number;
        before->end = value->end;
        before->is_range = true;
        reading->count--;
        return true;
    }
    bool begins = low == 2 && reading->pieces.items[0].is_word &&
                  !piece_among(&reading->pieces, 0, between, ARRAY_COUNT(between));
    bool is_label = begins || is_numbered(&reading->pieces, low); /* "Lesson 3 – 45 minutes" */
    if (is_label || !read_number(&reading->pieces, low, &number) || !read_number(&reading->pieces, at, &own) ||
        own.value <= number.value)
        return false;
    value->low = value->kind == VALUE_TIME ? floor(value->number / 60) * 60 + (number.value - own.value) * 60 /* "9 to 12:30" */
                                           : number.value * (value->number / own.value);
    if (value->low < 0)
        return false;
    value->start = start;
    value->is_range = true;
    return true;
}

/* The value that was read last, which begins at a piece, with what stands before it. */
static void join_values(struct reading *reading, size_t at)
{
    size_t low = 0, value_end = reading->count > 1 ? reading->values[reading->count - 2].end : SIZE_MAX;
    enum join join = join_of(&reading->pieces, at, value_end, &low);
    if (join == JOIN_NONE || (join == JOIN_RANGE && make_range(reading, at, low)))
        return;
    struct value *value = &reading->values[reading->count - 1];
    bool is_other = piece_end(&reading->pieces, low) == value_end && value[-1].kind != value->kind;
    if (join == JOIN_LIST && is_other) /* "until 20:00, Monday to Friday" */
        return;
    value->ranged = true;
    if (reading->count > 1 && value->start - value[-1].end < RANGE_BYTES)
        value[-1].ranged = true; /* "1 April – 27 May" */
}

size_t values_read(struct slice sentence, enum text_language language, struct value values[VALUES_MAX])
{
    static bool (*const readers[])(struct reading *) = {
        read_email,   read_numeric_date, read_month_first, read_day_of_month, read_day_first, read_season,
        read_time,    read_money,        read_percent,     read_duration,     read_labelled,  read_oldest_version,
        read_version, read_phone,        read_year,        read_weekday,      read_count,
    };
    struct reading reading = {.values = values};
    pieces_read(&reading.pieces, sentence);
    reading.pieces.is_english = language == LANGUAGE_ENGLISH;
    while (reading.at < reading.pieces.count && reading.count < VALUES_MAX) {
        size_t at = reading.at, count = reading.count;
        bool taken = false;
        for (size_t i = 0; !taken && i < ARRAY_COUNT(readers); i++)
            taken = readers[i](&reading);
        if (taken && reading.count > count)
            join_values(&reading, at);
        if (!taken)
            reading.at++;
        assert(reading.at > at);
    }
    return reading.count;
}
