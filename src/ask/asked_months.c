/* asked_months.c - months that hours and prices hold for, and the one that is asked for.
 *
 *   "When is it open in October?"      9 to 19 in July and August, else 10 to 16           a part, up to the next sign
 *                                      May–September | 9 to 19                              a row, or a column's head
 *
 * "From May", "until April" and "except in July" are open, and tell of any. */
#include "asked_months.h"
#include "span_parts.h"

enum { MONTHS = 12, ALL_MONTHS = (1U << MONTHS) - 1 };

static const char *const names[MONTHS] = {
    "january|jan|januar|jänner|janvier|enero|gennaio|januari|janeiro",
    "february|feb|februar|février|febrero|febbraio|februari|fevereiro",
    "march|mar|märz|mars|marzo|maart|março",
    "april|apr|avril|abril|aprile",
    "may|mai|mayo|maggio|mei|maio",
    "june|jun|juni|juin|junio|giugno|junho",
    "july|jul|juli|juillet|julio|luglio|julho",
    "august|aug|août|agosto|augustus",
    "september|sep|sept|septembre|septiembre|settembre|setembro",
    "october|oct|oktober|okt|octobre|octubre|ottobre|outubro",
    "november|nov|novembre|noviembre|novembro",
    "december|dec|dezember|dez|décembre|diciembre|dicembre|dezembro",
};

/* Those that are words, too: in small letters, or before other words ("May I"), only behind what months stand behind. */
static bool is_word_too(struct slice text, const struct span_word *word)
{
    struct span_word before = span_word_before(text, word->start, NULL),
                     behind = span_word_at(text, word->end + span_blank_at(text, word->end));
    return span_word_is(word, "may|march|mar|mars|mai|sep|jan|dec|mei") &&
           (text.data[word->start] >= 'a' || (before.size == 0 && behind.size > 0)) &&
           !span_word_is(&before, "in|for|during|of|to|until|since|from|im|en|de|bis|von|au|à|and|und|et");
}

static unsigned month_at(struct slice text, size_t at, struct span_word *word)
{
    *word = span_word_at(text, at);
    for (unsigned i = 0; i < MONTHS && word->size > 0 && !span_letter_before(text, at); i++)
        if (span_word_is(word, names[i]) && !is_word_too(text, word))
            return 1U << i;
    return 0;
}

/* Between two months, days left out: "May – 30 Sep". */
static bool is_range(struct slice between)
{
    static const char signs[] = "-|–|—|to|till|until|through|bis|à|au|al|a|tot|t/m";
    for (; between.size > 0 && (byte_among(between.data[0], " .1234567890"));)
        between = slice_range(between, 1, between.size);
    while (between.size > 0 && byte_among(between.data[between.size - 1], " .1234567890"))
        between.size--;
    return between.size > 0 && span_is_one_of(signs, between);
}

static unsigned from_to(unsigned first, unsigned last)
{
    unsigned all = first;
    while (first != last) {
        first = first == 1U << (MONTHS - 1) ? 1U : first << 1;
        all |= first;
    }
    return all;
}

/* Another month follows the one that ends there, as the other end of a range. */
static bool begins_range(struct slice text, size_t end)
{
    struct span_word word;
    for (size_t at = end; at < text.size; at++)
        if (month_at(text, at, &word) != 0)
            return is_range(slice_range(text, end, at));
    return false;
}

/* Bits of all that are told; all: it is open. `*count`: how many are named. */
static unsigned months_in(struct slice text, size_t *count)
{
    static const char
        opens[] = "from|since|until|till|before|after|except|excluding|outside|ab|seit|bis|vor|nach|außer|dès|depuis|"
                  "avant|après|sauf|jusqu|desde|hasta|excepto|salvo|dal|fino|tranne|vanaf|tot|behalve";
    unsigned all = 0, last = 0;
    size_t end = 0;
    *count = 0;
    for (size_t at = 0, next; at<text.size; at = next> at ? next : at + 1) {
        struct span_word word;
        unsigned month = month_at(text, at, &word);
        next = span_letters_end(text, at);
        if (month == 0)
            continue;
        struct span_word before = span_word_before(text, at, NULL);
        bool is_joined = last != 0 && is_range(slice_range(text, end, at));
        if (!is_joined && !begins_range(text, next) && span_word_is(&before, opens))
            return ALL_MONTHS;
        all |= is_joined ? from_to(last, month) : month;
        last = month;
        end = next;
        ++*count;
    }
    return all;
}

unsigned month_asked(struct slice question)
{
    size_t count;
    unsigned month = months_in(question, &count);
    return count == 1 && month != ALL_MONTHS ? month : 0;
}

bool months_are_rival(struct slice question, struct slice mine, struct slice other)
{
    size_t count;
    unsigned asked = month_asked(question), own = asked != 0 ? months_in(mine, &count) : 0;
    return own != 0 && (own & asked) == 0 && (months_in(other, &count) & asked) != 0;
}

/* Up to the signs before and behind `part`. */
static struct slice piece_around(struct slice line, struct slice part)
{
    static const char signs[] = ",;|()";
    size_t start = (size_t)(part.data - line.data), end = start + part.size;
    while (start > 0 && !byte_among(line.data[start - 1], signs))
        start--;
    while (end < line.size && !byte_among(line.data[end], signs))
        end++;
    return slice_range(line, start, end);
}

bool months_are_others(struct slice question, struct slice line, struct slice part)
{
    unsigned asked = month_asked(question);
    size_t count;
    if (asked == 0 || part.size == 0 || part.data < line.data || part.data + part.size > line.data + line.size ||
        months_in(part, &count) != 0)
        return false;
    unsigned told = months_in(piece_around(line, part), &count);
    return told != 0 && (told & asked) == 0;
}
