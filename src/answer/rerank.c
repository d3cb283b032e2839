/* rerank.c - the best hits of a search, read by a cross-encoder and put into a new order.
 *
 *   hits      h1 h2 … hn │ hn+1 …        n: settings.rerank_candidates
 *   score     w · r(h) + (1 - w) · s(h)  r, s: the ranker's and the search's scores, each brought to 0 … 1 over the n hits
 *
 * The search's own score stays in with a part of its own, as it knows what the ranker does not: rare words, and texts longer than the ranker
 * reads. Equal scores keep their order. */
#include "rerank.h"
#include "ranker/ranker.h"
#include <stdlib.h>

struct reranked {
    size_t place; /* before */
    double score;
};

size_t rerank_depth(const struct settings *settings, size_t k)
{
    return k > settings->rerank_candidates ? k : settings->rerank_candidates;
}

static int best_first(const void *a, const void *b)
{
    const struct reranked *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return left->place < right->place ? -1 : 1;
}

/* Where a value lies between the least and the most of all: 0 … 1; all being the same, 1. */
static double share_of(double value, double least, double most)
{
    return most > least ? (value - least) / (most - least) : 1;
}

static void join_scores(const struct search_hit *hits, size_t count, double weight, struct reranked *order)
{
    double least = hits[0].score, most = least;
    float low = hits[0].score_rerank, high = low;
    for (size_t i = 1; i < count; i++) {
        least = hits[i].score < least ? hits[i].score : least;
        most = hits[i].score > most ? hits[i].score : most;
        low = hits[i].score_rerank < low ? hits[i].score_rerank : low;
        high = hits[i].score_rerank > high ? hits[i].score_rerank : high;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = (struct reranked){i, weight * share_of((double)hits[i].score_rerank, (double)low, (double)high) +
                                            (1 - weight) * share_of(hits[i].score, least, most)};
    qsort(order, count, sizeof(*order), best_first);
}

/* The texts as they were indexed: title and headings tell what a passage is about. */
static bool read_texts(const struct search_hit *hits, size_t count, struct buffer *bytes, struct slice *texts,
                       struct error *error)
{
    size_t *ends = memory_alloc(count + 1, sizeof(*ends));
    for (size_t i = 0; i < count; i++) {
        passage_index_text(bytes, hits[i].title, hits[i].passage.headings, hits[i].passage.text);
        ends[i] = bytes->size;
    }
    bool ok = buffer_finish(bytes, "the passages to be reranked", error);
    for (size_t i = 0, start = 0; ok && i < count; start = ends[i++])
        texts[i] = slice_trim((struct slice){bytes->data + start, ends[i] - start});
    free(ends);
    return ok;
}

static bool score_hits(const struct reranking *reranking, struct search_hit *hits, size_t count, struct error *error)
{
    struct slice *texts = memory_alloc(count, sizeof(*texts));
    float *scores = memory_alloc(count, sizeof(*scores));
    struct buffer bytes;
    buffer_init(&bytes, SIZE_MAX);
    bool ok = read_texts(hits, count, &bytes, texts, error) &&
              ranker_score(reranking->ranker, reranking->question, texts, count, scores, error);
    for (size_t i = 0; i < count && ok; i++) {
        hits[i].score_rerank = scores[i];
        hits[i].is_reranked = true;
    }
    buffer_release(&bytes);
    free(scores);
    free(texts);
    return ok;
}

bool rerank_hits(const struct reranking *reranking, struct search_result *result, struct error *error)
{
    const struct settings *settings = reranking->settings;
    size_t count = result->count < settings->rerank_candidates ? result->count : settings->rerank_candidates;
    if (count == 0)
        return true;
    if (!score_hits(reranking, result->hits, count, error))
        return false;
    struct reranked *order = memory_alloc(count, sizeof(*order));
    struct search_hit *hits = arena_alloc(&result->arena, result->count, sizeof(*hits));
    join_scores(result->hits, count, (double)settings->rerank_weight, order);
    for (size_t i = 0; i < count; i++) {
        hits[i] = result->hits[order[i].place];
        hits[i].score = order[i].score;
    }
    for (size_t i = count; i < result->count; i++) {
        hits[i] = result->hits[i];
        hits[i].score = -(double)(i - count + 1) / (double)result->count; /* below all that were read */
    }
    free(order);
    result->hits = hits;
    result->count = result->count < reranking->k ? result->count : reranking->k;
    return true;
}
