/* quote.c - a sentence as a person reads it, found in the bytes that it was read from.
 *
 *   sentence   You have 30 days, then …
 *   source     … ⏎ You have **30 days**, then …
 *                  └──────── quote ─────────┘
 *
 * The words are looked for one after the other; between them may stand what is no text: marks, links' addresses, tags. Of several places the one
 * with the least between the words is taken. Within a word there may be tags, marks, escapes and references ("CO<sub>2</sub>", "M&uuml;ll",
 * "snake\_case", "M\u00fcll"), and the end of a line that it was divided at. */
#include "ask_parts.h"
#include "codec/codec.h"
#include <string.h>

enum { WORDS_MAX = 400, GAP_MAX = 300, STARTS_MAX = 64, TAG_MAX = 100, SILENT_MAX = 8, TAIL_MAX = 8 };

struct word_run {
    struct slice items[WORDS_MAX];
    size_t count;
};

static void split(struct slice sentence, struct word_run *run)
{
    struct text_words words = {.text = sentence};
    struct slice segment;
    bool is_word;
    run->count = 0;
    while (run->count < WORDS_MAX && text_words_next(&words, &segment, &is_word))
        if (is_word)
            run->items[run->count++] = segment;
}

struct place {
    size_t start, end;
};

/* ---- words as they are written ---- */

static size_t hex_at(struct slice source, size_t at, uint32_t *value)
{
    *value = 0;
    for (size_t i = 0; i < 4; i++) {
        char byte = at + i < source.size ? source.data[at + i] : ' ', small = (char)(byte | 0x20);
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_digit && (small < 'a' || small > 'f'))
            return 0;
        *value = *value * 16 + (uint32_t)(is_digit ? byte - '0' : small - 'a' + 10);
    }
    return 4;
}

/* A reference or an escape at `at`: the bytes it stands for, and how many it takes; 0: none. */
static size_t decode_at(struct slice source, size_t at, char out[HTML_REFERENCE_BYTES], size_t *taken)
{
    uint32_t high, low;
    if (source.data[at] == '&')
        return html_reference(slice_range(source, at, source.size), out, taken);
    if (source.data[at] != '\\' || at + 1 >= source.size || source.data[at + 1] != 'u' || hex_at(source, at + 2, &high) == 0)
        return 0;
    *taken = 6;
    bool is_pair = high >= 0xD800 && high < 0xDC00 && at + 7 < source.size && source.data[at + 6] == '\\' &&
                   source.data[at + 7] == 'u' && hex_at(source, at + 8, &low) > 0 && low >= 0xDC00 && low < 0xE000;
    if (is_pair) {
        *taken = 12;
        high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    return high < 0xD800 || high >= 0xE000 ? text_encode(high, out) : 0;
}

/* What stands within a word and is no part of it; 0: nothing. */
static size_t silent_at(struct slice source, size_t at)
{
    struct slice rest = slice_range(source, at, source.size);
    if (rest.data[0] == '<' && rest.size > 1 &&
        (rest.data[1] == '/' || ((rest.data[1] | 0x20) >= 'a' && (rest.data[1] | 0x20) <= 'z'))) {
        const char *close = memchr(rest.data, '>', rest.size < TAG_MAX ? rest.size : TAG_MAX);
        return close != NULL ? (size_t)(close - rest.data) + 1 : 0;
    }
    if (slice_starts_with(rest, SLICE("\xC2\xAD"))) /* a soft hyphen */
        return 2;
    if (slice_starts_with(rest, SLICE("-\n")) || slice_starts_with(rest, SLICE("-\r\n"))) {
        size_t size = 1;
        while (size < rest.size && size < TAG_MAX && byte_among(rest.data[size], "\r\n \t"))
            size++;
        return size;
    }
    return byte_among(rest.data[0], "*_`~\\") ? 1 : 0;
}

/* Where the word that is written at `at` ends; 0: another stands there. */
static size_t written_end(struct slice source, size_t at, struct slice word)
{
    size_t done = 0, silent = 0;
    while (done < word.size) {
        char bytes[HTML_REFERENCE_BYTES];
        size_t taken = 0;
        if (at >= source.size)
            return 0;
        if (source.data[at] == word.data[done]) {
            at++;
            done++;
            continue;
        }
        size_t size = decode_at(source, at, bytes, &taken);
        if (size > 0 && size <= word.size - done && memcmp(bytes, word.data + done, size) == 0) {
            at += taken;
            done += size;
            continue;
        }
        size_t skipped = done > 0 && silent++ < SILENT_MAX ? silent_at(source, at) : 0;
        if (skipped == 0)
            return 0;
        at += skipped;
    }
    return at;
}

/* Where `word` stands next in the source from `at` on, at the most `gap` bytes away. */
static bool next_place(struct slice source, size_t at, size_t gap, struct slice word, struct place *place)
{
    size_t end = source.size - at > gap + word.size ? at + gap + word.size : source.size;
    const char *found = memmem(source.data + at, end - at, word.data, word.size);
    if (found != NULL) {
        place->start = (size_t)(found - source.data);
        place->end = place->start + word.size;
        return true;
    }
    for (size_t start = at; start < end; start++) {
        place->start = start;
        place->end = written_end(source, start, word);
        if (place->end > 0)
            return true;
    }
    return false;
}

/* ---- the sentence ---- */

/* The end of all words when the first stands at `place`; 0: they do not follow. */
static size_t follow(struct slice source, struct place place, const struct word_run *run)
{
    for (size_t i = 1; i < run->count; i++)
        if (!next_place(source, place.end, GAP_MAX, run->items[i], &place))
            return 0;
    return place.end;
}

/* The mark that stands an odd number of times in the quote, and next behind it. */
static size_t closing_mark(struct slice source, size_t start, size_t end)
{
    size_t count = 0, size = 0;
    if (end >= source.size || !byte_among(source.data[end], "`*\""))
        return 0;
    char mark = source.data[end];
    for (size_t i = start; i < end; i++)
        count += source.data[i] == mark;
    while (size < count && size < 3 && end + size < source.size && source.data[end + size] == mark)
        size++;
    return (count + size) % 2 == 0 ? size : 0;
}

/* The signs that end the sentence belong to the quote, and marks between them: "(UDP).", "`studio.ini`." */
static size_t with_end_signs(struct slice source, size_t start, size_t end, struct slice tail)
{
    size_t at = end;
    for (size_t i = 0; i < tail.size && i < TAIL_MAX; i++) {
        size_t skipped = 0;
        if (tail.data[i] == ' ')
            continue;
        for (size_t rounds = 0; at < source.size && source.data[at] != tail.data[i] && rounds < SILENT_MAX; rounds++) {
            skipped = silent_at(source, at);
            if (skipped == 0)
                break;
            at += skipped;
        }
        if (at >= source.size || source.data[at] != tail.data[i])
            break;
        end = ++at;
    }
    return end + closing_mark(source, start, end);
}

/* One that begins it, too: "€9.50", which is no word. */
static size_t with_begin_sign(struct slice source, size_t start, struct slice sentence, struct slice first_word)
{
    size_t before = (size_t)(first_word.data - sentence.data);
    if (before > 0 && before <= 4 && start >= before && memcmp(source.data + start - before, sentence.data, before) == 0)
        return start - before;
    return start;
}

bool quote_find(struct slice source, struct slice sentence, size_t *start, size_t *end)
{
    const char *whole = sentence.size > 0 ? memmem(source.data, source.size, sentence.data, sentence.size) : NULL;
    if (whole != NULL) {
        *start = (size_t)(whole - source.data);
        *end = *start + sentence.size;
        return true;
    }
    struct word_run run;
    size_t best = SIZE_MAX;
    split(sentence, &run);
    if (run.count == 0)
        return false;
    for (size_t at = 0, tries = 0; tries < STARTS_MAX && at < source.size; tries++) {
        struct place place;
        if (!next_place(source, at, source.size, run.items[0], &place))
            break;
        size_t reach = follow(source, place, &run);
        if (reach > 0 && reach - place.start < best) {
            best = reach - place.start;
            *start = place.start;
            *end = reach;
        }
        at = place.start + 1;
    }
    if (best == SIZE_MAX)
        return false;
    *start = with_begin_sign(source, *start, sentence, run.items[0]);
    const struct slice last = run.items[run.count - 1];
    struct slice tail = slice_range(sentence, (size_t)(last.data + last.size - sentence.data), sentence.size);
    *end = with_end_signs(source, *start, *end, run.count < WORDS_MAX ? tail : SLICE(""));
    return true;
}
