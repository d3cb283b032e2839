/* encoding_cost.c - how unlikely the text is that bytes are in an encoding: what tells encodings apart that all of them could be read in.
 *
 *   bytes F1 E5 ED    windows-1251 "сен"  с behind nothing, е behind с, н behind е: common in Russian, cheap
 *                     windows-1252 "ñåí"  ñ behind nothing, å behind ñ: in no language, dear
 *
 * Each encoding that is considered explains the same bytes, so that the sums of what its characters cost can be compared: the negative
 * logarithms of how often a letter stands behind another in the language where the sum is least (letter_tables.c), of how often an ideograph
 * is met, and estimates for signs. Pairs of ASCII letters are the same in every encoding; they tell the language. */
#include "encoding.h"
#include "letter_tables.h"
#include <assert.h>
#include <stdlib.h>
#include <utf8proc.h>

enum {
    SAMPLE_CHARACTERS = 4000, /* beyond ASCII that are looked at */
    PAIRS_MAX = 4096, /* different pairs of letters; a power of two */
    ASCII_WEIGHT_PAIRS = 150, /* pairs of ASCII letters count as if they were so many */
    BAD_PERCENT = 5,

    COST_MARK = 24, /* quotes, dashes, signs of money */
    COST_NUMBER = 40,
    COST_SIGN = 60, /* any other sign */
    COST_IN_WORD = 60, /* more for a sign between letters */
    COST_CASE = 44, /* a capital behind a small letter */
    COST_UNEVEN = 20, /* a guillemet without its other */
    COST_ALONE = 60, /* an ideograph alone behind an ASCII letter */
    COST_BAD = 130,
    COST_STRANGER = 52, /* a letter of the language's script that it does not have */
    COST_BEHIND = 24, /* any letter behind a stranger */
    COST_OTHER = 96, /* one of another script */
    COST_MIXED = 48, /* a letter beside an ASCII letter in a script that is not Latin */
    COST_WIDE_MARK = 32, /* punctuation of Chinese and Japanese */
    COST_COMMONEST = 40, /* ideographs, kana, Hangul */
    COST_COMMON = 68,
    COST_RARE = 116,
    COST_HALF_KANA = 70
};

struct pair {
    uint16_t first, second; /* small letters; 0 for what is no letter */
    uint32_t count;
};

struct sample {
    struct pair pairs[PAIRS_MAX];
    size_t pair_count;
    uint32_t ascii[27][27]; /* pairs of ASCII letters: 0 for what is none */
    uint64_t ascii_pairs;
    uint64_t cost; /* of signs, whatever the language is */
    size_t high, bad;
    uint64_t wide_cost[4]; /* of ideographs and the like, for each of character_tables */
    size_t opening, closing; /* guillemets */
};

/* What stands before the character at hand. */
struct context {
    uint16_t letter; /* small; 0: no letter */
    uint16_t before_sign; /* the letter before the sign that was last, or 0 */
    uint32_t sign;
    bool was_small;
    bool behind_ascii; /* the run of ideographs stands behind an ASCII letter */
    size_t wide_run;
};

/* ---- characters ---- */

static bool is_letter(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

static bool is_mark(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

static bool is_number(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

/* As the tables have it: small, Romanian's comma below as a cedilla. */
static uint16_t folded(uint32_t letter)
{
    uint32_t small = (uint32_t)utf8proc_tolower((utf8proc_int32_t)letter);
    small = letter == 0x130 ? 'i' : small == 0x219 ? 0x15F : small == 0x21B ? 0x163 : small;
    return (uint16_t)(small < 0x10000 ? small : 0xFFFF);
}

static bool is_wide(uint32_t character)
{
    return (character >= 0x3040 && character <= 0x30FF) || (character >= 0x3400 && character <= 0x9FFF) ||
           (character >= 0xAC00 && character <= 0xD7A3) || (character >= 0xF900 && character <= 0xFAFF) ||
           (character >= 0x20000 && character <= 0x3FFFF) || (character >= 0x3131 && character <= 0x318E);
}

static bool is_wide_mark(uint32_t character)
{
    return (character >= 0x3000 && character <= 0x301F) || (character >= 0xFF01 && character <= 0xFF5E);
}

/* Is it one that writers of many languages use? */
static bool is_usual_mark(uint32_t character)
{
    static const char16_t
        usual[] = u"\u00A0\u00A1\u00A7\u00A9\u00AB\u00AD\u00AE\u00B0\u00B7\u00BB\u00BF"
                  u"\u060C\u061B\u061F\u0640\u2013\u2014\u2018\u2019\u201A\u201C\u201D\u201E\u2022\u2026\u20AC\u2116";
    for (size_t i = 0; usual[i] != 0; i++)
        if (character == usual[i])
            return true;
    return false;
}

static bool holds(const char16_t *sorted, size_t count, uint32_t character)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < character)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && sorted[low] == character;
}

static unsigned wide_cost(const struct character_table *table, uint32_t character)
{
    if (holds(table->commonest, table->commonest_count, character))
        return COST_COMMONEST;
    bool is_hangul = character >= 0xAC00 && character <= 0xD7A3;
    bool is_common = table->common == NULL ? is_hangul : holds(table->common, table->common_count, character);
    return is_common ? COST_COMMON : COST_RARE;
}

/* ---- the sample ---- */

static void count_pair(struct sample *sample, uint32_t first, uint32_t second)
{
    uint32_t hash = (first * 0x9E3779B1u) ^ (second * 0x85EBCA77u);
    for (size_t at = (hash ^ hash >> 15) % PAIRS_MAX;; at = (at + 1) % PAIRS_MAX) {
        struct pair *pair = &sample->pairs[at];
        if (pair->count > 0 && (pair->first != first || pair->second != second))
            continue;
        if (pair->count == 0 && sample->pair_count >= PAIRS_MAX / 2) {
            sample->cost += COST_OTHER; /* no language has so many */
            return;
        }
        sample->pair_count += pair->count == 0;
        *pair = (struct pair){(uint16_t)first, (uint16_t)second, pair->count + 1};
        return;
    }
}

static void count_step(struct sample *sample, uint16_t first, uint16_t second)
{
    if (first < 0x80 && second < 0x80) {
        sample->ascii[first == 0 ? 0 : first - 'a' + 1][second == 0 ? 0 : second - 'a' + 1]++;
        sample->ascii_pairs += first != 0 || second != 0;
    } else
        count_pair(sample, first, second);
}

static unsigned sign_cost(uint32_t character)
{
    if (is_wide_mark(character))
        return COST_WIDE_MARK;
    if (character >= 0xFF61 && character <= 0xFF9F)
        return COST_HALF_KANA;
    if (is_usual_mark(character))
        return COST_MARK;
    return is_number(character) ? COST_NUMBER : COST_SIGN;
}

/* A character that is no letter. */
static void count_sign(struct sample *sample, struct context *context, uint32_t character)
{
    if (character == ENCODING_BAD || (character >= 0x80 && character < 0xA0)) {
        sample->bad++;
        sample->cost += COST_BAD;
    } else if (character >= 0x80)
        sample->cost += sign_cost(character);
    sample->opening += character == 0xAB;
    sample->closing += character == 0xBB;
    context->before_sign = context->letter;
    context->sign = character;
}

static void count_wide(struct sample *sample, struct context *context, uint32_t character)
{
    context->behind_ascii = context->wide_run == 0 ? context->letter > 0 && context->letter < 0x80 : context->behind_ascii;
    context->wide_run++;
    for (size_t i = 0; i < character_table_count; i++)
        sample->wide_cost[i] += wide_cost(&character_tables[i], character);
    context->before_sign = 0;
}

static bool is_sign_in_word(uint32_t character)
{
    return character >= 0x80 && character != 0x2019 && character != 0xAD && character != 0xB7;
}

static void count_letter(struct sample *sample, struct context *context, uint32_t character)
{
    uint16_t letter = folded(character);
    bool is_small = letter == character, is_high = character >= 0x80 || context->letter >= 0x80;
    sample->cost += context->was_small && !is_small && is_high ? COST_CASE : 0;
    sample->cost += context->letter == 0 && context->before_sign != 0 && is_sign_in_word(context->sign) ? COST_IN_WORD : 0;
    count_step(sample, context->letter, letter);
    context->letter = letter;
    context->before_sign = 0;
    context->was_small = is_small;
}

/* Points of Hebrew and Arabic stand on letters of theirs, accents on any. */
static bool is_on_letter(const struct context *context, uint32_t mark)
{
    return mark < 0x590 ? context->letter != 0 : context->letter >= 0x590 && context->letter < 0x700;
}

static void count_character(struct sample *sample, struct context *context, uint32_t character)
{
    bool is_half = character >= 0xFF61 && character <= 0xFF9F, is_micro = character == 0xB5;
    sample->high += character >= 0x80;
    if (character >= 0x80 && is_mark(character)) {
        sample->cost += is_on_letter(context, character) ? COST_MARK : COST_OTHER;
        return;
    }
    if (!is_wide(character)) {
        sample->cost += context->wide_run == 1 && context->behind_ascii ? COST_ALONE : 0;
        context->wide_run = 0;
    }
    if (is_letter(character) && !is_wide(character) && !is_half && !is_micro) {
        count_letter(sample, context, character);
        return;
    }
    count_step(sample, context->letter, 0);
    if (is_wide(character))
        count_wide(sample, context, character);
    else
        count_sign(sample, context, character);
    context->letter = 0;
    context->was_small = false;
}

static void take_sample(struct sample *sample, struct slice source, const struct encoding *encoding)
{
    struct decoder decoder;
    struct context context = {0};
    uint32_t character;
    decoder_init(&decoder, encoding, source);
    while (sample->high < SAMPLE_CHARACTERS && decoder_next(&decoder, &character))
        count_character(sample, &context, character);
    size_t uneven = sample->opening > sample->closing ? sample->opening - sample->closing : sample->closing - sample->opening;
    sample->cost += uneven * COST_UNEVEN;
}

/* ---- what it costs in a language ---- */

static bool is_latin(uint32_t letter)
{
    return letter < 0x250 || (letter >= 0x1E00 && letter < 0x1F00);
}

static size_t place_of(const struct letter_table *table, uint16_t letter)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->alphabet[middle] < letter)
            low = middle + 1;
        else
            high = middle;
    }
    return low < table->count && table->alphabet[low] == letter ? low + 1 : 0;
}

static unsigned pair_cost(const struct letter_table *table, bool has_latin, const struct pair *pair)
{
    size_t first = place_of(table, pair->first), second = place_of(table, pair->second);
    bool knows_first = first > 0 || pair->first == 0, knows_second = second > 0 || pair->second == 0;
    unsigned mixed = 0;
    if (!has_latin && (pair->first < 0x80) != (pair->second < 0x80) && pair->first != 0 && pair->second != 0) {
        mixed = COST_MIXED; /* ASCII is no letter of this language */
        knows_first = knows_first || pair->first < 0x80;
        knows_second = knows_second || pair->second < 0x80;
    }
    if (!knows_second)
        return mixed + (is_latin(pair->second) == has_latin ? COST_STRANGER : COST_OTHER);
    if (!knows_first)
        return mixed + COST_BEHIND;
    return mixed + (unsigned)letter_cost(table->costs[first * (table->count + 1) + second]);
}

static uint64_t ascii_cost(const struct sample *sample, const struct letter_table *table)
{
    uint64_t cost = 0;
    for (size_t first = 0; first < 27; first++)
        for (size_t second = 0; second < 27; second++)
            cost += (first + second > 0 ? sample->ascii[first][second] : 0) *
                    (uint64_t)letter_cost(table->costs[first * (table->count + 1) + second]);
    return sample->ascii_pairs <= ASCII_WEIGHT_PAIRS ? cost : cost * ASCII_WEIGHT_PAIRS / sample->ascii_pairs;
}

static uint64_t pairs_cost(const struct sample *sample, const struct letter_table *table, bool has_latin)
{
    uint64_t cost = 0;
    for (size_t i = 0; i < sample->pair_count; i++)
        cost += (uint64_t)sample->pairs[i].count * pair_cost(table, has_latin, &sample->pairs[i]);
    return cost;
}

/* The pairs behind one another: from here on they are no table. */
static void pack_pairs(struct sample *sample)
{
    size_t kept = 0;
    for (size_t i = 0; i < PAIRS_MAX; i++)
        if (sample->pairs[i].count > 0)
            sample->pairs[kept++] = sample->pairs[i];
    assert(kept == sample->pair_count);
}

static uint64_t least_cost(const struct sample *sample)
{
    uint64_t least = UINT64_MAX, least_wide = UINT64_MAX, english = ascii_cost(sample, &letter_tables[0]);
    for (size_t i = 0; i < character_table_count; i++)
        least_wide = sample->wide_cost[i] < least_wide ? sample->wide_cost[i] : least_wide;
    for (size_t i = 0; i < letter_table_count; i++) {
        const struct letter_table *table = &letter_tables[i];
        bool has_latin = table->alphabet[0] == 'a';
        uint64_t cost = pairs_cost(sample, table, has_latin) + (has_latin ? ascii_cost(sample, table) : english);
        least = cost < least ? cost : least;
    }
    return sample->cost + least + least_wide;
}

uint64_t encoding_cost(struct slice source, const struct encoding *encoding)
{
    struct sample *sample = memory_alloc(1, sizeof(*sample));
    take_sample(sample, source, encoding);
    pack_pairs(sample);
    bool is_bad = sample->bad * 100 > BAD_PERCENT * sample->high;
    uint64_t cost = is_bad ? UINT64_MAX : least_cost(sample);
    free(sample);
    return cost;
}
