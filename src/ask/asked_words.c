/* asked_words.c - a word of a question and one of a document that are the same but for a slip, an ending, or what one is compounded with. */
#include "asked_words.h"
#include "span_parts.h"

enum { LETTERS_MAX = 32, PART_LEAST = 5, ONE_EDIT_FROM = 5, TWO_EDITS_FROM = 9 };

/* At most `most` letters put in, left out or exchanged make one of the other. */
static bool are_few_edits(struct slice a, struct slice b, size_t most)
{
    size_t row[LETTERS_MAX + 1];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t exchanged = corner + (byte_small(a.data[i - 1]) != byte_small(b.data[j - 1])), fewest = exchanged;
            fewest = row[j] + 1 < fewest ? row[j] + 1 : fewest;
            fewest = row[j - 1] + 1 < fewest ? row[j - 1] + 1 : fewest;
            corner = row[j];
            row[j] = fewest;
        }
    }
    return row[b.size] <= most;
}

/* "Biotonne" and "Tonne", "anmelden" and "Prüfungsanmeldung": the shorter one, but for an ending, begins or ends the longer. */
static bool is_part(struct slice shorter, struct slice longer)
{
    if (shorter.size < PART_LEAST)
        return false;
    size_t stem = shorter.size > PART_LEAST + 1 ? shorter.size - 2 : shorter.size, same = 0,
           behind = longer.size - shorter.size;
    while (same < stem && byte_small(shorter.data[same]) == byte_small(longer.data[same]))
        same++;
    if (same == stem)
        return true;
    for (same = 0; same < stem && byte_small(shorter.data[same]) == byte_small(longer.data[behind + same]);)
        same++;
    return same == stem;
}

bool words_are_nearly_one(struct slice a, struct slice b)
{
    struct slice shorter = a.size < b.size ? a : b, longer = a.size < b.size ? b : a;
    if (shorter.size == 0 || longer.size > LETTERS_MAX)
        return false;
    size_t most = shorter.size >= TWO_EDITS_FROM ? 2 : shorter.size >= ONE_EDIT_FROM ? 1 : 0;
    return is_part(shorter, longer) || (longer.size - shorter.size <= most && are_few_edits(shorter, longer, most));
}

bool word_next(struct text_words *walk, struct slice *word)
{
    bool is_word;
    while (text_words_next(walk, word, &is_word))
        if (is_word)
            return true;
    *word = SLICE("");
    return false;
}

bool has_several(struct slice word)
{
    static const char several[] =
        "team|teams|department|departments|committee|branch|division|squad|crew|plan|plans|tier|package|edition|model|ward|"
        "campus|site|depot|warehouse|cluster|environment|region";
    struct span_word read = span_word_at(word, 0);
    return read.size > 0 && read.end == word.size && span_word_is(&read, several);
}
