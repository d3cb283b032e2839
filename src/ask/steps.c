/* steps.c - sentences that each hold for a time: the one that holds for the time of the question.
 *
 *   "if I cancel 10 days before"     More than 21 days before, you get everything back.      21 ──────▶
 *                                    Between 21 and 8 days before, half.                     8 ──── 21
 *                                    In the last week, nothing.                              ◀─ 7
 *
 * A time is read of each sentence only where its bounds are plain. "Up to 5 days before" goes the other way than "up to 5 days". */
#include "steps.h"
#include "line_parts.h"
#include "span_parts.h"
#include <math.h>
#include <string.h>

#define DAY 24.0 /* hours */

struct step {
    double low, high; /* hours */
};

static double hours_of(const struct number *number)
{
    static const double hours[] = {0, 1.0 / 3600, 1.0 / 60, 1, DAY, 7 * DAY, 30 * DAY, 365 * DAY};
    bool is_time = number->kind == SPAN_DURATION && number->family == SPAN_FAMILY_TIME && number->rank < ARRAY_COUNT(hours);
    return is_time ? number->value * hours[number->rank] : 0;
}

/* Of small letters or a capital at their beginning. */
static bool ends_with_one(struct slice text, size_t end, const char *alternatives)
{
    struct slice rest = slice_from(alternatives), part;
    while (end > 0 && text.data[end - 1] == ' ')
        end--;
    while (slice_next(&rest, '|', &part)) {
        size_t same = 0;
        while (part.size <= end && same < part.size && byte_small(text.data[end - part.size + same]) == part.data[same])
            same++;
        if (same == part.size && (end == part.size || !span_letter_before(text, end - part.size)))
            return true;
    }
    return false;
}

/* A step that goes on without end: "from", and with "before" behind it "up to". */
static const char
    ups[] = "more than|over|at least|longer than|from|after|earlier than|ab|über|mehr als|mindestens|länger als|nach|"
            "plus de|au moins|dès|à partir de|après|más de|al menos|desde|a partir de|oltre|più di|almeno|meer dan|"
            "minstens|vanaf|na";
static const char
    downs[] = "less than|fewer than|within|under|in the first|in the last|the first|the last|inside|weniger als|"
              "innerhalb von|innerhalb der ersten|binnen|in den ersten|in den letzten|unter|die ersten|moins de|"
              "dans les|les premiers|menos de|dentro de|en los primeros|meno di|entro|minder dan|during the first";
static const char
    untils[] = "up to|until|till|by|at the latest|latest|no later than|not later than|bis|bis zu|spätestens|jusqu'à|"
               "au plus tard|hasta|fino a|tot|uiterlijk|bis spätestens";

/* "… before the move", "vorher": what "up to" bounds is counted back from there. */
static bool is_counted_back(struct slice line, size_t end)
{
    static const char words[] = "before|beforehand|prior|ahead|earlier|vor|vorher|zuvor|avant|antes|prima|voor|vooraf|notice";
    for (size_t words_seen = 0; words_seen < 4 && end < line.size; words_seen++) {
        end += span_blank_at(line, end);
        struct span_word word = span_word_at(line, end);
        if (word.size == 0 || span_word_is(&word, words))
            return word.size > 0;
        end = span_letters_end(line, end);
    }
    return false;
}

/* Where the number behind "and", "to" and the like begins; 0: no range goes on there. */
static size_t range_behind(struct slice line, size_t end)
{
    static const char joints[] = "and |to |bis |und |et |à |y |a |e |en |tot |–|-|—";
    size_t at = end + span_blank_at(line, end), size = span_one_at(line, at, joints);
    return size > 0 ? at + size + span_blank_at(line, at + size) : 0;
}

/* The quantity at `at` as a step; false where nothing says of it which way it goes. */
static bool read_step_at(struct slice line, size_t at, struct step *step, size_t *end)
{
    struct number first, second;
    if (!span_quantity_at(line, at, &first))
        return false;
    *end = first.end;
    size_t next = range_behind(line, first.end);
    if (next > 0 && span_quantity_at(line, next, &second) && hours_of(&second) > 0 &&
        (first.unit.size == 0 || hours_of(&first) > 0)) {
        double unit = hours_of(&second) / second.value, low = first.unit.size == 0 ? first.value * unit : hours_of(&first);
        *step = (struct step){fmin(low, hours_of(&second)), fmax(low, hours_of(&second))};
        *end = second.end;
        return true;
    }
    double hours = hours_of(&first);
    bool is_back = is_counted_back(line, first.end);
    *step = (struct step){0, (double)INFINITY};
    bool is_from = is_back && ends_with_one(line, at, "from|ab|dès|à partir de|desde|vanaf"); /* until when is told elsewhere */
    if (hours <= 0 || is_from ||
        ends_with_one(line, at, "not less than|not more than|no more than|no less than|nicht weniger als"))
        return false;
    if (ends_with_one(line, at, downs) || (!is_back && ends_with_one(line, at, untils)))
        step->high = hours;
    else if (ends_with_one(line, at, ups) || (is_back && ends_with_one(line, at, untils)))
        step->low = hours;
    return isfinite(step->high) || step->low > 0;
}

static bool read_step(struct slice line, struct step *step)
{
    if (line_has_bar(line))
        return false;
    for (size_t at = 0, end; at<line.size; at = end> at ? end : at + 1) {
        end = span_letters_end(line, at);
        if (!span_letter_before(line, at) && read_step_at(line, at, step, &end))
            return true;
    }
    return false;
}

/* The time that is asked about, in hours; negative: none. */
static double hours_asked(struct slice question)
{
    struct number number;
    for (size_t at = 0; span_next_number(question, &at, SPAN_DURATION, &number);)
        if (hours_of(&number) > 0)
            return hours_of(&number);
    static const char *const days_before[] = {"day before", "Tag vorher", "Tag zuvor", "Tag davor", "la veille"};
    for (size_t i = 0; i < ARRAY_COUNT(days_before); i++)
        if (memmem(question.data, question.size, days_before[i], strlen(days_before[i])) != NULL)
            return DAY;
    return -1;
}

static bool holds(const struct step *step, double hours)
{
    return hours >= step->low && hours <= step->high;
}

/* It is nearer to the hours than mine, which goes on the same way. */
static bool is_closer(const struct step *mine, const struct step *other, double hours)
{
    double own = isfinite(mine->high) ? mine->high - hours : hours - mine->low,
           others = isfinite(other->high) ? other->high - hours : hours - other->low;
    return isfinite(mine->high) == isfinite(other->high) && (mine->low > 0) == (other->low > 0) && others < own;
}

/* A word of the question, none for a time, stands in this sentence alone: "refunds are paid within 14 days" and "complaints within 7 days" are no
 * steps of one scale. */
static bool is_about_more(const struct asking *asking, const struct terms *mine, const struct terms *other)
{
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice word = asking->question.items[i];
        bool is_time = span_is_digit(word, 0) || span_unit_of(word) != NULL;
        if (!is_time && terms_have(mine, word) && !terms_have(other, word))
            return true;
    }
    return false;
}

/* Another sentence of the passage holds for the hours, and this one does not, or as one of several steps that reach so far. */
static bool is_other_step(const struct asking *asking, const struct ask_passage *passage, size_t sentence, double hours)
{
    struct step mine, other;
    if (!read_step(passage->sentences[sentence].text, &mine))
        return false;
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (i != sentence && !is_about_more(asking, &passage->sentences[sentence].terms, &passage->sentences[i].terms) &&
            read_step(passage->sentences[i].text, &other) && holds(&other, hours) &&
            (!holds(&mine, hours) || is_closer(&mine, &other, hours)))
            return true;
    return false;
}

size_t steps_kept(const struct asking *asking, struct candidate *items, size_t count)
{
    const double hours = hours_asked(asking->answer->asked);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (hours < 0 || !is_other_step(asking, &asking->passages[items[i].passage], items[i].sentence, hours))
            items[kept++] = items[i];
    return kept;
}
