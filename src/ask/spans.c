/* spans.c - numbers with what stands around them, names and codes.
 *
 *   "which label …"  ▶ code     EMB-24K           "how much … cost"  ▶ money     € 9.50
 *   "who …"          ▶ name     Bastien Orlo      "how long …"       ▶ duration  2 working days
 *
 * Kinds of questions are told for English, the commonest also for German and French; any other question has no kind, and is answered by a
 * whole sentence. */
#include "spans.h"
#include "text/text.h"
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
    {"mail|email", NULL, 0, SPAN_MAIL},
    {"phone|telephone|hotline|telefonnummer|téléphone", NULL, 0, SPAN_PHONE},
    {"code|label|identifier|id|sku", NULL, 0, SPAN_CODE},
    {"what|which", "time|hour", 1, SPAN_HOUR | SPAN_DURATION},
    {"how|what", "price|cost|costs|fee|charge|charged|pay|paid|spend|sum|salary|earn|worth|reimbursed|refund|bill|amount", 8,
     SPAN_MONEY},
    {"how", "many", 0, SPAN_COUNT},
    {"how", "long|soon|often|old|late|early|fast", 0, SPAN_DURATION},
    {"until|by|since|from|till", "when", 0, WHEN},
    {"when", NULL, 0, WHEN},
    {"what|which", "day|date|year|month|weekday|deadline", 1, SPAN_DATE},
    {"what|which", "period", 2, SPAN_DURATION},
    {"how", "tall|heavy|far|hot|cold|wide|big|deep|high|large|thick|warm|loud|bright", 0, SPAN_MEASURE | SPAN_SHARE},
    {"how", "much", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_SHARE},
    {"what|which", "interest|rate", 2, SPAN_SHARE},
    {"what|which",
     "temperature|weight|height|angle|length|size|distance|speed|capacity|limit|maximum|cap|minimum|output|volume|width", 4,
     SPAN_MEASURE},
    {"who|whom|whose|wer|qui", NULL, 0, SPAN_NAME},
    {"where|wo|woher|où", NULL, 0, SPAN_NAME},
    {"wie|combien", "viel|viele|lange|kostet", 0, SPAN_MONEY | SPAN_MEASURE | SPAN_DURATION | SPAN_SHARE},
    {"combien|wieviel", "coûte|coûtent", 3, SPAN_MONEY},
    {"combien|wieviel", NULL, 0, SPAN_COUNT | SPAN_MEASURE | SPAN_MONEY},
    {"wann|quand", NULL, 0, WHEN},
};

static void read_words(struct slice text, char words[WORDS_MAX][WORD_BYTES], size_t *count)
{
    struct text_words walk = {.text = text};
    struct slice segment;
    bool is_word;
    *count = 0;
    while (*count < WORDS_MAX && text_words_next(&walk, &segment, &is_word)) {
        if (!is_word)
            continue;
        size_t size = segment.size < WORD_BYTES ? segment.size : WORD_BYTES - 1;
        for (size_t i = 0; i < size; i++) {
            char byte = segment.data[i];
            words[*count][i] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
        }
        words[(*count)++][size] = '\0';
    }
}

static bool is_one_of(const char *alternatives, struct slice word)
{
    struct slice rest = slice_from(alternatives), part;
    while (slice_next(&rest, '|', &part))
        if (slice_equal(part, word))
            return true;
    return false;
}

unsigned span_asked(struct slice question)
{
    char words[WORDS_MAX][WORD_BYTES];
    size_t count;
    read_words(question, words, &count);
    for (size_t i = 0; i < ARRAY_COUNT(asked_words); i++) {
        const struct asked_word *asked = &asked_words[i];
        for (size_t at = 0; at < count; at++) {
            if (!is_one_of(asked->first, slice_from(words[at])))
                continue;
            if (asked->second == NULL)
                return asked->kinds;
            for (size_t next = at + 1; next < count && next <= at + 1 + asked->gap; next++)
                if (is_one_of(asked->second, slice_from(words[next])))
                    return asked->kinds;
        }
    }
    return SPAN_NONE;
}

/* ---- numbers ---- */

static const char time_units[] = "second|seconds|minute|minutes|min|hour|hours|day|days|week|weeks|month|months|year|years|"
                                 "stunde|stunden|tag|tage|tagen|woche|wochen|monat|monate|monaten|jahr|jahre|jahren|jour|jours|"
                                 "heure|heures|mois|an|ans|semaine|semaines";
static const char months[] = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|"
                             "mar|apr|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember";
static const char week_days[] = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
static const char halves[] = "am|pm|a|p|noon|uhr"; /* of a day, behind an hour */
static const char
    spelled_numbers[] = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|"
                        "fifty|sixty|ninety|half|once|twice";
static const char before_units[] = "working|business|calendar|full|pay|leave|academic";
static const char currencies[] = "€|£|$|₹|¥|EUR|USD|GBP|CHF|INR";

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (unsigned char)byte >= 0x80 || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

static bool starts_at(struct slice text, size_t at, const char *what)
{
    size_t size = strlen(what);
    return at + size <= text.size && memcmp(text.data + at, what, size) == 0;
}

/* The word at `at` in small letters, at the most 23 bytes. */
static struct slice small_word(struct slice text, size_t at, char out[WORD_BYTES])
{
    size_t size = 0;
    while (at + size < text.size && size + 1 < WORD_BYTES && is_letter(text.data[at + size])) {
        char byte = text.data[at + size];
        out[size++] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
    }
    return (struct slice){out, size};
}

/* Where the letters of the word at `at` end, however many; letters that are words by themselves, as in Chinese, are one each. */
static size_t letters_end(struct slice text, size_t at)
{
    struct text_words walk = {.text = slice_range(text, at, text.size)};
    struct slice word = {0};
    bool is_word;
    size_t size = 0;
    (void)text_words_next(&walk, &word, &is_word);
    while (size < word.size && is_letter(word.data[size]))
        size++;
    return at + size;
}

/* The digits with their points and commas, and a range "28–31". */
static size_t number_end(struct slice text, size_t at)
{
    for (;;) {
        while (at < text.size && is_digit(text.data[at]))
            at++;
        size_t sign = starts_at(text, at, "–") ? 3 : at < text.size && byte_among(text.data[at], ".,-/:") ? 1 : 0;
        if (sign == 0 || at + sign >= text.size || !is_digit(text.data[at + sign]))
            return at;
        at += sign;
    }
}

struct number {
    size_t start, end; /* with currency and unit */
    size_t bare_end;
    enum span_kind kind;
};

/* The size of the currency that ends at `at`, a blank before `at` included. */
static size_t currency_before(struct slice text, size_t at)
{
    struct slice rest = slice_from(currencies), sign;
    while (slice_next(&rest, '|', &sign))
        for (size_t blank = 0; blank < 2; blank++)
            if (at >= sign.size + blank && (blank == 0 || text.data[at - 1] == ' ') &&
                memcmp(text.data + at - sign.size - blank, sign.data, sign.size) == 0)
                return sign.size + blank;
    return 0;
}

static size_t currency_at(struct slice text, size_t at)
{
    struct slice rest = slice_from(currencies), sign;
    while (slice_next(&rest, '|', &sign))
        if (at + sign.size <= text.size && memcmp(text.data + at, sign.data, sign.size) == 0)
            return sign.size;
    return 0;
}

static size_t blank_at(struct slice text, size_t at)
{
    return starts_at(text, at, " ") ? 1 : starts_at(text, at, "\xC2\xA0") ? 2 : starts_at(text, at, "\xE2\x80\xAF") ? 3 : 0;
}

/* Sets kind and end where a word behind the number says what it is of. */
static void read_unit_word(struct slice text, struct number *number, size_t at)
{
    char word[WORD_BYTES];
    struct slice unit = small_word(text, at, word);
    if (is_one_of(before_units, unit) && starts_at(text, at + unit.size, " ")) {
        at += unit.size + 1;
        unit = small_word(text, at, word);
    }
    if (unit.size == 0)
        return;
    if (is_one_of(halves, unit)) {
        number->kind = SPAN_HOUR;
        number->end = at + unit.size + (starts_at(text, at + unit.size, ".m.") ? 3 : 0);
        return;
    }
    if (is_one_of(months, unit)) {
        number->kind = SPAN_DATE;
        number->end = at + unit.size;
        return;
    }
    bool is_time = is_one_of(time_units, unit), is_short = unit.size <= 2 || at + unit.size - number->bare_end <= 8;
    number->kind = is_time ? SPAN_DURATION : is_short ? SPAN_MEASURE : SPAN_COUNT;
    number->end = letters_end(text, at);
}

/* What stands behind a number and belongs to it. */
static void read_unit(struct slice text, struct number *number)
{
    size_t at = number->bare_end, blank = blank_at(text, at), currency;
    if (blank == 0 && starts_at(text, at, "-"))
        blank = 1; /* "90-day" */
    at += blank;
    if (starts_at(text, at, "%") || starts_at(text, at, "percent")) {
        number->kind = SPAN_SHARE;
        number->end = at + (text.data[at] == '%' ? 1 : strlen("percent"));
    } else if ((currency = currency_at(text, at)) > 0) {
        number->kind = SPAN_MONEY;
        number->end = at + currency;
    } else if (starts_at(text, at, "°")) {
        number->kind = SPAN_MEASURE;
        number->end = letters_end(text, at + 2);
    } else {
        read_unit_word(text, number, at);
    }
}

/* The other end of a range that is written with blanks: "€5 – €7", "10 % - 12 %". */
static void read_range(struct slice text, struct number *number)
{
    static const char *const signs[] = {" – ", " - ", " to "};
    for (size_t i = 0; i < ARRAY_COUNT(signs); i++) {
        size_t at = number->end + strlen(signs[i]);
        if (!starts_at(text, number->end, signs[i]))
            continue;
        size_t digits = at + currency_at(text, at), end = number_end(text, digits);
        if (end == digits)
            return;
        struct number other = {at, end, end, digits > at ? SPAN_MONEY : SPAN_COUNT};
        if (digits == at)
            read_unit(text, &other);
        if (other.kind == number->kind || number->kind == SPAN_COUNT) {
            number->end = number->bare_end = other.end;
            number->kind = other.kind;
        }
        return;
    }
}

static bool is_year(struct slice digits)
{
    return digits.size == 4 && (slice_starts_with(digits, SLICE("19")) || slice_starts_with(digits, SLICE("20")));
}

/* "March 19, 2014", "5 May 2024": the number's neighbours that make a date of it. */
static void read_date(struct slice text, struct number *number)
{
    char word[WORD_BYTES];
    size_t start = number->start;
    while (start > 0 && text.data[start - 1] == ' ')
        start--;
    size_t letters = start;
    while (letters > 0 && is_letter(text.data[letters - 1]))
        letters--;
    if (letters < start && start < number->start && is_one_of(months, small_word(text, letters, word))) {
        number->start = letters;
        number->end = number->bare_end;
        number->kind = SPAN_DATE;
    }
    size_t at = number->end + (starts_at(text, number->end, ",") ? 1 : 0);
    at += blank_at(text, at);
    size_t end = number_end(text, at);
    if (number->kind == SPAN_DATE && is_year(slice_range(text, at, end)))
        number->end = end;
    if (number->kind == SPAN_COUNT && is_year(slice_range(text, number->start, number->bare_end))) {
        number->kind = SPAN_DATE;
        number->end = number->bare_end;
    }
}

/* Digits in groups, as telephone numbers are written; the least that is one. */
static size_t phone_end(struct slice text, size_t at)
{
    size_t digits = 0, groups = 1, end = at;
    for (; at < text.size && (is_digit(text.data[at]) || byte_among(text.data[at], "()+- ")); at++) {
        groups += at > 0 && is_digit(text.data[at]) && !is_digit(text.data[at - 1]);
        if (is_digit(text.data[at])) {
            digits++;
            end = at + 1;
        }
    }
    return digits >= 8 && groups >= 2 ? end : 0;
}

/* "2024-05-10". */
static bool is_day(struct slice bare)
{
    return bare.size == 10 && bare.data[4] == '-' && bare.data[7] == '-';
}

static bool is_hour(struct slice bare)
{
    size_t colon;
    return slice_find(bare, ':', &colon) && colon <= 2 && bare.size == colon + 3;
}

/* The number that begins at `at`, or false. */
static bool read_number(struct slice text, size_t at, struct number *number)
{
    char word[WORD_BYTES];
    struct slice spelled = small_word(text, at, word);
    bool is_spelled = spelled.size > 0 && is_one_of(spelled_numbers, spelled);
    size_t digits = number_end(text, at), phone = is_day(slice_range(text, at, digits)) ? 0 : phone_end(text, at);
    if (phone > 0) {
        *number = (struct number){at, phone, phone, SPAN_PHONE};
        return true;
    }
    if (!is_digit(text.data[at]) && !is_spelled)
        return false;
    size_t bare = is_spelled ? at + spelled.size : digits, currency = currency_before(text, at);
    *number = (struct number){at - currency, bare, bare, currency > 0 ? SPAN_MONEY : SPAN_COUNT};
    if (currency == 0)
        read_unit(text, number);
    if (number->kind != SPAN_HOUR && is_hour(slice_range(text, at, bare)))
        *number = (struct number){at, bare, bare, SPAN_HOUR};
    if (is_spelled) /* "one of them" is none */
        return number->kind == SPAN_DURATION || is_one_of("once|twice", spelled);
    if (is_day(slice_range(text, at, bare)))
        number->kind = SPAN_DATE;
    if (number->kind == SPAN_HOUR)
        return true;
    read_date(text, number);
    read_range(text, number);
    return true;
}

/* The next number from `*at` on. */
static bool next_number(struct slice text, size_t *at, struct number *number)
{
    char word[WORD_BYTES];
    for (; *at < text.size; ++*at) {
        bool begins = *at == 0 || (!is_letter(text.data[*at - 1]) && !is_digit(text.data[*at - 1])) ||
                      (is_digit(text.data[*at]) &&
                       (currency_before(text, *at) > 0 || (unsigned char)text.data[*at - 1] >= 0x80));
        if (!begins)
            continue;
        struct slice day = small_word(text, *at, word);
        if (day.size > 0 && is_one_of(week_days, day)) {
            *number = (struct number){*at, *at + day.size, *at + day.size, SPAN_DATE};
            *at = number->end;
            return true;
        }
        if (!read_number(text, *at, number))
            continue;
        *at = number->end > number->bare_end ? number->end : number->bare_end;
        return true;
    }
    return false;
}

enum { NUMBERS = SPAN_MONEY | SPAN_SHARE | SPAN_DURATION | SPAN_DATE | SPAN_HOUR | SPAN_COUNT | SPAN_MEASURE | SPAN_PHONE };

double span_fits(unsigned asked, enum span_kind kind)
{
    enum { ANY = SPAN_COUNT | SPAN_MEASURE | SPAN_DURATION | SPAN_SHARE };
    bool may_do = ((asked & ANY) != 0 && (kind & (ANY | SPAN_MONEY)) != 0) ||
                  ((asked & SPAN_MONEY) != 0 && (kind & (SPAN_COUNT | SPAN_MEASURE)) != 0) || /* "4711 crowns" */
                  ((asked & SPAN_HOUR) != 0 && (kind & SPAN_COUNT) != 0);
    return (asked & kind) != 0 ? 1 : may_do ? 0.5 : 0;
}

enum span_kind span_of_head(struct slice head)
{
    char words[WORDS_MAX][WORD_BYTES];
    size_t count;
    for (size_t i = 0; i < head.size; i++)
        if (currency_at(head, i) > 0)
            return SPAN_MONEY;
    if (memchr(head.data, '%', head.size) != NULL)
        return SPAN_SHARE;
    read_words(head, words, &count);
    for (size_t i = 0; i < count; i++) {
        struct slice word = slice_from(words[i]);
        if (is_one_of("price|prices|cost|costs|fee|fees|charge|surcharge|salary|preis|prix|value|amount", word))
            return SPAN_MONEY;
        if (is_one_of(time_units, word))
            return SPAN_DURATION;
    }
    return SPAN_COUNT;
}

/* ---- names and codes ---- */

/* A word in capital letters with a digit in it, or all of capitals. */
static bool next_code(struct slice text, size_t *at, struct slice *code)
{
    while (*at < text.size) {
        size_t start = *at, capitals = 0, digits = 0, others = 0;
        while (*at < text.size && text.data[*at] != ' ' && !byte_among(text.data[*at], ",;()\"\n|")) {
            char byte = text.data[(*at)++];
            capitals += byte >= 'A' && byte <= 'Z';
            digits += is_digit(byte);
            others += is_letter(byte) && !(byte >= 'A' && byte <= 'Z');
        }
        size_t end = *at;
        while (end > start && byte_among(text.data[end - 1], ".:!?"))
            end--;
        ++*at;
        if (capitals > 0 && others == 0 && end - start >= 2 && (digits > 0 || capitals >= 3)) {
            *code = slice_range(text, start, end);
            return true;
        }
    }
    return false;
}

/* Words with a capital letter, one after the other; the first word of the sentence only with another behind it. */
static bool next_name(struct slice text, size_t *at, struct slice *name)
{
    while (*at < text.size) {
        bool begins = *at == 0 || !(is_letter(text.data[*at - 1]) || is_digit(text.data[*at - 1]));
        if (!begins || text.data[*at] < 'A' || text.data[*at] > 'Z') {
            ++*at;
            continue;
        }
        size_t start = *at, end = start, words = 0;
        for (size_t next = start; next < text.size && text.data[next] >= 'A' && text.data[next] <= 'Z'; words++) {
            while (next < text.size && (is_letter(text.data[next]) || text.data[next] == '-' || text.data[next] == '\''))
                next++;
            end = next;
            next += starts_at(text, next, " of ") ? 4 : 1;
        }
        *at = end > start ? end : start + 1;
        if (words > 1 || (words == 1 && start > 0)) {
            *name = slice_range(text, start, end);
            return true;
        }
    }
    return false;
}

/* Whether the question has it as a word of its own. */
static bool is_in_question(struct slice question, struct slice thing)
{
    const char *found = memmem(question.data, question.size, thing.data, thing.size);
    if (found == NULL)
        return false;
    size_t end = (size_t)(found - question.data) + thing.size;
    return end == question.size || (!is_digit(question.data[end]) && !is_letter(question.data[end]));
}

/* Letters, digits and points around an "@". */
static bool next_mail(struct slice text, size_t *at, struct slice *found)
{
    for (; *at < text.size; ++*at) {
        size_t start = *at, end = *at + 1;
        if (text.data[*at] != '@')
            continue;
        while (start > 0 &&
               (is_letter(text.data[start - 1]) || is_digit(text.data[start - 1]) || byte_among(text.data[start - 1], "._-+")))
            start--;
        while (end < text.size && (is_letter(text.data[end]) || is_digit(text.data[end]) || byte_among(text.data[end], ".-")))
            end++;
        while (end > *at && text.data[end - 1] == '.')
            end--;
        if (start == *at || end <= *at + 3)
            continue;
        *found = slice_range(text, start, end);
        *at = end;
        return true;
    }
    return false;
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

size_t spans_find(struct slice question, struct slice text, unsigned asked, struct span *spans, size_t most)
{
    struct number number;
    size_t count = 0;
    for (size_t at = 0; (asked & NUMBERS) != 0 && count < most && next_number(text, &at, &number);) {
        struct slice bare = slice_range(text, number.start, number.bare_end);
        bool counts_things = (asked & SPAN_COUNT) != 0 && (number.kind == SPAN_COUNT || number.kind == SPAN_MEASURE);
        if (span_fits(asked, number.kind) > 0 && !is_in_question(question, bare)) /* "20 pegs": 20; "4 days": 4 days */
            spans[count++] = (struct span){counts_things ? bare : slice_range(text, number.start, number.end), bare,
                                           number.kind};
    }
    if ((asked & SPAN_NAME) != 0)
        add_words(question, text, SPAN_NAME, next_name, spans, &count, most);
    if ((asked & SPAN_CODE) != 0)
        add_words(question, text, SPAN_CODE, next_code, spans, &count, most);
    if ((asked & SPAN_MAIL) != 0)
        add_words(question, text, SPAN_MAIL, next_mail, spans, &count, most);
    return count;
}
