/* kept_kinds.c - what plainly is of another kind than what is asked for answers nothing, however near its line is: a weight to "how long?", an hour to
 * "where?", a price to a number to call. A whole sentence may answer in other words ("on request"), and is left alone but where amounts are asked for. */
#include "kept_kinds.h"
#include "physicals.h"
#include "span_parts.h"
#include "spans.h"

enum { TIMES = SPAN_DURATION | SPAN_DATE | SPAN_HOUR };
enum { AMOUNTS = SPAN_MONEY | SPAN_SHARE | SPAN_COUNT | SPAN_MEASURE | SPAN_NO_TIME };

/* Of a sentence in other words ("The price is on request.") the reader says more than this. */
#define READ_LEAST (-0.4)

struct wanted {
    struct slice question;
    unsigned asked, physicals;
    bool is_who, is_where, names_money, names_time;
};

/* It says how many or how much: by digits, or by a word. */
static bool says_amount(struct slice text)
{
    static const char
        words[] = "no|none|nothing|never|all|any|every|each|once|twice|single|couple|dozen|half|unlimited|kein|keine|keinen|"
                  "nichts|alle|einmal|zweimal|unbegrenzt|aucun|aucune|tous|toutes|illimité|ninguno|ninguna|todos|todas|"
                  "nessuno|nessuna|tutti|tutte|geen|alle";
    double value;
    bool is_article;
    if (span_is_free(text))
        return true;
    for (size_t at = 0; at < text.size;) {
        if (span_is_digit(text, at) || (unsigned char)text.data[at] >= 0xE3) /* numerals of other scripts */
            return true;
        struct span_word word = span_word_at(text, at);
        if (word.size > 0 && (span_spelled_at(text, at, &value, &is_article) > 0 || span_word_is(&word, words)))
            return true;
        at = word.size > 0 ? span_letters_end(text, at) : at + 1;
    }
    return false;
}

/* The kind of the first number of these kinds, if it is most of the text. */
static enum span_kind kind_of(struct slice question, struct slice text, unsigned kinds)
{
    struct span span;
    bool is_most = spans_find(question, text, kinds, &span, 1) == 1 && 2 * span.text.size >= text.size;
    return is_most ? span.kind & kinds : SPAN_NONE;
}

/* Of "how many?" what names no amount is no answer; of "how much?" and "how heavy?" a whole sentence or cell may be one ("on request"). */
static bool lacks_amount(const struct wanted *wanted, const struct candidate *item)
{
    const unsigned asked = wanted->asked;
    if (asked == SPAN_NONE || (asked & ~(unsigned)SPAN_NO_TIME) == SPAN_MEASURE || (asked & ~(unsigned)AMOUNTS) != 0)
        return false;
    bool may_do = asked != SPAN_COUNT && item->values[FEATURE_WHOLE] + item->values[FEATURE_CELL] > 0;
    bool is_time = (asked & SPAN_NO_TIME) != 0 && kind_of(wanted->question, item->text, TIMES) != SPAN_NONE;
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

/* "3 kg" to "how long?". "When?" may be told by what it weighs then. */
static bool is_other_physical(const struct wanted *wanted, const struct candidate *item)
{
    unsigned told = physicals_told(item->text) | physicals_of_unit(item->unit);
    return (wanted->asked & SPAN_DATE) == 0 && wanted->physicals != 0 && told != 0 && (wanted->physicals & told) == 0;
}

static bool has_letter(struct slice text)
{
    for (size_t at = 0; at < text.size; at++)
        if (span_letter_at(text, at) > 0)
            return true;
    return false;
}

/* "call 112", "ext. 2850", "0800 111 999"; no hours "9-17", no floor, no "93,200". */
static bool has_number_to_call(struct slice text)
{
    enum { ALONE_LEAST = 3, JOINED_LEAST = 5 };
    size_t joined = 0, alone = 0;
    bool is_grouped = false;
    for (size_t at = 0; at < text.size && alone < ALONE_LEAST && joined < JOINED_LEAST; at++) {
        bool is_digit = span_is_digit(text, at);
        is_grouped = is_digit ? is_grouped : text.data[at] == ',' && at > 0 && span_is_digit(text, at - 1);
        alone = is_digit && !is_grouped ? alone + 1 : 0;
        joined = alone > 0 ? joined + 1 : byte_among(text.data[at], " -/()") ? joined : 0;
    }
    return alone == ALONE_LEAST || joined == JOINED_LEAST;
}

/* The number itself, and not what a phone costs or how many calls there are. */
static bool asks_number_to_call(struct slice question, unsigned asked)
{
    static const char numbers[] =
        "number|numbers|nummer|telefonnummer|rufnummer|numéro|número|numero|numer|extension|ext|bleep|pager|hotline|"
        "durchwahl";
    static const char
        others[] = "how|many|much|who|whose|when|why|where|price|cost|costs|viele|viel|wer|wann|wo|warum|kostet|combien|qui|"
                   "quand|cuántos|cuántas|cuánto|quién|cuándo|quanti|quante|quanto|chi|quando|hoeveel|wanneer|ile|hur";
    return asked == SPAN_PHONE && span_has_word(question, numbers) && !span_has_word(question, others);
}

static bool has_digit(struct slice text)
{
    for (size_t at = 0; at < text.size; at++)
        if (span_is_digit(text, at))
            return true;
    return false;
}

/* A word alone that is no time, to "when?": whom, what, where. */
static bool is_word_without_time(struct slice text)
{
    static const char
        times[] = "immediately|now|today|tomorrow|yesterday|always|never|daily|weekly|fortnightly|monthly|quarterly|yearly|"
                  "annually|hourly|nightly|soon|noon|midday|midnight|morning|mornings|afternoon|afternoons|evening|evenings|"
                  "night|nights|weekend|weekends|weekdays|spring|summer|autumn|winter|easter|christmas|overnight|anytime|"
                  "lunchtime|twice|closed|open|sofort|immer|nie|täglich|wöchentlich|monatlich|jährlich|mittags|morgens|abends|"
                  "nachts|geschlossen|mañana|noche|tarde|siempre|nunca|immédiatement|jamais|toujours|midi|minuit|altijd|nooit|"
                  "dagelijks|gesloten";
    struct span_word word = span_word_at(text, 0);
    return word.size > 0 && word.end == text.size && !span_has_word(text, times);
}

static bool is_no_time(const struct wanted *wanted, struct slice text)
{
    double value;
    struct number date;
    bool is_article, is_when = (wanted->asked & SPAN_DATE) != 0;
    return is_when && !span_date_at(text, 0, true, &date) && is_word_without_time(text) &&
           (span_is_one_of("once|einmal", text) ||
            (kind_of(SLICE(""), text, TIMES) == SPAN_NONE && span_spelled_at(text, 0, &value, &is_article) == 0));
}

/* "How many rooms?": neither three days nor 40 euros. */
static bool counts_another(const struct wanted *wanted, const struct candidate *item)
{
    if (wanted->asked != SPAN_COUNT)
        return false;
    enum span_kind kind = kind_of(SLICE(""), item->text, TIMES | SPAN_MONEY);
    bool is_time = (kind & TIMES) != 0 && !wanted->names_time;
    return is_time || (kind == SPAN_MONEY && !wanted->names_money);
}

static bool is_other_part(const struct wanted *wanted, const struct candidate *item)
{
    const struct slice text = item->text;
    const unsigned asked = wanted->asked;
    if (is_other_physical(wanted, item) || counts_another(wanted, item))
        return true;
    if (asked == SPAN_MONEY && !wanted->names_time && (wanted->physicals & PHYSICAL_TIME) == 0) /* "how long is it paid?" */
        return kind_of(SLICE(""), text, TIMES) != SPAN_NONE;
    if (asks_number_to_call(wanted->question, asked))
        return !has_number_to_call(text) || kind_of(SLICE(""), text, SPAN_MONEY) != SPAN_NONE;
    if (wanted->is_who) /* April and Friday are people, too */
        return !has_letter(text) ||
               (has_digit(text) && kind_of(SLICE(""), text, TIMES | SPAN_MONEY | SPAN_SHARE | SPAN_MEASURE) != SPAN_NONE);
    if (wanted->is_where)
        return kind_of(SLICE(""), text, TIMES | SPAN_MONEY | SPAN_SHARE) != SPAN_NONE;
    return is_no_time(wanted, text);
}

/* ---- all ---- */

bool asks_who(struct slice question)
{
    return span_has_word(question, "who|whom|whose|wer|wem|wen|qui|quién|quien|quiénes|chi|quem|kto|kogo|komu|vem");
}

/* "How many weeks?", "¿cuántos euros?" */
static bool names_unit(struct slice question, enum span_kind kind)
{
    for (size_t at = 0, end; at<question.size; at = end> at ? end : at + 1) {
        end = span_letters_end(question, at);
        struct span_word word = span_word_at(question, at);
        const struct span_unit *unit = span_unit_of((struct slice){word.bytes, word.size});
        if ((end > at + 1 && unit != NULL && unit->kind == kind) || (kind == SPAN_MONEY && span_currency_at(question, at) > 0))
            return true;
    }
    return false;
}

size_t kinds_kept(const struct asking *asking, unsigned asked, struct candidate *items, size_t count)
{
    const struct slice question = asking->answer->asked;
    const bool is_named = (asked & SPAN_NAME) != 0, is_who = is_named && asks_who(question);
    const struct wanted wanted = {.question = question,
                                  .asked = asked,
                                  .physicals = physicals_asked(question),
                                  .is_who = is_who,
                                  .is_where = is_named && !is_who,
                                  .names_money = names_unit(question, SPAN_MONEY),
                                  .names_time = names_unit(question, SPAN_DURATION)};
    size_t kept = 0;
    for (size_t i = 0; i < count && asked != SPAN_NONE; i++) {
        const struct candidate *item = &items[i];
        bool is_part = item->values[FEATURE_WHOLE] == 0;
        if (!lacks_amount(&wanted, item) && !is_phone_for_price(&wanted, item) && !(is_part && is_other_part(&wanted, item)))
            items[kept++] = items[i];
    }
    return asked != SPAN_NONE ? kept : count;
}

static bool tells_amount(struct slice question, struct slice text, unsigned asked)
{
    enum { SPANS_MAX = 16 };
    struct span spans[SPANS_MAX];
    size_t count = spans_find(question, text, asked, spans, SPANS_MAX);
    for (size_t i = 0; i < count; i++)
        if ((spans[i].kind & TIMES) == 0)
            return true;
    return false;
}

bool kinds_untold(const struct asking *asking, unsigned asked, const struct candidate *item)
{
    const struct slice question = asking->answer->asked;
    if (asked == SPAN_NONE || item->values[FEATURE_WHOLE] == 0 || item->values[FEATURE_READ] >= READ_LEAST)
        return false;
    if (asks_number_to_call(question, asked))
        return !has_number_to_call(item->text);
    if ((asked & SPAN_COUNT) != 0)
        return !says_amount(item->text);
    return (asked & ~(unsigned)AMOUNTS) == 0 && !tells_amount(question, item->text, asked);
}
