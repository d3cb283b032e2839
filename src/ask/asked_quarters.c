/* asked_quarters.c - a quarter of a year, by its number: what is told of a year is not told of its quarters. */
#include "asked_quarters.h"
#include "span_parts.h"
#include <string.h>

enum { QUARTERS = 4 };

static const char *const ordinals[QUARTERS] = {
    "first|1st|erstes|ersten|premier|primer|primo",
    "second|2nd|zweites|zweiten|deuxième|second|segundo|secondo",
    "third|3rd|drittes|dritten|troisième|tercer|terzo",
    "fourth|4th|viertes|vierten|quatrième|cuarto|quarto",
};
static const char quarters[] = "quarter|quarters|quartal|quartals|trimestre";

/* "Q3", "3Q", "Q3/2019", "3. Quartal", "3rd quarter": the number at `at`; 0: none. */
static unsigned numbered_at(struct slice text, size_t at)
{
    char byte = text.data[at];
    size_t end = at + 1;
    if (byte < '1' || byte > '4' || span_is_digit(text, end) || (at > 0 && span_is_digit(text, at - 1)))
        return 0;
    bool is_behind = at > 0 && byte_small(text.data[at - 1]) == 'q' && !span_letter_before(text, at - 1);
    bool is_before = end < text.size && text.data[end] == 'Q' && span_letter_at(text, end + 1) == 0 &&
                     !span_letter_before(text, at);
    struct span_word ending = span_word_at(text, end);
    end = ending.size > 0 && span_word_is(&ending, "st|nd|rd|th|er|e|º|°") ? ending.end : end;
    end += end < text.size && text.data[end] == '.';
    struct span_word behind = span_word_at(text, end + span_blank_at(text, end));
    bool is_named = behind.size > 0 && span_word_is(&behind, quarters) && !span_letter_before(text, at);
    return is_behind || is_before || is_named ? 1U << (byte - '1') : 0;
}

unsigned quarters_named(struct slice text)
{
    unsigned named = 0;
    for (size_t at = 0; at < text.size; at++) {
        named |= numbered_at(text, at);
        struct span_word word = at == 0 || !span_letter_before(text, at) ? span_word_at(text, at) : (struct span_word){0};
        struct span_word behind = span_word_at(text, word.end + span_blank_at(text, word.end));
        for (unsigned i = 0; i < QUARTERS && word.size > 0 && behind.size > 0; i++)
            if (span_word_is(&word, ordinals[i]) && span_word_is(&behind, quarters))
                named |= 1U << i;
    }
    return named;
}

/* "three months ended", "by quarter": which one may stand elsewhere. */
static bool tells_of_quarters(struct slice text, unsigned asked)
{
    return (quarters_named(text) & asked) != 0 || span_has_word(text, quarters) || span_has_word(text, "quarterly") ||
           memmem(text.data, text.size, "hree months", strlen("hree months")) != NULL;
}

bool lacks_quarter(struct asking *asking, const struct ask_passage *passage)
{
    unsigned asked = quarters_named(asking->answer->asked);
    if (asked == 0 || (asked & (asked - 1)) != 0 || tells_of_quarters(text_above(asking, passage), asked))
        return false;
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (tells_of_quarters(passage->sentences[i].text, asked))
            return false;
    return true;
}
