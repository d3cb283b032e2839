/* other_counts.c - a number of things in a question, and another number of the same things in a line.
 *
 *   "boxes for a house with four bedrooms"      A flat with two bedrooms needs about 35.
 *   "filling of an 18 litre bottle"             Filling, bottle of 15 litres | 5 €
 *
 * Not people: a table for six is for four, too. Nor sizes and weights, which are mostly bounds, and times. */
#include "other_counts.h"
#include "span_parts.h"

static const char bounds[] =
    "up|to|over|above|under|below|least|most|than|from|until|till|about|around|each|every|per|max|min|maximum|minimum|first|"
    "next|last|further|another|additional|extra|or|and|bis|zu|über|unter|ab|mindestens|höchstens|je|pro|jede|jeder|jedes|alle|"
    "ersten|weitere|und|oder|etwa|jusqu|à|plus|moins|de|chaque|par|tous|toutes|les|environ|et|ou|premiers|premières|hasta|más|"
    "menos|cada|por|y|o|fino|oltre|ogni|per|e|tot|meer|minder|elke|en|of|only|just|nur|within";

/* They count the same: by one unit, or things that are called alike. */
static bool counts_same(const struct number *a, const struct number *b)
{
    enum { STEM_BYTES = 3 };
    size_t same = 0;
    while (same < a->unit.size && same < b->unit.size && (a->unit.data[same] | 0x20) == (b->unit.data[same] | 0x20))
        same++;
    return (a->kind == b->kind || (a->is_thing && b->is_thing)) && a->family == b->family && a->rank == b->rank &&
           (a->family != 0 || same >= STEM_BYTES || (same == a->unit.size && same == b->unit.size));
}

/* "each 15 litres", "up to four", "two or more": it is of more than that number. */
static bool is_bound(struct slice text, const struct number *number)
{
    struct span_word before = span_word_before(text, number->start, NULL),
                     behind = span_word_at(text, number->end + span_blank_at(text, number->end));
    return (before.size > 0 && span_word_is(&before, bounds) && !span_word_is(&before, "de")) ||
           span_word_is(&behind, "or|and|oder|et|ou|y|o|max|maximum|mindestens|höchstens") ||
           (number->end < text.size && byte_among(text.data[number->end], "-+/")) ||
           (number->start > 0 && byte_among(text.data[number->start - 1], "<>-+/"));
}

static bool may_count(const struct number *number)
{
    static const char others[] =
        "people|person|persons|guest|guests|adult|adults|child|children|kid|kids|pupil|pupils|student|students|user|users|"
        "seat|seats|member|members|place|places|times|personen|person|gäste|erwachsene|kinder|schüler|plätze|personnes|"
        "personne|adultes|enfants|élèves|places|personas|adultos|niños|plazas|persone|adulti|bambini|posti|percent|minute";
    struct span_word unit = span_word_at(number->unit, 0);
    bool is_measure = number->kind == SPAN_MEASURE && number->family == 0 && !number->is_thing;
    return number->value > 0 && (number->value != 1 || !number->is_spelled) && !number->is_ordinal && number->unit.size >= 2 &&
           unit.size > 0 && !span_is_function_word(&unit) && !span_word_is(&unit, others) && (number->is_thing || is_measure);
}

/* "four bedrooms": numbers in words are amounts of whatever stands behind them. */
static bool spelled_at(struct slice text, size_t at, struct number *number)
{
    bool is_article;
    size_t end = span_spelled_at(text, at, &number->value, &is_article), unit = end + span_blank_at(text, end);
    if (end == 0 || is_article || unit == end || span_letter_at(text, end) > 0)
        return false;
    struct slice word = slice_range(text, unit, span_letters_end(text, unit));
    *number = (struct number){.start = at,
                              .end = unit + word.size,
                              .bare_end = end,
                              .value = number->value,
                              .unit = word,
                              .kind = SPAN_MEASURE,
                              .is_spelled = true,
                              .is_thing = span_unit_of(word) == NULL};
    return word.size > 0 && number->is_thing;
}

static bool next_number(struct slice text, size_t *at, struct number *number)
{
    struct number digits;
    size_t behind = *at;
    bool has_digits = span_next_number(text, &behind, SPAN_COUNT | SPAN_MEASURE, &digits);
    for (size_t end = has_digits ? digits.start : text.size; *at < end; ++*at)
        if (!span_letter_before(text, *at) && spelled_at(text, *at, number)) {
            *at = number->bare_end;
            return true;
        }
    *at = behind;
    *number = digits;
    return has_digits;
}

bool count_asked(struct slice question, struct number *count)
{
    for (size_t at = 0; next_number(question, &at, count);)
        if (may_count(count) && !is_bound(question, count))
            return true;
    return false;
}

/* `*is_other`: another number of them is told. */
static bool tells_count(const struct number *count, struct slice text, bool *is_other)
{
    struct number number;
    for (size_t at = 0; next_number(text, &at, &number);) {
        if (!counts_same(&number, count))
            continue;
        if (number.value == count->value || is_bound(text, &number))
            return true;
        *is_other = *is_other || may_count(&number);
    }
    return false;
}

enum sibling_telling count_told(const struct number *count, struct slice line, struct slice above)
{
    bool is_other = false, is_above = false;
    if (tells_count(count, line, &is_other) || tells_count(count, above, &is_above))
        return SIBLING_TOLD;
    return is_other ? SIBLING_ANOTHER : SIBLING_UNTOLD;
}
