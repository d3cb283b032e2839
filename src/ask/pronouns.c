/* pronouns.c - "The officer is Ada Lovelace. Every leak is reported to her.": whom it is reported to. Where the sentence has a name of its own, or the one
 * before it has none or two, nothing is told. */
#include "pronouns.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

/* "her" before a noun is whose: her deputy is another person. */
static bool is_object(const struct span_word *word, struct slice text)
{
    static const char behind[] = "within|before|after|during|until|without|immediately|directly|first|straight|today|daily";
    size_t at = word->end + span_blank_at(text, word->end);
    struct span_word next = span_word_at(text, at), before = span_word_before(text, word->start, NULL);
    bool is_alone = at == word->end || next.size == 0 || span_is_function_word(&next) || span_word_is(&next, behind);
    return span_word_is(&before, "to|by") && (span_word_is(word, "him") || (span_word_is(word, "her") && is_alone));
}

/* At the beginning no other word is there that it could mean. */
static bool is_subject(const struct span_word *word, struct slice text)
{
    static const char after_that[] = "After that ";
    size_t start = span_starts(text, 0, after_that) ? sizeof(after_that) - 1 : 0;
    return word->start == start && span_word_is(word, "he|she");
}

/* Clauses may have a person of their own ("when a visitor …"). */
static bool has_clause(struct slice text)
{
    return memchr(text.data, ';', text.size) != NULL || span_has_word(text, "who|when|if|while|and|but|whose|as");
}

/* A word alone at the beginning has a capital letter whatever it is; behind "in" it is a place. */
static size_t count_names(struct slice text, struct slice *first)
{
    struct slice name;
    size_t count = 0;
    for (size_t at = 0; span_next_name(text, &at, &name);) {
        struct span_word before = span_word_before(text, (size_t)(name.data - text.data), NULL);
        bool is_sure = (name.data != text.data || memchr(name.data, ' ', name.size) != NULL) &&
                       !span_word_is(&before, "in|at|from");
        if (is_sure && count == 0)
            *first = name;
        count += is_sure;
    }
    return count;
}

bool person_meant(struct slice before, struct slice sentence, struct slice *name, struct slice *pronoun)
{
    struct slice own;
    if (count_names(sentence, &own) > 0 || count_names(before, name) != 1)
        return false;
    for (size_t at = 0, end; at < sentence.size; at = (end > at ? end : at + 1)) {
        struct span_word word = span_word_at(sentence, at);
        end = span_letters_end(sentence, at);
        if (end > at && (is_subject(&word, sentence) || (is_object(&word, sentence) && !has_clause(sentence)))) {
            *pronoun = slice_range(sentence, at, end);
            return true;
        }
    }
    return false;
}
