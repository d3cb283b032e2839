/* in_force.c - of passages that compete, those of the edition that is in force; of what went, what it says otherwise.
 *
 *   search      ed. 4, § 7    ed. 5, § 7    faq    ed. 4, § 9
 *   answered from             ed. 5, § 7    faq    ed. 4, § 9     edition 5 has nothing like its § 9
 *   beside the answer         ed. 4: “… are paid with 40p per mile.”
 *
 * Two passages compete where they say nearly the same, or where the one in force has as much of the question. The edition that the question
 * names is taken as the one in force. Of an edition whose successor was found elsewhere only, the passage that says nearly the same is
 * looked for in that. */
#include "in_force.h"
#include "full.h"
#include <string.h>

#define ALIKE_LEAST 0.3 /* of their words, two passages of one family say nearly the same */
#define TWIN_LEAST 0.4 /* the same of one that no search found */
#define SCORE_LEAST 0.6 /* of the score of the other, to compete by the question's words */
#define SENTENCE_LEAST 0.4 /* of their words, two sentences tell of the same */

enum { TWIN_PASSAGES_MAX = 1000, ADDED_MAX = 8 };

struct choosing {
    struct asking *asking;
    struct search_hit *hits; /* with room for more */
    struct terms *words; /* of each */
    size_t count;
    struct terms question;
};

/* Numbers are what editions differ in: they say little of whether two texts tell of the same. */
static size_t count_words(const struct terms *terms)
{
    size_t count = 0;
    for (size_t i = 0; i < terms->count; i++)
        count += terms->items[i].data[0] < '0' || terms->items[i].data[0] > '9';
    return count;
}

static double likeness(const struct terms *a, const struct terms *b)
{
    size_t both = 0;
    for (size_t i = 0; i < a->count; i++)
        both += (a->items[i].data[0] < '0' || a->items[i].data[0] > '9') && terms_have(b, a->items[i]);
    size_t all = count_words(a) + count_words(b) - both;
    return all > 0 ? (double)both / (double)all : 0;
}

static size_t asked_in(const struct choosing *choosing, const struct terms *words)
{
    size_t count = 0;
    for (size_t i = 0; i < choosing->question.count; i++)
        count += terms_have(words, choosing->question.items[i]);
    return count;
}

static struct terms words_of(struct asking *asking, const struct search_hit *hit)
{
    enum text_language language = text_language_indexed(text_language_named(hit->language));
    const char *text = arena_format(asking->arena, SLICE_FORMAT "\n" SLICE_FORMAT, SLICE_ARGUMENT(hit->passage.headings),
                                    SLICE_ARGUMENT(hit->passage.text));
    return terms_of(asking, slice_from(text), language);
}

/* It is not to be answered from, where one in force tells the same. */
static bool is_out_of_force(const struct search_hit *hit)
{
    return !hit->edition.is_asked && hit->edition.state != EDITION_IN_FORCE;
}

/* `other` may stand for the hit. */
static bool may_stand_for(const struct search_hit *other, const struct search_hit *hit)
{
    if (other->edition.is_asked && !hit->edition.is_asked)
        return hit->passage.document == other->edition.newer ||
               (hit->edition.newer != 0 && hit->edition.newer == other->edition.newer);
    if (!is_out_of_force(hit) || is_out_of_force(other))
        return false;
    return hit->edition.newer != 0 && hit->edition.newer == other->passage.document;
}

static bool competes(const struct choosing *choosing, size_t other, size_t hit)
{
    if (likeness(&choosing->words[other], &choosing->words[hit]) >= ALIKE_LEAST)
        return true;
    return choosing->hits[other].score >= SCORE_LEAST * choosing->hits[hit].score &&
           asked_in(choosing, &choosing->words[other]) >= asked_in(choosing, &choosing->words[hit]);
}

static bool is_outdone(const struct choosing *choosing, size_t hit)
{
    for (size_t i = 0; i < choosing->count; i++)
        if (i != hit && may_stand_for(&choosing->hits[i], &choosing->hits[hit]) && competes(choosing, i, hit))
            return true;
    return false;
}

/* ---- the passage of the successor that no search found ---- */

struct twin {
    struct asking *asking;
    const struct terms *words;
    struct search_hit best;
    struct terms best_words;
    double likeness;
};

static bool try_twin(void *context, const struct store_passage *passage, const struct store_document *document,
                     struct error *error)
{
    struct twin *twin = context;
    (void)error;
    struct search_hit hit = {
        .passage = *passage, .path = document->path, .title = document->title, .language = document->language};
    struct terms words = words_of(twin->asking, &hit);
    double alike = likeness(&words, twin->words);
    if (alike <= twin->likeness)
        return true;
    twin->likeness = alike;
    twin->best_words = words;
    twin->best = hit_of(twin->asking->arena, passage, document);
    return true;
}

/* Adds it in the place of the hit, with the hit's scores: it says nearly the same. */
static bool add_twin(struct choosing *choosing, size_t hit, bool *added, struct error *error)
{
    struct asking *asking = choosing->asking;
    const struct search_hit *old = &choosing->hits[hit];
    struct twin twin = {.asking = asking, .words = &choosing->words[hit], .likeness = TWIN_LEAST};
    const struct store_passage_range range = {.most = TWIN_PASSAGES_MAX};
    *added = false; /* whether it may be seen by now, the gate looks */
    if (!store_each_passage_of(asking->project->store, old->edition.newer, &range, try_twin, &twin, error))
        return false;
    if (twin.best.first == 0)
        return true;
    *added = true;
    for (size_t i = 0; i < choosing->count; i++)
        if (choosing->hits[i].first <= twin.best.first && choosing->hits[i].last >= twin.best.last)
            return true; /* it is there */
    twin.best.score = old->score;
    twin.best.score_text = old->score_text;
    twin.best.score_vector = old->score_vector;
    twin.best.rank_text = old->rank_text;
    twin.best.rank_vector = old->rank_vector;
    choosing->hits[choosing->count] = twin.best;
    choosing->words[choosing->count++] = twin.best_words;
    return true;
}

/* ---- all ---- */

static bool choose(struct choosing *choosing, bool *out, struct error *error)
{
    size_t found = choosing->count, added = 0;
    for (size_t i = 0; i < found; i++) {
        out[i] = is_outdone(choosing, i);
        bool is_alone = !out[i] && is_out_of_force(&choosing->hits[i]) && choosing->hits[i].edition.newer != 0;
        if (is_alone && added++ < ADDED_MAX && !add_twin(choosing, i, &out[i], error))
            return false;
    }
    return true;
}

/* Those that stay by their score, each that was added where that puts it, and then those that went. */
static void put_in_order(struct choosing *choosing, const bool *out, size_t found)
{
    struct search_result *search = &choosing->asking->answer->search;
    struct search_hit *ordered = arena_alloc(&search->arena, choosing->count, sizeof(*ordered));
    size_t count = 0, added = found;
    for (size_t i = 0; i < found; i++) {
        while (added < choosing->count && choosing->hits[added].score >= choosing->hits[i].score)
            ordered[count++] = choosing->hits[added++];
        if (!out[i])
            ordered[count++] = choosing->hits[i];
    }
    while (added < choosing->count)
        ordered[count++] = choosing->hits[added++];
    for (size_t i = 0; i < found; i++)
        if (out[i]) {
            ordered[count] = choosing->hits[i];
            ordered[count++].is_outdone = true;
        }
    search->hits = ordered;
    search->count = count;
}

bool keep_in_force(struct asking *asking, struct error *error)
{
    struct search_result *search = &asking->answer->search;
    size_t found = search->count;
    bool any = false;
    for (size_t i = 0; i < found; i++)
        any = any || search->hits[i].edition.state != EDITION_IN_FORCE;
    bool is_filtered = asking->request->filter.size >
                       0; /* which editions are to be seen is said: the newer one may be none of them */
    if (!any || is_filtered || asking->request->given != NULL)
        return true;
    struct choosing choosing = {.asking = asking, .count = found};
    choosing.hits = arena_alloc(asking->arena, found + ADDED_MAX, sizeof(*choosing.hits));
    choosing.words = arena_alloc(asking->arena, found + ADDED_MAX, sizeof(*choosing.words));
    memcpy(choosing.hits, search->hits, found * sizeof(*choosing.hits));
    for (size_t i = 0; i < found; i++)
        choosing.words[i] = words_of(asking, &choosing.hits[i]);
    choosing.question = question_terms(asking, asking->answer->asked, language_of(asking, asking->answer->asked));
    bool *out = arena_alloc(asking->arena, found, sizeof(*out));
    if (!store_begin(asking->project->store, STORE_READ, error))
        return false;
    bool ok = choose(&choosing, out, error);
    store_rollback(asking->project->store);
    if (ok)
        put_in_order(&choosing, out, found);
    return ok;
}

void set_older_aside(struct asking *asking)
{
    struct search_result *search = &asking->answer->search;
    size_t kept = 0;
    while (kept < search->count && !search->hits[kept].is_outdone)
        kept++;
    asking->older = asking->passages + kept;
    asking->older_count = search->count - kept;
    asking->passage_count = search->count = kept;
}

/* ---- what another edition says ---- */

/* The words of both but for white space: whether the answer stands in the sentence. */
static bool has_text(struct slice sentence, struct slice text)
{
    return text.size == 0 || memmem(sentence.data, sentence.size, text.data, text.size) != NULL;
}

/* The answer's first part, without its mark. */
static struct slice bare_answer(struct slice text)
{
    const char *mark = memmem(text.data, text.size, " [", 2);
    return slice_trim(mark != NULL ? (struct slice){text.data, (size_t)(mark - text.data)} : text);
}

void tell_otherwise(struct asking *asking)
{
    struct ask_answer *answer = asking->answer;
    if (answer->abstained || answer->citation_count == 0 || asking->older_count == 0)
        return;
    const struct ask_citation *cited = &answer->citations[0];
    const struct search_hit *hit = asking->passages[cited->passage].hit;
    struct terms words = terms_of(asking, cited->quote, text_language_indexed(text_language_named(hit->language)));
    struct slice said = bare_answer(answer->text);
    double best = SENTENCE_LEAST;
    for (size_t i = 0; i < asking->older_count; i++) {
        const struct ask_passage *passage = &asking->older[i];
        for (size_t s = 0; s < passage->sentence_count; s++) {
            const struct ask_sentence *sentence = &passage->sentences[s];
            double alike = likeness(&words, &sentence->terms);
            if (alike <= best || sentence->is_likely_order)
                continue;
            best = alike;
            if (has_text(sentence->text, said))
                answer->otherwise = (struct ask_otherwise){0}; /* it says the same */
            else
                answer->otherwise = otherwise_quote(passage, sentence->text);
        }
    }
}
