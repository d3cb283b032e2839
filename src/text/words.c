/* words.c - word boundaries by the default rules of Unicode Standard Annex #29 (revision 41, Unicode 15.0).
 *
 * A segment is grown character by character until a rule breaks it. The rules look at the two characters before the gap and
 * one behind it, where characters that only modify others (WB4: Extend, Format, ZWJ) do not count:
 *
 *      before   prev │ next   after          "can't":  n │ '  joins because t follows (WB6), then  ' │ t  because n preceded (WB7)
 *
 * Looking at `after` skips modifiers; no character is looked at more than twice, so the walk is linear on any bytes.
 *
 * Words of ASCII, most of what is read, take a shorter way with a table of 128 bytes. It gives the same segments: wherever a
 * character beyond ASCII could take part in the decision it steps aside. */
#include "words.h"
#include "word_tables.h"
#include <assert.h>

struct walk {
    struct slice text;
    size_t at;          /* the gap: behind what the segment holds so far */
    uint8_t before;     /* class before prev, without modifiers */
    uint8_t prev;       /* class before the gap, without modifiers */
    uint8_t neighbour;  /* class before the gap, modifiers too */
    bool is_odd_region; /* prev is the 1st, 3rd, … of a run of regional indicators */
};

static bool is_modifier(uint8_t class)
{
    return class == WORD_EXTEND || class == WORD_FORMAT || class == WORD_ZWJ;
}

static bool is_line_end(uint8_t class)
{
    return class == WORD_CR || class == WORD_LF || class == WORD_NEWLINE;
}

static bool is_letter(uint8_t class)
{
    return class == WORD_ALETTER || class == WORD_HEBREW_LETTER;
}

static bool is_between_letters(uint8_t class)
{
    return class == WORD_MID_LETTER || class == WORD_MID_NUM_LET || class == WORD_SINGLE_QUOTE;
}

static bool is_between_digits(uint8_t class)
{
    return class == WORD_MID_NUM || class == WORD_MID_NUM_LET || class == WORD_SINGLE_QUOTE;
}

static bool takes_connector(uint8_t class)
{
    return is_letter(class) || class == WORD_NUMERIC || class == WORD_KATAKANA;
}

/* The class of the first character at or behind `at` that is not a modifier; WORD_OTHER at the end. */
static uint8_t class_after(struct slice text, size_t at)
{
    while (at < text.size) {
        uint32_t character;
        at += text_decode(text, at, &character);
        uint8_t class = character_kind_of(character).word;
        if (!is_modifier(class))
            return class;
    }
    return WORD_OTHER;
}

/* WB6, WB7b, WB12: joins when the character after next fits the one before; asked only where next can stand in between. */
static bool joins_by_after(const struct walk *walk, uint8_t next, size_t after_at)
{
    if (is_letter(walk->prev) && is_between_letters(next))
        return is_letter(class_after(walk->text, after_at));
    if (walk->prev == WORD_HEBREW_LETTER && next == WORD_DOUBLE_QUOTE)
        return class_after(walk->text, after_at) == WORD_HEBREW_LETTER;
    if (walk->prev == WORD_NUMERIC && is_between_digits(next))
        return class_after(walk->text, after_at) == WORD_NUMERIC;
    return false;
}

/* WB5 … WB16: are prev and next, which is no modifier, of one word? `after_at` is behind next. */
static bool joins(const struct walk *walk, uint8_t next, size_t after_at)
{
    uint8_t prev = walk->prev, before = walk->before;
    if (is_letter(prev) && (is_letter(next) || next == WORD_NUMERIC)) /* WB5, WB9 */
        return true;
    if (prev == WORD_NUMERIC && (next == WORD_NUMERIC || is_letter(next))) /* WB8, WB10 */
        return true;
    if (is_letter(before) && is_between_letters(prev) && is_letter(next)) /* WB7 */
        return true;
    if (prev == WORD_HEBREW_LETTER && next == WORD_SINGLE_QUOTE) /* WB7a */
        return true;
    if (before == WORD_HEBREW_LETTER && prev == WORD_DOUBLE_QUOTE && next == WORD_HEBREW_LETTER) /* WB7c */
        return true;
    if (before == WORD_NUMERIC && is_between_digits(prev) && next == WORD_NUMERIC) /* WB11 */
        return true;
    if (prev == WORD_KATAKANA && next == WORD_KATAKANA) /* WB13 */
        return true;
    if (next == WORD_EXTEND_NUM_LET && (takes_connector(prev) || prev == WORD_EXTEND_NUM_LET)) /* WB13a */
        return true;
    if (prev == WORD_EXTEND_NUM_LET && takes_connector(next)) /* WB13b */
        return true;
    if (prev == WORD_REGIONAL_INDICATOR && next == WORD_REGIONAL_INDICATOR) /* WB15, WB16: flags are pairs */
        return walk->is_odd_region;
    return joins_by_after(walk, next, after_at);
}

/* Whether the segment goes on with the character of `kind`, which ends at `end`. */
static bool goes_on(const struct walk *walk, struct character_kind kind, size_t end)
{
    if (is_line_end(walk->neighbour) || is_line_end(kind.word)) /* WB3, WB3a, WB3b */
        return walk->neighbour == WORD_CR && kind.word == WORD_LF;
    if (walk->neighbour == WORD_ZWJ && (kind.flags & CHARACTER_PICTOGRAPH)) /* WB3c */
        return true;
    if (walk->neighbour == WORD_WSEG_SPACE && kind.word == WORD_WSEG_SPACE) /* WB3d */
        return true;
    return is_modifier(kind.word) || joins(walk, kind.word, end); /* WB4 */
}

static void take(struct walk *walk, struct character_kind kind, size_t end)
{
    walk->at = end;
    walk->neighbour = kind.word;
    if (is_modifier(kind.word))
        return;
    walk->is_odd_region = kind.word == WORD_REGIONAL_INDICATOR && !(walk->prev == kind.word && walk->is_odd_region);
    walk->before = walk->prev;
    walk->prev = kind.word;
}

/* The segment that begins at `start`, by the rules. */
static size_t segment_end(struct slice text, size_t start, bool *is_word)
{
    struct walk walk = {.text = text, .at = start};
    uint32_t character;
    size_t end = start + text_decode(text, start, &character);
    struct character_kind kind = character_kind_of(character);
    uint8_t flags = kind.flags;
    take(&walk, kind, end);
    walk.prev = kind.word; /* a modifier with nothing before it stands for itself */
    while (end < text.size) {
        end += text_decode(text, walk.at, &character);
        kind = character_kind_of(character);
        if (!goes_on(&walk, kind, end))
            break;
        flags |= kind.flags;
        take(&walk, kind, end);
    }
    *is_word = (flags & CHARACTER_WORD) != 0;
    return walk.at;
}

/* ---- the shorter way for ASCII ---- */

#define ASCII_LETTER 1
#define ASCII_DIGIT 2
#define ASCII_UNDERSCORE 4
#define ASCII_BETWEEN_LETTERS 8 /* ' . : */
#define ASCII_BETWEEN_DIGITS 16 /* ' . , ; */
#define ASCII_JOINT 32          /* . _ : */
#define ASCII_STARTS (ASCII_LETTER | ASCII_DIGIT | ASCII_UNDERSCORE)

#define L ASCII_LETTER
#define D ASCII_DIGIT
/* clang-format off */
static const uint8_t ascii_classes[128] = {
    ['\''] = ASCII_BETWEEN_LETTERS | ASCII_BETWEEN_DIGITS,
    ['.'] = ASCII_BETWEEN_LETTERS | ASCII_BETWEEN_DIGITS | ASCII_JOINT,
    [':'] = ASCII_BETWEEN_LETTERS | ASCII_JOINT,
    [','] = ASCII_BETWEEN_DIGITS, [';'] = ASCII_BETWEEN_DIGITS,
    ['_'] = ASCII_UNDERSCORE | ASCII_JOINT,
    ['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D, ['5'] = D, ['6'] = D, ['7'] = D, ['8'] = D, ['9'] = D,
    ['A'] = L, ['B'] = L, ['C'] = L, ['D'] = L, ['E'] = L, ['F'] = L, ['G'] = L, ['H'] = L, ['I'] = L, ['J'] = L, ['K'] = L,
    ['L'] = L, ['M'] = L, ['N'] = L, ['O'] = L, ['P'] = L, ['Q'] = L, ['R'] = L, ['S'] = L, ['T'] = L, ['U'] = L, ['V'] = L,
    ['W'] = L, ['X'] = L, ['Y'] = L, ['Z'] = L,
    ['a'] = L, ['b'] = L, ['c'] = L, ['d'] = L, ['e'] = L, ['f'] = L, ['g'] = L, ['h'] = L, ['i'] = L, ['j'] = L, ['k'] = L,
    ['l'] = L, ['m'] = L, ['n'] = L, ['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L, ['s'] = L, ['t'] = L, ['u'] = L, ['v'] = L,
    ['w'] = L, ['x'] = L, ['y'] = L, ['z'] = L,
};
/* clang-format on */
#undef L
#undef D

size_t words_ascii_end(struct slice text, size_t at, bool *has_joint)
{
    assert(at < text.size && words_starts_ascii(text.data[at]));
    const unsigned char *bytes = (const unsigned char *)text.data;
    uint8_t all = 0, last = 0;
    for (;;) {
        while (at < text.size && bytes[at] < 0x80 && (ascii_classes[bytes[at]] & ASCII_STARTS)) {
            last = ascii_classes[bytes[at++]];
            all |= last;
        }
        if (at == text.size)
            break;
        if (bytes[at] >= 0x80)
            return 0;
        /* ' . , ; : go on a word when they stand between two of a kind */
        uint8_t class = ascii_classes[bytes[at]];
        if (!(class & (ASCII_BETWEEN_LETTERS | ASCII_BETWEEN_DIGITS)) || at + 1 == text.size)
            break;
        if (bytes[at + 1] >= 0x80)
            return 0;
        uint8_t next = ascii_classes[bytes[at + 1]];
        bool is_joined = (last & next & ASCII_LETTER && class & ASCII_BETWEEN_LETTERS) ||
                         (last & next & ASCII_DIGIT && class & ASCII_BETWEEN_DIGITS);
        if (!is_joined)
            break;
        all |= class & ASCII_JOINT;
        at++;
    }
    *has_joint = (all & ASCII_JOINT) != 0;
    return at;
}

bool words_letters_end(struct slice text, size_t at)
{
    unsigned char byte = (unsigned char)text.data[at];
    if (byte >= 0x80 || (ascii_classes[byte] & ASCII_STARTS))
        return false;
    if (!(ascii_classes[byte] & ASCII_BETWEEN_LETTERS) || at + 1 == text.size)
        return true;
    unsigned char next = (unsigned char)text.data[at + 1];
    return next < 0x80 && !(ascii_classes[next] & ASCII_LETTER);
}

/* True when bytes start … end hold more than underscores. */
static bool is_ascii_word(struct slice text, size_t start, size_t end)
{
    while (start < end && text.data[start] == '_')
        start++;
    return start < end;
}

bool text_words_next(struct text_words *words, struct slice *segment, bool *is_word)
{
    struct slice text = words->text;
    size_t start = words->at, end = 0;
    if (start >= text.size)
        return false;
    if (words_starts_ascii(text.data[start])) {
        bool has_joint;
        end = words_ascii_end(text, start, &has_joint);
        *is_word = is_ascii_word(text, start, end);
    }
    if (end == 0)
        end = segment_end(text, start, is_word);
    assert(end > start);
    *segment = slice_range(text, start, end);
    words->at = end;
    return true;
}
