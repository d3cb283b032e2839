/* ranges.c - ranges that cells, heads and parts of sentences tell, and numbers of a question that lie in them.
 *
 *   3–6 pallets    from 30 to 15 days    up to 1,000 kg    > 3.0    7+    65 and over */
#include "ranges.h"
#include "span_parts.h"
#include <math.h>
#include <string.h>

enum { NUMBERS_MAX = 8, JOINT_BYTES = 8, RANGE_BYTES = 120, UNIT_STEM_BYTES = 3 };

static const char up_to[] = "up to|upto|until|under|below|less than|at most|max|≤|<|bis zu|bis|unter|höchstens|weniger als|"
                            "jusqu'à|moins de|hasta|menos de|menores de|fino a|meno di|tot|até|t/m";
static const char from_on[] = "over|above|more than|at least|from|≥|>|ab|über|mehr als|mindestens|plus de|à partir de|"
                              "más de|mayores de|desde|oltre|più di|vanaf|mais de|a partir de";
static const char behind[] = "+| and more| or more| and over| or over| and above| or above| and older| und mehr| oder mehr|"
                             " et plus| y más| o más| e oltre| en meer| ou mais";
static const char joints[] = "-|–|—|to|bis|a|à|and|und|y|et|e|tot|al|until|hasta|…|..";

struct value {
    double value;
    size_t start, end; /* of the digits */
    struct slice unit; /* the word or sign behind it, or the currency before it; empty: none */
};

struct range {
    double low, high;
    struct slice unit;
};

/* Digits with what parts thousands or decimals: "1,000", "12.5". */
static bool read_value(struct slice text, size_t *at, struct value *found)
{
    while (*at < text.size && !span_is_digit(text, *at))
        ++*at;
    if (*at >= text.size)
        return false;
    *found = (struct value){.start = *at};
    double scale = 0;
    while (*at < text.size) {
        bool is_mark = byte_among(text.data[*at], ".,") && span_is_digit(text, *at + 1);
        bool is_thousand = is_mark && scale == 0 && span_digits_end(text, *at + 1) == *at + 4;
        if (span_is_digit(text, *at)) {
            double digit = text.data[*at] - '0';
            found->value = scale > 0 ? found->value + digit * scale : found->value * 10 + digit;
            scale /= 10;
        } else if (is_mark && !is_thousand && scale == 0) {
            scale = 0.1;
        } else if (!is_thousand) {
            break;
        }
        ++*at;
    }
    found->end = *at;
    size_t unit = *at + span_blank_at(text, *at), end = unit;
    while (span_letter_at(text, end) > 0)
        end += span_letter_at(text, end);
    end += end == unit && end < text.size && text.data[end] == '%';
    size_t currency = span_currency_before(text, found->start);
    found->unit = currency > 0 ? slice_range(text, found->start - currency, found->start) : slice_range(text, unit, end);
    return true;
}

static bool is_joined(struct slice text, size_t start)
{
    return start > 0 && (span_letter_before(text, start) || byte_among(text.data[start - 1], "-/.:_#"));
}

static bool goes_on(struct slice text, const struct value *value)
{
    return value->end < text.size &&
           (byte_among(text.data[value->end], "-/:_") || (text.data[value->end] == '.' && span_is_digit(text, value->end + 1)));
}

/* "GI-103", "v2", "12-345": it is a piece of something else. */
static bool is_piece(struct slice text, const struct value *value)
{
    return is_joined(text, value->start) || goes_on(text, value);
}

/* One of the alternatives ends right before `at`. */
static bool stands_before(struct slice text, size_t at, const char *alternatives)
{
    struct slice rest = slice_from(alternatives), part;
    while (at > 0 && text.data[at - 1] == ' ')
        at--;
    while (slice_next(&rest, '|', &part)) {
        if (part.size > at)
            continue;
        size_t start = at - part.size, same = 0;
        while (same < part.size && (text.data[start + same] | 0x20) == (part.data[same] | 0x20))
            same++;
        if (same == part.size && (start == 0 || !span_letter_before(text, start) || span_letter_at(part, 0) == 0))
            return true;
    }
    return false;
}

static bool is_joint(struct slice between)
{
    between = slice_trim(between);
    return between.size > 0 && between.size <= JOINT_BYTES && span_is_one_of(joints, between);
}

/* What stands between two numbers, without the unit of the first: "20 kg to 30 kg". */
static struct slice between(struct slice text, const struct value *first, const struct value *second)
{
    size_t start = first->end;
    bool has_unit = first->unit.data >= text.data + start && first->unit.size > 0 && !span_is_one_of(joints, first->unit);
    if (has_unit)
        start = (size_t)(first->unit.data + first->unit.size - text.data);
    size_t end = second->start - span_currency_before(text, second->start);
    return slice_range(text, start, end > start ? end : start);
}

static bool read_range(struct slice text, struct range *range)
{
    struct value first, second;
    size_t at = 0;
    if (text.size > RANGE_BYTES || !read_value(text, &at, &first))
        return false;
    size_t start = first.start - span_currency_before(text, first.start);
    if (is_joined(text, start)) /* "-20", "GI-103" */
        return false;
    if (read_value(text, &at, &second) && is_joint(between(text, &first, &second))) {
        bool is_bare = second.start > first.end && second.start - first.end <= 3 && text.data[second.start - 1] != ' ';
        if (goes_on(text, &second) || (is_bare && first.value > second.value)) /* "2024-05-01", "555-104" */
            return false;
        *range = (struct range){fmin(first.value, second.value), fmax(first.value, second.value), second.unit};
        return true;
    }
    if (goes_on(text, &first))
        return false;
    *range = (struct range){-(double)INFINITY, (double)INFINITY, first.unit};
    size_t end = first.unit.data > text.data + first.end ? (size_t)(first.unit.data + first.unit.size - text.data) : first.end;
    if (stands_before(text, start, up_to))
        range->high = first.value;
    else if (stands_before(text, start, from_on) || span_one_at(text, first.end, behind) > 0 ||
             span_one_at(text, end, behind) > 0)
        range->low = first.value;
    return isfinite(range->low) || isfinite(range->high);
}

/* Of the same, as far as both tell: "day" and "days". */
static bool are_units_alike(struct slice a, struct slice b)
{
    if (a.size == 0 || b.size == 0)
        return true;
    size_t same = 0;
    while (same < a.size && same < b.size && (a.data[same] | 0x20) == (b.data[same] | 0x20))
        same++;
    return same >= UNIT_STEM_BYTES || (same == a.size && same == b.size);
}

static bool holds(const struct range *range, const struct value *value)
{
    return value->value >= range->low && value->value <= range->high && are_units_alike(range->unit, value->unit);
}

/* Of two that both reach without end, the one whose end is nearer to the number. */
static double slack(const struct range *range, const struct value *value)
{
    return isfinite(range->low) && isfinite(range->high) ? range->high - range->low
           : isfinite(range->high)                       ? range->high - value->value
                                                         : value->value - range->low;
}

bool range_is_rival(struct slice question, struct slice mine, struct slice other)
{
    struct value value;
    struct range own, others;
    size_t at = 0;
    bool is_rival = false;
    if (!read_range(mine, &own) || !read_range(other, &others))
        return false;
    for (size_t i = 0; i < NUMBERS_MAX && read_value(question, &at, &value); i++) {
        if (is_piece(question, &value))
            continue;
        bool in_own = holds(&own, &value), in_other = holds(&others, &value);
        if (in_own && !in_other) /* this one means mine: "5 guests for 2 nights" */
            return false;
        is_rival = is_rival || (in_other && (!in_own || slack(&others, &value) < slack(&own, &value)));
    }
    return is_rival;
}

bool range_is_out(struct slice question, struct slice text)
{
    struct value value;
    struct range range;
    size_t at = 0, outside = 0;
    if (!read_range(text, &range) || range.unit.size == 0)
        return false;
    for (size_t i = 0; i < NUMBERS_MAX && read_value(question, &at, &value); i++) {
        if (value.unit.size == 0 || is_piece(question, &value) || !are_units_alike(range.unit, value.unit))
            continue;
        if (holds(&range, &value))
            return false;
        outside++;
    }
    return outside > 0;
}

struct slice range_end_asked(struct slice question, struct slice part)
{
    static const char most[] = "most|maximum|max|oldest|highest|longest|upper|latest|höchstens|maximal|höchste|maximale|máximo|"
                               "massimo|hoogstens|maximaal",
                      least[] = "least|minimum|min|youngest|lowest|shortest|lower|mindestens|minimal|niedrigste|mínimo|minimo|"
                                "minstens|minimaal";
    bool is_most = span_has_word(question, most), is_least = span_has_word(question, least);
    struct value first, second, third;
    size_t at = 0;
    if (is_most == is_least || !read_value(part, &at, &first) || !read_value(part, &at, &second) ||
        read_value(part, &at, &third) || first.value >= second.value || !is_joint(between(part, &first, &second)))
        return part;
    size_t start = second.start - span_currency_before(part, second.start);
    return is_most ? slice_range(part, start, part.size)
                   : slice_range(part, first.start - span_currency_before(part, first.start), first.end);
}

bool row_has_range(struct slice row, struct slice number)
{
    struct value value;
    struct range range;
    struct slice cell;
    size_t at = 0;
    if (!read_value(number, &at, &value))
        return false;
    while (slice_next(&row, '|', &cell))
        if (read_range(cell, &range) && holds(&range, &value))
            return true;
    return false;
}
