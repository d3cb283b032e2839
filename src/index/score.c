/* score.c - word by word, window by window.
 *
 * A window is a stretch of documents whose scores fit the first caches. Each word adds its part to the scores of the window, in the
 * order of the words, so that the sum of a passage does not depend on what stands beside it; then the window is searched for the
 * best and cleared. Both skip the chunks of 64 documents that no word touched.
 *
 *   documents   |<---- window ---->|<---- window ---->|        windows without a posting are stepped over
 *   scores      [chunk|chunk|chunk|…]
 *   dirty       [  0  |  1  |  0  |…] */
#include "score.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64, RUN_MAX = KERNEL_BLOCK, PATIENCE_MAX = 16 };

/* For words with several variants: their frequencies are added up here first. */
struct frequency_sums {
    uint32_t sums[WINDOW];
    uint32_t touched[WINDOW]; /* documents whose sum is not 0 */
    uint32_t count;
};

struct scorer {
    float scores[WINDOW];
    unsigned char dirty[WINDOW / CHUNK];
    struct length_norm norm;
    const struct kernels *kernel;
    struct scoring scoring;
    uint32_t start; /* first document of the window */
    struct frequency_sums *frequencies; /* made when the first word with variants comes */
    struct bounds *bounds;              /* made when there are k hits */
    float norms[RUN_MAX], gains[RUN_MAX];
};

struct scorer *scorer_create(struct length_norm norm)
{
    struct scorer *scorer = memory_alloc(1, sizeof(*scorer));
    scorer->norm = norm;
    scorer->kernel = kernels();
    return scorer;
}

void scorer_free(struct scorer *scorer)
{
    if (scorer == NULL)
        return;
    bounds_free(scorer->bounds);
    free(scorer->frequencies);
    free(scorer);
}

void scored_list_open(struct scored_list *list, const struct postings_place *place, const struct segment *segment,
                      uint32_t word)
{
    postings_open(&list->postings, place, segment->passage_count);
    postings_open(&list->probe, place, segment->passage_count);
    list->word = word;
    list->documents = place->documents;
    list->frequency_max = place->frequency_max;
}

uint32_t scored_list_frequency(struct scored_list *list, uint32_t document)
{
    struct postings *probe = &list->probe;
    postings_seek(probe, document);
    if (probe->count == 0 || probe->documents[probe->at] != document)
        return 0;
    return postings_frequency(probe, probe->at);
}

/* Adds a word's part for up to RUN_MAX documents of the window. */
static void score_run(struct scorer *scorer, const uint32_t *documents, const uint32_t *frequencies, size_t count, float weight)
{
    assert(count <= RUN_MAX);
    const struct segment *segment = scorer->scoring.segment;
    for (size_t i = 0; i < count; i++)
        scorer->norms[i] = norm_of_length(&scorer->norm, segment_length(segment, documents[i]));
    scorer->kernel->bm25(scorer->gains, frequencies, scorer->norms, weight, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t at = documents[i] - scorer->start;
        scorer->scores[at] += scorer->gains[i];
        scorer->dirty[at / CHUNK] = 1;
    }
}

static void score_plain_word(struct scorer *scorer, struct postings *postings, float weight)
{
    while (postings->count > 0) {
        uint32_t run = postings_run(postings, scorer->start + WINDOW);
        score_run(scorer, postings->documents + postings->at, postings_frequencies(postings) + postings->at, run, weight);
        postings->at += run;
        if (postings->at < postings->count)
            return; /* the rest is for later windows */
        (void)postings_next(postings);
    }
}

static void add_frequencies(struct scorer *scorer, struct postings *postings)
{
    struct frequency_sums *sums = scorer->frequencies;
    while (postings->count > 0) {
        uint32_t end = postings->at + postings_run(postings, scorer->start + WINDOW);
        const uint32_t *frequencies = postings_frequencies(postings);
        for (; postings->at < end; postings->at++) {
            uint32_t at = postings->documents[postings->at] - scorer->start;
            uint32_t frequency = frequencies[postings->at];
            if (sums->sums[at] == 0)
                sums->touched[sums->count++] = at + scorer->start;
            /* a sum that wrapped to 0 would be listed twice */
            sums->sums[at] = sums->sums[at] > UINT32_MAX - frequency ? UINT32_MAX : sums->sums[at] + frequency;
        }
        if (postings->at < postings->count)
            return;
        (void)postings_next(postings);
    }
}

static void score_word_with_variants(struct scorer *scorer, struct scored_word *word)
{
    if (scorer->frequencies == NULL)
        scorer->frequencies = memory_alloc(1, sizeof(*scorer->frequencies));
    struct frequency_sums *sums = scorer->frequencies;
    sums->count = 0;
    for (size_t i = 0; i < word->list_count; i++)
        add_frequencies(scorer, &word->lists[i].postings);
    for (uint32_t first = 0; first < sums->count; first += RUN_MAX) {
        uint32_t run = sums->count - first < RUN_MAX ? sums->count - first : RUN_MAX;
        uint32_t frequencies[RUN_MAX];
        for (uint32_t i = 0; i < run; i++) {
            uint32_t at = sums->touched[first + i] - scorer->start;
            frequencies[i] = sums->sums[at];
            sums->sums[at] = 0;
        }
        score_run(scorer, sums->touched + first, frequencies, run, word->weight);
    }
}

/* Whether any score is above; without an early end, so that compilers compare many at once. */
static bool any_above(const float scores[CHUNK], float threshold)
{
    int above = 0;
    for (size_t i = 0; i < CHUNK; i++)
        above |= scores[i] > threshold;
    return above != 0;
}

static void collect_chunk(const struct scorer *scorer, size_t chunk, struct best_hits *best)
{
    const float *scores = scorer->scores + CHUNK * chunk;
    if (!any_above(scores, best_hits_threshold(best)))
        return;
    for (uint32_t i = 0; i < CHUNK; i++) {
        uint32_t document = scorer->start + (uint32_t)(CHUNK * chunk) + i;
        if (scores[i] > best_hits_threshold(best) && view_sees(scorer->scoring.view, document))
            best_hits_add(best, (struct index_hit){segment_passage(scorer->scoring.segment, document), scores[i]});
    }
}

static void collect_window(struct scorer *scorer, struct best_hits *best)
{
    size_t chunk = 0;
    while (chunk < WINDOW / CHUNK) {
        size_t first = chunk;
        for (; chunk < WINDOW / CHUNK && scorer->dirty[chunk]; chunk++)
            collect_chunk(scorer, chunk, best);
        memset(scorer->scores + CHUNK * first, 0, CHUNK * (chunk - first) * sizeof(scorer->scores[0]));
        memset(scorer->dirty + first, 0, chunk - first);
        chunk += chunk == first; /* a clean one */
    }
}

/* Goes through the window that begins with the next document; moves `from` behind it, to the end when nothing is left. */
static void score_window(struct scorer *scorer, struct scoring *scoring)
{
    uint32_t next = scoring->segment->passage_count;
    for (size_t i = 0; i < scoring->list_count; i++) {
        struct postings *postings = &scoring->lists[i].postings;
        postings_seek(postings, scoring->from);
        if (postings->count > 0 && postings->documents[postings->at] < next)
            next = postings->documents[postings->at];
    }
    scoring->from = scoring->segment->passage_count;
    if (next == scoring->from)
        return;
    scorer->start = next / WINDOW * WINDOW;
    for (size_t i = 0; i < scoring->word_count; i++)
        if (scoring->words[i].list_count == 1)
            score_plain_word(scorer, &scoring->words[i].lists[0].postings, scoring->words[i].weight);
        else if (scoring->words[i].list_count > 1)
            score_word_with_variants(scorer, &scoring->words[i]);
    collect_window(scorer, scoring->best);
    if (scoring->from - scorer->start > WINDOW)
        scoring->from = scorer->start + WINDOW;
}

void scorer_run(struct scorer *scorer, const struct segment *segment, const struct view_part *view, struct scored_word *words,
                size_t word_count, struct best_hits *best)
{
    struct scoring *scoring = &scorer->scoring;
    *scoring = (struct scoring){segment, view, &scorer->norm, words, word_count, words[0].lists, 0, best, 0};
    for (size_t i = 0; i < word_count; i++)
        scoring->list_count += words[i].list_count;
    if (scorer->bounds == NULL)
        scorer->bounds = bounds_create();
    bool bounds_pay = bounds_begin(scorer->bounds, scoring);
    uint32_t exactly = 0, patience = 1; /* windows to go exactly, and how many after the next failure */
    while (scoring->from < segment->passage_count) {
        scoring->from = view_next(view, segment, scoring->from);
        if (scoring->from == segment->passage_count)
            break;
        if (!bounds_pay || best->count < best->k || exactly > 0) {
            score_window(scorer, scoring);
            exactly -= exactly > 0;
        } else if (bounds_window(scorer->bounds, scoring)) {
            patience = 1;
        } else {
            exactly = patience;
            patience = patience < PATIENCE_MAX ? 2 * patience : PATIENCE_MAX;
        }
    }
}
