/* plain_kinds.c - what an answer must have where one plain word tells what is asked for.
 *
 *   "how heavy …?"      no watts, no percent, no bare number of a line that tells no weight        "how fast …?"      no hour of the day
 *   "what … cost?"      an amount, or a word that prices are told by: "on request"                 "what time …?"     digits, or a word for a time
 *   "which version …?"  a digit or a name                                                          "why …?"           "because", where a line has it
 *
 * A stamp at the head of a line ("9 Feb 2026 - Car park: …") tells when, and nothing else. Whole cells and sentences alone are left
 * out for words that they lack; but of a price, a part of a sentence passes. */
#include "plain_kinds.h"
#include "line_parts.h"
#include "physicals.h"
#include "span_parts.h"
#include <string.h>

enum { TIMES = SPAN_DURATION | SPAN_DATE | SPAN_HOUR };

/* ---- what texts tell ---- */

static const char amounts[] =
    "no|none|nothing|never|all|any|every|each|once|twice|single|couple|dozen|half|unlimited|kein|keine|keinen|nichts|"
    "alle|einmal|zweimal|unbegrenzt|aucun|aucune|tous|toutes|illimité|ninguno|ninguna|todos|todas|nessuno|nessuna|tutti|"
    "tutte|geen|alle";

bool says_amount(struct slice text)
{
    double value;
    bool is_article;
    if (span_is_free(text))
        return true;
    for (size_t at = 0; at < text.size;) {
        if (span_is_digit(text, at) || (unsigned char)text.data[at] >= 0xE3) /* numerals of other scripts */
            return true;
        struct span_word word = span_word_at(text, at);
        if (word.size > 0 && (span_spelled_at(text, at, &value, &is_article) > 0 || span_word_is(&word, amounts)))
            return true;
        at = word.size > 0 ? span_letters_end(text, at) : at + 1;
    }
    return false;
}

unsigned kind_of_most(struct slice question, struct slice text, unsigned kinds)
{
    struct span span;
    bool is_most = spans_find(question, text, kinds, &span, 1) == 1 && 2 * span.text.size >= text.size;
    return is_most ? span.kind & kinds : SPAN_NONE;
}

static struct slice line_of(const struct asking *asking, const struct candidate *item)
{
    return asking->passages[item->passage].sentences[item->sentence].text;
}

static bool is_whole(const struct candidate *item)
{
    return item->values[FEATURE_WHOLE] > 0;
}

/* ---- weights and lengths ---- */

static const struct {
    const char *asked; /* words of questions */
    const char *told; /* words of lines that tell it, also as heads of columns */
    bool may_last; /* "how long": a time too */
} sizes[] = {
    {"heavy|weigh|weighs|weight|schwer|wiegt|gewicht",
     "heavy|light|weigh|weighs|weighing|weight|weights|kg|kilo|kilos|kilograms|g|grams|lb|lbs|pounds|oz|t|tonnes|tons|"
     "mass|load|schwer|wiegt|wiegen|gewicht|gewichte|masse|poids",
     false},
    {"tall|wide|deep|thick|tief|breit",
     "tall|high|height|wide|width|broad|deep|depth|thick|thickness|narrow|shallow|long|length|mm|cm|m|km|metres|meters|feet|ft|"
     "inch|inches|size|dimensions|diameter|tief|tiefe|breit|breite|dick|dicke|hoch|höhe|maße|abmessungen|größe",
     false},
    {"long|lange", "", true},
};

/* Units of power, pressure, speed, data: no weight and no length. */
static bool has_other_unit(struct slice text)
{
    static const char
        units[] = "W|kW|MW|kWh|Wh|V|kV|mA|Ah|mAh|Hz|kHz|MHz|GHz|dB|bar|mbar|psi|Pa|kPa|MPa|rpm|Nm|hp|PS|mph|kph|kmh|knots|"
                  "MB|GB|TB|watt|watts|volt|volts|amps|km/h|m/s";
    for (size_t at = 0; at < text.size; at++) {
        size_t unit = at + 1 + span_blank_at(text, at + 1), size = span_one_at(text, unit, units), longest = size;
        for (size_t bytes = size + 1; size > 0 && bytes <= SPAN_WORD_BYTES && unit + bytes <= text.size; bytes++)
            longest = span_is_one_of(units, slice_range(text, unit, unit + bytes)) ? bytes : longest;
        if (span_is_digit(text, at) && longest > 0 && span_letter_at(text, unit + longest) == 0)
            return true;
    }
    return false;
}

/* It has numbers, and none has a unit: "7.0 and 7.4". */
static bool has_bare_numbers(struct slice text)
{
    struct number number;
    size_t count = 0;
    for (size_t at = 0; span_next_number(text, &at, SPAN_MEASURE, &number); count++)
        if (!number.is_bare)
            return false;
    return count > 0;
}

/* A length or weight that is none: of another unit, or without one where neither the line nor its head tells such sizes. */
static bool is_no_size(const struct asking *asking, const struct candidate *item)
{
    const struct slice question = asking->answer->asked, line = line_of(asking, item);
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        if (!span_has_word(question, sizes[i].asked))
            continue;
        bool is_told = span_has_word(line, sizes[i].told) || span_has_word(item->head, sizes[i].told);
        if (is_whole(item))
            return !sizes[i].may_last && !is_told && !says_amount(item->text);
        if (has_other_unit(item->text) || kind_of_most(SLICE(""), item->text, SPAN_SHARE | SPAN_MONEY) != SPAN_NONE)
            return true;
        bool is_bare = item->unit.size == 0 && (line_is_bare_number(item->text) || has_bare_numbers(item->text));
        return !sizes[i].may_last && !is_told && is_bare;
    }
    return false;
}

/* ---- prices ---- */

static const char priced[] =
    "cost|costs|price|prices|priced|fee|fees|charge|charges|charged|pay|pays|paid|payable|free|included|includes|request|"
    "quote|quotation|points|tokens|credits|vouchers|coins|stamps|wage|salary|rate|rates|deposit|premium|excess|fare|"
    "fares|rent|tariff|market|negotiable|varies|depends|ask|see|covered|refunded|kostenlos|kostenfrei|gratis|umsonst|"
    "inklusive|inbegriffen|enthalten|kostet|kosten|preis|preise|miete|kaution|gebühr|gebühren|beitrag|anfrage|frei|siehe|"
    "gratuit|gratuite|gratuits|inclus|incluse|compris|comprise|prix|tarif|tarifs|coûte|coût|loyer|caution|honoraires|"
    "demande|devis|gratuito|gratuita|incluido|incluida|not|don|doesn|isn|cannot|nicht|pas|niet|non|precio|cuesta|"
    "consultar|incluso|prezzo|costa|preço|prijs|kost|aanvraag|arrangement|agreement|agreed|application|donation|donations|"
    "tbc|tba|vereinbarung|absprache|aufwand|spende|spenden|convenir|convenu|accord|acuerdo|acordar|overleg|accordo";

/* The digits at `at` are a number of the question, or tell one of what it names ("the Borealis 12", asked of the Borealis 9). */
static bool is_number_asked(struct slice question, struct slice text, size_t at)
{
    struct span_word before = span_word_before(text, at, NULL);
    bool is_name = before.size > 0 && before.end + 1 == at && text.data[before.start] >= 'A' && text.data[before.start] <= 'Z';
    if (is_name && span_has_word(question, before.bytes))
        return true;
    struct slice digits = slice_range(text, at, span_digits_end(text, at));
    for (size_t i = 0; i < question.size; i = span_digits_end(question, i) + 1)
        if (slice_equal(slice_range(question, i, span_digits_end(question, i)), digits))
            return true;
    return false;
}

/* By digits that the question does not have ("the Borealis 9"), a number that is no article, or a word for nothing. */
static bool says_sum(struct slice question, struct slice text)
{
    static const char words[] = "none|nothing|no|half|third|quarter|double|triple|twice|unlimited|kein|keine|nichts|hälfte|"
                                "drittel|viertel|dreiviertel|aucun|aucune|rien|moitié|tiers|quart|"
                                "nada|ninguno|niente|nessuno|geen|niets";
    double value;
    bool is_article = false;
    if (span_tells_money(text))
        return true;
    for (size_t at = 0, end; at < text.size; at = end == at ? at + 1 : end) {
        struct span_word word = span_word_at(text, at);
        end = span_is_digit(text, at) ? span_digits_end(text, at) : span_letters_end(text, at);
        if ((span_is_digit(text, at) && !is_number_asked(question, text, at)) || (unsigned char)text.data[at] >= 0xE3 ||
            span_word_is(&word, words) || (span_spelled_at(text, at, &value, &is_article) > 0 && !is_article))
            return true;
    }
    return false;
}

bool has_price_word(struct slice text)
{
    return span_has_word(text, priced);
}

/* "1:10,000" */
static bool is_ratio(struct slice text)
{
    size_t colon = span_digits_end(text, 0), end = colon + 1;
    while (end < text.size && (span_is_digit(text, end) || byte_among(text.data[end], ".,")))
        end++;
    return colon > 0 && end == text.size && end > colon + 1 && text.data[colon] == ':';
}

/* Of a price alone: cells of words that no price is told by, and sentences without an amount or such a word. What is left as a deposit may be a thing. */
static bool is_no_price(struct slice question, unsigned asked, const struct candidate *item)
{
    bool is_price = asked == SPAN_MONEY ||
                    (asked == (SPAN_MONEY | SPAN_SHARE) && !span_has_word(question, "deposit|caution|kaution"));
    if (!is_price || has_price_word(item->text))
        return false;
    return !says_sum(question, item->text) || is_ratio(item->text);
}

/* ---- times ---- */

/* "9 Feb 2026 - Car park: …", "14 Jan 2026: …": the date before the sign. */
static bool is_stamp(struct slice line, struct slice text)
{
    struct number date;
    if (text.data != line.data || !span_has_digit(text) || !span_date_at(line, 0, true, &date) || date.kind != SPAN_DATE)
        return false;
    size_t at = date.end + span_blank_at(line, date.end);
    return text.size <= date.end && at < line.size && (byte_among(line.data[at], ":-|") || span_one_at(line, at, "–|—") > 0);
}

/* A sentence with a stamp and no other amount tells no time that passes. */
static bool is_stamped_alone(struct slice line, struct slice text)
{
    struct number date;
    bool is_one = text.data == line.data && span_has_digit(text) && span_date_at(line, 0, true, &date) &&
                  date.kind == SPAN_DATE;
    return is_one && is_stamp(line, slice_range(line, 0, date.end)) && !says_amount(slice_range(text, date.end, text.size));
}

/* "How fast", "how often" and "how old" have no hour of the day; how long somebody may be something, no day but an end. */
static bool is_no_duration(struct slice question, struct slice line, struct slice text)
{
    static const char untils[] = "until|till|to|through|from|between|and|by|bis|von|und|jusqu|hasta|fino|tot";
    unsigned kind = kind_of_most(SLICE(""), text, TIMES);
    size_t start = text.data >= line.data && text.data <= line.data + line.size ? (size_t)(text.data - line.data) : 0;
    struct span_word before = span_word_before(line, start, NULL);
    if ((kind & SPAN_HOUR) != 0)
        return span_has_word(question, "fast|often|old|oft|alt");
    bool may_last = span_has_word(question, "long|lange") && span_has_word(question, "be|last|stay|remain|bleiben|dauern|sein");
    return may_last && (kind & SPAN_DATE) != 0 && (span_word_is(&before, "by|on|since") || !span_word_is(&before, untils)) &&
           !span_has_word(text, untils);
}

/* Of its digits, all are of numbers to call. */
static bool has_phones_alone(struct slice text)
{
    struct number number;
    size_t phones = 0;
    for (size_t at = 0; span_next_number(text, &at, SPAN_PHONE, &number);) {
        if (number.kind != SPAN_PHONE)
            return false;
        phones++;
    }
    return phones > 0;
}

/* An hour is told by digits, by a number, or by a word for a time or for what it goes by. */
static bool is_no_hour(struct slice line, struct slice text)
{
    static const char words[] =
        "noon|midnight|midday|dawn|dusk|sunrise|sunset|morning|afternoon|evening|night|lunch|breakfast|dinner|closed|"
        "open|always|anytime|round|before|after|when|while|during|until|till|from|at|by|as|in|on|daily|day|mittag|"
        "mittags|mitternacht|morgens|abends|nachts|vormittags|nachmittags|geschlossen|vor|nach|wenn|ab|bis|um|midi|"
        "minuit|matin|soir|nuit|fermé|fermée|avant|après|quand|dès|jusqu|mediodía|medianoche|mañana|tarde|noche|cerrado|"
        "antes|después|cuando|mezzogiorno|mezzanotte|chiuso|mattina|sera|prima|dopo|middag|gesloten";
    struct number date;
    size_t start = text.data >= line.data && text.data <= line.data + line.size ? (size_t)(text.data - line.data) : 0;
    struct span_word before = span_word_before(line, start, NULL);
    return (!says_amount(text) || has_phones_alone(text)) && !span_has_word(text, words) && !span_word_is(&before, words) &&
           !span_date_at(text, 0, true, &date);
}

/* ---- versions ---- */

/* "What version do we run?" is asked. */
static bool asks_version(struct slice question)
{
    struct span_word first = span_word_at(question, 0);
    return span_word_is(&first, "what|which|welche|quelle") && span_has_word(question, "version|release");
}

/* "Windows Vista", asked which version of Windows: behind a name of the question stands one that it has not. */
static bool has_named_version(struct slice question, struct slice line)
{
    struct span_words words;
    span_words_read(line, &words);
    for (size_t i = 0; i + 1 < words.count; i++) {
        const struct span_word *name = &words.items[i], *next = name + 1;
        if (span_capital_at(line, name->start) && span_capital_at(line, next->start) && next->start == name->end + 1 &&
            span_has_word(question, name->bytes) && !span_has_word(question, next->bytes))
            return true;
    }
    return false;
}

/* Words that call no version: without a digit, a name or "latest", in a line that tells of none. */
static bool is_no_version(struct slice question, struct slice line, const struct candidate *item)
{
    static const char versions[] = "version|versions|release|releases";
    return !span_has_digit(item->text) && !has_named_version(question, line) && !span_has_word(line, versions) &&
           !span_has_word(item->head, versions) &&
           !span_has_word(item->text,
                          "latest|newest|current|stable|newer|older|any|every|all|old|new|beta|alpha|neueste|aktuelle");
}

/* "What PIN do I key in?", "What is the largest number of guests?": a word of a sentence is none. */
static bool is_no_number(struct slice question, const struct candidate *item)
{
    static const char
        counting[] = "the|maximum|minimum|max|min|total|largest|greatest|highest|biggest|smallest|lowest|exact|average|usual";
    struct span_words words;
    span_words_read(question, &words);
    bool is_asked = span_words_at(&words, 0, "what|which") && span_words_at(&words, 1, "pin|passcode");
    for (size_t i = 1; i + 1 < words.count && i <= 4 && span_words_at(&words, 0, "what"); i++)
        is_asked = is_asked || (span_words_at(&words, i, "number") && span_words_at(&words, i + 1, "of") &&
                                span_words_at(&words, i - 1, counting)); /* no "phone number of" */
    return is_asked && item->values[FEATURE_WHOLE] + item->values[FEATURE_CELL] == 0 && !says_amount(item->text);
}

/* An article's number is no "24.90". */
static bool is_price_for_code(struct slice question, struct slice text)
{
    enum { CENTS = 3 };
    bool is_decimal = text.size > CENTS && line_is_bare_number(text) && byte_among(text.data[text.size - CENTS], ".,");
    return span_has_word(question, "article|part|item|order|artikelnummer|bestellnummer|teilenummer") &&
           (is_decimal || kind_of_most(SLICE(""), text, SPAN_MONEY) != SPAN_NONE);
}

/* "For the 777 ask Ingrid" tells whom to ask: what is asked for stands elsewhere, if anywhere. */
static bool is_whom_to_ask(struct slice question, struct slice line, struct slice text)
{
    static const char whats[] = "what|which|was|welche|welcher|welches|quel|quelle|quels|quelles",
                      people[] = "who|whom|whose|contact|ask|call|person|name|wer|wen|wem|ansprechpartner|name|nom|qui";
    struct span_word first = span_word_at(question, 0);
    bool is_within = text.data > line.data && text.data <= line.data + line.size;
    struct span_word before = span_word_before(line, is_within ? (size_t)(text.data - line.data) : 0, NULL);
    return span_word_is(&first, whats) && !span_has_word(question, people) && !span_has_digit(text) &&
           span_word_is(&before, "ask|contact|consult|fragen|kontaktieren|contactez|contacter|demandez");
}

/* ---- all ---- */

bool plainly_other(const struct asking *asking, unsigned asked, const struct candidate *item)
{
    const struct slice question = asking->answer->asked, line = line_of(asking, item);
    bool is_size = (asked & SPAN_NO_TIME) != 0 || asked == SPAN_DURATION ||
                   span_has_word(question, "weigh|weight|wiegt|gewicht");
    if (asked != SPAN_NONE && is_size && is_no_size(asking, item))
        return true;
    if (is_no_price(question, asked, item) || is_no_number(question, item))
        return true;
    if (asked == SPAN_CODE && is_price_for_code(question, item->text))
        return true;
    if (asked == SPAN_NONE)
        return (asks_version(question) && is_no_version(question, line, item)) || is_no_number(question, item) ||
               is_whom_to_ask(question, line, item->text);
    bool may_be_date = (asked & SPAN_DATE) != 0;
    if ((asked & SPAN_HOUR) != 0 && !may_be_date && is_no_hour(line, item->text))
        return true;
    if (is_whole(item))
        return asked == SPAN_DURATION && is_stamped_alone(line, item->text);
    if (!may_be_date && is_stamp(line, item->text))
        return true;
    return asked == SPAN_DURATION && is_no_duration(question, line, item->text);
}

size_t causes_kept(const struct asking *asking, struct candidate *items, size_t count)
{
    static const char whys[] = "why|warum|weshalb|wieso|pourquoi|perché|waarom";
    static const char causes[] = "because|weil|denn|parce|porque|perché|omdat";
    struct span_word first = span_word_at(asking->answer->asked, 0);
    double most = 0;
    size_t kept = 0;
    for (size_t i = 0; i < count && span_word_is(&first, whys); i++)
        if (span_has_word(items[i].text, causes) && items[i].values[FEATURE_OWN_WORDS] > most)
            most = items[i].values[FEATURE_OWN_WORDS];
    for (size_t i = 0; i < count; i++)
        if (items[i].values[FEATURE_OWN_WORDS] >= most || span_has_word(items[i].text, causes))
            items[kept++] = items[i];
    return kept;
}

size_t echoes_dropped(struct candidate *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].values[FEATURE_ECHO] < 1 || items[i].last > items[i].sentence)
            items[kept++] = items[i];
    return kept > 0 ? kept : count;
}
