/* outer_times.c - "when is the last ferry?" where all sailings are told: of a list that rises, the one at the end that is asked for.
 *
 *   leaves at 7:40, 9:10 and 18:15        6 h, 9 h 30 et 16 h 30        14 June, 13 September and 18 October
 *             ~~~~            ~~~~~       first, last
 *
 * Hours have to rise, so that nothing else is listed there; dates are taken in the order in which they are told. A list with ranges is none, and a question
 * that tells which of them it means in another way ("after 9", "in June") is left alone. */
#include "outer_times.h"
#include "span_parts.h"
#include <string.h>

enum { TIMES_MAX = 32, HOUR_MINUTES = 60, HALF_DAY = 12 * HOUR_MINUTES };

enum outer { OUTER_NONE, OUTER_FIRST, OUTER_LAST };

struct clock {
    size_t start, end;
    unsigned minutes;
    char half; /* 'a', 'p': of the day; 0: not told */
    bool is_bare; /* digits alone */
};

struct times {
    struct clock items[TIMES_MAX];
    size_t count;
};

/* ---- the question ---- */

static enum outer outer_asked(struct slice question)
{
    static const char firsts[] = "first|earliest|erste|ersten|erster|erstes|früheste|frühesten|premier|première|primer|primera|"
                                 "primero|primo|prima|primeiro|primeira|eerste|vroegste",
                      lasts[] = "last|latest|letzte|letzten|letzter|letztes|späteste|spätesten|dernier|dernière|último|última|"
                                "ultimo|ultima|laatste",
                      others[] = "aid|aider|aiders|floor|class|name|year|week|month|night|time|before|after|between|vor|nach|"
                                 "avant|après|antes|después|dopo|voor|na|di|morning|afternoon|evening|morgens|vormittags|"
                                 "nachmittags|abends|matin|midi|soir|mañana|tarde|noche|mattina|pomeriggio|sera|ochtend|"
                                 "middag|avond|hilfe|stock|secours|étage|and|und|et|y|e|en";
    enum outer outer = OUTER_NONE;
    for (size_t at = 0, end; at < question.size; at = end == at ? at + 1 : end) {
        end = span_letters_end(question, at);
        struct span_word word = span_word_at(question, at), next = span_word_at(question, end + span_blank_at(question, end));
        bool is_first = span_word_is(&word, firsts), is_last = span_word_is(&word, lasts);
        struct number date;
        if (span_is_digit(question, at) || (span_date_at(question, at, true, &date) && span_is_month(&word)))
            return OUTER_NONE;
        if (!is_first && !is_last)
            continue;
        if (outer != OUTER_NONE || span_starts(question, end, "-") || span_word_is(&next, others))
            return OUTER_NONE;
        outer = is_first ? OUTER_FIRST : OUTER_LAST;
    }
    return span_has_word(question, "before|after|between|vor|nach|avant|après|antes|después|dopo|morning|afternoon|evening|"
                                   "matin|soir|tarde|noche|mattina|sera|ochtend|avond")
               ? OUTER_NONE
               : outer;
}

/* ---- hours ---- */

static size_t two_digits(struct slice line, size_t at)
{
    size_t end = span_digits_end(line, at);
    return end == at + 2 && line.data[at] < '6' ? end : at;
}

/* "am", "Uhr": where it ends. */
static size_t suffix_end(struct slice line, struct clock *clock)
{
    size_t at = clock->end + span_blank_at(line, clock->end), half = span_one_at(line, at, "a.m.|p.m.|am|pm|AM|PM");
    size_t size = half > 0 ? half : span_one_at(line, at, "Uhr|uhr|uur|o'clock|hrs");
    if (size == 0 || span_letter_at(line, at + size) > 0)
        return clock->end;
    clock->half = half > 0 ? (char)(line.data[at] | 0x20) : clock->half;
    clock->is_bare = false;
    return at + size;
}

/* "7:40", "7.40 Uhr", "9 h 30", "8 am", "8". */
static bool clock_at(struct slice line, size_t at, struct clock *clock)
{
    size_t end = span_digits_end(line, at);
    if (end == at || end > at + 2)
        return false;
    unsigned hours = 0, minutes = 0;
    for (size_t i = at; i < end; i++)
        hours = hours * 10 + (unsigned)(line.data[i] - '0');
    *clock = (struct clock){.start = at, .end = end, .is_bare = true};
    size_t letter = end + span_blank_at(line, end), sign = span_one_at(line, end, ":|.");
    size_t behind = sign > 0 ? end + sign : letter + 1 + span_blank_at(line, letter + 1);
    bool is_letter = span_starts(line, letter, "h") && span_letter_at(line, letter + 1) == 0;
    size_t minutes_end = sign > 0 || is_letter ? two_digits(line, behind) : behind;
    if (minutes_end > behind) {
        minutes = (unsigned)(line.data[behind] - '0') * 10 + (unsigned)(line.data[behind + 1] - '0');
        clock->end = minutes_end;
    } else if (is_letter) {
        clock->end = letter + 1;
    } else if (sign > 0 && span_is_digit(line, end + sign)) {
        return false;
    }
    clock->is_bare = clock->end == end;
    clock->end = suffix_end(line, clock);
    clock->minutes = hours * HOUR_MINUTES + minutes;
    return hours <= 24 && span_letter_at(line, clock->end) == 0 && !span_is_digit(line, clock->end);
}

/* What stands between two of a list, with its blanks. */
static size_t joint_at(struct slice line, size_t at)
{
    return span_one_at(line, at, ", and |, und |, or |, | and | und | sowie | et | y | e | en | & | / |/|; | och | i ");
}

/* The list of hours that begins at `at`: false, it is none. */
static bool read_hours(struct slice line, size_t at, struct times *times)
{
    *times = (struct times){0};
    for (size_t joint; times->count < TIMES_MAX && clock_at(line, at, &times->items[times->count]); at += joint) {
        at = times->items[times->count++].end;
        joint = joint_at(line, at);
        if (joint == 0)
            break;
    }
    size_t end = times->count > 0 ? times->items[times->count - 1].end : at;
    bool is_range = false;
    for (size_t size = 1; size <= 8 && !is_range && end + size < line.size; size++) /* "9:00 to │ 12:00" */
        is_range = span_is_digit(line, end + size) &&
                   span_is_one_of("–|-|to|bis|à|a|al|alle|tot|until", slice_trim(slice_range(line, end, end + size)));
    return times->count >= 2 && !is_range;
}

/* Hours of one half of the day are told as such behind the last of them. */
static bool do_rise(struct times *times)
{
    char half = 0;
    bool has_half = false;
    for (size_t i = times->count; i > 0; i--) {
        struct clock *clock = &times->items[i - 1];
        half = clock->half != 0 ? clock->half : half;
        has_half = has_half || half != 0;
        if (half != 0 && clock->minutes >= HALF_DAY)
            clock->minutes -= HALF_DAY;
        clock->minutes += half == 'p' ? HALF_DAY : 0;
    }
    for (size_t i = 1; i < times->count; i++)
        if (times->items[i].minutes <= times->items[i - 1].minutes)
            return false;
    return !has_half || times->items[times->count - 1].half != 0;
}

/* False: the part from `start` to `end` is of no such list. */
static bool outer_hour(enum outer outer, struct slice line, size_t start, size_t end, struct slice *found)
{
    struct times times;
    for (size_t at = 0; at < end; at++) {
        bool begins = span_is_digit(line, at) && (at == 0 || (!span_is_digit(line, at - 1) && !span_letter_before(line, at) &&
                                                              !byte_among(line.data[at - 1], ":.-/£$+")));
        if (!begins || !read_hours(line, at, &times))
            continue;
        const struct clock *first = &times.items[0], *last = &times.items[times.count - 1];
        const struct clock *meant = outer == OUTER_FIRST ? first : last;
        *found = slice_range(line, meant->start, meant->end);
        if (first->start < end && last->end > start)
            return !meant->is_bare && do_rise(&times);
        at = last->end > at ? last->end - 1 : at;
    }
    return false;
}

/* ---- dates ---- */

static bool is_date_joint(struct slice between)
{
    return between.size > 0 && joint_at(between, 0) == between.size;
}

static bool outer_date(enum outer outer, struct slice line, struct slice part, struct slice *found)
{
    struct span dates[TIMES_MAX];
    size_t count = spans_find(SLICE(""), line, SPAN_DATE, dates, TIMES_MAX), first = 0;
    for (size_t end = 1; end <= count; end++) {
        const char *behind = dates[end - 1].text.data + dates[end - 1].text.size;
        bool is_one = dates[end - 1].kind == SPAN_DATE && span_is_digit(dates[end - 1].text, 0);
        bool goes_on = end < count && dates[end].text.data > behind && is_one &&
                       is_date_joint((struct slice){behind, (size_t)(dates[end].text.data - behind)});
        if (goes_on)
            continue;
        bool is_meant = is_one && end - first >= 2 && part.data >= dates[first].text.data && part.data + part.size <= behind;
        *found = outer == OUTER_FIRST ? dates[first].text : dates[end - 1].text;
        if (is_meant)
            return true;
        first = end;
    }
    return false;
}

static bool find_outermost(struct slice question, struct slice line, struct slice part, struct slice *found)
{
    enum outer outer = outer_asked(question);
    if (outer == OUTER_NONE || part.data < line.data || part.data + part.size > line.data + line.size || part.size == 0)
        return false;
    size_t start = (size_t)(part.data - line.data), end = start + part.size;
    return outer_hour(outer, line, start, end, found) || outer_date(outer, line, part, found);
}

struct slice time_outermost(struct slice question, struct slice line, struct slice part)
{
    struct slice found;
    return find_outermost(question, line, part, &found) ? found : part;
}

bool time_tells_outermost(struct slice question, struct slice word, struct slice line, struct slice part)
{
    struct slice found;
    while (word.size > 0 && memchr(word.data, '\'', word.size) != NULL) /* "l'ultima" */
        word = slice_range(word, 1, word.size);
    return outer_asked(word) != OUTER_NONE && find_outermost(question, line, part, &found);
}
