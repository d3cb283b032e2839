/* other_leads.c - paragraphs of a section are each about what they begin with.
 *
 *   "Who teaches starting with bees?"      **Starting with bees** runs over two Saturdays in March.
 *
 *                                          **Queen rearing** is one Sunday at the end of May. Taught by Petra Lund.
 *
 * Two words of the question at the beginning make a paragraph the one that is meant; one word alone stands at many beginnings. */
#include "other_leads.h"
#include "line_parts.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum { LEAD_WORDS = 5, NAMED_LEAST = 2 };

/* A blank line is before it, or it begins its own line with a key: "Kids' club: Wednesdays 2 to 4 pm". */
static bool begins_paragraph(const struct ask_passage *passage, size_t sentence)
{
    if (sentence == 0)
        return true;
    struct slice before = passage->sentences[sentence - 1].text, text = passage->sentences[sentence].text, key, value;
    size_t lines = 0;
    for (const char *at = before.data + before.size; at < text.data; at++)
        lines += *at == '\n';
    return lines > 1 || (lines == 1 && line_split(text, &key, &value));
}

static size_t paragraph_first(const struct ask_passage *passage, size_t sentence)
{
    while (!begins_paragraph(passage, sentence))
        sentence--;
    return sentence;
}

static size_t paragraph_end(const struct ask_passage *passage, size_t sentence)
{
    for (sentence++; sentence < passage->sentence_count && !begins_paragraph(passage, sentence);)
        sentence++;
    return sentence;
}

/* The first words of it, articles left out. */
static struct slice beginning(struct slice text)
{
    static const char articles[] = "the|a|an|der|die|das|ein|eine|le|la|les|l|un|une|el|los|las|una|il|lo|i|gli|de|het|een|our|"
                                   "your|any|all|for|each|every";
    struct text_words walk = {.text = text};
    struct slice word, begun = {text.data, 0};
    size_t count = 0;
    bool is_word;
    while (count < LEAD_WORDS && text_words_next(&walk, &word, &is_word)) {
        struct span_word read = span_word_at(word, 0);
        if (is_word && !(count == 0 && span_word_is(&read, articles)))
            count++;
        begun.size = (size_t)(word.data + word.size - text.data);
    }
    return begun;
}

/* Words of the question there that the headings do not have. */
static struct terms named_in(struct asking *asking, const struct ask_passage *passage, struct slice text)
{
    const struct terms there = terms_of(asking, text, text_language_indexed(text_language_named(passage->hit->language)));
    struct terms named = {.items = arena_alloc(asking->arena, asking->question.count + 1, sizeof(struct slice))};
    for (size_t i = 0; i < asking->question.count; i++)
        if (terms_have(&there, asking->question.items[i]) && !terms_have(&passage->above, asking->question.items[i]))
            named.items[named.count++] = asking->question.items[i];
    return named;
}

struct leads leads_find(struct asking *asking)
{
    struct leads leads = {0};
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        for (size_t first = 0, end; first < passage->sentence_count && leads.count < LEADS_MAX; first = end) {
            struct slice text = passage->sentences[first].text;
            end = paragraph_end(passage, first);
            const struct terms named = line_has_bar(text) || line_is_question(text)
                                           ? (struct terms){0}
                                           : named_in(asking, passage, beginning(text));
            if (named.count >= NAMED_LEAST)
                leads.items[leads.count++] = (struct lead){.passage = i, .first = first, .end = end, .named = named};
        }
    }
    return leads;
}

/* All of them stand in the paragraph. */
static bool has_all(const struct ask_passage *passage, size_t first, size_t end, const struct terms *named)
{
    for (size_t i = 0; i < named->count; i++) {
        bool is_there = false;
        for (size_t j = first; j < end && !is_there; j++)
            is_there = terms_have(&passage->sentences[j].terms, named->items[i]);
        if (!is_there)
            return false;
    }
    return true;
}

static bool are_of_one_section(struct asking *asking, const struct ask_passage *a, const struct ask_passage *b)
{
    return slice_equal(a->hit->path, b->hit->path) && slice_equal(text_above(asking, a), text_above(asking, b));
}

enum lead_telling lead_told(struct asking *asking, const struct leads *leads, size_t passage, size_t sentence)
{
    const struct ask_passage *place = &asking->passages[passage];
    size_t first = paragraph_first(place, sentence), end = paragraph_end(place, sentence);
    enum lead_telling told = LEAD_UNTOLD;
    if (line_has_bar(place->sentences[sentence].text))
        return LEAD_UNTOLD;
    for (size_t i = 0; i < leads->count; i++) {
        const struct lead *lead = &leads->items[i];
        if (lead->passage == passage && sentence >= lead->first && sentence < lead->end)
            return LEAD_TOLD;
        if (has_all(place, first, end, &lead->named))
            return LEAD_UNTOLD;
        if (are_of_one_section(asking, place, &asking->passages[lead->passage]))
            told = LEAD_ANOTHER;
    }
    bool is_own = told == LEAD_ANOTHER && named_in(asking, place, beginning(place->sentences[first].text)).count > 0;
    return is_own ? LEAD_UNTOLD : told;
}
