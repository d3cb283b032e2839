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
#include "charged.h"
#include "span_parts.h"
#include "text/text.h"
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
    joining[] = "and|or|und|oder|et|ou|y|o|e|en|i|och",
    clause_ends[] = "but|if|unless|by|with|at|per|via|online|aber|wenn|mit|mais|avec|par|pour|pero|con|por|para|maar|met|door",
    clause_verbs[] = "we|you|they|he|she|it|i|is|are|was|were|must|will|can|may|has|have|should|shall|need|needs|il|elle|nous|"
                     "vous|est|sont|doit|peut|es|son|debe|deben|se|è|sono|deve|si|moet|kan|kunt|wordt|u|wij",
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

static bool is_capital_word(struct slice line, const struct span_word *word)
{
    uint32_t character;
    if (word->size == 0)
        return false;
    (void)text_decode(line, word->start, &character);
    return text_is_capital(character);
}

/* "Mr and Mrs Hale" are told together; the "St" of "Mill St. Ada Stone" is of a street. */
static size_t title_before(struct slice line, size_t start)
{
    for (;;) {
        bool is_stop;
        struct span_word word = span_word_before(line, start, NULL), before = span_word_before(line, word.start, &is_stop);
        bool is_street = span_word_is(&word, "st") && is_capital_word(line, &before) && !is_stop &&
                         !span_is_title(slice_range(line, before.start, before.end));
        if (word.size == 0 || is_street || !span_is_title(slice_range(line, word.start, word.end)))
            return start;
        struct span_word other = span_word_before(line, before.start, NULL);
        bool are_two = !is_stop && span_word_is(&before, joining) && other.size > 0 &&
                       span_is_title(slice_range(line, other.start, other.end));
        start = are_two ? before.start : word.start;
    }
}

/* Where the word before begins, if it is one of these. */
static size_t word_before(struct slice line, size_t start, const char *alternatives)
{
    bool is_stop;
    struct span_word word = span_word_before(line, start, &is_stop);
    return !is_stop && span_word_is(&word, alternatives) ? word.start : start;
}

/* "St.", "J.", "approx.", and what goes on in small letters or digits. */
static bool is_abbreviated(struct slice line, size_t stop)
{
    struct span_word word = span_word_before(line, stop, NULL), next = span_word_at(line, stop + 2);
    return word.size == 1 || span_is_title(slice_range(line, word.start, word.end)) || span_is_digit(line, stop + 2) ||
           (next.size > 0 && !is_capital_word(line, &next));
}

/* A sign that ends a clause; none is the ":" of "07:15", nor the full stop of "St. Bride's". */
static bool is_end_at(struct slice line, size_t at)
{
    char byte = line.data[at];
    if (byte_among(byte, ":,.") && at > 0 && span_is_digit(line, at - 1) && span_is_digit(line, at + 1))
        return false;
    if (byte == '.')
        return at + 1 == line.size || line.data[at + 1] == '\n' || (line.data[at + 1] == ' ' && !is_abbreviated(line, at));
    return byte_among(byte, ",;:!?|()\n") || span_one_at(line, at, "–|—") > 0;
}

enum step { STEP_ON, STEP_END, STEP_DOUBT };

/* "the course and not later", "or after 300 km", "and 20 minutes", "and registered"; in doubt it is of one noun, as in "the first and last sailing". */
static bool joins_clauses(struct slice line, size_t at, const struct span_word *word, const struct span_word *next)
{
    static const char *const participles[] = {"ed", "é", "és", "ée", "ées", "enu", "enue", "enus", "enues"};
    struct span_word before = span_word_before(line, at, NULL);
    bool is_participle = false;
    for (size_t i = 0; i < ARRAY_COUNT(participles); i++)
        is_participle = is_participle || slice_ends_with(slice_range(line, next->start, next->end), slice_from(participles[i]));
    is_participle = is_participle && !span_word_is(&before, ordinals) &&
                    !slice_ends_with(slice_range(line, before.start, before.end), SLICE("ed"));
    return is_participle || span_is_digit(line, word->end + 1) || span_word_is(next, "not|nicht|pas|no") ||
           span_word_is(next, clause_verbs) || span_word_is(next, anchors);
}

/* What the word at `at` does to the clause that it would be the next of. */
static enum step step_at(struct slice line, size_t at, bool has_noun, bool is_german)
{
    struct span_word word = span_word_at(line, at), next = span_word_at(line, word.end + span_blank_at(line, word.end));
    size_t digits = span_digits_end(line, at);
    bool is_hour = digits > at && span_starts(line, digits, ":") && span_is_digit(line, digits + 1);
    if (digits > at)
        return is_hour ? STEP_ON : STEP_END;
    if (span_word_is(&word, joining))
        return joins_clauses(line, at, &word, &next) ? STEP_END : STEP_DOUBT;
    if (span_word_is(&word, clause_ends) || (span_word_is(&word, "in") && span_word_is(&next, "writing")))
        return STEP_END;
    if (is_german && has_noun && word.size > 0 && !is_capital_word(line, &word))
        return span_word_is(&word, "der|des") && is_capital_word(line, &next) ? STEP_ON : STEP_END;
    return !is_german && span_word_is(&word, clause_verbs) ? STEP_DOUBT : STEP_ON;
}

/* Nothing but "within", "up to" stands before. */
static bool opens_line(struct slice line, size_t start)
{
    for (;;) {
        struct span_word word = span_word_before(line, start, NULL);
        while (word.size == 0 && start > 0 && line.data[start - 1] == ' ')
            start--;
        if (word.size == 0)
            return start == 0 || !byte_among(line.data[start - 1], ",:;)0123456789");
        if (!span_word_is(&word, "up|to|within|about|at|least|until|only|no|later|than|dans|les|en"))
            return false;
        start = word.start;
    }
}

/* Where the words of the anchor from `at` on end; 0: that is not sure. Of a quantity that opens its line the main clause may follow without a sign
 * ("2 hours after low water │ the gate is closed"); no noun is begun anew there. */
static size_t clause_end(struct slice line, size_t at, bool is_opening, bool is_german)
{
    size_t most = at + ANCHOR_BYTES < line.size ? at + ANCHOR_BYTES : line.size, end = at;
    bool has_noun = false, is_function = true;
    while (at < most && !is_end_at(line, at)) {
        size_t blank = span_blank_at(line, at);
        if (blank == 0) {
            size_t size = span_letter_at(line, at);
            end = at += size > 0 ? size : 1;
            continue;
        }
        at += blank;
        enum step step = step_at(line, at, has_noun, is_german);
        struct span_word word = span_word_at(line, at);
        bool is_new = span_word_is(&word, "the|a|an|our|your|all|any|each|every") && !is_function;
        if (step == STEP_DOUBT || (is_opening && !is_german && (step == STEP_END || is_new)))
            return 0;
        if (step == STEP_END)
            return is_function || (is_german && !has_noun) ? 0 : end;
        is_function = word.size > 0 && span_is_function_word(&word);
        has_noun = has_noun || is_capital_word(line, &word);
    }
    return at == line.size || (at < most && is_end_at(line, at)) ? end : 0;
}

/* "45 minutes | before departure", "2 weeks | in advance": where that ends; `end`: nothing tells from when it counts. */
static size_t anchor_end(struct slice line, size_t start, size_t end)
{
    size_t at = end + span_blank_at(line, end), adverb = span_one_at(line, at, adverbs);
    struct span_word word = span_word_at(line, at);
    if (at == end)
        return end;
    if (adverb > 0 && span_letter_at(line, at + adverb) == 0)
        return at + adverb;
    size_t anchored = span_word_is(&word, anchors)
                          ? clause_end(line, word.end, opens_line(line, start), span_word_is(&word, "vor|nach"))
                          : 0;
    return anchored > end ? anchored : end;
}

/* "second and fourth | Tuesday": where all of its ordinals begin; `start`: there is none, or not all are told apart. */
static size_t ordinals_before(struct slice line, size_t start)
{
    size_t first = word_before(line, start, ordinals);
    if (first == start)
        return start;
    for (size_t and; (and = word_before(line, first, joining)) < first;) {
        first = word_before(line, and, ordinals);
        if (first == and)
            return start;
    }
    first = word_before(line, first, ordinals); /* "every second" */
    bool is_listed = first > 1 && line.data[first - 1] == ' ' && line.data[first - 2] == ',';
    struct span_word listed = span_word_before(line, is_listed ? first - 2 : first, NULL);
    return is_listed && span_word_is(&listed, ordinals) ? start : first;
}

static struct slice time_grown(struct slice question, unsigned asked, struct slice line, size_t start, size_t end)
{
    struct slice part = slice_range(line, start, end);
    bool is_when = (asked & SPAN_DATE) != 0;
    if (is_duration(part)) {
        bool is_repeated = is_when || span_has_word(question, "often|oft|vaak|ofta|często");
        bool is_point = is_when || span_has_word(question, "late|early|spät|früh");
        size_t first = is_repeated ? word_before(line, start, every) : start;
        return slice_range(line, first, first == start && is_point ? anchor_end(line, start, end) : end);
    }
    if (!is_when || !is_weekday(part))
        return part;
    size_t first = ordinals_before(line, start), month = span_one_at(line, end, months);
    if (first == start)
        return part;
    return slice_range(line, first, span_letter_at(line, end + month) == 0 ? end + month : end);
}

struct slice span_grown(struct slice question, unsigned asked, struct slice line, struct slice part)
{
    if (part.data < line.data || part.data + part.size > line.data + line.size || part.size == 0)
        return part;
    size_t start = (size_t)(part.data - line.data), end = start + part.size;
    if ((asked & SPAN_NAME) != 0)
        return slice_range(line, title_before(line, start), end);
    struct slice charged = (asked & SPAN_MONEY) != 0 || asked == SPAN_NONE ? charged_grown(question, line, part) : part;
    if (charged.size > part.size)
        return charged;
    return (asked & (SPAN_DURATION | SPAN_DATE)) != 0 ? time_grown(question, asked, line, start, end) : part;
}
