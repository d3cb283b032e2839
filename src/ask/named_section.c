/* named_section.c - the section whose heading is what a question asks of.
 *
 *   "What should I do if the battery light is on?"
 *
 *   Warning lights > Important notes          If any red light is on, stop the car.       the likeliest sentence
 *   Warning lights > 2. Battery light         Meaning: the battery is not charging.       the named section
 *
 * The likeliest sentence is by what it says itself. Where the headings above another section have a rare word of the question that those above it
 * lack, and nothing else of the question is lost there, that section is what is asked for. What all documents are headed by, as a company's
 * name, is no rare word. */
#include "named_section.h"
#include "evidence.h"
#include "rival_words.h"
#include "span_parts.h"
#include <math.h>

enum { LEAST_BYTES = 25 /* of a section that tells something */, HEADINGS_MAX = 8 };

/* Of words of the question, by how rare they are: what the named section's headings have beyond those of the best, and what it may lack. */
#define GAIN_LEAST 1.2
#define GAIN_OF_PREFACE 0.5 /* what the preface of the same document tells least of all */
#define GAIN_OF_LINE 0.5 /* of a word that the likeliest sentence has itself */
#define LOSS_MOST 1.0
#define LOSS_SHARE 0.5 /* of the gain, where all of the heading is named */
#define LOSS_IN_TEXT 0.5 /* of a word that stands in no heading */

double asked_weight(const struct asking *asking, struct slice term)
{
    const struct search_word *word = search_word_of(&asking->answer->search, term);
    return word != NULL && word->idf > 0 ? word->idf : 0;
}

/* From the outermost on. */
static size_t headings_of(const struct ask_passage *passage, struct slice headings[HEADINGS_MAX])
{
    struct slice rest = passage->hit->passage.headings;
    size_t count = 0;
    while (count < HEADINGS_MAX && slice_next(&rest, STORE_HEADING_SEPARATOR, &headings[count]))
        count++;
    return count;
}

struct terms title_terms(struct asking *asking, size_t passage)
{
    struct slice headings[HEADINGS_MAX];
    size_t count = headings_of(&asking->passages[passage], headings);
    struct terms title = rival_terms(asking, passage, asking->passages[passage].hit->title),
                 heading = rival_terms(asking, passage, count > 0 ? headings[0] : SLICE(""));
    return terms_joined(asking, &title, &heading);
}

struct slice lowest_heading(const struct ask_passage *passage)
{
    struct slice headings[HEADINGS_MAX];
    size_t count = headings_of(passage, headings);
    return count > 1 ? headings[count - 1] : SLICE("");
}

/* What the question names of a heading. */
struct naming {
    size_t words, named, own; /* own: that do not stand in the title */
    double weight; /* of the named words, by how rare they are */
};

static struct naming naming_of(struct asking *asking, size_t passage, struct slice heading, const struct terms *title)
{
    const struct terms words = rival_terms(asking, passage, heading);
    struct naming naming = {0};
    for (size_t i = 0; i < words.count; i++) {
        bool is_mark = words.items[i].size < 2 ||
                       (words.items[i].size < 3 && span_is_digit(words.items[i], 0)); /* "2.", "C." */
        bool is_named = !is_mark && terms_have(&asking->question, words.items[i]);
        naming.words += !is_mark;
        naming.named += is_named;
        naming.own += is_named && !terms_have(title, words.items[i]);
        naming.weight += is_named ? asked_weight(asking, words.items[i]) : 0;
    }
    return naming;
}

/* Another section of the document has a heading of which the question names as much: "Engine warning light" and "Airbag warning light", where it is asked for
 * warning lights. */
static bool has_twin(struct asking *asking, size_t passage, size_t depth, const struct naming *mine, const struct terms *title)
{
    const struct ask_passage *own = &asking->passages[passage];
    struct slice headings[HEADINGS_MAX], others[HEADINGS_MAX];
    (void)headings_of(own, headings);
    for (size_t i = 0; i < asking->passage_count && mine->named < mine->words; i++) {
        if (asking->passages[i].hit->passage.document != own->hit->passage.document ||
            headings_of(&asking->passages[i], others) <= depth || slice_equal(others[depth], headings[depth]))
            continue;
        struct naming other = naming_of(asking, i, others[depth], title);
        if (other.named >= mine->named && other.named < other.words && other.weight >= mine->weight)
            return true;
    }
    return false;
}

bool heading_is_named(struct asking *asking, size_t passage)
{
    struct slice headings[HEADINGS_MAX];
    size_t count = headings_of(&asking->passages[passage], headings);
    const struct terms title = title_terms(asking, passage);
    for (size_t i = 1; i < count; i++) {
        struct naming naming = naming_of(asking, passage, headings[i], &title);
        if (naming.own > 0 && 2 * naming.named >= naming.words && !has_twin(asking, passage, i, &naming, &title))
            return true;
    }
    return false;
}

/* Of the words of the lowest heading. */
static double share_named(struct asking *asking, size_t passage)
{
    const struct terms none = {0};
    struct naming naming = naming_of(asking, passage, lowest_heading(&asking->passages[passage]), &none);
    return naming.words > 0 ? (double)naming.named / (double)naming.words : 0;
}

/* How much more of the question the headings of that passage have than those of the best; negative: it may not be. `share`: of its lowest heading, that is
 * named. What a document's preface names it tells in its sections. */
static double gain_of(const struct asking *asking, const struct candidate *best, const struct ask_passage *other, double share)
{
    const struct ask_passage *mine = &asking->passages[best->passage];
    const struct terms *line = &mine->sentences[best->sentence].terms;
    double gain = 0, loss = 0;
    bool is_preface = mine->hit->passage.document == other->hit->passage.document && lowest_heading(mine).size == 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice term = asking->question.items[i];
        bool is_above = terms_have(&mine->above, term), is_other = terms_have(&other->above, term);
        double weight = asked_weight(asking, term);
        if (is_other && !is_above)
            gain += terms_have(line, term) && !is_preface ? GAIN_OF_LINE * weight : weight;
        if (is_above && !is_other)
            loss += passage_has(other, term) ? LOSS_IN_TEXT * weight : weight;
        else if (!is_preface && passage_has(mine, term) && !passage_has(other, term))
            loss += LOSS_IN_TEXT * weight;
    }
    return gain >= (is_preface ? GAIN_OF_PREFACE : GAIN_LEAST) && loss <= fmax(LOSS_MOST, share * share * LOSS_SHARE * gain)
               ? gain - loss + share
               : -1;
}

size_t named_section(struct asking *asking, const struct candidate *best)
{
    size_t found = best->passage;
    double most = 0;
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        if (i == best->passage || passage->has_order || passage->hit->passage.text.size < LEAST_BYTES ||
            !heading_is_named(asking, i))
            continue;
        double gain = gain_of(asking, best, passage, share_named(asking, i));
        if (gain > most) {
            most = gain;
            found = i;
        }
    }
    return found;
}

/* ---- what something is ---- */

/* All that the question says stands in the title and the heading. */
static bool is_all_above(const struct asking *asking, const struct ask_passage *passage)
{
    for (size_t i = 0; i < asking->question.count; i++)
        if (!terms_have(&passage->above, asking->question.items[i]))
            return false;
    return asking->question.count > 0;
}

/* How well the heading says that what is below tells what its subject is; 0: not. */
static int introduces(const struct ask_passage *passage)
{
    static const char heads[] = "overview|introduction|definition|about|description|summary|purpose";
    struct slice headings[HEADINGS_MAX];
    size_t count = headings_of(passage, headings);
    struct slice heading = count > 0 ? headings[count - 1] : SLICE("");
    struct span_words words;
    span_words_read(heading, &words);
    if (words.count > 2 && span_word_is(&words.items[0], "what") && span_word_is(&words.items[1], "is|are"))
        return count > 1 ? 3 : 1;
    return span_has_word(heading, heads) && words.count <= 4 ? 2 : count <= 1 ? 1 : 0;
}

bool introduction_of(struct asking *asking, size_t *passage)
{
    int most = 0;
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *item = &asking->passages[i];
        if (item->has_order || item->hit->passage.text.size < LEAST_BYTES || !is_all_above(asking, item))
            continue;
        int well = introduces(item);
        if (well > most) {
            most = well;
            *passage = i;
        }
    }
    return most > 0;
}
