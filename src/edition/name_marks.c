/* name_marks.c - numbers of editions and dates in a name.
 *
 *   ed4, edition 4, v2.1, Version 3, rev 2, 2nd edition, 3. Auflage      a number
 *   2024, 2024-25, 2026-03, 20260315, 15.03.2026, March 2026, 2026-Q1   a date
 *   OLD, superseded, veraltet, draft, Entwurf, …                         a word */
#include "name_parts.h"
#include "text/text.h"
#include <stdio.h>

/* Capitals of the languages above are two bytes, and their small letters stand 32 behind. */
static void put_small(struct name_part *token, size_t *size, const char *bytes, size_t count, uint32_t character)
{
    char small[4];
    if (character < 0x80)
        small[0] = (char)(character >= 'A' && character <= 'Z' ? character | 0x20 : character);
    else if (character >= 0xC0 && character <= 0xDE && character != 0xD7)
        count = text_encode(character + 0x20, small);
    else
        memcpy(small, bytes, count);
    if (*size + count >= WORD_BYTES)
        return;
    memcpy(token->text + *size, small, count);
    *size += count;
}

void parts_read(struct name_parts *tokens, struct slice text)
{
    size_t at = 0;
    *tokens = (struct name_parts){.text = text};
    while (at < text.size && tokens->count < TOKENS_MAX) {
        struct name_part *token = &tokens->items[tokens->count];
        size_t bytes = 0;
        uint32_t character;
        *token = (struct name_part){.start = at, .is_number = text.data[at] >= '0' && text.data[at] <= '9', .is_capital = true};
        while (at < text.size) {
            size_t size = text_decode(text, at, &character);
            bool is_digit = character >= '0' && character <= '9';
            if (is_digit != token->is_number || (!is_digit && !text_is_letter(character)))
                break;
            token->value = is_digit && token->value < UINT64_MAX / 100 ? token->value * 10 + (character - '0') : token->value;
            token->is_capital = token->is_capital && text_is_capital(character);
            put_small(token, &bytes, text.data + at, size, character);
            at += size;
        }
        token->end = at;
        token->classes = token->is_number || token->end == token->start ? 0 : word_classes(token->text);
        if (token->end > token->start)
            tokens->count++;
        else
            at += text_decode(text, at, &character);
    }
}

/* ---- dates ---- */

static bool is_year(const struct name_part *token)
{
    return token->is_number && token->end - token->start == 4 && token->value >= 1950 && token->value <= 2099;
}

static uint32_t month_of(const struct name_part *token)
{
    static const char *const starts[12] = {
        "jan|ene|gen",     "feb|fév|fev", "mar|mär|maa|mrt|mrz", "apr|avr|abr", "may|mai|mei|mag", "jun|giu", "jul|lug",
        "aug|aoû|aou|ago", "sep|set",     "oct|okt|ott|out",     "nov",         "dec|dez|déc|dic"};
    char start[WORD_BYTES];
    if (token->is_number || !text_is_month(slice_from(token->text)))
        return 0;
    if (word_among(token->text, "juin"))
        return 6;
    struct slice three = slice_from(token->text);
    size_t size = 0;
    for (size_t letters = 0; letters < 3 && size < three.size; letters++) {
        uint32_t character;
        size += text_decode(three, size, &character);
    }
    memcpy(start, three.data, size);
    start[size] = '\0';
    for (uint32_t month = 0; month < 12; month++)
        if (word_among(start, starts[month]))
            return month + 1;
    return word_among(start, "jui") ? 7 : 0;
}

/* The sign between two tokens, where it is one alone; 0: it is none of these. */
static char sign_between(const struct name_parts *tokens, size_t at)
{
    if (at + 1 >= tokens->count || tokens->items[at + 1].start != tokens->items[at].end + 1)
        return '\0';
    char sign = tokens->text.data[tokens->items[at].end];
    return byte_among(sign, "-_./ ") ? sign : '\0';
}

/* Only a blank, or nothing, or another light sign between them. */
static bool is_beside(const struct name_parts *tokens, size_t at)
{
    return at + 1 < tokens->count && tokens->items[at + 1].start <= tokens->items[at].end + 2;
}

static bool is_within(const struct name_part *token, uint64_t least, uint64_t most, size_t digits)
{
    return token->is_number && token->value >= least && token->value <= most && token->end - token->start <= digits;
}

static int32_t make_date(uint64_t year, uint64_t month, uint64_t day)
{
    return (int32_t)(year * 10000 + month * 100 + day);
}

/* "20260315" */
static size_t packed_date(const struct name_part *token, int32_t *date)
{
    uint64_t month = token->value / 100 % 100, day = token->value % 100;
    if (!token->is_number || token->end - token->start != 8 || token->value / 10000 < 1950 || token->value / 10000 > 2099 ||
        month < 1 || month > 12 || day < 1 || day > 31)
        return 0;
    *date = (int32_t)token->value;
    return 1;
}

/* What begins with a year. */
static size_t date_from_year(const struct name_parts *tokens, size_t at, int32_t *date)
{
    const struct name_part *token = &tokens->items[at];
    char sign = sign_between(tokens, at), next = sign != '\0' ? sign_between(tokens, at + 1) : '\0';
    bool has_sign = sign != '\0' && sign != ' ';
    *date = make_date(token->value, 0, 0);
    if (has_sign && is_year(&token[1]) && token[1].value == token->value + 1) /* 2025/2026 */
        return 2;
    if (has_sign && is_within(&token[1], (token->value + 1) % 100, (token->value + 1) % 100, 2) && next != sign &&
        (token[1].value > 12 || sign == '/')) /* 2025/26 */
        return 2;
    if (has_sign && is_within(&token[1], 1, 12, 2)) {
        bool has_day = next == sign && is_within(&token[2], 1, 31, 2);
        *date = make_date(token->value, token[1].value, has_day ? token[2].value : 0);
        return has_day ? 3 : 2;
    }
    if (is_beside(tokens, at) && month_of(&token[1]) > 0) {
        *date = make_date(token->value, month_of(&token[1]), 0);
        return 2;
    }
    bool is_quarter = is_beside(tokens, at) && at + 2 < tokens->count && strcmp(token[1].text, "q") == 0 &&
                      token[2].start == token[1].end && is_within(&token[2], 1, 4, 1);
    if (is_quarter)
        *date = make_date(token->value, token[2].value * 3, 0);
    return is_quarter ? 3 : 1;
}

/* "KX2010" is a code; "Handbook2010", "ed2010" and "FY2010" are of a year. */
static bool is_of_code(const struct name_parts *tokens, size_t at)
{
    enum { CODE_LETTERS = 3 };
    const struct name_part *before = at > 0 ? &tokens->items[at - 1] : NULL;
    return before != NULL && !before->is_number && before->end == tokens->items[at].start &&
           before->end - before->start <= CODE_LETTERS && (before->classes & (WORD_EDITION | WORD_OF_YEARS)) == 0;
}

static size_t date_at(const struct name_parts *tokens, size_t at, int32_t *date)
{
    const struct name_part *token = &tokens->items[at];
    if (packed_date(token, date) > 0)
        return 1;
    if (is_year(token))
        return is_of_code(tokens, at) ? 0 : date_from_year(tokens, at, date);
    char sign = sign_between(tokens, at);
    if (is_within(token, 1, 31, 2) && (sign == '.' || sign == '/' || sign == '-') && sign_between(tokens, at + 1) == sign &&
        is_within(&token[1], 1, 12, 2) && is_year(&token[2])) {
        *date = make_date(token[2].value, token[1].value, token->value);
        return 3;
    }
    size_t month = is_within(token, 1, 31, 2) ? at + 1 : at;
    bool has_year = month + 1 < tokens->count && is_year(&tokens->items[month + 1]) && is_beside(tokens, month) &&
                    month_of(&tokens->items[month]) > 0;
    if (!has_year)
        return 0;
    *date = make_date(tokens->items[month + 1].value, month_of(&tokens->items[month]), month > at ? token->value : 0);
    return month + 2 - at;
}

int64_t date_day(int32_t date, bool end)
{
    char text[11];
    int64_t ns;
    int32_t year = date / 10000, month = date / 100 % 100, day = date % 100;
    if (end && month == 0)
        month = 12;
    for (int32_t last = day > 0 ? day : end ? 31 : 1; last > 0; last--) {
        (void)snprintf(text, sizeof(text), "%04d-%02d-%02d", (int)(year % 10000), (int)(month > 0 ? month % 100 : 1),
                       (int)last);
        if (clock_date(slice_from(text), &ns))
            return ns / 1000000000 / 86400;
        if (day > 0)
            break;
    }
    return EDITION_NO_DAY;
}

bool date_within(int32_t date, int32_t other)
{
    return date == other || (other % 10000 == 0 && date / 10000 == other / 10000) ||
           (other % 100 == 0 && date / 100 == other / 100);
}

/* ---- numbers ---- */

/* "4", "2.1": the tokens it takes. */
static size_t number_at(const struct name_parts *tokens, size_t at, struct mark *mark)
{
    size_t used = 0;
    mark->parts = 0;
    while (at + used < tokens->count && mark->parts < EDITION_PARTS) {
        const struct name_part *token = &tokens->items[at + used];
        if (!token->is_number || token->value > 100000)
            break;
        mark->number[mark->parts++] = (uint32_t)token->value;
        used++;
        if (sign_between(tokens, at + used - 1) != '.')
            break;
    }
    return used;
}

/* "edition 4", "v2.1", and of years "version 2026". */
static size_t numbered_at(const struct name_parts *tokens, size_t at, struct mark *mark)
{
    const struct name_part *token = &tokens->items[at];
    if (token->is_number || (token->classes & WORD_EDITION) == 0 || at + 1 == tokens->count)
        return 0;
    size_t skip = at + 2 < tokens->count && word_among(token[1].text, "no|nr|n") ? 2 : 1;
    bool is_near = token[skip].start <= token->end + (skip > 1 ? 6 : 2);
    bool is_letter = token->text[1] == '\0'; /* "v" alone is one only right before its number */
    if (!is_near || (is_letter && token[1].start > token->end + (tokens->text.data[token->end] == '.')) ||
        !token[skip].is_number || is_year(&token[skip]))
        return 0;
    mark->kind = MARK_NUMBER;
    size_t used = number_at(tokens, at + skip, mark);
    return used > 0 ? skip + used : 0;
}

/* "2nd edition", "3. Auflage" */
static size_t ordinal_at(const struct name_parts *tokens, size_t at, struct mark *mark)
{
    const struct name_part *token = &tokens->items[at];
    if (!is_within(token, 1, 999, 3) || at + 1 == tokens->count)
        return 0;
    bool has_end = token[1].start == token->end && (token[1].classes & WORD_ORDINAL) != 0;
    size_t word = at + 1 + has_end;
    bool is_ordinal = has_end || (tokens->text.data[token->end] == '.' && token[1].start > token->end + 1);
    if (!is_ordinal || word == tokens->count || (tokens->items[word].classes & WORD_EDITION) == 0 ||
        tokens->items[word].end - tokens->items[word].start < 2)
        return 0;
    *mark = (struct mark){.kind = MARK_NUMBER, .number = {(uint32_t)token->value}, .parts = 1};
    return word + 1 - at;
}

static bool is_of_age(const struct name_parts *tokens, size_t at)
{
    return at > 0 && word_among(tokens->items[at - 1].text, "year|years|month|months|week|weeks|day|days|how");
}

static size_t word_mark_at(const struct name_parts *tokens, size_t at, struct mark *mark)
{
    const struct name_part *token = &tokens->items[at];
    bool is_outer = at == 0 || at + 1 == tokens->count;
    /* "stock-policy (obsolete)" and "OBSOLETE stock-policy"; "obsolete-stock" and "draft-beer" are what they are about */
    bool is_stamp = at > 0 ? at + 1 == tokens->count : token->is_capital && tokens->count > 1;
    if (token->is_number)
        return 0;
    if (is_stamp && ((token->classes & WORD_OLD) != 0 || (token->is_capital && strcmp(token->text, "old") == 0)))
        mark->kind = MARK_OLD;
    else if ((token->classes & WORD_MAYBE_OLD) != 0 && is_outer && !is_of_age(tokens, at)) /* "old-town": who knows */
        mark->kind = strcmp(token->text, "old") == 0 && at > 0 ? MARK_OLD : MARK_MAYBE_OLD;
    else if (is_stamp && (token->classes & WORD_DRAFT) != 0)
        mark->kind = MARK_DRAFT;
    else
        return 0;
    return 1;
}

size_t mark_at(const struct name_parts *tokens, size_t at, struct mark *mark)
{
    *mark = (struct mark){.kind = MARK_DATE};
    size_t used = date_at(tokens, at, &mark->date);
    if (used == 0)
        used = numbered_at(tokens, at, mark);
    if (used == 0)
        used = ordinal_at(tokens, at, mark);
    return used > 0 ? used : word_mark_at(tokens, at, mark);
}

bool marks_take(struct edition_marks *marks, const struct mark *mark)
{
    switch (mark->kind) {
    case MARK_NUMBER:
        if (marks->parts > 0)
            return marks->parts == mark->parts && memcmp(marks->number, mark->number, sizeof(marks->number)) == 0;
        memcpy(marks->number, mark->number, sizeof(marks->number));
        marks->parts = mark->parts;
        return true;
    case MARK_DATE:
        if (marks->date != 0 && date_within(marks->date, mark->date))
            return true;
        if (marks->date != 0 && !date_within(mark->date, marks->date))
            return false;
        marks->date = mark->date;
        return true;
    case MARK_OLD:
        marks->is_old = true;
        return true;
    case MARK_MAYBE_OLD:
        marks->may_be_old = true;
        return true;
    case MARK_DRAFT:
        marks->is_draft = true;
        return true;
    }
    return true;
}
