/* asked_names.c - what a question names, looked for in a passage by the beginning of the word: "Norwegian" is told of where Norway is.
 *
 * A name is a word with a capital that does not begin a sentence; in German, where all nouns have one, only what is written in capitals altogether. A code
 * has letters and digits. People who ask put other words for what a document says, but seldom other names, or years. */
#include "asked_names.h"
#include "asked_codes.h"
#include "asked_shape.h"
#include "asked_words.h"
#include "rival_words.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

/* Before what a thing is said to be in. */
static const char within[] = "in|within|inside|im|dans|en|nel";

enum { STEM_BYTES = 4, CODE_BYTES = 32, CAMEL_LEAST = 8 };

static bool is_small_letter(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool is_big_letter(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* A word's letters: how many are big, small, digits; others count as small. */
static void count_letters(struct slice word, size_t *big, size_t *small, size_t *digits)
{
    *big = *small = *digits = 0;
    for (size_t i = 0; i < word.size; i++) {
        *big += is_big_letter(word.data[i]);
        *digits += word.data[i] >= '0' && word.data[i] <= '9';
        *small += is_small_letter(word.data[i]) || ((unsigned char)word.data[i] & 0x80) != 0;
    }
}

/* "on Saturdays", "in May", "the German term" name nothing that a document is about. */
static bool is_usual(struct slice word)
{
    static const char
        days[] = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|thursdays|fridays|"
                 "saturdays|sundays|christmas|easter|i";
    static const char
        languages[] = "english|german|french|spanish|italian|dutch|latin|greek|chinese|japanese|russian|arabic|portuguese";
    struct span_word small = span_word_at(word, 0);
    return span_word_is(&small, days) || span_word_is(&small, languages) || span_is_month(&small);
}

static bool begins_sentence(struct slice text, size_t at)
{
    while (at > 0 && (byte_among(text.data[at - 1], " \t\n\"'(*") || (unsigned char)text.data[at - 1] >= 0x80))
        at--;
    return at == 0 || byte_among(text.data[at - 1], ".?!:");
}

static bool is_name(struct slice text, struct slice word, bool is_german)
{
    size_t big, small, digits, at = (size_t)(word.data - text.data);
    count_letters(word, &big, &small, &digits);
    bool is_acronym = big > 1 && small == 0 && digits == 0;
    bool is_capital = is_big_letter(word.data[0]) && small > 1 && !is_german && !begins_sentence(text, at);
    return (is_acronym || is_capital) && !is_usual(word);
}

/* "FN-2026-01", "KX-50A": with the numbers that hyphens join to it. */
static struct slice with_numbers(struct slice text, struct slice word)
{
    size_t start = (size_t)(word.data - text.data), end = start + word.size;
    while (end + 1 < text.size && text.data[end] == '-' && span_is_digit(text, end + 1))
        for (end++; end < text.size && (span_is_digit(text, end) || is_big_letter(text.data[end]));)
            end++;
    return slice_range(text, start, end);
}

/* The digits at `*at` and the stop behind them. */
static size_t number_at(struct slice text, size_t *at)
{
    size_t number = 0;
    for (; *at < text.size && span_is_digit(text, *at) && number < 10000; ++*at)
        number = 10 * number + (size_t)(text.data[*at] - '0');
    *at += *at < text.size && text.data[*at] == '.';
    return number;
}

/* "1.5.26", "01.05.2026": a day and a month before a year of two or four digits. */
static bool is_day(struct slice name)
{
    size_t at = 0, day = number_at(name, &at), month = number_at(name, &at), year = name.size - at;
    return day > 0 && day <= 31 && month > 0 && month <= 12 && (year == 2 || year == 4);
}

/* "max_retries", "createLabel", "3.7.0": nobody puts it in other words. */
static bool is_identifier(struct slice name)
{
    size_t big, little, digits, stops = 0, bars = 0;
    struct number date;
    count_letters(name, &big, &little, &digits);
    for (size_t i = 1; i + 1 < name.size; i++) {
        stops += name.data[i] == '.' && span_is_digit(name, i - 1) && span_is_digit(name, i + 1);
        bars += name.data[i] == '_';
    }
    bool is_date = span_date_at(name, 0, false, &date) && date.end == name.size; /* "1.5.2026" */
    bool is_version = stops == 2 && big + little == 0 && !is_date && !is_day(name); /* an address has three */
    bool is_camel = is_small_letter(name.data[0]) && big > 0 && little > 0 && digits + bars == 0 && name.size >= CAMEL_LEAST;
    return is_version || (bars > 0 && little + big > 2) || is_camel;
}

bool is_code(struct slice name)
{
    size_t big, small, digits;
    count_letters(name, &big, &small, &digits);
    return (digits > 1 && big > 0 && is_big_letter(name.data[0])) || is_identifier(name);
}

size_t names_find(struct slice text, struct slice names[NAMES_MAX])
{
    struct text_words walk = {.text = text};
    struct slice word;
    size_t count = 0, words = 0, codes = 0, end = 0;
    bool is_word, is_german = text_language_of(text) == LANGUAGE_GERMAN;
    while (text_words_next(&walk, &word, &is_word) && count < NAMES_MAX) {
        words += is_word;
        size_t start = (size_t)(word.data - text.data);
        struct slice whole = is_word && start >= end ? with_numbers(text, word) : word;
        if (!is_word || start < end || (!is_code(whole) && !is_name(text, word, is_german)))
            continue;
        end = start + whole.size;
        codes += is_code(whole);
        names[count++] = whole;
    }
    return codes == 0 && 2 * count > words ? 0 : count; /* WHO SHOUTS, or Writes All So, names nothing */
}

/* Letters and digits alone, small. */
static struct slice squeezed(struct slice word, char bytes[CODE_BYTES])
{
    size_t size = 0;
    for (size_t i = 0; i < word.size && size < CODE_BYTES; i++)
        if (!byte_among(word.data[i], "-_./ "))
            bytes[size++] = is_big_letter(word.data[i]) ? (char)(word.data[i] | 0x20) : word.data[i];
    return (struct slice){bytes, size};
}

/* Whether the text has a word that begins so, or with `whole` is that; `name` is squeezed, and so is what it is compared with. */
static bool tells_so(struct slice text, struct slice name, bool whole)
{
    for (size_t at = 0; at < text.size; at++) {
        if (at > 0 && span_letter_before(text, at))
            continue;
        size_t same = 0, end = at;
        for (; end < text.size && same < name.size; end++) {
            char byte = is_big_letter(text.data[end]) ? (char)(text.data[end] | 0x20) : text.data[end];
            if (byte == name.data[same])
                same++;
            else if (same == 0 || !byte_among(byte, "-_./ "))
                break;
        }
        bool goes_on = span_is_digit(name, name.size - 1) ? span_is_digit(text, end) : whole && span_letter_at(text, end) > 0;
        if (same == name.size && !goes_on)
            return true;
    }
    return false;
}

static bool tells_of(struct slice text, struct slice name)
{
    return tells_so(text, name, false);
}

static struct slice text_of(const struct ask_passage *passage)
{
    const struct ask_sentence *first = &passage->sentences[0], *last = &passage->sentences[passage->sentence_count - 1];
    return (struct slice){first->text.data, (size_t)(last->text.data + last->text.size - first->text.data)};
}

static bool has_name(struct asking *asking, const struct ask_passage *passage, struct slice word)
{
    char bytes[CODE_BYTES];
    size_t big, small, digits;
    struct slice name = squeezed(word, bytes);
    count_letters(word, &big, &small, &digits);
    if (digits == 0 && small > 0 && name.size > STEM_BYTES)
        name.size = STEM_BYTES;
    return tells_of(text_of(passage), name) || tells_of(text_above(asking, passage), name) ||
           tells_of(passage->hit->path, name) || code_is_told(text_of(passage), word);
}

static bool has_year(struct slice text)
{
    for (size_t at = 0; at < text.size; at = span_digits_end(text, at) + 1)
        if (span_is_year(slice_range(text, at, span_digits_end(text, at))))
            return true;
    return false;
}

/* A year of the question is not told of, while another one is: "in 2024", of figures of 2025. */
static bool lacks_year(struct asking *asking, size_t passage)
{
    const struct ask_passage *place = &asking->passages[passage];
    struct slice asked = asking->answer->asked, above = text_above(asking, place);
    bool has_other = false, is_asked = false;
    for (size_t at = 0; at < asked.size; at = span_digits_end(asked, at) + 1) {
        struct slice year = slice_range(asked, at, span_digits_end(asked, at));
        if (!span_is_year(year) || tells_of(above, year))
            continue;
        is_asked = true;
        for (size_t i = 0; i < place->sentence_count; i++) {
            if (tells_of(place->sentences[i].text, year))
                return false;
            has_other = has_other || has_year(place->sentences[i].text);
        }
    }
    return is_asked && (has_other || has_year(above));
}

bool line_lacks_year(struct asking *asking, size_t passage, size_t sentence)
{
    const struct ask_passage *place = &asking->passages[passage];
    struct slice asked = asking->answer->asked, line = place->sentences[sentence].text, above = text_above(asking, place);
    if (!has_year(line))
        return false;
    for (size_t at = 0; at < asked.size; at = span_digits_end(asked, at) + 1) {
        struct slice year = slice_range(asked, at, span_digits_end(asked, at));
        if (!span_is_year(year) || tells_of(above, year) || tells_of(line, year))
            continue;
        for (size_t i = 0; i < place->sentence_count; i++)
            if (tells_of(place->sentences[i].text, year) &&
                rival_asked_beyond(asking, &place->sentences[sentence].terms, &place->sentences[i].terms) == 0)
                return true;
    }
    return false;
}

/* The names from `first` on that stand side by side, "United Kingdom": one of them there, or their first letters, is enough. */
static bool has_group(struct asking *asking, const struct ask_passage *passage, const struct slice *names, size_t count)
{
    char letters[NAMES_MAX];
    for (size_t i = 0; i < count; i++) {
        letters[i] = (char)(names[i].data[0] | 0x20);
        if (has_name(asking, passage, names[i]))
            return true;
    }
    struct slice initials = {letters, count};
    return count > 1 && (tells_so(text_of(passage), initials, true) || tells_so(text_above(asking, passage), initials, true));
}

/* Behind the names from `first` on that stand side by side. */
static size_t group_end(const struct slice *names, size_t count, size_t first)
{
    size_t end = first + 1;
    while (end < count && names[end].data == names[end - 1].data + names[end - 1].size + 1)
        end++;
    return end;
}

/* One of the words stands directly before the name. */
static bool is_behind(struct slice text, struct slice name, const char *words)
{
    size_t start = (size_t)(name.data - text.data);
    struct span_word before = span_word_before(text, start, NULL);
    return before.size > 0 && before.end + 1 == start && span_word_is(&before, words);
}

/* An identifier that only says where a thing is told ("the timeout in config_file"), or of a question whether something is so: "3.4.1" is supported may be
 * told by other numbers. */
static bool may_lack(struct slice question, struct slice name)
{
    bool is_file = memchr(name.data, '_', name.size) != NULL &&
                   is_behind(question, name, within); /* no version: "changed in 3.5.2" */
    return is_identifier(name) && (is_file || shape_asked(question) == SHAPE_TRUTH);
}

double names_lacking(struct asking *asking, size_t passage)
{
    struct slice names[NAMES_MAX];
    size_t count = names_find(asking->answer->asked, names), groups = 0, lacking = 0;
    for (size_t i = 0, next; i < count; i = next) {
        next = group_end(names, count, i);
        if (next == i + 1 && may_lack(asking->answer->asked, names[i]))
            continue;
        groups++;
        lacking += !has_group(asking, &asking->passages[passage], names + i, next - i);
    }
    bool has_wrong_year = lacks_year(asking, passage);
    return groups + has_wrong_year > 0 ? (double)(lacking + has_wrong_year) / (double)(groups + has_wrong_year) : 0;
}

bool lacks_code(struct asking *asking, size_t passage)
{
    struct slice names[NAMES_MAX];
    size_t count = names_find(asking->answer->asked, names);
    for (size_t i = 0; i < count; i++)
        if (is_code(names[i]) && !may_lack(asking->answer->asked, names[i]) &&
            !has_name(asking, &asking->passages[passage], names[i]))
            return true;
    return lacks_kind_of_code(asking, &asking->passages[passage]);
}

/* ---- names that stand nowhere ---- */

/* An index has the word, however it is stemmed. */
static bool is_known(const struct asking *asking, struct slice name)
{
    const struct search_result *search = &asking->answer->search;
    struct text_term found;
    analyzer_start(asking->analyzer, name, language_of(asking, name));
    while (analyzer_next(asking->analyzer, &found))
        for (size_t i = 0; i < search->word_count; i++)
            for (size_t j = 0; j < search->words[i].variant_count; j++)
                if (slice_equal(search->words[i].variants[j], found.term) && search->words[i].documents > 0)
                    return true;
    return false;
}

/* "Annual General Meeting" for AGM: its letters begin words that follow one another. */
static bool has_initials(struct slice text, struct slice name)
{
    struct text_words walk = {.text = text};
    struct slice word;
    size_t same = 0;
    bool is_word;
    while (same < name.size && text_words_next(&walk, &word, &is_word)) {
        if (!is_word)
            continue;
        bool is_next = (word.data[0] | 0x20) == (name.data[same] | 0x20);
        same = is_next ? same + 1 : (word.data[0] | 0x20) == (name.data[0] | 0x20);
    }
    return same == name.size;
}

bool name_is_spelled_in(struct slice text, struct slice name)
{
    struct text_words walk = {.text = text};
    struct slice word;
    bool is_word;
    while (text_words_next(&walk, &word, &is_word))
        if (is_word && words_are_nearly_one(word, name))
            return true;
    return has_initials(text, name);
}

static bool is_strange(struct asking *asking, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_known(asking, names[i]))
            return false;
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        if (passage->sentence_count == 0)
            continue;
        if (has_group(asking, passage, names, count))
            return false;
        for (size_t j = 0; j < count; j++)
            if (name_is_spelled_in(text_of(passage), names[j]) || name_is_spelled_in(text_above(asking, passage), names[j]))
                return false;
    }
    return count > 0;
}

/* "in Rotterdam", "for Sandra": whom or what a question is about. Elsewhere a capital is a greeting, a kind of money, or how somebody writes; and what
 * has capitals alone may be short for anything. */
static bool tells_whose(struct slice question, struct slice name)
{
    static const char belonging[] = "in|of|for|at|à|de|pour|en|para|van|voor|di|per|a";
    size_t big, small, digits;
    count_letters(name, &big, &small, &digits);
    return is_big_letter(name.data[0]) && small > 1 && digits == 0 && is_behind(question, name, belonging);
}

bool names_are_strange(struct asking *asking)
{
    struct slice names[NAMES_MAX];
    size_t count = names_find(asking->answer->asked, names);
    for (size_t i = 0, next; i < count; i = next) {
        next = group_end(names, count, i);
        if (tells_whose(asking->answer->asked, names[i]) && is_strange(asking, names + i, next - i))
            return true;
    }
    return false;
}
