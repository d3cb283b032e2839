/* spans.c - what kind of thing a question asks for, and the things of that kind in a text.
 *
 *   "which label …"  ▶ code     EMB-24K           "how much … cost"  ▶ money     € 9.50
 *   "who …"          ▶ name     Bastien Orlo      "how long …"       ▶ duration  2 working days
 *
 * Kinds of questions are told for English, the commonest also for German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Japanese and Chinese; any
 * other question has no kind, and is answered by a whole sentence. */
#include "span_parts.h"
#include "text/text.h"
#include <assert.h>
#include <string.h>

enum { WORDS_MAX = 64, WORD_BYTES = 24 };

struct asked_word {
    const char *first, *second; /* words in small letters, "|" between alternatives; second NULL: the first alone tells */
    unsigned gap; /* words that may stand between them */
    unsigned kinds;
};

/* In order of how sure they are. */
#define WHEN (SPAN_DATE | SPAN_HOUR | SPAN_DURATION)
static const struct asked_word asked_words[] = {
    {"percent|percentage|share|fraction|prozent|pourcentage", NULL, 0, SPAN_SHARE},
    {"how", "many", 0, SPAN_COUNT}, /* whatever else it names: "how many days do I have to pay?" */
    {"how", "long|soon|often|old|late|early|fast", 0, SPAN_DURATION},
    {"mail|email|mailbox|inbox", NULL, 0, SPAN_MAIL},
    {"phone|telephone|hotline|telefonnummer|téléphone|extension|bleep|pager|durchwahl", NULL, 0, SPAN_PHONE},
    {"article|part|item|serial|order|model", "number|no|numbers", 0, SPAN_CODE},
    {"artikelnummer|bestellnummer|teilenummer|seriennummer", NULL, 0, SPAN_CODE},
    {"code|label|identifier|id|sku", NULL, 0, SPAN_CODE},
    {"what|which", "time|hour", 1, SPAN_HOUR | SPAN_DURATION},
    {"how|what", "price|cost|costs|fee|charge|charged|pay|paid|spend|sum|salary|earn|worth|reimbursed|refund|bill|amount", 8,
     SPAN_MONEY},
    {"how|what|whats", "premium|fare|rent|tuition|toll", 4, SPAN_MONEY},
    {"how|what|whats", "deposit|excess|surcharge", 4, SPAN_MONEY | SPAN_SHARE},
    {"until|by|since|from|till", "when", 0, WHEN},
    {"when", NULL, 0, WHEN},
    {"what|which", "day|date|year|month|weekday|deadline", 1, SPAN_DATE},
    {"what|which", "period", 2, SPAN_DURATION},
    {"how", "far", 0, SPAN_MEASURE},
    {"how", "high|large|big", 0, SPAN_MEASURE | SPAN_SHARE}, /* a latency, an allowance: it may be a time */
    {"how", "tall|heavy|hot|cold|wide|deep|thick|warm|loud|bright", 0, SPAN_MEASURE | SPAN_SHARE | SPAN_NO_TIME},
    {"how", "much", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE},
    {"what|which", "interest|rate", 2, SPAN_SHARE},
    {"what|which",
     "temperature|weight|height|angle|length|size|distance|speed|capacity|limit|maximum|cap|minimum|output|volume|width", 4,
     SPAN_MEASURE},
    /* before those who: "combien coûte … pour quelqu'un qui …" */
    {"was|wie|wieviel", "kostet|kosten|kostete|preis|teuer", 2, SPAN_MONEY},
    {"combien|wieviel|cuánto|cuanto|quanto|hoeveel",
     "coûte|coûtent|coûté|cuesta|cuestan|costó|vale|costa|costano|custa|custam|kost|kosten", 3, SPAN_MONEY},
    {"combien|cuánto|cuanto|quanto|hoe", "temps|tarda|dura|tiempo|tempo|lang|demora", 2, SPAN_DURATION},
    {"combien", "de", 0, SPAN_COUNT},
    {"who|whom|whose|wer|qui|quién|quien|quiénes|chi|quem", NULL, 0, SPAN_NAME},
    {"where|wo|woher|où|dónde|donde|dove|onde|waar", NULL, 0, SPAN_NAME},
    {"wie|um|welcher", "uhr|uhrzeit", 2, SPAN_HOUR},
    {"wie|hoe", "spät|laat", 0, SPAN_HOUR},
    {"quelle|quelles|que|qué|che|jakich|jakiej|której|jakie",
     "heure|heures|hora|horas|ora|ore|horaires|orari|horario|godzinach|godzinie|godziny", 0, SPAN_HOUR},
    {"quels|quelles", "honoraires|tarifs|prix|frais", 1, SPAN_MONEY},
    {"quel|quelle|cuál|cual|qué|qual|quale|welche|welcher|was|jaka|jaki",
     "prix|tarif|coût|precio|coste|tarifa|preço|mensalidade|prezzo|costo|"
     "preis|gebühr|cena|opłata|loyer|caution|cotisation|redevance|montant|alquiler|fianza|cuota|affitto|cauzione|canone|"
     "miete|kaution|prämie|beitrag|mitgliedsbeitrag|jahresbeitrag|honorar|gehalt",
     3, SPAN_MONEY},
    {"hoe", "vaak", 0, SPAN_DURATION},
    {"hoe", "duur", 0, SPAN_MONEY},
    {"hoe", "hoog|groot", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE},
    {"hoe", "zwaar|ver|breed|diep", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE | SPAN_NO_TIME},
    {"cuánto|cuanto|quanto", "pesa|mide|pesan|miden|misura|mede", 1, SPAN_MEASURE | SPAN_NO_TIME},
    {"wie", "lange|oft|alt", 0, SPAN_DURATION},
    {"wie", "hoch|groß", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE},
    {"wie", "schwer|weit|kalt|warm|heiß|tief|breit|laut", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE | SPAN_NO_TIME},
    {"wie", "viele", 0, SPAN_COUNT},
    {"wie", "viel", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_DURATION | SPAN_SHARE},
    {"combien|wieviel|cuánto|cuanto|quanto|hoeveel", NULL, 0, SPAN_COUNT | SPAN_MEASURE | SPAN_MONEY},
    {"cuántos|cuántas|quanti|quante|quantos|quantas", NULL, 0, SPAN_COUNT},
    {"wann|quand|cuándo|cuando|quando|wanneer|kiedy|när", NULL, 0, WHEN},
    {"ile|jak", "dni|godzin|minut|tygodni|miesięcy|lat|czasu|długo|często", 1, SPAN_DURATION},
    {"ile", "kosztuje|kosztują|płaci|płacą|płacę", 3, SPAN_MONEY},
    {"ile", NULL, 0, SPAN_COUNT | SPAN_MEASURE | SPAN_MONEY},
    {"kto|kogo|komu|vem", NULL, 0, SPAN_NAME},
    {"gdzie", NULL, 0, SPAN_NAME},
    {"hur", "lång|länge|ofta|gammal", 0, SPAN_DURATION},
    {"hur", "mycket|högt|tung|dyrt", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE},
    {"hur", "många", 0, SPAN_COUNT},
};

/* Where words are not parted by blanks. */
static const struct {
    const char *signs;
    unsigned kinds;
} asked_signs[] = {
    {"何時|几点|幾點|営業時間|营业时间", SPAN_HOUR | SPAN_DURATION},
    {"いつ|何日|什么时候|何时|哪天|什麼時候", WHEN},
    {"いくら|料金|多少钱|多少錢|价格", SPAN_MONEY},
    {"誰|谁", SPAN_NAME},
    {"何日間|何年|多久|多长时间|几天|幾天|多少天|多少年|几年|几个月|多少小时|几小时", SPAN_DURATION},
    {"多少元|多少欧元|多少美元", SPAN_MONEY},
    {"多少", SPAN_MONEY | SPAN_MEASURE | SPAN_COUNT | SPAN_SHARE},
};

/* The verb of "who's", "what's", "where’re", and the size without it; "the day's" is one word. */
static const char *verb_behind(struct slice word, size_t *size)
{
    static const struct {
        const char *end, *verb;
    } verbs[] = {{"'s", "is"}, {"’s", "is"}, {"'re", "are"}, {"’re", "are"}, {"'ll", "will"}, {"’ll", "will"}};
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
        *size = word.size - strlen(verbs[i].end);
        struct span_word first = span_word_at(word, 0);
        if (word.size > strlen(verbs[i].end) && slice_ends_with(word, slice_from(verbs[i].end)) && first.end == *size &&
            span_word_is(&first, "what|who|where|when|how|which|that|there|it"))
            return verbs[i].verb;
    }
    *size = word.size;
    return NULL;
}

static void read_words(struct slice text, char words[WORDS_MAX][WORD_BYTES], size_t *count)
{
    struct text_words walk = {.text = text};
    struct slice segment;
    bool is_word;
    *count = 0;
    while (*count < WORDS_MAX && text_words_next(&walk, &segment, &is_word)) {
        if (!is_word)
            continue;
        size_t size;
        const char *verb = verb_behind(segment, &size);
        size = size < WORD_BYTES ? size : WORD_BYTES - 1;
        for (size_t i = 0; i < size; i++) {
            char byte = segment.data[i];
            words[*count][i] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
        }
        words[(*count)++][size] = '\0';
        if (verb != NULL && *count < WORDS_MAX)
            memcpy(words[(*count)++], verb, strlen(verb) + 1);
    }
}

/* "price of X", "the fee for X", "Preis für X": words alone, as one searches. */
static bool names_price(char words[WORDS_MAX][WORD_BYTES], size_t count)
{
    static const char
        prices[] = "price|cost|costs|fee|fees|fare|rent|salary|preis|preise|kosten|gebühr|gebühren|miete|prix|tarif|coût|loyer|"
                   "precio|coste|prezzo|costo|preço|prijs";
    size_t at = count > 0 && span_is_one_of("the|a|der|die|das|le|la|el|il|de", slice_from(words[0]));
    return at + 1 < count && span_is_one_of(prices, slice_from(words[at])) &&
           span_is_one_of("of|for|per|für|von|pro|de|du|des|d|pour|di|del|van|voor", slice_from(words[at + 1]));
}

/* "What PIN do I key in │when│ I call?": what is asked for stands first. */
static bool is_clause(char words[WORDS_MAX][WORD_BYTES], size_t at)
{
    return at > 1 && span_is_one_of("what|which|how|why", slice_from(words[0])) &&
           span_is_one_of("when|where|who|whom|whose", slice_from(words[at]));
}

unsigned span_asked(struct slice question)
{
    char words[WORDS_MAX][WORD_BYTES];
    size_t count;
    read_words(question, words, &count);
    if (names_price(words, count))
        return SPAN_MONEY;
    for (size_t i = 0; i < ARRAY_COUNT(asked_words); i++) {
        const struct asked_word *asked = &asked_words[i];
        for (size_t at = 0; at < count; at++) {
            if (!span_is_one_of(asked->first, slice_from(words[at])))
                continue;
            if (asked->second == NULL && is_clause(words, at))
                continue;
            if (asked->second == NULL)
                return asked->kinds;
            for (size_t next = at + 1; next < count && next <= at + 1 + asked->gap; next++)
                if (span_is_one_of(asked->second, slice_from(words[next])))
                    return asked->kinds;
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(asked_signs); i++)
        for (size_t at = 0; at < question.size; at++)
            if (span_one_at(question, at, asked_signs[i].signs) > 0)
                return asked_signs[i].kinds;
    return SPAN_NONE;
}

enum { NUMBERS = SPAN_MONEY | SPAN_SHARE | SPAN_DURATION | SPAN_DATE | SPAN_HOUR | SPAN_COUNT | SPAN_MEASURE | SPAN_PHONE };

double span_fits(unsigned asked, enum span_kind kind)
{
    enum { ANY = SPAN_COUNT | SPAN_MEASURE | SPAN_DURATION | SPAN_SHARE };
    if ((asked & SPAN_NO_TIME) != 0 && (kind & (SPAN_DURATION | SPAN_DATE | SPAN_HOUR)) != 0)
        return 0;
    if (asked == SPAN_DURATION && (kind & (SPAN_MONEY | SPAN_SHARE)) != 0) /* no price lasts */
        return 0;
    bool may_do = ((asked & ANY) != 0 && (kind & (ANY | SPAN_MONEY)) != 0) ||
                  ((asked & SPAN_MONEY) != 0 && (kind & (SPAN_COUNT | SPAN_MEASURE)) != 0) || /* "4711 crowns" */
                  ((asked & SPAN_HOUR) != 0 && (kind & SPAN_COUNT) != 0);
    return (asked & kind) != 0 ? 1 : may_do ? 0.5 : 0;
}

bool span_is_free(struct slice text)
{
    struct span_word word = span_word_at(text, 0);
    bool is_all = word.size > 0 && (word.end == text.size || span_starts(text, word.end, " of charge"));
    return is_all && span_word_is(&word, "free|gratis|kostenlos|kostenfrei|gratuit|gratuite|gratuito|gratuita|included|"
                                         "inklusive|inbegriffen|inclus|incluido");
}

enum span_kind span_of_head(struct slice head)
{
    char words[WORDS_MAX][WORD_BYTES];
    size_t count;
    for (size_t i = 0; i < head.size; i++)
        if (span_currency_at(head, i) > 0)
            return SPAN_MONEY;
    if (memchr(head.data, '%', head.size) != NULL)
        return SPAN_SHARE;
    read_words(head, words, &count);
    for (size_t i = 0; i < count; i++) {
        struct slice word = slice_from(words[i]);
        if (span_is_one_of("price|prices|cost|costs|fee|fees|charge|surcharge|salary|preis|prix|value|amount", word))
            return SPAN_MONEY;
        if (span_is_one_of(
                "phone|tel|telephone|ext|extension|bleep|pager|mobile|hotline|telefon|durchwahl|téléphone|poste|teléfono|"
                "telefono|telefoon",
                word))
            return SPAN_PHONE;
        const struct span_unit *unit = span_unit_of(word);
        if (unit != NULL && unit->kind == SPAN_DURATION && word.size > 1)
            return SPAN_DURATION;
    }
    return SPAN_COUNT;
}

/* ---- where they are ---- */

/* Whether the question has it as a word of its own. */
static bool is_in_question(struct slice question, struct slice thing)
{
    const char *found = memmem(question.data, question.size, thing.data, thing.size);
    if (found == NULL)
        return false;
    size_t end = (size_t)(found - question.data) + thing.size;
    return !span_is_digit(question, end) && span_letter_at(question, end) == 0;
}

/* Those that one of the functions above finds. */
static void add_words(struct slice question, struct slice text, enum span_kind kind,
                      bool (*next)(struct slice text, size_t *at, struct slice *found), struct span *spans, size_t *count,
                      size_t most)
{
    struct slice found;
    for (size_t at = 0; *count < most && next(text, &at, &found);)
        if (!is_in_question(question, found))
            spans[(*count)++] = (struct span){found, found, kind};
}

/* "$30 a month" is "$30" where the question has "month". */
static size_t end_of(struct slice question, struct slice text, const struct number *number)
{
    bool stop;
    if (number->rate == 0)
        return number->end;
    struct span_word word = span_word_before(text, number->end, &stop);
    bool is_asked = word.size >= 3 && is_in_question(question, slice_range(text, word.start, word.end));
    return is_asked ? number->rate : number->end;
}

/* Three words or more without a small letter: a title that is printed so, and no name. */
static bool is_title_in_capitals(struct slice text)
{
    size_t words = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t size = text_decode(text, at, &character);
        if (span_letter_at(text, at) > 0 && !text_is_capital(character))
            return false;
        words += span_letter_at(text, at) > 0 && !span_letter_before(text, at);
        at += size;
    }
    return words >= 3;
}

/* Who goes is not who comes: the name behind "from" of "Ada takes over from Bob", unless it is asked who goes. */
static size_t without_leavers(struct slice question, struct slice text, struct span *spans, size_t count)
{
    static const char *const handing[] = {"takes over", "took over",  "take over", "taken over", "succeed",     "replac",
                                          "übernimmt",  "übernommen", "remplac",   "sustituye",  "sostituisce", "substitui"};
    size_t kept = 0, leavers = 0;
    bool is_handed = false, is_leaver[16] = {false};
    for (size_t i = 0; i < ARRAY_COUNT(handing); i++)
        is_handed = is_handed || memmem(text.data, text.size, handing[i], strlen(handing[i])) != NULL;
    for (size_t i = 0; is_handed && i < count && i < ARRAY_COUNT(is_leaver); i++) {
        struct span_word before = span_word_before(text, (size_t)(spans[i].text.data - text.data), NULL);
        is_leaver[i] =
            spans[i].kind == SPAN_NAME &&
            span_word_is(
                &before,
                "from|von|replaces|replaced|replacing|succeeds|succeeded|succeeding|remplace|sustituye|sostituisce|substitui");
        leavers += is_leaver[i];
    }
    if (leavers == 0 || memmem(question.data, question.size, " from", strlen(" from")) != NULL ||
        memmem(question.data, question.size, "before", strlen("before")) != NULL)
        return count;
    for (size_t i = 0; i < count; i++)
        if (i >= ARRAY_COUNT(is_leaver) || !is_leaver[i])
            spans[kept++] = spans[i];
    return kept;
}

size_t spans_find(struct slice question, struct slice text, unsigned asked, struct span *spans, size_t most)
{
    struct number number;
    size_t count = 0;
    for (size_t at = 0; (asked & NUMBERS) != 0 && count < most && span_next_number(text, &at, asked, &number);) {
        struct slice bare = slice_range(text, number.start, number.bare_end);
        bool counts_things = (asked & SPAN_COUNT) != 0 && (number.kind == SPAN_COUNT || number.kind == SPAN_MEASURE);
        if (span_fits(asked, number.kind) == 0 || is_in_question(question, bare))
            continue;
        struct slice whole = slice_range(text, number.start, end_of(question, text, &number));
        spans[count++] = (struct span){counts_things ? bare : whole, bare, number.kind}; /* "20 pegs": 20; "4 days": 4 days */
    }
    if ((asked & SPAN_NAME) != 0 && !is_title_in_capitals(text)) {
        add_words(question, text, SPAN_NAME, span_next_name, spans, &count, most);
        count = without_leavers(question, text, spans, count);
    }
    if ((asked & SPAN_CODE) != 0)
        add_words(question, text, SPAN_CODE, span_next_code, spans, &count, most);
    if ((asked & SPAN_MAIL) != 0)
        add_words(question, text, SPAN_MAIL, span_next_mail, spans, &count, most);
    return count;
}

/* ---- a part that was found in another way ---- */

struct part {
    size_t start, end;
};

static void widen(struct part *part, size_t start, size_t end)
{
    part->start = start < part->start ? start : part->start;
    part->end = end > part->end ? end : part->end;
}

/* "SDR", "XAU": a currency or a unit that is written so. */
static bool is_capitals(struct slice unit)
{
    enum { LEAST = 2, MOST = 4 };
    for (size_t i = 0; i < unit.size; i++)
        if (unit.data[i] < 'A' || unit.data[i] > 'Z')
            return false;
    return unit.size >= LEAST && unit.size <= MOST;
}

/* A piece of the digits is none of the number; the digits alone are, where what is asked for is counted ("20 pegs", but "4 days"). */
static void widen_to_number(struct slice line, struct part *part, const struct number *number, unsigned asked)
{
    bool has_all = part->start <= number->start && part->end >= number->bare_end;
    bool is_bare = part->start == number->start && part->end == number->bare_end;
    bool is_counted = (asked & SPAN_COUNT) != 0 && (number->kind == SPAN_COUNT || number->kind == SPAN_MEASURE);
    bool is_how_often = number->kind == SPAN_DURATION && number->is_spelled && number->unit.size == 0; /* "twice a day" */
    if (part->start >= number->bare_end || part->end <= number->start)
        return;
    size_t end = is_counted ? number->bare_end : number->rate > 0 && !is_how_often ? number->rate : number->end;
    if (!has_all || (is_bare && (!number->is_thing || is_capitals(number->unit))))
        widen(part, number->start, end);
    assert(part->end <= line.size);
}

struct slice span_widened(struct slice line, struct slice part, unsigned asked)
{
    struct number number;
    struct slice name;
    struct part wide = {(size_t)(part.data - line.data), (size_t)(part.data - line.data) + part.size};
    assert(part.data >= line.data && part.data + part.size <= line.data + line.size);
    for (size_t at = 0; at < wide.end && span_next_number(line, &at, asked, &number);)
        widen_to_number(line, &wide, &number, asked);
    for (size_t at = 0; (asked & SPAN_NAME) != 0 && at < wide.end && span_next_name(line, &at, &name);) {
        size_t start = (size_t)(name.data - line.data);
        if (start < wide.end && start + name.size > wide.start)
            widen(&wide, start, start + name.size);
    }
    return slice_range(line, wide.start, wide.end);
}

/* One of them is asked for: "when is the last sailing?", "when is it in June?" */
static bool asks_one_time(struct slice question)
{
    static const char
        ones[] = "first|last|next|second|third|fourth|final|earliest|latest|erste|ersten|erster|erstes|letzte|letzten|letzter|"
                 "letztes|nächste|nächsten|nächster|nächstes|zweite|zweiten|dritte|dritten|früheste|späteste|premier|première|"
                 "dernier|dernière|prochain|prochaine|deuxième|troisième|primer|primera|primero|último|última|próximo|próxima|"
                 "segundo|segunda|tercer|tercera|primo|prima|ultimo|ultima|prossimo|prossima|primeiro|primeira|eerste|laatste|"
                 "volgende";
    struct number number;
    for (size_t at = 0, end; at < question.size; at = end == at ? at + 1 : end) {
        end = span_letters_end(question, at);
        struct span_word word = span_word_at(question, at);
        if (end > at && !span_word_is(&word, "may|mar|sun|sat|son|so|do|mi|di|om") &&
            span_date_at(question, at, true, &number) && number.kind == SPAN_DATE)
            return true;
    }
    return span_has_word(question, ones);
}

/* What may stand between a day and an hour, and between two of one kind: "14 June, 13 September and 18 October". */
static bool joins_times(struct slice between, bool is_same_kind, bool is_one)
{
    static const char same[] = ",|and|or|und|oder|et|ou|y|o|e|en|of|och|eller|i|&|, and|, or",
                      same_of_one[] = "and|und|et|y|e|en|och|i|&",
                      other[] = "at|from|um|ab|von|à|de|a las|alle|om|van|kl|o|às|between";
    between = slice_trim(between);
    return (!is_same_kind && between.size == 0) || span_is_one_of(!is_same_kind ? other : is_one ? same_of_one : same, between);
}

struct slice span_whole_time(struct slice question, struct slice line, struct slice part)
{
    enum { TIMES_MAX = 16 };
    struct span times[TIMES_MAX];
    size_t count = spans_find(SLICE(""), line, SPAN_DATE | SPAN_HOUR, times, TIMES_MAX), found = 0, start = 0;
    bool is_one = asks_one_time(question);
    for (size_t i = 0; i < count; i++)
        if ((times[i].kind & (SPAN_DATE | SPAN_HOUR)) != 0)
            times[found++] = times[i];
    count = found;
    for (size_t end = 1; end <= count; end++) {
        const struct span *last = &times[end - 1], *next = end < count ? &times[end] : NULL;
        const char *behind = last->text.data + last->text.size;
        if (next != NULL && next->text.data >= behind &&
            joins_times((struct slice){behind, (size_t)(next->text.data - behind)}, next->kind == last->kind, is_one))
            continue;
        struct slice whole = {times[start].text.data, (size_t)(behind - times[start].text.data)};
        if (part.data >= whole.data && part.data + part.size <= behind && (last->kind & (SPAN_DATE | SPAN_HOUR)) != 0)
            return whole;
        start = end;
    }
    return part;
}
