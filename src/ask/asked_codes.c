/* asked_codes.c - codes that are letters and a number: rows, rooms, berths, faults.
 *
 *   "price of berth E5"          A1-A20 | 1480      letters of one sign and a number are codes here, and there is no E
 *                                B1-B24 | 2060
 *   "what does tr-2255 mean"     TR-2210: …         the same letters with other numbers
 *
 * Elsewhere "A4" and "mp3" are words. */
#include "asked_codes.h"
#include "span_parts.h"
#include <string.h>

enum { LETTERS_MOST = 4, DIGITS_MOST = 6 };

struct code {
    struct slice letters;
    unsigned long number;
    size_t start, end;
};

static bool is_letter(char byte)
{
    return byte_small(byte) >= 'a' && byte_small(byte) <= 'z';
}

/* Letters, a hyphen perhaps, and digits, nothing joined to them but another code. */
static bool code_at(struct slice text, size_t at, struct code *code)
{
    size_t end = at;
    while (end < text.size && is_letter(text.data[end]))
        end++;
    *code = (struct code){.letters = slice_range(text, at, end), .start = at};
    end += end < text.size && text.data[end] == '-';
    size_t digits = end;
    for (; span_is_digit(text, end) && end - digits < DIGITS_MOST; end++)
        code->number = 10 * code->number + (unsigned long)(text.data[end] - '0');
    code->end = end;
    bool is_joined = at > 0 &&
                     (span_letter_before(text, at) || span_is_digit(text, at - 1) || byte_among(text.data[at - 1], "_./"));
    bool goes_on = span_letter_at(text, end) > 0 || span_is_digit(text, end) ||
                   (end + 1 < text.size && byte_among(text.data[end], "._") && span_is_digit(text, end + 1));
    return code->letters.size > 0 && code->letters.size <= LETTERS_MOST && end > digits && !is_joined && !goes_on;
}

static bool code_next(struct slice text, size_t *at, struct code *code)
{
    for (; *at < text.size; ++*at)
        if (is_letter(text.data[*at]) && code_at(text, *at, code)) {
            *at = code->end;
            return true;
        }
    return false;
}

static bool are_same_letters(const struct code *a, const struct code *b)
{
    for (size_t i = 0; i < a->letters.size && a->letters.size == b->letters.size; i++)
        if (byte_small(a->letters.data[i]) != byte_small(b->letters.data[i]))
            return false;
    return a->letters.size == b->letters.size;
}

/* Up to where the range that begins with `first` goes; its own number: there is none. */
static unsigned long range_high(struct slice text, const struct code *first)
{
    static const char joints[] = "-|–| - | – | to | bis | à | a | al | t/m ";
    size_t at = first->end + span_one_at(text, first->end, joints), end = span_digits_end(text, at);
    struct code last;
    uint64_t number;
    if (at == first->end)
        return first->number;
    if (code_at(text, at, &last) && are_same_letters(first, &last))
        return last.number;
    return end > at && end - at <= DIGITS_MOST && slice_to_u64(slice_range(text, at, end), &number) ? (unsigned long)number
                                                                                                    : first->number;
}

static bool tells(struct slice text, const struct code *code)
{
    struct code other;
    for (size_t at = 0; code_next(text, &at, &other);)
        if (are_same_letters(code, &other) && code->number >= other.number &&
            (code->number == other.number || code->number <= range_high(text, &other)))
            return true;
    return false;
}

bool code_is_told(struct slice text, struct slice code)
{
    struct code asked;
    return code.size > 0 && code_at(code, 0, &asked) && asked.end == code.size && tells(text, &asked);
}

/* Codes of the kind: with the same letters, or with one capital where the asked one has one. */
static size_t count_kind(struct slice text, const struct code *code)
{
    struct code other;
    size_t count = 0;
    bool is_sign = code->letters.size == 1 && code->letters.data[0] != byte_small(code->letters.data[0]);
    for (size_t at = 0; code_next(text, &at, &other);)
        count += are_same_letters(code, &other)                                                                     ? 2
                 : is_sign && other.letters.size == 1 && other.letters.data[0] != byte_small(other.letters.data[0]) ? 1
                                                                                                                    : 0;
    return count;
}

/* All of the passage: its sentences lie in one text. */
static struct slice text_of(const struct ask_passage *passage)
{
    const struct ask_sentence *first = passage->sentences, *last = first + passage->sentence_count - 1;
    return passage->sentence_count == 0
               ? SLICE("")
               : (struct slice){first->text.data, (size_t)(last->text.data + last->text.size - first->text.data)};
}

bool lacks_kind_of_code(struct asking *asking, const struct ask_passage *passage)
{
    const struct slice question = asking->answer->asked;
    struct code code;
    for (size_t at = 0; code_next(question, &at, &code);) {
        size_t kind = 0;
        if (tells(text_of(passage), &code) || tells(text_above(asking, passage), &code) || tells(passage->hit->path, &code))
            continue;
        for (size_t i = 0; i < asking->passage_count && kind < 2; i++)
            kind += count_kind(text_of(&asking->passages[i]), &code);
        if (kind >= 2)
            return true;
    }
    return false;
}
