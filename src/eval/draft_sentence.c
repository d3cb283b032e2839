/* draft_sentence.c - a sentence with a quantity as a question for it.
 *
 *   "The label for Portugal costs €9.50."   ─▶ "What does the label for Portugal cost?"   "€9.50"
 *   "Goods may go back within 30 days."     ─▶ "Goods may go back within … What stands in the place of the dots?"   "30 days" */
#include "draft.h"
#include "grade.h"
#include <string.h>

enum { WORDS_LEAST = 5, WORDS_MOST = 35, SUBJECT_WORDS_MOST = 10 };

/* A verb between what is asked for and its quantity, and how that is asked. */
static const struct {
    const char *verb, *ask, *after;
} verbs[] = {
    {" costs ", "What does ", " cost?"},
    {" cost ", "What do ", " cost?"},
    {" weighs ", "How much does ", " weigh?"},
    {" weigh ", "How much do ", " weigh?"},
    {" takes ", "How long does ", " take?"},
    {" take ", "How long do ", " take?"},
    {" lasts ", "How long does ", " last?"},
    {" last ", "How long do ", " last?"},
    {" holds ", "How much does ", " hold?"},
    {" hold ", "How much do ", " hold?"},
    {" measures ", "How much does ", " measure?"},
    {" is ", "What is ", "?"},
    {" are ", "What are ", "?"},
};
static const char *const determiners[] = {"The ", "A ", "An ", "Our ", "Each ", "Every ", "Your "};

static size_t words_of(struct slice text)
{
    struct text_words words = {text, 0};
    struct slice segment;
    size_t count = 0;
    for (bool is_word; text_words_next(&words, &segment, &is_word);)
        count += is_word;
    return count;
}

static bool begins_with_determiner(struct slice text)
{
    for (size_t i = 0; i < ARRAY_COUNT(determiners); i++)
        if (slice_starts_with(text, slice_from(determiners[i])))
            return true;
    return false;
}

/* The quantity stands behind a verb that is known, and what stands before that is short and begins like a thing. */
static bool ask_by_verb(struct slice before, struct arena *arena, struct eval_draft *draft)
{
    if (!begins_with_determiner(before))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++) {
        const struct slice verb = slice_from(verbs[i].verb);
        if (!slice_ends_with(before, verb))
            continue;
        struct slice subject = slice_range(before, 0, before.size - verb.size);
        if (words_of(subject) > SUBJECT_WORDS_MOST || memchr(subject.data, ',', subject.size) != NULL)
            return false;
        char *text = arena_text(arena, subject);
        text[0] = (char)(text[0] - 'A' + 'a');
        draft->question = slice_from(arena_format(arena, "%s%s%s", verbs[i].ask, text, verbs[i].after));
        return true;
    }
    return false;
}

static const char *ask_for_dots(enum text_language language)
{
    switch (language) {
    case LANGUAGE_GERMAN:
        return "Was steht an der Stelle der Punkte?";
    case LANGUAGE_FRENCH:
        return "Que faut-il mettre à la place des points\xC2\xA0?";
    case LANGUAGE_SPANISH:
        return "¿Qué va en el lugar de los puntos?";
    default:
        return "What stands in the place of the dots?";
    }
}

bool draft_of_sentence(struct slice sentence, enum text_language language, struct arena *arena, struct eval_draft *draft)
{
    struct quantity quantity;
    size_t at = 0, words;
    sentence = slice_trim(sentence);
    if (sentence.size == 0 || sentence.data == NULL || memchr(sentence.data, '\n', sentence.size) != NULL)
        return false; /* nothing, a table or a list */
    words = words_of(sentence);
    if (words < WORDS_LEAST || words > WORDS_MOST || !byte_among(sentence.data[sentence.size - 1], ".!") ||
        !quantity_next(sentence, &at, &quantity) || quantity.unit == QUANTITY_NONE)
        return false;
    struct slice before = slice_range(sentence, 0, quantity.start), after = slice_range(sentence, quantity.end, sentence.size);
    draft->quote = arena_slice(arena, sentence);
    draft->answer = arena_slice(arena, slice_trim(slice_range(sentence, quantity.start, quantity.end)));
    draft->is_gap = !(after.size == 1 && ask_by_verb(before, arena, draft));
    if (!draft->is_gap)
        return true;
    enum text_language own = text_language_of(sentence);
    draft->question = slice_from(arena_format(arena, SLICE_FORMAT "…" SLICE_FORMAT " %s", SLICE_ARGUMENT(before),
                                              SLICE_ARGUMENT(after), ask_for_dots(own != LANGUAGE_UNKNOWN ? own : language)));
    return true;
}
