/* span_words.c - letters, blanks and words around a number. Nothing here looks further than some bytes from where it is asked. */
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

bool span_is_digit(struct slice text, size_t at)
{
    return at < text.size && text.data[at] >= '0' && text.data[at] <= '9';
}

bool span_has_digit(struct slice text)
{
    for (size_t at = 0; at < text.size; at++)
        if (span_is_digit(text, at))
            return true;
    return false;
}

bool span_starts(struct slice text, size_t at, const char *what)
{
    size_t size = strlen(what);
    return at <= text.size && size <= text.size - at && memcmp(text.data + at, what, size) == 0;
}

size_t span_letter_at(struct slice text, size_t at)
{
    uint32_t character;
    if (at >= text.size)
        return 0;
    size_t size = text_decode(text, at, &character);
    return text_is_letter(character) ? size : 0;
}

/* Where the character that ends before `at` begins. */
static size_t character_before(struct slice text, size_t at)
{
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && ((unsigned char)text.data[start] & 0xC0) == 0x80)
        start--;
    return start;
}

bool span_letter_before(struct slice text, size_t at)
{
    return at > 0 && span_letter_at(text, character_before(text, at)) > 0;
}

bool span_ideograph_at(struct slice text, size_t at)
{
    uint32_t character;
    if (at >= text.size)
        return false;
    (void)text_decode(text, at, &character);
    return (character >= 0x2E80 && character < 0xA4D0) || (character >= 0xF900 && character < 0xFB00) ||
           (character >= 0x20000 && character < 0x40000);
}

size_t span_blank_at(struct slice text, size_t at)
{
    return span_starts(text, at, " ")                                                       ? 1
           : span_starts(text, at, "\xC2\xA0")                                              ? 2
           : span_starts(text, at, "\xE2\x80\xAF") || span_starts(text, at, "\xE2\x80\x89") ? 3
                                                                                            : 0;
}

size_t span_digits_end(struct slice text, size_t at)
{
    while (span_is_digit(text, at))
        at++;
    return at;
}

/* Small letters of ASCII, and of U+00C0 … U+00DE. */
static void make_small(struct span_word *word)
{
    for (size_t i = 0; i < word->size; i++) {
        unsigned char byte = (unsigned char)word->bytes[i], before = i > 0 ? (unsigned char)word->bytes[i - 1] : 0;
        if ((byte >= 'A' && byte <= 'Z') || (before == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97))
            word->bytes[i] = (char)(byte | 0x20);
    }
}

struct span_word span_word_at(struct slice text, size_t at)
{
    struct span_word word = {.start = at, .end = at};
    size_t size;
    while ((size = span_letter_at(text, word.end)) > 0 && word.size + size < SPAN_WORD_BYTES) {
        memcpy(word.bytes + word.size, text.data + word.end, size);
        word.size += size;
        word.end += size;
    }
    make_small(&word);
    return word;
}

struct span_word span_word_before(struct slice text, size_t at, bool *stop)
{
    size_t end = at, start;
    bool is_stop = false;
    for (size_t i = 0; i < 3 && end > 0; i++) {
        size_t before = character_before(text, end);
        if (span_blank_at(text, before) != end - before)
            break;
        end = before;
    }
    if (end > 0 && text.data[end - 1] == '.') {
        is_stop = true;
        end--;
    }
    start = end;
    while (start > 0 && end - start < SPAN_WORD_BYTES && span_letter_before(text, start))
        start = character_before(text, start);
    if (stop != NULL)
        *stop = is_stop;
    if (end - start >= SPAN_WORD_BYTES)
        start = end; /* no word that anything is told by */
    return span_word_at(slice_range(text, 0, end), start);
}

bool span_is_one_of(const char *alternatives, struct slice word)
{
    struct slice rest = slice_from(alternatives), part;
    while (slice_next(&rest, '|', &part))
        if (slice_equal(part, word))
            return true;
    return false;
}

/* The verb that "what's", "who’re" end in. */
static void write_out(struct slice text, struct span_words *words)
{
    struct span_word *last = &words->items[words->count - 1];
    bool is_verb = words->count > 1 && span_word_is(last, "s|re") &&
                   (span_starts(text, last[-1].end, "'") || span_starts(text, last[-1].end, "’")) &&
                   span_word_is(&last[-1], "what|who|where|when|how|which|that|there|it");
    if (!is_verb)
        return;
    memcpy(last->bytes, last->size == 1 ? "is\0" : "are", sizeof("are"));
    last->size = strlen(last->bytes);
}

void span_words_read(struct slice text, struct span_words *words)
{
    words->count = 0;
    for (size_t at = 0; at < text.size && words->count < SPAN_WORDS_MAX;) {
        size_t end = span_letters_end(text, at);
        if (end > at) {
            words->items[words->count++] = span_word_at(text, at);
            write_out(text, words);
        }
        at = end > at ? end : at + 1;
    }
}

bool span_has_word(struct slice text, const char *alternatives)
{
    for (size_t at = 0; at < text.size;) {
        struct span_word word = span_word_at(text, at);
        if (word.size > 0 && span_word_is(&word, alternatives))
            return true;
        at = word.size > 0 ? span_letters_end(text, at) : at + 1;
    }
    return false;
}

bool span_word_is(const struct span_word *word, const char *alternatives)
{
    return word->size > 0 && span_is_one_of(alternatives, (struct slice){word->bytes, word->size});
}

bool span_words_at(const struct span_words *words, size_t at, const char *alternatives)
{
    return at < words->count && span_word_is(&words->items[at], alternatives);
}

size_t span_one_at(struct slice text, size_t at, const char *alternatives)
{
    struct slice rest = slice_from(alternatives), part;
    while (slice_next(&rest, '|', &part))
        if (at <= text.size && part.size <= text.size - at && memcmp(text.data + at, part.data, part.size) == 0)
            return part.size;
    return 0;
}

bool span_capital_at(struct slice text, size_t at)
{
    return at < text.size && text.data[at] >= 'A' && text.data[at] <= 'Z';
}

bool span_term_at(struct slice text, size_t at, struct slice term)
{
    if (term.size == 0 || at > text.size || term.size > text.size - at)
        return false;
    for (size_t i = 0; i < term.size; i++)
        if (byte_small(text.data[at + i]) != byte_small(term.data[i]))
            return false;
    size_t end = at + term.size;
    return span_letter_at(text, end) == 0 && !span_is_digit(text, end) && !span_letter_before(text, at) &&
           (at == 0 || !span_is_digit(text, at - 1));
}

bool span_is_function_word(const struct span_word *word)
{
    static const enum text_language languages[] = {LANGUAGE_ENGLISH, LANGUAGE_GERMAN, LANGUAGE_FRENCH,    LANGUAGE_SPANISH,
                                                   LANGUAGE_ITALIAN, LANGUAGE_DUTCH,  LANGUAGE_PORTUGUESE};
    for (size_t i = 0; i < ARRAY_COUNT(languages); i++)
        if (text_is_function_word((struct slice){word->bytes, word->size}, languages[i]))
            return true;
    return false;
}

size_t span_letters_end(struct slice text, size_t at)
{
    struct text_words walk = {.text = slice_range(text, at, text.size)};
    struct slice word = {0};
    bool is_word;
    size_t size = 0, letter;
    (void)text_words_next(&walk, &word, &is_word);
    while (size < word.size && (letter = span_letter_at(word, size)) > 0)
        size += letter;
    return at + size;
}
