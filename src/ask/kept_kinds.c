/* kept_kinds.c - what plainly is of another kind than what is asked for answers nothing, however near its line is: a weight to "how long?", an hour to
 * "where?", a price to a number to call. What may answer in other words ("on request", "see notice board") is left alone, and so are words: no list of those
 * that tell a time or an amount is whole. */
#include "kept_kinds.h"
#include "asked_days.h"
#include "asked_months.h"
#include "physicals.h"
#include "plain_kinds.h"
#include "span_parts.h"
#include "spans.h"

enum { TIMES = SPAN_DURATION | SPAN_DATE | SPAN_HOUR };
enum { AMOUNTS = SPAN_MONEY | SPAN_SHARE | SPAN_COUNT | SPAN_MEASURE | SPAN_NO_TIME };

/* Of a sentence in other words ("The number is on page 2-3.") the reader says more than this. */
#define READ_LEAST (-0.4)

struct wanted {
    struct slice question;
    unsigned asked, physicals, days;
    bool is_who, is_where, names_money, is_counted;
};

/* Of "how many?" what names no amount is no answer; of "how much?" and "how heavy?" a whole sentence or cell may be one ("on request"). */
static bool lacks_amount(const struct wanted *wanted, const struct candidate *item)
{
    const unsigned asked = wanted->asked;
    if (asked == SPAN_NONE || (asked & ~(unsigned)SPAN_NO_TIME) == SPAN_MEASURE || (asked & ~(unsigned)AMOUNTS) != 0)
        return false;
    bool may_do = asked != SPAN_COUNT && item->values[FEATURE_WHOLE] + item->values[FEATURE_CELL] > 0;
    bool is_time = (asked & SPAN_NO_TIME) != 0 && kind_of_most(wanted->question, item->text, TIMES) != SPAN_NONE;
    return (!may_do && !says_amount(item->text)) || is_time;
}

static bool is_phone(struct slice text)
{
    size_t start = text.size > 0 && text.data[0] == '(' ? 1 : 0;
    return text.size > start && byte_among(text.data[start], "+0123456789") && span_phone_end(text, 0, false) == text.size;
}

/* No number to call is a price or an amount. */
static bool is_phone_for_price(const struct wanted *wanted, const struct candidate *item)
{
    bool is_price = (wanted->asked & (SPAN_MONEY | SPAN_COUNT | SPAN_MEASURE)) != 0 && (wanted->asked & SPAN_PHONE) == 0;
    return is_price && is_phone(item->text);
}

/* ---- parts of sentences, and cells ---- */

/* "3 kg" to "how long?", where one word alone asks. A car's service may be told by miles, how thick paper is by its weight, how far a place is by minutes. */
static bool is_other_physical(const struct wanted *wanted, const struct candidate *item)
{
    static const char plain[] = "long|heavy|weigh|tall|wide|deep|hot|cold|warm|lange|schwer|wiegt|tief|breit|heiß|kalt";
    unsigned told = physicals_told(item->text) | physicals_of_unit(item->unit);
    return (wanted->asked & SPAN_DATE) == 0 && wanted->physicals != 0 && told != 0 && (wanted->physicals & told) == 0 &&
           span_has_word(wanted->question, plain);
}

static bool is_between_digits(struct slice text, size_t at, size_t size)
{
    return at > 0 && span_is_digit(text, at - 1) && span_is_digit(text, at + size);
}

/* A number from `start` to `end` is joined to nothing that makes it an hour, a range or an amount: no "9-17", "8:30", "P2", "£93,200", "40%". */
static bool stands_alone(struct slice text, size_t start, size_t end)
{
    enum { DASH_BYTES = sizeof("–") - 1 };
    bool is_letter_before = end - start == 1 && start > 0 && span_letter_before(text, start); /* "ext42" is one */
    bool is_joined_before = start > 0 && ((byte_among(text.data[start - 1], ".,:-") && is_between_digits(text, start - 1, 1)) ||
                                          (start > DASH_BYTES && span_starts(text, start - DASH_BYTES, "–") &&
                                           is_between_digits(text, start - DASH_BYTES, DASH_BYTES)));
    bool is_joined_behind = end < text.size && ((byte_among(text.data[end], ".,:-") && is_between_digits(text, end, 1)) ||
                                                (span_starts(text, end, "–") && is_between_digits(text, end, DASH_BYTES)));
    return !is_letter_before && !is_joined_before && !is_joined_behind && span_currency_before(text, start) == 0 &&
           span_currency_at(text, end + span_blank_at(text, end)) == 0 && span_share_at(text, end) == 0;
}

/* "call 112", "ext. 42", "0800 111 999", "01977-960345". */
static bool has_number_to_call(struct slice text)
{
    enum { JOINED_LEAST = 5 };
    size_t joined = 0;
    for (size_t at = 0, end; at < text.size; at = end) {
        end = span_digits_end(text, at);
        if (end == at) {
            size_t blank = span_blank_at(text, at);
            joined = blank > 0 || byte_among(text.data[at], "-./()") ? joined : 0;
            end = at + (blank > 0 ? blank : 1);
            continue;
        }
        joined += end - at;
        if (joined >= JOINED_LEAST || stands_alone(text, at, end))
            return true;
    }
    return false;
}

/* The number itself, and not what a phone costs or how many calls there are. */
static bool asks_number_to_call(struct slice question, unsigned asked)
{
    static const char
        numbers[] = "number|numbers|nummer|telefonnummer|rufnummer|numéro|número|numero|numer|extension|ext|bleep|pager|"
                    "durchwahl";
    static const char
        others[] = "how|many|much|who|whose|when|why|where|price|cost|costs|viele|viel|wer|wann|wo|warum|kostet|combien|qui|"
                   "quand|cuántos|cuántas|cuánto|quién|cuándo|quanti|quante|quanto|chi|quando|hoeveel|wanneer|ile|hur";
    return asked == SPAN_PHONE && span_has_word(question, numbers) && !span_has_word(question, others);
}

/* A cell may say where to look ("see notice board"), unless its row has a number. */
static bool is_no_number_to_call(const struct asking *asking, const struct candidate *item)
{
    enum { AMOUNTS_TOLD = SPAN_MONEY | SPAN_SHARE | SPAN_DURATION };
    if (kind_of_most(SLICE(""), item->text, AMOUNTS_TOLD) != SPAN_NONE)
        return true;
    if (span_has_digit(item->text) || item->values[FEATURE_CELL] == 0)
        return !has_number_to_call(item->text);
    return has_number_to_call(asking->passages[item->passage].sentences[item->sentence].text);
}

static const char costs[] = "cost|costs|kostet|kosten|coûte|coûtent|cuesta|cuestan|costa|costano|custa|custam|kost";
static const char prices[] =
    "price|prices|cost|costs|fee|fees|fare|rent|premium|tuition|toll|salary|miete|loyer|honoraires|preis|preise|kosten|"
    "gebühr|gehalt|prix|tarif|precio|coste|prezzo|preço|prijs";

/* "What is the yearly price of …", "price of …", and not "what is the limit for the reduced price": it stands where the thing that is asked for does. */
static bool names_price(struct slice question)
{
    static const char
        asking[] = "what|whats|s|is|are|was|were|how|high|much|the|a|an|your|our|was|wie|hoch|ist|sind|der|die|das|"
                   "quel|est|le|la|cuál|es|el|qual|è|il|o|wat|de";
    size_t others = 0;
    for (size_t at = 0, end; at < question.size && others <= 1; at = end > at ? end : at + 1) {
        end = span_letters_end(question, at);
        struct span_word word = span_word_at(question, at), next = span_word_at(question, end + span_blank_at(question, end));
        if (span_word_is(&word, prices))
            return next.size == 0 || span_is_function_word(&next); /* no "fee period" */
        others += word.size > 0 && !span_word_is(&word, asking);
    }
    return false;
}

/* "What does the job pay?", "How much does it cost to …?": of days it tells how many they are. */
static bool asks_price_alone(struct slice question)
{
    struct span_word first = span_word_at(question, 0), second = span_word_at(question, first.end + 1);
    struct span_word third = span_word_at(question, second.end + 1);
    size_t end = question.size;
    while (end > 0 && byte_among(question.data[end - 1], "?. "))
        end--;
    struct span_word last = span_word_before(question, end, NULL);
    bool is_what = span_word_is(&first, "what") && span_word_is(&second, "does|do|did") && span_word_is(&last, "cost|pay");
    bool is_how_much = span_word_is(&first, "how") && span_word_is(&second, "much") &&
                       span_word_is(&third, "does|do|did|would|will") && span_has_word(question, costs);
    bool is_other = span_word_is(&first, "was|combien|cuánto|quanto|hoeveel") && span_word_is(&second, costs);
    return is_what || is_how_much || is_other || names_price(question);
}

/* "5 litres", "36 V", and no "5 pounds". */
static bool tells_measure(struct slice text)
{
    struct number number;
    size_t at = 0;
    bool is_found = span_next_number(text, &at, SPAN_MEASURE, &number) && number.start == 0 && number.kind == SPAN_MEASURE &&
                    !number.is_thing;
    struct span_word unit = is_found ? span_word_at(number.unit, 0) : (struct span_word){0};
    return is_found && !span_word_is(&unit, "pound|pounds");
}

/* No year: four digits alone may be an amount. */
static bool tells_time(struct slice text)
{
    return !(text.size == 4 && span_is_year(text)) && kind_of_most(SLICE(""), text, TIMES) != SPAN_NONE;
}

static const char times[] = "times|mal|fois|veces|volte|keer|vezes";

/* "three times a year" */
static bool tells_times(struct slice text)
{
    double value;
    bool is_article;
    size_t digits = span_digits_end(text, 0), end = digits > 0 ? digits : span_spelled_at(text, 0, &value, &is_article);
    struct span_word word = span_word_at(text, end + span_blank_at(text, end));
    return end > 0 && span_word_is(&word, times);
}

/* "How many rinses?" may be told by "rinse it three times", unless another candidate counts rinses. */
static bool has_count_asked(const struct wanted *wanted, const struct candidate *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        struct number number;
        bool is_counted = span_next_number(items[i].text, &at, SPAN_COUNT, &number) && number.is_thing;
        struct span_word thing = is_counted ? span_word_at(number.unit, 0) : (struct span_word){0};
        if (thing.size > 0 && !tells_times(items[i].text) && span_has_word(wanted->question, thing.bytes))
            return true;
    }
    return false;
}

/* "twice a year": nothing lasts that long. */
static bool tells_frequency(struct slice text)
{
    struct span_word word = span_word_at(text, 0);
    return span_word_is(&word, "once|twice|thrice|einmal|zweimal|dreimal") || tells_times(text);
}

/* Numbers of a sentence that are lengths, times and the like, and nothing in it that may be a price: "on request", "20 points". */
static bool tells_no_price(struct slice text)
{
    struct number number;
    bool is_other = false;
    for (size_t at = 0; span_next_number(text, &at, SPAN_MONEY, &number);) {
        struct span_word unit = span_word_at(number.unit, 0);
        if (number.kind == SPAN_MONEY || number.kind == SPAN_SHARE || number.is_bare || span_word_is(&unit, "pound|pounds"))
            return false;
        is_other = is_other ||
                   (!number.is_thing && (number.kind & (SPAN_MEASURE | SPAN_DURATION | SPAN_DATE | SPAN_HOUR)) != 0);
    }
    return is_other && !has_price_word(text);
}

/* "5 December", "Tuesday": what has no letter may be an amount. */
static bool is_named_day(struct slice text)
{
    struct number number;
    bool has_letter = false;
    for (size_t at = 0; at < text.size; at++)
        has_letter = has_letter || span_letter_at(text, at) > 0;
    return has_letter && span_date_at(text, 0, true, &number) && number.kind == SPAN_DATE && number.end == text.size;
}

/* Names have capitals, numbers to call digits. */
static bool is_small_print(struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        unsigned char byte = (unsigned char)text.data[at];
        bool is_accented = byte == 0xC3 && at + 1 < text.size && (unsigned char)text.data[at + 1] < 0x9F; /* "É" */
        if (span_is_digit(text, at) || (byte >= 'A' && byte <= 'Z') || is_accented || byte > 0xC3)
            return false;
    }
    return true;
}

/* "Parcels that nobody collects │ lie in the depot", asked who looks after such parcels: what the thing itself does, after nothing but what the question
 * calls it by. Whom something goes to, or is done by, is left alone. */
static bool is_of_thing_asked(const struct asking *asking, const struct candidate *item)
{
    static const char articles[] = "the|a|an|all|any|our|your|le|la|les|los|las|el|il|lo|gli|i|de|het|een";
    static const char
        others[] = "to|by|for|with|is|are|was|were|à|aux|au|par|por|con|da|dai|door|aan|est|sont|es|son|è|sono|zijn|and|or|who";
    const struct slice line = asking->passages[item->passage].sentences[item->sentence].text, question = asking->answer->asked;
    const struct span_word first = span_word_at(item->text, 0);
    size_t shared = 0;
    if (item->text.data < line.data || item->text.data >= line.data + line.size || !is_small_print(item->text) ||
        span_has_word(item->text, others) || span_word_is(&first, articles))
        return false;
    for (size_t at = 0, end; line.data + at < item->text.data; at = end) {
        const struct span_word word = span_word_at(line, at);
        end = span_letters_end(line, at);
        if (end == at && span_blank_at(line, at) == 0 && line.data[at] != ',')
            return false;
        if (end > at && !span_word_is(&word, articles) && !span_has_word(question, word.bytes))
            return false;
        shared += end > at && !span_is_function_word(&word) && !span_word_is(&word, articles);
        end += end == at ? (line.data[at] == ',' ? 1 : span_blank_at(line, at)) : 0;
    }
    return shared > 0;
}

/* "Mon–Thu 8–17", asked for Friday; and no day tells until when it is open on one. */
static bool is_of_other_days(const struct asking *asking, const struct wanted *wanted, const struct candidate *item)
{
    const struct slice line = asking->passages[item->passage].sentences[item->sentence].text;
    if (wanted->days == 0)
        return false;
    if (days_alone(item->text))
        return (wanted->asked & SPAN_HOUR) != 0;
    return days_are_others(wanted->days, line, item->text);
}

/* A deposit of three months' rent. */
static bool tells_months_rent(struct slice question, struct slice text)
{
    return span_has_word(question, "deposit|deposits|bond|kaution|caution|fianza|borg") &&
           span_has_word(text, "month|months|monat|monate|monatsmiete|monatsmieten|mois|mes|meses|maand|maanden|week|weeks");
}

static bool is_other_part(const struct asking *asking, const struct wanted *wanted, const struct candidate *item)
{
    const struct slice text = item->text;
    const unsigned asked = wanted->asked;
    bool is_cell = item->values[FEATURE_CELL] > 0;
    const struct slice line = asking->passages[item->passage].sentences[item->sentence].text;
    if (is_other_physical(wanted, item) || is_of_other_days(asking, wanted, item) ||
        ((asked & (SPAN_HOUR | SPAN_MONEY | SPAN_DURATION | SPAN_COUNT)) != 0 &&
         months_are_others(wanted->question, line, text)))
        return true;
    if (asked == SPAN_COUNT) /* "How many rooms?": no euros */
        return (!wanted->names_money && kind_of_most(SLICE(""), text, SPAN_MONEY) != SPAN_NONE) ||
               (wanted->is_counted && tells_times(text) && !span_has_word(wanted->question, times));
    if (asked == SPAN_DURATION && span_has_word(wanted->question, "long|lange") && tells_frequency(text))
        return true;
    if (asked == (SPAN_MONEY | SPAN_SHARE) || (asked == SPAN_MONEY && asks_price_alone(wanted->question)))
        return (tells_time(text) && !tells_months_rent(wanted->question, text)) || tells_measure(text) ||
               tells_no_price(text) ||
               (asked == SPAN_MONEY && span_has_word(wanted->question, "premium|rent|fare|toll|miete|loyer") &&
                kind_of_most(SLICE(""), text, SPAN_SHARE) != SPAN_NONE);
    if ((asked & SPAN_MONEY) != 0 && (asked & SPAN_MEASURE) != 0 && (asked & TIMES) == 0 &&
        is_named_day(text)) /* "how much?" */
        return true;
    if (asks_number_to_call(wanted->question, asked))
        return is_no_number_to_call(asking, item);
    if (wanted->is_who && !is_cell) /* April and Friday are people, 112 may be called */
        return (span_has_digit(text) && kind_of_most(SLICE(""), text, SPAN_DURATION | SPAN_MONEY | SPAN_SHARE) != SPAN_NONE) ||
               is_of_thing_asked(asking, item);
    if (wanted->is_where && !is_cell)
        return (memchr(text.data, ':', text.size) != NULL && kind_of_most(SLICE(""), text, SPAN_HOUR) != SPAN_NONE) ||
               kind_of_most(SLICE(""), text, SPAN_MONEY | SPAN_SHARE) != SPAN_NONE;
    return false;
}

/* ---- all ---- */

bool asks_who(struct slice question)
{
    return span_has_word(question, "who|whom|whose|wer|wem|wen|qui|quién|quien|quiénes|chi|quem|kto|kogo|komu|vem");
}

/* "How many euros?" */
static bool names_money(struct slice question)
{
    for (size_t at = 0, end; at < question.size; at = (end > at ? end : at + 1)) {
        end = span_letters_end(question, at);
        struct span_word word = span_word_at(question, at);
        const struct span_unit *unit = span_unit_of((struct slice){word.bytes, word.size});
        if ((end > at + 1 && unit != NULL && unit->kind == SPAN_MONEY) || span_currency_at(question, at) > 0)
            return true;
    }
    return false;
}

size_t kinds_kept(const struct asking *asking, unsigned asked, struct candidate *items, size_t count)
{
    const struct slice question = asking->answer->asked;
    const bool is_named = (asked & SPAN_NAME) != 0, is_who = is_named && asks_who(question);
    struct wanted wanted = {.question = question,
                            .asked = asked,
                            .physicals = physicals_asked(question),
                            .days = (asked & (SPAN_HOUR | SPAN_DATE | SPAN_MONEY)) != 0 ? days_asked(question) : 0,
                            .is_who = is_who,
                            .is_where = is_named && !is_who,
                            .names_money = names_money(question)};
    bool has_day = false;
    for (size_t i = 0; i < count && wanted.days != 0 && !has_day; i++)
        has_day = days_are_told(wanted.days, asking->passages[items[i].passage].sentences[items[i].sentence].text);
    const bool is_price = asked == (SPAN_MONEY | SPAN_SHARE) || (asked == SPAN_MONEY && asks_price_alone(question));
    size_t kept = 0;
    wanted.is_counted = asked == SPAN_COUNT && has_count_asked(&wanted, items, count);
    for (size_t i = 0; i < count; i++) {
        const struct candidate *item = &items[i];
        bool is_part = item->values[FEATURE_WHOLE] == 0;
        bool is_other = asked != SPAN_NONE && (lacks_amount(&wanted, item) || is_phone_for_price(&wanted, item) ||
                                               (is_part && is_other_part(asking, &wanted, item)));
        bool is_other_whole = asked != SPAN_NONE && !is_part &&
                              ((is_price && tells_no_price(item->text)) ||
                               (has_day && days_are_others(wanted.days, item->text, item->text)));
        if (!is_other && !is_other_whole && !plainly_other(asking, asked, item))
            items[kept++] = items[i];
    }
    return kept;
}

/* It says where numbers to call are told: "see the list in the office". */
static bool tells_where_to_call(struct slice text)
{
    static const char
        words[] = "number|numbers|phone|phones|telephone|tel|call|ring|dial|list|page|board|directory|website|site|"
                  "intranet|printed|see|contacts|nummer|telefon|rufnummer|anrufen|liste|seite|aushang|siehe|numéro|"
                  "numéros|téléphone|appeler|page|liste|voir|número|teléfono|llamar|numero|telefono|chiamare|telefoon";
    return span_has_word(text, words);
}

bool number_untold(const struct asking *asking, unsigned asked, const struct candidate *item)
{
    if (item->values[FEATURE_WHOLE] == 0 || !asks_number_to_call(asking->answer->asked, asked))
        return false;
    if (!span_has_digit(item->text))
        return !tells_where_to_call(item->text);
    return item->values[FEATURE_READ] < READ_LEAST && !has_number_to_call(item->text);
}
