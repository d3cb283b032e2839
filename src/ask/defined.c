/* defined.c - what a term means, where a text says so in the way that contracts, norms and glossaries do.
 *
 *   “Superior Proposal” means a bona fide Proposal …        the sentence that begins to define it
 *   … who uses the Service (each, a “User”)                 the one that names what it has described
 *
 * What a person calls the definition stands in no such sentence: searched for is the term with "means". */
#include "defined.h"
#include "span_parts.h"
#include <string.h>

enum { TERM_BYTES_MAX = 80, BETWEEN_MAX = 48, BEFORE_MAX = 24 };

/* Of questions, in small letters: what stands before the term, and behind it. */
static const struct {
    const char *before, *behind; /* "": the end, or `places` */
} asking_forms[] = {
    {"definition of ", ""},       {"meaning of ", ""},     {"meant by ", ""},        {"mean by ", ""},
    {"what does ", " mean"},      {"how is ", " defined"}, {"how are ", " defined"}, {"what do ", " mean"},
    {"definition von ", ""},      {"was bedeutet ", ""},   {"was bedeuten ", ""},    {"wie ist ", " definiert"},
    {"was ist mit ", " gemeint"}, {"définition de ", ""},  {"définition du ", ""},   {"que signifie ", ""},
    {"definición de ", ""},       {"qué significa ", ""},  {"que significa ", ""},   {"cosa significa ", ""},
    {"definizione di ", ""},
};
/* Where it is meant so: none of the term. */
static const char places[] = "in|under|within|here|im|dans|en|according|for";
/* Behind "mean": what follows from something is asked then, "What does the warranty mean for returns?" */
static const char concerned[] = "for|to";
static const char
    articles[] = "the|a|an|term|terms|word|der|die|das|ein|eine|begriff|le|la|les|un|une|terme|el|los|término|il|lo";
static const char
    verbs[] = "means|mean|refers|refer|denotes|denote|bedeutet|bezeichnet|désigne|désignent|signifie|significa|indica";

/* The place of a text in small letters of ASCII in another one from `from` on, or SIZE_MAX. */
static size_t find_small(struct slice text, size_t from, const char *wanted)
{
    size_t size = strlen(wanted);
    for (size_t i = from; size > 0 && i + size <= text.size; i++) {
        size_t same = 0;
        while (same < size && byte_small(text.data[i + same]) == wanted[same])
            same++;
        if (same == size && (i == 0 || wanted[0] == ' ' || !span_letter_before(text, i)))
            return i;
    }
    return SIZE_MAX;
}

static size_t mark_at(struct slice text, size_t at)
{
    static const char marks[] = "\"|'|“|”|„|« |«|»| »|‘|’|*|_";
    return span_one_at(text, at, marks);
}

/* A term in quotation marks is what stands in them. */
static struct slice quoted(struct slice text)
{
    size_t start = 0, mark;
    if ((mark = mark_at(text, 0)) == 0)
        return text;
    start = mark;
    for (size_t i = start; i < text.size; i++)
        if (mark_at(text, i) > 0 && !span_letter_at(text, i + mark_at(text, i)))
            return slice_range(text, start, i);
    return text;
}

static struct slice without_articles(struct slice text)
{
    for (struct span_word word = span_word_at(text, 0); word.size > 0 && span_word_is(&word, articles) && word.end < text.size;
         word = span_word_at(text, 0))
        text = slice_trim(slice_range(text, word.end, text.size));
    return text;
}

/* Up to where the question says where it is meant so, and its mark. */
static struct slice without_place(struct slice text)
{
    while (text.size > 0 && byte_among(text.data[text.size - 1], "?!. "))
        text.size--;
    for (size_t i = 1; i < text.size; i++) {
        struct span_word word = span_word_at(text, i);
        if (text.data[i - 1] == ' ' && word.size > 0 && span_word_is(&word, places))
            return slice_trim(slice_range(text, 0, i));
    }
    return text;
}

/* "What does it mean when …?" asks for no term. */
static bool is_pronoun(struct slice term)
{
    struct span_word word = span_word_at(term, 0);
    return word.end == term.size &&
           span_word_is(&word, "it|this|that|they|these|those|he|she|you|we|i|people|es|das|dies|ça|cela|eso|ciò");
}

/* "the `grace_days` setting": the name alone; else empty. */
static struct slice without_kind(struct slice term)
{
    static const char kinds[] = "flag|setting|option|parameter|field|column|value|variable|status|state|code|abbreviation|"
                                "acronym|symbol|key|argument|switch|label|tag|einstellung|feld|spalte|wert|kürzel";
    struct span_word last = span_word_before(term, term.size, NULL);
    return last.size > 0 && last.start > 1 && last.end == term.size && span_word_is(&last, kinds)
               ? slice_trim(slice_range(term, 0, last.start))
               : SLICE("");
}

struct slice definition_asked(struct slice question)
{
    for (size_t i = 0; i < ARRAY_COUNT(asking_forms); i++) {
        size_t before = find_small(question, 0, asking_forms[i].before);
        if (before == SIZE_MAX)
            continue;
        size_t start = before + strlen(asking_forms[i].before), end = question.size;
        if (asking_forms[i].behind[0] != '\0' && (end = find_small(question, start, asking_forms[i].behind)) == SIZE_MAX)
            continue;
        struct span_word next = span_word_at(
            slice_trim(slice_range(question, end + strlen(asking_forms[i].behind), question.size)), 0);
        if (asking_forms[i].behind[0] != '\0' && next.size > 0 && span_word_is(&next, concerned))
            continue;
        struct slice term = without_articles(slice_trim(slice_range(question, start, end)));
        term = mark_at(term, 0) > 0 ? quoted(term) : without_place(term);
        if (term.size > 1 && term.size <= TERM_BYTES_MAX && !is_pronoun(term))
            return term;
    }
    return SLICE("");
}

/* ---- the sentence ---- */

/* Behind the term and its closing mark: "means", perhaps after "of any Person," or "shall". */
static bool defines_behind(struct slice sentence, size_t end)
{
    size_t stop = end + BETWEEN_MAX < sentence.size ? end + BETWEEN_MAX : sentence.size;
    for (size_t i = end; i < stop; i++) {
        struct span_word word = span_word_at(sentence, i);
        if (word.size == 0)
            continue;
        if (span_word_is(&word, verbs) || span_starts(sentence, i, "has the meaning") ||
            span_starts(sentence, i, "have the meaning") || span_starts(sentence, i, "is defined as") ||
            span_starts(sentence, i, "are defined as"))
            return true;
        i = word.end - 1;
    }
    return false;
}

/* Where the quotation marks that the term ends in begin: “Company Material Adverse Effect”, asked for “Material Adverse Effect”; SIZE_MAX: it stands in none. */
static size_t mark_before(struct slice sentence, size_t at)
{
    for (size_t i = at; i > 0 && at - i <= BEFORE_MAX; i--) {
        size_t mark = mark_at(sentence, i - 1);
        if (mark > 0 && i - 1 + mark <= at)
            return i - 1;
        if (byte_among(sentence.data[i - 1], ",;()"))
            break;
    }
    return SIZE_MAX;
}

static const char term_before[] = "the term ";

/* "…, also known as the │": behind it stands the term. */
static bool is_called(struct slice sentence, size_t at)
{
    struct span_word word = span_word_before(sentence, at, NULL), before;
    if (span_word_is(&word, articles))
        word = span_word_before(sentence, word.start, NULL);
    before = span_word_before(sentence, word.start, NULL);
    return span_word_is(&word, "called|termed|genannt") ||
           (span_word_is(&word, "as|als") && span_word_is(&before, "known|bekannt"));
}

enum telling { TELLS_NOT, TELLS_NAMED, TELLS_LONGER, TELLS_DEFINED };

/* `*start`: where the definition begins; others may stand before it. */
static enum telling telling_of(struct slice sentence, struct slice term, size_t *start)
{
    enum telling best = TELLS_NOT;
    for (size_t at = 0; at + term.size <= sentence.size; at++) {
        if (!span_term_at(sentence, at, term))
            continue;
        size_t end = at + term.size, mark = mark_at(sentence, end), open = mark > 0 ? mark_before(sentence, at) : SIZE_MAX;
        bool is_whole = open != SIZE_MAX && open + mark_at(sentence, open) == at;
        bool is_bare = at == 0 || (at >= strlen(term_before) &&
                                   find_small(sentence, at - strlen(term_before), term_before) == at - strlen(term_before));
        bool defines = defines_behind(sentence, end + mark);
        if (defines && (is_whole || is_bare || open != SIZE_MAX))
            *start = is_whole || !is_bare ? open : 0;
        if (defines && (is_whole || is_bare))
            return TELLS_DEFINED;
        if (defines && open != SIZE_MAX)
            best = TELLS_LONGER;
        else if (best == TELLS_NOT && ((is_whole && at > BETWEEN_MAX && span_starts(sentence, end + mark, ")")) ||
                                       is_called(sentence, open != SIZE_MAX ? open : at)))
            best = TELLS_NAMED;
    }
    return best;
}

static bool defines_term(struct asking *asking, struct slice term, struct candidate *item)
{
    enum telling best = TELLS_NOT;
    for (size_t i = 0; i < asking->passage_count && term.size > 0; i++)
        for (size_t j = 0; j < asking->passages[i].sentence_count; j++) {
            const struct ask_sentence *sentence = &asking->passages[i].sentences[j];
            size_t start = 0;
            enum telling telling = sentence->is_order ? TELLS_NOT : telling_of(sentence->text, term, &start);
            if (telling <= best)
                continue;
            best = telling;
            *item = (struct candidate){.passage = i, .sentence = j, .last = j};
            item->text = slice_range(sentence->text, start, sentence->text.size);
            item->values[FEATURE_WHOLE] = 1;
        }
    return best != TELLS_NOT;
}

bool definition_answers(struct asking *asking, struct candidate *item)
{
    struct slice term = definition_asked(asking->answer->asked);
    return defines_term(asking, term, item) || defines_term(asking, without_kind(term), item);
}
