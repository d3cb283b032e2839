/* ask_passages.c - passages as sentences, sentences as words.
 *
 * A line that is full goes on in the next one; other line ends (items, rows of tables) end a sentence. */
#include "ask_parts.h"
#include "asked_days.h"
#include "rival_words.h"
#include "span_parts.h"
#include <string.h>

enum { FULL_LINE = 50, SENTENCES_MAX = 400, ROW_BYTES = 1500 };

static bool in_language(enum text_language language, struct slice term)
{
    return text_is_function_word(term, language) ||
           (language != LANGUAGE_ENGLISH && text_is_function_word(term, LANGUAGE_ENGLISH));
}

enum text_language language_of(const struct asking *asking, struct slice text)
{
    enum text_language language = text_language_of(text);
    const struct search_result *search = &asking->answer->search;
    if (language == LANGUAGE_UNKNOWN && search->count > 0)
        language = text_language_named(search->hits[0].language);
    return text_language_indexed(language);
}

bool terms_have(const struct terms *terms, struct slice term)
{
    for (size_t i = 0; i < terms->count; i++)
        if (slice_equal(terms->items[i], term))
            return true;
    return false;
}

bool terms_have_all(const struct terms *terms, const struct terms *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (!terms_have(terms, wanted->items[i]))
            return false;
    return wanted->count > 0;
}

bool passage_has(const struct ask_passage *passage, struct slice term)
{
    bool has = terms_have(&passage->above, term);
    for (size_t i = 0; i < passage->sentence_count && !has; i++)
        has = terms_have(&passage->sentences[i].terms, term);
    return has;
}

/* As heads of columns have them: "Max" is what a question calls the maximum. In minutes "min" stands behind a number, or is not in the question. */
static struct slice spelled_out(struct slice term, bool is_behind_number)
{
    static const struct {
        const char *shorter, *term;
    } words[] = {{"max", "maximum"}, {"min", "minimum"},  {"typ", "typic"},
                 {"avg", "averag"},  {"qti", "quantiti"}, {"qty", "quantiti"}};
    for (size_t i = 0; i < ARRAY_COUNT(words) && !is_behind_number; i++)
        if (slice_equal_text(term, words[i].shorter))
            return slice_from(words[i].term);
    return term;
}

/* "was", "combien": what asks says nothing of what is asked about. English has such words among its short ones. */
static bool asks(enum text_language language, struct slice term)
{
    static const struct {
        enum text_language language;
        const char *words;
    } asking[] = {
        {LANGUAGE_GERMAN,
         "wann|wer|wem|wen|wessen|was|wo|woher|wohin|welche|welcher|welches|welchen|welchem|wieviel|warum|wieso|"
         "weshalb|wofür|womit"},
        {LANGUAGE_FRENCH, "combien|quel|quelle|quels|quelles|quand|comment|pourquoi|quoi"},
        {LANGUAGE_SPANISH, "cuánto|cuánta|cuántos|cuántas|cuál|cuáles|quién|quiénes|qué|dónde|cuándo|cómo"},
        {LANGUAGE_ITALIAN, "quanto|quanta|quanti|quante|quali|qual|chi|cosa|quando"},
        {LANGUAGE_PORTUGUESE, "quanto|quanta|quantos|quantas|qual|quais|quem|onde|quando|como"},
        {LANGUAGE_DUTCH, "wat|wie|welke|welk|wanneer|hoe|hoeveel|waarom"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(asking); i++)
        if (asking[i].language == language && span_is_one_of(asking[i].words, term))
            return true;
    return false;
}

/* "wie │ hoch", "hoe │ lang" */
static bool asks_how(enum text_language language, struct slice before, struct slice term)
{
    static const char german[] = "hoch|viel|viele|vielen|lange|lang|oft|groß|weit|spät|teuer|schwer",
                      dutch[] = "hoog|veel|lang|vaak|groot|ver|laat|duur|zwaar";
    return (language == LANGUAGE_GERMAN && slice_equal_text(before, "wie") && span_is_one_of(german, term)) ||
           (language == LANGUAGE_DUTCH && slice_equal_text(before, "hoe") && span_is_one_of(dutch, term));
}

/* The short words are known unstemmed: their places are looked up first. */
static struct terms terms_in(struct asking *asking, struct slice text, enum text_language language, bool is_question)
{
    struct terms terms = {0};
    struct text_term term;
    struct map short_places;
    size_t capacity = 0;
    map_init(&short_places, UINT32_MAX / 4);
    analyzer_start(asking->analyzer, text, LANGUAGE_UNKNOWN);
    struct slice before = SLICE("");
    while (analyzer_next(asking->analyzer, &term)) {
        bool is_asking = is_question && (asks(language, term.term) || asks_how(language, before, term.term));
        if (is_asking || in_language(language, term.term))
            map_put(&short_places, (struct slice){(const char *)&term.start, sizeof(term.start)}, NULL);
        before = slice_range(text, term.start, term.end);
    }
    analyzer_start(asking->analyzer, text, language);
    for (bool is_behind_number = false; analyzer_next(asking->analyzer, &term);) {
        struct slice word = spelled_out(term.term, is_behind_number);
        is_behind_number = term.term.data[0] >= '0' && term.term.data[0] <= '9';
        if (map_get(&short_places, (struct slice){(const char *)&term.start, sizeof(term.start)}) != NULL ||
            terms_have(&terms, word))
            continue;
        terms.items = arena_more(asking->arena, terms.items, terms.count, &capacity, sizeof(*terms.items));
        terms.items[terms.count++] = arena_slice(asking->arena, word);
    }
    map_release(&short_places);
    return terms;
}

struct terms terms_of(struct asking *asking, struct slice text, enum text_language language)
{
    return terms_in(asking, text, language, false);
}

struct terms question_terms(struct asking *asking, struct slice question, enum text_language language)
{
    struct terms terms = terms_in(asking, question, language, true);
    return terms.count > 0 ? terms : terms_of(asking, question, language);
}

static bool goes_on(char before, char behind)
{
    bool small = (behind >= 'a' && behind <= 'z') || (behind >= '0' && behind <= '9') || behind == '(';
    return small && !byte_among(before, ".!?:;|");
}

/* A copy in which lines that go on are one; a row of a table never does. */
static struct slice join_lines(struct arena *arena, struct slice text)
{
    char *copy = arena_text(arena, text);
    for (size_t i = 0, line = 0; i < text.size; i++) {
        if (copy[i] != '\n')
            continue;
        bool is_row = memchr(copy + line, '|', i - line) != NULL;
        if (!is_row && i - line >= FULL_LINE && i + 1 < text.size && goes_on(copy[i - 1], copy[i + 1]))
            copy[i] = ' ';
        line = i + 1;
    }
    return (struct slice){copy, text.size};
}

/* The next sentence; a row of a table is one, whatever stops stand in its cells ("Ext. | Bleep"). */
static bool next_part(struct text_sentences *walk, struct slice *part)
{
    size_t start = walk->at;
    if (!text_sentences_next(walk, part))
        return false;
    struct slice text = walk->text;
    while (start > 0 && text.data[start - 1] != '\n')
        start--;
    size_t end = walk->at;
    while (end < text.size && text.data[end - 1] != '\n')
        end++;
    bool is_row = end > walk->at && end - start <= ROW_BYTES && memmem(text.data + start, end - start, " | ", 3) != NULL;
    if (is_row) {
        part->size += end - walk->at;
        walk->at = end;
    }
    return true;
}

/* "Sat | 9–12" tells of Saturday, and "Mon–Wed" of Tuesday. */
static struct terms terms_with_days(struct asking *asking, struct slice sentence, enum text_language language)
{
    struct terms terms = terms_of(asking, sentence, language);
    struct slice days = days_leading(asking->arena, sentence, language);
    if (days.size == 0)
        return terms;
    const struct terms more = terms_of(asking, days, language);
    return terms_joined(asking, &terms, &more);
}

static void read_passage(struct asking *asking, struct ask_passage *passage)
{
    struct text_sentences walk = {.text = join_lines(asking->arena, passage->hit->passage.text)};
    enum text_language language = text_language_indexed(text_language_named(passage->hit->language));
    struct slice sentence;
    size_t capacity = 0;
    while (passage->sentence_count < SENTENCES_MAX && next_part(&walk, &sentence)) {
        sentence = slice_trim(sentence);
        if (sentence.size == 0)
            continue;
        if (passage->sentence_count == 0)
            passage->first_at = (size_t)(sentence.data - walk.text.data);
        passage->sentences = arena_more(asking->arena, passage->sentences, passage->sentence_count, &capacity,
                                        sizeof(*passage->sentences));
        passage->sentences[passage->sentence_count++] = (struct ask_sentence){
            .text = sentence, .terms = terms_with_days(asking, sentence, language)};
    }
    orders_mark(passage->sentences, passage->sentence_count);
    passage->read_size = walk.at;
    passage->above = terms_of(asking, text_above(asking, passage), language);
    for (size_t i = 0; i < passage->sentence_count; i++) {
        passage->has_order = passage->has_order || passage->sentences[i].is_order;
        passage->has_likely_order = passage->has_likely_order || passage->sentences[i].is_likely_order;
        passage->has_sure_order = passage->has_sure_order || passage->sentences[i].is_sure_order;
    }
}

/* Of the edition that the question names, the file's name: "Rules_2019.pdf" tells of 2019 what it tells. */
static struct slice edition_name(struct asking *asking, const struct search_hit *hit)
{
    struct slice name = hit->path;
    size_t at;
    if (!hit->edition.is_asked)
        return SLICE("");
    while (slice_find(name, '/', &at))
        name = slice_range(name, at + 1, name.size);
    char *text = arena_text(asking->arena, name);
    for (size_t i = 0; i < name.size; i++)
        if (byte_among(text[i], "_.-"))
            text[i] = ' ';
    return slice_from(text);
}

struct slice text_above(struct asking *asking, const struct ask_passage *passage)
{
    struct slice headings = passage->hit->passage.headings, name = edition_name(asking, passage->hit);
    char *text = arena_format(asking->arena, SLICE_FORMAT "%s" SLICE_FORMAT "\n" SLICE_FORMAT, SLICE_ARGUMENT(name),
                              name.size > 0 ? "\n" : "", SLICE_ARGUMENT(passage->hit->title), SLICE_ARGUMENT(headings));
    for (char *at = text; *at != '\0'; at++)
        if (*at == STORE_HEADING_SEPARATOR)
            *at = '\n';
    return slice_from(text);
}

void passages_read(struct asking *asking, struct ask_passage *passages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        read_passage(asking, &passages[i]);
}
