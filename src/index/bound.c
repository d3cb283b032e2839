/* bound.c - finds the few documents that can be among the best without scoring the others.
 *
 * A word's part of a score is weight · f / (f + n), n the norm of the document's length. Written over 1 + n,
 *
 *   weight · f / (f + n) = weight · r / (1 + n),   r = f · (1 + n) / (f + n),   1 ≤ r ≤ f,
 *
 * the length leaves only a trace in r, which is largest for the longest document: r(f) there serves for all. So Σ weight · r(f) is added up
 * in whole numbers, rounded up, and a document comes into question when its sum reaches (worst hit) · (1 + n), by classes of about the
 * same n (segment.h): the kernel `reach` finds them in a window. What comes into question is scored exactly, word by word in their order, as
 * score.c does.
 *
 * Words that together cannot lift a document to the threshold need not be added (MaxScore: Turtle and Flood 1995): the threshold is lowered
 * by their largest parts, and they are looked up for the documents found. That is done with the words that are in most documents.
 *
 * No document is lost to rounding: sums round up, thresholds down, by more (SLACK) than float arithmetic can lift a score of as
 * many words as a question may have: each of its ≤ 3,072 additions (a word may count in every field) and 4 operations more is off by at
 * most 2^-24 of its result. */
#include "score.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS = 16,        /* frequencies told apart; those above count as the largest */
    SUM_MAX = 60000,   /* all largest parts together, before they are rounded up */
    LISTS_MAX = 4000,  /* so that rounding up stays within 16 bits */
    DENSE = 16,        /* a word in one of so many documents is cheaper looked up than added */
};
#define SLACK 2e-4
_Static_assert(INDEX_FIELDS *LIMIT_QUERY_TERMS + 4 < 3300, "so many roundings by 2^-24 could come to SLACK");
#define LEFT_OUT_SHARE 0.8 /* of the threshold, for words that are only looked up */

struct bound_list {
    struct scored_list *list;
    uint32_t most; /* the part of the largest frequency */
    uint16_t steps[STEPS]; /* by frequency; [0] counts for all that are above */
    bool is_left_out; /* not added, only looked up, for one worst hit */
};

struct bounds {
    uint16_t sums[WINDOW]; /* 0 between windows */
    uint32_t found[WINDOW];
    struct bound_list *lists; /* ascending by `most` */
    size_t list_count;
    double scale; /* of sums to scores · (1 + n) */
    double class_factors[KERNEL_CLASSES]; /* 1 + n of the shortest in each class */

    /* For one worst hit: */
    float threshold;
    uint16_t thresholds[KERNEL_CLASSES];
    uint32_t left_out; /* the largest parts of the lists that are not added, together */
};

struct bounds *bounds_create(void)
{
    struct bounds *bounds = memory_resize(NULL, 1, sizeof(*bounds));
    memset(bounds->sums, 0, sizeof(bounds->sums)); /* the rest is set before it is read */
    bounds->lists = NULL;
    return bounds;
}

void bounds_free(struct bounds *bounds)
{
    if (bounds == NULL)
        return;
    free(bounds->lists);
    free(bounds);
}

static int ascending(const void *a, const void *b)
{
    const struct bound_list *x = a, *y = b;
    if (x->most != y->most)
        return x->most < y->most ? -1 : 1;
    return x->list < y->list ? -1 : x->list > y->list;
}

/* r for frequency f in a document of norm n */
static double excess(double f, double n)
{
    return f * (1 + n) / (f + n);
}

static uint32_t rounded_up(double value)
{
    assert(value >= 0 && value < SUM_MAX + 1);
    return (uint32_t)value + 1;
}

bool bounds_begin(struct bounds *bounds, const struct scoring *scoring)
{
    const struct segment *segment = scoring->segment;
    double longest = (double)norm_of_length(scoring->norm, segment->length_max), sum = 0, documents = 0;
    bounds->list_count = scoring->list_count;
    bounds->threshold = 0;
    for (size_t i = 0; i < scoring->list_count; i++) {
        const struct scored_list *list = &scoring->lists[i];
        sum += (double)scoring->words[list->word].weight * excess(list->frequency_max, longest);
        documents += list->documents;
    }
    /* Looking through a window costs as much as scoring some hundred postings. */
    if (scoring->list_count > LISTS_MAX || documents * WINDOW < 200.0 * segment->passage_count || !(sum > 0))
        return false;
    bounds->lists = memory_resize(bounds->lists, scoring->list_count, sizeof(*bounds->lists));
    bounds->scale = SUM_MAX / sum;
    for (size_t i = 0; i < scoring->list_count; i++) {
        struct bound_list *bound = &bounds->lists[i];
        struct scored_list *list = &scoring->lists[i];
        double weight = (double)scoring->words[list->word].weight * bounds->scale;
        bound->list = list;
        bound->most = rounded_up(weight * excess(list->frequency_max, longest));
        bound->steps[0] = (uint16_t)bound->most;
        for (uint32_t f = 1; f < STEPS; f++)
            bound->steps[f] = (uint16_t)(f < list->frequency_max ? rounded_up(weight * excess(f, longest)) : bound->most);
    }
    qsort(bounds->lists, bounds->list_count, sizeof(*bounds->lists), ascending);
    for (size_t i = 0; i < KERNEL_CLASSES; i++)
        bounds->class_factors[i] = 1 + (double)norm_of_length(scoring->norm, segment->class_least[i]);
    return true;
}

/* The sum that a document of factor 1 + n must have to come above `score`. */
static double needed(const struct bounds *bounds, float score, double factor)
{
    return (double)score * factor * bounds->scale * (1 - SLACK);
}

/* Chooses thresholds, and what need not be added, for the worst hit there is. */
static void set_threshold(struct bounds *bounds, const struct scoring *scoring)
{
    float score = best_hits_threshold(scoring->best);
    bounds->threshold = score;
    double full[KERNEL_CLASSES], least = UINT16_MAX;
    for (size_t i = 0; i < KERNEL_CLASSES; i++) {
        full[i] = needed(bounds, score, bounds->class_factors[i]);
        full[i] = full[i] < UINT16_MAX ? full[i] : UINT16_MAX;
        least = full[i] < least ? full[i] : least;
    }
    bounds->left_out = 0;
    for (size_t i = 0; i < bounds->list_count; i++) {
        struct bound_list *bound = &bounds->lists[i];
        bound->is_left_out = bounds->left_out + bound->most < least * LEFT_OUT_SHARE &&
                             bound->list->documents >= scoring->segment->passage_count / DENSE;
        bounds->left_out += bound->is_left_out ? bound->most : 0;
    }
    for (size_t i = 0; i < KERNEL_CLASSES; i++) {
        double lowered = full[i] - bounds->left_out;
        bounds->thresholds[i] = lowered < 1 ? 1 : (uint16_t)lowered;
    }
}

/* Adds a list's parts for the next `run` documents at hand. */
static void add_run(uint16_t *sums, uint32_t start, struct postings *postings, uint32_t run, const uint16_t *steps)
{
    const uint32_t *documents = postings->documents + postings->at;
    if (!postings_have_exceptions(postings)) {
        const uint32_t *frequencies = postings_frequencies(postings) + postings->at;
        for (uint32_t i = 0; i < run; i++)
            sums[documents[i] - start] = (uint16_t)(sums[documents[i] - start] +
                                                    steps[frequencies[i] < STEPS ? frequencies[i] : 0]);
        return;
    }
    const uint16_t one = steps[1];
    for (uint32_t i = 0; i < run; i++)
        sums[documents[i] - start] = (uint16_t)(sums[documents[i] - start] + one);
    const unsigned char *exception = postings->packed_frequencies;
    for (uint32_t left = postings_exception_count(postings); left > 0; left--, exception += 2) {
        if (exception[0] < postings->at || exception[0] >= postings->at + run)
            continue;
        uint32_t frequency = exception[1] + (uint32_t)2, at = postings->documents[exception[0]] - start;
        sums[at] = (uint16_t)(sums[at] + steps[frequency < STEPS ? frequency : 0] - one);
    }
}

/* Adds a list's parts for the window; returns how many there were. */
static size_t add_list(struct bounds *bounds, uint32_t start, struct bound_list *bound)
{
    struct postings *postings = &bound->list->postings;
    size_t added = 0;
    while (postings->count > 0) {
        uint32_t run = postings_run(postings, start + WINDOW);
        add_run(bounds->sums, start, postings, run, bound->steps);
        postings->at += run;
        added += run;
        if (postings->at < postings->count)
            break;
        (void)postings_next(postings);
    }
    return added;
}

static float exact_score(const struct scoring *scoring, uint32_t document, float norm)
{
    float score = 0;
    for (size_t i = 0; i < scoring->word_count; i++) {
        const struct scored_word *word = &scoring->words[i];
        uint32_t frequency = 0;
        for (size_t j = 0; j < word->list_count; j++) {
            uint32_t more = scored_list_frequency(&word->lists[j], document);
            frequency = frequency > UINT32_MAX - more ? UINT32_MAX : frequency + more;
        }
        if (frequency > 0)
            score += score_of(frequency, norm, word->weight);
    }
    return score;
}

/* Whether the document can still come above the worst hit when the lists that were left out are looked up, largest first. */
static bool stays_in_question(struct bounds *bounds, const struct scoring *scoring, uint32_t document, uint32_t sum,
                              double factor)
{
    double wanted = needed(bounds, best_hits_threshold(scoring->best), factor);
    uint32_t left = bounds->left_out;
    for (size_t i = bounds->list_count; i > 0 && left > 0; i--) {
        const struct bound_list *bound = &bounds->lists[i - 1];
        if (!bound->is_left_out)
            continue;
        if (sum + left < wanted)
            return false;
        uint32_t frequency = scored_list_frequency(bound->list, document);
        left -= bound->most;
        sum += frequency > 0 ? bound->steps[frequency < STEPS ? frequency : 0] : 0;
    }
    return sum >= wanted;
}

/* Scores what was found in the window; returns how many that were. */
static size_t score_found(struct bounds *bounds, struct scoring *scoring, uint32_t start, size_t found)
{
    size_t scored = 0;
    for (size_t i = 0; i < found; i++) {
        uint32_t document = start + (bounds->found[i] >> 16), sum = bounds->found[i] & UINT16_MAX;
        if (!view_sees(scoring->view, document))
            continue;
        float norm = norm_of_length(scoring->norm, segment_length(scoring->segment, document));
        if (!stays_in_question(bounds, scoring, document, sum, 1 + (double)norm))
            continue;
        scored++;
        float score = exact_score(scoring, document, norm);
        if (score > best_hits_threshold(scoring->best))
            best_hits_add(scoring->best, (struct index_hit){segment_passage(scoring->segment, document), score});
    }
    return scored;
}

bool bounds_window(struct bounds *bounds, struct scoring *scoring)
{
    assert(scoring->best->count == scoring->best->k);
    if (best_hits_threshold(scoring->best) > bounds->threshold)
        set_threshold(bounds, scoring);
    uint32_t next = UINT32_MAX;
    for (size_t i = 0; i < bounds->list_count; i++) {
        struct postings *postings = &bounds->lists[i].list->postings;
        if (bounds->lists[i].is_left_out)
            continue;
        postings_seek(postings, scoring->from);
        if (postings->count > 0 && postings->documents[postings->at] < next)
            next = postings->documents[postings->at];
    }
    uint32_t end = scoring->segment->passage_count;
    if (next >= end) {
        scoring->from = end;
        return true;
    }
    uint32_t start = next / WINDOW * WINDOW;
    size_t added = 0;
    for (size_t i = 0; i < bounds->list_count; i++)
        added += bounds->lists[i].is_left_out ? 0 : add_list(bounds, start, &bounds->lists[i]);
    size_t size = end - start < WINDOW ? end - start : WINDOW;
    size_t found = kernels()->reach(bounds->found, bounds->sums, scoring->segment->classes + start, bounds->thresholds, size);
    size_t scored = score_found(bounds, scoring, start, found);
    scoring->from = start + (uint32_t)size;
    return (found + 10 * scored * scoring->list_count) < 2 * added + 500;
}
