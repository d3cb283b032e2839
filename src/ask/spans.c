/* spans.c - numbers with what stands around them, names and codes.
 *
 *   "which label …"  ▶ code     EMB-24K           "how much … cost"  ▶ money     € 9.50
 *   "who …"          ▶ name     Bastien Orlo      "how long …"       ▶ time      2 working days
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
    enum span_kind kind;
};

/* In order of how sure they are. */
static const struct asked_word asked_words[] = {
    {"percent|percentage|share|fraction|prozent|pourcentage", NULL, 0, SPAN_SHARE},
    {"code|label|identifier|id|sku", NULL, 0, SPAN_CODE},
    {"how|what", "price|cost|costs|fee|charge|pay|spend|sum|salary|reimbursed|refund", 8, SPAN_MONEY},
    {"how", "many", 0, SPAN_COUNT},
    {"how", "long|soon|often|old|late|early", 0, SPAN_TIME},
    {"until|by|since|from", "when", 0, SPAN_TIME},
    {"when", NULL, 0, SPAN_TIME},
    {"what|which", "day|date|time|year|month|deadline|period", 1, SPAN_TIME},
    {"how", "tall|heavy|far|hot|cold|wide|big|deep|fast|high|large|much|thick|warm|loud|bright", 0, SPAN_MEASURE},
    {"what|which", "temperature|weight|height|angle|length|size|distance|speed|capacity|limit|maximum|cap|minimum", 3,
     SPAN_MEASURE},
    {"who|whom|whose|wer|qui", NULL, 0, SPAN_NAME},
    {"where|wo|woher|où", NULL, 0, SPAN_NAME},
    {"wie|combien", "viel|viele|lange", 0, SPAN_MEASURE},
    {"combien|wieviel", NULL, 0, SPAN_MEASURE},
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

enum span_kind span_asked(struct slice question)
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
                return asked->kind;
            for (size_t next = at + 1; next < count && next <= at + 1 + asked->gap; next++)
                if (is_one_of(asked->second, slice_from(words[next])))
                    return asked->kind;
        }
    }
    return SPAN_NONE;
}

/* ---- numbers ---- */

static const char
    time_units[] = "second|seconds|minute|minutes|hour|hours|day|days|week|weeks|month|months|year|years|stunden|"
                   "tag|tage|tagen|woche|wochen|monat|monate|jahr|jahre|jours|jour|heures|mois|ans|semaines|pm|am|"
                   "noon|january|february|march|april|may|june|july|august|september|october|november|december";
static const char
    spelled_numbers[] = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|"
                        "fifty|sixty|ninety|half";
static const char before_units[] = "working|business|calendar|full|pay|leave";

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

static size_t currency_before(struct slice text, size_t at)
{
    static const char *const signs[] = {"€", "£", "$", "EUR", "USD", "GBP", "CHF"};
    for (size_t blank = 0; blank < 2; blank++)
        for (size_t i = 0; i < ARRAY_COUNT(signs); i++) {
            size_t size = strlen(signs[i]);
            if (at >= size + blank && (blank == 0 || text.data[at - 1] == ' ') && starts_at(text, at - size - blank, signs[i]))
                return size + blank;
        }
    return 0;
}

/* What stands behind a number and belongs to it. */
static void read_unit(struct slice text, struct number *number)
{
    char word[WORD_BYTES];
    size_t at = number->bare_end;
    size_t blank = starts_at(text, at, " ")              ? 1
                   : starts_at(text, at, "\xC2\xA0")     ? 2
                   : starts_at(text, at, "\xE2\x80\xAF") ? 3
                                                         : 0;
    at += blank;
    if (starts_at(text, at, "%") || starts_at(text, at, "percent")) {
        number->kind = SPAN_SHARE;
        number->end = at + (text.data[at] == '%' ? 1 : strlen("percent"));
        return;
    }
    if (starts_at(text, at, "€") || starts_at(text, at, "£")) {
        number->kind = SPAN_MONEY;
        number->end = at + (starts_at(text, at, "€") ? 3 : 2);
        return;
    }
    size_t degree = starts_at(text, at, "°") ? 2 : 0;
    struct slice unit = small_word(text, at + degree, word);
    size_t unit_at = at + degree;
    if (degree == 0 && is_one_of(before_units, unit) && starts_at(text, at + unit.size, " ")) {
        unit_at = at + unit.size + 1;
        unit = small_word(text, unit_at, word);
    }
    if (degree == 0 && unit.size == 0)
        return;
    bool is_time = is_one_of(time_units, unit);
    number->kind = is_time                                                         ? SPAN_TIME
                   : degree > 0 || unit.size <= 2 || unit_at + unit.size - at <= 8 ? SPAN_MEASURE
                                                                                   : SPAN_COUNT;
    number->end = letters_end(text, unit_at);
}

/* The next number from `*at` on. */
static bool next_number(struct slice text, size_t *at, struct number *number)
{
    char word[WORD_BYTES];
    for (; *at < text.size; ++*at) {
        bool begins = *at == 0 || (!is_letter(text.data[*at - 1]) && !is_digit(text.data[*at - 1])) ||
                      (*at >= 2 && (unsigned char)text.data[*at - 1] >= 0x80); /* "€9" */
        struct slice spelled = begins ? small_word(text, *at, word) : (struct slice){"", 0};
        bool is_spelled = begins && spelled.size > 0 && is_one_of(spelled_numbers, spelled);
        if (!begins || (!is_digit(text.data[*at]) && !is_spelled))
            continue;
        size_t bare = is_spelled ? *at + spelled.size : number_end(text, *at), currency = currency_before(text, *at);
        *number = (struct number){*at - currency, bare, bare, SPAN_COUNT};
        if (currency > 0)
            number->kind = SPAN_MONEY;
        else
            read_unit(text, number);
        *at = number->end > bare ? number->end : bare;
        if (is_spelled && number->kind != SPAN_TIME) { /* "one of them" */
            --*at;
            continue;
        }
        return true;
    }
    return false;
}

/* Whether a number of one kind answers a question for another. */
static bool answers(enum span_kind asked, const struct number *number)
{
    switch (asked) {
    case SPAN_COUNT:
        return number->kind == SPAN_COUNT || number->kind == SPAN_MEASURE || number->kind == SPAN_TIME;
    case SPAN_MEASURE:
        return true;
    default:
        return number->kind == asked;
    }
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

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

static bool find_word(struct slice question, struct slice sentence, enum span_kind kind, size_t near, struct slice *span)
{
    size_t best = SIZE_MAX, at = 0;
    struct slice found;
    while (kind == SPAN_NAME ? next_name(sentence, &at, &found) : next_code(sentence, &at, &found)) {
        size_t away = distance((size_t)(found.data - sentence.data), near);
        if (away >= best || is_in_question(question, found))
            continue;
        best = away;
        *span = found;
    }
    return best != SIZE_MAX;
}

bool span_find(struct slice question, struct slice sentence, enum span_kind kind, size_t near, struct slice *span)
{
    size_t best = SIZE_MAX, at = 0;
    struct number number;
    if (kind == SPAN_NAME || kind == SPAN_CODE)
        return find_word(question, sentence, kind, near, span);
    while (kind != SPAN_NONE && next_number(sentence, &at, &number)) {
        size_t away = distance(number.start, near);
        struct slice bare = slice_range(sentence, number.start, number.bare_end);
        if (!answers(kind, &number) || away >= best || is_in_question(question, bare))
            continue;
        best = away;
        bool counts_things = kind == SPAN_COUNT && number.kind != SPAN_TIME; /* "20 pegs": 20; "4 days": 4 days */
        *span = slice_range(sentence, number.start, counts_things ? number.bare_end : number.end);
    }
    return best != SIZE_MAX;
}
