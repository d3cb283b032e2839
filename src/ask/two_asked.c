/* two_asked.c - where a second question begins in a question.
 *
 *   When is waste collected | and who collects it?          Wie lange dauert es? | Was kostet es?
 *   What is the weight | and the colour of the KX-35?       When does the lecture begin | and in which room?
 *
 * A half that says little has the rest of the other: "in which room does the lecture begin". */
#include "two_asked.h"
#include "asked_shape.h"
#include "span_parts.h"
#include <string.h>

static const char and_words[] = "and|und|et|y|e|och|i|ed|sowie";

/* "en" is "and" in Dutch, and "in" in French and Spanish. */
static bool means_and(struct slice text, const struct span_word *word)
{
    static const char dutch[] = "het|een|wat|wie|waar|wanneer|hoe|welke|welk|hoeveel|van|zijn";
    return span_word_is(word, and_words) || (span_word_is(word, "en") && span_has_word(text, dutch));
}
/* "that", "which" and "que", "che" lead in parts of sentences: they are not among them. */
static const char asking[] =
    "what|who|whom|when|where|how|why|wer|wem|wann|wo|wie|was|warum|wieviel|qui|quand|où|combien|comment|pourquoi|"
    "quién|quien|cuándo|cuando|dónde|donde|cuánto|cuánta|cuántos|cuántas|cuanto|cómo|chi|quando|dove|quanto|quanti|quante|"
    "perché|quem|onde|wanneer|waar|hoeveel|hoe|kto|kiedy|gdzie|ile|jak|vem|när|hur|whats|whos|wheres|whens|hows";
/* Behind "and" they ask where such a word follows: "in which room", "für welchen Tag". */
static const char
    before_which[] = "in|at|on|to|for|by|from|until|with|im|an|am|bei|bis|für|mit|von|zu|à|dans|pour|avec|en|para|con|a|"
                     "per|op|voor|met";
static const char
    whiches[] = "which|what|whom|when|welchem|welcher|welchen|welches|welche|wem|wen|wann|quel|quelle|quels|quelles|"
                "qui|qué|cuál|quién|cuándo|quale|chi|welke|welk|wie";
static const char ofs[] = "of|for|von|für|de|du|des|del|della|di|van|voor|da|do";
static const char articles[] = "the|its|their|a|an|der|die|das|den|dem|le|la|les|el|los|las|il|lo|i|gli|de|het|o|os|as";
static const char together[] = "between|difference|both|zwischen|unterschied|entre|différence|diferencia|tra|fra|tussen|terms";

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
        if (!is_mark && (word.size == 0 || span_letter_before(text, at) || !means_and(text, &word)))
            continue;
        size_t next = is_mark ? at : word.end;
        while (next < text.size && span_letter_at(text, next) == 0)
            next++;
        struct span_word behind = span_word_at(text, next);
        *end = at;
        size_t after = behind.end + span_blank_at(text, behind.end);
        struct span_word third = span_word_at(text, after);
        if (span_word_is(&behind, asking) || (span_word_is(&behind, before_which) && span_word_is(&third, whiches)))
            return next;
    }
    return 0;
}

/* ---- two nouns ---- */

/* The next word from `*at` on; of size 0: there is none. */
static struct span_word next_word(struct slice text, size_t *at)
{
    while (*at < text.size && span_letter_at(text, *at) == 0 && !span_is_digit(text, *at))
        ++*at;
    struct span_word word = span_word_at(text, *at);
    *at = word.size > 0 ? span_letters_end(text, *at) : span_is_digit(text, *at) ? span_digits_end(text, *at) : *at;
    return word;
}

static bool holds_word(struct slice text, const char *alternatives, size_t *where)
{
    for (size_t at = 0; at < text.size;) {
        size_t before = at;
        struct span_word word = next_word(text, &at);
        if (span_word_is(&word, alternatives)) {
            *where = word.start;
            return true;
        }
        at = at == before ? at + 1 : at;
    }
    return false;
}

static size_t words_in(struct slice text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.size; at++)
        count += text.data[at] != ' ' && (at == 0 || text.data[at - 1] == ' ');
    return count;
}

/* "what is", with what stands before nouns that are asked for: where it ends, or 0. */
static size_t lead_end(struct slice text)
{
    size_t at = 0;
    struct span_word first = next_word(text, &at);
    if (span_word_is(&first, "whats"))
        return at;
    if (!span_word_is(&first, "what|was|wie|quel|quelle|quels|quelles|cuál|cuáles|qual|quale|quali|wat"))
        return 0;
    if (at + 1 < text.size && text.data[at] == '\'' && text.data[at + 1] == 's')
        return at + 2;
    struct span_word second = next_word(text, &at);
    return span_word_is(&second, "is|are|ist|sind|lautet|lauten|est|sont|es|son|è|sono|zijn") ? at : 0;
}

/* The one "and" of the text; 0: none, or several. */
static size_t only_and(struct slice text, size_t *end)
{
    size_t found = 0, count = 0;
    for (size_t at = 1; at < text.size; at++) {
        struct span_word word = span_word_at(text, at);
        bool is_and = word.size > 0 && text.data[at - 1] == ' ' && span_starts(text, word.end, " ") && means_and(text, &word);
        count += is_and;
        found = is_and ? at : found;
        *end = is_and ? word.end : *end;
    }
    return count == 1 ? found : 0;
}

static struct slice joined(struct arena *arena, struct slice a, struct slice b, struct slice c)
{
    return slice_trim(slice_from(arena_format(arena, SLICE_FORMAT " " SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(a),
                                              SLICE_ARGUMENT(b), SLICE_ARGUMENT(c))));
}

static struct slice without_mark(struct slice text)
{
    text = slice_trim(text);
    while (text.size > 0 && byte_among(text.data[text.size - 1], "?!. "))
        text.size--;
    return text;
}

bool two_named(struct arena *arena, struct slice question, struct slice halves[2])
{
    size_t end = 0, at = only_and(question, &end), first_of, second_of, none, lead = lead_end(question);
    if (at <= lead || holds_word(question, together, &none) || (lead == 0 && asks(question)))
        return false;
    struct slice first = slice_trim(slice_range(question, lead, at)),
                 second = without_mark(slice_range(question, end, question.size)), leads = slice_range(question, 0, lead);
    bool first_has = holds_word(first, ofs, &first_of) && first_of > 0,
         second_has = holds_word(second, ofs, &second_of) && second_of > 0;
    size_t from = 0;
    struct span_word opening = next_word(second, &from);
    if (second.size == 0 || first.size == 0 || (first_has && !second_has) || (lead == 0 && !second_has) ||
        (!second_has && !span_word_is(&opening, articles)) || span_word_is(&opening, ofs))
        return false;
    struct span_word article = next_word(first, (from = 0, &from));
    bool is_short = words_in(first) <= 1 + (size_t)span_word_is(&article, articles);
    bool shares = !first_has && second_has && is_short; /* "the weight and the colour of the KX-35" */
    halves[0] = joined(arena, leads, first, shares ? slice_range(second, second_of, second.size) : SLICE(""));
    halves[1] = joined(arena, leads, second, SLICE(""));
    return true;
}

/* ---- two questions ---- */

/* What stands behind the words that ask, and `more` behind them. */
static struct slice behind_asking(struct slice text, size_t more)
{
    size_t at = 0, end = 0, words = 0;
    for (size_t left = more + 1; at < text.size && words < 3 + more;) {
        struct span_word word = next_word(text, &at);
        words++;
        if (left == more + 1 && !span_word_is(&word, asking) && !span_word_is(&word, whiches))
            continue;
        end = at;
        if (--left == 0)
            break;
    }
    return slice_trim(slice_range(text, end, text.size));
}

bool two_points_back(struct slice half)
{
    static const char
        pronouns[] = "it|its|they|them|their|he|she|him|her|this|that|er|sie|es|ihn|ihm|ihr|dies|das|il|elle|ils|elles|"
                     "lo|la|los|las|le|hij|zij|ze|het|esso|essa|ele|ela";
    size_t none;
    return holds_word(half, pronouns, &none);
}

void two_made_whole(struct arena *arena, struct slice halves[2], const size_t said[2])
{
    struct slice first = without_mark(halves[0]), second = without_mark(halves[1]);
    if (said[1] <= 1 && said[0] > 1 && !two_points_back(second))
        halves[1] = joined(arena, second, behind_asking(first, 0), SLICE(""));
    else if (said[0] <= 1 && said[1] > 1 && !two_points_back(second))
        halves[0] = joined(arena, first, behind_asking(second, 1), SLICE(""));
}

bool two_asked(struct slice question, struct slice halves[2])
{
    size_t end, second = second_at(question, &end);
    if (second == 0)
        return false;
    halves[0] = slice_trim(slice_range(question, 0, end));
    halves[1] = slice_trim(slice_range(question, second, question.size));
    return halves[0].size > 0 && halves[1].size > 0 && (asks(halves[0]) || shape_asked(halves[0]) == SHAPE_ANY);
}
