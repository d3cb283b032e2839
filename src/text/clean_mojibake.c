/* clean_mojibake.c - UTF-8 that somebody read as windows-1252 and wrote again: "cafÃ©", "itâ€™s".
 *
 *   Ã  ©   ─▶  as bytes of windows-1252  C3 A9  ─▶  as UTF-8  é
 *
 * What can be turned back is not always wrong: "Í»" may be the end of a Spanish quotation. So each place is weighed: signs that do not stand
 * together in any text prove it by themselves; quotes behind capitals count only where something else in the text proves it; other scripts
 * only where several characters of one follow each other. */
#include "clean_parts.h"
#include <assert.h>
#include <stdlib.h>

enum { KINDRED_MAX = 16, STRONG_LEAST = 3 };

enum weight { WEIGHT_NONE, WEIGHT_WEAK, WEIGHT_STRONG };

/* What windows-1252 has at 0x80 … 0x9F; 0: nothing, then a control character was kept as it is. */
static const uint16_t upper[32] = {0x20AC, 0,      0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
                                   0x2039, 0x152,  0,      0x17D,  0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                   0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0,      0x17E,  0x178};

struct candidate {
    size_t at, size; /* in the text as it is */
    size_t letters;  /* characters of it */
    uint32_t meant;
    enum weight weight;
};

/* The byte that the character is in windows-1252, 0x80 … 0xFF; 0 when it is none of those. */
static unsigned byte_of(uint32_t character)
{
    if (character >= 0x80 && character <= 0xFF)
        return character;
    for (unsigned i = 0; i < 32; i++)
        if (upper[i] != 0 && upper[i] == character)
            return 0x80 + i;
    return 0;
}

static bool is_quote_byte(unsigned byte)
{
    return byte == 0x82 || byte == 0x84 || byte == 0x85 || byte == 0x8B || (byte >= 0x91 && byte <= 0x97) || byte == 0x9B ||
           byte == 0xA0 || byte == 0xAB || byte == 0xBB;
}

static bool is_plain_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads one character of UTF-8 whose bytes are characters of the text from `at` on. */
static bool read_candidate(struct slice text, size_t at, struct candidate *found, bool *has_quote)
{
    char bytes[4];
    uint32_t character;
    size_t end = at + text_decode(text, at, &character), count = 1;
    unsigned lead = byte_of(character);
    size_t wanted = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
    *has_quote = false;
    if (wanted == 0)
        return false;
    bytes[0] = (char)lead;
    for (; count < wanted && end < text.size; count++) {
        end += text_decode(text, end, &character);
        unsigned byte = byte_of(character);
        if (byte < 0x80 || byte > 0xBF)
            return false;
        *has_quote = *has_quote || is_quote_byte(byte);
        bytes[count] = (char)byte;
    }
    if (count < wanted || text_decode((struct slice){bytes, wanted}, 0, &character) != wanted)
        return false;
    *found = (struct candidate){.at = at, .size = end - at, .letters = wanted, .meant = character};
    return true;
}

/* Punctuation, money, arrows and pictures, of which three or four odd signs in a row are the only other reading. */
static bool is_sign(uint32_t character)
{
    return (character >= 0x2010 && character <= 0x203A) || character == 0x20AC || character == 0x2122 ||
           (character >= 0x2190 && character <= 0x27BF) || character == 0xFEFF ||
           (character >= 0x1F300 && character <= 0x1FAFF);
}

static enum weight weigh(struct slice text, const struct candidate *it, bool has_quote)
{
    size_t end = it->at + it->size;
    char before = it->at > 0 ? text.data[it->at - 1] : ' ';
    bool in_word = is_plain_letter(before) && end < text.size && is_plain_letter(text.data[end]);
    bool is_behind_small = before >= 'a' && before <= 'z'; /* where no capital stands, and the first sign is one */
    if (it->meant < 0xA0)
        return WEIGHT_NONE;
    if (it->letters > 2)
        return is_sign(it->meant) || (it->meant >= 0x1E00 && it->meant < 0x1F00) ? WEIGHT_STRONG : WEIGHT_NONE;
    if (it->meant < 0x250 && (in_word || is_behind_small))
        return WEIGHT_STRONG;
    if (it->meant < 0x180)
        return it->meant < 0x100 && !has_quote ? WEIGHT_STRONG : WEIGHT_WEAK;
    return WEIGHT_NONE;
}

static bool is_adjacent(const struct candidate *first, const struct candidate *second)
{
    return second->at == first->at + first->size;
}

/* Of one script: of one block of letters, or ideographs. */
static bool is_kindred(uint32_t a, uint32_t b)
{
    return a >> 8 == b >> 8 || (a >= 0x3000 && b >= 0x3000 && a < 0x10000 && b < 0x10000);
}

/* Characters of other scripts prove themselves when several of one follow each other; what was misread twice is made of what may be
 * misread once more. */
static void weigh_neighbours(struct candidate *items, size_t count)
{
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1;
             end < count && is_adjacent(&items[end - 1], &items[end]) && is_kindred(items[i].meant, items[end].meant);)
            end++;
        bool is_script = items[i].meant >= 0x370 && end - i >= (items[i].letters > 2 ? 2 : 3);
        for (size_t j = i; is_script && j < end; j++)
            items[j].weight = WEIGHT_STRONG;
    }
    for (size_t i = 1; i < count; i++) {
        bool is_twice = is_adjacent(&items[i - 1], &items[i]) && byte_of(items[i - 1].meant) != 0 &&
                        byte_of(items[i].meant) != 0;
        if (is_twice && items[i].weight == WEIGHT_NONE)
            items[i].weight = WEIGHT_WEAK;
    }
}

/* In a text that is proved to be misread, single letters of the scripts that are proved count too. */
static void weigh_kindred(struct candidate *items, size_t count)
{
    uint32_t proved[KINDRED_MAX];
    size_t proved_count = 0, strong = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_known = items[i].weight != WEIGHT_STRONG;
        strong += items[i].weight == WEIGHT_STRONG;
        for (size_t j = 0; !is_known && j < proved_count; j++)
            is_known = is_kindred(proved[j], items[i].meant);
        if (!is_known && proved_count < KINDRED_MAX)
            proved[proved_count++] = items[i].meant;
    }
    for (size_t i = 0; strong >= STRONG_LEAST && i < count; i++)
        for (size_t j = 0; items[i].weight == WEIGHT_NONE && items[i].meant >= 0xA0 && j < proved_count; j++)
            items[i].weight = is_kindred(proved[j], items[i].meant) ? WEIGHT_WEAK : WEIGHT_NONE;
}

void clean_find_mojibake(struct slice text, struct edits *edits)
{
    struct candidate *items = NULL, found;
    size_t count = 0, capacity = 0, strong = 0;
    bool has_quote;
    for (size_t at = 0; at < text.size;) {
        if ((unsigned char)text.data[at] < 0xC2 || !read_candidate(text, at, &found, &has_quote)) {
            at++;
            continue;
        }
        found.weight = weigh(text, &found, has_quote);
        items = memory_more(items, count, &capacity, sizeof(*items));
        items[count++] = found;
        at += found.size;
    }
    weigh_neighbours(items, count);
    weigh_kindred(items, count);
    for (size_t i = 0; i < count; i++)
        strong += items[i].weight == WEIGHT_STRONG;
    for (size_t i = 0; i < count; i++) {
        char bytes[4];
        if (items[i].weight == WEIGHT_STRONG || (items[i].weight == WEIGHT_WEAK && strong > 0)) {
            size_t size = items[i].meant == 0xFEFF ? 0 : text_encode(items[i].meant, bytes);
            edits_add(edits, items[i].at, items[i].size, arena_slice(edits->arena, (struct slice){bytes, size}));
        }
    }
    free(items);
}
