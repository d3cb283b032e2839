/* term_parts.c - divides words where people write several as one.
 *
 * The word rule keeps "support.refund", "max_retries" and "std:vector" whole. Somebody who looks for "refund" should find them, so
 * a run of full stops, underscores or colons divides a word when a letter stands on both sides:
 *
 *     support.refund → support, refund      __init__ → init      3.5, 10,000, v2.3, id_2 → whole, a digit is involved
 *
 * but not when each part would be a single letter: "e.g" and "u.s.a" are abbreviations. */
#include "term_forms.h"
#include "word_tables.h"

static bool is_joint(uint32_t character)
{
    return character == '.' || character == '_' || character == ':';
}

static bool is_modifier(struct character_kind kind)
{
    return kind.word == WORD_EXTEND || kind.word == WORD_FORMAT || kind.word == WORD_ZWJ;
}

/* Single letters with a joint between each two. */
static bool is_abbreviation(struct slice word)
{
    bool wants_letter = true;
    for (size_t at = 0; at < word.size;) {
        uint32_t character;
        at += text_decode(word, at, &character);
        struct character_kind kind = character_kind_of(character);
        if (is_modifier(kind) && at > 0)
            continue;
        if (wants_letter ? !(kind.flags & CHARACTER_LETTER) : !is_joint(character))
            return false;
        wants_letter = !wants_letter;
    }
    return true;
}

struct term_parts term_parts_of(struct slice word)
{
    return (struct term_parts){.word = word, .is_whole = is_abbreviation(word)};
}

/* The end of the part that begins at `at`: where a joint between letters begins, or the word's end. */
static size_t part_end(struct slice word, size_t at)
{
    bool is_after_letter = false, is_after_joint = false;
    size_t joint_at = 0;
    while (at < word.size) {
        uint32_t character;
        size_t size = text_decode(word, at, &character);
        struct character_kind kind = character_kind_of(character);
        if (is_joint(character)) {
            if (!is_after_joint)
                joint_at = at;
            is_after_joint = true;
        } else if (!is_modifier(kind)) {
            bool is_letter = (kind.flags & CHARACTER_LETTER) != 0;
            if (is_after_joint && is_after_letter && is_letter)
                return joint_at;
            is_after_letter = is_letter;
            is_after_joint = false;
        }
        at += size;
    }
    return word.size;
}

bool term_parts_next(struct term_parts *parts, struct slice *part)
{
    struct slice word = parts->word;
    size_t start = parts->at;
    while (start < word.size && is_joint((unsigned char)word.data[start]))
        start++;
    if (start == word.size)
        return false;
    size_t end = parts->is_whole ? word.size : part_end(word, start);
    parts->at = end;
    while (end > start && is_joint((unsigned char)word.data[end - 1]))
        end--;
    *part = slice_range(word, start, end);
    return true;
}
