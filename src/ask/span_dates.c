/* span_dates.c - dates and hours as they are written in English, German, French, Spanish, Italian, Dutch, Portuguese, Japanese and Chinese.
 *
 *   12 May 2024    May 12th, 2024    Monday, 1. März    le 1er mai    5 de mayo de 2024    31.12.2030    2024年3月1日    9.30 Uhr    午前9時 */
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

static const char week_days[] =
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays|"
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|montags|dienstags|mittwochs|donnerstags|freitags|"
    "samstags|"
    "sonntags|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    "lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|"
    "segunda-feira|sexta-feira|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela|poniedziałki|wtorki|środy|czwartki|"
    "piątki|"
    "soboty|niedziele|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag";
static const char short_days[] = "Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So";
static const char day_signs[] = "–|-| – | - | to "; /* between two short ones */
static const char
    date_words[] = "in|since|until|till|by|of|from|to|during|before|after|through|every|each|early|mid|late|on|im|seit|bis|ab|"
                   "am|zum|vom|anfang|mitte|ende|en|de|depuis|desde|hasta|à|da|a|em|op|vanaf|sinds|di|dal|al|tot|el|le|il|du";
static const char ordinals[] = "st|nd|rd|th|er|ère|re|e|ème|de|º|ª|°|.º|.ª";

bool span_is_month(const struct span_word *word)
{
    return text_is_month((struct slice){word->bytes, word->size});
}

bool span_is_year(struct slice digits)
{
    return digits.size == 4 && span_digits_end(digits, 0) == 4 &&
           (slice_starts_with(digits, SLICE("19")) || slice_starts_with(digits, SLICE("20")) ||
            slice_starts_with(digits, SLICE("18")));
}

bool span_is_named_date(struct slice text, size_t at)
{
    struct span_word before = span_word_before(text, at, NULL);
    return span_word_is(&before, date_words);
}

static size_t one_or_two_digits(struct slice text, size_t at)
{
    size_t end = span_digits_end(text, at);
    return end - at <= 2 ? end : at;
}

static unsigned value_of(struct slice text, size_t at, size_t end)
{
    uint64_t value = 0;
    return end - at < 9 && slice_to_u64(slice_range(text, at, end), &value) ? (unsigned)value : 9999;
}

/* A year of four digits at `at`, and nothing more of digits; 0: none. */
static size_t year_end(struct slice text, size_t at)
{
    size_t end = span_digits_end(text, at);
    bool is_year = end - at == 4 && (text.data[at] == '1' || text.data[at] == '2');
    bool is_more = is_year && byte_among(end < text.size ? text.data[end] : '\0', ".,:/") && span_is_digit(text, end + 1);
    return is_year && !is_more && span_letter_at(text, end) * !span_ideograph_at(text, end) == 0 ? end : 0;
}

void span_year_behind(struct slice text, struct number *number)
{
    static const char *const between[] = {", ", " ", "\xC2\xA0", " de ", " del ", " of ", "-"};
    for (size_t i = 0; i < ARRAY_COUNT(between); i++) {
        size_t end = span_starts(text, number->end, between[i]) ? year_end(text, number->end + strlen(between[i])) : 0;
        if (end > 0) {
            number->end = number->bare_end = end;
            number->lacks_year = false;
            return;
        }
    }
}

static struct number date_of(size_t start, size_t end, bool lacks_year)
{
    return (struct number){.start = start, .end = end, .bare_end = end, .kind = SPAN_DATE, .lacks_year = lacks_year};
}

/* ---- digits alone ---- */

/* "2024-05-10", "10.05.2024", "10/5/24": of three parts with one sign between them. */
static size_t numeric_end(struct slice text, size_t at)
{
    size_t ends[3], sizes[3], start = at;
    unsigned values[3];
    for (size_t i = 0; i < 3; i++) {
        ends[i] = span_digits_end(text, start);
        sizes[i] = ends[i] - start;
        values[i] = value_of(text, start, ends[i]);
        if (sizes[i] == 0 || (i < 2 && (ends[i] >= text.size || !byte_among(text.data[ends[i]], "-./"))))
            return 0;
        start = ends[i] + 1;
    }
    char sign = text.data[ends[0]];
    bool goes_on = ends[2] < text.size && byte_among(text.data[ends[2]], "-./:") && span_is_digit(text, ends[2] + 1);
    if (text.data[ends[1]] != sign || goes_on)
        return 0;
    if (sizes[0] == 4)
        return sizes[1] <= 2 && sizes[2] <= 2 && values[1] - 1 < 12 && values[2] - 1 < 31 ? ends[2] : 0;
    bool is_year = sizes[2] == 4 || (sizes[2] == 2 && (sign == '/' || (sizes[0] == 2 && sizes[1] == 2)));
    bool is_day = sizes[0] <= 2 && sizes[1] <= 2 && values[0] - 1 < 31 && values[1] - 1 < 31 &&
                  (values[0] <= 12 || values[1] <= 12);
    return is_year && is_day ? ends[2] : 0;
}

/* "am 31.12.": the full stops belong to it. */
static size_t day_and_month_end(struct slice text, size_t at)
{
    size_t day = one_or_two_digits(text, at), month = one_or_two_digits(text, day + 1);
    struct span_word before = span_word_before(text, at, NULL);
    bool is_one = day > at && month > day + 1 && span_starts(text, day, ".") && span_starts(text, month, ".") &&
                  !span_is_digit(text, month + 1) && value_of(text, at, day) - 1 < 31 &&
                  value_of(text, day + 1, month) - 1 < 12;
    return is_one && span_word_is(&before, "am|bis|zum|vom|ab|der|dem|den|seit|jeden|und") ? month + 1 : 0;
}

/* "2024年3月1日", "3月", "9時30分": what of it there is. `*first`: the sign behind the first digits. */
static size_t east_end(struct slice text, size_t at, const char *const *signs, size_t count, size_t *parts)
{
    size_t end = 0;
    *parts = 0;
    for (size_t i = 0; i < count; i++) {
        size_t digits = span_digits_end(text, at), sign = digits > at ? span_one_at(text, digits, signs[i]) : 0;
        if (sign == 0)
            continue;
        *parts |= (size_t)1 << i;
        at = end = digits + sign;
    }
    return end;
}

static size_t east_date_end(struct slice text, size_t at)
{
    static const char *const signs[] = {"年", "月", "日|号|號"};
    enum { YEAR = 1, MONTH = 2 };
    size_t parts, end = east_end(text, at, signs, ARRAY_COUNT(signs), &parts);
    size_t digits = span_digits_end(text, at);
    bool is_year = parts == YEAR && digits - at == 4;
    return (parts & MONTH) != 0 || is_year ? end : 0;
}

/* ---- months ---- */

static size_t ordinal_end(struct slice text, size_t at)
{
    size_t size = span_one_at(text, at, ordinals);
    if (size > 0 && span_letter_at(text, at + size) == 0)
        return at + size;
    return span_starts(text, at, ".") && span_blank_at(text, at + 1) > 0 ? at + 1 : at;
}

static size_t month_end(struct slice text, const struct span_word *month)
{
    bool is_short = month->size <= 4 && span_starts(text, month->end, ".") &&
                    !span_word_is(month, "may|mai|mei|june|juni|july|juli");
    return month->end + is_short;
}

/* "12th of May 2024", from the day on. */
static bool day_first(struct slice text, size_t at, struct number *number)
{
    static const char *const between[] = {" of ", " de ", " di ", " do ", " d'", "-"};
    size_t day = one_or_two_digits(text, at), end = ordinal_end(text, day), blank = span_blank_at(text, end);
    if (day == at || value_of(text, at, day) - 1 >= 31)
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(between); i++)
        if (span_starts(text, end, between[i]))
            blank = strlen(between[i]);
    struct span_word month = span_word_at(text, end + blank);
    if (blank == 0 || !span_is_month(&month))
        return false;
    bool is_verb = span_word_is(&month, "may|march|mar|mars") && text.data[month.start] == 'm' &&
                   end == day; /* "in all 5 may come" */
    *number = date_of(at, month_end(text, &month), true);
    span_year_behind(text, number);
    if (is_verb && number->lacks_year && !span_word_is(&month, "mars"))
        return false;
    return true;
}

/* "May 12th, 2024", "May 2024", and where that may be "May". */
static bool month_first(struct slice text, size_t at, bool alone, struct number *number)
{
    struct span_word month = span_word_at(text, at);
    if (!span_is_month(&month))
        return false;
    bool is_capital = text.data[at] >= 'A' && text.data[at] <= 'Z';
    size_t end = month_end(text, &month), day_at = end + span_blank_at(text, end);
    if (span_starts(text, day_at, "the "))
        day_at += 4;
    size_t day = one_or_two_digits(text, day_at), day_end = ordinal_end(text, day);
    bool has_stop = day_end > day && text.data[day] == '.'; /* which ends the sentence */
    *number = date_of(at, end, true);
    bool is_decimal = day > day_at && byte_among(day < text.size ? text.data[day] : '\0', ".:") && span_is_digit(text, day + 1);
    if (is_capital && day > day_at && value_of(text, day_at, day) - 1 < 31 && !is_decimal &&
        (day_end > day || span_letter_at(text, day) == 0)) {
        number->end = number->bare_end = has_stop ? day : day_end;
        span_year_behind(text, number);
        return true;
    }
    span_year_behind(text, number);
    return !number->lacks_year || alone ||
           (span_is_named_date(text, at) && (is_capital || !span_word_is(&month, "may|march|mar")));
}

/* ---- days of the week, of a month ---- */

/* "Monday", with the date behind it; "Mon–Fri". */
static bool week_day(struct slice text, size_t at, struct number *number)
{
    struct span_word day = span_word_at(text, at);
    if (span_word_is(&day, week_days)) {
        struct number date;
        size_t next = day.end + (span_starts(text, day.end, ",") ? 1 : 0);
        next += span_blank_at(text, next);
        next += span_one_at(text, next, "den |dem |the |le |el |il ");
        *number = date_of(at, day.end, false);
        if (next > day.end && (day_first(text, next, &date) || month_first(text, next, false, &date))) {
            number->end = number->bare_end = date.end;
            number->lacks_year = date.lacks_year;
        }
        return true;
    }
    if (day.size == 0 || !span_is_one_of(short_days, slice_range(text, at, day.end)))
        return false;
    size_t sign = span_one_at(text, day.end, day_signs);
    struct span_word other = span_word_at(text, day.end + sign);
    *number = date_of(at, other.end, false);
    return sign > 0 && other.size > 0 && span_is_one_of(short_days, slice_range(text, other.start, other.end));
}

/* "the 5th of each month", "am 1. des Monats", "the 5th". */
static bool day_of_month(struct slice text, size_t at, struct number *number)
{
    static const char of_month[] =
        " of each month| of every month| of the month| of the following month| of the next month| of the same month| des "
        "Monats|"
        " des Folgemonats| jedes Monats| des jeweiligen Monats| eines Monats| de chaque mois| du mois| de cada mes| del mes";
    size_t day = one_or_two_digits(text, at), end = day > at ? ordinal_end(text, day) : day;
    if (end == day || value_of(text, at, day) - 1 >= 31)
        return false;
    size_t of = span_one_at(text, end, of_month);
    *number = date_of(at, end + of, true);
    number->is_ordinal = of == 0;
    number->value = value_of(text, at, day);
    struct span_word before = span_word_before(text, at, NULL), behind = span_word_at(text, end + span_blank_at(text, end));
    bool stands_alone = behind.size == 0 && text.data[day] != '.' && span_word_is(&before, "the|on|by|until");
    if (of == 0 && !stands_alone)
        number->kind = SPAN_NONE;
    return of > 0 || text.data[day] != '.';
}

bool span_date_at(struct slice text, size_t at, bool alone, struct number *number)
{
    if (!span_is_digit(text, at))
        return week_day(text, at, number) || month_first(text, at, alone, number);
    size_t end = numeric_end(text, at);
    if (end == 0)
        end = day_and_month_end(text, at);
    if (end == 0)
        end = east_date_end(text, at);
    if (end > 0) {
        *number = date_of(at, end, false);
        return true;
    }
    return day_first(text, at, number) || day_of_month(text, at, number);
}

/* ---- hours ---- */

/* "am", "p.m.", "Uhr" behind an hour; its end, or 0. `*is_half`: of a day. */
static size_t half_end(struct slice text, size_t at, bool *is_half)
{
    size_t from = at + span_blank_at(text, at),
           half = span_one_at(text, from, "a.m.|p.m.|A.M.|P.M.|a.m|p.m|am|pm|AM|PM|noon|midnight");
    size_t clock = span_one_at(text, from, "Uhr|uhr|uur|o'clock|o’clock");
    size_t size = half > 0 ? half : clock;
    *is_half = half > 0;
    return size > 0 && span_letter_at(text, from + size) == 0 && !span_is_digit(text, from + size) ? from + size : 0;
}

static bool east_hour(struct slice text, size_t at, struct number *number)
{
    static const char *const signs[] = {"時|时|點|点", "分"};
    size_t parts, size = span_one_at(text, at, "午前|午後|上午|下午|晚上|早上|中午"), digits = at + size;
    size_t end = east_end(text, digits, signs, ARRAY_COUNT(signs), &parts);
    bool is_hour = (parts & 1) != 0 && !span_starts(text, end, "間") && !span_starts(text, end, "间");
    end += is_hour ? span_one_at(text, end, "半") : 0;
    *number = (struct number){.start = at, .end = end, .bare_end = end, .kind = SPAN_HOUR};
    return is_hour;
}

/* "22h00", "às 9h": an hour of the day where it has no minutes to speak of, or stands behind a word that says when. "1h45" lasts. Its end, or 0. */
static size_t letter_hour_end(struct slice text, size_t at, size_t hours)
{
    size_t minutes = hours + 1;
    struct span_word before = span_word_before(text, at, NULL);
    if (!span_starts(text, hours, "h") && !span_starts(text, hours, "H"))
        return 0;
    bool has_minutes = span_digits_end(text, minutes) == minutes + 2 && text.data[minutes] < '6';
    size_t end = has_minutes ? minutes + 2 : minutes;
    bool is_said = span_word_is(&before, "à|às|a|até|das|dès|las|vers|avant|après|jusqu") ||
                   span_starts(text, at > 2 ? at - 2 : at, "à");
    bool is_full = has_minutes && span_starts(text, minutes, "00");
    size_t to = end + span_blank_at(text, end), joined = to + span_one_at(text, to, "às|à|até|a|et|e|y|-|–");
    is_said = is_said || (joined > to && span_is_digit(text, joined + span_blank_at(text, joined))); /* "de 9h à 17h30" */
    return (is_said || is_full) && span_letter_at(text, end) == 0 && !span_is_digit(text, end) ? end : 0;
}

bool span_hour_at(struct slice text, size_t at, struct number *number)
{
    size_t hours = one_or_two_digits(text, at), end = hours;
    unsigned hour = value_of(text, at, hours);
    bool is_half = false;
    if (east_hour(text, at, number))
        return true;
    struct span_word word = span_word_at(text, at);
    if (span_word_is(&word, "noon|midnight|midday")) {
        *number = (struct number){.start = at, .end = word.end, .bare_end = word.end, .kind = SPAN_HOUR};
        return true;
    }
    if (hours == at || hour > 24)
        return false;
    size_t letter = letter_hour_end(text, at, hours);
    if (letter > 0) {
        *number = (struct number){.start = at, .end = letter, .bare_end = letter, .kind = SPAN_HOUR, .value = hour};
        return true;
    }
    char sign = hours < text.size ? text.data[hours] : '\0';
    bool has_minutes = (sign == ':' || sign == '.') && span_digits_end(text, hours + 1) == hours + 3 &&
                       text.data[hours + 1] < '6';
    if (has_minutes)
        end = hours + 3;
    if (sign == ':' && has_minutes && span_starts(text, end, ":") && span_digits_end(text, end + 1) == end + 3)
        end += 3;
    size_t half = half_end(text, end, &is_half);
    if (half == 0 && !(has_minutes && sign == ':'))
        return false;
    if (is_half && hour > 12 && !has_minutes)
        return false;
    if (byte_among(end < text.size ? text.data[end] : ' ', ":,") && span_is_digit(text, end + 1)) /* "1:10,000" */
        return false;
    *number = (struct number){.start = at, .end = half > 0 ? half : end, .bare_end = end, .kind = SPAN_HOUR, .value = hour};
    size_t minutes = half + span_blank_at(text, half);
    if (half > 0 && !is_half && !has_minutes && minutes > half && span_digits_end(text, minutes) == minutes + 2 &&
        !span_letter_at(text, minutes + 2) && text.data[minutes] < '6' && !span_blank_at(text, minutes + 2))
        number->end = number->bare_end = minutes + 2; /* "9 Uhr 30" */
    return true;
}
