/* grounding.c - do an answer's sentences stand in its sources? By the words that say something, as an index has them (stemmed), by numbers, and
 * by names: words with a capital letter that do not begin their sentence.
 *
 * A sentence is supported when one source has six in ten of its words, and every number and name of it stands in some source. That finds what was
 * invented; what was turned round ("is not covered") it cannot see. */
#include "grade.h"
#include <math.h>
#include <stdlib.h>

enum { SUPPORTED_OF_TEN = 6, TERMS_MAX = 1 << 20 };

struct grounded {
    struct analyzer *analyzer;
    struct map *sources; /* terms of each */
    size_t source_count;
    const struct slice *texts;
    enum text_language language;
};

static bool says_something(struct slice word, struct slice term, enum text_language language)
{
    struct slice bare = term;
    char folded[64];
    if (word.size >= sizeof(folded))
        return true;
    for (size_t i = 0; i < word.size; i++)
        folded[i] = (char)(word.data[i] >= 'A' && word.data[i] <= 'Z' ? word.data[i] | 0x20 : word.data[i]);
    return bare.size > 1 && !text_is_function_word((struct slice){folded, word.size}, language);
}

static void take_words(struct grounded *grounded, struct slice text, struct map *words)
{
    struct text_term term;
    analyzer_start(grounded->analyzer, text, grounded->language);
    while (analyzer_next(grounded->analyzer, &term))
        map_put(words, term.term, NULL);
}

/* Capital letters of ASCII and of what UTF-8 begins with C3 80 to C3 9E (À to Þ). */
static bool is_name(struct slice text, const struct text_term *term, bool is_first)
{
    unsigned char byte = (unsigned char)text.data[term->start];
    unsigned char next = term->start + 1 < term->end ? (unsigned char)text.data[term->start + 1] : 0;
    bool is_capital = (byte >= 'A' && byte <= 'Z') || (byte == 0xC3 && next >= 0x80 && next <= 0x9E);
    return is_capital && !is_first && term->end - term->start > 1;
}

static bool in_any(const struct grounded *grounded, struct slice term)
{
    for (size_t i = 0; i < grounded->source_count; i++)
        if (map_get(&grounded->sources[i], term) != NULL)
            return true;
    return false;
}

static void count_words(struct grounded *grounded, struct grade_sentence *sentence)
{
    size_t *found = memory_alloc(grounded->source_count + 1, sizeof(*found)), last_start = SIZE_MAX;
    struct text_term term;
    bool is_first = true;
    analyzer_start(grounded->analyzer, sentence->text, grounded->language);
    while (analyzer_next(grounded->analyzer, &term)) {
        struct slice word = slice_range(sentence->text, term.start, term.end);
        bool has_digit = false;
        for (size_t i = 0; i < word.size; i++)
            has_digit = has_digit || (word.data[i] >= '0' && word.data[i] <= '9');
        if (term.start == last_start)
            continue; /* another form of the same word */
        last_start = term.start;
        if (is_name(sentence->text, &term, is_first)) {
            sentence->names++;
            sentence->names_found += in_any(grounded, term.term);
        }
        is_first = false;
        if (has_digit || !says_something(word, term.term, grounded->language))
            continue; /* numbers are looked at on their own */
        sentence->words++;
        for (size_t i = 0; i < grounded->source_count; i++)
            found[i] += map_get(&grounded->sources[i], term.term) != NULL;
    }
    for (size_t i = 0; i < grounded->source_count; i++)
        sentence->words_found = found[i] > sentence->words_found ? found[i] : sentence->words_found;
    free(found);
}

static bool same_number(const struct quantity *a, const struct quantity *b)
{
    return a->unit == b->unit && fabs(a->value - b->value) <= 1e-9 * fabs(b->value);
}

static void count_numbers(const struct grounded *grounded, struct grade_sentence *sentence)
{
    struct quantity wanted, there;
    for (size_t at = 0; quantity_next(sentence->text, &at, &wanted);) {
        bool found = false;
        for (size_t i = 0; i < grounded->source_count && !found; i++)
            for (size_t in = 0; !found && quantity_next(grounded->texts[i], &in, &there);)
                found = same_number(&wanted, &there);
        sentence->numbers++;
        sentence->numbers_found += found;
    }
}

static void read_sentences(struct grounded *grounded, struct slice answer, struct arena *arena,
                           struct grade_grounding *grounding)
{
    struct text_sentences walk = {.text = answer};
    struct slice text;
    size_t capacity = 0;
    while (text_sentences_next(&walk, &text)) {
        struct grade_sentence sentence = {.text = slice_trim(text)};
        count_words(grounded, &sentence);
        count_numbers(grounded, &sentence);
        if (sentence.words + sentence.numbers + sentence.names == 0)
            continue;
        sentence.is_supported = 10 * sentence.words_found >= SUPPORTED_OF_TEN * sentence.words &&
                                sentence.numbers_found == sentence.numbers && sentence.names_found == sentence.names;
        grounding->sentences = arena_more(arena, grounding->sentences, grounding->count, &capacity,
                                          sizeof(*grounding->sentences));
        grounding->sentences[grounding->count++] = sentence;
        grounding->supported += sentence.is_supported;
    }
}

void grade_grounding(struct slice answer, const struct slice *sources, size_t source_count, struct arena *arena,
                     struct grade_grounding *grounding)
{
    struct grounded grounded = {.analyzer = analyzer_create(),
                                .sources = memory_alloc(source_count + 1, sizeof(*grounded.sources)),
                                .source_count = source_count,
                                .texts = sources,
                                .language = text_language_of(answer)};
    *grounding = (struct grade_grounding){0};
    if (grounded.language == LANGUAGE_UNKNOWN && source_count > 0)
        grounded.language = text_language_of(sources[0]); /* answers are short */
    for (size_t i = 0; i < source_count; i++) {
        map_init(&grounded.sources[i], TERMS_MAX);
        take_words(&grounded, sources[i], &grounded.sources[i]);
    }
    read_sentences(&grounded, answer, arena, grounding);
    grounding->share = grounding->count > 0 ? (double)grounding->supported / (double)grounding->count : 1;
    for (size_t i = 0; i < source_count; i++)
        map_release(&grounded.sources[i]);
    free(grounded.sources);
    analyzer_free(grounded.analyzer);
}
