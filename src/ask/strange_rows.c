/* strange_rows.c - a row or a column that the question names and that its table does not have: another one is chosen then, for the rest of the question alone.
 *
 *   "minimum charge for chrome plating"        Process      | Minimum charge
 *                                              Zinc coating | 75 €               "chrome" stands nowhere, and means nothing that the row has
 *                                              Bead blasting| 30 €
 *
 * Words of the same meaning are nearer than those of one kind ("kid" and "child", "chrome" and "zinc"). */
#include "strange_rows.h"
#include "asked_words.h"
#include "line_parts.h"
#include "rival_words.h"
#include "span_parts.h"
#include "text/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STRANGE_MAX = 6, PLACES = 6, WORDS_MAX = 60, ROWS_LEAST = 3, WORD_LEAST = 3, STEM_BYTES = 4 };
#define SAME_MEANING 0.55 /* words that say the same are nearer than that */
#define OF_ONE_KIND 0.5 /* and names of places as near as that */

/* ---- words that no document has ---- */

static bool is_unknown(const struct asking *asking, struct slice term)
{
    const struct search_result *search = &asking->answer->search;
    for (size_t i = 0; i < search->word_count; i++)
        for (size_t j = 0; j < search->words[i].variant_count; j++)
            if (slice_equal(search->words[i].variants[j], term))
                return search->words[i].documents == 0;
    return false;
}

static bool is_like_any(struct slice word, struct slice text)
{
    struct text_words walk = {.text = text};
    struct slice other;
    while (word_next(&walk, &other))
        if (words_are_nearly_one(word, other))
            return true;
    return false;
}

static bool stands_nearly(struct asking *asking, const struct ask_passage *passage, struct slice word)
{
    if (is_like_any(word, text_above(asking, passage)))
        return true;
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (is_like_any(word, passage->sentences[i].text))
            return true;
    return false;
}

/* Words of the question that no document has, nor the passage in another spelling. */
static size_t strange_words(struct asking *asking, const struct ask_passage *passage, struct slice words[STRANGE_MAX])
{
    const struct slice question = asking->answer->asked;
    struct text_term found;
    size_t count = 0;
    analyzer_start(asking->analyzer, question, language_of(asking, question));
    while (analyzer_next(asking->analyzer, &found) && count < STRANGE_MAX) {
        struct slice word = slice_range(question, found.start, found.end);
        struct number date;
        bool is_date = span_date_at(question, found.start, true, &date); /* a row may have it within "Oct–Apr" */
        if (!is_date && word.size >= WORD_LEAST && !slice_ends_with(word, SLICE("ly")) && !span_has_digit(word) &&
            terms_have(&asking->question, found.term) && is_unknown(asking, found.term) &&
            !stands_nearly(asking, passage, word))
            words[count++] = word;
    }
    return count;
}

/* ---- the row ---- */

/* Words of the question that the row has outside of the cell that answers. */
static struct terms row_terms(struct asking *asking, const struct candidate *best, struct slice row, size_t column)
{
    struct line_part parts[CELLS_MAX];
    size_t count = line_row_parts(row, best->head, parts);
    struct terms all = {.items = arena_alloc(asking->arena, asking->question.count + 1, sizeof(struct slice))};
    for (size_t i = 0; i < count; i++) {
        struct terms cell = i != column ? rival_terms(asking, best->passage, parts[i].text) : (struct terms){0};
        for (size_t j = 0; j < asking->question.count; j++)
            if (terms_have(&cell, asking->question.items[j]) && !terms_have(&all, asking->question.items[j]))
                all.items[all.count++] = asking->question.items[j];
    }
    return all;
}

static size_t column_of(const struct candidate *best, struct slice row)
{
    struct line_part parts[CELLS_MAX];
    size_t count = line_row_parts(row, best->head, parts), column = 0;
    while (column < count &&
           !(best->text.data >= parts[column].text.data && best->text.data < parts[column].text.data + parts[column].text.size))
        column++;
    return column;
}

/* Others of the table have all the words that it has: nothing tells that it is meant. */
static bool is_unnamed(struct asking *asking, const struct candidate *best)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    struct slice row = passage->sentences[best->sentence].text;
    size_t column = column_of(best, row), rows = 1, alike = 0, first = best->sentence, end = best->sentence;
    const struct terms mine = row_terms(asking, best, row, column);
    if (column == 0)
        return false;
    while (first > 0 && line_has_bar(passage->sentences[first - 1].text))
        first--;
    while (end < passage->sentence_count && line_has_bar(passage->sentences[end].text))
        end++;
    for (size_t i = first; i < end; i++) {
        if (i == best->sentence || slice_equal(passage->sentences[i].text, best->head))
            continue;
        const struct terms other = row_terms(asking, best, passage->sentences[i].text, column);
        size_t shared = 0;
        for (size_t j = 0; j < mine.count; j++)
            shared += terms_have(&other, mine.items[j]);
        rows++;
        alike += shared == mine.count;
    }
    return rows >= ROWS_LEAST && alike > 0;
}

/* Digits and what parts them left out, both are the same: "£13" and "£15". */
static bool are_of_one_unit(struct slice a, struct slice b)
{
    static const char digits[] = "0123456789., ";
    size_t i = 0, j = 0;
    while (i < a.size || j < b.size) {
        if (i < a.size && byte_among(a.data[i], digits))
            i++;
        else if (j < b.size && byte_among(b.data[j], digits))
            j++;
        else if (i == a.size || j == b.size || a.data[i++] != b.data[j++])
            return false;
    }
    return span_has_digit(a) && span_has_digit(b);
}

/* Another column of such values is as little named as its own: "Adult" beside "Student", asked for retired people. */
static bool is_column_unnamed(struct asking *asking, const struct candidate *best)
{
    static const struct terms none = {0};
    struct line_part parts[CELLS_MAX];
    struct slice row = asking->passages[best->passage].sentences[best->sentence].text;
    size_t count = line_row_parts(row, best->head, parts), column = column_of(best, row);
    struct terms mine = column > 0 && column < count ? rival_terms(asking, best->passage, parts[column].head) : none;
    if (mine.count == 0 || rival_asked_beyond(asking, &mine, &none) > 0)
        return false;
    for (size_t i = 1; i < count; i++) {
        struct terms other = i != column ? rival_terms(asking, best->passage, parts[i].head) : none;
        if (other.count > 0 && rival_asked_beyond(asking, &other, &none) == 0 &&
            are_of_one_unit(parts[i].text, parts[column].text))
            return true;
    }
    return false;
}

/* ---- places ---- */

/* "delivery to hamburg", "in northern ireland": the word, or the one before it, stands behind what places stand behind. */
static bool is_whither(struct slice question, struct slice word)
{
    static const char before[] = "to|in|from|at|near|via|for";
    static const char
        kinds[] = "abroad|overseas|city|cities|town|towns|airport|airports|station|stations|island|islands|downtown|"
                  "beach|beaches|coast|north|south|east|west|northern|southern|eastern|western|europe|country|capital";
    struct span_word name = span_word_at(word, 0), one = span_word_before(question, (size_t)(word.data - question.data), NULL),
                     two = one.size > 0 ? span_word_before(question, one.start, NULL) : one;
    return !span_word_is(&name, kinds) &&
           (span_word_is(&one, before) || (!span_is_function_word(&one) && span_word_is(&two, before)));
}

/* "Norway", where "Norwegian" stands. */
static bool has_stem(struct slice text, struct slice word)
{
    struct text_words walk = {.text = text};
    struct slice other;
    while (word_next(&walk, &other)) {
        size_t same = 0;
        while (same < STEM_BYTES && same < other.size && byte_small(other.data[same]) == byte_small(word.data[same]))
            same++;
        if (same == STEM_BYTES || same == word.size)
            return true;
    }
    return false;
}

static bool is_stem_told(struct asking *asking, struct slice word)
{
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        bool is_told = has_stem(text_above(asking, passage), word);
        for (size_t j = 0; j < passage->sentence_count && !is_told; j++)
            is_told = has_stem(passage->sentences[j].text, word);
        if (is_told)
            return true;
    }
    return false;
}

/* ---- one of several ---- */

/* "platform │team│": the word behind it; empty: none of those. */
static struct slice several_behind(struct slice question, struct slice word)
{
    size_t end = (size_t)(word.data - question.data) + word.size, at = end + span_blank_at(question, end);
    struct slice kind = slice_range(question, at, span_letters_end(question, at));
    return at > end && has_several(kind) ? kind : SLICE("");
}

/* ---- meaning ---- */

/* Words, behind them places to know a place by, and what the row tells, or which of several are told of. */
struct meanings {
    struct slice texts[STRANGE_MAX + PLACES + WORDS_MAX];
    size_t words, count;
    const float *vectors;
    size_t dimensions;
};

static void list_row(struct meanings *meanings, struct slice text)
{
    struct text_words walk = {.text = text};
    struct slice word;
    while (meanings->count < ARRAY_COUNT(meanings->texts) && word_next(&walk, &word))
        if (word.size >= WORD_LEAST && !span_has_digit(word))
            meanings->texts[meanings->count++] = word;
}

/* "The │systems│ team" */
static void list_marks(struct meanings *meanings, struct slice text, struct slice kind)
{
    struct text_words walk = {.text = text};
    struct slice word, before = SLICE("");
    for (; meanings->count < ARRAY_COUNT(meanings->texts) && word_next(&walk, &word); before = word) {
        struct span_word mark = before.size > 0 ? span_word_at(before, 0) : (struct span_word){0};
        bool is_beside = mark.size > 0 && word.data == before.data + before.size + 1;
        if (is_beside && words_are_nearly_one(word, kind) && word.size + 1 >= kind.size && !span_is_function_word(&mark) &&
            !span_word_is(&mark, "our|your|my|their|this|that|each|every|any|all|no|whole|other|another|same"))
            meanings->texts[meanings->count++] = before;
    }
}

static void list_several(struct asking *asking, const struct ask_passage *passage, struct meanings *meanings)
{
    for (size_t i = 0; i < meanings->words; i++) {
        struct slice kind = several_behind(asking->answer->asked, meanings->texts[i]);
        if (kind.size == 0)
            continue;
        list_marks(meanings, text_above(asking, passage), kind);
        for (size_t j = 0; j < passage->sentence_count; j++)
            list_marks(meanings, passage->sentences[j].text, kind);
    }
}

/* Of the word and the nearest of the texts there. */
static double likeness(const struct meanings *meanings, size_t word, size_t from, size_t end)
{
    const float *own = meanings->vectors + word * meanings->dimensions;
    double nearest = 0;
    for (size_t i = from; i < end; i++) {
        const float *other = meanings->vectors + i * meanings->dimensions;
        double sum = 0;
        for (size_t d = 0; d < meanings->dimensions; d++)
            sum += (double)own[d] * (double)other[d];
        nearest = fmax(nearest, sum);
    }
    return nearest;
}

/* "a month pass for retired people": whom or what a column would be for. */
static bool is_beneficiary(struct slice question, struct slice word)
{
    struct span_word before = span_word_before(question, (size_t)(word.data - question.data), NULL);
    return span_word_is(&before, "for");
}

/* `rows`, `marks`: where these begin. `is_row`: the row is as little named as others are; else its column alone. */
static bool are_strange(struct asking *asking, const struct meanings *meanings, size_t rows, size_t marks, bool is_row)
{
    double nearest = 0;
    for (size_t i = 0; i < meanings->words; i++) {
        struct slice word = meanings->texts[i];
        bool is_place = likeness(meanings, i, meanings->words, rows) >= OF_ONE_KIND && !is_stem_told(asking, word);
        if (is_place && is_whither(asking->answer->asked, word))
            return true;
        bool is_one = several_behind(asking->answer->asked, word).size > 0 && marks < meanings->count;
        if (is_one && likeness(meanings, i, marks, meanings->count) < OF_ONE_KIND)
            return true;
        double of_row = likeness(meanings, i, rows, marks);
        if (!is_row && rows < marks && of_row < SAME_MEANING && is_beneficiary(asking->answer->asked, word))
            return true;
        nearest = fmax(nearest, of_row);
    }
    return is_row && nearest < SAME_MEANING;
}

bool named_is_strange(struct asking *asking, const struct candidate *best, bool *is_strange, struct error *error)
{
    static const char *const places[PLACES] = {"Berlin", "Paris", "London", "Scotland", "Sweden", "Chicago"};
    const struct ask_passage *passage = &asking->passages[best->passage];
    const bool is_cell = best->values[FEATURE_CELL] > 0 && best->head.size > 0, is_row = is_cell && is_unnamed(asking, best),
               is_column = is_cell && is_column_unnamed(asking, best);
    struct meanings meanings;
    float *vectors = NULL;
    *is_strange = false;
    if (!features_know_meaning(asking) || language_of(asking, asking->answer->asked) != LANGUAGE_ENGLISH ||
        text_language_indexed(text_language_named(passage->hit->language)) != LANGUAGE_ENGLISH)
        return true;
    meanings.words = meanings.count = strange_words(asking, passage, meanings.texts);
    if (meanings.words == 0)
        return true;
    for (size_t i = 0; i < PLACES; i++)
        meanings.texts[meanings.count++] = slice_from(places[i]);
    if (is_row || is_column) {
        list_row(&meanings, passage->sentences[best->sentence].text);
        list_row(&meanings, best->head);
    }
    const size_t marks = meanings.count;
    list_several(asking, passage, &meanings);
    bool is_any = is_row || is_column || marks < meanings.count;
    for (size_t i = 0; i < meanings.words && !is_any; i++)
        is_any = is_whither(asking->answer->asked, meanings.texts[i]);
    if (!is_any)
        return true;
    const struct passage_model model = embedder_for_passages(asking->request->embedder);
    if (!model.embed(model.context, meanings.texts, meanings.count, &vectors, &meanings.dimensions, error))
        return false;
    meanings.vectors = vectors;
    *is_strange = are_strange(asking, &meanings, meanings.words + PLACES, marks, is_row);
    free(vectors);
    return true;
}
