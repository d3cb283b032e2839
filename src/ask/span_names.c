/* span_names.c - names, codes and addresses.
 *
 *   J. R. R. Tolkien    Jean-Luc O'Brien    Rogier van der Weyden    University of Bergen
 *
 * A name is words that begin with a capital letter of any script, and what stands small between them in names. */
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

/* Between two words of a name, each with its blanks; the longer ones first. */
static const char particles[] =
    " of the | of | van der | van den | van de | van het | van 't | von und zu | von der | von dem | von den | de la | "
    "de las | de los | de le | della | dello | degli | van | von | vom | de | del | di | da | do | dos | du | la | le | "
    "bin | ibn | bint | al-| el | al | ter | ten | af | av | d'| d’| dal | dalla ";
/* Before a name, and none of its own. */
static const char
    titles[] = "Dr|Prof|Mr|Mrs|Ms|Mme|Mlle|Sr|Sra|Srta|Dott|Sig|Hr|Herr|Frau|Mister|Monsieur|Madame|Ing|Dipl|Mag|St";

static size_t capital_at(struct slice text, size_t at)
{
    uint32_t character;
    if (at >= text.size)
        return 0;
    size_t size = text_decode(text, at, &character);
    return text_is_capital(character) ? size : 0;
}

/* An apostrophe or a hyphen with a letter behind it: "O'Brien", "Jean-Luc". */
static size_t inner_sign_at(struct slice text, size_t at)
{
    size_t size = span_one_at(text, at, "-|'|’|\xE2\x80\x90|\xE2\x80\x91|·");
    return size > 0 && span_letter_at(text, at + size) > 0 ? size : 0;
}

/* Where the word with a capital letter at `at` ends; `at`: there is none. `*is_initial`: "J.", the full stop is in it. */
static size_t name_word_end(struct slice text, size_t at, bool *is_initial)
{
    size_t end = at, size = capital_at(text, at), letters = 0;
    *is_initial = false;
    while (size > 0) {
        end += size;
        letters++;
        size = span_letter_at(text, end);
        if (size == 0)
            size = inner_sign_at(text, end);
    }
    if (letters == 1 && span_starts(text, end, ".")) {
        size_t next = end + 1 + span_blank_at(text, end + 1);
        *is_initial = capital_at(text, next) > 0;
        end += *is_initial;
    }
    return end;
}

/* The next word of the name that has its last one before `end`: where it begins, or 0. */
static size_t next_word(struct slice text, size_t end, bool is_initial)
{
    size_t blank = span_blank_at(text, end), particle = span_one_at(text, end, particles);
    if (capital_at(text, end + blank) > 0 && (blank > 0 || is_initial))
        return end + blank;
    return particle > 0 && capital_at(text, end + particle) > 0 ? end + particle : 0;
}

bool span_is_title(struct slice word)
{
    return span_is_one_of(titles, word);
}

/* "The", at the beginning of a sentence, is no part of a name. */
static bool is_opening(struct slice text, size_t start)
{
    struct span_word word = span_word_at(text, start);
    return start == 0 && span_is_function_word(&word);
}

bool span_next_name(struct slice text, size_t *at, struct slice *name)
{
    while (*at < text.size) {
        bool is_initial, begins = *at == 0 || !(span_letter_before(text, *at) || span_is_digit(text, *at - 1));
        size_t start = *at, end = begins ? name_word_end(text, start, &is_initial) : start, words = 0;
        if (end == start) {
            uint32_t character;
            *at += text_decode(text, *at, &character);
            continue;
        }
        *at = end;
        if (span_is_title(slice_range(text, start, end)) || (is_opening(text, start) && next_word(text, end, is_initial) > 0))
            continue;
        for (size_t next = start; next > 0 || words == 0; words++) {
            end = name_word_end(text, next, &is_initial);
            next = next_word(text, end, is_initial);
        }
        *at = end;
        if (words > 1 || start > 0) {
            *name = slice_range(text, start, end);
            return true;
        }
    }
    return false;
}

/* A word in capital letters with a digit in it, or all of capitals. */
bool span_next_code(struct slice text, size_t *at, struct slice *code)
{
    while (*at < text.size) {
        size_t start = *at, capitals = 0, digits = 0, others = 0;
        while (*at < text.size && text.data[*at] != ' ' && !byte_among(text.data[*at], ",;()\"\n|")) {
            bool is_capital = text.data[*at] >= 'A' && text.data[*at] <= 'Z';
            size_t size = span_letter_at(text, *at);
            capitals += is_capital;
            digits += span_is_digit(text, *at);
            others += size > 0 && !is_capital;
            *at += size > 0 ? size : 1;
        }
        size_t end = *at;
        while (end > start && byte_among(text.data[end - 1], ".:!?"))
            end--;
        ++*at;
        bool is_currency = span_currency_at(text, start) == end - start;
        if (capitals > 0 && others == 0 && end - start >= 2 && (digits > 0 || capitals >= 3) && !is_currency) {
            *code = slice_range(text, start, end);
            return true;
        }
    }
    return false;
}

/* Of an address, before and behind the "@". */
static bool is_of_mail(char byte, const char *signs)
{
    return (unsigned char)byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           byte_among(byte, signs);
}

bool span_next_mail(struct slice text, size_t *at, struct slice *mail)
{
    for (; *at < text.size; ++*at) {
        size_t start = *at, end = *at + 1;
        if (text.data[*at] != '@')
            continue;
        while (start > 0 && is_of_mail(text.data[start - 1], "._-+"))
            start--;
        while (end < text.size && is_of_mail(text.data[end], ".-"))
            end++;
        while (end > *at && text.data[end - 1] == '.')
            end--;
        if (start == *at || end <= *at + 3)
            continue;
        *mail = slice_range(text, start, end);
        *at = end;
        return true;
    }
    return false;
}
