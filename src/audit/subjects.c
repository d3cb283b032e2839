/* subjects.c - what "its" and "they" are of: the sentence that begins so has the subject of what stands above it, its heading and its title.
 *
 *   Kestrel kettle │ Its capacity is 3 l.        own here: Kestrel      both: kettle, which is no name
 *   Wren kettle    │ Its capacity is 2 l.        own here: Wren         two subjects, and no contradiction
 *
 * Two titles may be of one thing: "Kestrel kettle: care" and "Kestrel kettle: data" have a name in common. A name is written with a capital letter
 * above the text, and in the midst of a sentence, or never with a small one. */
#include "claims.h"
#include "sentence.h"

enum { SUBJECT_WORDS_MAX = 24, WORD_BYTES = 48 };

struct subject_word {
    struct slice text;
    bool is_capital;
};

struct subject {
    struct subject_word words[SUBJECT_WORDS_MAX];
    size_t count;
    const struct pile_document *document;
};

static bool is_capital(struct slice word)
{
    return word.size > 0 && word.data[0] >= 'A' && word.data[0] <= 'Z';
}

static bool equal_words(struct slice a, struct slice b)
{
    char small[WORD_BYTES] = {0};
    if (a.size != b.size || a.size >= sizeof(small))
        return false;
    for (size_t i = 0; i < a.size; i++)
        small[i] = (char)(a.data[i] >= 'A' && a.data[i] <= 'Z' ? a.data[i] | 0x20 : a.data[i]);
    return slice_equal_ignoring_case(b, small);
}

static bool is_of_pronoun(const struct claim *claim)
{
    static const char *const english[] = {"its", "it", "they", "their", "it's"};
    static const char *const german[] = {"es", "seine", "sein", "sie", "ihre", "ihr"};
    struct text_words words = {.text = claim->sentence};
    struct slice word;
    bool is_word = false, found = false;
    while (!is_word && text_words_next(&words, &word, &is_word))
        ;
    for (size_t i = 0; is_word && claim->row == NULL && i < ARRAY_COUNT(english) && claim->language == LANGUAGE_ENGLISH; i++)
        found = found || slice_equal_ignoring_case(word, english[i]);
    for (size_t i = 0; is_word && claim->row == NULL && i < ARRAY_COUNT(german) && claim->language == LANGUAGE_GERMAN; i++)
        found = found || slice_equal_ignoring_case(word, german[i]);
    return found && is_capital(word);
}

static void add_line(struct subject *subject, struct slice line, enum text_language language)
{
    struct text_words words = {.text = line};
    struct slice word;
    bool is_word;
    while (subject->count < SUBJECT_WORDS_MAX && text_words_next(&words, &word, &is_word)) {
        if (!is_word || (word.data[0] >= '0' && word.data[0] <= '9'))
            continue;
        if (!text_is_function_word(word, language))
            subject->words[subject->count++] = (struct subject_word){word, is_capital(word)};
    }
}

static void read_subject(const struct pile *pile, const struct claim *claim, struct subject *subject)
{
    const struct pile_passage *passage = &pile->passages[claim->passage];
    *subject = (struct subject){.document = pile_document_of(pile, passage)};
    add_line(subject, innermost_heading(passage->headings), claim->language);
    add_line(subject, subject->document->title, claim->language);
}

static bool has_word(const struct subject *subject, struct slice word)
{
    bool found = false;
    for (size_t i = 0; i < subject->count; i++)
        found = found || equal_words(subject->words[i].text, word);
    return found;
}

/* How a document writes the word: with a capital letter within a sentence, and with a small one. */
struct writing {
    bool within, small;
};

static void look_at(struct slice text, struct slice wanted, struct writing *writing)
{
    struct text_words words = {.text = text};
    struct slice word;
    bool is_word, begins = true;
    while (text_words_next(&words, &word, &is_word)) {
        if (is_word && equal_words(word, wanted)) {
            writing->within = writing->within || (!begins && is_capital(word));
            writing->small = writing->small || !is_capital(word);
        }
        begins = is_word ? false : begins || byte_among(word.data[0], ".!?:\n");
    }
}

static struct writing writing_of(const struct pile *pile, const struct subject *subject, struct slice word)
{
    struct writing writing = {false, false};
    for (size_t i = 0; i < subject->document->count; i++)
        look_at(pile->passages[subject->document->first + i].text, word, &writing);
    return writing;
}

/* A name that the subject has and the other document does not say above the text. */
static bool has_own_word(const struct pile *pile, const struct subject *subject, const struct subject *other, bool is_name)
{
    bool found = false;
    for (size_t i = 0; i < subject->count && !found; i++) {
        const struct subject_word *word = &subject->words[i];
        if (!has_word(other, word->text))
            found = !is_name || (word->is_capital && writing_of(pile, subject, word->text).within);
    }
    return found;
}

static bool share_name(const struct pile *pile, const struct subject *a, const struct subject *b)
{
    bool found = false;
    for (size_t i = 0; i < a->count && !found; i++) {
        const struct subject_word *word = &a->words[i];
        if (!word->is_capital || !has_word(b, word->text))
            continue;
        const struct writing one = writing_of(pile, a, word->text), other = writing_of(pile, b, word->text);
        found = one.within || other.within || (!one.small && !other.small);
    }
    return found;
}

bool claims_of_two_subjects(const struct pile *pile, const struct claim *a, const struct claim *b)
{
    struct subject one, other;
    if (!is_of_pronoun(a) || !is_of_pronoun(b))
        return false;
    read_subject(pile, a, &one);
    read_subject(pile, b, &other);
    const bool are_own = has_own_word(pile, &one, &other, false) && has_own_word(pile, &other, &one, false);
    if (!are_own)
        return false;
    const bool are_named = a->language == LANGUAGE_ENGLISH && has_own_word(pile, &one, &other, true) &&
                           has_own_word(pile, &other, &one, true);
    return are_named || !share_name(pile, &one, &other);
}
