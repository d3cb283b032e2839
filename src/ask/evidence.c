/* evidence.c - what speaks for an answer being there, and what against: how much of the question its place tells, what the reader and the vectors say.
 *
 * Shares of words are by how rare each is in the project, so that they mean the same in a small one and a large one; a score by words is taken as a share of
 * the highest that the question could have. People put other words for what a document says: a word that the passage lacks counts by the nearest one there. */
#include "evidence.h"
#include "asked_names.h"
#include "asked_words.h"
#include "line_parts.h"
#include "outer_times.h"
#include "passage_lines.h"
#include "physicals.h"
#include "priced_thing.h"
#include "ranges.h"
#include "span_parts.h"
#include "text/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 24, NEAR_MAX = 160, WORD_BYTES = 40, WORD_LEAST = 3 };
#define RARE_LEAST 0.3 /* of the weight that a word may have: a commoner one is what all is about */
#define NEAR_LEAST 0.4 /* what calls a thing otherwise is nearer than that */
#define NEAR_FROM 0.3 /* two words that have nothing to do with one another are as near as that */

/* A word of the question. */
struct asked {
    struct slice term, shown; /* stemmed, and as it stands there */
    double weight;
    bool is_unknown;
    bool is_shown; /* what it says is told in its own way: "last" by a list of times */
    double in_line, in_passage; /* 1: it is there; else how near the nearest one is */
};

struct weighing {
    struct asking *asking;
    const struct candidate *best;
    const struct ask_passage *passage;
    struct asked words[WORDS_MAX];
    size_t count;
    double all, most; /* sum of the weights, and the most that a word may have */
    double *values;
};

/* ---- the question's words ---- */

const struct search_word *search_word_of(const struct search_result *search, struct slice term)
{
    for (size_t i = 0; i < search->word_count; i++)
        for (size_t j = 0; j < search->words[i].variant_count; j++)
            if (slice_equal(search->words[i].variants[j], term))
                return &search->words[i];
    return NULL;
}

static struct slice shown_as(struct asking *asking, struct slice term)
{
    struct slice question = asking->answer->asked;
    struct text_term found;
    analyzer_start(asking->analyzer, question, language_of(asking, question));
    while (analyzer_next(asking->analyzer, &found))
        if (slice_equal(found.term, term))
            return slice_range(question, found.start, found.end);
    return term;
}

/* "How long": the word tells the kind, and where likeness of meaning is not known, "thirty days" has nothing of it. */
static bool follows_how(struct slice question, struct slice shown)
{
    size_t at = shown.data >= question.data && shown.data <= question.data + question.size
                    ? (size_t)(shown.data - question.data)
                    : 0;
    while (at > 0 && question.data[at - 1] == ' ')
        at--;
    while (at > 0 && (question.data[at - 1] | 0x20) >= 'a' && (question.data[at - 1] | 0x20) <= 'z')
        at--;
    struct span_word word = span_word_at(question, at);
    return word.size > 0 && span_word_is(&word, "how|wie|hoe|hur");
}

/* "What does it cost?": the word tells the kind, which an amount of money answers whether the word stands beside it or not. */
static bool tells_price(struct slice shown)
{
    static const char
        words[] = "cost|costs|price|fee|charge|charged|pay|much|kostet|kosten|preis|gebühr|coûte|coûtent|prix|tarif|"
                  "cuesta|cuestan|precio|costa|costano|prezzo|kost|custa|custam|preço";
    struct span_word word = span_word_at(shown, 0);
    return word.end == shown.size && span_word_is(&word, words);
}

static void list_words(struct weighing *weighing)
{
    struct asking *asking = weighing->asking;
    const struct search_result *search = &asking->answer->search;
    const bool is_money = span_asked(asking->answer->asked) == SPAN_MONEY && span_tells_money(weighing->best->text);
    const struct candidate *best = weighing->best;
    const struct slice line = weighing->passage->sentences[best->sentence].text;
    weighing->most = log(1 + ((double)search->searched + 0.5) / 0.5);
    for (size_t i = 0; i < asking->question.count && weighing->count < WORDS_MAX; i++) {
        struct slice term = asking->question.items[i];
        const struct search_word *word = search_word_of(search, term);
        struct slice shown = shown_as(asking, term);
        if ((!features_know_meaning(asking) && follows_how(asking->answer->asked, shown)) || (is_money && tells_price(shown)))
            continue;
        struct asked *asked = &weighing->words[weighing->count++];
        *asked = (struct asked){.term = term, .shown = shown, .weight = weighing->most};
        asked->is_shown = time_tells_outermost(asking->answer->asked, shown, line, best->text);
        if (word != NULL) {
            asked->weight = word->idf > 0 ? word->idf : 0;
            asked->is_unknown = word->documents == 0 && !asked->is_shown;
        }
        weighing->all += asked->weight;
    }
}

/* ---- where they are ---- */

static bool line_has(const struct weighing *weighing, struct slice term)
{
    const struct ask_passage *passage = weighing->passage;
    bool has = terms_have(&passage->above, term);
    for (size_t i = weighing->best->sentence; i <= weighing->best->last && !has; i++)
        has = terms_have(&passage->sentences[i].terms, term);
    return has;
}

static void find_words(struct weighing *weighing)
{
    const struct asking *asking = weighing->asking;
    double unknown = 0, found = 0, in_line = 0, in_passage = 0, rarest = 0;
    for (size_t i = 0; i < weighing->count; i++) {
        struct asked *word = &weighing->words[i];
        bool is_found = false;
        for (size_t j = 0; j < asking->passage_count && !is_found; j++)
            is_found = passage_has(&asking->passages[j], word->term);
        is_found = is_found || word->is_shown;
        word->in_line = word->is_shown || line_has(weighing, word->term);
        word->in_passage = word->is_shown || passage_has(weighing->passage, word->term);
        in_line += word->weight * word->in_line;
        in_passage += word->weight * word->in_passage;
        found += is_found ? word->weight : 0;
        unknown += word->is_unknown ? word->weight : 0;
        rarest = fmax(rarest, word->in_passage > 0 ? 0 : word->weight);
    }
    double all = weighing->all > 0 ? weighing->all : 1, *values = weighing->values;
    values[EVIDENCE_WORDS] = in_line / all;
    values[EVIDENCE_PASSAGE_WORDS] = in_passage / all;
    values[EVIDENCE_FOUND_WORDS] = found / all;
    values[EVIDENCE_UNKNOWN] = unknown / all;
    values[EVIDENCE_RAREST] = rarest / weighing->most;
    values[EVIDENCE_LENGTH] = log(1 + (double)weighing->count);
}

static bool tells_number(struct slice text, struct slice number)
{
    for (size_t at = 0; at + number.size <= text.size; at++)
        if (memcmp(text.data + at, number.data, number.size) == 0 && (at == 0 || !span_is_digit(text, at - 1)) &&
            !span_is_digit(text, at + number.size))
            return true;
    return false;
}

static double numbers_lacking(const struct weighing *weighing)
{
    struct asking *asking = weighing->asking;
    struct slice asked = asking->answer->asked, above = text_above(asking, weighing->passage);
    size_t count = 0, lacking = 0;
    for (size_t at = 0, end; at < asked.size; at = end + 1) {
        end = span_digits_end(asked, at);
        if (end == at)
            continue;
        struct slice number = slice_range(asked, at, end);
        bool is_told = tells_number(above, number);
        for (size_t i = 0; i < weighing->passage->sentence_count && !is_told; i++)
            is_told = tells_number(weighing->passage->sentences[i].text, number);
        for (size_t i = 0; i < weighing->passage->sentence_count && !is_told;
             i++) /* "800 kg" in "up to 1,000 kg", of a row or a head */
            is_told = row_has_range(weighing->passage->sentences[i].text, slice_range(asked, at, asked.size));
        count++;
        lacking += !is_told;
    }
    return count > 0 ? (double)lacking / (double)count : 0;
}

/* ---- words of like meaning ---- */

static void note_near(struct slice texts[NEAR_MAX], size_t *count, struct slice text)
{
    struct text_words walk = {.text = text};
    struct slice word;
    bool is_word;
    while (*count < NEAR_MAX && text_words_next(&walk, &word, &is_word)) {
        bool is_listed = !is_word || word.size < WORD_LEAST || word.size > WORD_BYTES ||
                         text_is_function_word(word, LANGUAGE_ENGLISH);
        for (size_t i = 0; i < *count && !is_listed; i++)
            is_listed = slice_equal(texts[i], word);
        if (!is_listed)
            texts[(*count)++] = word;
    }
}

/* The words of the answer's line and what is above it, and behind these those of the rest of its passage; returns how many are of the line. */
static size_t list_near(const struct weighing *weighing, struct slice texts[NEAR_MAX], size_t *count)
{
    const struct ask_passage *passage = weighing->passage;
    const struct candidate *best = weighing->best;
    *count = 0;
    note_near(texts, count, text_above(weighing->asking, passage));
    for (size_t i = best->sentence; i <= best->last; i++)
        note_near(texts, count, passage->sentences[i].text);
    size_t of_line = *count;
    for (size_t away = 1; away < passage->sentence_count; away++) {
        if (best->last + away < passage->sentence_count)
            note_near(texts, count, passage->sentences[best->last + away].text);
        if (away <= best->sentence)
            note_near(texts, count, passage->sentences[best->sentence - away].text);
    }
    return of_line;
}

static double nearness_of(double likeness)
{
    return likeness <= NEAR_FROM ? 0 : (likeness - NEAR_FROM) / (1 - NEAR_FROM);
}

/* `vectors`: of the word first, of what it is compared with behind it. */
static void compare_near(struct asked *word, const float *own, const float *others, size_t of_line, size_t count,
                         size_t dimensions)
{
    for (size_t i = 0; i < count; i++) {
        double likeness = 0;
        for (size_t j = 0; j < dimensions; j++)
            likeness += (double)own[j] * (double)others[i * dimensions + j];
        likeness = nearness_of(likeness);
        word->in_line = i < of_line ? fmax(word->in_line, likeness) : word->in_line;
        word->in_passage = fmax(word->in_passage, likeness);
    }
}

static bool find_near(struct weighing *weighing, struct error *error)
{
    struct asking *asking = weighing->asking;
    struct slice *texts = arena_alloc(asking->arena, WORDS_MAX + NEAR_MAX, sizeof(*texts)), near[NEAR_MAX];
    struct asked *lacking[WORDS_MAX];
    float *vectors = NULL;
    size_t dimensions = 0, count, lacks = 0, of_line = list_near(weighing, near, &count);
    for (size_t i = 0; i < weighing->count; i++)
        if (weighing->words[i].in_line < 1) {
            texts[lacks] = weighing->words[i].shown;
            lacking[lacks++] = &weighing->words[i];
        }
    if (lacks == 0 || count == 0)
        return true;
    memcpy(texts + lacks, near, count * sizeof(*near));
    const struct passage_model model = embedder_for_passages(asking->request->embedder);
    if (!model.embed(model.context, texts, lacks + count, &vectors, &dimensions, error))
        return false;
    for (size_t i = 0; i < lacks; i++)
        compare_near(lacking[i], vectors + i * dimensions, vectors + lacks * dimensions, of_line, count, dimensions);
    free(vectors);
    return true;
}

static void take_farthest(struct weighing *weighing)
{
    double *values = weighing->values;
    for (size_t i = 0; i < weighing->count; i++) {
        const struct asked *word = &weighing->words[i];
        values[EVIDENCE_LINE_FAR] = fmax(values[EVIDENCE_LINE_FAR], word->weight / weighing->most * (1 - word->in_line));
        if (word->is_unknown)
            values[EVIDENCE_UNKNOWN_FAR] = fmax(values[EVIDENCE_UNKNOWN_FAR], 1 - word->in_passage);
    }
}

static bool weigh_near(struct weighing *weighing, struct error *error)
{
    double line = 0, passage = 0, least = 1, all = weighing->all > 0 ? weighing->all : 1;
    if (!features_know_meaning(weighing->asking))
        return true;
    if (!find_near(weighing, error))
        return false;
    for (size_t i = 0; i < weighing->count; i++) {
        const struct asked *word = &weighing->words[i];
        line += word->weight * word->in_line;
        passage += word->weight * word->in_passage;
        least = fmin(least, word->in_passage);
    }
    weighing->values[EVIDENCE_NEAR_WORDS] = line / all;
    weighing->values[EVIDENCE_NEAR_PASSAGE] = passage / all;
    weighing->values[EVIDENCE_NEAR_LEAST] = least;
    return true;
}

/* ---- what is asked for ---- */

/* The word behind "how many", "which": it is counted, or what the answer is one of. NULL: there is none. */
static const struct asked *thing_asked(const struct weighing *weighing)
{
    static const char before[] = "many|what|which|viele|welche|welcher|welches|welchen|quel|quelle|quels|quelles|cuántos|"
                                 "cuántas|qué|quanti|quante|quali|quale|quantos|quantas|qual|quais|hoeveel|welke|hur|många";
    struct slice question = weighing->asking->answer->asked;
    const struct asked *first = NULL;
    for (size_t at = 0; at < question.size; at++) {
        if (at > 0 && span_letter_before(question, at))
            continue;
        struct span_word word = span_word_at(question, at);
        if (word.size == 0 || !span_word_is(&word, before))
            continue;
        size_t end = span_letters_end(question, at);
        for (size_t i = 0; i < weighing->count; i++) {
            const struct asked *item = &weighing->words[i];
            bool is_behind = item->shown.data == question.data + end + 1;
            first = is_behind && first == NULL ? item : first;
        }
    }
    return first;
}

static void take_asked(struct weighing *weighing)
{
    const struct asked *thing = thing_asked(weighing);
    unsigned asked = physicals_asked(weighing->asking->answer->asked), told = physicals_told(weighing->best->text);
    weighing->values[EVIDENCE_ASKED] = thing != NULL ? 1 - thing->in_line : 0;
    weighing->values[EVIDENCE_OTHER_UNIT] = asked != 0 && told != 0 && (asked & told) == 0;
}

/* A word of the passage is the same but for a slip or an ending, or it tells the same time. */
static bool is_told_nearly(const struct weighing *weighing, struct slice shown)
{
    const struct ask_passage *passage = weighing->passage;
    struct slice above = text_above(weighing->asking, passage);
    for (size_t i = 0; i <= passage->sentence_count; i++) {
        struct slice text = i < passage->sentence_count ? passage->sentences[i].text : above;
        struct text_words walk = {.text = text};
        struct slice word;
        bool is_word;
        while (text_words_next(&walk, &word, &is_word))
            if (is_word && words_are_nearly_one(shown, word))
                return true;
        if (priced_by_time(shown, text))
            return true;
    }
    return false;
}

/* "How much is a dental implant?", and where the amount stands nothing is called "implant", nor anything like it. */
static bool is_price_elsewhere(const struct weighing *weighing)
{
    static const char vague[] = "replacement|spare|lost|current|normal|usual|standard|regular|total|overall|full|exact|average|"
                                "basic|extra|additional|new|"
                                "typical|general|minimum|maximum|max|min|own|single|aktuelle|normale|actuel|actuelle";
    struct slice thing = priced_thing(weighing->asking->answer->asked);
    if (thing.size == 0 || !features_know_meaning(weighing->asking) || !span_tells_money(weighing->best->text))
        return false;
    for (size_t i = 0; i < weighing->count; i++) {
        const struct asked *word = &weighing->words[i];
        struct span_word shown = span_word_at(word->shown, 0);
        bool is_of_thing = word->shown.data >= thing.data && word->shown.data + word->shown.size <= thing.data + thing.size;
        if (is_of_thing && shown.end == word->shown.size && word->weight >= RARE_LEAST * weighing->most &&
            word->in_passage < NEAR_LEAST && !span_word_is(&shown, vague) && !is_told_nearly(weighing, word->shown))
            return true;
    }
    return false;
}

/* ---- the search, the reader and the choice ---- */

static void take_search(struct weighing *weighing)
{
    const struct search_result *search = &weighing->asking->answer->search;
    const struct search_hit *own = weighing->passage->hit;
    double highest = 0, most = 0, sum = 0, best = 0, *values = weighing->values;
    size_t near = 0;
    for (size_t i = 0; i < search->word_count; i++)
        highest += search->words[i].weight;
    for (size_t i = 0; i < search->count; i++) {
        const struct search_hit *hit = &search->hits[i];
        most = fmax(most, hit->rank_text > 0 ? (double)hit->score_text : 0);
        if (hit->rank_vector == 0)
            continue;
        best = near == 0 ? (double)hit->score_vector : fmax(best, (double)hit->score_vector);
        sum += (double)hit->score_vector;
        near++;
    }
    values[EVIDENCE_SCORE] = highest > 0 && own->rank_text > 0 ? (double)own->score_text / highest : 0;
    values[EVIDENCE_SCORE_MOST] = highest > 0 ? most / highest : 0;
    values[EVIDENCE_PASSAGE_MOST] = best;
    values[EVIDENCE_PASSAGE_ABOVE] = near > 0 ? best - sum / (double)near : 0;
    values[EVIDENCE_SIZE] = log(1 + (double)search->searched);
    values[EVIDENCE_FOREIGN] = own->language.size > 0 && !slice_equal_text(own->language, "en");
}

static void take_features(struct weighing *weighing, const struct candidate *items, size_t count)
{
    static const struct {
        enum evidence to;
        enum feature from;
    } own[] = {{EVIDENCE_MEANING, FEATURE_MEANING},
               {EVIDENCE_PASSAGE, FEATURE_PASSAGE},
               {EVIDENCE_READ, FEATURE_READ},
               {EVIDENCE_FITS, FEATURE_FITS},
               {EVIDENCE_LACKS, FEATURE_LACKS},
               {EVIDENCE_WHOLE, FEATURE_WHOLE},
               {EVIDENCE_CELL, FEATURE_CELL},
               {EVIDENCE_ECHO, FEATURE_ECHO},
               {EVIDENCE_RANK, FEATURE_RANK},
               {EVIDENCE_UNIT, FEATURE_UNIT},
               {EVIDENCE_NEAR, FEATURE_NEAR},
               {EVIDENCE_COLUMN, FEATURE_COLUMN},
               {EVIDENCE_COLUMN_WORDS, FEATURE_COLUMN_WORDS},
               {EVIDENCE_ROW_WORDS, FEATURE_ROW_WORDS}};
    const double *best = weighing->best->values;
    double *values = weighing->values;
    for (size_t i = 0; i < ARRAY_COUNT(own); i++)
        values[own[i].to] = best[own[i].from];
    values[EVIDENCE_MEANING_MOST] = best[FEATURE_MEANING];
    values[EVIDENCE_READ_MOST] = best[FEATURE_READ_LINE];
    for (size_t i = 0; i < count; i++) {
        values[EVIDENCE_MEANING_MOST] = fmax(values[EVIDENCE_MEANING_MOST], items[i].values[FEATURE_MEANING]);
        values[EVIDENCE_READ_MOST] = fmax(values[EVIDENCE_READ_MOST], items[i].values[FEATURE_READ_LINE]);
    }
    values[EVIDENCE_READ_AGREES] = best[FEATURE_READ_NEAREST] * best[FEATURE_READ_WORDS];
}

bool evidence_find(struct asking *asking, const struct candidate *items, size_t count, const struct candidate *best, double sum,
                   double lead, double values[EVIDENCES], struct error *error)
{
    struct weighing *weighing = arena_alloc(asking->arena, 1, sizeof(*weighing));
    *weighing = (struct weighing){
        .asking = asking, .best = best, .passage = &asking->passages[best->passage], .values = values};
    memset(values, 0, EVIDENCES * sizeof(*values));
    list_words(weighing);
    find_words(weighing);
    take_search(weighing);
    take_features(weighing, items, count);
    values[EVIDENCE_SUM] = sum;
    values[EVIDENCE_LEAD] = lead;
    values[EVIDENCE_NAMES] = names_lacking(asking, best->passage);
    values[EVIDENCE_NUMBERS] = numbers_lacking(weighing);
    if (!weigh_near(weighing, error))
        return false;
    take_farthest(weighing);
    take_asked(weighing);
    asking->is_price_elsewhere = is_price_elsewhere(weighing);
    return true;
}
