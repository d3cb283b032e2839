/* grown.c - a part of a sentence that is chosen as the answer, with what it means nothing without.
 *
 *   "who …?"          the keys are with Mr [Dunne].                       ▶ Mr Dunne
 *   "by when …?"      tell us [45 minutes] before departure.              ▶ 45 minutes before departure
 *   "how often …?"    it is tested every [12 months].                     ▶ every 12 months
 *   "what fee …?"     [2.9%] + 25¢ for foreign cards                      ▶ 2.9% + 25¢
 *   "when …?"         on the first [Tuesday] of each month                ▶ first Tuesday of each month
 *
 * Of "how long" and "how many" the time alone is the answer. What is added ends where the clause ends; what goes on for long is left as it is. */
#include "grown.h"
#include "span_parts.h"
#include <string.h>

enum { ANCHOR_BYTES = 60 };

static const char
    every[] = "every|each|jede|jeden|jedes|jeder|alle|chaque|cada|ogni|elke|iedere",
    ordinals[] =
        "first|second|third|fourth|last|every|each|other|alternate|erste|ersten|erster|zweite|zweiten|zweiter|dritte|dritten|"
        "dritter|vierte|vierten|letzte|letzten|letzter|jeden|jeder|premier|deuxième|troisième|dernier|chaque|primer|"
        "segundo|tercer|último|cada|primo|secondo|terzo|ultimo|ogni|eerste|tweede|derde|laatste|elke",
    anchors[] = "before|after|from|of|prior|vor|nach|avant|après|antes|después|prima|dopo|voor|na",
    adverbs[] = "in advance|ahead|beforehand|later|im Voraus|vorher|später|à l'avance|de antelación|in anticipo|van tevoren",
    clause_ends[] = "and|or|but|if|unless|und|oder|aber|wenn|et|ou|mais|y|pero|maar",
    months[] = " of each month| of every month| of the month| of a month| in the month| of each quarter| of the quarter| im "
               "Monat| des Monats| "
               "du mois| de chaque mois| del mes| de cada mes| del mese| di ogni mese| van de maand| van elke maand";

/* One quantity, and all of it. */
static bool is_duration(struct slice text)
{
    struct number number;
    size_t at = 0;
    return span_next_number(text, &at, SPAN_DURATION, &number) && number.start == 0 && number.end == text.size &&
           number.kind == SPAN_DURATION;
}

static bool is_weekday(struct slice text)
{
    struct number number;
    struct span_word word = span_word_at(text, 0);
    return word.size > 0 && !span_is_month(&word) && span_date_at(text, 0, true, &number) && number.kind == SPAN_DATE;
}

static size_t title_before(struct slice line, size_t start)
{
    for (;;) {
        struct span_word word = span_word_before(line, start, NULL);
        if (word.size == 0 || !span_is_title(slice_range(line, word.start, word.end)))
            return start;
        start = word.start;
    }
}

/* Where the word before begins, if it is one of these. */
static size_t word_before(struct slice line, size_t start, const char *alternatives)
{
    bool is_stop;
    struct span_word word = span_word_before(line, start, &is_stop);
    return !is_stop && span_word_is(&word, alternatives) ? word.start : start;
}

/* Where the clause from `at` on ends; 0: not soon. */
static size_t clause_end(struct slice line, size_t at)
{
    size_t most = at + ANCHOR_BYTES < line.size ? at + ANCHOR_BYTES : line.size;
    for (; at < most; at++) {
        char byte = line.data[at];
        bool is_stop = byte == '.' && (at + 1 == line.size || byte_among(line.data[at + 1], " \n"));
        if (is_stop || byte_among(byte, ",;:!?|()\n"))
            return at;
        struct span_word word = span_word_at(line, at + 1);
        if (byte == ' ' && span_word_is(&word, clause_ends))
            return at;
    }
    return at == line.size ? at : 0;
}

/* "45 minutes | before departure", "2 weeks | in advance": where that ends; `end`: nothing tells from when it counts. */
static size_t anchor_end(struct slice line, size_t end)
{
    size_t at = end + span_blank_at(line, end), adverb = span_one_at(line, at, adverbs);
    struct span_word word = span_word_at(line, at);
    if (at == end)
        return end;
    if (adverb > 0 && span_letter_at(line, at + adverb) == 0)
        return at + adverb;
    size_t anchored = span_word_is(&word, anchors) ? clause_end(line, word.end) : 0;
    while (anchored > 0 && line.data[anchored - 1] == ' ')
        anchored--;
    return anchored > end ? anchored : end;
}

static struct slice time_grown(struct slice question, unsigned asked, struct slice line, size_t start, size_t end)
{
    struct slice part = slice_range(line, start, end);
    bool is_when = (asked & SPAN_DATE) != 0;
    if (is_duration(part)) {
        bool is_repeated = is_when || span_has_word(question, "often|oft|vaak|ofta|często");
        bool is_point = is_when || span_has_word(question, "late|early|spät|früh");
        size_t first = is_repeated ? word_before(line, start, every) : start;
        return slice_range(line, first, first == start && is_point ? anchor_end(line, end) : end);
    }
    if (!is_when || !is_weekday(part))
        return part;
    size_t first = word_before(line, start, ordinals);
    if (first == start)
        return part;
    size_t month = span_one_at(line, end, months);
    return slice_range(line, word_before(line, first, ordinals), span_letter_at(line, end + month) == 0 ? end + month : end);
}

/* "2.9%" of "2.9% + 25¢" is not all that is charged. */
static size_t sum_end(struct slice line, size_t end)
{
    static const char plus[] = " + | plus ";
    struct number number;
    size_t sign = span_one_at(line, end, plus);
    bool is_more = sign > 0 && span_quantity_at(line, end + sign, &number) &&
                   (number.kind == SPAN_MONEY || number.kind == SPAN_SHARE);
    return is_more ? (number.rate > 0 ? number.rate : number.end) : end;
}

static bool is_charged(struct slice text)
{
    struct number number;
    size_t at = 0;
    return span_next_number(text, &at, SPAN_MONEY | SPAN_SHARE, &number) && number.start == 0 && number.end == text.size &&
           (number.kind == SPAN_MONEY || number.kind == SPAN_SHARE);
}

struct slice span_grown(struct slice question, unsigned asked, struct slice line, struct slice part)
{
    if (part.data < line.data || part.data + part.size > line.data + line.size || part.size == 0)
        return part;
    size_t start = (size_t)(part.data - line.data), end = start + part.size;
    if ((asked & SPAN_NAME) != 0)
        return slice_range(line, title_before(line, start), end);
    if ((asked & SPAN_MONEY) != 0 && is_charged(part))
        return slice_range(line, start, sum_end(line, end));
    return (asked & (SPAN_DURATION | SPAN_DATE)) != 0 ? time_grown(question, asked, line, start, end) : part;
}
