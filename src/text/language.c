/* language.c - which language a text is in, told by what is cheap and hard to fake: its script, then its commonest short words.
 *
 *   1. Count the letters of each script. The one with more than half of them decides: Greek, Arabic, Tamil have one language here
 *      (Persian and Urdu show by their own letters); Cyrillic is Russian and Devanagari Hindi unless letters or words of their
 *      neighbours say otherwise.
 *   2. In Latin script look each word up in the lists of language_words.c. A word of n languages counts for each by 1/n. The
 *      highest score wins when enough words, and enough different ones, were found; texts without such words (lists of
 *      keywords, code, tables) are LANGUAGE_UNKNOWN, which costs little: their words are indexed unstemmed.
 *
 * The lists are put into a hash table at the first call, which never changes after. */
#include "language_words.h"
#include "word_tables.h"
#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <utf8proc.h>

#define BYTES_READ (64 * KIB)
#define PART_BYTES 1536 /* of a longer text, three of which may be enough */
#define CLEAR_WORDS 100
#define WORD_BYTES_MAX 24 /* a longer one is in no list */
#define SLOTS 4096 /* a power of two, more than twice the words in the lists */
#define WORD_SCORE 60 /* shared by the languages that have the word; divisible by 1 … 6 */

enum script {
    SCRIPT_OTHER,
    SCRIPT_LATIN,
    SCRIPT_GREEK,
    SCRIPT_CYRILLIC,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_TAMIL,
    SCRIPT_COUNT
};

/* A word's bytes and zeros behind them: no letter has a byte that is zero. */
struct short_word {
    uint64_t part[WORD_BYTES_MAX / 8];
};

struct slot {
    struct short_word word; /* zeros: no word here */
    uint32_t languages; /* bit 1 << language */
    bool is_weak;
};

static struct slot slots[SLOTS];
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

struct counts {
    size_t letters[SCRIPT_COUNT];
    size_t letters_all;
    size_t longest[SCRIPT_COUNT]; /* letters of the longest word */
    size_t words;
    size_t code_marks;
    size_t foreign_letters; /* of the script's other languages, which have letters of their own */
    size_t hard_signs, yery_letters;
    size_t hits[LANGUAGE_COUNT]; /* words found in its lists */
    size_t strong[LANGUAGE_COUNT]; /* of them, those that prove something */
    size_t distinct[LANGUAGE_COUNT]; /* different ones, */
    size_t distinct_strong[LANGUAGE_COUNT];
    size_t score[LANGUAGE_COUNT];
    uint16_t met[SLOTS]; /* how often the word of this slot was met */
    uint16_t slots[SLOTS + 1]; /* those that were met; the last is written, never read, when all of them were */
    size_t slot_count;
};
_Static_assert(BYTES_READ / 2 <= UINT16_MAX, "words are counted in 16 bits");

/* ---- the table of short words ---- */

static bool is_empty(const struct slot *slot)
{
    return slot->word.part[0] == 0;
}

/* Of `size` bytes at `bytes`, behind which eight can be read. */
static struct short_word short_word_of(const char *bytes, size_t size)
{
    struct short_word word = {0};
    for (size_t i = 0; 8 * i < size; i++)
        word.part[i] = eight_bytes(bytes + 8 * i, size - 8 * i < 8 ? size - 8 * i : 8);
    return word;
}

static size_t slot_of(const struct short_word *word)
{
    const uint64_t *part = word->part;
    uint64_t mixed = (part[0] ^ (part[1] << 23 | part[1] >> 41) ^ (part[2] << 46 | part[2] >> 18)) *
                     UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(mixed >> 40) & (SLOTS - 1);
    while (!is_empty(&slots[at]) &&
           (slots[at].word.part[0] != part[0] || slots[at].word.part[1] != part[1] || slots[at].word.part[2] != part[2]))
        at = (at + 1) & (SLOTS - 1);
    return at;
}

static void fill_slots(void)
{
    size_t used = 0;
    for (size_t i = 0; i < language_words_count; i++) {
        struct slice rest = slice_from(language_words[i].words), text;
        while (slice_next(&rest, ' ', &text)) {
            char bytes[WORD_BYTES_MAX + 8] = {0};
            assert(text.size > 0 && text.size <= WORD_BYTES_MAX);
            memcpy(bytes, text.data, text.size);
            struct short_word word = short_word_of(bytes, text.size);
            struct slot *slot = &slots[slot_of(&word)];
            used += is_empty(slot);
            slot->word = word;
            slot->languages |= 1u << language_words[i].language;
            slot->is_weak = slot->is_weak || language_words[i].is_weak;
        }
    }
    assert(2 * used < SLOTS);
}

static void count_word(struct counts *counts, const struct short_word *word)
{
    size_t at = slot_of(word);
    counts->slots[counts->slot_count] = (uint16_t)at;
    counts->slot_count += counts->met[at]++ == 0;
}

/* What the words that were met say of languages; the slots of words that are in no list say nothing. */
static void count_hits(struct counts *counts)
{
    for (size_t i = 0; i < counts->slot_count; i++) {
        const struct slot *slot = &slots[counts->slots[i]];
        size_t met = counts->met[counts->slots[i]], strong = slot->is_weak ? 0 : met;
        if (is_empty(slot))
            continue;
        size_t share = WORD_SCORE / (size_t)__builtin_popcount(slot->languages);
        for (size_t language = 0; language < LANGUAGE_COUNT; language++) {
            if (!(slot->languages >> language & 1))
                continue;
            counts->hits[language] += met;
            counts->score[language] += share * met;
            counts->strong[language] += strong;
            counts->distinct[language]++;
            counts->distinct_strong[language] += !slot->is_weak;
        }
    }
}

/* ---- letters ---- */

static enum script script_of(uint32_t letter)
{
    if (letter < 0x250 || (letter >= 0x1E00 && letter < 0x1F00))
        return SCRIPT_LATIN;
    if ((letter >= 0x370 && letter < 0x400) || (letter >= 0x1F00 && letter < 0x2000))
        return SCRIPT_GREEK;
    if (letter >= 0x400 && letter < 0x530)
        return SCRIPT_CYRILLIC;
    if ((letter >= 0x600 && letter < 0x700) || (letter >= 0xFB50 && letter < 0xFDFE) || (letter >= 0xFE70 && letter < 0xFEFF))
        return SCRIPT_ARABIC;
    if (letter >= 0x900 && letter < 0x980)
        return SCRIPT_DEVANAGARI;
    if (letter >= 0xB80 && letter < 0xC00)
        return SCRIPT_TAMIL;
    return SCRIPT_OTHER;
}

/* Persian, Urdu and others in Arabic script; the Slavic languages but Russian and Bulgarian in Cyrillic. */
static bool is_foreign_letter(uint32_t letter)
{
    static const uint16_t arabic[] = {0x679, 0x67E, 0x686, 0x688, 0x691, 0x698, 0x6A9,
                                      0x6AF, 0x6BA, 0x6BE, 0x6C1, 0x6CC, 0x6D2};
    if (letter < 0x400)
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(arabic); i++)
        if (letter == arabic[i])
            return true;
    return script_of(letter) == SCRIPT_CYRILLIC && letter > 0x44F && letter != 0x451;
}

static void count_letter(struct counts *counts, uint32_t letter)
{
    counts->letters_all++;
    counts->letters[script_of(letter)]++;
    counts->foreign_letters += is_foreign_letter(letter);
    counts->hard_signs += letter == 0x44A;
    counts->yery_letters += letter == 0x44B || letter == 0x44D; /* not in Bulgarian */
}

/* Characters that source code has more of than prose. */
static bool is_code_mark(uint32_t character)
{
    static const bool marks[128] = {
        ['{'] = true, ['}'] = true, ['['] = true,  [']'] = true, ['('] = true, [')'] = true, ['<'] = true,
        ['>'] = true, ['='] = true, [';'] = true,  ['_'] = true, ['$'] = true, ['#'] = true, ['*'] = true,
        ['+'] = true, ['/'] = true, ['\\'] = true, ['|'] = true, ['&'] = true, ['@'] = true,
    };
    return character < ARRAY_COUNT(marks) && marks[character];
}

/* The word being read: runs of letters with the marks on them, as small letters. */
struct reading {
    char bytes[WORD_BYTES_MAX + 8];
    size_t size, letters;
    enum script script;
};

static void take_character(struct counts *counts, struct reading *word, uint32_t character, bool is_letter)
{
    if (is_letter) {
        character = character < 0x80 ? character | 0x20 : (uint32_t)utf8proc_tolower((utf8proc_int32_t)character);
        word->script = script_of(character);
        count_letter(counts, character);
        word->letters++;
    }
    if (word->size <= WORD_BYTES_MAX)
        word->size += text_encode(character, word->bytes + word->size);
}

static void end_word(struct counts *counts, struct reading *word)
{
    if (word->letters > counts->longest[word->script])
        counts->longest[word->script] = word->letters;
    counts->words += word->letters > 0;
    if (word->letters > 0 && word->size <= WORD_BYTES_MAX) {
        struct short_word bytes = short_word_of(word->bytes, word->size);
        count_word(counts, &bytes);
    }
    word->size = word->letters = 0;
}

/* The word of ASCII's letters that begins at `at`, in small ones; false when more is to be looked at: it is long, or near the text's end,
 * or what stands behind it is not ASCII. `*size` is 0 where there is no letter. */
static bool read_short_word(struct slice text, size_t at, struct short_word *word, size_t *size)
{
    size_t letters = 8;
    *word = (struct short_word){0};
    *size = 0;
    for (size_t i = 0; i < ARRAY_COUNT(word->part) && letters == 8; i++) {
        if (text.size - at - *size < 8)
            return false;
        uint64_t eight = eight_bytes(text.data + at + *size, 8);
        letters = eight_letters(eight);
        word->part[i] = letters == 0 ? 0 : eight_small(eight & UINT64_MAX >> (64 - 8 * letters));
        *size += letters;
    }
    return letters < 8 && (unsigned char)text.data[at + *size] < 0x80;
}

/* Words of ASCII one after the other: most of what is read, without a look into any table of characters. Where something else begins. */
static size_t take_short_words(struct counts *counts, struct slice text, size_t at)
{
    size_t letters = 0, words = 0, longest = 0, marks = 0, size;
    struct short_word word;
    while (read_short_word(text, at, &word, &size)) {
        if (size > 0)
            count_word(counts, &word);
        words += size > 0;
        letters += size;
        longest = size > longest ? size : longest;
        marks += is_code_mark((unsigned char)text.data[at + size]);
        at += size + 1;
    }
    counts->letters_all += letters;
    counts->letters[SCRIPT_LATIN] += letters;
    counts->words += words;
    counts->code_marks += marks;
    if (longest > counts->longest[SCRIPT_LATIN])
        counts->longest[SCRIPT_LATIN] = longest;
    return at;
}

static void count_text(struct counts *counts, struct slice text)
{
    struct reading word = {.script = SCRIPT_OTHER};
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        if (word.letters == 0)
            at = take_short_words(counts, text, at);
        if (at == text.size)
            break;
        at += text_decode(text, at, &character);
        struct character_kind kind = character_kind_of(character);
        bool is_letter = (kind.flags & CHARACTER_LETTER) != 0;
        if (is_letter || (kind.word == WORD_EXTEND && word.letters > 0)) {
            take_character(counts, &word, character, is_letter);
            continue;
        }
        counts->code_marks += is_code_mark(character);
        end_word(counts, &word);
    }
    end_word(counts, &word);
    count_hits(counts);
}

/* ---- the decision ---- */

/* Source code, tables and the like: more of certain marks than prose has. */
static bool is_code(const struct counts *counts)
{
    return 2 * counts->code_marks > counts->words;
}

/* Enough of the words were found, and enough different ones, for a text of this many. Agglutinating languages have fewer short
 * words, so the share asked for is low; that the words differ keeps out lists. */
static bool has_evidence(const struct counts *counts, enum text_language language)
{
    size_t words = counts->words, strong = counts->strong[language], hits = counts->hits[language];
    size_t points = counts->distinct[language] + counts->distinct_strong[language] + (strong < 4 ? strong : 4);
    size_t points_needed = words < 8 ? 5 : words < 60 ? 7 : 12;
    if (is_code(counts) && (strong * 10 < words || points < 12)) /* but for what its comments are in */
        return false;
    return strong > 0 && points >= points_needed && 100 * hits >= (words < 20 ? 20u : 12u) * words && 25 * strong >= words;
}

static enum text_language latin_language(const struct counts *counts)
{
    size_t best = LANGUAGE_UNKNOWN, second = LANGUAGE_UNKNOWN;
    for (size_t language = 1; language < LANGUAGE_COUNT; language++)
        if (counts->score[language] > counts->score[best])
            best = language;
    for (size_t language = 0; language < LANGUAGE_COUNT; language++)
        if (language != best && counts->score[language] > counts->score[second])
            second = language;
    if (best == LANGUAGE_UNKNOWN)
        return LANGUAGE_UNKNOWN;
    /* a close call: a text that mixes languages is English when English alone would do */
    bool is_close = 10 * counts->score[LANGUAGE_ENGLISH] >= 9 * counts->score[best];
    if (is_close && has_evidence(counts, LANGUAGE_ENGLISH))
        return LANGUAGE_ENGLISH;
    if (counts->score[best] == counts->score[second] || !has_evidence(counts, (enum text_language)best))
        return LANGUAGE_UNKNOWN;
    return (enum text_language)best;
}

static enum text_language cyrillic_language(const struct counts *counts)
{
    if (100 * counts->foreign_letters > counts->letters[SCRIPT_CYRILLIC])
        return LANGUAGE_UNKNOWN;
    if (counts->hard_signs > counts->yery_letters)
        return LANGUAGE_UNKNOWN;
    return counts->score[LANGUAGE_UNKNOWN] > counts->score[LANGUAGE_RUSSIAN] ? LANGUAGE_UNKNOWN : LANGUAGE_RUSSIAN;
}

static enum text_language decide(const struct counts *counts)
{
    enum script script = SCRIPT_OTHER;
    for (enum script i = SCRIPT_OTHER; i < SCRIPT_COUNT; i++)
        if (2 * counts->letters[i] > counts->letters_all)
            script = i;
    if (counts->longest[script] < 3) /* single letters are formulas */
        return LANGUAGE_UNKNOWN;
    switch (script) {
    case SCRIPT_LATIN:
        return latin_language(counts);
    case SCRIPT_GREEK:
        return LANGUAGE_GREEK;
    case SCRIPT_CYRILLIC:
        return cyrillic_language(counts);
    case SCRIPT_ARABIC:
        return 50 * counts->foreign_letters > counts->letters[script] ? LANGUAGE_UNKNOWN : LANGUAGE_ARABIC;
    case SCRIPT_DEVANAGARI:
        return counts->score[LANGUAGE_UNKNOWN] > counts->score[LANGUAGE_HINDI] ? LANGUAGE_UNKNOWN : LANGUAGE_HINDI;
    case SCRIPT_TAMIL:
        return LANGUAGE_TAMIL;
    default:
        return LANGUAGE_UNKNOWN;
    }
}

/* Prose in Latin script, which is the one that has many languages, with so much more of one of them than of any other that more of the text
 * around it would hardly say another. */
static bool is_clear(const struct counts *counts, enum text_language language)
{
    if (language == LANGUAGE_UNKNOWN || is_code(counts) || counts->words < CLEAR_WORDS ||
        10 * counts->letters[SCRIPT_LATIN] < 9 * counts->letters_all)
        return false;
    for (size_t other = 0; other < LANGUAGE_COUNT; other++)
        if (other != language && 2 * counts->score[other] > counts->score[language])
            return false;
    return true;
}

/* The language that this part of the text is clearly in; LANGUAGE_UNKNOWN where there is none. */
static enum text_language clear_language(struct slice part)
{
    struct counts counts = {0};
    count_text(&counts, part);
    enum text_language language = decide(&counts);
    return is_clear(&counts, language) ? language : LANGUAGE_UNKNOWN;
}

/* Of a long text its beginning, middle and end are enough where all three are clearly in one language. */
static enum text_language sampled(struct slice text)
{
    size_t middle = (text.size - PART_BYTES) / 2, end = text.size - PART_BYTES;
    enum text_language language = clear_language(slice_range(text, 0, PART_BYTES));
    bool is_same = language != LANGUAGE_UNKNOWN && clear_language(slice_range(text, middle, middle + PART_BYTES)) == language &&
                   clear_language(slice_range(text, end, end + PART_BYTES)) == language;
    return is_same ? language : LANGUAGE_UNKNOWN;
}

enum text_language text_language_of(struct slice text)
{
    struct counts counts = {0};
    enum text_language language = LANGUAGE_UNKNOWN;
    pthread_once(&slots_once, fill_slots);
    text = slice_range(text, 0, text.size < BYTES_READ ? text.size : BYTES_READ);
    if (text.size > 4 * PART_BYTES)
        language = sampled(text);
    if (language != LANGUAGE_UNKNOWN)
        return language;
    count_text(&counts, text);
    return decide(&counts);
}

/* ---- names ---- */

static const char *const codes[LANGUAGE_COUNT] = {
    [LANGUAGE_UNKNOWN] = "und",   [LANGUAGE_ARABIC] = "ar",   [LANGUAGE_CATALAN] = "ca", [LANGUAGE_DANISH] = "da",
    [LANGUAGE_GERMAN] = "de",     [LANGUAGE_GREEK] = "el",    [LANGUAGE_ENGLISH] = "en", [LANGUAGE_SPANISH] = "es",
    [LANGUAGE_FINNISH] = "fi",    [LANGUAGE_FRENCH] = "fr",   [LANGUAGE_HINDI] = "hi",   [LANGUAGE_HUNGARIAN] = "hu",
    [LANGUAGE_INDONESIAN] = "id", [LANGUAGE_ITALIAN] = "it",  [LANGUAGE_DUTCH] = "nl",   [LANGUAGE_NORWEGIAN] = "no",
    [LANGUAGE_PORTUGUESE] = "pt", [LANGUAGE_ROMANIAN] = "ro", [LANGUAGE_RUSSIAN] = "ru", [LANGUAGE_SWEDISH] = "sv",
    [LANGUAGE_TAMIL] = "ta",      [LANGUAGE_TURKISH] = "tr",
};

const char *text_language_code(enum text_language language)
{
    assert(language < LANGUAGE_COUNT);
    return codes[language];
}

enum text_language text_language_indexed(enum text_language language)
{
    return language == LANGUAGE_UNKNOWN ? LANGUAGE_ENGLISH : language;
}

enum text_language text_language_named(struct slice code)
{
    size_t size = 0; /* of the part before "-GB", "_GB" */
    while (size < code.size && code.data[size] != '-' && code.data[size] != '_')
        size++;
    if (size != 2)
        return LANGUAGE_UNKNOWN;
    char small[3] = {(char)(code.data[0] | 0x20), (char)(code.data[1] | 0x20), 0};
    if (memcmp(small, "nb", 3) == 0 || memcmp(small, "nn", 3) == 0) /* the two written forms of Norwegian */
        return LANGUAGE_NORWEGIAN;
    for (enum text_language language = LANGUAGE_UNKNOWN + 1; language < LANGUAGE_COUNT; language++)
        if (memcmp(small, codes[language], 3) == 0)
            return language;
    return LANGUAGE_UNKNOWN;
}
