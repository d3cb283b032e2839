/* two_asked.c - where a second question begins in a question.
 *
 *   When is waste collected | and who collects it?          Wie lange dauert es? | Was kostet es?
 */
#include "two_asked.h"
#include "span_parts.h"

static const char and_words[] = "and|und|et|y|e|en|och|i|ed|sowie";
/* "that", "which" and "que", "che" lead in parts of sentences: they are not among them. */
static const char asking[] =
    "what|who|whom|when|where|how|why|wer|wem|wann|wo|wie|was|warum|wieviel|qui|quand|où|combien|comment|pourquoi|"
    "quién|quien|cuándo|cuando|dónde|donde|cuánto|cuánta|cuántos|cuántas|cuanto|cómo|chi|quando|dove|quanto|quanti|quante|"
    "perché|quem|onde|wanneer|waar|hoeveel|hoe|kto|kiedy|gdzie|ile|jak|vem|när|hur";

/* A word that asks, from the beginning of the text on: within the first three, as in "Until when". */
static bool asks(struct slice text)
{
    size_t words = 0;
    for (size_t at = 0; at < text.size && words < 3;) {
        struct span_word word = span_word_at(text, at);
        words += word.size > 0;
        if (word.size > 0 && span_word_is(&word, asking))
            return true;
        at = word.size > 0 ? word.end : at + 1;
    }
    return false;
}

/* Where the second one begins, behind "and" or a question mark, which begins at `*end`, or ends there; 0: nowhere. */
static size_t second_at(struct slice text, size_t *end)
{
    for (size_t at = 1; at < text.size; at++) {
        struct span_word word = span_word_at(text, at);
        bool is_mark = text.data[at - 1] == '?';
        if (!is_mark && (word.size == 0 || span_letter_before(text, at) || !span_word_is(&word, and_words)))
            continue;
        size_t next = is_mark ? at : word.end;
        while (next < text.size && span_letter_at(text, next) == 0)
            next++;
        struct span_word behind = span_word_at(text, next);
        *end = at;
        if (behind.size > 0 && span_word_is(&behind, asking))
            return next;
    }
    return 0;
}

bool two_asked(struct slice question, struct slice halves[2])
{
    size_t end, second = second_at(question, &end);
    if (second == 0)
        return false;
    halves[0] = slice_trim(slice_range(question, 0, end));
    halves[1] = slice_trim(slice_range(question, second, question.size));
    return halves[0].size > 0 && halves[1].size > 0 && asks(halves[0]);
}
