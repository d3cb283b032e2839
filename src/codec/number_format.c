#include "number_format.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DECIMALS_MAX = 15, SECONDS_OF_DAY = 86400 };

/* ---- formats ---- */

/* What stands in a format's first section. */
struct section {
    bool has_year, has_month, has_day, has_hour, has_second, has_elapsed;
    bool has_digits, has_point, has_power, has_fraction, has_text;
    bool has_scale; /* a comma behind the digits: in thousands */
    struct number_format format;
};

static void add_literal(struct section *section, struct slice literal)
{
    char *side = section->has_digits ? section->format.after : section->format.before;
    size_t size = strlen(side);
    for (size_t i = 0; i < literal.size && size + literal.size < NUMBER_LITERAL_BYTES; i++)
        side[size + i] = literal.data[i];
}

/* "[$€-407]", "[h]", "[Red]" */
static void read_brackets(struct section *section, struct slice inside)
{
    size_t end;
    if (inside.size > 0 && inside.data[0] == '$') {
        struct slice sign = slice_range(inside, 1, inside.size);
        add_literal(section, slice_find(sign, '-', &end) ? slice_range(sign, 0, end) : sign);
    } else if (inside.size > 0 && strchr("hHmMsS", inside.data[0]) != NULL && inside.size <= 2)
        section->has_elapsed = true;
}

static void read_mark(struct section *section, char c)
{
    switch (c) {
    case 'y':
    case 'g':
    case 'e':
        section->has_year = true;
        break;
    case 'm':
        section->has_month = true;
        break;
    case 'd':
        section->has_day = true;
        break;
    case 'h':
        section->has_hour = true;
        break;
    case 's':
        section->has_second = true;
        break;
    case '0':
    case '#':
    case '?':
        section->has_digits = true;
        section->has_scale = false;
        section->format.decimals += section->has_point;
        break;
    case '.':
        section->has_point = true;
        break;
    case ',':
        section->format.has_thousands = section->has_digits && !section->has_point;
        section->has_scale = section->has_digits;
        break;
    case '%':
        section->format.is_percent = true;
        break;
    case '/':
        section->has_fraction = true;
        break;
    case '@':
        section->has_text = true;
        break;
    default:
        break;
    }
}

/* One piece of the code at `at`; where the next one begins. */
static size_t read_piece(struct section *section, struct slice code, size_t at)
{
    struct slice rest = slice_range(code, at + 1, code.size);
    size_t size;
    char c = code.data[at], small = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    switch (c) {
    case '"':
        if (!slice_find(rest, '"', &size))
            return code.size;
        add_literal(section, slice_range(rest, 0, size));
        return at + size + 2;
    case '[':
        if (!slice_find(rest, ']', &size))
            return code.size;
        read_brackets(section, slice_range(rest, 0, size));
        return at + size + 2;
    case '\\':
        if (rest.size > 0)
            add_literal(section, slice_range(rest, 0, 1));
        return at + 2;
    case '_': /* as wide as the next character */
    case '*': /* filled up with it */
        return at + 2;
    default:
        break;
    }
    if (small == 'a' && (slice_starts_with(code, SLICE("General")) || rest.size >= 2)) { /* AM/PM, A/P */
        bool is_long = rest.size >= 4 && (rest.data[0] | 0x20) == 'm' && rest.data[1] == '/';
        return is_long ? at + 5 : rest.size >= 2 && rest.data[0] == '/' ? at + 3 : at + 1;
    }
    if (small == 'e' && rest.size > 0 && (rest.data[0] == '+' || rest.data[0] == '-')) {
        section->has_power = true;
        return code.size;
    }
    if (strchr("ymdhsge0#?.,%/@", small) != NULL)
        read_mark(section, small);
    else if (c == '$' || c == '-' || c == '+' || c == ' ' || (unsigned char)c >= 0x80)
        add_literal(section, slice_range(code, at, at + 1));
    return at + 1;
}

static bool is_general(struct slice code)
{
    static const char name[] = "general";
    if (code.size < sizeof(name) - 1)
        return code.size == 0;
    for (size_t i = 0; i < sizeof(name) - 1; i++)
        if ((code.data[i] | 0x20) != name[i])
            return false;
    return true;
}

static enum number_kind kind_of(const struct section *section)
{
    bool has_time = section->has_hour || section->has_second;
    bool has_date = section->has_year || section->has_day || (section->has_month && !has_time && !section->has_elapsed);
    if (section->has_elapsed)
        return NUMBER_DURATION;
    if (has_date)
        return has_time ? NUMBER_DATE_TIME : NUMBER_DATE;
    if (has_time)
        return NUMBER_TIME;
    bool is_simple = section->has_digits && !section->has_fraction && !section->has_text && !section->has_scale;
    return !is_simple ? NUMBER_PLAIN : section->has_power ? NUMBER_POWER : NUMBER_FIXED;
}

struct number_format number_format_read(struct slice code)
{
    struct section section = {0};
    code = slice_trim(code);
    if (is_general(code))
        return (struct number_format){0};
    for (size_t at = 0; at < code.size && code.data[at] != ';';)
        at = read_piece(&section, code, at);
    section.format.kind = kind_of(&section);
    if (section.format.kind != NUMBER_FIXED)
        section.format.before[0] = section.format.after[0] = '\0';
    if (section.format.decimals > DECIMALS_MAX)
        section.format.decimals = DECIMALS_MAX;
    return section.format;
}

struct number_format number_format_built_in(uint64_t id)
{
    static const struct {
        unsigned from, to;
        const char *code;
    } codes[] = {
        {1, 1, "0"},           {2, 2, "0.00"},         {3, 3, "#,##0"},      {4, 4, "#,##0.00"},
        {5, 6, "#,##0"},       {7, 8, "#,##0.00"},     {9, 9, "0%"},         {10, 10, "0.00%"},
        {11, 11, "0.00E+0"},   {14, 17, "yyyy-mm-dd"}, {18, 21, "hh:mm:ss"}, {22, 22, "yyyy-mm-dd hh:mm"},
        {27, 31, "y"},         {32, 33, "h"},          {34, 36, "y"},        {37, 38, "#,##0"},
        {39, 40, "#,##0.00"},  {41, 42, "#,##0"},      {43, 44, "#,##0.00"}, {45, 45, "mm:ss"},
        {46, 46, "[h]:mm:ss"}, {47, 47, "mm:ss"},      {48, 48, "0.0E+0"},   {50, 58, "y"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
        if (id >= codes[i].from && id <= codes[i].to)
            return number_format_read(slice_from(codes[i].code));
    return (struct number_format){0};
}

/* ---- numbers ---- */

static void append_time(int64_t seconds, struct buffer *out)
{
    buffer_format(out, "%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60));
    if (seconds % 60 != 0)
        buffer_format(out, ":%02lld", (long long)(seconds % 60));
}

/* Days since 1970-01-01 as a date of the Gregorian calendar, whose years here begin in March, so that leap days end them. */
static void append_date(int64_t days, struct buffer *out)
{
    enum { DAYS_OF_400_YEARS = 146097, DAYS_TO_1970 = 719468 };
    int64_t since = days + DAYS_TO_1970, era = since / DAYS_OF_400_YEARS, of_era = since % DAYS_OF_400_YEARS;
    long long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long long of_year = of_era - (365 * year + year / 4 - year / 100);
    long long month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;
    bool is_next = month >= 10;
    buffer_format(out, "%04lld-%02lld-%02lld", year + 400 * era + is_next, month + (is_next ? -9 : 3), day);
}

/* Serial numbers of days. In 1900's count the day 60 is one that never was, because a program before Excel thought so. */
static bool append_moment(enum number_kind kind, double value, bool from_1904, struct buffer *out)
{
    enum { DAYS_MAX = 2958466, TO_1899_12_30 = 25569, TO_1904_01_01 = 24107 };
    if (!(value >= 0 && value < DAYS_MAX))
        return false;
    int64_t seconds = llround(value * SECONDS_OF_DAY), day = seconds / SECONDS_OF_DAY;
    if (kind == NUMBER_DURATION) {
        append_time(seconds, out);
        return true;
    }
    bool has_date = kind != NUMBER_TIME && (day > 0 || from_1904);
    if (has_date && !from_1904 && day == 60)
        buffer_append_text(out, "1900-02-29");
    else if (has_date)
        append_date(day - (from_1904 ? TO_1904_01_01 : TO_1899_12_30) + (!from_1904 && day < 60), out);
    if (kind == NUMBER_DATE && has_date)
        return true;
    if (has_date)
        buffer_append_byte(out, ' ');
    append_time(seconds % SECONDS_OF_DAY, out);
    return true;
}

static void append_fixed(const struct number_format *format, double value, struct buffer *out)
{
    char digits[64];
    int size = snprintf(digits, sizeof(digits), "%.*f", (int)format->decimals, fabs(value) * (format->is_percent ? 100 : 1));
    assert(size > 0 && (size_t)size < sizeof(digits));
    size_t whole = strcspn(digits, ".");
    if (value < 0 && strspn(digits, "0.") < (size_t)size)
        buffer_append_byte(out, '-');
    buffer_append_text(out, format->before);
    for (size_t i = 0; i < (size_t)size; i++) {
        if (format->has_thousands && i > 0 && i < whole && (whole - i) % 3 == 0)
            buffer_append_byte(out, ',');
        buffer_append_byte(out, digits[i]);
    }
    buffer_append_text(out, format->is_percent ? "%" : "");
    buffer_append_text(out, format->after);
}

/* As it is stored, without the dust of binary fractions: 0.30000000000000004. */
static void append_plain(struct slice number, double value, struct buffer *out)
{
    enum { DIGITS = 15 };
    if (number.size <= DIGITS)
        buffer_append_slice(out, number);
    else
        buffer_format(out, "%.*g", DIGITS, value);
}

void number_show(const struct number_format *format, struct slice number, bool from_1904, struct buffer *out)
{
    static const double fixed_max = 1e15; /* past it doubles have no fractions */
    double value;
    number = slice_trim(number);
    if (!slice_to_double(number, &value) || !isfinite(value)) {
        buffer_append_slice(out, number);
        return;
    }
    bool is_moment = format->kind >= NUMBER_DATE;
    if (is_moment && append_moment(format->kind, value, from_1904, out))
        return;
    if (format->kind == NUMBER_FIXED && fabs(value) < fixed_max)
        append_fixed(format, value, out);
    else if (format->kind == NUMBER_POWER)
        buffer_format(out, "%.*E", (int)format->decimals, value);
    else
        append_plain(number, value, out);
}
